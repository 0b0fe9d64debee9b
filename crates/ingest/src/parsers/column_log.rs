//! Logs of Exchange's components for which a list of columns is all that there is to say.

use super::exchange_log::{self, Builds, Cells, Columns, Draft, Known, Place, Shape};
use super::text::{Clock, decode_head};
use super::{Fit, Grain, Parser};
use crate::guide::Guide;
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, ProblemCode, Rows, path_key};

/// A format that a list of columns describes.
pub(super) struct ColumnLog<S: Shape> {
    pub(super) name: &'static str,
    pub(super) guide: &'static Guide,
    pub(super) grain: Grain,
    /// The kinds of log that have these columns; they differ in what wrote them.
    pub(super) kinds: &'static [Kind],
    pub(super) columns: Known<S>,
    /// The column whose cells hold typed pairs; their names stand in `columns` as if each had a column.
    pub(super) pairs_in: Option<&'static str>,
    /// What is read of a record besides its columns.
    pub(super) finish: Finish<S>,
}

/// Looks at a record whose cells are in their places.
pub(super) type Finish<S> = for<'l> fn(&mut <S as Shape>::Row<'l>, &'static Kind);

/// One kind of log: what its files say of themselves, and where they lie.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// What `#Log-type` begins with, in lower case; empty where nothing tells it.
    pub(super) log_type: &'static str,
    /// The folders that it lies in, as they stand in a path's key.
    pub(super) folder: &'static str,
    /// What it is called in coverage, and in the rows where they have a column for it.
    pub(super) scope: &'static str,
}

/// Names a kind of log.
pub(super) const fn kind(log_type: &'static str, folder: &'static str, scope: &'static str) -> Kind {
    Kind { log_type, folder, scope }
}

impl<S: Shape> ColumnLog<S> {
    fn kind_of_path(&self, path: &str) -> Option<&'static Kind> {
        let key = path_key(path);
        self.kinds.iter().find(|kind| !kind.folder.is_empty() && key.contains(kind.folder))
    }

    fn kind_of_head(&self, head: &str) -> Option<&'static Kind> {
        let log_type = log_type(head)?;
        let is_own = |kind: &&Kind| !kind.log_type.is_empty() && log_type.starts_with(kind.log_type);
        self.kinds.iter().filter(is_own).max_by_key(|kind| kind.log_type.len())
    }
}

/// Returns what a log says that it is, in lower case.
pub(super) fn log_type(head: &str) -> Option<String> {
    let is_type = |line: &&str| line.get(..10).is_some_and(|key| key.eq_ignore_ascii_case("#log-type:"));
    let line = head.lines().take(20).find(is_type)?;
    Some(line.get(10..)?.trim().to_ascii_lowercase())
}

/// Tells whether a text begins as the logs of Exchange's components do.
pub(super) fn is_exchange_log(head: &str) -> bool {
    let head = head.to_ascii_lowercase();
    let says_so =
        |line: &str| line.starts_with("#software: microsoft exchange") || line.starts_with("#log-type:");
    head.lines().take(20).any(says_so)
}

impl<S: Shape> Parser for ColumnLog<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn guide(&self) -> &'static Guide {
        self.guide
    }

    fn grain(&self) -> Grain {
        self.grain
    }

    fn scope(&self, artifact: &Artifact) -> String {
        self.kind_of_path(&artifact.path).map_or("", |kind| kind.scope).to_owned()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        if self.kind_of_head(&head).is_some() {
            return Fit::Sure;
        }
        // A log that says that it is something else is not ours, wherever it lies; unless the folder takes all.
        let takes = |kind: &Kind| kind.log_type.is_empty() || log_type(&head).is_none();
        let is_ours = self.kind_of_path(path).is_some_and(takes);
        let may_be = is_exchange_log(&head) || exchange_log::begins_as_log(&head);
        if is_ours && may_be { Fit::Maybe } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let head = crate::input::head(input, crate::read::HEAD_BYTES).unwrap_or_default();
        let kind = self.kind_of_head(&decode_head(&head)).or_else(|| self.kind_of_path(&artifact.path));
        let mut reader = Reader {
            columns: Columns::paired(self.columns, self.pairs_in),
            kind: kind.or(self.kinds.first()),
            finish: self.finish,
            builds: Builds::new(self.name, self.name),
            clock: Clock::default(),
        };
        exchange_log::read(input, limits, rows, &mut reader);
    }
}

struct Reader<S: Shape> {
    columns: Columns<S>,
    kind: Option<&'static Kind>,
    finish: Finish<S>,
    builds: Builds,
    clock: Clock,
}

impl<S: Shape> exchange_log::Reader for Reader<S> {
    fn header(&mut self, names: &[&str]) {
        self.columns.header(names);
    }

    fn record(&mut self, number: u64, cells: &Cells<'_>, rows: &mut Rows<'_>) {
        let pairs = self.columns.pairs(cells);
        let mut draft = Draft::<S>::default();
        let rest = self.columns.fill_with_pairs(cells, &pairs, &mut draft);
        let time = self.clock.read_iso(draft.time);
        if time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), draft.time);
        }
        S::place(&mut draft.row, Place { time, record: number, rest });
        if let Some(kind) = self.kind {
            (self.finish)(&mut draft.row, kind);
        }
        rows.fact(&draft.row);
        if let Some(build) = draft.build {
            self.builds.in_record(build, (number, time, S::server(&draft.row)), rows);
        }
    }

    fn builds(&mut self) -> &mut Builds {
        &mut self.builds
    }
}
