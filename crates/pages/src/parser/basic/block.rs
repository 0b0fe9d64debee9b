//! Blocks: what ends them, and the statements that open them.

use super::super::cursor::{Parser, call, evaluate, name, nothing};
use super::super::expression::WHOLE;
use super::{declaration, ends, is_word, statement};
use crate::kind::Language;
use crate::tree::{Expression, Name, Statement, StatementKind, Way};

/// What ends a block, and how many words spell it.
type End = (&'static str, usize);

/// Single words that end blocks, and whether in Visual Basic .NET alone.
static WORDS: &[(&str, &str, bool)] = &[
    ("case", "case", false),
    ("catch", "catch", true),
    ("else", "else", false),
    ("elseif", "elseif", false),
    ("endif", "if", false),
    ("finally", "finally", true),
    ("loop", "loop", false),
    ("next", "next", false),
    ("wend", "while", false),
];

/// Words that end blocks after `End`.
static AFTER_END: &[&str] = &[
    "addhandler",
    "class",
    "enum",
    "event",
    "function",
    "get",
    "if",
    "interface",
    "module",
    "namespace",
    "operator",
    "property",
    "raiseevent",
    "removehandler",
    "select",
    "set",
    "structure",
    "sub",
    "synclock",
    "try",
    "using",
    "while",
    "with",
];

/// Returns what ends a block here.
fn end(parser: &Parser<'_, '_>) -> Option<End> {
    let word = parser.word(0);
    if word.eq_ignore_ascii_case("end") {
        let after = parser.word(1);
        return AFTER_END.iter().find(|known| known.eq_ignore_ascii_case(after)).map(|known| (*known, 2));
    }
    let dotnet = parser.language == Language::Vb;
    let known = WORDS.iter().find(|(known, _, only)| known.eq_ignore_ascii_case(word) && (dotnet || !only));
    known.map(|(_, end, _)| (*end, 1))
}

/// Reads statements up to one of what ends the block, or up to what ends a block around it; what ends none is passed over.
/// Returns what ended it, which is not read yet.
pub(super) fn block(
    parser: &mut Parser<'_, '_>,
    ends: &'static [&'static str],
    out: &mut Vec<Statement>,
) -> Option<End> {
    parser.basic.open.push(ends);
    let ended = loop {
        while parser.eat_end() || parser.eat(":") {}
        if parser.done() {
            break None;
        }
        if let Some((what, words)) = end(parser) {
            if ends.contains(&what) {
                break Some((what, words));
            }
            if parser.basic.open.iter().any(|open| open.contains(&what)) {
                break None;
            }
            parser.at += words;
            continue;
        }
        statement(parser, out);
    };
    parser.basic.open.pop();
    ended
}

/// Reads a block, and what ends it.
pub(super) fn whole(
    parser: &mut Parser<'_, '_>,
    ends: &'static [&'static str],
    out: &mut Vec<Statement>,
) -> Option<&'static str> {
    let (what, words) = block(parser, ends, out)?;
    parser.at += words;
    Some(what)
}

/// Reads the statements that are left of a line.
fn line(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    loop {
        while parser.eat(":") {}
        if ends(parser) || end(parser).is_some() {
            return;
        }
        statement(parser, out);
    }
}

/// `If … Then … ElseIf … Else … End If`, in lines or in one.
pub(super) fn branch(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let at = parser.line();
    parser.at += 1;
    let mut conditions = vec![parser.expression(WHOLE)];
    parser.eat_word("then");
    let mut ways = Vec::new();
    let inline = !parser.at_end();
    let otherwise = if inline {
        in_line(parser, &mut conditions, &mut ways)
    } else {
        in_lines(parser, &mut conditions, &mut ways)
    };
    if !otherwise {
        ways.push(Way::default());
    }
    out.push(Statement {
        line: at,
        kind: StatementKind::Branch { condition: Box::new(one(conditions)), ways },
    });
}

fn one(mut conditions: Vec<Expression>) -> Expression {
    if conditions.len() == 1 {
        conditions.pop().unwrap_or_else(nothing)
    } else {
        Expression::Other(conditions)
    }
}

/// Reads the ways of an `If` that goes over lines. Returns whether one of them is that which is left.
fn in_lines(parser: &mut Parser<'_, '_>, conditions: &mut Vec<Expression>, ways: &mut Vec<Way>) -> bool {
    let mut otherwise = false;
    loop {
        let mut way = Vec::new();
        let ended = whole(parser, &["if", "else", "elseif"], &mut way);
        ways.push(way.into());
        match ended {
            Some("elseif") => elseif(parser, conditions),
            Some("else") if parser.language == Language::Vb && is_word(parser, 0, "if") => {
                parser.at += 1;
                elseif(parser, conditions);
            }
            Some("else") => otherwise = true,
            _ => return otherwise,
        }
    }
}

fn elseif(parser: &mut Parser<'_, '_>, conditions: &mut Vec<Expression>) {
    conditions.push(parser.expression(WHOLE));
    parser.eat_word("then");
}

/// Reads the ways of an `If` that ends with its line. Returns whether one of them is that which is left.
fn in_line(parser: &mut Parser<'_, '_>, conditions: &mut Vec<Expression>, ways: &mut Vec<Way>) -> bool {
    let mut otherwise = false;
    loop {
        ways.push(parser.collect(line).into());
        if parser.eat_word("elseif") {
            elseif(parser, conditions);
        } else if parser.eat_word("else") {
            otherwise = true;
        } else {
            if is_word(parser, 0, "end") && is_word(parser, 1, "if") {
                parser.at += 2;
            }
            return otherwise;
        }
    }
}

/// `Select Case x … Case a, b … Case Else … End Select`.
pub(super) fn select(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let at = parser.line();
    parser.at += 1;
    parser.eat_word("case");
    let mut conditions = vec![parser.expression(WHOLE)];
    let mut ways = Vec::new();
    let mut otherwise = false;
    let mut ended = whole(parser, &["case", "select"], &mut Vec::new());
    while ended == Some("case") {
        let mut way = Way::default();
        if parser.eat_word("else") {
            otherwise = true;
        } else {
            way.cases = cases(parser, &mut conditions);
        }
        ended = whole(parser, &["case", "select"], &mut way.body);
        ways.push(way);
    }
    if !otherwise {
        ways.push(Way::default());
    }
    out.push(Statement {
        line: at,
        kind: StatementKind::Branch { condition: Box::new(one(conditions)), ways },
    });
}

/// Reads what one `Case` is for: `1, 3`, or by which condition it is taken: `1 To 2, Is > 3`. Returns the values; one that is none
/// stands for a condition.
fn cases(parser: &mut Parser<'_, '_>, conditions: &mut Vec<Expression>) -> Vec<Expression> {
    let mut cases = Vec::new();
    while !ends(parser) {
        if parser.eat(",") {
            continue;
        }
        let compares = matches!(parser.sign(0), "<" | ">" | "=" | "<>" | "<=" | ">=");
        if parser.eat_word("to") || parser.eat_word("is") || compares && parser.eat(parser.sign(0)) {
            cases.push(Expression::Constant);
            continue;
        }
        let before = parser.at;
        let case = parser.expression(WHOLE);
        if matches!(
            case,
            Expression::Text(_) | Expression::Number(_) | Expression::Constant | Expression::Name(_)
        ) {
            cases.push(case);
        } else {
            conditions.push(case);
            cases.push(Expression::Constant);
        }
        if parser.at == before {
            parser.pass_over();
        }
    }
    cases
}

/// `For i = a To b Step c … Next`, `For Each x In y … Next`.
pub(super) fn for_next(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let at = parser.line();
    parser.at += 1;
    let each = parser.eat_word("each");
    let variable = name(parser.word(0));
    parser.at += usize::from(!variable.is_empty());
    if parser.eat_word("as") {
        declaration::of_type(parser);
    }
    let over = if each { members(parser) } else { range(parser) };
    let mut body = Vec::new();
    if whole(parser, &["next"], &mut body).is_some() && !parser.word(0).is_empty() && !ends(parser) {
        parser.at += 1;
    }
    out.push(Statement {
        line: at,
        kind: StatementKind::Loop { condition: None, each: Some(Box::new((variable, over))), body },
    });
}

fn members(parser: &mut Parser<'_, '_>) -> Expression {
    parser.eat_word("in");
    parser.expression(WHOLE)
}

fn range(parser: &mut Parser<'_, '_>) -> Expression {
    let line = parser.line();
    parser.eat("=");
    let mut bounds = vec![parser.expression(WHOLE)];
    while parser.eat_word("to") || parser.eat_word("step") {
        bounds.push(parser.expression(WHOLE));
    }
    call("range", bounds, line)
}

/// `Do While a … Loop`, `Do … Loop Until a`.
pub(super) fn do_loop(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let at = parser.line();
    parser.at += 1;
    let mut condition = until(parser);
    let mut body = Vec::new();
    if whole(parser, &["loop"], &mut body).is_some() {
        condition = until(parser).or(condition);
    }
    out.push(Statement {
        line: at,
        kind: StatementKind::Loop { condition: condition.map(Box::new), each: None, body },
    });
}

fn until(parser: &mut Parser<'_, '_>) -> Option<Expression> {
    (parser.eat_word("while") || parser.eat_word("until")).then(|| parser.expression(WHOLE))
}

pub(super) fn while_wend(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let at = parser.line();
    parser.at += 1;
    let condition = Some(parser.expression(WHOLE));
    let mut body = Vec::new();
    whole(parser, &["while"], &mut body);
    out.push(Statement {
        line: at,
        kind: StatementKind::Loop { condition: condition.map(Box::new), each: None, body },
    });
}

/// `With x … End With`. What is no name is given one, so that it stands in the tree once.
pub(super) fn with(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let at = parser.line();
    parser.at += 1;
    let of = parser.expression(WHOLE);
    let mut body = Vec::new();
    let of = match of {
        Expression::Name(_) => of,
        of => {
            parser.basic.n_with += 1;
            let given: Name = format!("#with{}", parser.basic.n_with).into();
            body.push(Statement {
                line: at,
                kind: StatementKind::Declare { name: given.clone(), of: None, value: Some(Box::new(of)) },
            });
            Expression::Name(given)
        }
    };
    parser.basic.with.push(of);
    whole(parser, &["with"], &mut body);
    parser.basic.with.pop();
    out.push(Statement { line: at, kind: StatementKind::Block(body) });
}

/// `Try … Catch e As T When c … Finally … End Try`.
pub(super) fn attempt(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    const ENDS: &[&str] = &["catch", "finally", "try"];
    let at = parser.line();
    parser.at += 1;
    let mut body = Vec::new();
    let mut ended = whole(parser, ENDS, &mut body);
    while let Some(end @ ("catch" | "finally")) = ended {
        let line = parser.line();
        let mut way = Vec::new();
        if end == "catch" {
            caught(parser, &mut way);
        }
        ended = whole(parser, ENDS, &mut way);
        let kind = match end {
            "catch" => StatementKind::Branch {
                condition: Box::new(Expression::Constant),
                ways: vec![way.into(), Way::default()],
            },
            _ => StatementKind::Block(way),
        };
        body.push(Statement { line, kind });
    }
    out.push(Statement { line: at, kind: StatementKind::Block(body) });
}

fn caught(parser: &mut Parser<'_, '_>, way: &mut Vec<Statement>) {
    let line = parser.line();
    if !is_word(parser, 0, "when") && !parser.word(0).is_empty() {
        let name = name(parser.word(0));
        parser.at += 1;
        let of = parser.eat_word("as").then(|| declaration::of_type(parser)).flatten();
        way.push(Statement { line, kind: StatementKind::Declare { name, of, value: None } });
    }
    if parser.eat_word("when") {
        let condition = parser.expression(WHOLE);
        way.push(evaluate(line, condition));
    }
}

/// `Using x As New T(…) … End Using`, `SyncLock x … End SyncLock`.
pub(super) fn held(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let at = parser.line();
    let ends: &'static [&'static str] = if is_word(parser, 0, "using") { &["using"] } else { &["synclock"] };
    parser.at += 1;
    let mut body = Vec::new();
    if is_word(parser, 1, "as") || parser.sign(1) == "=" {
        declaration::variables(parser, &mut body);
    } else {
        let of = parser.expression(WHOLE);
        body.push(evaluate(at, of));
    }
    whole(parser, ends, &mut body);
    out.push(Statement { line: at, kind: StatementKind::Block(body) });
}
