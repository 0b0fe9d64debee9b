//! What KAPE writes: the drive's tree, and a list of what was copied with its SHA-1.

use super::{Taken, below_drive, folder};
use crate::calendar::form;
use crate::logs::csv;
use crate::tree::File;
use sha1::{Digest, Sha1};
use std::fmt::Write;
use std::io;
use std::path::Path;

const COLUMNS: &str = "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,\
                       CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration";
const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.7f";

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    folder::write(taken, to)?;
    let name = form(taken.collected, "%Y%m%dT%H%M%S_CopyLog.csv");
    let rows: String = taken.files.iter().map(|file| row(taken, file)).collect();
    let text = format!("{COLUMNS}\r\n{rows}");
    folder::write_file(&to.join(taken.plan.name).join(name), text.as_bytes())
}

fn row(taken: &Taken<'_>, file: &File) -> String {
    let modified = form(file.modified, MOMENT);
    let destination = format!(r"D:\collected\{}", below_drive(&file.path).replace('/', r"\"));
    let values = [
        form(taken.collected, MOMENT),
        file.path.clone(),
        destination,
        file.bytes.len().to_string(),
        sha1(&file.bytes),
        "False".to_owned(),
        modified.clone(),
        modified.clone(),
        modified,
        "00:00:00.0010000".to_owned(),
    ];
    csv::join(values.into_iter().map(Into::into)) + "\r\n"
}

/// Returns the SHA-1 in capitals, as KAPE writes it.
fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        assert_eq!(sha1(b"abc"), "A9993E364706816ABA3E25717850C26C9CD0D89D");
    }
}
