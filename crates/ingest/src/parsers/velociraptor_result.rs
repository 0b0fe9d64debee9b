//! What a Velociraptor collector's queries gave: files that they name, and anything else as it is.

use super::text::each_line;
use super::{Fit, Grain, Parser};
use crate::guide::Guide;
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{File, LogMessage};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp, extension, file_name};
use serde_json::{Map, Value};

/// The parser of the results of queries.
#[derive(Debug)]
pub(super) struct VelociraptorResult;

static GUIDE: Guide = Guide {
    what: "Results of a Velociraptor collector's own queries, a JSON object a line",
    // The collector makes them; no file of a server is one.
    locations: &[],
    serves: &[
        (Question::BrokenInto, "files that a query listed or matched"),
        (Question::StillInside, "services, tasks and processes that a query listed"),
    ],
    quirks: &[
        "Rows that name a file and its times are files; every other row is kept as it is.",
        "Exported events among them are read as events.",
    ],
};

impl Parser for VelociraptorResult {
    fn name(&self) -> &'static str {
        "velociraptor-result"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn scope(&self, artifact: &Artifact) -> String {
        query_of(&artifact.path).to_ascii_lowercase()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let path = path.replace('\\', "/").to_ascii_lowercase();
        let is_result = path.starts_with("results/") || path.contains("/results/");
        let is_json = extension(&path) == "json" && head.trim_ascii_start().starts_with(b"{");
        if is_result && is_json { Fit::Maybe } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let query = query_of(&artifact.path);
        each_line(input, limits, rows, &mut |number, line, rows| {
            if line.trim().is_empty() {
                return;
            }
            match serde_json::from_str(line) {
                Ok(Value::Object(object)) => give(&query, number, &object, line, rows),
                _ => rows.lost(ProblemCode::BadJson, number, "no JSON object"),
            }
        });
    }
}

/// Returns the name of the query: `Windows.NTFS.MFT` of `results/Windows.NTFS.MFT.json`, a source after `/`.
fn query_of(path: &str) -> String {
    let name = file_name(path);
    name.strip_suffix(".json").unwrap_or(name).replace("%2F", "/")
}

/// Names of columns, the first that is there is taken.
const PATHS: [&str; 4] = ["OSPath", "FullPath", "SourceFile", "Path"];
const MODIFIED: [&str; 5] = ["Mtime", "LastModified0x10", "Modified", "ModTime", "MTime"];
const CREATED: [&str; 5] = ["Btime", "Created0x10", "Created", "BTime", "CreationTime"];
const SIZES: [&str; 3] = ["Size", "FileSize", "file_size"];
const TIMES: [&str; 6] = ["_ts", "Timestamp", "EventTime", "TimeCreated", "Time", "Mtime"];

fn give(query: &str, record: u64, object: &Map<String, Value>, line: &str, rows: &mut Rows<'_>) {
    let text = |names: &[&str]| names.iter().find_map(|name| object.get(*name)?.as_str());
    let time = |names: &[&str]| names.iter().find_map(|name| read_time(object.get(*name)?));
    let modified = time(&MODIFIED);
    let path = text(&PATHS).filter(|path| path.contains(['\\', '/']));
    if let Some(path) = path.filter(|_| modified.is_some()) {
        let hash = object.get("Hash").and_then(|hash| hash.get("SHA256")).and_then(Value::as_str);
        rows.fact(&File {
            time: modified,
            path: Some(path.strip_prefix(r"\\.\").unwrap_or(path)),
            size_bytes: SIZES.iter().find_map(|name| object.get(*name)?.as_i64()),
            created: time(&CREATED),
            sha256: hash.or_else(|| text(&["SHA256", "Sha256", "SourceFileSha256"])),
            attributes: (object.get("InUse") == Some(&Value::Bool(false))).then_some("deleted"),
            record,
            rest: Some(line),
            ..File::default()
        });
        return;
    }
    rows.fact(&LogMessage {
        time: time(&TIMES),
        component: Some(query),
        message: Some(line),
        path,
        record,
        ..LogMessage::default()
    });
}

/// Reads a time as text, or as seconds since 1970.
fn read_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().and_then(Timestamp::from_seconds),
        _ => None,
    }
}
