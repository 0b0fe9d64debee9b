//! How the bytes of one artifact reach a parser.

use afterpatch_model::ProblemCode;
use std::fmt;
use std::io::{self, BufRead, Read, Seek};
use std::sync::Arc;

pub use crate::limits::Limits;

/// The bytes of one artifact: read forward, or from any place. Never written.
pub trait Evidence: BufRead + Seek + Send {}

impl<T: BufRead + Seek + Send> Evidence for T {}

/// The passwords that may open locked containers. They are never shown, and never kept in a case.
#[derive(Clone, Default)]
pub struct Passwords(Arc<[String]>);

impl Passwords {
    /// Takes passwords, to be tried in this order.
    pub fn new(passwords: impl IntoIterator<Item = String>) -> Self {
        Self(passwords.into_iter().collect())
    }

    /// Returns each password.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passwords", self.0.len())
    }
}

/// Returns the code of the problem that an error met while reading an artifact stands for.
pub fn problem_code(error: &io::Error) -> ProblemCode {
    match error.kind() {
        io::ErrorKind::FileTooLarge => ProblemCode::TooLarge,
        io::ErrorKind::UnexpectedEof => ProblemCode::Truncated,
        io::ErrorKind::InvalidData => ProblemCode::Damaged,
        _ => ProblemCode::Unreadable,
    }
}

/// Tells whether an error says that what came before it was read, and only the rest is lost.
pub(crate) fn is_partial(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
}

/// The error for evidence beyond a limit.
pub(crate) fn too_large(detail: String) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, detail)
}

/// Reads at most `most` bytes from the start of `input` and rewinds it.
pub(crate) fn head(input: &mut dyn Evidence, most: usize) -> io::Result<Vec<u8>> {
    input.rewind()?;
    let mut bytes = Vec::with_capacity(most);
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    let read = Read::take(&mut *input, limit).read_to_end(&mut bytes);
    input.rewind()?;
    match read {
        Err(error) if !is_partial(&error) => Err(error),
        _ => Ok(bytes),
    }
}
