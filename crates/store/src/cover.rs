//! What one artifact covers, gathered while it is read and kept in the ledger.

use afterpatch_ingest::Grain;
use afterpatch_ingest::SERVED_FILES;
use afterpatch_model::{Batch, Span, Timestamp};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one artifact covers on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cover {
    /// The server; none where neither the record nor the collection names one.
    pub server: Option<String>,
    /// Facts of that server.
    pub records: u64,
    /// The earliest time among them.
    pub first: Option<Timestamp>,
    /// The latest time among them.
    pub last: Option<Timestamp>,
}

/// How a kind of file is cut by the clock, as the ledger spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum GrainName {
    /// From its first record to its last.
    Records,
    /// A file an hour.
    Hour,
    /// A file a day.
    Day,
}

impl GrainName {
    /// Returns the name of a grain; what shows a state covers no time and has none.
    pub(crate) fn of(grain: Grain) -> Option<Self> {
        match grain {
            Grain::Records => Some(Self::Records),
            Grain::Hour => Some(Self::Hour),
            Grain::Day => Some(Self::Day),
            Grain::State => None,
        }
    }
}

impl GrainName {
    /// Returns the whole pieces of the clock in which `first` and `last` lie.
    pub(crate) fn widen(self, first: Timestamp, last: Timestamp) -> Span {
        let piece = match self {
            Self::Records => {
                return Span { from: first, until: last.plus(1) };
            }
            Self::Hour => Timestamp::HOUR,
            Self::Day => Timestamp::DAY,
        };
        Span { from: first.floor(piece), until: last.floor(piece).plus(piece) }
    }

    /// Returns how long a hole between two files may be without being one.
    ///
    /// Files that are cut by the clock have no holes unless one is missing. An event log goes on where the log
    /// before it ended, but nothing may have happened for a while.
    pub(crate) fn tolerance(self) -> i64 {
        match self {
            Self::Records => Timestamp::HOUR,
            Self::Hour | Self::Day => 0,
        }
    }
}

/// Gathers, batch by batch, what one artifact covers.
///
/// A record can become rows of several tables; the table that got most rows is that of the facts themselves.
#[derive(Debug, Default)]
pub(crate) struct CoverBuilder {
    tables: BTreeMap<&'static str, BTreeMap<String, Cover>>,
}

impl CoverBuilder {
    /// Adds the rows of one batch; rows about served files have no span and are left out.
    pub(crate) fn add(&mut self, batch: &Batch) {
        let column = |name: &str| batch.rows.column_by_name(name);
        let (Some(times), Some(servers), Some(sources)) =
            (column("time"), column("server"), column("source"))
        else {
            return;
        };
        let times = times.as_primitive::<TimestampNanosecondType>();
        let (servers, sources) = (servers.as_string::<i32>(), sources.as_string::<i32>());
        let covers = self.tables.entry(batch.table.name).or_default();
        for row in (0..batch.rows.num_rows()).filter(|&row| sources.value(row) != SERVED_FILES) {
            let server = if servers.is_valid(row) { servers.value(row) } else { "" };
            let time = times.is_valid(row).then(|| Timestamp::from_nanos(times.value(row)));
            // A lookup by reference first: the name is copied only when a server is met for the first time.
            match covers.get_mut(server) {
                Some(cover) => cover.add(time),
                None => covers.entry(server.to_owned()).or_insert_with(|| Cover::of(server)).add(time),
            }
        }
    }

    /// Returns how many facts were met.
    pub(crate) fn records(&self) -> u64 {
        self.tables.values().map(rows_of).max().unwrap_or_default()
    }

    /// Returns what is covered, in order of server.
    pub(crate) fn finish(self) -> Vec<Cover> {
        let most = self.tables.into_values().max_by_key(rows_of).unwrap_or_default();
        most.into_values().collect()
    }
}

fn rows_of(covers: &BTreeMap<String, Cover>) -> u64 {
    covers.values().map(|cover| cover.records).sum()
}

impl Cover {
    fn of(server: &str) -> Self {
        let server = (!server.is_empty()).then(|| server.to_owned());
        Self { server, records: 0, first: None, last: None }
    }

    fn add(&mut self, time: Option<Timestamp>) {
        self.records += 1;
        let Some(time) = time else { return };
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
    }
}
