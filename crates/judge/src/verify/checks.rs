//! The checks of a plan, each held to the later case: one function a check.

use super::Comparison;
use super::judged::Judged;
use afterpatch_model::{
    Action, ActionOutcome, Check, CheckOutcome, Completion, FindingId, Grade, Reason, Sighting, Span, Target,
    Timestamp, path_key,
};
use std::collections::BTreeSet;

impl Comparison<'_> {
    /// Says whether a step of the plan was done.
    pub(super) fn action(&self, action: &Action) -> ActionOutcome {
        let checks: Vec<_> = action.targets.iter().flat_map(|target| self.target(action, target)).collect();
        let by_hand = checks.iter().all(|one| !one.counts);
        let counted = checks.iter().filter(|one| by_hand || one.counts);
        ActionOutcome {
            key: action.key.clone(),
            id: action.id.clone(),
            kind: action.kind,
            title: action.title.clone(),
            completion: Completion::worst(counted.map(|one| one.completion))
                .unwrap_or(Completion::CannotTell),
            by_hand,
            checks,
        }
    }

    fn target(&self, action: &Action, target: &Target) -> Vec<CheckOutcome> {
        let servers: Vec<Option<&str>> = match target.servers.as_slice() {
            [] => vec![None],
            servers => servers.iter().map(|server| Some(server.as_str())).collect(),
        };
        let pairs = servers.iter().flat_map(|server| target.checks.iter().map(move |check| (*server, check)));
        let of_server = pairs.filter(|(server, check)| self.concerns(check, *server));
        let outcome = |(server, check): (Option<&str>, &Check)| {
            let Judged { completion, counts, grounds, since } = self.check(action, check, server);
            CheckOutcome {
                check: check.clone(),
                server: server.map(str::to_owned),
                subject: target.subject.clone(),
                completion,
                counts,
                grounds,
                since,
            }
        };
        of_server.map(outcome).collect()
    }

    /// A line of a step groups servers that are alike; a finding among its checks is about one of them.
    fn concerns(&self, check: &Check, server: Option<&str>) -> bool {
        let (Check::FindingGone { finding }, Some(server)) = (check, server) else { return true };
        self.finding(finding).is_none_or(|finding| finding.server == server)
    }

    fn check(&self, action: &Action, check: &Check, server: Option<&str>) -> Judged {
        if *check == Check::ByHand {
            return Judged::by_hand();
        }
        let Some(server) = server else { return self.check_organisation(action, check) };
        if !self.has_after(server) {
            return Judged::told(Completion::CannotTell, Reason::new("verify-server-not-in-after", &[]));
        }
        let judged = match check {
            Check::BuildFixes { cves } => self.build_fixes(action, server, cves),
            Check::FindingGone { finding } => self.finding_gone(finding),
            Check::PathAbsent { path } => self.path_absent(server, path),
            Check::SettingAbsent { name, value } => self.setting_absent(server, name, value),
            Check::Covered { source, from, until } => self.covered(server, source, *from, *until),
            Check::PrerequisiteMet { id, by_hand } => self.prerequisite_met(server, id, *by_hand),
            Check::NotReached { since } => self.not_reached(server, *since),
            Check::NothingNew { since } => self.nothing_new(server, *since),
            Check::Scoped { from } => self.scoped(server, *from),
            Check::Scanned => self.scanned(server),
            Check::ByHand => Judged::by_hand(),
        };
        // What is not there yet in a case that is no later may have come or gone since.
        if judged.completion == Completion::Done && !self.reach.is_later(server) {
            return Judged::told(Completion::CannotTell, Reason::new("verify-after-not-later", &[]));
        }
        judged
    }

    /// A step for the whole organisation is done as far as on the least of its servers.
    fn check_organisation(&self, action: &Action, check: &Check) -> Judged {
        let servers = self.before.servers.iter().map(|one| one.server.name.as_str());
        let each = servers.map(|server| self.check(action, check, Some(server)));
        each.max_by_key(|judged| judged.completion).unwrap_or_else(Judged::by_hand)
    }

    fn finding(&self, id: &FindingId) -> Option<&afterpatch_model::Finding> {
        self.before.findings.iter().find(|finding| finding.id == *id)
    }

    fn finding_gone(&self, id: &FindingId) -> Judged {
        let unknown = || Judged::told(Completion::CannotTell, Reason::new("verify-finding-unknown", &[]));
        self.finding(id).map_or_else(unknown, |finding| self.gone(finding))
    }

    fn path_absent(&self, server: &str, path: &str) -> Judged {
        let files = self.facts.files.get(&(server.to_owned(), path_key(path)));
        if let Some(there) = files.filter(|there| !there.is_empty()) {
            let reason = Reason::new("verify-path-there", &[("path", path)]);
            return Judged::shown(Completion::NotDone, reason, there.clone());
        }
        let reached = self.reach.place(server, path);
        Judged::absent(reached, ("verify-path-gone", "verify-path-not-covered"), &[("path", path)])
    }

    fn settings(&self, server: &str, name: &str) -> impl Iterator<Item = (&str, &Sighting)> {
        let from = self.reach.from(server);
        let all = self.facts.settings.get(&(server.to_owned(), name.to_owned()));
        // What a log says of a setting is how it was; only since the earlier case does it count.
        let counts =
            move |set: &&super::facts::Set| self.reach.is_state(&set.source) || set.sighting.time > from;
        all.into_iter().flatten().filter(counts).map(|set| (set.value.as_str(), &set.sighting))
    }

    fn setting_absent(&self, server: &str, name: &str, value: &str) -> Judged {
        let is_value = |set: &(&str, &Sighting)| set.0.eq_ignore_ascii_case(value);
        let there: Vec<_> =
            self.settings(server, name).filter(is_value).map(|(_, seen)| seen.clone()).collect();
        let args = [("name", name), ("value", value)];
        if !there.is_empty() {
            return Judged::shown(Completion::NotDone, Reason::new("verify-setting-there", &args), there);
        }
        let others: Vec<_> = self.settings(server, name).map(|(_, seen)| seen.clone()).collect();
        if !others.is_empty() {
            return Judged::shown(Completion::Done, Reason::new("verify-setting-gone", &args), others);
        }
        let sources = self.sources_before(server, name);
        let reached = sources.iter().map(|source| self.reach.state(server, source)).find(Result::is_ok);
        Judged::absent(
            reached.unwrap_or(Err(Vec::new())),
            ("verify-setting-gone", "verify-setting-not-covered"),
            &args,
        )
    }

    fn sources_before(&self, server: &str, name: &str) -> BTreeSet<&str> {
        let all = self.facts_before.settings.get(&(server.to_owned(), name.to_owned()));
        all.into_iter().flatten().map(|set| set.source.as_str()).collect()
    }

    fn covered(
        &self,
        server: &str,
        source: &str,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Judged {
        let kind = BTreeSet::from([(source.to_owned(), String::new())]);
        let until = until.or_else(|| self.reach.until(server));
        let reached = match (from, until) {
            (Some(from), Some(until)) if !self.reach.is_state(source) => {
                self.reach.logs(server, &kind, Span { from, until })
            }
            _ => self.reach.state(server, source),
        };
        let has_some = self.after.coverage.iter().any(|row| row.server == server && row.source == source);
        let mut judged =
            Judged::absent(reached, ("verify-covered-whole", "verify-covered-gap"), &[("sources", source)]);
        // A part shows that the whole was not kept; nothing at all may only not have been handed in.
        if judged.completion == Completion::CannotTell && has_some {
            judged.completion = Completion::NotDone;
        }
        judged
    }

    fn not_reached(&self, server: &str, given: Option<Timestamp>) -> Judged {
        // What the earlier case tells itself was before anything was done about it.
        let told =
            self.facts_before.reached.get(server).filter(|_| given.is_none()).and_then(|seen| seen.time);
        let from = given.or_else(|| self.reach.from(server)).max(told);
        let last = self.facts.reached.get(server);
        // It may have been let in again when all was done: whether it was cut off until then, no log says.
        if let Some(last) = last.filter(|last| last.time > from) {
            let time = last.time.map(Timestamp::to_second).unwrap_or_default();
            let args = [("address", last.what.as_str()), ("last", time.as_str())];
            let reason = Reason::new("verify-reached-since", &args);
            return Judged::shown(Completion::CannotTell, reason, vec![last.clone()]).uncounted();
        }
        let kinds = BTreeSet::from([("iis-w3c".to_owned(), "w3svc1".to_owned())]);
        let reached = match (from, self.reach.until(server)) {
            (Some(from), Some(until)) if from < until => {
                self.reach.logs(server, &kinds, Span { from, until })
            }
            _ => Err(Vec::new()),
        };
        Judged::absent(reached, ("verify-not-reached", "verify-logs-missing"), &[])
    }

    fn nothing_new(&self, server: &str, given: Option<Timestamp>) -> Judged {
        let from = given.or_else(|| self.reach.from(server));
        let of_server = self.after.findings.iter().filter(|finding| finding.server == server);
        let since: Vec<_> = of_server
            .filter(|finding| {
                let told = self.earlier(finding).and_then(|earlier| earlier.last).filter(|_| given.is_none());
                let from = from.max(told);
                finding.detections.iter().any(|one| one.grade >= Grade::Reached && one.last > from)
            })
            .collect();
        if let Some(last) = since.iter().filter_map(|finding| finding.last).max() {
            let reason = Reason::new("verify-happened-since", &[("last", &last.to_second())]);
            let proofs =
                since.iter().flat_map(|finding| super::facts::sightings(finding, |proof| proof.time > from));
            return Judged::shown(Completion::NotDone, reason, proofs.collect());
        }
        let reached = match (from, self.reach.until(server)) {
            (Some(from), Some(until)) if from < until => {
                self.reach.decisive_logs(server, Span { from, until })
            }
            _ => Err(Vec::new()),
        };
        Judged::absent(reached, ("verify-nothing-since", "verify-logs-missing"), &[])
    }
}
