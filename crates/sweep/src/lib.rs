//! Asks the addresses of one's own estate which build of Exchange they announce: one ordinary request each, without
//! credentials, and no flaw is touched.
//!
//! [`read_targets`] reads the list of addresses, [`SweepFile`] keeps what was answered so that nobody is asked twice,
//! and [`sweep`] asks, at one pace over all threads. What came is written down as it came, an [`Observation`](afterpatch_model::Observation) a line;
//! what it means is decided where the file is read, like any other evidence.
//!
//! The crate knows nothing of cases, facts or rules. It is the only one that opens a connection.

mod announced;
mod ask;
mod file;
mod pace;
mod targets;
mod threads;
mod tls;

pub use file::{FileError, SweepFile};
pub use pace::Clock;
pub use targets::{BadLine, BadTarget, Target, read_targets};
pub use threads::sweep;

use std::time::Duration;

/// How fast and how much is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Requests a second, over all addresses.
    pub per_second: u32,
    /// Addresses that are asked at the same time.
    pub at_once: usize,
    /// The time for each stage of a request: the name, the connection with TLS, the request, the head, the body.
    pub timeout: Duration,
    /// The largest part of a page that is read, in bytes.
    pub body_bytes: u64,
    /// Who says to be asking, so that whoever reads the server's log can tell.
    pub user_agent: String,
}
