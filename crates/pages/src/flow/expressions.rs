//! Works out what expressions give.

use super::Walker;
use super::fold::{self, Fold};
use super::functions::Functions;
use super::tables::{Does, FUNCTION, Family};
use super::value::{Known, Marks, Parts, Value, joined};
use crate::tree::{Expression, Function, Name, Operator};
use std::rc::Rc;

/// What the names of libraries begin with: no controls of the page.
const NAMESPACES: &[&str] = &["system", "microsoft", "java", "javax"];

impl<'t> Walker<'_, '_, 't> {
    /// Works out what an expression gives, and walks what it calls.
    pub(super) fn value(&mut self, expression: &'t Expression) -> Value {
        if !self.state.step() {
            return Value::default();
        }
        self.state.nesting += 1;
        let value = self.value_of(expression);
        self.state.nesting -= 1;
        value
    }

    // Apart, so that what it gives is made where it is wanted and not copied.
    #[inline(never)]
    fn value_of(&mut self, expression: &'t Expression) -> Value {
        match expression {
            Expression::Text(text) => Value::shared(text),
            Expression::Number(number) => Value::number(*number),
            Expression::Constant => Value::fixed(),
            Expression::Name(name) => self.name(name),
            Expression::Computed(of) => self.computed(of),
            Expression::Member { of, name } => self.member(of, name),
            Expression::Call(call) => self.call(&call.callee, &call.arguments, call.line),
            Expression::Index { of, at } => self.index(of, at.as_deref()),
            Expression::New(made) => self.new_object(made),
            Expression::Binary { operator, left, right } => self.binary(*operator, left, right),
            Expression::Unary { operator, of } => {
                let value = self.value(of);
                match (operator, &value.known) {
                    (Operator::Subtract, Known::Number(number)) => Value::number(number.wrapping_neg()),
                    (Operator::Invert, Known::Number(number)) => Value::number(!number),
                    (Operator::Invert, known) => {
                        known.bytes().map_or_else(Value::fixed, |bytes| inverted(&bytes))
                    }
                    _ => Value::fixed(),
                }
            }
            Expression::Assign { target, operator, value } => self.assign(target, *operator, value),
            Expression::Choice(choice) => {
                if let Some(condition) = &choice.condition {
                    self.value(condition);
                }
                let mut joined: Option<Value> = None;
                for way in &choice.ways {
                    let value = self.value(way);
                    joined = Some(joined.map_or_else(|| value.clone(), |joined| joined.join(&value)));
                }
                joined.unwrap_or_default()
            }
            Expression::Cast { to, value } => self.cast(to, value),
            Expression::TypeOf(name) => self.type_value(name),
            Expression::List(members) => self.list(members),
            Expression::Function(function) => self.lambda(function, &Value::default()),
            Expression::Other(parts) => {
                let mut any = Value::default();
                for part in parts {
                    any.absorb(&self.value(part));
                }
                any
            }
        }
    }

    fn name(&mut self, name: &'t str) -> Value {
        if let Some(value) = self.state.scope.get(name) {
            return value.clone();
        }
        if let Some(does) = self.state.tables.function(name) {
            return self.function_as_value(name, does).unwrap_or_else(|| self.apply(does, name, None, &[]));
        }
        if self.calls_without_brackets()
            && let Some(id) = self.page.find(name, 0)
            && !self.frames.iter().any(|frame| frame.function == id)
        {
            return self.walk_into(id, &[]);
        }
        self.type_value(name)
    }

    /// Returns a function of the language that gives control, as a value: `var run = eval`.
    fn function_as_value(&self, name: &str, does: &[Does]) -> Option<Value> {
        let has_such = matches!(self.state.family, Family::Asp | Family::AspJScript | Family::DotNetJScript);
        let reaches = has_such && does.iter().any(|does| matches!(does, Does::Reaches(..)));
        reaches.then(|| Value { of: Some(FUNCTION), ..Value::text(name) })
    }

    /// Returns whether a bare name may be a call: of a function in Basic, of a property.
    fn calls_without_brackets(&self) -> bool {
        !matches!(self.state.family, Family::Php | Family::Java)
    }

    /// Returns the type, namespace or unknown thing that a name stands for.
    pub(super) fn type_value(&self, name: &str) -> Value {
        let name = self.page.alias(name);
        if let Some(class) = self.page.class_named(name) {
            return Value { of: class.base, marks: Marks::STATIC.and(Marks::FIXED), ..Value::default() };
        }
        let of = self.state.tables.type_named(name);
        let marks = match of {
            Some(_) => Marks::STATIC.and(Marks::FIXED),
            None if NAMESPACES.contains(&name) => Marks::STATIC,
            None => Marks::UNDECLARED,
        };
        Value { marks, of, ..Value::default() }
    }

    fn computed(&mut self, of: &'t Expression) -> Value {
        let name = self.value(of);
        let Some(text) = name.full_text() else { return name.carried() };
        let variable = format!("${}", text.trim_start_matches('$'));
        let small = variable.to_ascii_lowercase();
        if let Some(does) = self.state.tables.function(&small) {
            return self.apply(does, &small, None, &[]);
        }
        self.state.scope.get(&variable).cloned().unwrap_or_default()
    }

    fn member(&mut self, of: &'t Expression, name: &'t Expression) -> Value {
        let receiver = self.value(of);
        match name {
            Expression::Name(name) if !name.starts_with('$') => {
                let value = self.member_named(&receiver, name);
                if let Expression::Name(control) = of { value.of_field(control) } else { value }
            }
            _ => {
                let name = self.value(name);
                match name.full_text() {
                    Some(text) => self.member_named(&receiver, &text.to_ascii_lowercase()),
                    None => receiver.any_member(),
                }
            }
        }
    }

    /// Works out the member of a value.
    pub(super) fn member_named(&mut self, receiver: &Value, name: &str) -> Value {
        let tables = self.state.tables;
        if let Some(part) = receiver.parts.as_ref().and_then(|parts| parts.named.get(name)) {
            let does = receiver.of.and_then(|of| tables.exactly(of, name));
            let of = part.of.or(match does {
                Some([.., Does::Makes(of)]) => Some(*of),
                _ => None,
            });
            return Value { of, ..part.clone() };
        }
        if let Some(does) = receiver.of.and_then(|of| tables.exactly(of, name)) {
            return self.apply(does, name, Some(receiver), &[]);
        }
        if receiver.of.is_none() {
            if let Some(value) = self.state.scope.get(name)
                && receiver.sources.is_empty()
            {
                return value.clone();
            }
            if let Some(id) = self.page.find(name, 0)
                && self.page.get(id).function.parameters.is_empty()
                && !self.frames.iter().any(|frame| frame.function == id)
            {
                return self.walk_into(id, &[]);
            }
        }
        let undeclared = receiver.marks.has(Marks::UNDECLARED);
        if let Some(does) = tables.member(receiver.of, undeclared, name) {
            return self.apply(does, name, Some(receiver), &[]);
        }
        if undeclared || receiver.marks.has(Marks::STATIC) {
            let value = self.type_value(name);
            if receiver.of.is_none() && !undeclared && value.of.is_none() {
                // A part of a namespace.
                return receiver.clone();
            }
            if value.of.is_some() || receiver.sources.is_empty() {
                return value;
            }
        }
        receiver.carried()
    }

    fn index(&mut self, of: &'t Expression, at: Option<&'t Expression>) -> Value {
        let receiver = self.value(of);
        let Some(at) = at else { return receiver.any_member() };
        let at = self.value(at);
        self.item(&receiver, &at)
    }

    /// Works out the member at a place: of a list, a text, the session, the request.
    pub(super) fn item(&mut self, receiver: &Value, at: &Value) -> Value {
        if let Some(member) = receiver.member(at) {
            return member.clone();
        }
        if let Some(of) = receiver.of {
            if of == "session" {
                return self.kept_at(at);
            }
            if let Some(does) = self.state.tables.exactly(of, "[]") {
                return self.apply(does, "[]", Some(receiver), std::slice::from_ref(at));
            }
        }
        if let (Some(text), Some(place)) = (receiver.full_text(), at.full_number())
            && let Some(sign) = usize::try_from(place).ok().and_then(|place| nth(text, place))
        {
            return Value { known: Known::Text(Rc::new(sign.to_string())), ..receiver.carried() };
        }
        if let Some(name) = at.full_text()
            && (receiver.marks.has(Marks::UNDECLARED)
                || receiver.marks.has(Marks::STATIC)
                || receiver.of.is_some())
        {
            let name = name.to_ascii_lowercase();
            // `this["eval"]`
            if receiver.of.is_none()
                && let Some(does) = self.state.tables.function(&name)
                && let Some(function) = self.function_as_value(&name, does)
            {
                self.hidden_name(&name, at);
                return function;
            }
            return self.member_named(receiver, &name);
        }
        receiver.any_member()
    }

    fn binary(&mut self, operator: Operator, left: &'t Expression, right: &'t Expression) -> Value {
        let left = self.left_operand(left);
        let right = self.value(right);
        self.combined(operator, left, &right)
    }

    /// Works out the left side. Long chains lean to the left: they are as deep as they are long.
    fn left_operand(&mut self, left: &'t Expression) -> Value {
        let mut chain = Vec::new();
        let mut first = left;
        while let Expression::Binary { operator, left, right } = first {
            chain.push((*operator, right));
            first = left;
        }
        let mut value = self.value(first);
        for (operator, right) in chain.into_iter().rev() {
            let right = self.value(right);
            value = self.combined(operator, value, &right);
        }
        value
    }

    /// Works out what two values give.
    pub(super) fn combined(&mut self, operator: Operator, left: Value, right: &Value) -> Value {
        match operator {
            Operator::Compare => {
                self.compared(&left, right);
                Value::fixed()
            }
            Operator::Join => {
                self.state
                    .pay(left.open_text().map_or(0, str::len) / 8 + right.open_text().map_or(0, str::len));
                joined(left, right)
            }
            Operator::Add => match (&left.known, &right.known) {
                (Known::Number(one), Known::Number(two)) => Value::number(one.wrapping_add(*two)),
                (Known::Number(_), Known::No) | (Known::No, Known::Number(_) | Known::No) => {
                    let mut value = joined(left, right);
                    value.known = Known::No;
                    value
                }
                _ => joined(left, right),
            },
            Operator::Xor => xor(left, right),
            _ => {
                if let (Some(one), Some(two)) = (left.full_number(), right.full_number()) {
                    return arithmetic(operator, one, two).map_or_else(Value::fixed, Value::number);
                }
                let mut value = left.carried();
                value.absorb(right);
                value.marks = value.marks.without(Marks::WHOLE);
                value
            }
        }
    }

    fn cast(&mut self, to: &'t Name, value: &'t Expression) -> Value {
        let value = self.value(value);
        match &**to {
            "int" | "integer" | "long" | "double" | "float" | "decimal" | "bool" | "boolean" | "uint" => {
                match value.full_number() {
                    Some(number) => Value::number(number),
                    None => Value { known: Known::No, ..value }.without_visitor(),
                }
            }
            "char" => match &value.known {
                Known::Text(_) | Known::Bytes(_) => value,
                _ => fold::fold(Fold::Characters, &[value]),
            },
            _ => {
                let of = self.state.tables.type_named(self.page.alias(to)).or(value.of);
                Value { of, ..value }
            }
        }
    }

    fn list(&mut self, members: &'t [(Option<Expression>, Expression)]) -> Value {
        let mut whole = Value::fixed();
        let n_listed = members.iter().filter(|(key, _)| key.is_none()).count();
        let mut parts = Parts { list: Vec::with_capacity(n_listed), ..Parts::default() };
        for (key, member) in members {
            let key = key.as_ref().map(|key| self.value(key));
            let member = self.value(member);
            whole.absorb(&member);
            match key.as_ref().and_then(Value::as_text) {
                Some(key) if parts.named.len() < 4096 => {
                    parts.named.insert(key.as_str().into(), member);
                }
                None if key.is_none() => parts.list.push(member),
                _ => {}
            }
        }
        whole.parts = Some(Rc::new(parts));
        whole
    }

    /// Walks a function that is written in place; what it will be called with is what it is given to.
    pub(super) fn lambda(&mut self, function: &'t Function, given: &Value) -> Value {
        self.state.scope.enter();
        for parameter in &function.parameters {
            let of = parameter.of.as_deref().and_then(|of| self.state.tables.type_named(self.page.alias(of)));
            let value = Value { of, ..given.any_member() };
            self.state.scope.declare(&parameter.name, value);
        }
        self.frames.push(super::Frame { function: usize::MAX, name: "", returned: None });
        self.block(&function.body);
        self.state.scope.leave();
        self.frames
            .pop()
            .and_then(|frame| frame.returned)
            .map_or_else(Value::default, |value| value.carried())
    }

    /// Adds a step to the way of a value that came from somewhere.
    pub(super) fn trace(&mut self, value: &mut Value, what: &str) {
        if !value.sources.is_empty() {
            value.trace = Some(super::value::Trace::step(value.trace.as_ref(), self.state.line, what));
        }
    }

    /// Adds the functions of a class that is written in place, and walks them.
    pub(super) fn class_in_place(&mut self, class: &'t crate::tree::Class) {
        let from = self.page.len();
        if from < 4096 {
            let page: &mut Functions<'t> = &mut self.page;
            page.class(class, self.state.tables, 0);
            self.uncalled(from);
        }
    }
}

impl Value {
    /// Returns the value where it became a number: it is the visitor's no more.
    fn without_visitor(self) -> Self {
        if self.is_visitors() { Self::default() } else { self }
    }
}

fn nth(text: &str, place: usize) -> Option<char> {
    if text.is_ascii() {
        text.as_bytes().get(place).map(|byte| char::from(*byte))
    } else {
        text.chars().nth(place)
    }
}

fn inverted(bytes: &[u8]) -> Value {
    let inverted = bytes.iter().map(|byte| !byte).collect();
    Value { known: Known::of_bytes(inverted), marks: Marks::FIXED.and(Marks::FOLDED), ..Value::default() }
}

/// Works out `^` of numbers, and of texts in PHP. What is not known came out of a decoder.
fn xor(left: Value, right: &Value) -> Value {
    if let (Known::Number(one), Known::Number(two)) = (&left.known, &right.known) {
        return Value::number(one ^ two);
    }
    let both = left.known.bytes().zip(right.known.bytes());
    if let Some(bytes) = both.map(|(one, two)| one.iter().zip(&*two).map(|(one, two)| one ^ two).collect()) {
        let mut value = joined(left, right);
        value.known = Known::of_bytes(bytes);
        value.marks = value.marks.and(Marks::FOLDED);
        return value;
    }
    let mut value = left.carried();
    value.absorb(right);
    value.marks = value.marks.and(Marks::DECODED);
    value
}

fn arithmetic(operator: Operator, left: i64, right: i64) -> Option<i64> {
    match operator {
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        Operator::Remainder => left.checked_rem(right),
        Operator::And => Some(left & right),
        Operator::Or => Some(left | right),
        Operator::ShiftLeft => left.checked_shl(u32::try_from(right).ok()?),
        Operator::ShiftRight => left.checked_shr(u32::try_from(right).ok()?),
        _ => None,
    }
}
