//! How far an intruder got.

use serde::{Deserialize, Serialize};

/// How far an intruder got, as the evidence shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// The request was seen.
    #[default]
    Attempted,
    /// The back end answered.
    Reached,
    /// The server did what the intruder wanted.
    Executed,
    /// It is there at collection time.
    Persists,
}

impl Grade {
    /// Every grade, the least first.
    pub const ALL: [Self; 4] = [Self::Attempted, Self::Reached, Self::Executed, Self::Persists];

    /// Returns the grade's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attempted => "attempted",
            Self::Reached => "reached",
            Self::Executed => "executed",
            Self::Persists => "persists",
        }
    }
}
