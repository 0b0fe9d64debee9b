//! Correlations: rules over what other rules met, counted and joined in order of time across all files.
//!
//! Which events met the rules that correlations refer to is kept while rows come by, each with the few fields that a
//! correlation asks for; at the end they are put in order and handed to rsigma. Once a correlation was met, it starts
//! anew, so that one burst is one hit.

use super::super::{Gathered, Hit, rule_problem};
use super::fact::Fact;
use super::matchers::Matchers;
use super::percentile::{Percentiles, is_by_percentile};
use super::source::{Part, SigmaBody};
use crate::rule::{Body, Rule};
use afterpatch_model::{Locator, Problem, ProblemCode, Timestamp};
use afterpatch_store::HitWriter;
use rsigma_eval::{
    CorrelationAction, CorrelationConfig, CorrelationEngine, EvaluationResult, Event as _, JsonEvent,
    ResultBody, RuleHeader,
};
use rsigma_parser::{
    ConditionExpr, ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType,
    parse_sigma_yaml,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many events are kept for correlations, the earliest ones; how many come after is told.
const KEPT: usize = 250_000;

/// The correlations of a run.
pub(super) struct Correlations<'a> {
    rules: Vec<(&'a Rule, CorrelationRule)>,
    /// By the place of a rule that correlations refer to: the fields that they ask its events for.
    asked: BTreeMap<u32, BTreeSet<String>>,
    /// Rules that are there for correlations only, and report nothing themselves.
    silent: BTreeSet<u32>,
    percentiles: Percentiles,
    problems: Vec<Problem>,
}

/// The events that met rules which correlations refer to.
#[derive(Debug, Default)]
pub(super) struct Kept {
    events: Vec<Event>,
    beyond: usize,
}

/// An event that met the rule at a place.
#[derive(Debug)]
struct Event {
    hit: Hit,
    place: u32,
    fields: Map<String, Value>,
}

impl Kept {
    fn push(&mut self, event: Event) {
        self.events.push(event);
        // What is the earliest of all is among the earliest of every share, so that shares may be cut like the whole.
        if self.events.len() >= 2 * KEPT {
            self.cut();
        }
    }

    /// Adds what was kept elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        self.beyond += other.beyond;
        self.events.extend(other.events);
        self.cut();
    }

    fn cut(&mut self) {
        self.events.sort_by(|a, b| a.order().cmp(&b.order()));
        self.beyond += self.events.len().saturating_sub(KEPT);
        self.events.truncate(KEPT);
    }
}

impl Event {
    fn order(&self) -> (bool, Option<Timestamp>, &Locator, u32) {
        (self.hit.time.is_none(), self.hit.time, &self.hit.locator, self.place)
    }
}

impl<'a> Correlations<'a> {
    /// Reads the correlations among `rules`, and finds the rules that they refer to by id, name or title.
    pub(super) fn new(rules: &[&'a Rule], matchers: &Matchers<'a>) -> Self {
        let mut correlations = Self {
            rules: Vec::new(),
            asked: BTreeMap::new(),
            silent: BTreeSet::new(),
            percentiles: Percentiles::default(),
            problems: Vec::new(),
        };
        let mut loud = BTreeSet::new();
        let parsed: Vec<_> = rules.iter().filter_map(|rule| Some((*rule, correlation_of(rule)?))).collect();
        // What rsigma gives for a percentile is no match yet, and nothing can be built upon it.
        let firm = parsed.iter().filter(|(_, parsed)| !is_by_percentile(parsed));
        let known: BTreeSet<&str> = firm.flat_map(|(rule, _)| names_of(rule)).collect();
        for (rule, parsed) in parsed {
            match resolved(parsed, matchers, &known) {
                Ok((mut resolved, places)) => {
                    let fields = fields_of(&resolved);
                    for place in places {
                        correlations.asked.entry(place).or_default().extend(fields.iter().cloned());
                        let set = if resolved.generate { &mut loud } else { &mut correlations.silent };
                        set.insert(place);
                    }
                    resolved.id = Some(rule.id.to_string());
                    correlations.percentiles.take(&mut resolved);
                    correlations.rules.push((rule, mend(resolved)));
                }
                Err(fault) => {
                    correlations.problems.push(rule_problem(ProblemCode::RuleFailed, &rule.origin, &fault));
                }
            }
        }
        correlations.silent.retain(|place| !loud.contains(place));
        correlations
    }

    /// Tells whether what the rule at `place` meets is only for correlations.
    pub(super) fn silences(&self, place: u32) -> bool {
        self.silent.contains(&place)
    }

    /// Keeps an event that met the rule at `place`, where a correlation refers to it.
    pub(super) fn keep(&self, place: u32, hit: &Hit, fact: &Fact<'_>, kept: &mut Kept) {
        let Some(asked) = self.asked.get(&place) else { return };
        let value = |name: &String| Some((name.clone(), fact.get_field(name)?.to_json()));
        let fields = asked.iter().filter_map(value).collect();
        kept.push(Event { hit: hit.clone(), place, fields });
    }

    /// Runs the correlations over what was kept, in order of time.
    pub(super) fn run(mut self, mut kept: Kept, hits: Option<&HitWriter>) -> (Gathered, Vec<Problem>) {
        let mut gathered = Gathered::with(hits);
        kept.cut();
        self.tell(&kept);
        let mut engine = CorrelationEngine::new(CorrelationConfig {
            action_on_match: CorrelationAction::Reset,
            ..CorrelationConfig::default()
        });
        for (rule, parsed) in &self.rules {
            if let Err(error) = engine.add_correlation(parsed) {
                self.problems.push(rule_problem(ProblemCode::RuleFailed, &rule.origin, &error));
            }
        }
        let by_id: HashMap<&str, &Rule> =
            self.rules.iter().map(|(rule, _)| (rule.id.as_str(), *rule)).collect();
        for event in kept.events {
            let Some(time) = event.hit.time else { continue };
            let fields = JsonEvent::owned(Value::Object(event.fields));
            let seconds = time.nanos() / 1_000_000_000;
            for result in engine.process_with_detections(&fields, vec![met(event.place)], seconds) {
                let rule = result.header.rule_id.as_deref().and_then(|id| by_id.get(id));
                if let (Some(rule), ResultBody::Correlation(body)) = (rule, &result.body)
                    && self.percentiles.is_match(rule.id.as_str(), body, seconds)
                {
                    let mut fields: BTreeMap<_, _> = body.group_key.iter().cloned().collect();
                    fields.insert("count".to_owned(), body.aggregated_value.to_string());
                    gathered.add(rule, &Hit { fields, ..event.hit.clone() });
                }
            }
        }
        (gathered, self.problems)
    }

    /// Says which events cannot be correlated.
    fn tell(&mut self, kept: &Kept) {
        let undated = kept.events.iter().filter(|event| event.hit.time.is_none()).count();
        for (count, what) in [(undated, "have no time"), (kept.beyond, "came after as many as are kept")] {
            if count > 0 {
                let detail =
                    format!("{count} events that met rules of correlations {what}: they were not correlated");
                self.problems.push(rule_problem(ProblemCode::RuleFailed, "correlations", &detail));
            }
        }
    }
}

/// Returns what says to rsigma that the rule at `place` was met.
fn met(place: u32) -> EvaluationResult {
    EvaluationResult {
        header: RuleHeader {
            rule_title: String::new(),
            rule_id: Some(place.to_string()),
            level: None,
            tags: Vec::new(),
            custom_attributes: std::sync::Arc::default(),
            enrichments: None,
        },
        body: ResultBody::Detection(rsigma_eval::result::DetectionBody {
            matched_selections: Vec::new(),
            matched_fields: Vec::new(),
            event: None,
        }),
    }
}

fn correlation_of(rule: &Rule) -> Option<CorrelationRule> {
    match &rule.body {
        Body::Sigma(SigmaBody { part: Part::Correlation(text), .. }) => {
            parse_sigma_yaml(text).ok()?.correlations.pop()
        }
        _ => None,
    }
}

/// Returns the names of the rules that the correlations among `rules` refer to.
pub(crate) fn counted<'r>(rules: impl Iterator<Item = &'r Rule>) -> BTreeSet<String> {
    rules.filter_map(correlation_of).flat_map(|correlation| correlation.rules).collect()
}

/// Returns the names by which correlations may refer to a rule.
pub(crate) fn names_of(rule: &Rule) -> impl Iterator<Item = &str> {
    let name = match &rule.body {
        Body::Sigma(body) => body.name.as_deref(),
        _ => None,
    };
    [rule.id.as_str(), rule.title.as_str()].into_iter().chain(name)
}

/// Puts places in the stead of the names by which a correlation refers to rules; names of correlations stay.
fn resolved(
    mut rule: CorrelationRule,
    matchers: &Matchers<'_>,
    correlations: &BTreeSet<&str>,
) -> Result<(CorrelationRule, Vec<u32>), String> {
    let mut places = Vec::new();
    let mut names = HashMap::new();
    for name in &mut rule.rules {
        let place =
            matchers.places().find(|(_, rule)| names_of(rule).any(|own| own == name)).map(|(place, _)| place);
        match place {
            Some(place) => {
                places.push(place);
                names.insert(std::mem::replace(name, place.to_string()), place.to_string());
            }
            None if correlations.contains(name.as_str()) => {}
            None => {
                return Err(format!(
                    "it refers to {name:?}, and there is no such rule, or it is one by percentile"
                ));
            }
        }
    }
    if let CorrelationCondition::Extended(condition) = &mut rule.condition {
        rename(condition, &names);
    }
    for alias in &mut rule.aliases {
        let mapping = std::mem::take(&mut alias.mapping);
        alias.mapping = mapping
            .into_iter()
            .map(|(name, field)| (names.get(&name).cloned().unwrap_or(name), field))
            .collect();
    }
    Ok((rule, places))
}

fn rename(condition: &mut ConditionExpr, names: &HashMap<String, String>) {
    match condition {
        ConditionExpr::Identifier(name) => {
            if let Some(place) = names.get(name) {
                place.clone_into(name);
            }
        }
        ConditionExpr::And(parts) | ConditionExpr::Or(parts) => {
            for part in parts {
                rename(part, names);
            }
        }
        ConditionExpr::Not(part) => rename(part, names),
        ConditionExpr::Selector { .. } => {}
    }
}

/// Returns the fields that a correlation asks events for.
fn fields_of(rule: &CorrelationRule) -> BTreeSet<String> {
    let counted = match &rule.condition {
        CorrelationCondition::Threshold { field, .. } => field.clone().unwrap_or_default(),
        CorrelationCondition::Extended(_) => Vec::new(),
    };
    let aliased = rule.aliases.iter().flat_map(|alias| alias.mapping.values().cloned());
    rule.group_by.iter().cloned().chain(counted).chain(aliased).collect()
}

/// Spells a correlation so that rsigma 0.23 runs it: without a condition, `temporal` is met by the first rule alone.
fn mend(mut rule: CorrelationRule) -> CorrelationRule {
    let is_temporal =
        matches!(rule.correlation_type, CorrelationType::Temporal | CorrelationType::TemporalOrdered);
    if let (true, CorrelationCondition::Threshold { predicates, .. }) = (is_temporal, &mut rule.condition)
        && matches!(predicates.as_slice(), [] | [(ConditionOperator::Gte, 0 | 1)])
    {
        let all = u64::try_from(rule.rules.len()).unwrap_or(u64::MAX);
        *predicates = vec![(ConditionOperator::Gte, all)];
    }
    rule
}
