//! Adding evidence to a case: what is new is read, in one order, and committed group by group.

use crate::case::Case;
use crate::commits::Commits;
use crate::confine::Confinement;
use crate::cover::{Cover, CoverBuilder, GrainName};
use crate::error::StoreError;
use crate::facts::Group;
use crate::gather::Gather;
use crate::intake::{self, IngestOptions, Intake};
use crate::ledger::{ArtifactEntry, Entry};
use crate::problems;
use crate::progress::Progress;
use crate::reading::{Message, Reading, Task};
use crate::served::ServedByHost;
use crate::settings;
use afterpatch_ingest::{Helpers, OpenCollection, ReadArtifact};
use afterpatch_model::{ArtifactId, Counts, Problem, ProblemCode, Tally};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What adding evidence came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngestSummary {
    /// How much was read by this run.
    pub counts: Counts,
    /// Files that were not in the case before.
    pub new_artifacts: u64,
    /// Files that the case knew already, and that were not read again.
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
}

/// Lines of the ledger that are gathered before they are committed, even where there are few rows.
const GROUP_ENTRIES: usize = 20_000;

impl Case {
    /// Reads evidence into the case.
    ///
    /// A collection that cannot be opened becomes a problem; the others are read. An artifact that the case knows
    /// is not read again, so a run that was killed is simply begun anew.
    pub fn add(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        progress: &dyn Progress,
    ) -> Result<IngestSummary, StoreError> {
        settings::check_place(self.folder(), paths)?;
        let _alone = self.lock()?;
        self.open_evidence_with(options.limits, options.passwords.clone());
        self.tidy()?;
        let readers = intake::readers(options.threads, paths)?;
        let (opened, unopened) = readers.install(|| intake::open(paths, options));
        let intakes = readers.install(|| take_in_all(opened, options, progress))?;
        let mut adding = Adding::new(Commits::new(self, options.threads)?, &unopened);
        adding.note_collections(&intakes, unopened)?;
        // What one collection tells of a host holds for what another brings of it.
        let new = intakes.iter().map(|intake| &intake.entry);
        let served = ServedByHost::of(adding.commits.case.collections().chain(new));
        let tasks = adding.tasks(&intakes, &served);
        let organisation = adding.commits.case.organisation().map(str::to_owned);
        let helpers = Helpers::new(&readers);
        let reading = Reading {
            helpers: &helpers,
            organisation: organisation.as_deref(),
            zones: &options.zones,
            limits: &options.limits,
            threads: options.threads,
            evidence: paths,
        };
        progress.begin("read", tasks.iter().map(|task| task.artifact.size_bytes).sum());
        let confinement = reading.run(&tasks, &mut |task, message| {
            let is_last = !matches!(message, Message::Rows(_));
            adding.take(task, message)?;
            if is_last {
                progress.advance(task.artifact.size_bytes);
            }
            Ok(())
        })?;
        adding.commit()?;
        adding.commits.finish()?;
        progress.end();
        adding.summary.confinement = confinement;
        Ok(adding.finish(&intakes))
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

/// What is gathered until it stands in line for the ledger.
struct Adding<'a> {
    commits: Commits<'a>,
    gather: Gather,
    group: Group,
    problems: Vec<Problem>,
    covers: CoverBuilder,
    summary: IngestSummary,
}

impl<'a> Adding<'a> {
    fn new(commits: Commits<'a>, unopened: &[Problem]) -> Self {
        Self {
            commits,
            gather: Gather::default(),
            group: Group::default(),
            problems: Vec::new(),
            covers: CoverBuilder::default(),
            summary: IngestSummary { unopened: unopened.to_vec(), ..IngestSummary::default() },
        }
    }

    /// Commits the collections that are new, or that are found again at another place, with their problems.
    fn note_collections(&mut self, intakes: &[Intake], unopened: Vec<Problem>) -> Result<(), StoreError> {
        self.summary.counts.problems += unopened.len() as u64;
        for problem in unopened {
            if !self.commits.case.knows_unopened(&problem) {
                self.commits.add(Entry::Unopened(problem));
            }
        }
        for intake in intakes {
            self.note_collection(intake);
        }
        if self.commits.open().entries == 0 { Ok(()) } else { self.commit() }
    }

    fn note_collection(&mut self, intake: &Intake) {
        let known = self.commits.case.collection(&intake.entry.collection.id);
        let is_new = known.is_none();
        let is_moved = known.is_some_and(|known| !PathBuf::from(&known.collection.location).exists());
        if is_new || is_moved {
            self.commits.add(Entry::Collection(intake.entry.clone()));
        }
        if is_new {
            self.summary.counts.collections += 1;
            self.note_problems(intake.problems.clone());
        }
    }

    /// Returns what is to be read, in order: collections by id, then files by their path in the collection.
    fn tasks<'b>(&mut self, intakes: &'b [Intake], served: &'b ServedByHost) -> Vec<Task<'b>> {
        let mut tasks = Vec::new();
        let mut taken: HashSet<&ArtifactId> = HashSet::new();
        for intake in intakes {
            for (place, artifact) in &intake.artifacts {
                let Some(entry) = intake.open.entries().get(*place) else {
                    continue;
                };
                if self.commits.case.knows(&artifact.id) || !taken.insert(&artifact.id) {
                    self.summary.known_artifacts += 1;
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
        tasks
    }

    fn take(&mut self, task: &Task<'_>, message: Message) -> Result<(), StoreError> {
        match message {
            Message::Rows(batch) => {
                self.covers.add(&batch);
                if let Some(batch) = self.gather.add(batch)? {
                    self.group.add(batch);
                }
                if self.group.is_full() { self.write() } else { Ok(()) }
            }
            Message::Done(read) => self.end(task, *read),
            Message::GivenUp => {
                let read = self.given_up(task);
                self.end(task, read)
            }
        }
    }

    /// Closes an artifact; a group ends only here, so that no artifact is committed in halves.
    fn end(&mut self, task: &Task<'_>, read: ReadArtifact) -> Result<(), StoreError> {
        let covers = std::mem::take(&mut self.covers).finish();
        self.summary.new_artifacts += 1;
        self.summary.counts.artifacts += 1;
        self.summary.counts.bytes += task.artifact.size_bytes;
        self.summary.counts.add(&read.tally);
        self.commits.add(Entry::Artifact(Box::new(entry_of(task, &read, covers))));
        self.note_problems(read.problems);
        let open = self.commits.open();
        let is_long = open.entries + self.problems.len() >= GROUP_ENTRIES;
        if is_long || open.has_parts || self.group.is_full() { self.commit() } else { Ok(()) }
    }

    /// Accounts for an artifact over which its parser broke down: the rows before stand, the rest is one lost record.
    fn given_up(&self, task: &Task<'_>) -> ReadArtifact {
        let facts = self.covers.records();
        let problem = Problem {
            code: ProblemCode::Damaged,
            place: task.artifact.container_path.to_string(),
            artifact: Some(task.artifact.id.clone()),
            record: None,
            lost: true,
            detail: "the parser broke down over this file; what came before was read".to_owned(),
        };
        ReadArtifact {
            parser: None,
            tally: Tally { records: facts + 1, facts, lost: 1, ..Tally::default() },
            problems: vec![problem],
            scope: String::new(),
            grain: None,
            zone: None,
        }
    }

    fn note_problems(&mut self, problems: Vec<Problem>) {
        self.summary.counts.problems += problems.len() as u64;
        let room = IngestSummary::PROBLEMS.saturating_sub(self.summary.problems.len());
        self.summary.problems.extend(problems.iter().take(room).cloned());
        self.problems.extend(problems);
    }

    fn write(&mut self) -> Result<(), StoreError> {
        for batch in self.gather.finish()? {
            self.group.add(batch);
        }
        self.commits.write(std::mem::take(&mut self.group))
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if !self.problems.is_empty() {
            self.group.add(problems::to_batch(&std::mem::take(&mut self.problems))?);
        }
        self.write()?;
        self.commits.commit()
    }

    fn finish(mut self, intakes: &[Intake]) -> IngestSummary {
        let mut artifacts = intakes.iter().flat_map(|intake| &intake.artifacts);
        self.summary.nothing_of_exchange =
            !artifacts.any(|(_, artifact)| self.commits.case.is_of_use(&artifact.id));
        self.summary
    }
}

fn entry_of(task: &Task<'_>, read: &ReadArtifact, covers: Vec<Cover>) -> ArtifactEntry {
    ArtifactEntry {
        artifact: Arc::clone(&task.artifact),
        parser: read.parser.map(str::to_owned),
        tally: read.tally,
        n_problems: read.problems.len() as u64,
        scope: read.scope.clone(),
        grain: read.grain.and_then(GrainName::of),
        zone: read.zone.clone(),
        covers,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Case, CaseSettings, IngestOptions, NoProgress};
    use std::collections::BTreeMap;
    use std::fmt::Write as _;
    use std::fs;
    use std::path::{Path, PathBuf};

    const FIELDS: &str = "#Fields: date time cs-method cs-uri-stem c-ip sc-status\r\n";

    /// Six days of requests: the second alone fills several groups, the others share them.
    fn write_evidence(folder: &Path) {
        for (day, requests) in (1..).zip([30, 450, 80, 0, 99, 100]) {
            let mut text = FIELDS.to_owned();
            for n in 0..requests {
                let minute = n % 60;
                let _ = write!(text, "2021-03-0{day} 10:{minute:02}:00 GET /x{n}.js 203.0.113.7 200\r\n");
            }
            fs::write(folder.join(format!("u_ex21030{day}.log")), text).unwrap();
        }
    }

    fn add(case: &Path, evidence: &Path, threads: usize) {
        let options = IngestOptions { threads, ..IngestOptions::default() };
        let mut case = Case::create(case, &CaseSettings::default()).unwrap();
        case.add(&[evidence.to_owned()], &options, &NoProgress).unwrap();
    }

    fn tree(case: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let (ledger, state) = (case.join("ledger.jsonl"), Case::open(case).unwrap());
        let parts = state.parts().iter().map(|part| case.join(&part.path));
        parts.chain([ledger]).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    #[test]
    fn a_run_killed_after_any_group_goes_on_to_the_same_bytes() {
        let root = tempfile::tempdir().unwrap();
        let (evidence, case) = (root.path().join("evidence"), root.path().join("case"));
        fs::create_dir(&evidence).unwrap();
        write_evidence(&evidence);
        add(&case, &evidence, 3);
        let whole = tree(&case);
        let ledger = case.join("ledger.jsonl");
        let text = fs::read_to_string(&ledger).unwrap();
        let groups: Vec<usize> = text
            .match_indices('\n')
            .map(|(end, _)| end + 1)
            .filter(|&end| {
                text[..end].lines().last().is_some_and(|line| line.contains("\"kind\":\"commit\""))
            })
            .collect();
        assert!(groups.len() >= 4, "{groups:?}");
        for end in groups {
            fs::write(&ledger, &text[..end]).unwrap();
            add(&case, &evidence, 1);
            assert!(tree(&case) == whole);
        }
    }
}
