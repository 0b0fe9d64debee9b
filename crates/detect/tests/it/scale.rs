//! Exposure of a hundred thousand servers: a bench, run by `benches/exposure.sh`. It measures and asserts no time.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench takes the time and tells it")]

use afterpatch_detect::Content;
use afterpatch_model::tables;
use afterpatch_store::Session;
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, TimestampNanosecondArray, new_null_array};
use std::sync::Arc;
use std::time::Instant;

const SERVERS: u64 = 100_000;
const SIGHTINGS: u64 = 20;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }
}

/// Sightings of servers that go from build to build of one product over six years, now and then back.
fn sightings(servers: u64) -> RecordBatch {
    let content = Content::load(&[]).0;
    let known: Vec<String> = content.knowledge().builds().map(|known| known.build.to_string()).collect();
    let generations = ["15.0.", "15.1.", "15.2."]
        .map(|start| known.iter().filter(|build| build.starts_with(start)).cloned().collect::<Vec<_>>());
    let (mut names, mut builds, mut times) = (StringBuilder::new(), StringBuilder::new(), Vec::new());
    let mut dice = Dice(2021);
    for server in 0..servers {
        let generation = &generations[usize::try_from(dice.below(3)).unwrap()];
        let mut at = usize::try_from(dice.below(generation.len() as u64)).unwrap();
        let mut day = 18_000 + dice.below(1_000);
        for _ in 0..SIGHTINGS {
            names.append_value(format!("SRV{server:06}"));
            builds.append_value(&generation[at]);
            times.push(i64::try_from(day * 86_400).unwrap() * 1_000_000_000);
            day += 1 + dice.below(90);
            at = match dice.below(10) {
                0..4 => (at + 1 + usize::try_from(dice.below(3)).unwrap()).min(generation.len() - 1),
                4 if dice.below(20) == 0 => at.saturating_sub(1),
                _ => at,
            };
        }
    }
    let rows = times.len();
    let table = tables::by_name("builds").unwrap();
    let schema = table.schema();
    let seen_in = repeated(rows, "HttpProxy #Version");
    let column = |name: &str| -> Option<ArrayRef> {
        Some(match name {
            "server" => Arc::new(names.finish_cloned()) as ArrayRef,
            "build" => Arc::new(builds.finish_cloned()),
            "seen_in" => Arc::clone(&seen_in),
            "time" => Arc::new(TimestampNanosecondArray::from(times.clone()).with_timezone("UTC")),
            "record" => Arc::new(Int64Array::from_iter_values(0..i64::try_from(rows).unwrap())),
            _ => return None,
        })
    };
    let columns = schema
        .fields()
        .iter()
        .map(|field| column(field.name()).unwrap_or_else(|| new_null_array(field.data_type(), rows)))
        .collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

/// One text in every row.
fn repeated(rows: usize, text: &str) -> ArrayRef {
    let mut builder = StringBuilder::new();
    (0..rows).for_each(|_| builder.append_value(text));
    Arc::new(builder.finish())
}

#[test]
#[ignore = "a bench: benches/exposure.sh runs it"]
fn exposure_of_a_hundred_thousand_servers() {
    let session = Session::empty().unwrap();
    session.register("builds", sightings(SERVERS)).unwrap();
    let started = Instant::now();
    afterpatch_detect::prepare(&session, &Content::load(&[]).0).unwrap();
    let prepared = started.elapsed();
    for (what, sql) in [
        ("runs", "SELECT COUNT(*) AS n FROM build_runs"),
        ("windows", "SELECT COUNT(*) AS n FROM exposure_windows"),
        ("exposures", "SELECT COUNT(*) AS n, COUNT(cover_from) AS used FROM exposures"),
        (
            "by flaw",
            "SELECT COUNT(*) AS n FROM (SELECT cve, COUNT(DISTINCT server) AS servers, COUNT(cover_from) AS used,
               MIN(cover_from) AS since, SUM(CASE WHEN until_run IS NULL THEN 1 ELSE 0 END) AS open_now
             FROM exposures GROUP BY cve)",
        ),
    ] {
        let started = Instant::now();
        let rows = session.rows(sql).unwrap();
        println!("{what}: {:.1} s, {rows:?}", started.elapsed().as_secs_f64());
    }
    println!(
        "{SERVERS} servers, {SIGHTINGS} sightings each, one thread; prepared in {:.1} s",
        prepared.as_secs_f64()
    );
}
