//! Statements of PHP.

mod operand;

use super::cursor::{Parser, call, evaluate, name, nothing};
use super::expression::WHOLE;
use crate::kind::Language;
use crate::token::{Token, TokenKind};
use crate::tree::{Attribute, Class, Expression, Function, Name, Parameter, Statement, StatementKind};

/// Reads the statements that tokens spell.
pub(super) fn statements(tokens: &[Token<'_>]) -> Vec<Statement> {
    let mut parser = Parser::new(Language::Php, &operand::GRAMMAR, tokens, 0);
    let mut out = Vec::new();
    while !parser.done() {
        statement(&mut parser, &mut out);
    }
    out
}

/// Reads a statement; always at least one token.
fn statement(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let before = parser.at;
    parser.deeper(|parser| one(parser, out));
    if parser.at == before {
        parser.at += 1;
    }
}

fn one(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    match parser.kind(0) {
        Some(TokenKind::End) => parser.at += 1,
        Some(TokenKind::Markup(_)) => {
            parser.at += 1;
            out.push(Statement { line, kind: StatementKind::Markup });
        }
        Some(TokenKind::Written(tokens)) => {
            parser.at += 1;
            out.push(evaluate(line, parser.written(tokens, line)));
        }
        Some(TokenKind::Sign("{")) => {
            let body = parser.collect(block);
            out.push(Statement { line, kind: StatementKind::Block(body) });
        }
        Some(TokenKind::Sign("#")) if parser.sign(1) == "[" => {
            parser.at += 1;
            parser.pass_over();
        }
        Some(TokenKind::Word(word)) if !word.starts_with('$') => {
            if !keyword(parser, &word.to_ascii_lowercase(), line, out) {
                evaluated(parser, out);
            }
        }
        _ => evaluated(parser, out),
    }
}

/// Reads `{ … }`, or the one statement that stands instead.
fn block(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    if !parser.eat("{") {
        return statement(parser, out);
    }
    while !parser.done() && !parser.eat("}") {
        statement(parser, out);
    }
}

/// Reads `{ … }`, one statement, or `: … endif;` up to one of some words, which is not read.
fn body(parser: &mut Parser<'_, '_>, ends: &[&str]) -> Vec<Statement> {
    if !parser.eat(":") {
        return parser.collect(block);
    }
    let body = parser.collect(|parser, out| {
        while !parser.done() && parser.sign(0) != "}" && !is_one_of(parser, ends) {
            statement(parser, out);
        }
    });
    if parser.word(0).get(..3).is_some_and(|start| start.eq_ignore_ascii_case("end")) {
        parser.at += 1;
        parser.eat_end();
    }
    body
}

fn is_one_of(parser: &Parser<'_, '_>, words: &[&str]) -> bool {
    let word = parser.word(0);
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn evaluated(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    let value = parser.expression(WHOLE);
    if value != nothing() {
        out.push(evaluate(line, value));
    }
    parser.eat_end();
}

/// Reads a statement that begins with a keyword, if it does.
fn keyword(parser: &mut Parser<'_, '_>, word: &str, line: u32, out: &mut Vec<Statement>) -> bool {
    let kind = match word {
        "if" => branch(parser),
        "switch" => switch(parser),
        "for" => for_loop(parser),
        "foreach" => each_loop(parser),
        "while" => while_loop(parser),
        "do" => do_loop(parser),
        "return" => returned(parser),
        "try" => attempt(parser),
        "declare" => declared(parser),
        "echo" => echo(parser, line),
        "break" | "continue" | "goto" => return up_to_end(parser),
        "else" | "elseif" | "finally" | "endif" | "endwhile" | "endfor" | "endforeach" | "endswitch"
        | "case" | "default" => {
            return passed(parser, word);
        }
        "global" => global(parser, line),
        "namespace" if parser.sign(1) != "\\" => return space(parser, out),
        "use" => return uses(parser, line, out),
        "const" => return constants(parser, out),
        _ => return declaration(parser, word, line, out),
    };
    out.push(Statement { line, kind });
    true
}

fn up_to_end(parser: &mut Parser<'_, '_>) -> bool {
    while !parser.at_end() && parser.sign(0) != "}" {
        parser.at += 1;
    }
    true
}

/// Keywords that lost what they belong to.
fn passed(parser: &mut Parser<'_, '_>, word: &str) -> bool {
    parser.at += 1;
    if word == "case" {
        parser.expression(WHOLE);
    }
    parser.eat(":");
    true
}

fn condition(parser: &mut Parser<'_, '_>) -> Expression {
    if !parser.eat("(") {
        return nothing();
    }
    let read = parser.list(")", |parser| parser.expression(WHOLE));
    super::c_like::all(read)
}

/// `if … elseif … else …`, with braces, without, or up to `endif`: all conditions at once, and a way each.
fn branch(parser: &mut Parser<'_, '_>) -> StatementKind {
    let (mut conditions, mut ways) = (Vec::new(), Vec::new());
    let ends = ["elseif", "else", "endif"];
    loop {
        parser.at += 1;
        conditions.push(condition(parser));
        ways.push(body(parser, &ends));
        let again = is_one_of(parser, &["elseif"]);
        let otherwise = is_one_of(parser, &["else"]);
        if again || otherwise && parser.word(1).eq_ignore_ascii_case("if") {
            parser.at += usize::from(otherwise);
            continue;
        }
        if otherwise {
            parser.at += 1;
        }
        ways.push(if otherwise { body(parser, &ends) } else { Vec::new() });
        return StatementKind::Branch { condition: super::c_like::all(conditions), ways };
    }
}

fn switch(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let condition = condition(parser);
    let (mut ways, mut otherwise) = (Vec::new(), false);
    let braced = parser.eat("{");
    if !braced && !parser.eat(":") {
        return StatementKind::Branch { condition, ways };
    }
    let labels = ["case", "default", "endswitch"];
    while !parser.done() && parser.sign(0) != "}" && !is_one_of(parser, &labels[2..]) {
        if !is_one_of(parser, &labels[..2]) {
            parser.pass_over();
            continue;
        }
        otherwise |= parser.eat_word("default");
        if parser.eat_word("case") {
            parser.expression(WHOLE);
        }
        if !parser.eat(":") {
            parser.eat_end();
        }
        let way = parser.collect(|parser, out| {
            while !parser.done() && parser.sign(0) != "}" && !is_one_of(parser, &labels) {
                statement(parser, out);
            }
        });
        if !way.is_empty() {
            ways.push(way);
        }
    }
    parser.at = (parser.at + 1).min(parser.tokens.len());
    if !otherwise {
        ways.push(Vec::new());
    }
    StatementKind::Branch { condition, ways }
}

fn for_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let line = parser.line();
    let mut parts: [Vec<Expression>; 3] = Default::default();
    if parser.eat("(") {
        let mut which = 0;
        while !parser.done() && !parser.eat(")") {
            let before = parser.at;
            if parser.eat_end() {
                which = (which + 1).min(2);
            } else if !parser.eat(",") {
                parts[which].push(parser.expression(WHOLE));
            }
            if parser.at == before {
                parser.pass_over();
            }
        }
    }
    let mut body = body(parser, &["endfor"]);
    let [before, conditions, after] = parts;
    body.extend(after.into_iter().map(|value| evaluate(line, value)));
    let condition = (!conditions.is_empty()).then(|| super::c_like::all(conditions));
    let kind = StatementKind::Loop { condition, each: None, body };
    if before.is_empty() {
        return kind;
    }
    let mut all: Vec<Statement> = before.into_iter().map(|value| evaluate(line, value)).collect();
    all.push(Statement { line, kind });
    StatementKind::Block(all)
}

/// `foreach (a as k => v) …`. A key is one of the keys of `a`; a target that is no variable is set first in each turn.
fn each_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let line = parser.line();
    if !parser.eat("(") {
        return StatementKind::Block(Vec::new());
    }
    let of = parser.expression(WHOLE);
    let mut first = Vec::new();
    let mut target = nothing();
    if parser.eat_word("as") {
        target = parser.expression(WHOLE);
        if parser.eat("=>") {
            let key = std::mem::replace(&mut target, parser.expression(WHOLE));
            if is_path(&of) {
                let keys = call("array_keys", vec![of.clone()], line);
                first.push(set(line, key, Expression::Index { of: Box::new(keys), at: None }));
            }
        }
    }
    while !parser.done() && !parser.eat(")") && parser.sign(0) != "{" {
        parser.pass_over();
    }
    let name = match target {
        Expression::Name(name) => name,
        target => {
            first.push(set(line, target, Expression::Name("#member".into())));
            "#member".into()
        }
    };
    first.extend(body(parser, &["endforeach"]));
    StatementKind::Loop { condition: None, each: Some((name, of)), body: first }
}

fn set(line: u32, target: Expression, value: Expression) -> Statement {
    let (target, value) = (Box::new(target), Box::new(value));
    evaluate(line, Expression::Assign { target, operator: None, value })
}

/// Whether an expression is a variable or a member of one: small enough to stand twice.
fn is_path(expression: &Expression) -> bool {
    match expression {
        Expression::Name(_) => true,
        Expression::Member { of, name } => is_path(of) && matches!(**name, Expression::Name(_)),
        Expression::Index { of, at } => {
            is_path(of)
                && matches!(
                    at.as_deref(),
                    Some(Expression::Text(_) | Expression::Number(_) | Expression::Name(_))
                )
        }
        _ => false,
    }
}

fn while_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let condition = condition(parser);
    let body = body(parser, &["endwhile"]);
    StatementKind::Loop { condition: Some(condition), each: None, body }
}

fn do_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let body = parser.collect(block);
    let condition = parser.eat_word("while").then(|| condition(parser));
    parser.eat_end();
    StatementKind::Loop { condition, each: None, body }
}

fn returned(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let value = if parser.at_end() || parser.sign(0) == "}" { None } else { Some(parser.expression(WHOLE)) };
    parser.eat_end();
    StatementKind::Return(value)
}

/// `try {…} catch (E $e) {…} finally {…}`: one block each.
fn attempt(parser: &mut Parser<'_, '_>) -> StatementKind {
    let mut blocks = Vec::new();
    loop {
        let line = parser.line();
        parser.at += 1;
        if parser.sign(0) == "(" {
            parser.pass_over();
        }
        let body = parser.collect(block);
        blocks.push(Statement { line, kind: StatementKind::Block(body) });
        if !is_one_of(parser, &["catch", "finally"]) {
            return StatementKind::Block(blocks);
        }
    }
}

fn declared(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    if parser.sign(0) == "(" {
        parser.pass_over();
    }
    parser.eat_end();
    StatementKind::Block(Vec::new())
}

/// `echo a, b`.
fn echo(parser: &mut Parser<'_, '_>, line: u32) -> StatementKind {
    parser.at += 1;
    let mut written = vec![parser.expression(WHOLE)];
    while parser.eat(",") {
        written.push(parser.expression(WHOLE));
    }
    parser.eat_end();
    StatementKind::Expression(call("echo", written, line))
}

fn global(parser: &mut Parser<'_, '_>, line: u32) -> StatementKind {
    parser.at += 1;
    let mut names = vec![parser.expression(WHOLE)];
    while parser.eat(",") {
        names.push(parser.expression(WHOLE));
    }
    parser.eat_end();
    StatementKind::Expression(call("global", names, line))
}

/// `namespace X;`, `namespace X {…}`: what stands in it.
fn space(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) -> bool {
    parser.at += 1;
    parser.at += usize::from(!parser.word(0).is_empty());
    if parser.sign(0) == "{" {
        block(parser, out);
    }
    parser.eat_end();
    true
}

/// `use A\B as C, D;`
fn uses(parser: &mut Parser<'_, '_>, line: u32, out: &mut Vec<Statement>) -> bool {
    parser.at += 1;
    while !parser.at_end() && parser.sign(0) != "}" {
        let word = parser.word(0);
        if word.is_empty() {
            parser.pass_over();
            continue;
        }
        parser.at += 1;
        if matches!(word, "function" | "const") && !parser.word(0).is_empty() {
            continue;
        }
        let alias = parser.eat_word("as").then(|| parser.word(0)).filter(|alias| !alias.is_empty());
        parser.at += usize::from(alias.is_some());
        out.push(Statement {
            line,
            kind: StatementKind::Import { name: spaced(word), alias: alias.map(name) },
        });
    }
    parser.eat_end();
    true
}

/// `const A = 1, B = 2;`
fn constants(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) -> bool {
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
            out.push(Statement { line, kind: StatementKind::Declare { name, of: None, value } });
        }
        if !parser.eat(",") {
            break;
        }
    }
    parser.eat_end();
}

/// Reads a function or class, or variables that are `static`.
fn declaration(parser: &mut Parser<'_, '_>, word: &str, line: u32, out: &mut Vec<Statement>) -> bool {
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
            out.push(Statement { line, kind: StatementKind::Class(class) });
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
        let name = name(parser.word(0));
        parser.at += 1;
        let value = parser.eat("=").then(|| parser.expression(WHOLE));
        out.push(Statement { line, kind: StatementKind::Declare { name, of: None, value } });
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
    out.push(Statement { line, kind: StatementKind::Function(function) });
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
            parameters.push(Parameter { name: name(word), of: of.take(), default });
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

/// A name with its namespaces, as it stands in the tree.
pub(super) fn spaced(word: &str) -> Name {
    if word.contains('\\') { name(&word.replace('\\', ".")) } else { name(word) }
}
