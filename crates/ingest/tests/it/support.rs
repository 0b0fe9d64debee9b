//! Reads bytes with the whole crate, and shows rows as text.

use afterpatch_ingest::hash::sha256;
use afterpatch_ingest::{Aid, Known, Limits, OpenCollection, Passwords, ReadArtifact, open, read_artifact};
use afterpatch_model::{Artifact, Batch, CollectionId, HostName, ProblemCode};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::{env, fs};
use tempfile::TempDir;

/// A row as text by column; nulls are left out.
pub(crate) type Row = BTreeMap<String, String>;

/// All that came out of one artifact.
pub(crate) struct Reading {
    pub(crate) read: ReadArtifact,
    pub(crate) tables: BTreeMap<&'static str, Vec<Row>>,
}

impl Reading {
    pub(crate) fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn codes(&self) -> Vec<ProblemCode> {
        self.read.problems.iter().map(|problem| problem.code).collect()
    }

    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let tally = self.read.tally;
        (tally.records, tally.facts, tally.lost)
    }
}

pub(crate) fn artifact(path: &str, size: usize) -> Artifact {
    Artifact {
        id: Artifact::derive_id(None, path, "00"),
        collection: CollectionId::new("c"),
        path: path.to_owned(),
        container_path: path.replace('\\', "/").into(),
        size_bytes: size as u64,
        modified: None,
        created: None,
        sha256: "00".to_owned(),
        server: HostName::parse("MX9"),
    }
}

pub(crate) fn read_bytes(path: &str, bytes: &[u8]) -> Reading {
    read_with(path, bytes, Aid::default())
}

/// Reads bytes with what helps.
pub(crate) fn read_with(path: &str, bytes: &[u8], aid: Aid<'_>) -> Reading {
    let artifact = artifact(path, bytes.len());
    let mut tables: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
    let mut sink = |batch: Batch| {
        let table = tables.entry(batch.table.name).or_default();
        table.extend(rows(&batch.rows));
    };
    let mut input = Cursor::new(bytes.to_vec());
    let known = Known { organisation: Some("Example"), aid, ..Known::default() };
    let read = read_artifact(&artifact, &mut input, known, &Limits::default(), &mut sink);
    if let (Some(parser), 1..) = (read.parser, read.tally.facts) {
        keep_as_seed(parser, bytes);
    }
    Reading { read, tables }
}

/// Keeps what a test reads for the fuzz target of that name: `fuzz/run.sh pick` chooses among them.
pub(crate) fn keep_as_seed(target: &str, bytes: &[u8]) {
    keep(target, "seed".as_ref(), bytes);
}

/// The folder that [`keep_as_seed`] writes into, where it is set.
const WRITE_SEEDS: &str = "AFTERPATCH_WRITE_SEEDS";

fn keep(folder: &str, name: &OsStr, bytes: &[u8]) {
    let Some(seeds) = env::var_os(WRITE_SEEDS) else { return };
    let digest = sha256(&mut Cursor::new(bytes.to_vec())).unwrap();
    let folder = Path::new(&seeds).join(folder).join(digest);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

fn rows(batch: &RecordBatch) -> Vec<Row> {
    (0..batch.num_rows())
        .map(|place| {
            let schema = batch.schema();
            let cells = schema.fields().iter().zip(batch.columns());
            cells
                .filter(|(_, column)| column.is_valid(place))
                .map(|(field, column)| (field.name().clone(), cell(column.as_ref(), place)))
                .collect()
        })
        .collect()
}

fn cell(column: &dyn Array, place: usize) -> String {
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(place).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(place).to_string(),
        DataType::Boolean => column.as_boolean().value(place).to_string(),
        _ => {
            let nanos = column.as_primitive::<TimestampNanosecondType>().value(place);
            afterpatch_model::Timestamp::from_nanos(nanos).to_string()
        }
    }
}

/// Writes files into a folder of their own.
pub(crate) fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        keep("trees", path.file_name().unwrap(), text.as_bytes());
        fs::write(path, text).unwrap();
    }
    folder
}

/// Opens what is one collection.
pub(crate) fn opened(path: &Path, limits: &Limits, passwords: &Passwords) -> Box<dyn OpenCollection> {
    let mut collections = open(path, limits, passwords).unwrap();
    assert_eq!(collections.len(), 1);
    if path.is_file() {
        keep_as_seed("container", &fs::read(path).unwrap());
    }
    collections.remove(0)
}

/// Returns the named columns of a row, with nothing for null.
pub(crate) fn pick<'r>(row: &'r Row, columns: &[&str]) -> Vec<&'r str> {
    columns.iter().map(|column| row.get(*column).map_or("", String::as_str)).collect()
}

/// Returns the folder of real data beside the workspace, where it is there; none while seeds are written, for the data
/// are not ours to carry.
pub(crate) fn shared_data(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    let is_there = path.is_dir() && env::var_os(WRITE_SEEDS).is_none();
    if !is_there {
        eprintln!("skipped: no real data in {folder}");
    }
    is_there.then_some(path)
}
