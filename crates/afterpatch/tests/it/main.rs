//! The program as a person runs it, on small collections made by code and on real evidence.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says on standard error what it measured"
)]

mod accounting;
mod bad_input;
mod cases;
mod command_line;
mod determinism;
mod evaluate;
mod generated;
mod killed;
mod layouts;
mod locales;
mod otrf;
mod parity;
mod place;
mod plans;
mod program;
mod sweep;
mod tidy;
mod timeline;
mod verify;
