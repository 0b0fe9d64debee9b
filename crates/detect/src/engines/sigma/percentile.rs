//! Correlations by percentile: rsigma 0.23 works the value out and does not hold it against the condition.

use rsigma_eval::result::CorrelationBody;
use rsigma_parser::{ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType};
use std::collections::HashMap;

/// Has rsigma go on counting: it takes each value for a match, and would start anew with the next event.
const ACTION: (&str, &str) = ("rsigma.action", "alert");

/// Holds the values of percentiles against the conditions of their rules.
#[derive(Debug, Default)]
pub(super) struct Percentiles {
    conditions: HashMap<String, Vec<(ConditionOperator, u64)>>,
    /// By rule and group: the second up to which what is met belongs to what was told already.
    told: HashMap<(String, Vec<(String, String)>), i64>,
}

/// Tells whether a correlation is by percentile.
pub(super) fn is_by_percentile(rule: &CorrelationRule) -> bool {
    rule.correlation_type == CorrelationType::ValuePercentile
}

impl Percentiles {
    /// Takes the condition of a rule by percentile, and spells the rule so that rsigma works its value out; others stay as they are.
    pub(super) fn take(&mut self, rule: &mut CorrelationRule) {
        if let (true, CorrelationCondition::Threshold { predicates, .. }) =
            (is_by_percentile(rule), &rule.condition)
        {
            self.conditions.insert(rule.id.clone().unwrap_or_default(), predicates.clone());
            rule.custom_attributes.insert(ACTION.0.to_owned(), ACTION.1.into());
        }
    }

    /// Tells whether what rsigma gave for a rule at a second is a match: at once for rules of other kinds. A burst, which is as long
    /// as the rule's span, is told once.
    pub(super) fn is_match(&mut self, rule: &str, body: &CorrelationBody, second: i64) -> bool {
        let Some(condition) = self.conditions.get(rule) else { return true };
        if !condition.iter().all(|(operator, bound)| holds(*operator, body.aggregated_value, *bound)) {
            return false;
        }
        let until = second.saturating_add(i64::try_from(body.timespan_secs).unwrap_or(i64::MAX));
        let told = self.told.entry((rule.to_owned(), body.group_key.clone())).or_insert(i64::MIN);
        let is_new = second >= *told;
        if is_new {
            *told = until;
        }
        is_new
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a bound that a double does not hold is beyond what logs count"
)]
fn holds(operator: ConditionOperator, value: f64, bound: u64) -> bool {
    let order = value.total_cmp(&(bound as f64));
    match operator {
        ConditionOperator::Lt => order.is_lt(),
        ConditionOperator::Lte => order.is_le(),
        ConditionOperator::Gt => order.is_gt(),
        ConditionOperator::Gte => order.is_ge(),
        ConditionOperator::Eq => order.is_eq(),
        ConditionOperator::Neq => order.is_ne(),
    }
}
