//! `plan`: what to do now, in order.

use super::{Outcome, case};
use crate::args::{Plan, PlanFormat};
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_report::terminal;

/// Prints the plan of a case.
pub(super) fn run(args: &Plan, out: &Out) -> Outcome {
    let result = case::result(&args.case.case)?;
    match args.format {
        PlanFormat::Table => {
            out.print(&terminal::plan_lines(&result, out.texts()?, out.width(), out.color()))?;
        }
        PlanFormat::Json => out.print_json(&result.plan)?,
    }
    Ok(Exit::Done)
}
