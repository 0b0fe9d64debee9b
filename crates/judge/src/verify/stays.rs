//! What stays until somebody takes it away, though only its making was logged: that nothing more is heard of it says nothing.

use super::Comparison;
use super::judged::Judged;
use super::reach::Reached;
use afterpatch_model::{Completion, Finding, Reason};

/// A claim about things that stay.
pub(super) struct Stays {
    claim: &'static str,
    /// The kind of artifact that shows whether such a thing is there, and what within the kind; none where no evidence
    /// that is read shows it.
    shown_by: Option<(&'static str, &'static str)>,
}

const fn stays(claim: &'static str, shown_by: Option<(&'static str, &'static str)>) -> Stays {
    Stays { claim, shown_by }
}

/// What shows some of the rights that were given, and by far not all: where it showed one, it shows too that it is gone.
const DIRECTORY: &str = "directory-export";

static STAYS: &[Stays] = &[
    stays("web-server-component", Some(("configuration", "applicationhost.config"))),
    stays("served-folder", Some(("configuration", "applicationhost.config"))),
    stays("request-rewrite", Some(("configuration", "web.config"))),
    stays("transport-agent", Some(("configuration", "agents.config"))),
    stays("scheduled-task", Some(("scheduled-task", ""))),
    stays("service", Some(("registry", "system"))),
    stays("logon-package", Some(("registry", "system"))),
    stays("run-key", Some(("registry", "software"))),
    stays("debugger", Some(("registry", "software"))),
    stays("remote-tool", Some(("registry", "system"))),
    stays("wmi-subscription", None),
    stays("account-made", None),
    stays("mail-rights", Some((DIRECTORY, ""))),
    stays("mail-forwarding", None),
    stays("cloud-credential", None),
];

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
        let was_shown = |name: &str| finding.proofs.iter().any(|proof| super::fate::source(proof) == name);
        let shown_by = stays.shown_by.filter(|(source, _)| *source != DIRECTORY || was_shown(DIRECTORY));
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
