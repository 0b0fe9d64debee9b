//! What stands around pages: where they lie, who wrote them, when, and who asked for them, as the concept
//! `page_circumstances` of `content/rules/concepts.yml` gathers it from the facts.

use super::super::rule_problem;
use afterpatch_model::{Problem, ProblemCode, path_key};
use afterpatch_store::{Session, StoreError};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// What a circumstance is called, and how far it moves the odds.
type Circumstance = (String, f64);

/// Circumstances by server and [`path_key`].
type Known = BTreeMap<(String, String), Vec<Circumstance>>;

/// The concept of all that stands around pages.
const ALL: &str = "page_circumstances";
/// The concept of what stands around pages by which a page is a finding, whatever it holds.
const STRANGE: &str = "strange_pages";

/// What stands around the pages of a session. All of it is asked once a page holds something that makes it worth while: that goes
/// through every request. Which pages are strange is asked of the files alone.
pub(super) struct Circumstances<'s> {
    session: &'s Session,
    all: OnceLock<Result<Known, StoreError>>,
    strange: OnceLock<Result<Known, StoreError>>,
}

impl<'s> Circumstances<'s> {
    /// Makes what answers from the facts of a session that was prepared.
    pub(super) fn of(session: &'s Session) -> Self {
        Self { session, all: OnceLock::new(), strange: OnceLock::new() }
    }

    /// Returns what stands around a page.
    pub(super) fn around(&self, server: &str, path: &str) -> Around<'_> {
        around(self.all.get_or_init(|| read(self.session, ALL)), server, path)
    }

    /// Says whether a page lies where Exchange has its own, and is none of them as far as is known.
    pub(super) fn is_strange(&self, server: &str, path: &str) -> bool {
        !around(self.strange.get_or_init(|| read(self.session, STRANGE)), server, path).is_empty()
    }

    /// Returns why the facts could not be asked, where they could not: pages are then judged by what they hold alone.
    pub(super) fn faults(&self) -> impl Iterator<Item = Problem> {
        let asked = [(ALL, &self.all), (STRANGE, &self.strange)];
        asked.into_iter().filter_map(|(concept, known)| {
            let error = known.get()?.as_ref().err()?;
            Some(rule_problem(ProblemCode::RuleFailed, &format!("rules/concepts.yml: {concept}"), error))
        })
    }
}

fn around<'k>(known: &'k Result<Known, StoreError>, server: &str, path: &str) -> Around<'k> {
    let around = known.as_ref().ok().and_then(|known| known.get(&(server.to_owned(), path_key(path))));
    around.map_or(Around::default(), |around| Around(around))
}

fn read(session: &Session, concept: &str) -> Result<Known, StoreError> {
    let rows = session.rows(&format!(
        "SELECT coalesce(server, '-') AS server, key, circumstance, odds FROM {concept}
         ORDER BY server, key, circumstance"
    ))?;
    let mut known = Known::new();
    for (place, circumstance) in rows.iter().filter_map(row) {
        known.entry(place).or_default().push(circumstance);
    }
    Ok(known)
}

fn row(row: &Map<String, Value>) -> Option<((String, String), Circumstance)> {
    let text = |name: &str| Some(row.get(name)?.as_str()?.to_owned());
    Some(((text("server")?, text("key")?), (text("circumstance")?, row.get("odds")?.as_f64()?)))
}

/// What stands around one page, in the order of the names.
#[derive(Default)]
pub(super) struct Around<'k>(&'k [Circumstance]);

impl Around<'_> {
    /// Returns how far all of it moves the odds.
    pub(super) fn odds(&self) -> f64 {
        self.0.iter().map(|(_, odds)| odds).sum()
    }

    /// Returns what each is called.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Says whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Around<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names().enumerate() {
            write!(f, "{}{name}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
