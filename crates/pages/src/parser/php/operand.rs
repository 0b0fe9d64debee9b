//! Operands of PHP: what expressions are made of.

use super::{spaced, variable};
use crate::parser::cursor::{Parser, call, name, nothing, small};
use crate::parser::expression::{Grammar, Infix, WHOLE};
use crate::token::TokenKind;
use crate::tree::{Expression, Function, New, Operator, Statement, StatementKind};

/// The operators of PHP.
pub(super) static GRAMMAR: Grammar = Grammar { infix, operand };

/// How strongly what stands before an operand binds.
const PREFIX: u8 = 20;

/// How strongly an assignment binds: stronger than `and`, weaker than all else.
const ASSIGNMENT: u8 = 4;

fn infix(spelled: &str) -> Option<(u8, Infix)> {
    use Infix::{Assign, Join, Right};
    use Operator::{
        Add, And, Compare, Divide, Multiply, Or, Remainder, ShiftLeft, ShiftRight, Subtract, Xor,
    };
    Some(match spelled {
        "=" => (ASSIGNMENT, Assign(None)),
        ".=" => (ASSIGNMENT, Assign(Some(Operator::Join))),
        "+=" => (ASSIGNMENT, Assign(Some(Add))),
        "-=" => (ASSIGNMENT, Assign(Some(Subtract))),
        "*=" | "**=" => (ASSIGNMENT, Assign(Some(Multiply))),
        "/=" => (ASSIGNMENT, Assign(Some(Divide))),
        "%=" => (ASSIGNMENT, Assign(Some(Remainder))),
        "&=" => (ASSIGNMENT, Assign(Some(And))),
        "|=" | "??=" => (ASSIGNMENT, Assign(Some(Or))),
        "^=" => (ASSIGNMENT, Assign(Some(Xor))),
        "<<=" => (ASSIGNMENT, Assign(Some(ShiftLeft))),
        ">>=" => (ASSIGNMENT, Assign(Some(ShiftRight))),
        "?" => (5, Infix::Ternary),
        "??" => (6, Infix::Either),
        "||" => (7, Join(Compare)),
        "&&" => (8, Join(Compare)),
        "|" => (9, Join(Or)),
        "^" => (10, Join(Xor)),
        "&" => (11, Join(And)),
        "==" | "!=" | "===" | "!==" | "<>" | "<=>" => (12, Join(Compare)),
        "<" | ">" | "<=" | ">=" => (13, Join(Compare)),
        "<<" => (14, Join(ShiftLeft)),
        ">>" => (14, Join(ShiftRight)),
        "." => (15, Join(Operator::Join)),
        "+" => (15, Join(Add)),
        "-" => (15, Join(Subtract)),
        "*" => (16, Join(Multiply)),
        "/" => (16, Join(Divide)),
        "%" => (16, Join(Remainder)),
        "**" => (21, Right(Multiply)),
        _ => return word_operator(spelled),
    })
}

/// Operators that are words, in any case.
fn word_operator(spelled: &str) -> Option<(u8, Infix)> {
    static WORDS: &[(&str, u8)] = &[("or", 1), ("xor", 2), ("and", 3), ("instanceof", 18)];
    let (_, binding) = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(spelled))?;
    Some((*binding, Infix::Join(Operator::Compare)))
}

fn operand(parser: &mut Parser<'_, '_>) -> Expression {
    if let Some(literal) = parser.literal() {
        return attached(parser, literal);
    }
    let line = parser.line();
    let first = match parser.kind(0) {
        Some(TokenKind::Written(tokens)) => {
            parser.at += 1;
            parser.written(tokens, line)
        }
        Some(TokenKind::Sign(sign)) => match signed(parser, sign) {
            Ok(first) => first,
            Err(whole) => return whole,
        },
        Some(TokenKind::Word(word)) if word.starts_with('$') => {
            parser.at += 1;
            Expression::Name(variable(word))
        }
        Some(TokenKind::Word(word)) => match worded(parser, word, line) {
            Ok(first) => first,
            Err(whole) => return whole,
        },
        _ => return nothing(),
    };
    attached(parser, first)
}

/// An operand that begins with a sign: what something may be attached to, or else a whole one.
fn signed(parser: &mut Parser<'_, '_>, sign: &str) -> Result<Expression, Expression> {
    match sign {
        "(" => return round(parser),
        "[" => {
            parser.at += 1;
            return Ok(items(parser, "]"));
        }
        "$" => return Ok(computed(parser)),
        ")" | "]" | "}" | "," | ":" | "{" => return Err(nothing()),
        _ => {}
    }
    parser.at += 1;
    let operator = match sign {
        "!" => Operator::Not,
        "~" => Operator::Invert,
        "-" => Operator::Subtract,
        "++" | "--" => {
            let target = parser.expression(PREFIX);
            return Err(step(parser, target, sign));
        }
        "@" | "&" | "+" | "..." => return Err(parser.expression(PREFIX)),
        _ => return Err(nothing()),
    };
    let of = parser.expression(if sign == "!" { 17 } else { PREFIX });
    Err(if parser.grow() { Expression::Unary { operator, of: Box::new(of) } } else { of })
}

/// `$x++` is `$x += 1`.
fn step(parser: &mut Parser<'_, '_>, target: Expression, sign: &str) -> Expression {
    let operator = Some(if sign == "++" { Operator::Add } else { Operator::Subtract });
    parser.part(target, Expression::Number(1), |target, value| Expression::Assign { target, operator, value })
}

static CASTS: &[&str] = &[
    "array", "binary", "bool", "boolean", "double", "float", "int", "integer", "object", "real", "string",
    "unset",
];

/// `(string)$x`, or an expression in brackets.
fn round(parser: &mut Parser<'_, '_>) -> Result<Expression, Expression> {
    let word = parser.word(1);
    if parser.sign(2) == ")" && CASTS.iter().any(|cast| cast.eq_ignore_ascii_case(word)) {
        parser.at += 3;
        let value = parser.expression(PREFIX);
        return Err(if parser.grow() {
            Expression::Cast { to: name(word), value: Box::new(value) }
        } else {
            value
        });
    }
    parser.at += 1;
    let mut items = parser.list(")", |parser| parser.expression(WHOLE));
    Ok(if items.len() == 1 { items.remove(0) } else { Expression::Other(items) })
}

/// `$$x`, `${…}`: a name that is computed.
fn computed(parser: &mut Parser<'_, '_>) -> Expression {
    let mut dollars = 0;
    while parser.eat("$") {
        dollars += 1;
    }
    let mut of = if parser.eat("{") {
        let mut list = parser.list("}", |parser| parser.expression(WHOLE));
        if list.len() == 1 { list.remove(0) } else { Expression::Other(list) }
    } else if parser.word(0).starts_with('$') {
        let of = Expression::Name(variable(parser.word(0)));
        parser.at += 1;
        of
    } else {
        return nothing();
    };
    for _ in 0..dollars {
        if !parser.grow() {
            break;
        }
        of = Expression::Computed(Box::new(of));
    }
    of
}

/// Values with or without keys, up to a closing bracket.
fn items(parser: &mut Parser<'_, '_>, closing: &str) -> Expression {
    let mut keys = Vec::new();
    let values = parser.list(closing, |parser| {
        let first = parser.expression(WHOLE);
        if parser.eat("=>") {
            keys.push(Some(first));
            return parser.expression(WHOLE);
        }
        keys.push(None);
        first
    });
    parser.grow();
    Expression::List(keys.into_iter().zip(values).collect())
}

/// An operand that begins with a word: what something may be attached to, or else a whole one.
fn worded(parser: &mut Parser<'_, '_>, word: &str, line: u32) -> Result<Expression, Expression> {
    let lower = small(word);
    let called = parser.sign(1) == "(";
    match &*lower {
        "true" | "false" | "null" if !called => {
            parser.at += 1;
            return Ok(Expression::Constant);
        }
        "array" | "list" if called => {
            parser.at += 2;
            return Ok(items(parser, ")"));
        }
        "new" => return Ok(new(parser, line)),
        "function" | "fn" => return Ok(closure(parser, line)),
        "static"
            if parser.word(1).eq_ignore_ascii_case("function")
                || parser.word(1).eq_ignore_ascii_case("fn") =>
        {
            parser.at += 1;
            return Ok(closure(parser, line));
        }
        "match" if called => return Ok(matched(parser)),
        "print" | "include" | "include_once" | "require" | "require_once" | "throw" | "yield" | "echo" => {
            return Err(unbracketed(parser, &lower, line));
        }
        "clone" | "from" if !called && !parser.at_end() => {
            parser.at += 1;
            return Err(parser.expression(PREFIX));
        }
        "exit" | "die" if !called => {
            parser.at += 1;
            return Err(call(&lower, Vec::new(), line));
        }
        _ => {}
    }
    parser.at += 1;
    Ok(Expression::Name(spaced(word)))
}

/// `print x`, `include x`, `throw x`: calls, with or without brackets.
fn unbracketed(parser: &mut Parser<'_, '_>, word: &str, line: u32) -> Expression {
    parser.at += 1;
    if parser.at_end() {
        return call(word, Vec::new(), line);
    }
    let of = parser.expression(ASSIGNMENT);
    parser.grow();
    call(word, vec![of], line)
}

/// `new T(…)`, `new $c(…)`, `new ($x)(…)`, `new class(…) {…}`.
fn new(parser: &mut Parser<'_, '_>, line: u32) -> Expression {
    parser.at += 1;
    let word = parser.word(0);
    if word.eq_ignore_ascii_case("class") {
        parser.at += 1;
        let arguments = arguments(parser);
        let class = parser.deeper(|parser| super::members::class(parser, "".into())).map(Box::new);
        parser.grow();
        return Expression::New(Box::new(New { of: nothing(), arguments, members: Vec::new(), class, line }));
    }
    let mut of = if word.starts_with('$') {
        parser.at += 1;
        Expression::Name(variable(word))
    } else if !word.is_empty() {
        parser.at += 1;
        Expression::Name(spaced(word))
    } else if parser.sign(0) == "$" {
        computed(parser)
    } else if parser.eat("(") {
        super::super::c_like::all(parser.list(")", |parser| parser.expression(WHOLE)))
    } else {
        nothing()
    };
    while matches!(parser.sign(0), "->" | "::" | "[") {
        match step_into(parser, of) {
            Ok(next) => of = next,
            Err(last) => {
                of = last;
                break;
            }
        }
    }
    let arguments = arguments(parser);
    parser.grow();
    New::expression(of, arguments, line)
}

/// `function (…) use (…) {…}`, `fn (…) => …`.
fn closure(parser: &mut Parser<'_, '_>, line: u32) -> Expression {
    parser.at += 1;
    parser.eat("&");
    let mut function: Function = super::members::function_from(parser, "".into(), line);
    if parser.eat("=>") {
        let line = parser.line();
        let value = parser.expression(ASSIGNMENT);
        function.body.push(Statement { line, kind: StatementKind::Return(Some(value)) });
    }
    parser.grow();
    Expression::Function(Box::new(function))
}

/// `match (x) { a, b => c, default => d }`.
fn matched(parser: &mut Parser<'_, '_>) -> Expression {
    parser.at += 2;
    let condition = super::super::c_like::all(parser.list(")", |parser| parser.expression(WHOLE)));
    let mut ways = Vec::new();
    if parser.eat("{") {
        while !parser.done() && !parser.eat("}") {
            if parser.eat("=>") {
                ways.push(parser.expression(WHOLE));
            } else {
                parser.pass_over();
            }
        }
    }
    parser.choice(Some(condition), ways)
}

fn arguments(parser: &mut Parser<'_, '_>) -> Vec<Expression> {
    if !parser.eat("(") {
        return Vec::new();
    }
    parser.list(")", |parser| {
        if !parser.word(0).is_empty() && parser.sign(1) == ":" {
            parser.at += 2;
        }
        parser.expression(WHOLE)
    })
}

/// What is attached to an operand: members, arguments, places, `++`.
fn attached(parser: &mut Parser<'_, '_>, first: Expression) -> Expression {
    let mut left = first;
    loop {
        let line = parser.line();
        let sign = parser.sign(0);
        match sign.as_bytes() {
            b"(" => {
                let read = arguments(parser);
                left = parser.call(left, read, line);
            }
            b"->" | b"?->" | b"::" | b"[" | b"{" => match step_into(parser, left) {
                Ok(next) => left = next,
                Err(last) => return last,
            },
            b"++" | b"--" => {
                parser.at += 1;
                left = step(parser, left, sign);
            }
            _ => return left,
        }
    }
}

/// A member or place of what was read; what was read where none stands.
fn step_into(parser: &mut Parser<'_, '_>, of: Expression) -> Result<Expression, Expression> {
    let sign = parser.sign(0);
    match sign {
        "[" => {
            parser.at += 1;
            let at = parser.list("]", |parser| parser.expression(WHOLE));
            return Ok(place(parser, of, at));
        }
        // `$text{0}` of PHP before 8.
        "{" => {
            let holds_place = matches!(of, Expression::Name(ref name) if name.starts_with('$'))
                || matches!(of, Expression::Index { .. });
            let close = parser.close(parser.at);
            if !holds_place || close == parser.at + 1 || !is_one_value(parser, close) {
                return Err(of);
            }
            parser.at += 1;
            let at = parser.list("}", |parser| parser.expression(WHOLE));
            return Ok(place(parser, of, at));
        }
        _ => parser.at += 1,
    }
    let word = parser.word(0);
    let member = if parser.eat("{") {
        let mut list = parser.list("}", |parser| parser.expression(WHOLE));
        Expression::Computed(Box::new(if list.len() == 1 { list.remove(0) } else { Expression::Other(list) }))
    } else if parser.sign(0) == "$" {
        computed(parser)
    } else if word.is_empty() {
        return Err(of);
    } else {
        parser.at += 1;
        let computes = word.starts_with('$') && (sign != "::" || parser.sign(0) == "(");
        let member =
            Expression::Name(if computes { variable(word) } else { name(word.trim_start_matches('$')) });
        if computes { Expression::Computed(Box::new(member)) } else { member }
    };
    Ok(parser.part(of, member, |of, name| Expression::Member { of, name }))
}

/// Whether braces hold one value, and no statements.
fn is_one_value(parser: &Parser<'_, '_>, close: usize) -> bool {
    /// How many tokens a place may have.
    const LONGEST: usize = 32;
    close < parser.at + LONGEST
        && parser
            .tokens
            .get(parser.at..close)
            .is_some_and(|tokens| tokens.iter().all(|token| token.kind != TokenKind::End))
}

fn place(parser: &mut Parser<'_, '_>, of: Expression, at: Vec<Expression>) -> Expression {
    parser.attach(of, at, |of, mut at| Expression::Index { of, at: at.pop().map(Box::new) })
}
