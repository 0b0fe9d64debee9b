//! What was found is written beside the facts and read back.

use crate::evidence::Bench;
use afterpatch_model::{CaseResult, Counts, Detection, Engine, Grade, Level, RESULT_SCHEMA, RuleId, Weight};
use std::collections::BTreeMap;

#[test]
fn detections_come_back() {
    let bench = Bench::new();
    let case = bench.case("case");
    assert_eq!(case.read_detections().unwrap(), []);
    let detection = Detection {
        rule: RuleId::new("r"),
        engine: Engine::Analytic,
        title: "t".into(),
        author: "a".into(),
        license: "l".into(),
        reference: None,
        level: Level::High,
        tags: vec!["attack.t1505.003".into()],
        claim: None,
        weight: Weight::For,
        grade: Grade::Reached,
        server: "MX1".into(),
        subject: "line\nfeed".into(),
        first: None,
        last: None,
        facts: 1,
        artifacts: BTreeMap::new(),
        samples: Vec::new(),
    };
    let detections = vec![detection.clone(), detection];
    case.write_detections(&detections).unwrap();
    assert_eq!(case.read_detections().unwrap(), detections);
}

#[test]
fn the_result_comes_back_and_its_parts_are_files() {
    let bench = Bench::new();
    let case = bench.case("case");
    assert!(case.read_result().is_err());
    let result = CaseResult {
        schema: RESULT_SCHEMA.into(),
        version: "0".into(),
        content: "c".into(),
        organisation: None,
        answers: Vec::new(),
        servers: Vec::new(),
        findings: Vec::new(),
        rules: Vec::new(),
        rule_coverage: afterpatch_model::RuleCoverage::default(),
        plan: Vec::new(),
        turns: Vec::new(),
        stories: Vec::new(),
        timeline: Vec::new(),
        coverage: Vec::new(),
        counts: Counts::default(),
        problems: BTreeMap::new(),
        artifacts: Vec::new(),
    };
    case.write_result(&result).unwrap();
    assert_eq!(case.read_result().unwrap(), result);
    for name in ["findings.jsonl", "answers.json", "plan.json", "result.json"] {
        assert!(case.folder().join(name).is_file(), "{name}");
    }
    assert_eq!(case.report_dir(), case.folder().join("report"));
}
