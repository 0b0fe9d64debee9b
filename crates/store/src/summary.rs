//! What reading evidence came to.

use crate::confine::Confinement;
use crate::intake::Intake;
use crate::reading::Task;
use afterpatch_ingest::ReadArtifact;
use afterpatch_model::{Counts, Problem};

/// What reading evidence came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngestSummary {
    /// How much was read by this run.
    pub counts: Counts,
    /// Files that were not in the case before.
    pub new_artifacts: u64,
    /// Files that the case knew already, and that were not read again; without a case, files that came twice.
    pub known_artifacts: u64,
    /// What could not be opened as a collection at all.
    pub unopened: Vec<Problem>,
    /// What the threads that read were confined to; none where nothing was read.
    pub confinement: Option<Confinement>,
    /// Whether nothing of an Exchange server is in all that was given.
    pub nothing_of_exchange: bool,
    /// The problems of this run, at most [`IngestSummary::PROBLEMS`]; `counts` has their number.
    pub problems: Vec<Problem>,
}

impl IngestSummary {
    /// Problems that a summary keeps one by one; the case keeps them all.
    pub const PROBLEMS: usize = 10_000;

    /// Begins with what could not be opened.
    pub(crate) fn begin(unopened: &[Problem]) -> Self {
        let mut summary = Self { unopened: unopened.to_vec(), ..Self::default() };
        summary.counts.problems += unopened.len() as u64;
        summary
    }

    /// Takes note of a collection that is new.
    pub(crate) fn note_collection(&mut self, intake: &Intake) {
        self.counts.collections += 1;
        self.note_problems(&intake.problems);
    }

    /// Takes note of an artifact that was read to its end.
    pub(crate) fn note_artifact(&mut self, task: &Task<'_>, read: &ReadArtifact) {
        self.new_artifacts += 1;
        self.counts.artifacts += 1;
        self.counts.bytes += task.artifact.size_bytes;
        self.counts.add(&read.tally);
        self.note_problems(&read.problems);
    }

    fn note_problems(&mut self, problems: &[Problem]) {
        self.counts.problems += problems.len() as u64;
        let room = Self::PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(problems.iter().take(room).cloned());
    }
}
