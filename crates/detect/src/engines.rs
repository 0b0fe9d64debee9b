//! What runs rules over facts: one file an engine, one small interface.

use crate::rule::Rule;
use afterpatch_model::{
    Detection, Grade, Locator, Problem, ProblemCode, Reason, RuleCoverage, Sample, Timestamp, Weight,
};
use afterpatch_store::{Case, HitRow, HitRule, HitWriter, Progress, Session};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

pub(crate) mod analytic;
mod files;
pub(crate) mod pages;
pub(crate) mod sigma;
pub(crate) mod yara;

/// What an engine may look at.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The facts.
    pub session: &'a Session,
    /// The case, for engines that read the evidence's own bytes; none in rule tests.
    pub case: Option<&'a Case>,
    /// Whom to tell how far the run is.
    pub progress: &'a dyn Progress,
    /// Who takes each hit, besides the detections that gather them; none where nobody asks for them.
    pub hits: Option<&'a HitWriter>,
}

/// Runs the rules of one kind.
pub trait RuleEngine {
    /// Runs those of `rules` that are its own.
    fn run(&self, scope: &Scope<'_>, rules: &[&Rule]) -> Ran;
}

/// What came of running rules.
#[derive(Debug, Default)]
pub struct Ran {
    /// What they met.
    pub detections: Vec<Detection>,
    /// The rules that could not run.
    pub problems: Vec<Problem>,
    /// What rules by log source had to look at.
    pub coverage: RuleCoverage,
}

/// Every engine, in the order in which they run.
pub static ENGINES: &[&(dyn RuleEngine + Sync)] =
    &[&analytic::Analytics, &sigma::Sigma, &yara::Yara, &pages::Pages];

/// One fact that met a rule.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) server: String,
    pub(crate) subject: String,
    pub(crate) grade: Option<Grade>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) locator: Locator,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) reasons: Vec<Reason>,
}

/// Gathers hits into detections: one per rule, claim, server, subject and grade, in that order.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    detections: BTreeMap<(String, String, String, String, Grade), Detection>,
    log: Option<HitLog>,
}

/// Each hit, on its way to who takes them.
#[derive(Debug)]
struct HitLog {
    writer: HitWriter,
    rows: Vec<HitRow>,
    /// What rules say of themselves, by their id.
    rules: BTreeMap<String, Arc<HitRule>>,
}

impl HitLog {
    /// Hits that are written at once.
    const BATCH: usize = 4_096;

    fn add(&mut self, rule: &Rule, hit: &Hit) {
        let known = self.rules.get(rule.id.as_str()).map(Arc::clone);
        let of = known.unwrap_or_else(|| {
            let of = Arc::new(hit_rule(rule));
            self.rules.insert(rule.id.to_string(), Arc::clone(&of));
            of
        });
        self.rows.push(HitRow {
            rule: of,
            time: hit.time,
            server: hit.server.clone(),
            subject: hit.subject.clone(),
            grade: grade_of(rule, hit),
            locator: hit.locator.clone(),
        });
        if self.rows.len() >= Self::BATCH {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        if !self.rows.is_empty() {
            self.writer.write(&self.rows);
            self.rows.clear();
        }
    }
}

impl Drop for HitLog {
    fn drop(&mut self) {
        self.hand_on();
    }
}

fn hit_rule(rule: &Rule) -> HitRule {
    HitRule {
        id: rule.id.to_string(),
        title: rule.title.clone(),
        level: rule.level,
        engine: rule.engine().name(),
        author: rule.author.clone(),
        license: rule.license.clone(),
    }
}

fn grade_of(rule: &Rule, hit: &Hit) -> Grade {
    let own = rule.bearing.as_ref().map_or(Grade::Attempted, |bearing| bearing.grade);
    hit.grade.unwrap_or(own)
}

impl Gathered {
    /// Gathers nothing yet; each hit goes to `hits` too, where somebody takes them.
    pub(crate) fn with(hits: Option<&HitWriter>) -> Self {
        let log =
            |writer: &HitWriter| HitLog { writer: writer.clone(), rows: Vec::new(), rules: BTreeMap::new() };
        Self { detections: BTreeMap::new(), log: hits.map(log) }
    }

    /// Adds a fact that met `rule`, once for each claim that the rule bears on.
    pub(crate) fn add(&mut self, rule: &Rule, hit: &Hit) {
        self.add_with(rule, hit, &|| hit.fields.clone());
    }

    /// Adds a fact as [`Gathered::add`] does; what it shows is only asked for where it becomes a sample.
    pub(crate) fn add_with(&mut self, rule: &Rule, hit: &Hit, fields: &dyn Fn() -> BTreeMap<String, String>) {
        if let Some(log) = &mut self.log {
            log.add(rule, hit);
        }
        let claims = rule.bearing.as_ref().map_or(&[][..], |bearing| &bearing.claims);
        if claims.is_empty() {
            self.add_to(rule, None, hit, fields);
        }
        for claim in claims {
            self.add_to(rule, Some(claim.clone()), hit, fields);
        }
    }

    /// Adds what was gathered elsewhere. In which order makes no difference.
    pub(crate) fn merge(&mut self, other: Self) {
        for (key, theirs) in other.detections {
            match self.detections.entry(key) {
                Entry::Vacant(place) => drop(place.insert(theirs)),
                Entry::Occupied(mut place) => {
                    let ours = place.get_mut();
                    ours.facts += theirs.facts;
                    for (artifact, facts) in theirs.artifacts {
                        *ours.artifacts.entry(artifact).or_default() += facts;
                    }
                    ours.first = earliest(ours.first, theirs.first);
                    ours.last = ours.last.max(theirs.last);
                    for sample in theirs.samples {
                        keep_first(&mut ours.samples, sample.time, &sample.locator, &|| sample.clone());
                    }
                }
            }
        }
    }

    /// Returns the detections in order of rule, claim, server, subject and grade.
    pub(crate) fn finish(self) -> Vec<Detection> {
        self.detections.into_values().collect()
    }

    fn add_to(
        &mut self,
        rule: &Rule,
        claim: Option<String>,
        hit: &Hit,
        fields: &dyn Fn() -> BTreeMap<String, String>,
    ) {
        let grade = grade_of(rule, hit);
        let key = (
            rule.id.to_string(),
            claim.clone().unwrap_or_default(),
            hit.server.clone(),
            hit.subject.clone(),
            grade,
        );
        let detection = self.detections.entry(key).or_insert_with(|| empty(rule, claim, grade, hit));
        detection.facts += 1;
        *detection.artifacts.entry(hit.locator.artifact.clone()).or_default() += 1;
        detection.first = earliest(detection.first, hit.time);
        detection.last = detection.last.max(hit.time);
        keep_first(&mut detection.samples, hit.time, &hit.locator, &|| Sample {
            time: hit.time,
            locator: hit.locator.clone(),
            fields: fields(),
            reasons: hit.reasons.clone(),
        });
    }
}

/// Keeps the samples that are first in time, so that the order in which facts arrive does not matter.
fn keep_first(
    samples: &mut Vec<Sample>,
    time: Option<Timestamp>,
    locator: &Locator,
    sample: &dyn Fn() -> Sample,
) {
    let stands = (time.is_none(), time, locator);
    let earlier = samples.partition_point(|kept| (kept.time.is_none(), kept.time, &kept.locator) < stands);
    if earlier >= Detection::SAMPLES {
        return;
    }
    let sample = sample();
    let order =
        |sample: &Sample| (sample.time.is_none(), sample.time, sample.locator.clone(), sample.fields.clone());
    let place = samples.partition_point(|kept| order(kept) <= order(&sample));
    samples.insert(place, sample);
    samples.truncate(Detection::SAMPLES);
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn empty(rule: &Rule, claim: Option<String>, grade: Grade, hit: &Hit) -> Detection {
    Detection {
        rule: rule.id.clone(),
        engine: rule.engine(),
        title: rule.title.clone(),
        author: rule.author.clone(),
        license: rule.license.clone(),
        reference: rule.references.first().cloned(),
        level: rule.level,
        tags: rule.tags.clone(),
        claim,
        weight: rule.bearing.as_ref().map_or(Weight::For, |bearing| bearing.weight),
        grade,
        server: hit.server.clone(),
        subject: hit.subject.clone(),
        first: None,
        last: None,
        facts: 0,
        artifacts: BTreeMap::new(),
        samples: Vec::new(),
    }
}

/// Makes the problem that says why a rule could not be loaded or run.
pub(crate) fn rule_problem(code: ProblemCode, rule_origin: &str, detail: &dyn std::fmt::Display) -> Problem {
    let detail = detail.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect();
    Problem { code, place: rule_origin.to_owned(), artifact: None, record: None, lost: false, detail }
}
