//! What KAPE's targets write: drive folders, and logs of what was copied and what was not.
//!
//! The copies' own times may be those of the copying; `*_CopyLog.csv` keeps those of the originals.

use super::{Layout, Mapping, Part, Place, plain};
use crate::hash::Declared;
use afterpatch_model::{Problem, ProblemCode, Timestamp, path_key};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};

/// The layout of KAPE's target output.
#[derive(Debug)]
pub(super) struct Kape;

impl Layout for Kape {
    fn name(&self) -> &'static str {
        "kape"
    }

    fn detect(&self, part: &Part<'_>) -> bool {
        part.paths().any(|path| is_log(path, "_copylog.csv") || is_log(path, "_skiplog.csv"))
    }

    fn map(&self, part: &Part<'_>) -> Mapping {
        let copies = copies(part);
        let places = part.paths().map(|path| copies.get(path).cloned().unwrap_or_else(|| plain_place(path)));
        Mapping { places: places.collect(), problems: skipped(part), host: host(part) }
    }
}

/// Tells a log of KAPE's by its end; some versions wrote the extension twice.
fn is_log(path: &str, end: &str) -> bool {
    let path = path.to_ascii_lowercase();
    !path.contains('/')
        && (path.ends_with(end) || path.strip_suffix(".csv").is_some_and(|path| path.ends_with(end)))
}

fn plain_place(path: &str) -> Place {
    Place { path: plain::original_path(path), ..Place::default() }
}

/// Reads the copy logs: for each file of the part, where it lay and its times there.
fn copies(part: &Part<'_>) -> BTreeMap<String, Place> {
    let mut by_path: BTreeMap<String, &str> = BTreeMap::new();
    for path in part.paths() {
        by_path.insert(path.to_lowercase(), path);
    }
    let mut copies = BTreeMap::new();
    each_row(part, "_copylog.csv", |row| {
        let source = row.get("sourcefile");
        let destination = row.get("destinationfile").replace('\\', "/").to_lowercase();
        let Some(path) = copied_to(&destination, &by_path) else {
            return;
        };
        let place = Place {
            path: source.to_owned(),
            modified: time(row.get("modifiedonutc")),
            created: time(row.get("createdonutc")),
            declared: Declared::sha1(row.get("sourcefilesha1")),
            ..Place::default()
        };
        if !source.is_empty() {
            copies.insert(path.to_owned(), place);
        }
    });
    copies
}

/// Finds the file of the part that a destination names: its path is the destination's end.
fn copied_to<'p>(destination: &str, by_path: &BTreeMap<String, &'p str>) -> Option<&'p str> {
    let folders = destination.match_indices('/');
    folders
        .filter_map(|(slash, _)| destination.get(slash.checked_add(1)?..))
        .find_map(|end| by_path.get(end).copied())
}

/// Reads a time of KAPE's, which are UTC: `2021-03-03 01:41:36.1234567`, or with `T` and an offset.
fn time(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok()
}

/// Reads the skip logs. A file that was left out because the same bytes were copied already is not missing.
fn skipped(part: &Part<'_>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    each_row(part, "_skiplog.csv", |row| {
        let source = row.get("sourcefile");
        let reason = row.get("reason");
        let is_duplicate = reason.to_ascii_lowercase().contains("dedup");
        if !source.is_empty() && !is_duplicate && seen.insert(path_key(source)) {
            problems.push(part.problem(ProblemCode::CollectorFailure, source, reason));
        }
    });
    problems
}

/// Finds the host's name in the log of KAPE's console.
fn host(part: &Part<'_>) -> Option<String> {
    const MOST_BYTES: u64 = 1 << 20;
    let path = part.paths().find(|path| is_log(path, "_consolelog.txt"))?;
    let mut bytes = Vec::new();
    part.open(path)?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let (_, after) = text.split_once("Machine name: ")?;
    let name = after.split([',', '\r', '\n', ' ']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// One row of a CSV file with the names of its columns in lower case.
struct Row<'r> {
    names: &'r [String],
    cells: &'r csv::StringRecord,
}

impl Row<'_> {
    fn get(&self, name: &str) -> &str {
        let place = self.names.iter().position(|own| own == name);
        place.and_then(|place| self.cells.get(place)).unwrap_or_default()
    }
}

/// Gives each row of every log with that end to `each`; rows that are no CSV are passed over.
fn each_row(part: &Part<'_>, end: &str, mut each: impl FnMut(&Row<'_>)) {
    for path in part.paths().filter(|path| is_log(path, end)) {
        let Some(file) = part.open(path) else {
            continue;
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(without_mark(file));
        let Ok(header) = reader.headers() else {
            continue;
        };
        let names: Vec<String> = header.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        for cells in reader.records().filter_map(Result::ok) {
            each(&Row { names: &names, cells: &cells });
        }
    }
}

/// Passes over the mark that UTF-8 files from Windows begin with.
fn without_mark(file: impl Read) -> impl Read {
    let mut reader = BufReader::new(file);
    let has_mark = reader.fill_buf().is_ok_and(|start| start.starts_with(b"\xEF\xBB\xBF"));
    if has_mark {
        reader.consume(3);
    }
    reader
}
