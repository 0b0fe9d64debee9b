//! Operands of C#, JScript and Java: what expressions are made of.

use crate::kind::Language;
use crate::parser::cursor::{Parser, call, name, named, nothing};
use crate::parser::expression::{Grammar, Infix, WHOLE};
use crate::token::TokenKind;
use crate::tree::{Expression, Function, Operator, Parameter, Statement, StatementKind};

/// The operators of C#.
static C_SHARP: Grammar = Grammar { infix, operand };
/// The operators of JScript.
static JSCRIPT: Grammar =
    Grammar { infix: |spelled| infix(spelled).filter(|_| !C_SHARP_WORDS.contains(&spelled)), operand };
/// The operators of Java.
static JAVA: Grammar = Grammar {
    infix: |spelled| infix(spelled).filter(|_| !C_SHARP_WORDS.contains(&spelled) && spelled != "in"),
    operand,
};

/// Operators that are names elsewhere.
static C_SHARP_WORDS: &[&str] = &["and", "as", "is", "or", "switch"];

/// The operators of a language of the family.
pub(super) fn grammar(language: Language) -> &'static Grammar {
    match language {
        Language::Java => &JAVA,
        Language::JScript => &JSCRIPT,
        _ => &C_SHARP,
    }
}

/// How strongly what stands before an operand binds.
const PREFIX: u8 = 14;

fn infix(spelled: &str) -> Option<(u8, Infix)> {
    use Infix::{Assign, Join};
    use Operator::{
        Add, And, Compare, Divide, Multiply, Or, Remainder, ShiftLeft, ShiftRight, Subtract, Xor,
    };
    Some(match spelled {
        "=" => (1, Assign(None)),
        "+=" => (1, Assign(Some(Add))),
        "-=" => (1, Assign(Some(Subtract))),
        "*=" => (1, Assign(Some(Multiply))),
        "/=" => (1, Assign(Some(Divide))),
        "%=" => (1, Assign(Some(Remainder))),
        "&=" => (1, Assign(Some(And))),
        "^=" => (1, Assign(Some(Xor))),
        "<<=" => (1, Assign(Some(ShiftLeft))),
        ">>=" | ">>>=" => (1, Assign(Some(ShiftRight))),
        "|=" | "??=" | "&&=" | "||=" => (1, Assign(Some(Or))),
        "?" => (2, Infix::Ternary),
        "??" => (3, Infix::Either),
        "||" | "or" => (4, Join(Compare)),
        "&&" | "and" => (5, Join(Compare)),
        "|" => (6, Join(Or)),
        "^" => (7, Join(Xor)),
        "&" => (8, Join(And)),
        "==" | "!=" | "===" | "!==" => (9, Join(Compare)),
        "<" | ">" | "<=" | ">=" | "in" => (10, Join(Compare)),
        "is" | "instanceof" => (10, Infix::Is),
        "as" => (10, Infix::As),
        "<<" => (11, Join(ShiftLeft)),
        ">>" | ">>>" => (11, Join(ShiftRight)),
        "+" => (12, Join(Add)),
        "-" => (12, Join(Subtract)),
        "*" => (13, Join(Multiply)),
        "/" => (13, Join(Divide)),
        "%" => (13, Join(Remainder)),
        "switch" => (14, Infix::Switch),
        _ => return None,
    })
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
            Read::Whole(expression) => return expression,
            Read::First(expression) => expression,
        },
        Some(TokenKind::Word(word)) => match worded(parser, word) {
            Read::Whole(expression) => return expression,
            Read::First(expression) => expression,
        },
        _ => return nothing(),
    };
    attached(parser, first)
}

/// What was read of an operand.
enum Read {
    /// All of it.
    Whole(Expression),
    /// What something may be attached to.
    First(Expression),
}

/// An operand that begins with a sign.
fn signed(parser: &mut Parser<'_, '_>, sign: &str) -> Read {
    match sign {
        "(" => return round(parser),
        "[" => {
            parser.at += 1;
            let items = parser.list("]", |parser| parser.expression(WHOLE));
            return Read::First(Expression::List(items.into_iter().map(|item| (None, item)).collect()));
        }
        "{" => return Read::First(braced(parser)),
        ")" | "]" | "}" | "," | ":" => return Read::Whole(nothing()),
        _ => {}
    }
    parser.at += 1;
    let operator = match sign {
        "!" => Operator::Not,
        "~" => Operator::Invert,
        "-" => Operator::Subtract,
        "++" | "--" => {
            let target = parser.expression(PREFIX);
            return Read::Whole(step(parser, target, sign));
        }
        "+" | "*" | "&" | "^" | ".." | "..." | "@" => return Read::Whole(parser.expression(PREFIX)),
        _ => return Read::Whole(nothing()),
    };
    let of = parser.expression(PREFIX);
    Read::Whole(if parser.grow() { Expression::Unary { operator, of: Box::new(of) } } else { of })
}

/// `x++` is `x += 1`.
fn step(parser: &mut Parser<'_, '_>, target: Expression, sign: &str) -> Expression {
    let operator = Some(if sign == "++" { Operator::Add } else { Operator::Subtract });
    parser.part(target, Expression::Number(1), |target, value| Expression::Assign { target, operator, value })
}

/// What begins with `(`: a lambda, a cast, a tuple, or an expression in brackets.
fn round(parser: &mut Parser<'_, '_>) -> Read {
    let close = parser.close(parser.at);
    if is_arrow(parser, close + 1) {
        return Read::Whole(lambda(parser));
    }
    if let Some(cast) = cast(parser, close) {
        return Read::Whole(cast);
    }
    parser.at += 1;
    let mut items = parser.list(")", |parser| parser.expression(WHOLE));
    Read::First(match items.len() {
        0 => nothing(),
        1 => items.remove(0),
        _ if parser.language == Language::CSharp => {
            Expression::List(items.into_iter().map(|item| (None, item)).collect())
        }
        // The value of `(0, eval)` is its last one.
        n if items[..n - 1].iter().all(is_plain) => items.remove(n - 1),
        _ => Expression::Other(items),
    })
}

fn is_plain(expression: &Expression) -> bool {
    matches!(expression, Expression::Text(_) | Expression::Number(_) | Expression::Constant)
}

fn is_arrow(parser: &Parser<'_, '_>, at: usize) -> bool {
    parser.sign_at(at) == if parser.language == Language::Java { "->" } else { "=>" }
}

/// `(T)x`, where what stands behind can be an operand.
fn cast(parser: &mut Parser<'_, '_>, close: usize) -> Option<Expression> {
    let at = parser.at;
    let end = parser.type_end(at + 1).filter(|end| parser.language != Language::JScript && *end == close)?;
    let plain = parser.is_plain_type(at + 1);
    let operand = match parser.tokens.get(close + 1).map(|token| &token.kind)? {
        TokenKind::Text(_) | TokenKind::Number(_) | TokenKind::Template(_) => true,
        TokenKind::Word(word) => {
            !matches!(&**word, "is" | "as" | "in" | "instanceof" | "switch" | "when" | "and" | "or")
        }
        TokenKind::Sign(sign) => {
            matches!(*sign, "(" | "!" | "~" | "@") || plain && matches!(*sign, "-" | "+" | "++" | "--")
        }
        _ => false,
    };
    if !operand {
        return None;
    }
    let to = parser.type_name(at + 1, end);
    parser.at = close + 1;
    let value = parser.expression(PREFIX);
    Some(if parser.grow() { Expression::Cast { to, value: Box::new(value) } } else { value })
}

/// `{ … }` as an operand: values of an array, or of JScript the members of an object.
fn braced(parser: &mut Parser<'_, '_>) -> Expression {
    parser.at += 1;
    let mut items = Vec::new();
    while !parser.done() && !parser.eat("}") {
        let before = parser.at;
        if parser.eat(",") || parser.eat_end() {
            continue;
        }
        let key = parser.expression(WHOLE);
        if parser.eat(":") {
            let key = if let Expression::Name(name) = key { Expression::text(name) } else { key };
            let value = parser.expression(WHOLE);
            items.push((Some(key), value));
        } else {
            items.push((None, key));
        }
        if parser.at == before {
            parser.pass_over();
        }
    }
    parser.grow();
    Expression::List(items)
}

/// An operand that begins with a word.
fn worded(parser: &mut Parser<'_, '_>, word: &str) -> Read {
    let line = parser.line();
    if is_arrow(parser, parser.at + 1) {
        return Read::Whole(lambda(parser));
    }
    let (java, sharp) = (parser.language == Language::Java, parser.language == Language::CSharp);
    match word {
        "new" => return Read::First(super::made::new(parser)),
        "true" | "false" | "null" | "undefined" if parser.sign(1) != "(" => {
            parser.at += 1;
            return Read::First(Expression::Constant);
        }
        "this" if matches!(parser.sign(1), "." | "?.") && !parser.word(2).is_empty() => parser.at += 2,
        "global" if parser.sign(1) == "::" => parser.at += 2,
        "typeof" | "default" | "sizeof" | "nameof" if parser.sign(1) == "(" && sharp => {
            return Read::First(of_keyword(parser, word));
        }
        _ if stands_before_operand(parser, word) => return Read::Whole(before_operand(parser, word)),
        "delegate" | "function" if !java => return Read::First(anonymous(parser)),
        "throw" | "delete" => {
            parser.at += 1;
            let value = parser.expression(WHOLE);
            parser.grow();
            return Read::Whole(call(word, vec![value], line));
        }
        "switch" => return Read::First(super::switch_of(parser)),
        "from" if sharp && !parser.word(1).is_empty() && !parser.word(2).is_empty() => {
            return Read::Whole(query(parser));
        }
        _ => {}
    }
    let word = parser.word(0);
    parser.at += 1;
    if parser.sign(0) == "[" && java && parser.sign(1) == "]" {
        return Read::First(class_of_array(parser, word));
    }
    Read::First(named(word))
}

/// `byte[].class`, and `String[]::new`.
fn class_of_array(parser: &mut Parser<'_, '_>, word: &str) -> Expression {
    while parser.sign(0) == "[" && parser.sign(1) == "]" {
        parser.at += 2;
    }
    if parser.sign(0) == "." && parser.word(1) == "class" {
        parser.at += 2;
        return Expression::TypeOf(name(word));
    }
    named(word)
}

/// `typeof(T)`, `default(T)`, `nameof(x)`.
fn of_keyword(parser: &mut Parser<'_, '_>, word: &str) -> Expression {
    let close = parser.close(parser.at + 1);
    let end = parser.type_end(parser.at + 2).unwrap_or(parser.at + 2);
    let of = parser.type_name(parser.at + 2, end);
    parser.at = (close + 1).min(parser.tokens.len());
    match word {
        "typeof" => Expression::TypeOf(of),
        "nameof" => Expression::text(of),
        _ => Expression::Constant,
    }
}

fn stands_before_operand(parser: &Parser<'_, '_>, word: &str) -> bool {
    match (parser.language, word) {
        (Language::CSharp, "ref" | "in" | "out" | "await" | "async" | "static") => {
            !parser.word(1).is_empty() || parser.sign(1) == "("
        }
        (Language::CSharp, "checked" | "unchecked") | (Language::JScript, "typeof" | "void") => true,
        _ => false,
    }
}

/// Words before an operand that do not change it; `out T x` declares `x`.
fn before_operand(parser: &mut Parser<'_, '_>, word: &str) -> Expression {
    parser.at += 1;
    if word == "out"
        && let Some(end) = parser.type_end(parser.at)
        && parser.may_be_name(parser.word_at(end))
    {
        parser.at = end;
    }
    parser.expression(PREFIX)
}

/// `function (…) {…}`, `delegate (…) {…}`, also with a name.
fn anonymous(parser: &mut Parser<'_, '_>) -> Expression {
    let line = parser.line();
    parser.at += 1;
    let named = parser.word(0);
    parser.at += usize::from(!named.is_empty());
    let parameters = if parser.sign(0) == "(" { super::members::parameters(parser) } else { Vec::new() };
    if parser.eat(":") {
        parser.of_type();
    }
    let body = parser.collect(super::block);
    parser.grow();
    Expression::Function(Box::new(Function {
        name: name(named),
        parameters,
        attributes: Vec::new(),
        body,
        line,
    }))
}

/// `x => …`, `(x, y) => …`, of Java with `->`.
pub(super) fn lambda(parser: &mut Parser<'_, '_>) -> Expression {
    let line = parser.line();
    let parameters = if parser.sign(0) == "(" {
        super::members::parameters(parser)
    } else {
        let name = name(parser.word(0));
        parser.at += 1;
        vec![Parameter { name, of: None, default: None }]
    };
    parser.at += 1;
    let body = lambda_body(parser);
    parser.grow();
    Expression::Function(Box::new(Function {
        name: "".into(),
        parameters,
        attributes: Vec::new(),
        body,
        line,
    }))
}

/// What stands behind an arrow: a block, or the value.
pub(super) fn lambda_body(parser: &mut Parser<'_, '_>) -> Vec<Statement> {
    if parser.sign(0) == "{" {
        return parser.collect(super::block);
    }
    let line = parser.line();
    let value = parser.expression(1);
    vec![Statement { line, kind: StatementKind::Return(Some(value)) }]
}

static QUERY: &[&str] = &[
    "from",
    "where",
    "select",
    "orderby",
    "group",
    "by",
    "into",
    "let",
    "join",
    "on",
    "equals",
    "ascending",
    "descending",
    "in",
];

/// `from x in y where … select z`: its expressions.
fn query(parser: &mut Parser<'_, '_>) -> Expression {
    let mut read = Vec::new();
    while QUERY.contains(&parser.word(0)) || parser.sign(0) == "," {
        parser.at += 1;
        if !QUERY.contains(&parser.word(0)) {
            read.push(parser.expression(11));
            while matches!(
                parser.sign(0),
                "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" | "=" | "??" | "?" | ":"
            ) {
                parser.at += 1;
                read.push(parser.expression(11));
            }
        }
    }
    parser.grow();
    Expression::Other(read)
}

/// What is attached to an operand: members, arguments, places, `++`.
fn attached(parser: &mut Parser<'_, '_>, first: Expression) -> Expression {
    let mut left = first;
    loop {
        let line = parser.line();
        let sign = parser.sign(0);
        match sign {
            "." | "?." | "::" => match member(parser, left) {
                Ok(member) => left = member,
                Err(rest) => return rest,
            },
            "->" if parser.language == Language::CSharp => match member(parser, left) {
                Ok(member) => left = member,
                Err(rest) => return rest,
            },
            "(" => {
                parser.at += 1;
                let read = arguments(parser);
                left = parser.call(left, read, line);
            }
            "[" => {
                parser.at += 1;
                let mut places = parser.list("]", |parser| parser.expression(WHOLE));
                let at = if places.len() > 1 { Some(Expression::Other(places)) } else { places.pop() };
                left = parser.attach(left, at.into_iter().collect(), |of, mut at| Expression::Index {
                    of,
                    at: at.pop().map(Box::new),
                });
            }
            "<" => match parser.end_of_type_arguments(parser.at) {
                Some(end) if matches!(parser.sign_at(end), "(" | "." | "::") => parser.at = end,
                _ => return left,
            },
            "++" | "--" => {
                parser.at += 1;
                left = step(parser, left, sign);
            }
            "!" if parser.language == Language::CSharp
                && matches!(parser.sign(1), "." | ")" | "[" | "," | "") =>
            {
                parser.at += 1;
            }
            _ => return left,
        }
    }
}

/// A member of what was read; what was read where no member stands.
fn member(parser: &mut Parser<'_, '_>, of: Expression) -> Result<Expression, Expression> {
    let sign = parser.sign(0);
    parser.at += 1;
    if sign == "?." && parser.sign(0) == "[" {
        return Ok(of);
    }
    parser.pass_type_parameters();
    let word = parser.word(0);
    match word {
        "" => return Err(of),
        "class" if parser.language == Language::Java => {
            parser.at += 1;
            return Ok(dotted(&of).map_or(of, Expression::TypeOf));
        }
        "new" if sign == "." => return Ok(of),
        _ => parser.at += 1,
    }
    let member = named(word);
    Ok(parser.part(of, member, |of, name| Expression::Member { of, name }))
}

/// The dotted name that an expression spells, where it spells one.
pub(super) fn dotted(expression: &Expression) -> Option<crate::tree::Name> {
    match expression {
        Expression::Name(name) => Some(name.clone()),
        Expression::Member { of, name } => match &**name {
            Expression::Name(name) => Some(format!("{}.{name}", dotted(of)?).into()),
            _ => None,
        },
        _ => None,
    }
}

/// Arguments, and the closing bracket; of named ones the value.
pub(super) fn arguments(parser: &mut Parser<'_, '_>) -> Vec<Expression> {
    parser.list(")", |parser| {
        if !parser.word(0).is_empty() && parser.sign(1) == ":" {
            parser.at += 2;
        }
        parser.expression(WHOLE)
    })
}
