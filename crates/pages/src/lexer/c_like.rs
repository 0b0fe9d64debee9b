//! Tokens of C#, JScript and Java.

use super::MOST_TOKENS;
use super::cursor::{Builder, Cursor};
use super::escape::{self, Escapes};
use crate::kind::Language;
use crate::token::{Token, TokenKind};
use std::borrow::Cow;

/// What sets one of the languages apart.
struct Dialect {
    /// `$"…{x}…"`, `@"…"`, `"""…"""`, `@name`, `#region`; characters that only format do not count in names.
    sharp: bool,
    /// `/…/g`, `'…'` of any length, `` `…${x}…` ``, `<!--`, `$` in names.
    script: bool,
    /// `"""…"""` with escapes, `$` in names.
    java: bool,
    escapes: Escapes,
}

static C_SHARP: Dialect = Dialect {
    sharp: true,
    script: false,
    java: false,
    escapes: Escapes { hex: 4, octal: false, unicode: true, keeps: false },
};
static JSCRIPT: Dialect = Dialect {
    sharp: false,
    script: true,
    java: false,
    escapes: Escapes { hex: 2, octal: true, unicode: true, keeps: false },
};
static JAVA: Dialect = Dialect {
    sharp: false,
    script: false,
    java: true,
    escapes: Escapes { hex: 0, octal: true, unicode: true, keeps: false },
};

/// How deep templates may stand in templates.
const DEEPEST: u8 = 12;

/// Reads the tokens of a text.
pub(super) fn lex<'t>(language: Language, text: &'t str, line: u32, tokens: &mut Vec<Token<'t>>) {
    let dialect = match language {
        Language::CSharp => &C_SHARP,
        Language::JScript => &JSCRIPT,
        _ => &JAVA,
    };
    if dialect.java
        && let Cow::Owned(text) = escape::everywhere(text)
    {
        let mut read = Vec::new();
        Lexer { cursor: Cursor::new(&text, line), dialect, depth: 0 }.run(&mut read);
        tokens.extend(read.into_iter().filter_map(super::owned));
        return;
    }
    Lexer { cursor: Cursor::new(text, line), dialect, depth: 0 }.run(tokens);
}

/// How a text is quoted.
#[derive(Clone, Copy)]
struct Quoting {
    /// What ends it.
    quote: u8,
    /// How many of it.
    times: usize,
    /// Whether `\` escapes.
    escapes: bool,
    /// Whether the quote stands for itself when doubled.
    doubled: bool,
    /// Whether it may go on in the next line.
    lines: bool,
    /// What begins an expression in it: `{`, or `$` for `${`; 0 for none.
    hole: u8,
}

static PLAIN: Quoting =
    Quoting { quote: b'"', times: 1, escapes: true, doubled: false, lines: false, hole: 0 };

struct Lexer<'t> {
    cursor: Cursor<'t>,
    dialect: &'static Dialect,
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
        let byte = self.cursor.byte(0);
        let kind = match byte {
            0..=b' ' => return self.cursor.blanks(),
            b';' => {
                self.cursor.at += 1;
                TokenKind::End
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
            b'0'..=b'9' => TokenKind::Number(self.cursor.number()),
            b'.' if self.cursor.byte(1).is_ascii_digit() => {
                self.cursor.at += 1;
                self.cursor.number();
                TokenKind::Number(0)
            }
            b'"' | b'\'' | b'`' => self.quoted(byte),
            b'/' if self.comment() => return,
            b'/' if self.dialect.script && expects_operand(tokens) && self.pattern(tokens) => return,
            _ => match self.rare(byte, tokens) {
                Some(kind) => kind,
                None => return,
            },
        };
        tokens.push(Token { kind, line });
    }

    /// What begins with a character that begins other things too.
    fn rare(&mut self, byte: u8, tokens: &[Token<'t>]) -> Option<TokenKind<'t>> {
        let dialect = self.dialect;
        match byte {
            b'$' | b'@' if dialect.sharp => self.prefixed(),
            b'$' => Some(self.name()),
            b'\\' if self.cursor.byte(1) | 0x20 == b'u' => Some(self.name()),
            b'#' if dialect.sharp && self.begins_line(tokens) => {
                self.cursor.go_to_end_of_line();
                None
            }
            b'<' if dialect.script && self.cursor.starts_with("<!--") => {
                self.cursor.go_to_end_of_line();
                None
            }
            b'@' if dialect.script && self.cursor.starts_with("@*/") => {
                self.cursor.at += 3;
                None
            }
            0x80.. => self.beyond(),
            _ => {
                let sign = sign(self.cursor.rest().as_bytes());
                self.cursor.at += sign.map_or(1, str::len);
                sign.map(TokenKind::Sign)
            }
        }
    }

    /// A name or keyword, with its escapes undone and without characters that only format.
    fn name(&mut self) -> TokenKind<'t> {
        let start = self.cursor.at;
        let mut own: Option<String> = None;
        loop {
            let run = self.cursor.word();
            if let Some(own) = &mut own {
                own.push_str(run);
            }
            match self.cursor.byte(0) {
                b'$' if !self.dialect.sharp => {
                    self.cursor.at += 1;
                    if let Some(own) = &mut own {
                        own.push('$');
                    }
                }
                b'\\' if self.cursor.byte(1) | 0x20 == b'u' && self.cursor.byte(2).is_ascii_hexdigit() => {
                    let own = own.get_or_insert_with(|| self.cursor.text[start..self.cursor.at].to_owned());
                    self.dialect.escapes.read(&mut self.cursor, own);
                }
                b'\\' if self.cursor.at == start => {
                    self.cursor.at += 1;
                    return TokenKind::Word(Cow::Borrowed("\\"));
                }
                _ => break,
            }
        }
        let word = own.map_or(Cow::Borrowed(&self.cursor.text[start..self.cursor.at]), Cow::Owned);
        if word.is_ascii() || !word.contains(formats) {
            return TokenKind::Word(word);
        }
        TokenKind::Word(Cow::Owned(word.replace(formats, "")))
    }

    /// A name that begins beyond ASCII, or a blank from there.
    fn beyond(&mut self) -> Option<TokenKind<'t>> {
        let letter = self.cursor.char()?;
        if letter.is_whitespace() || formats(letter) {
            self.cursor.at += letter.len_utf8();
            return None;
        }
        Some(self.name())
    }

    /// Passes over a comment; of JScript's `/*@cc_on … @*/` over its ends alone.
    fn comment(&mut self) -> bool {
        match self.cursor.byte(1) {
            b'/' => self.cursor.go_to_end_of_line(),
            b'*' if self.dialect.script && self.cursor.byte(2) == b'@' => {
                self.cursor.at += 3;
                self.cursor.word();
            }
            b'*' => {
                self.cursor.at += 2;
                self.cursor.go_behind("*/");
            }
            _ => return false,
        }
        true
    }

    fn begins_line(&self, tokens: &[Token<'t>]) -> bool {
        tokens.last().is_none_or(|last| last.line < self.cursor.line)
    }

    /// `/…/g`, as the `new RegExp("…", "g")` that it is; false where the line holds none.
    fn pattern(&mut self, tokens: &mut Vec<Token<'t>>) -> bool {
        let (start, line) = (self.cursor.at + 1, self.cursor.line);
        let bytes = self.cursor.text.as_bytes();
        let (mut at, mut in_class) = (start, false);
        loop {
            match bytes.get(at) {
                None | Some(b'\n' | b'\r') => return false,
                Some(b'\\') => at += 1,
                Some(b'[') => in_class = true,
                Some(b']') => in_class = false,
                Some(b'/') if !in_class => break,
                Some(_) => {}
            }
            at += 1;
        }
        let Some(pattern) = self.cursor.text.get(start..at) else { return false };
        self.cursor.at = at + 1;
        let flags = self.cursor.word();
        let (word, text) =
            (|word| TokenKind::Word(Cow::Borrowed(word)), |text| TokenKind::Text(Cow::Borrowed(text)));
        let kinds = [
            word("new"),
            word("RegExp"),
            TokenKind::Sign("("),
            text(pattern),
            TokenKind::Sign(","),
            text(flags),
            TokenKind::Sign(")"),
        ];
        tokens.extend(kinds.map(|kind| Token { kind, line }));
        true
    }

    /// `$"…"`, `@"…"`, `$@"…"`, `$"""…"""`, `@name`.
    fn prefixed(&mut self) -> Option<TokenKind<'t>> {
        let length = self.cursor.rest().bytes().take_while(|byte| matches!(byte, b'$' | b'@')).count();
        let prefix = &self.cursor.rest()[..length];
        self.cursor.at += length;
        if self.cursor.byte(0) != b'"' {
            return None;
        }
        let verbatim = prefix.contains('@');
        let hole = if prefix.matches('$').count() == 1 { b'{' } else { 0 };
        let times = if verbatim { 1 } else { self.quotes() };
        let raw = times > 1;
        self.cursor.at += times;
        let lines = verbatim || raw;
        Some(self.text(Quoting { times, escapes: !lines, doubled: verbatim, lines, hole, ..PLAIN }))
    }

    /// How many quotes open a text: 1, or 3 and more.
    fn quotes(&self) -> usize {
        let n = self.cursor.rest().bytes().take_while(|byte| *byte == b'"').count();
        if n >= 3 { n } else { 1 }
    }

    fn quoted(&mut self, quote: u8) -> TokenKind<'t> {
        let blocks = quote == b'"' && !self.dialect.script;
        let times = if blocks { self.quotes() } else { 1 };
        self.cursor.at += times;
        let block = times > 1;
        let escapes = !block || self.dialect.java;
        let script_template = quote == b'`' && self.dialect.script;
        let hole = if script_template { b'$' } else { 0 };
        let lines = block || script_template;
        self.text(Quoting { quote, times, escapes, lines, hole, ..PLAIN })
    }

    /// Reads what stands between quotes; the cursor stands behind the first.
    fn text(&mut self, quoting: Quoting) -> TokenKind<'t> {
        let mut builder = Builder::new(&self.cursor);
        let Quoting { quote, hole, .. } = quoting;
        loop {
            let rest = self.cursor.rest().as_bytes();
            let special = |byte: u8| byte == quote || matches!(byte, b'\\' | b'\n' | b'{' | b'}' | b'$');
            let found = rest.iter().position(|byte| special(*byte)).unwrap_or(rest.len());
            self.cursor.at += found;
            let byte = self.cursor.byte(0);
            if self.cursor.done() || byte == b'\n' && !quoting.lines {
                return builder.finish(&self.cursor);
            }
            let twice = self.cursor.byte(1) == byte;
            match byte {
                _ if byte == quote && quoting.doubled && twice => {
                    self.cursor.at += 1;
                    builder.flush(&self.cursor);
                    self.cursor.at += 1;
                    builder.resume(&self.cursor);
                }
                _ if byte == quote && self.closes(quoting) => {
                    let text = builder.finish(&self.cursor);
                    self.cursor.at += quoting.times;
                    return text;
                }
                b'\\' if quoting.escapes => {
                    let own = builder.flush(&self.cursor);
                    self.dialect.escapes.read(&mut self.cursor, own);
                    builder.resume(&self.cursor);
                }
                b'{' | b'}' if hole == b'{' && twice => {
                    self.cursor.at += 1;
                    builder.flush(&self.cursor);
                    self.cursor.at += 1;
                    builder.resume(&self.cursor);
                }
                b'{' if hole == b'{' && self.depth < DEEPEST => self.hole(&mut builder, 1),
                b'$' if hole == b'$' && self.cursor.byte(1) == b'{' && self.depth < DEEPEST => {
                    self.hole(&mut builder, 2);
                }
                _ => self.cursor.advance(1),
            }
        }
    }

    fn closes(&self, quoting: Quoting) -> bool {
        (1..quoting.times).all(|ahead| self.cursor.byte(ahead) == quoting.quote)
    }

    /// Reads an expression in a text, up to the bracket that ends it.
    fn hole(&mut self, builder: &mut Builder<'t>, opening: usize) {
        builder.flush(&self.cursor);
        self.cursor.at += opening;
        self.depth += 1;
        let mut tokens = Vec::new();
        let mut brackets = 0u32;
        while !self.cursor.done() {
            match self.cursor.byte(0) {
                b'{' | b'(' | b'[' => brackets += 1,
                b'}' if brackets == 0 => {
                    self.cursor.at += 1;
                    break;
                }
                b':' if brackets == 0 && self.dialect.sharp && self.cursor.byte(1) != b':' => {
                    let rest = self.cursor.rest().as_bytes();
                    let end = rest.iter().position(|byte| matches!(byte, b'}' | b'"' | b'\n'));
                    self.cursor.at += end.unwrap_or(rest.len());
                    self.cursor.at += usize::from(self.cursor.byte(0) == b'}');
                    break;
                }
                b'}' | b')' | b']' => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            self.step(&mut tokens);
        }
        self.depth -= 1;
        builder.hole(tokens);
        builder.resume(&self.cursor);
    }
}

/// Characters that C# leaves out of names: they only format.
fn formats(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether `/` begins a pattern here, and does not divide.
fn expects_operand(tokens: &[Token<'_>]) -> bool {
    match tokens.last().map(|last| &last.kind) {
        Some(TokenKind::Word(word)) => {
            matches!(&**word, "return" | "typeof" | "case" | "in" | "delete" | "void" | "throw" | "else")
        }
        Some(TokenKind::Sign(sign)) => !matches!(*sign, ")" | "]" | "}" | "++" | "--"),
        Some(TokenKind::Text(_) | TokenKind::Template(_) | TokenKind::Number(_)) => false,
        _ => true,
    }
}

/// Returns the longest sign that the bytes begin with.
pub(super) fn sign(bytes: &[u8]) -> Option<&'static str> {
    let own: &[&'static str] = match bytes.first()? {
        b'.' => &["...", "..", "."],
        b'<' => &["<<=", "<<", "<=", "<"],
        b'>' => &[">>>=", ">>>", ">>=", ">>", ">=", ">"],
        b'&' => &["&&=", "&&", "&=", "&"],
        b'|' => &["||=", "||", "|=", "|"],
        b'?' => &["??=", "??", "?.", "?"],
        _ => &[],
    };
    super::cursor::longest_sign(bytes, own)
}
