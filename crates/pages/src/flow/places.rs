//! Sets variables, members and places of lists.

use super::value::{Known, Marks, Value};
use super::{KEPT, Walker};
use crate::tree::{Expression, Operator};
use std::borrow::Cow;

/// Lists are kept up to this place; what is put behind it is in the whole.
const MOST_MEMBERS: usize = 4096;

/// Objects that the server gives to a page: what is set on them is seen elsewhere.
const AMBIENT: &[&str] = &["context", "request", "response", "server", "session", "out", "pagecontext"];

/// Where a member lies within a variable.
enum Key<'t> {
    Named(Cow<'t, str>),
    At(Value),
    Next,
}

impl<'t> Walker<'_, '_, 't> {
    pub(super) fn assign(
        &mut self,
        target: &'t Expression,
        operator: Option<Operator>,
        value: &'t Expression,
    ) -> Value {
        match target {
            Expression::Name(name) => {
                let was_visitors = self.was_visitors(name);
                let mut value = match operator {
                    None => self.appended(name, value),
                    Some(operator) => {
                        let right = self.value(value);
                        let left = self.state.scope.take(name).unwrap_or_default();
                        self.combined(operator, left, &right)
                    }
                };
                self.trace(&mut value, name);
                self.set_variable(name, value.clone(), was_visitors);
                value
            }
            Expression::List(targets) => {
                let value = self.value(value);
                for (place, (_, target)) in targets.iter().enumerate() {
                    let at = Value::number(i64::try_from(place).unwrap_or(i64::MAX));
                    let member = value.member(&at).cloned().unwrap_or_else(|| value.any_member());
                    self.put(target, member);
                }
                value
            }
            _ => {
                let right = self.value(value);
                let value = match operator {
                    None => right,
                    Some(operator) => {
                        let left = self.value(target);
                        self.combined(operator, left, &right)
                    }
                };
                self.put(target, value.clone());
                value
            }
        }
    }

    /// Works out `x = x & …` without copying what `x` holds: texts are put together so, line by line.
    fn appended(&mut self, name: &str, value: &'t Expression) -> Value {
        let mut chain = Vec::new();
        let mut first = value;
        while let Expression::Binary { operator: operator @ (Operator::Join | Operator::Add), left, right } =
            first
        {
            chain.push((*operator, &**right));
            first = left;
        }
        if chain.is_empty() || !matches!(first, Expression::Name(first) if **first == *name) {
            return self.value(value);
        }
        let mut rights = Vec::with_capacity(chain.len());
        for (operator, right) in chain.into_iter().rev() {
            rights.push((operator, self.value(right)));
        }
        let mut whole = self.state.scope.take(name).unwrap_or_default();
        for (operator, right) in rights {
            whole = self.combined(operator, whole, &right);
        }
        whole
    }

    /// Returns whether a variable holds what is the visitor's, as far as that matters: within functions.
    fn was_visitors(&self, name: &str) -> bool {
        !self.frames.is_empty() && self.state.scope.get(name).is_some_and(Value::is_visitors)
    }

    fn set_variable(&mut self, name: &'t str, value: Value, was_visitors: bool) {
        if self.frames.last().is_some_and(|frame| frame.name == name && !name.is_empty()) {
            // In Basic a function gives back what its own name is set to.
            self.give_back(value.clone());
        }
        if value.is_visitors() && !was_visitors && !self.frames.is_empty() && self.state.scope.is_global(name)
        {
            self.state.unsettled = true;
        }
        self.state.scope.set(name, value);
    }

    /// Sets whatever an expression names.
    fn put(&mut self, target: &'t Expression, value: Value) {
        match target {
            Expression::Name(name) => {
                let was_visitors = self.was_visitors(name);
                self.set_variable(name, value, was_visitors);
            }
            Expression::Computed(name) => {
                let name = self.value(name);
                if name.is_visitors() && value.is_visitors() {
                    self.state.scope.open(value);
                } else if let Some(name) = name.full_text() {
                    let name = format!("${}", name.trim_start_matches('$'));
                    self.state.scope.set(&name, value);
                }
            }
            Expression::Member { of, name } => self.put_member(of, name, value),
            Expression::Index { of, at } => self.put_item(of, at.as_deref(), value),
            Expression::Call(call) => self.put_item(&call.callee, call.arguments.first(), value),
            Expression::Cast { value: target, .. } => self.put(target, value),
            _ => {}
        }
    }

    fn put_member(&mut self, of: &'t Expression, name: &'t Expression, value: Value) {
        let receiver = self.value(of);
        let name: Cow<'t, str> = match name {
            Expression::Name(name) if !name.starts_with('$') => Cow::Borrowed(name),
            computed => match self.value(computed).full_text() {
                Some(name) => Cow::Owned(name.to_ascii_lowercase()),
                None => return self.put_into(of, Key::Next, value),
            },
        };
        let setter = format!("{name}=");
        if let Some(does) =
            self.state.tables.member(receiver.of, receiver.marks.has(Marks::UNDECLARED), &setter)
        {
            self.apply(does, &name, Some(&receiver), std::slice::from_ref(&value));
        }
        if receiver.of.is_some_and(|of| AMBIENT.contains(&of)) {
            return;
        }
        if receiver.of.is_none() && receiver.parts.is_none() && self.state.scope.is_global(&name) {
            self.state.scope.set_global(&name, value.clone());
        }
        drop(receiver);
        self.put_into(of, Key::Named(name), value);
    }

    fn put_item(&mut self, of: &'t Expression, at: Option<&'t Expression>, value: Value) {
        let receiver = self.value(of);
        let at = at.map(|at| self.value(at));
        let of_type = receiver.of;
        // What is about to be changed is held once, so that it is not copied.
        drop(receiver);
        if of_type == Some("session") {
            if let Some(at) = &at {
                self.keep(at, &value);
            }
            return;
        }
        self.put_into(of, at.map_or(Key::Next, Key::At), value);
    }

    /// Puts a value under a key of what an expression names.
    pub(super) fn put_at(&mut self, of: &'t Expression, key: Value, value: Value) {
        self.put_into(of, Key::At(key), value);
    }

    /// Puts a value into the variable at the root of a chain of members; everything on the way takes in where it came from.
    fn put_into(&mut self, of: &'t Expression, key: Key<'t>, value: Value) {
        let mut keys = vec![key];
        let mut root = of;
        let name = loop {
            match root {
                Expression::Name(name) => break name,
                Expression::Member { of, name } => {
                    keys.push(match &**name {
                        Expression::Name(name) => Key::Named(Cow::Borrowed(name)),
                        _ => Key::Next,
                    });
                    root = of;
                }
                Expression::Index { of, at } => {
                    let at = at.as_deref().map(|at| self.value(at));
                    keys.push(at.map_or(Key::Next, Key::At));
                    root = of;
                }
                Expression::Call(call) => root = &call.callee,
                Expression::Cast { value, .. } => root = value,
                _ => return,
            }
            if keys.len() > 16 {
                return;
            }
        };
        let mut whole = self.state.scope.take(name).unwrap_or_else(|| Value {
            marks: if value.sources.is_empty() { Marks::NONE } else { Marks::UNDECLARED },
            ..Value::default()
        });
        let was_visitors = whole.is_visitors();
        place(&mut whole, keys, value);
        self.set_variable(name, whole, was_visitors);
    }

    /// Lets the variable at the root of what a call was made on take in where the arguments came from.
    pub(super) fn absorb_at_root(&mut self, of: &'t Expression, arguments: &[Value]) {
        let spreads = |argument: &Value| !argument.sources.is_empty() || argument.marks.has(Marks::DECODED);
        if !arguments.iter().any(spreads) {
            return;
        }
        let mut root = of;
        for _ in 0..16 {
            root = match root {
                Expression::Name(name) => {
                    if let Some(value) = self.state.scope.get(name) {
                        let mut value = value.clone();
                        for argument in arguments.iter().filter(|argument| spreads(argument)) {
                            value.absorb(argument);
                        }
                        value.known = Known::No;
                        self.state.scope.set(name, value);
                    }
                    return;
                }
                Expression::Member { of, .. } | Expression::Index { of, .. } => of,
                Expression::Call(call) => &call.callee,
                _ => return,
            };
        }
    }

    /// Puts a value where later requests find it.
    pub(super) fn keep(&mut self, at: &Value, value: &Value) {
        let Some(key) = at.as_text() else { return };
        if self.state.kept.len() > 4096 {
            return;
        }
        let kept = self.state.kept.entry(key.to_ascii_lowercase().into_boxed_str()).or_default();
        self.state.unsettled |= value.is_visitors() && !kept.is_visitors();
        *kept = std::mem::take(kept).join(value);
    }

    /// Returns what lies in the session at a key.
    pub(super) fn kept_at(&self, at: &Value) -> Value {
        self.state.scope.look_outside(KEPT);
        let key = at.as_text().map(|key| key.to_ascii_lowercase());
        key.and_then(|key| self.state.kept.get(key.as_str())).cloned().unwrap_or_default()
    }
}

/// Puts a value at the place that the keys lead to, the last one first.
fn place(whole: &mut Value, mut keys: Vec<Key<'_>>, value: Value) {
    let Some(key) = keys.pop() else {
        *whole = value;
        return;
    };
    whole.absorb(&value);
    whole.known = Known::No;
    let parts = whole.parts_mut();
    let slot = match key {
        Key::Named(name) => Some(parts.named.entry(name.into_owned().into_boxed_str()).or_default()),
        Key::At(at) => match (&at.known, at.as_text()) {
            (Known::Number(number), _)
                if usize::try_from(*number).is_ok_and(|at| at <= parts.list.len() && at < MOST_MEMBERS) =>
            {
                let at = usize::try_from(*number).unwrap_or(0);
                if at == parts.list.len() {
                    parts.list.push(Value::default());
                }
                parts.list.get_mut(at)
            }
            (_, Some(text)) if parts.named.len() < MOST_MEMBERS => {
                Some(parts.named.entry(text.as_str().into()).or_default())
            }
            _ => None,
        },
        Key::Next if keys.is_empty() && parts.list.len() < MOST_MEMBERS => {
            parts.list.push(value);
            return;
        }
        Key::Next => None,
    };
    if let Some(slot) = slot {
        place(slot, keys, value);
    }
}
