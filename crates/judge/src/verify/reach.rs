//! How far the later case reaches: absence counts only there.

use crate::needs::{Extent, NEEDS, evidence_end};
use afterpatch_model::{CaseResult, Coverage, Gap, Proof, Question, Span, Timestamp, path_key};
use std::collections::BTreeSet;

/// What writes seldom may be silent this long, where no need says otherwise.
const QUIET: i64 = 36 * Timestamp::HOUR;
/// The kinds that list files: what is in none of them was not there.
const LISTS: [&str; 2] = ["served-files", "mft"];

/// What is covered, or what is missing.
pub(super) type Reached = Result<Vec<Coverage>, Vec<Gap>>;

/// How far both cases reach.
pub(super) struct Reach<'a> {
    before: &'a CaseResult,
    after: &'a CaseResult,
    files_before: BTreeSet<(&'a str, String)>,
    files_after: BTreeSet<(&'a str, String)>,
}

impl<'a> Reach<'a> {
    pub(super) fn of(before: &'a CaseResult, after: &'a CaseResult) -> Self {
        Self { before, after, files_before: files(before), files_after: files(after) }
    }

    /// Returns the end of a server's evidence in the earlier case.
    pub(super) fn from(&self, server: &str) -> Option<Timestamp> {
        end(self.before, server)
    }

    /// Returns the end of a server's evidence in the later case.
    pub(super) fn until(&self, server: &str) -> Option<Timestamp> {
        end(self.after, server)
    }

    /// Tells whether the later case really is later on that server: only then does absence say anything.
    pub(super) fn is_later(&self, server: &str) -> bool {
        match (self.from(server), self.until(server)) {
            (Some(from), Some(until)) => until > from,
            // Evidence without dates, such as a folder of files, cannot be older than what has none either.
            (None, until) => until.is_some(),
            (Some(_), None) => false,
        }
    }

    /// Tells whether the kind shows a state and not what happened: such kinds cover no time.
    pub(super) fn is_state(&self, source: &str) -> bool {
        let mut rows =
            self.after.coverage.iter().chain(&self.before.coverage).filter(|row| row.source == source);
        rows.next().is_some_and(|row| row.spans.is_empty()) && rows.all(|row| row.spans.is_empty())
    }

    /// Returns what covers the place of a path: a list of the files of its folder, complete as far as can be told.
    pub(super) fn place(&self, server: &str, path: &str) -> Reached {
        let key = path_key(path);
        let lists = |row: &&Coverage| {
            row.server == server && LISTS.contains(&row.source.as_str()) && holds(row, path, &key)
        };
        let rows: Vec<_> = self.after.coverage.iter().filter(lists).cloned().collect();
        let whole = rows.iter().any(|row| row.source == "mft");
        if rows.is_empty() || !whole && self.is_thinner(server, &key) {
            return Err(vec![gap(server, LISTS[0], folder_of(path), None)]);
        }
        Ok(rows)
    }

    /// Tells whether the earlier case holds other files of that folder and the later one none: then its folder was not
    /// collected, whatever else was.
    fn is_thinner(&self, server: &str, key: &str) -> bool {
        let folder = key.rfind('/').map_or("", |end| &key[..=end]);
        let others = |files: &BTreeSet<(&str, String)>| {
            let below = files.range((server, folder.to_owned())..);
            below
                .take_while(|(of, file)| *of == server && file.starts_with(folder))
                .any(|(_, file)| file != key)
        };
        others(&self.files_before) && !others(&self.files_after)
    }

    /// Returns what covers a kind that shows a state.
    pub(super) fn state(&self, server: &str, source: &str) -> Reached {
        let is_meant = |row: &&Coverage| row.server == server && row.source == source && row.spans.is_empty();
        let rows: Vec<_> = self.after.coverage.iter().filter(is_meant).cloned().collect();
        if rows.is_empty() {
            Err(vec![gap(server, source, self.folder(server, source, ""), None)])
        } else {
            Ok(rows)
        }
    }

    /// Returns what covers the kinds of log that proved something before, from one moment to another.
    pub(super) fn logs(&self, server: &str, kinds: &BTreeSet<(String, String)>, span: Span) -> Reached {
        let (mut covered, mut missing) = (Vec::new(), Vec::new());
        for (source, scope) in kinds {
            let (rows, gaps) = self.log(server, source, scope, span);
            covered.extend(rows);
            missing.extend(gaps);
        }
        if missing.is_empty() { Ok(covered) } else { Err(missing) }
    }

    /// What the earlier case covers itself is no gap: its own findings tell of that time.
    fn log(&self, server: &str, source: &str, scope: &str, span: Span) -> (Vec<Coverage>, Vec<Gap>) {
        let is_meant = |row: &&Coverage| {
            row.server == server
                && same_source(&row.source, source)
                && (scope.is_empty() || row.scope == scope)
        };
        let rows: Vec<_> = self.after.coverage.iter().filter(is_meant).cloned().collect();
        let both = self.before.coverage.iter().filter(is_meant).chain(&rows);
        let quiet = quiet(source);
        let spans = both.flat_map(|row| row.spans.iter().copied()).collect();
        let open = span.gaps(&Span::union(spans, quiet)).into_iter();
        let long = open.filter(|hole| hole.until.nanos() - hole.from.nanos() > quiet);
        let folder = self.folder(server, source, scope);
        let gaps = long.map(|hole| gap(server, source, &folder, Some(hole))).collect();
        (rows, gaps)
    }

    /// Returns the kinds and scopes of log in which proofs of the earlier case lie.
    pub(super) fn kinds(&self, server: &str, proofs: &[&Proof]) -> BTreeSet<(String, String)> {
        let of_proof = |proof: &&Proof| {
            let source = proof.fields.get("source").cloned().unwrap_or_default();
            let place = letters(&proof.place);
            let rows = self.before.coverage.iter().filter(|row| row.server == server && row.source == source);
            let all: BTreeSet<_> = rows.map(|row| (row.source.clone(), row.scope.clone())).collect();
            let named: BTreeSet<_> =
                all.iter().filter(|(_, scope)| place.contains(&letters(scope))).cloned().collect();
            if named.is_empty() { all } else { named }
        };
        proofs.iter().flat_map(of_proof).collect()
    }

    /// Returns what covers the logs that "no break-in" waits for.
    pub(super) fn decisive_logs(&self, server: &str, span: Span) -> Reached {
        let decisive = NEEDS.iter().filter(|need| {
            need.question == Question::BrokenInto && need.decisive && need.extent != Extent::Any
        });
        let kinds = decisive.map(|need| (need.source.to_owned(), need.scope.to_owned())).collect();
        self.logs(server, &kinds, span)
    }

    /// Returns where a kind lies: on that server and of that scope, as near as either case tells.
    fn folder(&self, server: &str, source: &str, scope: &str) -> String {
        let rows = self.before.coverage.iter().chain(&self.after.coverage);
        let found = rows.filter(|row| row.source == source && !row.folder.is_empty());
        let found =
            found.min_by_key(|row| (row.scope != scope, row.server != server)).map(|row| row.folder.clone());
        let needed = || NEEDS.iter().find(|need| need.source == source).map(|need| need.folder.to_owned());
        found.or_else(needed).unwrap_or_default()
    }
}

fn files(result: &CaseResult) -> BTreeSet<(&str, String)> {
    let of_server = |line: &'_ afterpatch_model::ArtifactLine| line.server.is_some();
    let files = result.artifacts.iter().filter(|line| of_server(line));
    files.map(|line| (line.server.as_deref().unwrap_or_default(), path_key(&line.path))).collect()
}

/// Returns the end of a server's evidence; see [`evidence_end`]. Kinds that no question needs count where there are no
/// others.
fn end(result: &CaseResult, server: &str) -> Option<Timestamp> {
    evidence_end(&result.coverage, server).or_else(|| {
        let rows = result.coverage.iter().filter(|row| row.server == server);
        rows.flat_map(|row| &row.spans).map(|span| span.until).max()
    })
}

/// Tells whether the folder that a list covers is above the path; a list of a volume knows its drive.
fn holds(row: &Coverage, path: &str, key: &str) -> bool {
    let folder = path_key(&row.folder);
    let drive = |path: &str| path.get(1..2).filter(|c| *c == ":").and(path.get(..1)).map(str::to_lowercase);
    let other_drive = matches!((drive(&row.folder), drive(path)), (Some(one), Some(other)) if one != other);
    let folder = folder.trim_end_matches('/');
    !other_drive && key.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn folder_of(path: &str) -> &str {
    path.rfind(['\\', '/']).map_or("", |end| &path[..end])
}

fn gap(server: &str, source: &str, folder: impl Into<String>, span: Option<Span>) -> Gap {
    Gap {
        server: server.to_owned(),
        source: source.to_owned(),
        folder: folder.into(),
        span,
        would_show: "gone".to_owned(),
    }
}

/// Exported events and event logs are one kind.
fn same_source(one: &str, other: &str) -> bool {
    let kind = |source: &str| if source == "windows-events" { "evtx".to_owned() } else { source.to_owned() };
    kind(one) == kind(other)
}

fn quiet(source: &str) -> i64 {
    let needs = NEEDS.iter().filter(|need| same_source(need.source, source));
    let quiet = needs.filter_map(|need| match need.extent {
        Extent::Dates(quiet) => Some(quiet),
        Extent::Any => None,
    });
    quiet.max().unwrap_or(QUIET)
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}
