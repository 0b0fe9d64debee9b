//! What machines and spreadsheets get.

use crate::sample;
use afterpatch_model::{CaseResult, Finding, Lang, RESULT_SCHEMA, TimelineEntry};
use afterpatch_report::{EXPORTERS, ExportOptions, Exporter, Texts};
use serde_json::Value;
use std::collections::BTreeSet;

fn export(name: &str) -> Vec<u8> {
    let texts = Texts::load(Lang::En).unwrap();
    let mut out = Vec::new();
    let exporter = Exporter::by_name(name).unwrap();
    (exporter.write)(&sample::result(), &texts, &mut out).unwrap();
    out
}

fn rows(csv: &[u8]) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(csv).records().map(Result::unwrap).collect()
}

#[test]
fn names_and_files_are_unique_and_every_format_stands_an_empty_result() {
    let names: BTreeSet<_> = EXPORTERS.iter().map(|one| one.name).collect();
    let files: BTreeSet<_> = EXPORTERS.iter().map(|one| one.file_name).collect();
    assert_eq!((names.len(), files.len()), (EXPORTERS.len(), EXPORTERS.len()));
    for lang in [Lang::En, Lang::Ja] {
        let texts = Texts::load(lang).unwrap();
        for exporter in EXPORTERS {
            (exporter.write)(&sample::empty(), &texts, &mut Vec::new()).unwrap();
        }
    }
}

#[test]
fn json_is_the_result_and_nothing_else() {
    let text = String::from_utf8(export("json")).unwrap();
    let back: CaseResult = serde_json::from_str(&text).unwrap();
    assert_eq!(back, sample::result());
    assert_eq!(back.schema, RESULT_SCHEMA);
    assert!(text.ends_with("}\n"));
}

#[test]
fn lines_of_json_read_back() {
    let text = String::from_utf8(export("findings-jsonl")).unwrap();
    let findings: Vec<Finding> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(findings, sample::result().findings);
    let text = String::from_utf8(export("timeline-jsonl")).unwrap();
    let entries: Vec<TimelineEntry> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries, sample::result().timeline);
}

#[test]
fn no_cell_is_a_formula() {
    for name in ["findings-csv", "timeline-csv", "plan-csv"] {
        let csv = export(name);
        for row in rows(&csv) {
            for cell in &row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {cell}");
            }
        }
    }
    let timeline = String::from_utf8(export("timeline-csv")).unwrap();
    assert!(timeline.contains("'=="), "the guard stands before the formula");
}

#[test]
fn a_row_for_each_finding_and_event() {
    let result = sample::result();
    assert_eq!(rows(&export("findings-csv")).len(), result.findings.len());
    let timeline = rows(&export("timeline-csv"));
    assert_eq!(timeline.len(), result.timeline.len());
    let fields: Value = serde_json::from_str(&timeline[0][10]).unwrap();
    assert_eq!(fields["user_agent"], sample::FORMULA);
}

#[test]
fn excel_gets_its_mark_only_when_asked_and_only_in_csv() {
    let texts = Texts::load(Lang::Ja).unwrap();
    let marked = |name: &str, csv_bom: bool| {
        let mut out = Vec::new();
        let exporter = Exporter::by_name(name).unwrap();
        exporter.write_with(&sample::result(), &texts, ExportOptions { csv_bom }, &mut out).unwrap();
        out.starts_with("\u{feff}".as_bytes())
    };
    assert!(marked("findings-csv", true));
    assert!(!marked("findings-csv", false));
    assert!(!marked("timesketch", true));
}

#[test]
fn timesketch_has_what_it_needs_and_evidence_overwrites_none_of_it() {
    let text = String::from_utf8(export("timesketch")).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let result = sample::result();
    assert_eq!(events.len(), result.timeline.len());
    for (event, entry) in events.iter().zip(&result.timeline) {
        for name in ["message", "datetime", "timestamp", "timestamp_desc"] {
            assert!(!event[name].is_null(), "{name}");
        }
        assert_ne!(event["message"], sample::SCRIPT);
        assert_eq!(event["field_message"], sample::SCRIPT);
        assert_eq!(event["timestamp"], entry.time.nanos() / 1_000);
        assert!(event["tag"].as_array().is_some_and(|tags| tags.len() == 3));
        assert!(event.as_object().unwrap().values().all(|value| !value.is_object()));
    }
    assert_eq!(events[2]["datetime"], "2021-03-02T23:10:05.118000+00:00");
}
