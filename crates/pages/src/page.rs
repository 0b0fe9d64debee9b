//! A page, cut as its server cuts it: directives, and the programs that stand between the markup.

use crate::kind::{Kind, Language};
use std::borrow::Cow;

/// A page, cut.
#[derive(Debug, Clone)]
pub struct Page<'t> {
    /// What the server takes it for.
    pub kind: Kind,
    /// `<%@ … %>`, in their order.
    pub directives: Vec<Directive<'t>>,
    /// The programs of the page: what stands inline, in one; each block of declarations in one of its own.
    pub streams: Vec<Stream<'t>>,
}

/// A directive: `<%@ Page Language="C#" Inherits="X" %>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive<'t> {
    /// Its name in small letters: `page`, `webhandler`, `import`, `include` (of `<!--#include` too).
    pub name: String,
    /// Its attributes: names in small letters, values as they stand.
    pub attributes: Vec<(String, Cow<'t, str>)>,
    /// The line on which it begins, from 1.
    pub line: u32,
}

/// One program, as the server would compile it: code with the markup that stands between.
#[derive(Debug, Clone)]
pub struct Stream<'t> {
    /// What it is written in.
    pub language: Language,
    /// Whether it declares members (`<script runat="server">`, `<%! %>`, a handler's class) or runs when the page is asked for.
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
