//! Two cases of the same servers: a scenario, and what was collected again after somebody had worked on it.

mod table;

use crate::scenario::Scenario;
use afterpatch_model::{Completion, Fate};

pub use table::PAIRS;

/// A scenario, what came after it, and what is true of the work between them.
#[derive(Debug)]
pub struct Pair {
    /// Its name.
    pub name: &'static str,
    /// The scenario before the work.
    pub before: &'static str,
    /// What was collected afterwards; [`Scenario::doc`] says what had been done.
    pub after: Scenario,
    /// Whether the flaws were closed.
    pub patched: Completion,
    /// Whether what was left behind was removed.
    pub cleaned: Completion,
    /// The steps that are left, and how each stands: of the others, every one that evidence can show is done.
    pub steps: &'static [(&'static str, Completion)],
    /// What became of each claim of the earlier case, and the claims that are new.
    pub fates: &'static [(&'static str, Fate)],
}

impl Pair {
    /// Returns the pair of that name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        PAIRS.iter().find(|pair| pair.name == name)
    }
}
