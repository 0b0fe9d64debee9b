//! What is known of one flaw on one server: from when until when it was open, and what it still needs.

use crate::answer::Reason;
use crate::build::Build;
use crate::evidence::Locator;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// What is known of one flaw on one server that ever had it open, or may have had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// The server.
    pub server: String,
    /// The flaw.
    pub cve: String,
    /// The name by which people know it, such as `ProxyLogon`, where it has one.
    pub family: Option<String>,
    /// The update that fixes it, such as `Mar21SU`; empty where none does.
    pub release: String,
    /// The builds of the server's last cumulative update that fix it; empty where none was published for that one.
    pub fixed_by: Vec<Build>,
    /// How it stood at the server's last sighting.
    pub state: FlawState,
    /// From when on anybody is known to have known of it: its first known use or the day of the update that fixes it,
    /// whichever came first. None where neither date is published.
    pub known_from: Option<Timestamp>,
    /// When it is known to have been used anywhere; none where no use is known.
    pub exploited: Option<Exploitation>,
    /// Every span in which it was open, in order of time; see [`ExposureWindow::open_by`] for how sure that is.
    pub windows: Vec<ExposureWindow>,
    /// What it needs beside the build; empty for most flaws.
    pub needs: Vec<Need>,
    /// What made it harder to use meanwhile. A mitigation never ends a window.
    pub mitigations: Vec<Mitigation>,
    /// Where the windows and the known use overlap: the time in which questions 2 to 4 have to look. A window that is
    /// open has no end of its own; its part here ends with the last sighting or with the known use.
    pub to_cover: Vec<Span>,
    /// What is assumed or unsure.
    pub reasons: Vec<Reason>,
}

impl Exposure {
    /// Tells whether it was open at the last sighting, or may have been.
    pub fn is_open(&self) -> bool {
        matches!(self.state, FlawState::Open | FlawState::NeedsMore | FlawState::MaybeOpen)
    }

    /// Tells whether the flaw came out only after the server's last sighting in a window.
    pub fn came_out_later(&self) -> bool {
        let seen_open = self.windows.iter().filter_map(|window| window.last_open).max();
        self.to_cover.is_empty()
            && matches!((self.known_from, seen_open), (Some(known), Some(seen)) if known > seen)
    }
}

/// How a flaw stands on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlawState {
    /// Neither this product nor this build ever had it.
    NotAffected,
    /// The build fixes it, and what it needs beside that is met.
    Fixed,
    /// The build or something that it needs beside the build is not known well enough.
    MaybeOpen,
    /// The build fixes it, but something that it needs beside the build is not met.
    NeedsMore,
    /// The build has it.
    Open,
}

impl FlawState {
    /// Returns the state's name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAffected => "not-affected",
            Self::Fixed => "fixed",
            Self::MaybeOpen => "maybe-open",
            Self::NeedsMore => "needs-more",
            Self::Open => "open",
        }
    }
}

/// A span in which a flaw was open on a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureWindow {
    /// What held it open.
    pub open_by: OpenBy,
    /// The build that shows it open, the last where several did. For [`OpenBy::Before`], the fixed one that was seen first.
    pub build: Build,
    /// The first sighting that shows it open; none where nothing seen says when it began.
    pub from: Option<Timestamp>,
    /// Whether nothing was seen before `from`, so that it may have been open earlier too.
    pub since_before: bool,
    /// The last sighting that shows it open; none where that has no time.
    pub last_open: Option<Timestamp>,
    /// The first sighting that shows it closed; none while it is open. It was closed after `last_open` and before this.
    pub until: Option<Timestamp>,
    /// The way back to the last sighting that shows it open; for [`OpenBy::Before`], to the first that shows it closed.
    pub locator: Locator,
    /// The way back to the sighting that shows it closed.
    pub closed: Option<Locator>,
}

/// What held a flaw open: how sure a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpenBy {
    /// A build that has the flaw was seen.
    Build,
    /// The build fixes it, and something that it needs beside that was seen not to be met.
    Need,
    /// The evidence leaves open whether the build or what the flaw needs beside it closes it.
    Doubt,
    /// Nothing was seen, but the first build seen is an update of a cumulative update that is older than the fix: whoever
    /// ran that one ran it open, or something before it.
    Before,
}

impl OpenBy {
    /// Returns the name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Need => "need",
            Self::Doubt => "doubt",
            Self::Before => "before",
        }
    }
}

/// When a flaw is known to have been used, anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploitation {
    /// The first known use.
    pub from: Timestamp,
    /// When its use ended; none where it is used still, as far as is known.
    pub until: Option<Timestamp>,
    /// Who says so.
    pub source: String,
}

/// Something that a flaw needs beside the build that fixes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// What it is: `extended-protection`, `schema`, `prepare-domain`, `token-cache-module` … Stable; the locale key
    /// `need-ID`.
    pub id: String,
    /// Whether it is met.
    pub state: NeedState,
    /// What it was seen at, such as the virtual directories that lack it; empty where it concerns the server as a whole.
    pub subjects: Vec<String>,
    /// The way back to the fact that says so; none where nothing says.
    pub locator: Option<Locator>,
}

/// Whether something that a flaw needs is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeedState {
    /// The evidence shows it.
    Met,
    /// The evidence shows that it is missing.
    Unmet,
    /// The evidence says nothing of it.
    Unknown,
}

impl NeedState {
    /// Returns the state's name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "unmet",
            Self::Unknown => "unknown",
        }
    }
}

/// Something that made a flaw harder to use without fixing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mitigation {
    /// What it is: `eomt`, `eems-m1` … Stable; the locale key `mitigation-ID`.
    pub id: String,
    /// The first sighting that has a time.
    pub first: Option<Timestamp>,
    /// The last sighting that has a time.
    pub last: Option<Timestamp>,
    /// The way back to the last sighting.
    pub locator: Locator,
}

/// What a server is to its organisation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerRole {
    /// It holds mailboxes or lets clients in.
    Mailbox,
    /// It only passes mail at the edge of the network: no client reaches a mailbox through it.
    Edge,
    /// It only serves administration: the management tools are installed and nothing else.
    ManagementOnly,
    /// It is Exchange in the organisation beside mailboxes in Exchange Online.
    Hybrid,
    /// The evidence does not tell.
    #[default]
    Unknown,
}

impl ServerRole {
    /// Returns the role's name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::Edge => "edge",
            Self::ManagementOnly => "management-only",
            Self::Hybrid => "hybrid",
            Self::Unknown => "unknown",
        }
    }
}

/// What a server is, and what showed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSighting {
    /// What it is.
    pub role: ServerRole,
    /// The way back to the fact that shows it; none where the role is unknown.
    pub locator: Option<Locator>,
}
