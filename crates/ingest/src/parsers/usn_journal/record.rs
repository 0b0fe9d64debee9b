//! One record of the journal, as NTFS writes it.

use super::super::ntfs::{FileTime, Name, Reference, u16_at, u32_at, u64_at, u128_at};
use super::window::UNIT;
use serde::{Serialize, Serializer};

/// No record is longer: none goes over the end of a page.
pub(super) const MOST_BYTES: usize = 4_096;
/// The longest name of a file, in bytes.
const MOST_NAME_BYTES: usize = 510;

/// What stands at one place of the journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A record of version 2 or 3, and its length.
    Change(Box<Change>, usize),
    /// A record of version 4, which tells the ranges of a change that one of version 3 tells of; and its length.
    Ranges(usize),
    /// No record.
    Nothing,
}

/// A change of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) file: FileId,
    pub(super) parent: FileId,
    pub(super) usn: i64,
    pub(super) time: FileTime,
    pub(super) reasons: u32,
    /// What the change was made for, where the system made it: 4 is replication.
    pub(super) source_info: u32,
    pub(super) attributes: u32,
    pub(super) name: Name,
}

/// What a file is known by: on NTFS a reference to its record, on `ReFS` a number of 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FileId(pub(super) u128);

impl Serialize for FileId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match u64::try_from(self.0) {
            Ok(bits) => Reference::from_bits(bits).serialize(serializer),
            Err(_) => serializer.collect_str(&format_args!("{:032x}", self.0)),
        }
    }
}

impl Found {
    /// Reads what bytes begin with. A record whose parts contradict each other is none.
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self::try_read(bytes).unwrap_or(Self::Nothing)
    }

    fn try_read(bytes: &[u8]) -> Option<Self> {
        let length = usize::try_from(u32_at(bytes, 0)?).ok()?;
        let record = bytes.get(..length).filter(|_| length <= MOST_BYTES && length.is_multiple_of(UNIT))?;
        match (u16_at(record, 4)?, u16_at(record, 6)?) {
            (2, 0) => Some(Self::Change(Box::new(version_2(record)?), length)),
            (3, 0) => Some(Self::Change(Box::new(version_3(record)?), length)),
            (4, 0) => are_ranges(record).then_some(Self::Ranges(length)),
            _ => None,
        }
    }
}

fn version_2(record: &[u8]) -> Option<Change> {
    let file = FileId(u64_at(record, 8)?.into());
    let parent = FileId(u64_at(record, 16)?.into());
    change(record, 24, file, parent)
}

fn version_3(record: &[u8]) -> Option<Change> {
    change(record, 40, FileId(u128_at(record, 8)?), FileId(u128_at(record, 24)?))
}

/// Reads what follows the references, which begins at `at`.
fn change(record: &[u8], at: usize, file: FileId, parent: FileId) -> Option<Change> {
    let rest = record.get(at..)?;
    Some(Change {
        file,
        parent,
        usn: usn(rest)?,
        time: FileTime(u64_at(rest, 8)?),
        reasons: u32_at(rest, 16)?,
        source_info: u32_at(rest, 20)?,
        attributes: u32_at(rest, 28)?,
        name: Name::decode(name(record, at)?),
    })
}

/// Reads a record's own number: the place that it had in the journal.
fn usn(rest: &[u8]) -> Option<i64> {
    let usn = i64::try_from(u64_at(rest, 0)?).ok()?;
    (usn.trailing_zeros() >= UNIT.trailing_zeros()).then_some(usn)
}

/// Returns the name, which stands behind the fixed fields and before less than a unit of padding.
fn name(record: &[u8], at: usize) -> Option<&[u8]> {
    let fixed = at.checked_add(36)?;
    let length = usize::from(u16_at(record, at.checked_add(32)?)?);
    let offset = usize::from(u16_at(record, at.checked_add(34)?)?);
    let name = record.get(fixed..fixed.checked_add(length)?)?;
    let padding = record.len().checked_sub(fixed.checked_add(length)?)?;
    let is_sound = offset == fixed
        && (2..=MOST_NAME_BYTES).contains(&length)
        && length.is_multiple_of(2)
        && padding < UNIT;
    is_sound.then_some(name)
}

fn are_ranges(record: &[u8]) -> bool {
    let ranges = u16_at(record, 60).zip(u16_at(record, 62));
    let length = ranges.and_then(|(count, bytes)| {
        usize::from(count)
            .checked_mul(usize::from(bytes))?
            .checked_add(64)
            .filter(|_| bytes == 16 && count > 0)
    });
    length == Some(record.len()) && record.get(40..).and_then(usn).is_some()
}
