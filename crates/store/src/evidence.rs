//! Evidence that was handed in: opened and hashed, then read in one order, for a case or without one.

use crate::confine::Confinement;
use crate::cover::CoverBuilder;
use crate::error::StoreError;
use crate::intake::{self, IngestOptions, Intake};
use crate::ledger::CollectionEntry;
use crate::progress::Progress;
use crate::reading::{Message, Reading, Task, given_up};
use crate::served::ServedByHost;
use crate::summary::IngestSummary;
use afterpatch_ingest::{Helpers, OpenCollection};
use afterpatch_model::{ArtifactId, Batch, Problem};
use rayon::ThreadPool;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Evidence that was opened, its hosts named and every file hashed; nothing of it is read yet.
pub struct OpenEvidence<'o> {
    paths: &'o [PathBuf],
    options: &'o IngestOptions,
    readers: ThreadPool,
    /// In order of the collections' ids.
    intakes: Vec<Intake>,
    unopened: Vec<Problem>,
}

impl std::fmt::Debug for OpenEvidence<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenEvidence").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl<'o> OpenEvidence<'o> {
    /// Opens and hashes what lies at `paths`. A collection that cannot be opened is a problem of the summary.
    pub fn open(
        paths: &'o [PathBuf],
        options: &'o IngestOptions,
        progress: &dyn Progress,
    ) -> Result<Self, StoreError> {
        let readers = intake::readers(options.threads, paths)?;
        let (opened, unopened) = readers.install(|| intake::open(paths, options));
        let intakes = readers.install(|| take_in_all(opened, options, progress))?;
        Ok(Self { paths, options, readers, intakes, unopened })
    }

    /// Reads everything without a case: each batch of facts goes to `each`, in one order, and none is kept.
    pub fn facts(
        &self,
        progress: &dyn Progress,
        each: &mut dyn FnMut(Batch),
    ) -> Result<IngestSummary, StoreError> {
        let mut summary = IngestSummary::begin(&self.unopened);
        self.intakes.iter().for_each(|intake| summary.note_collection(intake));
        let served = ServedByHost::of(self.collections());
        let (tasks, twice) = self.tasks(&served, &|_| false);
        summary.known_artifacts = twice;
        summary.nothing_of_exchange = true;
        let mut covers = CoverBuilder::default();
        let confinement = self.read(&tasks, None, progress, &mut |task, message| {
            let read = match message {
                Message::Rows(batch) => {
                    covers.add(&batch);
                    each(batch);
                    return Ok(());
                }
                Message::Done(read) => *read,
                Message::GivenUp => given_up(task, covers.records()),
            };
            covers = CoverBuilder::default();
            summary.nothing_of_exchange &= read.parser.is_none();
            summary.note_artifact(task, &read);
            Ok(())
        })?;
        summary.confinement = confinement;
        Ok(summary)
    }

    /// Returns what could not be opened as a collection at all.
    pub(crate) fn unopened(&self) -> &[Problem] {
        &self.unopened
    }

    pub(crate) fn intakes(&self) -> &[Intake] {
        &self.intakes
    }

    pub(crate) fn collections(&self) -> impl Iterator<Item = &CollectionEntry> + Clone {
        self.intakes.iter().map(|intake| &intake.entry)
    }

    /// Returns what is to be read, in order: collections by id, then files by their path in the collection; and how many
    /// are left out because they are known, or come twice.
    pub(crate) fn tasks<'e>(
        &'e self,
        served: &'e ServedByHost,
        is_known: &dyn Fn(&ArtifactId) -> bool,
    ) -> (Vec<Task<'e>>, u64) {
        let (mut tasks, mut known) = (Vec::new(), 0);
        let mut taken: HashSet<&ArtifactId> = HashSet::new();
        for intake in &self.intakes {
            for (place, artifact) in &intake.artifacts {
                let Some(entry) = intake.open.entries().get(*place) else {
                    continue;
                };
                if is_known(&artifact.id) || !taken.insert(&artifact.id) {
                    known += 1;
                } else {
                    tasks.push(Task {
                        collection: intake.open.as_ref(),
                        entry,
                        artifact: Arc::clone(artifact),
                        served: served.by_host_of(artifact),
                    });
                }
            }
        }
        (tasks, known)
    }

    /// Reads `tasks` and hands what they give to `each`, in their order.
    pub(crate) fn read(
        &self,
        tasks: &[Task<'_>],
        organisation: Option<&str>,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Task<'_>, Message) -> Result<(), StoreError>,
    ) -> Result<Option<Confinement>, StoreError> {
        let helpers = Helpers::new(&self.readers);
        let reading = Reading {
            helpers: &helpers,
            organisation,
            zones: &self.options.zones,
            limits: &self.options.limits,
            threads: self.options.threads,
            evidence: self.paths,
        };
        progress.begin("read", tasks.iter().map(|task| task.artifact.size_bytes).sum());
        let confinement = reading.run(tasks, &mut |task, message| {
            let is_last = !matches!(message, Message::Rows(_));
            each(task, message)?;
            if is_last {
                progress.advance(task.artifact.size_bytes);
            }
            Ok(())
        })?;
        progress.end();
        Ok(confinement)
    }
}

/// Takes in every collection; they stand in order of their ids, whatever the order in which they were given.
fn take_in_all(
    opened: Vec<Box<dyn OpenCollection>>,
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<Vec<Intake>, StoreError> {
    let entries = opened.iter().flat_map(|open| open.entries());
    progress.begin("hash", entries.map(|entry| entry.size_bytes).sum());
    let intakes = opened.into_iter().map(|open| intake::take_in(open, options, progress));
    let mut intakes = intakes.collect::<Result<Vec<_>, _>>()?;
    progress.end();
    intakes.sort_by(|a, b| key(a).cmp(&key(b)));
    intakes.dedup_by(|a, b| a.entry.collection.id == b.entry.collection.id);
    Ok(intakes)
}

fn key(intake: &Intake) -> (&str, &str) {
    (intake.entry.collection.id.as_str(), &intake.entry.collection.location)
}
