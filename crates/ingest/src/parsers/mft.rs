//! `$MFT`: the table of all files of an NTFS volume, those that were deleted among them.
//!
//! The table is read twice: for the folders, which give the paths, and for the files. [`records`] finds and verifies
//! records, [`contents`] reads what they say of a file, [`folders`] makes paths.

use super::ntfs::{self, FileTime, Reference};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits, head};
use ::mft::MftEntry;
use afterpatch_model::tables::File;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp, file_name};
use contents::{Contents, FileName, Standard};
use folders::{Folders, ROOT};
use records::{End, Record, Table};
use serde::Serialize;

mod contents;
mod folders;
mod records;

/// Reads the table of files of an NTFS volume.
#[derive(Debug)]
pub(super) struct Mft;

static GUIDE: Guide = Guide {
    what: "The table of all files of an NTFS volume, those that were deleted among them",
    locations: &[Location::new(Root::Volumes, "$MFT")],
    serves: &[
        (
            Question::BrokenInto,
            "when a page was created, and when it came to its name, whatever its own times say",
        ),
        (
            Question::StillInside,
            "files that nobody collected; deleted ones, until their record is used again",
        ),
    ],
    quirks: &[
        "The file is locked and hidden: it is read from the raw volume.",
        "Any program can set the times that Windows shows; those of the name are set by Windows alone.",
        "A deleted file keeps its record until it is used again, and its folder may be gone before.",
        "There is no content in it, and so no hash.",
    ],
};

/// How much of the table is looked at for the size of its records.
const HEAD_BYTES: usize = 65_536;
/// Records below this are the volume's own, and some are kept in reserve without a name.
const FIRST_ORDINARY: u64 = 24;
/// The most that the links of one file may fill of its row, and its streams.
const MOST_REST_BYTES: usize = 8_192;
/// What an extension record costs.
const EXTENSION_BYTES: usize = 16;

impl Parser for Mft {
    fn name(&self) -> &'static str {
        "mft"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn scope(&self, artifact: &Artifact) -> String {
        ntfs::volume(&artifact.path).to_lowercase()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let is_named = file_name(path).eq_ignore_ascii_case("$MFT");
        if records::begins_record(head) {
            Fit::Sure
        } else if is_named && !head.is_empty() {
            Fit::Maybe
        } else {
            Fit::No
        }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let head = match head(input, HEAD_BYTES) {
            Ok(head) => head,
            Err(error) => return rows.remark(crate::input::problem_code(&error), None, error.to_string()),
        };
        let mut volume = Volume {
            table: Table::open(input, &head),
            folders: Folders::new(ntfs::volume(&artifact.path), limits.memory_bytes),
            extensions: Extensions::new(limits.memory_bytes),
            orphans: 0,
        };
        volume.find_folders();
        volume.read_files(rows);
        volume.remark(rows);
    }
}

/// The records that hold what did not fit into others, as (base record, its extension).
#[derive(Debug)]
struct Extensions {
    pairs: Vec<(u64, u64)>,
    most: usize,
    left_out: u64,
}

impl Extensions {
    fn new(most_bytes: u64) -> Self {
        let most = usize::try_from(most_bytes).unwrap_or(usize::MAX) / EXTENSION_BYTES;
        Self { pairs: Vec::new(), most, left_out: 0 }
    }

    fn push(&mut self, base: u64, extension: u64) {
        if self.pairs.len() < self.most {
            self.pairs.push((base, extension));
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    fn of(&self, base: u64) -> Vec<u64> {
        let start = self.pairs.partition_point(|(other, _)| *other < base);
        let from = self.pairs.get(start..).unwrap_or_default();
        from.iter().take_while(|(other, _)| *other == base).map(|(_, extension)| *extension).collect()
    }
}

/// One volume, while its table is read.
struct Volume<'i> {
    table: Table<'i>,
    folders: Folders,
    extensions: Extensions,
    /// How many files lie in no folder that is known.
    orphans: u64,
}

impl Volume<'_> {
    /// Reads the table for its folders, and for what lies in several records.
    fn find_folders(&mut self) {
        for number in 0.. {
            match self.table.read(number) {
                Ok(Record::Sound(entry)) => self.note(&entry),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        self.extensions.pairs.sort_unstable();
    }

    fn note(&mut self, entry: &MftEntry) {
        if let Some(base) = base_of(entry) {
            self.extensions.push(base.number, entry.header.record_number);
            // A folder of many names may keep them all in an extension.
            for name in Contents::names_of(entry) {
                self.folders.offer(base, false, &name);
            }
        } else if entry.is_dir() {
            for name in Contents::names_of(entry) {
                self.folders.offer(own(entry), !entry.is_allocated(), &name);
            }
        }
    }

    fn read_files(&mut self, rows: &mut Rows<'_>) {
        for number in 0.. {
            match self.table.read(number) {
                Ok(Record::Unused) => {}
                Ok(Record::Damaged(detail)) => rows.lost(ProblemCode::BadFileRecord, number, detail),
                Ok(Record::Sound(entry)) => self.read_file(&entry, rows),
                Err(End::Whole) => break,
                Err(End::Broken(code, detail)) => {
                    rows.remark(code, Some(number), detail);
                    break;
                }
            }
        }
    }

    /// Gives the row of one file. An extension that no base record knows of may still have a name to tell.
    fn read_file(&mut self, entry: &MftEntry, rows: &mut Rows<'_>) {
        let base = base_of(entry);
        let is_claimed =
            base.is_some_and(|base| self.sound(base.number).is_some_and(|base| claims(&base, entry)));
        if is_claimed {
            return;
        }
        let mut contents = Contents::of(entry);
        if base.is_none() {
            self.add_extensions(entry, &mut contents);
        }
        match contents.best_name().cloned() {
            Some(named) => self.give(entry, &contents, &named, rows),
            None if base.is_none() && had_name(entry, &contents) => {
                let detail = "it has no name that can be read";
                rows.lost(ProblemCode::BadFileRecord, entry.header.record_number, detail);
            }
            None => {}
        }
    }

    fn add_extensions(&mut self, entry: &MftEntry, contents: &mut Contents) {
        for number in self.extensions.of(entry.header.record_number) {
            if let Some(extension) = self.sound(number).filter(|extension| claims(entry, extension)) {
                contents.add(&extension);
            }
        }
    }

    fn sound(&mut self, number: u64) -> Option<Box<MftEntry>> {
        match self.table.read(number) {
            Ok(Record::Sound(entry)) => Some(entry),
            _ => None,
        }
    }

    fn give(&mut self, entry: &MftEntry, contents: &Contents, named: &FileName, rows: &mut Rows<'_>) {
        let record = entry.header.record_number;
        let path = if record == ROOT { self.folders.root() } else { self.path_of(named, true) };
        let standard = contents.standard.unwrap_or_default();
        let attributes = ntfs::attributes(standard.attributes, !entry.is_allocated(), entry.is_dir());
        let rest = self.rest(entry, contents, named);
        if contents.is_damaged {
            rows.remark(ProblemCode::BadFileRecord, Some(record), "a part of it could not be read");
        }
        if standard.modified.is_bad() || standard.created.is_bad() {
            rows.remark(ProblemCode::BadTime, Some(record), "a time that is none");
        }
        rows.fact(&File {
            time: standard.modified.moment(),
            path: Some(&path),
            size_bytes: contents.size_bytes.and_then(|size| i64::try_from(size).ok()),
            created: standard.created.moment(),
            attributes: Some(attributes.as_str()).filter(|words| !words.is_empty()),
            record,
            rest: serde_json::to_string(&rest).ok().as_deref(),
            ..File::default()
        });
    }

    fn path_of(&mut self, named: &FileName, is_counted: bool) -> String {
        let place = self.folders.place(named.parent);
        let path = place.path_of(&named.name.text);
        if place.is_orphan && is_counted {
            self.orphans = self.orphans.saturating_add(1);
        }
        path
    }

    fn rest<'c>(&mut self, entry: &MftEntry, contents: &'c Contents, named: &'c FileName) -> Rest<'c> {
        let Standard { created, modified, changed, security_id, .. } = contents.standard.unwrap_or_default();
        let others = contents.names.iter().filter(|name| name.rank < 2 && *name != named);
        let streams =
            contents.streams.iter().map(|one| Named { name: &one.name, size_bytes: one.size_bytes });
        let differs = |own: FileTime, shown: FileTime| own.moment().filter(|_| own != shown);
        Rest {
            sequence: entry.header.sequence,
            base: base_of(entry),
            fn_created: differs(named.created, created),
            fn_modified: differs(named.modified, modified),
            record_changed: differs(changed, modified),
            security_id,
            links: within_room(others.map(|name| self.path_of(name, false)), String::len),
            streams: within_room(streams, |stream| stream.name.len()),
            zone_identifier: contents.zone.as_deref(),
            name_utf16: named.name.raw.as_deref(),
        }
    }

    fn remark(&self, rows: &mut Rows<'_>) {
        let Self { orphans, .. } = self;
        let (folders, extensions) = (self.folders.left_out(), self.extensions.left_out);
        if *orphans > 0 {
            let detail = format!("{orphans} files; they are listed below $OrphanFiles");
            rows.remark(ProblemCode::FolderGone, None, detail);
        }
        if folders > 0 || extensions > 0 {
            let detail =
                format!("{folders} folders and {extensions} extension records were not held in memory");
            rows.remark(ProblemCode::TooLarge, None, detail);
        }
    }
}

/// What of a record fits no column.
#[derive(Debug, Serialize)]
struct Rest<'c> {
    sequence: u16,
    /// The record that this one says it extends, and that knows nothing of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fn_created: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fn_modified: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_changed: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_id: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    streams: Vec<Named<'c>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_identifier: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_utf16: Option<&'c str>,
}

#[derive(Debug, Serialize)]
struct Named<'c> {
    name: &'c str,
    size_bytes: u64,
}

/// Takes items until they fill the room that there is: a row is to stay small, whatever its file has.
fn within_room<T>(items: impl Iterator<Item = T>, size: impl Fn(&T) -> usize) -> Vec<T> {
    let mut room = MOST_REST_BYTES;
    items
        .map_while(|item| {
            room = room.checked_sub(size(&item))?;
            Some(item)
        })
        .collect()
}

fn own(entry: &MftEntry) -> Reference {
    Reference { number: entry.header.record_number, sequence: entry.header.sequence }
}

/// Returns the base record that an extension names; none for a base record.
fn base_of(entry: &MftEntry) -> Option<Reference> {
    let base = &entry.header.base_reference;
    (!entry.header.is_base_record()).then_some(Reference { number: base.entry, sequence: base.sequence })
}

/// Tells whether an extension belongs to a base record. The sequence of a deleted one has gone up since.
fn claims(base: &MftEntry, extension: &MftEntry) -> bool {
    let named = &extension.header.base_reference;
    let sequence = base.header.sequence;
    let is_same =
        named.sequence == sequence || !base.is_allocated() && named.sequence == sequence.wrapping_sub(1);
    base.header.is_base_record()
        && named.entry == base.header.record_number
        && base.is_allocated() == extension.is_allocated()
        && is_same
}

/// Tells whether a record without a name must once have had one.
fn had_name(entry: &MftEntry, contents: &Contents) -> bool {
    let is_ordinary = entry.header.record_number >= FIRST_ORDINARY;
    contents.is_damaged || is_ordinary && (entry.is_allocated() || contents.standard.is_some())
}
