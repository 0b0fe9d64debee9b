//! What the ingest crate promises, seen from outside.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what fails in a test is to fail the test, and a test that is skipped says so"
)]

mod collections;
mod collectors;
mod configuration;
mod containers;
mod events;
mod evtx_writer;
mod exchange_logs;
mod host;
mod http_proxy;
mod iis;
mod images;
mod mft;
mod ntfs;
mod pe_version;
mod properties;
mod read;
mod registry;
mod reports;
mod roundtrip;
mod security_descriptors;
mod setup_log;
mod support;
mod sweep;
mod text_logs;
mod usn_journal;
mod zeek;
