//! The variables of a page and of the functions that are being walked, with what branches change undone and joined.

use super::value::Value;
use rustc_hash::FxHashMap;

/// Variables by name, function within function.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    frames: Vec<FxHashMap<Box<str>, Value>>,
    /// What was there before each change, while branches are being walked.
    journal: Vec<Change>,
    branches: usize,
}

#[derive(Debug)]
struct Change {
    frame: usize,
    name: Box<str>,
    before: Option<Value>,
}

/// What one way of a branch left behind.
#[derive(Debug, Default)]
pub(crate) struct Outcome(Vec<(usize, Box<str>, Value)>);

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
        self.frames[last].get(name).or_else(|| if last > 0 { self.frames[0].get(name) } else { None })
    }

    /// Returns whether a name is a variable of the page, and not of the function that is being walked.
    pub(crate) fn is_global(&self, name: &str) -> bool {
        self.frame_of(name) == 0 && self.frames[0].contains_key(name)
    }

    /// Returns what a variable holds, out of its place: for what is about to be set again.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        if self.branches > 0 {
            return self.get(name).cloned();
        }
        let frame = self.frame_of(name);
        self.frames[frame].get_mut(name).map(std::mem::take)
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

    fn set_in(&mut self, frame: usize, name: &str, value: Value) {
        let variables = &mut self.frames[frame];
        let before = if let Some(place) = variables.get_mut(name) {
            Some(std::mem::replace(place, value))
        } else if variables.len() < MOST_VARIABLES {
            variables.insert(name.into(), value)
        } else {
            return;
        };
        if self.branches > 0 {
            self.journal.push(Change { frame, name: name.into(), before });
        }
    }

    /// Begins one way of a branch; what it returns goes to [`Self::end_way`].
    pub(crate) fn begin_way(&mut self) -> usize {
        self.branches += 1;
        self.journal.len()
    }

    /// Ends a way: takes what it changed out, and puts back what was there.
    pub(crate) fn end_way(&mut self, begun: usize) -> Outcome {
        let mut outcome: Vec<(usize, Box<str>, Value)> = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        for change in self.journal.drain(begun..).rev() {
            let Some(variables) = self.frames.get_mut(change.frame) else { continue };
            let now = match change.before {
                Some(before) => variables.insert(change.name.clone(), before),
                None => variables.remove(&change.name),
            };
            if let Some(now) = now
                && seen.insert((change.frame, change.name.clone()))
            {
                outcome.push((change.frame, change.name, now));
            }
        }
        self.branches -= 1;
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
                value = value.join(before);
            }
            self.set_in(frame, &name, value);
        }
    }
}
