//! Bad input: a clear message, the right exit code, and whatever could be read is in the case.

use crate::program::{Desk, afterpatch};
use afterpatch_range::Layout;
use std::fs;

const SCENARIO: &str = crate::determinism::CHAIN;

#[test]
fn an_unreadable_path_is_named_with_a_hint() {
    let desk = Desk::new();
    let said = desk.investigate(&desk.path("not-there"), "case", &[]).ends(1);
    assert!(said.stderr.contains("not-there"), "{}", said.stderr);
    assert!(said.stderr.contains("hint: "), "{}", said.stderr);
    assert_eq!(said.stdout, "");
}

#[test]
fn beside_an_unreadable_path_the_others_are_read() {
    let desk = Desk::new();
    let evidence = desk.scenario(SCENARIO, Layout::Folder);
    let args = ["investigate", "not-there", evidence.to_str().unwrap(), "--case"];
    let case = desk.path("case");
    let said = afterpatch(&[&args[..], &[case.to_str().unwrap()]].concat()).ends(3);
    assert!(said.stderr.contains("not-there"), "{}", said.stderr);
    assert!(!desk.result("case").findings.is_empty());
}

#[test]
fn an_empty_folder_leaves_a_case_and_says_so() {
    let desk = Desk::new();
    fs::create_dir(desk.path("empty")).unwrap();
    let said = desk.investigate(&desk.path("empty"), "case", &[]).ends(3);
    assert!(said.stderr.contains("warning: "), "{}", said.stderr);
    assert!(desk.path("case").join("case.toml").exists());
    assert!(desk.path("case/report/index.html").exists());
}

#[test]
fn a_folder_with_nothing_of_exchange_is_called_so() {
    let desk = Desk::new();
    fs::create_dir(desk.path("photos")).unwrap();
    fs::write(desk.path("photos/holiday.txt"), "We saw the sea.\n").unwrap();
    let said = desk.investigate(&desk.path("photos"), "case", &[]).ends(3);
    assert!(said.stderr.contains("Nothing of an Exchange server"), "{}", said.stderr);
    let result = desk.result("case");
    assert_eq!(result.counts.artifacts, 1);
    assert!(result.findings.is_empty());
}

#[test]
fn a_truncated_zip_never_passes_for_a_whole_one() {
    let desk = Desk::new();
    let evidence = desk.scenario(SCENARIO, Layout::Zip);
    let zip = crate::place::files_below(&evidence)
        .into_iter()
        .find(|(_, path)| path.extension().is_none_or(|extension| extension == "zip"))
        .map_or(evidence, |(_, path)| path);
    let bytes = fs::read(&zip).unwrap();
    let cut = desk.path("cut.zip");
    fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let said = desk.investigate(&cut, "case", &[]);
    assert!(matches!(said.code, 1 | 3), "{said:?}");
    assert!(said.stderr.contains("cut.zip"), "{}", said.stderr);
}

#[test]
fn a_case_inside_the_evidence_is_refused() {
    let desk = Desk::new();
    fs::create_dir(desk.path("evidence")).unwrap();
    let said = desk.investigate(&desk.path("evidence"), "evidence/case", &[]).ends(2);
    assert!(said.stderr.contains("inside the evidence"), "{}", said.stderr);
    assert!(!desk.path("evidence/case").exists());
}

#[test]
fn a_folder_that_is_no_case_is_no_case() {
    let desk = Desk::new();
    let nowhere = desk.path("nowhere");
    for command in [&["findings"][..], &["timeline"], &["coverage"], &["query", "SELECT 1"], &["judge"]] {
        let said = afterpatch(&[command, &["--case", nowhere.to_str().unwrap()]].concat()).ends(1);
        assert!(said.stderr.contains("error: ") && said.stderr.contains("hint: "), "{}", said.stderr);
        assert!(!nowhere.exists(), "{command:?} made a folder");
    }
}
