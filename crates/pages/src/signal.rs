//! What speaks for a page being a shell, each with what a person can check.

/// One thing that was seen in a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// Which one: a row of the table of signals.
    pub code: &'static str,
    /// The line on which it ends: of a flow, its sink. From 1.
    pub line: u32,
    /// The way from what the visitor controls to what gives control; of what is no flow, the one place.
    pub path: Vec<Step>,
}

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The line of the page, from 1.
    pub line: u32,
    /// What stands there: `Request.Form`, `x = …`, `Process.Start`. Text from evidence: hostile.
    pub what: String,
}
