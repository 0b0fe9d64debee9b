//! A rule of any engine, as content or a user's folder gives it.

use crate::engines::sigma::SigmaBody;
use afterpatch_model::{Engine, Grade, Level, Message, Phase, RuleId, Weight};
use serde::{Deserialize, Serialize};

/// What every rule says of itself, whatever engine runs it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// Its id: an analytic's `id`, a Sigma rule's UUID, a YARA rule's name.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// Its level.
    pub level: Level,
    /// Its status: `stable`, `test`, `experimental` …
    pub status: String,
    /// Its tags, such as `attack.t1190`.
    pub tags: Vec<String>,
    /// Its author, who is named wherever a match is shown.
    pub author: String,
    /// Its licence; empty where it names none.
    pub license: String,
    /// Where it comes from.
    pub references: Vec<String>,
    /// What else could meet it.
    pub false_alarms: Vec<String>,
    /// The file it was read from.
    pub origin: String,
    /// Whether it is ours, and not from a user's folder.
    pub builtin: bool,
    /// How its matches bear on our claims; none for community rules.
    pub bearing: Option<Bearing>,
    /// What its engine runs.
    pub body: Body,
}

/// How the matches of a rule bear on claims.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bearing {
    /// The claims; a match counts for each.
    pub claims: Vec<String>,
    /// Which step of an intrusion a match tells of; none where its claims say.
    pub phase: Option<Phase>,
    /// For or against them.
    pub weight: Weight,
    /// How far a match goes, where its row does not say.
    pub grade: Grade,
    /// The locale key (without `reason-`) of the circumstance that a match shows, such as `scanner`.
    pub circumstance: Option<String>,
    /// Whether a match has no other reading, so that one kind of evidence suffices for a sure claim.
    pub certain: bool,
    /// What else could meet it, in both languages.
    pub false_alarms: Message,
    /// What happened, in one line for the timeline; `{column}` is filled from the row.
    pub message: Message,
}

/// What an engine runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Body {
    /// One `SELECT` over the fact tables. Columns `time`, `server`, `artifact`, `record` lead back to the facts;
    /// `subject` and `grade` are optional; the others are shown as fields.
    Sql(String),
    /// One Sigma rule, as far as it can be made ready before there are events.
    Sigma(SigmaBody),
    /// One YARA rule.
    Yara {
        /// Its name, as its source spells it.
        name: String,
        /// Source in which it stands last, behind what it needs.
        text: String,
    },
    /// Pages that are taken for that.
    Page(TakenFor),
}

/// What a page is taken for, by what it holds and by where it lies: one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakenFor {
    /// It gives whoever visits it control.
    Shell,
    /// It keeps the passwords that are typed in, or sends them away.
    PasswordCapture,
    /// A tool of dual use, or what might be one, where and when an intruder would have put it there.
    OutOfPlace,
    /// A tool of dual use.
    DualUse,
    /// Nothing of note, where any page of one's own is of note.
    Harmless,
}

impl Rule {
    /// Returns the engine that runs it.
    pub fn engine(&self) -> Engine {
        match self.body {
            Body::Sql(_) => Engine::Analytic,
            Body::Sigma(_) => Engine::Sigma,
            Body::Yara { .. } => Engine::Yara,
            Body::Page(_) => Engine::Pages,
        }
    }

    /// Returns the log source that a Sigma rule over single events is written for: `windows/process_creation`.
    pub fn log_source(&self) -> Option<String> {
        match &self.body {
            Body::Sigma(body) => body.log_source(),
            _ => None,
        }
    }
}
