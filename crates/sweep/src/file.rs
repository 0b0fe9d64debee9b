//! The file of a sweep: a line for each address as it was asked, appended and never changed.
//!
//! A sweep that is killed leaves its file open, and the next one goes on with it: what was asked is not asked again.
//! A sweep that has come to its end seals its file, which is evidence from then on.

use crate::targets::Target;
use afterpatch_model::{Observation, SWEEP_SCHEMA, SweepBegin, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The name of the file of a sweep that has not come to its end.
const OPEN: &str = "open.part";

/// Why a sweep's file cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Another sweep writes it.
    #[error("another sweep is under way in {0}")]
    Busy(PathBuf),
    /// The disk does not do as asked.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The file of the sweep that is under way.
#[derive(Debug)]
pub struct SweepFile {
    folder: PathBuf,
    file: File,
    begun: Timestamp,
    asked: BTreeSet<String>,
    was_there: bool,
}

impl SweepFile {
    /// Goes on with the sweep that was left open in `folder`, or begins one at the time `now`.
    ///
    /// A last line that a kill cut off is taken away; its address is asked again.
    pub fn open(folder: &Path, now: Timestamp, user_agent: &str) -> Result<Self, FileError> {
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        let path = folder.join(OPEN);
        let failed = io_error(&path);
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(&failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FileError::Busy(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let begun =
            SweepBegin { schema: SWEEP_SCHEMA.to_owned(), begun: now, user_agent: user_agent.to_owned() };
        let mut opened =
            Self { folder: folder.to_owned(), file, begun: now, asked: BTreeSet::new(), was_there: false };
        opened.read_again().map_err(&failed)?;
        if !opened.was_there {
            opened.file.set_len(0).map_err(&failed)?;
            opened.write(&begun)?;
        }
        Ok(opened)
    }

    /// Tells whether it goes on with a sweep that was left open.
    pub fn was_there(&self) -> bool {
        self.was_there
    }

    /// Returns when the sweep was begun.
    pub fn begun(&self) -> Timestamp {
        self.begun
    }

    /// Tells whether the sweep has asked `target`.
    pub fn has_asked(&self, target: &Target) -> bool {
        self.asked.contains(&target.to_string())
    }

    /// Appends what came of asking one address. It is on its way to the disk when this returns.
    pub fn add(&mut self, observation: &Observation) -> Result<(), FileError> {
        self.write(observation)?;
        self.asked.insert(observation.target.clone());
        Ok(())
    }

    /// Ends the sweep: its file gets the name by which it stays, and is written no more.
    pub fn seal(self) -> Result<PathBuf, FileError> {
        let open = self.folder.join(OPEN);
        self.file.sync_all().map_err(io_error(&open))?;
        let sealed = free_name(&self.folder, self.begun);
        let mut permissions = self.file.metadata().map_err(io_error(&open))?.permissions();
        permissions.set_readonly(true);
        self.file.set_permissions(permissions).map_err(io_error(&open))?;
        fs::rename(&open, &sealed).map_err(io_error(&sealed))?;
        Ok(sealed)
    }

    /// Returns the files of all sweeps in `folder` that came to their end, in order of name.
    pub fn sealed(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(io_error(folder))? {
            let path = entry.map_err(io_error(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Reads what an earlier run left, and cuts off a last line without its end.
    fn read_again(&mut self) -> io::Result<()> {
        let (mut whole, mut line) = (0, Vec::new());
        let mut from = BufReader::new(&self.file);
        from.seek(SeekFrom::Start(0))?;
        loop {
            line.clear();
            let length = from.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            whole += length as u64;
            if let Ok(begin) = serde_json::from_slice::<SweepBegin>(&line) {
                (self.begun, self.was_there) = (begin.begun, begin.schema == SWEEP_SCHEMA);
            } else if let Ok(observation) = serde_json::from_slice::<Observation>(&line) {
                self.asked.insert(observation.target);
            }
        }
        self.file.set_len(whole)
    }

    fn write(&mut self, line: &impl Serialize) -> Result<(), FileError> {
        let failed = io_error(&self.folder);
        let mut bytes = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
        bytes.push(b'\n');
        self.file.write_all(&bytes).map_err(failed)
    }
}

/// Returns `sweep-20260324T081500Z.jsonl`, or the same with a number where that is taken.
fn free_name(folder: &Path, begun: Timestamp) -> PathBuf {
    let time: String = begun.to_second().chars().filter(char::is_ascii_digit).collect();
    let (day, hour) = time.split_at_checked(8).unwrap_or((&time, ""));
    let names = std::iter::once(String::new()).chain((2..).map(|n: u64| format!("-{n}")));
    let mut paths = names.map(|number| folder.join(format!("sweep-{day}T{hour}Z{number}.jsonl")));
    paths.find(|path| !path.exists()).unwrap_or_else(|| folder.join(OPEN))
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> FileError + use<> {
    let path = path.to_owned();
    move |source| FileError::Io { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(target: &str) -> Observation {
        Observation {
            target: target.to_owned(),
            time: "2026-03-24T08:15:00Z".parse().unwrap(),
            addresses: Vec::new(),
            answers: Vec::new(),
            not_followed: None,
            failure: None,
        }
    }

    fn open(folder: &Path) -> SweepFile {
        SweepFile::open(folder, "2026-03-24T08:15:00Z".parse().unwrap(), "test").unwrap()
    }

    #[test]
    fn what_was_asked_is_known_after_any_cut() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) =
            (Target::parse("mx1.example.org").unwrap(), Target::parse("mx2.example.org").unwrap());
        let mut file = open(folder.path());
        file.add(&observation(&one.to_string())).unwrap();
        file.add(&observation(&two.to_string())).unwrap();
        drop(file);
        let path = folder.path().join(OPEN);
        let whole = fs::read(&path).unwrap();
        let ends: Vec<usize> =
            whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        for cut in 0..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let file = open(folder.path());
            assert_eq!(file.was_there(), cut >= ends[0], "cut at {cut}");
            assert_eq!(file.has_asked(&one), cut >= ends[1], "cut at {cut}");
            assert_eq!(file.has_asked(&two), cut >= ends[2], "cut at {cut}");
            drop(file);
            assert!(fs::read(&path).unwrap().ends_with(b"\n"), "cut at {cut}");
        }
    }

    #[test]
    fn a_sealed_sweep_stays_and_the_next_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::parse("mx1.example.org").unwrap();
        for name in ["sweep-20260324T081500Z.jsonl", "sweep-20260324T081500Z-2.jsonl"] {
            let mut file = open(folder.path());
            assert!(!file.was_there() && !file.has_asked(&target));
            file.add(&observation(&target.to_string())).unwrap();
            assert_eq!(file.seal().unwrap(), folder.path().join(name));
        }
        assert_eq!(SweepFile::sealed(folder.path()).unwrap().len(), 2);
    }

    #[test]
    fn two_sweeps_do_not_write_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let _first = open(folder.path());
        let second = SweepFile::open(folder.path(), Timestamp::from_nanos(0), "test");
        assert!(matches!(second, Err(FileError::Busy(_))));
    }
}
