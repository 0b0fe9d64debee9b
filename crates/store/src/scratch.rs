//! Facts that are kept for one question, without a case.
//!
//! While they are few they stay in memory; beyond, they lie as parts in a folder that the caller throws away.

use crate::error::StoreError;
use crate::facts::Group;
use crate::gather::Gather;
use crate::hits::{self, HitWriter};
use crate::ledger::Part;
use crate::session::{Session, SessionOptions};
use afterpatch_model::Batch;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Facts and hits on their way to one question; any thread may add some.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    hits: HitWriter,
    /// What was kept, or the first error, after which nothing is.
    kept: Mutex<Result<Kept, StoreError>>,
}

#[derive(Debug, Default)]
struct Kept {
    gather: Gather,
    group: Group,
    parts: Vec<Part>,
}

impl Scratch {
    /// Keeps in `folder`, which is there and empty, what memory is not to hold.
    pub fn new(folder: &Path) -> Result<Self, StoreError> {
        let hits = HitWriter::create(&hits::file_in(folder))?;
        Ok(Self { folder: folder.to_owned(), hits, kept: Mutex::new(Ok(Kept::default())) })
    }

    /// Returns who takes the hits of rules.
    pub fn hits(&self) -> &HitWriter {
        &self.hits
    }

    /// Keeps some facts. What goes wrong is said by [`Scratch::session`].
    pub fn keep(&self, batch: Batch) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(there) = kept.as_mut() else { return };
        if let Err(error) = there.add(batch, &self.folder) {
            *kept = Err(error);
        }
    }

    /// Opens a session over what was kept. Its hits stand in no order.
    pub fn session(self) -> Result<Session, StoreError> {
        let Kept { mut gather, mut group, mut parts } =
            self.kept.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        self.hits.close()?;
        gather.finish()?.into_iter().for_each(|batch| group.add(batch));
        if !parts.is_empty() {
            parts.extend(std::mem::take(&mut group).write(&self.folder)?);
        }
        let session = Session::over(&self.folder, &parts, &[], SessionOptions::default())?;
        for (table, batches) in group.into_tables() {
            session.register_all(table.name, table.schema(), batches)?;
        }
        Ok(session)
    }
}

impl Kept {
    fn add(&mut self, batch: Batch, folder: &Path) -> Result<(), StoreError> {
        if let Some(batch) = self.gather.add(batch)? {
            self.group.add(batch);
        }
        if self.group.is_full() {
            self.parts.extend(std::mem::take(&mut self.group).write(folder)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::batch_of;
    use afterpatch_model::tables;
    use serde_json::json;

    /// Requests with the numbers of a range, and a logon beside each sixtieth.
    fn keep(scratch: &Scratch, records: std::ops::Range<usize>) {
        let row = |record: &usize| {
            json!({"time": "2021-03-02T10:00:00Z", "record": record}).as_object().cloned().unwrap()
        };
        for (name, every) in [("web_requests", 1), ("logons", 60)] {
            let table = tables::by_name(name).unwrap();
            let rows: Vec<_> = records.clone().step_by(every).map(|record| row(&record)).collect();
            scratch.keep(Batch { table, rows: batch_of(table, &rows).unwrap() });
        }
    }

    fn number(session: &Session, sql: &str) -> i64 {
        session.rows(sql).unwrap()[0]["n"].as_i64().unwrap()
    }

    #[test]
    fn few_facts_and_many_are_asked_alike() {
        for pieces in [1, 40] {
            let folder = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(folder.path()).unwrap();
            (0..pieces).for_each(|piece| keep(&scratch, piece * 60..(piece + 1) * 60));
            let session = scratch.session().unwrap();
            let (requests, logons) = (i64::try_from(pieces).unwrap() * 60, i64::try_from(pieces).unwrap());
            assert_eq!(number(&session, "SELECT COUNT(DISTINCT record) AS n FROM web_requests"), requests);
            assert_eq!(number(&session, "SELECT COUNT(*) AS n FROM logons"), logons);
            assert_eq!(number(&session, "SELECT COUNT(*) AS n FROM hits"), 0);
            let is_on_disk = folder.path().join("facts").exists();
            assert_eq!(is_on_disk, pieces > 1, "a group holds a hundred rows here");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_said_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(folder.path()).unwrap();
        std::fs::write(folder.path().join("facts"), "no folder").unwrap();
        (0..4).for_each(|piece| keep(&scratch, piece * 60..(piece + 1) * 60));
        assert!(scratch.session().is_err());
    }
}
