//! The page classes of an assembly, and what each of them reaches.

use super::code::{Refers, body, references};
use super::image::Image;
use super::metadata::Metadata;
use super::powers::{Member, PAGES, SERVICE, VISITOR, is_native, names_shell};
use super::schema::{FIELD, IMPORT, INTERFACE, MEMBER_REFERENCE, METHOD, TYPE, TYPE_REFERENCE};
use super::tables::Place;
use crate::signal::{Signal, Step};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How many calls away from a page's own methods what gives control may lie.
const FURTHEST: usize = 5;
/// Methods that are looked into, of all pages together.
const MOST_STEPS: usize = 1 << 18;
/// Types extend each other no deeper.
const DEEPEST: usize = 16;
/// Methods of a type that a compiler made.
const MOST_MADE: usize = 64;
/// The namespace in which ASP.NET puts what it makes of pages.
const GENERATED: &str = "ASP";

/// What a method refers to.
#[derive(Default)]
struct Uses {
    /// What it gives, and what it is called: each kind once.
    gives: BTreeMap<&'static str, String>,
    /// Methods of the assembly that it calls.
    calls: Vec<Place>,
}

/// What is asked of an assembly.
struct Reader<'r, 'b> {
    metadata: &'r Metadata<'b>,
    image: &'r Image<'b>,
    uses: FxHashMap<u32, Uses>,
    /// Functions of the system, by the methods that stand for them.
    native: FxHashMap<u32, &'b str>,
    /// Types that implement what handlers and modules do.
    implemented: FxHashMap<u32, &'static str>,
    /// The types that methods belong to: the first method of each, in order.
    owners_of_methods: Vec<(u32, Place)>,
    /// The types that fields belong to, in the same way.
    owners_of_fields: Vec<(u32, Place)>,
    n_steps: usize,
}

/// Returns what the page classes of an assembly reach, where one reaches both what its visitor sends and what gives control.
pub(super) fn signals(metadata: &Metadata<'_>, image: &Image<'_>) -> Vec<Signal> {
    let mut reader = Reader::of(metadata, image);
    let mut found: BTreeMap<&'static str, Signal> = BTreeMap::new();
    for page in metadata.tables.rows(TYPE) {
        let Some(base) = reader.base_of(page) else { continue };
        let mut reached = reader.reached(page);
        let name = type_name(metadata, page);
        let sent = reached.remove(VISITOR).or_else(|| (base == SERVICE).then(|| name.clone()));
        let Some(sent) = sent else { continue };
        if reached.keys().all(|code| *code == "compiled-names-shell") {
            continue;
        }
        for (code, what) in reached {
            let path =
                [&name, &sent, &what].map(|what| Step::of_page(1, what.chars().take(80).collect::<String>()));
            found.entry(code).or_insert_with(|| Signal { code, line: 1, path: path.into() });
        }
    }
    found.into_values().collect()
}

impl<'r, 'b> Reader<'r, 'b> {
    fn of(metadata: &'r Metadata<'b>, image: &'r Image<'b>) -> Self {
        let tables = &metadata.tables;
        let imports = tables.rows(IMPORT).filter_map(|import| {
            let method = tables.named(import, 1).filter(|of| of.table == METHOD)?;
            Some((method.row, metadata.name(tables.cell(import, 2)?)))
        });
        let owners = |column: usize| {
            let first = |of: Place| Some((tables.cell(of, column)?, of));
            let mut owners: Vec<(u32, Place)> = tables.rows(TYPE).filter_map(first).collect();
            owners.sort_unstable();
            owners
        };
        Self {
            metadata,
            image,
            uses: FxHashMap::default(),
            native: imports.collect(),
            implemented: implemented(metadata),
            owners_of_methods: owners(5),
            owners_of_fields: owners(4),
            n_steps: 0,
        }
    }

    /// Returns what makes a type a page: what it extends or implements, or else where ASP.NET put it.
    fn base_of(&self, page: Place) -> Option<&'static str> {
        let tables = &self.metadata.tables;
        let mut of = Some(page);
        for _ in 0..DEEPEST {
            match of {
                Some(own) if own.table == TYPE => {
                    if let Some(known) = self.implemented.get(&own.row) {
                        return Some(known);
                    }
                    of = tables.named(own, 3);
                }
                Some(other) => {
                    if let Some(known) = known_page(&type_name(self.metadata, other)) {
                        return Some(known);
                    }
                    break;
                }
                None => break,
            }
        }
        let space = self.metadata.name(tables.cell(page, 2)?);
        (space == GENERATED).then_some(GENERATED)
    }

    /// Returns what the methods of a page give, and those that they call.
    fn reached(&mut self, page: Place) -> BTreeMap<&'static str, String> {
        let mut reached = BTreeMap::new();
        let mut seen = FxHashSet::default();
        let mut next: Vec<Place> = self.metadata.tables.owned(page, 5).collect();
        for _ in 0..=FURTHEST {
            for method in std::mem::take(&mut next) {
                if self.n_steps >= MOST_STEPS || !seen.insert(method.row) {
                    continue;
                }
                self.n_steps += 1;
                let uses = self.uses_of(method);
                for (code, what) in &uses.gives {
                    reached.entry(*code).or_insert_with(|| what.clone());
                }
                next.extend(&uses.calls);
            }
        }
        reached
    }

    fn uses_of(&mut self, method: Place) -> &Uses {
        if !self.uses.contains_key(&method.row) {
            let uses = self.read(method).unwrap_or_default();
            self.uses.insert(method.row, uses);
        }
        &self.uses[&method.row]
    }

    /// Reads what a method refers to.
    fn read(&self, method: Place) -> Option<Uses> {
        let mut uses = Uses::default();
        if let Some(name) = self.native.get(&method.row) {
            if is_native(name) {
                uses.gives.insert("compiled-native", (*name).to_owned());
            }
            return Some(uses);
        }
        let address = self.metadata.tables.cell(method, 0).filter(|address| *address > 0)?;
        for refers in references(body(self.image.at(address)?)?) {
            match refers {
                Refers::Text(at) => {
                    if let Some(text) = self.metadata.text(at).filter(|text| names_shell(text)) {
                        uses.gives.entry("compiled-names-shell").or_insert_with(|| text.into_owned());
                    }
                }
                Refers::To(token) => self.refer(token, &mut uses),
            }
        }
        Some(uses)
    }

    /// Notes what an instruction refers to.
    fn refer(&self, token: u32, uses: &mut Uses) {
        let [row @ .., table] = token.to_le_bytes();
        let row = u32::from_le_bytes([row[0], row[1], row[2], 0]);
        let place = Place { table, row };
        match table {
            METHOD => {
                uses.calls.push(place);
                self.enter(owner(&self.owners_of_methods, row), uses);
            }
            FIELD => self.enter(owner(&self.owners_of_fields, row), uses),
            TYPE => self.enter(Some(place), uses),
            MEMBER_REFERENCE => self.call(place, uses),
            _ => {}
        }
    }

    /// Follows into types that a compiler made of a part of a method: what waits, what is handed on.
    fn enter(&self, of: Option<Place>, uses: &mut Uses) {
        let tables = &self.metadata.tables;
        let made =
            |of: &Place| tables.cell(*of, 1).is_some_and(|name| self.metadata.name(name).starts_with('<'));
        if let Some(of) = of.filter(made) {
            uses.calls.extend(tables.owned(of, 5).take(MOST_MADE));
        }
    }

    /// Notes a call of another assembly's member.
    fn call(&self, reference: Place, uses: &mut Uses) {
        let tables = &self.metadata.tables;
        let Some(of) = tables.named(reference, 0).filter(|of| of.table == TYPE_REFERENCE) else { return };
        let cell = |column| tables.cell(reference, column).unwrap_or(0);
        let of = type_name(self.metadata, of);
        let name = self.metadata.name(cell(1));
        let member = Member { of: &of, name, signature: self.metadata.blob(cell(2)) };
        if let Some(code) = member.gives() {
            uses.gives.entry(code).or_insert_with(|| format!("{of}.{name}"));
        }
    }
}

/// Returns the namespace and name of a type, with a dot between.
fn type_name(metadata: &Metadata<'_>, of: Place) -> String {
    if !matches!(of.table, TYPE | TYPE_REFERENCE) {
        return String::new();
    }
    let part = |column| metadata.tables.cell(of, column).map(|at| metadata.name(at)).unwrap_or_default();
    match (part(2), part(1)) {
        ("", name) => name.to_owned(),
        (space, name) => format!("{space}.{name}"),
    }
}

fn known_page(name: &str) -> Option<&'static str> {
    PAGES.iter().find(|known| **known == name).copied()
}

/// Returns the types that implement what handlers and modules do, by their rows.
fn implemented(metadata: &Metadata<'_>) -> FxHashMap<u32, &'static str> {
    let tables = &metadata.tables;
    let known = |row| {
        let (of, interface) = (tables.named(row, 0)?, tables.named(row, 1)?);
        Some((of.row, known_page(&type_name(metadata, interface))?))
    };
    tables.rows(INTERFACE).filter_map(known).collect()
}

/// Returns the type that a member belongs to. Types without members begin where the next one does.
fn owner(owners: &[(u32, Place)], row: u32) -> Option<Place> {
    let behind = owners.partition_point(|(first, _)| *first <= row);
    Some(owners.get(behind.checked_sub(1)?)?.1)
}
