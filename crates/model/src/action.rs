//! One step of the plan.

use crate::answer::Reason;
use crate::id::FindingId;
use crate::message::Message;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of step it is, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// Keep evidence before it is gone.
    Preserve,
    /// Stop what goes on.
    Contain,
    /// Bar the way to a flaw that is not closed yet; never a fix.
    Mitigate,
    /// Close the flaw.
    Patch,
    /// Remove what was left behind.
    Evict,
    /// Make what was taken worthless.
    Rotate,
    /// Tell whom it must be told.
    Report,
    /// Look where nobody has looked yet.
    Investigate,
    /// Keep watch.
    Watch,
}

impl ActionKind {
    /// All kinds, in order.
    pub const ALL: [Self; 9] = [
        Self::Preserve,
        Self::Contain,
        Self::Mitigate,
        Self::Patch,
        Self::Evict,
        Self::Rotate,
        Self::Report,
        Self::Investigate,
        Self::Watch,
    ];

    /// Returns the kind's name as machine output and locale keys spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preserve => "preserve",
            Self::Contain => "contain",
            Self::Mitigate => "mitigate",
            Self::Patch => "patch",
            Self::Evict => "evict",
            Self::Rotate => "rotate",
            Self::Report => "report",
            Self::Investigate => "investigate",
            Self::Watch => "watch",
        }
    }
}

/// Who must decide that a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decider {
    /// Who runs the Exchange servers.
    Administrator,
    /// Who runs the network in front of them.
    NetworkAdministrator,
    /// Who runs Active Directory.
    DomainAdministrator,
    /// Who runs the Microsoft 365 tenant.
    CloudAdministrator,
    /// Who answers for the business: mail stands still, or money is spent.
    Management,
    /// Who answers for personal data.
    PrivacyOfficer,
}

impl Decider {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::NetworkAdministrator,
        Self::DomainAdministrator,
        Self::CloudAdministrator,
        Self::Management,
        Self::PrivacyOfficer,
    ];

    /// Returns the name as machine output and locale keys (`decider-NAME`) spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::NetworkAdministrator => "network-administrator",
            Self::DomainAdministrator => "domain-administrator",
            Self::CloudAdministrator => "cloud-administrator",
            Self::Management => "management",
            Self::PrivacyOfficer => "privacy-officer",
        }
    }
}

/// What a command is typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shell {
    /// Windows PowerShell, as administrator.
    Powershell,
    /// The Exchange Management Shell.
    ExchangeShell,
    /// The command prompt, as administrator.
    Cmd,
}

impl Shell {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Powershell, Self::ExchangeShell, Self::Cmd];

    /// Returns the name as machine output and locale keys (`shell-NAME`) spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Powershell => "powershell",
            Self::ExchangeShell => "exchange-shell",
            Self::Cmd => "cmd",
        }
    }
}

/// A command that does a step, or a part of it. It is shown to a person and never run by afterpatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// What it is typed into.
    pub shell: Shell,
    /// Its text: ours, never filled from evidence. What a person must fill in stands in angle brackets, such as
    /// `<SERVER>`, which no shell accepts.
    pub text: String,
    /// Whether it only reads.
    pub reads_only: bool,
    /// The products that it is for, as [`Build::product`](crate::Build::product) names them; empty for all.
    #[serde(default)]
    pub products: Vec<String>,
}

/// What would show that a step is done, on each server of its [`Target`]: evaluated by `afterpatch verify` on a later
/// case of the same servers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Check {
    /// The newest build that is seen fixes these flaws, as far as they had come out when the later evidence ended.
    BuildFixes {
        /// The flaws.
        cves: Vec<String>,
    },
    /// The finding is made no more, and its kind of evidence was collected.
    FindingGone {
        /// The finding.
        finding: FindingId,
    },
    /// Nothing lies at this path, and its folder was collected.
    PathAbsent {
        /// The path on the server.
        path: String,
    },
    /// No setting of this name has this value any more, and settings of this name were collected.
    SettingAbsent {
        /// What is set, as table `settings` names it, such as `global_module`.
        name: String,
        /// What it was set to, without regard to case.
        value: String,
    },
    /// The evidence of this kind leaves no gap.
    Covered {
        /// The kind of artifact: the parser's name.
        source: String,
        /// From when on; none where the kind has no dates.
        from: Option<Timestamp>,
        /// Until when; none for the end of the later case.
        until: Option<Timestamp>,
    },
    /// What a fix needs beside the build is met.
    PrerequisiteMet {
        /// The prerequisite, as content names it, such as `extended-protection`.
        id: String,
        /// Whether no evidence that afterpatch reads shows it met: where nothing shows it missing either, a person keeps
        /// the record.
        #[serde(default)]
        by_hand: bool,
    },
    /// No request from a public address was answered.
    NotReached {
        /// Since when.
        since: Option<Timestamp>,
    },
    /// Nothing was found that happened later.
    NothingNew {
        /// Later than this.
        since: Option<Timestamp>,
    },
    /// The evidence that shows a break-in and what it left behind has no gap since then.
    Scoped {
        /// Since when: the first trace of the break-in; none for the end of the earlier case.
        from: Option<Timestamp>,
    },
    /// A scan for malware was run to its end, and met nothing.
    Scanned,
    /// Evidence does not show it: a person keeps the record.
    ByHand,
}

/// On which servers a step is to be done, and what differs between them and the others of the same step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The servers, in the order in which they are to be treated; empty where the step is one for the organisation.
    pub servers: Vec<String>,
    /// What it is about on them, such as a path or a mailbox, as the evidence spells it; none for the server itself.
    pub subject: Option<String>,
    /// What is particular to them, such as the update to install; empty where nothing is.
    pub note: Message,
    /// What would show that it is done on each of them.
    pub checks: Vec<Check>,
}

/// One step of the plan: no step without a finding, an exposure or a gap behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The step, as content names it.
    pub id: String,
    /// What names it among the steps of this plan and of a later one: the same for the same step.
    pub key: String,
    /// Its kind.
    pub kind: ActionKind,
    /// All servers of its targets, in the order in which they are to be treated; empty for the organisation.
    pub servers: Vec<String>,
    /// What it is, in one line.
    pub title: Message,
    /// What is to be done.
    pub what: Message,
    /// Why it is to be done, and why at this place in the order; empty where the title says it.
    pub why: Message,
    /// What it does not do.
    pub not_covered: Message,
    /// How afterpatch will know that it is done.
    pub verify: Message,
    /// Who must decide it.
    pub decides: Decider,
    /// Whether it changes anything on the server.
    pub changes_things: bool,
    /// What does it: commands for the products that its servers run.
    pub commands: Vec<Command>,
    /// The page of the maker that describes it.
    pub page: Option<String>,
    /// On what it is to be done, one line for all servers alike; never empty.
    pub targets: Vec<Target>,
    /// The findings behind it.
    pub findings: Vec<FindingId>,
    /// The flaws behind it, each open now or once on one of its servers.
    pub exposures: Vec<String>,
    /// Whether missing evidence is behind it.
    pub because_of_gaps: bool,
    /// The keys of the steps that must be done before; they stand earlier in the plan.
    pub after: Vec<String>,
}

/// When a server's turn comes: every step treats its servers in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The server.
    pub server: String,
    /// The database availability group whose members are treated together, where the evidence names one.
    pub availability_group: Option<String>,
    /// Why its turn comes then.
    pub reasons: Vec<Reason>,
}
