//! A folder on a disk, with the volumes that are mounted in it, or one loose file.

use super::image::Image;
use super::names::settle;
use super::packed::Format;
use super::shared_file::SharedFile;
use super::spool::Spool;
use super::{Container, ContainerFile, Extent, Mounted, Shared, problem};
use crate::input::{Evidence, too_large};
use crate::limits::Limits;
use afterpatch_model::{Problem, ProblemCode};
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Containers up to this size are copied to be opened; larger ones stay open where they lie.
const COPIED_BYTES: u64 = 16 << 20;

/// Files that lie open on a disk.
pub(super) struct Folder {
    name: &'static str,
    location: PathBuf,
    files: Vec<ContainerFile>,
    paths: Vec<PathBuf>,
    volumes: Vec<Mounted>,
    problems: Vec<Problem>,
}

impl Folder {
    /// Lists a folder with all that is below it, and of the volumes that are mounted in it what `extent` says. Links
    /// are not followed: they may lead out of the evidence.
    pub(super) fn open(location: &Path, limits: &Limits, extent: Extent) -> Self {
        let mut image = match extent {
            Extent::OfInterest => Image::open(location, limits),
            Extent::Everything => Image::default(),
        };
        let mut problems = std::mem::take(&mut image.problems);
        let mut files = std::mem::take(&mut image.files);
        let walk = WalkDir::new(location).sort_by_file_name().into_iter();
        for found in walk.filter_entry(|found| !image.is_volume(found.path())) {
            if files.len() >= limits.entries {
                let detail = format!("more than {} entries; the others were not read", limits.entries);
                problems.push(problem(ProblemCode::TooManyEntries, "", detail));
                break;
            }
            match found {
                Ok(found) => files.extend(list(location, &found, &mut problems)),
                Err(error) => {
                    let place = error.path().map_or_else(String::new, |path| inner_path(location, path));
                    problems.push(problem(ProblemCode::Unreadable, &place, error.to_string()));
                }
            }
        }
        let (files, paths) = settle(files, &mut problems);
        let name = if image.volumes.is_empty() { "folder" } else { "image" };
        Self { name, location: location.to_owned(), files, paths, volumes: image.volumes, problems }
    }

    /// Returns how many bytes are in its files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).fold(0, u64::saturating_add)
    }

    /// Takes one loose file for a collection.
    pub(super) fn file(location: &Path) -> Self {
        let name = location.file_name().unwrap_or(location.as_os_str());
        let size_bytes = std::fs::metadata(location).map_or(0, |metadata| metadata.len());
        Self {
            name: "file",
            location: location.to_owned(),
            files: vec![ContainerFile { path: name.to_string_lossy().into(), size_bytes, modified: None }],
            paths: vec![location.to_owned()],
            volumes: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Takes a container that is not opened for a loose file, and says why.
    pub(super) fn told_file(location: &Path, code: ProblemCode, detail: &str) -> Self {
        let mut file = Self::file(location);
        let place = location.display().to_string();
        file.problems.push(problem(code, &place, detail));
        file
    }
}

impl Container for Folder {
    fn name(&self) -> &'static str {
        self.name
    }

    fn location(&self) -> &Path {
        &self.location
    }

    fn files(&self) -> &[ContainerFile] {
        &self.files
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn volumes(&self) -> &[Mounted] {
        &self.volumes
    }

    fn read(&self, place: usize, limits: &Limits) -> io::Result<Box<dyn Evidence>> {
        let path = self.paths.get(place).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let file = SharedFile::open(path)?;
        if file.length() > limits.artifact_bytes {
            return Err(too_large(format!("{} bytes", file.length())));
        }
        Ok(Box::new(file))
    }

    fn share(&self, place: usize, limits: &Limits, spool: &Spool) -> io::Result<Shared> {
        let path = self.paths.get(place).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut file = SharedFile::open(path)?;
        if file.length() > limits.artifact_bytes {
            return Err(too_large(format!("{} bytes", file.length())));
        }
        // There may be more small containers in a folder than a process may have open files.
        if file.length() > COPIED_BYTES { Ok((file, None)) } else { spool.append(&mut file, COPIED_BYTES) }
    }
}

fn list(location: &Path, found: &DirEntry, problems: &mut Vec<Problem>) -> Option<(ContainerFile, PathBuf)> {
    let path = inner_path(location, found.path());
    let kind = found.file_type();
    if kind.is_dir() {
        return None;
    }
    if kind.is_symlink() {
        let target =
            std::fs::read_link(found.path()).map_or_else(|_| String::new(), |to| to.display().to_string());
        problems.push(problem(ProblemCode::LinkNotFollowed, &path, target));
        return None;
    }
    if !kind.is_file() {
        problems.push(problem(ProblemCode::Unreadable, &path, "neither file nor folder"));
        return None;
    }
    let file = ContainerFile {
        path: path.into(),
        size_bytes: found.metadata().map_or(0, |metadata| metadata.len()),
        // A copy on a disk says when it was copied at least as often as when the original was written.
        modified: None,
    };
    Some((file, found.path().to_owned()))
}

fn inner_path(location: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(location).unwrap_or(path);
    let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Returns the containers in a folder that holds nothing else; of any other folder, nothing.
pub(super) fn containers_only(location: &Path) -> io::Result<Vec<PathBuf>> {
    let mut containers = Vec::new();
    for found in std::fs::read_dir(location)? {
        let found = found?;
        if !found.file_type()?.is_file() || !Format::is_archive(&found.path()).unwrap_or(false) {
            return Ok(Vec::new());
        }
        containers.push(found.path());
    }
    containers.sort();
    Ok(containers)
}
