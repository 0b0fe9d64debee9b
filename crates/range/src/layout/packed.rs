//! A ZIP a server, with a folder a drive in it. The same files give the same bytes.

use super::{Taken, below_drive};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
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
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut zip = ZipWriter::new(io::BufWriter::new(File::create(path)?));
    // The first date that a ZIP can hold: what many collectors leave in place of the true one.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in entries {
        zip.start_file(name, options)?;
        zip.write_all(bytes)?;
    }
    zip.finish()?.flush()
}
