//! One made-up Exchange server: what it is, and what it has written so far.

use crate::calendar::at;
use crate::dice::Dice;
use crate::tree::Tree;
use afterpatch_model::{Build, Timestamp};

/// The domain of the organisation; a documentation name.
pub(crate) const DOMAIN: &str = "example.org";
/// The name under which clients know the servers.
pub(crate) const MAIL_HOST: &str = "mail.example.org";
/// The `NetBIOS` name of the domain.
pub(crate) const NETBIOS: &str = "EXAMPLE";

/// A server as a scenario describes it.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Its name: `MX1`.
    pub(crate) name: &'static str,
    /// Its address inside the organisation.
    pub(crate) address: &'static str,
    /// Where Exchange is installed, with the last `\`.
    pub(crate) install_root: &'static str,
    /// The build that it ran at first.
    pub(crate) build: Build,
    /// The builds that took over, each with the moment from which on, in order.
    pub(crate) updates: &'static [(&'static str, Build)],
    /// Whether the Internet reaches it; where it does not, only people of the organisation do.
    pub(crate) faces_internet: bool,
    /// What it is for.
    pub(crate) role: Role,
}

/// What a server is for: it decides which logs there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It holds mailboxes, and has the front end that clients speak to.
    Mailbox,
    /// It passes mail on, outside the domain: neither mailboxes nor a front end.
    Edge,
    /// Administrators work on it: no service of Exchange runs.
    ManagementTools,
}

impl Role {
    /// Returns the role as setup's command line spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mailbox => "Mailbox",
            Self::Edge => "EdgeTransport",
            Self::ManagementTools => "ManagementTools",
        }
    }
}

/// A server while a scenario is played on it.
#[derive(Debug)]
pub(crate) struct Server {
    /// What it is.
    pub(crate) plan: &'static Plan,
    /// What it has written.
    pub(crate) tree: Tree,
    scenario: &'static str,
}

impl Server {
    /// Makes a server that has written nothing yet.
    pub(crate) fn new(scenario: &'static str, plan: &'static Plan) -> Self {
        Self { plan, tree: Tree::default(), scenario }
    }

    /// Returns the dice of one strand of this server's life.
    pub(crate) fn dice(&self, strand: &str) -> Dice {
        Dice::strand(&[self.scenario, self.plan.name, strand])
    }

    /// Returns the build that it runs at that moment.
    pub(crate) fn build(&self, moment: Timestamp) -> Build {
        let taken_over = |(from, _): &&(&str, Build)| at(from) <= moment;
        let update = self.plan.updates.iter().rev().find(taken_over);
        update.map_or(self.plan.build, |(_, build)| *build)
    }

    /// Returns the build as Exchange's logs write it: `15.01.2106.002`.
    pub(crate) fn padded_build(&self, moment: Timestamp) -> String {
        let build = self.build(moment);
        format!("{:02}.{:02}.{:04}.{:03}", build.major, build.minor, build.build, build.revision)
    }

    /// Returns the moments at which another build took over.
    pub(crate) fn updates(&self) -> impl Iterator<Item = Timestamp> + use<> {
        self.plan.updates.iter().map(|(from, _)| at(from))
    }

    /// Returns its full name in lower case: `mx1.example.org`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{DOMAIN}", self.plan.name.to_lowercase())
    }

    /// Returns its machine account: `EXAMPLE\MX1$`.
    pub(crate) fn account(&self) -> String {
        format!("{NETBIOS}\\{}$", self.plan.name)
    }

    /// Returns a path under the install root.
    pub(crate) fn installed(&self, rest: &str) -> String {
        format!("{}{rest}", self.plan.install_root)
    }
}
