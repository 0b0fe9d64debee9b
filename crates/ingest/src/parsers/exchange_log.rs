//! What the text logs of Exchange's components share: comment blocks anywhere, a header that may change, CSV.

use super::text::{Clock, Rest, each_line};
use super::typed_pairs::TypedPairs;
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{
    AdminCommand, BuildSighting, LogMessage, MailEvent, MailboxAccess, WebRequest,
};
use afterpatch_model::{Build, ProblemCode, Row, Rows, Timestamp};

/// What one parser makes of an Exchange log.
pub(super) trait Reader {
    /// Takes the names of the columns that the records to come have.
    fn header(&mut self, names: &[&str]);
    /// Takes a record with as many cells as the header has names.
    fn record(&mut self, number: u64, cells: &Cells<'_>, rows: &mut Rows<'_>);
    /// Returns what keeps the build numbers that the log shows.
    fn builds(&mut self) -> &mut Builds;
}

/// Reads an Exchange log to its end.
pub(super) fn read(input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>, reader: &mut dyn Reader) {
    let mut log =
        Log { reader, splitter: Splitter::default(), columns: None, open: None, limit: limits.line_bytes };
    each_line(input, limits, rows, &mut |number, line, rows| {
        log.line(number, line.trim_matches('\0'), rows);
    });
    log.end(rows);
}

struct Log<'r> {
    reader: &'r mut dyn Reader,
    splitter: Splitter,
    columns: Option<usize>,
    /// A record whose quote is not closed yet: where it began, and its lines so far.
    open: Option<(u64, String)>,
    limit: usize,
}

impl Log<'_> {
    fn line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        let Some((start, mut record)) = self.open.take() else {
            self.whole_line(number, line, rows);
            return;
        };
        if begins_record(line) || record.len().saturating_add(line.len()) > self.limit {
            rows.lost(ProblemCode::BadCsv, start, "a quote is not closed");
            self.whole_line(number, line, rows);
            return;
        }
        record.push('\n');
        record.push_str(line);
        self.csv(start, &record, rows);
    }

    fn whole_line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(number, comment, rows);
        } else if !line.trim().is_empty() {
            self.csv(number, line, rows);
        }
    }

    fn comment(&mut self, number: u64, comment: &str, rows: &mut Rows<'_>) {
        let (key, value) = comment.split_once(':').unwrap_or((comment, ""));
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "fields" => self.header(value),
            "version" => self.reader.builds().version(number, value, rows),
            "date" => self.reader.builds().date(value, rows),
            _ => {}
        }
    }

    fn header(&mut self, line: &str) {
        self.splitter.split(line);
        let cells = self.splitter.cells(line);
        let mut names: Vec<&str> = cells.iter().map(str::trim).collect();
        cut_second_copy(&mut names);
        self.columns = Some(names.len());
        self.reader.header(&names);
    }

    fn csv(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        if self.splitter.split(line) == Quote::Open {
            self.open = Some((number, line.to_owned()));
            return;
        }
        let mut cells = self.splitter.cells(line);
        if is_header(&cells) {
            self.header(line);
            return;
        }
        let Some(columns) = self.columns else {
            rows.lost(ProblemCode::NoHeader, number, "no #Fields line or header before it");
            return;
        };
        // A trailing comma makes one cell more, and says nothing.
        if cells.len() > columns && cells.iter().skip(columns).all(str::is_empty) {
            cells.truncate(columns);
        }
        if cells.len() == columns {
            self.reader.builds().flush(rows);
            self.reader.record(number, &cells, rows);
        } else {
            let detail = format!("{} values for {columns} fields", cells.len());
            rows.lost(ProblemCode::FieldCount, number, detail);
        }
    }

    fn end(&mut self, rows: &mut Rows<'_>) {
        if let Some((start, _)) = self.open.take() {
            rows.lost(ProblemCode::BadCsv, start, "a quote is not closed");
        }
        self.reader.builds().flush(rows);
    }
}

/// Takes a second copy of the list from a header whose last name is fused with the first of the copy.
fn cut_second_copy(names: &mut Vec<&str>) {
    let Some(first) = names.first().copied().filter(|first| first.len() > 3) else {
        return;
    };
    let mut later = names.iter().copied().enumerate().skip(1);
    let fused = later.find_map(|(place, name)| Some((place, name.strip_suffix(first)?)));
    let Some((place, last)) = fused.filter(|(_, last)| !last.is_empty()) else {
        return;
    };
    // `original-date-time` is a name of its own: the copy is told by what follows it.
    if names.get(place.saturating_add(1)) == names.get(1) {
        names.truncate(place);
        names.push(last);
    }
}

/// Tells whether a line that follows an unclosed quote is a record or comment of its own: it begins with a time.
fn begins_record(line: &str) -> bool {
    if line.starts_with('#') {
        return true;
    }
    let first = line.split(',').next().unwrap_or_default();
    let is_time = |c: char| c.is_ascii_digit() || " -/:.TZAPM".contains(c);
    first.len() >= 10
        && first.len() <= 40
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.chars().all(is_time)
}

/// Tells whether a file begins as a log of columns does: with a comment, a header or a time.
pub(super) fn begins_as_log(head: &str) -> bool {
    let first = head.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    begins_record(first) || names_time(first.split(',').next().unwrap_or_default())
}

/// Tells whether a row without `#` names the columns: its first cell is the name of the time.
fn is_header(cells: &Cells<'_>) -> bool {
    names_time(cells.get(0))
}

fn names_time(cell: &str) -> bool {
    const TIMES: [&str; 4] = ["datetime", "date-time", "timestamp", "time"];
    TIMES.iter().any(|name| cell.trim().eq_ignore_ascii_case(name))
}

/// Whether a record is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// No quote is open at the end.
    Closed,
    /// A quote is open: the record goes on in the next line, or is broken.
    Open,
}

/// Cuts lines of CSV into cells, in one buffer for a whole file.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    unquoted: Option<String>,
    ends: Vec<(usize, usize)>,
}

impl Splitter {
    /// Cuts `line`; its cells are then to be had from [`Splitter::cells`].
    pub(super) fn split(&mut self, line: &str) -> Quote {
        self.ends.clear();
        if memchr::memchr(b'"', line.as_bytes()).is_some() {
            return self.split_quoted(line);
        }
        self.unquoted = None;
        let mut start = 0;
        for end in memchr::memchr_iter(b',', line.as_bytes()).chain([line.len()]) {
            self.ends.push((start, end));
            start = end.saturating_add(1);
        }
        Quote::Closed
    }

    fn split_quoted(&mut self, line: &str) -> Quote {
        let mut text = self.unquoted.take().unwrap_or_default();
        text.clear();
        let mut quote = Quote::Closed;
        let mut rest = Some(line);
        while let Some(cell) = rest {
            let start = text.len();
            (rest, quote) = match cell.strip_prefix('"') {
                Some(quoted) => push_quoted(quoted, &mut text),
                None => (push_plain(cell, &mut text), Quote::Closed),
            };
            self.ends.push((start, text.len()));
        }
        self.unquoted = Some(text);
        quote
    }

    /// Returns the cells of the line that was cut last.
    pub(super) fn cells<'l>(&'l self, line: &'l str) -> Cells<'l> {
        Cells { text: self.unquoted.as_deref().unwrap_or(line), ends: &self.ends }
    }
}

/// Appends a cell up to its comma and returns what follows the comma.
fn push_plain<'l>(cell: &'l str, text: &mut String) -> Option<&'l str> {
    let Some((cell, rest)) = cell.split_once(',') else {
        text.push_str(cell);
        return None;
    };
    text.push_str(cell);
    Some(rest)
}

/// Appends a quoted cell, whose quotes inside are doubled, and returns what follows its comma.
fn push_quoted<'l>(mut cell: &'l str, text: &mut String) -> (Option<&'l str>, Quote) {
    while let Some((before, after)) = cell.split_once('"') {
        text.push_str(before);
        match after.strip_prefix('"') {
            Some(further) => {
                text.push('"');
                cell = further;
            }
            None => return (push_plain(after, text), Quote::Closed),
        }
    }
    text.push_str(cell);
    (None, Quote::Open)
}

/// The cells of one record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'l> {
    text: &'l str,
    ends: &'l [(usize, usize)],
}

impl<'l> Cells<'l> {
    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns one cell; beyond the last they are empty.
    pub(super) fn get(&self, place: usize) -> &'l str {
        self.ends.get(place).map_or("", |ends| self.cell(*ends))
    }

    /// Returns all cells in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'l str> {
        self.ends.iter().map(|ends| self.cell(*ends))
    }

    fn cell(&self, (start, end): (usize, usize)) -> &'l str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn truncate(&mut self, length: usize) {
        self.ends = self.ends.get(..length).unwrap_or(self.ends);
    }
}

/// A table whose rows a list of columns fills.
pub(super) trait Shape: 'static {
    /// The row, with cells of one record in it.
    type Row<'l>: Row + Default;
    /// Puts into a row what every row has.
    fn place<'l>(row: &mut Self::Row<'l>, at: Place<'l>);
    /// Returns the server that the record itself names.
    fn server<'l>(row: &Self::Row<'l>) -> Option<&'l str>;
}

/// What every row has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'l> {
    pub(super) time: Option<Timestamp>,
    pub(super) record: u64,
    pub(super) rest: Option<&'l str>,
}

macro_rules! shapes {
    ($( $(#[$doc:meta])* $shape:ident: $row:ident, )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub(super) struct $shape;

            impl Shape for $shape {
                type Row<'l> = $row<'l>;

                fn place<'l>(row: &mut $row<'l>, at: Place<'l>) {
                    row.time = at.time;
                    row.record = at.record;
                    row.rest = at.rest;
                }

                fn server<'l>(row: &Self::Row<'l>) -> Option<&'l str> {
                    row.server
                }
            }
        )*
    };
}

shapes! {
    /// Rows of `web_requests`.
    Requests: WebRequest,
    /// Rows of `mailbox_access`.
    Accesses: MailboxAccess,
    /// Rows of `admin_commands`.
    Commands: AdminCommand,
    /// Rows of `mail_events`.
    Mails: MailEvent,
    /// Rows of `log_messages`.
    Messages: LogMessage,
}

/// A row while its cells are put in place.
pub(super) struct Draft<'l, S: Shape> {
    pub(super) row: S::Row<'l>,
    pub(super) time: &'l str,
    pub(super) error_detail: Option<&'l str>,
    pub(super) build: Option<&'l str>,
}

impl<S: Shape> Default for Draft<'_, S> {
    fn default() -> Self {
        Self { row: Default::default(), time: "", error_detail: None, build: None }
    }
}

/// Puts one cell in its place.
pub(super) type Set<S> = for<'l> fn(&mut Draft<'l, S>, &'l str);

/// Names of columns in lower case, and where their cells go.
pub(super) type Known<S> = &'static [(&'static str, Set<S>)];

/// Puts the cells of a log into rows: a table of names says which go where.
pub(super) struct Columns<S: Shape> {
    known: Known<S>,
    paired: Option<&'static str>,
    present: Vec<(String, Way<S>)>,
    rest: Rest,
}

/// Where the cells of a column go.
enum Way<S: Shape> {
    Column(Set<S>),
    Rest,
    /// They hold typed pairs, each of which goes its own way.
    Pairs,
}

impl<S: Shape> Columns<S> {
    /// Starts from the table, before any header.
    pub(super) fn new(known: Known<S>) -> Self {
        Self { known, paired: None, present: Vec::new(), rest: Rest::default() }
    }

    /// Takes the cells of one column for typed pairs, whose names stand in the table as those of columns do.
    pub(super) fn paired(known: Known<S>, column: Option<&'static str>) -> Self {
        Self { paired: column, ..Self::new(known) }
    }

    /// Takes the names that a header gives.
    pub(super) fn header(&mut self, names: &[&str]) {
        self.present = names.iter().map(|name| ((*name).to_owned(), self.way(name))).collect();
    }

    fn way(&self, name: &str) -> Way<S> {
        if self.paired.is_some_and(|paired| paired.eq_ignore_ascii_case(name)) {
            return Way::Pairs;
        }
        let known = self.known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map_or(Way::Rest, |(_, set)| Way::Column(*set))
    }

    /// Returns the typed pairs of a record; none where no column holds any.
    pub(super) fn pairs(&self, cells: &Cells<'_>) -> TypedPairs {
        let place = self.present.iter().position(|(_, way)| matches!(way, Way::Pairs));
        place.map_or_else(TypedPairs::default, |place| TypedPairs::read(cells.get(place)))
    }

    /// Puts every cell into `draft`; those without a column are returned as JSON. Empty cells say nothing.
    pub(super) fn fill<'l>(&'l mut self, cells: &Cells<'l>, draft: &mut Draft<'l, S>) -> Option<&'l str> {
        self.rest.clear();
        self.fill_cells(cells, draft);
        self.rest.finish()
    }

    /// Puts every cell and every pair into `draft`.
    pub(super) fn fill_with_pairs<'l>(
        &'l mut self,
        cells: &Cells<'l>,
        pairs: &'l TypedPairs,
        draft: &mut Draft<'l, S>,
    ) -> Option<&'l str> {
        self.rest.clear();
        self.fill_cells(cells, draft);
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            match self.way(name) {
                Way::Column(set) => set(draft, value),
                Way::Rest | Way::Pairs => self.rest.add(name, value),
            }
        }
        if !pairs.text().is_empty() {
            self.rest.add(self.paired.unwrap_or_default(), pairs.text());
        }
        self.rest.finish()
    }

    fn fill_cells<'l>(&mut self, cells: &Cells<'l>, draft: &mut Draft<'l, S>) {
        for ((name, way), value) in self.present.iter().zip(cells.iter()) {
            match way {
                _ if value.is_empty() => {}
                Way::Column(set) => set(draft, value),
                Way::Rest => self.rest.add(name, value),
                Way::Pairs => {}
            }
        }
    }
}

/// Notes the Exchange builds that a log shows, in its comments and in its records.
#[derive(Debug)]
pub(super) struct Builds {
    comment_name: &'static str,
    record_name: &'static str,
    waiting: Option<(u64, Build)>,
    last: Option<Build>,
}

impl Builds {
    /// Opens the notes; the names say where a build was seen.
    pub(super) fn new(comment_name: &'static str, record_name: &'static str) -> Self {
        Self { comment_name, record_name, waiting: None, last: None }
    }

    /// Takes a `#Version` line. Its time stands in the `#Date` line that follows.
    fn version(&mut self, number: u64, text: &str, rows: &mut Rows<'_>) {
        self.flush(rows);
        self.waiting = exchange_build(text).map(|build| (number, build));
    }

    fn date(&mut self, text: &str, rows: &mut Rows<'_>) {
        let time = Clock::default().read_iso(text);
        self.give_waiting(time, rows);
    }

    /// Gives a `#Version` that no `#Date` followed.
    fn flush(&mut self, rows: &mut Rows<'_>) {
        self.give_waiting(None, rows);
    }

    fn give_waiting(&mut self, time: Option<Timestamp>, rows: &mut Rows<'_>) {
        if let Some((number, build)) = self.waiting.take() {
            self.last = Some(build);
            give(build, self.comment_name, (number, time, None), rows);
        }
    }

    /// Takes the build that a record names; it is given where it is not the one that was seen last.
    pub(super) fn in_record(
        &mut self,
        text: &str,
        place: (u64, Option<Timestamp>, Option<&str>),
        rows: &mut Rows<'_>,
    ) {
        let Some(build) = exchange_build(text) else {
            return;
        };
        if self.last.replace(build) != Some(build) {
            give(build, self.record_name, place, rows);
        }
    }
}

fn give(
    build: Build,
    seen_in: &str,
    (record, time, server): (u64, Option<Timestamp>, Option<&str>),
    rows: &mut Rows<'_>,
) {
    rows.derived(&BuildSighting {
        time,
        server,
        build: Some(&build.to_string()),
        seen_in: Some(seen_in),
        record,
        ..BuildSighting::default()
    });
}

/// Reads a build of Exchange; `15.0.0.0` is the version of a log format and none of a server.
fn exchange_build(text: &str) -> Option<Build> {
    let build: Build = text.parse().ok()?;
    let is_format = (build.build, build.revision) == (0, 0);
    (build.product().is_some() && !is_format).then_some(build)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str) -> (Vec<String>, Quote) {
        let mut splitter = Splitter::default();
        let quote = splitter.split(line);
        let cells = splitter.cells(line);
        (cells.iter().map(str::to_owned).collect(), quote)
    }

    #[test]
    fn cells_are_cut_as_exchange_writes_them() {
        let cases: [(&str, &[&str]); 6] = [
            ("a,,b", &["a", "", "b"]),
            ("a,\"b,c\",d", &["a", "b,c", "d"]),
            ("\"say \"\"x\"\"\",", &["say \"x\"", ""]),
            ("a\"b,c", &["a\"b", "c"]),
            ("\"a\"b,c", &["ab", "c"]),
            ("\"two\nlines\",c", &["two\nlines", "c"]),
        ];
        for (line, expected) in cases {
            assert_eq!(cut(line), (expected.iter().map(|cell| (*cell).to_owned()).collect(), Quote::Closed));
        }
        assert_eq!(cut("a,\"b,c").1, Quote::Open);
        assert_eq!(cut("\"").1, Quote::Open);
    }

    #[test]
    fn a_new_record_is_told_from_a_line_within_quotes() {
        for line in ["2021-03-02T00:00:00.000Z,a", "3/2/2021 1:02:03 PM,b", "#Software: x"] {
            assert!(begins_record(line), "{line}");
        }
        for line in ["   at System.Web", "12,x", "", "2021-03-02 was the day when it,x"] {
            assert!(!begins_record(line), "{line}");
        }
    }

    #[test]
    fn only_builds_of_servers_count() {
        assert_eq!(exchange_build("15.01.2375.007").unwrap().to_string(), "15.1.2375.7");
        assert_eq!(exchange_build("15.0.0.0"), None);
        assert_eq!(exchange_build("1.0"), None);
    }
}
