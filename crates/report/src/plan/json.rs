//! The plan for programs: the steps of the result, and nothing else.

use crate::texts::Texts;
use afterpatch_model::CaseResult;
use std::io::{self, Write};

pub(crate) fn write(result: &CaseResult, _: &Texts, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &result.plan)?;
    out.write_all(b"\n")
}
