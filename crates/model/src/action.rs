//! One step of the plan.

use crate::id::FindingId;
use crate::message::Message;
use serde::{Deserialize, Serialize};

/// What kind of step it is, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// Keep evidence before it is gone.
    Preserve,
    /// Stop what goes on.
    Contain,
    /// Close the flaw.
    Patch,
    /// Remove what was left behind.
    Evict,
    /// Make what was taken worthless.
    Rotate,
    /// Tell whom it must be told.
    Report,
    /// Look where nobody has looked yet.
    Investigate,
    /// Keep watch.
    Watch,
}

impl ActionKind {
    /// Returns the kind's name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preserve => "preserve",
            Self::Contain => "contain",
            Self::Patch => "patch",
            Self::Evict => "evict",
            Self::Rotate => "rotate",
            Self::Report => "report",
            Self::Investigate => "investigate",
            Self::Watch => "watch",
        }
    }
}

/// One step of the plan: no step without a finding or a gap behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The step, as content names it.
    pub id: String,
    /// Its kind; steps stand in the order of their kinds.
    pub kind: ActionKind,
    /// The servers that it is to be done on.
    pub servers: Vec<String>,
    /// What is to be done.
    pub what: Message,
    /// How afterpatch will know that it is done.
    pub verify: Message,
    /// Whether it changes anything on the server.
    pub changes_things: bool,
    /// The findings behind it.
    pub findings: Vec<FindingId>,
    /// Whether missing evidence is behind it.
    pub because_of_gaps: bool,
}
