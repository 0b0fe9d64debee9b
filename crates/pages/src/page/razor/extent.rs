//! How far code and markup go in a page of Razor.

use super::super::markup::find;
use memchr::{memchr, memchr2};

/// The most of a page that one expression or bracket is looked for in.
const LONGEST: usize = 1 << 20;

/// How long a tag may be of which it is told whether it closes itself.
const LONGEST_TAG: usize = 512;

/// Elements that have no end tag.
static VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// What goes on with a statement after its bracket is closed.
static GOES_ON: &[&str] = &["else", "catch", "finally", "while"];

/// Returns the length of the word at the begin.
pub(super) fn word(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80).count()
}

/// Returns where the bracket of any kind closes that was opened before.
pub(super) fn bracket(bytes: &[u8], begin: usize) -> usize {
    let mut depth = 0_u32;
    let mut at = begin;
    let most = bytes.len().min(begin.saturating_add(LONGEST));
    while at < most {
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return at,
            b')' | b']' | b'}' => depth -= 1,
            _ => {
                if let Some(after) = passed(bytes, at) {
                    at = after;
                    continue;
                }
            }
        }
        at += 1;
    }
    bytes.len()
}

/// Returns the end of an expression without brackets round it: names, members, calls and places.
pub(super) fn expression(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + word(&bytes[begin..]);
    if &bytes[begin..at] == b"await" {
        at += 1;
        at += word(bytes.get(at..).unwrap_or_default());
    }
    loop {
        at = at.min(bytes.len());
        let member = |length: usize| {
            bytes.get(at + length).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        };
        match bytes.get(at) {
            Some(b'(' | b'[') => at = bracket(bytes, at + 1) + 1,
            Some(b'.') if member(1) => at += 1 + word(&bytes[at + 1..]),
            Some(b'?') if bytes.get(at + 1) == Some(&b'.') && member(2) => at += 2 + word(&bytes[at + 2..]),
            _ => return at,
        }
    }
}

/// Passes over a text or a comment of C#; none where neither begins.
fn passed(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    Some(match rest {
        [b'"', ..] if at > 0 && (bytes[at - 1] == b'@' || at > 1 && &bytes[at - 2..at] == b"@$") => {
            verbatim(bytes, at + 1)
        }
        [quote @ (b'"' | b'\''), ..] => text(bytes, at + 1, *quote),
        [b'/', b'/', ..] => memchr(b'\n', rest).map_or(bytes.len(), |end| at + end),
        [b'/', b'*', ..] => find(bytes, at + 2, b"*/").map_or(bytes.len(), |end| end + 2),
        [b'@', b'*', ..] => find(bytes, at + 2, b"*@").map_or(bytes.len(), |end| end + 2),
        _ => return None,
    })
}

fn text(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' => at += 1,
            b'\n' => return at,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn verbatim(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr(b'"', &bytes[at..]) {
        at += found + 1;
        if bytes.get(at) != Some(&b'"') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// What a scan of code comes to.
pub(super) enum Found {
    /// The code ends; the page goes on after the bracket.
    End { end: usize, after: usize },
    /// Markup begins.
    Markup(usize),
    /// An `@` before a statement, which says nothing.
    AtSign(usize),
}

/// A scan over code, from one place to the next that matters.
pub(super) struct Scan {
    statement: bool,
    depth: u32,
    /// Whether a statement may begin here.
    begins: bool,
}

impl Scan {
    pub(super) fn new(statement: bool) -> Self {
        Self { statement, depth: 0, begins: !statement }
    }

    pub(super) fn next(&mut self, bytes: &[u8], mut at: usize) -> Found {
        while let Some(byte) = bytes.get(at) {
            let begins = self.begins;
            match *byte {
                byte if byte.is_ascii_whitespace() => {}
                b'{' => (self.depth, self.begins) = (self.depth + 1, true),
                b'}' => {
                    if let Some(found) = self.closes(bytes, at) {
                        return found;
                    }
                }
                b';' if self.statement && self.depth == 0 => {
                    return Found::End { end: at + 1, after: at + 1 };
                }
                b';' => self.begins = true,
                b'<' if begins && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic) => {
                    return Found::Markup(at);
                }
                b'@' if begins && bytes.get(at + 1) == Some(&b':') => return Found::Markup(at),
                b'@' if begins && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic) => {
                    self.begins = false;
                    return Found::AtSign(at);
                }
                byte => {
                    if let Some(after) = passed(bytes, at) {
                        self.begins = begins && matches!(byte, b'/' | b'@');
                        at = after;
                        continue;
                    }
                    self.begins = false;
                }
            }
            at += 1;
        }
        Found::End { end: bytes.len(), after: bytes.len() }
    }

    /// Reads a `}`: that of a bracket of the code, or that which ends it.
    fn closes(&mut self, bytes: &[u8], at: usize) -> Option<Found> {
        self.begins = true;
        if self.depth == 0 {
            return Some(Found::End { end: if self.statement { at + 1 } else { at }, after: at + 1 });
        }
        self.depth -= 1;
        let rest = &bytes[at + 1..];
        let rest = &rest[super::blanks(rest)..];
        let word = &rest[..word(rest)];
        let ends = self.statement && self.depth == 0 && !GOES_ON.iter().any(|known| known.as_bytes() == word);
        self.begins = !(self.statement && self.depth == 0);
        ends.then_some(Found::End { end: at + 1, after: at + 1 })
    }
}

/// An element that stands within code, with all that is in it.
pub(super) struct Element<'t> {
    name: &'t [u8],
    depth: u32,
}

impl<'t> Element<'t> {
    pub(super) fn new(bytes: &'t [u8], begin: usize) -> Self {
        let rest = bytes.get(begin + 1..).unwrap_or_default();
        let length = if bytes.get(begin) == Some(&b'<') { tag(rest) } else { 0 };
        Self { name: &rest[..length], depth: 0 }
    }

    /// Returns the next place that matters: an `@` with false, the end of the element with true.
    pub(super) fn next(&mut self, bytes: &[u8], mut at: usize) -> (usize, bool) {
        if self.name.is_empty() {
            return match memchr2(b'@', b'\n', &bytes[at..]).map(|found| at + found) {
                Some(place) => (place, bytes[place] == b'\n'),
                None => (bytes.len(), true),
            };
        }
        while let Some(found) = memchr2(b'@', b'<', &bytes[at..]) {
            at += found;
            if bytes[at] == b'@' {
                return (at, false);
            }
            at += 1;
            if self.tag(bytes, at) && self.depth == 0 {
                return (memchr(b'>', &bytes[at..]).map_or(bytes.len(), |close| at + close + 1), true);
            }
        }
        (bytes.len(), true)
    }

    /// Reads a tag after its `<`, and says whether it is one of the name that closes something.
    fn tag(&mut self, bytes: &[u8], at: usize) -> bool {
        let closes = bytes.get(at) == Some(&b'/');
        let rest = &bytes[at + usize::from(closes)..];
        if &rest[..tag(rest)] != self.name {
            return false;
        }
        if closes {
            self.depth = self.depth.saturating_sub(1);
            return true;
        }
        let void = VOID.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(self.name));
        if void
            || memchr(b'>', &rest[..rest.len().min(LONGEST_TAG)])
                .is_some_and(|close| close > 0 && rest[close - 1] == b'/')
        {
            return true;
        }
        self.depth += 1;
        false
    }
}

fn tag(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(**byte, b'-' | b':' | b'_'))
        .count()
}
