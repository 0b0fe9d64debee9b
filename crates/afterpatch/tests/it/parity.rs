//! Sigma rules over samples of attacks, beside what other programs report on them: each difference is explained.

use crate::place::{shared, workspace};
use crate::program::{Desk, afterpatch};
use afterpatch_model::{Detection, Engine, Grade};
use afterpatch_range::Layout;
use afterpatch_store::Case;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A file of the samples, and a rule that something in it met.
type Pair = (String, String);

/// The lists of others, by the word that the page uses.
const PEERS: [(&str, &str); 3] =
    [("Chainsaw", "eas-chainsaw.csv"), ("Hayabusa", "eas-hayabusa.csv"), ("rsigma", "eas-rsigma.csv")];

/// Reads a list of others, as far as the files are there.
fn theirs(list: &Path, samples: &Path) -> BTreeSet<Pair> {
    let text = fs::read_to_string(list).unwrap();
    let pairs = text.lines().skip(1).filter_map(|line| {
        let (rest, _count) = line.rsplit_once(',')?;
        let (file, rule) = rest.rsplit_once(',')?;
        Some((file.trim_matches('"').to_owned(), rule.to_owned()))
    });
    pairs.filter(|(file, _)| samples.join(file).exists()).collect()
}

/// Returns what our Sigma rules met in event logs.
fn ours(case: &Path) -> BTreeSet<Pair> {
    let artifacts = Case::open(case).unwrap().artifacts();
    let paths: BTreeMap<_, _> =
        artifacts.iter().map(|line| (&line.artifact.id, line.artifact.container_path.to_string())).collect();
    let text = fs::read_to_string(case.join("detections.jsonl")).unwrap();
    let detections = text.lines().filter_map(|line| serde_json::from_str::<Detection>(line).ok());
    detections
        .filter(|detection| detection.engine == Engine::Sigma)
        .flat_map(|detection| {
            let files: Vec<_> = detection.artifacts.keys().filter_map(|id| paths.get(id)).collect();
            files.into_iter().map(|file| (file.clone(), detection.rule.to_string())).collect::<Vec<_>>()
        })
        .filter(|(file, _)| file.contains(".evtx"))
        .collect()
}

/// Reads the differences that the page explains: whose hit it is, file, rule. A file that is `*` stands for any.
fn explained() -> BTreeSet<(String, String, String)> {
    let page = fs::read_to_string(workspace().join("docs/sigma-parity.md")).unwrap();
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<_> =
            line.strip_prefix('|')?.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [whose, file, rule, ..] = cells.as_slice() else { return None };
        Some(((*whose).to_owned(), (*file).to_owned(), (*rule).to_owned()))
    });
    rows.filter(|(_, _, rule)| rule.len() == 36 && rule.matches('-').count() == 4).collect()
}

/// What is met while evidence is read, without a case, is what is met in the facts of one.
fn assert_same_without_a_case(samples: &Path, rules: &Path, case: &Path) {
    let [samples, rules, case] = [samples, rules, case].map(|path| path.to_str().unwrap());
    let rows = |args: &[&str]| {
        let said = afterpatch(&[&["timeline", "--of", "hits", "--format", "jsonl"], args].concat());
        assert!(matches!(said.code, 0 | 3), "{}", said.stderr);
        said.stdout
    };
    let of_case = rows(&["--case", case]);
    let by_sigma = of_case.lines().filter(|line| line.contains("\"engine\":\"sigma\""));
    let (by_sigma, while_read) = (by_sigma.collect::<Vec<_>>(), rows(&[samples, "--rules", rules]));
    assert!(by_sigma.len() > 1_000, "{} hits", by_sigma.len());
    let differs = by_sigma.iter().zip(while_read.lines()).find(|(case, read)| **case != *read);
    assert_eq!((differs, while_read.lines().count()), (None, by_sigma.len()));
}

#[test]
fn every_difference_from_what_others_report_is_explained() {
    let (Some(samples), Some(rules), Some(lists)) =
        (shared("evtx-attack-samples"), shared("rules/sigma-2026-08-05.tar.xz"), shared("evtx-hits"))
    else {
        return;
    };
    let desk = Desk::new();
    let said = desk.investigate(&samples, "case", &["--rules", rules.to_str().unwrap()]);
    assert!(matches!(said.code, 0 | 3), "{said:?}");
    assert_same_without_a_case(&samples, &rules, &desk.path("case"));
    let ours = ours(&desk.path("case"));
    assert!(ours.len() > 600, "{} pairs", ours.len());

    let explained = explained();
    let mut used = BTreeSet::new();
    let mut unexplained = Vec::new();
    let mut explain = |whose: &str, (file, rule): &Pair| {
        let rows = [file.as_str(), "*"].map(|file| (whose.to_owned(), file.to_owned(), rule.clone()));
        match rows.into_iter().find(|row| explained.contains(row)) {
            Some(row) => drop(used.insert(row)),
            None => unexplained.push(format!("{whose}: {file} {rule}")),
        }
    };
    let mut anyone = BTreeSet::new();
    for (name, list) in PEERS {
        let theirs = theirs(&lists.join(list), &samples);
        assert!(theirs.len() > 500, "{name}: {} pairs", theirs.len());
        theirs.difference(&ours).for_each(|pair| explain(name, pair));
        anyone.extend(theirs);
    }
    ours.difference(&anyone).for_each(|pair| explain("ours", pair));
    assert!(unexplained.is_empty(), "docs/sigma-parity.md does not explain\n{}", unexplained.join("\n"));
    let stale: Vec<_> = explained.difference(&used).collect();
    assert!(stale.is_empty(), "docs/sigma-parity.md explains what is no difference: {stale:?}");
}

/// The days that the benign organisation's logs cover, and its servers.
const BENIGN_SERVER_DAYS: f64 = 30.0 * 3.0;

#[test]
fn on_a_benign_organisation_community_rules_seldom_alarm_and_ours_never_say_executed() {
    let Some(rules) = shared("rules/sigma-2026-08-05.tar.xz") else { return };
    let desk = Desk::new();
    let evidence = desk.scenario("benign", Layout::Folder);
    desk.investigate(&evidence, "case", &["--rules", rules.to_str().unwrap(), "--level", "high"]).ends(0);
    let text = fs::read_to_string(desk.path("case/detections.jsonl")).unwrap();
    let detections: Vec<Detection> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();

    let theirs: Vec<_> =
        detections.iter().filter(|found| found.engine == Engine::Sigma && found.claim.is_none()).collect();
    let facts: u32 = theirs.iter().map(|found| u32::try_from(found.facts).unwrap()).sum();
    let by_rule: BTreeSet<_> =
        theirs.iter().map(|found| format!("{} ({})", found.title, found.rule)).collect();
    let rate = f64::from(facts) / BENIGN_SERVER_DAYS;
    eprintln!("community rules at level high: {rate:.2} false alarms per server-day, by {by_rule:?}");
    assert!(rate < 0.2, "{facts} facts met {by_rule:?}");

    let ours = detections.iter().filter(|found| found.claim.is_some() && found.grade >= Grade::Executed);
    assert_eq!(ours.map(|found| found.rule.as_str()).collect::<Vec<_>>(), [""; 0]);
}
