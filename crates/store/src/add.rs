//! Adding evidence to a case: what is new is read, in one order, and committed group by group.

use crate::case::Case;
use crate::commits::Commits;
use crate::cover::{Cover, CoverBuilder, GrainName};
use crate::error::StoreError;
use crate::evidence::OpenEvidence;
use crate::facts::Group;
use crate::gather::Gather;
use crate::intake::{IngestOptions, Intake};
use crate::ledger::{ArtifactEntry, Entry};
use crate::problems;
use crate::progress::Progress;
use crate::reading::{Message, Task, given_up};
use crate::served::ServedByHost;
use crate::settings;
use crate::summary::IngestSummary;
use afterpatch_ingest::ReadArtifact;
use afterpatch_model::Problem;
use std::path::PathBuf;
use std::sync::Arc;

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
        let evidence = OpenEvidence::open(paths, options, progress)?;
        let mut adding = Adding::new(Commits::new(self, options.threads)?, evidence.unopened());
        adding.note_collections(&evidence)?;
        // What one collection tells of a host holds for what another brings of it.
        let served = ServedByHost::of(adding.commits.case.collections().chain(evidence.collections()));
        let (tasks, known) = evidence.tasks(&served, &|id| adding.commits.case.knows(id));
        adding.summary.known_artifacts = known;
        let organisation = adding.commits.case.organisation().map(str::to_owned);
        let each = &mut |task: &Task<'_>, message| adding.take(task, message);
        adding.summary.confinement = evidence.read(&tasks, organisation.as_deref(), progress, each)?;
        adding.commit()?;
        adding.commits.finish()?;
        Ok(adding.finish(&evidence))
    }
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
            summary: IngestSummary::begin(unopened),
        }
    }

    /// Commits the collections that are new, or that are found again at another place, with their problems.
    fn note_collections(&mut self, evidence: &OpenEvidence<'_>) -> Result<(), StoreError> {
        for problem in evidence.unopened() {
            if !self.commits.case.knows_unopened(problem) {
                self.commits.add(Entry::Unopened(problem.clone()));
            }
        }
        for intake in evidence.intakes() {
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
            self.summary.note_collection(intake);
            self.problems.extend(intake.problems.iter().cloned());
        }
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
            Message::GivenUp => self.end(task, given_up(task, self.covers.records())),
        }
    }

    /// Closes an artifact; a group ends only here, so that no artifact is committed in halves.
    fn end(&mut self, task: &Task<'_>, read: ReadArtifact) -> Result<(), StoreError> {
        let covers = std::mem::take(&mut self.covers).finish();
        self.summary.note_artifact(task, &read);
        self.commits.add(Entry::Artifact(Box::new(entry_of(task, &read, covers))));
        self.problems.extend(read.problems);
        let open = self.commits.open();
        let is_long = open.entries + self.problems.len() >= GROUP_ENTRIES;
        if is_long || open.has_parts || self.group.is_full() { self.commit() } else { Ok(()) }
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

    fn finish(mut self, evidence: &OpenEvidence<'_>) -> IngestSummary {
        let mut artifacts = evidence.intakes().iter().flat_map(|intake| &intake.artifacts);
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
