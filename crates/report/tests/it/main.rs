//! Everything that a report may be made of, and everything that must not come out of it.
#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

mod cacao;
mod exports;
mod page;
mod plan;
mod sample;
mod stories;
mod terminal;
