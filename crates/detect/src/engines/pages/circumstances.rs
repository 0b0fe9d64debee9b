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

/// What stands around the pages of a session. The facts are asked once a page holds something that makes it worth while.
pub(super) struct Circumstances<'s> {
    session: &'s Session,
    known: OnceLock<Result<Known, StoreError>>,
}

impl<'s> Circumstances<'s> {
    /// Makes what answers from the facts of a session that was prepared.
    pub(super) fn of(session: &'s Session) -> Self {
        Self { session, known: OnceLock::new() }
    }

    /// Returns what stands around a page.
    pub(super) fn around(&self, server: &str, path: &str) -> Around<'_> {
        let known = self.known.get_or_init(|| read(self.session)).as_ref().ok();
        let around = known.and_then(|known| known.get(&(server.to_owned(), path_key(path))));
        Around(around.map_or(&[], Vec::as_slice))
    }

    /// Returns why the facts could not be asked, where they could not: pages are then judged by what they hold alone.
    pub(super) fn fault(&self) -> Option<Problem> {
        let error = self.known.get()?.as_ref().err()?;
        Some(rule_problem(ProblemCode::RuleFailed, "rules/concepts.yml: page_circumstances", error))
    }
}

fn read(session: &Session) -> Result<Known, StoreError> {
    let rows = session.rows(
        "SELECT coalesce(server, '-') AS server, key, circumstance, odds FROM page_circumstances
         ORDER BY server, key, circumstance",
    )?;
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

/// What makes a page a finding by where it lies, whatever it holds.
const FOREIGN: [&str; 3] = ["foreign-in-exchange", "modified", "unlike-exchange"];

/// What stands around one page, in the order of the names.
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

    /// Says whether the page lies where Exchange has its own, and is none of them as far as is known.
    pub(super) fn is_foreign(&self) -> bool {
        self.names().any(|name| FOREIGN.contains(&name))
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
