//! `$UsnJrnl:$J`: the change journal of an NTFS volume.
//!
//! The journal is a stream whose beginning is given back to the volume as its end grows: where it was copied with its
//! holes, gigabytes of zeros come before the first record. [`window`] goes over them, [`record`] reads a record,
//! [`reasons`] tells what of it is new.

use super::ntfs;
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits, problem_code};
use afterpatch_model::tables::FileEvent;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, file_name};
use reasons::OpenFiles;
use record::{Change, FileId, Found, MOST_BYTES};
use serde::Serialize;
use window::{UNIT, Window};

mod reasons;
mod record;
mod window;

/// Reads the change journal of an NTFS volume.
#[derive(Debug)]
pub(super) struct UsnJournal;

static GUIDE: Guide = Guide {
    what: "The change journal of an NTFS volume: each file that was created, written, renamed or deleted",
    locations: &[Location::new(Root::Volumes, r"$Extend\$UsnJrnl:$J")],
    serves: &[
        (
            Question::BrokenInto,
            "the names of pages that were written, those that were deleted since among them",
        ),
        (Question::StillInside, "what was created and renamed lately"),
    ],
    quirks: &[
        "It is a stream of a file that no program can open: it is read from the raw volume.",
        "It keeps days or weeks; on a busy volume, hours.",
        "Records name the file only: the folder is the record of `$MFT` that `parent` refers to.",
        "Each record repeats what the file's records before it said, until the file is closed; `action` is what is new.",
        "A copy may begin with gigabytes of zeros, in place of what the journal gave back.",
    ],
};

impl Parser for UsnJournal {
    fn name(&self) -> &'static str {
        "usn-journal"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn scope(&self, artifact: &Artifact) -> String {
        ntfs::volume(&artifact.path).to_lowercase()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let is_named = is_journal(file_name(path));
        let first = head.iter().position(|byte| *byte != 0).map(|place| place & !(UNIT - 1));
        let is_record = |unit: usize| Found::read(head.get(unit..).unwrap_or_default()) != Found::Nothing;
        match first {
            Some(first) if is_record(first) => Fit::Sure,
            // The first record of a known journal may be damaged.
            Some(first) if is_named && (first..head.len()).step_by(UNIT).any(is_record) => Fit::Sure,
            None if is_named && !head.is_empty() => Fit::Maybe,
            _ => Fit::No,
        }
    }

    fn parse(&self, _: &Artifact, input: &mut dyn Evidence, _: &Limits, rows: &mut Rows<'_>) {
        let mut journal = Journal::default();
        let mut window = Window::new(input);
        loop {
            window.skip_zeros();
            let ahead = window.ahead(MOST_BYTES);
            if ahead.is_empty() {
                break;
            }
            let found = Found::read(ahead);
            let place = window.place();
            window.advance(journal.take(found, place, rows));
        }
        journal.finish(rows);
        if let Some(error) = window.error() {
            rows.remark(problem_code(&error), None, format!("not read beyond it: {error}"));
        }
    }
}

/// Tells the journal by its name, in the spellings of those who copy it: `$J`, `$UsnJrnl:$J`, `$UsnJrnl_$J` …
fn is_journal(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace("%3a", ":").replace("%24", "$");
    name == "$j" || name.starts_with("$usnjrnl") && !name.ends_with("$max")
}

/// Bytes that are no record.
#[derive(Debug, Clone, Copy)]
struct Damage {
    from: u64,
    until: u64,
}

/// What is known of a journal while it is read.
#[derive(Debug, Default)]
struct Journal {
    open: OpenFiles,
    damage: Option<Damage>,
    ranges: u64,
}

impl Journal {
    /// Damage that goes on behind more zeros than this is another.
    const PAGE: u64 = 4_096;
    /// How much is passed over at once where there is no record.
    const UNIT: u64 = 8;

    /// Takes what stands at a place and returns how far to move on.
    fn take(&mut self, found: Found, place: u64, rows: &mut Rows<'_>) -> usize {
        match found {
            Found::Nothing => {
                self.damaged(place, rows);
                UNIT
            }
            Found::Ranges(length) => {
                self.mend(rows);
                self.ranges = self.ranges.saturating_add(1);
                length
            }
            Found::Change(change, length) => {
                self.mend(rows);
                self.give(&change, place, rows);
                length
            }
        }
    }

    fn damaged(&mut self, place: u64, rows: &mut Rows<'_>) {
        let is_far = |damage: &Damage| place.saturating_sub(damage.until) > Self::PAGE;
        if self.damage.as_ref().is_some_and(is_far) {
            self.mend(rows);
        }
        let until = place.saturating_add(Self::UNIT);
        let from = self.damage.map_or(place, |damage| damage.from);
        self.damage = Some(Damage { from, until });
    }

    /// Counts damage that is over as a lost record. How many it held, nobody knows.
    fn mend(&mut self, rows: &mut Rows<'_>) {
        if let Some(Damage { from, until }) = self.damage.take() {
            let detail = format!("{} bytes are no record", until.saturating_sub(from));
            rows.lost(ProblemCode::BadFileRecord, from, detail);
            self.open.forget();
        }
    }

    fn give(&mut self, change: &Change, place: u64, rows: &mut Rows<'_>) {
        if change.time.is_bad() {
            rows.remark(ProblemCode::BadTime, Some(place), "a time that is none");
        }
        let rest = serde_json::to_string(&Rest::of(change)).unwrap_or_default();
        rows.fact(&FileEvent {
            time: change.time.moment(),
            action: self.open.action(change),
            path: Some(&change.name.text),
            record: place,
            rest: Some(&rest),
            ..FileEvent::default()
        });
    }

    fn finish(&mut self, rows: &mut Rows<'_>) {
        self.mend(rows);
        if self.ranges > 0 {
            let detail = format!("{} records of version 4", self.ranges);
            rows.remark(ProblemCode::OtherRecordKind, None, detail);
        }
    }
}

/// What of a record fits no column.
#[derive(Debug, Serialize)]
struct Rest<'c> {
    usn: i64,
    reasons: Vec<&'static str>,
    file: FileId,
    parent: FileId,
    #[serde(skip_serializing_if = "String::is_empty")]
    attributes: String,
    #[serde(skip_serializing_if = "is_zero")]
    source_info: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_utf16: Option<&'c str>,
}

impl<'c> Rest<'c> {
    fn of(change: &'c Change) -> Self {
        Self {
            usn: change.usn,
            reasons: reasons::names(change.reasons),
            file: change.file,
            parent: change.parent,
            attributes: ntfs::attributes(change.attributes, false, false),
            source_info: change.source_info,
            name_utf16: change.name.raw.as_deref(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_known_by_the_names_that_collectors_give_it() {
        for name in [
            "$J",
            "$UsnJrnl",
            "$UsnJrnl:$J",
            "$UsnJrnl_$J",
            "$UsnJrnl%3A$J",
            "%24UsnJrnl%3A%24J",
            "$UsnJrnl.bin",
        ] {
            assert!(is_journal(name), "{name}");
        }
        for name in ["$Max", "$UsnJrnl:$Max", "J", "$JRNL", ""] {
            assert!(!is_journal(name), "{name}");
        }
    }
}
