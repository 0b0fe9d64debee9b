//! Question 1: from when until when were flaws open, by the builds that the evidence shows.
//!
//! The windows come from SQL over `builds` joined with the knowledge as tables: `define` names the statements, and one
//! runs over one server as over a hundred thousand. What builds cannot tell is added here: what a flaw needs beside the
//! build, what mitigated it, and what contradicts.

mod flaw;
mod open_spans;
mod row;
mod signs;
mod tables;

use crate::knowledge::{Flaw, Knowledge, Seen, Standing};
use afterpatch_model::{Build, Exposure, Locator, RoleSighting, Timestamp};
use afterpatch_store::{Session, StoreError};
use row::Row;
use serde::{Deserialize, Serialize};
use signs::Signs;
use std::collections::BTreeMap;

pub(crate) use tables::define;

/// The sightings of one build on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSpan {
    /// The build.
    pub build: Build,
    /// The first sighting that has a time.
    pub first: Option<Timestamp>,
    /// The last sighting that has a time.
    pub last: Option<Timestamp>,
    /// The way back to the last sighting.
    pub locator: Locator,
}

/// Every build seen on every server, in order of time.
pub type BuildHistory = BTreeMap<String, Vec<BuildSpan>>;

/// All that the evidence says of exposure.
#[derive(Debug, Default)]
pub(crate) struct Exposed {
    /// Every build seen on every server.
    pub(crate) builds: BuildHistory,
    /// What each server was held to run.
    pub(crate) runs: Runs,
    /// What is known of the flaws that were open or may have been, by server and in order of their numbers.
    pub(crate) exposure: Vec<Exposure>,
    /// The role of every server that shows one.
    pub(crate) roles: BTreeMap<String, RoleSighting>,
}

/// What each server was held to run, in order of time.
pub(crate) type Runs = BTreeMap<String, Vec<Run>>;

/// What a server was held to run for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    seen: Seen,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    first_locator: Locator,
    last_locator: Locator,
}

/// A build that was seen and that the server is not held to have run at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stray {
    seen: Seen,
    /// Whether a program on disk or the registry shows it.
    is_state: bool,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    locator: Locator,
}

/// What is known of one server.
struct ServerBuilds<'e> {
    name: &'e str,
    runs: &'e [Run],
    strays: &'e [Stray],
}

/// Reads from the facts of a session, in which [`define`] named the statements, all that they say of exposure.
pub(crate) fn read(session: &Session, knowledge: &Knowledge) -> Result<Exposed, StoreError> {
    let runs = runs(session)?;
    let strays = strays(session)?;
    let windows = flaw::windows(session)?;
    let signs = Signs::find(session, knowledge)?;
    let mut exposure = Vec::new();
    for (name, runs) in &runs {
        let strays = strays.get(name).map_or(&[][..], Vec::as_slice);
        let server = ServerBuilds { name, runs, strays };
        exposure.extend(flaw::exposures(&server, &windows, &signs, knowledge));
    }
    Ok(Exposed { builds: history(session)?, runs, exposure, roles: signs.roles() })
}

/// Reads the builds seen on every server, whether or not they agree.
fn history(session: &Session) -> Result<BuildHistory, StoreError> {
    const SIGHTINGS: &str = "
        SELECT server, build, MIN(time) AS first_seen, MAX(time) AS last_seen,
               LAST_VALUE(artifact ORDER BY time NULLS FIRST, artifact, record) AS artifact,
               LAST_VALUE(record ORDER BY time NULLS FIRST, artifact, record) AS record
        FROM builds WHERE server IS NOT NULL AND build IS NOT NULL
        GROUP BY server, build ORDER BY server, first_seen NULLS FIRST, build";
    let mut history = BuildHistory::new();
    for row in session.rows(SIGHTINGS)? {
        let row = Row(&row);
        let (Some(server), Some(build)) =
            (row.text("server"), row.text("build").and_then(|build| build.parse().ok()))
        else {
            continue;
        };
        let (first, last) = (row.time("first_seen"), row.time("last_seen"));
        let span = BuildSpan { build, first, last, locator: row.locator("artifact", "record") };
        history.entry(server.to_owned()).or_default().push(span);
    }
    Ok(history)
}

fn runs(session: &Session) -> Result<Runs, StoreError> {
    let mut runs = Runs::new();
    for row in session.rows("SELECT * FROM build_runs ORDER BY server, run")? {
        let row = Row(&row);
        let (Some(server), Some(seen)) = (row.text("server"), row.text("build").and_then(Seen::read)) else {
            continue;
        };
        runs.entry(server.to_owned()).or_default().push(Run {
            seen,
            first: row.time("first_seen"),
            last: row.time("last_seen"),
            first_locator: row.locator("first_artifact", "first_record"),
            last_locator: row.locator("last_artifact", "last_record"),
        });
    }
    Ok(runs)
}

fn strays(session: &Session) -> Result<BTreeMap<String, Vec<Stray>>, StoreError> {
    let mut strays: BTreeMap<String, Vec<Stray>> = BTreeMap::new();
    for row in session.rows("SELECT * FROM build_strays ORDER BY server, is_state, first_seen, build")? {
        let row = Row(&row);
        let (Some(server), Some(seen)) = (row.text("server"), row.text("build").and_then(Seen::read)) else {
            continue;
        };
        strays.entry(server.to_owned()).or_default().push(Stray {
            seen,
            is_state: row.truth("is_state"),
            first: row.time("first_seen"),
            last: row.time("last_seen"),
            locator: row.locator("artifact", "record"),
        });
    }
    Ok(strays)
}

/// Returns the build that fixed all of `cves` on a server by `moment`, where the sightings show one.
pub(crate) fn fixed_by(
    runs: &[Run],
    knowledge: &Knowledge,
    cves: &[String],
    moment: Timestamp,
) -> Option<Build> {
    let flaws: Vec<&Flaw> = cves.iter().filter_map(|cve| knowledge.flaw(cve)).collect();
    let running = runs.iter().rev().find(|run| run.first.is_some_and(|first| first <= moment))?;
    let is_fixed = |flaw: &&Flaw| !knowledge.standing(running.seen, flaw).may_be_open();
    (!flaws.is_empty() && flaws.iter().all(is_fixed)).then(|| running.seen.build())
}

/// Tells whether two builds stand alike to a flaw, as far as being open goes.
fn agree(one: Standing, other: Standing) -> bool {
    let side = |standing: Standing| (standing == Standing::Open, standing == Standing::Doubtful);
    side(one) == side(other)
}

#[cfg(test)]
mod tests;
