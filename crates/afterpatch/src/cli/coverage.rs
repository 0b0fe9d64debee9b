//! `coverage`: which spans of time the evidence covers.

use super::{Outcome, case};
use crate::args::{self, RowFormat};
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_model::{Coverage, Span};
use afterpatch_report::terminal;
use serde_json::{Value, json};

const COLUMNS: [&str; 8] = ["server", "source", "scope", "folder", "from", "until", "artifacts", "records"];

/// Prints the coverage of a case: a row for each span.
pub(super) fn run(args: &args::Coverage, out: &Out) -> Outcome {
    if args.format == RowFormat::Table {
        let result = case::result(&args.case.case)?;
        out.print(&terminal::coverage_table(&result, out.texts()?, out.width(), out.color()))?;
        return Ok(Exit::Done);
    }
    let coverage = case::open(&args.case.case)?.coverage();
    out.rows(args.format, COLUMNS, coverage.iter().flat_map(rows))?;
    Ok(Exit::Done)
}

/// Returns a row for each span; a kind without spans has one row without times.
fn rows(coverage: &Coverage) -> Vec<Vec<Value>> {
    let row = |span: Option<&Span>| {
        vec![
            json!(coverage.server),
            json!(coverage.source),
            json!(coverage.scope),
            json!(coverage.folder),
            json!(span.map(|span| span.from)),
            json!(span.map(|span| span.until)),
            json!(coverage.artifacts),
            json!(coverage.records),
        ]
    };
    if coverage.spans.is_empty() {
        vec![row(None)]
    } else {
        coverage.spans.iter().map(|span| row(Some(span))).collect()
    }
}
