//! The six questions and their answers.

use crate::id::FindingId;
use crate::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The six questions, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Which flaws were open, from when until when?
    Exposed,
    /// Did somebody use one?
    BrokenInto,
    /// Is something there that a patch does not remove?
    StillInside,
    /// What was taken?
    WhatLeft,
    /// Who did it?
    WhoseHand,
    /// What is to be done?
    WhatNow,
}

impl Question {
    /// All six, in order.
    pub const ALL: [Self; 6] =
        [Self::Exposed, Self::BrokenInto, Self::StillInside, Self::WhatLeft, Self::WhoseHand, Self::WhatNow];

    /// Returns the question's number, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|question| *question == self).map_or(0, |place| place + 1)
    }

    /// Returns the question's name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::BrokenInto => "broken-into",
            Self::StillInside => "still-inside",
            Self::WhatLeft => "what-left",
            Self::WhoseHand => "whose-hand",
            Self::WhatNow => "what-now",
        }
    }
}

/// What we answer; never stronger than the coverage allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The coverage suffices, and nothing is there.
    NoTrace,
    /// The evidence does not reach far enough.
    CannotTell,
    /// It was tried, and the coverage shows no success.
    AttemptedOnly,
    /// It points that way, short of proof.
    Likely,
    /// Yes.
    Yes,
}

impl Verdict {
    /// Returns the verdict's name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoTrace => "no-trace",
            Self::CannotTell => "cannot-tell",
            Self::AttemptedOnly => "attempted-only",
            Self::Likely => "likely",
            Self::Yes => "yes",
        }
    }
}

/// A sentence about an answer or a finding: the locale key `reason-KEY` and what fills it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// The key in the locale files, without `reason-`.
    pub key: String,
    /// What fills the sentence, by name.
    pub args: BTreeMap<String, String>,
}

impl Reason {
    /// Makes a reason from its key and what fills it.
    pub fn new(key: &str, args: &[(&str, &str)]) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { key: key.to_owned(), args }
    }
}

/// Evidence that is missing, and that would settle an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The server.
    pub server: String,
    /// The kind of artifact that is missing: the parser's name.
    pub source: String,
    /// The folder on the server where it lies, or would lie.
    pub folder: String,
    /// The dates that are missing; none where the kind has no dates, such as the served folders.
    pub span: Option<Span>,
    /// What it would show: the locale key `gap-KEY`.
    pub would_show: String,
}

/// An answer to one question, for one server or for the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// The server; none for the organisation.
    pub server: Option<String>,
    /// What we answer.
    pub verdict: Verdict,
    /// Why, in order of weight; the first says the answer in one sentence.
    pub reasons: Vec<Reason>,
    /// The findings for it.
    pub findings: Vec<FindingId>,
    /// What speaks against it.
    pub against: Vec<Reason>,
    /// The evidence that is missing.
    pub missing: Vec<Gap>,
}

impl Answer {
    /// Returns the answer of a server about which nothing is known yet: it cannot tell.
    pub fn plain(question: Question, server: &str) -> Self {
        Self {
            question,
            server: Some(server.to_owned()),
            verdict: Verdict::CannotTell,
            reasons: Vec::new(),
            findings: Vec::new(),
            against: Vec::new(),
            missing: Vec::new(),
        }
    }
}
