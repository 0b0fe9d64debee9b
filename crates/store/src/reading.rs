//! Reads artifacts on several threads and hands on what they give in one order, whatever the number of threads.
//!
//! Each worker takes the next run of artifacts in line, one large or many small ones, and opens a bounded channel for
//! it; the channels themselves stand in line in the same order. The caller empties one after the other. So no worker
//! runs far ahead, memory is bounded, and the order of rows is that of the artifacts and nothing else.

use crate::confine::{self, Confinement};
use crate::error::StoreError;
use crate::intake::Zones;
use afterpatch_ingest::input::problem_code;
use afterpatch_ingest::{
    Aid, Beside, Entry, Helpers, Known, Limits, OpenCollection, ReadArtifact, Served, read_artifact,
};
use afterpatch_model::{Artifact, Batch, Problem, ProblemCode, Tally};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::slice;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Parcels of one run that may wait to be taken.
const PARCELS_WAITING: usize = 4;

/// How many artifacts, and of how many bytes, are read in one run, where they are small.
const RUN_TASKS: usize = 256;
const RUN_BYTES: u64 = 1 << 20;

/// How many messages, or rows in them, make a parcel: to be woken for each of a million would take longer than reading.
const PARCEL_MESSAGES: usize = 64;
const PARCEL_ROWS: usize = 1_024;

/// One artifact that is to be read.
pub(crate) struct Task<'a> {
    pub(crate) collection: &'a dyn OpenCollection,
    pub(crate) entry: &'a Entry,
    pub(crate) artifact: Arc<Artifact>,
    /// The folders that the artifact's host serves.
    pub(crate) served: &'a Served,
}

impl<'a> Task<'a> {
    /// Finds the file whose name has the end `other` where the artifact's has `own`, in whatever case.
    fn beside(&self, own: &str, other: &str) -> Option<&'a Entry> {
        let path = self.entry.container_path.as_bytes();
        let (stem, end) = path.split_at_checked(path.len().checked_sub(own.len())?)?;
        if !end.eq_ignore_ascii_case(own.as_bytes()) {
            return None;
        }
        let is_it = |path: &[u8]| {
            let parts = path.split_at_checked(stem.len());
            parts.is_some_and(|(before, behind)| {
                before.eq_ignore_ascii_case(stem) && behind.eq_ignore_ascii_case(other.as_bytes())
            })
        };
        let mut entries = self.collection.entries().iter();
        entries.find(|entry| is_it(entry.container_path.as_bytes()))
    }
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
    /// Threads that may read pieces of artifacts; they are confined as the readers are.
    pub(crate) helpers: &'a Helpers<'a>,
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
        let runs = runs(tasks);
        let threads = self.threads.clamp(1, runs.len().max(1));
        let (line, channels) = sync_channel(threads);
        let line = Line { next: Mutex::new((runs.iter(), line)) };
        std::thread::scope(|scope| {
            let line = &line;
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(move || self.work(line))).collect();
            take(&runs, channels, each)?;
            // A worker that broke down has left a task without its end, and that is told as a problem of the task.
            let confined = workers.into_iter().filter_map(|worker| worker.join().ok());
            Ok(confined.min().filter(|_| !tasks.is_empty()))
        })
    }

    fn work(&self, line: &Line<'_>) -> Confinement {
        let confinement = confine::enter(self.evidence);
        while let Some((run, mut parcels)) = line.take() {
            for task in run {
                // The parsers bound what they do, but the decoders beneath them meet bytes that somebody made to break
                // them. One file must not end the run, and must not vanish either.
                let message = catch_unwind(AssertUnwindSafe(|| self.read(task, &mut parcels)))
                    .map_or(Message::GivenUp, |read| Message::Done(Box::new(read)));
                parcels.add(message);
            }
            parcels.send();
        }
        confinement
    }

    fn read(&self, task: &Task<'_>, parcels: &mut Parcels) -> ReadArtifact {
        let mut sink = |batch| parcels.add(Message::Rows(batch));
        match task.collection.read(task.entry, self.limits) {
            Ok(mut input) => {
                let zone = task.artifact.server.as_ref().and_then(|server| self.zones.get(server));
                let has = |own: &str, other: &str| task.beside(own, other).is_some();
                let open =
                    |own: &str, other: &str| task.collection.read(task.beside(own, other)?, self.limits).ok();
                let aid = Aid { helpers: Some(self.helpers), beside: Some(Beside::new(&has, &open)) };
                let known = Known { organisation: self.organisation, zone, served: Some(task.served), aid };
                read_artifact(&task.artifact, input.as_mut(), known, self.limits, &mut sink)
            }
            Err(error) => unread(&task.artifact, problem_code(&error), error.to_string()),
        }
    }
}

/// Cuts the tasks into runs.
fn runs<'a>(tasks: &'a [Task<'a>]) -> Vec<&'a [Task<'a>]> {
    let mut runs = Vec::new();
    let mut rest = tasks;
    while !rest.is_empty() {
        let mut bytes = 0_u64;
        let is_small = |task: &&Task<'_>| {
            bytes = bytes.saturating_add(task.artifact.size_bytes);
            bytes <= RUN_BYTES
        };
        let small = rest.iter().take(RUN_TASKS).take_while(is_small).count();
        let (run, after) = rest.split_at(small.max(1));
        runs.push(run);
        rest = after;
    }
    runs
}

/// Messages on their way to whoever writes, several at a time.
struct Parcels {
    channel: SyncSender<Vec<Message>>,
    waiting: Vec<Message>,
    rows: usize,
}

impl Parcels {
    fn add(&mut self, message: Message) {
        self.rows += if let Message::Rows(batch) = &message { batch.rows.num_rows() } else { 0 };
        self.waiting.push(message);
        if self.waiting.len() >= PARCEL_MESSAGES || self.rows >= PARCEL_ROWS {
            self.send();
        }
    }

    fn send(&mut self) {
        self.rows = 0;
        // Nobody listens any more when writing has failed: then the caller knows why.
        let _ = self.channel.send(std::mem::take(&mut self.waiting));
    }
}

/// The runs that nobody has taken, and where the channels of those that were taken stand in line.
struct Line<'a> {
    next: Mutex<(slice::Iter<'a, &'a [Task<'a>]>, SyncSender<Parcel>)>,
}

/// Where the messages of one run come from, several at a time.
type Parcel = Receiver<Vec<Message>>;

impl<'a> Line<'a> {
    /// Takes the next run. Waits while too many channels stand in line; ends when nobody listens any more.
    fn take(&self) -> Option<(&'a [Task<'a>], Parcels)> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let run = next.0.next()?;
        let (channel, receiver) = sync_channel(PARCELS_WAITING);
        next.1.send(receiver).ok()?;
        Some((run, Parcels { channel, waiting: Vec::new(), rows: 0 }))
    }
}

fn take(
    runs: &[&[Task<'_>]],
    channels: Receiver<Receiver<Vec<Message>>>,
    each: &mut dyn FnMut(&Task<'_>, Message) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for (run, channel) in runs.iter().zip(channels) {
        let mut messages = channel.into_iter().flatten();
        for task in *run {
            for message in messages.by_ref() {
                let is_last = !matches!(message, Message::Rows(_));
                each(task, message)?;
                if is_last {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Accounts for an artifact over which its parser broke down: the `facts` before stand, the rest is one lost record.
pub(crate) fn given_up(task: &Task<'_>, facts: u64) -> ReadArtifact {
    let detail = "the parser broke down over this file; what came before was read".to_owned();
    let mut read = unread(&task.artifact, ProblemCode::Damaged, detail);
    read.problems.iter_mut().for_each(|problem| problem.lost = true);
    ReadArtifact { tally: Tally { records: facts + 1, facts, lost: 1, ..Tally::default() }, ..read }
}

/// What becomes of an artifact that was hashed but can no longer be read.
fn unread(artifact: &Artifact, code: ProblemCode, detail: String) -> ReadArtifact {
    let problem = Problem {
        code,
        place: artifact.container_path.to_string(),
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
