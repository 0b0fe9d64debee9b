//! Facts in, detections and findings out.
//!
//! [`Content`] holds the rules in force; three [`engines`] run them; [`exposed`] reads the builds;
//! findings are rolled up from detections by the claims of `content/rules/claims.yml`.

mod claim;
mod content;
pub mod engines;
pub mod exposed;
mod findings;
mod knowledge;
mod rule;
mod surroundings;
mod testing;

pub use claim::{Claim, Subject, Traces, Wording};
pub use content::{Concept, Content, ContentSources, Picked};
pub use engines::sigma::SigmaBody;
pub use knowledge::{
    Fault, Flaw, Knowledge, KnownBuild, MitigationKind, NeedKind, Score, Standing, Support, product_of,
};
pub use rule::{Bearing, Body, Rule};
pub use surroundings::Surroundings;
pub use testing::RuleTest;

use afterpatch_model::{
    Batch, Detection, Exposure, Finding, Level, Problem, ProblemCode, RoleSighting, RuleCoverage, RuleUse,
    TimelineEntry,
};
use afterpatch_store::{Case, HitWriter, Progress, Session, StoreError};
use engines::{ENGINES, Ran, Scope, rule_problem};
use exposed::BuildHistory;
use findings::Grading;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All that the rules found in a case.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Detected {
    /// Every detection, by rule, claim, server and subject.
    pub detections: Vec<Detection>,
    /// What they amount to, gravest first.
    pub findings: Vec<Finding>,
    /// The proofs of the findings in order of time.
    pub timeline: Vec<TimelineEntry>,
    /// The builds seen on each server.
    pub builds: BuildHistory,
    /// The role of each server that shows one.
    pub roles: BTreeMap<String, RoleSighting>,
    /// The Exchange install root of each server, as its events name it.
    pub install_roots: BTreeMap<String, String>,
    /// What is known of the flaws that were open, by server and flaw.
    pub exposure: Vec<Exposure>,
    /// What stands around the servers.
    #[serde(default)]
    pub surroundings: Surroundings,
    /// Matches of rules that bear on none of our claims, gravest first.
    pub rules: Vec<RuleUse>,
    /// What rules by log source had to look at, and which had nothing.
    #[serde(default)]
    pub rule_coverage: RuleCoverage,
    /// Rules that could not run.
    pub problems: Vec<Problem>,
}

/// Runs every rule of `content` over the facts of `case`.
///
/// # Errors
///
/// Fails where the facts cannot be queried at all. A rule that cannot run is a problem in the result.
pub fn detect(
    case: &Case,
    session: &Session,
    content: &Content,
    progress: &dyn Progress,
) -> Result<Detected, StoreError> {
    case.hold_small(session)?;
    let rules: Vec<&Rule> = content.rules().iter().collect();
    let hits = case.hit_writer()?;
    prepare(session, content)?;
    // What was open does not hang on what the rules meet.
    let (ran, exposed) = rayon::join(
        || run_prepared(case, session, &rules, progress, Some(&hits)),
        || exposed::read(session, content.knowledge()),
    );
    let (Ran { detections, problems, coverage: rule_coverage }, exposed) = (ran, exposed?);
    case.keep_hits(&hits)?;
    let places = case
        .artifacts()
        .into_iter()
        .map(|line| (line.artifact.id, line.artifact.container_path.to_string()))
        .collect();
    let grading = Grading::new(content, &exposed.runs, &places);
    let findings = grading.findings(&detections);
    let timeline = grading.timeline(&findings);
    let rules = rule_uses(&detections);
    Ok(Detected {
        install_roots: install_roots(session)?,
        surroundings: surroundings::read(session)?,
        findings,
        timeline,
        exposure: exposed.exposure,
        rules,
        rule_coverage,
        problems,
        detections,
        builds: exposed.builds,
        roles: exposed.roles,
    })
}

/// Runs some of the rules of `content` over the facts of `case`; `hits` takes each fact that met one.
///
/// # Errors
///
/// Fails where the facts cannot be queried at all. A rule that cannot run is a problem in what is returned.
pub fn run(
    case: &Case,
    session: &Session,
    content: &Content,
    rules: &[&Rule],
    progress: &dyn Progress,
    hits: Option<&HitWriter>,
) -> Result<Ran, StoreError> {
    prepare(session, content)?;
    Ok(run_prepared(case, session, rules, progress, hits))
}

/// Runs the Sigma rules of `content` over facts as they are read, without a case. Other rules look across facts, or at the
/// evidence's own bytes, and need one.
///
/// `hits` takes each fact that met a rule, and `met` those facts themselves, from any thread. A rule that cannot run is a problem
/// in what is returned.
pub fn sift(
    content: &Content,
    facts: impl IntoIterator<Item = Batch>,
    hits: &HitWriter,
    met: &(dyn Fn(Batch) + Sync),
) -> Ran {
    let rules: Vec<&Rule> = content.rules().iter().collect();
    engines::sigma::sift(&rules, &mut facts.into_iter(), hits, met)
}

/// Runs the engines beside one another: each has stretches in which it uses one thread alone. What they give stands in their
/// order.
fn run_prepared(
    case: &Case,
    session: &Session,
    rules: &[&Rule],
    progress: &dyn Progress,
    hits: Option<&HitWriter>,
) -> Ran {
    let scope = Scope { session, case: Some(case), progress, hits };
    progress.begin("detect", u64::try_from(rules.len()).unwrap_or(0));
    let ran: Vec<Ran> = ENGINES.par_iter().map(|engine| engine.run(&scope, rules)).collect();
    let mut all = Ran::default();
    for own in ran {
        all.detections.extend(own.detections);
        all.problems.extend(own.problems);
        all.coverage.extend(own.coverage);
    }
    progress.end();
    all
}

/// Reads the install root that most settings of a server name.
fn install_roots(session: &Session) -> Result<BTreeMap<String, String>, StoreError> {
    let named = session.rows(
        "SELECT server, value FROM settings WHERE name = 'install_root' AND server IS NOT NULL
         GROUP BY server, value ORDER BY server, COUNT(*), value DESC",
    )?;
    let text = |row: &serde_json::Map<String, serde_json::Value>, name: &str| {
        Some(row.get(name)?.as_str()?.to_owned())
    };
    // The last of a server wins: the one that is named most often.
    Ok(named.iter().filter_map(|row| Some((text(row, "server")?, text(row, "value")?))).collect())
}

/// Gives the session what analytics and questions build upon: the tables of knowledge, the statements of exposure and the
/// named concepts.
///
/// # Errors
///
/// Fails where the facts cannot be queried.
pub fn prepare(session: &Session, content: &Content) -> Result<(), StoreError> {
    exposed::define(session, content.knowledge())?;
    for concept in content.concepts() {
        session.define(&concept.name, &concept.sql)?;
    }
    Ok(())
}

impl Content {
    /// Says what is wrong with the content: missing metadata, unknown claims, YARA that does not compile, SQL that
    /// does not plan.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = content::lint(self);
        problems.extend(engines::yara::check(&self.rules().iter().collect::<Vec<_>>()));
        let session =
            match Session::with_facts(&[]).and_then(|session| prepare(&session, self).map(|()| session)) {
                Ok(session) => session,
                Err(error) => {
                    problems.push(rule_problem(ProblemCode::RuleFailed, "rules/concepts.yml", &error));
                    return problems;
                }
            };
        for rule in self.rules() {
            if let Body::Sql(sql) = &rule.body
                && let Err(error) = session.check(sql)
            {
                problems.push(rule_problem(ProblemCode::RuleRejected, &rule.origin, &error));
            }
        }
        problems
    }

    /// Runs the tests of the rules whose id contains `filter` (all where it is empty).
    pub fn test_rules(&self, filter: &str) -> Vec<RuleTest> {
        testing::run(self, &|rule| rule.id.as_str().contains(filter))
    }
}

/// Sums up, by rule, the detections that bear on none of our claims.
fn rule_uses(detections: &[Detection]) -> Vec<RuleUse> {
    let mut uses: BTreeMap<&str, RuleUse> = BTreeMap::new();
    for detection in detections.iter().filter(|detection| detection.claim.is_none()) {
        let usage = uses.entry(detection.rule.as_str()).or_insert_with(|| RuleUse {
            rule: detection.rule.clone(),
            engine: detection.engine,
            title: detection.title.clone(),
            author: detection.author.clone(),
            license: detection.license.clone(),
            level: detection.level,
            reference: detection.reference.clone(),
            servers: BTreeMap::new(),
            first: None,
            last: None,
        });
        *usage.servers.entry(detection.server.clone()).or_default() += detection.facts;
        usage.first = [usage.first, detection.first].into_iter().flatten().min();
        usage.last = usage.last.max(detection.last);
    }
    let mut uses: Vec<_> = uses.into_values().collect();
    let order = |usage: &RuleUse| (std::cmp::Reverse::<Level>(usage.level), usage.first, usage.rule.clone());
    uses.sort_by_key(order);
    uses
}
