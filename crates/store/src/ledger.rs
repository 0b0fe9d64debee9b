//! The custody ledger: what was read, what became of it, and which runs there were.
//!
//! `ledger.jsonl` is append-only. Each line is a JSON object whose first field, `previous`, is the SHA-256 of the
//! line before (without its line feed); a changed, removed or inserted line breaks the chain at that place.
//! Lines are written in groups, each closed by a `commit` line. A group without one was torn by a crash: it is
//! cut off when the case is opened, and what it spoke of is read again.

use crate::cover::{Cover, GrainName};
use crate::error::StoreError;
use crate::files;
use afterpatch_ingest::Extent;
use afterpatch_model::{Artifact, Collection, HostName, HostSighting, Problem, Tally, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// What `previous` says in the first line.
pub(crate) const ROOT: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Entry {
    /// A collection was handed in, or was found again at another place.
    Collection(CollectionEntry),
    /// Something that was handed in could not be opened as a collection.
    Unopened(Problem),
    /// A file of a collection was read.
    Artifact(Box<ArtifactEntry>),
    /// Rows were written.
    Part(Part),
    /// A step of a run was taken.
    Run {
        /// The step, such as `detect`.
        step: String,
        /// What the caller says of it.
        detail: Value,
    },
    /// A group of lines that a crash had torn was cut off.
    Cut {
        /// Bytes that were cut off.
        bytes: u64,
    },
    /// The group of lines before is whole.
    Commit {
        /// Lines in the group.
        lines: u64,
    },
}

/// A collection, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CollectionEntry {
    /// The collection.
    #[serde(flatten)]
    pub collection: Collection,
    /// Whether every file of a mounted volume was taken in, and not those of interest only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_files: bool,
    /// The SHA-256 of the container, where it is one file.
    pub sha256: Option<String>,
    /// Files in it.
    pub artifacts: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// The hosts that it came from, by the part of the collection; empty for the whole.
    pub hosts: BTreeMap<String, Host>,
    /// What was met while it was opened, and files of it that could not be hashed.
    pub problems: u64,
}

impl CollectionEntry {
    /// Returns how much of a mounted volume was taken in.
    pub(crate) fn extent(&self) -> Extent {
        if self.all_files { Extent::Everything } else { Extent::OfInterest }
    }
}

/// What the evidence says about one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Host {
    /// Its name.
    pub name: Option<HostName>,
    /// How the name was found.
    pub sightings: Vec<HostSighting>,
    /// The Exchange install root that its settings name, or that the paths show.
    pub install_root: Option<String>,
    /// The folders that its sites point at, beside those that every server has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub served: Vec<String>,
    /// Those that its sites pointed at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub once_served: Vec<String>,
}

/// An artifact and what became of it, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArtifactEntry {
    /// The file.
    pub artifact: Artifact,
    /// The parser that read it; none where no parser fits.
    pub parser: Option<String>,
    /// What became of its records.
    pub tally: Tally,
    /// Problems in it.
    pub n_problems: u64,
    /// What within its kind it covers.
    pub scope: String,
    /// How its kind is cut by the clock.
    pub grain: Option<GrainName>,
    /// The zone by which times were read that say none: as it was given, or `assumed UTC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What it covers, by server.
    pub covers: Vec<Cover>,
}

/// One Parquet file of the case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Part {
    /// The table that it belongs to.
    pub table: String,
    /// Its path in the case, with `/`.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// The server of all its rows; none where they name none.
    pub server: Option<String>,
    /// The first time in it; none where its rows have no time.
    pub first: Option<Timestamp>,
    /// The last time in it.
    pub last: Option<Timestamp>,
}

/// A line as it stands in the file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Line<E> {
    /// The SHA-256 of the line before.
    pub(crate) previous: String,
    /// What the line says.
    #[serde(flatten)]
    pub(crate) entry: E,
}

/// The ledger of an open case.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    /// The SHA-256 of the last line.
    head: String,
    bytes: u64,
}

impl Ledger {
    /// Opens the ledger, or begins one, and returns it with its whole entries.
    ///
    /// What a crash tore is cut off first, and the cut is noted as a line of its own.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<Entry>), StoreError> {
        let mut ledger = Self { path: path.to_owned(), head: ROOT.to_owned(), bytes: 0 };
        let mut entries = Vec::new();
        let torn = match File::open(path) {
            Ok(file) => ledger.load(file, &mut entries)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(StoreError::io(path)(error)),
        };
        if torn > 0 && ledger.cut(torn)? {
            entries.extend(ledger.append(vec![Entry::Cut { bytes: torn }])?);
        }
        Ok((ledger, entries))
    }

    /// Writes a group of lines, closed by a commit line, and returns it as written.
    pub(crate) fn append(&mut self, mut group: Vec<Entry>) -> Result<Vec<Entry>, StoreError> {
        let lines = u64::try_from(group.len()).unwrap_or(u64::MAX);
        group.push(Entry::Commit { lines });
        let mut head = self.head.clone();
        let mut text = String::new();
        for entry in &group {
            let line = serde_json::to_string(&Line { previous: head, entry })
                .map_err(StoreError::json("ledger.jsonl"))?;
            head = files::sha256(line.as_bytes());
            text.push_str(&line);
            text.push('\n');
        }
        let mut file = self.locked()?;
        file.write_all(text.as_bytes()).map_err(StoreError::io(&self.path))?;
        file.sync_data().map_err(StoreError::io(&self.path))?;
        self.head = head;
        self.bytes += text.len() as u64;
        Ok(group)
    }

    /// Opens the file for appending, alone, and makes sure that nobody wrote to it since we read it.
    fn locked(&self) -> Result<File, StoreError> {
        let wrong = StoreError::io(&self.path);
        let file = OpenOptions::new().append(true).create(true).open(&self.path).map_err(wrong)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(self.path.clone())),
            Err(TryLockError::Error(error)) => return Err(StoreError::io(&self.path)(error)),
        }
        let found = file.metadata().map_err(StoreError::io(&self.path))?.len();
        if found == self.bytes { Ok(file) } else { Err(StoreError::Busy(self.path.clone())) }
    }

    /// Reads whole groups into `entries` and returns how many bytes behind the last whole group are torn.
    fn load(&mut self, file: File, entries: &mut Vec<Entry>) -> Result<u64, StoreError> {
        let mut reader = BufReader::new(file);
        let mut group = Vec::new();
        let mut read = 0;
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let n = reader.read_until(b'\n', &mut line).map_err(StoreError::io(&self.path))?;
            read += n as u64;
            let Some(text) = line.strip_suffix(b"\n") else {
                break;
            };
            let entry = parse(text, number)?;
            let closes = matches!(entry, Entry::Commit { .. });
            group.push(entry);
            if closes {
                entries.append(&mut group);
                self.bytes = read;
                self.head = files::sha256(text);
            }
        }
        Ok(read - self.bytes)
    }

    /// Cuts off what is torn; leaves it where another run is just writing it.
    fn cut(&self, torn: u64) -> Result<bool, StoreError> {
        let wrong = StoreError::io(&self.path);
        let file = OpenOptions::new().write(true).open(&self.path).map_err(wrong)?;
        let length = file.metadata().map_err(StoreError::io(&self.path))?.len();
        if file.try_lock().is_err() || length != self.bytes + torn {
            return Ok(false);
        }
        file.set_len(self.bytes).map_err(StoreError::io(&self.path))?;
        file.sync_data().map_err(StoreError::io(&self.path))?;
        Ok(true)
    }
}

fn parse(text: &[u8], number: u64) -> Result<Entry, StoreError> {
    let line: Line<Entry> = serde_json::from_slice(text)
        .map_err(|error| StoreError::Ledger { line: number, detail: error.to_string() })?;
    Ok(line.entry)
}
