//! The ledger: torn lines are cut off, changed ones are found, and what it does not name does not count.

use crate::evidence::{Bench, tree};
use afterpatch_store::{Case, StoreError};
use std::fs;
use std::path::Path;

fn ledger(case: &Path) -> String {
    fs::read_to_string(case.join("ledger.jsonl")).unwrap()
}

fn requests(case: &Case) -> i64 {
    let rows = case.session().unwrap().rows("SELECT count(*) AS n FROM web_requests").unwrap();
    rows[0]["n"].as_i64().unwrap()
}

#[test]
fn a_whole_case_verifies() {
    let bench = Bench::new();
    let mut case = bench.filled("case");
    case.record_run("detect", &serde_json::json!({"rules": 3})).unwrap();
    let custody = Case::verify(case.folder()).unwrap();
    assert_eq!(custody.faults, Vec::<String>::new());
    assert_eq!(custody.artifacts, 5);
    assert!(custody.parts >= 4 && custody.head.len() == 64);
    assert!(ledger(case.folder()).contains(r#""kind":"run","step":"detect","detail":{"rules":3}"#));
}

#[test]
fn a_run_that_was_killed_before_its_commit_goes_on_to_the_same_bytes() {
    let bench = Bench::new();
    bench.filled("case");
    let folder = bench.folder("case");
    let whole = tree(&folder);
    // The first group names the collection; the parts of the second are on disk, its lines are not.
    let text = ledger(&folder);
    let first = text.find(r#""kind":"commit""#).unwrap();
    let end = first + text[first..].find('\n').unwrap() + 1;
    assert!(end < text.len());
    fs::write(folder.join("ledger.jsonl"), &text[..end]).unwrap();
    let mut case = Case::open(&folder).unwrap();
    assert_eq!((case.artifacts().len(), requests(&case)), (0, 0));
    let summary = bench.add(&mut case, 2);
    assert_eq!(summary.new_artifacts, 5);
    assert_eq!(tree(&folder), whole);
}

#[test]
fn a_torn_group_is_cut_off_noted_and_read_again() {
    let bench = Bench::new();
    bench.filled("case");
    let folder = bench.folder("case");
    let whole = tree(&folder);
    let text = ledger(&folder);
    // Within the last line, and within the group before it.
    for lost in [7, 1_500] {
        fs::write(folder.join("ledger.jsonl"), &text[..text.len() - lost]).unwrap();
        let mut case = Case::open(&folder).unwrap();
        assert!(ledger(&folder).contains(r#""kind":"cut""#));
        assert_eq!(case.artifacts().len(), 0);
        bench.add(&mut case, 2);
        assert_eq!(requests(&case), 120);
        assert!(Case::verify(&folder).unwrap().faults.is_empty());
        let mut again = tree(&folder);
        again.insert("ledger.jsonl".into(), text.clone().into_bytes());
        assert_eq!(again, whole);
    }
}

#[test]
fn a_changed_line_is_found() {
    let bench = Bench::new();
    let case = bench.filled("case");
    let text = ledger(case.folder());
    let changes = [
        text.replacen("u_ex210301.log", "u_ex210309.log", 1),
        text.lines().skip(1).flat_map(|line| [line, "\n"]).collect(),
        text.replacen("{\"previous\"", "{\"previous", 1),
        text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n",
    ];
    for changed in changes {
        assert_ne!(changed, text);
        fs::write(case.folder().join("ledger.jsonl"), changed).unwrap();
        assert!(!Case::verify(case.folder()).unwrap().faults.is_empty());
    }
}

#[test]
fn a_line_that_is_no_line_stops_the_case_from_opening() {
    let bench = Bench::new();
    let case = bench.filled("case");
    let text = ledger(case.folder()).replacen("{\"previous\"", "{\"previous", 1);
    fs::write(case.folder().join("ledger.jsonl"), text).unwrap();
    assert!(matches!(Case::open(case.folder()), Err(StoreError::Ledger { line: 1, .. })));
}

#[test]
fn a_changed_or_missing_part_is_found() {
    let bench = Bench::new();
    let case = bench.filled("case");
    let parts: Vec<_> = tree(case.folder()).into_keys().filter(|path| path.starts_with("facts")).collect();
    fs::write(case.folder().join(&parts[0]), "changed").unwrap();
    fs::remove_file(case.folder().join(&parts[1])).unwrap();
    let faults = Case::verify(case.folder()).unwrap().faults;
    assert_eq!(faults.len(), 2, "{faults:?}");
}

#[test]
fn a_part_that_the_ledger_does_not_name_is_ignored_and_then_removed() {
    let bench = Bench::new();
    let mut case = bench.filled("case");
    let folder = case.folder().to_owned();
    let part = tree(&folder).into_keys().find(|path| path.starts_with("facts/web_requests")).unwrap();
    let stray = part.with_file_name("part-0000000000000000.parquet");
    fs::copy(folder.join(&part), folder.join(&stray)).unwrap();
    let case_again = Case::open(&folder).unwrap();
    assert_eq!(requests(&case_again), 120);
    bench.add(&mut case, 1);
    assert!(!folder.join(&stray).exists() && folder.join(&part).exists());
}
