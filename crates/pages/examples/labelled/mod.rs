//! The labelled files below a folder, as examples are given them: `DIR LABELS [LANGUAGE …]`.

use afterpatch_pages::evaluation::{Label, labels};
use afterpatch_pages::kind::Kind;
use mimalloc::MiMalloc;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::{Path, PathBuf};

/// The allocator of the program: what a judgement costs here is what it costs there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Hands over each file below the first argument that the table of the second has a label for, in order of their paths: its
/// path, its SHA-256, its label, what a server takes it for, and its bytes.
pub(crate) fn each(mut look: impl FnMut(&Path, &str, &Label, Kind, &[u8])) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, table, languages @ ..] = arguments.as_slice() else {
        return Err("DIR LABELS [LANGUAGE …]".into());
    };
    let labels = labels(&std::fs::read_to_string(table)?)?;
    let mut paths = Vec::new();
    walk(Path::new(folder), &mut paths)?;
    paths.sort();
    for path in &paths {
        let bytes = std::fs::read(path)?;
        let digits = |byte: &u8| [byte >> 4, byte & 0xF].map(|digit| char::from_digit(digit.into(), 16));
        let sha256: String = Sha256::digest(&bytes).iter().flat_map(digits).flatten().collect();
        let labelled = labels.get(sha256.as_str()).and_then(|label| Some((label, label.kind()?)));
        let Some((label, kind)) = labelled else { continue };
        if languages.is_empty() || languages.iter().any(|language| **language == *label.language) {
            look(path, &sha256, label, kind, &bytes);
        }
    }
    Ok(())
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}
