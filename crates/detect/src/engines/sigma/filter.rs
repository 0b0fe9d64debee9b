//! Sigma filters: documents that make exceptions of rules that stand elsewhere.

use rsigma_parser::{ConditionExpr, FilterRule, FilterRuleTarget, LogSource, SelectorPattern, SigmaRule};

/// Adds to a rule the exceptions that filters make of it.
pub(super) fn apply(rule: &mut SigmaRule, filters: &[FilterRule]) {
    for (place, filter) in filters.iter().enumerate() {
        if !is_meant(rule, filter) {
            continue;
        }
        // The underscore keeps the names out of a rule's own `1 of them`.
        let prefix = format!("_filter_{place}_");
        for (name, detection) in &filter.detection.named {
            rule.detection.named.insert(format!("{prefix}{name}"), detection.clone());
        }
        for exception in &filter.detection.conditions {
            let exception = prefixed(exception, &prefix);
            for condition in &mut rule.detection.conditions {
                *condition = ConditionExpr::And(vec![condition.clone(), exception.clone()]);
            }
        }
    }
}

/// Tells whether a filter is meant for a rule: by what it refers to, and by the log source that it names.
fn is_meant(rule: &SigmaRule, filter: &FilterRule) -> bool {
    let goes_by = |name: &String| {
        [&rule.id, &rule.name].into_iter().flatten().chain([&rule.title]).any(|own| own == name)
    };
    let is_named = match &filter.rules {
        FilterRuleTarget::Any => true,
        FilterRuleTarget::Specific(names) => names.iter().any(goes_by),
    };
    is_named && filter.logsource.as_ref().is_none_or(|source| covers(source, &rule.logsource))
}

fn covers(filter: &LogSource, rule: &LogSource) -> bool {
    let pairs = [
        (&filter.category, &rule.category),
        (&filter.product, &rule.product),
        (&filter.service, &rule.service),
    ];
    pairs.iter().all(|(asked, own)| match (asked, own) {
        (None, _) => true,
        (Some(asked), Some(own)) => asked.eq_ignore_ascii_case(own),
        (Some(_), None) => false,
    })
}

fn prefixed(condition: &ConditionExpr, prefix: &str) -> ConditionExpr {
    let all = |parts: &[ConditionExpr]| parts.iter().map(|part| prefixed(part, prefix)).collect();
    match condition {
        ConditionExpr::Identifier(name) => ConditionExpr::Identifier(format!("{prefix}{name}")),
        ConditionExpr::And(parts) => ConditionExpr::And(all(parts)),
        ConditionExpr::Or(parts) => ConditionExpr::Or(all(parts)),
        ConditionExpr::Not(part) => ConditionExpr::Not(Box::new(prefixed(part, prefix))),
        ConditionExpr::Selector { quantifier, pattern } => {
            let own = match pattern {
                SelectorPattern::Them => "*",
                SelectorPattern::Pattern(pattern) => pattern,
            };
            let pattern = SelectorPattern::Pattern(format!("{prefix}{own}"));
            ConditionExpr::Selector { quantifier: quantifier.clone(), pattern }
        }
    }
}
