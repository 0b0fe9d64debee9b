//! Pages as Exchange servers are left with, each with a twin that only looks like it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

mod compiled;
mod dumps;
mod fixtures;
mod generated;
mod headed;
mod logon;
mod razor;
mod together;
