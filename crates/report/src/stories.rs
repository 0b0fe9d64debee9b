//! The stories as Markdown, for tickets and wikis.

use crate::html::render_stories_markdown;
use crate::texts::Texts;
use afterpatch_model::CaseResult;
use std::io::{self, Write};

pub(crate) fn write_markdown(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    let text = render_stories_markdown(result, texts).map_err(io::Error::other)?;
    writeln!(out, "{}", text.trim_end())
}
