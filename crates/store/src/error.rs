//! Why the store could not do what it was asked to do.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use parquet::errors::ParquetError;
use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do what it was asked to do.
///
/// Evidence that cannot be read is never an error: it becomes a [`Problem`](afterpatch_model::Problem).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file of the case could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder holds no case.
    #[error("{} holds no case: there is no case.toml in it", .0.display())]
    NoCase(PathBuf),
    /// `case.toml` cannot be read.
    #[error("{}: {detail}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The case was written by a version whose shape this one does not know.
    #[error("the case is of schema {found:?}; this version reads {known:?}")]
    Schema {
        /// What the case says.
        found: String,
        /// What we know.
        known: &'static str,
    },
    /// The case belongs to another organisation than the one that was named.
    #[error("the case is of {there:?}, not of {given:?}: use one case for each organisation")]
    Organisation {
        /// The organisation of the case; empty for none.
        there: String,
        /// The organisation that was named.
        given: String,
    },
    /// What is to be written would lie inside the evidence, which is never written to.
    #[error("{} lies inside the evidence {}", place.display(), evidence.display())]
    InsideEvidence {
        /// The folder of the case, or the file.
        place: PathBuf,
        /// The evidence.
        evidence: PathBuf,
    },
    /// A line of the ledger cannot be read.
    #[error("ledger.jsonl, line {line}: {detail}")]
    Ledger {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// Another run writes to the case.
    #[error("another run is writing to the case {}", .0.display())]
    Busy(PathBuf),
    /// A value cannot be written as, or read from, JSON.
    #[error("{place}: {source}")]
    Json {
        /// The file or table.
        place: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A query could not be planned or run.
    #[error("{0}")]
    Query(#[source] Box<DataFusionError>),
    /// Rows do not fit the table that they were given for.
    #[error("rows of {table}: {source}")]
    Rows {
        /// The table.
        table: String,
        /// What is wrong.
        source: ArrowError,
    },
    /// A part could not be written as Parquet.
    #[error("Parquet: {0}")]
    Parquet(#[from] ParquetError),
    /// There is no fact table of that name.
    #[error("there is no fact table {0:?}")]
    UnknownTable(String),
    /// The table has no column of that name.
    #[error("the table {table} has no column {column:?}")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column as given.
        column: String,
    },
    /// The case knows no artifact of that id.
    #[error("the case knows no artifact {0}")]
    UnknownArtifact(String),
    /// The evidence is no longer where it was read, or is no longer the same.
    #[error("{place}: {detail}")]
    EvidenceGone {
        /// Where it was.
        place: String,
        /// What is wrong.
        detail: String,
    },
}

impl StoreError {
    /// Ties what the system says to the path that it says it of.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// Ties a failure of JSON to the file or table.
    pub(crate) fn json(place: &str) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Json { place: place.to_owned(), source }
    }

    /// Ties a failure of Arrow to the table.
    pub fn rows(table: &str) -> impl FnOnce(ArrowError) -> Self {
        move |source| Self::Rows { table: table.to_owned(), source }
    }
}

impl From<DataFusionError> for StoreError {
    fn from(error: DataFusionError) -> Self {
        Self::Query(Box::new(error))
    }
}
