//! The one result of an investigation; every report format is a function of it.

use crate::action::{Action, Turn};
use crate::answer::{Answer, Question};
use crate::build::Build;
use crate::case::Server;
use crate::coverage::Coverage;
use crate::detection::{Engine, Level};
use crate::evidence::Locator;
use crate::exposure::{Exposure, RoleSighting};
use crate::finding::Finding;
use crate::grade::Grade;
use crate::id::{FindingId, RuleId};
use crate::message::Message;
use crate::problem::Problem;
use crate::row::Tally;
use crate::rule_coverage::RuleCoverage;
use crate::story::Story;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name and version of the result's shape. The number changes when a field is renamed, removed or changes its meaning.
pub const RESULT_SCHEMA: &str = "afterpatch.result/2";

/// All that an investigation found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// Always [`RESULT_SCHEMA`].
    pub schema: String,
    /// The program's version.
    pub version: String,
    /// SHA-256 over all content (rules, knowledge) in force.
    pub content: String,
    /// The organisation's name, where one was given.
    pub organisation: Option<String>,
    /// The organisation's six answers.
    pub answers: Vec<Answer>,
    /// What is known of each server, in order of name.
    pub servers: Vec<ServerResult>,
    /// The findings, gravest first.
    pub findings: Vec<Finding>,
    /// Matches of community rules that bear on none of our claims, by rule.
    pub rules: Vec<RuleUse>,
    /// What rules by log source had to look at, and which had nothing.
    #[serde(default)]
    pub rule_coverage: RuleCoverage,
    /// The plan, in order.
    pub plan: Vec<Action>,
    /// The servers, in the order in which each step of the plan treats them.
    #[serde(default)]
    pub turns: Vec<Turn>,
    /// What each intruder did, by server and by its beginning.
    #[serde(default)]
    pub stories: Vec<Story>,
    /// What happened, in order of time.
    pub timeline: Vec<TimelineEntry>,
    /// What the evidence covers.
    pub coverage: Vec<Coverage>,
    /// How much was read.
    pub counts: Counts,
    /// Problems by code, the first of each shown.
    pub problems: BTreeMap<String, (u64, Vec<Problem>)>,
    /// Every artifact with its hash.
    pub artifacts: Vec<ArtifactLine>,
}

/// What is known of one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerResult {
    /// Whom it is about.
    pub server: Server,
    /// Its six answers.
    pub answers: Vec<Answer>,
    /// The builds seen on it, each with its first and last sighting, in order of time.
    pub builds: Vec<(Build, Option<Timestamp>, Option<Timestamp>)>,
    /// What it is to its organisation.
    pub role: RoleSighting,
    /// The flaws that were open in it, or may have been, in order of their numbers.
    pub exposure: Vec<Exposure>,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When.
    pub time: Timestamp,
    /// The server.
    pub server: String,
    /// The question that it bears on.
    pub question: Question,
    /// How far it goes, seen alone.
    pub grade: Grade,
    /// The rule that picked it.
    pub rule: RuleId,
    /// What happened, in one line.
    pub text: Message,
    /// The finding that it belongs to.
    pub finding: FindingId,
    /// The way back to its bytes.
    pub locator: Locator,
    /// The artifact's path in its collection.
    pub place: String,
    /// The fields that matched.
    pub fields: BTreeMap<String, String>,
}

/// How a rule that bears on none of our claims fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleUse {
    /// The rule.
    pub rule: RuleId,
    /// The engine.
    pub engine: Engine,
    /// Its title.
    pub title: String,
    /// Its author.
    pub author: String,
    /// Its licence.
    pub license: String,
    /// Its level.
    pub level: Level,
    /// Where it comes from.
    pub reference: Option<String>,
    /// How many facts it met, by server.
    pub servers: BTreeMap<String, u64>,
    /// The first time.
    pub first: Option<Timestamp>,
    /// The last time.
    pub last: Option<Timestamp>,
}

/// How much was read. `facts + lost = records`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Collections handed in.
    pub collections: u64,
    /// Files in them.
    pub artifacts: u64,
    /// Bytes of evidence.
    pub bytes: u64,
    /// Records that the parsers met.
    pub records: u64,
    /// Records that became a fact.
    pub facts: u64,
    /// Records that became a problem.
    pub lost: u64,
    /// Rows derived from facts.
    pub derived: u64,
    /// Problems of any kind.
    pub problems: u64,
}

impl Counts {
    /// Adds what became of one artifact's records.
    pub fn add(&mut self, tally: &Tally) {
        self.records += tally.records;
        self.facts += tally.facts;
        self.lost += tally.lost;
        self.derived += tally.derived;
    }
}

/// One artifact in the report's list of hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactLine {
    /// Its path in the collection.
    pub place: String,
    /// Its original path.
    pub path: String,
    /// The server.
    pub server: Option<String>,
    /// Its size.
    pub size_bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// The parser that read it; none where no parser fits.
    pub parser: Option<String>,
    /// What became of its records.
    pub tally: Tally,
}
