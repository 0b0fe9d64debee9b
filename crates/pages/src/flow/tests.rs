//! Trees built by hand: what is followed, beside what only looks like it.

mod asp;
mod dotnet;
mod java;
mod php;

use super::{Followed, follow};
use crate::kind::{Kind, Language};
use crate::tree::{
    Attribute, Expression, Function, New, Operator, Parameter, Program, Statement, StatementKind,
};
use proptest::prelude::*;

fn name(name: &str) -> Expression {
    Expression::Name(name.into())
}

fn text(text: &str) -> Expression {
    Expression::text(text)
}

fn member(of: Expression, member: &str) -> Expression {
    Expression::Member { of: Box::new(of), name: Box::new(name(member)) }
}

fn call<const N: usize>(callee: Expression, arguments: [Expression; N]) -> Expression {
    Expression::call(callee, arguments.into(), 1)
}

fn index(of: Expression, at: Expression) -> Expression {
    Expression::Index { of: Box::new(of), at: Some(Box::new(at)) }
}

fn set(target: Expression, value: Expression) -> Expression {
    Expression::Assign { target: Box::new(target), operator: None, value: Box::new(value) }
}

fn plus(left: Expression, right: Expression) -> Expression {
    Expression::Binary { operator: Operator::Add, left: Box::new(left), right: Box::new(right) }
}

fn new(of: &str) -> Expression {
    New::expression(name(of), Vec::new(), 1)
}

/// What the visitor sends, in ASP.NET.
fn sent() -> Expression {
    index(name("request"), text("q"))
}

fn statement(kind: StatementKind) -> Statement {
    Statement { line: 1, kind }
}

fn run(expression: Expression) -> Statement {
    statement(StatementKind::Expression(expression))
}

fn function(of: &str, parameters: &[&str], body: Vec<Statement>) -> Function {
    let parameters =
        parameters.iter().map(|name| Parameter { name: (*name).into(), of: None, default: None }).collect();
    Function { name: of.into(), parameters, attributes: Vec::new(), body, line: 1 }
}

fn parse_nothing(language: Language, _text: &str) -> Program {
    Program { language, body: Vec::new() }
}

fn followed(kind: Kind, body: Vec<Statement>) -> Followed {
    let language = match kind {
        Kind::Aspx | Kind::Asmx => Language::JScript,
        kind => kind.language(),
    };
    follow(kind, &[Program { language, body }], &parse_nothing, &|_, _| None)
}

fn codes(kind: Kind, body: Vec<Statement>) -> Vec<&'static str> {
    followed(kind, body).signals.into_iter().map(|signal| signal.code).collect()
}

#[test]
fn what_the_visitor_sends_is_followed_through_variables_to_an_evaluation() {
    let body = vec![
        run(set(name("x"), sent())),
        run(set(name("y"), name("x"))),
        run(call(name("eval"), [name("y")])),
    ];
    let followed = followed(Kind::Aspx, body);
    let signal =
        followed.signals.iter().find(|signal| signal.code == "visitor-evaluated").expect("is followed");
    let way: Vec<&str> = signal.path.iter().map(|step| &*step.what).collect();
    assert_eq!(way, ["request(q)", "x", "y", "eval"]);
}

#[test]
fn a_variable_that_is_set_again_holds_nothing_of_the_visitor() {
    let body = vec![
        run(set(name("x"), sent())),
        run(set(name("x"), text("1"))),
        run(call(name("eval"), [name("x")])),
    ];
    assert!(!codes(Kind::Aspx, body).contains(&"visitor-evaluated"));
}

#[test]
fn a_member_of_the_same_name_is_no_statement() {
    let body = vec![
        run(set(name("conn"), call(member(name("server"), "createobject"), [text("ADODB.Connection")]))),
        run(call(
            member(name("conn"), "execute"),
            [plus(text("select "), call(name("request"), [text("q")]))],
        )),
    ];
    assert_eq!(codes(Kind::Asp, body), ["visitor-in-query"]);
    let body = vec![run(call(name("execute"), [call(name("request"), [text("q")])]))];
    assert_eq!(codes(Kind::Asp, body), ["visitor-evaluated"]);
}

#[test]
fn what_is_bound_is_no_evaluation() {
    let body = vec![run(call(name("eval"), [sent()]))];
    let program = Program { language: Language::CSharp, body: body.clone() };
    assert_eq!(follow(Kind::Aspx, &[program], &parse_nothing, &|_, _| None).signals, []);
    assert_eq!(codes(Kind::Aspx, body), ["visitor-evaluated"]);
}

#[test]
fn a_command_is_told_from_a_part_of_one() {
    let start = |command| run(call(member(name("process"), "start"), [command]));
    assert_eq!(codes(Kind::Aspx, vec![start(sent())]), ["visitor-started"]);
    assert_eq!(codes(Kind::Aspx, vec![start(plus(text("cmd.exe /c "), sent()))]), ["visitor-started"]);
    assert_eq!(codes(Kind::Aspx, vec![start(plus(text("ping.exe -n 1 "), sent()))]), ["visitor-in-command"]);
    assert_eq!(codes(Kind::Aspx, vec![start(text("ping.exe"))]), ["fixed-command"]);
}

#[test]
fn what_is_set_on_an_object_reaches_what_the_object_does() {
    let info = member(name("p"), "startinfo");
    let body = vec![
        run(set(name("p"), new("System.Diagnostics.Process"))),
        run(set(member(info, "arguments"), plus(text("/c "), sent()))),
        run(call(member(name("p"), "start"), [])),
    ];
    assert_eq!(codes(Kind::Aspx, lowered(body)), ["visitor-started"]);
}

/// The parsers give names in small letters.
fn lowered(body: Vec<Statement>) -> Vec<Statement> {
    body.into_iter()
        .map(|statement| match statement.kind {
            StatementKind::Expression(Expression::Assign { target, operator, value }) => {
                let value = match *value {
                    Expression::New(mut made) => {
                        if let Expression::Name(name) = &mut made.of {
                            *name = name.to_lowercase().into();
                        }
                        Expression::New(made)
                    }
                    other => other,
                };
                run(Expression::Assign { target, operator, value: Box::new(value) })
            }
            kind => Statement { line: statement.line, kind },
        })
        .collect()
}

#[test]
fn a_web_methods_parameter_is_the_visitors_and_another_methods_is_not() {
    let body = vec![run(call(name("eval"), [name("x")]))];
    let mut method = function("invoke", &["x"], body);
    let plain = statement(StatementKind::Function(Box::new(method.clone())));
    assert_eq!(codes(Kind::Asmx, vec![plain]), ["evaluates"]);
    method.attributes.push(Attribute { name: "webmethod".into(), arguments: Vec::new() });
    let web = statement(StatementKind::Function(Box::new(method)));
    assert_eq!(codes(Kind::Asmx, vec![web]), ["visitor-evaluated"]);
}

#[test]
fn arguments_go_into_functions_and_come_back() {
    let same = function("same", &["a"], vec![statement(StatementKind::Return(Some(name("a"))))]);
    let none = function("none", &["a"], vec![statement(StatementKind::Return(Some(text("1"))))]);
    let through = |function: &str| {
        vec![
            statement(StatementKind::Function(Box::new(same.clone()))),
            statement(StatementKind::Function(Box::new(none.clone()))),
            run(call(name("eval"), [call(name(function), [sent()])])),
        ]
    };
    assert_eq!(codes(Kind::Aspx, through("same")), ["visitor-evaluated"]);
    assert_eq!(codes(Kind::Aspx, through("none")), ["constant-evaluated"]);
}

#[test]
fn ways_of_a_branch_are_joined_and_do_not_see_each_other() {
    let branch = |first: Expression, second: Expression| {
        statement(StatementKind::Branch {
            condition: Box::new(name("c")),
            ways: vec![vec![run(first)].into(), vec![run(second)].into()],
        })
    };
    let joined = vec![
        run(set(name("x"), text("1"))),
        branch(set(name("x"), sent()), set(name("z"), text("2"))),
        run(call(name("eval"), [name("x")])),
    ];
    assert!(codes(Kind::Aspx, joined).contains(&"visitor-evaluated"));
    let apart =
        vec![run(set(name("x"), text("1"))), branch(set(name("x"), sent()), call(name("eval"), [name("x")]))];
    assert_eq!(codes(Kind::Aspx, apart), ["constant-evaluated"]);
}

#[test]
fn the_session_carries_from_one_function_to_another() {
    let writes = function("a", &[], vec![run(set(index(name("session"), text("k")), sent()))]);
    let reads = function("b", &[], vec![run(call(name("eval"), [index(name("session"), text("K"))]))]);
    let other = function("b", &[], vec![run(call(name("eval"), [index(name("session"), text("other"))]))]);
    let page = |first: &Function, second: &Function| {
        vec![
            statement(StatementKind::Function(Box::new(first.clone()))),
            statement(StatementKind::Function(Box::new(second.clone()))),
        ]
    };
    assert!(codes(Kind::Aspx, page(&writes, &reads)).contains(&"visitor-evaluated"));
    assert!(codes(Kind::Aspx, page(&reads, &writes)).contains(&"visitor-evaluated"), "in the other order");
    assert!(!codes(Kind::Aspx, page(&writes, &other)).contains(&"visitor-evaluated"));
}

#[test]
fn hidden_names_are_put_together() {
    let hidden =
        Expression::Index { of: Box::new(name("this")), at: Some(Box::new(plus(text("ev"), text("al")))) };
    assert_eq!(codes(Kind::Aspx, vec![run(call(hidden, [sent()]))]), ["visitor-evaluated"]);
    let other =
        Expression::Index { of: Box::new(name("this")), at: Some(Box::new(plus(text("ev"), text("ent")))) };
    assert_eq!(codes(Kind::Aspx, vec![run(call(other, [sent()]))]), [""; 0]);
}

#[test]
fn an_evaluated_text_is_a_program() {
    let parse = |language: Language, text: &str| {
        assert_eq!((language, text), (Language::Php, "inner"));
        let body = vec![run(call(name("system"), [index(name("$_get"), Expression::text("c"))]))];
        Program { language, body }
    };
    let decoded = call(name("base64_decode"), [text("aW5uZXI=")]);
    let program = Program { language: Language::Php, body: vec![run(call(name("eval"), [decoded]))] };
    let signals = follow(Kind::Php, &[program], &parse, &|_, _| None).signals;
    let codes: Vec<&str> = signals.iter().map(|signal| signal.code).collect();
    assert_eq!(codes, ["hidden-evaluated", "visitor-started"]);
}

#[test]
fn a_loop_that_decodes_into_an_evaluation_is_found() {
    let decoded = Expression::Assign {
        target: Box::new(name("x")),
        operator: Some(Operator::Join),
        value: Box::new(call(name("chr"), [call(name("asc"), [name("y")])])),
    };
    let body = vec![
        run(set(name("x"), text(""))),
        statement(StatementKind::Loop { condition: None, each: None, body: vec![run(decoded)] }),
        run(call(name("execute"), [name("x")])),
    ];
    assert_eq!(codes(Kind::Asp, body), ["decoded-evaluated"]);
}

#[test]
fn a_page_that_is_too_much_is_not_followed_to_its_end() {
    // Each function calls the next one three times, with arguments that are never the same.
    let functions = (0..14).map(|n| {
        let inner =
            |turn: i64| run(call(name(&format!("f{}", n + 1)), [plus(name("a"), text(&turn.to_string()))]));
        statement(StatementKind::Function(Box::new(function(
            &format!("f{n}"),
            &["a"],
            (0..48).map(inner).collect(),
        ))))
    });
    let mut body: Vec<Statement> = functions.collect();
    body.push(run(call(name("f0"), [text("x")])));
    assert_eq!(followed(Kind::Php, body).signals, []);
}

fn any_expression() -> impl Strategy<Value = Expression> {
    let words = prop::sample::select(vec![
        "request",
        "eval",
        "x",
        "y",
        "f",
        "g",
        "process",
        "start",
        "chr",
        "base64_decode",
        "$_get",
        "$x",
        "session",
        "new",
        "file",
        "create",
        "this",
        "method",
        "invoke",
        "getmethod",
        "array_map",
        "execute",
        "startinfo",
        "response",
        "write",
    ]);
    let leaf = prop_oneof![
        words.clone().prop_map(name),
        "[a-z0-9=]{0,8}".prop_map(|word| text(&word)),
        any::<i64>().prop_map(Expression::Number),
        Just(Expression::Constant),
    ];
    leaf.prop_recursive(6, 48, 4, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            (inner.clone(), prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(callee, arguments)| Expression::call(callee, arguments, 1)),
            (boxed.clone(), boxed.clone()).prop_map(|(of, name)| Expression::Member { of, name }),
            (boxed.clone(), prop::option::of(boxed.clone()))
                .prop_map(|(of, at)| Expression::Index { of, at }),
            (boxed.clone(), boxed.clone()).prop_map(|(target, value)| Expression::Assign {
                target,
                operator: None,
                value
            }),
            (any_operator(), boxed.clone(), boxed.clone())
                .prop_map(|(operator, left, right)| Expression::Binary { operator, left, right }),
            (any_operator(), boxed.clone()).prop_map(|(operator, of)| Expression::Unary { operator, of }),
            boxed.clone().prop_map(Expression::Computed),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expression::Other),
            prop::collection::vec(inner.clone().prop_map(|member| (None, member)), 0..4)
                .prop_map(Expression::List),
            (inner.clone(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(of, arguments)| New::expression(of, arguments, 1)),
            prop::collection::vec(inner, 0..3).prop_map(|body| {
                Expression::Function(Box::new(function("", &["x"], body.into_iter().map(run).collect())))
            }),
        ]
    })
}

fn any_operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec![
        Operator::Add,
        Operator::Join,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
        Operator::Remainder,
        Operator::Xor,
        Operator::ShiftLeft,
        Operator::ShiftRight,
        Operator::Invert,
        Operator::Compare,
    ])
}

fn any_statement() -> impl Strategy<Value = Statement> {
    let leaf = any_expression().prop_map(run);
    leaf.prop_recursive(3, 24, 4, |inner| {
        let body = prop::collection::vec(inner, 0..4);
        prop_oneof![
            body.clone().prop_map(|body| statement(StatementKind::Block(body))),
            (any_expression(), prop::collection::vec(body.clone(), 0..3)).prop_map(|(condition, ways)| {
                let ways = ways.into_iter().map(Into::into).collect();
                statement(StatementKind::Branch { condition: Box::new(condition), ways })
            }),
            (any_expression(), body.clone()).prop_map(|(of, body)| statement(StatementKind::Loop {
                condition: None,
                each: Some(Box::new(("x".into(), of))),
                body
            })),
            body.prop_map(|body| statement(StatementKind::Function(Box::new(function(
                "f",
                &["x", "y"],
                body
            ))))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_is_followed_the_same_way_twice(body in prop::collection::vec(any_statement(), 0..8)) {
        for kind in [Kind::Aspx, Kind::Asp, Kind::Jsp, Kind::Php] {
            let program = Program { language: kind.language(), body: body.clone() };
            let parse = |language, _: &str| Program { language, body: body.clone() };
            let once = follow(kind, std::slice::from_ref(&program), &parse, &|_, _| None);
            let twice = follow(kind, &[program], &parse, &|_, _| None);
            prop_assert_eq!(&once, &twice);
            for signal in &once.signals {
                prop_assert!(signal.meaning().is_some(), "{} is no row of the table", signal.code);
            }
        }
    }
}
