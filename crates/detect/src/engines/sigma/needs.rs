//! What a rule cannot be met without: texts and fields of which an event must have at least one.
//!
//! They are drawn from the rule itself and only ever weaken it, so that an event without any of them need not be
//! evaluated. Where a rule asks for several things at once, those that are likely to be rarest stand for all.

use rsigma_ir::{
    IrCondition, IrDetection, IrDetectionItem, IrEncoding, IrMatcher, IrNumber, IrPatternPart, IrRule,
    IrStrOp,
};
use rsigma_parser::{Quantifier, SelectorPattern};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One thing that an event may have. Texts are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Need {
    /// A field, or a member of it, is this text.
    Equals { field: String, text: String },
    /// A field, or a member of it, reads as this whole number.
    Number { field: String, number: i64 },
    /// A field, or a member of it, contains this text.
    Contains { field: String, text: String },
    /// A field is there.
    Present { field: String },
    /// Any text of the event contains this one.
    Says { text: String },
}

/// Things of which one must be there; none where nothing is sure to be.
type Needs = Option<Vec<Need>>;

/// Returns the things of which every event that meets `rule` has at least one; none where it cannot be told.
pub(super) fn needs(rule: &IrRule) -> Needs {
    let mut needs = any(rule.conditions.iter().map(|condition| of_condition(condition, &rule.detections)))?;
    needs.sort();
    needs.dedup();
    Some(needs)
}

/// One of several suffices, and which is unknown: each has to contribute.
fn any(parts: impl IntoIterator<Item = Needs>) -> Needs {
    let mut all = Vec::new();
    for part in parts {
        all.extend(part?);
    }
    Some(all).filter(|all| !all.is_empty())
}

/// Each is necessary: the rarest stands for all.
fn all(parts: impl IntoIterator<Item = Needs>) -> Needs {
    parts.into_iter().flatten().min_by(|a, b| frequency(a).total_cmp(&frequency(b)))
}

/// Guesses in which share of the events of a log source one of `needs` is there.
fn frequency(needs: &[Need]) -> f64 {
    needs.iter().map(Need::frequency).sum()
}

impl Need {
    fn frequency(&self) -> f64 {
        match self {
            Self::Present { .. } => 1.0,
            Self::Number { field, .. } if field == "EventID" => 0.03,
            Self::Number { .. } => 0.1,
            Self::Equals { text, .. } => by_length(text, 0.5),
            Self::Contains { text, .. } => by_length(text, 1.0),
            Self::Says { text } => by_length(text, 3.0),
        }
    }
}

/// Each further character makes a text rarer; the programs that every rule asks for make no difference to it.
fn by_length(text: &str, factor: f64) -> f64 {
    let exponent = i32::try_from(text.chars().count().min(24)).unwrap_or(24);
    factor * 0.78_f64.powi(exponent)
}

fn of_condition(condition: &IrCondition, detections: &HashMap<String, IrDetection>) -> Needs {
    let of = |condition: &IrCondition| of_condition(condition, detections);
    match condition {
        IrCondition::Detection(name) => of_detection(detections.get(name)?),
        IrCondition::And(parts) => all(parts.iter().map(of)),
        IrCondition::Or(parts) => any(parts.iter().map(of)),
        IrCondition::Not(_) => None,
        IrCondition::Selector { quantifier, pattern } => {
            let selected = selected(detections, pattern).map(of_detection);
            match quantifier {
                Quantifier::All => all(selected),
                Quantifier::Count(0) => None,
                Quantifier::Any | Quantifier::Count(_) => any(selected),
            }
        }
    }
}

fn of_detection(detection: &IrDetection) -> Needs {
    match detection {
        IrDetection::AllOf(items) => all(items.iter().map(of_item)),
        IrDetection::AnyOf(parts) => any(parts.iter().map(of_detection)),
        IrDetection::And(parts) => all(parts.iter().map(of_detection)),
        IrDetection::Keywords(matcher) => of_keyword(matcher),
        IrDetection::ArrayMatch { .. } | IrDetection::Conditional { .. } => None,
    }
}

fn of_item(item: &IrDetectionItem) -> Needs {
    let Some(field) = &item.field else { return of_keyword(&item.matcher) };
    // An absent field meets `null` and `exists: false`, and nothing else.
    if item.exists == Some(false) || item.matcher == IrMatcher::Null {
        return None;
    }
    let present = || vec![Need::Present { field: field.clone() }];
    Some(of_matcher(field, &item.matcher).unwrap_or_else(present))
}

/// What a field's value must be or contain; nothing where its presence is all that can be said.
fn of_matcher(field: &str, matcher: &IrMatcher) -> Needs {
    let field = || field.to_owned();
    match matcher {
        IrMatcher::Str { op: IrStrOp::Exact, pattern, case_insensitive } if pattern.is_plain() => {
            let text = folded(&pattern.as_plain()?, *case_insensitive)?;
            Some(vec![Need::Equals { field: field(), text }])
        }
        IrMatcher::NumericEq(IrNumber::Literal(number)) => {
            Some(vec![Need::Number { field: field(), number: whole(*number)? }])
        }
        IrMatcher::AnyOf(parts) => any(parts.iter().map(|part| of_matcher(&field(), part))),
        IrMatcher::AllOf(parts) => all(parts.iter().map(|part| of_matcher(&field(), part))),
        text => {
            let texts = texts_in(text)?.into_iter();
            Some(texts.map(|text| Need::Contains { field: field(), text }).collect())
        }
    }
}

fn of_keyword(matcher: &IrMatcher) -> Needs {
    match matcher {
        IrMatcher::AnyOf(parts) => any(parts.iter().map(of_keyword)),
        IrMatcher::AllOf(parts) => all(parts.iter().map(of_keyword)),
        text => Some(texts_in(text)?.into_iter().map(|text| Need::Says { text }).collect()),
    }
}

/// Returns texts of which one stands in every value that a matcher takes.
fn texts_in(matcher: &IrMatcher) -> Option<Vec<String>> {
    match matcher {
        IrMatcher::Str { pattern, case_insensitive, .. } => {
            let literal = |part: &IrPatternPart| match part {
                IrPatternPart::Literal(text) => longest_line(text, *case_insensitive),
                _ => None,
            };
            pattern.parts.iter().filter_map(literal).max_by_key(String::len).map(|text| vec![text])
        }
        IrMatcher::Encoded { encodings, value, case_insensitive, .. }
            if *encodings == [IrEncoding::Windash] =>
        {
            // Each dash may be another sign, so the texts between them are what is sure.
            let pieces = value.split(['-', '/', '–', '—', '―']);
            pieces
                .filter_map(|piece| longest_line(piece, *case_insensitive))
                .max_by_key(String::len)
                .map(|text| vec![text])
        }
        IrMatcher::Regex { pattern, case_insensitive, multiline, dotall, .. } => {
            let mut parser = regex_syntax::ParserBuilder::new();
            parser.case_insensitive(*case_insensitive).multi_line(*multiline).dot_matches_new_line(*dotall);
            in_expression(&parser.build().parse(pattern).ok()?)
        }
        _ => None,
    }
}

/// Returns texts of which one stands in whatever a regular expression matches.
fn in_expression(expression: &regex_syntax::hir::Hir) -> Option<Vec<String>> {
    use regex_syntax::hir::HirKind;
    match expression.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            longest_line(text, false).filter(|text| text.len() > 1).map(|text| vec![text])
        }
        HirKind::Concat(parts) => {
            let shortest = |texts: &Vec<String>| texts.iter().map(String::len).min();
            parts
                .iter()
                .filter_map(in_expression)
                .max_by_key(|texts| (shortest(texts), std::cmp::Reverse(texts.len())))
        }
        HirKind::Alternation(parts) => {
            let texts: Option<Vec<_>> = parts.iter().map(in_expression).collect();
            Some(texts?.concat())
        }
        HirKind::Repetition(repeated) if repeated.min > 0 => in_expression(&repeated.sub),
        HirKind::Capture(group) => in_expression(&group.sub),
        _ => None,
    }
}

/// Returns the longest line of a text: keywords are looked for in one value after the other.
fn longest_line(text: &str, case_insensitive: bool) -> Option<String> {
    let line = text.split('\n').max_by_key(|line| line.len())?;
    folded(line, case_insensitive).filter(|line| !line.is_empty())
}

/// Brings a text to lower case as rsigma does with what it compares; a cased one only where that cannot go wrong.
fn folded(text: &str, case_insensitive: bool) -> Option<String> {
    (case_insensitive || text.is_ascii()).then(|| text.to_lowercase())
}

/// Which fields must be there for a rule to be met at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Asks {
    /// Nothing in particular.
    Nothing,
    /// This field.
    Field(String),
    /// Each of these.
    All(Vec<Asks>),
    /// One of these.
    Any(Vec<Asks>),
}

impl Asks {
    /// Returns what a rule asks for.
    pub(super) fn of(rule: &IrRule) -> Self {
        any_of(rule.conditions.iter().map(|condition| asked_by(condition, &rule.detections)))
    }

    /// Tells whether a rule could be met where these fields occur, and no others.
    pub(super) fn could_be_met(&self, occurs: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Nothing => true,
            Self::Field(name) => occurs(name),
            Self::All(parts) => parts.iter().all(|part| part.could_be_met(occurs)),
            Self::Any(parts) => parts.iter().any(|part| part.could_be_met(occurs)),
        }
    }
}

fn any_of(parts: impl Iterator<Item = Asks>) -> Asks {
    let parts: Vec<_> = parts.collect();
    if parts.contains(&Asks::Nothing) { Asks::Nothing } else { Asks::Any(parts) }
}

fn all_of(parts: impl Iterator<Item = Asks>) -> Asks {
    let mut parts: Vec<_> = parts.filter(|part| *part != Asks::Nothing).collect();
    match parts.len() {
        0 => Asks::Nothing,
        1 => parts.remove(0),
        _ => Asks::All(parts),
    }
}

fn asked_by(condition: &IrCondition, detections: &HashMap<String, IrDetection>) -> Asks {
    let of = |condition: &IrCondition| asked_by(condition, detections);
    match condition {
        IrCondition::Detection(name) => detections.get(name).map_or(Asks::Nothing, asked_in),
        IrCondition::And(parts) => all_of(parts.iter().map(of)),
        IrCondition::Or(parts) => any_of(parts.iter().map(of)),
        IrCondition::Not(_) => Asks::Nothing,
        IrCondition::Selector { quantifier, pattern } => {
            let selected = selected(detections, pattern).map(asked_in);
            match quantifier {
                Quantifier::All => all_of(selected),
                Quantifier::Count(0) => Asks::Nothing,
                Quantifier::Any | Quantifier::Count(_) => any_of(selected),
            }
        }
    }
}

fn asked_in(detection: &IrDetection) -> Asks {
    match detection {
        IrDetection::AllOf(items) => all_of(items.iter().map(|item| match &item.field {
            Some(field) if item.exists != Some(false) && item.matcher != IrMatcher::Null => {
                Asks::Field(field.clone())
            }
            _ => Asks::Nothing,
        })),
        IrDetection::AnyOf(parts) => any_of(parts.iter().map(asked_in)),
        IrDetection::And(parts) => all_of(parts.iter().map(asked_in)),
        IrDetection::Keywords(_) | IrDetection::ArrayMatch { .. } | IrDetection::Conditional { .. } => {
            Asks::Nothing
        }
    }
}

/// Returns the detections that a selector means, in order of name: no choice may hang on the order of a hash map.
fn selected<'d>(
    detections: &'d HashMap<String, IrDetection>,
    pattern: &SelectorPattern,
) -> impl Iterator<Item = &'d IrDetection> {
    let mut selected: Vec<_> =
        detections.iter().filter(|(name, _)| pattern.matches_detection_name(name)).collect();
    selected.sort_by_key(|(name, _)| *name);
    selected.into_iter().map(|(_, detection)| detection)
}

/// Returns the fields that a rule looks at, in order of name.
pub(super) fn fields(rule: &IrRule) -> Vec<String> {
    let mut fields = BTreeSet::new();
    each_item(rule, &mut |field, _| fields.extend(field.map(str::to_owned)));
    fields.into_iter().collect()
}

/// Tells whether a rule looks for texts anywhere in an event.
pub(super) fn has_keywords(rule: &IrRule) -> bool {
    let mut found = false;
    each_item(rule, &mut |field, _| found |= field.is_none());
    found
}

/// Tells whether what was lowered may yet fail to compile; plain comparisons do not.
pub(super) fn may_not_compile(rule: &IrRule) -> bool {
    let mut found = false;
    each_item(rule, &mut |_, matcher| found |= !is_plain(matcher));
    found
}

fn is_plain(matcher: &IrMatcher) -> bool {
    match matcher {
        IrMatcher::Str { .. }
        | IrMatcher::Null
        | IrMatcher::Exists(_)
        | IrMatcher::BoolEq(_)
        | IrMatcher::NumericEq(IrNumber::Literal(_)) => true,
        IrMatcher::AnyOf(parts) | IrMatcher::AllOf(parts) => !parts.is_empty() && parts.iter().all(is_plain),
        _ => false,
    }
}

/// Hands each comparison of a rule to `each`, with its field.
fn each_item(rule: &IrRule, each: &mut dyn FnMut(Option<&str>, &IrMatcher)) {
    rule.detections.values().for_each(|detection| each_in(detection, each));
}

fn each_in(detection: &IrDetection, each: &mut dyn FnMut(Option<&str>, &IrMatcher)) {
    match detection {
        IrDetection::AllOf(items) => {
            for item in items {
                each(item.field.as_deref(), &item.matcher);
            }
        }
        IrDetection::AnyOf(parts) | IrDetection::And(parts) => {
            for part in parts {
                each_in(part, each);
            }
        }
        IrDetection::Keywords(matcher) => each(None, matcher),
        IrDetection::ArrayMatch { field, body, .. } => {
            each(Some(field), &IrMatcher::Exists(true));
            each_in(body, each);
        }
        IrDetection::Conditional { named, .. } => named.values().for_each(|part| each_in(part, each)),
    }
}

/// Returns a number that has no fraction and fits.
pub(super) fn whole(number: f64) -> Option<i64> {
    const LARGEST: f64 = 9.0e15;
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
    (number.fract() == 0.0 && number.abs() < LARGEST).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(detection: &str, condition: &str) -> Needs {
        let text = format!(
            "title: t\nlogsource:\n  category: test\ndetection:\n{detection}\n  condition: {condition}\n"
        );
        let rule = rsigma_parser::parse_sigma_yaml(&text).unwrap().rules.remove(0);
        needs(&rsigma_ir::lower_rule(&rule, &rsigma_ir::LowerOptions::default()).unwrap())
    }

    fn contains(field: &str, text: &str) -> Need {
        Need::Contains { field: field.into(), text: text.into() }
    }

    #[test]
    fn of_several_things_the_rarest_stands_for_all() {
        let rule = "  s:\n    Image|endswith: '\\cmd.exe'\n    CommandLine|contains: 'Invoke-Something'";
        assert_eq!(of(rule, "s"), Some(vec![contains("CommandLine", "invoke-something")]));
    }

    #[test]
    fn of_alternatives_each_contributes() {
        let rule = "  a:\n    Image|endswith: ['\\A.exe', '\\b.exe']\n  b:\n    EventID: 4624";
        let number = Need::Number { field: "EventID".into(), number: 4624 };
        assert_eq!(
            of(rule, "1 of them"),
            Some(vec![number, contains("Image", "\\a.exe"), contains("Image", "\\b.exe")])
        );
    }

    #[test]
    fn what_a_rule_excludes_says_nothing() {
        let rule = "  a:\n    Image: x\n  f:\n    User: y";
        assert_eq!(
            of(rule, "a and not f"),
            Some(vec![Need::Equals { field: "Image".into(), text: "x".into() }])
        );
        assert_eq!(of(rule, "not f"), None);
        assert_eq!(of(rule, "a or not f"), None);
    }

    #[test]
    fn an_absent_field_may_meet_null_only() {
        assert_eq!(of("  s:\n    A: null", "s"), None);
        assert_eq!(of("  s:\n    A|exists: false", "s"), None);
        let present = Some(vec![Need::Present { field: "A".into() }]);
        assert_eq!(of("  s:\n    A|exists: true", "s"), present);
        assert_eq!(of("  s:\n    A|cidr: 192.0.2.0/24", "s"), present);
        assert_eq!(of("  s:\n    A|gt: 7", "s"), present);
    }

    #[test]
    fn texts_of_patterns_and_expressions_are_found() {
        assert_eq!(of("  s:\n    A: '*\\Temp\\\\*longest'", "s"), Some(vec![contains("A", "longest")]));
        assert_eq!(
            of("  s:\n    A|re: 'x+(?:Alpha|Beta)[0-9]'", "s"),
            Some(vec![contains("A", "alpha"), contains("A", "beta")])
        );
        assert_eq!(of("  s:\n    A|re: '[a-z]+'", "s"), Some(vec![Need::Present { field: "A".into() }]));
        assert_eq!(
            of("  s:\n    A|windash|contains: ' -Encode '", "s"),
            Some(vec![contains("A", "encode ")])
        );
    }

    #[test]
    fn a_rule_cannot_be_met_where_a_field_that_it_asks_for_never_occurs() {
        let text = "title: t\nlogsource:\n  category: test\ndetection:\n  a:\n    A: 1\n    B|contains: [x, y]\n  c:\n    C: null\n  f:\n    F: z\n  condition: CONDITION\n";
        let could = |condition: &str, fields: &[&str]| {
            let text = text.replace("CONDITION", condition);
            let rule = rsigma_parser::parse_sigma_yaml(&text).unwrap().rules.remove(0);
            let lowered = rsigma_ir::lower_rule(&rule, &rsigma_ir::LowerOptions::default()).unwrap();
            Asks::of(&lowered).could_be_met(&|name| fields.contains(&name))
        };
        assert!(could("a and not f", &["A", "B"]));
        assert!(!could("a and not f", &["A", "F"]));
        assert!(could("a or f", &["F"]));
        assert!(!could("a or f", &["B"]));
        assert!(could("c", &[]));
        assert!(!could("all of *", &["A", "B"]));
    }

    #[test]
    fn a_keyword_may_stand_anywhere() {
        assert_eq!(
            of("  s:\n    - 'One'\n    - 'Two'", "s"),
            Some(vec![Need::Says { text: "one".into() }, Need::Says { text: "two".into() }])
        );
    }
}
