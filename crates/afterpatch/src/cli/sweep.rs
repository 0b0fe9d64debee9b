//! `sweep`: the only command that uses the network. It asks the servers of one's own estate which build they announce.

use super::{Outcome, case, ingest, opening};
use crate::args::{RuleDirs, Sweep};
use crate::clock::SystemClock;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use crate::progress::SWEEP;
use afterpatch_detect::Knowledge;
use afterpatch_model::Build;
use afterpatch_store::{Case, CaseSettings, IngestOptions, Progress};
use afterpatch_sweep::{Clock, Options, SweepFile, Target, read_targets};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The most requests that one address gets: for `/owa/`, and for the logon page where that leads there.
const REQUESTS: usize = 2;

/// Asks, reads what was answered into the case, and prints what each address told.
pub(super) fn run(args: &Sweep, out: &Out) -> Outcome {
    if !args.i_am_authorised {
        let refused = CommandError::usage(out.sentence("talk-sweep-refused", &[]));
        return Err(refused.hint(out.sentence("talk-sweep-refused-hint", &[])));
    }
    let options = options(args)?;
    let (targets, bad_lines) = targets(&args.targets, out)?;
    let content = case::content(&RuleDirs::default(), out)?;
    let mut case = Case::create(&args.case.case, &CaseSettings { organisation: args.organisation.clone() })?;
    let folder = case.folder().join("sweep");
    let clock = SystemClock::start();
    ask(&targets, &folder, &options, &clock, out)?;

    let threads = IngestOptions { threads: ingest::threads(None), ..IngestOptions::default() };
    let summary = case.add(&SweepFile::sealed(&folder)?, &threads, out.progress().as_ref())?;
    case::warn_all(&summary.unopened, out);
    case.record_run(
        "sweep",
        &json!({"time": clock.time(), "targets": targets.len(), "read": summary.counts}),
    )?;
    let told = told(&case, &targets)?;
    print(&told, args, content.knowledge(), out)?;
    let silent = say(&told, out);
    Ok(if silent > 0 || bad_lines > 0 || !summary.unopened.is_empty() {
        Exit::PartlyRead
    } else {
        Exit::Done
    })
}

fn options(args: &Sweep) -> Result<Options, CommandError> {
    let body_bytes = opening::number(&args.page).ok_or_else(|| {
        CommandError::usage(format!("--page {:?} is no size", args.page)).hint("write a size such as 256KiB")
    })?;
    Ok(Options {
        per_second: args.rate,
        at_once: usize::from(args.at_once),
        timeout: Duration::from_secs(u64::from(args.timeout)),
        body_bytes,
        user_agent: concat!("afterpatch/", env!("CARGO_PKG_VERSION"), " (sweep)").to_owned(),
    })
}

/// Reads the list; a line that names no address is said, and counted. A list of none makes no sense.
fn targets(path: &Path, out: &Out) -> Result<(Vec<Target>, usize), CommandError> {
    let bytes = std::fs::read(path)
        .map_err(|error| CommandError::user(format!("{} cannot be read: {error}", path.display())))?;
    let (targets, bad) = read_targets(&bytes);
    let file = path.display().to_string();
    for line in &bad {
        let (number, reason) = (line.number.to_string(), line.reason.to_string());
        let args = [("file", &*file), ("line", &*number), ("text", &*line.text), ("reason", &*reason)];
        out.warn(&out.sentence("talk-sweep-bad-line", &args));
    }
    if targets.is_empty() {
        let error = CommandError::usage(format!("{file} names no address"));
        return Err(error.hint("write one host, host:port or URL a line"));
    }
    Ok((targets, bad.len()))
}

/// Asks whom the sweep has not asked yet, writes down what comes, and seals the file.
fn ask(
    targets: &[Target],
    folder: &Path,
    options: &Options,
    clock: &dyn Clock,
    out: &Out,
) -> Result<PathBuf, CommandError> {
    let mut file = SweepFile::open(folder, clock.time(), &options.user_agent)?;
    let left: Vec<Target> = targets.iter().filter(|target| !file.has_asked(target)).cloned().collect();
    let figure = |number: usize| number.to_string();
    if file.was_there() {
        let (begun, asked) = (file.begun().to_second(), figure(targets.len() - left.len()));
        out.note(&out.sentence("talk-sweep-goes-on", &[("begun", &begun), ("asked", &asked)]));
    }
    let (number, most, rate) = (figure(left.len()), figure(REQUESTS), options.per_second.to_string());
    out.note(
        &out.sentence("talk-sweep-begins", &[("targets", &number), ("requests", &most), ("rate", &rate)]),
    );
    let progress: Box<dyn Progress> = out.progress();
    progress.begin(SWEEP, left.len() as u64);
    let asked = afterpatch_sweep::sweep(&left, options, clock, &mut |observation| {
        progress.advance(1);
        file.add(&observation)
    });
    progress.end();
    asked?;
    Ok(file.seal()?)
}

/// The latest row of each address, by address.
type Told = BTreeMap<String, Map<String, Value>>;

const ROWS: &str = "
    SELECT time, server, value, scope, rest FROM settings
    WHERE source = 'sweep' AND name = 'sweep' ORDER BY time, artifact, record";

/// Returns what each of the addresses told last.
fn told(case: &Case, targets: &[Target]) -> Result<Told, CommandError> {
    let mut told: Told = targets.iter().map(|target| (target.to_string(), Map::new())).collect();
    for row in case.session()?.rows(ROWS)? {
        let scope = row.get("scope").and_then(Value::as_str).unwrap_or_default();
        if let Some(latest) = told.get_mut(scope) {
            *latest = row;
        }
    }
    Ok(told)
}

const COLUMNS: [&str; 7] = ["target", "server", "what", "build", "release", "note", "time"];

fn print(told: &Told, args: &Sweep, knowledge: &Knowledge, out: &Out) -> Result<(), CommandError> {
    out.rows(args.format, COLUMNS, told.iter().map(|(target, row)| columns(target, row, knowledge)))
}

fn columns(target: &str, row: &Map<String, Value>, knowledge: &Knowledge) -> Vec<Value> {
    let rest = rest(row);
    let builds: Vec<&str> = builds(&rest).collect();
    let releases: Vec<String> = builds.iter().map(|build| release(build, knowledge)).collect();
    let cell = |name: &str| row.get(name).cloned().unwrap_or(Value::Null);
    let joined = |texts: String| if texts.is_empty() { Value::Null } else { json!(texts) };
    vec![
        json!(target),
        cell("server"),
        cell("value"),
        joined(builds.join(", ")),
        joined(releases.join(", ")),
        note(&rest),
        cell("time"),
    ]
}

fn rest(row: &Map<String, Value>) -> Value {
    let text = row.get("rest").and_then(Value::as_str).unwrap_or_default();
    serde_json::from_str(text).unwrap_or(Value::Null)
}

fn builds(rest: &Value) -> impl Iterator<Item = &str> {
    rest["builds"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Names a build; of three parts, the first and the last build that they can stand for.
fn release(announced: &str, knowledge: &Knowledge) -> String {
    const UNLISTED: &str = "in no list of builds";
    if let Ok(build) = announced.parse::<Build>() {
        return knowledge.build(build).map_or(UNLISTED.to_owned(), |name| name.label.clone());
    }
    let branch = format!("{announced}.0").parse::<Build>().map(|build| build.branch());
    let among: Vec<_> = branch.into_iter().flat_map(|branch| knowledge.builds_of(branch)).collect();
    match among.as_slice() {
        [] => UNLISTED.to_owned(),
        [(build, name)] => format!("{} ({build})", name.label),
        [(first, of_first), .., (last, of_last)] => {
            format!("between {} ({first}) and {} ({last})", of_first.label, of_last.label)
        }
    }
}

/// Says why there is no answer, or where it led.
fn note(rest: &Value) -> Value {
    match (&rest["failure"]["kind"], &rest["not_followed"]) {
        (Value::String(kind), _) => json!(kind),
        (_, Value::String(location)) => json!(format!("leads to {location}")),
        _ => Value::Null,
    }
}

/// Says how many told what, and returns how many gave no answer.
fn say(told: &Told, out: &Out) -> usize {
    let count = |is: fn(&Map<String, Value>) -> bool| told.values().filter(|row| is(row)).count();
    let tells = count(|row| builds(&rest(row)).next().is_some());
    let silent = count(|row| row.get("value").is_none_or(|value| value == "no answer"));
    let untold = told.len() - tells - silent;
    let figures = [tells, untold, silent].map(|figure| figure.to_string());
    let args = [("told", &*figures[0]), ("untold", &*figures[1]), ("silent", &*figures[2])];
    out.note(&out.sentence("talk-sweep-done", &args));
    silent
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_detect::Content;

    #[test]
    fn a_cumulative_update_lies_between_its_builds() {
        let content = Content::load(&[]).0;
        let release = |build| release(build, content.knowledge());
        assert_eq!(release("15.1.2106.13"), "CU18 Mar21SU");
        assert_eq!(release("15.1.2106.99"), "in no list of builds");
        assert_eq!(release("15.3.1"), "in no list of builds");
        let between = release("15.1.2106");
        assert!(between.starts_with("between CU18 (15.1.2106.2) and CU18 "), "{between}");
    }
}
