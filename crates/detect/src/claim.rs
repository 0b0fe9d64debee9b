//! The claims that rules bear on: what a finding says, whatever rules found it.

use afterpatch_model::{Grade, Message, Phase, Question};
use serde::Deserialize;

/// What a finding claims.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its id, such as `proxylogon-ssrf`.
    pub id: String,
    /// The question that it bears on.
    pub question: Question,
    /// What one finding is about.
    pub subject: Subject,
    /// Which step of an intrusion it tells of, where a rule does not say; none where it is no step of one.
    #[serde(default)]
    pub phase: Option<Phase>,
    /// How much the use of its flaws leaves.
    #[serde(default)]
    pub traces: Traces,
    /// The flaws.
    #[serde(default)]
    pub cves: Vec<String>,
    /// The ATT&CK techniques.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// Whether a patched server only logs the attempt: what then looks like more is held at `attempted`.
    #[serde(default)]
    pub stopped_by_patch: bool,
    /// The claim in one line; `{server}` and `{subject}` are filled.
    pub title: Message,
    /// What it means.
    pub summary: Message,
    /// Title and meaning where nothing beyond the attempt was seen; none where the claim is no more than that.
    #[serde(default)]
    pub attempted: Option<Wording>,
}

/// A claim in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// The claim in one line; `{server}` and `{subject}` are filled.
    pub title: Message,
    /// What it means.
    pub summary: Message,
}

impl Claim {
    /// Returns title and meaning for a finding of that grade: an attempt is not told as a success.
    pub fn wording(&self, grade: Grade) -> (&Message, &Message) {
        match &self.attempted {
            Some(attempted) if grade == Grade::Attempted => (&attempted.title, &attempted.summary),
            _ => (&self.title, &self.summary),
        }
    }
}

/// How much the use of a flaw leaves in what servers keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traces {
    /// So little that its absence says little.
    Faint,
    /// Enough to be missed where it is not there.
    #[default]
    Plain,
}

/// What one finding of a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The server: one finding a server.
    Server,
    /// A file: one finding for each file name on a server, however the sources spell its path.
    File,
    /// Something that has a name, such as a task, a module or an account: one finding for each name on a server.
    Thing,
}

/// Tells whether a message lacks one of its languages.
pub(crate) fn is_incomplete(message: &Message) -> bool {
    message.en.trim().is_empty() || message.ja.trim().is_empty()
}
