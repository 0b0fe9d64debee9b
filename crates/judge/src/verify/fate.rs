//! What became of a finding: what of it is there still, what happened since, and whether the later case could show it.

use super::Comparison;
use super::facts::sightings;
use super::judged::Judged;
use super::reach::Reached;
use afterpatch_model::{
    Completion, Detection, Fate, Finding, FindingOutcome, Grade, Grounds, Proof, Question, Reason, Sighting,
    Span, below_shadow_copy, path_key,
};
use std::collections::BTreeSet;

/// The kind of the files that lie where the web server serves them.
const FILES: &str = "served-files";
/// What lies in it was compiled from a page.
const COMPILED: &str = "/temporary asp.net files/";
/// What shows that something was there once, and not that it is.
const TRACES: [&str; 2] = ["mft", "usn-journal"];

/// Returns the paths at which a finding lay, as its subject and the proofs of files spell them.
pub(super) fn places(finding: &Finding) -> BTreeSet<&str> {
    let is_file = |proof: &&Proof| [FILES, TRACES[0]].contains(&source(proof)) && is_live(proof);
    let of_proofs = finding.proofs.iter().filter(is_file);
    let paths = of_proofs.filter_map(|proof| proof.fields.get("path").map(String::as_str));
    // What stays has a name that may look like a path: `Default Web Site /owa`, `Folder\Task`.
    let is_named = super::stays::of(finding).is_some();
    let subject =
        Some(finding.subject.as_str()).filter(|_| finding.question == Question::StillInside && !is_named);
    paths
        .chain(subject)
        .filter(|path| path.contains(['\\', '/']) && below_shadow_copy(path).is_none())
        .collect()
}

/// Returns the files that a finding says are started or loaded: where one lies still, it was not removed whole.
pub(super) fn programs(finding: &Finding) -> BTreeSet<&str> {
    let named = finding.proofs.iter().filter_map(|proof| proof.fields.get("program").map(String::as_str));
    named.filter(|path| super::stays::of(finding).is_some() && path.contains('\\')).collect()
}

/// Returns the kind of artifact that a proof is from. YARA's rules look at the files themselves.
pub(super) fn source(proof: &Proof) -> &str {
    let of_files = if proof.fields.contains_key("yara_rule") { FILES } else { "" };
    proof.fields.get("source").map_or(of_files, String::as_str)
}

fn is_live(proof: &Proof) -> bool {
    proof.fields.get("path").is_none_or(|path| below_shadow_copy(path).is_none())
}

impl Comparison<'_> {
    /// Says what became of every finding of either case.
    pub(super) fn findings(&self) -> Vec<FindingOutcome> {
        let known: BTreeSet<_> = self.before.findings.iter().map(|finding| &finding.id).collect();
        let new = self.after.findings.iter().filter(|finding| !known.contains(&finding.id));
        let new = new.map(|finding| self.new_finding(finding));
        let mut all: Vec<_> =
            new.chain(self.before.findings.iter().map(|finding| self.known_finding(finding))).collect();
        // Within one fate the gravest stand first, as in the cases.
        all.sort_by_key(|one| (one.fate, std::cmp::Reverse(one.after.max(one.before))));
        all
    }

    fn known_finding(&self, finding: &Finding) -> FindingOutcome {
        let Judged { completion, grounds, .. } = self.gone(finding);
        let fate = match completion {
            Completion::Done => Fate::Over,
            Completion::CannotTell => Fate::CannotTell,
            Completion::NotDone => Fate::Remains,
        };
        let after = self.later(finding).map(|after| after.grade);
        outcome(finding, (Some(finding.grade), after), fate, grounds)
    }

    fn new_finding(&self, finding: &Finding) -> FindingOutcome {
        let from = self.reach.from(&finding.server);
        let reason = match (from, finding.first, finding.last) {
            (None, ..) => Reason::new("verify-new-server", &[]),
            (_, None, _) | (_, _, None) => Reason::new("verify-new-undated", &[]),
            (Some(from), _, Some(last)) if last <= from => {
                Reason::new("verify-new-older", &[("last", &last.to_second())])
            }
            (_, Some(first), _) => Reason::new("verify-new-since", &[("first", &first.to_second())]),
        };
        let proofs = sightings(finding, |proof| proof.grade == finding.grade);
        let grounds = Grounds { reasons: vec![reason], proofs, ..Grounds::default() };
        outcome(finding, (None, Some(finding.grade)), Fate::New, grounds)
    }

    /// Returns the same finding as the later case makes it.
    pub(super) fn later(&self, finding: &Finding) -> Option<&Finding> {
        self.after.findings.iter().find(|after| after.id == finding.id)
    }

    /// Returns the same finding as the earlier case makes it.
    pub(super) fn earlier(&self, finding: &Finding) -> Option<&Finding> {
        self.before.findings.iter().find(|before| before.id == finding.id)
    }

    /// Says whether a finding of the earlier case is over.
    pub(super) fn gone(&self, finding: &Finding) -> Judged {
        let server = finding.server.as_str();
        if !self.has_after(server) {
            return Judged::told(Completion::CannotTell, Reason::new("verify-server-not-in-after", &[]));
        }
        let left = self.left(finding);
        if !left.reasons.is_empty() {
            return Judged::new(Completion::NotDone, left);
        }
        if !self.reach.is_later(server) {
            return Judged::told(Completion::CannotTell, Reason::new("verify-after-not-later", &[]));
        }
        self.absence(finding)
    }

    /// What of it is there still, and what happened since.
    fn left(&self, finding: &Finding) -> Grounds {
        let mut left = Grounds::default();
        let after = self.later(finding);
        // A page that was set right lies where the changed one lay: without the finding it is none of it.
        let stays = finding.grade == Grade::Persists || !programs(finding).is_empty();
        let there = self.there(finding).filter(|_| after.is_some() || stays);
        let (mut compiled, mut files): (BTreeSet<_>, BTreeSet<_>) =
            there.partition(|seen| is_compiled(&seen.what));
        let mut settings = BTreeSet::new();
        for seen in after.into_iter().flat_map(|after| sightings(after, |proof| self.is_there(proof))) {
            let kind = if is_compiled(&seen.what) { &mut compiled } else { &mut files };
            // Several rules may have met one file.
            if !kind.iter().any(|one| path_key(&one.what) == path_key(&seen.what)) {
                kind.insert(seen);
            }
        }
        settings.extend(after.into_iter().flat_map(|after| sightings(after, |proof| self.is_setting(proof))));
        add(&mut left, "verify-left-file", files);
        add(&mut left, "verify-left-compiled", compiled);
        add(&mut left, "verify-left-setting", settings);
        if let Some(after) = after {
            self.add_what_happened_since(finding, after, &mut left);
        }
        left
    }

    /// The files that lie where it lay.
    fn there(&self, finding: &Finding) -> impl Iterator<Item = Sighting> {
        let paths = places(finding).into_iter().chain(programs(finding)).map(path_key);
        let files = paths.filter_map(|key| self.facts.files.get(&(finding.server.clone(), key)));
        let live = files.flatten().filter(|seen| below_shadow_copy(&seen.what).is_none()).cloned();
        live.collect::<Vec<_>>().into_iter()
    }

    /// Tells whether a proof is a file that is there.
    fn is_there(&self, proof: &Proof) -> bool {
        let is_file = source(proof) == FILES && is_live(proof);
        is_file || proof.grade == Grade::Persists && !self.is_setting(proof)
    }

    /// Tells whether a proof is a setting as it is.
    fn is_setting(&self, proof: &Proof) -> bool {
        let source = source(proof);
        source != FILES && !TRACES.contains(&source) && self.reach.is_state(source)
    }

    /// Adds what came after both the end of the earlier evidence and the last that it tells of the finding.
    fn add_what_happened_since(&self, finding: &Finding, after: &Finding, left: &mut Grounds) {
        let Some(from) = self.reach.from(&after.server).max(finding.last) else { return };
        let since =
            after.detections.iter().filter(|one| one.grade >= Grade::Reached && one.last > Some(from));
        let logged: Vec<_> = since.filter(|one| !self.rests_on_state(one)).collect();
        let Some(last) = logged.iter().filter_map(|one| one.last).max() else { return };
        left.reasons.push(Reason::new("verify-left-used", &[("last", &last.to_second())]));
        left.proofs.extend(logged.into_iter().filter_map(|one| sighting_of(one, after)));
    }

    /// Tells whether all that a rule met shows a state: then its times are those of the things.
    fn rests_on_state(&self, detection: &Detection) -> bool {
        detection.samples.iter().all(|sample| {
            let source = sample.fields.get("source").map_or("", String::as_str);
            source == FILES || self.reach.is_state(source)
        })
    }

    /// Nothing is left and nothing happened: but does the later case reach as far as the traces did?
    fn absence(&self, finding: &Finding) -> Judged {
        let server = finding.server.as_str();
        let places = places(finding).into_iter().map(|path| self.reach.place(server, path));
        let states = self.states_behind(finding).into_iter().map(|source| self.reach.state(server, source));
        let mut reached: Vec<_> = places.chain(states).collect();
        if reached.is_empty() {
            if let Some(stays) = super::stays::of(finding) {
                return self.taken_away(finding, stays);
            }
            reached.push(self.logs_behind(finding));
        }
        let (mut covered, mut missing) = (Vec::new(), Vec::new());
        for one in reached {
            match one {
                Ok(rows) => covered.extend(rows),
                Err(gaps) => missing.extend(gaps),
            }
        }
        covered.sort();
        covered.dedup();
        missing.sort();
        missing.dedup();
        let (completion, key) = match (missing.is_empty(), covered.is_empty()) {
            (true, false) => (Completion::Done, "verify-gone"),
            _ => (Completion::CannotTell, "verify-gone-not-covered"),
        };
        let grounds =
            Grounds { reasons: vec![Reason::new(key, &[])], covered, missing, ..Grounds::default() };
        Judged::new(completion, grounds)
    }

    /// The kinds that showed a state before, beside files.
    fn states_behind<'f>(&self, finding: &'f Finding) -> BTreeSet<&'f str> {
        let sources = finding.proofs.iter().map(source);
        let is_meant = |one: &&str| *one != FILES && !TRACES.contains(one) && self.reach.is_state(one);
        sources.filter(is_meant).collect()
    }

    /// The logs that proved it before, from the end of the earlier evidence on.
    fn logs_behind(&self, finding: &Finding) -> Reached {
        let server = finding.server.as_str();
        let proofs: Vec<_> =
            finding.proofs.iter().filter(|proof| !self.reach.is_state(source(proof))).collect();
        let kinds = self.reach.kinds(server, &proofs);
        match (self.reach.from(server), self.reach.until(server)) {
            (Some(from), Some(until)) => self.reach.logs(server, &kinds, Span { from, until }),
            _ => Err(Vec::new()),
        }
    }
}

fn outcome(
    finding: &Finding,
    (before, after): (Option<Grade>, Option<Grade>),
    fate: Fate,
    grounds: Grounds,
) -> FindingOutcome {
    FindingOutcome {
        finding: finding.id.clone(),
        claim: finding.claim.clone(),
        question: finding.question,
        server: finding.server.clone(),
        subject: finding.subject.clone(),
        title: finding.title.clone(),
        before,
        after,
        fate,
        grounds,
    }
}

fn sighting_of(detection: &Detection, after: &Finding) -> Option<Sighting> {
    let sample = detection.samples.iter().max_by_key(|sample| sample.time)?;
    let proof = after.proofs.iter().find(|proof| proof.locator == sample.locator);
    Some(Sighting {
        time: sample.time,
        what: detection.title.clone(),
        locator: sample.locator.clone(),
        place: proof.map(|proof| proof.place.clone()).unwrap_or_default(),
    })
}

/// Adds one kind of what is left.
fn add(left: &mut Grounds, key: &str, proofs: BTreeSet<Sighting>) {
    if proofs.is_empty() {
        return;
    }
    let seen: BTreeSet<_> = proofs.iter().map(|proof| proof.what.as_str()).collect();
    let seen: Vec<_> = seen.into_iter().collect();
    left.reasons.push(Reason::new(key, &[("what", &seen.join(", "))]));
    left.proofs.extend(proofs);
}

/// Tells whether a file was compiled from a page.
fn is_compiled(path: &str) -> bool {
    path_key(path).contains(COMPILED)
}
