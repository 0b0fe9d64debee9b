//! Mounted volumes of Windows servers: of a hundred gigabytes, what the guides name is listed, and the rest counted.
//!
//! Where things lie is read from the volumes themselves: the registry and the configuration of IIS are looked for
//! first, and what they name decides what else is of interest. Names are met in any case, as on the server. Links are
//! followed as long as they stay on the volumes of their host, and never out of them.

mod gather;
mod volumes;
mod wanted;

use self::gather::{Found, Gathered};
use self::volumes::{Host, Start, Volume};
use self::wanted::Wanted;
use super::shared_file::SharedFile;
use super::{ContainerFile, Mounted, problem};
use crate::guide::{Root, guides};
use crate::input::{Evidence, Limits};
use crate::places::{Places, TELLERS};
use afterpatch_model::{Problem, ProblemCode, file_name, path_drive};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// What is listed of the mounted volumes in a folder.
#[derive(Default)]
pub(super) struct Image {
    pub(super) files: Vec<(ContainerFile, PathBuf)>,
    pub(super) volumes: Vec<Mounted>,
    pub(super) problems: Vec<Problem>,
    folders: BTreeSet<PathBuf>,
}

impl Image {
    /// Looks for volumes in a folder, and lists what is of interest on them.
    pub(super) fn open(location: &Path, limits: &Limits) -> Self {
        let mut image = Self::default();
        for mut host in volumes::find(location) {
            let places = places(&mut host, limits);
            let gathered = gather::gather(&host, &everything(&host, &places));
            image.problems.extend(not_mounted(&host, &places));
            image.take(&host, gathered);
        }
        // What is met while things are gathered is met again while the rest is counted.
        image.problems.sort();
        image.problems.dedup_by(|a, b| (a.code, &a.place) == (b.code, &b.place));
        image
    }

    /// Tells whether a folder is a volume of the image.
    pub(super) fn is_volume(&self, folder: &Path) -> bool {
        self.folders.contains(folder)
    }

    fn take(&mut self, host: &Host, gathered: Gathered) {
        self.problems.extend(gathered.problems);
        for volume in &host.volumes {
            self.problems.extend(passed_over(volume, &gathered.files));
            self.folders.insert(volume.folder.clone());
        }
        self.volumes.extend(host.mounted());
        self.files.extend(gathered.files.into_iter().map(|(place, found)| {
            (ContainerFile { path: found.name.into(), size_bytes: found.size_bytes, modified: None }, place)
        }));
    }
}

/// Reads where the server keeps what matters: what the registry tells first says where agents are configured.
fn places(host: &mut Host, limits: &Limits) -> Places {
    let mut places = Places::default();
    for _ in 0..2 {
        let mut tellers = Wanted::default();
        for (root, mask) in TELLERS {
            for start in starts(host, &places, *root).unwrap_or_default() {
                tellers.add(start, mask);
            }
        }
        let found = gather::gather(host, &tellers).files;
        let files = found.iter().map(|(place, found)| (host.original(&found.name), place));
        places = Places::of(files, |place| open_file(place), limits);
    }
    host.know_system_drive(places.windows.as_deref().and_then(path_drive));
    places
}

fn open_file(place: &Path) -> std::io::Result<Box<dyn Evidence>> {
    Ok(Box::new(SharedFile::open(place)?))
}

/// Everything that is of interest: what the guides name, and the libraries that the server's settings name.
fn everything(host: &Host, places: &Places) -> Wanted {
    let mut wanted = Wanted::default();
    for location in guides().flat_map(|(_, guide)| guide.locations) {
        let (starts, mask) = match starts(host, places, location.root) {
            Some(starts) => (starts, location.mask.to_owned()),
            // Where Exchange lies is not known: its folders are looked for wherever they may be.
            None => (host.each_volume().collect(), format!(r"**\{}", location.mask)),
        };
        for start in starts {
            wanted.add(start, &mask);
        }
    }
    for library in &places.libraries {
        let folder = library.strip_suffix(file_name(library)).unwrap_or_default();
        wanted.add(Start::Named(folder.to_owned()), file_name(library));
    }
    wanted
}

/// Returns the folders that a root of the guides stands for on the host; nothing where that is not known.
fn starts(host: &Host, places: &Places, root: Root) -> Option<Vec<Start>> {
    let named = |folders: &BTreeSet<String>| folders.iter().cloned().map(Start::Named).collect();
    match root {
        Root::Exchange => Some(vec![Start::Named(places.exchange.clone()?)]),
        Root::IisLogs => Some(named(&places.iis_logs)),
        Root::WebRoots => Some(places.served().map(str::to_owned).map(Start::Named).collect()),
        Root::Windows => Some(host.on_system_volume("Windows")),
        Root::ProgramData => Some(host.on_system_volume("ProgramData")),
        Root::SystemDrive => Some(host.on_system_volume("")),
        Root::Volumes => Some(host.each_volume().collect()),
    }
}

/// Says which volumes the server's settings name that are not there, each with what should lie on it.
fn not_mounted(host: &Host, places: &Places) -> Vec<Problem> {
    let named =
        places.exchange.iter().chain(&places.iis_logs).chain(&places.web_roots).chain(&places.libraries);
    let mut missing: BTreeMap<char, BTreeSet<&str>> = BTreeMap::new();
    for folder in named {
        if let Some(drive) = path_drive(folder).filter(|drive| host.volume_of(Some(*drive)).is_none()) {
            missing.entry(drive).or_default().insert(folder);
        }
    }
    let tell = |(drive, folders): (char, BTreeSet<&str>)| {
        const SHOWN: usize = 3;
        let shown: Vec<&str> = folders.iter().copied().take(SHOWN).collect();
        let more = folders.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        problem(ProblemCode::VolumeMissing, &format!("{}{drive}:", host.root), shown.join(", ") + &more)
    };
    missing.into_iter().map(tell).collect()
}

/// Files and links that were passed over in one folder.
#[derive(Default)]
struct PassedOver {
    files: u64,
    bytes: u64,
    links: u64,
}

/// Counts what lies on a volume and was not listed, by the folders at its top.
fn passed_over(volume: &Volume, listed: &BTreeMap<PathBuf, Found>) -> Vec<Problem> {
    let mut counts: BTreeMap<String, PassedOver> = BTreeMap::new();
    let mut problems = Vec::new();
    for entry in WalkDir::new(&volume.folder).same_file_system(true).sort_by_file_name() {
        match entry {
            Ok(entry) if listed.contains_key(entry.path()) => {}
            Ok(entry) if entry.file_type().is_dir() => problems.extend(volume.not_within(entry.path())),
            Ok(entry) => counts.entry(volume.top_of(entry.path())).or_default().add(&entry),
            Err(error) => {
                let place = error.path().map_or_else(String::new, |path| volume.inner_path(path));
                problems.push(problem(ProblemCode::Unreadable, &place, error.to_string()));
            }
        }
    }
    problems.extend(counts.into_iter().map(|(top, count)| count.told(&top)));
    problems
}

impl PassedOver {
    fn add(&mut self, entry: &DirEntry) {
        if entry.file_type().is_symlink() {
            self.links = self.links.saturating_add(1);
        } else {
            self.files = self.files.saturating_add(1);
            self.bytes = self.bytes.saturating_add(entry.metadata().map_or(0, |data| data.len()));
        }
    }

    fn told(&self, top: &str) -> Problem {
        let links = if self.links > 0 { format!(", {} links", self.links) } else { String::new() };
        let detail = format!("{} files, {} bytes{links}", self.files, self.bytes);
        problem(ProblemCode::NotOfInterest, top, detail)
    }
}
