//! Findings into stories: what one actor did on one server, step by step, and what of it is not seen.
//!
//! A story is made of the proofs of findings and of nothing else. Proofs belong together where they share an address, an
//! account, a session or a file; what happened on the server itself belongs to what led to it, by time.

mod actors;
mod ties;

use afterpatch_detect::{Content, Rule};
use afterpatch_model::{
    Coverage, Finding, Grade, Locator, MissingStep, Phase, Proof, RuleId, Story, StoryStep, Tie, TieKind,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// The lines that a story has at most; more are no story that anybody reads.
const LINES: usize = 12;

/// One proof, as a story takes it.
#[derive(Debug, Clone)]
struct Moment<'f> {
    finding: &'f Finding,
    proof: &'f Proof,
    phase: Phase,
    ties: BTreeSet<Tie>,
}

impl Moment<'_> {
    /// Tells whether it shows more than an attempt; what covers tracks shows that somebody was there.
    fn is_telling(&self) -> bool {
        self.proof.grade >= Grade::Reached || self.phase == Phase::Cover
    }

    /// Of several readings of one fact the heaviest is told.
    fn weight(&self) -> (Grade, bool, std::cmp::Reverse<&RuleId>, std::cmp::Reverse<&str>) {
        let (rule, claim) = (&self.proof.rule, self.finding.claim.as_str());
        (self.proof.grade, !self.finding.cves.is_empty(), std::cmp::Reverse(rule), std::cmp::Reverse(claim))
    }

    fn values(&self, kind: TieKind) -> impl Iterator<Item = &str> {
        self.ties.iter().filter(move |tie| tie.kind == kind).map(|tie| tie.value.as_str())
    }
}

/// Tells the stories of all servers, by server and by their beginning.
pub(crate) fn stories(content: &Content, findings: &[Finding], coverage: &[Coverage]) -> Vec<Story> {
    let servers: BTreeSet<&str> = findings.iter().map(|finding| finding.server.as_str()).collect();
    servers.into_iter().flat_map(|server| of_server(content, findings, coverage, server)).collect()
}

fn of_server(content: &Content, findings: &[Finding], coverage: &[Coverage], server: &str) -> Vec<Story> {
    let mut moments = moments(content, findings, server);
    ties::tie(&mut moments);
    let is_story = |group: &Vec<Moment<'_>>| {
        group.iter().any(|moment| moment.is_telling() && moment.phase != Phase::Cover)
    };
    let groups = actors::part(moments).into_iter().filter(is_story);
    let mut stories: Vec<_> = groups.map(|group| tell(content, coverage, server, &group)).collect();
    stories.sort_by(|a, b| {
        (a.first.is_none(), a.first, &a.addresses).cmp(&(b.first.is_none(), b.first, &b.addresses))
    });
    stories
}

/// Returns every fact that is a step of an intrusion. One that met several rules is taken once, as what says the most:
/// the graver, or the one that names a flaw.
fn moments<'f>(content: &Content, findings: &'f [Finding], server: &str) -> Vec<Moment<'f>> {
    let mut taken: BTreeMap<&Locator, Moment<'f>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.server == server) {
        for proof in &finding.proofs {
            let Some(phase) = content.phase(&proof.rule, &finding.claim) else { continue };
            // What is still there is what he comes back by, whatever put it there.
            let phase = if proof.grade == Grade::Persists { Phase::Foothold } else { phase };
            let moment = Moment { finding, proof, phase, ties: BTreeSet::new() };
            match taken.get_mut(&proof.locator) {
                Some(there) if there.weight() >= moment.weight() => {}
                Some(there) => *there = moment,
                None => drop(taken.insert(&proof.locator, moment)),
            }
        }
    }
    let mut moments: Vec<_> = taken.into_values().collect();
    moments
        .sort_by_key(|moment| (moment.proof.time.is_none(), moment.proof.time, moment.phase, moment.proof));
    moments
}

fn tell(content: &Content, coverage: &[Coverage], server: &str, moments: &[Moment<'_>]) -> Story {
    let mut lines: BTreeMap<(Phase, &str), Vec<&Moment<'_>>> = BTreeMap::new();
    for moment in moments {
        lines.entry((moment.phase, moment.proof.rule.as_str())).or_default().push(moment);
    }
    let shared = shared(&lines);
    let steps: Vec<_> = lines.values().filter_map(|line| step(content, line, &shared, lines.len())).collect();
    let (steps, left_out) = in_order(steps);
    let all = |kind: TieKind| -> Vec<String> {
        let values: BTreeSet<&str> = moments.iter().flat_map(|moment| moment.values(kind)).collect();
        values.into_iter().map(str::to_owned).collect()
    };
    let times = || moments.iter().filter_map(|moment| moment.proof.time);
    let (first, last) = (times().min(), times().max());
    Story {
        server: server.to_owned(),
        grade: moments.iter().map(|moment| moment.proof.grade).max().unwrap_or_default(),
        first,
        last,
        addresses: all(TieKind::Address),
        accounts: all(TieKind::Account),
        missing: missing(&steps, coverage, server, first.zip(last)),
        steps,
        left_out,
    }
}

/// Returns what more than one line has.
fn shared<'m>(lines: &BTreeMap<(Phase, &str), Vec<&'m Moment<'_>>>) -> BTreeSet<&'m Tie> {
    let mut seen: BTreeMap<&Tie, usize> = BTreeMap::new();
    for line in lines.values() {
        let ties: BTreeSet<&Tie> = line.iter().flat_map(|moment| &moment.ties).collect();
        for tie in ties {
            *seen.entry(tie).or_default() += 1;
        }
    }
    seen.into_iter().filter(|(_, lines)| *lines > 1).map(|(tie, _)| tie).collect()
}

/// Makes a line of the proofs of one rule: it says the gravest of them, and of those the first.
fn step(content: &Content, line: &[&Moment<'_>], shared: &BTreeSet<&Tie>, lines: usize) -> Option<StoryStep> {
    let grade = line.iter().map(|moment| moment.proof.grade).max()?;
    let told = line.iter().find(|moment| moment.proof.grade == grade)?;
    let own: BTreeSet<&Tie> = line.iter().flat_map(|moment| &moment.ties).collect();
    let mut ties: Vec<Tie> = own.intersection(shared).map(|tie| (*tie).clone()).collect();
    if ties.is_empty() && lines > 1 && told.proof.time.is_some() {
        ties.push(Tie { kind: TieKind::Time, value: String::new() });
    }
    let seen = || line.iter().filter_map(|moment| moment.proof.time);
    Some(StoryStep {
        phase: told.phase,
        grade,
        first: seen().min(),
        last: seen().max(),
        count: u64::try_from(line.len()).unwrap_or(u64::MAX),
        text: text(content, told)?,
        rule: told.proof.rule.clone(),
        finding: told.finding.id.clone(),
        ties,
        locator: told.proof.locator.clone(),
        place: told.proof.place.clone(),
    })
}

fn text(content: &Content, moment: &Moment<'_>) -> Option<afterpatch_model::Message> {
    let is_it = |rule: &&Rule| rule.id == moment.proof.rule;
    let bearing = content.rules().iter().find(is_it)?.bearing.as_ref()?;
    Some(bearing.message.fill(|name| match name {
        "server" => Some(moment.finding.server.clone()),
        "subject" => Some(moment.finding.subject.clone()),
        name => moment.proof.fields.get(name).cloned(),
    }))
}

/// Puts the lines in order of time, and an undated one before what comes after its phase. Of too many, the graver stay,
/// and one at least of every phase.
fn in_order(mut steps: Vec<StoryStep>) -> (Vec<StoryStep>, u64) {
    let left_out = steps.len().saturating_sub(LINES);
    let mut phases = BTreeSet::new();
    steps.sort_by_key(|step| (std::cmp::Reverse(step.grade), step.first.is_none(), step.first, step.phase));
    steps.sort_by_cached_key(|step| !phases.insert(step.phase));
    steps.truncate(LINES);
    let (mut dated, mut undated): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| step.first.is_some());
    dated.sort_by(|a, b| (a.first, a.phase, &a.rule).cmp(&(b.first, b.phase, &b.rule)));
    undated.sort_by(|a, b| (a.phase, &a.rule).cmp(&(b.phase, &b.rule)));
    for step in undated {
        let place = dated.iter().position(|later| later.phase > step.phase).unwrap_or(dated.len());
        dated.insert(place, step);
    }
    (dated, u64::try_from(left_out).unwrap_or(u64::MAX))
}

/// A kind of evidence: the parser's name, and what within the kind; empty for any.
type Kind = (&'static str, &'static str);

/// The kinds of evidence that show a phase where it happened. Whether tracks were covered, nothing has to show.
const SHOWN_BY: [(Phase, &[Kind]); 5] = [
    (Phase::Entry, &[("http-proxy", ""), ("iis-w3c", "w3svc1")]),
    (Phase::Execution, &[("ecp-server", ""), ("evtx", "msexchange management"), ("evtx", SYSMON)]),
    (Phase::Foothold, &[("served-files", ""), ("mft", "")]),
    (Phase::Use, &[("iis-w3c", "w3svc1"), ("evtx", "security")]),
    (Phase::Theft, &[("iis-w3c", "w3svc1"), ("evtx", SYSMON), ("mft", "")]),
];
const SYSMON: &str = "microsoft-windows-sysmon/operational";

/// Returns the phases of which nothing is seen, and whether the evidence that would show them is there.
fn missing(
    steps: &[StoryStep],
    coverage: &[Coverage],
    server: &str,
    span: Option<(Timestamp, Timestamp)>,
) -> Vec<MissingStep> {
    let is_there = |(source, scope): &Kind| {
        let is_kind = |row: &&Coverage| {
            row.server == server
                && row.artifacts > 0
                && (row.source == *source || *source == "evtx" && row.source == "windows-events")
                && (scope.is_empty() || row.scope.is_empty() || row.scope == *scope)
        };
        coverage.iter().filter(is_kind).any(|row| reaches(row, span))
    };
    let of_phase = |(phase, kinds): &(Phase, &[Kind])| {
        let (silent, absent): (Vec<Kind>, Vec<Kind>) = kinds.iter().copied().partition(is_there);
        let names = |kinds: Vec<Kind>| -> Vec<String> {
            let names: BTreeSet<&str> = kinds.into_iter().map(|(source, _)| source).collect();
            names.into_iter().map(str::to_owned).collect()
        };
        MissingStep { phase: *phase, silent: names(silent), absent: names(absent) }
    };
    let is_seen = |phase: Phase| steps.iter().any(|step| step.phase == phase);
    SHOWN_BY.iter().filter(|(phase, _)| !is_seen(*phase)).map(of_phase).collect()
}

/// What shows a state has no spans; a log has to reach into the time of the story.
fn reaches(row: &Coverage, span: Option<(Timestamp, Timestamp)>) -> bool {
    let Some((first, last)) = span.filter(|_| !row.spans.is_empty()) else { return true };
    row.spans.iter().any(|covered| covered.from <= last && first < covered.until)
}

#[cfg(test)]
mod tests;
