//! The content in force, held to what it says of itself.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what fails in a test is to fail the test, and a test that is skipped says so"
)]

mod estate;
mod exposure;

use afterpatch_detect::{Content, Traces};
use afterpatch_model::{Phase, RuleId};
use std::collections::BTreeSet;
use std::fs;

#[test]
fn our_content_loads_and_lacks_nothing() {
    let (content, problems) = Content::load(&[]);
    assert!(problems.is_empty(), "{problems:#?}");
    let faults = content.check();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(content.rules().len() > 25);
    assert!(content.knowledge().genuine_scripts() > 4_000);
    let (again, _) = Content::load(&[]);
    assert_eq!(content.digest(), again.digest());
}

#[test]
fn every_rule_meets_its_hits_and_not_its_near_misses() {
    let (content, _) = Content::load(&[]);
    let tests = content.test_rules("");
    let failed: Vec<_> = tests.iter().filter(|test| test.fault.is_some()).collect();
    assert!(failed.is_empty(), "{} of {} failed: {failed:#?}", failed.len(), tests.len());
    let tested: BTreeSet<_> = tests.iter().map(|test| &test.rule).collect();
    assert_eq!(tested.len(), content.rules().len(), "each rule of ours has a test");
}

#[test]
fn a_claim_that_no_rule_bears_on_is_dead_weight() {
    let (content, _) = Content::load(&[]);
    let borne: BTreeSet<_> = content
        .rules()
        .iter()
        .filter_map(|rule| rule.bearing.as_ref())
        .flat_map(|bearing| &bearing.claims)
        .collect();
    for claim in content.claims().keys() {
        assert!(borne.contains(claim), "{claim}");
    }
}

/// A flaw that is used and that no rule looks for keeps every server that had it from "no trace".
#[test]
fn every_flaw_that_is_known_to_be_used_is_looked_for() {
    let (content, _) = Content::load(&[]);
    let looked_for = content.looked_for();
    let used = content.knowledge().flaws().iter().filter(|flaw| flaw.exploited.is_some());
    let forgotten: Vec<_> =
        used.map(|flaw| flaw.cve.as_str()).filter(|cve| !looked_for.contains_key(cve)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
    for cve in looked_for.keys() {
        assert!(content.knowledge().flaw(cve).is_some(), "{cve} is none that the knowledge has");
    }
}

#[test]
fn what_leaves_plain_traces_in_one_way_is_not_called_faint() {
    let (content, _) = Content::load(&[]);
    let looked_for = content.looked_for();
    assert_eq!(looked_for["CVE-2018-8581"], Traces::Faint);
    assert_eq!(looked_for["CVE-2021-34473"], Traces::Plain);
    assert_eq!(looked_for["CVE-2022-41082"], Traces::Plain, "two claims have it, one of them faint");
}

#[test]
fn a_rule_tells_of_a_step_of_its_own_or_of_its_claims() {
    let (content, _) = Content::load(&[]);
    let phase = |rule: &str, claim: &str| content.phase(&RuleId::new(rule.to_owned()), claim);
    assert_eq!(phase("proxyshell-path-confusion", "proxyshell"), Some(Phase::Entry));
    assert_eq!(phase("proxyshell-led-to-program", "proxyshell"), Some(Phase::Execution));
    assert_eq!(phase("web-shell-absent-page-asked", "web-shell-probe"), None);
    assert_eq!(phase("no-such-rule", "proxyshell"), None);
}

#[test]
fn rules_of_the_user_join_ours_and_bad_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "good.yml",
        "title: Mine\nid: 11111111-2222-4333-8444-555555555555\nauthor: Someone\nlogsource:\n  product: windows\n  service: security\n\
         detection:\n  s:\n    EventID: 4720\n  condition: s\nlevel: low\n",
    );
    write("bad.yml", "title: No detection\nlogsource:\n  product: windows\n");
    write("good.yar", "rule mine { strings: $a = \"abc\" condition: $a }\n");
    write("bad.yar", "rule broken { condition: nothing_of_that_name }\n");
    write("notes.txt", "not a rule");
    let ours = Content::load(&[]).0.rules().len();
    let (content, problems) = Content::load(&[folder.path().to_owned()]);
    let mine: Vec<_> = content.rules().iter().filter(|rule| !rule.builtin).collect();
    assert_eq!(content.rules().len(), ours + mine.len());
    assert_eq!(mine.iter().filter(|rule| rule.title == "Mine" && rule.author == "Someone").count(), 1);
    assert!(mine.iter().any(|rule| rule.id.as_str() == "mine"));
    assert_eq!(
        problems.iter().filter(|problem| problem.place.ends_with("bad.yml")).count(),
        1,
        "{problems:?}"
    );
    let faults = content.check();
    assert_eq!(faults.iter().filter(|problem| problem.place.ends_with("bad.yar")).count(), 1, "{faults:?}");
    assert!(faults.iter().all(|problem| !problem.place.ends_with("good.yar")), "{faults:?}");
    assert!(mine.iter().all(|rule| rule.bearing.is_none()), "a community rule bears on none of our claims");
}

#[test]
fn a_rule_of_the_user_cannot_take_the_id_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Content::load(&[]).0;
    let sql = ours.rules().iter().find(|rule| rule.id.as_str() == "web-server-command").unwrap();
    let text = fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content").join(&sql.origin),
    )
    .unwrap();
    fs::write(folder.path().join("copy.yml"), text).unwrap();
    let (content, problems) = Content::load(&[folder.path().to_owned()]);
    assert_eq!(content.rules().len(), ours.rules().len());
    assert!(problems.iter().any(|problem| problem.detail.contains("web-server-command")), "{problems:?}");
}
