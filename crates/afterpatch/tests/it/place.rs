//! Where things lie.

use std::path::{Path, PathBuf};

/// Returns the workspace's root.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns real evidence beside the workspace; none, and a word about it, where it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let place = workspace().join("../shared/data").join(path);
    if place.exists() {
        return Some(place);
    }
    eprintln!("skipped: {path} is not beside the workspace");
    None
}

/// Returns every file below a folder with its path in it, in order.
pub(crate) fn files_below(folder: &Path) -> Vec<(String, PathBuf)> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let inside = entry.path().strip_prefix(folder).unwrap();
            (inside.to_string_lossy().into_owned(), entry.path().to_path_buf())
        })
        .collect()
}
