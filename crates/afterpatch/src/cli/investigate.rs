//! `investigate`: the main job, from collections to answers.

use super::{Outcome, case, detect, ingest, judge, report};
use crate::args::Investigate;
use crate::clock;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_report::terminal;
use serde_json::json;
use std::panic::resume_unwind;
use std::thread;

/// Reads, detects, judges, writes the report, and prints the answers.
pub(super) fn run(args: &Investigate, out: &Out) -> Outcome {
    case::require(&args.rules)?;
    // The rules are read while the evidence is.
    let (content, added) = thread::scope(|scope| {
        let loading = scope.spawn(|| case::load(&args.rules));
        let added = ingest::add(&args.evidence, &args.case.case, out);
        (loading.join().unwrap_or_else(|panic| resume_unwind(panic)), added)
    });
    let (content, problems) = content;
    case::warn_all(&problems, out);
    let (mut case, summary) = added?;
    let detected = detect::detect(&case, &content, out)?;
    let result = judge::judge(&case, &content, detected)?;
    let page = report::write(&case, &result)?;
    let detail = json!({"time": clock::now(), "read": summary.counts, "confined": summary.confinement,
                        "content": content.digest()});
    case.record_run("investigate", &detail)?;

    out.print(&terminal::summary(&result, out.texts()?, out.width(), out.color()))?;
    report::say_where(&page, out);
    let partly = !summary.unopened.is_empty() || summary.nothing_of_exchange;
    Ok(match case::exit_of(&result, &args.fail_on) {
        Exit::Done if partly => Exit::PartlyRead,
        exit => exit,
    })
}
