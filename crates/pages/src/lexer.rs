//! Tokens of a stream, whatever its language: one lexer a family, the pieces of the stream one after another.

mod basic;
mod c_like;
mod cursor;
mod escape;
mod php;

use crate::kind::Language;
use crate::page::{Role, Stream};
use crate::token::{Part, Token, TokenKind};
use std::borrow::Cow;

/// No more tokens are read of a page: more than the walk over it has steps for.
pub const MOST_TOKENS: usize = 1 << 20;

/// Hardly a program has more tokens than one for so many letters.
const LETTERS_A_TOKEN: usize = 4;

/// Reads the tokens of a stream, up to [`MOST_TOKENS`]. What is no token is passed over.
pub fn tokens<'t>(stream: &'t Stream<'_>) -> Vec<Token<'t>> {
    let length: usize =
        stream.pieces.iter().filter(|piece| piece.role != Role::Markup).map(|piece| piece.text.len()).sum();
    let likely = length / LETTERS_A_TOKEN + stream.pieces.len();
    let mut tokens = Vec::with_capacity(likely.min(MOST_TOKENS));
    let mut n_written = 0;
    for piece in &stream.pieces {
        if tokens.len() + n_written >= MOST_TOKENS {
            break;
        }
        let text: &'t str = &piece.text;
        match piece.role {
            Role::Code => {
                lex(stream.language, text, piece.line, &mut tokens);
                end_of_code(stream.language, &mut tokens);
            }
            Role::Expression => {
                let mut written = Vec::new();
                lex(stream.language, text, piece.line, &mut written);
                // There may be many expressions, of few tokens each: none keeps more room than it needs.
                written.shrink_to_fit();
                n_written += written.len();
                write_out(stream.language, written, piece.line, &mut tokens);
            }
            Role::Markup => tokens.push(Token { kind: TokenKind::Markup(text), line: piece.line }),
        }
    }
    tokens
}

/// Returns how many tokens there are, those of what is written out too.
pub fn count(tokens: &[Token<'_>]) -> usize {
    let within = |token: &Token<'_>| match &token.kind {
        TokenKind::Written(written) => written.len(),
        _ => 0,
    };
    tokens.iter().map(|token| 1 + within(token)).sum()
}

/// Reads the tokens of code that stands alone, as text that is evaluated does.
pub fn tokens_of_text(language: Language, text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(text.len() / LETTERS_A_TOKEN);
    lex(language, text, 1, &mut tokens);
    tokens
}

fn lex<'t>(language: Language, text: &'t str, line: u32, tokens: &mut Vec<Token<'t>>) {
    match language {
        Language::VbScript | Language::Vb => basic::lex(language, text, line, tokens),
        Language::CSharp | Language::JScript | Language::Java => c_like::lex(language, text, line, tokens),
        Language::Php => php::lex(text, line, tokens),
    }
}

/// Adds what is written out. What follows `<?=` may go on behind the end of its statement: it is an `echo` like others.
fn write_out<'t>(language: Language, written: Vec<Token<'t>>, line: u32, tokens: &mut Vec<Token<'t>>) {
    let goes_on = written
        .iter()
        .position(|token| token.kind == TokenKind::End)
        .is_some_and(|at| at + 1 < written.len());
    if language == Language::Php && goes_on {
        tokens.push(Token { kind: TokenKind::Word(Cow::Borrowed("echo")), line });
        tokens.extend(written);
        end_of_code(language, tokens);
    } else {
        tokens.push(Token { kind: TokenKind::Written(written), line });
    }
}

/// `?>` and `%>` end a statement of PHP and of Basic; in the languages of C one goes on behind the markup.
fn end_of_code(language: Language, tokens: &mut Vec<Token<'_>>) {
    let ends = matches!(language, Language::Php | Language::VbScript | Language::Vb);
    if ends && let Some(last) = tokens.last().filter(|last| last.kind != TokenKind::End) {
        let line = last.line;
        tokens.push(Token { kind: TokenKind::End, line });
    }
}

/// Returns the token without what it borrows, for text that does not live on; none for markup.
fn owned<'o>(token: Token<'_>) -> Option<Token<'o>> {
    let kind = match token.kind {
        TokenKind::Word(word) => TokenKind::Word(Cow::Owned(word.into_owned())),
        TokenKind::Text(text) => TokenKind::Text(Cow::Owned(text.into_owned())),
        TokenKind::Template(parts) => TokenKind::Template(parts.into_iter().map(owned_part).collect()),
        TokenKind::Number(number) => TokenKind::Number(number),
        TokenKind::Sign(sign) => TokenKind::Sign(c_like::sign(sign.as_bytes())?),
        TokenKind::End => TokenKind::End,
        TokenKind::Markup(_) | TokenKind::Written(_) => return None,
    };
    Some(Token { kind, line: token.line })
}

fn owned_part<'o>(part: Part<'_>) -> Part<'o> {
    match part {
        Part::Text(text) => Part::Text(Cow::Owned(text.into_owned())),
        Part::Tokens(tokens) => Part::Tokens(tokens.into_iter().filter_map(owned).collect()),
    }
}

#[cfg(test)]
mod tests;
