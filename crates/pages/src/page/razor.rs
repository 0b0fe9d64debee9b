//! Razor: markup in which an `@` begins code, and code in which a tag begins markup.

mod extent;

use super::builder::Builder;
use super::markup::{blanks, find};
use super::{Page, Role};
use crate::kind::{Kind, Language};
use crate::search::begins;
use memchr::memchr;
use std::borrow::Cow;

/// How deep markup in code in markup is followed.
const DEEPEST: u32 = 48;

/// Cuts a page.
pub(super) fn cut(text: &str) -> Page<'_> {
    let mut cutter = Cutter { page: Builder::new(text, Kind::Razor), depth: 0 };
    let mut at = 0;
    while let Some(found) = memchr(b'@', &text.as_bytes()[at..]) {
        at = cutter.at_sign(at + found);
    }
    cutter.page.finish()
}

struct Cutter<'t> {
    page: Builder<'t>,
    depth: u32,
}

/// What the word after an `@` begins.
#[derive(Clone, Copy)]
enum Begins {
    /// A statement with its brackets, and what belongs to it: `if … else …`.
    Statement,
    /// Members in brackets, or up to `End` and the word.
    Members,
    /// A function that writes: `@helper Name(…) { … }`.
    Helper,
    /// Statements up to `End Code`.
    Code,
    /// The rest of the line.
    Line,
    /// Markup in brackets with a name.
    Section,
}

static WORDS: &[(&str, Begins)] = &[
    ("addTagHelper", Begins::Line),
    ("attribute", Begins::Line),
    ("Code", Begins::Code),
    ("code", Begins::Members),
    ("do", Begins::Statement),
    ("for", Begins::Statement),
    ("foreach", Begins::Statement),
    ("Functions", Begins::Members),
    ("functions", Begins::Members),
    ("helper", Begins::Helper),
    ("if", Begins::Statement),
    ("implements", Begins::Line),
    ("Imports", Begins::Line),
    ("inherits", Begins::Line),
    ("inject", Begins::Line),
    ("layout", Begins::Line),
    ("lock", Begins::Statement),
    ("model", Begins::Line),
    ("ModelType", Begins::Line),
    ("namespace", Begins::Line),
    ("page", Begins::Line),
    ("section", Begins::Section),
    ("switch", Begins::Statement),
    ("try", Begins::Statement),
    ("using", Begins::Line),
    ("while", Begins::Statement),
];

impl<'t> Cutter<'t> {
    fn bytes(&self) -> &'t [u8] {
        self.page.text.as_bytes()
    }

    /// Reads what begins at an `@`, and returns where to go on.
    fn at_sign(&mut self, at: usize) -> usize {
        let bytes = self.bytes();
        let within_word = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
        match bytes.get(at + 1) {
            Some(b'@') => at + 2,
            Some(b'*') => {
                let after = find(bytes, at + 2, b"*@").map_or(bytes.len(), |end| end + 2);
                self.page.skip(at, after);
                after
            }
            Some(b'{') => self.block(at, at + 2),
            Some(b'(') => {
                let end = extent::bracket(bytes, at + 2);
                self.expression(at, at + 2, end, (end + 1).min(bytes.len()))
            }
            Some(byte) if !within_word && (byte.is_ascii_alphabetic() || *byte == b'_') => self.word(at),
            _ => at + 1,
        }
    }

    fn expression(&mut self, at: usize, begin: usize, end: usize, after: usize) -> usize {
        self.page.skip(at, after);
        self.page.push(Role::Expression, begin, end);
        after
    }

    /// Reads statements after a `{` to its `}`.
    fn block(&mut self, at: usize, begin: usize) -> usize {
        self.page.skip(at, begin);
        self.code(begin, false)
    }

    fn word(&mut self, at: usize) -> usize {
        let bytes = self.bytes();
        let length = extent::word(&bytes[at + 1..]);
        let body = at + 1 + length;
        let next = body + blanks(&bytes[body..]);
        let begins =
            WORDS.iter().find(|(word, _)| word.as_bytes() == &bytes[at + 1..body]).map(|(_, begins)| *begins);
        match (begins, bytes.get(next)) {
            (Some(Begins::Line), Some(b'(')) | (Some(Begins::Statement), _) => {
                self.page.skip(at, at + 1);
                self.code(at + 1, true)
            }
            (Some(Begins::Line), _) => self.line(at, body),
            (Some(Begins::Members | Begins::Code), Some(b'{')) => self.members(at, next + 1),
            (Some(Begins::Members), Some(byte)) if byte.is_ascii_alphabetic() => {
                self.basic(at, body, "End Functions", true)
            }
            (Some(Begins::Code), _) => self.basic(at, body, "End Code", false),
            (Some(Begins::Helper), _) => {
                self.page.skip(at, body);
                self.page.push_text(Role::Code, at, Cow::Borrowed("object"));
                self.code(body, true)
            }
            (Some(Begins::Section), _) => {
                let after = memchr(b'{', &bytes[body..]).map_or(body, |open| body + open + 1);
                self.page.skip(at, after);
                after
            }
            _ => {
                let end = extent::expression(bytes, at + 1);
                self.expression(at, at + 1, end, end)
            }
        }
    }

    /// Reads a directive that takes the rest of its line: `@using X` imports, as `<%@ Import Namespace="X" %>` does.
    fn line(&mut self, at: usize, body: usize) -> usize {
        let text = self.page.text;
        let end = memchr(b'\n', &text.as_bytes()[body..]).map_or(text.len(), |end| body + end);
        let name = text[at + 1..body].to_ascii_lowercase();
        let value = Cow::Borrowed(text[body..end].trim().trim_end_matches(';'));
        self.page.skip(at, end);
        if name == "modeltype" || name == "imports" {
            self.page.name_language(Language::Vb);
        }
        let (name, attribute) = if name == "using" || name == "imports" {
            ("import".to_owned(), "namespace")
        } else {
            (name, "value")
        };
        self.page.directive(at..end, name, vec![(attribute.to_owned(), value)]);
        end
    }

    fn members(&mut self, at: usize, begin: usize) -> usize {
        let bytes = self.bytes();
        let end = extent::bracket(bytes, begin);
        let after = (end + 1).min(bytes.len());
        self.page.skip(at, after);
        self.page.declare(None, begin, Cow::Borrowed(&self.page.text[begin..end]));
        after
    }

    /// Reads code of Visual Basic up to what ends it.
    fn basic(&mut self, at: usize, begin: usize, ends: &'static str, declares: bool) -> usize {
        let bytes = self.bytes();
        let end = (begin..bytes.len()).find(|end| begins(&bytes[*end..], ends)).unwrap_or(bytes.len());
        let after = (end + ends.len()).min(bytes.len());
        self.page.name_language(Language::Vb);
        self.page.skip(at, after);
        if declares {
            self.page.declare(Some(Language::Vb), begin, Cow::Borrowed(&self.page.text[begin..end]));
        } else {
            self.page.push(Role::Code, begin, end);
        }
        after
    }

    /// Reads code from a place on: one statement with all its brackets, or statements up to the `}` that is closed by none of
    /// theirs. Returns the place after it.
    fn code(&mut self, begin: usize, statement: bool) -> usize {
        let bytes = self.bytes();
        self.depth += 1;
        let (mut from, mut at) = (begin, begin);
        let mut scan = extent::Scan::new(statement);
        let after = loop {
            match scan.next(bytes, at) {
                extent::Found::End { end, after } => {
                    self.push(from, end);
                    break after;
                }
                extent::Found::Markup(place) if self.depth < DEEPEST => {
                    self.push(from, place);
                    at = self.markup(place);
                    from = at;
                }
                extent::Found::Markup(place) => at = place + 1,
                extent::Found::AtSign(place) => {
                    self.push(from, place);
                    self.page.skip(place, place + 1);
                    at = place + 1;
                    from = at;
                }
            }
        };
        self.depth -= 1;
        self.page.skip(begin, after);
        after
    }

    /// Adds code; what passed for markup up to its begin is none.
    fn push(&mut self, begin: usize, end: usize) {
        if begin < end {
            self.page.skip(begin, end);
            self.page.push(Role::Code, begin, end);
        }
    }

    /// Reads markup within code: `@: …` to the end of the line, or an element with all that is in it.
    fn markup(&mut self, begin: usize) -> usize {
        let bytes = self.bytes();
        self.page.skip(begin, begin);
        let mut element = extent::Element::new(bytes, begin);
        let mut at = begin + if bytes[begin] == b'@' { 2 } else { 0 };
        let end = loop {
            match element.next(bytes, at) {
                (end, true) => break end,
                (place, false) => at = self.at_sign(place),
            }
        };
        self.page.skip(end, end);
        end
    }
}
