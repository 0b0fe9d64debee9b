//! Leaves what was changed last in the transaction log of a hive, as a running Windows does since 8.1 and Server 2012 R2.

use crate::hive::{BASE, put, sign};

/// A hive as it is copied from a running server, and the log beside it.
#[derive(Debug, Clone)]
pub struct InUse {
    /// The hive as it was when it was written in full.
    pub hive: Vec<u8>,
    /// Its transaction log: one entry for each change since.
    pub log: Vec<u8>,
}

/// The number of the last change in a hive that [`crate::hive::write`] made.
pub const FULL_WRITE: u32 = 7;
/// What is changed at once.
const PAGE: usize = 4_096;
const SECTOR: usize = 512;

/// Takes a hive as it was when it was written in full, and as it was after each change since.
pub fn in_use(written: &[u8], changed: &[&[u8]]) -> InUse {
    let mut hive = written.to_vec();
    put(&mut hive, 4, &(FULL_WRITE + 1).to_le_bytes());
    sign(&mut hive);
    let befores = std::iter::once(written).chain(changed.iter().copied());
    let entries = (FULL_WRITE + 1..).zip(befores.zip(changed));
    let entries: Vec<_> = entries.map(|(number, (before, after))| entry(number, before, after)).collect();
    InUse { hive, log: log(written, &entries) }
}

/// Writes a log that holds these entries.
pub fn log(hive: &[u8], entries: &[Vec<u8>]) -> Vec<u8> {
    const OF_ENTRIES: u32 = 6;
    let mut log = hive[..SECTOR].to_vec();
    put(&mut log, 28, &OF_ENTRIES.to_le_bytes());
    sign(&mut log);
    log.extend(entries.concat());
    log
}

/// Writes the entry of one change: every page that is another than before.
pub fn entry(number: u32, before: &[u8], after: &[u8]) -> Vec<u8> {
    let (mut list, mut pages, mut n_pages) = (Vec::new(), Vec::new(), 0_u32);
    for (place, page) in after[BASE..].chunks(PAGE).enumerate() {
        let at = place * PAGE;
        if before.get(BASE + at..BASE + at + page.len()) != Some(page) {
            list.extend([word(at), word(page.len())].concat());
            pages.extend(page);
            n_pages += 1;
        }
    }
    let length = (40 + list.len() + pages.len()).next_multiple_of(SECTOR);
    let mut entry = b"HvLE".to_vec();
    for part in [word(length), word(0), number.to_le_bytes(), word(after.len() - BASE), n_pages.to_le_bytes()]
    {
        entry.extend(part);
    }
    let mut behind = [list, pages].concat();
    behind.resize(length - 40, 0);
    entry.extend(hash(&behind).to_le_bytes());
    entry.extend(hash(&entry).to_le_bytes());
    entry.extend(behind);
    entry
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// Marvin32, as Windows hashes entries.
fn hash(bytes: &[u8]) -> u64 {
    let mut padded = [bytes, &[0x80]].concat();
    padded.resize(padded.len().next_multiple_of(4) + 4, 0);
    let mix = |(mut low, mut high): (u32, u32), word: &[u8]| {
        low = low.wrapping_add(word.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)));
        for (turn_high, turn_low) in [(20, 9), (27, 19)] {
            high ^= low;
            low = low.rotate_left(turn_high).wrapping_add(high);
            high = high.rotate_left(turn_low);
        }
        (low, high)
    };
    let (low, high) = padded.chunks_exact(4).fold((0x7a4e_55c5, 0x82ef_4d88), mix);
    u64::from(high) << 32 | u64::from(low)
}
