//! What was handed in, opened in place.
//!
//! A container (`folder`, `zip`) lists files and gives their bytes. A [`Layout`] says where each file lay on
//! its server, and what the collector wrote about it. Any layout may lie in any container, and one container may
//! hold several hosts, each in a layout of its own.

use crate::hash::Declared;
use crate::input::{Evidence, Passwords};
use crate::limits::Limits;
use afterpatch_model::{Problem, ProblemCode, Timestamp};
use budget::Budget;
use packed::Format;
use shared_file::SharedFile;
use sparse::Spread;
use spool::Spool;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod budget;
mod collectors;
mod folder;
mod image;
mod kape;
mod names;
mod nested;
mod packed;
mod plain;
mod salvage;
mod shared_file;
mod sparse;
mod spool;
mod stretch;
mod tar;
mod unpack;
mod velociraptor;
mod zip;

pub(crate) use velociraptor::host_of_name;

/// One file in an opened collection, before it is hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the collection, with `/`.
    pub container_path: Arc<str>,
    /// Its original path on the server, as the layout decodes it: `C:\inetpub\…`; else the path in the collection.
    pub path: String,
    /// The part of the collection that came from one host, such as the sub-folder `MX1`; empty for the whole.
    pub host_root: Arc<str>,
    /// Its size in bytes, as far as the container says.
    pub size_bytes: u64,
    /// When it was last written on the server, where the layout keeps it.
    pub modified: Option<Timestamp>,
    /// When it was created on the server, where the layout keeps it.
    pub created: Option<Timestamp>,
    /// The hash that the collector took of it, where the layout keeps it.
    pub declared: Option<Declared>,
    /// Where the runs of a sparse file lay.
    spread: Option<Arc<Spread>>,
}

/// A collection that is open for reading. Entries are in order of their container path.
pub trait OpenCollection: Send + Sync {
    /// Returns what the layout was taken for: `folder`, `image`, `file`, `zip`, `velociraptor`, `kape`.
    fn layout(&self) -> &'static str;
    /// Returns where the collection lies.
    fn location(&self) -> &Path;
    /// Returns every file in it.
    fn entries(&self) -> &[Entry];
    /// Returns what was met while it was opened: links, unsafe names, failures that the collector reports.
    fn problems(&self) -> &[Problem];
    /// Opens the bytes of one entry. May be called from several threads.
    fn read(&self, entry: &Entry, limits: &Limits) -> io::Result<Box<dyn Evidence>>;
    /// Returns host names that the collector itself wrote down, as (host root, name).
    fn declared_hosts(&self) -> &[(String, String)];
}

/// One way in which collectors lay out files.
pub trait Layout: Sync {
    /// Returns the layout's name.
    fn name(&self) -> &'static str;
    /// Tells from the paths in one host's part of a container whether they follow this layout.
    fn detect(&self, part: &Part<'_>) -> bool;
    /// Says of each file of the part where it lay, and what else the collector wrote down.
    fn map(&self, part: &Part<'_>) -> Mapping;
}

/// Every layout; the first that detects itself is taken, else the paths are taken as they are.
static LAYOUTS: &[&dyn Layout] =
    &[&velociraptor::Velociraptor, &kape::Kape, &collectors::ACQUIRE, &collectors::UAC, &collectors::CYLR];

/// The files of a container that came from one host.
pub struct Part<'c> {
    container: &'c dyn Container,
    limits: &'c Limits,
    root: &'c str,
    /// The files' places in the container, and their paths below the part's root.
    files: Vec<(usize, &'c str)>,
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Part<'_> {
    /// Returns the files' paths below the part's root.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(_, path)| *path)
    }

    /// Tells whether a file of that path is in the part.
    fn has(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// Returns the place of a file in the container. The files of a part are in order of their paths.
    fn find(&self, path: &str) -> Option<usize> {
        let at = self.files.binary_search_by(|(_, own)| (*own).cmp(path)).ok()?;
        self.files.get(at).map(|(place, _)| *place)
    }

    /// Tells whether a file of that path is there and locked, and no password opens it.
    fn is_locked(&self, path: &str) -> bool {
        let path = format!("{}{path}", self.root);
        let problems = self.container.problems();
        problems.iter().any(|problem| problem.code == ProblemCode::Encrypted && problem.place == path)
    }

    /// Opens a file that the collector wrote about its own work.
    fn open(&self, path: &str) -> Option<Box<dyn Evidence>> {
        self.container.read(self.find(path)?, self.limits).ok()
    }

    fn problem(&self, code: ProblemCode, path: &str, detail: impl Into<String>) -> Problem {
        problem(code, &format!("{}{path}", self.root), detail)
    }
}

/// Where a file lay on its server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Its original path.
    pub path: String,
    /// When it was last written there.
    pub modified: Option<Timestamp>,
    /// When it was created there.
    pub created: Option<Timestamp>,
    /// The hash that the collector took of it.
    pub declared: Option<Declared>,
    /// Where the runs of a sparse file lay.
    spread: Option<Arc<Spread>>,
}

/// What a layout says of a part.
#[derive(Debug, Default)]
pub struct Mapping {
    /// One place a file, in the part's order.
    pub places: Vec<Place>,
    /// What the collector failed at, or what keeps us from reading its work.
    pub problems: Vec<Problem>,
    /// The host name that the collector wrote down.
    pub host: Option<String>,
}

/// A file in a container.
#[derive(Debug, Clone)]
struct ContainerFile {
    path: Arc<str>,
    size_bytes: u64,
    modified: Option<Timestamp>,
}

/// A volume of a server that lies open in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mounted {
    /// Its path in the container, with a `/` at its end; empty for the whole.
    folder: String,
    /// The part of the container that is its host's, likewise.
    host: String,
    /// Its letter, where that is known.
    drive: Option<char>,
}

impl Mounted {
    /// Returns the volume that a path in the container lies on.
    fn of<'v>(volumes: &'v [Self], path: &str) -> Option<&'v Self> {
        volumes.iter().find(|volume| path.starts_with(&volume.folder))
    }

    /// Returns where something on the volume lay on the server.
    fn original(&self, path: &str) -> Option<String> {
        let below = path.strip_prefix(&self.folder)?.replace('/', "\\");
        Some(self.drive.map_or_else(|| below.clone(), |letter| format!("{letter}:\\{below}")))
    }
}

/// How much of a mounted volume is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Extent {
    /// What the guides name, and what the server's own settings point at; the rest is counted.
    #[default]
    OfInterest,
    /// Every file.
    Everything,
}

/// Lists files, in order of their paths, and gives their bytes.
trait Container: Send + Sync {
    fn name(&self) -> &'static str;
    fn location(&self) -> &Path;
    fn files(&self) -> &[ContainerFile];
    fn problems(&self) -> &[Problem];
    fn read(&self, place: usize, limits: &Limits) -> io::Result<Box<dyn Evidence>>;
    /// Opens the bytes of a file so that they can be opened as a container in their turn.
    fn share(&self, place: usize, limits: &Limits, spool: &Spool) -> io::Result<Shared>;
    /// Returns the volumes that lie open in it.
    fn volumes(&self) -> &[Mounted] {
        &[]
    }
}

/// Bytes that several readers share, with the error, if any, behind which nothing more came.
type Shared = (SharedFile, Option<io::Error>);

/// Why a collection could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The path does not exist or may not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The path as given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The container is cut off or damaged so that not even its list of files can be read.
    #[error("{}: {detail}", path.display())]
    Damaged {
        /// The path as given.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
}

/// Opens what was handed in, and of mounted volumes what is of interest; see [`open_with`].
pub fn open(
    path: &Path,
    limits: &Limits,
    passwords: &Passwords,
) -> Result<Vec<Box<dyn OpenCollection>>, OpenError> {
    open_with(path, limits, passwords, Extent::default())
}

/// Opens what was handed in: a folder, a container or a loose file.
///
/// A folder that holds nothing but containers gives one collection for each of them; one that is damaged beyond
/// reading is then a loose file, and its damage one of its problems.
pub fn open_with(
    path: &Path,
    limits: &Limits,
    passwords: &Passwords,
    extent: Extent,
) -> Result<Vec<Box<dyn OpenCollection>>, OpenError> {
    let metadata = std::fs::metadata(path).map_err(|source| io_error(path, source))?;
    if !metadata.is_dir() {
        let budget = &mut Budget::new(metadata.len(), limits, passwords);
        return Ok(vec![open_file(path, budget)?]);
    }
    let containers = folder::containers_only(path).map_err(|source| io_error(path, source))?;
    if containers.is_empty() {
        let folder = folder::Folder::open(path, limits, extent);
        let mut budget = Budget::new(folder.bytes(), limits, passwords);
        budget.take_entries(folder.files().len());
        return Ok(vec![arrange(Box::new(folder), &mut budget)]);
    }
    let lengths = containers.iter().filter_map(|container| std::fs::metadata(container).ok());
    let together = lengths.fold(0_u64, |sum, file| sum.saturating_add(file.len()));
    let budget = &mut Budget::new(together, limits, passwords);
    let mut collections = Vec::with_capacity(containers.len());
    for container in &containers {
        collections.push(match open_file(container, budget) {
            Err(OpenError::Damaged { detail, .. }) => {
                let file = folder::Folder::told_file(container, ProblemCode::Damaged, &detail);
                arrange(Box::new(file), budget)
            }
            other => other?,
        });
        budget.open_next();
    }
    Ok(collections)
}

fn open_file(path: &Path, budget: &mut Budget<'_>) -> Result<Box<dyn OpenCollection>, OpenError> {
    let file = SharedFile::open(path).map_err(|source| io_error(path, source))?;
    let format = Format::of_stream(file.clone()).map_err(|source| io_error(path, source))?;
    let container: Box<dyn Container> = match format {
        Some(Format::Zip) => Box::new(zip::Zip::of(path, file, budget)?),
        Some(Format::Tar) => Box::new(tar::Tar::open(path, file, budget)),
        Some(Format::Packed(packing)) => nested::open_packed(path, file, packing, budget),
        Some(Format::Unread(remedy)) => {
            Box::new(folder::Folder::told_file(path, ProblemCode::PackedOtherwise, remedy))
        }
        None => Box::new(folder::Folder::file(path)),
    };
    Ok(arrange(container, budget))
}

fn io_error(path: &Path, source: io::Error) -> OpenError {
    OpenError::Io { path: path.to_owned(), source }
}

fn problem(code: ProblemCode, place: &str, detail: impl Into<String>) -> Problem {
    Problem {
        code,
        place: place.to_owned(),
        artifact: None,
        record: None,
        lost: false,
        detail: detail.into(),
    }
}

/// A container whose files have found their places.
struct Arranged {
    container: Box<dyn Container>,
    layout: &'static str,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
    hosts: Vec<(String, String)>,
}

impl OpenCollection for Arranged {
    fn layout(&self) -> &'static str {
        self.layout
    }

    fn location(&self) -> &Path {
        self.container.location()
    }

    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn read(&self, entry: &Entry, limits: &Limits) -> io::Result<Box<dyn Evidence>> {
        let place = self
            .container
            .files()
            .binary_search_by(|file| file.path.cmp(&entry.container_path))
            .map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        let kept = self.container.read(place, limits)?;
        match &entry.spread {
            Some(spread) => spread.open(kept, limits.artifact_bytes),
            None => Ok(kept),
        }
    }

    fn declared_hosts(&self) -> &[(String, String)] {
        &self.hosts
    }
}

/// Groups a container's files by host, and lets each group's layout say where its files lay.
fn arrange(container: Box<dyn Container>, budget: &mut Budget<'_>) -> Box<dyn OpenCollection> {
    let container = nested::open(container, budget);
    let mut layouts = Vec::new();
    let mut entries = Vec::with_capacity(container.files().len());
    let mut told = Vec::new();
    let mut hosts = Vec::new();
    for (root, files) in parts(container.as_ref()) {
        let part = Part { container: container.as_ref(), limits: budget.limits, root, files };
        let layout = LAYOUTS.iter().find(|layout| layout.detect(&part));
        let mapping = layout.map_or_else(|| plain::map(&part), |layout| layout.map(&part));
        layouts.push(layout.map_or(container.name(), |layout| layout.name()));
        let host_root: Arc<str> =
            Arc::from(velociraptor::unlocked_root(container.as_ref(), root).trim_end_matches('/'));
        hosts.extend(mapping.host.map(|host| (host_root.to_string(), host)));
        told.extend(mapping.problems);
        let files = part.files.into_iter().zip(mapping.places);
        entries.extend(files.filter_map(|((place, _), at)| entry(container.as_ref(), place, at, &host_root)));
    }
    entries.sort_by(|a, b| a.container_path.cmp(&b.container_path));
    let mut problems = with_own(told, container.problems());
    if entries.is_empty() && problems.is_empty() {
        let place = container.location().display().to_string();
        problems.push(problem(ProblemCode::EmptyCollection, &place, ""));
    }
    problems.sort();
    Box::new(Arranged { layout: one_layout(&layouts, container.name()), container, entries, problems, hosts })
}

/// Adds the container's own problems to what layouts told; what a layout knows more of is told once, by the layout.
fn with_own(mut told: Vec<Problem>, own: &[Problem]) -> Vec<Problem> {
    let retold: BTreeSet<(ProblemCode, &str)> =
        told.iter().map(|problem| (problem.code, problem.place.as_str())).collect();
    let is_new = |problem: &&Problem| !retold.contains(&(problem.code, problem.place.as_str()));
    let own: Vec<Problem> = own.iter().filter(is_new).cloned().collect();
    told.extend(own);
    told
}

fn entry(container: &dyn Container, place: usize, at: Place, host_root: &Arc<str>) -> Option<Entry> {
    let file = container.files().get(place)?;
    Some(Entry {
        container_path: Arc::clone(&file.path),
        path: at.path,
        host_root: Arc::clone(host_root),
        size_bytes: at.spread.as_ref().map_or(file.size_bytes, |spread| spread.length()),
        modified: at.modified,
        created: at.created,
        declared: at.declared,
        spread: at.spread,
    })
}

/// Returns the layout that all parts have in common, not counting parts without one.
fn one_layout(layouts: &[&'static str], container: &'static str) -> &'static str {
    let mut special = layouts.iter().copied().filter(|layout| *layout != container);
    match special.next() {
        Some(first) if special.all(|other| other == first) => first,
        _ => container,
    }
}

/// Groups files by host: by whose volume they lie on, else by the folder above the first that servers have.
fn parts(container: &dyn Container) -> BTreeMap<&str, Vec<(usize, &str)>> {
    let (files, volumes) = (container.files(), container.volumes());
    let root = |path| {
        Mounted::of(volumes, path).map_or_else(|| plain::root(path), |volume| Some(volume.host.as_str()))
    };
    let roots: Vec<Option<&str>> = files.iter().map(|file| root(&*file.path)).collect();
    let known: BTreeSet<&str> = roots.iter().copied().flatten().collect();
    let mut parts: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (place, (file, root)) in files.iter().zip(&roots).enumerate() {
        let root = root.unwrap_or_else(|| nearest(&known, &file.path));
        let below = file.path.get(root.len()..).unwrap_or_default();
        parts.entry(root).or_default().push((place, below));
    }
    parts
}

/// Returns the deepest known root above a file that has no root of its own, such as a collector's log.
fn nearest<'k>(known: &BTreeSet<&'k str>, path: &str) -> &'k str {
    let folders = path.match_indices('/').rev();
    folders
        .filter_map(|(slash, _)| path.get(..=slash))
        .find_map(|folder| known.get(folder).copied())
        .unwrap_or_default()
}
