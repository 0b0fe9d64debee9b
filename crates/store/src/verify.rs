//! Custody, checked: the chain of the ledger, every part of the facts, and the evidence itself.
//!
//! Nothing is trusted that can be computed again. The chain is walked line by line; each part is hashed and its rows
//! counted; each collection is opened where it lay and hashed file by file, as when it was taken in. The one thing
//! that no chain can show is that its end was taken away: for that, keep the hash of the last line.

use crate::error::StoreError;
use crate::files;
use crate::intake::{self, IngestOptions};
use crate::ledger::{ArtifactEntry, CollectionEntry, Entry, Line, Part, ROOT};
use crate::problems::PROBLEMS;
use crate::progress::Progress;
use afterpatch_ingest::{Limits, OpenCollection};
use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// What a walk through the ledger, and through the files that it names, found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Custody {
    /// Lines in the ledger.
    pub lines: u64,
    /// Artifacts that it names.
    pub artifacts: u64,
    /// Parts that it names.
    pub parts: u64,
    /// Rows in them.
    pub rows: u64,
    /// Collections that were opened and hashed again.
    pub collections: u64,
    /// The SHA-256 of the last line: who keeps it can later show that nothing was changed.
    pub head: String,
    /// Everything that is not as it was written; empty where all is well.
    pub faults: Vec<Fault>,
}

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line of the ledger, the part, or the file of the evidence.
    pub place: String,
    /// What is wrong with it.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.detail)
    }
}

/// Checks the case in `folder`: its ledger and facts, and the evidence where `options` say how to open it.
pub(crate) fn verify(
    folder: &Path,
    ledger: &Path,
    evidence: Option<(&IngestOptions, &dyn Progress)>,
) -> Result<Custody, StoreError> {
    let mut walk = Walk::default();
    walk.chain(ledger)?;
    let is_whole = walk.custody.faults.is_empty();
    for part in std::mem::take(&mut walk.parts) {
        walk.part(folder, &part);
    }
    if is_whole && walk.custody.faults.is_empty() {
        walk.totals();
    }
    if let Some((options, progress)) = evidence {
        walk.evidence(options, progress)?;
    }
    Ok(walk.custody)
}

/// What the walk has seen so far.
#[derive(Default)]
struct Walk {
    custody: Custody,
    collections: Vec<CollectionEntry>,
    artifacts: Vec<ArtifactEntry>,
    parts: Vec<Part>,
    /// Rows by whether they are facts or problems.
    facts: u64,
    problems: u64,
}

impl Walk {
    fn fault(&mut self, place: impl Into<String>, detail: impl Into<String>) {
        self.custody.faults.push(Fault { place: place.into(), detail: detail.into() });
    }

    /// Walks the ledger from its first line.
    fn chain(&mut self, ledger: &Path) -> Result<(), StoreError> {
        let file = File::open(ledger).map_err(StoreError::io(ledger))?;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        let mut in_group = 0;
        ROOT.clone_into(&mut self.custody.head);
        while reader.read_until(b'\n', &mut line).map_err(StoreError::io(ledger))? > 0 {
            self.custody.lines += 1;
            in_group = self.line(&line, in_group);
            line.clear();
        }
        if in_group > 0 {
            self.fault(self.here(), "the last group of lines is not closed");
        }
        Ok(())
    }

    fn here(&self) -> String {
        format!("ledger.jsonl line {}", self.custody.lines)
    }

    /// Checks one line and returns how many lines its group has so far; none where it closes the group.
    fn line(&mut self, line: &[u8], in_group: u64) -> u64 {
        let text = line.strip_suffix(b"\n");
        if text.is_none() {
            self.fault(self.here(), "the line has no end");
        }
        let text = text.unwrap_or(line);
        let before = std::mem::replace(&mut self.custody.head, files::sha256(text));
        let line: Line<Entry> = match serde_json::from_slice(text) {
            Ok(line) => line,
            Err(error) => {
                self.fault(self.here(), error.to_string());
                return in_group + 1;
            }
        };
        if line.previous != before {
            self.fault(self.here(), "the line before it was changed, removed or put in");
        }
        if serde_json::to_vec(&line).ok().as_deref() != Some(text) {
            self.fault(self.here(), "is not as this program writes it");
        }
        self.entry(line.entry, in_group)
    }

    fn entry(&mut self, entry: Entry, in_group: u64) -> u64 {
        match entry {
            Entry::Commit { lines } => {
                if lines != in_group {
                    self.fault(self.here(), format!("closes {lines} lines, and there are {in_group}"));
                }
                return 0;
            }
            Entry::Collection(line) => self.collections.push(line),
            Entry::Artifact(line) => {
                self.custody.artifacts += 1;
                self.artifacts.push(*line);
            }
            Entry::Part(part) => self.parts.push(part),
            Entry::Unopened(_) | Entry::Run { .. } | Entry::Cut { .. } => {}
        }
        in_group + 1
    }

    /// Compares one part with what the ledger says of it: its bytes and its rows.
    fn part(&mut self, folder: &Path, part: &Part) {
        self.custody.parts += 1;
        let bytes = match std::fs::read(folder.join(&part.path)) {
            Ok(bytes) => bytes,
            Err(error) => return self.fault(&part.path, error.to_string()),
        };
        if files::sha256(&bytes) != part.sha256 {
            return self.fault(&part.path, "was changed");
        }
        let rows = SerializedFileReader::new(Bytes::from(bytes))
            .map(|reader| u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or_default());
        match rows {
            Ok(rows) if rows == part.rows => self.count(part),
            Ok(rows) => self.fault(&part.path, format!("holds {rows} rows; the ledger says {}", part.rows)),
            Err(error) => self.fault(&part.path, error.to_string()),
        }
    }

    fn count(&mut self, part: &Part) {
        self.custody.rows += part.rows;
        let sum = if part.table == PROBLEMS.name { &mut self.problems } else { &mut self.facts };
        *sum += part.rows;
    }

    /// Compares the rows of all parts with what the artifacts are said to have become.
    fn totals(&mut self) {
        let facts: u64 = self.artifacts.iter().map(|line| line.tally.facts + line.tally.derived).sum();
        let first_seen = first_by_id(&self.collections);
        let problems: u64 = self.artifacts.iter().map(|line| line.n_problems).sum::<u64>()
            + first_seen.values().map(|line| line.problems).sum::<u64>();
        for (what, said, found) in [("facts", facts, self.facts), ("problems", problems, self.problems)] {
            if said != found {
                self.fault(what, format!("the ledger speaks of {said} rows, and its parts hold {found}"));
            }
        }
    }

    /// Opens every collection where it was last seen, and hashes it again.
    fn evidence(&mut self, options: &IngestOptions, progress: &dyn Progress) -> Result<(), StoreError> {
        let latest: BTreeMap<_, _> =
            self.collections.iter().map(|line| (line.collection.id.clone(), line.clone())).collect();
        for line in latest.values() {
            self.custody.collections += 1;
            let place = PathBuf::from(&line.collection.location);
            let pool = intake::readers(options.threads, &[place])?;
            match pool.install(|| look_again(line, &self.artifacts, options, progress)) {
                Ok(faults) => self.custody.faults.extend(faults),
                Err(error) => self.fault(&line.collection.location, error.to_string()),
            }
        }
        Ok(())
    }
}

/// Returns each collection as it was first noted: moved ones are noted again, and their problems are not.
fn first_by_id(lines: &[CollectionEntry]) -> BTreeMap<&str, &CollectionEntry> {
    let mut first = BTreeMap::new();
    for line in lines {
        first.entry(line.collection.id.as_str()).or_insert(line);
    }
    first
}

/// Hashes a collection again and names what is not as it was when it was taken in.
fn look_again(
    line: &CollectionEntry,
    artifacts: &[ArtifactEntry],
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<Vec<Fault>, StoreError> {
    let place = &line.collection.location;
    // What was taken in is hashed again, no more and no less.
    let options = &IngestOptions { extent: line.extent(), ..options.clone() };
    let open = reopen(Path::new(place), options)?;
    let fault = |place: String, detail: &str| Fault { place, detail: detail.to_owned() };
    // What is hashed and not read is unpacked once in any case.
    let limits = Limits { spool_bytes: 0, ..options.limits };
    let hashed = intake::hash_all(open.as_ref(), &limits, progress);
    let mut faults = Vec::new();
    if intake::derive_id(open.entries(), &hashed) != line.collection.id {
        let now: BTreeMap<&str, &str> = open
            .entries()
            .iter()
            .zip(&hashed)
            .map(|(entry, hash)| (&*entry.container_path, hash.as_deref().unwrap_or("")))
            .collect();
        faults = changes(line, artifacts, &now);
        if faults.is_empty() {
            faults.push(fault(place.clone(), "the list of its files is not as it was"));
        }
    }
    if intake::container_hash(open.location())? != line.sha256 && faults.is_empty() {
        faults.push(fault(place.clone(), "was changed, in bytes that belong to no file in it"));
    }
    Ok(faults)
}

fn reopen(location: &Path, options: &IngestOptions) -> Result<Box<dyn OpenCollection>, StoreError> {
    let gone = |detail: String| StoreError::EvidenceGone { place: location.display().to_string(), detail };
    let (opened, problems) = intake::open(&[PathBuf::from(location)], options);
    opened.into_iter().next().ok_or_else(|| {
        gone(problems.first().map_or_else(|| "is empty".to_owned(), |problem| problem.detail.clone()))
    })
}

/// Names the files of a collection that were changed, are gone, or were not there.
fn changes(line: &CollectionEntry, artifacts: &[ArtifactEntry], now: &BTreeMap<&str, &str>) -> Vec<Fault> {
    let known: BTreeSet<&str> = artifacts.iter().map(|line| line.artifact.sha256.as_str()).collect();
    let own = artifacts.iter().filter(|entry| entry.artifact.collection == line.collection.id);
    let mut faults = Vec::new();
    let mut named = BTreeSet::new();
    for entry in own {
        let path = &*entry.artifact.container_path;
        named.insert(path);
        let detail = match now.get(path) {
            Some(hash) if *hash == entry.artifact.sha256 => continue,
            Some(_) => "was changed",
            None => "is gone",
        };
        faults.push((path, detail));
    }
    let strange = now.iter().filter(|(path, hash)| !named.contains(*path) && !known.contains(*hash));
    faults.extend(strange.map(|(path, _)| (*path, "was not there, or was changed")));
    let place = |path: &str| format!("{} › {path}", line.collection.location);
    faults.into_iter().map(|(path, detail)| Fault { place: place(path), detail: detail.to_owned() }).collect()
}
