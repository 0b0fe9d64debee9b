//! Files of the case: written whole or not at all.

use crate::error::StoreError;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Returns the lower-case SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes a file under another name, makes sure that it is on disk, and only then gives it its name.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = folder.join(format!(".{name}.unfinished"));
    let mut file = File::create(&unfinished).map_err(StoreError::io(&unfinished))?;
    file.write_all(bytes).map_err(StoreError::io(&unfinished))?;
    file.sync_all().map_err(StoreError::io(&unfinished))?;
    fs::rename(&unfinished, path).map_err(StoreError::io(path))?;
    sync_folder(folder)
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
