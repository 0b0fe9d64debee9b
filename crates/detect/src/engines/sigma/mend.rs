//! Mends what rsigma 0.23 gets wrong, by rewriting a rule before it is compiled.
//!
//! Each fault is pinned by a test here that shows the rule, its hit and its near miss, so that a newer rsigma can
//! drop the rewriting without a guess. They are: `base64offset` needles keep a tail that depends on what follows;
//! a keyword list under `'|all'` matches whole values only; `null` beside other values does not meet an absent field.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rsigma_parser::{Detection, DetectionItem, Modifier, SigmaRule, SigmaString, SigmaValue};

/// Returns the rule with the same meaning, spelled so that rsigma 0.23 runs it.
pub(super) fn mend(mut rule: SigmaRule) -> SigmaRule {
    rule.detection.named.values_mut().for_each(mend_detection);
    rule
}

fn mend_detection(detection: &mut Detection) {
    match detection {
        Detection::AllOf(items) => *detection = all_of(std::mem::take(items)),
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter_mut().for_each(mend_detection),
        Detection::ArrayMatch { body, .. } => mend_detection(body),
        Detection::Conditional { named, .. } => named.values_mut().for_each(mend_detection),
        Detection::Keywords(_) => {}
    }
}

/// Joins mended items again: as one plain list where that suffices, because rsigma indexes those best.
fn all_of(items: Vec<DetectionItem>) -> Detection {
    let mut plain = Vec::new();
    let mut choices = Vec::new();
    for item in items {
        if is_null_or_other(&item) {
            choices.push(null_or_other(item));
        } else if item.field.has_modifier(Modifier::Base64Offset) {
            plain.extend(base64_offset(&item));
        } else {
            plain.push(keywords(item));
        }
    }
    if choices.is_empty() {
        return Detection::AllOf(plain);
    }
    if !plain.is_empty() {
        choices.push(Detection::AllOf(plain));
    }
    Detection::And(choices)
}

/// A keyword list under `'|all'` means that each keyword occurs somewhere.
fn keywords(mut item: DetectionItem) -> DetectionItem {
    if item.field.is_keyword() && item.field.modifiers == [Modifier::All] {
        item.field.modifiers.insert(0, Modifier::Contains);
    }
    item
}

fn is_null_or_other(item: &DetectionItem) -> bool {
    item.values.len() > 1
        && item.values.contains(&SigmaValue::Null)
        && !item.field.is_keyword()
        && !item.field.has_modifier(Modifier::All)
}

/// `Field: [null, x]` means that the field is absent or x: rsigma asks for an absent field only where `null` is alone.
fn null_or_other(item: DetectionItem) -> Detection {
    let (nulls, others): (Vec<_>, Vec<_>) =
        item.values.into_iter().partition(|value| *value == SigmaValue::Null);
    let mut absent = item.field.clone();
    absent.modifiers.clear();
    let mut parts = vec![Detection::AllOf(vec![DetectionItem {
        field: absent,
        values: nulls.into_iter().take(1).collect(),
    }])];
    if !others.is_empty() {
        parts.push(all_of(vec![DetectionItem { field: item.field, values: others }]));
    }
    Detection::AnyOf(parts)
}

/// Spells `base64offset` as the three texts that may stand in the encoded data, one item for each value under `all`.
fn base64_offset(item: &DetectionItem) -> Vec<DetectionItem> {
    let mut field = item.field.clone();
    field.modifiers = vec![Modifier::Contains];
    if item.field.has_modifier(Modifier::Cased) {
        field.modifiers.push(Modifier::Cased);
    }
    let needles = item.values.iter().map(|value| encodings(&item.field.modifiers, value));
    let together = |values| DetectionItem { field: field.clone(), values };
    if item.field.has_modifier(Modifier::All) {
        needles.map(together).collect()
    } else {
        vec![together(needles.flatten().collect())]
    }
}

fn encodings(modifiers: &[Modifier], value: &SigmaValue) -> Vec<SigmaValue> {
    let text = match value {
        SigmaValue::String(text) => text.as_plain().unwrap_or_else(|| text.original.clone()),
        other => other.to_string(),
    };
    let bytes = widened(modifiers, &text);
    (0..3).map(|offset| SigmaValue::String(SigmaString::new(&stable_part(&bytes, offset)))).collect()
}

fn widened(modifiers: &[Modifier], text: &str) -> Vec<u8> {
    let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
    modifiers
        .iter()
        .find_map(|modifier| match modifier {
            Modifier::Wide => Some(little().collect()),
            Modifier::Utf16 => Some([0xFF, 0xFE].into_iter().chain(little()).collect()),
            Modifier::Utf16be => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            _ => None,
        })
        .unwrap_or_else(|| text.as_bytes().to_vec())
}

/// Returns those base64 digits of `bytes`, `offset` bytes into the data, that no neighbouring byte changes.
fn stable_part(bytes: &[u8], offset: usize) -> String {
    let shifted = [&vec![0; offset], bytes].concat();
    let digits = STANDARD_NO_PAD.encode(&shifted);
    // A digit holds six bits: the first ones share bits with what stands before, the last one with what follows.
    let first = (offset * 8).div_ceil(6);
    let end = shifted.len() * 8 / 6;
    digits.get(first..end.max(first)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use rsigma_eval::{Engine, JsonEvent};
    use serde_json::{Value, json};

    fn meets(detection: &str, event: &Value) -> bool {
        evaluates(&mend(parsed(detection)), event)
    }

    fn parsed(detection: &str) -> SigmaRule {
        let text =
            format!("title: t\nlogsource:\n  category: test\ndetection:\n{detection}\n  condition: s\n");
        rsigma_parser::parse_sigma_yaml(&text).unwrap().rules.remove(0)
    }

    fn evaluates(rule: &SigmaRule, event: &Value) -> bool {
        let mut engine = Engine::new();
        engine.add_rule(rule).unwrap();
        !engine.evaluate(&JsonEvent::borrow(event)).is_empty()
    }

    /// Where one of these begins to be met, the mending of it can go.
    #[test]
    fn rsigma_needs_mending_still() {
        let faults = [
            ("  s:\n    C|base64offset|contains: 'Download'", json!({"C": STANDARD.encode("Downloads")})),
            ("  s:\n    '|all':\n      - 'Set-X'\n      - '-Y'", json!({"D": "Set-X -Y z"})),
            ("  s:\n    A: 1\n    B:\n      - null\n      - ''", json!({"A": 1})),
        ];
        for (detection, hit) in faults {
            assert!(!evaluates(&parsed(detection), &hit), "{detection}");
            assert!(meets(detection, &hit), "{detection}");
        }
    }

    #[test]
    fn a_base64_needle_is_found_at_every_alignment() {
        let rule = "  s:\n    C|base64offset|contains: 'DownloadString'";
        for before in ["", "x", "xy", "xyz"] {
            let hit = STANDARD.encode(format!("{before}DownloadString('a')"));
            assert!(meets(rule, &json!({"C": format!("-enc {hit}")})), "{before:?}");
            let near = STANDARD.encode(format!("{before}DownloadStrong('a')"));
            assert!(!meets(rule, &json!({"C": format!("-enc {near}")})), "{before:?}");
        }
    }

    #[test]
    fn a_wide_base64_needle_is_found_and_all_asks_for_each() {
        let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let rule = "  s:\n    C|wide|base64offset|contains|all:\n      - 'IEX'\n      - 'Http'";
        assert!(meets(rule, &json!({"C": STANDARD.encode(wide("a IEX b Http c"))})));
        assert!(!meets(rule, &json!({"C": STANDARD.encode(wide("a IEX b Ftp c"))})));
    }

    #[test]
    fn keywords_under_all_may_stand_anywhere_in_a_text() {
        let rule = "  s:\n    '|all':\n      - 'OabVirtualDirectory'\n      - ' -ExternalUrl '";
        assert!(meets(rule, &json!({"Data": "Set-OabVirtualDirectory -ExternalUrl 'http://example.org'"})));
        assert!(!meets(rule, &json!({"Data": "Set-OabVirtualDirectory -InternalUrl 'http://example.org'"})));
    }

    #[test]
    fn null_beside_a_value_meets_an_absent_field() {
        let rule = "  s:\n    A: 1\n    B:\n      - null\n      - ''";
        assert!(meets(rule, &json!({"A": 1})));
        assert!(meets(rule, &json!({"A": 1, "B": ""})));
        assert!(!meets(rule, &json!({"A": 1, "B": "x"})));
        assert!(!meets(rule, &json!({"A": 2})));
    }

    proptest! {
        #[test]
        fn stable_parts_stand_in_every_encoding(before in "[a-z]{0,5}", needle in "[ -~]{3,20}", after in "[a-z]{0,5}") {
            let encoded = STANDARD.encode(format!("{before}{needle}{after}"));
            let part = stable_part(needle.as_bytes(), before.len() % 3);
            prop_assert!(!part.is_empty() && encoded.contains(&part), "{part} in {encoded}");
        }
    }
}
