//! `timeline`: what happened, in order of time.

use super::{Outcome, case, report};
use crate::args::{Timeline, TimelineFormat};
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_report::terminal;

/// Prints the timeline of a case.
pub(super) fn run(args: &Timeline, out: &Out) -> Outcome {
    let result = case::result(&args.case.case)?;
    let exporter = match args.format {
        TimelineFormat::Table => {
            out.print(&terminal::timeline_lines(&result, out.texts()?, out.width(), out.color()))?;
            return Ok(Exit::Done);
        }
        TimelineFormat::Csv => "timeline-csv",
        TimelineFormat::Jsonl => "timeline-jsonl",
        TimelineFormat::Timesketch => "timesketch",
    };
    report::export(exporter, &result, out)?;
    Ok(Exit::Done)
}
