//! Finds out what a call calls.

use super::Walker;
use super::tables::{Does, FUNCTION};
use super::value::{HOLE_NAME, Known, Marks, Value};
use crate::tree::{Expression, New};

impl<'t> Walker<'_, '_, 't> {
    pub(super) fn call(&mut self, callee: &'t Expression, arguments: &'t [Expression], line: u32) -> Value {
        if writes_literal(callee, arguments) {
            return Value::fixed();
        }
        match callee {
            Expression::Name(name) => {
                let values = self.arguments(arguments, None);
                self.state.at(line);
                self.call_name(name, &values)
            }
            Expression::Member { of, name } => {
                let receiver = self.value(of);
                let values = self.arguments(arguments, Some(&receiver));
                self.state.at(line);
                let value = self.call_member(of, &receiver, name, &values);
                self.fill(&receiver, name, arguments, &value);
                value
            }
            Expression::Index { of, at: Some(at) } => {
                let receiver = self.value(of);
                let at = self.value(at);
                let values = self.arguments(arguments, Some(&receiver));
                self.state.at(line);
                self.call_item(of, &receiver, &at, &values)
            }
            other => {
                let callee = self.value(other);
                let values = self.arguments(arguments, None);
                self.state.at(line);
                self.call_value(&callee, &values)
            }
        }
    }

    /// Lets what a call fills hold what came out.
    fn fill(&mut self, receiver: &Value, name: &Expression, arguments: &'t [Expression], value: &Value) {
        let Expression::Name(name) = name else { return };
        let does = self.state.tables.member(receiver.of, receiver.marks.has(Marks::UNDECLARED), name);
        if let (Some([.., Does::Fills]), Some(first)) = (does, arguments.first()) {
            self.absorb_at_root(first, std::slice::from_ref(value));
        }
    }

    /// Works out arguments. Functions written in place are walked last: they are called with what the others are.
    fn arguments(&mut self, arguments: &'t [Expression], receiver: Option<&Value>) -> Vec<Value> {
        let mut values = Vec::with_capacity(arguments.len());
        let mut has_lambda = false;
        for argument in arguments {
            values.push(match argument {
                Expression::Function(_) => {
                    has_lambda = true;
                    Value::fixed()
                }
                argument => self.value(argument),
            });
        }
        if has_lambda {
            let mut given = receiver.map(Value::any_member).unwrap_or_default();
            for value in &values {
                given.absorb(value);
            }
            for (place, argument) in arguments.iter().enumerate() {
                if let Expression::Function(function) = argument {
                    values[place] = self.lambda(function, &given);
                }
            }
        }
        values
    }

    fn call_name(&mut self, name: &'t str, values: &[Value]) -> Value {
        match self.state.scope.get(name) {
            Some(value) if self.page.find(name, values.len()).is_none() => {
                let callee = value.clone();
                // A text that is evaluated calls what a decoder gave: `eval` spelled by a loop, and its argument in plain text.
                if name == HOLE_NAME && callee.marks.has(Marks::DECODED) {
                    self.invoke_unknown(&callee, values);
                }
                self.call_value(&callee, values)
            }
            _ => self.call_named(name, values),
        }
    }

    /// Calls a function by its name: of the page, else of the language.
    pub(super) fn call_named(&mut self, name: &str, values: &[Value]) -> Value {
        let name = name.trim_start_matches('\\');
        if let Some(id) = self.page.find(name, values.len()) {
            return self.call_function(id, values);
        }
        if let Some(does) = self.state.tables.function(name) {
            return self.apply_call(does, name, None, values);
        }
        if let Some((of, member)) = of_type(name) {
            let receiver = self.type_value(of);
            return self.method(&receiver, member, values);
        }
        if name.starts_with('$') {
            self.invoke_unknown(&Value::default(), values);
        }
        // A type that is called converts: `String(x)`.
        let mut value = super::statements::carried_of(values);
        if values.iter().any(|value| value.marks.has(Marks::FOLDED)) {
            value.marks = value.marks.and(Marks::DECODED);
        }
        value
    }

    /// Does what a row says. What only gives an object is no function: its arguments are those of the object itself, as in
    /// Basic `Request("x")` and `Session("x")`.
    fn apply_call(
        &mut self,
        does: &'static [Does],
        name: &str,
        receiver: Option<&Value>,
        values: &[Value],
    ) -> Value {
        match (does, values) {
            ([Does::Makes(of)] | [Does::Gives(_), Does::Makes(of)], [at, ..])
                if *of == "session" || self.state.tables.exactly(of, "[]").is_some() =>
            {
                let object = self.apply(does, name, receiver, &[]);
                self.item(&object, at)
            }
            _ => self.apply(does, name, receiver, values),
        }
    }

    fn call_function(&mut self, id: usize, values: &[Value]) -> Value {
        if let Some(native) = self.page.get(id).native.clone() {
            self.native(&native, values);
            return super::statements::carried_of(values);
        }
        self.walk_into(id, values)
    }

    /// Calls what a value is: a name of a function (PHP), a method (reflection), a list (Basic), an object's default member.
    fn call_value(&mut self, callee: &Value, values: &[Value]) -> Value {
        if callee.of == Some("method") {
            return self.invoke(callee, values);
        }
        if callee.of == Some(FUNCTION) {
            return self.call_text(callee, values);
        }
        if self.state.family == super::tables::Family::Php && callee.parts.is_none() {
            return self.call_text(callee, values);
        }
        match values.first() {
            Some(at) => self.item(callee, at),
            None => callee.any_member(),
        }
    }

    /// Calls what a text names.
    pub(super) fn call_text(&mut self, callee: &Value, values: &[Value]) -> Value {
        let Some(name) = callee.full_text() else {
            self.invoke_unknown(callee, values);
            return super::statements::carried_of(values);
        };
        let name = name.to_ascii_lowercase();
        self.hidden_name(&name, callee);
        self.call_named(&name, values)
    }

    fn call_member(
        &mut self,
        of: &'t Expression,
        receiver: &Value,
        name: &'t Expression,
        values: &[Value],
    ) -> Value {
        match name {
            Expression::Name(name) if !name.starts_with('$') => {
                let value = self.method(receiver, name, values);
                self.after_method(of, receiver, name, values, value)
            }
            computed => {
                let name = self.value(computed);
                self.call_computed(of, receiver, &name, values)
            }
        }
    }

    fn call_item(&mut self, of: &'t Expression, receiver: &Value, at: &Value, values: &[Value]) -> Value {
        if receiver.member(at).is_none()
            && at.full_text().is_some()
            && receiver.of != Some("session")
            && receiver.sources.is_empty()
        {
            return self.call_computed(of, receiver, at, values);
        }
        let callee = self.item(receiver, at);
        if matches!(at.known, Known::Number(_)) {
            self.invoke_numbered(&callee);
        }
        self.call_value(&callee, values)
    }

    fn call_computed(
        &mut self,
        of: &'t Expression,
        receiver: &Value,
        name: &Value,
        values: &[Value],
    ) -> Value {
        let Some(text) = name.full_text() else {
            self.invoke_unknown(name, values);
            return super::statements::carried_of(values);
        };
        let text = text.to_ascii_lowercase();
        self.hidden_name(&text, name);
        let own = receiver.of.is_none() && !self.has_method(receiver, &text);
        let value = if own { self.call_named(&text, values) } else { self.method(receiver, &text, values) };
        self.absorb_at_root(of, values);
        value
    }

    fn has_method(&self, receiver: &Value, name: &str) -> bool {
        self.state.tables.member(receiver.of, receiver.marks.has(Marks::UNDECLARED), name).is_some()
    }

    /// Calls a method of a value.
    pub(super) fn method(&mut self, receiver: &Value, name: &str, values: &[Value]) -> Value {
        let tables = self.state.tables;
        if let Some(function) = function_in(receiver, name) {
            return self.call_value(&function, values);
        }
        if let Some(does) = receiver.of.and_then(|of| tables.exactly(of, name)) {
            return self.apply_call(does, name, Some(receiver), values);
        }
        if receiver.of.is_none_or(|of| self.page.class_named(of).is_some())
            && let Some(id) = self.page.find(name, values.len())
        {
            return self.call_function(id, values);
        }
        let undeclared = receiver.marks.has(Marks::UNDECLARED);
        if let Some(does) = tables.member(receiver.of, undeclared, name) {
            return self.apply(does, name, Some(receiver), values);
        }
        if let Some(id) = self.page.find(name, values.len()) {
            return self.call_function(id, values);
        }
        if undeclared || receiver.marks.has(Marks::STATIC) {
            let member = self.member_named(receiver, name);
            if member.of.is_some() {
                return self.call_value(&member, values);
            }
        }
        let mut value = receiver.carried();
        value.marks = value.marks.without(Marks::WHOLE);
        for argument in values {
            value.absorb(argument);
        }
        value.marks = value.marks.without(Marks::WHOLE);
        value
    }

    /// Lets what a method was called on take in what it was called with, where nothing says that it keeps nothing.
    fn after_method(
        &mut self,
        of: &'t Expression,
        receiver: &Value,
        name: &str,
        values: &[Value],
        value: Value,
    ) -> Value {
        let does = self.state.tables.member(receiver.of, receiver.marks.has(Marks::UNDECLARED), name);
        match does {
            Some([Does::Appends]) => {
                if let Expression::Name(variable) = of {
                    self.state.scope.set(variable, value.clone());
                } else {
                    self.absorb_at_root(of, values);
                }
            }
            Some([Does::Puts]) => {
                if let [key, value, ..] = values {
                    self.put_at(of, key.clone(), value.clone());
                }
            }
            Some(_) => {}
            None if self.page.find(name, values.len()).is_some() || keeps_apart(of) => {}
            None => self.absorb_at_root(of, values),
        }
        value
    }

    pub(super) fn new_object(&mut self, made: &'t New) -> Value {
        let New { of, arguments, members, class, line } = made;
        let values = self.arguments(arguments, None);
        self.state.at(*line);
        let named = match of {
            Expression::Name(name) if !name.starts_with('$') => Some(self.page.alias(name).to_owned()),
            Expression::Member { name, .. } => match &**name {
                Expression::Name(name) => Some(name.to_string()),
                _ => None,
            },
            _ => None,
        };
        let named = named.or_else(|| {
            let name = self.value(of);
            if name.full_text().is_none() {
                self.reach(super::tables::Sink::Create, &name, &Value::default(), "new");
            }
            name.full_text().map(str::to_ascii_lowercase)
        });
        if let Some(class) = class {
            self.class_in_place(class);
        }
        let mut object = match named {
            Some(name) => self.instance(&name, &values),
            None => super::statements::carried_of(&values),
        };
        for (name, member) in members {
            let member = self.value(member);
            let setter = format!("{name}=");
            if let Some(does) = self.state.tables.member(object.of, false, &setter) {
                self.apply(does, name, Some(&object.clone()), std::slice::from_ref(&member));
            }
            object.absorb(&member);
            object.parts_mut().named.insert(name.clone(), member);
        }
        object
    }

    /// Makes an object of a type.
    pub(super) fn instance(&mut self, name: &str, values: &[Value]) -> Value {
        if let Some(class) = self.page.class_named(name) {
            let short = name.rsplit('.').next().unwrap_or(name);
            for constructor in [short, "new", "__construct", ".ctor"] {
                if let Some(id) = self.page.find(constructor, values.len()) {
                    self.walk_into(id, values);
                    break;
                }
            }
            let mut object = made_of(values);
            object.of = class.base;
            return object;
        }
        let Some(of) = self.state.tables.type_named(name) else { return made_of(values) };
        let mut object = match self.state.tables.exactly(of, "new") {
            Some(does) => self.apply(does, name, None, values),
            None => made_of(values),
        };
        object.of = Some(object.of.unwrap_or(of));
        object
    }
}

/// Returns the type and the member that a name names: `a.b::c`, `a.b`.
fn of_type(name: &str) -> Option<(&str, &str)> {
    let of_class = if name.contains(':') { name.rsplit_once("::") } else { None };
    of_class.or_else(|| name.rsplit_once('.'))
}

/// Returns the function of the language that an object holds under a name.
fn function_in(receiver: &Value, name: &str) -> Option<Value> {
    let parts = receiver.parts.as_ref()?;
    let (_, member) = parts.named.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    (member.of == Some(FUNCTION)).then(|| member.clone())
}

/// Returns whether a call only writes out what stands in the page: half of the calls of most pages.
fn writes_literal(callee: &Expression, arguments: &[Expression]) -> bool {
    matches!(callee, Expression::Name(name) if matches!(&**name, "echo" | "#write"))
        && matches!(arguments, [Expression::Text(_) | Expression::Number(_) | Expression::Constant])
}

/// Returns an object made of arguments: it is fixed if they are.
pub(super) fn made_of(values: &[Value]) -> Value {
    let mut object = Value::fixed();
    for value in values {
        object.absorb(value);
    }
    object.known = Known::No;
    object
}

/// Returns whether what is put there stays apart from what holds it: parameters of commands, headers, view data.
fn keeps_apart(of: &Expression) -> bool {
    const APART: &[&str] =
        &["parameters", "headers", "viewdata", "viewbag", "items", "rows", "controls", "cookies"];
    match of {
        Expression::Name(name) => APART.contains(&&**name),
        Expression::Member { name, .. } => {
            matches!(&**name, Expression::Name(name) if APART.contains(&&**name))
        }
        _ => false,
    }
}
