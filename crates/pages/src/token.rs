//! Tokens, the same for every language: layout and comments are gone.

use std::borrow::Cow;

/// A token of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Token<'t> {
    /// What it is.
    pub kind: TokenKind<'t>,
    /// The line of the page on which it begins, from 1.
    pub line: u32,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind<'t> {
    /// A name or keyword, its escapes undone (`\u0065val` is `eval`), as it is spelled; of PHP's variables with the `$`.
    Word(Cow<'t, str>),
    /// A text, its quotes and escapes undone. A character is a text of length one.
    Text(Cow<'t, str>),
    /// A text with expressions in it (`$"…{x}…"`, PHP's `"…$x…"`): texts and tokens of expressions in turn.
    Template(Vec<Part<'t>>),
    /// A whole number, or one cut to a whole one.
    Number(i64),
    /// An operator or a bracket, as it is spelled; the longest that fits.
    Sign(&'t str),
    /// The end of a statement: of a line in Basic (or `:`), `;` elsewhere.
    End,
    /// Markup, written out as it stands.
    Markup(&'t str),
    /// An expression whose value is written out: its tokens.
    Written(Vec<Token<'t>>),
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part<'t> {
    /// Text as it stands.
    Text(Cow<'t, str>),
    /// An expression: its tokens.
    Tokens(Vec<Token<'t>>),
}
