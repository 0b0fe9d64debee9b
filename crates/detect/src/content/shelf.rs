//! Rules that were read, kept ready for the next run in a folder of the user's.
//!
//! A set of rule files goes by SHA-256 of their paths and texts and of the program's version. What is kept changes
//! nothing but the time that loading takes: where it is absent, damaged or of another version, the files are read.

use crate::rule::Rule;
use afterpatch_model::{digest_hex, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Changes with the shape of what is kept.
const SHAPE: &str = concat!("afterpatch rules 1 ", env!("CARGO_PKG_VERSION"));

/// How many sets of rules are kept.
const KEPT: usize = 8;

/// The ending of the files.
const ENDING: &str = "rules";

/// The digits of a digest.
const DIGEST: usize = 64;

/// Rules as they were read from files, with the reasons of those that were not.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct LoadedRules {
    pub(super) rules: Vec<Rule>,
    /// Origin and reason.
    pub(super) rejected: Vec<(String, String)>,
}

/// A folder of sets of rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shelf<'p> {
    folder: &'p Path,
}

impl<'p> Shelf<'p> {
    /// Takes a folder, which need not be there.
    pub(super) fn new(folder: &'p Path) -> Self {
        Self { folder }
    }

    fn place(self, files: &BTreeMap<String, String>) -> PathBuf {
        let texts = files.iter().flat_map(|(path, text)| [path.as_str(), text.as_str()]);
        let digest = digest_hex(&[SHAPE].into_iter().chain(texts).collect::<Vec<_>>());
        self.folder.join(digest).with_extension(ENDING)
    }

    /// Returns what is kept of these files.
    pub(super) fn take(self, files: &BTreeMap<String, String>) -> Option<LoadedRules> {
        let bytes = fs::read(self.place(files)).ok()?;
        let (digest, rules) = bytes.split_at_checked(DIGEST)?;
        (sha256(rules).as_bytes() == digest).then(|| postcard::from_bytes(rules).ok())?
    }

    /// Keeps what was read of these files. Where that cannot be done, the next run reads them again.
    pub(super) fn put(self, files: &BTreeMap<String, String>, loaded: &LoadedRules) {
        let Ok(rules) = postcard::to_allocvec(loaded) else { return };
        let place = self.place(files);
        // Two runs may write the same set at once: each writes a file of its own, and one takes the place.
        let own = place.with_extension(format!("{}.tmp", std::process::id()));
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(self.folder)?;
            let mut file = fs::File::create(&own)?;
            file.write_all(sha256(&rules).as_bytes())?;
            file.write_all(&rules)?;
            fs::rename(&own, &place)
        };
        if write().is_err() {
            let _ = fs::remove_file(&own);
        }
        self.tidy();
    }

    /// Removes the sets that have not been written for longest.
    fn tidy(self) {
        let Ok(entries) = fs::read_dir(self.folder) else { return };
        let own = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == ENDING));
        let mut own: Vec<_> = own
            .map(|path| (fs::metadata(&path).and_then(|metadata| metadata.modified()).ok(), path))
            .collect();
        own.sort();
        let surplus = own.len().saturating_sub(KEPT);
        own.iter().take(surplus).for_each(|(_, path)| drop(fs::remove_file(path)));
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Content;

    #[test]
    fn what_is_kept_is_what_was_read_and_what_is_damaged_is_not_taken() {
        let files = BTreeMap::from([("a.yml".to_owned(), "text".to_owned())]);
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path());
        assert!(shelf.take(&files).is_none());
        let rules = Content::load(&[]).0.rules().to_vec();
        let loaded = LoadedRules { rules, rejected: vec![("b.yml".to_owned(), "no rule in it".to_owned())] };
        shelf.put(&files, &loaded);
        let taken = shelf.take(&files).unwrap();
        assert_eq!(format!("{taken:?}"), format!("{loaded:?}"));
        let other = BTreeMap::from([("a.yml".to_owned(), "texts".to_owned())]);
        assert!(shelf.take(&other).is_none());
        let place = shelf.place(&files);
        let mut bytes = fs::read(&place).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&place, bytes).unwrap();
        assert!(shelf.take(&files).is_none());
    }

    #[test]
    fn few_sets_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path());
        for n in 0..KEPT + 3 {
            let files = BTreeMap::from([("a.yml".to_owned(), n.to_string())]);
            shelf.put(&files, &LoadedRules::default());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), KEPT);
    }
}
