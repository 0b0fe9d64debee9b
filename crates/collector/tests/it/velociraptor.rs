//! The artifact, checked against the published definitions.
//!
//! Keys: `artifacts/proto/artifact.proto`; parameter types: `services/launcher/parameters.go` and the definitions in
//! `artifacts/definitions`; plugins and functions: `docs/references/vql.yaml`; all of `Velocidex/velociraptor`, as of
//! 21 August 2026.

use crate::support::{assert_keys, assert_same_as_guides, one_file, yaml};
use afterpatch_collector::Collector;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

const ARTIFACT: [&str; 7] =
    ["author", "type", "precondition", "resources", "parameters", "column_types", "reference"];
const RESOURCES: [&str; 6] =
    ["timeout", "ops_per_second", "cpu_limit", "iops_limit", "max_rows", "max_upload_bytes"];
const PARAMETER: [&str; 5] = ["default", "description", "friendly_name", "choices", "validating_regex"];
const PARAMETER_TYPES: [&str; 6] = ["timestamp", "csv", "int", "bool", "regex", "choices"];

/// The plugins and functions that the query may use: none of them writes, starts or sends anything but uploads.
const READ_ONLY: [&str; 13] = [
    "chain",
    "expand",
    "foreach",
    "glob",
    "if",
    "info",
    "lowcase",
    "parse_records_with_regex",
    "regex_replace",
    "scope",
    "str",
    "strip",
    "wmi",
];

fn artifact() -> Value {
    yaml(&one_file(Collector::Velociraptor))
}

fn queries() -> Vec<String> {
    let artifact = artifact();
    let sources = artifact["sources"].as_array().unwrap();
    sources.iter().map(|source| source["query"].as_str().unwrap().to_owned()).collect()
}

/// Returns the rows of the table that the query walks, as root and mask; and whether each is a dated log.
fn table() -> Vec<(String, String, String, String)> {
    let artifact = artifact();
    let parameters = artifact["parameters"].as_array().unwrap();
    let masks = parameters.iter().find(|parameter| parameter["name"] == "Masks").unwrap();
    let mut lines = masks["default"].as_str().unwrap().lines();
    assert_eq!(lines.next(), Some("Root,Mask,DatedLog,Accessor,ReadBy"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 5, "{line}");
        (cells[0].to_owned(), cells[1].to_owned(), cells[2].to_owned(), cells[3].to_owned())
    };
    lines.map(row).collect()
}

/// Returns a query without its strings and comments: first those in three quotes, which hold others.
fn bare(query: &str) -> String {
    let strings = Regex::new(r#"(?s)'''.*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|--[^\n]*"#).unwrap();
    strings.replace_all(query, "''").into_owned()
}

#[test]
fn the_artifact_has_the_keys_that_published_ones_have() {
    let artifact = artifact();
    assert_keys(&artifact, &["name", "description", "sources"], &ARTIFACT);
    assert_keys(&artifact["resources"], &[], &RESOURCES);
    assert_eq!(artifact["type"], "CLIENT");
    for parameter in artifact["parameters"].as_array().unwrap() {
        assert_keys(parameter, &["name", "type"], &PARAMETER);
        assert!(PARAMETER_TYPES.contains(&parameter["type"].as_str().unwrap()));
    }
    for source in artifact["sources"].as_array().unwrap() {
        // A precondition of its own would give each source a scope of its own.
        assert_keys(source, &["name", "query"], &["description"]);
    }
    for column in artifact["column_types"].as_array().unwrap() {
        assert_keys(column, &["name", "type"], &["description"]);
    }
}

#[test]
fn every_location_of_every_guide_is_collected_and_nothing_else() {
    let rows: Vec<(String, String)> = table().into_iter().map(|(root, mask, ..)| (root, mask)).collect();
    assert_same_as_guides(&rows);
}

#[test]
fn each_root_of_the_table_is_looked_for_by_the_query() {
    let queries = queries().concat();
    for (root, mask, dated, accessor) in table() {
        assert!(queries.contains(&format!("\"{root}\"")), "{root}");
        assert!(["auto", "ntfs"].contains(&accessor.as_str()) && ["Y", "N"].contains(&dated.as_str()));
        assert!(dated == "N" || mask.contains('*') && mask.to_lowercase().ends_with(".log"), "{mask}");
    }
}

#[test]
fn brackets_and_quotes_close() {
    for query in queries() {
        let bare = bare(&query).replace("''", "");
        assert!(!bare.contains(['"', '\'', '`']), "{bare}");
        let mut open = Vec::new();
        for c in bare.chars() {
            match c {
                '(' => open.push(')'),
                '{' => open.push('}'),
                '[' => open.push(']'),
                ')' | '}' | ']' => assert_eq!(open.pop(), Some(c), "{bare}"),
                _ => {}
            }
        }
        assert!(open.is_empty(), "{bare}");
    }
}

#[test]
fn the_query_calls_only_what_reads_and_uploads() {
    let bare = bare(&queries().concat());
    let call = Regex::new(r"\b([A-Za-z_]\w*)\s*\(").unwrap();
    let own = Regex::new(r"\bLET\s+(\w+)").unwrap();
    let own: BTreeSet<&str> = own.captures_iter(&bare).map(|found| found.get(1).unwrap().as_str()).collect();
    let mut uploads = 0;
    for found in call.captures_iter(&bare) {
        let name = found.get(1).unwrap().as_str();
        uploads += usize::from(name == "upload");
        let is_word = ["AND", "OR", "NOT", "WHERE"].contains(&name);
        let is_known = READ_ONLY.contains(&name) || own.contains(name) || is_word || name == "upload";
        assert!(is_known, "{name}");
    }
    assert_eq!(uploads, 1);
}

#[test]
fn every_name_that_is_queried_is_there() {
    let bare = bare(&queries().concat());
    let from = Regex::new(r"\bFROM\s+(\w+)").unwrap();
    for found in from.captures_iter(&bare) {
        let name = found.get(1).unwrap().as_str();
        let is_own = Regex::new(&format!(r"\bLET\s+{name}\b")).unwrap().is_match(&bare);
        // `Rows` is what `Judged` is given.
        let is_given = ["Masks", "Rows"].contains(&name);
        assert!(is_own || is_given || READ_ONLY.contains(&name), "{name}");
    }
}

#[test]
fn the_results_have_the_names_by_which_times_are_found_again() {
    let artifact = artifact();
    let uploads = artifact["sources"].as_array().unwrap().iter().find(|source| source["name"] == "Uploads");
    let query = uploads.unwrap()["query"].as_str().unwrap().to_owned();
    for column in ["AS SourceFile", "AS Modified", "AS Created"] {
        assert!(query.contains(column), "{column}");
    }
}

#[test]
fn the_folders_of_iis_are_found_in_its_configuration() {
    let configuration = r#"
        <sites><site name="Default Web Site" id="1">
          <application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" /></application>
          <application path="/owa"><virtualDirectory
              path="/" userName="" physicalPath="E:\EX\FrontEnd\HttpProxy\owa" /></application>
          <logFile logFormat="W3C" directory="D:\IIS logs" />
        </site><siteDefaults><logFile directory="%SystemDrive%\inetpub\logs\LogFiles" />
          <traceFailedRequestsLogging directory="C:\traces" /></siteDefaults></sites>
        <log><centralW3CLogFile enabled="true" directory="F:\central" /></log>"#;
    let query = queries().concat();
    let regexes = Regex::new("(?s)Regex='''(.*?)'''").unwrap();
    let found: Vec<Vec<String>> = regexes
        .captures_iter(&query)
        .map(|regex| {
            let regex = Regex::new(&regex[1]).unwrap();
            regex.captures_iter(configuration).map(|found| found["Path"].to_owned()).collect()
        })
        .collect();
    assert_eq!(found[0], [r"D:\IIS logs", r"%SystemDrive%\inetpub\logs\LogFiles", r"F:\central"]);
    assert_eq!(found[1], [r"%SystemDrive%\inetpub\wwwroot", r"E:\EX\FrontEnd\HttpProxy\owa"]);
}
