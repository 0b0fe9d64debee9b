//! The timeline of evidence that is read for it alone: nothing is kept but what the question asks for.

use super::{case, ingest};
use crate::args::Timeline;
use crate::error::CommandError;
use crate::out::Out;
use afterpatch_store::{IngestOptions, IngestSummary, OpenEvidence, Progress, Scratch, Session, StoreError};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Batches that may wait until the rules are there, or until somebody looks at them.
const BATCHES_WAITING: usize = 16;

/// Reads the evidence and keeps all facts in `folder`, or only those that a Sigma rule met, with the hits.
pub(super) fn read(
    args: &Timeline,
    only_met: bool,
    folder: &Path,
    out: &Out,
) -> Result<(Session, IngestSummary), CommandError> {
    case::require(&args.rules)?;
    let options = ingest::options(&args.reading)?;
    let progress = out.progress();
    let scratch = Scratch::new(folder)?;
    let summary = if only_met {
        sift(args, &options, &scratch, progress.as_ref(), out)?
    } else {
        let evidence = OpenEvidence::open(&args.collections, &options, progress.as_ref())?;
        evidence.facts(progress.as_ref(), &mut |batch| scratch.keep(batch))?
    };
    ingest::say(&summary, &args.collections, out)?;
    Ok((scratch.session()?, summary))
}

/// Keeps what Sigma rules meet. The rules are read while the evidence is.
fn sift(
    args: &Timeline,
    options: &IngestOptions,
    scratch: &Scratch,
    progress: &dyn Progress,
    out: &Out,
) -> Result<IngestSummary, CommandError> {
    let (summary, problems) = thread::scope(|scope| {
        let (send, facts) = sync_channel(BATCHES_WAITING);
        let reading = scope.spawn(move || -> Result<IngestSummary, StoreError> {
            let evidence = OpenEvidence::open(&args.collections, options, progress)?;
            evidence.facts(progress, &mut |batch| {
                // It is refused only where whoever looks has died, and that ends the run.
                let _ = send.send(batch);
            })
        });
        let (content, mut problems) = case::load(&args.rules);
        let ran = afterpatch_detect::sift(&content, facts, scratch.hits(), &|met| scratch.keep(met));
        problems.extend(ran.problems);
        (reading.join().unwrap_or_else(|panic| resume_unwind(panic)), problems)
    });
    case::warn_all(&problems, out);
    out.note(&out.sentence("talk-sigma-alone", &[]));
    Ok(summary?)
}
