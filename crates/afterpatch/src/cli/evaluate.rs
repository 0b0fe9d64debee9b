//! `evaluate web-shells DIR --labels FILE`: the detector of web shells, held against what people say of files.

use super::Outcome;
use crate::args::{EvaluateWebShells, EvaluationOf};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_pages::evaluation::{Cluster, Evaluation, Figures, Label, Labels, Share, THRESHOLDS, labels};
use afterpatch_pages::verdict::{Judgement, Verdict};
use afterpatch_pages::{judge, kind::Kind};
use cpu_time::ThreadTime;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use walkdir::WalkDir;

/// Judges every labelled file below a folder, and prints how the judgements stand to the labels.
pub(super) fn run(args: &EvaluateWebShells, out: &Out) -> Outcome {
    let labels = read_labels(&args.labels)?;
    let mut paths = Vec::new();
    for entry in WalkDir::new(&args.folder).sort_by_file_name() {
        let entry = entry.map_err(|error| CommandError::user(error.to_string()))?;
        if entry.file_type().is_file() {
            paths.push(entry.into_path());
        }
    }

    let seen = judge_all(&paths, &labels);
    let mut evaluation = Evaluation::default();
    let mut files = Vec::new();
    let (mut bytes, mut time) = (0_usize, Duration::ZERO);
    for (path, file) in paths.iter().zip(&seen) {
        match file {
            Seen::Unread(error) => out.warn(&format!("{}: {error}", path.display())),
            Seen::Unlabelled => evaluation.unlabelled += 1,
            Seen::Judged(judged) => {
                if evaluation.add(&judged.sha256, judged.label, &judged.judgement) {
                    files.push((path, judged));
                }
                bytes += judged.bytes;
                time += judged.time;
            }
        }
    }
    print(args, &evaluation, &files, out)?;
    talk(&labels, &evaluation, bytes, time, out);
    let is_unread = seen.iter().any(|file| matches!(file, Seen::Unread(_)));
    Ok(if is_unread { Exit::PartlyRead } else { Exit::Done })
}

fn read_labels(path: &Path) -> Result<Labels, CommandError> {
    let failed = |error: &dyn std::fmt::Display| CommandError::user(format!("{}: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    let text = if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("xz")) {
        std::io::read_to_string(lzma_rust2::XzReader::new(file, true))
    } else {
        std::io::read_to_string(file)
    };
    labels(&text.map_err(|error| failed(&error))?).map_err(|error| {
        failed(&error).hint("a table with the columns sha256, label, language and cluster, parted by tabs")
    })
}

/// What became of a file.
enum Seen<'l> {
    Unread(std::io::Error),
    Unlabelled,
    Judged(Judged<'l>),
}

struct Judged<'l> {
    sha256: String,
    label: &'l Label,
    judgement: Judgement,
    bytes: usize,
    time: Duration,
}

/// Judges files on all cores; what comes of it is in the order of the files.
fn judge_all<'l>(paths: &[PathBuf], labels: &'l Labels) -> Vec<Seen<'l>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut seen = Vec::new();
        while let Some((at, path)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, paths.get(at)?)))
        {
            seen.push((at, see(path, labels)));
        }
        seen
    };
    let mut seen: Vec<(usize, Seen<'l>)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended.flat_map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    seen.sort_by_key(|(at, _)| *at);
    seen.into_iter().map(|(_, seen)| seen).collect()
}

fn see<'l>(path: &Path, labels: &'l Labels) -> Seen<'l> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Seen::Unread(error),
    };
    let sha256 = afterpatch_model::hex(&Sha256::digest(&bytes));
    let labelled = labels.get(sha256.as_str()).and_then(|label| Some((label, label.kind()?)));
    let Some((label, kind)): Option<(&Label, Kind)> = labelled else {
        return Seen::Unlabelled;
    };
    let begun = ThreadTime::now();
    let mut judgement = judge(&bytes, kind);
    let time = begun.elapsed();
    // Of many thousand files nobody is shown the ways, and they would fill the memory.
    judgement.signals.iter_mut().for_each(|signal| signal.path = Vec::new());
    Seen::Judged(Judged { sha256, label, judgement, bytes: bytes.len(), time })
}

fn print(
    args: &EvaluateWebShells,
    evaluation: &Evaluation,
    files: &[(&PathBuf, &Judged<'_>)],
    out: &Out,
) -> Result<(), CommandError> {
    let (columns, rows): (&[&str], Vec<Vec<Value>>) = match args.of {
        EvaluationOf::Languages => (&LANGUAGES, by_language(evaluation)),
        EvaluationOf::Thresholds => (&BY_THRESHOLD, by_threshold(evaluation)),
        EvaluationOf::Clusters => (&CLUSTERS, by_cluster(evaluation)),
        EvaluationOf::Files => (&FILES, files.iter().map(|(path, judged)| file_row(path, judged)).collect()),
    };
    out.rows(args.format, columns.iter().copied(), rows)
}

const LANGUAGES: [&str; 13] = [
    "language",
    "malicious",
    "recall_shell",
    "recall_either",
    "recall_either_low",
    "recall_either_high",
    "clusters",
    "recall_by_cluster",
    "benign",
    "alarms_shell",
    "false_alarm_shell",
    "false_alarm_shell_high",
    "false_alarm_either",
];

fn by_language(evaluation: &Evaluation) -> Vec<Vec<Value>> {
    evaluation.languages.iter().map(|(language, figures)| language_row(language, figures)).collect()
}

fn language_row(language: &str, figures: &Figures) -> Vec<Value> {
    let (malicious, benign) = (&figures.malicious, &figures.benign);
    let (either, alarms) = (malicious.as_either(), benign.as_shell());
    vec![
        json!(language),
        json!(malicious.files),
        of_any(malicious.files, malicious.as_shell().value),
        of_any(malicious.files, either.value),
        of_any(malicious.files, either.low),
        of_any(malicious.files, either.high),
        json!(figures.clusters().len()),
        of_any(figures.clusters().len(), figures.recall_by_cluster()),
        json!(benign.files),
        json!(benign.shell),
        of_any(benign.files, alarms.value),
        of_any(benign.files, alarms.high),
        of_any(benign.files, benign.as_either().value),
    ]
}

const BY_THRESHOLD: [&str; 7] =
    ["language", "threshold", "recall", "malicious", "false_alarm", "benign", "malicious_in_band"];

fn by_threshold(evaluation: &Evaluation) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for (language, figures) in &evaluation.languages {
        let (malicious, benign) = (&figures.malicious, &figures.benign);
        let counts = malicious.above.iter().zip(&benign.above);
        for ((at, threshold), (found, alarms)) in THRESHOLDS.iter().enumerate().zip(counts) {
            rows.push(vec![
                json!(language),
                json!(threshold),
                percent(Share::of(*found, malicious.files).value),
                json!(malicious.files),
                percent(Share::of(*alarms, benign.files).value),
                json!(benign.files),
                figures.malicious_in_band(at).map_or(Value::Null, percent),
            ]);
        }
    }
    rows
}

const CLUSTERS: [&str; 4] = ["language", "cluster", "files", "found"];

fn by_cluster(evaluation: &Evaluation) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for (language, figures) in &evaluation.languages {
        let row = |(name, cluster): (&str, Cluster)| {
            vec![json!(language), json!(name), json!(cluster.files), json!(cluster.found)]
        };
        rows.extend(figures.clusters().map(row));
    }
    rows
}

const FILES: [&str; 9] =
    ["sha256", "language", "label", "cluster", "verdict", "shell", "dual_use", "signals", "path"];

fn file_row(path: &Path, judged: &Judged<'_>) -> Vec<Value> {
    let signals = judged.judgement.signals.iter().map(|signal| format!("{}:{}", signal.code, signal.line));
    vec![
        json!(judged.sha256),
        json!(judged.label.language),
        json!(if judged.label.is_malicious { "malicious" } else { "benign" }),
        json!(judged.label.cluster),
        json!(judged.judgement.verdict.map(Verdict::name)),
        rounded(judged.judgement.shell, 1e4),
        rounded(judged.judgement.dual_use, 1e4),
        json!(signals.collect::<Vec<_>>().join(" ")),
        json!(path.display().to_string()),
    ]
}

/// Returns a share as percent; null of none.
fn of_any(whole: usize, share: f64) -> Value {
    if whole == 0 { Value::Null } else { percent(share) }
}

/// Returns a share as percent, to two places.
fn percent(share: f64) -> Value {
    rounded(share * 100.0, 1e2)
}

fn rounded(value: f64, scale: f64) -> Value {
    json!((value * scale).round() / scale)
}

/// Says what the figures rest upon, and how fast it went: that differs from run to run, and is no data.
#[expect(clippy::cast_precision_loss, reason = "a speed is shown to one place")]
fn talk(labels: &Labels, evaluation: &Evaluation, bytes: usize, time: Duration, out: &Out) {
    let speed = bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9);
    let absent = labels.len().saturating_sub(evaluation.judged());
    out.note(&out.sentence(
        "talk-evaluated",
        &[
            ("judged", &evaluation.judged().to_string()),
            ("absent", &absent.to_string()),
            ("unlabelled", &evaluation.unlabelled.to_string()),
            ("speed", &format!("{speed:.1}")),
        ],
    ));
}
