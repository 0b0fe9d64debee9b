//! A tar file: its entries are found once, and then read where they lie.

use super::budget::Budget;
use super::names::{plain_name, settle};
use super::shared_file::SharedFile;
use super::spool::Spool;
use super::{Container, ContainerFile, Shared, problem};
use crate::input::{Evidence, too_large};
use crate::limits::Limits;
use ::tar::{Archive, Entry, EntryType};
use afterpatch_model::{Problem, ProblemCode, Timestamp};
use std::io;
use std::path::{Path, PathBuf};

/// An open tar file.
pub(super) struct Tar {
    location: PathBuf,
    file: SharedFile,
    files: Vec<ContainerFile>,
    spans: Vec<Span>,
    problems: Vec<Problem>,
}

/// Where the bytes of an entry lie.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u64,
    size: u64,
}

impl Tar {
    /// Opens a tar file. One that is cut off has the entries before the cut.
    pub(super) fn open(location: &Path, file: SharedFile, budget: &mut Budget<'_>) -> Self {
        let mut problems = Vec::new();
        let found = list(&file, budget, &mut problems);
        let (files, spans) = settle(found, &mut problems);
        Self { location: location.to_owned(), file, files, spans, problems }
    }
}

impl Tar {
    fn part(&self, place: usize, limits: &Limits) -> io::Result<SharedFile> {
        let span = self.spans.get(place).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if span.size > limits.artifact_bytes {
            return Err(too_large(format!("{} bytes", span.size)));
        }
        Ok(self.file.part(span.start, span.size))
    }
}

impl Container for Tar {
    fn name(&self) -> &'static str {
        "tar"
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
        Ok(Box::new(self.part(place, limits)?))
    }

    fn share(&self, place: usize, limits: &Limits, _: &Spool) -> io::Result<Shared> {
        Ok((self.part(place, limits)?, None))
    }
}

type Found = (ContainerFile, Span);

fn list(file: &SharedFile, budget: &mut Budget<'_>, problems: &mut Vec<Problem>) -> Vec<Found> {
    let mut archive = Archive::new(file.clone());
    let mut found: Vec<Found> = Vec::new();
    let entries = match archive.entries_with_seek() {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(problem(ProblemCode::Damaged, "", error.to_string()));
            return found;
        }
    };
    for (number, entry) in entries.enumerate() {
        if !budget.take_entry() {
            let detail = format!("more than {} entries; the others were not read", budget.limits.entries);
            problems.push(problem(ProblemCode::TooManyEntries, "", detail));
            break;
        }
        match entry {
            Ok(entry) => found.extend(listed(&entry, file.length(), problems)),
            Err(error) => {
                let detail = format!("after {number} entries: {error}");
                problems.push(problem(ProblemCode::Truncated, "", detail));
                break;
            }
        }
    }
    found
}

fn listed<R: io::Read>(entry: &Entry<'_, R>, length: u64, problems: &mut Vec<Problem>) -> Option<Found> {
    let raw = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let (path, is_unsafe) = plain_name(&raw);
    let kind = entry.header().entry_type();
    if kind.is_dir() || matches!(kind, EntryType::XGlobalHeader) {
        return None;
    }
    if is_unsafe {
        problems.push(problem(ProblemCode::UnsafeName, &path, raw.escape_debug().to_string()));
    }
    if let Some((code, detail)) = refusal(entry, kind) {
        problems.push(problem(code, &path, detail));
        return None;
    }
    let span = Span { start: entry.raw_file_position(), size: entry.size() };
    if span.start.saturating_add(span.size) > length {
        problems.push(problem(ProblemCode::Truncated, &path, "the last entry before the cut"));
    }
    let modified = entry.header().mtime().ok().and_then(|time| i64::try_from(time).ok());
    let modified = modified.filter(|time| *time > 0).and_then(Timestamp::from_seconds);
    Some((ContainerFile { path: path.into(), size_bytes: span.size, modified }, span))
}

/// Says why an entry has no bytes of its own that could be read.
fn refusal<R: io::Read>(entry: &Entry<'_, R>, kind: EntryType) -> Option<(ProblemCode, String)> {
    if kind.is_symlink() || kind.is_hard_link() {
        let to = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned());
        return Some((ProblemCode::LinkNotFollowed, to.unwrap_or_default()));
    }
    let is_plain = kind.is_file() || kind.is_contiguous();
    let detail =
        if kind.is_gnu_sparse() { "a sparse entry: unpack it with tar" } else { "neither file nor folder" };
    (!is_plain).then(|| (ProblemCode::Unreadable, detail.to_owned()))
}
