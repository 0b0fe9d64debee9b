//! What people read of signals and circumstances stands in the locales, and not in the code that finds them.

use crate::place::workspace;
use afterpatch_model::{Lang, Reason};
use afterpatch_pages::signal::MEANINGS;
use afterpatch_report::Texts;
use std::fs;

/// Returns the names that the concepts `strange_pages` and `page_circumstances` give: each stands before its odds.
fn circumstances() -> Vec<String> {
    let concepts = fs::read_to_string(workspace().join("content/rules/concepts.yml")).unwrap();
    let body = |concept: &str| {
        let (_, begins) = concepts.split_once(&format!("- name: {concept}\n")).unwrap();
        begins.split("- name:").next().unwrap()
    };
    let lines = ["strange_pages", "page_circumstances"].map(body).into_iter().flat_map(str::lines);
    let selects = lines.map(str::trim).filter(|line| line.starts_with("SELECT "));
    let name = |line: &str| {
        let (name, after) = line.split_once(", '")?.1.split_once('\'')?;
        let odds = after.rsplit_once(", ")?.1.split(' ').next()?;
        odds.parse::<f64>().is_ok().then(|| name.to_owned())
    };
    selects.filter_map(name).collect()
}

#[test]
fn every_signal_and_circumstance_has_a_sentence_in_both_languages() {
    let circumstances = circumstances();
    assert!(circumstances.len() >= 10, "{circumstances:?}");
    for lang in [Lang::En, Lang::Ja] {
        let texts = Texts::load(lang).unwrap();
        for code in MEANINGS.iter().map(|meaning| meaning.code) {
            assert!(texts.has(&format!("signal-{code}")), "{lang:?} has no sentence for the signal {code}");
        }
        for name in &circumstances {
            assert!(texts.has(&format!("circumstance-{name}")), "{lang:?} has no sentence for {name}");
        }
        let args = [("signal", "visitor-started"), ("way", "Request:1 → Process.Start:2")];
        let said = texts.reason(&Reason::new("signal", &args));
        assert!(said.starts_with(&texts.get("signal-visitor-started", &[])), "{said}");
        assert!(said.contains("Request:1 → Process.Start:2"), "{said}");
    }
}
