//! The variables of a page and of the functions that are being walked, with what branches change undone and joined.

use super::names::{Names, hash};
use super::value::Value;
use hashbrown::HashTable;
use rustc_hash::FxHashMap;

/// Variables by name, function within function.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    frames: Vec<Frame>,
    /// Frames of functions that were left, empty, for those that are entered next.
    spare: Vec<Frame>,
    /// What was there before each change, while branches are being walked.
    journal: Vec<Change>,
    /// The ways that are being walked, one within another, by their numbers.
    ways: Vec<u32>,
    n_ways: u32,
    /// What any variable may hold that is not set: where a page makes variables of what its visitor sends.
    any: Option<Value>,
}

/// The variables of a function or of the page. A name keeps its slot once it was set, whatever branches undo.
#[derive(Debug, Default)]
struct Frame {
    slots: HashTable<Slot>,
    variables: Vec<Option<Variable>>,
    /// What was looked for outside of it.
    looked_for: Names,
    /// The hashes of names that stand for variables of the page.
    shared: Vec<u64>,
}

/// A name that has a slot.
#[derive(Debug)]
struct Slot {
    name: Box<str>,
    hash: u64,
    at: usize,
}

/// A name that is looked for, in one frame or two.
#[derive(Clone, Copy)]
struct Sought<'n> {
    name: &'n str,
    hash: u64,
}

impl<'n> Sought<'n> {
    fn new(name: &'n str) -> Self {
        Self { name, hash: hash(name) }
    }
}

#[derive(Debug, Default)]
struct Variable {
    value: Value,
    /// The way in whose part of the journal stands what was here before.
    noted_in: u32,
}

/// Where a variable lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    frame: usize,
    slot: usize,
}

#[derive(Debug)]
struct Change {
    place: Place,
    before: Option<Variable>,
}

/// What one way of a branch left behind.
#[derive(Debug, Default)]
pub(crate) struct Outcome(Vec<(Place, Value)>);

/// No page has so many variables.
const MOST_VARIABLES: usize = 1 << 16;

/// No function shares so many variables with the page.
const MOST_SHARED: usize = 256;

/// Frames with more variables are not kept: to empty them costs more than to make new ones.
const MOST_SPARED: usize = 64;

impl Frame {
    /// Returns the frame without its variables, and with the room that they had.
    fn emptied(mut self) -> Self {
        self.slots.clear();
        self.variables.clear();
        self.looked_for.clear();
        self.shared.clear();
        self
    }

    /// Returns the slot that a name has.
    fn slot(&self, sought: Sought<'_>) -> Option<usize> {
        let is_it = |slot: &Slot| slot.hash == sought.hash && *slot.name == *sought.name;
        self.slots.find(sought.hash, is_it).map(|slot| slot.at)
    }

    /// Returns where a variable lies that is set.
    fn slot_of(&self, sought: Sought<'_>) -> Option<usize> {
        self.slot(sought).filter(|slot| self.variables[*slot].is_some())
    }

    fn get(&self, sought: Sought<'_>) -> Option<&Value> {
        self.variables[self.slot(sought)?].as_ref().map(|variable| &variable.value)
    }

    /// Returns the slot of a name, a new one where it has none and there is room.
    fn slot_for(&mut self, sought: Sought<'_>) -> Option<usize> {
        let Sought { name, hash } = sought;
        self.slot(sought).or_else(|| {
            let at = self.variables.len();
            (at < MOST_VARIABLES).then(|| {
                self.slots.insert_unique(hash, Slot { name: name.into(), hash, at }, |slot| slot.hash);
                self.variables.push(None);
                at
            })
        })
    }
}

impl Scope {
    /// Returns a scope with the variables of the page.
    pub(crate) fn new() -> Self {
        Self { frames: vec![Frame::default()], ..Self::default() }
    }

    /// Begins the variables of a function.
    pub(crate) fn enter(&mut self) {
        self.frames.push(self.spare.pop().unwrap_or_default());
    }

    /// Ends the variables of a function.
    pub(crate) fn leave(&mut self) {
        if self.frames.len() > 1 {
            let left = self.frames.pop();
            if let Some(left) = &left {
                self.look_outside_as(&left.looked_for);
            }
            self.spare.extend(left.filter(|frame| frame.variables.len() <= MOST_SPARED).map(Frame::emptied));
        }
    }

    /// Notes that the function looks for a name outside of itself.
    pub(crate) fn look_outside(&self, name: &str) {
        self.look_outside_for(hash(name));
    }

    fn look_outside_for(&self, hash: u64) {
        if let [_, .., last] = &*self.frames {
            last.looked_for.add(hash);
        }
    }

    /// Notes that the function looks outside of itself for what another one looked for.
    pub(crate) fn look_outside_as(&self, other: &Names) {
        if let [_, .., last] = &*self.frames {
            last.looked_for.add_all(other);
        }
    }

    /// Returns the names of variables of the page that hold what came from somewhere.
    pub(crate) fn given(&self) -> Names {
        if self.any.is_some() {
            return Names::all();
        }
        let page = &self.frames[0];
        let names = Names::default();
        let is_given = |slot: &&Slot| {
            page.variables[slot.at].as_ref().is_some_and(|variable| !variable.value.sources.is_empty())
        };
        page.slots.iter().filter(is_given).for_each(|slot| names.add(slot.hash));
        names
    }

    /// Returns what the function looked for outside of itself.
    pub(crate) fn looked_for(&self) -> &Names {
        &self.frames[self.frames.len() - 1].looked_for
    }

    /// Returns what a variable holds: of the function, else of the page.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let sought = Sought::new(name);
        let last = self.frames.len() - 1;
        let found = self.frames[last].get(sought);
        let found = found.or_else(|| {
            self.look_outside_for(sought.hash);
            if last > 0 { self.frames[0].get(sought) } else { None }
        });
        found.or_else(|| {
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
        let sought = Sought::new(name);
        self.place_of(sought).map_or_else(|| self.shares(sought), |place| place.frame == 0)
    }

    /// Takes out what a variable holds, for what is about to be set again: nothing of it has to be copied.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.place_of(Sought::new(name))?;
        let way = self.way();
        let variable = self.frames[place.frame].variables[place.slot].as_mut()?;
        if variable.noted_in == way {
            return Some(std::mem::take(&mut variable.value));
        }
        let value = variable.value.clone();
        let before = std::mem::replace(variable, Variable { value: Value::default(), noted_in: way });
        self.journal.push(Change { place, before: Some(before) });
        Some(value)
    }

    /// Declares a variable where the walk is.
    pub(crate) fn declare(&mut self, name: &str, value: Value) {
        self.set_in(self.frames.len() - 1, Sought::new(name), value);
    }

    /// Sets a variable: of the function if it has it, else of the page if that has it, else a new one.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        let sought = Sought::new(name);
        match self.place_of(sought) {
            Some(place) => self.set_at(place, value),
            None if self.shares(sought) => self.set_in(0, sought, value),
            None => self.set_in(self.frames.len() - 1, sought, value),
        }
    }

    /// Lets a name stand for a variable of the page within the function, whether the page has set it or not.
    pub(crate) fn share(&mut self, name: &str) {
        if let [_, .., last] = &mut *self.frames
            && last.shared.len() < MOST_SHARED
        {
            last.shared.push(hash(name));
        }
    }

    /// Sets a variable of the page.
    pub(crate) fn set_global(&mut self, name: &str, value: Value) {
        self.set_in(0, Sought::new(name), value);
    }

    /// Returns where a variable lies: in the function, else in the page.
    fn place_of(&self, sought: Sought<'_>) -> Option<Place> {
        let last = self.frames.len() - 1;
        let within = |frame: usize| self.frames[frame].slot_of(sought).map(|slot| Place { frame, slot });
        within(last).or_else(|| {
            self.look_outside_for(sought.hash);
            if last > 0 { within(0) } else { None }
        })
    }

    /// Returns whether the function lets a name stand for a variable of the page.
    fn shares(&self, sought: Sought<'_>) -> bool {
        self.frames[self.frames.len() - 1].shared.contains(&sought.hash)
    }

    /// Returns the way that is being walked; 0 outside of branches, where nothing has to be noted.
    fn way(&self) -> u32 {
        self.ways.last().copied().unwrap_or(0)
    }

    fn set_in(&mut self, frame: usize, sought: Sought<'_>, value: Value) {
        if let Some(slot) = self.frames[frame].slot_for(sought) {
            self.set_at(Place { frame, slot }, value);
        }
    }

    fn set_at(&mut self, place: Place, value: Value) {
        let way = self.way();
        let variable = &mut self.frames[place.frame].variables[place.slot];
        let now = Variable { value, noted_in: way };
        match variable {
            Some(known) if known.noted_in == way => *known = now,
            _ => {
                let before = variable.replace(now);
                if way > 0 {
                    self.journal.push(Change { place, before });
                }
            }
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
        let mut outcome = Vec::with_capacity(self.journal.len() - begun);
        for Change { place, before } in self.journal.drain(begun..).rev() {
            // Functions that were walked into are left, and their variables with them.
            let Some(frame) = self.frames.get_mut(place.frame) else { continue };
            if let Some(now) = std::mem::replace(&mut frame.variables[place.slot], before) {
                outcome.push((place, now.value));
            }
        }
        self.ways.pop();
        Outcome(outcome)
    }

    /// Ends a way that may as well not be taken: what it changed holds what it left there, or what was there before. Returns
    /// whether anything that it set may be followed further.
    pub(crate) fn end_optional_way(&mut self, begun: usize) -> bool {
        self.ways.pop();
        let way = self.way();
        let mut carries = false;
        for Change { place, before } in self.journal.split_off(begun).into_iter().rev() {
            // Functions that were walked into are left, and their variables with them.
            let Some(frame) = self.frames.get_mut(place.frame) else { continue };
            let Some(now) = &mut frame.variables[place.slot] else { continue };
            now.noted_in = way;
            carries |= now.value.is_followed();
            if let Some(before) = &before {
                now.value = std::mem::take(&mut now.value).join(&before.value);
            }
            let is_noted = before.as_ref().is_some_and(|before| before.noted_in == way);
            if way > 0 && !is_noted {
                self.journal.push(Change { place, before });
            }
        }
        carries
    }

    /// Lets each variable hold what any of the ways left in it.
    pub(crate) fn merge(&mut self, ways: Vec<Outcome>) {
        let n_ways = ways.len();
        let n_changes = |ways: &[Outcome]| ways.iter().map(|way| way.0.len()).max().unwrap_or(0);
        let mut merged: Vec<(Place, usize, Value)> = Vec::with_capacity(n_changes(&ways));
        let mut known: FxHashMap<Place, usize> = FxHashMap::default();
        for (n, way) in ways.into_iter().filter(|way| !way.0.is_empty()).enumerate() {
            if n == 1 {
                known.extend(merged.iter().enumerate().map(|(at, (place, _, _))| (*place, at)));
            }
            for (place, value) in way.0 {
                // The first way changes each variable once.
                let at = if n == 0 { merged.len() } else { *known.entry(place).or_insert(merged.len()) };
                if let Some((_, count, joined)) = merged.get_mut(at) {
                    *count += 1;
                    *joined = std::mem::take(joined).join(&value);
                } else {
                    merged.push((place, 1, value));
                }
            }
        }
        for (place, count, mut value) in merged {
            if count < n_ways
                && let Some(before) = &self.frames[place.frame].variables[place.slot]
            {
                value = value.join(&before.value);
            }
            self.set_at(place, value);
        }
    }
}
