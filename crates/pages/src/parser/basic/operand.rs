//! The operands of VBScript and Visual Basic .NET, and how strongly their operators bind.

use super::super::cursor::{Parser, name, named, nothing};
use super::super::expression::{Infix, WHOLE, is_keyword};
use super::block::whole;
use super::{declaration, ends, is_word, statement};
use crate::token::TokenKind;
use crate::tree::{Choice, Expression, Function, Name, New, Operator, Statement, StatementKind};

/// How strongly `Not` binds: more loosely than what compares.
const NOT: u8 = 6;
/// How strongly a sign before a number binds.
const SIGN: u8 = 14;

/// The operators between operands that are words, how strongly they bind, and what they make.
static WORD_OPERATORS: &[(&str, u8, Operator)] = &[
    ("mod", 11, Operator::Remainder),
    ("and", 5, Operator::And),
    ("or", 4, Operator::Or),
    ("xor", 3, Operator::Xor),
    ("is", 7, Operator::Compare),
    ("isnot", 7, Operator::Compare),
    ("like", 7, Operator::Compare),
    ("andalso", 5, Operator::Compare),
    ("orelse", 4, Operator::Compare),
    ("eqv", 2, Operator::Compare),
    ("imp", 1, Operator::Compare),
];

pub(super) fn infix(spelled: &str) -> Option<(u8, Infix)> {
    let (binding, operator) = match spelled {
        "&" => (9, Operator::Join),
        "+" => (10, Operator::Add),
        "-" => (10, Operator::Subtract),
        "*" => (13, Operator::Multiply),
        "/" => (13, Operator::Divide),
        "\\" => (12, Operator::Divide),
        "=" | "<>" | "<" | ">" | "<=" | ">=" => (7, Operator::Compare),
        "<<" => (8, Operator::ShiftLeft),
        ">>" => (8, Operator::ShiftRight),
        word if word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) => {
            let known = WORD_OPERATORS.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(word));
            known.map(|(_, binding, operator)| (*binding, *operator))?
        }
        _ => return None,
    };
    Some((binding, Infix::Join(operator)))
}

/// Whether an operator stands next.
pub(super) fn is_infix(parser: &Parser<'_, '_>) -> bool {
    match parser.kind(0) {
        Some(TokenKind::Sign(sign)) => infix(sign).is_some(),
        Some(TokenKind::Word(word)) => is_keyword(word) && infix(word).is_some(),
        _ => false,
    }
}

/// Reads an operand, and what is attached to it. Where none begins, reads nothing.
pub(super) fn operand(parser: &mut Parser<'_, '_>) -> Expression {
    if let Some(literal) = parser.literal() {
        return attached(parser, literal);
    }
    let read = match parser.kind(0) {
        Some(TokenKind::Word(word)) => of_word(parser, word),
        Some(TokenKind::Sign(sign)) => match of_sign(parser, sign) {
            Some(read) => read,
            None => return nothing(),
        },
        _ => return nothing(),
    };
    attached(parser, read)
}

fn of_sign(parser: &mut Parser<'_, '_>, sign: &str) -> Option<Expression> {
    Some(match sign {
        "(" => {
            parser.at += 1;
            let mut list = listed(parser, ")");
            if list.len() == 1 {
                list.pop().unwrap_or_else(nothing)
            } else {
                Expression::List(list.into_iter().map(|value| (None, value)).collect())
            }
        }
        "{" => {
            parser.at += 1;
            Expression::List(listed(parser, "}").into_iter().map(|value| (None, value)).collect())
        }
        "-" => {
            parser.at += 1;
            let of = Box::new(parser.expression(SIGN));
            Expression::Unary { operator: Operator::Subtract, of }
        }
        "+" => {
            parser.at += 1;
            parser.expression(SIGN)
        }
        "." | "!" => parser.basic.with.last().cloned().unwrap_or_else(|| named("#with")),
        ")" | "}" | "," | ":" => return None,
        _ => {
            parser.pass_over();
            nothing()
        }
    })
}

fn listed(parser: &mut Parser<'_, '_>, closing: &str) -> Vec<Expression> {
    parser.list(closing, |parser| parser.expression(WHOLE))
}

type Read = fn(&mut Parser<'_, '_>) -> Expression;

/// Words that begin an operand and are no names, and what reads them; the word is read.
static WORDS: &[(&str, Read)] = &[
    ("addressof", |parser| parser.expression(SIGN)),
    ("await", |parser| parser.expression(SIGN)),
    ("byval", |parser| parser.expression(WHOLE)),
    ("empty", |_| Expression::Constant),
    ("false", |_| Expression::Constant),
    ("not", |parser| {
        let of = Box::new(parser.expression(NOT));
        Expression::Unary { operator: Operator::Not, of }
    }),
    ("nothing", |_| Expression::Constant),
    ("null", |_| Expression::Constant),
    ("true", |_| Expression::Constant),
    ("typeof", |parser| parser.expression(SIGN)),
    ("vbcr", |_| Expression::text("\r")),
    ("vbcrlf", |_| Expression::text("\r\n")),
    ("vblf", |_| Expression::text("\n")),
    ("vbnewline", |_| Expression::text("\r\n")),
    ("vbnullchar", |_| Expression::text("\0")),
    ("vbnullstring", |_| Expression::text("")),
    ("vbtab", |_| Expression::text("\t")),
];

fn of_word(parser: &mut Parser<'_, '_>, word: &str) -> Expression {
    let next = parser.sign(1);
    let member = matches!(next, "." | "=" | ":=");
    if ["me", "mybase", "myclass", "global"].iter().any(|own| word.eq_ignore_ascii_case(own))
        && next == "."
        && !parser.word(2).is_empty()
    {
        parser.at += 3;
        return named(parser.word_at(parser.at - 1));
    }
    if word.eq_ignore_ascii_case("new") && !parser.word(1).is_empty() {
        return made(parser);
    }
    if !member {
        if let Some((_, read)) = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
            parser.at += 1;
            return parser.deeper(|parser| read(parser)).unwrap_or_else(nothing);
        }
        if ["async", "iterator"].iter().any(|known| word.eq_ignore_ascii_case(known)) && is_lambda(parser, 1)
        {
            parser.at += 1;
        }
        if is_lambda(parser, 0) {
            return parser.deeper(lambda).unwrap_or_else(nothing);
        }
    }
    if (word.eq_ignore_ascii_case("from") || word.eq_ignore_ascii_case("aggregate"))
        && is_word(parser, 2, "in")
    {
        parser.at += 3;
        return parser.expression(WHOLE);
    }
    parser.at += 1;
    if next == "(" { special(parser, word).unwrap_or_else(|| named(word)) } else { named(word) }
}

fn is_lambda(parser: &Parser<'_, '_>, ahead: usize) -> bool {
    (is_word(parser, ahead, "function") || is_word(parser, ahead, "sub")) && parser.sign(ahead + 1) == "("
}

/// What is spelled as a call and is none; the word is read.
fn special(parser: &mut Parser<'_, '_>, word: &str) -> Option<Expression> {
    match word.to_ascii_lowercase().as_str() {
        "if" | "iif" => {
            let mut ways = arguments(parser);
            let condition = (ways.len() == 3).then(|| ways.remove(0));
            Some(Expression::Choice(Box::new(Choice { condition, ways })))
        }
        "ctype" | "directcast" | "trycast" => {
            let close = parser.close(parser.at);
            parser.at += 1;
            let value = Box::new(parser.expression(WHOLE));
            parser.eat(",");
            let to = declaration::of_type(parser);
            parser.at = (close + 1).min(parser.tokens.len());
            Some(Expression::Cast { to: to.unwrap_or_default(), value })
        }
        "gettype" => {
            let close = parser.close(parser.at);
            parser.at += 1;
            if parser.word(0).is_empty() {
                parser.at -= 1;
                return None;
            }
            let of = declaration::dotted(parser);
            parser.at = (close + 1).min(parser.tokens.len());
            Some(Expression::TypeOf(of))
        }
        "nameof" => {
            let name = parser.word(1);
            parser.pass_over();
            Some(Expression::text(name))
        }
        _ => None,
    }
}

/// Reads a member, arguments and the like behind an operand, as long as there are some.
fn attached(parser: &mut Parser<'_, '_>, mut read: Expression) -> Expression {
    loop {
        let line = parser.line();
        read = match parser.sign(0) {
            "(" if is_word(parser, 1, "of") => {
                parser.pass_over();
                read
            }
            "(" => {
                let arguments = arguments(parser);
                parser.call(read, arguments, line)
            }
            "." | "?." if !parser.word(1).is_empty() => {
                let member = named(parser.word(1));
                parser.at += 2;
                parser.part(read, member, |of, name| Expression::Member { of, name })
            }
            "!" if !parser.word(1).is_empty() => {
                let key = Expression::text(name(parser.word(1)));
                parser.at += 2;
                parser.call(read, vec![key], line)
            }
            "?" if parser.sign(1) == "(" => {
                parser.at += 1;
                read
            }
            "^" => {
                parser.at += 1;
                let power = parser.expression(SIGN);
                parser.attach(read, vec![power], |of, mut powers| {
                    let powers = vec![*of, powers.pop().unwrap_or_else(nothing)];
                    Expression::call(named("pow"), powers, line)
                })
            }
            _ => return read,
        };
    }
}

/// Reads arguments in brackets; one that is left out is a constant.
pub(super) fn arguments(parser: &mut Parser<'_, '_>) -> Vec<Expression> {
    let close = parser.close(parser.at);
    let mut arguments = Vec::new();
    parser.at += 1;
    while parser.at < close && !parser.done() {
        let before = parser.at;
        let left_out = parser.sign(0) == ",";
        arguments.push(if left_out { Expression::Constant } else { argument(parser) });
        while parser.at < close && parser.sign(0) != "," {
            if matches!(parser.kind(0), Some(TokenKind::End)) && close >= parser.tokens.len() {
                return arguments;
            }
            let at = parser.at;
            if !matches!(parser.kind(0), Some(TokenKind::End | TokenKind::Word(_) | TokenKind::Sign(_))) {
                arguments.push(argument(parser));
            }
            // Markup between brackets is no argument.
            if parser.at == at {
                parser.pass_over();
            }
        }
        parser.eat(",");
        if parser.at == before {
            parser.pass_over();
        }
    }
    parser.at = parser.at.max((close + 1).min(parser.tokens.len()));
    arguments
}

/// Reads one argument; of a named one its value.
pub(super) fn argument(parser: &mut Parser<'_, '_>) -> Expression {
    if parser.sign(1) == ":=" {
        parser.at += 2;
    }
    parser.expression(WHOLE)
}

/// Reads `New T(…) With { … }`, `New T() { … }`, `New With { … }`; the word is the next token.
pub(super) fn made(parser: &mut Parser<'_, '_>) -> Expression {
    let line = parser.line();
    parser.at += 1;
    let of = if is_word(parser, 0, "with") { Name::default() } else { declaration::dotted(parser) };
    let mut given = if parser.sign(0) == "(" { arguments(parser) } else { Vec::new() };
    while parser.sign(0) == "(" {
        parser.pass_over();
    }
    if parser.sign(0) == "{" {
        return parser.deeper(operand).unwrap_or_else(nothing);
    }
    let mut members = Vec::new();
    if is_word(parser, 0, "with") && parser.sign(1) == "{" {
        parser.at += 1;
        members = set_at_once(parser);
    } else if is_word(parser, 0, "from") && parser.sign(1) == "{" {
        parser.at += 1;
        given.push(parser.deeper(operand).unwrap_or_else(nothing));
    }
    let of = Expression::Name(of);
    Expression::New(Box::new(New { of, arguments: given, members, class: None, line }))
}

/// Reads `{ .A = x, Key .B = y }`.
fn set_at_once(parser: &mut Parser<'_, '_>) -> Vec<(Name, Expression)> {
    let close = parser.close(parser.at);
    let mut members = Vec::new();
    parser.at += 1;
    while parser.at < close {
        let before = parser.at;
        parser.eat_word("key");
        if parser.eat(".") {
            let member = name(parser.word(0));
            parser.at += 1;
            parser.eat("=");
            members.push((member, parser.expression(WHOLE)));
        }
        parser.eat(",");
        if parser.at == before {
            parser.pass_over();
        }
    }
    parser.at = (close + 1).min(parser.tokens.len());
    members
}

/// Reads `Function(x) x + 1`, `Sub(x) … End Sub`.
fn lambda(parser: &mut Parser<'_, '_>) -> Expression {
    let line = parser.line();
    let gives = is_word(parser, 0, "function");
    parser.at += 1;
    let parameters = declaration::parameters(parser);
    if parser.eat_word("as") {
        declaration::of_type(parser);
    }
    let body = if matches!(parser.kind(0), Some(TokenKind::End)) {
        let outer = std::mem::take(&mut parser.basic);
        parser.basic = outer.within();
        parser.basic.functions.push(Name::default());
        let mut body = Vec::new();
        whole(parser, if gives { &["function"] } else { &["sub"] }, &mut body);
        parser.basic = outer;
        body
    } else if gives {
        let value = parser.expression(WHOLE);
        vec![Statement { line, kind: StatementKind::Return(Some(value)) }]
    } else {
        parser.collect(|parser, out| {
            if !ends(parser) {
                statement(parser, out);
            }
        })
    };
    Expression::Function(Box::new(Function {
        name: Name::default(),
        parameters,
        attributes: Vec::new(),
        body,
        line,
    }))
}
