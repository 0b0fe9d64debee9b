//! The plan as Markdown, for tickets and wikis.

use crate::html::render_plan_markdown;
use crate::texts::Texts;
use afterpatch_model::CaseResult;
use std::io::{self, Write};

pub(crate) fn write(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    let text = render_plan_markdown(result, texts).map_err(io::Error::other)?;
    writeln!(out, "{}", text.trim_end())
}
