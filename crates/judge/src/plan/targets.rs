//! The lines of a step: one for all servers that are alike in what it is about.

use super::Inputs;
use super::response::{Per, RESPONSE, Step, StepCheck};
use super::situation::Behind;
use super::update;
use crate::by_build::ByBuild;
use afterpatch_model::{
    Check, Exposure, Finding, Gap, Grade, Message, Mitigation, NeedState, Target, Timestamp, path_key,
};
use std::collections::{BTreeMap, BTreeSet};

/// A server that calls for a step, with what stands behind that.
pub(super) type Called<'a> = (&'a str, Behind<'a>);

/// What makes lines one line: what they are about, and what is particular to it.
type Alike = (String, Message);

/// The lines while they are gathered, in the order of their first server.
#[derive(Default)]
struct Lines(Vec<(Alike, Target)>);

impl Lines {
    fn add(&mut self, alike: Alike, server: &str, subject: Option<&str>, checks: BTreeSet<Check>) {
        let found = self.0.iter().position(|(known, _)| *known == alike);
        let place = found.unwrap_or_else(|| {
            let target = Target {
                servers: Vec::new(),
                subject: subject.map(str::to_owned),
                note: alike.1.clone(),
                checks: Vec::new(),
            };
            self.0.push((alike, target));
            self.0.len() - 1
        });
        let Some((_, target)) = self.0.get_mut(place) else { return };
        if !target.servers.iter().any(|known| known == server) {
            target.servers.push(server.to_owned());
        }
        target.checks.extend(checks);
    }

    fn finish(self) -> Vec<Target> {
        self.0.into_iter().map(|(_, target)| Target { checks: merged(target.checks), ..target }).collect()
    }
}

/// Puts checks of one kind together, in order and each once. Where servers ask for coverage of a kind from different
/// moments on, the time that all of them ask for counts: a later case need not hold the logs of the earlier one again.
fn merged(checks: Vec<Check>) -> Vec<Check> {
    let mut cves = BTreeSet::new();
    let mut covered: BTreeMap<String, (Option<Timestamp>, Option<Timestamp>)> = BTreeMap::new();
    let mut scoped = None;
    let mut rest = BTreeSet::new();
    for check in checks {
        match check {
            Check::BuildFixes { cves: more } => cves.extend(more),
            Check::Covered { source, from, until } => {
                let known = covered.entry(source).or_insert((from, until));
                known.0 = known.0.max(from);
                known.1 = [known.1, until].into_iter().flatten().min();
            }
            // The servers of a line have their first trace on one day.
            Check::Scoped { from } => scoped = Some(scoped.map_or(from, |known: Option<_>| known.min(from))),
            other => drop(rest.insert(other)),
        }
    }
    let fixes = (!cves.is_empty()).then(|| Check::BuildFixes { cves: cves.into_iter().collect() });
    let covered = covered.into_iter().map(|(source, (from, until))| Check::Covered { source, from, until });
    let scoped = scoped.map(|from| Check::Scoped { from });
    fixes.into_iter().chain(covered).chain(scoped).chain(rest).collect()
}

/// Returns the lines of a step for the servers that call for it, which come in the order in which they are treated.
pub(super) fn targets(step: &Step, called: &[Called<'_>], inputs: &Inputs<'_>) -> Vec<Target> {
    let mut lines = Lines::default();
    for (server, behind) in called {
        let line = Line { step, server, behind, inputs };
        match step.per {
            Per::Server => line.of_server(&mut lines),
            Per::Subject => line.of_subjects(&mut lines),
            Per::Gap => line.of_gaps(&mut lines),
            Per::Update => line.of_update(&mut lines),
            Per::FirstTrace => line.of_first_trace(&mut lines),
            Per::Need => line.of_needs(&mut lines, NeedState::Unmet),
            Per::UnknownNeed => line.of_needs(&mut lines, NeedState::Unknown),
            Per::Mitigation => line.of_mitigations(&mut lines),
        }
    }
    lines.finish()
}

/// One server and one step, on the way to its lines.
struct Line<'l, 'a> {
    step: &'l Step,
    server: &'l str,
    behind: &'l Behind<'a>,
    inputs: &'l Inputs<'a>,
}

impl Line<'_, '_> {
    fn of_server(&self, lines: &mut Lines) {
        let checks = self.checks(&self.behind.findings, None, &BTreeSet::new());
        lines.add(Alike::default(), self.server, None, checks);
    }

    /// A finding that is about the server as a whole gives a line without a subject.
    fn of_subjects(&self, lines: &mut Lines) {
        for finding in &self.behind.findings {
            let key = path_key(&finding.subject);
            let subject = Some(finding.subject.as_str()).filter(|subject| !subject.is_empty());
            let note = presence(finding);
            lines.add((key, note), self.server, subject, self.checks(&[finding], subject, &BTreeSet::new()));
        }
        if self.behind.findings.is_empty() {
            self.of_server(lines);
        }
    }

    fn of_gaps(&self, lines: &mut Lines) {
        let mut by_place: BTreeMap<(&str, &str), BTreeSet<&Gap>> = BTreeMap::new();
        for gap in &self.behind.gaps {
            by_place.entry((&gap.source, &gap.folder)).or_default().insert(gap);
        }
        for ((source, folder), gaps) in by_place {
            let subject = if folder.is_empty() { source } else { folder };
            let spans: Vec<_> = gaps.iter().filter_map(|gap| gap.span).collect();
            let covered = Check::Covered {
                source: source.to_owned(),
                from: spans.iter().map(|span| span.from).min(),
                until: spans.iter().map(|span| span.until).max(),
            };
            let alike = (format!("{source} {subject}"), days(&gaps));
            lines.add(alike, self.server, Some(subject), BTreeSet::from([covered]));
        }
    }

    /// A server on which the build closes all that a build can close needs no update.
    fn of_update(&self, lines: &mut Lines) {
        let checks = self.checks(&[], None, &BTreeSet::new());
        if !checks.is_empty() {
            let note = update::advice(self.inputs.evidence, self.server);
            lines.add((String::new(), note), self.server, None, checks);
        }
    }

    fn of_first_trace(&self, lines: &mut Lines) {
        let day = self.first_trace().map(Timestamp::day);
        let note = day.map(|day| RESPONSE.words("since-day", &[("from", same(&day))])).unwrap_or_default();
        let checks = self.checks(&self.behind.findings, None, &BTreeSet::new());
        lines.add((String::new(), note), self.server, None, checks);
    }

    /// Returns when the first of what stands behind the step happened.
    fn first_trace(&self) -> Option<Timestamp> {
        self.behind.findings.iter().filter_map(|finding| finding.first).min()
    }

    /// One line for each thing that is needed, with the flaws that need it.
    fn of_needs(&self, lines: &mut Lines, state: NeedState) {
        let mut by_need: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
        for (exposure, need) in self.behind.needs().filter(|(_, need)| need.state == state) {
            let (cves, subjects) = by_need.entry(&need.id).or_default();
            cves.insert(&exposure.cve);
            subjects.extend(need.subjects.iter().map(String::as_str));
        }
        for (id, (cves, subjects)) in by_need {
            let subject = subjects.into_iter().collect::<Vec<_>>().join(", ");
            let subject = Some(subject.as_str()).filter(|subject| !subject.is_empty());
            let cves = cves.into_iter().collect::<Vec<_>>().join(", ");
            let fill = [("need", RESPONSE.words(&format!("need-{id}"), &[])), ("flaws", same(&cves))];
            let alike = (format!("{id} {}", subject.unwrap_or_default()), RESPONSE.words("needed", &fill));
            lines.add(alike, self.server, subject, self.checks(&[], None, &BTreeSet::from([id])));
        }
    }

    fn of_mitigations(&self, lines: &mut Lines) {
        let seen = self.behind.exposure.iter().flat_map(|exposure| &exposure.mitigations);
        let by_id: BTreeMap<&str, &Mitigation> =
            seen.map(|mitigation| (mitigation.id.as_str(), mitigation)).collect();
        for (id, mitigation) in by_id {
            let day = mitigation.last.or(mitigation.first).map_or_else(|| "?".to_owned(), Timestamp::day);
            let fill =
                [("mitigation", RESPONSE.words(&format!("mitigation-{id}"), &[])), ("day", same(&day))];
            let alike = (id.to_owned(), RESPONSE.words("mitigated", &fill));
            lines.add(alike, self.server, Some(id), self.checks(&[], None, &BTreeSet::new()));
        }
    }

    /// Fills the step's checks with what stands behind it.
    fn checks(
        &self,
        findings: &[&Finding],
        subject: Option<&str>,
        needs: &BTreeSet<&str>,
    ) -> BTreeSet<Check> {
        let end = self.inputs.ends.get(self.server).copied();
        let checks = self.step.checks.iter().flat_map(|check| match check {
            StepCheck::BuildFixes => self.build_fixes(),
            StepCheck::FindingGone => {
                findings.iter().map(|finding| Check::FindingGone { finding: finding.id.clone() }).collect()
            }
            StepCheck::PathAbsent => path_absent(subject),
            StepCheck::Covered(source) => {
                vec![Check::Covered { source: source.clone(), from: end, until: None }]
            }
            StepCheck::PrerequisiteMet => needs.iter().map(|id| self.prerequisite_met(id)).collect(),
            StepCheck::MachineKeysChanged => self.machine_keys_changed(),
            StepCheck::NotReached => vec![Check::NotReached { since: None }],
            StepCheck::NothingNew => vec![Check::NothingNew { since: None }],
            StepCheck::Scoped => vec![Check::Scoped { from: self.first_trace() }],
            StepCheck::Scanned => vec![Check::Scanned],
            StepCheck::ByHand => vec![Check::ByHand],
        });
        checks.collect()
    }

    /// What waits for something beside the build is not the update's to close.
    fn build_fixes(&self) -> Vec<Check> {
        let end = self.inputs.ends.get(self.server).copied();
        let waits = |flaw: &Exposure| matches!(ByBuild::of(flaw, end), ByBuild::Closed | ByBuild::NeedsMore);
        let open = self.behind.exposure.iter().filter(|exposure| !waits(exposure));
        let cves: Vec<_> = open.map(|exposure| exposure.cve.clone()).collect();
        if cves.is_empty() { Vec::new() } else { vec![Check::BuildFixes { cves }] }
    }

    fn prerequisite_met(&self, id: &str) -> Check {
        let by_hand = !self.inputs.evidence.knowledge.shows_met(id);
        Check::PrerequisiteMet { id: id.to_owned(), by_hand }
    }

    /// A server whose web applications make their keys themselves has none that could be compared.
    fn machine_keys_changed(&self) -> Vec<Check> {
        let keys = self.inputs.surroundings.machine_keys.get(self.server).into_iter().flatten();
        let gone = |key: &String| Check::SettingAbsent { name: "machine_key".to_owned(), value: key.clone() };
        let checks: Vec<_> = keys.map(gone).collect();
        if checks.is_empty() { vec![Check::ByHand] } else { checks }
    }
}

/// A subject that is a place on disk is looked for by its path. One that only a request or a compiled page names has no
/// path; its finding says whether something of it is left.
fn path_absent(subject: Option<&str>) -> Vec<Check> {
    let path = subject.filter(|subject| subject.contains('\\'));
    path.map(|path| Check::PathAbsent { path: path.to_owned() }).into_iter().collect()
}

/// Says whether what a finding is about was there when the evidence was collected.
fn presence(finding: &Finding) -> Message {
    let words = match finding.grade {
        Grade::Persists => "present",
        Grade::Executed | Grade::Reached => "not-collected",
        Grade::Attempted => return Message::default(),
    };
    RESPONSE.words(words, &[])
}

/// Holes that a line lists by their days; the others are counted.
const HOLES_SHOWN: usize = 4;

/// Says which days are missing; nothing where the kind has no days.
fn days(gaps: &BTreeSet<&Gap>) -> Message {
    let spans: Vec<_> = gaps.iter().filter_map(|gap| gap.span).collect();
    let Some(last) = spans.len().checked_sub(1) else { return RESPONSE.words("missing-whole", &[]) };
    let shown = spans.iter().take(HOLES_SHOWN).map(|span| {
        let fill = [("from", same(&span.from.day())), ("until", same(&span.until.day()))];
        RESPONSE.words("missing-days", &fill)
    });
    let mut shown: Vec<_> = shown.collect();
    if last >= HOLES_SHOWN {
        let more = (last + 1 - HOLES_SHOWN).to_string();
        shown.push(RESPONSE.words("missing-more", &[("count", same(&more))]));
    }
    Message {
        en: shown.iter().map(|part| part.en.as_str()).collect::<Vec<_>>().join("; "),
        ja: shown.iter().map(|part| part.ja.as_str()).collect::<Vec<_>>().join("、"),
    }
}

/// Text that is the same in every language.
pub(super) fn same(text: &str) -> Message {
    Message { en: text.to_owned(), ja: text.to_owned() }
}
