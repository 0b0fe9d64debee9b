//! Transaction logs of registry hives: pages that Windows wrote there, and not yet into the hive.
//!
//! Windows 8.1 and Server 2012 R2 write entries one behind another, each with its number, its pages and hashes of both
//! (`HvLE`). Older ones write a bitmap of the sectors that were changed, and these (`DIRT`). A hive that is copied from
//! a running server nearly always lacks what stands there.
//!
//! The form is that of the "Windows registry file format specification" of M. Suhanov.

use super::hive::{Bad, place, read_base, u32_at};
use std::collections::BTreeMap;
use std::ops::Range;

/// What is changed at once at the least.
const SECTOR_BYTES: usize = 512;
const SECTOR: u64 = 512;
/// The fixed part of an entry.
const ENTRY_BYTES: usize = 40;
/// What the hashes of entries begin with: the low half and the high one.
const SEED: (u32, u32) = (0x7a4e_55c5, 0x82ef_4d88);

type Sector = [u8; SECTOR_BYTES];

/// Pages that stand in place of those of a hive.
#[derive(Debug, Default)]
pub(super) struct Changes {
    sectors: BTreeMap<u64, Sector>,
    /// How long the hive is with them; 0 where there are none.
    pub(super) file_bytes: u64,
    /// How many entries they are from.
    pub(super) n_entries: usize,
    /// How many entries were left, since one before them is missing.
    pub(super) n_left: usize,
}

/// What was written at one time.
struct Entry<'l> {
    number: u32,
    file_bytes: u64,
    /// Where each page begins in the hive, and its bytes.
    pages: Vec<(u64, &'l [u8])>,
}

impl Changes {
    /// Takes from logs what was written after a hive's last full write, in the order in which it was written, up to the
    /// first entry that is missing.
    pub(super) fn since(full_write: u32, logs: &[Vec<u8>]) -> (Self, Vec<Bad>) {
        let (mut entries, mut bad) = (BTreeMap::new(), Vec::new());
        for log in logs {
            match entries_of(log) {
                Ok(read) => entries.extend(read.into_iter().map(|entry| (entry.number, entry))),
                Err(why) => bad.push(why),
            }
        }
        let mut changes = Self::default();
        let mut expected = None;
        for (number, entry) in entries.split_off(&full_write) {
            if expected.is_some_and(|expected| expected != number) || changes.n_left > 0 {
                changes.n_left = changes.n_left.saturating_add(1);
                continue;
            }
            expected = number.checked_add(1);
            changes.add(entry);
        }
        (changes, bad)
    }

    fn add(&mut self, entry: Entry<'_>) {
        self.n_entries = self.n_entries.saturating_add(1);
        self.file_bytes = entry.file_bytes;
        for (at, page) in entry.pages {
            let first = at.div_euclid(SECTOR);
            self.sectors.extend((first..).zip(page.as_chunks().0.iter().copied()));
        }
    }

    /// Tells whether any byte of a stretch of the hive is another by them.
    pub(super) fn meet(&self, at: u64, length: u64) -> bool {
        !self.sectors.is_empty() && self.sectors.range(sectors(at, length)).next().is_some()
    }

    /// Writes them over what stands at a place of the hive, which may be less than `most` where the file ends.
    pub(super) fn put_over(&self, at: u64, most: u64, bytes: &mut Vec<u8>) {
        for (number, sector) in self.sectors.range(sectors(at, most)) {
            let from = number.saturating_mul(SECTOR).saturating_sub(at);
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            let end = from.saturating_add(SECTOR_BYTES);
            bytes.resize(bytes.len().max(end), 0);
            if let Some(place) = bytes.get_mut(from..end) {
                place.copy_from_slice(sector);
            }
        }
    }
}

fn sectors(at: u64, length: u64) -> Range<u64> {
    at.div_euclid(SECTOR)..at.saturating_add(length).div_ceil(SECTOR)
}

/// Reads the entries of a log up to the first that is none: behind it stand those of an earlier round.
fn entries_of(log: &[u8]) -> Result<Vec<Entry<'_>>, Bad> {
    let base = read_base(log)?;
    if !base.is_sound {
        return Err(Bad::new(0, "has a first block whose checksum is wrong"));
    }
    let rest = log.get(SECTOR_BYTES..).unwrap_or_default();
    if rest.starts_with(b"DIRT") {
        return Ok(bitmap(rest, base.full_write, base.file_bytes).into_iter().collect());
    }
    let (mut entries, mut at) = (Vec::new(), 0_usize);
    while let Some((entry, length)) = rest.get(at..).and_then(entry) {
        entries.push(entry);
        at = at.saturating_add(length);
    }
    Ok(entries)
}

/// Reads an entry, and says how long it is; nothing where its hashes are not those of its bytes.
fn entry(bytes: &[u8]) -> Option<(Entry<'_>, usize)> {
    let length = usize::try_from(u32_at(bytes, 4)).ok()?;
    let bytes =
        bytes.get(..length).filter(|bytes| bytes.starts_with(b"HvLE") && bytes.len() >= ENTRY_BYTES)?;
    let n_pages = usize::try_from(u32_at(bytes, 20)).ok()?;
    let list = bytes.get(ENTRY_BYTES..)?.get(..n_pages.checked_mul(8)?)?;
    if !length.is_multiple_of(SECTOR_BYTES) || !is_whole(bytes) {
        return None;
    }
    let (mut pages, mut at) = (Vec::new(), ENTRY_BYTES.saturating_add(list.len()));
    for page in list.chunks_exact(8) {
        let end = at.checked_add(usize::try_from(u32_at(page, 4)).ok()?)?;
        pages.push((place(u32_at(page, 0)), bytes.get(at..end)?));
        at = end;
    }
    let entry = Entry { number: u32_at(bytes, 12), file_bytes: place(u32_at(bytes, 16)), pages };
    Some((entry, length))
}

/// Tells whether the hashes of an entry are those of its bytes. A fuzzer would never find them.
fn is_whole(entry: &[u8]) -> bool {
    let hash = |part: Range<usize>| marvin32(SEED, entry.get(part).unwrap_or_default());
    let said = |at| u64::from(u32_at(entry, at)) | (u64::from(u32_at(entry, at.saturating_add(4))) << 32);
    cfg!(fuzzing) || (hash(ENTRY_BYTES..entry.len()) == said(24) && hash(0..32) == said(32))
}

/// Reads the log of an older Windows: a bit for each sector behind the first block, and those whose bit is set.
fn bitmap(bytes: &[u8], number: u32, file_bytes: u64) -> Option<Entry<'_>> {
    const BYTES_A_BYTE: u64 = 8 * SECTOR;
    let n_bytes = file_bytes.checked_sub(place(0))?.div_ceil(BYTES_A_BYTE);
    let n_bytes = usize::try_from(n_bytes).ok()?;
    let bits = bytes.get(4..)?.get(..n_bytes)?;
    let data = bytes.get(n_bytes.checked_add(4)?.checked_next_multiple_of(SECTOR_BYTES)?..)?;
    let changed = (0_u32..).zip(bits).flat_map(|(place, byte)| {
        (0..8)
            .filter(move |bit| byte >> bit & 1 != 0)
            .map(move |bit| place.saturating_mul(8).saturating_add(bit))
    });
    let place_of = |sector: u32| place(0).saturating_add(u64::from(sector).saturating_mul(SECTOR));
    let pages = changed.map(place_of).zip(data.chunks_exact(SECTOR_BYTES)).collect();
    Some(Entry { number, file_bytes, pages })
}

/// The hash of T. Mattson and N. Kurtz that Windows takes of entries (Marvin32).
fn marvin32((mut low, mut high): (u32, u32), bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    last.iter_mut().zip(rest.iter().chain([&0x80])).for_each(|(to, from)| *to = *from);
    for word in words.iter().chain([&last, &[0; 4]]) {
        low = low.wrapping_add(u32::from_le_bytes(*word));
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        high = high.rotate_left(19);
    }
    u64::from(low) | (u64::from(high) << 32)
}
