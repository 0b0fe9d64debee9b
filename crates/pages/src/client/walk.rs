//! Walks scripts: first what names stand for, then what is done with what holds a password.

use crate::passwords::is_field;
use crate::signal::{Signal, Step};
use crate::tree::{Expression, Function, Name, Operator, Program, Statement, StatementKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Nothing is looked at that stands deeper.
const DEEPEST: u32 = 240;
/// How often names are gone through: what one name hands to another.
const TURNS: usize = 3;

/// Objects of the browser, which hold more than was put into them.
static AMBIENT: &[&str] = &["document", "window", "location", "self", "top", "parent", "$", "jquery"];

/// What gives of a password no more than a digest or a measure.
static DROPS: &[&str] = &[
    "encrypt",
    "hash",
    "indexof",
    "isempty",
    "isnan",
    "length",
    "match",
    "md5",
    "sha1",
    "sha256",
    "test",
    "trimlength",
    "validate",
];

/// What stands before an address that is hidden.
static DECODERS: &[&str] = &["atob", "decodeuricomponent", "fromcharcode", "unescape"];

/// Calls that ask a server.
static ASKS: &[&str] = &["ajax", "axios", "fetch", "get", "getjson", "post", "put", "request", "sendbeacon"];

/// What is known of names, and what was found.
#[derive(Default)]
pub(super) struct Walk {
    /// Names of fields of passwords.
    fields: FxHashSet<Name>,
    /// Names of what holds a password.
    holders: FxHashSet<Name>,
    /// Names of addresses of other servers.
    elsewhere: FxHashSet<Name>,
    /// What functions of the script are called with.
    parameters: FxHashMap<Name, Vec<Name>>,
    /// Whether a request was opened to another server.
    opened_elsewhere: bool,
    /// Whether a field of a password is named at all.
    sees_field: bool,
    learns: bool,
    line: u32,
    found: BTreeMap<(u32, &'static str), String>,
}

impl Walk {
    /// Learns what names stand for.
    pub(super) fn learn(&mut self, programs: &[Program]) {
        self.learns = true;
        for _ in 0..TURNS {
            let before = self.n_known();
            for program in programs {
                self.statements(&program.body, 0);
            }
            if self.n_known() == before {
                break;
            }
        }
        self.learns = false;
    }

    /// How much is known: where a turn adds nothing, the next one adds nothing either.
    fn n_known(&self) -> usize {
        self.fields.len() + self.holders.len() + self.elsewhere.len() + self.parameters.len()
    }

    /// Tells what is done with passwords.
    pub(super) fn tell(mut self, programs: &[Program]) -> Vec<Signal> {
        for program in programs {
            self.statements(&program.body, 0);
        }
        let signal = |((line, code), what)| Signal { code, line, path: vec![Step::of_page(line, what)] };
        let tells =
            |((_, code), _): &((u32, &str), String)| self.sees_field || *code != "form-sent-elsewhere";
        self.found.into_iter().filter(tells).map(signal).collect()
    }

    fn statements(&mut self, statements: &[Statement], depth: u32) {
        if depth > DEEPEST {
            return;
        }
        for statement in statements {
            self.line = statement.line;
            self.statement(&statement.kind, depth + 1);
        }
    }

    fn statement(&mut self, statement: &StatementKind, depth: u32) {
        match statement {
            StatementKind::Expression(of) | StatementKind::Return(Some(of)) => self.expression(of, depth),
            StatementKind::Declare { name, value: Some(value), .. } => {
                self.set(name, value);
                self.expression(value, depth);
            }
            StatementKind::Block(body) => self.statements(body, depth),
            StatementKind::Branch { condition, ways } => {
                self.expression(condition, depth);
                for way in ways {
                    self.statements(&way.body, depth);
                }
            }
            StatementKind::Loop { condition, each, body } => {
                if let Some(condition) = condition {
                    self.expression(condition, depth);
                }
                if let Some(each) = each {
                    self.set(&each.0, &each.1);
                }
                self.statements(body, depth);
            }
            StatementKind::Function(function) => {
                self.declare(&function.name, function);
                self.statements(&function.body, depth);
            }
            StatementKind::Class(class) => self.statements(&class.members, depth),
            _ => {}
        }
    }

    /// Notes what a function takes.
    fn declare(&mut self, name: &Name, function: &Function) {
        if self.learns && !name.is_empty() {
            let parameters = function.parameters.iter().map(|parameter| parameter.name.clone()).collect();
            self.parameters.insert(name.clone(), parameters);
        }
    }

    /// Notes what a name is set to.
    fn set(&mut self, name: &Name, value: &Expression) {
        if !self.learns || AMBIENT.contains(&&**name) {
            return;
        }
        if self.is_field(value, 0) {
            self.fields.insert(name.clone());
        }
        if self.holds(value, 0) {
            self.holders.insert(name.clone());
        }
        if self.is_elsewhere(value, 0) {
            self.elsewhere.insert(name.clone());
        }
        if let Expression::Function(function) = value {
            self.declare(name, function);
        }
    }

    fn expression(&mut self, expression: &Expression, depth: u32) {
        if depth > DEEPEST {
            return;
        }
        self.sees_field = self.sees_field || self.is_field(expression, 0);
        match expression {
            Expression::Assign { target, value, .. } => self.assigned(target, value),
            Expression::Call(call) => {
                self.line = call.line;
                self.called(&call.callee, &call.arguments);
            }
            Expression::Function(function) => self.statements(&function.body, depth + 1),
            _ => {}
        }
        each_part(expression, &mut |part| self.expression(part, depth + 1));
    }

    fn assigned(&mut self, target: &Expression, value: &Expression) {
        match target {
            Expression::Name(name) if &**name == "location" => self.leads(value, "location"),
            Expression::Name(name) => self.set(name, value),
            Expression::Member { of, name } => {
                let Expression::Name(member) = &**name else { return };
                match &**member {
                    "action" if self.is_elsewhere(value, 0) => self.note("form-sent-elsewhere", "action"),
                    "action" | "src" | "href" | "location" => self.leads(value, member),
                    "cookie" if self.holds(value, 0) => self.note("password-kept-by-script", "cookie"),
                    _ => {
                        if let Expression::Name(root) = &**of {
                            self.set(root, value);
                        }
                        self.set(member, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn called(&mut self, callee: &Expression, arguments: &[Expression]) {
        let name = last_name(callee);
        self.hand_over(name, arguments);
        let first_holds = arguments.first().is_some_and(|first| self.holds(first, 0));
        match (name, arguments) {
            ("open", [how, address, ..]) => {
                self.opened_elsewhere |= self.is_elsewhere(address, 0);
                self.leads(how, name);
                self.leads(address, name);
            }
            ("open" | "navigate", [address]) => self.leads(address, name),
            ("replace" | "assign", [address]) if is_location(callee) => self.leads(address, name),
            ("send", [_, ..]) if first_holds => self.sent(self.opened_elsewhere, name),
            ("setitem", [_, value, ..]) if self.holds(value, 0) => self.note("password-kept-by-script", name),
            ("setattribute" | "attr", [Expression::Text(which), value, ..]) => match which.as_str() {
                "src" | "href" => self.leads(value, name),
                "action" if self.is_elsewhere(value, 0) => self.note("form-sent-elsewhere", name),
                _ => {}
            },
            ("write", [_, ..]) if first_holds => self.note("password-in-address", name),
            _ if ASKS.contains(&name) => self.asked(name, arguments),
            _ => {}
        }
    }

    /// What a function is called with, its parameters hold.
    fn hand_over(&mut self, name: &str, arguments: &[Expression]) {
        let Some(parameters) = self.parameters.get(name).filter(|_| self.learns).cloned() else { return };
        for (parameter, argument) in parameters.iter().zip(arguments) {
            self.set(parameter, argument);
        }
    }

    /// A server is asked, with an address and what is sent, or with an object that holds both.
    fn asked(&mut self, name: &str, arguments: &[Expression]) {
        let Some((first, rest)) = arguments.split_first() else { return };
        let (address, sent): (Option<&Expression>, Vec<&Expression>) = match first {
            Expression::List(members) => (
                members.iter().find(|(key, _)| is_key(key.as_ref(), "url")).map(|(_, value)| value),
                members
                    .iter()
                    .filter(|(key, _)| !is_key(key.as_ref(), "url"))
                    .map(|(_, value)| value)
                    .collect(),
            ),
            first => (Some(first), rest.iter().collect()),
        };
        let is_elsewhere = address.is_some_and(|address| self.is_elsewhere(address, 0));
        if let Some(address) = address {
            self.leads(address, name);
        }
        if sent.iter().any(|sent| self.holds(sent, 0)) {
            self.sent(is_elsewhere, name);
        }
    }

    /// What holds a password is sent.
    fn sent(&mut self, is_elsewhere: bool, what: &str) {
        self.note(if is_elsewhere { "password-sent-by-script" } else { "password-posted-by-script" }, what);
    }

    /// A browser is led to an address.
    fn leads(&mut self, address: &Expression, what: &str) {
        if self.holds(address, 0) {
            self.note("password-in-address", what);
            if self.is_elsewhere(address, 0) {
                self.note("password-sent-by-script", what);
            }
        }
    }

    fn note(&mut self, code: &'static str, what: &str) {
        if !self.learns && self.found.len() < 256 {
            self.found.entry((self.line, code)).or_insert_with(|| what.chars().take(80).collect());
        }
    }

    /// Says whether an expression is a field of a password.
    fn is_field(&self, expression: &Expression, depth: u32) -> bool {
        if depth > DEEPEST {
            return false;
        }
        match expression {
            Expression::Name(name) => self.fields.contains(name) || is_field(name),
            Expression::Member { name, .. } => matches!(&**name, Expression::Name(name) if is_field(name)),
            Expression::Call(call) => {
                finds(&call.callee)
                    && call
                        .arguments
                        .iter()
                        .any(|argument| matches!(argument, Expression::Text(text) if is_field(text)))
            }
            Expression::Index { of, at: Some(at) } => {
                matches!(&**at, Expression::Text(text) if is_field(text)) || self.is_field(of, depth + 1)
            }
            _ => false,
        }
    }

    /// Says whether an expression holds what was typed into a field of a password.
    fn holds(&self, expression: &Expression, depth: u32) -> bool {
        if depth > DEEPEST {
            return false;
        }
        let holds = |of: &Expression| self.holds(of, depth + 1);
        match expression {
            Expression::Name(name) => self.holders.contains(name),
            Expression::Member { of, name } => match &**name {
                Expression::Name(member) if &**member == "value" => self.is_field(of, 0) || holds(of),
                Expression::Name(member) if DROPS.contains(&&**member) => false,
                Expression::Name(member) => holds(of) || self.holders.contains(member) && is_field(member),
                _ => holds(of),
            },
            Expression::Call(call) => self.gives(&call.callee, &call.arguments, depth),
            Expression::Index { of, .. } => holds(of),
            Expression::Binary { operator: Operator::Compare, .. }
            | Expression::Unary { .. }
            | Expression::Function(_) => false,
            other => {
                let mut any = false;
                each_part(other, &mut |part| any = any || holds(part));
                any
            }
        }
    }

    /// Says whether what a call gives holds a password.
    fn gives(&self, callee: &Expression, arguments: &[Expression], depth: u32) -> bool {
        let name = last_name(callee);
        if DROPS.iter().any(|drops| name.contains(drops)) {
            return false;
        }
        let of = match callee {
            Expression::Member { of, .. } => Some(&**of),
            _ => None,
        };
        match (name, of) {
            ("val", Some(of)) if arguments.is_empty() => self.is_field(of, 0),
            _ => {
                of.is_some_and(|of| self.holds(of, depth + 1))
                    || arguments.iter().any(|argument| self.holds(argument, depth + 1))
            }
        }
    }

    /// Says whether an address is of another server, or hidden.
    fn is_elsewhere(&self, expression: &Expression, depth: u32) -> bool {
        if depth > DEEPEST {
            return false;
        }
        match expression {
            Expression::Text(text) => {
                ["http://", "https://", "//"].iter().any(|start| text.starts_with(start))
            }
            Expression::Name(name) => self.elsewhere.contains(name),
            Expression::Binary { operator: Operator::Add | Operator::Join, left, .. } => {
                self.is_elsewhere(left, depth + 1)
            }
            Expression::Call(call) => {
                DECODERS.contains(&last_name(&call.callee))
                    && matches!(call.arguments.first(), Some(Expression::Text(_) | Expression::Number(_)))
            }
            _ => false,
        }
    }
}

/// Says whether a call finds an element by its name: `getElementById`, `querySelector`, `$`.
fn finds(callee: &Expression) -> bool {
    let name = last_name(callee);
    name.len() <= 5 || ["element", "query", "find", "item", "field"].iter().any(|part| name.contains(part))
}

fn is_location(callee: &Expression) -> bool {
    matches!(callee, Expression::Member { of, .. } if last_name(of) == "location")
}

fn is_key(key: Option<&Expression>, wanted: &str) -> bool {
    matches!(key, Some(Expression::Text(key)) if key.as_str() == wanted)
}

/// Returns the last part of what names something: of `a.b.c` it is `c`.
fn last_name(expression: &Expression) -> &str {
    match expression {
        Expression::Name(name) => name,
        Expression::Member { name, .. } => match &**name {
            Expression::Name(name) => name,
            _ => "",
        },
        _ => "",
    }
}

/// Goes through the expressions that an expression is made of.
fn each_part<'e>(expression: &'e Expression, each: &mut dyn FnMut(&'e Expression)) {
    match expression {
        Expression::Text(_)
        | Expression::Number(_)
        | Expression::Constant
        | Expression::Name(_)
        | Expression::TypeOf(_)
        | Expression::Function(_) => {}
        Expression::Computed(of) | Expression::Unary { of, .. } | Expression::Cast { value: of, .. } => {
            each(of);
        }
        Expression::Member { of, name } => {
            each(of);
            each(name);
        }
        Expression::Call(call) => {
            each(&call.callee);
            call.arguments.iter().for_each(each);
        }
        Expression::Index { of, at } => {
            each(of);
            if let Some(at) = at {
                each(at);
            }
        }
        Expression::New(made) => {
            each(&made.of);
            made.arguments.iter().chain(made.members.iter().map(|(_, value)| value)).for_each(each);
        }
        Expression::Binary { left, right, .. } => {
            each(left);
            each(right);
        }
        Expression::Assign { target, value, .. } => {
            each(target);
            each(value);
        }
        Expression::Choice(choice) => choice.condition.iter().chain(&choice.ways).for_each(each),
        Expression::List(members) => {
            for (key, value) in members {
                key.iter().for_each(&mut *each);
                each(value);
            }
        }
        Expression::Other(parts) => parts.iter().for_each(each),
    }
}
