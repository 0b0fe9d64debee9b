//! Files of the case: written whole or not at all.

use crate::error::StoreError;
use afterpatch_model::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Returns the lower-case SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Threads that wait for the disk at a time: the file system brings what they wait for to disk together.
const WAITING: usize = 16;

/// A file that is written, but not on disk for sure and not under its name. It is not held open: there can be thousands.
#[derive(Debug)]
pub(crate) struct Unfinished {
    place: PathBuf,
    path: PathBuf,
}

/// Writes a file under another name, makes sure that it is on disk, and only then gives it its name.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    finish(&[begin(path, bytes)?])
}

/// Writes a file under another name; [`finish`] gives it its own.
pub(crate) fn begin(path: &Path, bytes: &[u8]) -> Result<Unfinished, StoreError> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let place = folder.join(format!(".{name}.unfinished"));
    let mut file = File::create(&place).map_err(StoreError::io(&place))?;
    file.write_all(bytes).map_err(StoreError::io(&place))?;
    Ok(Unfinished { place, path: path.to_owned() })
}

/// Makes sure that files are on disk, gives each its name, and makes sure of the names.
pub(crate) fn finish(files: &[Unfinished]) -> Result<(), StoreError> {
    at_once(files, |Unfinished { place, .. }| sync_file(place))?;
    for Unfinished { place, path } in files {
        fs::rename(place, path).map_err(StoreError::io(path))?;
    }
    let folders: BTreeSet<&Path> = files.iter().map(|unfinished| folder_of(&unfinished.path)).collect();
    at_once(&folders.into_iter().collect::<Vec<_>>(), |folder| sync_folder(folder))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("."))
}

/// Does for each what waits for the disk; the error of the first that has one.
fn at_once<T: Sync>(
    items: &[T],
    wait: impl Fn(&T) -> Result<(), StoreError> + Sync,
) -> Result<(), StoreError> {
    if let [item] = items {
        return wait(item);
    }
    let share = items.len().div_ceil(WAITING).max(1);
    std::thread::scope(|scope| {
        let shares = items.chunks(share);
        let waiting: Vec<_> = shares.map(|share| scope.spawn(|| share.iter().try_for_each(&wait))).collect();
        waiting.into_iter().try_for_each(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

fn sync_file(place: &Path) -> Result<(), StoreError> {
    let file = OpenOptions::new().write(true).open(place);
    file.and_then(|file| file.sync_all()).map_err(StoreError::io(place))
}

/// A new name is on disk only when its folder is; other systems than Unix keep folders in order by themselves.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::io(folder))
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_files_are_finished_together_and_nothing_unfinished_stays() {
        let root = tempfile::tempdir().unwrap();
        let path = |n: usize| root.path().join(format!("{}/{n}", n % 7));
        let files: Vec<_> = (0..50).map(|n| begin(&path(n), format!("{n}").as_bytes()).unwrap()).collect();
        assert!(!path(3).exists());
        finish(&files).unwrap();
        for n in 0..50 {
            assert_eq!(fs::read_to_string(path(n)).unwrap(), n.to_string());
        }
        let folders = fs::read_dir(root.path()).unwrap().map(|folder| folder.unwrap().path());
        assert_eq!(folders.flat_map(|folder| fs::read_dir(folder).unwrap()).count(), 50);
        finish(&[]).unwrap();
    }

    #[test]
    fn a_file_that_cannot_have_its_name_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let files: Vec<_> = (0..9).map(|n| begin(&root.path().join(n.to_string()), b"x").unwrap()).collect();
        fs::create_dir_all(root.path().join("4/in the way")).unwrap();
        assert!(finish(&files).is_err());
    }
}
