//! Cuts seeds out of evidence: `seeds TO FOLDER…` puts the head of each file where its parser's seeds lie.
//!
//! Without arguments it prints the names of all targets.

use afterpatch_ingest::choose_parser;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use walkdir::WalkDir;

/// The longest seed: mutations of short ones are worth more.
const SEED_BYTES: u64 = 16 << 10;
/// Seeds of one kind that are enough.
const ENOUGH: usize = 60;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let Some(to) = args.next() else {
        println!("{}", afterpatch_fuzz::names().join("\n"));
        return Ok(());
    };
    for folder in args {
        for file in WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
            if file.file_type().is_file() {
                cut(Path::new(&to), file.path())?;
            }
        }
    }
    Ok(())
}

fn cut(to: &Path, file: &Path) -> io::Result<()> {
    let mut bytes = Vec::new();
    // An event log is read by whole chunks of 64 KiB behind a header of 4 KiB.
    let most = if file.extension().is_some_and(|end| end == "evtx") { 69_632 } else { SEED_BYTES };
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    let path = file.to_string_lossy().replace('/', "\\");
    let head = bytes.get(..4096).unwrap_or(&bytes);
    let kind = match (choose_parser(&path, head), head) {
        (_, [b'P', b'K', 3, 4, ..]) => "container",
        (Some(parser), _) => parser.name(),
        (None, _) => return Ok(()),
    };
    let folder = to.join(kind);
    fs::create_dir_all(&folder)?;
    if fs::read_dir(&folder)?.count() < ENOUGH {
        let name: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        fs::write(folder.join(name), &bytes)?;
    }
    Ok(())
}
