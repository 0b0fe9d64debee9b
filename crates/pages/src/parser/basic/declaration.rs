//! Declarations: variables, functions, properties, classes, and what is said of them.

use super::super::cursor::{Parser, name, nothing};
use super::super::expression::WHOLE;
use super::block::{block, whole};
use super::{ends, is_word, operand, rest_of_statement};
use crate::kind::Language;
use crate::token::TokenKind;
use crate::tree::{Attribute, Class, Expression, Function, Name, Parameter, Statement, StatementKind};

/// Words before a declaration that say what matters here to nothing.
static MODIFIERS: &[&str] = &[
    "async",
    "const",
    "custom",
    "declare",
    "default",
    "dim",
    "friend",
    "iterator",
    "mustinherit",
    "mustoverride",
    "narrowing",
    "notinheritable",
    "notoverridable",
    "overloads",
    "overridable",
    "overrides",
    "partial",
    "private",
    "protected",
    "public",
    "readonly",
    "shadows",
    "shared",
    "static",
    "widening",
    "withevents",
    "writeonly",
];

/// Reads a declaration with the words before it.
pub(super) fn modified(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let mut bodiless = false;
    let dotnet = parser.language == Language::Vb;
    while let Some(word) =
        MODIFIERS.iter().find(|word| is_word(parser, 0, word) && !(matches!(parser.sign(1), "=" | "(" | ",")))
    {
        bodiless |= matches!(*word, "mustoverride" | "declare");
        parser.at += 1;
    }
    for word in ["ansi", "unicode", "auto"] {
        if bodiless && parser.eat_word(word) {
            break;
        }
    }
    let word = parser.word(0).to_ascii_lowercase();
    match word.as_str() {
        "sub" | "function" | "operator" if parser.sign(1) != "=" => function(parser, bodiless, out),
        "property" if !parser.word(1).is_empty() => property(parser, bodiless, out),
        "class" => class(parser, out),
        "module" | "structure" | "interface" | "enum" if dotnet => class(parser, out),
        "event" | "delegate" if dotnet => rest_of_statement(parser, out),
        _ => variables(parser, out),
    }
}

/// Reads `a, b(3) As T, c = 1`. What stands before one `As` is all of that type.
pub(super) fn variables(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    parser.basic.attributes.clear();
    let mut untyped = out.len();
    while let Some(TokenKind::Word(word)) = parser.kind(0) {
        let line = parser.line();
        let name = name(word);
        parser.at += 1;
        if parser.sign(0) == "(" {
            parser.pass_over();
        }
        parser.eat("?");
        let mut value = None;
        if parser.eat_word("as") {
            let of = if is_word(parser, 0, "new") {
                let made = operand::made(parser);
                let of = type_made(&made);
                value = Some(made);
                of
            } else {
                of_type(parser)
            };
            for statement in &mut out[untyped..] {
                if let StatementKind::Declare { of: untyped @ None, value: None, .. } = &mut statement.kind {
                    untyped.clone_from(&of);
                }
            }
            out.push(Statement {
                line,
                kind: StatementKind::Declare { name, of, value: value.map(Box::new) },
            });
            untyped = out.len();
        } else {
            out.push(Statement {
                line,
                kind: StatementKind::Declare { name, of: None, value: value.map(Box::new) },
            });
        }
        if parser.eat("=") {
            let read = parser.expression(WHOLE);
            if let Some(Statement { kind: StatementKind::Declare { value, .. }, .. }) = out.last_mut() {
                *value = Some(Box::new(read));
            }
        }
        if !parser.eat(",") {
            return;
        }
    }
}

fn type_made(made: &Expression) -> Option<Name> {
    match made {
        Expression::New(made) => match &made.of {
            Expression::Name(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a type: its name, without type arguments and ranks. None for `Object` and where there is none.
pub(super) fn of_type(parser: &mut Parser<'_, '_>) -> Option<Name> {
    let name = dotted(parser);
    while parser.eat("?") || parser.sign(0) == "(" {
        if parser.sign(0) == "(" {
            parser.pass_over();
        }
    }
    (!name.is_empty() && &*name != "object").then_some(name)
}

/// Reads a name with dots in it; type arguments are dropped.
pub(super) fn dotted(parser: &mut Parser<'_, '_>) -> Name {
    let mut dotted = String::new();
    loop {
        let word = parser.word(0);
        if word.is_empty() {
            break;
        }
        parser.at += 1;
        if !(dotted.is_empty() && word.eq_ignore_ascii_case("global")) {
            if !dotted.is_empty() {
                dotted.push('.');
            }
            dotted.push_str(&name(word));
        }
        if parser.sign(0) == "(" && is_word(parser, 1, "of") {
            parser.pass_over();
        }
        if parser.sign(0) != "." || parser.word(1).is_empty() {
            break;
        }
        parser.at += 1;
    }
    dotted.into()
}

/// Reads `Sub x(…) … End Sub` and its like.
fn function(parser: &mut Parser<'_, '_>, bodiless: bool, out: &mut Vec<Statement>) {
    let line = parser.line();
    let ends: &'static [&'static str] = match parser.word(0).as_bytes().first().map(u8::to_ascii_lowercase) {
        Some(b's') => &["sub"],
        Some(b'o') => &["operator"],
        _ => &["function"],
    };
    let gives = ends != ["sub"];
    parser.at += 1;
    let mut attributes = std::mem::take(&mut parser.basic.attributes);
    let called = name(parser.word(0));
    parser.at += usize::from(!ends_name(parser));
    bound(parser, &mut attributes);
    let parameters = parameters(parser);
    tail(parser, &mut attributes);
    let body = if bodiless {
        Vec::new()
    } else {
        body(parser, if gives { called.clone() } else { Name::default() }, ends)
    };
    out.push(Statement {
        line,
        kind: StatementKind::Function(Box::new(Function {
            name: called,
            parameters,
            attributes,
            body,
            line,
        })),
    });
}

fn ends_name(parser: &Parser<'_, '_>) -> bool {
    parser.at_end() || parser.sign(0) == "("
}

/// Reads the body of what was declared. What is set to the name of a function is what it returns.
pub(super) fn body(
    parser: &mut Parser<'_, '_>,
    called: Name,
    ends: &'static [&'static str],
) -> Vec<Statement> {
    let mut body = Vec::new();
    parser.basic.functions.push(called);
    let attributes = std::mem::take(&mut parser.basic.attributes);
    whole(parser, ends, &mut body);
    parser.basic.attributes = attributes;
    let called = parser.basic.functions.pop().unwrap_or_default();
    if !called.is_empty() {
        let line = parser.line();
        body.push(Statement { line, kind: StatementKind::Return(Some(Expression::Name(called))) });
    }
    body
}

/// Reads `Lib "x" Alias "y"`: where the body lies of what is declared without one.
fn bound(parser: &mut Parser<'_, '_>, attributes: &mut Vec<Attribute>) {
    if !parser.eat_word("lib") {
        return;
    }
    let mut arguments = vec![text(parser)];
    if parser.eat_word("alias") {
        let value = Box::new(text(parser));
        let target = Box::new(Expression::Name("entrypoint".into()));
        arguments.push(Expression::Assign { target, operator: None, value });
    }
    attributes.push(Attribute { name: "dllimport".into(), arguments });
}

fn text(parser: &mut Parser<'_, '_>) -> Expression {
    let Some(TokenKind::Text(text)) = parser.kind(0) else { return nothing() };
    parser.at += 1;
    Expression::text(&**text)
}

/// Reads what stands behind the parameters: the type, `Handles x.y`, `Implements x.y`.
fn tail(parser: &mut Parser<'_, '_>, attributes: &mut Vec<Attribute>) {
    if parser.eat_word("as") {
        if parser.sign(0) == "<" {
            self::attributes(parser);
        }
        of_type(parser);
    }
    for word in ["handles", "implements"] {
        if parser.eat_word(word) {
            attributes.push(Attribute { name: word.into(), arguments: Vec::new() });
            while parser.eat(",") || !dotted(parser).is_empty() {}
        }
    }
}

/// Reads parameters in brackets; none where there are no brackets.
pub(super) fn parameters(parser: &mut Parser<'_, '_>) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    if parser.sign(0) == "(" && is_word(parser, 1, "of") {
        parser.pass_over();
    }
    if parser.sign(0) != "(" {
        return parameters;
    }
    let close = parser.close(parser.at);
    parser.at += 1;
    while parser.at < close {
        let before = parser.at;
        parameters.extend(parameter(parser));
        while parser.at < close && parser.sign(0) != "," {
            parser.pass_over();
        }
        parser.eat(",");
        if parser.at == before {
            parser.pass_over();
        }
    }
    parser.at = (close + 1).min(parser.tokens.len());
    parameters
}

fn parameter(parser: &mut Parser<'_, '_>) -> Option<Parameter> {
    if parser.sign(0) == "<" {
        attributes(parser);
        parser.basic.attributes.clear();
    }
    while ["optional", "byval", "byref", "paramarray"].iter().any(|word| is_word(parser, 0, word))
        && !parser.word(1).is_empty()
    {
        parser.at += 1;
    }
    let TokenKind::Word(word) = parser.kind(0)? else { return None };
    let name = name(word);
    parser.at += 1;
    if parser.sign(0) == "(" {
        parser.pass_over();
    }
    parser.eat("?");
    let of = if parser.eat_word("as") { of_type(parser) } else { None };
    let default = if parser.eat("=") { Some(parser.expression(WHOLE)) } else { None };
    Some(Parameter { name, of, default })
}

/// Reads `Property Get x(…)` of VBScript, `Property x As T` of Visual Basic .NET.
fn property(parser: &mut Parser<'_, '_>, bodiless: bool, out: &mut Vec<Statement>) {
    let line = parser.line();
    parser.at += 1;
    let accessor =
        ["get", "let", "set"].iter().find(|word| is_word(parser, 0, word) && !parser.word(1).is_empty());
    if let Some(accessor) = accessor {
        parser.at += 1;
        let called = name(parser.word(0));
        parser.at += 1;
        let parameters = parameters(parser);
        let gives = if *accessor == "get" { called.clone() } else { Name::default() };
        let body = body(parser, gives, &["property"]);
        out.push(Statement {
            line,
            kind: StatementKind::Function(Box::new(Function {
                name: called,
                parameters,
                attributes: Vec::new(),
                body,
                line,
            })),
        });
        return;
    }
    let mut attributes = std::mem::take(&mut parser.basic.attributes);
    let called = name(parser.word(0));
    parser.at += 1;
    parameters(parser);
    let mut value = None;
    let mut of = None;
    if parser.eat_word("as") {
        if is_word(parser, 0, "new") {
            let made = operand::made(parser);
            of = type_made(&made);
            value = Some(made);
        } else {
            of = of_type(parser);
        }
    }
    if parser.eat("=") {
        value = Some(parser.expression(WHOLE));
    }
    tail(parser, &mut attributes);
    if !bodiless && has_accessors(parser) {
        accessors(parser, &called, out);
    } else {
        out.push(Statement {
            line,
            kind: StatementKind::Declare { name: called, of, value: value.map(Box::new) },
        });
    }
}

/// Whether the next statement is `Get` or `Set`.
fn has_accessors(parser: &Parser<'_, '_>) -> bool {
    let mut ahead = 0;
    while matches!(parser.kind(ahead), Some(TokenKind::End | TokenKind::Sign(":"))) {
        ahead += 1;
    }
    while MODIFIERS.iter().any(|word| is_word(parser, ahead, word)) {
        ahead += 1;
    }
    (is_word(parser, ahead, "get") || is_word(parser, ahead, "set"))
        && !matches!(parser.sign(ahead + 1), "=" | ".")
}

/// Reads `Get … End Get`, `Set(value As T) … End Set` and `End Property`.
fn accessors(parser: &mut Parser<'_, '_>, called: &Name, out: &mut Vec<Statement>) {
    parser.basic.open.push(&["property"]);
    while has_accessors(parser) {
        while !(is_word(parser, 0, "get") || is_word(parser, 0, "set")) {
            parser.at += 1;
        }
        let line = parser.line();
        let gets = is_word(parser, 0, "get");
        parser.at += 1;
        let parameters = parameters(parser);
        let ends: &'static [&'static str] = if gets { &["get"] } else { &["set"] };
        let body = body(parser, if gets { called.clone() } else { Name::default() }, ends);
        out.push(Statement {
            line,
            kind: StatementKind::Function(Box::new(Function {
                name: called.clone(),
                parameters,
                attributes: Vec::new(),
                body,
                line,
            })),
        });
    }
    parser.basic.open.pop();
    whole(parser, &["property"], out);
}

/// Reads a class, module, structure, interface or enumeration.
pub(super) fn class(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    let word = parser.word(0).to_ascii_lowercase();
    let ends: &'static [&'static str] = match word.as_str() {
        "class" => &["class"],
        "module" => &["module"],
        "structure" => &["structure"],
        "interface" => &["interface"],
        _ => &["enum"],
    };
    parser.at += 1;
    let attributes = std::mem::take(&mut parser.basic.attributes);
    let called = dotted(parser);
    let mut bases = Vec::new();
    loop {
        while parser.eat_end() || parser.eat(":") {}
        if !(parser.eat_word("inherits") || parser.eat_word("implements")) {
            break;
        }
        while !parser.word(0).is_empty() {
            bases.extend(of_type(parser));
            parser.eat(",");
        }
    }
    let mut members = Vec::new();
    if word == "interface" {
        signatures(parser);
    } else {
        block(parser, ends, &mut members);
    }
    if is_word(parser, 0, "end") && is_word(parser, 1, ends[0]) {
        parser.at += 2;
    }
    out.push(Statement {
        line,
        kind: StatementKind::Class(Box::new(Class { name: called, bases, attributes, members })),
    });
}

/// Passes over the signatures of an interface, which have no bodies.
fn signatures(parser: &mut Parser<'_, '_>) {
    while !(parser.done() || is_word(parser, 0, "end") && is_word(parser, 1, "interface")) {
        parser.at += 1;
    }
}

/// Reads `Namespace x … End Namespace`: its classes stand where it stands.
pub(super) fn namespace(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    parser.at += 1;
    dotted(parser);
    whole(parser, &["namespace"], out);
}

/// Reads `Imports a.b, c = d.e`.
pub(super) fn imports(parser: &mut Parser<'_, '_>, out: &mut Vec<Statement>) {
    let line = parser.line();
    parser.at += 1;
    while !ends(parser) {
        let first = dotted(parser);
        let (name, alias) = if parser.eat("=") { (dotted(parser), Some(first)) } else { (first, None) };
        if name.is_empty() {
            parser.pass_over();
        } else {
            out.push(Statement { line, kind: StatementKind::Import { name, alias } });
        }
        parser.eat(",");
    }
}

/// Reads `<A(…), B>`, for the declaration that comes next.
pub(super) fn attributes(parser: &mut Parser<'_, '_>) {
    parser.at += 1;
    loop {
        let mut called = dotted(parser);
        if parser.eat(":") {
            called = dotted(parser);
        }
        if called.is_empty() {
            break;
        }
        let arguments = if parser.sign(0) == "(" { arguments(parser) } else { Vec::new() };
        let short = called.strip_suffix("attribute").filter(|short| !short.is_empty()).unwrap_or(&called);
        parser.basic.attributes.push(Attribute { name: short.into(), arguments });
        // `<>` is what is left of the end of one and the begin of the next.
        if !(parser.eat(",") || parser.eat("<>")) {
            break;
        }
    }
    parser.eat(">");
}

/// Reads what an attribute is given; `Name := value` as an assignment.
fn arguments(parser: &mut Parser<'_, '_>) -> Vec<Expression> {
    let close = parser.close(parser.at);
    parser.at += 1;
    let mut arguments = Vec::new();
    while parser.at < close {
        let before = parser.at;
        if parser.sign(1) == ":=" {
            let target = Box::new(Expression::Name(name(parser.word(0))));
            parser.at += 2;
            let value = Box::new(parser.expression(WHOLE));
            arguments.push(Expression::Assign { target, operator: None, value });
        } else if !parser.eat(",") {
            arguments.push(parser.expression(WHOLE));
        }
        if parser.at == before {
            parser.pass_over();
        }
    }
    parser.at = (close + 1).min(parser.tokens.len());
    if arguments.is_empty() {
        Vec::new()
    } else {
        arguments.into_iter().filter(|argument| *argument != nothing()).collect()
    }
}
