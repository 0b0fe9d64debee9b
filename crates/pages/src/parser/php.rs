//! Statements of PHP.

mod jumps;
mod members;
mod operand;

use super::cursor::{Parser, call, evaluate, name, nothing, small};
use super::expression::WHOLE;
use crate::kind::Language;
use crate::token::{Token, TokenKind};
use crate::tree::{Expression, Name, Statement, StatementKind, Way};
use jumps::Marks;

/// Reads the statements that tokens spell.
pub(super) fn statements(tokens: &[Token<'_>]) -> Vec<Statement> {
    let mut parser = Parser::new(Language::Php, &operand::GRAMMAR, tokens, 0);
    let mut out = Vec::new();
    while !parser.done() {
        run(&mut parser, &mut out, &[]);
        parser.eat("}");
    }
    out
}

/// Reads statements up to a brace that closes or one of some words, and puts them into the order in which they run.
fn run(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>, ends: &[&str]) {
    let mut marks = Marks::default();
    let mut read = Vec::new();
    while !parser.done() && parser.sign(0) != "}" && !is_one_of(parser, ends) {
        if !marks.read(parser, read.len()) {
            statement(parser, &mut read);
        }
    }
    let sorted = marks.sort(read);
    if out.is_empty() {
        *out = sorted;
    } else {
        out.extend(sorted);
    }
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
        Some(TokenKind::Sign("#")) if parser.sign(1) == "[" => {
            parser.at += 1;
            parser.pass_over();
        }
        Some(TokenKind::Word(word)) if !word.starts_with('$') => {
            if !keyword(parser, &small(word), line, out) {
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
    run(parser, out, &[]);
    parser.eat("}");
}

/// Reads `{ … }`, one statement, or `: … endif;` up to one of some words, which is not read.
fn body(parser: &mut Parser<'_, '_>, ends: &[&str]) -> Vec<Statement> {
    if !parser.eat(":") {
        return parser.collect(block);
    }
    let body = parser.collect(|parser, out| run(parser, out, ends));
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
        "global" => global(parser),
        "namespace" if parser.sign(1) != "\\" => return space(parser, out),
        "use" => return uses(parser, line, out),
        "const" => return members::constants(parser, out),
        _ => return members::declaration(parser, word, line, out),
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
        ways.push(body(parser, &ends).into());
        let again = is_one_of(parser, &["elseif"]);
        let otherwise = is_one_of(parser, &["else"]);
        if again || otherwise && parser.word(1).eq_ignore_ascii_case("if") {
            parser.at += usize::from(otherwise);
            continue;
        }
        if otherwise {
            parser.at += 1;
        }
        ways.push(if otherwise { body(parser, &ends).into() } else { Way::default() });
        return StatementKind::Branch { condition: Box::new(super::c_like::all(conditions)), ways };
    }
}

fn switch(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let condition = condition(parser);
    let (mut ways, mut cases, mut otherwise) = (Vec::new(), Vec::new(), false);
    let braced = parser.eat("{");
    if !braced && !parser.eat(":") {
        return StatementKind::Branch { condition: Box::new(condition), ways };
    }
    let labels = ["case", "default", "endswitch"];
    while !parser.done() && parser.sign(0) != "}" && !is_one_of(parser, &labels[2..]) {
        if !is_one_of(parser, &labels[..2]) {
            parser.pass_over();
            continue;
        }
        otherwise |= parser.eat_word("default");
        if parser.eat_word("case") {
            cases.push(parser.expression(WHOLE));
        }
        if !parser.eat(":") {
            parser.eat_end();
        }
        let body = parser.collect(|parser, out| run(parser, out, &labels));
        if !body.is_empty() {
            ways.push(Way { cases: std::mem::take(&mut cases), body });
        }
    }
    parser.at = (parser.at + 1).min(parser.tokens.len());
    if !otherwise {
        ways.push(Way::default());
    }
    StatementKind::Branch { condition: Box::new(condition), ways }
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
    let kind = StatementKind::Loop { condition: condition.map(Box::new), each: None, body };
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
    StatementKind::Loop { condition: None, each: Some(Box::new((name, of))), body: first }
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
    StatementKind::Loop { condition: Some(Box::new(condition)), each: None, body }
}

fn do_loop(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let body = parser.collect(block);
    let condition = parser.eat_word("while").then(|| condition(parser));
    parser.eat_end();
    StatementKind::Loop { condition: condition.map(Box::new), each: None, body }
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

/// `global $a, $b`; a name that is computed is passed over.
fn global(parser: &mut Parser<'_, '_>) -> StatementKind {
    parser.at += 1;
    let mut names = Vec::new();
    loop {
        if let Expression::Name(name) = parser.expression(WHOLE) {
            names.push(name);
        }
        if !parser.eat(",") {
            break;
        }
    }
    parser.eat_end();
    StatementKind::Global(names)
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

/// What PHP itself names, in any case here as elsewhere in the tree.
static GIVEN: &[&str] = &[
    "$_cookie",
    "$_env",
    "$_files",
    "$_get",
    "$_post",
    "$_request",
    "$_server",
    "$_session",
    "$globals",
    "$this",
];

/// A variable as it stands in the tree: as it is spelled, since programs that hide tell variables apart by case alone.
pub(crate) fn variable(word: &str) -> Name {
    let begins = |byte: &u8| matches!(byte, b'_' | b'g' | b'G' | b't' | b'T');
    let may_be_given = word.len() <= "$_request".len() && word.as_bytes().get(1).is_some_and(begins);
    if may_be_given && GIVEN.iter().any(|given| given.eq_ignore_ascii_case(word))
        || word.starts_with("$HTTP_")
    {
        return name(word);
    }
    word.into()
}

/// A name with its namespaces, as it stands in the tree.
pub(super) fn spaced(word: &str) -> Name {
    if word.contains('\\') { name(&word.replace('\\', ".")) } else { name(word) }
}
