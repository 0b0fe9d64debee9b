//! Java Server Pages, in their own syntax and in XML.

use super::active::directive;
use super::builder::{Builder, language};
use super::markup::{attributes, find, find_tag, tag_name};
use super::{Page, Role, escapes};
use crate::kind::{Kind, Language};
use memchr::memchr3;
use std::borrow::Cow;
use std::ops::Range;

/// The prefix of the tags that pages are written with in XML, unless they choose another.
const PREFIX: &str = "jsp";

/// The name spaces of these tags.
static NAMESPACES: &[&str] =
    &["http://java.sun.com/JSP/Page", "http://xmlns.jcp.org/jsp/page", "jakarta.tags.jsp"];

/// Cuts a page.
pub(super) fn cut(text: &str) -> Page<'_> {
    let mut cutter = Cutter {
        page: Builder::new(text, Kind::Jsp),
        prefix: prefix(text),
        entities: escapes::entities(text),
    };
    let mut at = 0;
    while let Some(found) = memchr3(b'<', b'$', b'#', &text.as_bytes()[at..]) {
        at = cutter.mark(at + found);
    }
    cutter.page.finish()
}

/// Returns the prefix that a page in XML chose.
fn prefix(text: &str) -> &str {
    let chosen = NAMESPACES.iter().find_map(|namespace| {
        let before = text[..find(text.as_bytes(), 0, namespace.as_bytes())?]
            .trim_end_matches(['"', '\''])
            .trim_end()
            .strip_suffix('=')?;
        let before = before.trim_end();
        let prefix = &before[before.rfind("xmlns:")? + "xmlns:".len()..];
        prefix
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
            .then_some(prefix)
    });
    chosen.filter(|prefix| !prefix.is_empty()).unwrap_or(PREFIX)
}

struct Cutter<'t> {
    page: Builder<'t>,
    prefix: &'t str,
    entities: Vec<(&'t str, &'t str)>,
}

impl<'t> Cutter<'t> {
    /// Reads what begins at a `<`, `$` or `#`, and returns where to go on.
    fn mark(&mut self, at: usize) -> usize {
        let bytes = &self.page.text.as_bytes()[at..];
        match (bytes[0], bytes.get(1)) {
            (b'<', Some(b'%')) => self.block(at),
            (b'<', Some(byte)) if byte.is_ascii_alphabetic() => self.element(at),
            (b'$' | b'#', Some(b'{')) => self.expression(at),
            _ => at + 1,
        }
    }

    /// Reads `<% … %>` of any sort.
    fn block(&mut self, at: usize) -> usize {
        if let Some(after) = self.page.comment(at) {
            return after;
        }
        let bytes = self.page.text.as_bytes();
        if bytes.get(at + 2) == Some(&b'@')
            && let Some((name, attributes, after)) = directive(self.page.text, at + 3)
        {
            self.page.skip(at, after);
            self.named(at..after, name, attributes);
            return after;
        }
        let (end, after) = self.page.block(at);
        let text = self.page.text;
        match bytes.get(at + 2) {
            Some(b'=') => {
                let text = escapes::java(&self.page.text[at + 3..end]);
                self.page.push_text(Role::Expression, at + 3, text);
            }
            Some(b'!') => self.page.declare(None, at + 3, escapes::java(&text[at + 3..end])),
            _ => self.page.push_text(Role::Code, at + 2, escapes::java(&text[at + 2..end])),
        }
        after
    }

    fn named(&mut self, place: Range<usize>, name: String, attributes: Vec<(String, Cow<'t, str>)>) {
        let named = attributes
            .iter()
            .find(|(name, _)| name == "language")
            .and_then(|(_, value)| language(value, Kind::Jsp));
        if let Some(language) = named.filter(|language| *language == Language::JScript) {
            self.page.name_language(language);
        }
        self.page.directive(place, name, attributes);
    }

    /// Reads `${ … }`, whose texts may hold brackets.
    fn expression(&mut self, at: usize) -> usize {
        let Some(end) = ends(&self.page.text.as_bytes()[at + 2..]) else { return at + 2 };
        let end = at + 2 + end;
        self.page.skip(at, end + 1);
        self.page.push(Role::Expression, at + 2, end);
        end + 1
    }

    /// Reads an element with a prefix: code in XML, a directive in XML, an action. Passes over all others.
    fn element(&mut self, at: usize) -> usize {
        let name = tag_name(self.page.text, at);
        let body = at + 1 + name.len();
        let Some((prefix, local)) = name.split_once(':') else { return body };
        let Some((attributes, after)) = attributes(self.page.text, body, ">") else { return body };
        if prefix == self.prefix {
            match local {
                "scriptlet" | "expression" | "declaration" => return self.code(at, name, local, after),
                _ => {}
            }
            if let Some(name) = local.strip_prefix("directive.") {
                self.page.skip(at, after);
                self.named(at..after, name.to_ascii_lowercase(), attributes);
                return after;
            }
        }
        self.page.directive(at..body, name.to_ascii_lowercase(), attributes);
        body
    }

    /// Reads the code of an element.
    fn code(&mut self, at: usize, name: &str, local: &str, begin: usize) -> usize {
        let bytes = self.page.text.as_bytes();
        let end = find_tag(bytes, begin, &format!("</{name}")).unwrap_or(bytes.len());
        let after = find(bytes, end, b">").map_or(bytes.len(), |close| close + 1);
        self.page.skip(at, after);
        let text = escapes::xml(&self.page.text[begin..end], &self.entities);
        let text = match text {
            Cow::Borrowed(text) => escapes::java(text),
            Cow::Owned(text) => Cow::Owned(escapes::java(&text).into_owned()),
        };
        match local {
            "expression" => self.page.push_text(Role::Expression, begin, text),
            "declaration" => self.page.declare(None, begin, text),
            _ => self.page.push_text(Role::Code, begin, text),
        }
        after
    }
}

/// How long an expression between markup may be.
const LONGEST: usize = 4 << 10;

/// Returns where the bracket closes that was opened before.
fn ends(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_u32;
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().take(LONGEST) {
        match (quote, *byte) {
            (Some(open), byte) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth == 0 => return Some(at),
            (None, b'}') => depth -= 1,
            (None, b'<') if bytes[at..].starts_with(b"<%") => return None,
            _ => {}
        }
    }
    None
}
