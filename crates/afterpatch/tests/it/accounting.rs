//! Every record becomes a fact or a problem: on every event log and IIS log of the public samples.

use crate::place::shared;
use crate::program::{Desk, afterpatch};
use afterpatch_model::Tally;
use afterpatch_store::{Case, LedgerArtifact};
use std::collections::BTreeMap;

#[test]
fn event_logs_are_accounted_for() {
    accounts_for("evtx-attack-samples", "evtx");
}

#[test]
fn iis_logs_are_accounted_for() {
    accounts_for("logs/iis", "iis-w3c");
}

/// Nothing in them is of a server: they are read by nobody, and listed.
#[test]
fn other_logs_are_accounted_for() {
    let Some(evidence) = shared("logs/misc") else { return };
    let desk = Desk::new();
    let case = desk.path("case");
    let said = afterpatch(&["ingest", evidence.to_str().unwrap(), "--case", case.to_str().unwrap()]);
    assert_eq!(said.code, 3, "{said:?}");
    let files = crate::place::files_below(&evidence);
    let artifacts = Case::open(&case).unwrap().artifacts();
    assert_eq!(artifacts.len(), files.len());
    artifacts.iter().for_each(check);
}

/// Reads everything below `folder` and checks that no record of any file is unaccounted for.
fn accounts_for(folder: &str, parser: &str) {
    let Some(evidence) = shared(folder) else { return };
    let desk = Desk::new();
    let case = desk.path("case");
    let said = afterpatch(&["ingest", evidence.to_str().unwrap(), "--case", case.to_str().unwrap()]);
    assert!(matches!(said.code, 0 | 3), "{said:?}");
    let artifacts = Case::open(&case).unwrap().artifacts();
    let mut sums: BTreeMap<String, (u64, Tally)> = BTreeMap::new();
    for artifact in &artifacts {
        check(artifact);
        let name = artifact.parser.clone().unwrap_or_else(|| "none".to_owned());
        add(sums.entry(name).or_default(), &artifact.tally);
    }
    for (parser, (files, tally)) in &sums {
        let Tally { records, facts, lost, derived, .. } = tally;
        eprintln!(
            "{folder}: {parser}: {files} files, {records} records = {facts} facts + {lost} lost; {derived} derived"
        );
    }
    assert!(sums.get(parser).is_some_and(|(_, tally)| tally.facts > 0), "{parser} read nothing: {sums:?}");
}

fn check(artifact: &LedgerArtifact) {
    let Tally { records, facts, lost, .. } = artifact.tally;
    assert_eq!(facts + lost, records, "{}", artifact.artifact.container_path);
}

fn add(sum: &mut (u64, Tally), tally: &Tally) {
    sum.0 += 1;
    sum.1.records += tally.records;
    sum.1.facts += tally.facts;
    sum.1.lost += tally.lost;
    sum.1.derived += tally.derived;
}
