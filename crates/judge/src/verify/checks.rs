//! The checks of a plan, each held to the later case: one function a check.

use super::Comparison;
use super::fate::{Judged, since};
use super::reach::Reached;
use afterpatch_model::{
    Action, ActionOutcome, Answer, Check, CheckOutcome, Completion, Exposure, FlawState, Grade, Grounds,
    NeedState, Question, Reason, Sighting, Span, Target, Timestamp, Verdict, path_key,
};
use std::collections::BTreeSet;

impl Comparison<'_> {
    /// Says whether a step of the plan was done.
    pub(super) fn action(&self, action: &Action) -> ActionOutcome {
        let checks: Vec<_> = action.targets.iter().flat_map(|target| self.target(target)).collect();
        let by_hand = checks.iter().all(|one| one.check == Check::ByHand);
        let counted = checks.iter().filter(|one| by_hand || one.check != Check::ByHand);
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

    fn target(&self, target: &Target) -> Vec<CheckOutcome> {
        let servers: Vec<Option<&str>> = match target.servers.as_slice() {
            [] => vec![None],
            servers => servers.iter().map(|server| Some(server.as_str())).collect(),
        };
        let pairs = servers.iter().flat_map(|server| target.checks.iter().map(move |check| (*server, check)));
        pairs
            .map(|(server, check)| {
                let Judged { completion, grounds } = self.check(check, server);
                CheckOutcome {
                    check: check.clone(),
                    server: server.map(str::to_owned),
                    subject: target.subject.clone(),
                    completion,
                    grounds,
                }
            })
            .collect()
    }

    fn check(&self, check: &Check, server: Option<&str>) -> Judged {
        let Some(server) = server else { return self.check_organisation(check) };
        if *check == Check::ByHand {
            return by_hand();
        }
        if !self.has_after(server) {
            return Judged::told(Completion::CannotTell, Reason::new("verify-server-not-in-after", &[]));
        }
        let judged = match check {
            Check::BuildFixes { cves } => self.build_fixes(server, cves),
            Check::FindingGone { finding } => self.finding_gone(server, finding),
            Check::PathAbsent { path } => self.path_absent(server, path),
            Check::SettingAbsent { name, value } => self.setting_absent(server, name, value),
            Check::SettingIs { name, value } => self.setting_is(server, name, value),
            Check::Covered { source, from, until } => self.covered(server, source, *from, *until),
            Check::PrerequisiteMet { id } => self.prerequisite_met(server, id),
            Check::NotReached { since } => self.not_reached(server, *since),
            Check::NothingNew { since } => self.nothing_new(server, *since),
            Check::Answered { question } => {
                let answers = self.after.servers.iter().filter(|one| one.server.name.as_str() == server);
                answered(answers.flat_map(|one| &one.answers), *question)
            }
            Check::ByHand => by_hand(),
        };
        // What is not there yet in a case that is no later may have come or gone since.
        if judged.completion == Completion::Done && !self.reach.is_later(server) {
            return Judged::told(Completion::CannotTell, Reason::new("verify-after-not-later", &[]));
        }
        judged
    }

    /// A step for the whole organisation: as its answers say, or as the least of its servers does.
    fn check_organisation(&self, check: &Check) -> Judged {
        match check {
            Check::ByHand => by_hand(),
            Check::Answered { question } => answered(self.after.answers.iter(), *question),
            check => {
                let servers = self.before.servers.iter().map(|one| one.server.name.as_str());
                let each = servers.map(|server| self.check(check, Some(server)));
                each.max_by_key(|judged| judged.completion).unwrap_or_else(by_hand)
            }
        }
    }

    fn build_fixes(&self, server: &str, cves: &[String]) -> Judged {
        let from = self.reach.from(server);
        let mut seen = self.facts.builds.get(server).into_iter().flatten();
        let Some((build, last)) = seen.rfind(|(_, seen)| seen.time.is_none() || seen.time > from) else {
            return Judged::told(Completion::CannotTell, Reason::new("verify-build-not-seen", &[]));
        };
        let (build, cves_named) = (build.to_string(), cves.join(", "));
        let states: Vec<_> =
            cves.iter().filter_map(|cve| Some((cve, self.exposure(server, cve)?.state))).collect();
        let of = |meant: &[FlawState]| -> Vec<&str> {
            states.iter().filter(|(_, state)| meant.contains(state)).map(|(cve, _)| cve.as_str()).collect()
        };
        let (open, unsure) = (of(&[FlawState::Open]), of(&[FlawState::MaybeOpen]));
        let (completion, key, named) = match (open.is_empty(), unsure.is_empty()) {
            (false, _) => (Completion::NotDone, "verify-build-open", open.join(", ")),
            (true, false) => (Completion::CannotTell, "verify-build-maybe-open", unsure.join(", ")),
            (true, true) => (Completion::Done, "verify-build-fixes", cves_named),
        };
        let mut judged = Judged::told(completion, Reason::new(key, &[("build", &build), ("cves", &named)]));
        judged.grounds.proofs.push(last.clone());
        if completion == Completion::NotDone && open.iter().any(|cve| self.is_mitigated(server, cve)) {
            judged.grounds.reasons.push(Reason::new("verify-mitigated-only", &[]));
        }
        judged
    }

    pub(super) fn exposure(&self, server: &str, cve: &str) -> Option<&Exposure> {
        let servers = self.after.servers.iter().filter(|one| one.server.name.as_str() == server);
        servers.flat_map(|one| &one.exposure).find(|exposure| exposure.cve == cve)
    }

    pub(super) fn is_mitigated(&self, server: &str, cve: &str) -> bool {
        self.exposure(server, cve).is_some_and(|exposure| !exposure.mitigations.is_empty())
    }

    fn finding_gone(&self, server: &str, id: &afterpatch_model::FindingId) -> Judged {
        let named = self.before.findings.iter().find(|finding| finding.id == *id);
        match named {
            Some(finding) if finding.server == server => self.gone(finding),
            // The step groups servers; the finding is another's.
            Some(_) => Judged::told(Completion::Done, Reason::new("verify-finding-elsewhere", &[])),
            None => Judged::told(Completion::CannotTell, Reason::new("verify-finding-unknown", &[])),
        }
    }

    fn path_absent(&self, server: &str, path: &str) -> Judged {
        let files = self.facts.files.get(&(server.to_owned(), path_key(path)));
        if let Some(there) = files.filter(|there| !there.is_empty()) {
            let mut judged =
                Judged::told(Completion::NotDone, Reason::new("verify-path-there", &[("path", path)]));
            judged.grounds.proofs.extend(there.iter().cloned());
            return judged;
        }
        let reached = self.reach.place(server, path);
        absent(reached, ("verify-path-gone", "verify-path-not-covered"), &[("path", path)])
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
            let mut judged = Judged::told(Completion::NotDone, Reason::new("verify-setting-there", &args));
            judged.grounds.proofs = there;
            return judged;
        }
        let others: Vec<_> = self.settings(server, name).map(|(_, seen)| seen.clone()).collect();
        if !others.is_empty() {
            let mut judged = Judged::told(Completion::Done, Reason::new("verify-setting-gone", &args));
            judged.grounds.proofs = others;
            return judged;
        }
        let sources = self.sources_before(server, name);
        let reached = sources.iter().map(|source| self.reach.state(server, source)).find(Result::is_ok);
        absent(
            reached.unwrap_or(Err(Vec::new())),
            ("verify-setting-gone", "verify-setting-not-covered"),
            &args,
        )
    }

    fn sources_before(&self, server: &str, name: &str) -> BTreeSet<&str> {
        let all = self.facts_before.settings.get(&(server.to_owned(), name.to_owned()));
        all.into_iter().flatten().map(|set| set.source.as_str()).collect()
    }

    fn setting_is(&self, server: &str, name: &str, value: &str) -> Judged {
        let (right, wrong): (Vec<_>, Vec<_>) =
            self.settings(server, name).partition(|(set, _)| set.eq_ignore_ascii_case(value));
        let (completion, key, seen) = match (right.is_empty(), wrong.is_empty()) {
            (_, false) => (Completion::NotDone, "verify-setting-differs", wrong),
            (false, true) => (Completion::Done, "verify-setting-is", right),
            (true, true) => (Completion::CannotTell, "verify-setting-not-covered", Vec::new()),
        };
        let mut judged = Judged::told(completion, Reason::new(key, &[("name", name), ("value", value)]));
        judged.grounds.proofs = seen.into_iter().map(|(_, seen)| seen.clone()).collect();
        judged
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
            absent(reached, ("verify-covered-whole", "verify-covered-gap"), &[("sources", source)]);
        // A part shows that the whole was not kept; nothing at all may only not have been handed in.
        if judged.completion == Completion::CannotTell && has_some {
            judged.completion = Completion::NotDone;
        }
        judged
    }

    fn prerequisite_met(&self, server: &str, id: &str) -> Judged {
        let servers = self.after.servers.iter().filter(|one| one.server.name.as_str() == server);
        let needs: Vec<_> = servers
            .flat_map(|one| &one.exposure)
            .flat_map(|e| &e.needs)
            .filter(|need| need.id == id)
            .collect();
        let has = |state| needs.iter().any(|need| need.state == state);
        let (completion, key) = match (has(NeedState::Unmet), has(NeedState::Unknown), has(NeedState::Met)) {
            (true, ..) => (Completion::NotDone, "verify-need-unmet"),
            (false, false, true) => (Completion::Done, "verify-need-met"),
            _ => (Completion::CannotTell, "verify-need-unknown"),
        };
        let subjects: BTreeSet<_> =
            needs.iter().flat_map(|need| &need.subjects).map(String::as_str).collect();
        let subjects: Vec<_> = subjects.into_iter().collect();
        let mut judged =
            Judged::told(completion, Reason::new(key, &[("need", id), ("subjects", &subjects.join(", "))]));
        let locators: BTreeSet<_> = needs.iter().filter_map(|need| need.locator.clone()).collect();
        judged.grounds.proofs = locators.into_iter().map(|locator| self.sighting(id, locator)).collect();
        judged
    }

    fn not_reached(&self, server: &str, given: Option<Timestamp>) -> Judged {
        // What the earlier case tells itself was before anything was done about it.
        let told =
            self.facts_before.reached.get(server).filter(|_| given.is_none()).and_then(|seen| seen.time);
        let from = since(given, &self.reach, server).max(told);
        let last = self.facts.reached.get(server);
        if let Some(last) = last.filter(|last| last.time > from) {
            let time = last.time.map(Timestamp::to_second).unwrap_or_default();
            let args = [("address", last.what.as_str()), ("last", time.as_str())];
            let mut judged = Judged::told(Completion::NotDone, Reason::new("verify-reached-since", &args));
            judged.grounds.proofs.push(last.clone());
            return judged;
        }
        let kinds = BTreeSet::from([("iis-w3c".to_owned(), "w3svc1".to_owned())]);
        absent(self.logs_since(server, from, &kinds), ("verify-not-reached", "verify-logs-missing"), &[])
    }

    fn nothing_new(&self, server: &str, given: Option<Timestamp>) -> Judged {
        let from = since(given, &self.reach, server);
        let of_server = self.after.findings.iter().filter(|finding| finding.server == server);
        let since: Vec<_> = of_server
            .filter(|finding| {
                let told = self.earlier(finding).and_then(|earlier| earlier.last).filter(|_| given.is_none());
                let from = from.max(told);
                finding.detections.iter().any(|one| one.grade >= Grade::Reached && one.last > from)
            })
            .collect();
        if let Some(last) = since.iter().filter_map(|finding| finding.last).max() {
            let mut judged = Judged::told(
                Completion::NotDone,
                Reason::new("verify-happened-since", &[("last", &last.to_second())]),
            );
            let proofs =
                since.iter().flat_map(|finding| super::facts::sightings(finding, |proof| proof.time > from));
            judged.grounds.proofs = proofs.collect();
            return judged;
        }
        let reached = match (from, self.reach.until(server)) {
            (Some(from), Some(until)) if from < until => {
                self.reach.decisive_logs(server, Span { from, until })
            }
            _ => Err(Vec::new()),
        };
        absent(reached, ("verify-nothing-since", "verify-logs-missing"), &[])
    }

    fn logs_since(
        &self,
        server: &str,
        from: Option<Timestamp>,
        kinds: &BTreeSet<(String, String)>,
    ) -> Reached {
        match (from, self.reach.until(server)) {
            (Some(from), Some(until)) if from < until => self.reach.logs(server, kinds, Span { from, until }),
            _ => Err(Vec::new()),
        }
    }
}

/// Nothing speaks against it: done where the later case reaches, else it cannot be told.
fn absent(reached: Reached, (gone, unsure): (&str, &str), args: &[(&str, &str)]) -> Judged {
    match reached {
        Ok(covered) => {
            let reasons = vec![Reason::new(gone, args)];
            Judged::new(Completion::Done, Grounds { reasons, covered, ..Grounds::default() })
        }
        Err(missing) => {
            let reasons = vec![Reason::new(unsure, args)];
            Judged::new(Completion::CannotTell, Grounds { reasons, missing, ..Grounds::default() })
        }
    }
}

fn by_hand() -> Judged {
    Judged::told(Completion::CannotTell, Reason::new("verify-by-hand", &[]))
}

fn answered<'a>(mut answers: impl Iterator<Item = &'a Answer>, question: Question) -> Judged {
    let Some(answer) = answers.find(|answer| answer.question == question) else {
        return Judged::told(Completion::CannotTell, Reason::new("verify-not-answered", &[]));
    };
    let (completion, key) = match answer.verdict {
        Verdict::CannotTell => (Completion::NotDone, "verify-not-answered"),
        _ => (Completion::Done, "verify-answered"),
    };
    let mut judged = Judged::told(completion, Reason::new(key, &[("question", question.name())]));
    judged.grounds.missing.clone_from(&answer.missing);
    judged
}
