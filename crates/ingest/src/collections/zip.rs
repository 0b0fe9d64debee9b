//! A ZIP file: random access, and several readers at once on one open file.

use super::budget::{Budget, spent};
use super::names::{plain_name, settle};
use super::salvage::{self, Salvaged};
use super::shared_file::SharedFile;
use super::spool::Spool;
use super::stretch::{DEFLATED, STORED, Stretch};
use super::unpack::{Bytes, Growth, Unpacked, unpack};
use super::{Container, ContainerFile, OpenError, Shared, problem};
use crate::input::{Evidence, Passwords, too_large};
use crate::limits::Limits;
use ::zip::read::ZipFile;
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ExtraField, ZipArchive};
use afterpatch_model::{Problem, ProblemCode, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An open ZIP file.
pub(super) struct Zip {
    location: PathBuf,
    file: SharedFile,
    /// The list of entries, where some can be read by it alone.
    archive: Option<ZipArchive<SharedFile>>,
    files: Vec<ContainerFile>,
    sources: Vec<Source>,
    problems: Vec<Problem>,
    spool: Arc<Spool>,
    /// Entries that were unpacked before, by their place.
    kept: Mutex<BTreeMap<usize, SharedFile>>,
}

/// Where an entry's bytes are to be found.
enum Source {
    /// Here.
    Plain(Stretch, u64),
    /// By its number in the list of entries, with the password that opens it, if it needs one.
    Listed(usize, Option<Box<str>>),
    /// By its own local header: the central directory is gone, or hides it.
    Salvaged(Box<Salvaged>),
    /// Nowhere: with it the collection would unpack to more than the limit.
    Beyond,
}

type Found = (ContainerFile, Source);

impl Zip {
    /// Opens a ZIP file. Where its central directory is cut off, the entries before the cut are found by their headers.
    pub(super) fn of(location: &Path, file: SharedFile, budget: &mut Budget<'_>) -> Result<Self, OpenError> {
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
                let mut found = list(archive.clone(), &file, budget, &mut problems);
                unlock(&mut archive.clone(), &mut found, budget.passwords, &mut problems);
                found
            }
            None => salvage_all(&file, &BTreeSet::new(), budget, &mut problems),
        };
        if archive.is_none() && found.is_empty() {
            return Err(OpenError::Damaged {
                path: location.to_owned(),
                detail: "neither its list of files nor a single entry can be read".to_owned(),
            });
        }
        // The list holds much of each entry, and there may be millions.
        let archive =
            archive.filter(|_| found.iter().any(|(_, source)| matches!(source, Source::Listed(..))));
        let (files, sources) = settle(found, &mut problems);
        let (spool, kept) = (Arc::clone(&budget.spool), Mutex::default());
        Ok(Self { location: location.to_owned(), file, archive, files, sources, problems, spool, kept })
    }

    /// Unpacks an entry, and keeps it as long as there is room.
    fn unpacked(&self, place: usize, limits: &Limits) -> io::Result<Unpacked> {
        let source = self.sources.get(place).ok_or_else(missing)?;
        let growth = self.growth(source, limits)?;
        if let Some(kept) = self.kept().get(&place) {
            return Ok(Unpacked { bytes: Bytes::Disk(kept.clone()), broken: None });
        }
        let unpacked = match self.unpack(source, growth, limits.spool_bytes) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                self.spool.close();
                self.unpack(source, growth, 0)?
            }
            other => other?,
        };
        if let Unpacked { bytes: Bytes::Disk(file), broken: None } = &unpacked
            && self.spool.holds(file)
        {
            self.kept().insert(place, file.clone());
        }
        Ok(unpacked)
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<usize, SharedFile>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn growth(&self, source: &Source, limits: &Limits) -> io::Result<Growth> {
        match source {
            Source::Beyond => Err(spent()),
            Source::Plain(stretch, size) => growth(stretch.packed_bytes, Some(*size), limits),
            Source::Salvaged(entry) => growth(entry.packed_bytes, entry.size_bytes, limits),
            Source::Listed(number, _) => {
                let entry = self.archive.as_ref().ok_or_else(missing)?.by_index_data(*number)?;
                growth(entry.compressed_size(), Some(entry.size()), limits)
            }
        }
    }

    fn unpack(&self, source: &Source, growth: Growth, most_kept: u64) -> io::Result<Unpacked> {
        match source {
            Source::Beyond => Err(spent()),
            Source::Plain(stretch, size) => {
                let mut from = stretch.open(&self.file)?;
                unpack(&mut from, growth, || self.spool.set_aside(*size, most_kept))
            }
            Source::Salvaged(entry) => unpack(&mut entry.open(&self.file)?, growth, || Ok(None)),
            Source::Listed(number, password) => {
                // A clone shares the list of entries and the open file; only its place in the file is its own.
                let mut archive = self.archive.clone().ok_or_else(missing)?;
                let mut entry = match password {
                    Some(password) => archive.by_index_decrypt(*number, password.as_bytes())?,
                    None => archive.by_index(*number)?,
                };
                let size = entry.size();
                unpack(&mut entry, growth, || self.spool.set_aside(size, most_kept))
            }
        }
    }
}

fn missing() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
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
        self.unpacked(place, limits).map(Unpacked::open)
    }

    fn share(&self, place: usize, limits: &Limits, spool: &Spool) -> io::Result<Shared> {
        let Unpacked { bytes, broken } = self.unpacked(place, limits)?;
        match bytes {
            Bytes::Disk(file) => Ok((file, broken)),
            Bytes::Memory(bytes) => Ok((spool.append(&mut bytes.as_slice(), u64::MAX)?.0, broken)),
        }
    }
}

/// Says how far an entry may grow; one that says itself that it goes beyond is refused at once.
fn growth(packed: u64, size: Option<u64>, limits: &Limits) -> io::Result<Growth> {
    let most_bytes = limits.growth(packed).min(limits.artifact_bytes);
    if let Some(size) = size.filter(|size| *size > most_bytes) {
        return Err(too_large(format!("{packed} bytes packed would be {size} bytes")));
    }
    Ok(Growth { memory_bytes: limits.memory_bytes, most_bytes })
}

fn list(
    mut archive: ZipArchive<SharedFile>,
    file: &SharedFile,
    budget: &mut Budget<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let has_doubles = archive.has_duplicate_names();
    let mut starts = BTreeSet::new();
    for number in 0..archive.len() {
        if !budget.take_entry() {
            let detail = format!("{} entries; {number} were read", archive.len());
            problems.push(problem(ProblemCode::TooManyEntries, "", detail));
            break;
        }
        match archive.by_index_raw(number) {
            Ok(entry) => {
                if has_doubles {
                    starts.insert(entry.header_start());
                }
                found.extend(listed(&entry, number, budget, problems));
            }
            Err(error) => {
                let place = format!("entry {number}");
                problems.push(problem(ProblemCode::Damaged, &place, error.to_string()));
            }
        }
    }
    if has_doubles {
        // The list of entries goes by name: of two that share one, it keeps one. The other has its own header.
        found.extend(salvage_all(file, &starts, budget, problems));
    }
    found
}

fn listed(
    entry: &ZipFile<'_, SharedFile>,
    number: usize,
    budget: &mut Budget<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Found> {
    let raw =
        entry.name().map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), Cow::into_owned);
    // A folder is an entry too; one in which there are bytes is a file that would rather not be seen.
    if entry.is_dir() && entry.size() == 0 {
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
    let file = ContainerFile { path: path.into(), size_bytes: entry.size(), modified: modified(entry) };
    // What is refused for its own growth is not unpacked, and takes nothing from the others.
    let is_refused = growth(entry.compressed_size(), Some(entry.size()), budget.limits).is_err();
    if !is_refused && !budget.take_bytes(entry.size()) {
        return Some((file, Source::Beyond));
    }
    // Whether a password opens it is seen when all are listed; until then an empty one says that it needs one.
    let password = entry.encrypted().then(Box::default);
    let source = match stretch_of(entry) {
        Some(stretch) if password.is_none() => Source::Plain(stretch, entry.size()),
        _ => Source::Listed(number, password),
    };
    Some((file, source))
}

/// Returns where an entry's bytes lie, where they are packed in one of the ways that are unpacked here.
fn stretch_of(entry: &ZipFile<'_, SharedFile>) -> Option<Stretch> {
    let method = match entry.compression() {
        CompressionMethod::Stored => STORED,
        CompressionMethod::Deflated => DEFLATED,
        _ => return None,
    };
    let (start, packed_bytes) = (entry.data_start()?, entry.compressed_size());
    Some(Stretch { start, packed_bytes, method, crc32: Some(entry.crc32()) })
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
            *password = fitting.into();
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

/// Finds entries by their local headers, but for those that begin at one of `known`.
fn salvage_all(
    file: &SharedFile,
    known: &BTreeSet<u64>,
    budget: &mut Budget<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Found> {
    let mut found = Vec::new();
    for entry in salvage::entries(file, budget) {
        if !known.contains(&entry.header) && budget.take_entry() {
            found.extend(salvaged(entry, budget, problems));
        }
    }
    found
}

fn salvaged(entry: Salvaged, budget: &mut Budget<'_>, problems: &mut Vec<Problem>) -> Option<Found> {
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
    let size_bytes = entry.size_bytes.unwrap_or_default();
    let file = ContainerFile { path: path.into(), size_bytes, modified: None };
    let source =
        if budget.take_bytes(size_bytes) { Source::Salvaged(Box::new(entry)) } else { Source::Beyond };
    Some((file, source))
}
