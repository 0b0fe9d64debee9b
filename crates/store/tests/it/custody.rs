//! The ledger: torn lines are cut off, changed ones are found, and what it does not name does not count.

use crate::evidence::{Bench, options, tree};
use afterpatch_store::{Case, NoProgress, StoreError};
use std::fs;
use std::io::Write;
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
    assert_eq!(custody.faults, []);
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

/// A stream of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// Puts some of the evidence into a ZIP beside the folder, so that both kinds of collection are changed.
fn zipped(bench: &Bench) -> std::path::PathBuf {
    let path = bench.folder("MX2.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for day in 1..=2 {
        let name = format!("C/inetpub/logs/LogFiles/W3SVC1/u_ex21031{day}.log");
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(crate::evidence::iis_day(day, 30).as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

#[test]
fn of_a_thousand_changed_bytes_every_one_is_found_and_named() {
    let bench = Bench::new();
    let zip = zipped(&bench);
    let mut case = bench.case("case");
    case.add(&[bench.evidence(), zip.clone()], &options(2), &NoProgress).unwrap();
    let folder = case.folder().to_owned();
    drop(case);
    let verify = || Case::verify_with_evidence(&folder, &options(1), &NoProgress);
    assert_eq!(verify().unwrap().faults, []);
    let inside = |root: &Path| tree(root).into_keys().map(|path| root.join(path)).collect::<Vec<_>>();
    let facts = inside(&folder.join("facts"));
    let evidence: Vec<_> = inside(&bench.evidence()).into_iter().chain([zip]).collect();
    let ledger = vec![folder.join("ledger.jsonl")];
    let mut numbers = Numbers(2021);
    for round in 0..1_000 {
        let files = [&facts, &evidence, &ledger][round % 3];
        let file = &files[numbers.below(files.len())];
        let whole = fs::read(file).unwrap();
        let place = numbers.below(whole.len());
        let mut changed = whole.clone();
        changed[place] ^= u8::try_from(1 + numbers.below(255)).unwrap();
        fs::write(file, &changed).unwrap();
        let faults = verify().unwrap().faults;
        let name = file.file_name().unwrap().to_str().unwrap();
        let is_named = faults.iter().any(|fault| fault.place.contains(name));
        assert!(is_named, "byte {place} of {} was changed: {faults:?}", file.display());
        fs::write(file, &whole).unwrap();
    }
    assert_eq!(verify().unwrap().faults, []);
}

#[test]
fn evidence_that_is_gone_or_new_is_named() {
    let bench = Bench::new();
    let folder = bench.filled("case").folder().to_owned();
    fs::remove_file(bench.evidence().join("notes.bin")).unwrap();
    bench.write("C/inetpub/wwwroot/new.aspx", "<%-- inert, and new --%>");
    let custody = Case::verify_with_evidence(&folder, &options(2), &NoProgress).unwrap();
    let said: Vec<String> = custody.faults.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].ends_with("notes.bin: is gone"), "{said:?}");
    assert!(said[1].ends_with("new.aspx: was not there, or was changed"), "{said:?}");
    fs::remove_dir_all(bench.evidence()).unwrap();
    assert_eq!(Case::verify_with_evidence(&folder, &options(2), &NoProgress).unwrap().faults.len(), 1);
}
