//! Judges the labelled files below a folder, without the rest of the program: for work on the detector.
//!
//! `evaluate DIR LABELS [LANGUAGE …]`: figures by language to standard output, a line a wrong judgement to standard error.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use afterpatch_pages::evaluation::{Evaluation, labels};
use afterpatch_pages::judge;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, table, languages @ ..] = arguments.as_slice() else {
        return Err("evaluate DIR LABELS [LANGUAGE …]".into());
    };
    let labels = labels(&std::fs::read_to_string(table)?)?;
    let mut paths = Vec::new();
    walk(Path::new(folder), &mut paths)?;
    paths.sort();

    let mut evaluation = Evaluation::default();
    for path in paths {
        let bytes = std::fs::read(&path)?;
        let digits = |byte: &u8| {
            [byte >> 4, byte & 0xF].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        };
        let sha256: String = Sha256::digest(&bytes).iter().flat_map(digits).collect();
        let Some((label, kind)) = labels.get(sha256.as_str()).and_then(|label| Some((label, label.kind()?)))
        else {
            continue;
        };
        if !languages.is_empty() && !languages.iter().any(|language| **language == *label.language) {
            continue;
        }
        let judgement = judge(&bytes, kind);
        let signals: Vec<String> =
            judgement.signals.iter().map(|signal| format!("{}@{}", signal.code, signal.line)).collect();
        if label.is_malicious != judgement.verdict.is_some() {
            eprintln!(
                "{}\t{}\t{}\t{:?}\t{:.3}\t{:.3}\t{}",
                if label.is_malicious { "missed" } else { "alarm" },
                label.language,
                path.display(),
                judgement.verdict,
                judgement.shell,
                judgement.dual_use,
                signals.join(" ")
            );
        }
        evaluation.add(&sha256, label, &judgement);
    }
    println!("language  malicious  shell %  either %  by cluster %  benign  shell %  either %");
    for (language, figures) in &evaluation.languages {
        let (malicious, benign) = (&figures.malicious, &figures.benign);
        println!(
            "{language:8} {:10} {:8.2} {:9.2} {:13.2} {:7} {:8.3} {:9.3}",
            malicious.files,
            100.0 * malicious.as_shell().value,
            100.0 * malicious.as_either().value,
            100.0 * figures.recall_by_cluster(),
            benign.files,
            100.0 * benign.as_shell().value,
            100.0 * benign.as_either().value,
        );
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
