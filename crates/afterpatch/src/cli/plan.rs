//! `plan`: what to do now, in order.

use super::{Outcome, case, report};
use crate::args::Plan;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_report::terminal;

/// Prints the plan of a case, or writes it to a file.
pub(super) fn run(args: &Plan, out: &Out) -> Outcome {
    let result = case::result(&args.case.case)?;
    match (args.format.exporter(), &args.output) {
        (Some(name), None) => report::export(name, &result, out)?,
        (Some(name), Some(path)) => report::export_to(name, &result, out.texts()?, path)?,
        (None, None) => {
            out.print(&terminal::plan_lines(&result, out.texts()?, out.width(), out.color()))?;
        }
        (None, Some(path)) => {
            let text = terminal::plan_lines(&result, out.texts()?, out.width(), false);
            report::create(path, |to| to.write_all(text.as_bytes()))?;
        }
    }
    Ok(Exit::Done)
}
