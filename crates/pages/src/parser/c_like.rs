//! Statements of C#, JScript and Java.

mod made;
mod members;
mod operand;
mod types;

use super::cursor::{Parser, evaluate, name, named, nothing};
use super::expression::{Infix, WHOLE};
use crate::kind::Language;
use crate::token::{Token, TokenKind};
use crate::tree::{Expression, Name, Operator, Statement, StatementKind, Way};

/// Reads the statements that tokens spell.
pub(super) fn statements(language: Language, tokens: &[Token<'_>]) -> Vec<Statement> {
    let mut parser = Parser::new(language, operand::grammar(language), tokens, 0);
    let mut out = Vec::new();
    while !parser.done() {
        statement(&mut parser, &mut out);
    }
    out
}

/// Reads a statement; always at least one token.
fn statement(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    parser.one(one, out);
}

fn one(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    if parser.between(out) {
        return;
    }
    let line = parser.line();
    match parser.kind(0) {
        Some(TokenKind::Sign("{")) => {
            let body = parser.collect(block);
            out.push(Statement { line, kind: StatementKind::Block(body) });
        }
        Some(TokenKind::Sign(_)) => declared_or_evaluated(parser, out),
        Some(TokenKind::Word(word)) => {
            if !keyword(parser, word, line, out) {
                declared_or_evaluated(parser, out);
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

fn declared_or_evaluated(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let start = parser.at;
    let mut head = members::head(parser);
    if parser.word(0).is_empty()
        && parser.sign(0) != "@"
        && parser.sign(0) != "("
        && parser.sign(0) != "<"
        && parser.sign(0) != "~"
    {
        if parser.sign(0) != "{" {
            // Attributes of nothing are not read again: a page may be made of them.
            if parser.at == start {
                evaluated(parser, out);
            }
        }
        return;
    }
    if !members::declaration(parser, &mut head, out) {
        evaluated(parser, out);
    }
    parser.eat_end();
}

fn evaluated(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let (line, before) = (parser.line(), parser.at);
    let mut value = parser.expression(WHOLE);
    while parser.at > before && parser.eat(",") {
        out.push(evaluate(line, value));
        value = parser.expression(WHOLE);
    }
    if value != nothing() {
        out.push(evaluate(line, value));
    }
    parser.eat_end();
}

/// Reads a statement that begins with a keyword, if it does.
fn keyword(parser: &mut Parser<'_, '_>, word: &str, line: u32, out: &mut Vec<Statement>) -> bool {
    let sharp = parser.language == Language::CSharp;
    let kind = match (word, parser.sign(1)) {
        ("if", _) => branch(parser),
        ("switch", "(") => {
            let (condition, ways) = switch(parser);
            StatementKind::Branch { condition: Box::new(condition), ways }
        }
        ("for" | "foreach", "(") if word == "for" || sharp => for_loop(parser),
        ("while", "(") => while_loop(parser),
        ("do", _) => do_loop(parser),
        ("return" | "yield", sign) if sign != "." && sign != "=" => return returned(parser, line, out),
        ("break" | "continue" | "goto", _) => {
            parser.at += 1;
            while !parser.at_end() && parser.sign(0) != "}" {
                parser.at += 1;
            }
            return true;
        }
        ("else" | "finally", _) => return next(parser),
        ("try", _) => attempt(parser),
        ("using", _) if sharp => return known(parser, line, out),
        ("import", _) => return known(parser, line, out),
        ("namespace" | "package", _) => return space(parser, line, out),
        ("lock" | "fixed" | "checked" | "unchecked" | "unsafe", "(" | "{") if sharp => held(parser),
        ("synchronized" | "with" | "static", "(" | "{") => held(parser),
        ("case" | "default", _) if word == "case" || parser.sign(1) == ":" => return labelled(parser),
        (_, ":") => {
            parser.at += 2;
            return true;
        }
        _ => return false,
    };
    out.push(Statement { line, kind });
    true
}

fn next(parser: &mut Parser<'_, '_>) -> bool {
    parser.at += 1;
    true
}

/// A label outside of the `switch` that it belongs to.
fn labelled(parser: &mut Parser<'_, '_>) -> bool {
    parser.at += 1;
    while !parser.at_end() && !matches!(parser.sign(0), ":" | "->" | "{" | "}") {
        parser.at += 1;
    }
    parser.eat(":");
    true
}

/// Reads `(…)` before a statement.
fn condition(parser: &mut Parser<'_, '_>) -> Expression {
    if !parser.eat("(") {
        return nothing();
    }
    let mut read = parser.list(")", |parser| parser.expression(WHOLE));
    if read.len() == 1 { read.remove(0) } else { Expression::Other(read) }
}

/// `if … else if … else …`: all conditions at once, and a way each.
fn branch(parser: &mut Parser<'_, '_>) -> StatementKind {
    let (mut conditions, mut ways) = (Vec::new(), Vec::new());
    loop {
        parser.at += 1;
        conditions.push(condition(parser));
        ways.push(parser.collect(block).into());
        if parser.word(0) != "else" {
            ways.push(Way::default());
            break;
        }
        parser.at += 1;
        if parser.word(0) != "if" {
            ways.push(parser.collect(block).into());
            break;
        }
    }
    StatementKind::Branch { condition: Box::new(all(conditions)), ways }
}

/// One condition as it is, several side by side.
pub(super) fn all(mut conditions: Vec<Expression>) -> Expression {
    if conditions.len() == 1 { conditions.remove(0) } else { Expression::Other(conditions) }
}

/// Reads `switch (…) {…}`: what it depends on, and a way for each group of labels.
fn switch(parser: &mut Parser<'_, '_>) -> (Expression, Vec<Way>) {
    parser.at += 1;
    let condition = condition(parser);
    let (mut ways, mut cases, mut otherwise) = (Vec::new(), Vec::new(), false);
    if !parser.eat("{") {
        return (condition, ways);
    }
    while !parser.done() && !parser.eat("}") {
        otherwise |= parser.word(0) == "default";
        if is_label(parser) {
            cases.extend(case(parser));
            labelled(parser);
            if parser.eat("->") {
                ways.push(Way { cases: std::mem::take(&mut cases), body: parser.collect(statement) });
            } else if !is_label(parser) {
                ways.push(Way { cases: std::mem::take(&mut cases), body: parser.collect(up_to_label) });
            }
        } else {
            parser.pass_over();
        }
    }
    if !otherwise {
        ways.push(Way::default());
    }
    (condition, ways)
}

/// Returns the value that a label is for; none for `default`. One that is none stands for a pattern.
fn case(parser: &Parser<'_, '_>) -> Option<Expression> {
    if parser.word(0) != "case" {
        return None;
    }
    let value = match parser.kind(1) {
        _ if !matches!(parser.sign(2), ":" | "->") => None,
        Some(TokenKind::Number(number)) => Some(Expression::Number(*number)),
        Some(TokenKind::Text(text)) => Some(Expression::text(&**text)),
        _ => None,
    };
    Some(value.unwrap_or(Expression::Constant))
}

fn is_label(parser: &Parser<'_, '_>) -> bool {
    match parser.word(0) {
        "case" => true,
        "default" => matches!(parser.sign(1), ":" | "->"),
        _ => false,
    }
}

fn up_to_label(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    while !parser.done() && parser.sign(0) != "}" && !is_label(parser) {
        statement(parser, out);
    }
}

/// `switch (…) {…}` of Java where a value is asked for.
fn switch_of(parser: &mut Parser<'_, '_>) -> Expression {
    let (condition, ways) = switch(parser);
    let ways = ways.into_iter().flat_map(|way| way.body).filter_map(|statement| match statement.kind {
        StatementKind::Expression(value) | StatementKind::Return(Some(value)) => Some(value),
        _ => None,
    });
    parser.choice(Some(condition), ways.collect())
}

/// What follows an operand and names a type: `x is T y`, `x instanceof T y`, `x as T`, `x switch { T y => … }`.
pub(super) fn of_type(parser: &mut Parser<'_, '_>, left: Expression, infix: Infix) -> Expression {
    parser.at += 1;
    if infix == Infix::Switch {
        return switched(parser, left);
    }
    while matches!(parser.word(0), "not" | "final") {
        parser.at += 1;
    }
    let Some(to) = parser.of_type() else {
        let right = parser.expression(11);
        return parser.part(left, right, |left, right| Expression::Binary {
            operator: Operator::Compare,
            left,
            right,
        });
    };
    if infix == Infix::As {
        return if parser.grow() { Expression::Cast { to, value: Box::new(left) } } else { left };
    }
    let bound = parser.word(0);
    if parser.may_be_name(bound) && !matches!(bound, "and" | "or" | "when") {
        parser.at += 1;
        return parser.part(named(bound), left, |target, value| Expression::Assign {
            target,
            operator: None,
            value,
        });
    }
    parser.part(left, Expression::TypeOf(to), |left, right| Expression::Binary {
        operator: Operator::Compare,
        left,
        right,
    })
}

/// `x switch { pattern => value, … }`.
fn switched(parser: &mut Parser<'_, '_>, left: Expression) -> Expression {
    let mut ways = Vec::new();
    if parser.eat("{") {
        while !parser.done() && !parser.eat("}") {
            if parser.eat("=>") {
                ways.push(parser.expression(1));
            } else {
                parser.pass_over();
            }
        }
    }
    parser.choice(Some(left), ways)
}

/// `for (a; b; c) d`, `for (T a : b) c`, `foreach (var a in b) c`.
fn for_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let close = parser.close(parser.at);
    if let Some((at, separator)) = each(parser, close) {
        parser.at = separator + 1;
        let of = parser.expression(WHOLE);
        parser.at = parser.at.max((close + 1).min(parser.tokens.len()));
        let body = parser.collect(block);
        return StatementKind::Loop {
            condition: None,
            each: Some(Box::new((name(parser.word_at(at)), of))),
            body,
        };
    }
    parser.at += 1;
    let mut before = parser.collect(declared_or_evaluated);
    let condition = if parser.at_end() { None } else { Some(parser.expression(WHOLE)) };
    parser.eat_end();
    let after = parser.collect(|parser, out| {
        while !parser.done() && !parser.eat(")") {
            let at = parser.at;
            evaluated(parser, out);
            if parser.at == at {
                parser.pass_over();
            }
        }
    });
    let line = parser.line();
    let mut body = parser.collect(block);
    body.extend(after);
    let kind = StatementKind::Loop { condition: condition.map(Box::new), each: None, body };
    if before.is_empty() {
        return kind;
    }
    before.push(Statement { line, kind });
    StatementKind::Block(before)
}

/// Where the name of a loop over members stands, and what separates it from them.
fn each(parser: &Parser<'_, '_>, close: usize) -> Option<(usize, usize)> {
    /// How many tokens a type and a name may have.
    const LONGEST: usize = 24;
    let start = parser.at + 1;
    for at in start + 1..close.min(start + LONGEST) {
        let separates = match parser.language {
            Language::Java => parser.sign_at(at) == ":",
            _ => matches!(parser.word_at(at), "in" | "of"),
        };
        if separates && !parser.word_at(at - 1).is_empty() {
            return Some((at - 1, at));
        }
        if matches!(parser.tokens[at].kind, TokenKind::End) || matches!(parser.sign_at(at), "=" | "==" | "{")
        {
            return None;
        }
    }
    None
}

fn while_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let condition = condition(parser);
    let body = parser.collect(block);
    StatementKind::Loop { condition: Some(Box::new(condition)), each: None, body }
}

fn do_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let body = parser.collect(block);
    let condition = (parser.word(0) == "while").then(|| {
        parser.at += 1;
        condition(parser)
    });
    parser.eat_end();
    StatementKind::Loop { condition: condition.map(Box::new), each: None, body }
}

fn returned(parser: &mut Parser<'_, '_>, line: u32, out: &mut Vec<Statement>) -> bool {
    let yields = parser.word(0) == "yield";
    parser.at += 1;
    if yields && matches!(parser.word(0), "return" | "break") {
        parser.at += 1;
    }
    let value = if parser.at_end() || parser.sign(0) == "}" { None } else { Some(parser.expression(WHOLE)) };
    parser.eat_end();
    out.push(Statement { line, kind: StatementKind::Return(value) });
    true
}

/// `try (…) {…} catch (E e) {…} finally {…}`: one block each.
fn attempt(parser: &mut Parser<'_, '_>) -> StatementKind {
    let mut blocks = Vec::new();
    let mut handles = true;
    while handles {
        let line = parser.line();
        let caught = parser.word(0) == "catch";
        parser.at += 1;
        let body = parser.collect(|parser, out| {
            if parser.sign(0) == "(" && caught {
                out.extend(exception(parser));
            } else if parser.sign(0) == "(" {
                resources(parser, out);
            }
            if parser.word(0) == "when" {
                parser.at += 1;
                condition(parser);
            }
            block(parser, out);
        });
        blocks.push(Statement { line, kind: StatementKind::Block(body) });
        handles = matches!(parser.word(0), "catch" | "finally");
    }
    StatementKind::Block(blocks)
}

/// `(E | F e)`: what is caught gets a name.
fn exception(parser: &mut Parser<'_, '_>) -> Option<Statement> {
    let (line, close) = (parser.line(), parser.close(parser.at));
    let word = parser.word_at(close.saturating_sub(1));
    parser.at = (close + 1).min(parser.tokens.len());
    let kind = StatementKind::Declare { name: name(word), of: None, value: None };
    (!word.is_empty()).then_some(Statement { line, kind })
}

/// Declarations between brackets before a block, `;` between them. The parser stands before the brackets.
fn resources(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let close = parser.close(parser.at);
    parser.at += 1;
    while parser.at < close && !parser.done() {
        let before = parser.at;
        declared_or_evaluated(parser, out);
        if parser.at == before {
            parser.pass_over();
        }
    }
    parser.at = parser.at.max((close + 1).min(parser.tokens.len()));
}

/// `using (…) {…}`, `lock (…) {…}`, `with (…) {…}`, `static {…}`: what stands between the brackets, then the block.
fn held(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let body = parser.collect(|parser, out| {
        if parser.sign(0) == "(" {
            resources(parser, out);
        }
        block(parser, out);
    });
    StatementKind::Block(body)
}

/// `using X;`, `using A = X;`, `import X.*;`; `using (…) {…}` and `using var x = …;` too.
fn known(parser: &mut Parser<'_, '_>, line: u32, out: &mut Vec<Statement>) -> bool {
    if parser.sign(1) == "(" {
        let kind = held(parser);
        out.push(Statement { line, kind });
        return true;
    }
    parser.at += 1;
    while matches!(parser.word(0), "static" | "unsafe") {
        parser.at += 1;
    }
    let declares = parser.type_end(parser.at).is_some_and(|end| !parser.word_at(end).is_empty());
    if declares {
        declared_or_evaluated(parser, out);
        return true;
    }
    let mut alias: Option<Name> = None;
    let mut imported = parser.of_type().unwrap_or_default();
    if parser.eat("=") {
        alias = Some(std::mem::take(&mut imported));
        imported = parser.of_type().unwrap_or_default();
    }
    if parser.sign(0) == "." && parser.sign(1) == "*" {
        parser.at += 2;
        imported = format!("{imported}.*").into();
    }
    parser.eat_end();
    out.push(Statement { line, kind: StatementKind::Import { name: imported, alias } });
    true
}

/// `namespace X {…}`, `namespace X;`, `package x;`: what stands in it.
fn space(parser: &mut Parser<'_, '_>, line: u32, out: &mut Vec<Statement>) -> bool {
    if parser.type_end(parser.at + 1).is_none() {
        return false;
    }
    parser.at += 1;
    parser.of_type();
    if parser.sign(0) == "{" {
        let body = parser.collect(block);
        out.push(Statement { line, kind: StatementKind::Block(body) });
    }
    parser.eat_end();
    true
}
