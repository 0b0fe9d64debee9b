//! Judges the labelled files below a folder, without the rest of the program: for work on the detector.
//!
//! `evaluate DIR LABELS [LANGUAGE …]`: figures by language to standard output, a line a wrong judgement to standard error.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

mod labelled;

use afterpatch_pages::evaluation::Evaluation;
use afterpatch_pages::judge;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut evaluation = Evaluation::default();
    labelled::each(|path, sha256, label, kind, bytes| {
        let judgement = judge(bytes, kind);
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
        evaluation.add(sha256, label, &judgement);
    })?;
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
