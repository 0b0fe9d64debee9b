//! The objects that a server makes of tags, as the declarations that would make them.

use super::cursor::{call, name, named};
use crate::kind::Kind;
use crate::page::{Directive, Page};
use crate::tree::{Expression, New, Program, Statement, StatementKind};

/// Reads `<object runat="server" id="x" progid="y">` as `x = CreateObject("y")`, `<jsp:useBean id="x" class="y"/>` as
/// `x = new y()`.
pub fn objects(page: &Page<'_>) -> Program {
    let body = page.directives.iter().filter_map(|directive| {
        let value = made(page.kind, directive)?;
        let name = name(directive.attribute("id")?);
        let kind = StatementKind::Declare { name, of: None, value: Some(value) };
        Some(Statement { line: directive.line, kind })
    });
    Program { language: page.kind.language(), body: body.collect() }
}

fn made(kind: Kind, directive: &Directive<'_>) -> Option<Expression> {
    let line = directive.line;
    match (kind, &*directive.name) {
        (Kind::Asp, "object") => {
            let of = directive.attribute("progid").or_else(|| directive.attribute("classid"))?;
            Some(call("createobject", vec![Expression::text(of)], line))
        }
        (Kind::Jsp, "jsp:usebean") => {
            Some(New::expression(named(directive.attribute("class")?), Vec::new(), line))
        }
        _ => None,
    }
}
