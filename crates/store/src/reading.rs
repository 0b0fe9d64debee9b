//! Reads artifacts on several threads and hands on what they give in one order, whatever the number of threads.
//!
//! Each worker takes the next artifact in line and opens a bounded channel for it; the channels themselves stand in
//! line in the same order. The caller empties one after the other. So no worker runs far ahead, memory is bounded,
//! and the order of rows is that of the artifacts and nothing else.

use crate::confine::{self, Confinement};
use crate::error::StoreError;
use crate::intake::Zones;
use afterpatch_ingest::input::problem_code;
use afterpatch_ingest::{Entry, Known, Limits, OpenCollection, ReadArtifact, Served, read_artifact};
use afterpatch_model::{Artifact, Batch, Problem, ProblemCode, Tally};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::slice;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Batches of one artifact that may wait to be taken.
const BATCHES_WAITING: usize = 4;

/// One artifact that is to be read.
pub(crate) struct Task<'a> {
    pub(crate) collection: &'a dyn OpenCollection,
    pub(crate) entry: &'a Entry,
    pub(crate) artifact: Artifact,
    /// The folders that the artifact's host serves.
    pub(crate) served: &'a Served,
}

/// What reading an artifact gives: any number of batches, then the end.
pub(crate) enum Message {
    /// Some rows.
    Rows(Batch),
    /// All was read.
    Done(Box<ReadArtifact>),
    /// The parser broke down over it; the rows handed on before stand.
    GivenUp,
}

/// What holds for every artifact that is read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) organisation: Option<&'a str>,
    pub(crate) zones: &'a Zones,
    pub(crate) limits: &'a Limits,
    pub(crate) threads: usize,
    /// What was handed in: the threads that read can open nothing else.
    pub(crate) evidence: &'a [PathBuf],
}

impl Reading<'_> {
    /// Reads `tasks` and calls `each` with every message, in the order of the tasks.
    ///
    /// Returns what the threads were confined to: the least of them, where they differ; none where there is no task.
    pub(crate) fn run(
        &self,
        tasks: &[Task<'_>],
        each: &mut dyn FnMut(&Task<'_>, Message) -> Result<(), StoreError>,
    ) -> Result<Option<Confinement>, StoreError> {
        let threads = self.threads.clamp(1, tasks.len().max(1));
        let (line, channels) = sync_channel(threads);
        let line = Line { next: Mutex::new((tasks.iter(), line)) };
        std::thread::scope(|scope| {
            let line = &line;
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(move || self.work(line))).collect();
            take(tasks, channels, each)?;
            // A worker that broke down has left a task without its end, and that is told as a problem of the task.
            let confined = workers.into_iter().filter_map(|worker| worker.join().ok());
            Ok(confined.min().filter(|_| !tasks.is_empty()))
        })
    }

    fn work(&self, line: &Line<'_>) -> Confinement {
        let confinement = confine::enter(self.evidence);
        while let Some((task, channel)) = line.take() {
            // The parsers bound what they do, but the decoders beneath them meet bytes that somebody made to break
            // them. One file must not end the run, and must not vanish either.
            let message = catch_unwind(AssertUnwindSafe(|| self.read(task, &channel)))
                .map_or(Message::GivenUp, |read| Message::Done(Box::new(read)));
            // Nobody listens any more when writing has failed: then the caller knows why.
            let _ = channel.send(message);
        }
        confinement
    }

    fn read(&self, task: &Task<'_>, channel: &SyncSender<Message>) -> ReadArtifact {
        let mut sink = |batch| {
            let _ = channel.send(Message::Rows(batch));
        };
        match task.collection.read(task.entry, self.limits) {
            Ok(mut input) => {
                let zone = task.artifact.server.as_ref().and_then(|server| self.zones.get(server));
                let known = Known { organisation: self.organisation, zone, served: Some(task.served) };
                read_artifact(&task.artifact, input.as_mut(), known, self.limits, &mut sink)
            }
            Err(error) => unread(&task.artifact, problem_code(&error), error.to_string()),
        }
    }
}

/// The tasks that nobody has taken, and where the channels of those that were taken stand in line.
struct Line<'a> {
    next: Mutex<(slice::Iter<'a, Task<'a>>, SyncSender<Receiver<Message>>)>,
}

impl<'a> Line<'a> {
    /// Takes the next task. Waits while too many channels stand in line; ends when nobody listens any more.
    fn take(&self) -> Option<(&'a Task<'a>, SyncSender<Message>)> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let task = next.0.next()?;
        let (sender, receiver) = sync_channel(BATCHES_WAITING);
        next.1.send(receiver).ok()?;
        Some((task, sender))
    }
}

fn take(
    tasks: &[Task<'_>],
    channels: Receiver<Receiver<Message>>,
    each: &mut dyn FnMut(&Task<'_>, Message) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for (task, channel) in tasks.iter().zip(channels) {
        for message in channel {
            each(task, message)?;
        }
    }
    Ok(())
}

/// What becomes of an artifact that was hashed but can no longer be read.
fn unread(artifact: &Artifact, code: ProblemCode, detail: String) -> ReadArtifact {
    let problem = Problem {
        code,
        place: artifact.container_path.clone(),
        artifact: Some(artifact.id.clone()),
        record: None,
        lost: false,
        detail,
    };
    ReadArtifact {
        parser: None,
        tally: Tally::default(),
        problems: vec![problem],
        scope: String::new(),
        grain: None,
        zone: None,
    }
}
