//! The tokens of VBScript and Visual Basic .NET.
//!
//! A `:` between statements is a sign and no [`TokenKind::End`], for an `If` on one line ends with its line.

use super::MOST_TOKENS;
use super::cursor::{Builder, Cursor};
use crate::kind::Language;
use crate::token::{Token, TokenKind};
use memchr::{memchr, memchr2, memmem};
use std::borrow::Cow;

/// The signs of more than one character, the longest first, with what they are spelled as in tokens.
static SIGNS: &[(&str, &str)] = &[
    ("<<=", "<<="),
    (">>=", ">>="),
    ("<>", "<>"),
    ("><", "<>"),
    ("<=", "<="),
    ("=<", "<="),
    (">=", ">="),
    ("=>", ">="),
    (":=", ":="),
    ("+=", "+="),
    ("-=", "-="),
    ("*=", "*="),
    ("/=", "/="),
    ("\\=", "\\="),
    ("^=", "^="),
    ("&=", "&="),
    ("<<", "<<"),
    (">>", ">>"),
    ("?.", "?."),
];

/// The signs of one character, the most frequent first.
const SINGLE: &str = "().,=&<>+-:*/\\^{}!?@";

/// Words after which a line of Visual Basic .NET goes on with the next.
static GO_ON: &[&str] =
    &["and", "andalso", "or", "orelse", "xor", "mod", "is", "isnot", "like", "not", "in", "imports"];

/// How often literals of XML are looked for in one piece: each may be looked for to its end.
const MOST_XML: u32 = 64;

/// How long a date may be.
const LONGEST_DATE: usize = 40;

/// Reads the tokens of a piece behind those of the pieces before it.
pub(super) fn lex<'t>(language: Language, text: &'t str, line: u32, tokens: &mut Vec<Token<'t>>) {
    let mut lexer =
        Lexer { cursor: Cursor::new(text, line), dotnet: language == Language::Vb, tokens, n_xml: 0 };
    while !lexer.cursor.done() && lexer.tokens.len() < MOST_TOKENS {
        lexer.token();
    }
}

struct Lexer<'l, 't> {
    cursor: Cursor<'t>,
    dotnet: bool,
    tokens: &'l mut Vec<Token<'t>>,
    n_xml: u32,
}

impl<'t> Lexer<'_, 't> {
    fn token(&mut self) {
        match self.cursor.byte(0) {
            b' ' | b'\t' | 0x0B | 0x0C | 0 => {
                let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t');
                self.cursor.at += 1 + self.cursor.rest().as_bytes()[1..].iter().take_while(is_blank).count();
            }
            b'\n' | b'\r' => self.new_line(),
            b'\'' => self.cursor.go_to_end_of_line(),
            b'"' => self.text('"'),
            b'$' if self.dotnet && self.cursor.byte(1) == b'"' => self.template(),
            b'_' if self.goes_on() => {}
            b'#' => self.hash(),
            b'&' if self.radix().is_some() => self.number(),
            b'0'..=b'9' => self.number(),
            b'.' if self.cursor.byte(1).is_ascii_digit() => self.number(),
            b'[' => self.bracketed(),
            b'<' if self.begins_statement() && self.cursor.starts_with("<!--") => {
                self.cursor.go_to_end_of_line();
            }
            b'-' if self.begins_statement() && self.cursor.starts_with("-->") => {
                self.cursor.go_to_end_of_line();
            }
            b'<' if self.dotnet && self.xml() => {}
            byte if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
            byte if byte < 0x80 => self.sign(),
            _ => self.beyond_ascii(),
        }
    }

    fn push(&mut self, kind: TokenKind<'t>, line: u32) {
        self.tokens.push(Token { kind, line });
    }

    /// Whether a statement begins here: nothing stands before it that it could go on.
    fn begins_statement(&self) -> bool {
        matches!(
            self.tokens.last().map(|token| &token.kind),
            None | Some(TokenKind::End | TokenKind::Markup(_) | TokenKind::Written(_) | TokenKind::Sign(":"))
        )
    }

    /// Ends the statement, unless the next line that is neither blank nor a comment goes on with it.
    fn new_line(&mut self) {
        let line = self.cursor.line;
        loop {
            let blanks = self.cursor.rest().len() - self.cursor.rest().trim_ascii_start().len();
            self.cursor.advance(blanks);
            if self.cursor.byte(0) != b'\'' {
                break;
            }
            self.cursor.go_to_end_of_line();
        }
        let opens = matches!(self.cursor.byte(0), b')' | b'}' | b'{');
        if !self.begins_statement() && !(self.dotnet && (opens || self.wants_more())) {
            self.push(TokenKind::End, line);
        }
    }

    /// Whether the last token wants another behind it.
    fn wants_more(&self) -> bool {
        match self.tokens.last().map(|token| &token.kind) {
            Some(TokenKind::Sign(sign)) => !matches!(*sign, ")" | "}" | "?" | "!"),
            Some(TokenKind::Word(word)) => GO_ON.iter().any(|known| word.eq_ignore_ascii_case(known)),
            _ => false,
        }
    }

    /// Passes over `_` at the end of a line, and the end.
    fn goes_on(&mut self) -> bool {
        let rest = &self.cursor.rest()[1..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let mut end = 1 + blanks;
        if self.dotnet && rest[blanks..].starts_with('\'') {
            end += memchr2(b'\n', b'\r', &rest.as_bytes()[blanks..]).unwrap_or(rest.len() - blanks);
        }
        let tail = self.cursor.rest().as_bytes().get(end..).unwrap_or_default();
        let length = match tail {
            [] => 0,
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return false,
        };
        self.cursor.advance(end + length);
        true
    }

    fn word(&mut self) {
        let line = self.cursor.line;
        let word = self.cursor.word();
        let member =
            matches!(self.tokens.last().map(|token| &token.kind), Some(TokenKind::Sign("." | "!" | "?.")));
        if word.eq_ignore_ascii_case("rem") && !member {
            self.cursor.go_to_end_of_line();
            return;
        }
        self.push(TokenKind::Word(Cow::Borrowed(word)), line);
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match (self.cursor.byte(0), self.cursor.byte(1)) {
            (b'$', next) if next != b'"' => self.cursor.at += 1,
            (b'%' | b'!' | b'@', next) if !letter(next) && next != b'>' => self.cursor.at += 1,
            _ => {}
        }
    }

    /// `[name]`: any name, a keyword too.
    fn bracketed(&mut self) {
        let line = self.cursor.line;
        let rest = &self.cursor.rest()[1..];
        let end = memchr::memchr3(b']', b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        if rest.as_bytes().get(end) == Some(&b']') && end > 0 {
            self.push(TokenKind::Word(Cow::Borrowed(&rest[..end])), line);
            self.cursor.at += end + 2;
        } else {
            self.cursor.at += 1;
        }
    }

    /// A text up to its quote. In VBScript it ends with its line.
    fn text(&mut self, quote: char) {
        let line = self.cursor.line;
        self.cursor.at += quote.len_utf8();
        let mut builder = Builder::new(&self.cursor);
        loop {
            let rest = self.cursor.rest();
            let found = if self.dotnet {
                rest.find(['"', '\u{201C}', '\u{201D}'])
            } else if quote != '"' {
                rest.find(['"', '\u{201C}', '\u{201D}', '\n', '\r'])
            } else {
                memchr::memchr3(b'"', b'\n', b'\r', rest.as_bytes())
            };
            let Some(found) = found else {
                self.cursor.go_to(self.cursor.text.len());
                break self.push(builder.finish(&self.cursor), line);
            };
            self.cursor.advance(found);
            let length = self.cursor.char().map_or(1, char::len_utf8);
            let next = self.cursor.rest()[length..].chars().next();
            let doubled = next
                .is_some_and(|next| next == '"' || self.dotnet && matches!(next, '\u{201C}' | '\u{201D}'));
            if !doubled || matches!(self.cursor.byte(0), b'\n' | b'\r') {
                let token = builder.finish(&self.cursor);
                self.push(token, line);
                self.cursor.at += if length == 1 && self.cursor.byte(0) != b'"' { 0 } else { length };
                break;
            }
            builder.flush(&self.cursor).push('"');
            self.cursor.at += length + self.cursor.rest()[length..].chars().next().map_or(0, char::len_utf8);
            builder.resume(&self.cursor);
        }
        if self.dotnet && self.cursor.byte(0) | 0x20 == b'c' && !self.cursor.byte(1).is_ascii_alphanumeric() {
            self.cursor.at += 1;
        }
    }

    /// `$"…{expression}…"`.
    fn template(&mut self) {
        let line = self.cursor.line;
        self.cursor.at += 2;
        let mut builder = Builder::new(&self.cursor);
        while let Some(found) = memchr::memchr3(b'"', b'{', b'}', self.cursor.rest().as_bytes()) {
            self.cursor.advance(found);
            let byte = self.cursor.byte(0);
            if self.cursor.byte(1) == byte {
                builder.flush(&self.cursor).push(char::from(byte));
                self.cursor.at += 2;
                builder.resume(&self.cursor);
            } else if byte == b'{' {
                builder.flush(&self.cursor);
                self.cursor.at += 1;
                let rest = self.cursor.rest();
                let end = hole(rest.as_bytes());
                let mut tokens = Vec::new();
                lex(Language::Vb, &rest[..end], self.cursor.line, &mut tokens);
                self.cursor.advance(end + 1);
                builder.hole(tokens);
                builder.resume(&self.cursor);
            } else if byte == b'"' {
                let token = builder.finish(&self.cursor);
                self.push(token, line);
                self.cursor.at += 1;
                return;
            } else {
                self.cursor.at += 1;
            }
        }
        self.cursor.go_to(self.cursor.text.len());
        self.push(builder.finish(&self.cursor), line);
    }

    /// `#1/1/2000#`, `#Region` of Visual Basic .NET; else a sign that says nothing.
    fn hash(&mut self) {
        let line = self.cursor.line;
        if self.dotnet && self.begins_statement() {
            return self.cursor.go_to_end_of_line();
        }
        let rest = &self.cursor.rest().as_bytes()[1..];
        let end = memchr(b'#', &rest[..rest.len().min(LONGEST_DATE)]);
        let date = |byte: &u8| {
            byte.is_ascii_digit()
                || matches!(*byte, b'/' | b':' | b' ' | b'-' | b'A' | b'P' | b'M' | b'a' | b'p' | b'm')
        };
        match end {
            Some(end) if end > 0 && rest[..end].iter().all(date) => {
                let text = &self.cursor.rest()[1..=end];
                self.push(TokenKind::Text(Cow::Borrowed(text)), line);
                self.cursor.at += end + 2;
            }
            _ => self.cursor.at += 1,
        }
    }

    /// The base of a number that begins with `&H`, `&O` or `&B`.
    fn radix(&self) -> Option<u32> {
        let radix = match self.cursor.byte(1) | 0x20 {
            b'h' => 16,
            b'o' => 8,
            b'b' if self.dotnet => 2,
            _ => return None,
        };
        let digits =
            self.cursor.rest()[2..].bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let next = self.cursor.byte(2 + digits);
        (digits > 0
            && !(next == b'_'
                || next.is_ascii_alphanumeric() && !matches!(next | 0x20, b'l' | b's' | b'i' | b'u')))
        .then_some(radix)
    }

    fn number(&mut self) {
        let line = self.cursor.line;
        let value = match self.radix() {
            Some(radix) if self.cursor.byte(0) == b'&' => {
                self.cursor.at += 2;
                let digits = self.digits(radix);
                self.cursor.at += usize::from(self.cursor.byte(0) == b'&');
                digits
            }
            _ => self.decimal(),
        };
        self.push(TokenKind::Number(value), line);
    }

    fn decimal(&mut self) -> i64 {
        let value = self.digits(10);
        if self.cursor.byte(0) == b'.' && self.cursor.byte(1).is_ascii_digit() {
            self.cursor.at += 1;
            self.digits(10);
        }
        let sign = usize::from(matches!(self.cursor.byte(1), b'+' | b'-'));
        if self.cursor.byte(0) | 0x20 == b'e' && self.cursor.byte(1 + sign).is_ascii_digit() {
            self.cursor.at += 1 + sign;
            self.digits(10);
        }
        if self.dotnet {
            while self.cursor.byte(0).is_ascii_alphabetic() && !self.cursor.byte(1).is_ascii_alphanumeric() {
                self.cursor.at += 1;
            }
        }
        value
    }

    fn digits(&mut self, radix: u32) -> i64 {
        let mut value: i64 = 0;
        while let Some(digit) = char::from(self.cursor.byte(0)).to_digit(radix) {
            value = value.wrapping_mul(i64::from(radix)).wrapping_add(i64::from(digit));
            self.cursor.at += 1;
        }
        value
    }

    fn sign(&mut self) {
        let line = self.cursor.line;
        let long = matches!(self.cursor.byte(1), b'<' | b'>' | b'=' | b'.');
        if long
            && let Some((spelled, sign)) = SIGNS.iter().find(|(spelled, _)| self.cursor.starts_with(spelled))
        {
            self.push(TokenKind::Sign(sign), line);
            self.cursor.at += spelled.len();
            return;
        }
        let byte = self.cursor.byte(0);
        if let Some(at) = SINGLE.bytes().position(|single| single == byte) {
            self.push(TokenKind::Sign(&SINGLE[at..=at]), line);
        }
        self.cursor.at += 1;
    }

    /// Quotes that word processors make, names in other letters, blanks in other widths.
    fn beyond_ascii(&mut self) {
        match self.cursor.char() {
            Some('\u{2018}' | '\u{2019}') => self.cursor.go_to_end_of_line(),
            Some(quote @ ('\u{201C}' | '\u{201D}')) => self.text(quote),
            Some(letter) if letter.is_alphanumeric() => self.word(),
            letter => self.cursor.at += letter.map_or(1, char::len_utf8),
        }
    }

    /// Reads a literal of XML as a text; false where there is none.
    fn xml(&mut self) -> bool {
        let wanted = match self.tokens.last().map(|token| &token.kind) {
            Some(TokenKind::Sign(sign)) => *sign == "=",
            Some(TokenKind::Word(word)) => word.eq_ignore_ascii_case("return"),
            _ => false,
        };
        let rest = self.cursor.rest();
        let length = rest[1..]
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'.'))
            .count();
        if !wanted || length == 0 || self.n_xml >= MOST_XML {
            return false;
        }
        self.n_xml += 1;
        let Some(open) = memchr(b'>', rest.as_bytes()) else { return false };
        let end = if rest[..open].ends_with('/') {
            open + 1
        } else {
            let close = format!("</{}>", &rest[1..=length]);
            match memmem::find(rest.as_bytes(), close.as_bytes()) {
                Some(found) => found + close.len(),
                None => return false,
            }
        };
        let line = self.cursor.line;
        self.push(TokenKind::Text(Cow::Borrowed(&rest[..end])), line);
        self.cursor.advance(end);
        true
    }
}

/// Where the bracket of an expression in a text closes.
fn hole(bytes: &[u8]) -> usize {
    let mut depth = 0_u32;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return at,
            b'}' => depth -= 1,
            b'\n' => return at,
            _ => {}
        }
    }
    bytes.len()
}
