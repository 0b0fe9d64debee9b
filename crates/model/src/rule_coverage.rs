//! What rules by log source had to look at, so that "no match" is not taken for "looked at".

use crate::RuleId;
use serde::{Deserialize, Serialize};

/// What rules by log source had to look at, and which had nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCoverage {
    /// The log sources that rules are written for, in order of name.
    pub sources: Vec<SourceCoverage>,
    /// The channels of the facts, in order of table and name.
    pub channels: Vec<ChannelCoverage>,
    /// Rules that could not be met though facts of their log source occur, in order of id.
    pub gaps: Vec<RuleGap>,
}

/// A log source that rules are written for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCoverage {
    /// What the rules call it: `windows/process_creation`.
    pub source: String,
    /// How many rules are written for it.
    pub rules: u64,
    /// How many facts belong to it; with none, its rules had nothing to look at.
    pub facts: u64,
}

/// The facts of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCoverage {
    /// The fact table.
    pub table: String,
    /// The channel of an event log, or the kind of log.
    pub channel: String,
    /// How many facts there are.
    pub facts: u64,
    /// Whether any rule is meant for some of them.
    pub has_rules: bool,
}

/// A rule that could not be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleGap {
    /// The rule.
    pub rule: RuleId,
    /// Its title.
    pub title: String,
    /// The log source that it is written for.
    pub source: String,
    /// Why.
    pub reason: GapReason,
}

/// Why a rule could not be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum GapReason {
    /// Fields that it asks for occur in no fact of its log source.
    NoSuchField {
        /// The fields that it names and that never occur.
        fields: Vec<String>,
    },
    /// Its engine refused it.
    DidNotCompile {
        /// What the engine says.
        reason: String,
    },
}

impl RuleCoverage {
    /// Adds what other rules had to look at.
    pub fn extend(&mut self, other: Self) {
        self.sources.extend(other.sources);
        self.channels.extend(other.channels);
        self.gaps.extend(other.gaps);
    }
}
