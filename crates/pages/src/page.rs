//! A page, cut as its server cuts it: directives, and the programs that stand between the markup.

mod active;
mod builder;
mod escapes;
mod handler;
mod jsp;
mod markup;
mod php;
mod razor;
pub(crate) mod sheet;
mod taken_in;

use crate::kind::{Kind, Language};
use crate::lexer;
use std::borrow::Cow;
use std::ops::Range;

pub use taken_in::{How, Named, Start, Tag, named};

/// A page, cut.
#[derive(Debug, Clone)]
pub struct Page<'t> {
    /// What the server takes it for.
    pub kind: Kind,
    /// `<%@ … %>` and what else a server reads and does not run, in their order.
    pub directives: Vec<Directive<'t>>,
    /// The programs of the page: what stands inline, in one; each block of declarations in one of its own.
    pub streams: Vec<Stream<'t>>,
}

/// A directive: `<%@ Page Language="C#" Inherits="X" %>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive<'t> {
    /// Its name in small letters: `page`, `webhandler`, `import`, `include` (of `<!--#include` too); of the tags that a
    /// server makes objects of, the tag: `object`, `asp:textbox`, `jsp:usebean`, `c:import`.
    pub name: String,
    /// Its attributes: names in small letters, values as they stand.
    pub attributes: Vec<(String, Cow<'t, str>)>,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// Where it stands in the text of the page, in bytes: of a tag, its begin.
    pub place: Range<usize>,
}

impl Directive<'_> {
    /// Returns the value of an attribute by its name in small letters.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }
}

impl Page<'_> {
    /// Moves the page so many lines down, as where its text stands behind another.
    pub fn move_down(&mut self, by: u32) {
        let of_directives = self.directives.iter_mut().map(|directive| &mut directive.line);
        let pieces = self.streams.iter_mut().flat_map(|stream| &mut stream.pieces);
        for line in of_directives.chain(pieces.map(|piece| &mut piece.line)) {
            *line = line.saturating_add(by);
        }
    }
}

/// One program, as the server would compile it: code with the markup that stands between.
#[derive(Debug, Clone)]
pub struct Stream<'t> {
    /// What it is written in.
    pub language: Language,
    /// Whether it declares members (`<script runat="server">`, `<%! %>`, a handler's class) or runs when the page is asked for.
    /// In classic ASP what such a block says outside of functions runs too.
    pub declares: bool,
    /// Its pieces, in order.
    pub pieces: Vec<Piece<'t>>,
}

/// A piece of a stream.
#[derive(Debug, Clone)]
pub struct Piece<'t> {
    /// What it is.
    pub role: Role,
    /// Its text, decoded where it was encoded.
    pub text: Cow<'t, str>,
    /// The line of the page on which it begins, from 1.
    pub line: u32,
}

/// What a piece of a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Statements.
    Code,
    /// One expression, whose value is written out: `<%= … %>`, `<%# … %>`, `@name`, `${ … }`.
    Expression,
    /// Markup, written out as it stands.
    Markup,
}

/// What stands inline is cut into no more pieces than tokens are read.
pub const MOST_PIECES: usize = lexer::MOST_TOKENS;

/// Cuts a page. Never fails: what is never closed goes on to the end of the page.
pub fn cut(text: &str, kind: Kind) -> Page<'_> {
    match kind {
        Kind::Asp | Kind::Aspx | Kind::Ascx | Kind::Asax => active::cut(text, kind),
        Kind::Ashx | Kind::Asmx | Kind::Source | Kind::Assembly | Kind::Script => handler::cut(text, kind),
        Kind::Razor => razor::cut(text),
        Kind::Jsp => jsp::cut(text),
        Kind::Php => php::cut(text),
    }
}

#[cfg(test)]
mod tests;
