//! Declarations of C#, JScript and Java: attributes, classes, functions, properties, variables.

use super::operand::arguments;
use super::types::telling;
use crate::kind::Language;
use crate::parser::cursor::{Parser, evaluate, name};
use crate::parser::expression::WHOLE;
use crate::tree::{Attribute, Class, Function, Name, Parameter, Statement, StatementKind};

static MODIFIERS: &[&str] = &[
    "abstract",
    "async",
    "const",
    "expando",
    "explicit",
    "extern",
    "file",
    "final",
    "hide",
    "implicit",
    "internal",
    "native",
    "override",
    "partial",
    "private",
    "protected",
    "public",
    "readonly",
    "required",
    "sealed",
    "static",
    "strictfp",
    "synchronized",
    "transient",
    "unsafe",
    "virtual",
    "volatile",
    "fixed",
    "let",
    "var",
];

/// Words that say how an argument is passed, or that a parameter is many.
static PASSING: &[&str] = &["ref", "out", "in", "params", "this", "final", "readonly", "scoped", "var"];

/// What stands before a declaration.
#[derive(Default)]
pub(super) struct Head {
    /// What is said of it.
    pub(super) attributes: Vec<Attribute>,
    /// Whether a modifier stands there, so that a declaration must follow.
    pub(super) modified: bool,
}

/// Reads attributes and modifiers.
pub(super) fn head(parser: &mut Parser<'_, '_>) -> Head {
    let mut head = Head::default();
    loop {
        let word = parser.word(0);
        if parser.sign(0) == "["
            && parser.language == Language::CSharp
            && parser.close(parser.at) < parser.tokens.len()
        {
            sharp_attributes(parser, &mut head.attributes);
        } else if parser.sign(0) == "@" && !parser.word(1).is_empty() && parser.word(1) != "interface" {
            head.attributes.push(annotation(parser));
        } else if MODIFIERS.contains(&word) && is_modifier(parser, word) {
            parser.at += 1;
            head.modified |= word != "async";
        } else {
            return head;
        }
    }
}

/// Whether a word is a modifier here, and not a name, a block (`static {`) or a statement (`synchronized (x)`).
fn is_modifier(parser: &Parser<'_, '_>, word: &str) -> bool {
    match word {
        "synchronized" | "unsafe" | "fixed" => !matches!(parser.sign(1), "(" | "{"),
        "var" => parser.language == Language::JScript || parser.sign(1) == "(",
        "let" => parser.language == Language::JScript,
        "async" | "file" | "required" | "hide" | "expando" => !parser.word(1).is_empty(),
        _ => !matches!(parser.sign(1), "." | "=" | "(" | "["),
    }
}

/// `[A, B(x)]`, `[assembly: A]`.
fn sharp_attributes(parser: &mut Parser<'_, '_>, attributes: &mut Vec<Attribute>) {
    let close = parser.close(parser.at);
    parser.at += 1;
    while parser.at < close {
        if parser.sign(1) == ":" {
            parser.at += 2;
        }
        match parser.of_type() {
            Some(name) => attributes.push(attribute(parser, &name)),
            None => parser.pass_over(),
        }
        parser.eat(",");
    }
    parser.at = parser.at.max(close + 1).min(parser.tokens.len());
}

/// `@A(x)`.
fn annotation(parser: &mut Parser<'_, '_>) -> Attribute {
    parser.at += 1;
    let name = parser.of_type().unwrap_or_default();
    attribute(parser, &name)
}

fn attribute(parser: &mut Parser<'_, '_>, name: &str) -> Attribute {
    let arguments = if parser.eat("(") { arguments(parser) } else { Vec::new() };
    let name = name.strip_suffix("attribute").filter(|name| !name.is_empty()).unwrap_or(name);
    Attribute { name: name.into(), arguments }
}

/// Reads parameters between their brackets, which the parser stands before.
pub(super) fn parameters(parser: &mut Parser<'_, '_>) -> Vec<Parameter> {
    let close = parser.close(parser.at);
    parser.at += 1;
    let mut parameters = Vec::new();
    while parser.at < close && !parser.done() {
        let before = parser.at;
        if parser.eat(",") {
            continue;
        }
        parameters.extend(parameter(parser));
        if parser.at == before {
            parser.pass_over();
        }
    }
    parser.at = (close + 1).min(parser.tokens.len());
    parameters
}

fn parameter(parser: &mut Parser<'_, '_>) -> Option<Parameter> {
    head(parser);
    while PASSING.contains(&parser.word(0)) && !parser.word(1).is_empty() {
        parser.at += 1;
    }
    if parser.sign(0) == "..." {
        parser.at += 1;
    }
    let end = parser.type_end(parser.at);
    let typed =
        end.filter(|end| parser.language != Language::JScript && parser.may_be_name(parser.word_at(*end)));
    let mut of = None;
    if let Some(end) = typed {
        of = telling(parser.type_name(parser.at, end));
        parser.at = end;
    }
    let word = parser.word(0);
    if word.is_empty() {
        return None;
    }
    parser.at += 1;
    while parser.sign(0) == "[" {
        parser.pass_over();
    }
    if parser.eat(":") {
        of = parser.of_type().and_then(telling);
    }
    let default = parser.eat("=").then(|| parser.expression(WHOLE));
    Some(Parameter { name: name(word), of, default })
}

/// Reads a declaration, if one stands there: a class, function, property or variables.
pub(super) fn declaration(parser: &mut Parser<'_, '_>, head: &mut Head, out: &mut Vec<Statement>) -> bool {
    let line = parser.line();
    let word = parser.word(0);
    match word {
        "class" | "interface" | "struct" | "record" | "enum" | "module" if begins_class(parser) => {
            class(parser, head, out);
            return true;
        }
        "" if parser.sign(0) == "@" && parser.word(1) == "interface" => {
            parser.at += 1;
            class(parser, head, out);
            return true;
        }
        "function" if parser.language == Language::JScript && !parser.word(1).is_empty() => {
            script_function(parser, head, out);
            return true;
        }
        "event" | "delegate" if !parser.word(1).is_empty() => {
            parser.at += 1;
            return declaration(parser, head, out);
        }
        _ => {}
    }
    if parser.language == Language::JScript {
        if head.modified {
            variables(parser, None, out);
        }
        return head.modified;
    }
    parser.pass_type_parameters();
    if parser.sign(0) == "~" {
        parser.at += 1;
    }
    if is_constructor(parser, head.modified) {
        let name = name(parser.word(0));
        parser.at += 1;
        function(parser, name, head, line, out);
        return true;
    }
    let Some(end) = parser.type_end(parser.at) else { return false };
    typed(parser, end, head, line, out)
}

fn begins_class(parser: &Parser<'_, '_>) -> bool {
    parser.may_be_name(parser.word(1))
        && (parser.word(0) != "record" || !matches!(parser.sign(2), "=" | "" | ","))
}

/// `Name(…) {` is no call: it is a constructor, or a method that lost its type.
fn is_constructor(parser: &Parser<'_, '_>, modified: bool) -> bool {
    if !parser.may_be_name(parser.word(0)) || parser.sign(1) != "(" {
        return false;
    }
    let behind = parser.close(parser.at + 1) + 1;
    match parser.sign_at(behind) {
        "{" => true,
        ":" => matches!(parser.word_at(behind + 1), "base" | "this"),
        "=>" => modified,
        _ => parser.word_at(behind) == "throws",
    }
}

/// A declaration that begins with a type, which ends at a place.
fn typed(
    parser: &mut Parser<'_, '_>,
    end: usize,
    head: &mut Head,
    line: u32,
    out: &mut Vec<Statement>,
) -> bool {
    let mut at = end;
    let mut word = parser.word_at(at);
    if word == "operator" {
        at += 1;
        if parser.word_at(at).is_empty() {
            word = "operator";
        }
    }
    let indexer = word == "this" && parser.sign_at(at + 1) == "[";
    if !(indexer || parser.may_be_name(word)) {
        return false;
    }
    // `void I.Method()` implements a method of an interface.
    while parser.sign_at(at + 1) == "." && !parser.word_at(at + 2).is_empty() {
        at += 2;
        word = parser.word_at(at);
    }
    let generic = if parser.sign_at(at + 1) == "<" { parser.end_of_type_arguments(at + 1) } else { None };
    let behind = generic.unwrap_or(at + 1);
    let of = telling(parser.type_name(parser.at, end));
    match parser.sign_at(behind) {
        "(" => {
            parser.at = behind;
            function(parser, name(word), head, line, out);
        }
        "{" | "=>" => {
            parser.at = behind;
            property(parser, &name(word), of, head, line, out);
        }
        "[" if indexer => {
            parser.at = behind;
            parser.pass_over();
            property(parser, &name(word), of, head, line, out);
        }
        "=" | "," | ")" | "[" => {
            parser.at = at;
            variables(parser, of.as_ref(), out);
        }
        "" if parser.word_at(behind).is_empty() => {
            parser.at = at;
            variables(parser, of.as_ref(), out);
        }
        _ => return false,
    }
    true
}

/// Reads `a = 1, b`, or of JScript `a : T = 1, b`: one declaration each.
pub(super) fn variables(parser: &mut Parser<'_, '_>, of: Option<&Name>, out: &mut Vec<Statement>) {
    loop {
        let line = parser.line();
        let word = parser.word(0);
        if word.is_empty() {
            return deconstructed(parser, line, out);
        }
        parser.at += 1;
        let mut of = of.cloned();
        while parser.sign(0) == "[" {
            parser.pass_over();
        }
        if parser.eat(":") {
            of = parser.of_type().and_then(telling);
        }
        let value = parser.eat("=").then(|| parser.expression(WHOLE));
        out.push(Statement {
            line,
            kind: StatementKind::Declare { name: name(word), of, value: value.map(Box::new) },
        });
        if !parser.eat(",") {
            return;
        }
    }
}

/// `var (a, b) = f()`.
fn deconstructed(parser: &mut Parser<'_, '_>, line: u32, out: &mut Vec<Statement>) {
    if parser.sign(0) == "(" || parser.sign(0) == "[" || parser.sign(0) == "{" {
        out.push(evaluate(line, parser.expression(WHOLE)));
    }
}

/// Reads a function from its parameters on.
fn function(parser: &mut Parser<'_, '_>, name: Name, head: &mut Head, line: u32, out: &mut Vec<Statement>) {
    let parameters = parameters(parser);
    let mut body = Vec::new();
    if parser.eat(":") {
        // What is given to the constructor of the base is evaluated.
        let line = parser.line();
        let value = parser.expression(WHOLE);
        body.push(evaluate(line, value));
    }
    while !parser.at_end() && !matches!(parser.sign(0), "{" | "=>" | "}") {
        parser.at += 1;
    }
    body.extend(body_of(parser));
    let attributes = std::mem::take(&mut head.attributes);
    let function = Function { name, parameters, attributes, body, line };
    out.push(Statement { line, kind: StatementKind::Function(Box::new(function)) });
}

/// `{ … }`, `=> x`, or nothing.
fn body_of(parser: &mut Parser<'_, '_>) -> Vec<Statement> {
    if parser.eat("=>") {
        let body = parser.deeper(super::operand::lambda_body).unwrap_or_default();
        parser.eat_end();
        return body;
    }
    if parser.sign(0) == "{" {
        return parser.deeper(|parser| parser.collect(super::block)).unwrap_or_default();
    }
    parser.eat_end();
    Vec::new()
}

/// Reads a property from its body on. Without code in it it is a variable.
fn property(
    parser: &mut Parser<'_, '_>,
    name: &Name,
    of: Option<Name>,
    head: &mut Head,
    line: u32,
    out: &mut Vec<Statement>,
) {
    let mut functions = Vec::new();
    if parser.sign(0) == "=>" {
        functions.push((Vec::new(), body_of(parser)));
    } else {
        accessors(parser, &mut functions);
    }
    let value = parser.eat("=").then(|| parser.expression(WHOLE));
    parser.eat_end();
    if functions.is_empty() {
        out.push(Statement {
            line,
            kind: StatementKind::Declare { name: name.clone(), of, value: value.map(Box::new) },
        });
    }
    for (parameters, body) in functions {
        let attributes = std::mem::take(&mut head.attributes);
        let function = Function { name: name.clone(), parameters, attributes, body, line };
        out.push(Statement { line, kind: StatementKind::Function(Box::new(function)) });
    }
}

/// `{ get {…} set {…} }`.
fn accessors(parser: &mut Parser<'_, '_>, functions: &mut Vec<(Vec<Parameter>, Vec<Statement>)>) {
    let close = parser.close(parser.at);
    parser.at += 1;
    while parser.at < close && !parser.done() {
        let which = parser.word(0);
        let sets = matches!(which, "set" | "init" | "add" | "remove");
        if !(sets || which == "get") || !matches!(parser.sign(1), "{" | "=>") {
            parser.pass_over();
            continue;
        }
        parser.at += 1;
        let value = Parameter { name: "value".into(), of: None, default: None };
        functions.push((if sets { vec![value] } else { Vec::new() }, body_of(parser)));
    }
    parser.at = parser.at.max((close + 1).min(parser.tokens.len()));
}

/// Reads `function name(…) : T {…}` of JScript; `function get name()` is a property.
fn script_function(parser: &mut Parser<'_, '_>, head: &mut Head, out: &mut Vec<Statement>) {
    let line = parser.line();
    parser.at += 1;
    if matches!(parser.word(0), "get" | "set") && !parser.word(1).is_empty() {
        parser.at += 1;
    }
    let name = name(parser.word(0));
    parser.at += 1;
    if parser.sign(0) == "(" {
        function_of_script(parser, name, head, line, out);
    }
}

fn function_of_script(
    parser: &mut Parser<'_, '_>,
    name: Name,
    head: &mut Head,
    line: u32,
    out: &mut Vec<Statement>,
) {
    let parameters = parameters(parser);
    if parser.eat(":") {
        parser.of_type();
    }
    let body = body_of(parser);
    let function =
        Function { name, parameters, attributes: std::mem::take(&mut head.attributes), body, line };
    out.push(Statement { line, kind: StatementKind::Function(Box::new(function)) });
}

/// Reads a class from its keyword on.
fn class(parser: &mut Parser<'_, '_>, head: &mut Head, out: &mut Vec<Statement>) {
    let line = parser.line();
    let plain = parser.word(0) == "enum" && parser.language == Language::CSharp;
    parser.at += 1;
    if matches!(parser.word(0), "class" | "struct") {
        parser.at += 1;
    }
    let name = name(parser.word(0));
    parser.at += usize::from(!name.is_empty());
    parser.pass_type_parameters();
    if parser.sign(0) == "(" {
        parser.pass_over();
    }
    let bases = bases(parser);
    let members = if plain {
        parser.pass_over();
        Vec::new()
    } else if parser.sign(0) == "{" {
        parser.deeper(|parser| parser.collect(super::block)).unwrap_or_default()
    } else {
        Vec::new()
    };
    let attributes = std::mem::take(&mut head.attributes);
    out.push(Statement {
        line,
        kind: StatementKind::Class(Box::new(Class { name, bases, attributes, members })),
    });
}

/// `: A, B where T : C`, `extends A implements B, C`.
fn bases(parser: &mut Parser<'_, '_>) -> Vec<Name> {
    let mut bases = Vec::new();
    let mut of_type = true;
    while !parser.at_end() && !matches!(parser.sign(0), "{" | "}") {
        let word = parser.word(0);
        if word.is_empty() || matches!(word, "extends" | "implements" | "permits") {
            parser.at += 1;
        } else if word == "where" {
            of_type = false;
            parser.at += 1;
        } else {
            match parser.of_type() {
                Some(base) if of_type => bases.push(base),
                Some(_) => {}
                None => parser.at += 1,
            }
        }
    }
    bases
}
