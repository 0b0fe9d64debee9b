//! `$Secure:$SDS`: the security descriptors of an NTFS volume, each once for all files that have it.
//!
//! The stream is made of blocks of 256 KiB, each followed by a copy of itself. An entry has a head of 20 bytes (a hash, the
//! descriptor's number, where the entry stands, how long it is), then the descriptor; the next begins at a multiple of 16.

use super::ntfs::{read_full, u32_at, u64_at, volume};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits, problem_code};
use afterpatch_model::tables::Setting;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows};
use std::fmt::Write as _;

/// The parser of an NTFS volume's security descriptors.
#[derive(Debug)]
pub(super) struct SecurityDescriptors;

static GUIDE: Guide = Guide {
    what: "The security descriptors of an NTFS volume: who owns the files that the file table lists",
    locations: &[Location::new(Root::Volumes, "$Secure:$SDS")],
    serves: &[(
        Question::StillInside,
        "whether a page belongs to the account of a web server, to Windows or to a person",
    )],
    quirks: &[
        "It is a stream of a file that no program can open: it is read from the raw volume.",
        "It says nothing alone: a record of `$MFT` names the number of its descriptor (`security_id`).",
        "What the system or an administrator made belongs to the group of administrators alike.",
        "A descriptor stays after the last file that had it is gone.",
    ],
};

/// The bytes of a block; its copy follows.
const BLOCK: usize = 256 << 10;
/// The bytes before the descriptor.
const HEAD: usize = 20;
/// The lowest number that NTFS gives.
const FIRST_NUMBER: u32 = 0x100;

impl Parser for SecurityDescriptors {
    fn name(&self) -> &'static str {
        "security-descriptors"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn scope(&self, artifact: &Artifact) -> String {
        volume(&artifact.path).to_lowercase()
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let is_first = u32_at(head, 4) == Some(FIRST_NUMBER)
            && u64_at(head, 8) == Some(0)
            && head.get(HEAD..).is_some_and(is_relative);
        if is_first { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, _: &Limits, rows: &mut Rows<'_>) {
        let volume = volume(&artifact.path).to_uppercase();
        let mut block = vec![0; BLOCK];
        let (mut start, mut is_copy) = (0_u64, false);
        loop {
            let (length, error) = read_full(input, &mut block);
            if !is_copy {
                read_block(block.get(..length).unwrap_or_default(), start, &volume, rows);
            }
            if let Some(error) = error {
                return rows.remark(problem_code(&error), None, error.to_string());
            }
            if length < BLOCK {
                return;
            }
            start = after(start, BLOCK);
            is_copy = !is_copy;
        }
    }
}

/// Returns a place so many bytes behind another.
fn after(place: u64, bytes: usize) -> u64 {
    place.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX))
}

/// Makes facts of the entries of one block.
fn read_block(block: &[u8], start: u64, volume: &str, rows: &mut Rows<'_>) {
    let mut at = 0;
    while block.get(at..).is_some_and(|rest| rest.iter().take(HEAD).any(|byte| *byte != 0)) {
        match Entry::read(block, at, start) {
            Ok(entry) => {
                entry.give(volume, rows);
                at = at.saturating_add(entry.length).next_multiple_of(16);
            }
            // Where the next entry would begin, only this one says.
            Err(what) => {
                let place = after(start, at);
                return rows.lost(
                    ProblemCode::Damaged,
                    place,
                    format!("{what}; the rest of its block is not read"),
                );
            }
        }
    }
}

/// One entry of the stream.
struct Entry<'b> {
    number: u32,
    length: usize,
    descriptor: &'b [u8],
}

impl<'b> Entry<'b> {
    /// Reads the entry at a place of a block that begins at `start` of the stream.
    fn read(block: &'b [u8], at: usize, start: u64) -> Result<Self, &'static str> {
        let entry = block.get(at..).unwrap_or_default();
        let head = u32_at(entry, 4).zip(u64_at(entry, 8)).zip(u32_at(entry, 16));
        let ((number, place), length) = head.ok_or("an entry breaks off")?;
        if place != after(start, at) {
            return Err("an entry says that it stands elsewhere");
        }
        let length = usize::try_from(length).map_err(|_| "an entry is too long")?;
        let descriptor = entry.get(HEAD..length).ok_or("an entry breaks off")?;
        Ok(Self { number, length, descriptor })
    }

    fn give(&self, volume: &str, rows: &mut Rows<'_>) {
        let owner = owner(self.descriptor);
        if owner.is_none() {
            rows.remark(ProblemCode::Damaged, Some(u64::from(self.number)), "a descriptor without an owner");
        }
        rows.fact(&Setting {
            name: Some("file_owner"),
            value: owner.as_deref(),
            scope: Some(&format!("{volume}{}", self.number)),
            record: u64::from(self.number),
            ..Setting::default()
        });
    }
}

/// Tells whether a descriptor is of the form in which all its parts lie behind its head, as on every disk.
fn is_relative(descriptor: &[u8]) -> bool {
    matches!(descriptor, [1, _, _, control, ..] if control & 0x80 != 0)
}

/// Returns the owner's security identifier, such as `S-1-5-18`.
fn owner(descriptor: &[u8]) -> Option<String> {
    let place = usize::try_from(u32_at(descriptor, 4)?).ok()?;
    let [1, count, authority @ ..] = descriptor.get(place..).filter(|_| place > 0)? else {
        return None;
    };
    let authority = authority.get(..6)?.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut sid = format!("S-1-{authority}");
    for part in 0..usize::from(*count) {
        let at = part.checked_mul(4)?.checked_add(place)?.checked_add(8)?;
        write!(sid, "-{}", u32_at(descriptor, at)?).ok()?;
    }
    Some(sid)
}
