//! What the records of NTFS have in common: numbers, references, names, times and attributes.

use crate::input::Evidence;
use afterpatch_model::{Timestamp, hex};
use serde::{Serialize, Serializer};
use std::fmt;
use std::io;

/// Reads until `bytes` are full or the input ends; returns how many there were, and the error that it broke off with.
pub(super) fn read_full(input: &mut dyn Evidence, bytes: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0_usize;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match input.read(room) {
            Ok(0) => break,
            Ok(length) => filled = filled.saturating_add(length),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

/// Returns the two bytes at a place, lowest first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    field(bytes, at).map(u16::from_le_bytes)
}

/// Returns the four bytes at a place, lowest first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u32::from_le_bytes)
}

/// Returns the eight bytes at a place, lowest first.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    field(bytes, at).map(u64::from_le_bytes)
}

/// Returns the sixteen bytes at a place, lowest first.
pub(super) fn u128_at(bytes: &[u8], at: usize) -> Option<u128> {
    field(bytes, at).map(u128::from_le_bytes)
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// A reference to a record of the table: its number, and how often the record had been used. Shown as `4711-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference {
    /// The record's number.
    pub(super) number: u64,
    /// How often the record had been used.
    pub(super) sequence: u16,
}

impl Reference {
    /// Takes a reference apart: 48 bits of number, 16 of sequence.
    pub(super) const fn from_bits(bits: u64) -> Self {
        let [.., low, high] = bits.to_le_bytes();
        Self { number: bits & 0xffff_ffff_ffff, sequence: u16::from_le_bytes([low, high]) }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.sequence)
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A file's own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The name as text. A separator in it is forged and stands as `%5C` or `%2F`: it would make folders.
    pub(super) text: String,
    /// The name's bytes, in hexadecimal, where they are no UTF-16 and the text has replacement characters.
    pub(super) raw: Option<String>,
}

impl Name {
    /// Decodes a name from UTF-16, lowest byte first.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let units = bytes.as_chunks().0.iter().copied().map(u16::from_le_bytes);
        let mut text = String::with_capacity(bytes.len());
        let mut is_whole = true;
        for unit in char::decode_utf16(units) {
            is_whole &= unit.is_ok();
            match unit.unwrap_or(char::REPLACEMENT_CHARACTER) {
                '\\' => text.push_str("%5C"),
                '/' => text.push_str("%2F"),
                other => text.push(other),
            }
        }
        Self { text, raw: (!is_whole).then(|| hex(bytes)) }
    }
}

/// A FILETIME as it stands in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FileTime(pub(super) u64);

impl FileTime {
    /// Returns the moment; none for zero and for what is no time.
    pub(super) fn moment(self) -> Option<Timestamp> {
        i64::try_from(self.0).ok().and_then(Timestamp::from_filetime)
    }

    /// Tells whether there is a value that is no time.
    pub(super) fn is_bad(self) -> bool {
        self.0 != 0 && self.moment().is_none()
    }
}

const DIRECTORY: u32 = 0x10;

const ATTRIBUTES: [(u32, &str); 12] = [
    (DIRECTORY, "directory"),
    (0x1, "readonly"),
    (0x2, "hidden"),
    (0x4, "system"),
    (0x20, "archive"),
    (0x100, "temporary"),
    (0x200, "sparse"),
    (0x400, "reparse"),
    (0x800, "compressed"),
    (0x1000, "offline"),
    (0x2000, "unindexed"),
    (0x4000, "encrypted"),
];

/// Says what a file is, in words: `deleted directory hidden`; nothing for a plain file.
pub(super) fn attributes(bits: u32, is_deleted: bool, is_directory: bool) -> String {
    let bits = if is_directory { bits | DIRECTORY } else { bits };
    let deleted = is_deleted.then_some("deleted");
    let words = ATTRIBUTES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word);
    deleted.into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

/// Returns the volume that a path on the server begins with, such as `C:`, or a shadow copy by the name of its device;
/// nothing where it names none. What lay in a shadow copy is how files were, not how they are.
pub(super) fn volume(path: &str) -> &str {
    if matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
        return path.get(..2).unwrap_or_default();
    }
    let copy = path.find("HarddiskVolumeShadowCopy").unwrap_or_default();
    let end = path.get(copy..).and_then(|from| from.find('\\')).unwrap_or_default();
    path.get(..copy.saturating_add(end)).filter(|_| copy > 0 && end > 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(units: &[u16]) -> Vec<u8> {
        units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
    }

    #[test]
    fn references_are_a_number_and_a_sequence() {
        let reference = Reference::from_bits(0x0003_0000_0000_1267);
        assert_eq!((reference.number, reference.sequence), (4_711, 3));
        assert_eq!(reference.to_string(), "4711-3");
        assert_eq!(Reference::from_bits(u64::MAX).number, (1 << 48) - 1);
    }

    #[test]
    fn names_make_no_folders_and_keep_what_is_no_text() {
        let plain = Name::decode(&utf16(&[0x61, 0x65E5, 0xD83D, 0xDE00]));
        assert_eq!(plain, Name { text: "a日😀".to_owned(), raw: None });
        let forged = Name::decode(&utf16(&[0x61, 0x5C, 0x2F, 0x62]));
        assert_eq!(forged.text, "a%5C%2Fb");
        let lone = Name::decode(&utf16(&[0x61, 0xD800]));
        assert_eq!(lone, Name { text: "a\u{FFFD}".to_owned(), raw: Some("610000d8".to_owned()) });
    }

    #[test]
    fn no_time_is_no_bad_time() {
        assert_eq!((FileTime(0).moment(), FileTime(0).is_bad()), (None, false));
        assert!(FileTime(u64::MAX).is_bad() && FileTime(1).is_bad());
        assert!(!FileTime(132_590_000_000_000_000).is_bad());
    }

    #[test]
    fn attributes_are_words() {
        assert_eq!(attributes(0x22, true, false), "deleted hidden archive");
        assert_eq!(attributes(0, false, true), "directory");
        assert_eq!(attributes(0, false, false), "");
    }

    #[test]
    fn a_volume_is_a_drive_or_a_shadow_copy() {
        assert_eq!(volume(r"e:\$MFT"), "e:");
        let copy = r"\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy12";
        assert_eq!(volume(&format!(r"{copy}\$Extend\$J")), copy);
        for path in ["$MFT", r"\server\share\$MFT", "日:", "", "HarddiskVolumeShadowCopy"] {
            assert_eq!(volume(path), "", "{path}");
        }
    }
}
