//! The knowledge as tables that the statements join with, and the statements by name.

use crate::knowledge::{Flaw, Knowledge, Seen, Standing};
use afterpatch_store::{Session, StoreError};
use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The statements, in the order in which they build upon each other.
static VIEWS: [(&str, &str); 5] = [
    ("held_sightings", include_str!("sightings.sql")),
    ("build_runs", include_str!("runs.sql")),
    ("build_strays", include_str!("strays.sql")),
    ("exposure_windows", include_str!("windows.sql")),
    ("exposures", include_str!("exposures.sql")),
];

/// What a code of [`changes`] is, beside the number of its fix set: see `windows.sql`.
const CLOSES: i64 = 1_000_000;
const MENDS: i64 = 2_000_000;

/// Gives a session the tables of knowledge and names the statements.
pub(crate) fn define(session: &Session, knowledge: &Knowledge) -> Result<(), StoreError> {
    for (name, rows) in knowledge.tables() {
        session.register(name, rows)?;
    }
    let sightings = sightings(session, knowledge)?;
    let builds: BTreeSet<Seen> = sightings.iter().map(|sighting| sighting.seen).collect();
    let tables = [("seen_builds", seen_builds(&sightings)), ("build_changes", changes(knowledge, &builds))];
    for (name, rows) in tables {
        session.register(name, rows.map_err(StoreError::rows(name))?)?;
    }
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

/// `seen_builds(seen_as, seen_in, build, build_order, rank)`: what each kind of sighting is taken for.
fn seen_builds(sightings: &[Sighting]) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_from_iter([
        ("seen_as", texts(sightings.iter().map(|sighting| sighting.build.clone()))),
        ("seen_in", texts(sightings.iter().map(|sighting| sighting.seen_in.clone()))),
        ("build", texts(sightings.iter().map(|sighting| sighting.seen.to_string()))),
        ("build_order", numbers(sightings.iter().map(|sighting| sighting.seen.order()))),
        ("rank", numbers(sightings.iter().map(|sighting| sighting.rank))),
    ])
}

/// `build_changes(build, opens, closes, mends, nothing)`: the codes of the fix sets that a build is open to, and of those
/// that it mends though it must have been open before. `nothing` is the empty list.
fn changes(knowledge: &Knowledge, builds: &BTreeSet<Seen>) -> Result<RecordBatch, ArrowError> {
    let sets: BTreeMap<usize, &Flaw> = knowledge.fix_sets().collect();
    let used: BTreeSet<usize> =
        knowledge.fix_sets().filter(|(_, flaw)| flaw.exploited.is_some()).map(|(set, _)| set).collect();
    let mut lists = [const { None }; 4].map(|_: Option<()>| ListBuilder::new(Int64Builder::new()));
    for seen in builds {
        let standings = sets.iter().map(|(set, flaw)| (*set, knowledge.standing(*seen, flaw)));
        let mut codes = [const { Vec::new() }; 3];
        for (set, standing) in standings {
            let code = 2 * i64::try_from(set).unwrap_or(0) + i64::from(standing == Standing::Doubtful);
            if standing.may_be_open() {
                codes[0].push(code);
                codes[1].push(code + CLOSES);
            } else if standing == Standing::Mended && used.contains(&set) {
                codes[2].push(code + MENDS);
            }
        }
        for (list, codes) in lists.iter_mut().zip(codes.iter().chain([&Vec::new()])) {
            list.append_value(codes.iter().copied().map(Some));
        }
    }
    let names = texts(builds.iter().map(ToString::to_string));
    let [opens, closes, mends, nothing] = lists.map(|mut list| Arc::new(list.finish()) as ArrayRef);
    RecordBatch::try_from_iter([
        ("build", names),
        ("opens", opens),
        ("closes", closes),
        ("mends", mends),
        ("nothing", nothing),
    ])
}

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}
