//! The records of a table, by their number.

use super::super::ntfs::{read_full, u16_at, u32_at};
use crate::input::{Evidence, problem_code};
use afterpatch_model::ProblemCode;
use mft::MftEntry;
use std::collections::BTreeMap;
use std::io::{self, SeekFrom};

/// What a record in use begins with.
const SIGNATURE: &[u8] = b"FILE";
/// What Windows writes over the signature of a record that it found torn.
const TORN_SIGNATURE: &[u8] = b"BAAD";
/// The size that records have unless they say another.
const USUAL_BYTES: usize = 1_024;
/// Records begin at multiples of this; it is the least that is looked for.
const STEP: usize = 1_024;

/// What stands at one place of the table.
#[derive(Debug)]
pub(super) enum Record {
    /// Zeros: the place was never used.
    Unused,
    /// A record whose parts belong together.
    Sound(Box<MftEntry>),
    /// Anything else, and what is wrong with it.
    Damaged(String),
}

/// A table that is open for reading.
pub(super) struct Table<'i> {
    input: &'i mut dyn Evidence,
    /// How large a record is.
    bytes: usize,
    /// Where the input stands, where that is known.
    at: Option<u64>,
}

/// Why there is no record at a place.
#[derive(Debug)]
pub(super) enum End {
    /// The table ends here.
    Whole,
    /// It ends within a record, or cannot be read on.
    Broken(ProblemCode, String),
}

impl<'i> Table<'i> {
    /// Opens a table and finds how large its records are.
    pub(super) fn open(input: &'i mut dyn Evidence, head: &[u8]) -> Self {
        Self { input, bytes: record_bytes(head), at: None }
    }

    /// Reads the record of that number.
    pub(super) fn read(&mut self, number: u64) -> Result<Record, End> {
        let mut bytes = vec![0; self.bytes];
        let length = u64::try_from(self.bytes).unwrap_or(u64::MAX);
        let place = number.checked_mul(length).ok_or(End::Whole)?;
        let filled = self
            .fill(place, &mut bytes)
            .map_err(|error| End::Broken(problem_code(&error), format!("not read beyond it: {error}")))?;
        match filled {
            0 => Err(End::Whole),
            filled if filled < self.bytes => {
                Err(End::Broken(ProblemCode::Truncated, "the last record is cut off".to_owned()))
            }
            _ => {
                self.at = place.checked_add(length);
                Ok(decode(bytes, number))
            }
        }
    }

    /// Reads from a place until `bytes` are full or the input ends; returns how many there were.
    fn fill(&mut self, place: u64, bytes: &mut [u8]) -> io::Result<usize> {
        if self.at.take() != Some(place) {
            self.input.seek(SeekFrom::Start(place))?;
        }
        match read_full(self.input, bytes) {
            (_, Some(error)) => Err(error),
            (filled, None) => Ok(filled),
        }
    }
}

fn decode(bytes: Vec<u8>, number: u64) -> Record {
    if bytes.iter().all(|byte| *byte == 0) {
        return Record::Unused;
    }
    if bytes.starts_with(TORN_SIGNATURE) {
        return Record::Damaged("Windows found it torn and marked it".to_owned());
    }
    if !bytes.starts_with(SIGNATURE) {
        return Record::Damaged("it does not begin as records do".to_owned());
    }
    match MftEntry::from_buffer(bytes, number) {
        Ok(entry) if entry.valid_fixup == Some(true) => Record::Sound(Box::new(entry)),
        Ok(_) => Record::Damaged("its sectors do not belong together".to_owned()),
        Err(error) => Record::Damaged(error.to_string()),
    }
}

/// Tells whether bytes begin as a record does whose header can be true.
pub(super) fn begins_record(bytes: &[u8]) -> bool {
    stated_bytes(bytes).is_some()
}

/// Returns the size that a record says it has, where its header can be true.
fn stated_bytes(record: &[u8]) -> Option<usize> {
    let fixups = u16_at(record, 4)?;
    let first_attribute = u32::from(u16_at(record, 20)?);
    let allocated = u32_at(record, 28)?;
    let is_header = record.starts_with(SIGNATURE)
        && (40..=64).contains(&fixups)
        && (48..512).contains(&first_attribute)
        && u32_at(record, 24)? <= allocated
        && (1_024..=65_536).contains(&allocated)
        && allocated.is_power_of_two();
    is_header.then(|| usize::try_from(allocated).ok()).flatten()
}

/// Finds the size that most of the first records say they have: one of them may be damaged, or lie.
fn record_bytes(head: &[u8]) -> usize {
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for record in head.chunks(STEP) {
        if let Some(bytes) = stated_bytes(record) {
            let count = votes.entry(bytes).or_default();
            *count = count.saturating_add(1);
        }
    }
    let most = votes.iter().max_by_key(|(_, count)| **count);
    most.map_or(USUAL_BYTES, |(bytes, _)| *bytes)
}
