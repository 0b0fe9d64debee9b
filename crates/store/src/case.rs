//! A case: one investigation, in one folder.

use crate::coverage;
use crate::error::StoreError;
use crate::intake::IngestOptions;
use crate::ledger::{ArtifactEntry, CollectionEntry, Entry, Ledger};
use crate::problems::{self, PROBLEMS};
use crate::progress::Progress;
use crate::served::ServedByHost;
use crate::session::{SPILL_FOLDER, Session, SessionOptions};
use crate::settings::{self, CaseFile, CaseSettings};
use crate::state::{self, State};
use crate::verify::{self, Custody};
use afterpatch_ingest::{Evidence, Extent, Limits, OpenCollection, OpenError, Passwords};
use afterpatch_model::{Artifact, ArtifactId, CollectionId, Counts, Coverage, Problem, Server, Tally};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// One investigation: a folder that holds the ledger, the facts and what was found in them.
#[derive(Debug)]
pub struct Case {
    folder: PathBuf,
    settings: CaseFile,
    ledger: Ledger,
    state: State,
    opened: Opened,
}

/// One artifact as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerArtifact {
    /// The file.
    pub artifact: Artifact,
    /// The parser that read it; none where no parser fits.
    pub parser: Option<String>,
    /// What became of its records.
    pub tally: Tally,
    /// Problems in it.
    pub n_problems: u64,
    /// Where its collection lay when it was last read.
    pub location: String,
    /// Whether it lies in a folder that its server serves code from.
    pub is_served: bool,
}

impl Case {
    /// Makes a case in `folder`, or opens the one that is there.
    ///
    /// Ask [`Case::check_place`] first where the evidence is known: nothing is written into evidence.
    pub fn create(folder: &Path, settings: &CaseSettings) -> Result<Self, StoreError> {
        if settings::exists(folder) {
            let mut case = Self::open(folder)?;
            case.name(settings)?;
            return Ok(case);
        }
        fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
        CaseFile::new(settings).write(folder)?;
        Self::open(folder)
    }

    /// Says how evidence is opened that is looked at again: within what bounds, and what may unlock it.
    pub fn open_evidence_with(&mut self, limits: Limits, passwords: Passwords) {
        // What is looked at again is looked at once, and not kept for a second time.
        self.opened = Opened { limits: Limits { spool_bytes: 0, ..limits }, passwords, ..Opened::default() };
    }

    /// Opens the case in `folder`. What a crash left half written is cut off and noted in the ledger.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let settings = CaseFile::read(folder)?;
        let folder = folder.canonicalize().map_err(StoreError::io(folder))?;
        let (ledger, entries) = Ledger::open(&ledger_file(&folder))?;
        let mut state = State::default();
        state.apply(entries);
        Ok(Self { folder, settings, ledger, state, opened: Opened::default() })
    }

    /// Returns an error where `place`, a case's folder or a file that is to be written, lies inside a piece of the evidence.
    pub fn check_place(place: &Path, evidence: &[PathBuf]) -> Result<(), StoreError> {
        settings::check_place(place, evidence)
    }

    /// Walks the ledger in `folder`, and compares every part of the facts with its hash and its number of rows.
    ///
    /// It needs no open case: a ledger that was changed may not even be readable.
    pub fn verify(folder: &Path) -> Result<Custody, StoreError> {
        verify::verify(folder, &ledger_file(folder), None)
    }

    /// Does what [`Case::verify`] does, and hashes all evidence again where it lay when it was read last.
    pub fn verify_with_evidence(
        folder: &Path,
        options: &IngestOptions,
        progress: &dyn Progress,
    ) -> Result<Custody, StoreError> {
        verify::verify(folder, &ledger_file(folder), Some((options, progress)))
    }

    /// Returns the folder of the case.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder in which the reports lie.
    pub fn report_dir(&self) -> PathBuf {
        self.folder.join("report")
    }

    /// Returns the organisation that the case is about.
    pub fn organisation(&self) -> Option<&str> {
        self.settings.organisation.as_deref()
    }

    /// Returns every artifact, in the order in which they were read.
    pub fn artifacts(&self) -> Vec<LedgerArtifact> {
        let served = ServedByHost::of(self.collections());
        self.state.artifacts.iter().map(|line| self.ledger_artifact(line, &served)).collect()
    }

    /// Returns what the evidence covers, by server, kind and scope.
    pub fn coverage(&self) -> Vec<Coverage> {
        coverage::join(self.state.artifacts.iter(), self.collections())
    }

    /// Returns every server that the evidence names, in order of name.
    pub fn servers(&self) -> Vec<Server> {
        self.state.servers()
    }

    /// Returns how much was read.
    pub fn counts(&self) -> Counts {
        self.state.counts()
    }

    /// Returns everything that could not be read or trusted, in the order in which it was met.
    pub fn problems(&self) -> Result<Vec<Problem>, StoreError> {
        let mut found = Vec::new();
        for part in self.state.parts.iter().filter(|part| part.table == PROBLEMS.name) {
            let path = self.folder.join(&part.path);
            let file = File::open(&path).map_err(StoreError::io(&path))?;
            for rows in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
                found.extend(problems::from_rows(&rows.map_err(StoreError::rows(PROBLEMS.name))?));
            }
        }
        found.extend(self.state.problems());
        Ok(found)
    }

    /// Opens a session over all facts, with every core and a gibibyte for sorts and joins.
    pub fn session(&self) -> Result<Session, StoreError> {
        self.session_with(SessionOptions::default())
    }

    /// Opens a session that uses no more of the machine than `options` say.
    pub fn session_with(&self, options: SessionOptions) -> Result<Session, StoreError> {
        let session = Session::over(&self.folder, &self.state.parts, &self.coverage(), options)?;
        session.extend(&PROBLEMS, problems::to_batch(&self.state.problems())?.rows)?;
        Ok(session)
    }

    /// Has a session of this case hold small tables of facts in memory, for who has many questions: a small case can lie in
    /// hundreds of parts, and each question would open them all. Before queries are named: a name holds on to the tables that it
    /// was given.
    pub fn hold_small(&self, session: &Session) -> Result<(), StoreError> {
        session.hold_small(&self.folder, &self.state.parts)
    }

    /// Opens the bytes of an artifact where they lay when they were read.
    pub fn open_artifact(&self, id: &ArtifactId) -> Result<Box<dyn Evidence>, StoreError> {
        let unknown = || StoreError::UnknownArtifact(id.to_string());
        let line = self.state.artifact(id).ok_or_else(unknown)?;
        let collection = self.state.collections.get(&line.artifact.collection).ok_or_else(unknown)?;
        self.opened.read(collection, &line.artifact)
    }

    /// Notes in the ledger that a step of a run was taken.
    pub fn record_run(&mut self, step: &str, detail: &Value) -> Result<(), StoreError> {
        self.commit(vec![Entry::Run { step: step.to_owned(), detail: detail.clone() }])
    }

    pub(crate) fn commit(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let written = self.ledger.append(entries)?;
        self.state.apply(written);
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn parts(&self) -> &[crate::ledger::Part] {
        &self.state.parts
    }

    pub(crate) fn collection(&self, id: &CollectionId) -> Option<&CollectionEntry> {
        self.state.collections.get(id)
    }

    pub(crate) fn collections(&self) -> impl Iterator<Item = &CollectionEntry> + Clone {
        self.state.collections.values()
    }

    pub(crate) fn knows(&self, id: &ArtifactId) -> bool {
        self.state.artifact(id).is_some()
    }

    pub(crate) fn knows_unopened(&self, problem: &Problem) -> bool {
        self.state.knows_unopened(problem)
    }

    pub(crate) fn is_of_use(&self, id: &ArtifactId) -> bool {
        self.state.artifact(id).is_some_and(state::is_of_use)
    }

    /// Makes sure that nobody else adds evidence until the returned file is dropped.
    pub(crate) fn lock(&self) -> Result<File, StoreError> {
        let path = self.folder.join(".lock");
        let file = File::create(&path).map_err(StoreError::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy(self.folder.clone())),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&path)(error)),
        }
    }

    /// Removes what a run that was killed left: parts that the ledger does not name, and spilled rows.
    pub(crate) fn tidy(&self) -> Result<(), StoreError> {
        let named = self.state.parts.iter().map(|part| self.folder.join(&part.path)).collect();
        remove_unnamed(&self.folder.join("facts"), &named)?;
        match fs::remove_dir_all(self.folder.join(SPILL_FOLDER)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io(&self.folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// Gives the case the organisation's name, which stands in every fact, as long as there is no fact.
    fn name(&mut self, settings: &CaseSettings) -> Result<(), StoreError> {
        let Some(given) = settings.organisation.as_deref() else {
            return Ok(());
        };
        if self.organisation() == Some(given) {
            return Ok(());
        }
        if self.organisation().is_some() || !self.state.artifacts.is_empty() {
            let there = self.organisation().unwrap_or_default().to_owned();
            return Err(StoreError::Organisation { there, given: given.to_owned() });
        }
        self.settings.organisation = Some(given.to_owned());
        self.settings.write(&self.folder)
    }

    fn ledger_artifact(&self, line: &ArtifactEntry, served: &ServedByHost) -> LedgerArtifact {
        let collection = self.state.collections.get(&line.artifact.collection);
        LedgerArtifact {
            artifact: (*line.artifact).clone(),
            parser: line.parser.clone(),
            tally: line.tally,
            n_problems: line.n_problems,
            location: collection.map(|line| line.collection.location.clone()).unwrap_or_default(),
            is_served: served.by_host_of(&line.artifact).folder_of(&line.artifact.path).is_some(),
        }
    }
}

fn ledger_file(case: &Path) -> PathBuf {
    case.join("ledger.jsonl")
}

fn remove_unnamed(folder: &Path, named: &BTreeSet<PathBuf>) -> Result<(), StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io(folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(StoreError::io(folder))?.path();
        if path.is_dir() {
            remove_unnamed(&path, named)?;
        } else if !named.contains(&path) {
            fs::remove_file(&path).map_err(StoreError::io(&path))?;
        }
    }
    Ok(())
}

type Collections = Arc<Vec<Box<dyn OpenCollection>>>;

/// Collections that were opened to look at their bytes again; each is opened once.
#[derive(Default)]
struct Opened {
    collections: Mutex<BTreeMap<(PathBuf, Extent), Collections>>,
    limits: Limits,
    passwords: Passwords,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

impl Opened {
    fn read(&self, line: &CollectionEntry, artifact: &Artifact) -> Result<Box<dyn Evidence>, StoreError> {
        let limits = self.limits;
        let location = Path::new(&line.collection.location);
        let gone =
            |detail: String| StoreError::EvidenceGone { place: location.display().to_string(), detail };
        let collections =
            self.at(location, line.extent(), &limits).map_err(|error| gone(error.to_string()))?;
        let wanted = &*artifact.container_path;
        for collection in collections.iter() {
            let entries = collection.entries();
            let near = entries.binary_search_by(|entry| (*entry.container_path).cmp(wanted));
            let place =
                near.ok().or_else(|| entries.iter().position(|entry| *entry.container_path == *wanted));
            if let Some(entry) = place.and_then(|place| entries.get(place)) {
                return collection.read(entry, &limits).map_err(|error| gone(format!("{wanted}: {error}")));
            }
        }
        Err(gone(format!("{wanted} is not in it")))
    }

    fn at(&self, location: &Path, extent: Extent, limits: &Limits) -> Result<Collections, OpenError> {
        let mut opened = self.collections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(collections) = opened.get(&(location.to_owned(), extent)) {
            return Ok(Arc::clone(collections));
        }
        let collections = Arc::new(afterpatch_ingest::open_with(location, limits, &self.passwords, extent)?);
        opened.insert((location.to_owned(), extent), Arc::clone(&collections));
        Ok(collections)
    }
}
