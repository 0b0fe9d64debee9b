//! Types, as far as they must be told from expressions.

use crate::kind::Language;
use crate::parser::cursor::Parser;
use crate::token::TokenKind;
use crate::tree::Name;

/// How many tokens the arguments of a type may have.
const LONGEST: usize = 48;

/// Words that no language of the family lets anything be named by.
static RESERVED: &[&str] = &[
    "break",
    "case",
    "catch",
    "continue",
    "default",
    "do",
    "else",
    "false",
    "finally",
    "for",
    "goto",
    "if",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "void",
    "while",
];

/// Words that one of the languages reserves beside them.
static RESERVED_BY: &[(Language, &[&str])] = &[
    (
        Language::CSharp,
        &[
            "as",
            "await",
            "base",
            "foreach",
            "in",
            "is",
            "lock",
            "out",
            "ref",
            "sizeof",
            "stackalloc",
            "typeof",
            "using",
            "when",
            "yield",
        ],
    ),
    (Language::JScript, &["delete", "function", "in", "typeof", "var", "with"]),
    (Language::Java, &["assert", "import", "throws"]),
];

/// Types of the languages themselves: no operand may be one.
static PLAIN_TYPES: &[&str] = &[
    "bool", "boolean", "byte", "char", "decimal", "double", "dynamic", "float", "int", "long", "object",
    "sbyte", "short", "string", "uint", "ulong", "ushort", "nint",
];

impl Parser<'_, '_> {
    /// Where a type that begins at a place ends; none where none begins there.
    pub(super) fn type_end(&self, at: usize) -> Option<usize> {
        let mut at = at;
        if self.sign_at(at) == "(" {
            return self.end_of_tuple(at);
        }
        loop {
            let word = self.word_at(at);
            if word.is_empty() || !self.may_be_name(word) && word != "void" {
                return None;
            }
            at += 1;
            if self.sign_at(at) == "<" {
                at = self.end_of_type_arguments(at)?;
            }
            match self.sign_at(at) {
                "." | "::" if !self.word_at(at + 1).is_empty() => at += 1,
                _ => break,
            }
        }
        Some(self.end_of_ranks(at))
    }

    /// `(int, string)`: a type where a name follows.
    fn end_of_tuple(&self, at: usize) -> Option<usize> {
        let close = self.close(at);
        let named = !self.word_at(close + 1).is_empty();
        let plain = close - at < LONGEST && (at + 1..close).all(|at| self.is_of_type(at));
        (named && plain && close < self.tokens.len()).then_some(close + 1)
    }

    fn end_of_ranks(&self, mut at: usize) -> usize {
        loop {
            match self.sign_at(at) {
                "?" | "*" if !self.word_at(at + 1).is_empty() => at += 1,
                "?" if matches!(self.sign_at(at + 1), ">" | ")" | "," | "[") => at += 1,
                "..." => at += 1,
                "[" => {
                    let close = self.close(at);
                    if close >= self.tokens.len() || (at + 1..close).any(|at| self.sign_at(at) != ",") {
                        return at;
                    }
                    at = close + 1;
                }
                _ => return at,
            }
        }
    }

    /// Where the arguments of a type end that begin with the `<` at a place; none where it compares.
    pub(super) fn end_of_type_arguments(&self, at: usize) -> Option<usize> {
        let mut open = 0i32;
        for at in at..(at + LONGEST).min(self.tokens.len()) {
            if !self.is_of_type(at) {
                return None;
            }
            open += match self.sign_at(at) {
                "<" => 1,
                ">" => -1,
                ">>" => -2,
                ">>>" => -3,
                _ => 0,
            };
            if open <= 0 {
                return Some(at + 1);
            }
        }
        None
    }

    fn is_of_type(&self, at: usize) -> bool {
        match self.tokens.get(at).map(|token| &token.kind) {
            Some(TokenKind::Word(_)) => true,
            Some(TokenKind::Sign(sign)) => {
                matches!(
                    *sign,
                    "<" | ">" | ">>" | ">>>" | "," | "." | "?" | "[" | "]" | "&" | "::" | "(" | ")" | "@"
                )
            }
            _ => false,
        }
    }

    /// The name of the type between two places: dotted, without arguments and ranks.
    pub(super) fn type_name(&self, from: usize, to: usize) -> Name {
        let mut name = String::new();
        let mut open = 0i32;
        for at in from..to {
            match self.sign_at(at) {
                "<" => open += 1,
                ">" => open -= 1,
                ">>" => open -= 2,
                ">>>" => open -= 3,
                _ if open > 0 => {}
                "." => name.push('.'),
                "::" => name.clear(),
                _ => name.extend(self.word_at(at).chars().flat_map(char::to_lowercase)),
            }
        }
        name.into()
    }

    /// Reads a type; none, and nothing read, where none stands.
    pub(super) fn of_type(&mut self) -> Option<Name> {
        let end = self.type_end(self.at)?;
        let name = self.type_name(self.at, end);
        self.at = end;
        Some(name)
    }

    /// Whether a word can be the name of something that is declared.
    pub(super) fn may_be_name(&self, word: &str) -> bool {
        let by_language = || RESERVED_BY.iter().filter(|(language, _)| *language == self.language);
        !word.is_empty()
            && !RESERVED.contains(&word)
            && !by_language().any(|(_, words)| words.contains(&word))
    }

    /// Whether the word at a place is a type that no operand may be.
    pub(super) fn is_plain_type(&self, at: usize) -> bool {
        PLAIN_TYPES.contains(&self.word_at(at))
    }

    /// Passes over the parameters of a type: `<T, U>` behind a name that is declared.
    pub(super) fn pass_type_parameters(&mut self) {
        if self.sign(0) == "<"
            && let Some(end) = self.end_of_type_arguments(self.at)
        {
            self.at = end;
        }
    }
}

/// A type that says something: neither `var` nor `object`.
pub(super) fn telling(name: Name) -> Option<Name> {
    (!matches!(&*name, "var" | "object" | "dynamic" | "system.object" | "java.lang.object" | "final" | ""))
        .then_some(name)
}
