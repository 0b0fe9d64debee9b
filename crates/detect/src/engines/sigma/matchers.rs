//! The rules of a run: by log source, compiled as far as they are needed.

use super::super::rule_problem;
use super::fact::Fact;
use super::route::{Source, Sources};
use super::seen::{Seen, count};
use super::sieve::{Picked, Sieve};
use super::source::{EventRule, Part};
use crate::rule::{Body, Rule};
use afterpatch_model::{GapReason, Problem, ProblemCode, RuleCoverage, RuleGap, SourceCoverage};
use rsigma_eval::{CompiledRule, Engine, EvaluationResult, MatchDetailLevel, evaluate_rule};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The rules of a run.
pub(super) struct Matchers<'a> {
    all: Vec<Matcher<'a>>,
    by_source: BTreeMap<&'a Source, OfSource>,
    /// By the log sources that a row belongs to, as far as rules are written for them.
    groups: Mutex<BTreeMap<Vec<&'a Source>, Arc<Group<'a>>>>,
}

/// One rule over single events.
pub(super) struct Matcher<'a> {
    pub(super) rule: &'a Rule,
    event_rule: &'a EventRule,
    compiled: OnceLock<Result<CompiledRule, String>>,
    explaining: OnceLock<Engine>,
}

/// The rules that are written for one log source.
#[derive(Default)]
struct OfSource {
    /// Their places.
    rules: Vec<u32>,
    /// The index over them, made when a row first needs it.
    sieve: OnceLock<Sieve>,
}

/// The log sources that rows of one kind belong to, as far as rules are written for them.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// Its number among the groups of a run.
    pub(super) number: usize,
    sources: Vec<&'a Source>,
}

impl<'a> Matchers<'a> {
    /// Takes those of `rules` that look at single events.
    pub(super) fn new(rules: &[&'a Rule]) -> Self {
        let mut by_source: BTreeMap<&Source, OfSource> = BTreeMap::new();
        let mut matchers = Vec::new();
        for rule in rules {
            let Body::Sigma(body) = &rule.body else { continue };
            let (Part::Events(event_rule), Ok(place)) = (&body.part, u32::try_from(matchers.len())) else {
                continue;
            };
            by_source.entry(&event_rule.source).or_default().rules.push(place);
            matchers.push(Matcher {
                rule,
                event_rule,
                compiled: OnceLock::new(),
                explaining: OnceLock::new(),
            });
        }
        Self { all: matchers, by_source, groups: Mutex::default() }
    }

    /// Returns how many rules there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// Returns what rules are meant for rows of these log sources; none where no rule is.
    pub(super) fn group(&self, sources: &Sources) -> Option<Arc<Group<'a>>> {
        let meant: Vec<&Source> =
            self.by_source.keys().copied().filter(|source| sources.admit(source)).collect();
        if meant.is_empty() {
            return None;
        }
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let number = groups.len();
        let group = groups.entry(meant.clone()).or_insert_with(|| Arc::new(Group { number, sources: meant }));
        Some(Arc::clone(group))
    }

    /// Picks the rules of a group that a fact could meet, in the order of their places.
    pub(super) fn pick<'p>(&self, group: &Group<'a>, fact: &Fact<'_>, picked: &'p mut Picked) -> &'p [u32] {
        picked.begin();
        for own in group.sources.iter().filter_map(|source| self.by_source.get(source)) {
            own.sieve.get_or_init(|| self.sieve(&own.rules)).pick(fact, picked);
        }
        picked.rules()
    }

    fn sieve(&self, rules: &[u32]) -> Sieve {
        let rules = rules.iter().filter_map(|place| Some((*place, self.at(*place)?)));
        Sieve::new(rules.map(|(place, matcher)| (place, matcher.event_rule.needs.as_deref())))
    }

    /// Returns every rule with its place.
    pub(super) fn places(&self) -> impl Iterator<Item = (u32, &'a Rule)> {
        (0..).zip(self.all.iter().map(|matcher| matcher.rule))
    }

    /// Returns the rule at a place.
    pub(super) fn at(&self, place: u32) -> Option<&Matcher<'a>> {
        self.all.get(usize::try_from(place).ok()?)
    }

    /// Says what the rules could not look at, from what was seen of the facts.
    pub(super) fn coverage(&self, seen: &Seen) -> RuleCoverage {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = self.by_source.iter().map(|(source, rules)| {
            let meant = groups.iter().filter(|(meant, _)| meant.contains(source));
            SourceCoverage {
                source: source.to_string(),
                rules: count(rules.rules.len()),
                facts: meant
                    .filter_map(|(_, group)| seen.groups.get(&group.number))
                    .map(|seen| seen.facts)
                    .sum(),
            }
        });
        let gaps = self.by_source.iter().flat_map(|(source, rules)| {
            let meant: Vec<_> = groups
                .iter()
                .filter(|(meant, _)| meant.contains(source))
                .filter_map(|(_, group)| seen.groups.get(&group.number))
                .collect();
            let occurs = move |name: &str| meant.iter().any(|seen| seen.names.contains(name));
            let rules = rules.rules.iter().filter_map(|place| self.at(*place));
            rules.filter_map(move |matcher| matcher.gap(source, &occurs)).collect::<Vec<_>>()
        });
        let mut gaps: Vec<_> = gaps.collect();
        gaps.sort_by(|a, b| a.rule.cmp(&b.rule));
        RuleCoverage {
            sources: sources.filter(|source| source.rules > 0).collect(),
            channels: seen.channels(),
            gaps,
        }
    }

    /// Says which rules did not compile.
    pub(super) fn problems(&self) -> impl Iterator<Item = Problem> {
        self.all.iter().filter_map(|matcher| {
            let reason = matcher.compiled.get()?.as_ref().err()?;
            Some(rule_problem(ProblemCode::RuleFailed, &matcher.rule.origin, reason))
        })
    }
}

impl Matcher<'_> {
    /// Says why the rule could not be evaluated over facts of its log source in which only some fields occur.
    fn gap(&self, source: &Source, occurs: &dyn Fn(&str) -> bool) -> Option<RuleGap> {
        let reason = match self.compiled.get() {
            Some(Err(reason)) => GapReason::DidNotCompile { reason: reason.clone() },
            _ if self.event_rule.asks.could_be_met(occurs) => return None,
            _ => {
                let absent = self.event_rule.fields.iter().filter(|name| !occurs(name));
                GapReason::NoSuchField { fields: absent.cloned().collect() }
            }
        };
        Some(RuleGap {
            rule: self.rule.id.clone(),
            title: self.rule.title.clone(),
            source: source.to_string(),
            reason,
        })
    }

    /// Evaluates the rule against a fact.
    pub(super) fn evaluate(&self, fact: &Fact<'_>) -> Option<EvaluationResult> {
        let compiled = self.compiled.get_or_init(|| self.event_rule.compile());
        evaluate_rule(compiled.as_ref().ok()?, fact)
    }

    /// Evaluates the rule once more so that the result says which text met a keyword; none where it has no keywords.
    pub(super) fn explained(&self, fact: &Fact<'_>) -> Option<EvaluationResult> {
        if !self.event_rule.has_keywords {
            return None;
        }
        let engine = self.explaining.get_or_init(|| {
            let mut engine = Engine::new();
            engine.set_match_detail(MatchDetailLevel::Summary);
            engine.extend_compiled_rules(self.event_rule.compile());
            engine
        });
        engine.evaluate(fact).pop()
    }
}
