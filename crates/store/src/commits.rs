//! What was read goes to the ledger in one order, while its rows are still on their way to disk.
//!
//! First the parts are on disk, then one write to the ledger names them with the artifacts that they are of. Neither
//! waits for the other's turn: a group of rows is written by threads of its own while further evidence is read, and
//! what belongs behind it stands in line. The line, and not the threads, says what the ledger holds.

use crate::case::Case;
use crate::error::StoreError;
use crate::facts::Group;
use crate::intake;
use crate::ledger::{Entry, Part};
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Groups that may be on their way to disk while the next one is gathered: memory holds one more than these.
const GROUPS_WAITING: usize = 2;

/// What stands in line for the ledger of a case.
pub(crate) struct Commits<'a> {
    pub(crate) case: &'a mut Case,
    writers: Arc<rayon::ThreadPool>,
    line: VecDeque<Waiting>,
    /// What left the line since the last commit.
    ready: Vec<Entry>,
    open: OpenCommit,
}

/// What was put in line since the last commit was closed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OpenCommit {
    /// Lines, those of parts left out.
    pub(crate) entries: usize,
    /// Whether there are rows among it.
    pub(crate) has_parts: bool,
}

enum Waiting {
    Entry(Entry),
    Parts(JoinHandle<Result<Vec<Part>, StoreError>>),
    /// What stands before it, up to the commit before, becomes one group of lines.
    Commit,
}

impl Waiting {
    fn is_done(&self) -> bool {
        !matches!(self, Self::Parts(writing) if !writing.is_finished())
    }
}

impl<'a> Commits<'a> {
    /// Opens the line, with so many threads that write.
    pub(crate) fn new(case: &'a mut Case, threads: usize) -> Result<Self, StoreError> {
        let writers = Arc::new(intake::writers(threads)?);
        Ok(Self { case, writers, line: VecDeque::new(), ready: Vec::new(), open: OpenCommit::default() })
    }

    /// Returns what the next commit will close.
    pub(crate) fn open(&self) -> OpenCommit {
        self.open
    }

    /// Puts a line of the ledger in line.
    pub(crate) fn add(&mut self, entry: Entry) {
        self.open.entries += 1;
        self.line.push_back(Waiting::Entry(entry));
    }

    /// Begins to write a group of rows, where there are any, and puts the lines of its parts in line.
    ///
    /// Waits for an earlier group where too many are on their way.
    pub(crate) fn write(&mut self, group: Group) -> Result<(), StoreError> {
        if group.is_empty() {
            return Ok(());
        }
        self.settle(GROUPS_WAITING - 1)?;
        let (writers, folder) = (Arc::clone(&self.writers), self.case.folder().to_owned());
        let writing = std::thread::spawn(move || writers.install(|| group.write(&folder)));
        self.line.push_back(Waiting::Parts(writing));
        self.open.has_parts = true;
        Ok(())
    }

    /// Closes what stands in line since the last commit as one group of lines.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        self.open = OpenCommit::default();
        self.line.push_back(Waiting::Commit);
        self.settle(GROUPS_WAITING)
    }

    /// Waits until all is in the ledger.
    pub(crate) fn finish(&mut self) -> Result<(), StoreError> {
        self.settle(0)
    }

    /// Lets go what has nothing left to wait for, until at most `most` groups are on their way to disk.
    fn settle(&mut self, most: usize) -> Result<(), StoreError> {
        let is_group = |step: &&Waiting| matches!(step, Waiting::Parts(_));
        let mut groups = self.line.iter().filter(is_group).count();
        while let Some(step) = self.line.pop_front_if(|step| step.is_done() || groups > most) {
            match step {
                Waiting::Entry(entry) => self.ready.push(entry),
                Waiting::Parts(writing) => {
                    groups -= 1;
                    self.ready.extend(written(writing)?.into_iter().map(Entry::Part));
                }
                Waiting::Commit if self.ready.is_empty() => {}
                Waiting::Commit => self.case.commit(std::mem::take(&mut self.ready))?,
            }
        }
        Ok(())
    }
}

impl Drop for Commits<'_> {
    /// A run that fails ends only when nothing writes to its case any more; what was written is named by no line.
    fn drop(&mut self) {
        for step in self.line.drain(..) {
            if let Waiting::Parts(writing) = step {
                let _ = writing.join();
            }
        }
    }
}

fn written(writing: JoinHandle<Result<Vec<Part>, StoreError>>) -> Result<Vec<Part>, StoreError> {
    writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
