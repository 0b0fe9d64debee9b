//! Community rules, problems, and the list of evidence with its hashes.

use super::left_out;
use crate::figures::{self, grouped};
use crate::texts::Texts;
use afterpatch_model::{CaseResult, Problem, RuleUse};
use serde::Serialize;

/// Artifacts that the page lists; the JSON holds all.
const ARTIFACT_ROWS: usize = 2_000;
/// Problems of one code that the page shows.
const EXAMPLES: usize = 3;

/// How a community rule fared.
#[derive(Serialize)]
pub(crate) struct RuleView {
    rule: String,
    title: String,
    engine: String,
    level: String,
    level_name: &'static str,
    author: String,
    license: String,
    reference: Option<String>,
    servers: Vec<String>,
    first: String,
    last: String,
}

/// The problems of one code.
#[derive(Serialize)]
pub(crate) struct ProblemView {
    code: String,
    count: String,
    title: String,
    remedy: String,
    examples: Vec<String>,
}

/// The list of evidence.
#[derive(Serialize)]
pub(crate) struct Artifacts {
    rows: Vec<ArtifactView>,
    left_out: Option<String>,
}

#[derive(Serialize)]
struct ArtifactView {
    server: Option<String>,
    place: String,
    path: String,
    size: String,
    sha256: String,
    parser: Option<String>,
    records: String,
    lost: String,
    lossy: bool,
}

pub(super) fn rules(rules: &[RuleUse], texts: &Texts) -> Vec<RuleView> {
    let servers = |rule: &RuleUse| {
        let counts = rule.servers.iter();
        counts.map(|(name, count)| format!("{name}: {}", grouped(*count))).collect()
    };
    rules
        .iter()
        .map(|rule| RuleView {
            rule: rule.rule.to_string(),
            title: rule.title.clone(),
            engine: texts.engine(rule.engine),
            level: texts.level(rule.level),
            level_name: rule.level.name(),
            author: rule.author.clone(),
            license: rule.license.clone(),
            reference: rule.reference.clone(),
            servers: servers(rule),
            first: figures::moment(rule.first),
            last: figures::moment(rule.last),
        })
        .collect()
}

pub(super) fn problems(result: &CaseResult, texts: &Texts) -> Vec<ProblemView> {
    result
        .problems
        .iter()
        .filter_map(|(code, (count, samples))| {
            let kind = samples.first()?.code;
            Some(ProblemView {
                code: code.clone(),
                count: grouped(*count),
                title: texts.problem(kind),
                remedy: texts.remedy(kind),
                examples: samples.iter().take(EXAMPLES).map(example).collect(),
            })
        })
        .collect()
}

fn example(problem: &Problem) -> String {
    let mut text = problem.place.clone();
    if let Some(record) = problem.record {
        text = format!("{text}#{record}");
    }
    if !problem.detail.is_empty() {
        text = format!("{text}: {}", problem.detail);
    }
    text
}

pub(super) fn artifacts(result: &CaseResult, texts: &Texts) -> Artifacts {
    let rows = result.artifacts.iter().take(ARTIFACT_ROWS).map(|one| ArtifactView {
        server: one.server.clone(),
        place: one.place.clone(),
        path: one.path.clone(),
        size: figures::size(one.size_bytes),
        sha256: one.sha256.clone(),
        parser: one.parser.as_deref().map(|parser| texts.source(parser)),
        records: grouped(one.tally.records),
        lost: grouped(one.tally.lost),
        lossy: one.tally.lost > 0,
    });
    Artifacts {
        rows: rows.collect(),
        left_out: left_out(result.artifacts.len(), ARTIFACT_ROWS, "result.json", texts),
    }
}
