//! `completions`: what a shell needs to complete our command line.

use super::Outcome;
use crate::args::Completions;
use crate::exit::Exit;
use crate::out::Out;

/// Prints the completions of a shell.
pub(super) fn run(args: &Completions, command: &mut clap::Command, out: &Out) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "afterpatch", &mut script);
    out.data(|to| Ok(to.write_all(&script)?))?;
    Ok(Exit::Done)
}
