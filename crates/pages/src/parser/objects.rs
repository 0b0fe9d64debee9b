//! What tags of a page do that the server reads itself: they make objects, and take in other files.

use super::cursor::{call, name, named};
use super::program_of_text;
use crate::kind::{Kind, Language};
use crate::page::{Directive, Page, Tag};
use crate::tree::{Expression, New, Operator, Program, Statement, StatementKind};

/// Reads `<object runat="server" id="x" progid="y">` as `x = CreateObject("y")`, `<jsp:useBean id="x" class="y"/>` as
/// `x = new y()`, `<!--#include file="x"-->` as `#include("x")`.
pub fn objects(page: &Page<'_>) -> Program {
    let body = page.directives.iter().filter_map(|directive| {
        let kind = match made(page.kind, directive) {
            Some(value) => StatementKind::Declare {
                name: name(directive.attribute("id")?),
                of: None,
                value: Some(Box::new(value)),
            },
            None => StatementKind::Expression(taken_in(page.kind, directive)?),
        };
        Some(Statement { line: directive.line, kind })
    });
    Program { language: page.kind.language(), body: body.collect() }
}

fn made(kind: Kind, directive: &Directive<'_>) -> Option<Expression> {
    let line = directive.line;
    match (kind, &*directive.name) {
        (Kind::Asp | Kind::Aspx, "object") => {
            let of = directive.attribute("progid").or_else(|| directive.attribute("classid"))?;
            Some(call("createobject", vec![Expression::text(of)], line))
        }
        (Kind::Jsp, "jsp:usebean") => {
            Some(New::expression(named(directive.attribute("class")?), Vec::new(), line))
        }
        _ => None,
    }
}

fn taken_in(kind: Kind, directive: &Directive<'_>) -> Option<Expression> {
    let (tag, _, place) = Tag::all(kind, directive).find(|(tag, ..)| !tag.function.is_empty())?;
    Some(call(tag.function, vec![worked_out(place)], directive.line))
}

/// What stands around an expression in an attribute.
const MARKS: [(&str, &str); 3] = [("<%=", "%>"), ("${", "}"), ("#{", "}")];

/// Reads an attribute of a Java Server Page: a text, with an expression at one place of it.
fn worked_out(text: &str) -> Expression {
    let found = MARKS.iter().find_map(|(open, close)| {
        let (before, rest) = text.split_once(open)?;
        let (inside, behind) = rest.split_once(close)?;
        Some((before, inside, behind))
    });
    let Some((before, inside, behind)) = found else { return Expression::text(text) };
    let mut inner = program_of_text(Language::Java, inside).body.into_iter();
    let inner = match inner.next().map(|statement| statement.kind) {
        Some(StatementKind::Expression(expression)) => expression,
        _ => Expression::text(inside),
    };
    let joined = |left: Expression, right: Expression| Expression::Binary {
        operator: Operator::Join,
        left: Box::new(left),
        right: Box::new(right),
    };
    let begun = if before.is_empty() { inner } else { joined(Expression::text(before), inner) };
    if behind.is_empty() { begun } else { joined(begun, Expression::text(behind)) }
}

#[cfg(test)]
mod tests {
    use crate::judge;
    use crate::kind::Kind;

    fn codes(kind: Kind, page: &str) -> Vec<&'static str> {
        judge(page.as_bytes(), kind).signals.iter().map(|signal| signal.code).collect()
    }

    #[test]
    fn a_picture_that_is_taken_in_is_run() {
        let page = |file: &str| format!("<!--#include file=\"{file}\"--><p>x</p>");
        assert_eq!(codes(Kind::Asp, &page("images/x.JPG")), ["data-included"]);
        for file in ["menu.txt", "x.inc", "x.asp"] {
            assert!(codes(Kind::Asp, &page(file)).is_empty(), "{file}");
        }
    }

    #[test]
    fn a_visitor_who_says_what_is_taken_in_is_told() {
        let page = |place: &str| format!("<jsp:include page=\"{place}\"/>");
        assert_eq!(
            codes(Kind::Jsp, &page("<%= request.getParameter(&quot;q&quot;) %>")),
            ["visitor-included"]
        );
        assert_eq!(codes(Kind::Jsp, &page("${param.q}")), ["visitor-included"]);
        assert_eq!(codes(Kind::Jsp, &page("/x/${param.q}.jsp")), ["visitor-in-include"]);
        assert!(codes(Kind::Jsp, &page("${example.q}")).is_empty());
        assert_eq!(codes(Kind::Jsp, "<c:import url=\"${param.q}\"/>"), ["visitor-fetched"]);
        assert!(codes(Kind::Jsp, "<c:import url=\"https://example.org/\"/>").is_empty());
    }
}
