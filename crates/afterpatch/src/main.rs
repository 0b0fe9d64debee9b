//! Afterpatch: six answers after a break-in wave through Microsoft Exchange.

mod args;
mod cli;
mod clock;
mod error;
mod exit;
mod memory;
mod out;
mod progress;
mod rows;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    memory::keep_pages_small();
    let args = args::Args::parse();
    let out = out::Out::open(&args.talk);
    let exit = cli::run(&args.command, &out).unwrap_or_else(|error| out.failure(&error));
    exit.into()
}
