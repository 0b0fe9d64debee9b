//! Sparse files, of which a collector kept the data runs and a map of where they lay.
//!
//! ```text
//! uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J        the data runs, one after another
//! uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J.idx    {"ranges": [{"original_offset": …, "length": …}, …]}
//! ```
//!
//! The file is read as it was, holes as zeros. A hole at its start is left out: the journal of changes begins with
//! one that grows for as long as the volume lives, and everything in it tells its own place.

use crate::input::{Evidence, too_large};
use serde::Deserialize;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Where the runs of a sparse file lay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spread {
    runs: Vec<Run>,
    length: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Where it begins in the file as it was, less a hole at its start.
    start: u64,
    length: u64,
    /// Where its bytes are in what was kept; none for a hole.
    kept_at: Option<u64>,
}

/// A map as the collector writes it. What is zero is left out of it.
#[derive(Deserialize)]
struct Map {
    #[serde(alias = "Ranges")]
    ranges: Vec<Range>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Range {
    original_offset: u64,
    length: u64,
    file_offset: u64,
    file_length: u64,
}

impl Spread {
    /// Reads a map; the error says why it is none.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let map: Map = serde_json::from_slice(json).map_err(|error| format!("no list of ranges: {error}"))?;
        let mut spread = Self { runs: Vec::with_capacity(map.ranges.len()), length: 0 };
        let mut place = None;
        for range in &map.ranges {
            spread.push(range, &mut place)?;
        }
        Ok(spread)
    }

    fn push(&mut self, range: &Range, place: &mut Option<u64>) -> Result<(), String> {
        let Range { original_offset: original, length, .. } = *range;
        let end = original.checked_add(length).ok_or("a range beyond any file")?;
        if place.is_some_and(|place| original != place) {
            return Err(format!("the ranges do not join at {original}"));
        }
        *place = Some(end);
        let is_hole = range.file_length == 0;
        if length > 0 && !(is_hole && self.runs.is_empty()) {
            let kept_at = (!is_hole).then_some(range.file_offset);
            self.runs.push(Run { start: self.length, length, kept_at });
            self.length = self.length.checked_add(length).ok_or("a range beyond any file")?;
        }
        Ok(())
    }

    /// Returns the length of the file as it is read.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Returns the run that holds a place.
    fn at(&self, place: u64) -> Option<Run> {
        let after = self.runs.partition_point(|run| run.start <= place);
        let run = self.runs.get(after.checked_sub(1)?)?;
        (place.checked_sub(run.start)? < run.length).then_some(*run)
    }

    /// Opens the file as it was from what was kept of it.
    pub(super) fn open(
        self: &Arc<Self>,
        kept: Box<dyn Evidence>,
        most: u64,
    ) -> io::Result<Box<dyn Evidence>> {
        if self.length > most {
            return Err(too_large(format!("{} bytes with its holes", self.length)));
        }
        Ok(Box::new(Sparse { kept, spread: Arc::clone(self), place: 0, kept_place: None }))
    }
}

/// What a hole is filled with, a piece at a time.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// A sparse file as it was.
struct Sparse {
    kept: Box<dyn Evidence>,
    spread: Arc<Spread>,
    place: u64,
    /// Where `kept` stands, as far as is known.
    kept_place: Option<u64>,
}

impl BufRead for Sparse {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let Some(run) = self.spread.at(self.place) else {
            return Ok(&[]);
        };
        let into = self.place.saturating_sub(run.start);
        let left = usize::try_from(run.length.saturating_sub(into)).unwrap_or(usize::MAX);
        let Some(kept_at) = run.kept_at else {
            return Ok(ZEROS.get(..left).unwrap_or(&ZEROS));
        };
        let wanted = kept_at.saturating_add(into);
        if self.kept_place != Some(wanted) {
            self.kept.seek(SeekFrom::Start(wanted))?;
            self.kept_place = Some(wanted);
        }
        let bytes = self.kept.fill_buf()?;
        if bytes.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "fewer bytes than its map says"));
        }
        Ok(bytes.get(..left).unwrap_or(bytes))
    }

    fn consume(&mut self, amount: usize) {
        let moved = u64::try_from(amount).unwrap_or(u64::MAX);
        let is_kept = self.spread.at(self.place).is_some_and(|run| run.kept_at.is_some());
        if is_kept {
            self.kept.consume(amount);
            self.kept_place = self.kept_place.and_then(|place| place.checked_add(moved));
        }
        self.place = self.place.saturating_add(moved);
    }
}

impl Read for Sparse {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.spread.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.place.checked_add_signed(offset),
        };
        self.place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn spread(json: &str) -> Arc<Spread> {
        Arc::new(Spread::parse(json.as_bytes()).unwrap())
    }

    const MAP: &str = r#"{"ranges": [
        {"original_offset": 0, "length": 1000},
        {"original_offset": 1000, "file_length": 3, "length": 3},
        {"file_offset": 3, "original_offset": 1003, "length": 70000},
        {"file_offset": 3, "original_offset": 71003, "file_length": 2, "length": 2}]}"#;

    #[test]
    fn holes_are_zeros_but_for_the_one_at_the_start() {
        let mut file = spread(MAP).open(Box::new(Cursor::new(b"abcde".to_vec())), u64::MAX).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len(), 70_005);
        assert!(bytes.starts_with(b"abc\0") && bytes.ends_with(b"\0de"));
        file.seek(SeekFrom::End(-1)).unwrap();
        bytes.clear();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"e");
    }

    #[test]
    fn a_map_that_says_more_than_was_kept_ends_in_an_error() {
        let mut file = spread(MAP).open(Box::new(Cursor::new(b"abcd".to_vec())), u64::MAX).unwrap();
        let error = file.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_is_no_map_is_said_and_what_is_too_long_is_refused() {
        let gap = r#"{"ranges": [{"length": 5, "file_length": 5}, {"original_offset": 6, "length": 1}]}"#;
        let beyond = r#"{"ranges": [{"original_offset": 18446744073709551615, "length": 5}]}"#;
        for json in ["", "{}", "[]", gap, beyond, r#"{"ranges": [{"length": -1}]}"#] {
            assert!(Spread::parse(json.as_bytes()).is_err(), "{json}");
        }
        let refused = spread(MAP).open(Box::new(Cursor::new(Vec::new())), 1000).err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
    }
}
