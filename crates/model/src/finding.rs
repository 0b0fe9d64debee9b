//! A claim about a server, with what speaks for and against it.

use crate::answer::{Question, Reason};
use crate::detection::{Detection, Level};
use crate::evidence::Locator;
use crate::grade::Grade;
use crate::id::{FindingId, RuleId};
use crate::message::Message;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One row that proves a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Proof {
    /// When.
    pub time: Option<Timestamp>,
    /// The rule that picked it.
    pub rule: RuleId,
    /// How far it goes, seen alone.
    pub grade: Grade,
    /// The way back to its bytes.
    pub locator: Locator,
    /// The artifact's path in its collection, to be read by people.
    pub place: String,
    /// The fields that matched, or that a person needs to see.
    pub fields: BTreeMap<String, String>,
}

/// A claim about a server and a time.
///
/// Without a proof there is no finding: [`Finding::proofs`] is never empty, and `detect` makes none without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Derived from claim, server and subject.
    pub id: FindingId,
    /// The claim, as content names it, such as `proxylogon-ssrf`.
    pub claim: String,
    /// The question that it bears on.
    pub question: Question,
    /// The server.
    pub server: String,
    /// What it is about on that server; empty where it is about the server.
    pub subject: String,
    /// How far the intruder got.
    pub grade: Grade,
    /// How sure the claim is: medium for one trace, high for two of different kinds or one that has no other reading.
    pub confidence: Level,
    /// The claim in one line.
    pub title: Message,
    /// What was seen, and what it means.
    pub summary: Message,
    /// The flaws.
    pub cves: Vec<String>,
    /// The ATT&CK techniques.
    pub techniques: Vec<String>,
    /// The first time among its proofs.
    pub first: Option<Timestamp>,
    /// The last time among its proofs.
    pub last: Option<Timestamp>,
    /// What raised it to its grade, or held it down.
    pub reasons: Vec<Reason>,
    /// What would make it a false alarm.
    pub false_alarms: Message,
    /// The detections for it.
    pub detections: Vec<Detection>,
    /// The detections against it.
    pub against: Vec<Detection>,
    /// The rows that prove it, in order of time; never empty.
    pub proofs: Vec<Proof>,
}

impl Finding {
    /// Derives the id of the claim about that subject of that server.
    pub fn derive_id(claim: &str, server: &str, subject: &str) -> FindingId {
        FindingId::derive(&[claim, server, subject])
    }
}
