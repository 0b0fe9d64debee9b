//! PHP: code between `<?php` and `?>`, wherever the page has it.

use super::builder::Builder;
use super::markup::{Ahead, attributes, blanks, find, find_tag};
use super::{Page, Role};
use crate::kind::Kind;
use crate::search::begins;
use memchr::{memchr, memchr2, memchr3};

/// Cuts a page.
pub(super) fn cut(text: &str) -> Page<'_> {
    let mut page = Builder::new(text, Kind::Php);
    let bytes = text.as_bytes();
    let mut halt = Ahead::new(bytes, "__halt_compiler");
    let mut at = 0;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let begin = at + found;
        at = match bytes.get(begin + 1) {
            Some(b'?') => block(&mut page, begin, &mut halt),
            Some(b's' | b'S') if begins(&bytes[begin..], "<script") => script(&mut page, begin),
            _ => begin + 1,
        };
    }
    page.finish()
}

/// Reads `<?php … ?>`, `<?= … ?>` or `<? … ?>`, and returns where to go on.
fn block(page: &mut Builder<'_>, at: usize, halt: &mut Ahead<'_>) -> usize {
    let bytes = page.text.as_bytes();
    let body = &bytes[at + 2..];
    let (role, begin) = match body.first() {
        _ if begins(body, "xml")
            && body.get(3).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'-') =>
        {
            return at + 2;
        }
        Some(b'=') => (Role::Expression, at + 3),
        _ if begins(body, "php") && body.get(3).is_none_or(u8::is_ascii_whitespace) => (Role::Code, at + 5),
        _ => (Role::Code, at + 2),
    };
    let Extent { end, after } = extent(page.text, begin, halt);
    page.skip(at, after);
    page.push(role, begin, end);
    after
}

/// Reads `<script language="php"> … </script>`; any other script is markup.
fn script(page: &mut Builder<'_>, at: usize) -> usize {
    let text = page.text;
    let body = at + "<script".len();
    let Some((attributes, begin)) = attributes(text, body, ">") else { return body };
    if !attributes.iter().any(|(name, value)| name == "language" && value.eq_ignore_ascii_case("php")) {
        return body;
    }
    let end = find_tag(text.as_bytes(), begin, "</script").unwrap_or(text.len());
    let after = memchr(b'>', &text.as_bytes()[end..]).map_or(text.len(), |close| end + close + 1);
    page.skip(at, after);
    page.push(Role::Code, begin, end);
    after
}

/// Where code ends, and where the page goes on.
struct Extent {
    end: usize,
    after: usize,
}

/// Finds the end of code: `?>` outside of texts and of comments over lines, or the end of the page. One line end after it
/// belongs to it. After `__halt_compiler();` there is no code.
fn extent(text: &str, begin: usize, halt: &mut Ahead<'_>) -> Extent {
    let bytes = text.as_bytes();
    let mut at = begin;
    loop {
        let found = bytes[at..]
            .iter()
            .position(|byte| BEGINS[usize::from(*byte)])
            .map_or(bytes.len(), |found| at + found);
        let stop = halt.from(at);
        if stop <= found {
            return Extent { end: stop, after: bytes.len() };
        }
        match passed(text, found) {
            Ok(after) => at = after.min(bytes.len()),
            Err(()) => return Extent { end: found, after: found + 2 + line_end(&bytes[found + 2..]) },
        }
    }
}

/// The bytes with which something begins that may hold or be the end of code.
static BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    let bytes = b"\"'`/#<?";
    let mut at = 0;
    while at < bytes.len() {
        begins[bytes[at] as usize] = true;
        at += 1;
    }
    begins
};

/// Passes over what begins at a byte, and returns the place after it; an error where it is the end of code.
fn passed(text: &str, at: usize) -> Result<usize, ()> {
    let bytes = text.as_bytes();
    match (bytes[at], bytes.get(at + 1)) {
        (b'?', Some(b'>')) => Err(()),
        (quote @ (b'"' | b'\'' | b'`'), _) => Ok(quoted(bytes, at + 1, quote)),
        (b'/', Some(b'*')) => Ok(find(bytes, at + 2, b"*/").map_or(bytes.len(), |end| end + 2)),
        (b'/', Some(b'/')) => Ok(line(bytes, at + 2)),
        (b'#', second) if second != Some(&b'[') => Ok(line(bytes, at + 1)),
        (b'<', Some(b'<')) if bytes[at..].starts_with(b"<<<") => Ok(heredoc(text, at + 3)),
        _ => Ok(at + 1),
    }
}

/// Returns the place after a text in quotes.
fn quoted(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(found) = memchr2(quote, b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == quote {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// Returns the end of a comment of one line: that of the line, or of the code.
fn line(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr3(b'\n', b'\r', b'?', &bytes[at..]) {
        at += found;
        if bytes[at] != b'?' || bytes.get(at + 1) == Some(&b'>') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// Returns the place after a text between `<<<NAME` and `NAME`.
fn heredoc(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let begin = at + blanks(&bytes[at..]);
    let begin = begin + usize::from(matches!(bytes.get(begin), Some(b'"' | b'\'')));
    let length = bytes[begin..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80)
        .count();
    let name = &bytes[begin..begin + length];
    if name.is_empty() || name[0].is_ascii_digit() {
        return at;
    }
    let mut rest = begin + length;
    while let Some(found) = memchr(b'\n', &bytes[rest..]) {
        rest += found + 1;
        let indent = bytes[rest..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let tail = &bytes[rest + indent..];
        if tail.starts_with(name)
            && !tail.get(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        {
            return rest + indent + length;
        }
    }
    bytes.len()
}

/// Returns the length of one line end.
fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    }
}
