//! Walks statements.

use super::functions::Functions;
use super::names::hash;
use super::tables::Family;
use super::value::{HOLE, HOLE_NAME, Known, Marks, Source, Value};
use super::{Frame, KEPT, Walker};
use crate::kind::Language;
use crate::page::Named;
use crate::tree::{Class, Expression, Function, Name, Parameter, Program, Statement, StatementKind, Way};
use std::rc::Rc;

/// How many statements a function may take by walks with arguments that differ: what decodes is small and called often.
const MOST_WALKED: u32 = 512;

/// So often a function is walked in any case.
const FEWEST_WALKS: u32 = 3;

/// Calls go no deeper.
const DEEPEST_CALL: usize = 14;

/// A text that is run.
pub(super) struct Evaluated<'e> {
    /// Whose libraries it uses.
    pub(super) family: Family,
    pub(super) language: Language,
    pub(super) text: &'e str,
    /// What stands where the text is not known.
    pub(super) hole: &'e Value,
    /// What its functions are called with, where they are called from outside of it.
    pub(super) given: Option<&'e Value>,
}

impl<'t> Walker<'_, '_, 't> {
    /// Walks the programs of a page: what runs when it is asked for, then what only others call. Where a function left something
    /// of the visitor's, what may have looked for it before is walked again.
    pub(super) fn programs(&mut self, programs: &'t [Program]) {
        for program in programs {
            self.block(&program.body);
        }
        self.uncalled(0);
        self.only_makes(programs);
        if self.state.unsettled {
            let changed = self.state.scope.given();
            changed.add(hash(KEPT));
            self.page.forget(&changed);
            self.state.unsettled = false;
            for program in programs {
                self.block(&program.body);
            }
            for id in 0..self.page.len() {
                self.entry(id);
            }
        }
    }

    /// A page of ASP.NET that does nothing but make an object of another file: what it is for stands in that file.
    fn only_makes(&mut self, programs: &'t [Program]) {
        let own = |statement: &&Statement| {
            !matches!(statement.kind, StatementKind::Import { .. } | StatementKind::Markup)
        };
        let mut statements = programs.iter().flat_map(|program| &program.body).filter(own);
        let (Some(only), None) = (statements.next(), statements.next()) else { return };
        let value = match &only.kind {
            StatementKind::Declare { value: Some(value), .. } => value,
            StatementKind::Expression(value) => value,
            _ => return,
        };
        if let Expression::New(made) = value
            && self.value(&made.of).marks.has(Marks::UNDECLARED)
        {
            self.state.at(only.line);
            self.signal("only-makes", &Value::default(), "new");
        }
    }

    /// Walks the functions that nothing in the page has called: handlers, web methods, what other files call.
    pub(super) fn uncalled(&mut self, from: usize) {
        for id in from..self.page.len() {
            let declared = self.page.get(id);
            if declared.n_walks == 0 || self.page.is_called_by_visitors(&declared.function.name) {
                self.entry(id);
            }
        }
    }

    /// Walks the functions that nothing in a text has called, each with so much for every parameter.
    fn call_each(&mut self, from: usize, given: &Value) {
        for id in from..self.page.len() {
            let declared = self.page.get(id);
            if declared.n_walks == 0 {
                self.walk_into(id, &vec![given.carried(); declared.function.parameters.len()]);
            }
        }
    }

    fn entry(&mut self, id: usize) {
        let function = self.page.get(id).function;
        let by_visitors = self.page.is_called_by_visitors(&function.name);
        let arguments: Vec<Value> =
            function.parameters.iter().map(|parameter| self.entry_argument(parameter, by_visitors)).collect();
        self.state.at(function.line);
        self.walk_into(id, &arguments);
    }

    fn entry_argument(&self, parameter: &Parameter, by_visitors: bool) -> Value {
        let of = parameter.of.as_deref().and_then(|of| self.state.tables.type_named(self.page.alias(of)));
        match of {
            Some("context" | "request" | "response") => Value { of, ..Value::default() },
            _ if by_visitors => {
                Value { of, ..Value::from_source(Source::Parameter, self.state.line, &parameter.name) }
            }
            _ => Value { of, ..Value::default() },
        }
    }

    /// Walks statements, in their order.
    pub(super) fn block(&mut self, statements: &'t [Statement]) {
        for statement in statements {
            if !self.state.step() {
                return;
            }
            self.state.nesting += 1;
            self.state.at(statement.line);
            self.statement(&statement.kind);
            self.state.nesting -= 1;
        }
    }

    /// Walks the statements of an evaluated text; returns what the last of them comes to, where it is an expression.
    fn evaluated_block(&mut self, statements: &'t [Statement]) -> Option<Value> {
        let Some((Statement { kind: StatementKind::Expression(last), line }, before)) =
            statements.split_last()
        else {
            self.block(statements);
            return None;
        };
        self.block(before);
        self.state.at(*line);
        Some(self.value(last))
    }

    fn statement(&mut self, statement: &'t StatementKind) {
        match statement {
            StatementKind::Expression(expression) => {
                self.value(expression);
            }
            StatementKind::Declare { name, of, value } => self.declare(name, of.as_ref(), value.as_deref()),
            StatementKind::Block(body) => self.block(body),
            StatementKind::Branch { condition, ways } => self.branch(condition, ways),
            StatementKind::Loop { condition, each, body } => {
                self.repeat(condition.as_deref(), each.as_deref(), body);
            }
            StatementKind::Return(Some(expression)) => {
                let value = self.value(expression);
                self.give_back(value);
            }
            StatementKind::Class(class) => self.fields(class),
            StatementKind::Global(names) => names.iter().for_each(|name| self.state.scope.share(name)),
            StatementKind::Return(None)
            | StatementKind::Function(_)
            | StatementKind::Import { .. }
            | StatementKind::Markup => {}
        }
    }

    /// Walks what a class sets when it is made; its functions are walked where they are called.
    fn fields(&mut self, class: &'t Class) {
        for member in &class.members {
            match &member.kind {
                StatementKind::Function(_) | StatementKind::Import { .. } => {}
                kind => {
                    self.state.at(member.line);
                    if self.state.step() {
                        self.state.nesting += 1;
                        self.statement(kind);
                        self.state.nesting -= 1;
                    }
                }
            }
        }
    }

    fn declare(&mut self, name: &'t Name, of: Option<&'t Name>, value: Option<&'t Expression>) {
        let mut value = match value {
            Some(expression) => self.value(expression),
            None if self.is_set_field(name) => return,
            None => Value { marks: Marks::FIXED.and(Marks::UNSET), ..Value::default() },
        };
        if value.of.is_none()
            && let Some(of) = of
        {
            value.of = self.state.tables.type_named(self.page.alias(of));
        }
        self.trace(&mut value, name);
        self.state.scope.declare(name, value);
    }

    /// Returns whether a name is a field that a function has set to what is the visitor's: a page of ASP.NET that is walked again
    /// finds it there.
    fn is_set_field(&self, name: &str) -> bool {
        matches!(self.state.family, Family::DotNet | Family::DotNetJScript)
            && self.frames.is_empty()
            && self.state.scope.get(name).is_some_and(Value::is_visitors)
    }

    /// Walks each way. Where it is known which one is taken, that one alone changes anything.
    fn branch(&mut self, condition: &'t Expression, ways: &'t [Way]) {
        let subject = self.value(condition);
        // Within a function that is called from elsewhere too, what is known of one call says nothing of the others; and a
        // variable of PHP may be one that the visitor sets.
        let is_sure = self.state.by_turns || self.frames.is_empty() && self.state.family != Family::Php;
        let taken = is_sure.then(|| self.taken(&subject, ways)).flatten();
        let mut others = ways.iter().filter(|way| !way.body.is_empty());
        if let (Some(lone), None, None) = (others.next(), others.next(), taken)
            && ways.len() > 1
        {
            let begun = self.state.scope.begin_way();
            self.block(&lone.body);
            self.state.scope.end_optional_way(begun);
            return;
        }
        let mut outcomes = Vec::with_capacity(ways.len());
        for (place, way) in ways.iter().enumerate() {
            let begun = self.state.scope.begin_way();
            self.block(&way.body);
            let outcome = self.state.scope.end_way(begun);
            if taken.is_none_or(|taken| taken == place) {
                outcomes.push(outcome);
            }
        }
        self.state.scope.merge(outcomes);
    }

    /// Returns the place of the way that is taken for a known value.
    fn taken(&mut self, subject: &Value, ways: &'t [Way]) -> Option<usize> {
        if ways.iter().all(|way| way.cases.is_empty()) {
            return None;
        }
        let subject = exactly(subject)?;
        let mut taken = None;
        for (place, way) in ways.iter().enumerate() {
            for case in &way.cases {
                if exactly(&self.value(case))? == subject {
                    taken = taken.or(Some(place));
                }
            }
        }
        taken.or_else(|| ways.iter().rposition(|way| way.cases.is_empty()))
    }

    /// Walks a loop twice: what one turn leaves, the next finds. A loop within a loop is walked
    /// again by the outer one; one that goes through states, once for each of them.
    fn repeat(
        &mut self,
        condition: Option<&'t Expression>,
        each: Option<&'t (Name, Expression)>,
        body: &'t [Statement],
    ) {
        let member = each.map(|(name, of)| (name, self.value(of).any_member()));
        if each.is_none() && self.state.loops == 0 && self.go_through(condition, body) {
            return;
        }
        let n_states = if self.state.loops == 0 { n_states(body).min(MOST_STATES) } else { 0 };
        let n_turns = if self.state.loops == 0 { n_states.max(2) } else { 1 };
        self.state.loops += 1;
        for _turn in 0..n_turns {
            let begun = self.state.scope.begin_way();
            if let Some(condition) = condition {
                self.value(condition);
            }
            if let Some((name, member)) = &member {
                self.state.scope.set(name, member.clone());
            }
            self.block(body);
            let carries = self.state.scope.end_optional_way(begun);
            if !carries && n_states == 0 {
                break;
            }
        }
        self.state.loops -= 1;
    }

    /// Walks a loop that goes through known states, turn by turn, as it would run. Returns whether it went through all of them:
    /// where it did not, nothing of it counts.
    fn go_through(&mut self, condition: Option<&'t Expression>, body: &'t [Statement]) -> bool {
        let Some((state, n_states)) = states(body) else { return false };
        let mut seen = Vec::new();
        let begun = self.state.scope.begin_way();
        self.state.loops += 1;
        let was_by_turns = std::mem::replace(&mut self.state.by_turns, true);
        while let Some(now) = self.state.scope.get(state).and_then(exactly) {
            if seen.len() == MOST_TURNS || seen.contains(&now) {
                break;
            }
            seen.push(now);
            if let Some(condition) = condition {
                self.value(condition);
            }
            self.block(body);
        }
        self.state.by_turns = was_by_turns;
        self.state.loops -= 1;
        let outcome = self.state.scope.end_way(begun);
        let all = seen.len() >= n_states;
        if all {
            self.state.scope.merge(vec![outcome]);
        }
        all
    }

    /// Notes what the function that is being walked gives back.
    pub(super) fn give_back(&mut self, value: Value) {
        if let Some(frame) = self.frames.last_mut() {
            frame.returned = Some(match frame.returned.take() {
                Some(before) => before.join(&value),
                None => value,
            });
        }
    }

    /// Walks into a function of the page with arguments; returns what it gives back.
    pub(super) fn walk_into(&mut self, id: usize, arguments: &[Value]) -> Value {
        let function = self.page.get(id).function;
        if self.frames.len() >= DEEPEST_CALL
            || self.frames.iter().any(|frame| frame.function == id)
            || !self.state.step()
        {
            return carried_of(arguments);
        }
        let declared = self.page.get(id);
        let with_texts = declared.n_walks < (MOST_WALKED / declared.size.max(1)).max(FEWEST_WALKS);
        let shape = shape(arguments, with_texts);
        let has_lists = with_texts && arguments.iter().any(|argument| argument.parts.is_some());
        if !has_lists && let Some(known) = self.page.remembered(id, shape) {
            self.state.scope.look_outside_as(&declared.looked_for);
            return known.clone();
        }
        self.page.count_walk(id);
        let line = self.state.line;
        let loops = std::mem::take(&mut self.state.loops);
        let value = self.walk_body(id, function, arguments);
        self.state.line = line;
        self.state.loops = loops;
        self.page.remember(id, shape, value.clone());
        value
    }

    fn walk_body(&mut self, id: usize, function: &'t Function, arguments: &[Value]) -> Value {
        self.state.scope.enter();
        let mut arguments = arguments.iter();
        for parameter in &function.parameters {
            let mut value = match (arguments.next(), &parameter.default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => self.value(default),
                (None, None) => Value::default(),
            };
            if value.of.is_none()
                && let Some(of) = &parameter.of
            {
                value.of = self.state.tables.type_named(self.page.alias(of));
            }
            self.trace(&mut value, &parameter.name);
            self.state.scope.declare(&parameter.name, value);
        }
        self.frames.push(Frame { function: id, name: &function.name, returned: None });
        self.state.nesting += 1;
        self.block(&function.body);
        self.state.nesting -= 1;
        self.page.note_looks(id, self.state.scope.looked_for());
        self.state.scope.leave();
        let by_visitors = self.page.is_called_by_visitors(&function.name);
        let returned = self.frames.pop().and_then(|frame| frame.returned);
        if by_visitors && let Some(value) = &returned {
            self.respond(value, "return");
        }
        returned.unwrap_or_default()
    }

    /// Walks the file that a value names, in the same place; returns what it gives back. No part of the name may be the
    /// visitor's, and its begin alone may be unknown, as that of the folder is which the page lies in.
    pub(super) fn take_in(&mut self, place: &Value) -> Option<Value> {
        let text = place.open_text().filter(|_| !place.is_visitors())?;
        let known = text.trim_start_matches(HOLE);
        let named = Named::read(known).filter(|_| !known.contains(HOLE))?;
        let of_php = self.state.family == Family::Php;
        let named = if of_php || known.len() < text.len() { named.from_above() } else { named };
        let line = self.state.line;
        let programs = (self.state.take_in)(named, line)?;
        let was_outer = std::mem::take(&mut self.state.line_is_outer);
        let loops = std::mem::take(&mut self.state.loops);
        for program in programs {
            self.page.add(program, self.state.tables);
        }
        self.frames.push(Frame { function: usize::MAX, name: "", returned: None });
        for program in programs {
            self.block(&program.body);
        }
        self.state.line = line;
        self.state.line_is_outer = was_outer;
        self.state.loops = loops;
        self.frames.pop().and_then(|frame| frame.returned)
    }

    /// Walks a text that is evaluated, as a program in the same place.
    pub(super) fn walk_text(&mut self, text: &str, hole: &Value) {
        let family = self.state.family.evaluated();
        let language = family.tables().library.evaluates;
        self.walk_program(&Evaluated { family, language, text, hole, given: None });
    }

    /// Walks a text that is run, as a program in the same place.
    pub(super) fn walk_program(&mut self, evaluated: &Evaluated<'_>) {
        const DEEPEST_EVALUATION: u32 = 4;
        let Evaluated { text, hole, .. } = *evaluated;
        let cost = u32::try_from(text.len() / 4).unwrap_or(u32::MAX);
        if self.state.evaluations >= DEEPEST_EVALUATION || self.state.fuel <= cost {
            return;
        }
        self.state.fuel -= cost;
        let family = std::mem::replace(&mut self.state.family, evaluated.family);
        self.state.tables = evaluated.family.tables();
        let program = self.state.program(evaluated.language, text);
        let (line, was_outer) = (self.state.line, self.state.line_is_outer);
        self.state.line_is_outer = true;
        self.state.evaluations += 1;
        self.state.scope.declare(HOLE_NAME, hole.carried());
        let mut page: Functions<'_> = self.page.clone();
        let n_outer = page.len();
        page.add(&program, self.state.tables);
        let mut inner = Walker { state: &mut *self.state, page, frames: Vec::new() };
        let value = inner.evaluated_block(&program.body);
        if let Some(given) = evaluated.given {
            inner.call_each(n_outer, given);
        }
        inner.uncalled(n_outer);
        inner.state.evaluated = value;
        self.state.evaluations -= 1;
        self.state.family = family;
        self.state.tables = family.tables();
        self.state.line_is_outer = was_outer;
        self.state.line = line;
    }
}

/// So many states of a loop are gone through.
const MOST_STATES: usize = 8;

/// So many turns of a loop whose states are known are walked.
const MOST_TURNS: usize = 32;

/// Returns what a value is, where all of it is known: its text, of a number its digits.
fn exactly(value: &Value) -> Option<Rc<String>> {
    value.is_whole().then(|| value.as_text()).flatten()
}

/// Returns the variable by which a loop chooses what is next, and which what it chooses sets, with how many states it has.
fn states(body: &[Statement]) -> Option<(&Name, usize)> {
    body.iter().find_map(|statement| {
        let StatementKind::Branch { condition, ways } = &statement.kind else { return None };
        let Expression::Name(name) = &**condition else { return None };
        let sets = |statement: &Statement| match &statement.kind {
            StatementKind::Expression(Expression::Assign { target, .. }) => {
                matches!(&**target, Expression::Name(target) if target == name)
            }
            _ => false,
        };
        let n_states = ways.iter().filter(|way| !way.cases.is_empty()).count();
        let is_set = ways.iter().any(|way| way.body.iter().any(sets));
        (n_states > 1 && is_set).then_some((name, n_states))
    })
}

/// Returns how many states a loop goes through that does nothing but choose what is next: programs that hide are cut up so.
fn n_states(body: &[Statement]) -> usize {
    match body {
        [Statement { kind: StatementKind::Branch { ways, .. }, .. }] => {
            let n_ways = ways.iter().filter(|way| !way.body.is_empty()).count();
            if n_ways > 2 { n_ways } else { 0 }
        }
        _ => 0,
    }
}

/// Returns what any function may make of its arguments.
pub(super) fn carried_of(arguments: &[Value]) -> Value {
    let mut value = Value::default();
    for (place, argument) in arguments.iter().enumerate() {
        if place == 0 {
            value = argument.carried();
        } else {
            value.absorb(argument);
        }
    }
    if arguments.len() > 1 {
        value.marks = value.marks.without(Marks::WHOLE);
    }
    value
}

/// Returns what of arguments makes a difference to a function: their texts too, as long as it was not walked often.
fn shape(arguments: &[Value], with_texts: bool) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    for argument in arguments {
        (argument.sources, argument.marks, argument.of, argument.parts.is_some()).hash(&mut hasher);
        if with_texts {
            match &argument.known {
                Known::Number(number) => number.hash(&mut hasher),
                Known::No => 0.hash(&mut hasher),
                known => known.text().hash(&mut hasher),
            }
        }
    }
    arguments.len().hash(&mut hasher);
    hasher.finish()
}
