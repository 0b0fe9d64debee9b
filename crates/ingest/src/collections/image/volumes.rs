//! The volumes of a host that lie open in a folder, and the paths on them.

use crate::collections::{Mounted, plain, problem};
use afterpatch_model::{Problem, ProblemCode, path_drive};
use std::collections::VecDeque;
use std::fs::{self, Metadata};
use std::path::{Component, Path, PathBuf};

/// How deep below what was handed in volumes are looked for: `case/MX1/C`.
const DEPTH: usize = 3;
/// How many links a path may lead through.
const MOST_LINKS: usize = 40;

/// Any of these in `System32` tells a volume that Windows runs from: no collector copies them.
const SYSTEM_FILES: [&str; 3] = ["ntoskrnl.exe", "ntdll.dll", "kernel32.dll"];
/// Windows puts both of these on every volume; of a volume without Windows nothing else is sure.
const ON_EVERY_VOLUME: [&str; 2] = ["System Volume Information", "$RECYCLE.BIN"];

/// One mounted volume.
pub(super) struct Volume {
    /// Where it lies on this machine.
    pub(super) folder: PathBuf,
    /// Its path in the collection, with a `/` at its end; empty for the whole.
    inner: String,
    drive: Option<char>,
    device: u64,
}

/// The volumes of one server.
pub(super) struct Host {
    /// The part of the collection that is the server's, with a `/` at its end; empty for the whole.
    pub(super) root: String,
    pub(super) volumes: Vec<Volume>,
    /// The place of the volume that Windows runs from.
    system: Option<usize>,
}

/// A folder from which masks are followed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    /// A folder of a volume, given by the volume's place.
    On(usize, &'static str),
    /// A folder as the server's settings name it.
    Named(String),
}

/// A file or folder that a path leads to.
pub(super) struct Spot {
    /// Where it lies on this machine.
    pub(super) real: PathBuf,
    /// The path in the collection by which it was asked for.
    pub(super) name: String,
    /// Whether a link led there.
    pub(super) by_link: bool,
}

/// Finds the volumes in a folder, host by host.
pub(super) fn find(location: &Path) -> Vec<Host> {
    let mut hosts = Vec::new();
    search(location, "", DEPTH, &mut hosts);
    hosts
}

fn search(folder: &Path, inner: &str, depth: usize, hosts: &mut Vec<Host>) {
    if is_system(folder) || is_volume(folder) {
        hosts.push(Host::of(inner, vec![(folder.to_owned(), inner.to_owned(), None)]));
        return;
    }
    let folders = subfolders(folder);
    let mut lettered: Vec<_> = folders
        .iter()
        .filter_map(|(name, path)| Some((path.clone(), format!("{inner}{name}/"), plain::drive(name)?)))
        .collect();
    // Beside the volume of Windows every letter is a volume; else each has to show that it is one.
    if !lettered.iter().any(|(path, ..)| is_system(path)) {
        lettered.retain(|(path, ..)| is_volume(path));
    }
    let is_taken = |path: &PathBuf| lettered.iter().any(|(taken, ..)| taken == path);
    for (name, path) in folders.iter().filter(|(_, path)| depth > 0 && !is_taken(path)) {
        search(path, &format!("{inner}{name}/"), depth.saturating_sub(1), hosts);
    }
    if !lettered.is_empty() {
        let volumes = lettered.into_iter().map(|(path, inner, drive)| (path, inner, Some(drive)));
        hosts.push(Host::of(inner, volumes.collect()));
    }
}

fn is_system(folder: &Path) -> bool {
    let system32 = own_folder(folder, "Windows").and_then(|windows| own_folder(&windows, "System32"));
    system32.is_some_and(|folder| SYSTEM_FILES.iter().any(|name| child(&folder, name).is_some()))
}

fn is_volume(folder: &Path) -> bool {
    ON_EVERY_VOLUME.iter().all(|name| own_folder(folder, name).is_some())
}

/// Returns the folder that is called so in another, in any case; a link is none.
fn own_folder(folder: &Path, name: &str) -> Option<PathBuf> {
    child(folder, name).filter(|found| found.symlink_metadata().is_ok_and(|data| data.is_dir()))
}

/// Returns the folders in a folder, in order of name; links are none.
fn subfolders(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut named: Vec<_> =
        folders.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())).collect();
    named.sort();
    named
}

/// Returns what is called so in a folder, in any case: as it is written first, else the first in order.
fn child(folder: &Path, name: &str) -> Option<PathBuf> {
    let exact = folder.join(name);
    if exact.symlink_metadata().is_ok() {
        return Some(exact);
    }
    let wanted = name.to_lowercase();
    let entries = fs::read_dir(folder).ok()?.flatten();
    let alike = entries.filter(|entry| entry.file_name().to_string_lossy().to_lowercase() == wanted);
    alike.map(|entry| entry.path()).min()
}

impl Volume {
    fn of((folder, inner, drive): (PathBuf, String, Option<char>)) -> Self {
        let device = fs::metadata(&folder).map_or(0, |data| device(&data));
        Self { folder, inner, drive, device }
    }

    /// Returns the path in the collection of something on this volume.
    pub(super) fn inner_path(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.folder).unwrap_or(path).components();
        let parts: Vec<_> = below.map(|part| part.as_os_str().to_string_lossy()).collect();
        format!("{}{}", self.inner, parts.join("/"))
    }

    /// Returns a problem where a folder is on another file system than the volume: something is mounted there.
    pub(super) fn not_within(&self, folder: &Path) -> Option<Problem> {
        let is_other = fs::metadata(folder).is_ok_and(|data| device(&data) != self.device);
        let detail = "another file system is mounted here";
        is_other.then(|| problem(ProblemCode::LinkNotFollowed, &self.inner_path(folder), detail))
    }

    /// Returns the path in the collection of the folder at the top of the volume that something lies in; of a file
    /// at the very top, that of the volume.
    pub(super) fn top_of(&self, path: &Path) -> String {
        let mut below = path.strip_prefix(&self.folder).unwrap_or(path).components();
        match (below.next(), below.next()) {
            (Some(top), Some(_)) => format!("{}{}", self.inner, top.as_os_str().to_string_lossy()),
            _ if self.inner.is_empty() => "/".to_owned(),
            _ => self.inner.trim_end_matches('/').to_owned(),
        }
    }
}

impl Host {
    fn of(root: &str, volumes: Vec<(PathBuf, String, Option<char>)>) -> Self {
        let volumes: Vec<_> = volumes.into_iter().map(Volume::of).collect();
        let system = volumes.iter().position(|volume| is_system(&volume.folder));
        Self { root: root.to_owned(), volumes, system }
    }

    /// Gives the letter by which Windows itself goes to the volume that it runs from, where the folder has none.
    pub(super) fn know_system_drive(&mut self, drive: Option<char>) {
        if let Some(volume) = self.system.and_then(|place| self.volumes.get_mut(place)) {
            volume.drive = volume.drive.or(drive);
        }
    }

    /// Returns how the volumes are told of to who maps paths.
    pub(super) fn mounted(&self) -> impl Iterator<Item = Mounted> {
        self.volumes.iter().map(|volume| Mounted {
            folder: volume.inner.clone(),
            host: self.root.clone(),
            drive: volume.drive,
        })
    }

    /// Returns the path on the server of something in the collection.
    pub(super) fn original(&self, name: &str) -> String {
        let mounted = self.mounted().find(|volume| name.starts_with(&volume.folder));
        mounted.and_then(|volume| volume.original(name)).unwrap_or_else(|| name.to_owned())
    }

    /// Returns a folder on the volume that Windows runs from; on any where that is not among them.
    pub(super) fn on_system_volume(&self, folder: &'static str) -> Vec<Start> {
        let all = 0..self.volumes.len();
        all.filter(|place| self.system.is_none_or(|system| system == *place))
            .map(|place| Start::On(place, folder))
            .collect()
    }

    /// Returns the root of each volume.
    pub(super) fn each_volume(&self) -> impl Iterator<Item = Start> {
        (0..self.volumes.len()).map(|place| Start::On(place, ""))
    }

    /// Returns the volume of a drive; of a path without one, that of Windows.
    pub(super) fn volume_of(&self, drive: Option<char>) -> Option<&Volume> {
        let lettered = self.volumes.iter().find(|volume| drive.is_some() && volume.drive == drive);
        let only = || self.volumes.first().filter(|only| self.volumes.len() == 1 && only.drive.is_none());
        let system = || self.volumes.get(self.system?).filter(|_| drive.is_none());
        lettered.or_else(only).or_else(system)
    }

    /// Returns the volume that a folder lies on.
    pub(super) fn volume_with(&self, folder: &Path) -> Option<&Volume> {
        self.volumes.iter().find(|volume| folder.starts_with(&volume.folder))
    }

    /// Finds a folder from which masks are followed; nothing where it is not there, or where a link leads out.
    pub(super) fn find(&self, start: &Start) -> Option<Spot> {
        match start {
            Start::On(place, folder) => self.walk(self.volumes.get(*place)?, folder),
            Start::Named(path) => {
                let volume = self.volume_of(path_drive(path))?;
                let below = path.split_once(':').map_or(path.as_str(), |(_, below)| below);
                self.walk(volume, below)
            }
        }
    }

    /// Returns what a link leads to; nothing where that is not on the host's volumes.
    pub(super) fn follow(&self, link: &Path) -> Option<PathBuf> {
        let (volume, below) = self.target(link)?;
        self.walk(volume, &below).map(|spot| spot.real)
    }

    /// Walks a path below a volume's root, in any case, through links that stay on the host's volumes.
    fn walk(&self, volume: &Volume, below: &str) -> Option<Spot> {
        let mut parts: VecDeque<String> = split(below).collect();
        let name = format!("{}{}", volume.inner, parts.iter().cloned().collect::<Vec<_>>().join("/"));
        let (mut volume, mut real, mut links) = (volume, volume.folder.clone(), 0_usize);
        while let Some(part) = parts.pop_front() {
            if part == ".." {
                if real == volume.folder || !real.pop() {
                    return None;
                }
                continue;
            }
            let next = child(&real, &part)?;
            if !next.symlink_metadata().ok()?.is_symlink() {
                real = next;
                continue;
            }
            links = links.checked_add(1).filter(|links| *links <= MOST_LINKS)?;
            let (target, below) = self.target(&next)?;
            (volume, real) = (target, target.folder.clone());
            parts = split(&below).chain(parts).collect();
        }
        let by_link = links > 0;
        let name = if by_link { name } else { volume.inner_path(&real) };
        Some(Spot { real, name, by_link })
    }

    /// Returns the volume that a link points into, and the path below its root.
    fn target(&self, link: &Path) -> Option<(&Volume, String)> {
        let target = fs::read_link(link).ok()?;
        let text = target.to_string_lossy();
        if let Some(drive) = path_drive(&text) {
            let below = text.split_once(':')?.1.to_owned();
            return Some((self.volume_of(Some(drive))?, below));
        }
        // Junctions are shown by some drivers with `\`; on this machine only `/` parts a path.
        let slashed = PathBuf::from(text.replace('\\', "/"));
        let whole = tidy(&link.parent()?.join(slashed));
        let volume = self.volume_with(&whole)?;
        let below = whole.strip_prefix(&volume.folder).ok()?.to_string_lossy().into_owned();
        Some((volume, below))
    }
}

fn split(path: &str) -> impl Iterator<Item = String> {
    path.split(['\\', '/']).filter(|part| !matches!(*part, "" | ".")).map(str::to_owned)
}

/// Takes `.` and `..` out of a path, by its text alone: the folders before them are no links.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                tidied.pop();
            }
            Component::CurDir => {}
            other => tidied.push(other),
        }
    }
    tidied
}

#[cfg(unix)]
fn device(data: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(data)
}

#[cfg(not(unix))]
fn device(_: &Metadata) -> u64 {
    0
}
