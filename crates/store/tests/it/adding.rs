//! Adding evidence: accounted for, once, the same on any number of threads.

use crate::evidence::{Bench, iis_day, options, tree};
use afterpatch_model::{ProblemCode, Timestamp};
use afterpatch_store::{Case, CaseSettings, NoProgress, StoreError};
use std::fs;
use std::io::Read;
use std::path::PathBuf;

#[test]
fn every_record_is_a_fact_or_a_problem() {
    let bench = Bench::new();
    let mut case = bench.case("case");
    let summary = bench.add(&mut case, 2);
    assert_eq!((summary.new_artifacts, summary.known_artifacts), (5, 0));
    assert!(!summary.nothing_of_exchange && summary.unopened.is_empty());
    assert_eq!(summary.counts, case.counts());
    let counts = case.counts();
    assert_eq!((counts.collections, counts.artifacts), (1, 5));
    assert_eq!(counts.facts + counts.lost, counts.records);
    assert_eq!((counts.facts, counts.lost), (121, 3));
    let codes: Vec<_> = case.problems().unwrap().iter().map(|problem| problem.code).collect();
    assert_eq!(counts.problems, codes.len() as u64);
    assert_eq!(codes.iter().filter(|code| **code == ProblemCode::NotUnderstood).count(), 1);
    let rows = case.session().unwrap().rows("SELECT count(*) AS n FROM problems").unwrap();
    assert_eq!(rows[0]["n"], codes.len());
}

#[test]
fn facts_lead_back_to_their_bytes() {
    let bench = Bench::new();
    let case = bench.filled("case");
    let session = case.session().unwrap();
    let rows = session
        .rows("SELECT artifact, record, server, organisation FROM web_requests WHERE url_path = '/owa/auth/x7.js' ORDER BY time")
        .unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!((&rows[0]["server"], &rows[0]["organisation"]), (&"MX1".into(), &"Example".into()));
    let id = afterpatch_model::ArtifactId::new(rows[0]["artifact"].as_str().unwrap());
    let mut text = String::new();
    case.open_artifact(&id).unwrap().read_to_string(&mut text).unwrap();
    let record = usize::try_from(rows[0]["record"].as_i64().unwrap()).unwrap();
    assert!(text.lines().nth(record - 1).unwrap().contains("/owa/auth/x7.js"));
}

#[test]
fn adding_again_changes_nothing() {
    let bench = Bench::new();
    let mut case = bench.filled("case");
    let before = tree(&bench.folder("case"));
    let summary = bench.add(&mut case, 2);
    assert_eq!((summary.new_artifacts, summary.known_artifacts), (0, 5));
    assert!(!summary.nothing_of_exchange);
    assert_eq!(tree(&bench.folder("case")), before);
    let mut case = Case::open(&bench.folder("case")).unwrap();
    bench.add(&mut case, 1);
    assert_eq!(tree(&bench.folder("case")), before);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let bench = Bench::new();
    for name in ["one", "four"] {
        let mut case = bench.case(name);
        bench.add(&mut case, if name == "one" { 1 } else { 4 });
    }
    assert_eq!(tree(&bench.folder("one")), tree(&bench.folder("four")));
}

#[test]
fn only_what_is_new_is_read() {
    let bench = Bench::new();
    let mut case = bench.filled("case");
    bench.write("C/inetpub/logs/LogFiles/W3SVC1/u_ex210304.log", &iis_day(4, 10));
    let summary = bench.add(&mut case, 2);
    assert_eq!((summary.new_artifacts, summary.known_artifacts), (1, 5));
    assert_eq!(summary.counts.facts, 10);
    let rows = case.session().unwrap().rows("SELECT count(*) AS n FROM web_requests").unwrap();
    assert_eq!(rows[0]["n"], 130);
}

#[test]
fn evidence_that_moved_is_found_again_and_evidence_that_is_gone_is_told() {
    let bench = Bench::new();
    let mut case = bench.filled("case");
    let id = case.artifacts()[0].artifact.id.clone();
    let moved = bench.folder("moved");
    fs::rename(bench.evidence(), &moved).unwrap();
    let mut case_again = Case::open(case.folder()).unwrap();
    assert!(matches!(case_again.open_artifact(&id), Err(StoreError::EvidenceGone { .. })));
    let summary = case_again.add(&[moved], &options(1), &NoProgress).unwrap();
    assert_eq!((summary.new_artifacts, summary.counts.collections), (0, 0));
    assert!(case_again.open_artifact(&id).is_ok());
    let unknown = afterpatch_model::ArtifactId::new("0");
    assert!(matches!(case_again.open_artifact(&unknown), Err(StoreError::UnknownArtifact(_))));
    assert!(matches!(case.record_run("late", &"x".into()), Err(StoreError::Busy(_))));
}

#[test]
fn what_cannot_be_opened_is_a_problem_and_the_rest_is_read() {
    let bench = Bench::new();
    let mut case = bench.case("case");
    let paths = [bench.folder("nowhere"), bench.evidence(), bench.evidence()];
    for _ in 0..2 {
        let summary = case.add(&paths, &options(2), &NoProgress).unwrap();
        assert_eq!(summary.unopened.len(), 1);
        assert_eq!(summary.unopened[0].code, ProblemCode::Unreadable);
        let unopened =
            case.problems().unwrap().into_iter().filter(|problem| problem.place.ends_with("nowhere"));
        assert_eq!(unopened.count(), 1);
    }
    assert_eq!(case.counts().facts, 121);
    let rows = case.session().unwrap().rows("SELECT code FROM problems WHERE place LIKE '%nowhere'").unwrap();
    assert_eq!(rows[0]["code"], "P0101");
}

#[test]
fn evidence_of_something_else_is_told() {
    let bench = Bench::new();
    let other = bench.folder("other");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("holiday.bin"), "\u{0}nothing").unwrap();
    let mut case = bench.case("case");
    for _ in 0..2 {
        let summary = case.add(std::slice::from_ref(&other), &options(2), &NoProgress).unwrap();
        assert!(summary.nothing_of_exchange);
        let codes = case.problems().unwrap().into_iter().map(|problem| problem.code);
        assert_eq!(codes.filter(|code| *code == ProblemCode::NothingOfExchange).count(), 1);
    }
    assert!(!bench.add(&mut case, 1).nothing_of_exchange);
}

#[test]
fn coverage_is_whole_days_and_served_files_are_counted() {
    let bench = Bench::new();
    bench.write("C/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log", &iis_day(5, 4));
    let case = bench.filled("case");
    let coverage = case.coverage();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let iis = coverage.iter().find(|kind| kind.source == "iis-w3c").unwrap();
    let spans: Vec<_> = iis.spans.iter().map(|span| (span.from, span.until)).collect();
    assert_eq!(spans, [(at("2021-03-01"), at("2021-03-04")), (at("2021-03-05"), at("2021-03-06"))]);
    assert_eq!((iis.server.as_str(), iis.artifacts, iis.records), ("MX1", 4, 124));
    let served = coverage.iter().find(|kind| kind.source == "served-files").unwrap();
    assert_eq!((served.scope.as_str(), served.artifacts, served.spans.len()), ("wwwroot", 1, 0));
    let sql = "SELECT source, covered_from FROM coverage ORDER BY source, covered_from";
    let rows = case.session().unwrap().rows(sql).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["covered_from"], "2021-03-01T00:00:00Z");
    assert!(rows[2]["covered_from"].is_null());
}

#[test]
fn servers_say_how_their_name_was_found() {
    let bench = Bench::new();
    let case = bench.filled("case");
    let servers = case.servers();
    assert_eq!(servers.len(), 1);
    assert_eq!(servers[0].name.as_str(), "MX1");
    assert_eq!(servers[0].sightings.last().unwrap().seen_in, "given");
}

#[test]
fn a_case_never_lies_inside_the_evidence() {
    let bench = Bench::new();
    let inside = bench.evidence().join("C/case");
    for case in [inside.clone(), bench.evidence()] {
        let refused = Case::check_place(&case, &[bench.evidence()]);
        assert!(matches!(refused, Err(StoreError::InsideEvidence { .. })), "{}", case.display());
    }
    assert!(!inside.exists());
    for case in ["case", "evidence-of-mine"] {
        Case::check_place(&bench.folder(case), &[bench.evidence(), PathBuf::from("nowhere")]).unwrap();
    }
    let mut case = Case::create(&inside, &CaseSettings::default()).unwrap();
    let refused = case.add(&[bench.evidence()], &options(1), &NoProgress);
    assert!(matches!(refused, Err(StoreError::InsideEvidence { .. })));
}

#[test]
fn one_case_is_about_one_organisation() {
    let bench = Bench::new();
    let of = |name: &str| CaseSettings { organisation: Some(name.to_owned()) };
    let folder = bench.folder("case");
    assert!(matches!(Case::open(&folder), Err(StoreError::NoCase(_))));
    Case::create(&folder, &CaseSettings::default()).unwrap();
    assert_eq!(Case::create(&folder, &of("Example")).unwrap().organisation(), Some("Example"));
    assert!(matches!(Case::create(&folder, &of("Other")), Err(StoreError::Organisation { .. })));
    assert_eq!(Case::create(&folder, &CaseSettings::default()).unwrap().organisation(), Some("Example"));
    fs::write(folder.join("case.toml"), "schema = \"afterpatch.case/99\"\n").unwrap();
    assert!(matches!(Case::open(&folder), Err(StoreError::Schema { .. })));
}
