//! How long the exposure of an estate takes, as SQL over `builds`: `benches/exposure.sh` runs it.
//!
//!     exposure [SERVERS] [SIGHTINGS OF EACH] [MEGABYTES OF MEMORY]
//!
//! It prints, for each statement, how many rows it gives, the seconds that it takes and those that the processors work for
//! it (a shared machine makes the first longer, and not the others), and at the end the most memory that the process held.
//! The made-up sightings themselves are part of that.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench takes the time and tells it")]

use afterpatch_detect::{Content, prepare};
use afterpatch_model::{Build, tables};
use afterpatch_range::estate::{self, Sighted};
use afterpatch_store::{Session, SessionOptions};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray, new_null_array};
use arrow_schema::SchemaRef;
use std::error::Error;
use std::fmt::{Display, Formatter};
use std::sync::Arc;
use std::time::Instant;

/// Servers whose sightings are one piece of the table.
const PIECE: u32 = 400;

/// What is asked, and for what it stands.
const STATEMENTS: &[(&str, &str)] = &[
    ("build_runs", "SELECT COUNT(*) AS n FROM build_runs"),
    ("build_strays", "SELECT COUNT(*) AS n FROM build_strays"),
    ("exposure_windows", "SELECT COUNT(*) AS n FROM exposure_windows"),
    ("exposures", "SELECT COUNT(*) AS n, COUNT(cover_from) AS to_cover FROM exposures"),
    (
        "exposures by flaw",
        "SELECT COUNT(*) AS n, SUM(servers) AS pairs FROM (
           SELECT cve, COUNT(DISTINCT server) AS servers, MIN(cover_from) AS since,
                  SUM(CASE WHEN until_run IS NULL THEN 1 ELSE 0 END) AS still
           FROM exposures GROUP BY cve)",
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u32>());
    let mut next = |otherwise| arguments.next().unwrap_or(Ok(otherwise));
    let (servers, sightings, megabytes) = (next(100_000)?, next(20)?, next(1024)?);
    let scratch = tempfile::tempdir()?;
    let options =
        SessionOptions { memory_bytes: usize::try_from(megabytes)? << 20, ..SessionOptions::default() };
    let session = Session::sized(options, Some(scratch.path()))?;
    let (content, _) = Content::load(&[]);
    let known: Vec<Build> = content.knowledge().builds().map(|known| known.build).collect();
    let schema = tables::by_name("builds").ok_or("no table of builds")?.schema();
    let pieces: Result<Vec<_>, _> = (0..servers)
        .step_by(usize::try_from(PIECE)?)
        .map(|first| {
            let numbers = first..servers.min(first + PIECE);
            let seen: Vec<_> =
                numbers.flat_map(|number| estate::sightings(&known, number, sightings)).collect();
            rows(&schema, &seen)
        })
        .collect();
    session.register_all("builds", schema, pieces?)?;
    println!(
        "{servers} servers, {sightings} sightings each; {} threads, {megabytes} MiB for queries; held before: {}",
        options.threads,
        peak()
    );
    let taken = Taken::begin();
    prepare(&session, &content)?;
    println!("{:<18} {taken}", "prepare");
    for (name, sql) in STATEMENTS {
        let taken = Taken::begin();
        let rows = session.rows(sql)?;
        let told = rows.first().map(serde_json::to_string).transpose()?.unwrap_or_default();
        println!("{name:<18} {taken}  {told}");
    }
    println!("held at most: {}", peak());
    Ok(())
}

/// The sightings as rows of the table `builds`; what an estate does not say is null.
fn rows(schema: &SchemaRef, seen: &[Sighted]) -> Result<RecordBatch, Box<dyn Error>> {
    let times = seen.iter().map(|sighted| sighted.time.map(afterpatch_model::Timestamp::nanos));
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("server", Arc::new(StringArray::from_iter_values(seen.iter().map(|sighted| &sighted.server)))),
        (
            "build",
            Arc::new(StringArray::from_iter_values(seen.iter().map(|sighted| sighted.build.to_string()))),
        ),
        ("seen_in", Arc::new(StringArray::from_iter_values(seen.iter().map(|sighted| sighted.seen_in)))),
        ("time", Arc::new(times.collect::<TimestampNanosecondArray>().with_timezone("UTC"))),
        ("record", Arc::new(Int64Array::from_iter_values((1..).take(seen.len())))),
    ];
    let mut column = |name: &str, kind| {
        let made = columns.iter().position(|(known, _)| *known == name);
        made.map_or_else(|| new_null_array(kind, seen.len()), |at| columns.swap_remove(at).1)
    };
    let columns = schema.fields().iter().map(|field| column(field.name(), field.data_type())).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// What passed since a moment: on the clock, and on the processors.
struct Taken {
    clock: Instant,
    worked: Option<f64>,
}

impl Taken {
    fn begin() -> Self {
        Self { clock: Instant::now(), worked: worked() }
    }
}

impl Display for Taken {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>6.2} s", self.clock.elapsed().as_secs_f64())?;
        let worked = worked().zip(self.worked).map(|(now, then)| now - then);
        worked.map_or(Ok(()), |worked| write!(f, " {worked:>6.2} s of work"))
    }
}

/// The seconds that processors worked for this process, where the system tells it: Linux counts hundredths.
fn worked() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = stat.rsplit_once(") ")?.1;
    let ticks: Option<Vec<f64>> =
        after_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse().ok()).collect();
    Some(ticks?.iter().sum::<f64>() / 100.0)
}

/// The most memory that the process held, where the system tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.map_or_else(|| "not told here".to_owned(), |kibibytes| format!("{} MiB", kibibytes >> 10))
}
