//! Where a lexer stands in its text, and texts that are put together from runs, escapes and expressions.

use crate::token::{Part, Token, TokenKind};
use std::borrow::Cow;

/// A place in a text.
pub(super) struct Cursor<'t> {
    /// The text.
    pub(super) text: &'t str,
    /// The place, in bytes, between characters.
    pub(super) at: usize,
    /// The line there, from 1.
    pub(super) line: u32,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, line: u32) -> Self {
        Self { text, at: 0, line }
    }

    pub(super) fn done(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The byte so far ahead; 0 behind the end.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.text.as_bytes()[self.at.min(self.text.len())..].starts_with(text.as_bytes())
    }

    pub(super) fn char(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes on by so many bytes, counting lines.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.go_to(self.at + bytes);
    }

    /// Goes on to a place further on, counting lines; stays where it is already behind it, as behind a text that stands within
    /// another and does not end before that does.
    pub(super) fn go_to(&mut self, to: usize) {
        /// In bytes; what is longer is looked through many at a time.
        const SHORT: usize = 48;
        let to = to.clamp(self.at, self.text.len().max(self.at));
        let passed = &self.text.as_bytes()[self.at..to];
        let lines = if passed.len() < SHORT {
            passed.iter().map(|byte| usize::from(*byte == b'\n')).sum()
        } else {
            memchr::memchr_iter(b'\n', passed).count()
        };
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = to;
    }

    /// Goes on behind the next `text`, or to the end.
    pub(super) fn go_behind(&mut self, text: &str) {
        let found = memchr::memmem::find(&self.text.as_bytes()[self.at..], text.as_bytes());
        self.go_to(found.map_or(self.text.len(), |found| self.at + found + text.len()));
    }

    /// Goes on to the end of the line, and not behind it.
    pub(super) fn go_to_end_of_line(&mut self) {
        let found = memchr::memchr2(b'\n', b'\r', &self.text.as_bytes()[self.at..]);
        self.at = found.map_or(self.text.len(), |found| self.at + found);
    }

    /// Goes on behind blanks, ends of lines and what else is no sign, counting lines.
    pub(super) fn blanks(&mut self) {
        // They are few at a time: to look for their ends of lines apart takes longer.
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        for byte in rest.iter().take_while(|byte| **byte <= b' ') {
            self.line = self.line.saturating_add(u32::from(*byte == b'\n'));
            self.at += 1;
        }
    }

    /// Goes on behind a run of letters, digits and `_`, and of characters beyond ASCII that are no blanks. Returns it.
    pub(super) fn word(&mut self) -> &'t str {
        let start = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            self.at += rest.iter().position(|byte| !IN_WORDS[usize::from(*byte)]).unwrap_or(rest.len());
            match self.byte(0) {
                0x80.. => match self.char() {
                    Some(letter) if !letter.is_whitespace() => self.at += letter.len_utf8(),
                    _ => break,
                },
                _ => break,
            }
        }
        &self.text[start..self.at]
    }

    /// Goes on behind a number and what is attached to it. Returns it, cut to a whole one.
    pub(super) fn number(&mut self) -> i64 {
        let radix = match self.byte(1) | 0x20 {
            _ if self.byte(0) != b'0' => 10,
            b'x' => 16,
            b'b' => 2,
            b'o' => 8,
            _ => 10,
        };
        if radix != 10 {
            self.at += 2;
            return self.digits(radix);
        }
        let octal = self.byte(0) == b'0' && self.byte(1).is_ascii_digit();
        let value = self.digits(if octal { 8 } else { 10 });
        if self.byte(0) == b'.' && self.byte(1).is_ascii_digit() {
            self.at += 1;
            self.digits(10);
        }
        if self.byte(0) | 0x20 == b'e' && matches!(self.byte(1), b'0'..=b'9' | b'+' | b'-') {
            self.at += 2;
            self.digits(10);
        }
        while self.byte(0).is_ascii_alphabetic() {
            self.at += 1;
        }
        value
    }

    fn digits(&mut self, radix: u32) -> i64 {
        let mut value: i64 = 0;
        loop {
            let byte = self.byte(0);
            if let Some(digit) = char::from(byte).to_digit(radix) {
                value = value.wrapping_mul(i64::from(radix)).wrapping_add(i64::from(digit));
            } else if byte != b'_' {
                return value;
            }
            self.at += 1;
        }
    }
}

/// The letters and digits of ASCII, and `_`.
static IN_WORDS: [bool; 256] = {
    let mut known = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        known[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    known
};

/// A text in the making: runs of the source, characters that were escaped, expressions.
pub(super) struct Builder<'t> {
    parts: Vec<Part<'t>>,
    own: String,
    run: usize,
}

impl<'t> Builder<'t> {
    /// Begins where the cursor stands.
    pub(super) fn new(cursor: &Cursor<'t>) -> Self {
        Self { parts: Vec::new(), own: String::new(), run: cursor.at }
    }

    /// Where the run begins that is not taken yet.
    pub(super) fn begins(&self) -> usize {
        self.run
    }

    /// Takes what stands up to the cursor as it is, and returns where characters can be put.
    pub(super) fn flush(&mut self, cursor: &Cursor<'t>) -> &mut String {
        self.own.push_str(&cursor.text[self.run..cursor.at]);
        self.run = cursor.at;
        &mut self.own
    }

    /// Goes on behind what was put instead of the source.
    pub(super) fn resume(&mut self, cursor: &Cursor<'t>) {
        self.run = cursor.at;
    }

    /// Takes an expression; what stood before it must be flushed.
    pub(super) fn hole(&mut self, tokens: Vec<Token<'t>>) {
        if !self.own.is_empty() {
            self.parts.push(Part::Text(Cow::Owned(std::mem::take(&mut self.own))));
        }
        self.parts.push(Part::Tokens(tokens));
    }

    /// Ends where the cursor stands.
    pub(super) fn finish(mut self, cursor: &Cursor<'t>) -> TokenKind<'t> {
        let last = &cursor.text[self.run..cursor.at];
        if self.parts.is_empty() && self.own.is_empty() {
            return TokenKind::Text(Cow::Borrowed(last));
        }
        self.own.push_str(last);
        if self.parts.is_empty() {
            return TokenKind::Text(Cow::Owned(self.own));
        }
        if !self.own.is_empty() {
            self.parts.push(Part::Text(Cow::Owned(self.own)));
        }
        TokenKind::Template(self.parts)
    }
}

/// Returns the sign that a byte is, where no longer one begins with it.
fn lone_sign(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'(' => "(",
        b')' => ")",
        b'[' => "[",
        b']' => "]",
        b'{' => "{",
        b'}' => "}",
        b',' => ",",
        b'~' => "~",
        _ => return None,
    })
}

/// Returns the longest sign that the bytes begin with: of a language's own that begin like this, else of those that all
/// languages like C have.
pub(super) fn longest_sign(bytes: &[u8], own: &[&'static str]) -> Option<&'static str> {
    if let Some(lone) = lone_sign(*bytes.first()?) {
        return Some(lone);
    }
    let shared: &[&'static str] = match bytes.first()? {
        b'=' => &["===", "==", "=>", "="],
        b'+' => &["++", "+=", "+"],
        b'-' => &["--", "-=", "->", "-"],
        b'*' => &["**=", "**", "*=", "*"],
        b'/' => &["/=", "/"],
        b'%' => &["%=", "%"],
        b'!' => &["!==", "!=", "!"],
        b'^' => &["^=", "^"],
        b':' => &["::", ":"],
        b'@' => &["@"],
        _ => &[],
    };
    let begins =
        |sign: &&str| sign.len() <= bytes.len() && sign.bytes().zip(bytes).all(|(one, two)| one == *two);
    own.iter().chain(shared).copied().find(begins)
}
