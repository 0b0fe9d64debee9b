//! What the artifacts of a case cover, joined when it is asked for.

use crate::cover::Cover;
use crate::ledger::{ArtifactEntry, CollectionEntry};
use crate::served::ServedByHost;
use afterpatch_ingest::{SERVED_FILES, Served, ServedFolder};
use afterpatch_model::{
    Column, ColumnKind, Coverage, CoverageSpan, Span, Table, Timestamp, below_shadow_copy,
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Joins what all artifacts cover: by server, kind and scope.
pub(crate) fn join<'a>(
    artifacts: impl Iterator<Item = &'a ArtifactEntry> + Clone,
    collections: impl Iterator<Item = &'a CollectionEntry> + Clone,
) -> Vec<Coverage> {
    let spans = artifacts.clone().flat_map(spans_of).collect();
    let tolerances: BTreeMap<&str, i64> = artifacts
        .clone()
        .filter_map(|entry| Some((entry.parser.as_deref()?, entry.grain?.tolerance())))
        .collect();
    let mut joined = Coverage::join(spans, |source| tolerances.get(source).copied().unwrap_or(0));
    joined.extend(served(artifacts.clone(), collections));
    joined.extend(states(artifacts));
    joined.sort();
    joined
}

fn spans_of(entry: &ArtifactEntry) -> Vec<CoverageSpan> {
    let (Some(source), Some(grain)) = (entry.parser.as_deref(), entry.grain) else {
        return Vec::new();
    };
    let span_of = |cover: &Cover| {
        Some(CoverageSpan {
            server: server_name(cover.server.as_deref()),
            source: source.to_owned(),
            scope: entry.scope.clone(),
            folder: folder_of(&entry.artifact.path).to_owned(),
            span: grain.widen(cover.first?, cover.last?),
            records: cover.records,
        })
    };
    entry.covers.iter().filter_map(span_of).collect()
}

/// Counts the served files by server and folder; a file is there or not, it has no span.
///
/// A folder that a site points at and of which no file was collected is listed too, with none: who judges has to know
/// that something can be there.
fn served<'a>(
    artifacts: impl Iterator<Item = &'a ArtifactEntry>,
    collections: impl Iterator<Item = &'a CollectionEntry> + Clone,
) -> Vec<Coverage> {
    let folders = ServedByHost::of(collections.clone());
    let mut areas: BTreeMap<(String, String), Coverage> = BTreeMap::new();
    for entry in artifacts {
        let path = &entry.artifact.path;
        // What lay in a shadow copy says nothing of what lies in the folder.
        let is_live = below_shadow_copy(path).is_none();
        let folder = folders.by_host_of(&entry.artifact).folder_of(path);
        let Some(folder) = folder.filter(|_| is_live) else { continue };
        let server = server_name(entry.artifact.server.as_ref().map(afterpatch_model::HostName::as_str));
        let shown = folder.site.unwrap_or_else(|| area_folder(path, folder.scope));
        let coverage = area(&mut areas, server, folder, shown);
        coverage.artifacts += 1;
        coverage.records += 1;
    }
    for host in collections.flat_map(|line| line.hosts.values()) {
        let Some(name) = &host.name else { continue };
        for folder in Served::of(host.served.iter().map(String::as_str)).sites() {
            area(&mut areas, name.to_string(), folder, folder.site.unwrap_or_default());
        }
    }
    areas.into_values().collect()
}

fn area<'m>(
    areas: &'m mut BTreeMap<(String, String), Coverage>,
    server: String,
    folder: ServedFolder<'_>,
    shown: &str,
) -> &'m mut Coverage {
    areas.entry((server.clone(), folder.scope.to_owned())).or_insert_with(|| Coverage {
        server,
        source: SERVED_FILES.to_owned(),
        scope: folder.scope.to_owned(),
        folder: shown.to_owned(),
        spans: Vec::new(),
        artifacts: 0,
        records: 0,
    })
}

/// Counts the artifacts that show a state, such as a registry hive, by server and kind; they have no span.
fn states<'a>(artifacts: impl Iterator<Item = &'a ArtifactEntry>) -> Vec<Coverage> {
    let mut kinds: BTreeMap<(String, &str, &str), Coverage> = BTreeMap::new();
    for entry in artifacts.filter(|entry| entry.grain.is_none()) {
        let Some(source) = entry.parser.as_deref().filter(|source| *source != SERVED_FILES) else { continue };
        let server = server_name(entry.artifact.server.as_ref().map(afterpatch_model::HostName::as_str));
        let coverage = kinds.entry((server.clone(), source, &entry.scope)).or_insert_with(|| Coverage {
            server,
            source: source.to_owned(),
            scope: entry.scope.clone(),
            folder: folder_of(&entry.artifact.path).to_owned(),
            spans: Vec::new(),
            artifacts: 0,
            records: 0,
        });
        coverage.artifacts += 1;
        coverage.records += entry.tally.facts;
    }
    kinds.into_values().collect()
}

/// Returns a path up to the part that names the served folder, as the path spells it.
fn area_folder<'a>(path: &'a str, area: &str) -> &'a str {
    let is_area = |part: &(usize, &str)| part.1.eq_ignore_ascii_case(area);
    let mut at = 0;
    let parts = path.split(['\\', '/']).map(|part| {
        let begin = at;
        at += part.len() + 1;
        (begin + part.len(), part)
    });
    let end = parts.into_iter().find(is_area).map(|(end, _)| end);
    end.and_then(|end| path.get(..end)).unwrap_or(path)
}

fn server_name(name: Option<&str>) -> String {
    name.unwrap_or("-").to_owned()
}

/// Returns the folder of a path with either separator.
fn folder_of(path: &str) -> &str {
    path.rfind(['\\', '/']).map_or("", |end| &path[..end])
}

/// The table `coverage`: one row a span.
pub static COVERAGE: Table = Table::new(
    "coverage",
    "A span of time that the evidence covers, by server and kind of artifact.",
    &[
        Column::new("server", ColumnKind::Text, "The server; `-` where it is not known"),
        Column::new("source", ColumnKind::Text, "The kind of artifact: the parser's name"),
        Column::new(
            "scope",
            ColumnKind::Text,
            "HttpProxy folder, W3SVC site, event channel or served folder",
        ),
        Column::new("folder", ColumnKind::Text, "The folder on the server"),
        Column::new(
            "covered_from",
            ColumnKind::Time,
            "The first moment covered; null for files, which have no span",
        ),
        Column::new("covered_until", ColumnKind::Time, "The first moment no longer covered"),
        Column::new("artifacts", ColumnKind::Int, "Artifacts of the kind, in all its spans"),
        Column::new("records", ColumnKind::Int, "Facts of the kind, in all its spans"),
    ],
);

/// Returns the rows of the table `coverage`.
pub(crate) fn to_rows(coverage: &[Coverage]) -> Result<RecordBatch, crate::StoreError> {
    let mut rows: Vec<(&Coverage, Option<Span>)> = Vec::new();
    for kind in coverage {
        rows.extend(kind.spans.iter().map(|span| (kind, Some(*span))));
        if kind.spans.is_empty() {
            rows.push((kind, None));
        }
    }
    let text = |pick: fn(&Coverage) -> &str| -> ArrayRef {
        Arc::new(rows.iter().map(|(kind, _)| Some(pick(kind))).collect::<StringArray>())
    };
    let count = |pick: fn(&Coverage) -> u64| -> ArrayRef {
        Arc::new(rows.iter().map(|(kind, _)| i64::try_from(pick(kind)).ok()).collect::<Int64Array>())
    };
    let time = |pick: fn(Span) -> Timestamp| -> ArrayRef {
        let moments = rows.iter().map(|(_, span)| span.map(|span| pick(span).nanos()));
        Arc::new(moments.collect::<TimestampNanosecondArray>().with_timezone("UTC"))
    };
    let columns = vec![
        text(|kind| &kind.server),
        text(|kind| &kind.source),
        text(|kind| &kind.scope),
        text(|kind| &kind.folder),
        time(|span| span.from),
        time(|span| span.until),
        count(|kind| kind.artifacts),
        count(|kind| kind.records),
    ];
    RecordBatch::try_new(COVERAGE.schema(), columns).map_err(crate::StoreError::rows(COVERAGE.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::GrainName;

    #[test]
    fn the_folder_of_an_area_is_spelled_as_the_path_spells_it() {
        let cases = [
            (r"C:\inetpub\wwwroot\aspnet_client\x.aspx", "wwwroot", r"C:\inetpub\wwwroot"),
            (r"E:\Ex\FrontEnd\HttpProxy\owa\x.aspx", "frontend", r"E:\Ex\FrontEnd"),
            ("inetpub/wwwroot/x.aspx", "wwwroot", "inetpub/wwwroot"),
            ("É/wwwroots/x.aspx", "wwwroot", "É/wwwroots/x.aspx"),
        ];
        for (path, area, folder) in cases {
            assert_eq!(area_folder(path, area), folder);
        }
    }

    #[test]
    fn spans_are_widened_to_the_pieces_of_the_clock() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, last) = (at("2021-03-02T10:20:00Z"), at("2021-03-02T12:00:00Z"));
        let span = |grain: GrainName| {
            let span = grain.widen(first, last);
            (span.from.to_string(), span.until.to_string())
        };
        let of = |from: &str, until: &str| (at(from).to_string(), at(until).to_string());
        assert_eq!(span(GrainName::Hour), of("2021-03-02T10:00:00Z", "2021-03-02T13:00:00Z"));
        assert_eq!(span(GrainName::Day), of("2021-03-02", "2021-03-03"));
        assert_eq!(span(GrainName::Records), of("2021-03-02T10:20:00Z", "2021-03-02T12:00:00.000000001Z"));
    }
}
