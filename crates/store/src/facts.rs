//! Rows on their way to disk: gathered into groups, cut by server and day, sorted by time, written as Parquet.
//!
//! What ends up in which part depends on the rows and their order alone, never on threads or on the clock; a part
//! is named by the hash of its bytes.

use crate::error::StoreError;
use crate::files::{self, Unfinished};
use crate::ledger::Part;
use afterpatch_model::{Batch, ColumnKind, Table, Timestamp};
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, TimestampNanosecondArray, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Rows that are gathered before they are written; few in tests, so that a little evidence makes many groups.
const GROUP_ROWS: usize = if cfg!(test) { 100 } else { 400_000 };
/// Bytes of rows that are gathered before they are written.
const GROUP_BYTES: usize = 64 << 20;
/// Rows in one row group of a part: small enough that a span of time reads few of them.
const ROW_GROUP_ROWS: usize = 128 << 10;
/// Rows that are put in order at once.
const ORDERED_ROWS: usize = 8 << 10;

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

    /// Tells whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Tells whether the group is to be written.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES
    }

    /// Returns the rows of each table.
    pub(crate) fn into_tables(self) -> impl Iterator<Item = (&'static Table, Vec<RecordBatch>)> {
        self.tables.into_values()
    }

    /// Writes all rows to the case and returns the parts, in order of table, server and day.
    pub(crate) fn write(&self, case: &Path) -> Result<Vec<Part>, StoreError> {
        let parts = self.tables.values().flat_map(|(table, batches)| shares_of(table, batches));
        let parts: Vec<Share<'_>> = parts.collect();
        // Each result stands in its place, so that the first error is the same one on any number of threads.
        let written: Vec<Result<Written, StoreError>> =
            parts.par_iter().map(|share| share.write(case)).collect();
        let written = written.into_iter().collect::<Result<Vec<_>, _>>()?;
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

/// The rows of a group that go into one part.
struct Share<'a> {
    table: &'static Table,
    place: Place<'a>,
    batches: &'a [RecordBatch],
    rows: Rows,
}

/// Rows of one place, in the order in which they were read: their batch, and from where to where in it.
#[derive(Default)]
struct Rows {
    runs: Vec<(usize, usize, usize)>,
    count: usize,
    first: Option<i64>,
    last: Option<i64>,
    /// Whether a row is earlier than the one before.
    is_mixed: bool,
}

/// Sorts the rows of a table into the places that they are written to, in order of server and day.
fn shares_of<'a>(table: &'static Table, batches: &'a [RecordBatch]) -> Vec<Share<'a>> {
    let by_day = !OF_STATES.contains(&table.name);
    let mut places: BTreeMap<Place<'a>, Rows> = BTreeMap::new();
    for (number, batch) in batches.iter().enumerate() {
        let keys = Keys::of(batch);
        let mut row = 0;
        while row < batch.num_rows() {
            let place = keys.place(row, by_day);
            let rows = places.entry(place).or_default();
            let from = row;
            while row < batch.num_rows() && keys.is_at(row, place, by_day) {
                rows.note(keys.time(row));
                row += 1;
            }
            rows.runs.push((number, from, row));
        }
    }
    places.into_iter().map(|(place, rows)| Share { table, place, batches, rows }).collect()
}

/// The columns of a batch by which its rows are sorted into parts, where the table has them.
struct Keys<'a> {
    times: Option<&'a TimestampNanosecondArray>,
    servers: Option<&'a StringArray>,
}

impl<'a> Keys<'a> {
    fn of(rows: &'a RecordBatch) -> Self {
        let column = |name: &str| rows.column_by_name(name);
        Self {
            times: column("time").and_then(|column| column.as_primitive_opt::<TimestampNanosecondType>()),
            servers: column("server").and_then(|column| column.as_string_opt()),
        }
    }

    fn time(&self, row: usize) -> Option<i64> {
        self.times.filter(|times| times.is_valid(row)).map(|times| times.value(row))
    }

    fn place(&self, row: usize, by_day: bool) -> Place<'a> {
        let server = self.servers.filter(|servers| servers.is_valid(row)).map(|servers| servers.value(row));
        let day = self.time(row).filter(|_| by_day).map(|time| time.div_euclid(Timestamp::DAY));
        (server, day)
    }

    fn is_at(&self, row: usize, place: Place<'_>, by_day: bool) -> bool {
        self.place(row, by_day) == place
    }
}

impl Rows {
    fn note(&mut self, time: Option<i64>) {
        if self.count == 0 {
            (self.first, self.last) = (time, time);
        }
        self.is_mixed |= time < self.last;
        // Rows without a time stand before those with one.
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        self.count += 1;
    }
}

impl Share<'_> {
    fn write(&self, case: &Path) -> Result<Written, StoreError> {
        let (server, day) = self.place;
        let bytes = self.to_parquet()?;
        let sha256 = files::sha256(&bytes);
        let path = format!("{}/part-{}.parquet", folder_of(self.table, server, day), &sha256[..16]);
        let file = files::begin(&case.join(&path), &bytes)?;
        let part = Part {
            table: self.table.name.to_owned(),
            path,
            rows: self.rows.count as u64,
            size_bytes: bytes.len() as u64,
            sha256,
            server: server.map(str::to_owned),
            first: self.rows.first.map(Timestamp::from_nanos),
            last: self.rows.last.map(Timestamp::from_nanos),
        };
        Ok((part, file))
    }

    fn to_parquet(&self) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        if self.is_as_read() {
            let mut writer = writer(&mut bytes, self.table, &[])?;
            for (batch, from, until) in &self.rows.runs {
                writer.write(&self.batches[*batch].slice(*from, until - from))?;
            }
            writer.close()?;
        } else {
            self.write_in_order(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// Tells whether the rows can be written as they lie: they are in order, and in pieces that are worth a call each.
    fn is_as_read(&self) -> bool {
        !self.rows.is_mixed && self.rows.count >= self.rows.runs.len() * (ORDERED_ROWS / 8)
    }

    /// Writes the rows in order of time; rows of one time, and rows without one, stay in the order in which they were
    /// read.
    fn write_in_order(&self, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
        let wrong = || StoreError::rows(self.table.name);
        let slices =
            self.rows.runs.iter().map(|&(batch, from, until)| self.batches[batch].slice(from, until - from));
        let rows = concat_batches(&self.table.schema(), &slices.collect::<Vec<_>>()).map_err(wrong())?;
        let mut writer = writer(bytes, self.table, &small_columns(&rows))?;
        if !self.rows.is_mixed {
            writer.write(&rows)?;
            writer.close()?;
            return Ok(());
        }
        let keys = Keys::of(&rows);
        let mut order: Vec<u32> = (0..).take(rows.num_rows()).collect();
        order.sort_by_key(|&row| keys.time(row as usize));
        for order in order.chunks(ORDERED_ROWS) {
            let ordered = take_record_batch(&rows, &UInt32Array::from(order.to_vec())).map_err(wrong())?;
            writer.write(&ordered)?;
        }
        writer.close()?;
        Ok(())
    }
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

/// Columns in which hardly any value comes twice: to look each up in a dictionary would be work for nothing.
const ALL_DIFFERENT: [&str; 3] = ["time", "record", "request_id"];

/// Bytes of a column that are not worth packing: to make ready for it, and for unpacking, takes longer than all else.
const SMALL_COLUMN_BYTES: usize = 4 << 10;

/// Returns the names of the columns that are too small to be packed.
fn small_columns(rows: &RecordBatch) -> Vec<&str> {
    let size = |column: &ArrayRef| column.to_data().get_slice_memory_size().unwrap_or(usize::MAX);
    let names = rows.schema_ref().fields().iter().map(|field| field.name().as_str());
    let columns = names.zip(rows.columns());
    columns.filter(|(_, column)| size(column) < SMALL_COLUMN_BYTES).map(|(name, _)| name).collect()
}

fn writer<'b>(
    bytes: &'b mut Vec<u8>,
    table: &Table,
    small: &[&str],
) -> Result<ArrowWriter<&'b mut Vec<u8>>, StoreError> {
    Ok(ArrowWriter::try_new(bytes, table.schema(), Some(properties(table, small)?))?)
}

/// Returns how the parts of a table are written; `small` columns are not packed.
fn properties(table: &Table, small: &[&str]) -> Result<WriterProperties, StoreError> {
    let by_time = table.columns.iter().position(|column| column.name == "time").map(|place| {
        let column_idx = i32::try_from(place).unwrap_or(0);
        vec![SortingColumn { column_idx, descending: false, nulls_first: false }]
    });
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_sorting_columns(by_time)
        .set_created_by("afterpatch".to_owned());
    for name in small {
        properties = properties.set_column_compression((*name).into(), Compression::UNCOMPRESSED);
    }
    for column in table.columns.iter().filter(|column| ALL_DIFFERENT.contains(&column.name)) {
        properties = properties.set_column_dictionary_enabled(column.name.into(), false);
        if column.kind != ColumnKind::Text {
            properties = properties.set_column_encoding(column.name.into(), Encoding::DELTA_BINARY_PACKED);
        }
    }
    Ok(properties.build())
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
            proptest::option::of(prop_oneof![9 => ".{0,12}", 1 => "[a-z]{3000}"]),
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
            prop_assert_eq!(&read, &rows);
            session.hold_small(case.path(), &parts).unwrap();
            let held = session.rows(&format!("SELECT {columns} FROM web_requests ORDER BY record")).unwrap();
            prop_assert_eq!(held, rows);
        }
    }

    #[test]
    fn only_columns_that_are_worth_it_are_packed() {
        let table = tables::by_name("web_requests").unwrap();
        let row = json!({"server": "MX1", "url_path": "x".repeat(SMALL_COLUMN_BYTES), "url_query": "y"});
        let rows = crate::json::batch_of(table, &[row.as_object().cloned().unwrap()]).unwrap();
        let small = small_columns(&rows);
        assert!(small.contains(&"url_query") && small.contains(&"server") && !small.contains(&"url_path"));
        let packed = |name: &str| properties(table, &small).unwrap().compression(&name.into());
        assert!(matches!(packed("url_path"), Compression::ZSTD(_)));
        assert_eq!(packed("url_query"), Compression::UNCOMPRESSED);
    }

    #[test]
    fn parts_are_read_whole_or_not_at_all() {
        let case = tempfile::tempdir().unwrap();
        let table = tables::by_name("web_requests").unwrap();
        let row = |record: i64| {
            let server = if record % 2 == 0 { "MX1" } else { "MX2" };
            json!({"server": server, "record": record, "url_path": "/owa"}).as_object().cloned().unwrap()
        };
        let rows: Vec<_> = (0..3_000).map(row).collect();
        let mut group = Group::default();
        group.add(Batch { table, rows: crate::json::batch_of(table, &rows).unwrap() });
        let parts = group.write(case.path()).unwrap();
        let parts: Vec<&Part> = parts.iter().collect();
        let read = |most| crate::parts::read_whole(case.path(), table, &parts, most).unwrap();
        let whole = read(32 << 20).unwrap();
        let records = whole.column_by_name("record").unwrap();
        let records: Vec<i64> =
            records.as_primitive::<arrow_array::types::Int64Type>().values().iter().copied().collect();
        let expected: Vec<i64> = (0..3_000).step_by(2).chain((1..3_000).step_by(2)).collect();
        assert_eq!(records, expected);
        assert!(read(100_000).is_none());
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
        assert!(!group.is_full() && !group.is_empty() && Group::default().is_empty());
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
