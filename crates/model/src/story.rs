//! An intrusion told as one story: what one actor did on one server, step by step, and what of it is not seen.

use crate::evidence::Locator;
use crate::grade::Grade;
use crate::id::{FindingId, RuleId};
use crate::message::Message;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A step of an intrusion, in the order in which one builds on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// A flaw lets somebody in.
    Entry,
    /// The server does what he wants.
    Execution,
    /// Something is left by which he comes back.
    Foothold,
    /// He comes back and gives commands.
    Use,
    /// Passwords, mail or files are taken.
    Theft,
    /// Traces are removed.
    Cover,
}

impl Phase {
    /// All six, in order.
    pub const ALL: [Self; 6] =
        [Self::Entry, Self::Execution, Self::Foothold, Self::Use, Self::Theft, Self::Cover];

    /// Returns the phase's name as machine output and locale keys (`phase-NAME`) spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Execution => "execution",
            Self::Foothold => "foothold",
            Self::Use => "use",
            Self::Theft => "theft",
            Self::Cover => "cover",
        }
    }
}

/// What ties a step to the rest of its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TieKind {
    /// The address that asked.
    Address,
    /// The account that was used.
    Account,
    /// The session or request.
    Session,
    /// A file that several steps name.
    Artefact,
    /// Nothing but how soon it followed.
    Time,
}

impl TieKind {
    /// All five, in order.
    pub const ALL: [Self; 5] = [Self::Address, Self::Account, Self::Session, Self::Artefact, Self::Time];

    /// Returns the tie's name as machine output and locale keys (`tie-NAME`) spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Account => "account",
            Self::Session => "session",
            Self::Artefact => "artefact",
            Self::Time => "time",
        }
    }
}

/// One thing that a step has in common with another step of its story.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tie {
    /// Its kind.
    pub kind: TieKind,
    /// The address, account, session or file name; empty for time.
    pub value: String,
}

/// One line of a story: what one rule saw of one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryStep {
    /// The step of an intrusion that it is.
    pub phase: Phase,
    /// How far it goes.
    pub grade: Grade,
    /// When it was first seen; none where nothing dates it.
    pub first: Option<Timestamp>,
    /// When it was last seen.
    pub last: Option<Timestamp>,
    /// How many proofs of it are in the story.
    pub count: u64,
    /// What happened, in one line: the gravest of them, and of those the first.
    pub text: Message,
    /// The rule that saw it.
    pub rule: RuleId,
    /// The finding that it belongs to.
    pub finding: FindingId,
    /// What ties it to the other steps, in order; none where the story has but one.
    pub ties: Vec<Tie>,
    /// The way back to its bytes.
    pub locator: Locator,
    /// The artifact's path in its collection.
    pub place: String,
}

/// A phase of which a story shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingStep {
    /// The phase.
    pub phase: Phase,
    /// The kinds of evidence that would show it and are there for the time of the story: nothing of it is in them.
    pub silent: Vec<String>,
    /// The kinds of evidence that would show it and are not there.
    pub absent: Vec<String>,
}

/// What one actor did on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The server.
    pub server: String,
    /// How far the actor got.
    pub grade: Grade,
    /// When the first dated step was seen.
    pub first: Option<Timestamp>,
    /// When the last dated step was seen.
    pub last: Option<Timestamp>,
    /// The addresses from which the actor came, in order.
    pub addresses: Vec<String>,
    /// The accounts that the actor used, in order.
    pub accounts: Vec<String>,
    /// The steps, in order of time; undated ones stand where their phase does.
    pub steps: Vec<StoryStep>,
    /// How many further lines there would be.
    pub left_out: u64,
    /// The phases of which nothing is seen, in order.
    pub missing: Vec<MissingStep>,
}
