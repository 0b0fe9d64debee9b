//! The same organisation, whoever collected it and however it was packed: the same facts.

use crate::determinism::CHAIN;
use crate::program::Desk;
use afterpatch_ingest::Passwords;
use afterpatch_model::tables;
use afterpatch_range::{Layout, PASSWORD};
use afterpatch_store::{Case, CaseSettings, IngestOptions, NoProgress};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a layout may keep or not keep of a file: when it was written, and by what name its disk goes.
const OF_FILES: [&str; 2] = ["time", "created"];

/// The rows of every table, without what names the container.
type Facts = BTreeMap<&'static str, Vec<String>>;

fn facts_of(desk: &Desk, layout: Layout) -> Facts {
    let evidence = desk.scenario(CHAIN, layout);
    let mut case =
        Case::create(&desk.path(&format!("case-{}", layout.name())), &CaseSettings::default()).unwrap();
    let passwords = Passwords::new([PASSWORD.to_owned()]);
    let options = IngestOptions { threads: 2, passwords, ..IngestOptions::default() };
    let summary = case.add(&[evidence], &options, &NoProgress).unwrap();
    assert_eq!(summary.unopened, [], "{}", layout.name());
    let session = case.session().unwrap();
    let rows = |table: &'static str| {
        let rows = session.rows(&format!("SELECT * FROM {table}")).unwrap();
        let mut rows: Vec<String> = rows.into_iter().map(|row| essence(table, row)).collect();
        rows.sort();
        (table, rows)
    };
    tables::ALL.iter().map(|table| rows(table.name)).filter(|(_, rows)| !rows.is_empty()).collect()
}

fn essence(table: &str, mut row: Map<String, Value>) -> String {
    row.remove("artifact");
    // A compiled page is dated by its file.
    if row["source"] == "compiled-page" {
        row.remove("time");
    }
    if table == "files" {
        for column in OF_FILES {
            row.remove(column);
        }
        // Where its disk is mounted, the server's `C:\` is a folder.
        let path = row["path"].as_str().unwrap().replace('\\', "/").replace(':', "");
        row["path"] = path.trim_start_matches("/mnt/").into();
    }
    Value::Object(row).to_string()
}

#[test]
fn every_layout_gives_the_same_facts() {
    let desk = Desk::new();
    let folder = facts_of(&desk, Layout::Folder);
    for table in ["web_requests", "windows_events", "files"] {
        assert!(folder[table].len() > 10, "{table}: {}", folder[table].len());
    }
    for layout in Layout::ALL {
        let facts = facts_of(&desk, layout);
        assert_eq!(facts.keys().collect::<Vec<_>>(), folder.keys().collect::<Vec<_>>(), "{}", layout.name());
        for (table, rows) in &facts {
            let differs = rows.iter().zip(&folder[table]).find(|(own, other)| own != other);
            assert_eq!(differs, None, "{} {table}", layout.name());
            assert_eq!(rows.len(), folder[table].len(), "{} {table}", layout.name());
        }
    }
}
