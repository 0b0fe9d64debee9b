//! What a parser may have besides the bytes of its artifact.

use crate::input::Evidence;
use crate::pieces::Helpers;
use std::fmt;

/// What helps to read an artifact.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aid<'a> {
    /// Threads that may read pieces of it; the rows do not depend on them.
    pub helpers: Option<&'a Helpers<'a>>,
    /// The files that lie beside it.
    pub beside: Option<Beside<'a>>,
}

/// The files that lie beside an artifact and belong to it, by their names.
#[derive(Clone, Copy)]
pub struct Beside<'a>(&'a Opener<'a>);

/// Opens the file whose name has the second end where the artifact's has the first, in whatever case: nothing and
/// `.LOG1` beside `SOFTWARE` is `SOFTWARE.LOG1`.
type Opener<'a> = dyn Fn(&str, &str) -> Option<Box<dyn Evidence>> + 'a;

impl<'a> Beside<'a> {
    /// Takes what opens them; nothing where there is no such file, or it cannot be opened.
    pub fn new(open: &'a Opener<'a>) -> Self {
        Self(open)
    }

    /// Opens the file whose name has this end beyond the artifact's.
    pub(crate) fn behind(&self, end: &str) -> Option<Box<dyn Evidence>> {
        (self.0)("", end)
    }

    /// Opens the file whose name is the artifact's without this end.
    pub(crate) fn before(&self, end: &str) -> Option<Box<dyn Evidence>> {
        (self.0)(end, "")
    }
}

impl fmt::Debug for Beside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beside")
    }
}
