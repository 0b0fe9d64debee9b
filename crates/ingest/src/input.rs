//! How the bytes of one artifact reach a parser.

use std::io::{BufRead, Seek};

/// The bytes of one artifact: read forward, or from any place. Never written.
pub trait Evidence: BufRead + Seek + Send {}

impl<T: BufRead + Seek + Send> Evidence for T {}

/// Bounds on what hostile evidence can make us hold or do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files up to this size are held in memory while they are read; larger ones inside a container are spooled.
    pub memory_bytes: u64,
    /// The largest file that is read at all.
    pub artifact_bytes: u64,
    /// The longest line of a text log.
    pub line_bytes: usize,
    /// How many times larger than its packed form a container's entry may grow.
    pub ratio: u64,
    /// The most entries in one container.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            artifact_bytes: 64 << 30,
            line_bytes: 1 << 20,
            ratio: 2_000,
            entries: 5_000_000,
        }
    }
}
