//! Tags, attributes and the search for them.

use crate::search::{self, begins};
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// The most attributes of one tag that are read.
const MOST_ATTRIBUTES: usize = 64;

/// The attributes of a tag or directive: names in small letters, values as they stand; empty for those that have none.
pub(super) type Attributes<'t> = Vec<(String, Cow<'t, str>)>;

/// Reads attributes from a place on, to what closes them: `>` of a tag, `%>` of a directive. Returns them with the place after
/// what closes; none where it is no tag, for another begins before it ends.
pub(super) fn attributes<'t>(text: &'t str, mut at: usize, close: &str) -> Option<(Attributes<'t>, usize)> {
    let bytes = text.as_bytes();
    let mut attributes = Vec::new();
    loop {
        at += blanks(&bytes[at..]);
        if bytes[at..].starts_with(close.as_bytes()) {
            return Some((attributes, at + close.len()));
        }
        match bytes.get(at) {
            Some(b'<') if bytes.get(at + 1) == Some(&b'%') => at = find(bytes, at, b"%>")? + 2,
            None | Some(b'<') => return None,
            Some(byte) if is_name(*byte) => {
                let (name, value, after) = attribute(text, at, close);
                if attributes.len() < MOST_ATTRIBUTES {
                    attributes.push((name.to_ascii_lowercase(), Cow::Borrowed(value)));
                }
                at = after;
            }
            Some(_) => at += 1,
        }
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

/// Reads one attribute: its name, its value, and the place after it.
fn attribute<'t>(text: &'t str, at: usize, close: &str) -> (&'t str, &'t str, usize) {
    let bytes = text.as_bytes();
    let end = at + bytes[at..].iter().take_while(|byte| is_name(**byte)).count();
    let equals = end + blanks(&bytes[end..]);
    if bytes.get(equals) != Some(&b'=') {
        return (&text[at..end], "", end);
    }
    let begin = equals + 1 + blanks(&bytes[equals + 1..]);
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(begin)
        && let Some((value, after)) = quoted(text, begin + 1, *quote)
    {
        return (&text[at..end], value, after);
    }
    let bare = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(**byte, b'>' | b'<' | b'"' | b'\'');
    let mut after = begin + bytes[begin..].iter().take_while(bare).count();
    if close == "%>" && text[begin..after].ends_with('%') {
        after -= 1;
    }
    (&text[at..end], &text[begin..after], after)
}

/// Reads a value in quotes. Blocks of code in it may hold the quote: `x="<%# Eval("y") %>"`.
fn quoted(text: &str, begin: usize, quote: u8) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    let mut end = begin + memchr(quote, &bytes[begin..])?;
    if bytes[begin..end].starts_with(b"<%") {
        let block = find(bytes, begin, b"%>")?;
        end = block + memchr(quote, &bytes[block..])?;
    }
    Some((&text[begin..end], end + 1))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.' | b'#') || byte >= 0x80
}

/// Returns how many blanks stand at the begin.
pub(super) fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Returns the first place from `at` on where a mark stands.
pub(super) fn find(bytes: &[u8], at: usize, mark: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(at..)?, mark).map(|found| at + found)
}

/// Returns the first place from `at` on where a mark stands that begins with `<`, in any case.
pub(super) fn find_tag(bytes: &[u8], at: usize, mark: &str) -> Option<usize> {
    memchr_iter(b'<', bytes.get(at..)?).map(|found| at + found).find(|found| begins(&bytes[*found..], mark))
}

/// Returns the name of the tag that begins at a `<`.
pub(super) fn tag_name(text: &str, at: usize) -> &str {
    let bytes = &text.as_bytes()[at + 1..];
    let length = bytes.iter().take_while(|byte| is_name(**byte)).count();
    &text[at + 1..at + 1 + length]
}

/// Finds something from ever later places on, and looks at each byte once.
pub(super) struct Ahead<'t> {
    bytes: &'t [u8],
    mark: &'static str,
    next: usize,
}

impl<'t> Ahead<'t> {
    pub(super) fn new(bytes: &'t [u8], mark: &'static str) -> Self {
        let mut ahead = Self { bytes, mark, next: 0 };
        ahead.next = ahead.search(0);
        ahead
    }

    /// Returns the first place from `at` on where the mark stands, in any case; the end where it stands nowhere.
    pub(super) fn from(&mut self, at: usize) -> usize {
        if self.next < at {
            self.next = self.search(at);
        }
        self.next
    }

    fn search(&self, at: usize) -> usize {
        search::find(self.bytes, at, self.mark).unwrap_or(self.bytes.len())
    }
}
