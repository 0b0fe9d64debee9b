//! What the page shows: the result as text in one language, ready to be laid out by the templates.
//!
//! Strings stand here as they are; the templates escape all of them. Only the drawings come escaped.

mod answers;
mod coverage;
mod evidence;
mod exposure;
mod findings;
mod plan;
mod rule_coverage;
mod story;
mod verify;

use crate::axis::Axis;
use crate::figures::grouped;
use crate::svg;
use crate::texts::Texts;
use afterpatch_model::{CaseResult, Finding, Message, TimelineEntry};
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) use plan::{CommandView, PlanPage, Step, steps};
pub(crate) use story::{StepView, StoryPage, stories};
pub(crate) use verify::{CheckView, GroundsView, VerifyView};

/// Lines of the timeline that the page lists; the export holds all.
const TIMELINE_ROWS: usize = 400;

/// The whole page.
#[derive(Serialize)]
pub(crate) struct Page {
    lang: &'static str,
    organisation: String,
    version: String,
    content: String,
    schema: String,
    servers: Vec<answers::ServerView>,
    answers: Vec<answers::AnswerView>,
    turns: Vec<plan::TurnView>,
    plan: Vec<Step>,
    /// Where the findings are that the steps link to: on this page.
    findings_at: &'static str,
    stories: Vec<story::StoryView>,
    timeline: Option<Timeline>,
    coverage: Option<coverage::CoverageView>,
    findings: Vec<findings::FindingView>,
    rules: Vec<evidence::RuleView>,
    rule_coverage: Option<rule_coverage::RuleCoverageView>,
    problems: Vec<evidence::ProblemView>,
    artifacts: evidence::Artifacts,
    grades: Vec<GradeView>,
    read_line: String,
    lost: String,
}

#[derive(Serialize)]
struct GradeView {
    name: &'static str,
    word: String,
    means: String,
}

/// The timeline: a drawing, and the same in words.
#[derive(Serialize)]
struct Timeline {
    drawing: String,
    outside: usize,
    rows: Vec<TimelineRow>,
    left_out: Option<String>,
}

#[derive(Serialize)]
struct TimelineRow {
    time: String,
    /// The last of several alike.
    last: Option<String>,
    count: usize,
    server: String,
    grade: &'static str,
    grade_word: String,
    text: String,
    finding: String,
    place: String,
    record: u64,
}

/// A link to a finding on the page.
#[derive(Serialize, Clone)]
pub(crate) struct Link {
    id: String,
    pub(crate) title: String,
}

impl Page {
    /// Puts the result into words.
    pub(crate) fn of(result: &CaseResult, texts: &Texts) -> Self {
        let links = links(&result.findings, texts);
        let organisation = result.organisation.clone();
        Self {
            lang: texts.code(),
            organisation: organisation.unwrap_or_else(|| texts.get("ui-organisation-unnamed", &[])),
            version: result.version.clone(),
            content: result.content.clone(),
            schema: result.schema.clone(),
            servers: answers::servers(&result.servers, &links, texts),
            answers: answers::answers(&result.answers, &links, texts),
            turns: plan::turns(&result.turns, texts),
            plan: steps(&result.plan, &links, texts),
            findings_at: "",
            stories: stories(&result.stories, &links, texts),
            timeline: timeline(result, texts),
            coverage: coverage::view(result, texts),
            findings: findings::findings(&result.findings, texts),
            rules: evidence::rules(&result.rules, texts),
            rule_coverage: rule_coverage::view(&result.rule_coverage, texts),
            problems: evidence::problems(result, texts),
            artifacts: evidence::artifacts(result, texts),
            grades: grades(texts),
            read_line: crate::terminal::counts_line(result, texts),
            lost: texts.get("limit-lost", &[("lost", &result.counts.lost.to_string())]),
        }
    }
}

/// Returns the findings by id, as a step or an answer names them.
pub(crate) fn links(findings: &[Finding], texts: &Texts) -> BTreeMap<String, Link> {
    let link =
        |finding: &Finding| Link { id: finding.id.to_string(), title: sentence(&finding.title, texts) };
    findings.iter().map(|finding| (finding.id.to_string(), link(finding))).collect()
}

fn grades(texts: &Texts) -> Vec<GradeView> {
    use afterpatch_model::Grade::{Attempted, Executed, Persists, Reached};
    [Attempted, Reached, Executed, Persists]
        .into_iter()
        .map(|grade| GradeView {
            name: grade.name(),
            word: texts.grade(grade),
            means: texts.get(&format!("grade-{}.means", grade.name()), &[]),
        })
        .collect()
}

fn timeline(result: &CaseResult, texts: &Texts) -> Option<Timeline> {
    let mut times: Vec<_> = result.timeline.iter().map(|entry| entry.time).collect();
    times.sort_unstable();
    let axis = Axis::of(&times)?;
    // What repeats, a scanner's requests or a shell's, is one row of the list.
    let runs: Vec<_> = result.timeline.chunk_by(alike).collect();
    let rows = runs.iter().take(TIMELINE_ROWS);
    Some(Timeline {
        drawing: svg::timeline(&result.timeline, &axis, texts),
        outside: axis.outside,
        rows: rows.filter_map(|run| timeline_row(run, texts)).collect(),
        left_out: left_out(runs.len(), TIMELINE_ROWS, "timeline.csv", texts),
    })
}

fn alike(one: &TimelineEntry, next: &TimelineEntry) -> bool {
    let told = |entry: &TimelineEntry| (entry.grade, entry.question);
    told(one) == told(next)
        && (&one.server, &one.text, &one.finding) == (&next.server, &next.text, &next.finding)
}

fn timeline_row(run: &[TimelineEntry], texts: &Texts) -> Option<TimelineRow> {
    let (first, last) = (run.first()?, run.last()?);
    Some(TimelineRow {
        time: first.time.to_second(),
        last: (run.len() > 1).then(|| last.time.to_second()),
        count: run.len(),
        server: first.server.clone(),
        grade: first.grade.name(),
        grade_word: texts.grade(first.grade),
        text: sentence(&first.text, texts),
        finding: first.finding.to_string(),
        place: first.place.clone(),
        record: first.locator.record,
    })
}

/// Says how many of `all` do not stand among the first `shown`, and where they do.
fn left_out(all: usize, shown: usize, file: &str, texts: &Texts) -> Option<String> {
    let more = all.checked_sub(shown).filter(|more| *more > 0)?;
    let count = grouped(u64::try_from(more).unwrap_or(u64::MAX));
    Some(texts.get("ui-left-out", &[("count", &count), ("file", file)]))
}

/// Returns a message as one line.
fn sentence(message: &Message, texts: &Texts) -> String {
    joined(&texts.message(message), texts)
}

/// Returns a message by paragraphs, which an empty line parts.
fn paragraphs(message: &Message, texts: &Texts) -> Vec<String> {
    let text = texts.message(message);
    text.split("\n\n").map(|part| joined(part, texts)).filter(|part| !part.is_empty()).collect()
}

/// Lines that content broke by hand become one; Japanese has no space there.
fn joined(text: &str, texts: &Texts) -> String {
    let between = if texts.code() == "ja" { "" } else { " " };
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(between)
}
