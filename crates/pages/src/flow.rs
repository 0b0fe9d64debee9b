//! Follows what a program does without running it: from what the visitor controls to what gives control.
//!
//! One walk over the tree of a page, the same for every language; `tables` say what the libraries of a language do. Each
//! value is what is known of it (`Value`): its text where that can be worked out, where it came from and by which way,
//! its type. Branches are walked one by one and joined, loops twice (through states that are known, turn by turn), and calls
//! of the page's own functions walk into them. A known text that is evaluated is read as a program and walked in the same
//! place. Where a function left something of the visitor's for others to find, those that looked for such a thing are walked
//! again. Each step costs fuel; a page that takes too much is not followed to its end, and that is said.

mod apply;
mod bytes;
mod calls;
mod expressions;
mod fold;
mod found;
mod functions;
mod names;
mod places;
mod scope;
mod scripts;
mod sheets;
mod sinks;
mod statements;
mod tables;
mod value;

use crate::kind::{Kind, Language};
use crate::page::Named;
use crate::signal::Signal;
use crate::tree::Program;
use found::Found;
use functions::Functions;
use rustc_hash::FxHashMap;
use scope::Scope;
use std::rc::Rc;
use tables::{Family, Tables};
use value::Value;

/// Reads a text as a program: what an evaluation does first.
pub type Parse<'p> = &'p dyn Fn(Language, &str) -> Program;

/// Gives the programs of the file that a page takes in by a name, on a line; none where there is no such file, or where it was
/// taken in before.
pub type TakeIn<'p> = &'p dyn Fn(Named<'_>, u32) -> Option<&'p [Program]>;

/// What following a page gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// What was seen, in the order of lines and codes; each code once a line.
    pub signals: Vec<Signal>,
    /// Whether the page was too much to follow to its end.
    pub cut_short: bool,
}

/// What a page may cost, in steps; a step is an expression or a statement.
const FUEL: u32 = 600_000;

/// Follows the programs of a page, and of what it takes in.
pub fn follow<'p>(kind: Kind, programs: &'p [Program], parse: Parse<'p>, take_in: TakeIn<'p>) -> Followed {
    let family = family(kind, programs);
    let mut state = State {
        tables: family.tables(),
        family,
        parse,
        take_in,
        scope: Scope::new(),
        kept: FxHashMap::default(),
        found: Found::default(),
        fuel: FUEL,
        nesting: 0,
        loops: 0,
        by_turns: false,
        programs: FxHashMap::default(),
        evaluations: 0,
        line: 0,
        line_is_outer: false,
        evaluated: None,
        unsettled: false,
    };
    let mut walker =
        Walker { state: &mut state, page: Functions::of(programs, family.tables()), frames: Vec::new() };
    walker.programs(programs);
    let cut_short = state.fuel == 0;
    Followed { signals: state.found.finish(), cut_short }
}

/// Returns whose libraries a page uses.
fn family(kind: Kind, programs: &[Program]) -> Family {
    let in_jscript = programs.iter().any(|program| program.language == Language::JScript);
    match kind {
        Kind::Asp if in_jscript && programs.iter().all(|program| program.language == Language::JScript) => {
            Family::AspJScript
        }
        Kind::Asp => Family::Asp,
        Kind::Jsp => Family::Java,
        Kind::Php => Family::Php,
        _ if in_jscript => Family::DotNetJScript,
        _ => Family::DotNet,
    }
}

/// What the walk has come to, whichever program it is in.
struct State<'s> {
    tables: &'static Tables,
    family: Family,
    parse: Parse<'s>,
    take_in: TakeIn<'s>,
    scope: Scope,
    /// What was put into the session, the application or the cache, by key.
    kept: FxHashMap<Box<str>, Value>,
    found: Found,
    fuel: u32,
    /// Expressions and statements that are being walked, one within another.
    nesting: u32,
    /// Loops of the function that are being walked, one within another.
    loops: u32,
    /// Whether a loop is walked turn by turn, as it would run.
    by_turns: bool,
    /// Programs of evaluated texts: what loops evaluate is read once.
    programs: FxHashMap<Box<str>, Rc<Program>>,
    /// Evaluated texts that are being walked, one within another.
    evaluations: u32,
    line: u32,
    /// Whether lines are those of an evaluated text, so that the line of the evaluation stands for them.
    line_is_outer: bool,
    /// What the last evaluated text came to, where it is an expression.
    evaluated: Option<Value>,
    /// Whether a function put something of the visitor's where another finds it.
    unsettled: bool,
}

/// What stands for all that was put into the session, the application or the cache, among the names of variables.
const KEPT: &str = "#kept";

/// A walk through a program.
struct Walker<'w, 's: 't, 't> {
    state: &'w mut State<'s>,
    page: Functions<'t>,
    frames: Vec<Frame<'t>>,
}

/// A function that is being walked.
struct Frame<'t> {
    function: usize,
    name: &'t str,
    returned: Option<Value>,
}

/// No deeper, for the sake of the stack.
const DEEPEST: u32 = 420;

impl State<'_> {
    /// Takes one step; returns whether the walk may go on and deeper.
    fn step(&mut self) -> bool {
        self.fuel = self.fuel.saturating_sub(1);
        self.fuel > 0 && self.nesting < DEEPEST
    }

    /// Pays for so many bytes that are copied or worked out.
    fn pay(&mut self, bytes: usize) {
        self.fuel = self.fuel.saturating_sub(u32::try_from(bytes / 32).unwrap_or(u32::MAX));
    }

    /// Returns the program that a text spells in a language.
    fn program(&mut self, language: Language, text: &str) -> Rc<Program> {
        if let Some(known) = self.programs.get(text).filter(|known| known.language == language) {
            return Rc::clone(known);
        }
        let program = Rc::new((self.parse)(language, text));
        self.programs.insert(text.into(), Rc::clone(&program));
        program
    }

    /// Notes the line of what is being walked.
    fn at(&mut self, line: u32) {
        if !self.line_is_outer {
            self.line = line;
        }
    }
}

#[cfg(test)]
mod tests;
