//! What `CyLR` writes: a ZIP with a folder a drive in it, and its log.

use super::{Taken, below_drive, packed};
use std::io;
use std::path::Path;

const LOG: &[u8] = b"Collecting files\r\nExtraction complete\r\n";

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let files = taken.files.iter().map(|file| (below_drive(&file.path), file.bytes.as_slice()));
    let mut entries: Vec<(String, &[u8])> = files.chain([("CyLR.log".to_owned(), LOG)]).collect();
    entries.sort_unstable();
    packed::write_zip(&to.join(format!("{}.zip", taken.plan.name)), entries)
}
