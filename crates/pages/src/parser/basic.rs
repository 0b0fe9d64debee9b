//! The statements of VBScript and Visual Basic .NET.

mod block;
mod declaration;
mod operand;

use super::cursor::{Parser, call, evaluate, nothing};
use super::expression::{Grammar, WHOLE};
use crate::kind::Language;
use crate::token::{Token, TokenKind};
use crate::tree::{Attribute, Expression, Name, Operator, Statement, StatementKind};

static GRAMMAR: Grammar = Grammar { infix: operand::infix, operand: operand::operand };

/// What stands round a statement and decides what it means.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    /// Of the blocks that are open what ends each.
    open: Vec<&'static [&'static str]>,
    /// What `.name` is a member of, of the `With` blocks that are open.
    with: Vec<Expression>,
    /// The functions that are open: what is set to their name is what they return. Empty for those that return nothing.
    functions: Vec<Name>,
    /// What was said of the declaration that comes next.
    attributes: Vec<Attribute>,
    /// How many times what a `With` block is of was given a name.
    n_with: u32,
}

impl Surroundings {
    /// What stands round an expression or a lambda that is read on its own.
    pub(super) fn within(&self) -> Self {
        Self { with: self.with.clone(), ..Self::default() }
    }
}

/// Reads the statements that tokens spell.
pub(super) fn statements(language: Language, tokens: &[Token<'_>]) -> Vec<Statement> {
    let mut parser = Parser::new(language, &GRAMMAR, tokens, 0);
    parser.collect(|parser, out| {
        block::block(parser, &[], out);
    })
}

type Read = fn(&mut Parser<'_, '_>, &mut Vec<Statement>);

/// In which of the two languages a word begins a statement.
#[derive(Clone, Copy, PartialEq)]
enum In {
    Both,
    DotNet,
}

/// What words begin statements, and what reads them; the word is the next token.
static STATEMENTS: &[(&str, In, Read)] = &[
    ("call", In::Both, keyword_and_expression),
    ("class", In::Both, declaration::class),
    ("const", In::Both, declaration::modified),
    ("continue", In::DotNet, rest_of_statement),
    ("declare", In::DotNet, declaration::modified),
    ("default", In::Both, declaration::modified),
    ("delegate", In::DotNet, rest_of_statement),
    ("dim", In::Both, declaration::modified),
    ("do", In::Both, block::do_loop),
    ("enum", In::DotNet, declaration::class),
    ("erase", In::Both, rest_of_statement),
    ("exit", In::Both, exit),
    ("for", In::Both, block::for_next),
    ("friend", In::DotNet, declaration::modified),
    ("function", In::Both, declaration::modified),
    ("async", In::DotNet, declaration::modified),
    ("event", In::DotNet, rest_of_statement),
    ("goto", In::Both, rest_of_statement),
    ("if", In::Both, block::branch),
    ("imports", In::DotNet, declaration::imports),
    ("interface", In::DotNet, declaration::class),
    ("let", In::Both, keyword_and_expression),
    ("module", In::DotNet, declaration::class),
    ("mustinherit", In::DotNet, declaration::modified),
    ("mustoverride", In::DotNet, declaration::modified),
    ("namespace", In::DotNet, declaration::namespace),
    ("narrowing", In::DotNet, declaration::modified),
    ("notinheritable", In::DotNet, declaration::modified),
    ("on", In::Both, rest_of_statement),
    ("operator", In::DotNet, declaration::modified),
    ("option", In::Both, rest_of_statement),
    ("overloads", In::DotNet, declaration::modified),
    ("overridable", In::DotNet, declaration::modified),
    ("overrides", In::DotNet, declaration::modified),
    ("partial", In::DotNet, declaration::modified),
    ("private", In::Both, declaration::modified),
    ("property", In::Both, declaration::modified),
    ("protected", In::DotNet, declaration::modified),
    ("public", In::Both, declaration::modified),
    ("readonly", In::DotNet, declaration::modified),
    ("redim", In::Both, redim),
    ("return", In::DotNet, give_back),
    ("select", In::Both, block::select),
    ("set", In::Both, keyword_and_expression),
    ("shadows", In::DotNet, declaration::modified),
    ("shared", In::DotNet, declaration::modified),
    ("static", In::DotNet, declaration::modified),
    ("structure", In::DotNet, declaration::class),
    ("sub", In::Both, declaration::modified),
    ("synclock", In::DotNet, block::held),
    ("throw", In::DotNet, throw),
    ("try", In::DotNet, block::attempt),
    ("using", In::DotNet, block::held),
    ("while", In::Both, block::while_wend),
    ("widening", In::DotNet, declaration::modified),
    ("with", In::Both, block::with),
    ("withevents", In::DotNet, declaration::modified),
    ("writeonly", In::DotNet, declaration::modified),
];

/// Reads one statement. Where nothing of it is understood, passes over one token.
fn statement(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    if parser.at_end() || parser.between(out) {
        return;
    }
    let before = parser.at;
    match parser.kind(0) {
        Some(TokenKind::Sign("<")) if parser.language == Language::Vb => declaration::attributes(parser),
        Some(TokenKind::Word(word)) => {
            let read = keyword(parser, word).unwrap_or(expression);
            parser.deeper(|parser| read(parser, out));
        }
        _ => {
            parser.deeper(|parser| expression(parser, out));
        }
    }
    if parser.at == before {
        parser.pass_over();
    }
}

/// Words that begin a statement even before a `.`, which then is that of a `With` block.
static BEFORE_MEMBERS: &[&str] =
    &["call", "if", "let", "return", "set", "synclock", "throw", "using", "while", "with"];

/// Returns what reads the statement that a word begins; none where it is a name: `default = 1`.
fn keyword(parser: &Parser<'_, '_>, word: &str) -> Option<Read> {
    let named = match parser.sign(1) {
        "=" | "&=" | "+=" => true,
        "." => !BEFORE_MEMBERS.iter().any(|known| known.eq_ignore_ascii_case(word)),
        _ => false,
    };
    if named {
        return None;
    }
    let both = parser.language == Language::Vb;
    let known = |(known, within, _): &&(&str, In, Read)| {
        known.eq_ignore_ascii_case(word) && (both || *within == In::Both)
    };
    STATEMENTS.iter().find(known).map(|(_, _, read)| *read)
}

/// Whether a word so far ahead is a keyword.
fn is_word(parser: &Parser<'_, '_>, ahead: usize, word: &str) -> bool {
    parser.word(ahead).eq_ignore_ascii_case(word)
}

/// Whether the statement ends here.
fn ends(parser: &Parser<'_, '_>) -> bool {
    match parser.kind(0) {
        None | Some(TokenKind::End | TokenKind::Markup(_) | TokenKind::Written(_) | TokenKind::Sign(":")) => {
            true
        }
        Some(TokenKind::Word(word)) => {
            ["else", "elseif"].iter().any(|end| word.eq_ignore_ascii_case(end))
                || is_word(parser, 0, "end") && is_word(parser, 1, "if")
        }
        Some(_) => false,
    }
}

/// Passes over what is left of the statement.
fn rest_of_statement(parser: &mut Parser<'_, '_>, _out: &mut Vec<Statement>) {
    parser.at += 1;
    while !ends(parser) {
        parser.pass_over();
    }
}

/// `Set x = y`, `Let x = y`, `Call x(y)`.
fn keyword_and_expression(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    parser.at += 1;
    expression(parser, out);
}

/// `Exit Function`: returns what its name was set to. `Exit For` and its like change no value.
fn exit(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    let leaves = ["sub", "function", "property"].iter().any(|word| is_word(parser, 1, word));
    rest_of_statement(parser, out);
    if leaves {
        let value = parser
            .basic
            .functions
            .last()
            .filter(|name| !name.is_empty())
            .map(|name| Expression::Name(name.clone()));
        out.push(Statement { line, kind: StatementKind::Return(value) });
    }
}

fn give_back(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    parser.at += 1;
    let value = (!ends(parser)).then(|| parser.expression(WHOLE));
    out.push(Statement { line, kind: StatementKind::Return(value) });
}

fn throw(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    parser.at += 1;
    let thrown = if ends(parser) { Vec::new() } else { vec![parser.expression(WHOLE)] };
    out.push(evaluate(line, call("throw", thrown, line)));
}

/// `ReDim Preserve x(n)`: the sizes are evaluated, and nothing is set.
fn redim(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    parser.at += 1;
    parser.eat_word("preserve");
    let mut sizes = Vec::new();
    while !ends(parser) {
        let before = parser.at;
        if let Expression::Call(call) = parser.expression(WHOLE) {
            sizes.extend(call.arguments);
        }
        if parser.at == before {
            parser.pass_over();
        }
    }
    out.push(evaluate(line, Expression::Other(sizes)));
}

/// What is set by an operator together with `=`.
static SETS: &[(&str, Option<Operator>)] = &[
    ("=", None),
    ("&=", Some(Operator::Join)),
    ("+=", Some(Operator::Add)),
    ("-=", Some(Operator::Subtract)),
    ("*=", Some(Operator::Multiply)),
    ("/=", Some(Operator::Divide)),
    ("\\=", Some(Operator::Divide)),
    ("^=", Some(Operator::Multiply)),
    ("<<=", Some(Operator::ShiftLeft)),
    (">>=", Some(Operator::ShiftRight)),
];

/// An assignment or a call, with or without brackets.
fn expression(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    let left = operand::operand(parser);
    let sign = parser.sign(0);
    let set = SETS.iter().find(|(known, _)| *known == sign);
    let read = if let Some((_, operator)) = set {
        parser.at += 1;
        let value = parser.expression(WHOLE);
        Expression::Assign { target: Box::new(left), operator: *operator, value: Box::new(value) }
    } else if ends(parser) {
        called(left, line)
    } else {
        with_arguments(parser, left, line)
    };
    out.push(evaluate(line, read));
}

/// A name that stands alone is called.
fn called(left: Expression, line: u32) -> Expression {
    match left {
        Expression::Name(_) | Expression::Member { .. } => Expression::call(left, Vec::new(), line),
        left => left,
    }
}

/// A call without brackets: `Response.Write a, b`. In `Response.Write (a) & b` the brackets are those of the first argument.
fn with_arguments(parser: &mut Parser<'_, '_>, left: Expression, line: u32) -> Expression {
    let goes_on = parser.sign(0) == "," || operand::is_infix(parser);
    let (callee, mut arguments) = match left {
        Expression::Call(mut call) if goes_on && call.arguments.len() == 1 => {
            let first = call.arguments.pop().unwrap_or_else(nothing);
            let first = parser.operators(first, WHOLE);
            parser.eat(",");
            (call.callee, vec![first])
        }
        left => (left, Vec::new()),
    };
    while !ends(parser) {
        let before = parser.at;
        let argument = if parser.sign(0) == "," { Expression::Constant } else { operand::argument(parser) };
        arguments.push(argument);
        if !parser.eat(",") && !ends(parser) || parser.at == before {
            break;
        }
    }
    Expression::call(callee, arguments, line)
}
