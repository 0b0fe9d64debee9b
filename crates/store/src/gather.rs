//! Small batches of rows, joined to larger ones on their way to a group.
//!
//! A batch costs some kilobytes beside its rows: a million files of one row each must not be a million batches.

use crate::error::StoreError;
use afterpatch_model::{Batch, Table};
use arrow_array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use std::collections::BTreeMap;

/// Rows that make a batch large enough, and batches that are joined whatever their rows.
const ENOUGH_ROWS: usize = if cfg!(test) { 50 } else { 4_096 };
const ENOUGH_BATCHES: usize = if cfg!(test) { 20 } else { 256 };

/// Batches that wait to be joined, by the name of their table.
#[derive(Debug, Default)]
pub(crate) struct Gather(BTreeMap<&'static str, Waiting>);

#[derive(Debug)]
struct Waiting {
    table: &'static Table,
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl Gather {
    /// Adds a batch, and returns all that waited in its table with it, where they are enough.
    pub(crate) fn add(&mut self, batch: Batch) -> Result<Option<Batch>, StoreError> {
        let new = || Waiting { table: batch.table, batches: Vec::new(), rows: 0 };
        let waiting = self.0.entry(batch.table.name).or_insert_with(new);
        waiting.rows += batch.rows.num_rows();
        waiting.batches.push(batch.rows);
        let is_enough = waiting.rows >= ENOUGH_ROWS || waiting.batches.len() >= ENOUGH_BATCHES;
        is_enough.then(|| waiting.join()).transpose()
    }

    /// Returns everything that waits, in order of table.
    pub(crate) fn finish(&mut self) -> Result<Vec<Batch>, StoreError> {
        let waiting = std::mem::take(&mut self.0).into_values().filter(|waiting| !waiting.batches.is_empty());
        waiting.map(|mut waiting| waiting.join()).collect()
    }
}

impl Waiting {
    fn join(&mut self) -> Result<Batch, StoreError> {
        self.rows = 0;
        let mut batches = std::mem::take(&mut self.batches);
        let rows = match batches.len() {
            1 => batches.swap_remove(0),
            _ => concat_batches(&self.table.schema(), &batches).map_err(StoreError::rows(self.table.name))?,
        };
        Ok(Batch { table: self.table, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::batch_of;
    use afterpatch_model::tables;
    use serde_json::json;

    fn batch(table: &str, records: std::ops::Range<usize>) -> Batch {
        let table = tables::by_name(table).unwrap();
        let row = |record| json!({"record": record}).as_object().cloned().unwrap();
        Batch { table, rows: batch_of(table, &records.map(row).collect::<Vec<_>>()).unwrap() }
    }

    #[test]
    fn batches_are_joined_in_their_order_and_none_is_left() {
        let mut gather = Gather::default();
        assert!(gather.add(batch("logons", 0..3)).unwrap().is_none());
        assert!(gather.add(batch("web_requests", 0..2)).unwrap().is_none());
        let joined = gather.add(batch("web_requests", 2..ENOUGH_ROWS)).unwrap().unwrap();
        assert_eq!(joined.rows, batch("web_requests", 0..ENOUGH_ROWS).rows);
        for record in 3..=ENOUGH_BATCHES {
            assert!(gather.add(batch("logons", record..record + 1)).unwrap().is_none());
        }
        let rest = gather.finish().unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].rows, batch("logons", 0..ENOUGH_BATCHES + 1).rows);
        assert!(gather.finish().unwrap().is_empty());
    }
}
