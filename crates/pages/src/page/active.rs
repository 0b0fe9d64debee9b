//! Classic ASP, and the pages of ASP.NET.

use super::builder::{Builder, language};
use super::markup::{Ahead, Attributes, attributes, blanks, find, find_tag, tag_name};
use super::{Page, Role, handler};
use crate::kind::Kind;
use crate::search::begins;
use memchr::memchr;
use std::borrow::Cow;

/// Directives of files that hold code alone, whatever they are called.
static HANDLERS: &[&str] = &["webhandler", "webservice"];

/// Cuts a page.
pub(super) fn cut(text: &str, kind: Kind) -> Page<'_> {
    let mut cutter = Cutter {
        page: Builder::new(text, kind),
        kind,
        runat: Ahead::new(text.as_bytes(), "runat"),
        close: Ahead::new(text.as_bytes(), ">"),
    };
    let mut at = 0;
    while let Some(found) = memchr(b'<', &text.as_bytes()[at..]) {
        at = cutter.tag(at + found);
    }
    let page = cutter.page.finish();
    if page.directives.iter().any(|directive| HANDLERS.contains(&directive.name.as_str())) {
        handler::cut(text, kind)
    } else {
        page
    }
}

struct Cutter<'t> {
    page: Builder<'t>,
    kind: Kind,
    runat: Ahead<'t>,
    close: Ahead<'t>,
}

impl<'t> Cutter<'t> {
    /// Reads what begins at a `<`, and returns where to go on.
    fn tag(&mut self, at: usize) -> usize {
        let bytes = &self.page.text.as_bytes()[at..];
        match bytes.get(1) {
            Some(b'%') => self.block(at),
            Some(b'!') if bytes.starts_with(b"<!--") => self.include(at),
            Some(byte) if byte.is_ascii_alphabetic() => self.element(at),
            _ => at + 1,
        }
    }

    /// Reads `<% … %>` of any sort.
    fn block(&mut self, at: usize) -> usize {
        if let Some(after) = self.page.comment(at) {
            return after;
        }
        let bytes = self.page.text.as_bytes();
        let begin = at + 2 + blanks(&bytes[at + 2..]);
        if bytes.get(begin) == Some(&b'@') {
            return self.directive(at, begin + 1);
        }
        let (end, after) = self.page.block(at);
        match bytes.get(begin) {
            Some(b'=') if begin < end => self.page.push(Role::Expression, begin + 1, end),
            Some(b'#' | b':') if begin < end && self.kind != Kind::Asp => {
                let more = usize::from(bytes.get(begin + 1) == Some(&b':') && begin + 1 < end);
                self.page.push(Role::Expression, begin + 1 + more, end);
            }
            Some(b'$') if begin < end && self.kind != Kind::Asp => {}
            _ => self.page.push(Role::Code, at + 2, end),
        }
        after
    }

    fn directive(&mut self, at: usize, begin: usize) -> usize {
        let Some((name, attributes, after)) = directive(self.page.text, begin) else { return at + 2 };
        if let Some(language) = named(&attributes).and_then(|name| language(name, self.kind)) {
            self.page.name_language(language);
        }
        self.page.skip(at, after);
        self.page.directive(at..after, name, attributes);
        after
    }

    /// Reads `<!--#include file="…"-->`; any other comment is markup, in which blocks run.
    fn include(&mut self, at: usize) -> usize {
        let Some((attributes, after)) = self.included(at) else { return at + 4 };
        self.page.skip(at, after);
        self.page.directive(at..after, "include".to_owned(), attributes);
        after
    }

    /// Returns what an include at a `<!--` says, and where it ends; nothing where it is a comment.
    fn included(&self, at: usize) -> Option<(Attributes<'t>, usize)> {
        let begin = at + 4 + blanks(&self.page.text.as_bytes()[at + 4..]);
        let is_include = begins(&self.page.text.as_bytes()[begin..], "#include");
        is_include.then(|| attributes(self.page.text, begin + "#include".len(), "-->")).flatten()
    }

    /// Reads an element that the server makes something of; passes over all others.
    fn element(&mut self, at: usize) -> usize {
        let name = tag_name(self.page.text, at);
        let body = at + 1 + name.len();
        if !name.contains(':') && self.runat.from(body) > self.close.from(body) {
            return body;
        }
        let Some((attributes, after)) = attributes(self.page.text, body, ">") else { return body };
        if !attributes.iter().any(|(name, _)| name == "runat") {
            return body;
        }
        let name = name.to_ascii_lowercase();
        if name == "script" {
            return self.script(at, after, &attributes);
        }
        if attributes.iter().any(|(name, _)| name == "id") {
            self.page.directive(at..body, name, attributes);
        }
        body
    }

    /// Reads the code of `<script runat="server">`.
    fn script(&mut self, at: usize, begin: usize, attributes: &Attributes<'_>) -> usize {
        let bytes = self.page.text.as_bytes();
        if bytes[..begin].ends_with(b"/>") {
            return begin;
        }
        let end = find_tag(bytes, begin, "</script").unwrap_or(bytes.len());
        let after = memchr(b'>', &bytes[end..]).map_or(bytes.len(), |close| end + close + 1);
        self.page.skip(at, after);
        let named = named(attributes).and_then(|name| language(name, self.kind));
        self.page.declare(named, begin, Cow::Borrowed(&self.page.text[begin..end]));
        // Files are taken in before the server looks at what stands around.
        let mut at = begin;
        while let Some(found) = find(&bytes[..end], at, b"<!--") {
            at = found + 4;
            if let Some((attributes, after)) = self.included(found) {
                self.page.directive(found..after, "include".to_owned(), attributes);
                at = after;
            }
        }
        after
    }
}

fn named<'a>(attributes: &'a Attributes<'_>) -> Option<&'a str> {
    attributes.iter().find(|(name, _)| name == "language").map(|(_, value)| value.as_ref())
}

/// Reads a directive after its `@`: its name, its attributes, and the place after it. The first word that is given no value is
/// the name; without one it is of the page.
pub(super) fn directive(text: &str, begin: usize) -> Option<(String, Attributes<'_>, usize)> {
    let (mut attributes, after) = attributes(text, begin, "%>")?;
    let named = attributes.first().is_some_and(|(name, value)| value.is_empty() && !name.is_empty());
    let name = if named { attributes.remove(0).0 } else { "page".to_owned() };
    Some((name, attributes, after))
}
