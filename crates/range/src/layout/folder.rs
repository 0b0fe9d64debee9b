//! A folder a server, with a folder a drive in it.

use super::{Taken, folder_path};
use std::fs;
use std::io;
use std::path::Path;

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    for file in taken.files {
        write_file(&to.join(folder_path(taken.plan, file)), &file.bytes)?;
    }
    Ok(())
}

/// Writes a file and the folders that it lies in.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}
