//! `custody`: whether the ledger is as it was written.

use super::Outcome;
use crate::args::CaseDir;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_store::Case;

/// Walks the ledger's chain of hashes.
pub(super) fn verify(args: &CaseDir, out: &Out) -> Outcome {
    let custody = Case::verify(&args.case)?;
    if !custody.faults.is_empty() {
        let error = CommandError::user(custody.faults.join("\n"));
        return Err(error.hint("compare the case with a copy: something was changed, added or taken away"));
    }
    out.print(&format!(
        "{} lines, {} artifacts, {} parts: all as they were written\nlast line: {}",
        custody.lines, custody.artifacts, custody.parts, custody.head
    ))?;
    Ok(Exit::Done)
}
