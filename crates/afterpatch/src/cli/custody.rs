//! `custody`: whether ledger, facts and evidence are as they were.

use super::{Outcome, ingest, opening};
use crate::args::CustodyVerify;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_store::{Case, Custody, IngestOptions};

/// Walks the ledger's chain of hashes, and hashes again what it names.
pub(super) fn verify(args: &CustodyVerify, out: &Out) -> Outcome {
    let custody = look(args, out)?;
    if !custody.faults.is_empty() {
        let faults: Vec<String> = custody.faults.iter().map(ToString::to_string).collect();
        let error = CommandError::user(faults.join("\n"));
        return Err(error.hint("compare with a copy: something was changed, added or taken away"));
    }
    let Custody { lines, artifacts, parts, rows, collections, head, .. } = custody;
    out.print(&format!(
        "{lines} lines, {artifacts} artifacts, {parts} parts with {rows} rows: all as they were written"
    ))?;
    if !args.no_evidence {
        out.print(&format!("{collections} collections: every byte as it was when it was read"))?;
    }
    out.print(&format!("last line: {head}"))?;
    Ok(Exit::Done)
}

fn look(args: &CustodyVerify, out: &Out) -> Result<Custody, CommandError> {
    let folder = &args.case.case;
    if args.no_evidence {
        return Ok(Case::verify(folder)?);
    }
    let options = IngestOptions {
        threads: ingest::threads(args.threads),
        limits: opening::limits(&args.opening)?,
        passwords: opening::passwords(&args.opening)?,
        ..IngestOptions::default()
    };
    Ok(Case::verify_with_evidence(folder, &options, out.progress().as_ref())?)
}
