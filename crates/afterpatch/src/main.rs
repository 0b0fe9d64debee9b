//! Afterpatch: six answers after a break-in wave through Microsoft Exchange.

mod args;
mod cli;
mod clock;
mod error;
mod exit;
mod out;
mod progress;
mod rows;

use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Rows are made on threads that read and dropped on those that write: the system's allocator makes them wait for one
/// another there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let out = out::Out::open(&args.talk);
    let exit = cli::run(&args.command, &out).unwrap_or_else(|error| out.failure(&error));
    exit.into()
}
