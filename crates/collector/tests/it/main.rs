//! What the collectors' definitions collect, read back from the definitions.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails in a test is to fail the test")]

mod kape;
mod pictures;
mod powershell;
mod support;
mod velociraptor;
