//! How each server fared: patched, cleaned, both or neither.

use super::Comparison;
use crate::by_build::ByBuild;
use afterpatch_model::{
    Completion, Exposure, Fate, FindingOutcome, FlawState, Grade, Question, Reason, ServerComparison,
};
use std::collections::BTreeSet;

impl Comparison<'_> {
    /// Says how every server of either case fared.
    pub(super) fn servers(&self, findings: &[FindingOutcome]) -> Vec<ServerComparison> {
        let names = |result: &afterpatch_model::CaseResult| -> Vec<String> {
            result.servers.iter().map(|one| one.server.name.to_string()).collect()
        };
        let (before, after) = (names(self.before), names(self.after));
        let all: BTreeSet<_> = before.iter().chain(&after).collect();
        let of = |name: &String| self.server(name, before.contains(name), after.contains(name), findings);
        all.into_iter().map(of).collect()
    }

    fn server(
        &self,
        name: &str,
        in_before: bool,
        in_after: bool,
        findings: &[FindingOutcome],
    ) -> ServerComparison {
        let of_server: Vec<_> = findings.iter().filter(|finding| finding.server == name).collect();
        let new = of_server.iter().filter(|finding| finding.fate == Fate::New).count();
        let mut server = ServerComparison {
            name: name.to_owned(),
            in_before,
            in_after,
            from: self.reach.from(name),
            until: self.reach.until(name),
            patched: if in_before { self.patched(name) } else { None },
            cleaned: if in_before { cleaned(&of_server) } else { None },
            new_findings: u64::try_from(new).unwrap_or(u64::MAX),
            reasons: Vec::new(),
        };
        server.reasons = self.headlines(&server, &of_server);
        server
    }

    /// Whether builds were installed that fix the flaws that earlier builds left open. One that came out later was nobody's
    /// to close, and what a fix needs beside the build is a step of its own.
    fn patched(&self, name: &str) -> Option<Completion> {
        let open =
            |result, end| exposures(result, name).filter(move |flaw| ByBuild::of(flaw, end) == ByBuild::Open);
        let was_open = open(self.before, self.reach.from(name));
        let is_open = open(self.after, self.reach.until(name));
        let cves: BTreeSet<_> = was_open.chain(is_open).map(|exposure| &exposure.cve).collect();
        let is_seen = self.build_since(name).is_some() && self.reach.is_later(name);
        Completion::worst(cves.into_iter().map(|cve| match self.by_build(name, cve) {
            ByBuild::Open => Completion::NotDone,
            ByBuild::Unsure => Completion::CannotTell,
            _ if !is_seen => Completion::CannotTell,
            ByBuild::Closed | ByBuild::NeedsMore | ByBuild::CameOutLater => Completion::Done,
        }))
    }

    fn headlines(&self, server: &ServerComparison, findings: &[&FindingOutcome]) -> Vec<Reason> {
        use Completion::{CannotTell, Done, NotDone};
        let mut reasons = Vec::new();
        match (server.in_before, server.in_after) {
            (false, _) => reasons.push(Reason::new("verify-server-not-in-before", &[])),
            (_, false) => reasons.push(Reason::new("verify-server-not-in-after", &[])),
            _ if !self.reach.is_later(&server.name) => {
                reasons.push(Reason::new("verify-after-not-later", &[]));
            }
            _ => {}
        }
        let key = match (server.patched, server.cleaned) {
            _ if !server.in_before || !server.in_after => None,
            (Some(NotDone), Some(NotDone)) => Some("verify-neither-patched-nor-cleaned"),
            (Some(Done), Some(NotDone)) => Some("verify-patched-not-cleaned"),
            (Some(NotDone), Some(Done)) => Some("verify-cleaned-not-patched"),
            (Some(Done), Some(Done)) => Some("verify-patched-and-cleaned"),
            (Some(NotDone), _) => Some("verify-not-patched"),
            (_, Some(NotDone)) => Some("verify-not-cleaned"),
            (Some(CannotTell), _) | (_, Some(CannotTell)) => Some("verify-comparison-cannot-tell"),
            (Some(Done), None) => Some("verify-patched"),
            (None, Some(Done)) => Some("verify-cleaned"),
            (None, None) => Some("verify-nothing-to-do"),
        };
        reasons.extend(key.map(|key| Reason::new(key, &[])));
        if server.patched == Some(NotDone) && self.is_only_mitigated(&server.name) {
            reasons.push(Reason::new("verify-mitigated-only", &[]));
        }
        let half_removed = findings.iter().filter(|one| one.fate == Fate::Remains && is_half_removed(one));
        let subjects: BTreeSet<&str> = half_removed.map(|finding| finding.subject.as_str()).collect();
        reasons.extend(
            subjects.into_iter().map(|subject| Reason::new("verify-half-removed", &[("subject", subject)])),
        );
        if server.new_findings > 0 {
            reasons.push(Reason::new("verify-new-findings", &[("count", &server.new_findings.to_string())]));
        }
        reasons
    }

    fn is_only_mitigated(&self, name: &str) -> bool {
        exposures(self.after, name).any(|e| e.state == FlawState::Open && !e.mitigations.is_empty())
    }
}

fn exposures<'a>(
    result: &'a afterpatch_model::CaseResult,
    name: &'a str,
) -> impl Iterator<Item = &'a Exposure> {
    let of_server = result.servers.iter().filter(move |one| one.server.name.as_str() == name);
    of_server.flat_map(|one| &one.exposure)
}

/// Whether what was left behind on the server is gone; none where nothing was.
fn cleaned(findings: &[&FindingOutcome]) -> Option<Completion> {
    let left_behind = findings.iter().filter(|finding| {
        finding.before == Some(Grade::Persists)
            || finding.before >= Some(Grade::Reached) && finding.question == Question::StillInside
    });
    Completion::worst(left_behind.map(|finding| match finding.fate {
        Fate::Over => Completion::Done,
        Fate::CannotTell => Completion::CannotTell,
        Fate::Remains | Fate::New => Completion::NotDone,
    }))
}

/// Its file is gone, and something else of it is there: taken for removed, it comes back.
fn is_half_removed(finding: &FindingOutcome) -> bool {
    let has = |key: &str| finding.grounds.reasons.iter().any(|reason| reason.key == key);
    finding.before == Some(Grade::Persists)
        && !has("verify-left-file")
        && (has("verify-left-compiled") || has("verify-left-setting"))
}
