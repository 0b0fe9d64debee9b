//! Collectors whose files lie as on the server, and that say beside them what they could not get.
//!
//! ```text
//! acquire   fs/C:/Windows/…   and beside its output HOST_….report.json    "modules-failed": {"SAM": "…"}
//! UAC       [root]/var/log/…  and uac.log                                 … [ERR] …
//! CyLR      C/Windows/…       and CyLR.log
//! ```

use super::{Layout, Mapping, Part, plain};
use afterpatch_model::{Problem, ProblemCode, file_name};
use serde_json::Value;
use std::io::{BufRead, Read};

/// One of these collectors.
#[derive(Debug)]
pub(super) struct Collector {
    name: &'static str,
    /// Tells its files by their names below the part's root.
    is_its: fn(&str) -> bool,
    /// Reads what it could not get from a file that it wrote about its work.
    failures: fn(&Part<'_>, &str) -> Vec<Problem>,
}

/// The layout of dissect's acquire.
pub(super) static ACQUIRE: Collector = Collector {
    name: "acquire",
    is_its: |path| {
        let path = path.to_ascii_lowercase();
        path.starts_with("fs/") || path.starts_with("sysvol/") || path.ends_with(".report.json")
    },
    failures: failed_modules,
};

/// The layout of UAC, for servers that do not run Windows.
pub(super) static UAC: Collector = Collector {
    name: "uac",
    is_its: |path| path.starts_with("[root]/") || path == "uac.log",
    failures: |part, path| logged_errors(part, path, "uac.log"),
};

/// The layout of `CyLR`.
pub(super) static CYLR: Collector = Collector {
    name: "cylr",
    is_its: |path| path.eq_ignore_ascii_case("cylr.log"),
    failures: |part, path| logged_errors(part, path, "cylr.log"),
};

/// The most of one file about the work that is read, and the most failures that are passed on from it.
const MOST_BYTES: u64 = 4 << 20;
const MOST_FAILURES: usize = 1_000;

impl Layout for Collector {
    fn name(&self) -> &'static str {
        self.name
    }

    fn detect(&self, part: &Part<'_>) -> bool {
        part.paths().any(self.is_its)
    }

    fn map(&self, part: &Part<'_>) -> Mapping {
        let problems = part.paths().flat_map(|path| (self.failures)(part, path)).collect();
        Mapping { problems, ..plain::map(part) }
    }
}

/// Reads the modules that acquire says failed, from a report of its.
fn failed_modules(part: &Part<'_>, path: &str) -> Vec<Problem> {
    if !path.to_ascii_lowercase().ends_with(".report.json") {
        return Vec::new();
    }
    let Some(file) = part.open(path) else {
        return Vec::new();
    };
    let report: Value = match serde_json::from_reader(file.take(MOST_BYTES)) {
        Ok(report) => report,
        Err(error) => return vec![part.problem(ProblemCode::BadJson, path, error.to_string())],
    };
    let failed = report.get("modules-failed");
    let named: Vec<String> = match failed {
        Some(Value::Object(modules)) => modules.iter().map(|(name, why)| named(name, why)).collect(),
        Some(Value::Array(modules)) => modules.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let told = named.into_iter().take(MOST_FAILURES);
    told.map(|detail| part.problem(ProblemCode::CollectorFailure, path, detail)).collect()
}

fn named(module: &str, why: &Value) -> String {
    match why.as_str() {
        Some(why) => format!("{module}: {why}"),
        None => module.to_owned(),
    }
}

/// Reads the lines of a collector's log that it marked as errors.
fn logged_errors(part: &Part<'_>, path: &str, log: &str) -> Vec<Problem> {
    if !file_name(path).eq_ignore_ascii_case(log) {
        return Vec::new();
    }
    let Some(file) = part.open(path) else {
        return Vec::new();
    };
    let lines = file.take(MOST_BYTES).split(b'\n').map_while(Result::ok);
    let lines = lines.map(|line| String::from_utf8_lossy(&line).trim().to_owned());
    let errors = lines.filter(|line| is_error(line)).take(MOST_FAILURES);
    errors.map(|line| part.problem(ProblemCode::CollectorFailure, path, line)).collect()
}

/// Tells a line of an error: the word stands in it by itself.
fn is_error(line: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphabetic()).any(|word| {
        ["ERR", "ERROR", "FATAL"].contains(&word)
            || word.eq_ignore_ascii_case("error")
            || word.eq_ignore_ascii_case("failed")
    })
}
