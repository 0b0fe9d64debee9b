//! A window that moves over a journal, with the whole of the next record in it.

use super::super::ntfs::read_full;
use crate::input::Evidence;
use std::io;

/// How much is read at once.
const BLOCK: usize = 1 << 18;
/// Journals are made of units of this size: records begin at multiples of it.
pub(super) const UNIT: usize = 8;
/// How much is looked at together for being zero.
const STRIDE: usize = 4_096;

/// A part of the input that moves forward.
pub(super) struct Window<'i> {
    input: &'i mut dyn Evidence,
    bytes: Vec<u8>,
    at: usize,
    /// Where in the input `bytes` begin.
    start: u64,
    end: Option<io::Result<()>>,
}

impl<'i> Window<'i> {
    /// Opens a window at the start of the input.
    pub(super) fn new(input: &'i mut dyn Evidence) -> Self {
        let end = input.rewind().err().map(Err);
        Self { input, bytes: Vec::new(), at: 0, start: 0, end }
    }

    /// Returns what follows: at least as many bytes as asked for, or all that there are.
    pub(super) fn ahead(&mut self, least: usize) -> &[u8] {
        if self.bytes.len().saturating_sub(self.at) < least && self.end.is_none() {
            self.fill();
        }
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Returns the place in the input that the window stands at.
    pub(super) fn place(&self) -> u64 {
        self.start.saturating_add(u64::try_from(self.at).unwrap_or(u64::MAX))
    }

    /// Moves forward.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.bytes.len());
    }

    /// Moves over whole units of zeros, however many gigabytes there are of them.
    pub(super) fn skip_zeros(&mut self) {
        loop {
            let ahead = self.ahead(UNIT);
            let zeros = leading_zeros(ahead);
            let is_all = zeros == ahead.len();
            self.advance(zeros);
            if !is_all || self.ahead(UNIT).is_empty() {
                return;
            }
        }
    }

    /// Returns the error that the input broke off with, where it did.
    pub(super) fn error(self) -> Option<io::Error> {
        self.end?.err()
    }

    fn fill(&mut self) {
        self.start = self.place();
        self.bytes.drain(..self.at);
        self.at = 0;
        let left = self.bytes.len();
        self.bytes.resize(left.saturating_add(BLOCK), 0);
        let (length, error) = read_full(self.input, self.bytes.get_mut(left..).unwrap_or_default());
        self.bytes.truncate(left.saturating_add(length));
        if length < BLOCK {
            self.end = Some(error.map_or(Ok(()), Err));
        }
    }
}

/// Returns how many bytes, in whole units, are zero at the start.
fn leading_zeros(bytes: &[u8]) -> usize {
    let strides = bytes.chunks(STRIDE).take_while(|stride| is_zero(stride)).count();
    let sure = strides.saturating_mul(STRIDE).min(bytes.len());
    let rest = bytes.get(sure..).unwrap_or_default();
    let units = rest.chunks(UNIT).take_while(|unit| is_zero(unit)).count();
    sure.saturating_add(units.saturating_mul(UNIT)).min(bytes.len())
}

/// Tells whether a stride, or less, is all zero. Comparing it with zeros is as fast as reading it.
fn is_zero(bytes: &[u8]) -> bool {
    static ZEROS: [u8; STRIDE] = [0; STRIDE];
    ZEROS.get(..bytes.len()) == Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn zeros_are_counted_in_whole_units() {
        let mut bytes = vec![0; 10_000];
        assert_eq!(leading_zeros(&bytes), 10_000);
        for (place, zeros) in [(9_999, 9_992), (4_100, 4_096), (8, 8), (7, 0)] {
            *bytes.get_mut(place).unwrap() = 1;
            assert_eq!(leading_zeros(&bytes), zeros, "{place}");
        }
        assert_eq!(leading_zeros(&[0; 3]), 3);
    }

    #[test]
    fn a_window_loses_no_byte_between_blocks() {
        let bytes: Vec<u8> = (0..=250).cycle().take(BLOCK * 2 + 100).collect();
        let mut input = Cursor::new(bytes.clone());
        let mut window = Window::new(&mut input);
        let mut seen = Vec::new();
        for place in (0..).step_by(40) {
            assert_eq!(window.place(), place.min(bytes.len().try_into().unwrap()));
            match window.ahead(4_096) {
                [] => break,
                ahead => seen.extend_from_slice(ahead.get(..40).unwrap_or(ahead)),
            }
            window.advance(40);
        }
        assert!(seen == bytes && window.error().is_none());
    }

    #[test]
    fn what_follows_many_zeros_is_found() {
        let mut bytes = vec![0; BLOCK * 3 + 16];
        let place = u64::try_from(bytes.len()).unwrap();
        bytes.extend([7; 5]);
        let mut input = Cursor::new(bytes);
        let mut window = Window::new(&mut input);
        window.skip_zeros();
        assert_eq!((window.place(), window.ahead(8)), (place, [7; 5].as_slice()));
    }
}
