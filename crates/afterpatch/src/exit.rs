//! Every exit code, in this one place. Finding something is not a failure.

use std::process::ExitCode;

/// How a run of the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Done = 0,
    /// Nothing useful could be done.
    Failed = 1,
    /// The command line makes no sense; clap uses the same number.
    WrongUse = 2,
    /// Everything was done, but some evidence could not be read. Single records that were lost are counted in
    /// the report and do not change the code: nearly every log of a busy server ends in a cut line.
    PartlyRead = 3,
    /// There are findings at or above `--fail-on`. It outranks [`Exit::PartlyRead`], because it was asked for.
    Findings = 10,
    /// `verify`: a step of the plan is not done, a server not patched or not cleaned, or something new was found.
    NotAllDone = 11,
    /// `verify`: nothing is known to be left undone, but the later case cannot tell of every step.
    CannotTell = 12,
}

/// What `--help` says about the codes.
pub(crate) const HELP: &str = "Exit codes:
  0   done
  1   failed
  2   wrong use
  3   done, but some evidence could not be read
  10  findings at or above --fail-on (only when asked)
  11  verify: a step is not done, a server not patched or not cleaned, or something new was found
  12  verify: nothing is known to be undone, but the evidence cannot tell of every step";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_code() {
        for exit in [
            Exit::Done,
            Exit::Failed,
            Exit::WrongUse,
            Exit::PartlyRead,
            Exit::Findings,
            Exit::NotAllDone,
            Exit::CannotTell,
        ] {
            assert!(HELP.contains(&format!("\n  {} ", exit as u8)), "{exit:?}");
        }
    }
}
