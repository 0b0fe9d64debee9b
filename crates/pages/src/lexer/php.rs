//! Tokens of PHP.

use super::MOST_TOKENS;
use super::cursor::{Builder, Cursor};
use super::escape::Escapes;
use crate::token::{Token, TokenKind};
use std::borrow::Cow;

static ESCAPES: Escapes = Escapes { hex: 2, octal: true, unicode: false, keeps: true };

/// How deep templates may stand in templates.
const DEEPEST: u8 = 12;

/// Reads the tokens of a text that begins as code. Behind `?>` markup stands, up to the next `<?`.
pub(super) fn lex<'t>(text: &'t str, line: u32, tokens: &mut Vec<Token<'t>>) {
    Lexer { cursor: Cursor::new(text, line), depth: 0 }.run(tokens);
}

struct Lexer<'t> {
    cursor: Cursor<'t>,
    depth: u8,
}

impl<'t> Lexer<'t> {
    fn run(&mut self, tokens: &mut Vec<Token<'t>>) {
        while !self.cursor.done() && tokens.len() < MOST_TOKENS {
            self.step(tokens);
        }
    }

    /// Reads one token, or passes over what is none.
    fn step(&mut self, tokens: &mut Vec<Token<'t>>) {
        let line = self.cursor.line;
        let kind = match self.cursor.byte(0) {
            0..=b' ' => return self.cursor.blanks(),
            b';' => {
                self.cursor.at += 1;
                TokenKind::End
            }
            b'$' => self.variable(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'\\' => match self.name() {
                Some(kind) => kind,
                None => return,
            },
            b'0'..=b'9' => TokenKind::Number(self.cursor.number()),
            b'.' if self.cursor.byte(1).is_ascii_digit() => {
                self.cursor.at += 1;
                self.cursor.number();
                TokenKind::Number(0)
            }
            b'\'' => self.single(),
            b'"' => {
                self.cursor.at += 1;
                self.template(b'"', self.cursor.text.len())
            }
            b'`' => return self.backquoted(tokens),
            b'#' | b'/' if self.comment() => return,
            b'?' if self.cursor.byte(1) == b'>' => return self.markup(tokens),
            b'<' if self.cursor.starts_with("<<<") => self.heredoc(),
            byte => match self.rare(byte) {
                Some(kind) => kind,
                None => return,
            },
        };
        tokens.push(Token { kind, line });
    }

    /// Signs, and what lies beyond ASCII.
    fn rare(&mut self, byte: u8) -> Option<TokenKind<'t>> {
        if byte >= 0x80 {
            let letter = self.cursor.char()?;
            if !letter.is_whitespace() && letter != '\u{feff}' {
                return Some(TokenKind::Word(Cow::Borrowed(self.cursor.word())));
            }
            self.cursor.at += letter.len_utf8();
            return None;
        }
        let sign = sign(self.cursor.rest().as_bytes());
        self.cursor.at += sign.map_or(1, str::len);
        sign.map(TokenKind::Sign)
    }

    /// `$name` is a word, `$` before anything else a sign.
    fn variable(&mut self) -> TokenKind<'t> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        if begins_name(self.cursor.byte(0)) {
            self.cursor.word();
            return TokenKind::Word(Cow::Borrowed(&self.cursor.text[start..self.cursor.at]));
        }
        TokenKind::Sign("$")
    }

    /// A name, with the namespaces before it; nothing behind `__halt_compiler` counts.
    fn name(&mut self) -> Option<TokenKind<'t>> {
        if self.cursor.byte(0) == b'\\' {
            self.cursor.at += 1;
            if !begins_name(self.cursor.byte(0)) {
                return None;
            }
        }
        let start = self.cursor.at;
        self.cursor.word();
        while self.cursor.byte(0) == b'\\' && begins_name(self.cursor.byte(1)) {
            self.cursor.at += 1;
            self.cursor.word();
        }
        let name = &self.cursor.text[start..self.cursor.at];
        if name.eq_ignore_ascii_case("__halt_compiler") {
            self.cursor.at = self.cursor.text.len();
            return Some(TokenKind::End);
        }
        Some(TokenKind::Word(Cow::Borrowed(name)))
    }

    /// `'…'`: only `\'` and `\\` are escapes.
    fn single(&mut self) -> TokenKind<'t> {
        self.cursor.at += 1;
        let mut builder = Builder::new(&self.cursor);
        let start = self.cursor.at;
        loop {
            let rest = self.cursor.rest().as_bytes();
            let found = memchr::memchr2(b'\'', b'\\', rest).unwrap_or(rest.len());
            self.cursor.at += found;
            if self.cursor.done() || self.cursor.byte(0) == b'\'' {
                break;
            }
            if matches!(self.cursor.byte(1), b'\'' | b'\\') {
                builder.flush(&self.cursor);
                self.cursor.at += 1;
                builder.resume(&self.cursor);
            }
            self.cursor.at = (self.cursor.at + 1).min(self.cursor.text.len());
        }
        let text = builder.finish(&self.cursor);
        let end = self.cursor.at;
        self.cursor.at = start;
        self.cursor.go_to(end);
        self.cursor.at += usize::from(!self.cursor.done());
        text
    }

    /// Commands between backquotes are a call of `shell_exec`.
    fn backquoted(&mut self, tokens: &mut Vec<Token<'t>>) {
        let line = self.cursor.line;
        self.cursor.at += 1;
        let command = self.template(b'`', self.cursor.text.len());
        let name = TokenKind::Word(Cow::Borrowed("shell_exec"));
        let kinds = [name, TokenKind::Sign("("), command, TokenKind::Sign(")")];
        tokens.extend(kinds.map(|kind| Token { kind, line }));
    }

    /// Passes over a comment. One to the end of the line ends before `?>` too; `#[` begins an attribute.
    fn comment(&mut self) -> bool {
        match (self.cursor.byte(0), self.cursor.byte(1)) {
            (b'#', b'[') => return false,
            (b'/', b'*') => {
                self.cursor.at += 2;
                self.cursor.go_behind("*/");
            }
            (b'#', _) | (b'/', b'/') => {
                let start = self.cursor.at;
                self.cursor.go_to_end_of_line();
                let comment = &self.cursor.text.as_bytes()[start..self.cursor.at];
                let ends = |at: &usize| comment.get(at + 1) == Some(&b'>');
                if let Some(end) = memchr::memchr_iter(b'?', comment).find(ends) {
                    self.cursor.at = start + end;
                }
            }
            _ => return false,
        }
        true
    }

    /// Ends the statement, and passes markup up to the next `<?`; `<?=` writes out what follows.
    fn markup(&mut self, tokens: &mut Vec<Token<'t>>) {
        let line = self.cursor.line;
        tokens.push(Token { kind: TokenKind::End, line });
        self.cursor.at += 2;
        let rest = self.cursor.rest();
        let end = memchr::memmem::find(rest.as_bytes(), b"<?").unwrap_or(rest.len());
        if end > 0 {
            tokens.push(Token { kind: TokenKind::Markup(&rest[..end]), line });
        }
        self.cursor.advance(end);
        let line = self.cursor.line;
        if self.cursor.starts_with("<?=") {
            self.cursor.at += 3;
            tokens.push(Token { kind: TokenKind::Word(Cow::Borrowed("echo")), line });
        } else if self.cursor.rest().get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("<?php")) {
            self.cursor.at += 5;
        } else {
            self.cursor.advance(2);
        }
    }

    /// `<<<NAME`, `<<<"NAME"`, `<<<'NAME'`; the last has no expressions and no escapes.
    fn heredoc(&mut self) -> TokenKind<'t> {
        let rest = self.cursor.rest();
        let label = rest[3..].trim_start_matches([' ', '\t']);
        let quote = label.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''));
        let label = &label[usize::from(quote.is_some())..];
        let length = label
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
            .count();
        let Some(name) = label.get(..length).filter(|name| begins_name(name.bytes().next().unwrap_or(0)))
        else {
            self.cursor.at += 2;
            return TokenKind::Sign("<<");
        };
        self.cursor.go_to_end_of_line();
        self.cursor.advance(if self.cursor.starts_with("\r\n") { 2 } else { 1 });
        let (end, behind) = self.end_of_heredoc(name);
        let text = if quote == Some(b'\'') {
            let text = TokenKind::Text(Cow::Borrowed(&self.cursor.text[self.cursor.at..end]));
            self.cursor.go_to(end);
            text
        } else {
            self.template(0, end)
        };
        self.cursor.go_to(behind);
        text
    }

    /// Where a heredoc ends, and where its closing name does.
    fn end_of_heredoc(&self, name: &str) -> (usize, usize) {
        let text = self.cursor.text;
        for found in memchr::memmem::find_iter(self.cursor.rest().as_bytes(), name.as_bytes()) {
            let start = self.cursor.at + found;
            let before = text[self.cursor.at..start].trim_end_matches([' ', '\t']);
            let behind = start + name.len();
            let goes_on =
                text[behind..].bytes().next().is_some_and(|byte| begins_name(byte) || byte.is_ascii_digit());
            if (before.is_empty() || before.ends_with(['\n', '\r'])) && !goes_on {
                let line = before.strip_suffix('\n').unwrap_or(before);
                let line = line.strip_suffix('\r').unwrap_or(line);
                return (self.cursor.at + line.len(), behind);
            }
        }
        (text.len(), text.len())
    }

    /// Reads a text with expressions, up to its quote or to `end`; the cursor stands behind the first quote.
    fn template(&mut self, quote: u8, end: usize) -> TokenKind<'t> {
        let mut builder = Builder::new(&self.cursor);
        while self.cursor.at < end {
            let rest = &self.cursor.text.as_bytes()[self.cursor.at..end];
            let found = memchr::memchr3(if quote == 0 { b'\\' } else { quote }, b'\\', b'$', rest);
            self.cursor.go_to(found.map_or(end, |found| self.cursor.at + found));
            let byte = self.cursor.byte(0);
            if self.cursor.at >= end || byte == quote && quote != 0 {
                break;
            }
            if byte == b'\\' {
                let own = builder.flush(&self.cursor);
                ESCAPES.read(&mut self.cursor, own);
                builder.resume(&self.cursor);
            } else {
                self.dollar(&mut builder);
            }
        }
        let text = builder.finish(&self.cursor);
        if quote != 0 && !self.cursor.done() {
            self.cursor.at += 1;
        }
        text
    }

    /// Reads what begins at a `$` in a text: `$x`, `$x[y]`, `$x->y`, `{$…}`, `${…}`.
    fn dollar(&mut self, builder: &mut Builder<'t>) {
        let braced = self.cursor.text[..self.cursor.at].ends_with('{') && builder.begins() < self.cursor.at;
        let next = self.cursor.byte(1);
        if braced && self.depth < DEEPEST {
            self.cursor.at -= 1;
            builder.flush(&self.cursor);
            self.cursor.at += 1;
            let tokens = self.nested();
            builder.hole(tokens);
        } else if next == b'{' && self.depth < DEEPEST {
            builder.flush(&self.cursor);
            self.cursor.at += 2;
            let tokens = self.named();
            builder.hole(tokens);
        } else if begins_name(next) {
            builder.flush(&self.cursor);
            let tokens = self.simple();
            builder.hole(tokens);
        } else {
            self.cursor.at += 1;
            return;
        }
        builder.resume(&self.cursor);
    }

    /// The tokens up to the `}` that ends an expression in a text.
    fn nested(&mut self) -> Vec<Token<'t>> {
        self.depth += 1;
        let mut tokens = Vec::new();
        let mut brackets = 0u32;
        while !self.cursor.done() {
            match self.cursor.byte(0) {
                b'{' => brackets += 1,
                b'}' if brackets == 0 => {
                    self.cursor.at += 1;
                    break;
                }
                b'}' => brackets -= 1,
                _ => {}
            }
            self.step(&mut tokens);
        }
        self.depth -= 1;
        tokens
    }

    /// `${name}` is `$name`; `${…}` with anything else a name that is computed. The cursor stands behind `${`.
    fn named(&mut self) -> Vec<Token<'t>> {
        let (start, line) = (self.cursor.at, self.cursor.line);
        let length = self.cursor.word().len();
        if length > 0 && matches!(self.cursor.byte(0), b'}' | b'[') {
            let name = format!("${}", &self.cursor.text[start..start + length]);
            let mut tokens = vec![Token { kind: TokenKind::Word(Cow::Owned(name)), line }];
            tokens.extend(self.nested());
            return tokens;
        }
        self.cursor.at = start;
        let sign = |sign| Token { kind: TokenKind::Sign(sign), line };
        let mut tokens = vec![sign("$"), sign("{")];
        tokens.extend(self.nested());
        tokens.push(sign("}"));
        tokens
    }

    /// `$x`, `$x[0]`, `$x[y]`, `$x[$y]`, `$x->y`: no more than one step.
    fn simple(&mut self) -> Vec<Token<'t>> {
        let line = self.cursor.line;
        let token = |kind| Token { kind, line };
        let mut tokens = vec![token(self.variable())];
        if self.cursor.byte(0) == b'[' {
            let start = self.cursor.at;
            self.cursor.at += 1;
            let quoted = matches!(self.cursor.byte(0), b'\'' | b'"');
            let key = match self.cursor.byte(0) {
                b'$' => self.variable(),
                b'0'..=b'9' => TokenKind::Number(self.cursor.number()),
                _ => TokenKind::Text(Cow::Borrowed(self.cursor.word())),
            };
            if self.cursor.byte(0) != b']' || quoted {
                self.cursor.at = start;
                return tokens;
            }
            self.cursor.at += 1;
            tokens.extend([TokenKind::Sign("["), key, TokenKind::Sign("]")].map(token));
        } else if self.cursor.starts_with("->") && begins_name(self.cursor.byte(2)) {
            self.cursor.at += 2;
            let name = TokenKind::Word(Cow::Borrowed(self.cursor.word()));
            tokens.extend([TokenKind::Sign("->"), name].map(token));
        }
        tokens
    }
}

fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Returns the longest sign that the bytes begin with.
fn sign(bytes: &[u8]) -> Option<&'static str> {
    let own: &[&'static str] = match bytes.first()? {
        b'.' => &["...", ".=", "."],
        b'<' => &["<=>", "<<=", "<<", "<=", "<>", "<"],
        b'>' => &[">>=", ">>", ">=", ">"],
        b'&' => &["&&", "&=", "&"],
        b'|' => &["||", "|=", "|"],
        b'?' => &["??=", "??", "?->", "?"],
        b'#' => &["#"],
        _ => &[],
    };
    super::cursor::longest_sign(bytes, own)
}
