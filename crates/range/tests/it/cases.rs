//! The kept cases agree with the scenarios. After a change of truth that is meant, write them anew:
//! `AFTERPATCH_WRITE_CASES=1 cargo test --release -p afterpatch-range --test it cases::`.

use afterpatch_range::{Case, SCENARIOS, Scenario, from_jsonl, to_jsonl};
use std::fs;
use std::path::PathBuf;

fn folder(scenario: &Scenario) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases").join(scenario.name)
}

#[test]
fn every_scenario_has_a_case_that_names_it() {
    for scenario in SCENARIOS {
        let text = fs::read_to_string(folder(scenario).join("case.toml")).unwrap();
        let case = Case::read(&text).unwrap();
        let (named, _) = case.resolve().unwrap();
        assert_eq!(named.name, scenario.name);
        assert!(case.proves.ends_with('.'), "{}", scenario.name);
    }
}

#[test]
fn the_kept_truth_is_the_scenarios() {
    let is_meant = std::env::var_os("AFTERPATCH_WRITE_CASES").is_some();
    for scenario in SCENARIOS {
        let text = to_jsonl(&scenario.truth()).unwrap();
        if is_meant {
            fs::write(folder(scenario).join("expect.jsonl"), &text).unwrap();
        }
        let kept = fs::read_to_string(folder(scenario).join("expect.jsonl")).unwrap();
        assert_eq!(kept, text, "{}: see the top of this file", scenario.name);
        assert_eq!(from_jsonl(&kept).unwrap(), scenario.truth());
    }
}

#[test]
fn a_case_that_names_nothing_is_refused() {
    let case = |scenario: &str, layout: &str| {
        let text = format!("scenario = \"{scenario}\"\nlayout = \"{layout}\"\nproves = \"Nothing.\"\n");
        Case::read(&text).unwrap().resolve()
    };
    assert!(case("chain", "kape").is_ok());
    assert!(case("chains", "kape").is_err());
    assert!(case("chain", "cape").is_err());
    assert!(Case::read("scenario = \"chain\"").is_err());
}
