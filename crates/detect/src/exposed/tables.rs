//! The knowledge as tables that the statements join with, and the statements by name.

use super::open_spans::OpenSpans;
use crate::knowledge::{Knowledge, Seen};
use afterpatch_store::{Session, StoreError};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The statements, in the order in which they build upon each other.
static VIEWS: [(&str, &str); 5] = [
    ("held_sightings", include_str!("sightings.sql")),
    ("build_runs", include_str!("runs.sql")),
    ("build_strays", include_str!("strays.sql")),
    ("exposure_windows", include_str!("windows.sql")),
    ("exposures", include_str!("exposures.sql")),
];

/// Gives a session the tables of knowledge and names the statements.
pub(crate) fn define(session: &Session, knowledge: &Knowledge) -> Result<(), StoreError> {
    for (name, rows) in knowledge.tables() {
        session.register(name, rows)?;
    }
    let sightings = sightings(session, knowledge)?;
    let builds: BTreeSet<Seen> = sightings.iter().map(|sighting| sighting.seen).collect();
    let builds: Vec<Seen> = builds.into_iter().collect();
    let rows = seen_builds(&sightings, &builds).map_err(StoreError::rows("seen_builds"))?;
    session.register("seen_builds", rows)?;
    session.add_function(OpenSpans::new(knowledge, &builds));
    for (name, sql) in VIEWS {
        session.define(name, sql)?;
    }
    Ok(())
}

/// One kind of sighting: a build, and where it was seen.
struct Sighting {
    build: String,
    seen_in: String,
    seen: Seen,
    /// How sure it is: 0 for the surest.
    rank: i64,
}

/// Reads the kinds of sighting that there are: few, however many sightings there are.
fn sightings(session: &Session, knowledge: &Knowledge) -> Result<Vec<Sighting>, StoreError> {
    let rows = session.rows(
        "SELECT build, coalesce(seen_in, '') AS place FROM builds WHERE build IS NOT NULL
         GROUP BY build, coalesce(seen_in, '') ORDER BY build, place",
    )?;
    let read = |row: &serde_json::Map<String, serde_json::Value>| {
        let text = |name: &str| Some(row.get(name)?.as_str()?.to_owned());
        let (build, seen_in) = (text("build")?, text("place")?);
        let (seen, rank) = knowledge.take(Seen::read(&build)?, &seen_in);
        Some(Sighting { build, seen_in, seen, rank })
    };
    Ok(rows.iter().filter_map(read).collect())
}

/// `seen_builds(seen_as, seen_in, build, build_order, build_id, rank)`: what each kind of sighting is taken for. `build_id`
/// is the build's place in `builds`, by which [`OpenSpans`] knows it.
fn seen_builds(sightings: &[Sighting], builds: &[Seen]) -> Result<RecordBatch, ArrowError> {
    let id = |seen| builds.binary_search(seen).ok().and_then(|place| i64::try_from(place).ok());
    RecordBatch::try_from_iter([
        ("seen_as", texts(sightings.iter().map(|sighting| sighting.build.clone()))),
        ("seen_in", texts(sightings.iter().map(|sighting| sighting.seen_in.clone()))),
        ("build", texts(sightings.iter().map(|sighting| sighting.seen.to_string()))),
        ("build_order", numbers(sightings.iter().map(|sighting| sighting.seen.order()))),
        ("build_id", numbers(sightings.iter().filter_map(|sighting| id(&sighting.seen)))),
        ("rank", numbers(sightings.iter().map(|sighting| sighting.rank))),
    ])
}

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}
