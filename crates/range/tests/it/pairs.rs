//! Rules that hold for all pairs.

use afterpatch_model::Fate;
use afterpatch_range::{PAIRS, Pair, SCENARIOS, Scenario, Truth, play};
use std::collections::BTreeSet;

#[test]
fn a_pair_is_of_the_same_servers_and_comes_later() {
    let names: BTreeSet<_> = PAIRS.iter().map(|pair| pair.name).collect();
    assert_eq!(names.len(), PAIRS.len());
    for pair in PAIRS {
        let before = Scenario::by_name(pair.before).unwrap();
        assert_eq!(
            pair.after.servers().collect::<Vec<_>>(),
            before.servers().collect::<Vec<_>>(),
            "{}",
            pair.name
        );
        assert!(pair.after.spans().last() > before.spans().last(), "{}", pair.name);
        assert_eq!(pair.after.name, pair.name);
        assert!(
            SCENARIOS.iter().all(|scenario| scenario.name != pair.name),
            "{}: a name means one thing",
            pair.name
        );
        assert_eq!(Pair::by_name(pair.name).unwrap().after.doc, pair.after.doc);
    }
    assert!(Pair::by_name("no-such-pair").is_none());
}

#[test]
fn what_became_of_a_claim_is_said_of_claims_that_were_made() {
    for pair in PAIRS {
        let made: Vec<String> = Scenario::by_name(pair.before)
            .unwrap()
            .truth()
            .into_iter()
            .filter_map(|truth| match truth {
                Truth::Finding { claim, .. } => Some(claim),
                Truth::Answer { .. }
                | Truth::Exposure { .. }
                | Truth::Window { .. }
                | Truth::Story { .. } => None,
            })
            .collect();
        for (claim, fate) in pair.fates {
            assert!(*fate == Fate::New || made.contains(&(*claim).to_owned()), "{}: {claim}", pair.name);
        }
    }
}

#[test]
fn what_a_pair_says_lies_there_does() {
    let files = |name: &str| play(&Pair::by_name(name).unwrap().after);
    let has = |name: &str, part: &str| files(name).keys().any(|path| path.to_lowercase().contains(part));
    let page = "redirsuiteserverproxy.aspx";
    assert!(
        has("patched-not-cleaned", &format!("auth/{page}"))
            || has("patched-not-cleaned", &format!("auth\\{page}"))
    );
    assert!(!has("half-removed", &format!("auth/{page}")) && !has("half-removed", &format!("auth\\{page}")));
    assert!(has("half-removed", &format!("{page}.f5dba9b9.compiled")));
    assert!(!has("all-done", page));
    assert!(!has("evidence-missing", "frontend"), "no served folder was collected");
    let checked = |name: &str| -> String {
        let found = files(name).into_iter().find(|(path, _)| path.contains("HealthChecker"));
        String::from_utf8(found.unwrap().1).unwrap()
    };
    assert!(checked("half-removed").contains("&lt;script"));
    assert!(!checked("all-done").contains("script"));
}
