//! Declarations of PHP: functions, classes, their constants and properties.

use super::{block, is_one_of, spaced, uses, variable};
use crate::parser::cursor::{Parser, name};
use crate::parser::expression::WHOLE;
use crate::tree::{Attribute, Class, Function, Name, Parameter, Statement, StatementKind};

/// `const A = 1, B = 2;`
pub(super) fn constants(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) -> bool {
    parser.at += 1;
    // Since PHP 8.3 a constant of a class may have a type.
    if !parser.word(1).is_empty() {
        parser.at += 1;
    }
    properties(parser, out);
    true
}

/// `$a = 1, $b;` of a class, `A = 1` of constants: names without their `$`.
fn properties(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    loop {
        let line = parser.line();
        let word = parser.word(0);
        parser.at += usize::from(!word.is_empty());
        let value = parser.eat("=").then(|| parser.expression(WHOLE));
        if !word.is_empty() {
            let name = name(word.trim_start_matches('$'));
            out.push(Statement {
                line,
                kind: StatementKind::Declare { name, of: None, value: value.map(Box::new) },
            });
        }
        if !parser.eat(",") {
            break;
        }
    }
    parser.eat_end();
}

/// Reads a function or class, or variables that are `static`.
pub(super) fn declaration(
    parser: &mut Parser<'_, '_>,
    word: &str,
    line: u32,
    out: &mut Vec<Statement>,
) -> bool {
    match word {
        "function" if names_function(parser, 1) => function(parser, line, out),
        "static" if parser.word(1).starts_with('$') => {
            parser.at += 1;
            statics(parser, out);
        }
        "abstract" | "final" | "readonly" if !parser.word(1).is_empty() => {
            parser.at += 1;
        }
        "class" | "interface" | "trait" | "enum" if !parser.word(1).is_empty() => {
            parser.at += 1;
            let name = name(parser.word(0));
            parser.at += 1;
            if parser.eat(":") {
                parser.at += 1;
            }
            let class = class(parser, name);
            out.push(Statement { line, kind: StatementKind::Class(Box::new(class)) });
        }
        _ => return false,
    }
    true
}

fn names_function(parser: &Parser<'_, '_>, at: usize) -> bool {
    let at = at + usize::from(parser.sign(at) == "&");
    !parser.word(at).is_empty() && parser.sign(at + 1) == "("
}

/// `static $a = 1, $b;` in a function.
fn statics(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    while parser.word(0).starts_with('$') {
        let line = parser.line();
        let name = variable(parser.word(0));
        parser.at += 1;
        let value = parser.eat("=").then(|| parser.expression(WHOLE));
        out.push(Statement {
            line,
            kind: StatementKind::Declare { name, of: None, value: value.map(Box::new) },
        });
        if !parser.eat(",") {
            break;
        }
    }
    parser.eat_end();
}

/// Reads a function from its keyword on.
fn function(parser: &mut Parser<'_, '_>, line: u32, out: &mut Vec<Statement>) {
    parser.at += 1;
    parser.eat("&");
    let name = name(parser.word(0));
    parser.at += 1;
    let function = function_from(parser, name, line);
    out.push(Statement { line, kind: StatementKind::Function(Box::new(function)) });
}

/// Reads a function from its parameters on.
pub(super) fn function_from(parser: &mut Parser<'_, '_>, name: Name, line: u32) -> Function {
    let parameters = if parser.sign(0) == "(" { parameters(parser) } else { Vec::new() };
    // What a closure takes along, and what a function gives.
    while !parser.at_end() && !matches!(parser.sign(0), "{" | "}" | "=>") {
        parser.pass_over();
    }
    let body = if parser.sign(0) == "{" { parser.collect(block) } else { Vec::new() };
    Function { name, parameters, attributes: Vec::<Attribute>::new(), body, line }
}

/// Reads parameters between their brackets, which the parser stands before.
pub(super) fn parameters(parser: &mut Parser<'_, '_>) -> Vec<Parameter> {
    let close = parser.close(parser.at);
    parser.at += 1;
    let mut parameters = Vec::new();
    let mut of: Option<Name> = None;
    while parser.at < close && !parser.done() {
        let word = parser.word(0);
        if word.starts_with('$') {
            parser.at += 1;
            let default = parser.eat("=").then(|| parser.expression(WHOLE));
            parameters.push(Parameter { name: variable(word), of: of.take(), default });
        } else {
            if !word.is_empty() {
                of = Some(spaced(word));
            }
            parser.pass_over();
        }
    }
    parser.at = parser.at.max((close + 1).min(parser.tokens.len()));
    parameters
}

/// Reads a class from behind its name on.
pub(super) fn class(parser: &mut Parser<'_, '_>, name: Name) -> Class {
    let mut bases = Vec::new();
    while !parser.at_end() && !matches!(parser.sign(0), "{" | "}") {
        let word = parser.word(0);
        if !word.is_empty() && !is_one_of(parser, &["extends", "implements"]) {
            bases.push(spaced(word));
        }
        parser.at += 1;
    }
    let close = parser.close(parser.at);
    let mut members = Vec::new();
    if parser.eat("{") {
        while parser.at < close && !parser.done() {
            let before = parser.at;
            member(parser, &mut members);
            if parser.at == before {
                parser.pass_over();
            }
        }
        parser.at = parser.at.max((close + 1).min(parser.tokens.len()));
    }
    Class { name, bases, attributes: Vec::new(), members }
}

/// Reads a member of a class, behind its modifiers and type.
fn member(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    let word = parser.word(0);
    if word.starts_with('$') {
        properties(parser, out);
    } else if word.eq_ignore_ascii_case("function") && names_function(parser, 1) {
        parser.deeper(|parser| function(parser, line, out));
    } else if word.eq_ignore_ascii_case("const") {
        constants(parser, out);
    } else if word.eq_ignore_ascii_case("use") {
        uses(parser, line, out);
    } else {
        parser.pass_over();
    }
}
