//! What became of a plan: two cases of the same servers, compared.

use crate::action::{ActionKind, Check};
use crate::answer::{Gap, Question, Reason};
use crate::coverage::Coverage;
use crate::evidence::Locator;
use crate::grade::Grade;
use crate::id::FindingId;
use crate::message::Message;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The name and version of the shape of [`VerifyResult`]. The number changes when a field is renamed, removed or changes
/// its meaning.
pub const VERIFY_SCHEMA: &str = "afterpatch.verify/1";

/// Whether something was done; the order is from good to bad.
///
/// Nothing is [`Done`](Self::Done) because evidence is missing: where the later case does not reach, it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completion {
    /// The later case shows it.
    Done,
    /// The later case does not reach far enough.
    CannotTell,
    /// The later case shows that it was not, or not wholly.
    NotDone,
}

impl Completion {
    /// All of them, from good to bad.
    pub const ALL: [Self; 3] = [Self::Done, Self::CannotTell, Self::NotDone];

    /// Returns the name as machine output and locale keys (`completion-NAME`) spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::CannotTell => "cannot-tell",
            Self::NotDone => "not-done",
        }
    }

    /// Returns the worst of several; none of none.
    pub fn worst(of: impl IntoIterator<Item = Self>) -> Option<Self> {
        of.into_iter().max()
    }
}

/// What became of a finding; the order is from bad to good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Only the later case makes it.
    New,
    /// Something of it is there still, or it went on.
    Remains,
    /// The later case does not reach far enough.
    CannotTell,
    /// The later case reaches far enough, and shows nothing of it that is left or that happened since.
    Over,
}

impl Fate {
    /// All of them, from bad to good.
    pub const ALL: [Self; 4] = [Self::New, Self::Remains, Self::CannotTell, Self::Over];

    /// Returns the name as machine output and locale keys (`fate-NAME`) spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Remains => "remains",
            Self::CannotTell => "cannot-tell",
            Self::Over => "over",
        }
    }
}

/// What became of the plan of one case, by a later case of the same servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyResult {
    /// Always [`VERIFY_SCHEMA`].
    pub schema: String,
    /// The program's version.
    pub version: String,
    /// The case whose plan it is.
    pub before: ComparedCase,
    /// The later case.
    pub after: ComparedCase,
    /// All in all: not done where any step is not, a server is not patched or not cleaned, or something new was found;
    /// steps that only a person's own records can show are left out.
    pub completion: Completion,
    /// Every server of either case, in order of name.
    pub servers: Vec<ServerComparison>,
    /// Every step of the plan, in its order.
    pub actions: Vec<ActionOutcome>,
    /// Every finding of either case: new ones first, then those of which something remains.
    pub findings: Vec<FindingOutcome>,
    /// What one should know before trusting the comparison.
    pub cautions: Vec<Reason>,
}

/// One of the two cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedCase {
    /// The organisation's name, where one was given.
    pub organisation: Option<String>,
    /// The version of the program that judged it.
    pub version: String,
    /// SHA-256 over all content in force when it was judged.
    pub content: String,
    /// The end of its evidence, over all servers; none where no evidence has a date.
    pub until: Option<Timestamp>,
}

/// How one server fared between the two cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerComparison {
    /// The server.
    pub name: String,
    /// Whether the earlier case has it.
    pub in_before: bool,
    /// Whether the later case has it.
    pub in_after: bool,
    /// The end of its evidence in the earlier case: what came later is new.
    pub from: Option<Timestamp>,
    /// The end of its evidence in the later case.
    pub until: Option<Timestamp>,
    /// Whether the flaws that were open are closed; none where none was open.
    pub patched: Option<Completion>,
    /// Whether what was left behind is gone; none where nothing was.
    pub cleaned: Option<Completion>,
    /// The findings that only the later case makes.
    pub new_findings: u64,
    /// What that comes to, in words.
    pub reasons: Vec<Reason>,
}

/// Whether a step of the plan was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionOutcome {
    /// [`Action::key`](crate::Action::key).
    pub key: String,
    /// [`Action::id`](crate::Action::id).
    pub id: String,
    /// Its kind.
    pub kind: ActionKind,
    /// Its title.
    pub title: Message,
    /// The worst of its checks that count; of all where none does.
    pub completion: Completion,
    /// Whether none of its checks counts, so that only a person's own records can show it: such a step does not count in
    /// [`VerifyResult::completion`].
    pub by_hand: bool,
    /// Each check on each server.
    pub checks: Vec<CheckOutcome>,
}

/// What one check came to on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOutcome {
    /// The check.
    pub check: Check,
    /// The server; none where it is about the organisation.
    pub server: Option<String>,
    /// What the step is about on that server.
    pub subject: Option<String>,
    /// What it came to.
    pub completion: Completion,
    /// Whether it counts in the step's completion. What only a person's own records can show does not, nor what nobody
    /// could have done yet when the later evidence ended.
    pub counts: bool,
    /// Why.
    pub grounds: Grounds,
    /// What the plan of the later case says of the same step on the same server, where more has come out since; empty
    /// where nothing has.
    pub since: Message,
}

/// What something rests on in the later case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
    /// The facts that show it.
    pub proofs: Vec<Sighting>,
    /// The evidence by which absence counts.
    pub covered: Vec<Coverage>,
    /// The evidence that is missing.
    pub missing: Vec<Gap>,
}

/// A fact of the later case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sighting {
    /// When, as far as the fact says.
    pub time: Option<Timestamp>,
    /// What was seen: a path, a build, a value, a rule's title.
    pub what: String,
    /// The way back to its bytes.
    pub locator: Locator,
    /// The artifact's path in its collection, to be read by people.
    pub place: String,
}

/// What became of one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingOutcome {
    /// The finding.
    pub finding: FindingId,
    /// Its claim.
    pub claim: String,
    /// The question that it bears on.
    pub question: Question,
    /// Its server.
    pub server: String,
    /// What it is about on that server; may be empty.
    pub subject: String,
    /// Its title, as the earlier case words it where that makes it.
    pub title: Message,
    /// Its grade in the earlier case; none where that does not make it.
    pub before: Option<Grade>,
    /// Its grade in the later case; none where that does not make it.
    pub after: Option<Grade>,
    /// What became of it.
    pub fate: Fate,
    /// Why: among it, what is left of it.
    pub grounds: Grounds,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts() {
        use Completion::{CannotTell, Done, NotDone};
        assert_eq!(Completion::worst([Done, NotDone, CannotTell]), Some(NotDone));
        assert_eq!(Completion::worst([Done, CannotTell]), Some(CannotTell));
        assert_eq!(Completion::worst([Done]), Some(Done));
        assert_eq!(Completion::worst([]), None);
    }
}
