//! Where a parser stands in its tokens, and how deep what it builds may become.

use super::basic::Surroundings;
use super::expression::Grammar;
use crate::kind::Language;
use crate::token::{Token, TokenKind};
use crate::tree::{Expression, Name, Statement, StatementKind};
use std::borrow::Cow;

/// How deep expressions and statements may stand in each other; what stands deeper is passed over.
const DEEPEST: u32 = 100;

/// How high a chain (`a.b().c()`, `a + b + c`) may make a tree; what follows is kept side by side.
const HIGHEST: u32 = 150;

/// A parser: tokens, the place in them, and the bounds.
pub(super) struct Parser<'p, 't> {
    pub(super) language: Language,
    pub(super) grammar: &'static Grammar,
    pub(super) tokens: &'p [Token<'t>],
    pub(super) at: usize,
    /// What stands round a statement of Basic.
    pub(super) basic: Surroundings,
    /// Of each opening bracket the place of its closing one; of all else nothing of use.
    closes: Vec<u32>,
    depth: u32,
    height: u32,
}

impl<'p, 't> Parser<'p, 't> {
    pub(super) fn new(
        language: Language,
        grammar: &'static Grammar,
        tokens: &'p [Token<'t>],
        depth: u32,
    ) -> Self {
        Self {
            language,
            grammar,
            tokens,
            at: 0,
            basic: Surroundings::default(),
            closes: closes(tokens),
            depth,
            height: 0,
        }
    }

    /// A parser of tokens that stand in a token of this one.
    pub(super) fn within<'i, 'u>(&self, tokens: &'i [Token<'u>]) -> Parser<'i, 'u> {
        let mut inner = Parser::new(self.language, self.grammar, tokens, self.depth + 1);
        inner.basic = self.basic.within();
        inner
    }

    pub(super) fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn kind(&self, ahead: usize) -> Option<&'p TokenKind<'t>> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    /// The line of the next token, or of the last.
    pub(super) fn line(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |token| token.line)
    }

    /// The sign so far ahead; empty where none stands.
    pub(super) fn sign(&self, ahead: usize) -> &'p str {
        self.sign_at(self.at + ahead)
    }

    /// The word so far ahead; empty where none stands.
    pub(super) fn word(&self, ahead: usize) -> &'p str {
        self.word_at(self.at + ahead)
    }

    pub(super) fn sign_at(&self, at: usize) -> &'p str {
        match self.tokens.get(at) {
            Some(Token { kind: TokenKind::Sign(sign), .. }) => sign,
            _ => "",
        }
    }

    pub(super) fn word_at(&self, at: usize) -> &'p str {
        match self.tokens.get(at) {
            Some(Token { kind: TokenKind::Word(word), .. }) => word,
            _ => "",
        }
    }

    pub(super) fn at_end(&self) -> bool {
        matches!(self.kind(0), None | Some(TokenKind::End))
    }

    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let found = self.sign(0) == sign;
        self.at += usize::from(found);
        found
    }

    /// Passes over a keyword; in any case where the language takes it so.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = match self.language {
            Language::Php | Language::VbScript | Language::Vb => self.word(0).eq_ignore_ascii_case(word),
            _ => self.word(0) == word,
        };
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_end(&mut self) -> bool {
        let found = matches!(self.kind(0), Some(TokenKind::End));
        self.at += usize::from(found);
        found
    }

    /// Where the bracket that opens at a place closes; behind the last token where it does not.
    pub(super) fn close(&self, at: usize) -> usize {
        self.closes.get(at).map_or(self.tokens.len(), |close| *close as usize)
    }

    /// Passes over one token, with what stands between brackets where it opens one.
    pub(super) fn pass_over(&mut self) {
        match self.sign(0) {
            "(" | "[" | "{" => self.at = (self.close(self.at) + 1).min(self.tokens.len()),
            _ => self.at = (self.at + 1).min(self.tokens.len()),
        }
    }

    /// Reads what stands deeper, if it may; else passes over one token.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEEPEST {
            self.pass_over();
            return None;
        }
        self.depth += 1;
        let height = std::mem::take(&mut self.height);
        let read = read(self);
        self.height = self.height.max(height);
        self.depth -= 1;
        Some(read)
    }

    /// Notes that what was read becomes part of something higher; false where it is high enough.
    pub(super) fn grow(&mut self) -> bool {
        let may = self.height < HIGHEST;
        self.height += u32::from(may);
        may
    }

    /// Reads a statement, or passes over a token where none is understood: the parser always goes on.
    pub(super) fn one(&mut self, read: fn(&mut Self, &mut Vec<Statement>), out: &mut Vec<Statement>) {
        let before = self.at;
        self.deeper(|parser| read(parser, out));
        if self.at == before {
            self.at += 1;
        }
    }

    /// Reads statements into a list of their own.
    pub(super) fn collect(&mut self, read: impl FnOnce(&mut Self, &mut Vec<Statement>)) -> Vec<Statement> {
        let mut statements = Vec::new();
        read(self, &mut statements);
        statements
    }
}

/// Of each opening bracket where its closing one stands. An opening one that nothing closes reaches to the end; a closing
/// one that nothing opens is passed over.
fn closes(tokens: &[Token<'_>]) -> Vec<u32> {
    let end = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
    let mut closes = vec![end; tokens.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut n_open = [0usize; 3];
    for (at, token) in tokens.iter().enumerate() {
        match bracket(token) {
            Bracket::None => {}
            Bracket::Opens(which) => {
                open.push((which, at));
                n_open[which] += 1;
            }
            Bracket::Closes(which) => {
                // A brace ends what was left open in it; a round one does not end a brace.
                let fits = n_open[which] > 0 && (which == 2 || open.last().is_some_and(|(top, _)| *top != 2));
                while fits && let Some((top, opened)) = open.pop() {
                    n_open[top] -= 1;
                    if top == which {
                        closes[opened] = u32::try_from(at).unwrap_or(end);
                        break;
                    }
                }
            }
        }
    }
    closes
}

/// What a token is among brackets: round ones are 0, square ones 1, braces 2.
#[derive(Clone, Copy)]
enum Bracket {
    None,
    Opens(usize),
    Closes(usize),
}

/// What each byte is among brackets, where it is a sign of its own.
static BRACKETS: [Bracket; 128] = {
    let mut brackets = [Bracket::None; 128];
    let mut which = 0;
    while which < 3 {
        brackets[b"([{"[which] as usize] = Bracket::Opens(which);
        brackets[b")]}"[which] as usize] = Bracket::Closes(which);
        which += 1;
    }
    brackets
};

fn bracket(token: &Token<'_>) -> Bracket {
    match token.kind {
        TokenKind::Sign(sign) if sign.len() == 1 => BRACKETS[usize::from(sign.as_bytes()[0] & 0x7F)],
        _ => Bracket::None,
    }
}

/// A word in small letters: most are so already.
pub(super) fn small(word: &str) -> Cow<'_, str> {
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        Cow::Borrowed(word)
    }
}

/// A name as it stands in the tree.
pub(super) fn name(word: &str) -> Name {
    if word.is_ascii() { word.to_ascii_lowercase().into() } else { word.to_lowercase().into() }
}

/// What is not understood, of which nothing was read.
pub(super) fn nothing() -> Expression {
    Expression::Other(Vec::new())
}

/// A name that stands for itself.
pub(super) fn named(word: &str) -> Expression {
    Expression::Name(name(word))
}

/// A call of something that the language spells as a keyword.
pub(super) fn call(callee: &str, arguments: Vec<Expression>, line: u32) -> Expression {
    Expression::call(Expression::Name(callee.into()), arguments, line)
}

/// An expression as a statement.
pub(super) fn evaluate(line: u32, expression: Expression) -> Statement {
    Statement { line, kind: StatementKind::Expression(expression) }
}
