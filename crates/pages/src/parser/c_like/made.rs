//! What is made: `new T(…) {…}`, arrays, anonymous classes.

use super::operand::arguments;
use crate::kind::Language;
use crate::parser::cursor::{Parser, named, nothing};
use crate::parser::expression::WHOLE;
use crate::tree::{Class, Expression, Name, New};

/// Reads what stands from `new` on.
pub(super) fn new(parser: &mut Parser<'_, '_>) -> Expression {
    let line = parser.line();
    parser.at += 1;
    parser.grow();
    if parser.sign(0) == "[" || parser.sign(0) == "{" {
        return values(parser);
    }
    let of = made(parser);
    if parser.sign(0) == "[" {
        return values(parser);
    }
    let arguments = if parser.eat("(") { arguments(parser) } else { Vec::new() };
    let (mut members, mut class) = (Vec::new(), None);
    if parser.sign(0) == "{" {
        match parser.language {
            Language::Java => class = Some(Box::new(anonymous(parser, &of))),
            Language::CSharp => members = initialised(parser),
            _ => {}
        }
    }
    Expression::New(Box::new(New { of, arguments, members, class, line }))
}

/// What is made: a type, or of JScript whatever gives a constructor.
fn made(parser: &mut Parser<'_, '_>) -> Expression {
    if parser.language == Language::JScript {
        return constructor(parser);
    }
    let Some(end) = parser.type_end(parser.at) else { return nothing() };
    // `new byte[n]` has its size where a type has its rank.
    let name = parser.type_name(parser.at, end);
    let ranked = parser.sign_at(end.saturating_sub(1)) == "]";
    parser.at = if ranked { first_rank(parser, end) } else { end };
    Expression::Name(name)
}

fn first_rank(parser: &Parser<'_, '_>, end: usize) -> usize {
    (parser.at..end)
        .find(|at| parser.sign_at(*at) == "[" && parser.close(*at) < end && outside(parser, *at))
        .unwrap_or(end)
}

/// Whether a rank stands outside of the arguments of a type.
fn outside(parser: &Parser<'_, '_>, at: usize) -> bool {
    (parser.close(at) + 1..parser.close(at) + 2).all(|at| !matches!(parser.sign_at(at), ">" | ">>" | ","))
}

/// `new a.b.c`, `new (f())`, `new this[x]`: members, but no calls.
fn constructor(parser: &mut Parser<'_, '_>) -> Expression {
    if parser.eat("(") {
        let mut items = parser.list(")", |parser| parser.expression(WHOLE));
        return items.pop().unwrap_or_else(nothing);
    }
    let word = parser.word(0);
    if word.is_empty() {
        return nothing();
    }
    parser.at += 1;
    let mut of = named(word);
    loop {
        if parser.sign(0) == "." && !parser.word(1).is_empty() {
            let member = named(parser.word(1));
            parser.at += 2;
            of = parser.part(of, member, |of, name| Expression::Member { of, name });
        } else if parser.eat("[") {
            let at = parser.list("]", |parser| parser.expression(WHOLE));
            of = parser.attach(of, at, |of, mut at| Expression::Index { of, at: at.pop().map(Box::new) });
        } else {
            return of;
        }
    }
}

/// Ranks with their sizes, and values in braces.
fn values(parser: &mut Parser<'_, '_>) -> Expression {
    while parser.eat("[") {
        parser.list("]", |parser| parser.expression(WHOLE));
    }
    if parser.sign(0) == "{" { parser.expression(u8::MAX) } else { Expression::List(Vec::new()) }
}

/// The body of a class that is written in place.
fn anonymous(parser: &mut Parser<'_, '_>, of: &Expression) -> Class {
    let bases = super::operand::dotted(of).into_iter().collect();
    let members = parser.deeper(|parser| parser.collect(super::block)).unwrap_or_default();
    Class { name: "".into(), bases, attributes: Vec::new(), members }
}

/// `{ A = x, ["k"] = y, z }`: what is set at once; without a name what is added.
fn initialised(parser: &mut Parser<'_, '_>) -> Vec<(Name, Expression)> {
    parser.at += 1;
    let mut members = Vec::new();
    while !parser.done() && !parser.eat("}") {
        let before = parser.at;
        if parser.eat(",") || parser.eat_end() {
            continue;
        }
        let member = match parser.expression(WHOLE) {
            Expression::Assign { target, operator: None, value } => match *target {
                Expression::Name(name) => (name, *value),
                _ => ("".into(), *value),
            },
            value => ("".into(), value),
        };
        members.push(member);
        if parser.at == before {
            parser.pass_over();
        }
    }
    members
}
