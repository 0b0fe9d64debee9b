//! The plan alone as a page: what is handed to who does the work.

use crate::html::render_plan;
use crate::texts::Texts;
use afterpatch_model::CaseResult;
use std::io::{self, Write};

pub(crate) fn write(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    let page = render_plan(result, texts).map_err(io::Error::other)?;
    out.write_all(page.as_bytes())
}
