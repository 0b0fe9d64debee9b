//! A rule met some facts.

use crate::answer::Reason;
use crate::evidence::Locator;
use crate::grade::Grade;
use crate::id::{ArtifactId, RuleId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The engine that ran a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// SQL over the fact tables.
    Analytic,
    /// Sigma, over events and requests.
    Sigma,
    /// YARA-X, over the bytes of files.
    Yara,
    /// Judgement of pages that the web server would run.
    Pages,
}

impl Engine {
    /// Returns the engine's name as the command line and the reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Analytic => "analytic",
            Self::Sigma => "sigma",
            Self::Yara => "yara",
            Self::Pages => "pages",
        }
    }
}

/// How grave a rule's author takes a match to be; Sigma's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    #[default]
    Informational,
    /// Seldom of note.
    Low,
    /// Of note.
    Medium,
    /// To be looked at.
    High,
    /// To be looked at now.
    Critical,
}

impl Level {
    /// Every level, the least first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Returns Sigma's word for the level.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Which way a detection weighs on its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It speaks for the claim.
    #[default]
    For,
    /// It speaks against it: a scanner, a blocked request, a server that was patched by then.
    Against,
}

/// A rule met some facts of one server (and one subject, where the rule names one).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection {
    /// The rule.
    pub rule: RuleId,
    /// The engine that ran it.
    pub engine: Engine,
    /// The rule's title.
    pub title: String,
    /// The rule's author, who is named wherever the match is shown.
    pub author: String,
    /// The rule's licence.
    pub license: String,
    /// Where the rule comes from, where it says so.
    pub reference: Option<String>,
    /// The rule's level.
    pub level: Level,
    /// The rule's tags, such as `attack.t1505.003`.
    pub tags: Vec<String>,
    /// The claim that it bears on; a community rule bears on none of ours.
    pub claim: Option<String>,
    /// For or against the claim.
    pub weight: Weight,
    /// How far it goes, seen alone.
    pub grade: Grade,
    /// The server.
    pub server: String,
    /// What it is about on that server, such as a file's path; empty where it is about the server.
    pub subject: String,
    /// The first time among the facts.
    pub first: Option<Timestamp>,
    /// The last time among the facts.
    pub last: Option<Timestamp>,
    /// How many facts met the rule.
    pub facts: u64,
    /// How many of them came from each artifact.
    #[serde(default)]
    pub artifacts: BTreeMap<ArtifactId, u64>,
    /// The first of them, at most [`Detection::SAMPLES`], in order of time.
    pub samples: Vec<Sample>,
}

/// One fact that met a rule, with the fields that show why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub time: Option<Timestamp>,
    /// The way back to its bytes.
    pub locator: Locator,
    /// The fields that matched, or that a person needs to see.
    pub fields: BTreeMap<String, String>,
    /// Why the engine takes it for what the rule names, where it judged: what weighs most stands first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

impl Detection {
    /// Facts that a detection keeps one by one.
    pub const SAMPLES: usize = 8;
}
