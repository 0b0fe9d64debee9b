//! What a terminal shows: answers, findings, coverage and timeline as lines of text.
//!
//! Every verdict has a symbol and a word; colour only repeats them. The symbols are ASCII, for terminals disagree on
//! the width of the others.

mod story;

use crate::figures::{self, grouped, minute};
use crate::lines::{Cell, Ink, one_line, padded, push_hanging, table, wrap};
use crate::plain::plain;
use crate::texts::Texts;
use afterpatch_model::{
    Action, Answer, CaseResult, Coverage, Finding, Gap, Grade, Question, Span, Target, Verdict,
};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr;

/// How many findings or gaps a line of the summary names before it counts the rest.
const NAMED: usize = 2;

/// How a terminal is to be written to.
#[derive(Clone, Copy)]
struct Page<'a> {
    texts: &'a Texts,
    width: usize,
    color: bool,
}

impl Page<'_> {
    fn heading(self, out: &mut String, text: &str) {
        out.push('\n');
        out.push_str(&Ink::Bold.paint(text, self.color));
        out.push('\n');
    }

    fn labels(self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.texts.get(&format!("ui-{key}"), &[])).collect()
    }
}

/// Returns the whole picture: the six answers of the organisation and of each server, the findings, what was read,
/// and the problems with what one can do about them.
pub fn summary(result: &CaseResult, texts: &Texts, width: usize, color: bool) -> String {
    let page = Page { texts, width, color };
    let findings: BTreeMap<&str, &Finding> = result.findings.iter().map(|f| (f.id.as_str(), f)).collect();
    let widths = Widths::of(result, texts);
    let organisation = match &result.organisation {
        Some(name) => plain(name),
        None => texts.get("ui-organisation-unnamed", &[]),
    };
    let mut out = Ink::Bold.paint(&organisation, color) + "\n";
    push_answers(&mut out, page, widths, &result.answers, &findings);
    for server in &result.servers {
        page.heading(&mut out, &plain(server.server.name.as_str()));
        push_answers(&mut out, page, widths, &server.answers, &findings);
    }
    story::push_stories(&mut out, page, result);
    page.heading(&mut out, &texts.get("ui-findings", &[]));
    out.push_str(&findings_table(result, texts, width, color));
    out.push('\n');
    push_hanging(&mut out, &wrap(&counts_line(result, texts), width), 0, Ink::Plain, color);
    out.push_str(&problem_lines(result, texts, width, color));
    out
}

/// Returns the findings, gravest first. An id is shown by its first eight digits.
pub fn findings_table(result: &CaseResult, texts: &Texts, width: usize, color: bool) -> String {
    let page = Page { texts, width, color };
    if result.findings.is_empty() {
        return wrap(&texts.get("ui-no-findings", &[]), width).join("\n") + "\n";
    }
    let rows: Vec<_> = result.findings.iter().map(|finding| finding_row(page, finding)).collect();
    let header = page.labels(&["finding", "grade", "confidence", "server", "first", "what-happened"]);
    table(&header, &rows, width, color)
}

/// Returns what the evidence covers, a line for each server, kind and scope.
pub fn coverage_table(result: &CaseResult, texts: &Texts, width: usize, color: bool) -> String {
    let page = Page { texts, width, color };
    if result.coverage.is_empty() {
        return wrap(&texts.get("ui-no-coverage", &[]), width).join("\n") + "\n";
    }
    let rows: Vec<_> = result.coverage.iter().map(|one| coverage_row(page, one)).collect();
    let header = page.labels(&["server", "source", "scope", "records", "covered", "gaps"]);
    table(&header, &rows, width, color)
}

/// Returns the timeline, a line or more for each entry.
pub fn timeline_lines(result: &CaseResult, texts: &Texts, width: usize, color: bool) -> String {
    let page = Page { texts, width, color };
    if result.timeline.is_empty() {
        return texts.get("ui-no-timeline", &[]) + "\n";
    }
    let rows: Vec<_> = result
        .timeline
        .iter()
        .map(|entry| {
            vec![
                Cell::new(&entry.time.to_second()),
                Cell::new(&entry.server),
                Cell::inked(&texts.grade(entry.grade), grade_ink(entry.grade)),
                Cell::new(&one_line(&texts.message(&entry.text))),
            ]
        })
        .collect();
    table(&page.labels(&["time", "server", "grade", "what-happened"]), &rows, width, color)
}

/// Returns the plan: its steps in order, each with its servers, whether it changes anything, what is particular to each
/// of them, and its check.
pub fn plan_lines(result: &CaseResult, texts: &Texts, width: usize, color: bool) -> String {
    if result.plan.is_empty() {
        return texts.get("ui-no-plan", &[]) + "\n";
    }
    let mut out = String::new();
    for (number, action) in result.plan.iter().enumerate() {
        let head = format!("{:>2}. {}", number + 1, one_line(&texts.message(&action.title)));
        push_hanging(&mut out, &wrap(&head, width), 4, Ink::Bold, color);
        for (text, ink) in step_lines(action, texts) {
            out.push_str("    ");
            push_hanging(&mut out, &wrap(&text, width.saturating_sub(4)), 4, ink, color);
        }
    }
    out
}

/// Returns what stands below a step's title.
fn step_lines(action: &Action, texts: &Texts) -> Vec<(String, Ink)> {
    let risk = if action.changes_things { "ui-changes-things" } else { "ui-read-only" };
    let servers = match action.servers.as_slice() {
        [] => texts.get("ui-organisation-wide", &[]),
        servers => plain(&servers.join(", ")),
    };
    let kind = format!("{} [{}] {servers}", texts.action(action.kind), texts.get(risk, &[]));
    let verify = format!("{}: {}", texts.get("ui-verify", &[]), one_line(&texts.message(&action.verify)));
    let mut lines = vec![(kind, Ink::Plain), (one_line(&texts.message(&action.what)), Ink::Plain)];
    lines.extend(
        action.targets.iter().filter_map(|target| target_line(target, texts)).map(|line| (line, Ink::Plain)),
    );
    lines.push((verify, Ink::Dim));
    lines
}

/// Returns what is particular to some of a step's servers; nothing where nothing is.
fn target_line(target: &Target, texts: &Texts) -> Option<String> {
    let note = one_line(&texts.message(&target.note));
    let subject = target.subject.as_deref().map(plain).unwrap_or_default();
    let told: Vec<&str> =
        [subject.as_str(), note.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    (!told.is_empty()).then(|| format!("- {}: {}", plain(&target.servers.join(", ")), told.join(" – ")))
}

/// Returns how much was read, in one sentence: records = facts + lost.
pub fn counts_line(result: &CaseResult, texts: &Texts) -> String {
    let counts = &result.counts;
    texts.get(
        "ui-read-line",
        &[
            ("collections", &grouped(counts.collections)),
            ("artifacts", &grouped(counts.artifacts)),
            ("bytes", &figures::size(counts.bytes)),
            ("records", &grouped(counts.records)),
            ("facts", &grouped(counts.facts)),
            ("lost", &grouped(counts.lost)),
            ("problems", &grouped(counts.problems)),
        ],
    )
}

/// Returns the problems by code: how many, what, where the first is, and what one can do.
pub fn problem_lines(result: &CaseResult, texts: &Texts, width: usize, color: bool) -> String {
    let mut out = String::new();
    for (code, (count, samples)) in &result.problems {
        let Some(first) = samples.first() else {
            continue;
        };
        let head = format!("{code}  {} x {}", grouped(*count), texts.problem(first.code));
        push_hanging(&mut out, &wrap(&head, width), 7, Ink::Yellow, color);
        let place = match first.record {
            Some(record) => format!("{}#{record}", plain(&first.place)),
            None => plain(&first.place),
        };
        for text in [place, texts.remedy(first.code)] {
            out.push_str("       ");
            push_hanging(&mut out, &wrap(&text, width.saturating_sub(7)), 7, Ink::Plain, color);
        }
    }
    out
}

/// How wide the words of the questions and of the verdicts are, over all blocks, so that the blocks line up.
#[derive(Clone, Copy)]
struct Widths {
    question: usize,
    verdict: usize,
}

impl Widths {
    fn of(result: &CaseResult, texts: &Texts) -> Self {
        let of_servers = result.servers.iter().flat_map(|server| &server.answers);
        let verdicts = result.answers.iter().chain(of_servers);
        let verdicts = verdicts.map(|answer| texts.verdict(answer.question, answer.verdict).width());
        let questions = Question::ALL.iter().map(|question| texts.question(*question).width());
        Self { question: questions.max().unwrap_or(0), verdict: verdicts.max().unwrap_or(0) }
    }
}

fn push_answers(
    out: &mut String,
    page: Page<'_>,
    widths: Widths,
    answers: &[Answer],
    findings: &BTreeMap<&str, &Finding>,
) {
    // Two spaces, the symbol and a space; two spaces behind each of question and verdict.
    let indent = 6 + widths.question + 2 + widths.verdict + 2;
    let room = page.width.saturating_sub(indent).max(24);
    for answer in answers {
        let ink = verdict_ink(answer.question, answer.verdict);
        let verdict = page.texts.verdict(answer.question, answer.verdict);
        out.push_str("  ");
        out.push_str(&ink.paint(symbol(answer.verdict), page.color));
        out.push(' ');
        out.push_str(&padded(&page.texts.question(answer.question), widths.question));
        out.push_str("  ");
        out.push_str(&ink.paint(&verdict, page.color));
        out.push_str(&" ".repeat(widths.verdict.saturating_sub(verdict.width()) + 2));
        for (number, (text, ink)) in answer_lines(page.texts, answer, findings).iter().enumerate() {
            if number > 0 {
                out.push_str(&" ".repeat(indent));
            }
            push_hanging(out, &wrap(text, room), indent, *ink, page.color);
        }
    }
}

/// The first reason, then what is for it, against it and missing, each in one line.
fn answer_lines(texts: &Texts, answer: &Answer, findings: &BTreeMap<&str, &Finding>) -> Vec<(String, Ink)> {
    let reason = answer.reasons.first().map(|reason| one_line(&texts.reason(reason)));
    let mut lines = vec![(reason.unwrap_or_default(), Ink::Plain)];
    let titles = answer.findings.iter().filter_map(|id| findings.get(id.as_str()));
    let titles: Vec<_> = titles.map(|f| one_line(&texts.message(&f.title))).collect();
    let against: Vec<_> = answer.against.iter().map(|reason| one_line(&texts.reason(reason))).collect();
    let missing: Vec<_> = answer.missing.iter().map(|gap| gap_words(texts, gap)).collect();
    for (key, items) in [("ui-for", titles), ("ui-against", against), ("ui-missing", missing)] {
        if !items.is_empty() {
            lines.push((format!("{}: {}", texts.get(key, &[]), first_of(texts, &items)), Ink::Dim));
        }
    }
    lines
}

fn first_of(texts: &Texts, items: &[String]) -> String {
    let mut named: Vec<String> = items.iter().take(NAMED).cloned().collect();
    if items.len() > NAMED {
        named.push(texts.get("ui-more", &[("count", &(items.len() - NAMED).to_string())]));
    }
    named.join("; ")
}

fn gap_words(texts: &Texts, gap: &Gap) -> String {
    let mut words = vec![plain(&gap.server), plain(&texts.source(&gap.source)), plain(&gap.folder)];
    words.extend(gap.span.as_ref().map(span_words));
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

fn finding_row(page: Page<'_>, finding: &Finding) -> Vec<Cell> {
    vec![
        Cell::new(&finding.id.as_str().chars().take(8).collect::<String>()),
        Cell::inked(&page.texts.grade(finding.grade), grade_ink(finding.grade)),
        Cell::new(&page.texts.level(finding.confidence)),
        Cell::new(&finding.server),
        Cell::new(&finding.first.map_or_else(|| "-".to_owned(), minute)),
        Cell::new(&one_line(&page.texts.message(&finding.title))),
    ]
}

fn coverage_row(page: Page<'_>, coverage: &Coverage) -> Vec<Cell> {
    let covered = match (coverage.spans.first(), coverage.spans.last()) {
        (Some(first), Some(last)) => span_words(&Span { from: first.from, until: last.until }),
        _ => page.texts.get("ui-no-dates", &[]),
    };
    let holes: Vec<_> = holes(&coverage.spans).iter().map(span_words).collect();
    let holes = match (holes.is_empty(), coverage.spans.is_empty()) {
        (_, true) => "-".to_owned(),
        (true, _) => page.texts.get("ui-no-gap", &[]),
        (false, _) => first_of(page.texts, &holes),
    };
    vec![
        Cell::new(&coverage.server),
        Cell::new(&page.texts.source(&coverage.source)),
        Cell::new(&coverage.scope),
        Cell::new(&grouped(coverage.records)),
        Cell::new(&covered),
        Cell::new(&holes),
    ]
}

/// A span with an ASCII dash: terminals disagree on the width of the other.
fn span_words(span: &Span) -> String {
    figures::span(span).replace('–', "-")
}

/// Returns what lies open between the spans.
fn holes(spans: &[Span]) -> Vec<Span> {
    match (spans.first(), spans.last()) {
        (Some(first), Some(last)) => Span { from: first.from, until: last.until }.gaps(spans),
        _ => Vec::new(),
    }
}

/// The verdict's symbol: it stands alone where there is no colour.
fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Yes => "[!]",
        Verdict::Likely => "[*]",
        Verdict::AttemptedOnly => "[~]",
        Verdict::NoTrace => "[-]",
        Verdict::CannotTell => "[?]",
    }
}

fn verdict_ink(question: Question, verdict: Verdict) -> Ink {
    match (question, verdict) {
        (Question::WhatNow, Verdict::Yes) | (_, Verdict::CannotTell) => Ink::Cyan,
        (_, Verdict::Yes) => Ink::Red,
        (_, Verdict::Likely | Verdict::AttemptedOnly) => Ink::Yellow,
        (_, Verdict::NoTrace) => Ink::Green,
    }
}

fn grade_ink(grade: Grade) -> Ink {
    match grade {
        Grade::Attempted => Ink::Plain,
        Grade::Reached => Ink::Yellow,
        Grade::Executed | Grade::Persists => Ink::Red,
    }
}
