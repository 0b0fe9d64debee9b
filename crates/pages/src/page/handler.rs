//! Files that hold code alone: handlers and services after their directive, and sources.

use super::Page;
use super::active::directive;
use super::builder::{Builder, language};
use super::markup::{blanks, find};
use crate::kind::Kind;
use std::borrow::Cow;

/// Cuts a file: directives and comments at its begin, then code.
pub(super) fn cut(text: &str, kind: Kind) -> Page<'_> {
    let mut page = Builder::new(text, kind);
    let bytes = text.as_bytes();
    let first = find(bytes, 0, b"<%").unwrap_or(0);
    let mut at = head(&mut page, first, kind).unwrap_or(0);
    while let Some(after) = head(&mut page, at, kind) {
        at = after;
    }
    page.skip(0, text.len());
    page.declare(None, at, Cow::Borrowed(&text[at..]));
    page.finish()
}

/// Reads one directive or comment, and returns the place after it.
fn head(page: &mut Builder<'_>, at: usize, kind: Kind) -> Option<usize> {
    let bytes = page.text.as_bytes();
    let at = at + blanks(&bytes[at..]);
    if kind == Kind::Source || !bytes[at..].starts_with(b"<%") {
        return None;
    }
    if bytes[at..].starts_with(b"<%--") {
        return Some(find(bytes, at, b"--%>").map_or(bytes.len(), |end| end + 4));
    }
    let begin = at + 2 + blanks(&bytes[at + 2..]);
    if bytes.get(begin) != Some(&b'@') {
        return None;
    }
    let (name, attributes, after) = directive(page.text, begin + 1)?;
    if let Some(language) =
        attributes.iter().find(|(name, _)| name == "language").and_then(|(_, value)| language(value, kind))
    {
        page.name_language(language);
    }
    page.directive(at..after, name, attributes);
    Some(after)
}
