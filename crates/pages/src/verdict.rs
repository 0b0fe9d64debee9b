//! What a page is taken for, and how surely.

use crate::signal::Signal;

/// What a page is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Of use to administrators and intruders alike: a console for a database, a manager of files.
    DualUse,
    /// A web shell: whoever visits it gets control.
    Shell,
}

/// A verdict with what it rests upon.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What the page is taken for; none for a page like others.
    pub verdict: Option<Verdict>,
    /// How likely it is a shell, from 0 to 1.
    pub shell: f64,
    /// How likely it is of dual use, from 0 to 1.
    pub dual_use: f64,
    /// What speaks for it.
    pub signals: Vec<Signal>,
}
