//! What rules met, a row for each fact and each rule: beside the facts, and made anew by each run of the rules.
//!
//! Detections gather hits and keep the first few; a timeline needs each of them. Threads write them as they come; at the end
//! they are put in order, on the disk where memory does not hold them, so that the file is the same on any number of threads.

use crate::case::Case;
use crate::error::StoreError;
use crate::ledger::Part;
use crate::session::{Session, SessionOptions};
use afterpatch_model::{Column, ColumnKind, Grade, Level, Locator, Table, Timestamp};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The table `hits`: what the rules of the last run met.
pub static HITS: Table = Table::new(
    "hits",
    "What the rules of the last run met: a row for each fact and each rule that it met.",
    &[
        Column::new("time", ColumnKind::Time, "When, where the fact says so"),
        Column::new("server", ColumnKind::Text, "The server; - where none is known"),
        Column::new("rule", ColumnKind::Text, "The rule's id"),
        Column::new("title", ColumnKind::Text, "The rule's title"),
        Column::new("level", ColumnKind::Text, "The rule's level, in Sigma's words"),
        Column::new("engine", ColumnKind::Text, "What ran the rule: analytic, sigma, yara or pages"),
        Column::new("author", ColumnKind::Text, "The rule's author"),
        Column::new("license", ColumnKind::Text, "The rule's licence, where it names one"),
        Column::new("grade", ColumnKind::Text, "How far it goes, seen alone"),
        Column::new(
            "subject",
            ColumnKind::Text,
            "What it is about on the server; empty where it is the server",
        ),
        Column::new("artifact", ColumnKind::Text, "The artifact"),
        Column::new("record", ColumnKind::Int, "The record within it"),
    ],
);

const FILE: &str = "hits.parquet";
const UNSORTED: &str = ".hits.unsorted";
const UNFINISHED: &str = ".hits.unfinished";

/// The order of the rows.
const ORDER: &str = "time NULLS FIRST, server, rule, artifact, record, subject, grade";

/// A fact that met a rule.
#[derive(Debug, Clone)]
pub struct HitRow {
    /// What the rule says of itself.
    pub rule: Arc<HitRule>,
    /// When.
    pub time: Option<Timestamp>,
    /// The server.
    pub server: String,
    /// What it is about on the server.
    pub subject: String,
    /// How far it goes, seen alone.
    pub grade: Grade,
    /// The way back to the fact.
    pub locator: Locator,
}

/// What a rule says of itself in each of its hits.
#[derive(Debug)]
pub struct HitRule {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its level.
    pub level: Level,
    /// What runs it.
    pub engine: &'static str,
    /// Its author.
    pub author: String,
    /// Its licence.
    pub license: String,
}

/// Takes the hits of a run, from any thread. Clones write to the same place.
#[derive(Debug, Clone)]
pub struct HitWriter(Arc<Mutex<Option<Writing>>>);

/// How far the hits are written: the file and its rows, or the first error, after which nothing is written.
type Writing = Result<(ArrowWriter<File>, u64), StoreError>;

impl HitWriter {
    /// Begins to write hits to a file.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        let file = File::create(path).map_err(StoreError::io(path))?;
        let writer = ArrowWriter::try_new(file, HITS.schema(), None)?;
        Ok(Self(Arc::new(Mutex::new(Some(Ok((writer, 0)))))))
    }

    /// Ends the file and returns its rows; none where it was ended before. What is written afterwards is lost.
    pub(crate) fn close(&self) -> Result<Option<u64>, StoreError> {
        let Some(writing) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(None);
        };
        let (writer, rows) = writing?;
        writer.close()?;
        Ok(Some(rows))
    }

    /// Adds hits. What goes wrong is said when they are kept.
    pub fn write(&self, hits: &[HitRow]) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Ok((writer, rows))) = writing.as_mut() else { return };
        match rows_of(hits).and_then(|batch| Ok(writer.write(&batch)?)) {
            Ok(()) => *rows += u64::try_from(hits.len()).unwrap_or_default(),
            Err(error) => *writing = Some(Err(error)),
        }
    }
}

impl Case {
    /// Begins to keep the hits of a run of the rules.
    pub fn hit_writer(&self) -> Result<HitWriter, StoreError> {
        HitWriter::create(&self.folder().join(UNSORTED))
    }

    /// Keeps the hits of a run, in order, in place of those of the run before. What is written afterwards is lost.
    pub fn keep_hits(&self, writer: &HitWriter) -> Result<(), StoreError> {
        let unsorted = self.folder().join(UNSORTED);
        let sorted = match writer.close() {
            Ok(None) => return Ok(()),
            Ok(Some(rows)) => sort(self.folder(), rows),
            Err(error) => Err(error),
        };
        fs::remove_file(&unsorted).map_err(StoreError::io(&unsorted))?;
        sorted
    }
}

/// Returns where the hits lie in a folder.
pub(crate) fn file_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

fn sort(folder: &Path, rows: u64) -> Result<(), StoreError> {
    let part = part_at(folder, UNSORTED, rows)?;
    let session = Session::over_part(folder, &HITS, &part, SessionOptions::default())?;
    let (unfinished, path) = (folder.join(UNFINISHED), file_in(folder));
    session.write_parquet(&format!("SELECT * FROM {} ORDER BY {ORDER}", HITS.name), &unfinished)?;
    fs::rename(&unfinished, &path).map_err(StoreError::io(&path))
}

/// Returns the file of the hits that were kept last, as a part of a session; none where no rule was run yet.
pub(crate) fn kept(folder: &Path) -> Result<Option<Part>, StoreError> {
    let path = file_in(folder);
    let Ok(file) = File::open(&path) else { return Ok(None) };
    let rows = ParquetRecordBatchReaderBuilder::try_new(file)?.metadata().file_metadata().num_rows();
    part_at(folder, FILE, u64::try_from(rows).unwrap_or_default()).map(Some)
}

fn part_at(folder: &Path, name: &str, rows: u64) -> Result<Part, StoreError> {
    let path = folder.join(name);
    let size_bytes = fs::metadata(&path).map_err(StoreError::io(&path))?.len();
    Ok(Part {
        table: HITS.name.to_owned(),
        path: name.to_owned(),
        rows,
        size_bytes,
        sha256: String::new(),
        server: None,
        first: None,
        last: None,
    })
}

fn rows_of(hits: &[HitRow]) -> Result<RecordBatch, StoreError> {
    let text = |pick: fn(&HitRow) -> &str| -> ArrayRef {
        Arc::new(hits.iter().map(|hit| Some(pick(hit))).collect::<StringArray>())
    };
    let times = hits.iter().map(|hit| hit.time.map(Timestamp::nanos));
    let records = hits.iter().map(|hit| i64::try_from(hit.locator.record).ok());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(times.collect::<TimestampNanosecondArray>().with_timezone("UTC")),
        text(|hit| &hit.server),
        text(|hit| &hit.rule.id),
        text(|hit| &hit.rule.title),
        text(|hit| hit.rule.level.name()),
        text(|hit| hit.rule.engine),
        text(|hit| &hit.rule.author),
        text(|hit| &hit.rule.license),
        text(|hit| hit.grade.name()),
        text(|hit| &hit.subject),
        text(|hit| hit.locator.artifact.as_str()),
        Arc::new(records.collect::<Int64Array>()),
    ];
    RecordBatch::try_new(HITS.schema(), columns).map_err(StoreError::rows(HITS.name))
}
