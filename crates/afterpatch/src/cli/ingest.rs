//! `ingest`: collections into a case.

use super::{Outcome, case, opening};
use crate::args::{Evidence, Ingest, Reading};
use crate::clock;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_ingest::Extent;
use afterpatch_model::{Counts, HostName};
use afterpatch_store::{Case, CaseSettings, IngestOptions, IngestSummary};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Reads the collections and says what was read.
pub(super) fn run(args: &Ingest, out: &Out) -> Outcome {
    let (mut case, summary) = add(&args.evidence, &args.case.case, out)?;
    case.record_run(
        "ingest",
        &json!({"time": clock::now(), "read": summary.counts, "confined": summary.confinement}),
    )?;
    Ok(exit_of(&summary))
}

/// Returns the exit code that reading evidence comes to.
pub(super) fn exit_of(summary: &IngestSummary) -> Exit {
    let partly =
        !summary.unopened.is_empty() || summary.nothing_of_exchange || case::are_unread(&summary.problems);
    if partly { Exit::PartlyRead } else { Exit::Done }
}

/// Adds the collections to the case, which is made if it is not there.
///
/// A collection that cannot be opened is said with a hint, and the others are read. An error means that none could.
pub(super) fn add(evidence: &Evidence, dir: &Path, out: &Out) -> Result<(Case, IngestSummary), CommandError> {
    Case::check_place(dir, &evidence.collections)?;
    let server = evidence.server.as_deref().map(host_name).transpose()?;
    let options = IngestOptions { server, ..options(&evidence.reading)? };
    let settings = CaseSettings { organisation: evidence.organisation.clone() };
    let mut case = Case::create(dir, &settings)?;
    let summary = case.add(&evidence.collections, &options, out.progress().as_ref())?;
    say(&summary, &evidence.collections, out)?;
    Ok((case, summary))
}

/// Turns what was typed into what it means.
pub(super) fn options(reading: &Reading) -> Result<IngestOptions, CommandError> {
    Ok(IngestOptions {
        threads: threads(reading.threads),
        limits: opening::limits(&reading.opening)?,
        server: None,
        zones: opening::zones(&reading.tz)?,
        passwords: opening::passwords(&reading.opening)?,
        extent: if reading.all_files { Extent::Everything } else { Extent::OfInterest },
    })
}

/// Returns how many threads to use: those given, else one a core.
pub(super) fn threads(given: Option<usize>) -> usize {
    given.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1)
}

fn host_name(text: &str) -> Result<HostName, CommandError> {
    HostName::parse(text).ok_or_else(|| {
        CommandError::usage(format!("--server {text:?} is no host name")).hint("give a name such as MXS01")
    })
}

/// Says what was read, and what of the collections was not. An error means that none of them could be opened.
pub(super) fn say(summary: &IngestSummary, collections: &[PathBuf], out: &Out) -> Result<(), CommandError> {
    case::warn_all(&summary.unopened, out);
    for problem in &summary.unopened {
        out.hint(problem.code.remedy());
    }
    case::warn_all(&summary.problems, out);
    if summary.nothing_of_exchange {
        out.warn(&out.sentence("talk-nothing-of-exchange", &[]));
        out.hint(&out.sentence("talk-nothing-of-exchange-hint", &[]));
    }
    let Counts { records, facts, lost, .. } = summary.counts;
    let figures = [
        ("new", summary.new_artifacts),
        ("known", summary.known_artifacts),
        ("records", records),
        ("facts", facts),
        ("lost", lost),
    ]
    .map(|(name, figure)| (name, figure.to_string()));
    let args: Vec<(&str, &str)> = figures.iter().map(|(name, figure)| (*name, figure.as_str())).collect();
    out.note(&out.sentence("talk-read", &args));
    if summary.unopened.len() >= collections.len() {
        return Err(CommandError::user("none of the collections could be opened"));
    }
    Ok(())
}
