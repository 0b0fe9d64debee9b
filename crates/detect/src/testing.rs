//! Rule tests as data: each analytic has, beside it, facts that it must meet and facts that it must not.

use crate::content::Content;
use crate::engines::{
    Gathered, RuleEngine, Scope, analytic::Analytics, analytic::grade, pages, sigma::Sigma, yara,
};
use crate::prepare;
use crate::rule::{Body, Rule};
use afterpatch_model::{Detection, RuleId};
use afterpatch_store::{NoProgress, Session};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How one test of a rule went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTest {
    /// The rule.
    pub rule: RuleId,
    /// The test's name.
    pub name: String,
    /// What went wrong; none where it passed.
    pub fault: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    facts: BTreeMap<String, Vec<Map<String, Value>>>,
    #[serde(default)]
    file: Option<FileUnderTest>,
    expect: Vec<Expected>,
}

/// The bytes of a file, for YARA and the judge of pages: text, or encoded so that no antivirus eats the checkout.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileUnderTest {
    path: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    hex: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default)]
    grade: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    facts: Option<u64>,
}

/// The server that files under test lie on.
const SERVER: &str = "MX1";

/// Runs the tests of the rules of ours that `wanted` picks.
pub(crate) fn run(content: &Content, wanted: &dyn Fn(&Rule) -> bool) -> Vec<RuleTest> {
    content.rules().iter().filter(|rule| wanted(rule)).flat_map(|rule| run_rule(content, rule)).collect()
}

fn run_rule(content: &Content, rule: &Rule) -> Vec<RuleTest> {
    let failed = |name: &str, fault: String| {
        vec![RuleTest { rule: rule.id.clone(), name: name.to_owned(), fault: Some(fault) }]
    };
    let Some(text) = content.test_of(rule) else {
        return if rule.builtin { failed("-", "no test beside the rule".to_owned()) } else { Vec::new() };
    };
    let mut cases: Vec<Case> = match serde_saphyr::from_str::<BTreeMap<String, Vec<Case>>>(text) {
        Ok(mut by_rule) => by_rule.remove(rule.id.as_str()).unwrap_or_default(),
        Err(error) => return failed("-", error.to_string()),
    };
    let has = |hit: bool| cases.iter().any(|case| case.expect.is_empty() != hit);
    if !has(true) || !has(false) {
        return failed("-", "a rule needs a hit and a near miss".to_owned());
    }
    cases.drain(..).map(|case| run_case(content, rule, &case)).collect()
}

fn run_case(content: &Content, rule: &Rule, case: &Case) -> RuleTest {
    let fault = match met(content, rule, case) {
        Ok(detections) => differs(&case.expect, &detections),
        Err(fault) => Some(fault),
    };
    RuleTest { rule: rule.id.clone(), name: case.name.clone(), fault }
}

/// Runs the rule over the facts of the case.
fn met(content: &Content, rule: &Rule, case: &Case) -> Result<Vec<Detection>, String> {
    let facts: Vec<_> = case.facts.iter().map(|(table, rows)| (table.as_str(), rows.clone())).collect();
    let session = Session::with_facts(&facts).map_err(|error| error.to_string())?;
    prepare(&session, content).map_err(|error| error.to_string())?;
    if let Body::Yara { .. } | Body::Page(_) = rule.body {
        return Ok(case.file.as_ref().map_or_else(Vec::new, |file| met_in_file(rule, &session, file)));
    }
    let scope = Scope { session: &session, case: None, progress: &NoProgress, hits: None };
    let engine: &dyn RuleEngine = if matches!(rule.body, Body::Sql(_)) { &Analytics } else { &Sigma };
    let ran = engine.run(&scope, &[rule]);
    match ran.problems.first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(ran.detections),
    }
}

fn met_in_file(rule: &Rule, session: &Session, file: &FileUnderTest) -> Vec<Detection> {
    let pairs = file.hex.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    let decoded: Vec<u8> = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
    let bytes = if decoded.is_empty() { file.text.as_bytes() } else { &decoded };
    let hits = match rule.body {
        Body::Page(_) => pages::hits_in(rule, session, SERVER, &file.path, bytes),
        _ => yara::hits_in(rule, bytes, &file.path),
    };
    let mut gathered = Gathered::default();
    for hit in hits {
        gathered.add(rule, &hit);
    }
    gathered.finish()
}

/// Says how the detections differ from what is expected: same number, and each expectation met.
fn differs(expected: &[Expected], found: &[Detection]) -> Option<String> {
    let meets = |wanted: &Expected| {
        found.iter().any(|detection| {
            wanted.grade.as_deref().is_none_or(|word| grade(word) == Some(detection.grade))
                && wanted.subject.as_ref().is_none_or(|subject| *subject == detection.subject)
                && wanted.facts.is_none_or(|facts| facts == detection.facts)
        })
    };
    if expected.len() == found.len() && expected.iter().all(meets) {
        return None;
    }
    let seen: Vec<_> = found
        .iter()
        .map(|detection| {
            format!("{} {:?} ({} facts)", detection.grade.name(), detection.subject, detection.facts)
        })
        .collect();
    Some(format!("expected {expected:?}, found {seen:?}"))
}
