//! What was handed in, opened, its hosts named and every file hashed, before anything of it is read.

use crate::confine;
use crate::error::StoreError;
use crate::ledger::{CollectionEntry, Host};
use crate::progress::Progress;
use afterpatch_ingest::input::problem_code;
use afterpatch_ingest::{
    Entry, Extent, HostEvidence, Limits, OpenCollection, OpenError, Passwords, Places, Served, hash,
};
use afterpatch_model::{
    Artifact, Collection, CollectionId, HostName, HostSighting, Problem, ProblemCode, below_shadow_copy,
    path_key,
};
use jiff::tz::TimeZone;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How evidence is added to a case.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Threads that read; the result does not depend on it.
    pub threads: usize,
    /// Bounds on what hostile evidence can make us hold or do.
    pub limits: Limits,
    /// The server's name where the evidence itself names none.
    pub server: Option<HostName>,
    /// The zones of servers' clocks, for times that say none.
    pub zones: Zones,
    /// What may open locked containers.
    pub passwords: Passwords,
    /// How much of a mounted volume is taken in.
    pub extent: Extent,
}

/// The zone of each server's clock, where it was given.
pub type Zones = BTreeMap<HostName, TimeZone>;

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            threads: 1,
            limits: Limits::default(),
            server: None,
            zones: Zones::new(),
            passwords: Passwords::default(),
            extent: Extent::default(),
        }
    }
}

/// A collection with every file hashed.
pub(crate) struct Intake {
    pub(crate) open: Box<dyn OpenCollection>,
    pub(crate) entry: CollectionEntry,
    /// Every file that could be hashed, with its place among the entries of `open`.
    pub(crate) artifacts: Vec<(usize, Arc<Artifact>)>,
    pub(crate) problems: Vec<Problem>,
}

/// The threads that write parts.
pub(crate) fn writers(n: usize) -> Result<rayon::ThreadPool, StoreError> {
    pool(rayon::ThreadPoolBuilder::new().num_threads(n.max(1)))
}

/// The threads that open, name and hash evidence; each is confined to the evidence before its first task.
pub(crate) fn readers(n: usize, evidence: &[PathBuf]) -> Result<rayon::ThreadPool, StoreError> {
    let readable = evidence.to_vec();
    let confine = move |_| {
        confine::enter(&readable);
    };
    pool(rayon::ThreadPoolBuilder::new().num_threads(n.max(1)).start_handler(confine))
}

fn pool(builder: rayon::ThreadPoolBuilder) -> Result<rayon::ThreadPool, StoreError> {
    builder.build().map_err(|error| StoreError::io(Path::new("threads"))(std::io::Error::other(error)))
}

/// Opens what was handed in. What is given twice is opened once.
pub(crate) fn open(
    paths: &[PathBuf],
    options: &IngestOptions,
) -> (Vec<Box<dyn OpenCollection>>, Vec<Problem>) {
    let paths: BTreeSet<PathBuf> = paths.iter().map(|path| whole(path)).collect();
    let (mut opened, mut unopened) = (Vec::new(), Vec::new());
    for path in paths {
        match afterpatch_ingest::open_with(&path, &options.limits, &options.passwords, options.extent) {
            Ok(collections) => opened.extend(collections),
            Err(error) => unopened.push(unopened_problem(&path, &error)),
        }
    }
    (opened, unopened)
}

/// Returns the path from the root, so that the evidence is found again from any folder.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

fn unopened_problem(path: &Path, error: &OpenError) -> Problem {
    let code = match error {
        OpenError::Damaged { .. } => ProblemCode::Damaged,
        _ => ProblemCode::Unreadable,
    };
    problem(code, path.display().to_string(), error.to_string())
}

fn problem(code: ProblemCode, place: String, detail: String) -> Problem {
    Problem { code, place, artifact: None, record: None, lost: false, detail }
}

/// Names the hosts of a collection and hashes its files, on the threads of the pool that it is called in.
pub(crate) fn take_in(
    open: Box<dyn OpenCollection>,
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<Intake, StoreError> {
    let mut problems = open.problems().to_vec();
    let location = open.location().display().to_string();
    let found = afterpatch_ingest::identify(open.as_ref(), &options.limits);
    let given = options.server.as_ref();
    problems.extend(found.iter().filter_map(|(root, host)| nameless(&location, root, host, given)));
    let hosts = found.into_iter().map(|(root, found)| (root, host_of(found, given))).collect();
    if open.entries().is_empty() && !problems.iter().any(|known| known.code == ProblemCode::EmptyCollection) {
        problems.push(problem(ProblemCode::EmptyCollection, location.clone(), String::new()));
    }
    let hashed = hash_all(open.as_ref(), &options.limits, progress);
    problems.extend(hashed.iter().filter_map(|hash| hash.as_ref().err()).map(|problem| (**problem).clone()));
    problems.extend(not_as_declared(open.as_ref(), &hashed, &options.limits));
    let id = derive_id(open.entries(), &hashed);
    let artifacts = artifacts_of(open.entries(), hashed, &id, &hosts);
    let entry = CollectionEntry {
        sha256: container_hash(open.location())?,
        artifacts: artifacts.len() as u64,
        bytes: artifacts.iter().map(|(_, artifact)| artifact.size_bytes).sum(),
        collection: Collection { id, location, layout: open.layout().to_owned() },
        all_files: options.extent == Extent::Everything,
        hosts,
        problems: problems.len() as u64,
    };
    Ok(Intake { open, entry, artifacts, problems })
}

/// Takes the name that was given only where the evidence shows none.
fn host_of(found: HostEvidence, given: Option<&HostName>) -> Host {
    let HostEvidence { name, mut sightings, places, .. } = found;
    let Places { exchange: install_root, web_roots, former_web_roots, .. } = places;
    if let (None, Some(given)) = (&name, given) {
        let spelled = given.to_string();
        sightings.push(HostSighting { spelled, seen_in: "given".to_owned(), artifact: None });
    }
    Host {
        name: name.or_else(|| given.cloned()),
        sightings,
        install_root,
        served: sites(&web_roots),
        once_served: sites(&former_web_roots),
    }
}

/// Leaves of the folders that sites point at what not every server has.
fn sites(web_roots: &BTreeSet<String>) -> Vec<String> {
    let served = Served::of(web_roots.iter().map(String::as_str));
    served.sites().filter_map(|folder| folder.site).map(str::to_owned).collect()
}

fn nameless(location: &str, root: &str, host: &HostEvidence, given: Option<&HostName>) -> Option<Problem> {
    let detail = if root.is_empty() { String::new() } else { format!("in {root}") };
    let is_nameless = host.name.is_none() && given.is_none() && !host.is_of_many;
    is_nameless.then(|| problem(ProblemCode::UnknownServer, location.to_owned(), detail))
}

/// The SHA-256 of each file, or why it has none; there can be millions of either.
pub(crate) type Hashed = Vec<Result<String, Box<Problem>>>;

pub(crate) fn hash_all(open: &dyn OpenCollection, limits: &Limits, progress: &dyn Progress) -> Hashed {
    let hash = |entry: &Entry| {
        let hashed = open.read(entry, limits).and_then(|mut input| hash::sha256(input.as_mut()));
        progress.advance(entry.size_bytes);
        hashed.map_err(|error| {
            Box::new(problem(problem_code(&error), entry.container_path.to_string(), error.to_string()))
        })
    };
    open.entries().par_iter().map(hash).collect()
}

/// Compares each file with the hash that its collector took of it.
fn not_as_declared(open: &dyn OpenCollection, hashed: &Hashed, limits: &Limits) -> Vec<Problem> {
    let check = |(entry, hash): (&Entry, &Result<String, Box<Problem>>)| {
        let (declared, sha256) = (entry.declared.as_ref()?, hash.as_ref().ok()?);
        let is_of = open.read(entry, limits).and_then(|mut input| declared.is_of(input.as_mut(), sha256));
        let place = || entry.container_path.to_string();
        match is_of {
            Ok(true) => None,
            Ok(false) => Some(problem(ProblemCode::HashMismatch, place(), format!("{declared} was noted"))),
            Err(error) => Some(problem(problem_code(&error), place(), error.to_string())),
        }
    };
    open.entries().par_iter().zip(hashed).filter_map(check).collect()
}

/// Derives a collection's id from what it holds: moved or copied, it is the same collection.
pub(crate) fn derive_id(entries: &[Entry], hashed: &Hashed) -> CollectionId {
    let mut parts = Vec::with_capacity(2 * entries.len());
    for (entry, hash) in entries.iter().zip(hashed) {
        parts.push(&*entry.container_path);
        parts.push(hash.as_deref().unwrap_or("-"));
    }
    CollectionId::derive(&parts)
}

fn artifacts_of(
    entries: &[Entry],
    hashed: Hashed,
    collection: &CollectionId,
    hosts: &BTreeMap<String, Host>,
) -> Vec<(usize, Arc<Artifact>)> {
    let live = live_paths(entries, &hashed);
    let artifact = |(place, (entry, hash)): (usize, (&Entry, Result<String, Box<Problem>>))| {
        let sha256 = hash.ok()?;
        let path = below_shadow_copy(&entry.path)
            .and_then(|below| live.get(&(Arc::clone(&entry.host_root), path_key(below), sha256.clone())))
            .unwrap_or(&entry.path);
        let server = hosts.get(&*entry.host_root).and_then(|host| host.name.clone());
        let artifact = Artifact {
            id: Artifact::derive_id(server.as_ref(), path, &sha256),
            collection: collection.clone(),
            path: path.clone(),
            container_path: Arc::clone(&entry.container_path),
            size_bytes: entry.size_bytes,
            modified: entry.modified,
            created: entry.created,
            sha256,
            server,
        };
        Some((place, Arc::new(artifact)))
    };
    entries.par_iter().zip(hashed).enumerate().filter_map(artifact).collect()
}

/// Returns the paths of files outside shadow copies, by host, place and hash: the same bytes at the same place in a
/// shadow copy are the same artifact, and are read once.
fn live_paths(entries: &[Entry], hashed: &Hashed) -> BTreeMap<(Arc<str>, String, String), String> {
    let key =
        |entry: &Entry, hash: &str| (Arc::clone(&entry.host_root), path_key(&entry.path), hash.to_owned());
    let has_shadows = entries.iter().any(|entry| below_shadow_copy(&entry.path).is_some());
    let live = |(entry, hash): (&Entry, &Result<String, Box<Problem>>)| {
        let is_live = has_shadows && below_shadow_copy(&entry.path).is_none();
        let hash = hash.as_ref().ok().filter(|_| is_live)?;
        Some((key(entry, hash), entry.path.clone()))
    };
    entries.iter().zip(hashed).filter_map(live).collect()
}

/// Returns the SHA-256 of a container that is one file; a folder has none.
pub(crate) fn container_hash(location: &Path) -> Result<Option<String>, StoreError> {
    if !location.is_file() {
        return Ok(None);
    }
    let file = File::open(location).map_err(StoreError::io(location))?;
    let mut input = BufReader::with_capacity(1 << 16, file);
    hash::sha256(&mut input).map(Some).map_err(StoreError::io(location))
}
