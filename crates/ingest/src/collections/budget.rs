//! What opening what was handed in may still come to, in all containers that it is made of.
//!
//! It is spent while the containers are listed, one after the other: so what is refused depends on the collection
//! alone, and a container that holds ten that hold ten cannot make more work than one.

use super::spool::Spool;
use crate::input::{Passwords, too_large};
use crate::limits::Limits;
use std::io;
use std::sync::Arc;

/// What is left of it.
pub(super) struct Budget<'l> {
    pub(super) limits: &'l Limits,
    pub(super) passwords: &'l Passwords,
    pub(super) spool: Arc<Spool>,
    entries: usize,
    bytes: u64,
}

impl<'l> Budget<'l> {
    /// Opens the budget of what was handed in, of so many bytes in all.
    pub(super) fn new(collection: u64, limits: &'l Limits, passwords: &'l Passwords) -> Self {
        Self {
            limits,
            passwords,
            spool: Arc::default(),
            entries: limits.entries,
            bytes: limits.total_of(collection),
        }
    }

    /// Opens the budget of a further collection that was handed in with this one: entries are counted anew, and what
    /// may be unpacked and kept is what is left for all of them.
    pub(super) fn open_next(&mut self) {
        self.entries = self.limits.entries;
        self.spool = Arc::new(self.spool.sharing_bound());
    }

    /// Takes an entry; tells whether it may still be listed.
    pub(super) fn take_entry(&mut self) -> bool {
        let is_left = self.entries > 0;
        self.take_entries(1);
        is_left
    }

    /// Takes entries that are listed already.
    pub(super) fn take_entries(&mut self, number: usize) {
        self.entries = self.entries.saturating_sub(number);
    }

    /// Returns how many more entries may be listed.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// Takes bytes that are to be unpacked; tells whether they still may be.
    pub(super) fn take_bytes(&mut self, bytes: u64) -> bool {
        let is_left = bytes <= self.bytes;
        if is_left {
            self.bytes = self.bytes.saturating_sub(bytes);
        }
        is_left
    }

    /// Returns how far a packed stream may grow, of which the size is not known.
    pub(super) fn room(&self, packed: u64) -> io::Result<u64> {
        let most = self.limits.growth(packed).min(self.limits.artifact_bytes).min(self.bytes);
        if most == 0 { Err(spent()) } else { Ok(most) }
    }
}

/// The error for what a collection unpacks to beyond its budget.
pub(super) fn spent() -> io::Error {
    too_large("the collection unpacks to more than the limit".to_owned())
}
