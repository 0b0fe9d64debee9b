//! What stays until somebody takes it away, though only its making was logged: that nothing more is heard of it says nothing.

use super::Comparison;
use super::fate::source;
use super::judged::Judged;
use super::reach::Reached;
use afterpatch_model::{Completion, Finding, Reason};

/// A claim about things that stay.
pub(super) struct Stays {
    claim: &'static str,
    shown_by: Shown,
}

/// What shows whether such a thing is there: a kind of artifact, and what within the kind.
enum Shown {
    /// Always.
    By(&'static str, &'static str),
    /// Where it showed it before: it shows some such things, and by far not all.
    WhereSeen(&'static str),
    /// No evidence that is read.
    Never,
}

const fn stays(claim: &'static str, shown_by: Shown) -> Stays {
    Stays { claim, shown_by }
}

static STAYS: &[Stays] = &[
    stays("web-server-component", Shown::By("configuration", "applicationhost.config")),
    stays("served-folder", Shown::By("configuration", "applicationhost.config")),
    stays("request-rewrite", Shown::By("configuration", "web.config")),
    stays("transport-agent", Shown::By("configuration", "agents.config")),
    stays("scheduled-task", Shown::By("scheduled-task", "")),
    stays("service", Shown::By("registry", "system")),
    stays("logon-package", Shown::By("registry", "system")),
    stays("run-key", Shown::By("registry", "software")),
    stays("debugger", Shown::By("registry", "software")),
    stays("remote-tool", Shown::By("registry", "system")),
    stays("wmi-subscription", Shown::Never),
    stays("account-made", Shown::Never),
    stays("mail-rights", Shown::WhereSeen("directory-export")),
    stays("mail-forwarding", Shown::Never),
    stays("cloud-credential", Shown::Never),
];

impl Stays {
    /// Returns the kind of artifact that shows whether what a finding tells of is there, and what within the kind.
    fn shown_by(&self, finding: &Finding) -> Option<(&'static str, &'static str)> {
        match self.shown_by {
            Shown::By(source, scope) => Some((source, scope)),
            Shown::WhereSeen(name) => {
                finding.proofs.iter().any(|proof| source(proof) == name).then_some((name, ""))
            }
            Shown::Never => None,
        }
    }
}

/// Returns what is known of the claim of a finding, where it is about something that stays.
pub(super) fn of(finding: &Finding) -> Option<&'static Stays> {
    STAYS.iter().find(|stays| stays.claim == finding.claim)
}

impl Comparison<'_> {
    /// Says whether something was taken away of which only the making was logged: a log that undoes it shows that, or a
    /// state without it.
    pub(super) fn taken_away(&self, finding: &Finding, stays: &Stays) -> Judged {
        let key = (stays.claim.to_owned(), finding.subject.to_lowercase());
        let of_server =
            |server: &Option<String>| server.as_ref().is_none_or(|server| *server == finding.server);
        let undone = self.facts.undone.get(&key).into_iter().flatten();
        let since = undone.filter(|(server, seen)| of_server(server) && seen.time > finding.last);
        let seen: Vec<_> = since.map(|(_, seen)| seen.clone()).collect();
        if !seen.is_empty() {
            return Judged::shown(Completion::Done, Reason::new("verify-undone", &[]), seen);
        }
        let shown_by = stays.shown_by(finding);
        let reached = shown_by.map(|(source, scope)| self.state_of(&finding.server, source, scope));
        match reached {
            Some(reached) => Judged::absent(reached, ("verify-gone", "verify-made-not-undone"), &[]),
            None => Judged::told(Completion::CannotTell, Reason::new("verify-made-not-undone", &[])),
        }
    }

    fn state_of(&self, server: &str, source: &str, scope: &str) -> Reached {
        let rows = self.reach.state(server, source)?;
        let meant: Vec<_> = rows.into_iter().filter(|row| scope.is_empty() || row.scope == scope).collect();
        if meant.is_empty() { Err(Vec::new()) } else { Ok(meant) }
    }
}
