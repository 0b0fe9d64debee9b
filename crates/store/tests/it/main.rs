//! What the store promises, seen from outside.

#![expect(clippy::unwrap_used, reason = "what a test cannot set up, it may die of")]

mod adding;
mod collected;
mod custody;
mod evidence;
mod outcome;
mod session;
mod workspace;
