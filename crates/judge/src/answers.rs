//! By which rules an answer follows from findings and coverage: one function a question.

use crate::evidence::Evidence;
use crate::exposed::{self, ToCover};
use crate::needs::{NEEDS, uncollected_sites};
use afterpatch_model::{
    Answer, Finding, FindingId, Gap, Grade, Level, Question, Reason, ServerResult, Span, Timestamp, Verdict,
};
use std::collections::BTreeSet;

/// Answers the first five questions for one server.
pub fn of_server(evidence: &Evidence<'_>, server: &str) -> Vec<Answer> {
    let exposed = exposed::answer(evidence, server);
    let broken_into = broken_into(evidence, server, exposed.verdict);
    let still_inside = still_inside(evidence, server, broken_into.verdict);
    let left = what_left(evidence, server);
    vec![exposed, broken_into, still_inside, left, whose_hand(server)]
}

/// Question 2: what was done decides; "no trace" waits for every log over the whole time in which a flaw was open.
fn broken_into(evidence: &Evidence<'_>, server: &str, exposed: Verdict) -> Answer {
    let mut answer = Answer::plain(Question::BrokenInto, server);
    let findings: Vec<_> =
        evidence.findings.iter().filter(|finding| speaks_of_entry(finding, server)).collect();
    let tampering: Vec<_> =
        evidence.findings.iter().filter(|finding| removes_traces(finding, server)).collect();
    let ToCover { span, not_looked_for, faint } = exposed::to_cover(evidence, server);
    let gaps = gaps(evidence, Question::BrokenInto, server, span);
    let covered = gaps.iter().all(|(decisive, _)| !decisive);
    let nothing_covered = gaps.iter().all(|(decisive, gap)| !decisive || gap.span == span);
    answer.missing = gaps.into_iter().map(|(_, gap)| gap).collect();
    answer.findings = [ids(&findings), ids(&tampering)].concat();
    answer.verdict = match highest(&findings) {
        Some((Grade::Executed | Grade::Persists, Level::High | Level::Critical)) => Verdict::Yes,
        Some((Grade::Executed | Grade::Persists | Grade::Reached, _)) => Verdict::Likely,
        _ if exposed == Verdict::NoTrace && findings.is_empty() && tampering.is_empty() => Verdict::NoTrace,
        _ if !covered || !not_looked_for.is_empty() || !tampering.is_empty() => Verdict::CannotTell,
        Some((Grade::Attempted, _)) => Verdict::AttemptedOnly,
        None => Verdict::NoTrace,
    };
    if exposed == Verdict::NoTrace && answer.findings.is_empty() {
        answer.missing.clear();
        answer.reasons = vec![Reason::new("not-exposed-no-need", &[])];
        return answer;
    }
    answer.reasons.extend(entry_reason(&findings));
    if !not_looked_for.is_empty() {
        answer.reasons.push(Reason::new("not-looked-for", &[("flaws", &not_looked_for.join(", "))]));
    }
    if !tampering.is_empty() && answer.verdict < Verdict::Likely {
        answer.reasons.push(Reason::new("logs-tampered", &[("first", &first_of(&tampering))]));
    }
    if !faint.is_empty() && matches!(answer.verdict, Verdict::NoTrace | Verdict::AttemptedOnly) {
        answer.reasons.push(Reason::new("faint-traces", &[("flaws", &faint.join(", "))]));
    }
    if span.is_none() && answer.verdict < Verdict::Likely {
        answer.reasons.push(Reason::new("nothing-used-then", &[]));
    }
    if let Some(span) = span.filter(|_| answer.verdict < Verdict::Likely) {
        let key = match (covered, nothing_covered) {
            (true, _) => "no-trace-covered",
            (false, true) => "not-covered",
            (false, false) => "coverage-partial",
        };
        let reason = Reason::new(key, &[("from", &span.from.day()), ("until", &span.until.day())]);
        let place = if findings.is_empty() || !covered { 0 } else { answer.reasons.len() };
        answer.reasons.insert(place, reason);
    }
    answer.against = [circumstances(&findings), against(&findings)].concat();
    answer
}

/// What removes traces breaks nothing open; it keeps the silence of the logs from saying anything.
fn removes_traces(finding: &Finding, server: &str) -> bool {
    finding.claim == "log-tampering" && finding.server == server
}

/// A web shell that was written, ran or is there is a break-in too.
fn speaks_of_entry(finding: &Finding, server: &str) -> bool {
    let entry = finding.question == Question::BrokenInto && !removes_traces(finding, server)
        || finding.claim == "web-shell-probe"
        || finding.claim == "web-shell" && finding.grade >= Grade::Reached;
    entry && finding.server == server
}

fn highest(findings: &[&Finding]) -> Option<(Grade, Level)> {
    // A sure `executed` says more about a break-in than a `persists` that rests on one trace.
    let weight = |finding: &&&Finding| (finding.confidence.min(Level::High), finding.grade);
    findings.iter().max_by_key(weight).map(|finding| (finding.grade, finding.confidence))
}

fn ids(findings: &[&Finding]) -> Vec<FindingId> {
    findings.iter().map(|finding| finding.id.clone()).collect()
}

fn entry_reason(findings: &[&Finding]) -> Option<Reason> {
    let (grade, _) = highest(findings)?;
    let of_grade: Vec<_> =
        findings.iter().copied().filter(|finding| finding.grade >= grade.min(Grade::Executed)).collect();
    let first = first_of(&of_grade);
    let facts = facts_of(&of_grade);
    let key = if grade >= Grade::Executed { "executed" } else { grade.name() };
    Some(Reason::new(key, &[("count", &facts.to_string()), ("first", &first)]))
}

fn first_of(findings: &[&Finding]) -> String {
    let first = findings.iter().filter_map(|finding| finding.first).min();
    first.map_or_else(|| "?".to_owned(), Timestamp::to_second)
}

fn facts_of(findings: &[&Finding]) -> u64 {
    findings.iter().flat_map(|finding| &finding.detections).map(|detection| detection.facts).sum()
}

/// What the rules know of the circumstances: a scanner, a server that was patched, a request that was stopped.
fn circumstances(findings: &[&Finding]) -> Vec<Reason> {
    let general = |reason: &&Reason| {
        matches!(
            reason.key.as_str(),
            "scanner" | "own-probe" | "blocked-amsi" | "blocked-patched" | "file-absent"
        )
    };
    let known: BTreeSet<_> =
        findings.iter().flat_map(|finding| finding.reasons.iter().filter(general).cloned()).collect();
    known.into_iter().collect()
}

fn against(findings: &[&Finding]) -> Vec<Reason> {
    let held = findings.iter().flat_map(|finding| &finding.against);
    let titles: BTreeSet<_> = held.map(|detection| detection.title.as_str()).collect();
    titles.into_iter().map(|title| Reason::new("held-by", &[("rule", title)])).collect()
}

pub(crate) fn gaps(
    evidence: &Evidence<'_>,
    question: Question,
    server: &str,
    span: Option<Span>,
) -> Vec<(bool, Gap)> {
    let builds = evidence.builds.get(server).map_or(&[][..], Vec::as_slice);
    let newest = builds.iter().map(|span| span.build).max();
    let needed = NEEDS.iter().filter(|need| {
        need.question == question
            && need.before.is_none_or(|before| newest.is_none_or(|newest| newest < before))
    });
    needed
        .flat_map(|need| {
            need.gaps(evidence.coverage, server, span).into_iter().map(|gap| (need.decisive, gap))
        })
        .collect()
}

/// Question 3: what is there decides; what only ran leaves open whether it is still there.
fn still_inside(evidence: &Evidence<'_>, server: &str, broken_into: Verdict) -> Answer {
    let mut answer = Answer::plain(Question::StillInside, server);
    let findings: Vec<_> = evidence
        .findings
        .iter()
        .filter(|finding| finding.question == Question::StillInside && finding.server == server)
        .filter(|finding| finding.claim != "web-shell-probe")
        .collect();
    let mut gaps = gaps(evidence, Question::StillInside, server, None);
    gaps.extend(uncollected_sites(evidence.coverage, server).into_iter().map(|gap| (true, gap)));
    let collected = gaps.iter().all(|(decisive, _)| !decisive);
    answer.missing = gaps.into_iter().map(|(_, gap)| gap).collect();
    answer.findings = ids(&findings);
    let there = |finding: &&&Finding| finding.grade == Grade::Persists;
    let present: Vec<_> = findings.iter().filter(there).copied().collect();
    let gone: Vec<_> = findings
        .iter()
        .filter(|finding| matches!(finding.grade, Grade::Reached | Grade::Executed))
        .copied()
        .collect();
    answer.verdict = match highest(&present) {
        Some((_, Level::High | Level::Critical)) => Verdict::Yes,
        Some(_) => Verdict::Likely,
        None if gone.is_empty()
            && collected
            && matches!(broken_into, Verdict::NoTrace | Verdict::AttemptedOnly) =>
        {
            Verdict::NoTrace
        }
        None => Verdict::CannotTell,
    };
    answer.reasons = presence_reasons(evidence, server, &present, &gone, collected);
    if answer.verdict == Verdict::CannotTell && collected && gone.is_empty() {
        answer.reasons.insert(0, Reason::new("footholds-not-ruled-out", &[]));
    }
    answer.against = against(&findings);
    answer
}

fn presence_reasons(
    evidence: &Evidence<'_>,
    server: &str,
    present: &[&Finding],
    gone: &[&Finding],
    collected: bool,
) -> Vec<Reason> {
    let paths = |findings: &[&Finding]| {
        let mut names: Vec<&str> = findings.iter().filter_map(|finding| subject_of(finding)).collect();
        names.dedup();
        names.join(", ")
    };
    let mut reasons = Vec::new();
    if !present.is_empty() {
        reasons.push(Reason::new("persists", &[("paths", &paths(present))]));
    }
    if !gone.is_empty() {
        let key = if collected { "file-gone" } else { "written-not-collected" };
        reasons.push(Reason::new(key, &[("paths", &paths(gone))]));
    }
    let folders = evidence.coverage.iter().filter(|row| row.server == server && row.source == "served-files");
    let files: u64 = folders.map(|row| row.records).sum();
    if reasons.is_empty() && collected {
        reasons.push(Reason::new("files-clean", &[("files", &files.to_string())]));
    } else if !collected && gone.is_empty() {
        reasons.push(Reason::new("files-not-collected", &[]));
    }
    if files > 0 {
        reasons.extend(of_unknown_files(evidence, server));
    }
    reasons
}

/// Of a build whose genuine files no list has, pages are judged by less.
fn of_unknown_files(evidence: &Evidence<'_>, server: &str) -> Option<Reason> {
    let builds: BTreeSet<_> = evidence.builds.get(server)?.iter().map(|span| span.build).collect();
    let unknown = builds.into_iter().filter(|build| !evidence.knowledge.knows_files_of(*build));
    let unknown: Vec<_> = unknown.map(|build| build.to_string()).collect();
    (!unknown.is_empty()).then(|| Reason::new("files-of-unknown-build", &[("builds", &unknown.join(", "))]))
}

/// Returns what a finding is about: of one about a server as a whole, the setting by which it shows.
fn subject_of(finding: &Finding) -> Option<&str> {
    let of_server = || finding.proofs.iter().find_map(|proof| proof.fields.get("name").map(String::as_str));
    Some(finding.subject.as_str()).filter(|subject| !subject.is_empty()).or_else(of_server)
}

/// Question 4: what was packed, exported or fetched shows; how much left, and whether anything else did, no rule tells yet.
fn what_left(evidence: &Evidence<'_>, server: &str) -> Answer {
    let mut answer = Answer::plain(Question::WhatLeft, server);
    let is_of_it = |finding: &&Finding| finding.question == Question::WhatLeft && finding.server == server;
    let findings: Vec<_> = evidence.findings.iter().filter(is_of_it).collect();
    let made_ready: Vec<_> =
        findings.iter().copied().filter(|finding| finding.grade >= Grade::Reached).collect();
    answer.findings = ids(&findings);
    answer.verdict = match highest(&made_ready) {
        Some((Grade::Executed | Grade::Persists, Level::High | Level::Critical)) => Verdict::Yes,
        Some(_) => Verdict::Likely,
        None => Verdict::CannotTell,
    };
    answer.missing = vec![Gap {
        server: server.to_owned(),
        source: "flows".to_owned(),
        folder: String::new(),
        span: None,
        would_show: "flows".to_owned(),
    }];
    if made_ready.is_empty() {
        answer.reasons = vec![Reason::new("left-not-seen", &[])];
    } else {
        let count = facts_of(&made_ready).to_string();
        let args = [("count", count.as_str()), ("first", &first_of(&made_ready))];
        answer.reasons = vec![Reason::new("left-seen", &args), Reason::new("left-extent", &[])];
    }
    answer
}

/// Question 5: no rule tells yet.
fn whose_hand(server: &str) -> Answer {
    let mut answer = Answer::plain(Question::WhoseHand, server);
    answer.reasons = vec![Reason::new("no-detector-hand", &[])];
    answer
}

/// Answers question 6: whether anything is to be done.
pub fn what_now(server: Option<&str>, steps: usize) -> Answer {
    let (verdict, reason) = match steps {
        0 => (Verdict::NoTrace, Reason::new("nothing-to-do", &[])),
        count => (Verdict::Yes, Reason::new("actions", &[("count", &count.to_string())])),
    };
    Answer {
        question: Question::WhatNow,
        server: server.map(str::to_owned),
        verdict,
        reasons: vec![reason],
        findings: Vec::new(),
        against: Vec::new(),
        missing: Vec::new(),
    }
}

/// Answers the six questions for the organisation: as grave as its gravest server, and no surer than its least sure one.
pub fn of_organisation(servers: &[ServerResult], steps: usize) -> Vec<Answer> {
    if servers.is_empty() {
        return Question::ALL.map(no_server).to_vec();
    }
    let mut answers: Vec<_> =
        Question::ALL.iter().take(5).map(|question| across(servers, *question)).collect();
    answers.push(what_now(None, steps));
    answers
}

/// Where nothing that was handed in names a server, nothing can be told, nor that nothing is to be done.
fn no_server(question: Question) -> Answer {
    Answer { server: None, reasons: vec![Reason::new("no-servers", &[])], ..Answer::plain(question, "") }
}

/// From the gravest down: one server that cannot tell keeps the whole organisation from "no trace".
const BY_GRAVITY: [Verdict; 5] =
    [Verdict::Yes, Verdict::Likely, Verdict::CannotTell, Verdict::AttemptedOnly, Verdict::NoTrace];

fn across(servers: &[ServerResult], question: Question) -> Answer {
    let of_servers: Vec<_> = servers
        .iter()
        .flat_map(|server| server.answers.iter().filter(|answer| answer.question == question))
        .collect();
    let verdict = BY_GRAVITY
        .into_iter()
        .find(|verdict| of_servers.iter().any(|answer| answer.verdict == *verdict))
        .unwrap_or(Verdict::CannotTell);
    let deciding: Vec<_> = of_servers.iter().filter(|answer| answer.verdict == verdict).collect();
    let names: Vec<_> = deciding.iter().filter_map(|answer| answer.server.as_deref()).collect();
    let summary = Reason::new(
        "servers",
        &[
            ("yes", &names.len().to_string()),
            ("total", &servers.len().to_string()),
            ("names", &names.join(", ")),
        ],
    );
    let mut reasons = vec![summary];
    if let [only] = of_servers.as_slice() {
        reasons.clone_from(&only.reasons);
    }
    let first_of_each: BTreeSet<_> =
        deciding.iter().flat_map(|answer| answer.against.iter().cloned()).collect();
    Answer {
        question,
        server: None,
        verdict,
        reasons,
        findings: deciding.iter().flat_map(|answer| answer.findings.iter().cloned()).collect(),
        against: first_of_each.into_iter().collect(),
        missing: of_servers.iter().flat_map(|answer| answer.missing.iter().cloned()).collect(),
    }
}

#[cfg(test)]
mod tests;
