//! Rows on their way from a parser to a table.

mod columns;
mod writer;

use self::columns::Builder;
use self::writer::Names;
pub use self::writer::RowWriter;
use crate::evidence::Artifact;
use crate::problem::{Problem, ProblemCode};
use crate::table::Table;
use crate::time::Timestamp;
use arrow_array::RecordBatch;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One row of a typed table; the [`tables`](crate::tables) are its implementations.
pub trait Row {
    /// Returns the table that the row belongs to.
    fn table() -> &'static Table;
    /// Returns the row's time.
    fn time(&self) -> Option<Timestamp>;
    /// Writes every column once, in the table's order.
    fn write(&self, writer: &mut RowWriter<'_>);
}

/// A batch of rows of one table.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The table.
    pub table: &'static Table,
    /// The rows, in the order in which the parser gave them.
    pub rows: RecordBatch,
}

/// What holds for every row of one artifact.
#[derive(Debug, Clone)]
pub struct RowsContext<'a> {
    /// The artifact that is read.
    pub artifact: &'a Artifact,
    /// The parser's name, for the column `source`.
    pub source: &'static str,
    /// The organisation of the case.
    pub organisation: Option<&'a str>,
    /// The zone of the server's clock, where it was given.
    pub zone: Option<&'a TimeZone>,
}

/// What became of the records of one artifact. `facts + lost = records`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records that the parser met.
    pub records: u64,
    /// Records that became a fact.
    pub facts: u64,
    /// Records that became a problem.
    pub lost: u64,
    /// Rows that say again, in another table, what a fact says.
    pub derived: u64,
    /// The earliest time among the facts.
    pub first: Option<Timestamp>,
    /// The latest time among the facts.
    pub last: Option<Timestamp>,
}

impl Tally {
    /// Adds what became of further records.
    fn add(&mut self, more: &Self) {
        self.records += more.records;
        self.facts += more.facts;
        self.lost += more.lost;
        self.derived += more.derived;
        self.first = [self.first, more.first].into_iter().flatten().min();
        self.last = self.last.max(more.last);
    }
}

/// What one piece of an artifact came to, read apart from the others by [`Rows::apart`].
#[derive(Debug)]
pub struct Piece {
    batches: Vec<Batch>,
    tally: Tally,
    problems: Vec<Problem>,
    problems_beyond: BTreeMap<(ProblemCode, bool), u64>,
}

/// Where a parser puts rows and problems.
///
/// Rows are gathered into batches of [`Rows::BATCH`] and handed on, so that memory does not grow with the artifact.
pub struct Rows<'a> {
    context: RowsContext<'a>,
    /// One a table, in the order in which their first rows came.
    builders: Vec<Builder>,
    names: Names,
    sink: &'a mut dyn FnMut(Batch),
    tally: Tally,
    problems: Vec<Problem>,
    problems_beyond: BTreeMap<(ProblemCode, bool), u64>,
    has_local_times: bool,
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("context", &self.context)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

impl<'a> Rows<'a> {
    /// Rows in one batch.
    pub const BATCH: usize = 8_192;
    /// Bytes of text from which on a batch is handed on before it is full.
    pub const BATCH_BYTES: usize = 32 << 20;
    /// Problems of one artifact that are kept one by one; the rest are counted by code.
    pub const PROBLEMS_KEPT: usize = 1_000;

    /// Opens an empty set of rows that hands each full batch to `sink`.
    pub fn new(context: RowsContext<'a>, sink: &'a mut dyn FnMut(Batch)) -> Self {
        Self {
            context,
            builders: Vec::new(),
            names: Names::default(),
            sink,
            tally: Tally::default(),
            problems: Vec::new(),
            problems_beyond: BTreeMap::new(),
            has_local_times: false,
        }
    }

    /// Returns what holds for every row.
    pub fn context(&self) -> &RowsContext<'a> {
        &self.context
    }

    /// Reads a time that says no zone: by the zone that was given for the server, else as UTC, which is remarked once.
    ///
    /// A time that the clock showed twice is the first of the two. `None` for times beyond what a [`Timestamp`] holds.
    pub fn local_time(&mut self, time: DateTime) -> Option<Timestamp> {
        let is_first = !std::mem::replace(&mut self.has_local_times, true);
        if is_first && self.context.zone.is_none() {
            self.remark(ProblemCode::AssumedZone, None, "");
        }
        let zone = self.context.zone.cloned().unwrap_or(TimeZone::UTC);
        let moment = zone.to_ambiguous_timestamp(time).compatible().ok()?;
        i64::try_from(moment.as_nanosecond()).ok().map(Timestamp::from_nanos)
    }

    /// Returns the zone by which times were read that say none themselves; `None` where there were no such times.
    pub fn zone_used(&self) -> Option<String> {
        let given = self.context.zone.map(|zone| zone.iana_name().unwrap_or("given").to_owned());
        self.has_local_times.then(|| given.unwrap_or_else(|| "assumed UTC".to_owned()))
    }

    /// Adds the fact that one record of the source became.
    pub fn fact<R: Row>(&mut self, row: &R) {
        self.tally.records += 1;
        self.tally.facts += 1;
        if let Some(time) = row.time() {
            self.tally.first = Some(self.tally.first.map_or(time, |first| first.min(time)));
            self.tally.last = Some(self.tally.last.map_or(time, |last| last.max(time)));
        }
        self.push(row);
    }

    /// Adds a row that says in another table what a fact, or the artifact's header, says already.
    pub fn derived<R: Row>(&mut self, row: &R) {
        self.tally.derived += 1;
        self.push(row);
    }

    /// Counts a record that could not become a fact.
    pub fn lost(&mut self, code: ProblemCode, record: u64, detail: impl Into<String>) {
        self.tally.records += 1;
        self.tally.lost += 1;
        self.problem(code, Some(record), true, &detail.into());
    }

    /// Notes what is wrong with the artifact, or with a record that became a fact all the same.
    pub fn remark(&mut self, code: ProblemCode, record: Option<u64>, detail: impl Into<String>) {
        self.problem(code, record, false, &detail.into());
    }

    /// Reads a piece of an artifact apart from the others, perhaps on another thread; [`Rows::join`] puts it in its place.
    ///
    /// For formats whose times say their zone: that of [`Rows::local_time`] is a matter of the whole artifact.
    pub fn apart(context: &RowsContext<'_>, read: impl FnOnce(&mut Rows<'_>)) -> Piece {
        let mut batches = Vec::new();
        let mut sink = |batch| batches.push(batch);
        let mut rows = Rows::new(context.clone(), &mut sink);
        read(&mut rows);
        rows.hand_on();
        let Rows { tally, problems, problems_beyond, .. } = rows;
        Piece { batches, tally, problems, problems_beyond }
    }

    /// Joins a piece that was read apart to what came before it, as if it had been read here.
    pub fn join(&mut self, piece: Piece) {
        self.hand_on();
        piece.batches.into_iter().for_each(&mut *self.sink);
        self.tally.add(&piece.tally);
        for problem in piece.problems {
            self.keep(problem);
        }
        for (kind, count) in piece.problems_beyond {
            *self.problems_beyond.entry(kind).or_default() += count;
        }
    }

    /// Hands on what is gathered and returns the tally with all problems.
    pub fn finish(mut self) -> (Tally, Vec<Problem>) {
        self.hand_on();
        let place = self.context.artifact.container_path.to_string();
        for (&(code, lost), &count) in &self.problems_beyond {
            self.problems.push(Problem {
                code,
                place: place.clone(),
                artifact: Some(self.context.artifact.id.clone()),
                record: None,
                lost,
                detail: format!("and {count} more of the same in this file"),
            });
        }
        (self.tally, self.problems)
    }

    fn push<R: Row>(&mut self, row: &R) {
        let table = R::table();
        let place = self.builders.iter().position(|builder| std::ptr::eq(builder.table, table));
        let place = place.unwrap_or_else(|| {
            self.builders.push(Builder::new(table));
            self.builders.len() - 1
        });
        let builder = &mut self.builders[place];
        row.write(&mut RowWriter::new(builder, &self.context, &mut self.names));
        builder.rows += 1;
        if builder.rows >= Self::BATCH || builder.bytes >= Self::BATCH_BYTES {
            builder.hand_on(self.sink);
        }
    }

    fn hand_on(&mut self) {
        for builder in &mut self.builders {
            builder.hand_on(self.sink);
        }
    }

    fn problem(&mut self, code: ProblemCode, record: Option<u64>, lost: bool, detail: &str) {
        let detail = detail.chars().filter(|c| !c.is_control()).take(300).collect();
        let artifact = self.context.artifact;
        let place = artifact.container_path.to_string();
        self.keep(Problem { code, place, artifact: Some(artifact.id.clone()), record, lost, detail });
    }

    /// Keeps a problem as long as there are few, and counts it beyond.
    fn keep(&mut self, problem: Problem) {
        if self.problems.len() < Self::PROBLEMS_KEPT {
            self.problems.push(problem);
        } else {
            *self.problems_beyond.entry((problem.code, problem.lost)).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::CollectionId;
    use crate::path::HostName;
    use crate::tables::{ALL, BuildSighting, WebRequest};
    use arrow_array::cast::AsArray;

    fn artifact() -> Artifact {
        Artifact {
            id: Artifact::derive_id(None, "a.log", "00"),
            collection: CollectionId::new("c"),
            path: "a.log".into(),
            container_path: "x/a.log".into(),
            size_bytes: 1,
            modified: None,
            created: None,
            sha256: "00".into(),
            server: HostName::parse("mx1.example.org"),
        }
    }

    #[test]
    fn facts_and_lost_records_are_all_records() {
        let artifact = artifact();
        let mut batches = Vec::new();
        let mut sink = |batch| batches.push(batch);
        let context = RowsContext { artifact: &artifact, source: "iis-w3c", organisation: None, zone: None };
        let mut rows = Rows::new(context, &mut sink);
        for record in 0..=Rows::BATCH as u64 {
            rows.fact(&WebRequest { record, status: Some(200), ..WebRequest::default() });
        }
        rows.derived(&BuildSighting {
            server: Some("mx2"),
            build: Some("15.1.1.1"),
            ..BuildSighting::default()
        });
        rows.lost(ProblemCode::FieldCount, 9, "bad\u{7}");
        let (tally, problems) = rows.finish();
        assert_eq!((tally.records, tally.facts, tally.lost, tally.derived), (8_194, 8_193, 1, 1));
        assert_eq!(problems[0].detail, "bad");
        let rows: usize =
            batches.iter().filter(|b| b.table.name == "web_requests").map(|b| b.rows.num_rows()).sum();
        assert_eq!(rows, 8_193);
        let server = |name: &str| {
            let batch = batches.iter().find(|b| b.table.name == name).unwrap();
            batch.rows.column_by_name("server").unwrap().as_string::<i32>().value(0).to_owned()
        };
        assert_eq!((server("web_requests").as_str(), server("builds").as_str()), ("MX1", "MX2"));
    }

    #[test]
    fn long_values_are_handed_on_before_they_are_too_much_for_a_column() {
        let artifact = artifact();
        let mut sizes = Vec::new();
        let mut sink = |batch: Batch| sizes.push(batch.rows.num_rows());
        let context = RowsContext { artifact: &artifact, source: "x", organisation: None, zone: None };
        let mut rows = Rows::new(context, &mut sink);
        let long = "x".repeat(Rows::BATCH_BYTES / 2);
        for record in 0..3 {
            rows.fact(&WebRequest { record, url_path: Some(&long), ..WebRequest::default() });
        }
        rows.finish();
        assert_eq!(sizes, [2, 1]);
    }

    #[test]
    fn problems_beyond_the_limit_are_counted() {
        let artifact = artifact();
        let context = RowsContext { artifact: &artifact, source: "iis-w3c", organisation: None, zone: None };
        let mut sink = |_| {};
        let mut rows = Rows::new(context, &mut sink);
        for record in 0..Rows::PROBLEMS_KEPT as u64 + 5 {
            rows.lost(ProblemCode::BadJson, record, "");
        }
        let (tally, problems) = rows.finish();
        assert_eq!(tally.lost, 1_005);
        assert_eq!(problems.len(), Rows::PROBLEMS_KEPT + 1);
        assert!(problems.last().unwrap().detail.contains("and 5 more"));
    }

    #[test]
    fn pieces_joined_are_the_whole() {
        let artifact = artifact();
        let context = RowsContext { artifact: &artifact, source: "evtx", organisation: None, zone: None };
        let read = |records: std::ops::Range<u64>, rows: &mut Rows<'_>| {
            for record in records {
                let time = Some(Timestamp::from_nanos(i64::try_from(7 * record % 1_000).unwrap()));
                rows.fact(&WebRequest { time, record, ..WebRequest::default() });
                rows.lost(ProblemCode::BadJson, record, "no event");
                rows.derived(&BuildSighting { record, ..BuildSighting::default() });
            }
        };
        let records = |pieces: &[u64]| {
            let mut batches: Vec<Batch> = Vec::new();
            let mut sink = |batch| batches.push(batch);
            let mut rows = Rows::new(context.clone(), &mut sink);
            let mut from = 0;
            for (place, &until) in pieces.iter().enumerate() {
                if place % 2 == 0 {
                    read(from..until, &mut rows);
                } else {
                    rows.join(Rows::apart(&context, |rows| read(from..until, rows)));
                }
                from = until;
            }
            let outcome = rows.finish();
            let of_facts = batches.iter().filter(|batch| batch.table.name == "web_requests");
            let records = of_facts.flat_map(|batch| {
                let column = batch.rows.column_by_name("record").unwrap();
                column.as_primitive::<arrow_array::types::Int64Type>().values().to_vec()
            });
            (outcome, records.collect::<Vec<_>>())
        };
        let whole = records(&[3_000]);
        assert_eq!((whole.0.0.records, whole.0.1.len(), whole.1.len()), (6_000, 1_001, 3_000));
        for pieces in [&[0, 3_000][..], &[10, 20, 20, 2_500, 3_000], &[0, 1_500, 1_500, 3_000]] {
            assert_eq!(records(pieces), whole, "{pieces:?}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_read_by_the_given_one_or_remarked() {
        let artifact = artifact();
        let noon = jiff::civil::date(2021, 3, 3).at(12, 0, 0, 0);
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        for (zone, expected, remarks) in [
            (Some(&tokyo), ("2021-03-03T03:00:00Z", "Asia/Tokyo"), 0),
            (None, ("2021-03-03T12:00:00Z", "assumed UTC"), 1),
        ] {
            let mut sink = |_| {};
            let context = RowsContext { artifact: &artifact, source: "x", organisation: None, zone };
            let mut rows = Rows::new(context, &mut sink);
            assert_eq!(rows.zone_used(), None);
            let times = [rows.local_time(noon), rows.local_time(noon)];
            assert_eq!(times, [expected.0.parse().ok(); 2]);
            assert_eq!(rows.zone_used().as_deref(), Some(expected.1));
            assert_eq!(rows.finish().1.len(), remarks);
        }
    }

    #[test]
    fn every_table_has_a_schema() {
        for table in ALL {
            assert_eq!(table.schema().fields().len(), table.columns.len());
        }
    }
}
