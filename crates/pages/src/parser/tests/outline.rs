//! Trees as short text, without lines, and how high they are.

use crate::tree::{Attribute, Class, Expression, Function, New, Program, Statement, StatementKind};
use std::fmt::Write;

/// Writes a program out: a statement a line, what stands in it further in.
pub(super) fn outline(program: &Program) -> String {
    let mut out = String::new();
    statements(&program.body, 0, &mut out);
    out
}

fn statements(body: &[Statement], depth: usize, out: &mut String) {
    for statement in body {
        out.push_str(&"  ".repeat(depth));
        kind(&statement.kind, depth, out);
    }
}

fn kind(kind: &StatementKind, depth: usize, out: &mut String) {
    let mut within = Vec::new();
    match kind {
        StatementKind::Expression(value) => out.push_str(&expression(value)),
        StatementKind::Declare { name, of, value } => {
            write!(out, "let {name}").unwrap();
            *out += &of.as_ref().map_or(String::new(), |of| format!(": {of}"));
            *out += &value.as_ref().map_or(String::new(), |value| format!(" = {}", expression(value)));
        }
        StatementKind::Block(body) => {
            *out += "block";
            within.push(body);
        }
        StatementKind::Branch { condition, ways } => {
            write!(out, "branch {}", expression(condition)).unwrap();
            within.extend(ways.iter().map(|way| &way.body));
        }
        StatementKind::Loop { condition, each, body } => {
            *out += "loop";
            *out +=
                &condition.as_ref().map_or(String::new(), |condition| format!(" {}", expression(condition)));
            *out += &each
                .as_ref()
                .map_or(String::new(), |each| format!(" {} in {}", each.0, expression(&each.1)));
            within.push(body);
        }
        StatementKind::Return(value) => {
            *out += "return";
            *out += &value.as_ref().map_or(String::new(), |value| format!(" {}", expression(value)));
        }
        StatementKind::Function(of) => {
            *out += &head(of);
            within.push(&of.body);
        }
        StatementKind::Class(of) => {
            write!(out, "{}class {} : {}", attributes(&of.attributes), of.name, of.bases.join(", ")).unwrap();
            within.push(&of.members);
        }
        StatementKind::Import { name, alias } => write!(out, "import {name} as {alias:?}").unwrap(),
        StatementKind::Global(names) => write!(out, "global {}", names.join(", ")).unwrap(),
        StatementKind::Markup => *out += "markup",
    }
    out.push('\n');
    for (n, body) in within.iter().enumerate() {
        if n > 0 {
            writeln!(out, "{}or", "  ".repeat(depth)).unwrap();
        }
        statements(body, depth + 1, out);
    }
}

fn attributes(attributes: &[Attribute]) -> String {
    attributes.iter().map(|of| format!("@{}({}) ", of.name, list(&of.arguments))).collect::<Vec<_>>().concat()
}

fn head(of: &Function) -> String {
    let parameters: Vec<String> = of
        .parameters
        .iter()
        .map(|parameter| {
            let of = parameter.of.as_ref().map_or(String::new(), |of| format!(": {of}"));
            let default =
                parameter.default.as_ref().map_or(String::new(), |value| format!(" = {}", expression(value)));
            format!("{}{of}{default}", parameter.name)
        })
        .collect();
    format!("{}function {}({})", attributes(&of.attributes), of.name, parameters.join(", "))
}

fn inline(body: &[Statement]) -> String {
    let mut out = String::new();
    statements(body, 0, &mut out);
    format!("{{ {} }}", out.trim_end().replace('\n', "; "))
}

fn class(of: &Class) -> String {
    format!("class {} : {} {}", of.name, of.bases.join(", "), inline(&of.members))
}

fn list(of: &[Expression]) -> String {
    of.iter().map(expression).collect::<Vec<_>>().join(", ")
}

fn expression(of: &Expression) -> String {
    match of {
        Expression::Text(text) => format!("{text:?}"),
        Expression::Number(number) => number.to_string(),
        Expression::Constant => "constant".into(),
        Expression::Name(name) => name.to_string(),
        Expression::Computed(of) => format!("${{{}}}", expression(of)),
        Expression::Member { of, name } => format!("{}.{}", expression(of), expression(name)),
        Expression::Call(call) => format!("{}({})", expression(&call.callee), list(&call.arguments)),
        Expression::Index { of, at } => {
            format!("{}[{}]", expression(of), at.as_ref().map_or(String::new(), |at| expression(at)))
        }
        Expression::New(made) => {
            let New { of, arguments, members, class: body, .. } = &**made;
            let members = members
                .iter()
                .map(|(name, value)| format!(" .{name} = {}", expression(value)))
                .collect::<Vec<_>>()
                .concat();
            let body = body.as_ref().map_or(String::new(), |body| format!(" {}", class(body)));
            format!("new {}({}){members}{body}", expression(of), list(arguments))
        }
        Expression::Binary { operator, left, right } => {
            format!("({} {operator:?} {})", expression(left), expression(right))
        }
        Expression::Unary { operator, of } => format!("{operator:?} {}", expression(of)),
        Expression::Assign { target, operator, value } => {
            let operator = operator.map_or(String::new(), |operator| format!("{operator:?}"));
            format!("{} {operator}:= {}", expression(target), expression(value))
        }
        Expression::Choice(choice) => {
            let condition = choice.condition.as_ref().map_or("it".to_owned(), expression);
            format!("{condition} ? [{}]", list(&choice.ways))
        }
        Expression::Cast { to, value } => format!("({to}){}", expression(value)),
        Expression::TypeOf(name) => format!("type {name}"),
        Expression::List(items) => {
            let item = |(key, value): &(Option<Expression>, Expression)| {
                key.as_ref().map_or(String::new(), |key| format!("{}: ", expression(key)))
                    + &expression(value)
            };
            format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(", "))
        }
        Expression::Function(of) => format!("{} {}", head(of), inline(&of.body)),
        Expression::Other(of) => format!("other[{}]", list(of)),
    }
}

/// How many steps lie between the root and what lies deepest: brackets of the derived text that are open at once.
pub(super) fn height(program: &Program) -> usize {
    let (mut open, mut highest) = (0usize, 0);
    for byte in format!("{program:?}").bytes() {
        match byte {
            b'(' | b'{' | b'[' => open += 1,
            b')' | b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        highest = highest.max(open);
    }
    highest
}
