//! The functions and classes that a page declares.

use super::names::Names;
use super::tables::Tables;
use super::value::Value;
use crate::tree::{Class, Expression, Function, Program, Statement, StatementKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// What a page declares, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Functions<'t> {
    all: Vec<Declared<'t>>,
    by_name: FxHashMap<&'t str, Vec<usize>>,
    /// Classes of the page.
    classes: FxHashMap<&'t str, OfPage>,
    /// Names of functions that visitors call: also where the attribute stands at an interface.
    called_by_visitors: FxHashSet<&'t str>,
    /// Names that stand for others: `using A = X`.
    aliases: FxHashMap<&'t str, &'t str>,
    memory: FxHashMap<(usize, u64), Value>,
}

/// A class of the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfPage {
    /// The type of the tables that it extends, if it does.
    pub(crate) base: Option<&'static str>,
}

/// A function of the page.
#[derive(Debug, Clone)]
pub(crate) struct Declared<'t> {
    /// The function.
    pub(crate) function: &'t Function,
    /// How many statements it has.
    pub(crate) size: u32,
    /// How often it was walked.
    pub(crate) n_walks: u32,
    /// Of a function of the system: its name there.
    pub(crate) native: Option<Box<str>>,
    /// The names that it, and what it calls, looked for outside of itself.
    pub(crate) looked_for: Names,
}

/// Functions nest no deeper than this in what is looked through for declarations.
const DEEPEST: u32 = 100;

impl<'t> Functions<'t> {
    /// Returns what programs declare.
    pub(crate) fn of(programs: &'t [Program], tables: &Tables) -> Self {
        let mut functions = Self::default();
        for program in programs {
            functions.add(program, tables);
        }
        functions
    }

    /// Adds what a program declares. What is declared later is found first.
    pub(crate) fn add(&mut self, program: &'t Program, tables: &Tables) {
        self.statements(&program.body, tables, 0);
    }

    fn statements(&mut self, statements: &'t [Statement], tables: &Tables, depth: u32) {
        if depth > DEEPEST {
            return;
        }
        let mut before = None;
        for statement in statements {
            let after = before.replace(&statement.kind);
            match &statement.kind {
                StatementKind::Function(function) => {
                    self.attribute_before(after, &function.name, tables);
                    self.function(&function.name, function, tables);
                    self.statements(&function.body, tables, depth + 1);
                }
                StatementKind::Class(class) => self.class(class, tables, depth + 1),
                StatementKind::Block(body) | StatementKind::Loop { body, .. } => {
                    self.statements(body, tables, depth + 1);
                }
                StatementKind::Branch { ways, .. } => {
                    for way in ways {
                        self.statements(&way.body, tables, depth + 1);
                    }
                }
                StatementKind::Import { name, alias: Some(alias) } => {
                    self.aliases.insert(alias, name);
                }
                StatementKind::Declare { name, value: Some(value), .. } => {
                    if let Expression::Function(function) = &**value {
                        self.function(name, function, tables);
                    }
                }
                StatementKind::Expression(Expression::Assign { target, value, .. }) => {
                    if let (Expression::Name(name), Expression::Function(function)) = (&**target, &**value) {
                        self.function(name, function, tables);
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds a class: of what is written in place, when it is come to.
    pub(crate) fn class(&mut self, class: &'t Class, tables: &Tables, depth: u32) {
        let base = class.bases.iter().find_map(|base| tables.type_named(base));
        if !class.name.is_empty() {
            self.classes.insert(&class.name, OfPage { base });
        }
        self.statements(&class.members, tables, depth);
    }

    /// In JScript an attribute is a name that stands before what it is said of.
    fn attribute_before(&mut self, before: Option<&StatementKind>, name: &'t str, tables: &Tables) {
        if let Some(StatementKind::Expression(Expression::Name(attribute))) = before
            && tables.library.called_by_visitors.contains(&attribute.trim_end_matches("attribute"))
        {
            self.called_by_visitors.insert(name);
        }
    }

    fn function(&mut self, name: &'t str, function: &'t Function, tables: &Tables) {
        let by_visitors = &tables.library.called_by_visitors;
        let said = function.attributes.iter().any(|attribute| by_visitors.contains(&&*attribute.name));
        if said || tables.library.handlers.contains(&name) {
            self.called_by_visitors.insert(name);
        }
        // `IHttpHandler.ProcessRequest` is found by its last part.
        let name = name.rsplit('.').next().unwrap_or(name);
        self.by_name.entry(name).or_default().push(self.all.len());
        self.all.push(Declared {
            function,
            size: size(&function.body, 0),
            n_walks: 0,
            native: native_name(function),
            looked_for: Names::default(),
        });
    }

    /// Returns the function of a name that takes so many arguments, or else one that takes others.
    pub(crate) fn find(&self, name: &str, n_arguments: usize) -> Option<usize> {
        let known = self.by_name.get(name)?;
        let fits = |id: &&usize| self.all[**id].function.parameters.len() == n_arguments;
        let has_body = |id: &&usize| !self.all[**id].function.body.is_empty();
        known
            .iter()
            .rev()
            .find(|id| fits(id) && has_body(id))
            .or_else(|| known.iter().rev().find(|id| has_body(id)))
            .or_else(|| known.last())
            .copied()
    }

    /// Returns a function.
    pub(crate) fn get(&self, id: usize) -> &Declared<'t> {
        &self.all[id]
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Notes one more walk through a function; returns how many there were before.
    pub(crate) fn count_walk(&mut self, id: usize) -> u32 {
        let n_walks = &mut self.all[id].n_walks;
        *n_walks += 1;
        *n_walks - 1
    }

    /// Returns whether visitors call functions of this name.
    pub(crate) fn is_called_by_visitors(&self, name: &str) -> bool {
        self.called_by_visitors.contains(name)
    }

    /// Returns a class that the page declares.
    pub(crate) fn class_named(&self, name: &str) -> Option<OfPage> {
        if self.classes.is_empty() {
            return None;
        }
        self.classes.get(name.rsplit('.').next().unwrap_or(name)).copied()
    }

    /// Returns what a name stands for.
    pub(crate) fn alias<'n>(&'n self, name: &'n str) -> &'n str {
        if self.aliases.is_empty() { name } else { self.aliases.get(name).copied().unwrap_or(name) }
    }

    /// Returns what a function gave for arguments of the same shape.
    pub(crate) fn remembered(&self, id: usize, shape: u64) -> Option<&Value> {
        self.memory.get(&(id, shape))
    }

    /// Remembers what a function gave.
    pub(crate) fn remember(&mut self, id: usize, shape: u64, value: Value) {
        self.memory.insert((id, shape), value);
    }

    /// Notes what a function looked for outside of itself.
    pub(crate) fn note_looks(&mut self, id: usize, names: &Names) {
        self.all[id].looked_for.add_all(names);
    }

    /// Forgets what functions gave that looked for what has changed.
    pub(crate) fn forget(&mut self, changed: &Names) {
        self.memory.retain(|(id, _), _| !self.all[*id].looked_for.meets(changed));
    }
}

/// Returns how many statements there are, those within others too.
fn size(statements: &[Statement], depth: u32) -> u32 {
    if depth > DEEPEST {
        return 0;
    }
    let within = |statement: &Statement| match &statement.kind {
        StatementKind::Block(body) | StatementKind::Loop { body, .. } => size(body, depth + 1),
        StatementKind::Branch { ways, .. } => {
            ways.iter().fold(0, |sum: u32, way| sum.saturating_add(size(&way.body, depth + 1)))
        }
        _ => 0,
    };
    statements.iter().fold(0, |sum: u32, statement| sum.saturating_add(1 + within(statement)))
}

/// Returns the name of a function of the system, where the declaration says that it is one.
fn native_name(function: &Function) -> Option<Box<str>> {
    let import = function.attributes.iter().find(|attribute| &*attribute.name == "dllimport")?;
    let entry = import.arguments.iter().find_map(|argument| match argument {
        Expression::Assign { target, value, .. } => match (&**target, &**value) {
            (Expression::Name(name), Expression::Text(text)) if &**name == "entrypoint" => {
                Some(text.to_ascii_lowercase())
            }
            _ => None,
        },
        _ => None,
    });
    Some(entry.map_or_else(|| function.name.clone(), String::into_boxed_str))
}
