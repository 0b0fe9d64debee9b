//! What a key holds, as text and as JSON.

use crate::parsers::hive::{Bad, Data, utf16};
use afterpatch_model::hex;
use serde_json::Value as Json;

/// The values of a key that were asked for, and what of it could not be read.
#[derive(Debug, Default)]
pub(super) struct Holding {
    /// Each value by the name under which it was asked for.
    pub(super) values: Vec<(&'static str, Datum)>,
    pub(super) bad: Vec<Bad>,
}

impl Holding {
    pub(super) fn get(&self, name: &str) -> Option<&Datum> {
        self.values.iter().find(|(held, _)| *held == name).map(|(_, datum)| datum)
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        match self.get(name) {
            Some(Datum::Number(number)) => u32::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// The data of a value by its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datum {
    Text(String),
    List(Vec<String>),
    Number(u64),
    Bytes(Vec<u8>),
}

/// Bytes of no type that are shown.
const SHOWN_BYTES: usize = 64;

impl Datum {
    /// Reads data of a type; tells whether they held text that is none.
    pub(super) fn read(kind: u32, data: Data) -> (Self, bool) {
        let bytes = data.bytes;
        match kind {
            1 | 2 | 6 => {
                let (text, is_mended) = utf16(before_nul(&bytes));
                (Self::Text(text), is_mended)
            }
            7 => {
                let (text, is_mended) = utf16(&bytes);
                let items = text.split('\0').filter(|item| !item.is_empty());
                (Self::List(items.map(str::to_owned).collect()), is_mended)
            }
            4 | 11 if bytes.len() <= 8 => (Self::Number(number(bytes.iter().rev())), false),
            5 if bytes.len() <= 8 => (Self::Number(number(bytes.iter())), false),
            _ => (Self::Bytes(bytes), false),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => items.join(", "),
            Self::Number(number) => number.to_string(),
            Self::Bytes(bytes) => first_bytes(bytes),
        }
    }

    pub(super) fn json(&self) -> Json {
        match self {
            Self::List(items) => items.iter().map(String::as_str).collect(),
            Self::Number(number) => (*number).into(),
            Self::Text(_) | Self::Bytes(_) => self.text().into(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }
}

/// Returns UTF-16 up to the first NUL: what is behind it is left over from earlier data.
fn before_nul(bytes: &[u8]) -> &[u8] {
    let nul = bytes.chunks_exact(2).position(|pair| pair == [0, 0]);
    let end = nul.map_or(bytes.len(), |place| place.saturating_mul(2));
    bytes.get(..end).unwrap_or_default()
}

fn number<'b>(bytes: impl Iterator<Item = &'b u8>) -> u64 {
    bytes.fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn first_bytes(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES) {
        Some(shown) if bytes.len() > SHOWN_BYTES => format!("{}… ({} bytes)", hex(shown), bytes.len()),
        _ => hex(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: u32, bytes: &[u8]) -> String {
        Datum::read(kind, Data { bytes: bytes.to_vec(), is_cut: false }).0.text()
    }

    #[test]
    fn data_are_read_by_their_type() {
        assert_eq!(read(1, b"a\0b\0\0\0x\0"), "ab");
        assert_eq!(read(2, b"a\0b"), "a");
        assert_eq!(read(7, b"a\0\0\0b\0\0\0\0\0"), "a, b");
        assert_eq!(read(4, &[1, 2, 0, 0]), "513");
        assert_eq!(read(5, &[0, 0, 2, 1]), "513");
        assert_eq!(read(11, &[0, 0, 0, 0, 1, 0, 0, 0]), "4294967296");
        assert_eq!(read(3, &[0xab, 1]), "ab01");
        assert_eq!(read(4, &[9; 9]), "090909090909090909");
        assert_eq!(read(3, &[0; 65]), format!("{}… (65 bytes)", "00".repeat(64)));
        assert!(Datum::read(1, Data { bytes: vec![0, 0xd8], is_cut: false }).1, "half a pair is no text");
    }
}
