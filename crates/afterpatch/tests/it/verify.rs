//! Pairs of cases, made by `range`: what had been done between them against what `verify` says.

use crate::determinism::CHAIN;
use crate::program::{Desk, Said, afterpatch};
use afterpatch_model::{CheckOutcome, Completion, Fate, FindingOutcome, VERIFY_SCHEMA, VerifyResult};
use afterpatch_range::{Layout, PAIRS, Pair};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Every case before and after, investigated once.
static CASES: LazyLock<Desk> = LazyLock::new(|| {
    let desk = Desk::new();
    for before in PAIRS.iter().map(|pair| pair.before).collect::<BTreeSet<_>>() {
        let evidence = desk.scenario(before, Layout::Folder);
        desk.investigate(&evidence, before, &["--organisation", "Example"]).ends(0);
    }
    for pair in PAIRS {
        let evidence = desk.path(&format!("after-{}", pair.name));
        afterpatch_range::write(&pair.after, Layout::Folder, &evidence).unwrap();
        desk.investigate(&evidence, pair.name, &["--organisation", "Example"]).ends(0);
    }
    desk
});

fn verify(before: &str, after: &str, more: &[&str]) -> Said {
    let (before, after) = (CASES.path(before), CASES.path(after));
    afterpatch(&[&["verify", before.to_str().unwrap(), after.to_str().unwrap()], more].concat())
}

fn result(before: &str, after: &str) -> VerifyResult {
    serde_json::from_str(&verify(before, after, &["--format", "json"]).stdout).unwrap()
}

fn of_claim<'a>(result: &'a VerifyResult, claim: &str) -> Vec<&'a FindingOutcome> {
    result.findings.iter().filter(|finding| finding.claim == claim).collect()
}

#[test]
fn every_pair_comes_to_what_is_true() {
    let mut wrong = String::new();
    for pair in PAIRS {
        let result = result(pair.before, pair.name);
        let server = &result.servers[0];
        let came_out = (server.patched, server.cleaned);
        if came_out != (Some(pair.patched), Some(pair.cleaned)) {
            let _ = writeln!(wrong, "{}: patched and cleaned came out {came_out:?}", pair.name);
        }
        for action in result.actions.iter().filter(|action| !action.by_hand) {
            let left = pair.steps.iter().find(|(step, _)| *step == action.id);
            let expected = left.map_or(Completion::Done, |(_, completion)| *completion);
            if action.completion != expected {
                let is_it = |check: &&CheckOutcome| check.counts && check.completion == action.completion;
                let why: Vec<_> =
                    action.checks.iter().filter(is_it).map(|check| &check.grounds.reasons).collect();
                let _ = writeln!(
                    wrong,
                    "{}: {} is {expected:?}, came out {:?}: {why:?}",
                    pair.name, action.id, action.completion
                );
            }
        }
        for (claim, fate) in pair.fates {
            let fates: Vec<_> = of_claim(&result, claim).iter().map(|finding| finding.fate).collect();
            if !fates.contains(fate) {
                let _ = writeln!(wrong, "{}: {claim} is {fate:?}, came out {fates:?}", pair.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a pair comes to, in a few lines: kept as a picture, so that a change of a rule or of a ground shows here.
fn picture(pair: &Pair) -> String {
    let result = result(pair.before, pair.name);
    let mut text = format!("{}: {}\n", pair.after.doc, result.completion.name());
    for server in &result.servers {
        let word = |one: Option<Completion>| one.map_or("-", Completion::name);
        let keys: Vec<_> = server.reasons.iter().map(|reason| reason.key.as_str()).collect();
        let (patched, cleaned) = (word(server.patched), word(server.cleaned));
        let _ = writeln!(text, "{} patched {patched}, cleaned {cleaned}: {}", server.name, keys.join(" "));
    }
    for action in result.actions.iter().filter(|action| !action.by_hand) {
        let _ = writeln!(text, "step {} {}", action.id, action.completion.name());
    }
    for finding in &result.findings {
        let keys: Vec<_> = finding.grounds.reasons.iter().map(|reason| reason.key.as_str()).collect();
        let _ = writeln!(text, "finding {} {}: {}", finding.claim, finding.fate.name(), keys.join(" "));
    }
    text
}

#[test]
fn pictures_of_every_pair() {
    let pictures: Vec<_> = PAIRS.iter().map(picture).collect();
    insta::assert_snapshot!(pictures.join("\n"));
}

#[test]
fn what_is_left_of_a_shell_whose_file_was_deleted_is_named_with_its_proofs() {
    let result = result(CHAIN, "half-removed");
    let [shell] = of_claim(&result, "web-shell")[..] else { panic!("one shell") };
    let keys: Vec<_> = shell.grounds.reasons.iter().map(|reason| reason.key.as_str()).collect();
    assert_eq!(keys, ["verify-left-compiled"], "the file itself is gone");
    assert!(
        shell.grounds.proofs.iter().all(|proof| proof.place.contains("Temporary")),
        "{:?}",
        shell.grounds.proofs
    );
    let [write] = of_claim(&result, "proxylogon-vdirwrite")[..] else { panic!("one write") };
    let keys: Vec<_> = write.grounds.reasons.iter().map(|reason| reason.key.as_str()).collect();
    assert_eq!(keys, ["verify-left-setting"], "the value of the virtual directory is there");
    assert!(write.grounds.proofs.iter().any(|proof| proof.place.contains("HealthChecker")));
    let headlines: Vec<_> = result.servers[0].reasons.iter().map(|reason| reason.key.as_str()).collect();
    assert!(headlines.contains(&"verify-patched-not-cleaned") && headlines.contains(&"verify-half-removed"));
}

#[test]
fn an_update_that_came_out_since_is_told_of() {
    let result = result(CHAIN, "all-done");
    let update = result.actions.iter().find(|action| action.id == "install-update").unwrap();
    let [check] = update.checks.as_slice() else { panic!("one server") };
    assert!(check.grounds.reasons.iter().any(|reason| reason.key == "verify-flaws-since"), "{check:?}");
    assert!(check.since.en.contains("CU23"), "{}", check.since.en);
    let said = verify(CHAIN, "all-done", &[]).stdout;
    assert!(said.contains("The plan of the later case: 15.1.2106.13 (Exchange 2016 CU18"), "{said}");
}

#[test]
fn nothing_is_done_where_evidence_is_missing() {
    let result = result(CHAIN, "evidence-missing");
    for claim in ["web-shell", "proxylogon-vdirwrite", "proxylogon-ssrf"] {
        for finding in of_claim(&result, claim) {
            assert_eq!(finding.fate, Fate::CannotTell, "{claim}");
            assert!(!finding.grounds.missing.is_empty(), "{claim}: what is missing is named");
        }
    }
    // The same case twice is no later case, and shows the shell.
    let result = self::result(CHAIN, CHAIN);
    assert!(result.findings.iter().all(|finding| finding.fate != Fate::Over));
    assert!(result.actions.iter().all(|action| action.completion != Completion::Done));
}

#[test]
fn done_has_its_proof() {
    for pair in PAIRS {
        let result = result(pair.before, pair.name);
        let checks = result.actions.iter().flat_map(|action| &action.checks);
        for check in checks.filter(|check| check.completion == Completion::Done) {
            let grounds = &check.grounds;
            assert!(!grounds.proofs.is_empty() || !grounds.covered.is_empty(), "{}: {check:?}", pair.name);
        }
        for finding in result.findings.iter().filter(|finding| finding.fate == Fate::Over) {
            // Either it is not there where it would be seen, or a log says that it was undone.
            let grounds = &finding.grounds;
            let is_undone = grounds.reasons.iter().any(|reason| reason.key == "verify-undone");
            let is_proved = if is_undone { !grounds.proofs.is_empty() } else { !grounds.covered.is_empty() };
            assert!(is_proved, "{}: {finding:?}", pair.name);
        }
    }
}

#[test]
fn the_exit_code_is_for_scripts() {
    let code = |after: &str| verify(CHAIN, after, &[]).code;
    assert_eq!(code("all-done"), 0);
    assert_eq!(code("logs-again"), 12, "the scanner's log is missing");
    assert_eq!(code("wrong-update"), 11);
    assert_eq!(code("scan-met"), 11);
    assert_eq!(code("half-removed"), 11);
    assert_eq!(code("mitigated-only"), 11);
    assert_eq!(code("new-shell"), 11);
    assert_eq!(code("nothing-changed"), 11);
    for pair in PAIRS {
        let expected = match result(pair.before, pair.name).completion {
            Completion::Done => 0,
            Completion::NotDone => 11,
            Completion::CannotTell => 12,
        };
        assert_eq!(code(pair.name), expected, "{}", pair.name);
    }
    afterpatch(&["verify", "no-such-case", "nor-this"]).ends(1);
    afterpatch(&["verify", "only-one"]).ends(2);
}

#[test]
fn both_languages_say_all_of_it() {
    for format in ["terminal", "markdown"] {
        for lang in ["en", "ja"] {
            for pair in PAIRS {
                let said = verify(pair.before, pair.name, &["--format", format, "--lang", lang]).stdout;
                for mark in ["[reason-", "[check-", "[ui-", "[gap-", "{$", "[need-"] {
                    assert!(!said.contains(mark), "{}: {mark}\n{said}", pair.name);
                }
                let is_japanese = said.chars().any(|c| ('ぁ'..='ん').contains(&c));
                assert_eq!(is_japanese, lang == "ja", "{said}");
            }
        }
    }
}

#[test]
fn machines_get_the_whole_comparison() {
    let json = verify(CHAIN, "all-done", &["--format", "json"]).stdout;
    let result: VerifyResult = serde_json::from_str(&json).unwrap();
    assert_eq!(result.schema, VERIFY_SCHEMA);
    assert_eq!(json, verify(CHAIN, "all-done", &["--format", "json"]).stdout, "the same again");
    // The other way round it is no later case.
    let back = self::result("all-done", CHAIN);
    let keys: Vec<_> = back.servers[0].reasons.iter().map(|reason| reason.key.as_str()).collect();
    assert!(keys.contains(&"verify-after-not-later"), "{keys:?}");
}
