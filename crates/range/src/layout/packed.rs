//! A ZIP a server, with a folder a drive in it. The same files give the same bytes.

use super::folder::write_file;
use super::{Taken, below_drive};
use std::io::{self, Cursor, Write};
use std::path::Path;
use zip::unstable::write::FileOptionsExt;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let entries = taken.files.iter().map(|file| (below_drive(&file.path), file.bytes.as_slice()));
    write_zip(&to.join(format!("{}.zip", taken.plan.name)), entries)
}

/// Writes a ZIP of these entries in this order, all dated alike.
pub(super) fn write_zip<'a>(
    path: &Path,
    entries: impl IntoIterator<Item = (String, &'a [u8])>,
) -> io::Result<()> {
    write_file(path, &zip(entries)?)
}

/// Returns a ZIP of these entries in this order, all dated alike.
pub(super) fn zip<B: AsRef<[u8]>>(entries: impl IntoIterator<Item = (String, B)>) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name, options())?;
        zip.write_all(bytes.as_ref())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Writes a ZIP of open entries, and then of locked ones.
///
/// They are locked in the old way: the newer one begins with chance, and the same files would give other bytes.
pub(super) fn write_locked<'a>(
    path: &Path,
    open: &[(&str, &[u8])],
    locked: impl IntoIterator<Item = (String, &'a [u8])>,
    password: &str,
) -> io::Result<()> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in open {
        zip.start_file(*name, options())?;
        zip.write_all(bytes)?;
    }
    for (name, bytes) in locked {
        zip.start_file(name, options().with_deprecated_encryption(password.as_bytes())?)?;
        zip.write_all(bytes)?;
    }
    write_file(path, &zip.finish()?.into_inner())
}

fn options() -> SimpleFileOptions {
    // The first date that a ZIP can hold: what many collectors leave in place of the true one.
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
}
