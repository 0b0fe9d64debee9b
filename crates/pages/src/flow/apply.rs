//! Does what a row of the tables says.

use super::Walker;
use super::fold::{self, Fold};

use super::tables::{Arguments, Does, NONE, Sink};
use super::value::{Known, Marks, Source, Sources, Value, joined};

/// What finds a field by its name.
const FINDS: &[&str] = &["[]", "get", "get_item", "getparameter", "getvalues", "item"];

impl Walker<'_, '_, '_> {
    /// Does what a row says of a call or a name; returns what comes out of it.
    pub(super) fn apply(
        &mut self,
        does: &'static [Does],
        name: &str,
        receiver: Option<&Value>,
        values: &[Value],
    ) -> Value {
        let mut out: Option<Value> = None;
        let mut chosen = false;
        let mut opened = Known::No;
        for does in does {
            match *does {
                Does::Gives(source) => out = Some(self.given(source, name, receiver, values, chosen)),
                Does::Makes(of) => {
                    let mut value = out.take().unwrap_or_else(|| made(receiver, values));
                    value.of = Some(of);
                    // What is opened is known by its place, what is made of a text by that.
                    let place = std::mem::take(&mut opened);
                    if !matches!(place, Known::No) {
                        value.known = place;
                    }
                    value.marks = value.marks.without(Marks::UNDECLARED.and(Marks::STATIC));
                    out = Some(value);
                }
                Does::Reaches(sink, what, place) => {
                    let what_value = pick(what, receiver, values);
                    let place_value = pick(place, receiver, values);
                    chosen |= place_value.is_visitors() || place_value.marks.has(Marks::CHOSEN);
                    self.reach(sink, &what_value, &place_value, name);
                    out = self.state.evaluated.take().or(out);
                    if place != NONE {
                        // What is opened goes by the name of the file.
                        opened = place_value.known;
                    }
                }
                Does::Folds(by) => out = Some(self.folded(by, values)),
                Does::Turns(by) => {
                    let all: Vec<Value> = receiver.into_iter().chain(values).cloned().collect();
                    out = Some(self.folded(by, &all));
                }
                Does::Drops | Does::Puts => out = Some(Value::fixed()),
                Does::Passes => out = Some(passed(receiver, values)),
                Does::Fills => {}
                Does::Weakens => {
                    out = out.map(|value| Value { marks: value.marks.without(Marks::WHOLE), ..value });
                }
                Does::TakesIn => out = values.first().and_then(|place| self.take_in(place)).or(out),
                Does::Appends => out = Some(appended(receiver, values)),
                Does::Picks => out = Some(self.picked(receiver, values)),
                Does::CallsBack(function, given) => out = Some(self.call_back(function, given, values)),
                _ => out = Some(self.reflect(*does, receiver, values)),
            }
        }
        let value = out.unwrap_or_else(|| passed(receiver, values));
        let field = if FINDS.contains(&name) { values.first().and_then(Value::full_text) } else { None };
        match field {
            Some(field) => value.of_field(field),
            None => value,
        }
    }

    fn picked(&mut self, receiver: Option<&Value>, values: &[Value]) -> Value {
        let Some(receiver) = receiver else { return Value::default() };
        match values.first() {
            Some(at) => self.item(receiver, at),
            None => receiver.any_member(),
        }
    }

    fn given(
        &mut self,
        source: Source,
        name: &str,
        receiver: Option<&Value>,
        values: &[Value],
        chosen: bool,
    ) -> Value {
        let named = values.first().and_then(Value::full_text);
        let what = told(receiver.and_then(|receiver| receiver.of), name, named);
        let sent = source == Source::Server && named.is_some_and(is_sent);
        let source = match source {
            Source::Server if sent => Source::Header,
            Source::File => named.map_or(source, source_named),
            source => source,
        };
        let mut value = Value::from_source(source, self.state.line, &what);
        if !value.is_visitors() {
            value.marks = if chosen { Marks::CHOSEN } else { Marks::NONE };
            if let Some(before) = trace_of(receiver, values) {
                value.trace = Some(super::value::Trace::step(Some(&before), self.state.line, &what));
            }
        }
        if source == Source::Server {
            value.marks = Marks::NONE;
        }
        value
    }

    fn folded(&mut self, by: Fold, values: &[Value]) -> Value {
        let value = fold::fold(by, values);
        let n_members = value.parts.as_ref().map_or(0, |parts| parts.list.len());
        self.state.pay(value.known.text_len() + n_members * 64);
        value
    }

    fn call_back(&mut self, function: u8, given: u8, values: &[Value]) -> Value {
        let at = |place: u8| values.get(usize::from(place).wrapping_sub(1));
        // `usort(...$_GET)`: what is unpacked holds the function too.
        let unpacked = || values.last().filter(|last| last.is_visitors());
        let Some(function) = at(function).or_else(unpacked) else { return Value::default() };
        if function.sources.is_empty() && function.parts.is_none() && function.full_text().is_none() {
            // `array_map(null, a, b)` puts the members side by side.
            return super::statements::carried_of(values);
        }
        let given = at(given).map(Value::any_member).unwrap_or_default();
        let option = function.parts.as_ref().and_then(|parts| parts.named.get("options"));
        let function = option.unwrap_or(function);
        if function.parts.is_some() {
            return given;
        }
        self.call_text(function, std::slice::from_ref(&given))
    }

    /// What types and methods are named by, called by, made from.
    fn reflect(&mut self, does: Does, receiver: Option<&Value>, values: &[Value]) -> Value {
        let first = values.first().cloned().unwrap_or_default();
        match does {
            Does::NamesType => {
                let Some(text) = first.full_text() else { return first.carried() };
                let name = text.split(',').next().unwrap_or(text).trim().to_ascii_lowercase();
                let value = self.type_value(&name);
                if value.of.is_some() {
                    self.hidden_name(&name, &first);
                }
                value
            }
            Does::NamesMethod => {
                let of = receiver.and_then(|receiver| receiver.of);
                let Some(text) = first.full_text() else {
                    return Value { of: Some("method"), ..first.carried() };
                };
                let method = format!("{}.{}", of.unwrap_or("?"), text.to_ascii_lowercase());
                Value { of: Some("method"), marks: first.marks, ..Value::text(method) }
            }
            Does::Invokes => {
                let receiver = receiver.cloned().unwrap_or_default();
                self.invoke(&receiver, values)
            }
            Does::Instantiates => {
                if let Some(of) = first.of {
                    return self.instance(of, values.get(1..).unwrap_or_default());
                }
                let Some(name) = first.full_text() else {
                    self.reach(Sink::Create, &first, &Value::default(), "CreateInstance");
                    return first.carried();
                };
                self.instance(&name.to_ascii_lowercase(), values.get(1..).unwrap_or_default())
            }
            Does::CallsReceiver => match receiver {
                Some(receiver) => self.call_text(receiver, values),
                None => Value::default(),
            },
            Does::ReplacesByCode => self.replace_by_code(values),
            Does::Extracts => {
                if first.is_visitors() {
                    self.state.scope.open(first.any_member());
                }
                Value::fixed()
            }
            Does::CallsNamed => self.call_by_name(values),
            Does::CallsMember => match values {
                [name, _, _, object, given, ..] => {
                    let object = if object.of.is_some() { object } else { receiver.unwrap_or(object) };
                    self.call_by_name(&[object.clone(), name.clone(), given.clone()])
                }
                _ => passed(receiver, values),
            },
            Does::CallsByName => match values {
                [object, name, _, given, ..] => {
                    self.call_by_name(&[object.clone(), name.clone(), given.clone()])
                }
                _ => passed(receiver, values),
            },
            Does::Wraps => self.wrap(values),
            Does::Component => self.component(&first),
            _ => Value::default(),
        }
    }

    /// Replaces by a pattern. What the pattern finds is run where it says so.
    fn replace_by_code(&mut self, values: &[Value]) -> Value {
        let [pattern, by, rest @ ..] = values else { return Value::default() };
        let subject = rest.first().cloned().unwrap_or_default();
        let option = rest.get(1).and_then(Value::full_text).is_some_and(|option| option.contains('e'));
        if pattern.is_visitors() {
            self.reach(Sink::Evaluate, pattern, &Value::default(), "preg_replace");
        } else if option || runs_replacement(pattern) {
            let found = by.full_text().is_some_and(is_what_was_found);
            let run = if found { &subject } else { by };
            self.reach(Sink::Evaluate, run, &Value::default(), "preg_replace");
        }
        let mut value = subject.carried();
        value.absorb(by);
        value.marks = value.marks.without(Marks::WHOLE);
        let texts = (pattern.full_text(), by.full_text(), subject.full_text());
        if let (Some(pattern), Some(by), Some(text)) = texts
            && let Some(replaced) = fold::replace_found(pattern, by, text)
        {
            value = Value { marks: value.marks.and(Marks::FOLDED), ..Value::text(replaced) };
        }
        value
    }

    /// Calls what `new Expression(object, name, arguments)` and the like call.
    fn call_by_name(&mut self, values: &[Value]) -> Value {
        let [receiver, name, given] = values else { return super::calls::made_of(values) };
        let Some(text) = name.full_text() else {
            self.invoke_unknown(name, values);
            return super::statements::carried_of(values);
        };
        let text = text.to_ascii_lowercase();
        self.hidden_name(&text, name);
        let given = given.parts.as_ref().map_or(std::slice::from_ref(given), |parts| parts.list.as_slice());
        self.method(receiver, &text, given)
    }

    /// Puts a stream round another, or opens the file that is named.
    fn wrap(&mut self, values: &[Value]) -> Value {
        let first = values.first().cloned().unwrap_or_default();
        let wrapped = first.of.is_some_and(|of| !matches!(of, "file" | "string" | "path"));
        if wrapped || (first.of.is_none() && !first.is_visitors() && first.full_text().is_none()) {
            return first;
        }
        self.reach(Sink::Write, &Value::default(), &first, "new");
        Value { of: Some("fileoutputstream"), ..first }
    }

    /// Makes a component by the text that names it.
    fn component(&mut self, name: &Value) -> Value {
        let Some(text) = name.full_text() else {
            let is_script = name.open_text().is_some_and(|text| text.starts_with("script:"));
            let sink = if is_script { Sink::Load } else { Sink::Create };
            self.reach(sink, name, &Value::default(), "CreateObject");
            return Value::default();
        };
        let Some(of) = self.state.tables.component(text) else { return Value::default() };
        let does = self.state.tables.exactly(of, "new");
        let text = text.to_ascii_lowercase();
        self.hidden_name(&text, name);
        let mut object = match does {
            Some(does) => self.apply(does, &text, None, &[]),
            None => Value::fixed(),
        };
        object.of = Some(of);
        object
    }

    /// Calls a method that was found by its name: `Type.GetMethod("Start").Invoke(object, arguments)`. A variable that holds it
    /// may have that very name, and is found in its turn.
    pub(super) fn invoke(&mut self, method: &Value, values: &[Value]) -> Value {
        if !self.state.step() {
            return super::statements::carried_of(values);
        }
        self.state.nesting += 1;
        let value = self.invoke_named(method, values);
        self.state.nesting -= 1;
        value
    }

    fn invoke_named(&mut self, method: &Value, values: &[Value]) -> Value {
        let Some(name) = method.full_text() else {
            self.invoke_unknown(method, values);
            return super::statements::carried_of(values);
        };
        let mut given = Vec::new();
        for value in values.iter().skip(1) {
            match &value.parts {
                Some(parts) => given.extend(parts.list.iter().cloned()),
                None => given.push(value.clone()),
            }
        }
        let (of, member) = name.rsplit_once('.').unwrap_or(("?", name));
        self.hidden_name(member, method);
        let receiver = match values.first() {
            Some(receiver) if receiver.of.is_some() => receiver.clone(),
            _ => self.type_value(of),
        };
        self.method(&receiver, member, &given)
    }
}

/// Returns whether the modifiers behind a pattern, or behind one of several, say that the replacement is a program.
fn runs_replacement(pattern: &Value) -> bool {
    let runs = |pattern: &str| {
        let pattern = pattern.trim_start();
        let close = match pattern.chars().next() {
            Some('(') => ')',
            Some('[') => ']',
            Some('{') => '}',
            Some('<') => '>',
            Some(sign) if !sign.is_alphanumeric() => sign,
            _ => return false,
        };
        pattern.rsplit_once(close).is_some_and(|(before, modifiers)| {
            !before.is_empty() && modifiers.contains('e') && modifiers.chars().all(char::is_alphabetic)
        })
    };
    pattern.full_text().is_some_and(runs)
        || pattern
            .parts
            .as_ref()
            .is_some_and(|parts| parts.list.iter().filter_map(Value::full_text).any(runs))
}

/// Returns whether a replacement is all that a pattern finds: `\\1`, `$0`, with or without quotes.
fn is_what_was_found(by: &str) -> bool {
    let by =
        by.trim_matches(|sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | ';' | '{' | '}'));
    by.strip_prefix(['\\', '$'])
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What a file's name stands for that is no file: what the visitor sends, or another server.
fn source_named(name: &str) -> Source {
    let small = name.get(..12).unwrap_or(name).to_ascii_lowercase();
    if small.starts_with("php://input") {
        Source::Body
    } else if ["http://", "https://", "ftp://"].iter().any(|scheme| small.starts_with(scheme)) {
        Source::Remote
    } else {
        Source::File
    }
}

/// Names of what a server says of a request that visitors choose.
fn is_sent(name: &str) -> bool {
    let small = name.to_ascii_lowercase();
    small.strip_prefix("http_").is_some_and(|name| name != "host")
        || matches!(
            &*small,
            "query_string" | "php_auth_user" | "php_auth_pw" | "all_http" | "all_raw" | "argv"
        )
}

/// Returns the arguments of a set, as one.
fn pick(set: Arguments, receiver: Option<&Value>, values: &[Value]) -> Value {
    let mut picked: Option<Value> = None;
    let receiver = receiver.filter(|receiver| set & 1 != 0 && !receiver.marks.has(Marks::STATIC));
    let chosen = values
        .iter()
        .enumerate()
        .filter(|(place, _)| *place < 7 && set & (2 << place) != 0)
        .map(|(_, value)| value);
    for value in receiver.into_iter().chain(chosen) {
        let value = if value.parts.is_some() && value.of.is_none() { listed(value) } else { value.clone() };
        picked = Some(match picked {
            None => value,
            Some(before) => {
                let of = before.of.or(value.of);
                let both = joined(joined(before, &Value::text(" ")), &value);
                let whole = value.marks.common(Marks::WHOLE);
                Value { of, marks: both.marks.and(whole), ..both }
            }
        });
    }
    picked.unwrap_or_default()
}

/// Returns a list as one text where it is one, as `exec(new String[] { "sh", "-c", x })` takes it.
fn listed(value: &Value) -> Value {
    let Some(parts) = &value.parts else { return value.clone() };
    if parts.list.is_empty() || parts.list.len() > 8 || !parts.named.is_empty() {
        return Value { parts: None, ..value.clone() };
    }
    let mut list = parts.list.iter();
    let first = list.next().cloned().unwrap_or_default();
    list.fold(first, |before, member| joined(joined(before, &Value::text(" ")), member))
}

/// Returns how a way tells of a source: `request.form(key)`.
fn told(of: Option<&str>, name: &str, key: Option<&str>) -> String {
    /// Longer keys are not told.
    const LONGEST_KEY: usize = 40;
    let parts = match (of, name) {
        (Some(of), "[]") => [of, "", ""],
        (Some(of), name) => [of, ".", name],
        (None, name) => [name, "", ""],
    };
    match key.filter(|key| key.len() < LONGEST_KEY) {
        Some(key) => [parts[0], parts[1], parts[2], "(", key, ")"].concat(),
        None => parts.concat(),
    }
}

fn made(receiver: Option<&Value>, values: &[Value]) -> Value {
    let mut object = super::calls::made_of(values);
    if let Some(receiver) = receiver {
        object.absorb(receiver);
        object.marks = object.marks.and(receiver.marks.common(Marks::FIXED));
    }
    object
}

fn passed(receiver: Option<&Value>, values: &[Value]) -> Value {
    let mut all = receiver.into_iter().chain(values);
    let Some(first) = all.next() else { return Value::default() };
    let mut value = first.carried();
    for argument in all {
        value.absorb(argument);
    }
    value
}

fn appended(receiver: Option<&Value>, values: &[Value]) -> Value {
    let before = receiver.cloned().unwrap_or_default();
    let of = before.of;
    let start = if matches!(before.known, Known::No) && before.marks.has(Marks::FIXED) {
        Value { known: Known::Text(std::rc::Rc::default()), ..before }
    } else {
        before
    };
    let value = values.iter().take(1).fold(start, joined);
    Value { of, ..value }
}

impl Sources {
    /// Returns whether it came from outside of the page and not from its visitor.
    pub(super) fn are_foreign(self) -> bool {
        self.meets(Self::of(Source::Remote))
    }
}

fn trace_of(receiver: Option<&Value>, values: &[Value]) -> Option<std::rc::Rc<super::value::Trace>> {
    receiver.into_iter().chain(values).find_map(|value| value.trace.clone())
}
