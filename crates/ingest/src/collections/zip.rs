//! A ZIP file: random access, and several readers at once on one open file.

use super::names::{plain_name, settle};
use super::salvage::{self, Salvaged};
use super::shared_file::SharedFile;
use super::{Container, ContainerFile, OpenError, problem};
use crate::input::{Evidence, Growth, Limits, Passwords, too_large, unpack};
use ::zip::read::ZipFile;
use ::zip::result::ZipError;
use ::zip::{ExtraField, ZipArchive};
use afterpatch_model::{Problem, ProblemCode, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// An open ZIP file.
pub(super) struct Zip {
    location: PathBuf,
    file: SharedFile,
    archive: Option<ZipArchive<SharedFile>>,
    files: Vec<ContainerFile>,
    sources: Vec<Source>,
    problems: Vec<Problem>,
}

/// Where an entry's bytes are to be found.
enum Source {
    /// By its number in the central directory, with the password that opens it, if it needs one.
    Listed(usize, Option<String>),
    /// By its own local header: the central directory is gone, or hides it.
    Salvaged(Salvaged),
}

type Found = (ContainerFile, Source);

impl Zip {
    /// Opens a ZIP file. Where its central directory is cut off, the entries before the cut are found by their headers.
    pub(super) fn open(location: &Path, limits: &Limits, passwords: &Passwords) -> Result<Self, OpenError> {
        let file = SharedFile::open(location)
            .map_err(|source| OpenError::Io { path: location.to_owned(), source })?;
        Self::of(location, file, limits, passwords)
    }

    /// Opens a ZIP file whose bytes are at hand.
    pub(super) fn of(
        location: &Path,
        file: SharedFile,
        limits: &Limits,
        passwords: &Passwords,
    ) -> Result<Self, OpenError> {
        let io_error = |source| OpenError::Io { path: location.to_owned(), source };
        let mut problems = Vec::new();
        let archive = match ZipArchive::new(file.clone()) {
            Ok(archive) => Some(archive),
            Err(ZipError::Io(source)) if source.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(io_error(source));
            }
            Err(error) => {
                let place = location.display().to_string();
                problems.push(problem(ProblemCode::Truncated, &place, error.to_string()));
                None
            }
        };
        let found = match &archive {
            Some(archive) => {
                let mut found = list(archive.clone(), &file, limits, &mut problems);
                unlock(&mut archive.clone(), &mut found, passwords, &mut problems);
                found
            }
            None => salvage::entries(&file, limits)
                .into_iter()
                .filter_map(|entry| salvaged(entry, &mut problems))
                .collect(),
        };
        if archive.is_none() && found.is_empty() {
            return Err(OpenError::Damaged {
                path: location.to_owned(),
                detail: "neither its list of files nor a single entry can be read".to_owned(),
            });
        }
        let (files, sources) = settle(found, &mut problems);
        Ok(Self { location: location.to_owned(), file, archive, files, sources, problems })
    }
}

impl Container for Zip {
    fn name(&self) -> &'static str {
        "zip"
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

    fn read(&self, place: usize, limits: &Limits) -> io::Result<Box<dyn Evidence>> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        match self.sources.get(place).ok_or_else(missing)? {
            Source::Salvaged(entry) => {
                let growth = growth(entry.packed_bytes, entry.size_bytes, limits)?;
                unpack(entry.open(&self.file)?, growth)
            }
            Source::Listed(number, password) => {
                // A clone shares the list of entries and the open file; only its place in the file is its own.
                let mut archive = self.archive.clone().ok_or_else(missing)?;
                let entry = match password {
                    Some(password) => archive.by_index_decrypt(*number, password.as_bytes())?,
                    None => archive.by_index(*number)?,
                };
                let growth = growth(entry.compressed_size(), Some(entry.size()), limits)?;
                unpack(entry, growth)
            }
        }
    }
}

/// Says how far an entry may grow; one that says itself that it goes beyond is refused at once.
fn growth(packed: u64, size: Option<u64>, limits: &Limits) -> io::Result<Growth> {
    let most_bytes = limits.growth(packed).min(limits.artifact_bytes);
    if let Some(size) = size.filter(|size| *size > most_bytes) {
        return Err(too_large(format!("{packed} bytes packed would be {size} bytes")));
    }
    Ok(Growth {
        memory_bytes: limits.memory_bytes,
        // One more than allowed, so that an entry of just the limit is told from one beyond.
        most_bytes: most_bytes.saturating_add(1),
    })
}

fn list(
    mut archive: ZipArchive<SharedFile>,
    file: &SharedFile,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut starts = BTreeSet::new();
    for number in 0..archive.len().min(limits.entries) {
        match archive.by_index_raw(number) {
            Ok(entry) => {
                starts.insert(entry.header_start());
                found.extend(listed(&entry, number, problems));
            }
            Err(error) => {
                let place = format!("entry {number}");
                problems.push(problem(ProblemCode::Damaged, &place, error.to_string()));
            }
        }
    }
    if archive.len() > limits.entries {
        let detail = format!("{} entries; {} were read", archive.len(), limits.entries);
        problems.push(problem(ProblemCode::TooManyEntries, "", detail));
    }
    if archive.has_duplicate_names() {
        // The list of entries goes by name: of two that share one, it keeps one. The other has its own header.
        let hidden =
            salvage::entries(file, limits).into_iter().filter(|entry| !starts.contains(&entry.header));
        found.extend(hidden.filter_map(|entry| salvaged(entry, problems)));
    }
    found
}

fn listed(entry: &ZipFile<'_, SharedFile>, number: usize, problems: &mut Vec<Problem>) -> Option<Found> {
    let raw =
        entry.name().map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), Cow::into_owned);
    if entry.is_dir() {
        return None;
    }
    let (path, is_unsafe) = plain_name(&raw);
    if entry.is_symlink() {
        problems.push(problem(ProblemCode::LinkNotFollowed, &path, ""));
        return None;
    }
    if is_unsafe {
        problems.push(problem(ProblemCode::UnsafeName, &path, raw.escape_debug().to_string()));
    }
    let file = ContainerFile { path, size_bytes: entry.size(), modified: modified(entry) };
    // Whether a password opens it is seen when all are listed; until then an empty one says that it needs one.
    let password = entry.encrypted().then(String::new);
    Some((file, Source::Listed(number, password)))
}

/// Finds the password of each locked entry; those that none opens are told and left out.
fn unlock(
    archive: &mut ZipArchive<SharedFile>,
    found: &mut Vec<Found>,
    passwords: &Passwords,
    problems: &mut Vec<Problem>,
) {
    found.retain_mut(|(file, source)| {
        let Source::Listed(number, Some(password)) = source else {
            return true;
        };
        let fits = |given: &&str| archive.by_index_decrypt(*number, given.as_bytes()).is_ok();
        if let Some(fitting) = passwords.iter().find(fits) {
            fitting.clone_into(password);
            return true;
        }
        let n_tried = passwords.iter().count();
        let detail =
            if n_tried == 0 { "it needs a password" } else { "none of the passwords given opens it" };
        problems.push(problem(ProblemCode::Encrypted, &file.path, detail));
        false
    });
}

/// Returns the time that is kept in UTC; the other one, of DOS, is local to nobody knows where.
fn modified(entry: &ZipFile<'_, SharedFile>) -> Option<Timestamp> {
    entry.extra_data_fields().find_map(|field| match field {
        ExtraField::ExtendedTimestamp(times) => Timestamp::from_seconds(i64::from(times.mod_time()?)),
        ExtraField::Ntfs(times) => Timestamp::from_filetime(i64::try_from(times.mtime()).ok()?),
        _ => None,
    })
}

fn salvaged(entry: Salvaged, problems: &mut Vec<Problem>) -> Option<Found> {
    let (path, is_unsafe) = plain_name(&entry.name);
    if entry.is_encrypted {
        problems.push(problem(ProblemCode::Encrypted, &path, "the entry needs a password"));
        return None;
    }
    if is_unsafe {
        problems.push(problem(ProblemCode::UnsafeName, &path, entry.name.escape_debug().to_string()));
    }
    if entry.is_cut {
        problems.push(problem(ProblemCode::Truncated, &path, "the last entry before the cut"));
    }
    let file = ContainerFile { path, size_bytes: entry.size_bytes.unwrap_or_default(), modified: None };
    Some((file, Source::Salvaged(entry)))
}
