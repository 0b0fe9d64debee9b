//! The content in force, held to what it says of itself.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what fails in a test is to fail the test, and a test that is skipped says so"
)]

mod estate;
mod exposure;

use afterpatch_detect::Content;
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
