//! What the evidence covers: a table for each server, with a bar whose holes are holes in the evidence.

use crate::axis::{Axis, Tick};
use crate::figures::{self, grouped};
use crate::svg;
use crate::texts::Texts;
use afterpatch_model::{CaseResult, Coverage, Span, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Gaps that a row names; the rest is counted.
const GAPS: usize = 4;
/// Dates along the axis: the column is narrow.
const TICKS: i64 = 5;
/// Beyond this the drawing shows the time around the events only.
const LONG: i64 = 400 * Timestamp::DAY;
const AROUND: i64 = 60 * Timestamp::DAY;

/// The coverage of every server, on one axis.
#[derive(Serialize)]
pub(crate) struct CoverageView {
    ticks: Vec<Tick>,
    servers: Vec<ServerCoverage>,
}

#[derive(Serialize)]
struct ServerCoverage {
    name: String,
    rows: Vec<CoverageRow>,
}

#[derive(Serialize)]
struct CoverageRow {
    source: String,
    scope: String,
    folder: String,
    /// The bar; none for kinds that have no dates.
    bar: Option<String>,
    covered: Option<String>,
    gaps: Vec<String>,
    more_gaps: usize,
    artifacts: String,
    records: String,
}

pub(super) fn view(result: &CaseResult, texts: &Texts) -> Option<CoverageView> {
    if result.coverage.is_empty() {
        return None;
    }
    let axis = whole(&result.coverage).map(|span| Axis::over(window(span, result)));
    let mut servers: BTreeMap<&str, Vec<CoverageRow>> = BTreeMap::new();
    for one in &result.coverage {
        servers.entry(&one.server).or_default().push(row(one, axis.as_ref(), texts));
    }
    Some(CoverageView {
        ticks: axis.map(|axis| axis.ticks(TICKS)).unwrap_or_default(),
        servers: servers
            .into_iter()
            .map(|(name, rows)| ServerCoverage { name: name.to_owned(), rows })
            .collect(),
    })
}

/// Returns the span from the first moment covered to the last.
fn whole(coverage: &[Coverage]) -> Option<Span> {
    let spans = || coverage.iter().flat_map(|one| &one.spans);
    Some(Span { from: spans().map(|span| span.from).min()?, until: spans().map(|span| span.until).max()? })
}

/// Years of event logs would press the weeks that matter into a point: then the drawing keeps to the events.
fn window(whole: Span, result: &CaseResult) -> Span {
    let mut times: Vec<_> = result.timeline.iter().map(|entry| entry.time).collect();
    times.sort_unstable();
    match Axis::of(&times) {
        Some(events) if whole.until.nanos().saturating_sub(whole.from.nanos()) > LONG => {
            let from = events.span.from.plus(-AROUND).max(whole.from);
            let until = events.span.until.plus(AROUND).min(whole.until);
            if from < until { Span { from, until } } else { whole }
        }
        _ => whole,
    }
}

fn row(one: &Coverage, axis: Option<&Axis>, texts: &Texts) -> CoverageRow {
    let axis = axis.filter(|_| !one.spans.is_empty());
    let gaps = axis.map(|axis| axis.span.gaps(&one.spans)).unwrap_or_default();
    let covered = match (one.spans.first(), one.spans.last()) {
        (Some(first), Some(last)) => Some(figures::span(&Span { from: first.from, until: last.until })),
        _ => None,
    };
    CoverageRow {
        source: texts.source(&one.source),
        scope: one.scope.clone(),
        folder: one.folder.clone(),
        bar: axis.map(|axis| svg::bar(&one.spans, axis)),
        covered,
        gaps: gaps.iter().take(GAPS).map(figures::span).collect(),
        more_gaps: gaps.len().saturating_sub(GAPS),
        artifacts: grouped(one.artifacts),
        records: grouped(one.records),
    }
}
