//! `query`: SQL over the fact tables; rows stream to standard output.

use super::{Outcome, case};
use crate::args::{Query, RowFormat};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use crate::rows::{self, RowPrinter};
use afterpatch_detect::Content;
use afterpatch_store::Session;
use arrow_array::RecordBatch;
use std::io::Write;

/// Runs the SQL and prints its rows.
pub(super) fn run(args: &Query, out: &Out) -> Outcome {
    let case = case::open(&args.case.case)?;
    let session = case.session()?;
    // What is known of Exchange, and what follows from it, can be asked too.
    afterpatch_detect::prepare(&session, &Content::load(&[]).0)?;
    let tables = "docs/tables.md names tables and columns; information_schema is not there";
    session.check(&args.sql).map_err(|error| CommandError::from(error).hint(tables))?;
    out.data(|to| print(&session, &args.sql, args.format, to))?;
    Ok(Exit::Done)
}

/// Runs a query and prints its rows as they come.
pub(super) fn print(
    session: &Session,
    sql: &str,
    format: RowFormat,
    to: &mut dyn Write,
) -> Result<(), CommandError> {
    let mut printer = RowPrinter::new(format, to);
    let mut failure = None;
    session.stream(sql, &mut |batch| {
        if failure.is_none() {
            failure = print_batch(&mut printer, batch).err();
        }
    })?;
    match failure {
        Some(error) => Err(error),
        None => Ok(printer.finish()?),
    }
}

fn print_batch(printer: &mut RowPrinter<'_>, batch: &RecordBatch) -> Result<(), CommandError> {
    printer.columns(batch.schema().fields().iter().map(|field| field.name().as_str()));
    for row in rows::values(batch).map_err(CommandError::user)? {
        printer.row(row)?;
    }
    Ok(())
}
