//! `findings`: what we claim, gravest first.

use super::{Outcome, case, report};
use crate::args::{Findings, RowFormat};
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_report::terminal;

/// Prints the findings of a case.
pub(super) fn run(args: &Findings, out: &Out) -> Outcome {
    let result = case::result(&args.case.case)?;
    match args.format {
        RowFormat::Table => {
            out.print(&terminal::findings_table(&result, out.texts()?, out.width(), out.color()))?;
        }
        RowFormat::Csv => report::export("findings-csv", &result, out)?,
        RowFormat::Jsonl => report::export("findings-jsonl", &result, out)?,
        RowFormat::Json => out.print_json(&result.findings)?,
    }
    Ok(Exit::Done)
}
