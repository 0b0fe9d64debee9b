//! Rows on their way to disk: gathered into groups, cut by server and day, sorted by time, written as Parquet.
//!
//! What ends up in which part depends on the rows and their order alone, never on threads or on the clock; a part
//! is named by the hash of its bytes.

use crate::error::StoreError;
use crate::files::{self, Unfinished};
use crate::ledger::Part;
use afterpatch_model::{Batch, Table, Timestamp};
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use arrow_array::{Array, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Rows that are gathered before they are written; few in tests, so that a little evidence makes many groups.
const GROUP_ROWS: usize = if cfg!(test) { 100 } else { 400_000 };
/// Bytes of rows that are gathered before they are written.
const GROUP_BYTES: usize = 96 << 20;
/// Rows in one row group of a part: small enough that a span of time reads few of them.
const ROW_GROUP_ROWS: usize = 128 << 10;

/// Rows that are gathered until they are worth a part.
#[derive(Debug, Default)]
pub(crate) struct Group {
    tables: BTreeMap<&'static str, (&'static Table, Vec<RecordBatch>)>,
    rows: usize,
    bytes: usize,
}

impl Group {
    /// Adds a batch of rows.
    pub(crate) fn add(&mut self, batch: Batch) {
        self.rows += batch.rows.num_rows();
        self.bytes += size_of_rows(&batch.rows);
        let (_, batches) = self.tables.entry(batch.table.name).or_insert_with(|| (batch.table, Vec::new()));
        batches.push(batch.rows);
    }

    /// Tells whether the group is to be written.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES
    }

    /// Writes all rows to the case and returns the parts, in order of table, server and day. The group is empty then.
    pub(crate) fn write(&mut self, case: &Path) -> Result<Vec<Part>, StoreError> {
        let group = std::mem::take(self);
        let mut written = Vec::new();
        for (table, batches) in group.tables.into_values() {
            written.extend(write_table(case, table, &batches)?);
        }
        let (parts, files): (Vec<_>, Vec<_>) = written.into_iter().unzip();
        files::finish(&files)?;
        Ok(parts)
    }
}

/// Returns the bytes of the rows themselves, which do not depend on how their memory was allotted.
fn size_of_rows(rows: &RecordBatch) -> usize {
    let sizes = rows.columns().iter().map(|column| column.to_data().get_slice_memory_size());
    sizes.filter_map(Result::ok).sum()
}

/// Tables of how things were. Their times are those of the things, over many years and as the intruder likes: a part a
/// day would be as many files as an intruder likes.
const OF_STATES: [&str; 3] = ["files", "settings", "builds"];

/// The server and the day whose rows go into one part; none where the rows name none.
type Place<'a> = (Option<&'a str>, Option<i64>);

/// A part, and its file that is to be finished.
type Written = (Part, Unfinished);

fn write_table(
    case: &Path,
    table: &'static Table,
    batches: &[RecordBatch],
) -> Result<Vec<Written>, StoreError> {
    let rows = concat_batches(&table.schema(), batches).map_err(StoreError::rows(table.name))?;
    let times = Times::of(&rows);
    let by_day = !OF_STATES.contains(&table.name);
    let places: Vec<(Place<'_>, Vec<u32>)> = places_of(&rows, &times, by_day).into_iter().collect();
    let written: Vec<Result<Written, StoreError>> = places
        .into_par_iter()
        .map(|(place, order)| {
            let sorted = sorted(&rows, &times, order).map_err(StoreError::rows(table.name))?;
            write_part(case, table, place, &sorted)
        })
        .collect();
    written.into_iter().collect()
}

/// The column `time` of a batch, where the table has one.
struct Times<'a>(Option<&'a arrow_array::TimestampNanosecondArray>);

impl<'a> Times<'a> {
    fn of(rows: &'a RecordBatch) -> Self {
        Self(
            rows.column_by_name("time")
                .and_then(|column| column.as_primitive_opt::<TimestampNanosecondType>()),
        )
    }

    fn at(&self, row: usize) -> Option<i64> {
        self.0.filter(|times| times.is_valid(row)).map(|times| times.value(row))
    }
}

/// Sorts the numbers of the rows into the places that they are written to.
fn places_of<'a>(rows: &'a RecordBatch, times: &Times<'_>, by_day: bool) -> BTreeMap<Place<'a>, Vec<u32>> {
    let servers = rows.column_by_name("server").and_then(|column| column.as_string_opt::<i32>());
    let mut places: BTreeMap<Place<'a>, Vec<u32>> = BTreeMap::new();
    for (row, number) in (0..rows.num_rows()).zip(0..) {
        let server = servers.filter(|servers| servers.is_valid(row)).map(|servers| servers.value(row));
        let day = times.at(row).filter(|_| by_day).map(|time| time.div_euclid(Timestamp::DAY));
        places.entry((server, day)).or_default().push(number);
    }
    places
}

/// Returns the rows in order of time; rows of one time, and rows without one, stay in the order in which they were read.
fn sorted(
    rows: &RecordBatch,
    times: &Times<'_>,
    mut order: Vec<u32>,
) -> Result<RecordBatch, datafusion::arrow::error::ArrowError> {
    order.sort_by_key(|&row| times.at(row as usize));
    take_record_batch(rows, &UInt32Array::from(order))
}

fn write_part(
    case: &Path,
    table: &'static Table,
    (server, day): Place<'_>,
    rows: &RecordBatch,
) -> Result<Written, StoreError> {
    let bytes = to_parquet(table, rows)?;
    let sha256 = files::sha256(&bytes);
    let path = format!("{}/part-{}.parquet", folder_of(table, server, day), &sha256[..16]);
    let file = files::begin(&case.join(&path), &bytes)?;
    let times = Times::of(rows);
    let time = |row: Option<usize>| row.and_then(|row| times.at(row)).map(Timestamp::from_nanos);
    let part = Part {
        table: table.name.to_owned(),
        path,
        rows: rows.num_rows() as u64,
        size_bytes: bytes.len() as u64,
        sha256,
        server: server.map(str::to_owned),
        first: time(Some(0)),
        last: time(rows.num_rows().checked_sub(1)),
    };
    Ok((part, file))
}

/// Returns the folder of a part in the case: `facts/TABLE/server=NAME/day=DATE`.
///
/// Tables without a time, which are few and small, lie in one folder.
fn folder_of(table: &Table, server: Option<&str>, day: Option<i64>) -> String {
    if !table.columns.iter().any(|column| column.name == "time") {
        return format!("facts/{}", table.name);
    }
    let day = day.map(|day| Timestamp::from_nanos(day.saturating_mul(Timestamp::DAY)).day());
    let server = server.map_or_else(|| "-".to_owned(), safe_name);
    format!("facts/{}/server={server}/day={}", table.name, day.as_deref().unwrap_or("-"))
}

/// Returns a name that no file system takes for anything but a name: it comes from the evidence, which is hostile.
fn safe_name(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }
    };
    name.chars().map(safe).take(80).collect()
}

fn to_parquet(table: &Table, rows: &RecordBatch) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties(table)?))?;
    writer.write(rows)?;
    writer.close()?;
    Ok(bytes)
}

fn properties(table: &Table) -> Result<WriterProperties, StoreError> {
    let by_time = table.columns.iter().position(|column| column.name == "time").map(|place| {
        let column_idx = i32::try_from(place).unwrap_or(0);
        vec![SortingColumn { column_idx, descending: false, nulls_first: false }]
    });
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_sorting_columns(by_time)
        .set_created_by("afterpatch".to_owned())
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::session::{Session, SessionOptions};
    use afterpatch_model::tables;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    /// Rows with and without a time and a server, in an order of their own; `record` tells them apart.
    fn rows() -> impl Strategy<Value = Vec<Map<String, Value>>> {
        let day = 24 * 3_600 * 1_000_000_000_i64;
        let row = (
            proptest::option::of(-3 * day..3 * day),
            proptest::option::of(prop_oneof!["MX[12]", "FE80::1"]),
            proptest::option::of(".{0,12}"),
            proptest::option::of(any::<i64>()),
            proptest::option::of(any::<bool>()),
        );
        proptest::collection::vec(row, 0..60).prop_map(|rows| {
            let row = |(record, (time, server, path, status, known))| {
                let time = Option::map(time, |time| Timestamp::from_nanos(time).to_string());
                let row = json!({"time": time, "server": server, "url_path": path, "status": status,
                    "is_authenticated": known, "record": record});
                row.as_object().cloned().unwrap_or_default()
            };
            (0..).zip(rows).map(row).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn rows_come_back_from_parquet_as_they_went(rows in rows(), cut in 1..60_usize) {
            let case = tempfile::tempdir().unwrap();
            let table = tables::by_name("web_requests").unwrap();
            let mut group = Group::default();
            for rows in rows.chunks(cut) {
                group.add(Batch { table, rows: crate::json::batch_of(table, rows).unwrap() });
            }
            let parts = group.write(case.path()).unwrap();
            prop_assert_eq!(parts.iter().map(|part| part.rows).sum::<u64>(), rows.len() as u64);
            let session = Session::over(case.path(), &parts, &[], SessionOptions::default()).unwrap();
            let columns = "time, server, url_path, status, is_authenticated, record";
            let read = session.rows(&format!("SELECT {columns} FROM web_requests ORDER BY record")).unwrap();
            prop_assert_eq!(read, rows);
        }
    }

    #[test]
    fn a_part_holds_one_server_and_one_day_in_order_of_time() {
        let case = tempfile::tempdir().unwrap();
        let table = tables::by_name("web_requests").unwrap();
        let row = |time: &str, server: &str, record: i64| {
            json!({"time": time, "server": server, "record": record}).as_object().cloned().unwrap()
        };
        let rows = [
            row("2021-03-03T00:00:00Z", "MX1", 1),
            row("2021-03-02T23:59:59Z", "MX1", 2),
            row("2021-03-02T10:00:00Z", "MX1", 3),
            row("2021-03-02T10:00:00Z", "MX2", 4),
        ];
        let mut group = Group::default();
        group.add(Batch { table, rows: crate::json::batch_of(table, &rows).unwrap() });
        let parts = group.write(case.path()).unwrap();
        let folders: Vec<_> = parts.iter().map(|part| part.path.rsplit_once('/').unwrap().0).collect();
        assert_eq!(
            folders,
            [
                "facts/web_requests/server=MX1/day=2021-03-02",
                "facts/web_requests/server=MX1/day=2021-03-03",
                "facts/web_requests/server=MX2/day=2021-03-02",
            ]
        );
        let spans =
            parts[0].first.zip(parts[0].last).map(|(first, last)| (first.to_second(), last.to_second()));
        assert_eq!(spans, Some(("2021-03-02 10:00:00".into(), "2021-03-02 23:59:59".into())));
        assert!(!group.is_full() && group.write(case.path()).unwrap().is_empty());
    }

    #[test]
    fn names_from_the_evidence_are_never_paths() {
        for (name, safe) in [
            ("MX1", "MX1"),
            ("../..", "_____"),
            ("FE80::1", "FE80__1"),
            ("192.0.2.7", "192_0_2_7"),
            ("É", "_"),
        ] {
            assert_eq!(safe_name(name), safe);
        }
    }
}
