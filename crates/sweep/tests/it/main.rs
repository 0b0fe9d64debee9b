//! Sweeps of servers on this machine, that answer as each generation does, and as none should.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod estate;
mod mock;
mod pace;
