//! What every scenario must be: repeatable, small, in order, made up, and true.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

mod cases;
mod ground_rules;
mod layouts;
mod pairs;
mod traces;
mod written;
