//! The variables of a page and of the functions that are being walked, with what branches change undone and joined.

use super::value::Value;
use rustc_hash::FxHashMap;

/// Variables by name, function within function.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    frames: Vec<FxHashMap<Box<str>, Variable>>,
    /// What was there before each change, while branches are being walked.
    journal: Vec<Change>,
    /// The ways that are being walked, one within another, by their numbers.
    ways: Vec<u32>,
    n_ways: u32,
    /// What any variable may hold that is not set: where a page makes variables of what its visitor sends.
    any: Option<Value>,
}

#[derive(Debug, Default)]
struct Variable {
    value: Value,
    /// The way in whose part of the journal stands what was here before.
    noted_in: u32,
}

#[derive(Debug)]
struct Change {
    frame: usize,
    name: Box<str>,
    before: Option<Variable>,
}

/// What one way of a branch left behind.
#[derive(Debug, Default)]
pub(crate) struct Outcome(Vec<(usize, Box<str>, Value)>);

impl Outcome {
    /// Returns whether anything that the way set may be followed further.
    pub(crate) fn carries(&self) -> bool {
        self.0.iter().any(|(_, _, value)| value.is_followed())
    }
}

/// No page has so many variables.
const MOST_VARIABLES: usize = 1 << 16;

impl Scope {
    /// Returns a scope with the variables of the page.
    pub(crate) fn new() -> Self {
        Self { frames: vec![FxHashMap::default()], ..Self::default() }
    }

    /// Begins the variables of a function.
    pub(crate) fn enter(&mut self) {
        self.frames.push(FxHashMap::default());
    }

    /// Ends the variables of a function.
    pub(crate) fn leave(&mut self) {
        if self.frames.len() > 1 {
            self.frames.pop();
        }
    }

    /// Returns what a variable holds: of the function, else of the page.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let last = self.frames.len() - 1;
        let found = self.frames[last].get(name);
        let found = found.or_else(|| if last > 0 { self.frames[0].get(name) } else { None });
        found.map(|variable| &variable.value).or_else(|| {
            let given = name.starts_with("$_") || matches!(name, "$globals" | "$this");
            self.any.as_ref().filter(|_| name.starts_with('$') && !given)
        })
    }

    /// Lets every variable that is not set hold a value.
    pub(crate) fn open(&mut self, value: Value) {
        self.any.get_or_insert(value);
    }

    /// Returns whether a name is a variable of the page, and not of the function that is being walked.
    pub(crate) fn is_global(&self, name: &str) -> bool {
        self.frame_of(name) == 0 && self.frames[0].contains_key(name)
    }

    /// Takes out what a variable holds, for what is about to be set again: nothing of it has to be copied.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let frame = self.frame_of(name);
        let way = self.way();
        let variable = self.frames[frame].get_mut(name)?;
        if variable.noted_in == way {
            return Some(std::mem::take(&mut variable.value));
        }
        let value = variable.value.clone();
        let before = std::mem::replace(variable, Variable { value: Value::default(), noted_in: way });
        self.journal.push(Change { frame, name: name.into(), before: Some(before) });
        Some(value)
    }

    /// Declares a variable where the walk is.
    pub(crate) fn declare(&mut self, name: &str, value: Value) {
        self.set_in(self.frames.len() - 1, name, value);
    }

    /// Sets a variable: of the function if it has it, else of the page if that has it, else a new one.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.set_in(self.frame_of(name), name, value);
    }

    /// Sets a variable of the page.
    pub(crate) fn set_global(&mut self, name: &str, value: Value) {
        self.set_in(0, name, value);
    }

    fn frame_of(&self, name: &str) -> usize {
        let last = self.frames.len() - 1;
        if last > 0 && !self.frames[last].contains_key(name) && self.frames[0].contains_key(name) {
            0
        } else {
            last
        }
    }

    /// Returns the way that is being walked; 0 outside of branches, where nothing has to be noted.
    fn way(&self) -> u32 {
        self.ways.last().copied().unwrap_or(0)
    }

    fn set_in(&mut self, frame: usize, name: &str, value: Value) {
        let way = self.way();
        let variables = &mut self.frames[frame];
        let now = Variable { value, noted_in: way };
        let before = if let Some(variable) = variables.get_mut(name) {
            if variable.noted_in == way {
                *variable = now;
                return;
            }
            Some(std::mem::replace(variable, now))
        } else if variables.len() < MOST_VARIABLES {
            variables.insert(name.into(), now)
        } else {
            return;
        };
        if way > 0 {
            self.journal.push(Change { frame, name: name.into(), before });
        }
    }

    /// Begins one way of a branch; what it returns goes to [`Self::end_way`].
    pub(crate) fn begin_way(&mut self) -> usize {
        self.n_ways += 1;
        self.ways.push(self.n_ways);
        self.journal.len()
    }

    /// Ends a way: takes what it changed out, and puts back what was there.
    pub(crate) fn end_way(&mut self, begun: usize) -> Outcome {
        let mut outcome = Vec::new();
        for change in self.journal.drain(begun..).rev() {
            let Some(variables) = self.frames.get_mut(change.frame) else { continue };
            let now = match change.before {
                Some(before) => {
                    variables.get_mut(&change.name).map(|variable| std::mem::replace(variable, before))
                }
                None => variables.remove(&change.name),
            };
            if let Some(now) = now {
                outcome.push((change.frame, change.name, now.value));
            }
        }
        self.ways.pop();
        Outcome(outcome)
    }

    /// Lets each variable hold what any of the ways left in it.
    pub(crate) fn merge(&mut self, ways: Vec<Outcome>) {
        let n_ways = ways.len();
        let mut changed: FxHashMap<(usize, Box<str>), (usize, Value)> = FxHashMap::default();
        let mut order = Vec::new();
        for (frame, name, value) in ways.into_iter().flat_map(|way| way.0) {
            if let Some((count, known)) = changed.get_mut(&(frame, name.clone())) {
                *count += 1;
                *known = std::mem::take(known).join(&value);
            } else {
                order.push((frame, name.clone()));
                changed.insert((frame, name), (1, value));
            }
        }
        for key in order {
            let Some((count, mut value)) = changed.remove(&key) else { continue };
            let (frame, name) = key;
            if frame >= self.frames.len() {
                continue;
            }
            if count < n_ways
                && let Some(before) = self.frames[frame].get(&name)
            {
                value = value.join(&before.value);
            }
            self.set_in(frame, &name, value);
        }
    }
}
