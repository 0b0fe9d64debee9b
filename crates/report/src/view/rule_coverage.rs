//! What community rules had to look at, and which had nothing.

use super::left_out;
use crate::figures::grouped;
use crate::texts::Texts;
use afterpatch_model::{GapReason, RuleCoverage, RuleGap};
use serde::Serialize;

/// Rules without anything to look at that the page lists; the JSON holds all.
const GAPS: usize = 200;

/// What rules by log source could look at.
#[derive(Serialize)]
pub(crate) struct RuleCoverageView {
    summary: String,
    /// Log sources: name, rules, facts.
    sources: Vec<[String; 3]>,
    /// Channels that no rule is meant for: name, facts.
    channels: Vec<[String; 2]>,
    gaps: Vec<GapView>,
    left_out: Option<String>,
}

/// A rule that could not be met.
#[derive(Serialize)]
struct GapView {
    rule: String,
    title: String,
    source: String,
    reason: String,
}

/// Puts the coverage of rules into words; none where there are no such rules.
pub(super) fn view(coverage: &RuleCoverage, texts: &Texts) -> Option<RuleCoverageView> {
    if coverage.sources.is_empty() {
        return None;
    }
    let rules: u64 = coverage.sources.iter().map(|source| source.rules).sum();
    let without: u64 =
        coverage.sources.iter().filter(|source| source.facts == 0).map(|source| source.rules).sum();
    let of_occurring = |gap: &&RuleGap| {
        coverage.sources.iter().any(|source| source.source == gap.source && source.facts > 0)
    };
    let gaps: Vec<&RuleGap> = coverage.gaps.iter().filter(of_occurring).collect();
    let counts = [("rules", grouped(rules)), ("without", grouped(without)), ("gaps", gaps.len().to_string())];
    let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
    let uncovered = coverage.channels.iter().filter(|channel| !channel.has_rules);
    Some(RuleCoverageView {
        summary: texts.get("rule-coverage-summary", &counts),
        sources: coverage
            .sources
            .iter()
            .map(|source| [source.source.clone(), grouped(source.rules), grouped(source.facts)])
            .collect(),
        channels: uncovered.map(|channel| [channel.channel.clone(), grouped(channel.facts)]).collect(),
        left_out: left_out(gaps.len(), GAPS, "result.json", texts),
        gaps: gaps.into_iter().take(GAPS).map(|gap| gap_view(gap, texts)).collect(),
    })
}

fn gap_view(gap: &RuleGap, texts: &Texts) -> GapView {
    let reason = match &gap.reason {
        GapReason::NoSuchField { fields } => {
            texts.get("rule-gap-no-such-field", &[("fields", &fields.join(", "))])
        }
        GapReason::DidNotCompile { reason } => texts.get("rule-gap-did-not-compile", &[("reason", reason)]),
    };
    GapView { rule: gap.rule.to_string(), title: gap.title.clone(), source: gap.source.clone(), reason }
}
