//! Same in, same out: on any number of threads, the second time, and in any layout.

use crate::place::files_below;
use crate::program::Desk;
use afterpatch_model::CaseResult;
use afterpatch_range::Layout;
use std::collections::{BTreeMap, BTreeSet};

/// The scenario with the whole chain in it.
pub(crate) const CHAIN: &str = "chain";

/// Returns the bytes of everything in a case that is a result; the ledger says when runs were made, and is none.
fn bytes_of(desk: &Desk, case: &str) -> BTreeMap<String, Vec<u8>> {
    files_below(&desk.path(case))
        .into_iter()
        .filter(|(name, _)| name != "ledger.jsonl")
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

#[track_caller]
fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    let names = |case: &BTreeMap<String, Vec<u8>>| case.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(one), names(other));
    for (name, bytes) in one {
        assert!(*bytes == other[name], "{name} differs");
    }
}

#[test]
fn threads_do_not_matter() {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    desk.investigate(&evidence, "one", &["--threads", "1"]).ends(0);
    desk.investigate(&evidence, "four", &["--threads", "4"]).ends(0);
    assert_same(&bytes_of(&desk, "one"), &bytes_of(&desk, "four"));
}

#[test]
fn the_same_evidence_again_changes_nothing() {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    desk.investigate(&evidence, "case", &[]).ends(0);
    let before = bytes_of(&desk, "case");
    let said = desk.investigate(&evidence, "case", &[]).ends(0);
    assert!(said.stderr.contains("Read: 0 new files"), "{}", said.stderr);
    assert_same(&before, &bytes_of(&desk, "case"));
}

/// What must not depend on how a collection is laid out.
fn essence(result: &CaseResult) -> BTreeSet<String> {
    let findings = result.findings.iter().map(|finding| {
        let words = [&finding.server, &finding.claim, &finding.subject, finding.grade.name()];
        words.join(" ")
    });
    let servers = result.servers.iter().flat_map(|server| &server.answers);
    let answers = servers.chain(&result.answers).map(|answer| {
        let server = answer.server.as_deref().unwrap_or("organisation");
        format!("{server} {} {}", answer.question.name(), answer.verdict.name())
    });
    findings.chain(answers).collect()
}

#[test]
fn every_layout_gives_the_same_findings_and_answers() {
    let desk = Desk::new();
    let passwords = desk.path("passwords.txt");
    std::fs::write(&passwords, afterpatch_range::PASSWORD).unwrap();
    let essence_of = |layout: Layout| {
        let case = format!("{layout:?}");
        let evidence = desk.scenario(CHAIN, layout);
        let unlock = ["--password-file", passwords.to_str().unwrap()];
        desk.investigate(&evidence, &case, &unlock).ends(0);
        essence(&desk.result(&case))
    };
    let folder = essence_of(Layout::Folder);
    assert!(!folder.is_empty());
    // That all give the same facts is tested beside; these are one of each kind.
    for layout in [Layout::Zip, Layout::TarZst, Layout::VelociraptorLocked, Layout::Kape] {
        assert_eq!(essence_of(layout), folder, "{layout:?}");
    }
}
