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
///
/// Each is that whose name has the second end where the artifact's has the first, in whatever case: nothing and `.LOG1`
/// beside `SOFTWARE` is `SOFTWARE.LOG1`.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    has: &'a dyn Fn(&str, &str) -> bool,
    open: &'a Opener<'a>,
}

type Opener<'a> = dyn Fn(&str, &str) -> Option<Box<dyn Evidence>> + 'a;

impl<'a> Beside<'a> {
    /// Takes what tells whether there is such a file, and what opens it; nothing where that cannot be done.
    pub fn new(has: &'a dyn Fn(&str, &str) -> bool, open: &'a Opener<'a>) -> Self {
        Self { has, open }
    }

    /// Opens the file whose name has this end beyond the artifact's.
    pub(crate) fn open_behind(&self, end: &str) -> Option<Box<dyn Evidence>> {
        (self.open)("", end)
    }

    /// Tells whether there is a file whose name is the artifact's without this end. It is not opened: that may be to
    /// unpack it.
    pub(crate) fn has_before(&self, end: &str) -> bool {
        (self.has)(end, "")
    }
}

impl fmt::Debug for Beside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beside")
    }
}
