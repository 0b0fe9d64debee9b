//! Trees of programs, whatever their language. What is not understood is passed over, token by token; what stands too deep,
//! with its brackets.

mod basic;
mod c_like;
mod cursor;
mod expression;
mod objects;
mod php;

use crate::kind::Language;
use crate::lexer;
use crate::token::Token;
use crate::tree::Program;

pub use objects::objects;

/// Reads the program that a stream's tokens spell.
pub fn program(language: Language, tokens: &[Token<'_>]) -> Program {
    let body = match language {
        Language::VbScript | Language::Vb => basic::statements(language, tokens),
        Language::CSharp | Language::JScript | Language::Java => c_like::statements(language, tokens),
        Language::Php => php::statements(tokens),
    };
    Program { language, body }
}

/// Reads the program that a text spells, as one that is evaluated does.
pub fn program_of_text(language: Language, text: &str) -> Program {
    program(language, &lexer::tokens_of_text(language, text))
}

#[cfg(test)]
mod tests;
