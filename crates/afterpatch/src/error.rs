//! What went wrong, in the user's words, with hints. Errors of the libraries become a [`CommandError`] here only.

use afterpatch_store::StoreError;
use afterpatch_sweep::FileError;
use std::error::Error;
use std::io;

/// Whose doing an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// What was asked for cannot be done: a path that is not there, a case without a result.
    User,
    /// The command line makes no sense.
    Usage,
    /// Whoever read our output has gone away: no error at all.
    BrokenPipe,
}

/// An error that ends a command.
#[derive(Debug)]
pub(crate) struct CommandError {
    /// Whose doing it is.
    pub(crate) kind: ErrorKind,
    /// What went wrong.
    pub(crate) error: Box<dyn Error + Send + Sync>,
    /// What one can do about it.
    pub(crate) hints: Vec<String>,
}

impl CommandError {
    /// What was asked for cannot be done.
    pub(crate) fn user(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: ErrorKind::User, error: error.into(), hints: Vec::new() }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: ErrorKind::Usage, ..Self::user(error) }
    }

    /// Adds what one can do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the error and everything behind it, one line each; a cause that the line before already says is left out.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.error.to_string()];
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let line = error.to_string();
            if !lines.iter().any(|said| said.contains(&line)) {
                lines.push(line);
            }
            cause = error.source();
        }
        lines
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
            _ => ErrorKind::User,
        };
        Self { kind, ..Self::user(error) }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::InsideEvidence { .. } => {
                Self::usage(error).hint("evidence is only read: choose a folder elsewhere")
            }
            StoreError::NoCase(_) => {
                Self::user(error).hint("a case is made by `afterpatch investigate COLLECTION… --case DIR`")
            }
            StoreError::Busy(_) => {
                Self::user(error).hint("wait until it has ended, or choose another --case folder")
            }
            _ => Self::user(error),
        }
    }
}

impl From<FileError> for CommandError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Busy(_) => {
                Self::user(error).hint("wait until it has ended, or choose another --case folder")
            }
            FileError::Io { .. } => Self::user(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pipe_is_told_from_a_failure() {
        let of = |kind| CommandError::from(io::Error::from(kind)).kind;
        assert_eq!(of(io::ErrorKind::BrokenPipe), ErrorKind::BrokenPipe);
        assert_eq!(of(io::ErrorKind::PermissionDenied), ErrorKind::User);
    }

    #[test]
    fn a_cause_is_said_once() {
        let inner = io::Error::other("disk on fire");
        let error = CommandError::from(io::Error::other(inner)).hint("call somebody");
        assert_eq!(error.lines(), ["disk on fire"]);
        assert_eq!(error.hints, ["call somebody"]);
    }
}
