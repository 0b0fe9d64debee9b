//! IIS access logs in W3C extended format.

use super::owa_path::OwaBuilds;
use super::text::{Clock, Rest, decode_head, each_line};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::WebRequest;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp, file_name};
use memchr::memmem::Finder;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::LazyLock;

/// The parser of IIS access logs in W3C extended format.
#[derive(Debug)]
pub(super) struct W3c;

static GUIDE: Guide = Guide {
    what: "IIS access logs in W3C extended format: W3SVC1 is the front end, W3SVC2 the back end",
    locations: &[
        Location::new(Root::IisLogs, r"**\*.log"),
        Location::new(Root::SystemDrive, r"inetpub\logs\LogFiles\W3SVC*\*.log"),
        Location::new(Root::Windows, r"System32\LogFiles\W3SVC*\*.log"),
    ],
    serves: &[
        (Question::BrokenInto, "who asked for what, and what the server answered"),
        (Question::StillInside, "use of a web shell, first and last"),
        (Question::WhatLeft, "large answers, where bytes are logged"),
    ],
    quirks: &[
        "The order and the set of fields change in mid-file, after every `#Fields` line.",
        "Some logs have no `date` field: the day is that of the header or of the file's name.",
        "A value may be empty between two blanks; runs of blanks are not collapsed.",
        "Exchange adds text of its own to the query: `&CorrelationID=<empty>;&cafeReqId=…`.",
        "Bytes, host and cookie are not logged by default.",
    ],
};

impl Parser for W3c {
    fn name(&self) -> &'static str {
        "iis-w3c"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Day
    }

    fn scope(&self, artifact: &Artifact) -> String {
        site_of_path(&artifact.path).unwrap_or_default()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let names_fields = |line: &str| fields_of(line).is_some_and(|fields| fields.contains("cs-uri-stem"));
        if head.lines().any(names_fields) {
            return Fit::Sure;
        }
        let is_ours = is_log_name(file_name(path)) || site_of_path(path).is_some();
        let may_be = head.starts_with("#Software: Microsoft Internet Information")
            || head.starts_with(|c: char| c.is_ascii_digit());
        if is_ours && may_be { Fit::Maybe } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        read(artifact, input, limits, rows);
    }
}

/// Reads a log whose `#Fields` lines name what its rows hold; HTTP.sys writes such logs too.
pub(super) fn read(artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
    let mut reader = Reader::new(artifact);
    each_line(input, limits, rows, &mut |number, line, rows| {
        reader.line(number, line, rows);
    });
}

/// What the values of a field look like: that is how a row with a blank too many is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A day or a time of day, which begins with a digit.
    Moment,
    /// An IP address.
    Address,
    /// Digits.
    Number,
    /// Anything without a blank.
    Word,
    /// Anything; a client can bring blanks into it.
    Text,
}

impl Shape {
    fn fits(self, value: &str) -> bool {
        match self {
            Self::Moment => value.starts_with(|c: char| c.is_ascii_digit()),
            Self::Number => {
                is_null(value) || (value.len() < 19 && value.bytes().all(|byte| byte.is_ascii_digit()))
            }
            Self::Address => {
                let bare = value.split('%').next().unwrap_or(value);
                is_null(value) || bare.parse::<IpAddr>().is_ok()
            }
            Self::Word | Self::Text => true,
        }
    }

    fn is_anchor(self) -> bool {
        matches!(self, Self::Address | Self::Number)
    }
}

type Set = for<'l> fn(&mut WebRequest<'l>, &'l str);

/// A field that W3C logs may have, and where its value goes.
struct Field {
    name: &'static str,
    shape: Shape,
    set: Set,
}

const fn field(name: &'static str, shape: Shape, set: Set) -> Field {
    Field { name, shape, set }
}

/// Every field that has a column; the others go to `rest` under their own names.
static FIELDS: &[Field] = &[
    field("date", Shape::Moment, |_, _| {}),
    field("time", Shape::Moment, |_, _| {}),
    field("s-sitename", Shape::Word, |row, value| {
        row.protocol = row.protocol.or(Some(site_of_name(value)));
    }),
    field("s-computername", Shape::Word, |row, value| {
        row.server = Some(value);
    }),
    field("s-ip", Shape::Address, |row, value| row.dst_ip = Some(value)),
    field("cs-method", Shape::Word, |row, value| row.method = Some(value)),
    field("cs-uri-stem", Shape::Text, |row, value| {
        row.url_path = Some(value);
    }),
    field("cs-uri-query", Shape::Text, |row, value| {
        row.url_query = Some(value);
        row.request_id = exchange_request_id(value);
    }),
    field("cs-uri", Shape::Text, |row, value| {
        let (path, query) = value.split_once('?').map_or((value, None), |(path, query)| (path, Some(query)));
        row.url_path = Some(path);
        row.url_query = query;
    }),
    field("s-reason", Shape::Word, |row, value| row.error = Some(value)),
    field("s-siteid", Shape::Word, |row, value| {
        row.protocol = Some(site_of_id(value));
    }),
    field("s-port", Shape::Number, |row, value| row.dst_port = int(value)),
    field("cs-username", Shape::Text, |row, value| row.user = Some(value)),
    field("c-ip", Shape::Address, |row, value| row.src_ip = Some(value)),
    field("cs-host", Shape::Word, |row, value| row.url_host = Some(value)),
    field("cs(user-agent)", Shape::Text, |row, value| {
        row.user_agent = Some(value);
    }),
    field("cs(cookie)", Shape::Text, |row, value| row.cookie = Some(value)),
    field("cs(referer)", Shape::Word, |row, value| row.referer = Some(value)),
    field("sc-status", Shape::Number, |row, value| row.status = int(value)),
    field("sc-substatus", Shape::Number, |row, value| {
        row.substatus = int(value);
    }),
    field("sc-win32-status", Shape::Number, |row, value| {
        row.win32_status = int(value);
    }),
    field("sc-bytes", Shape::Number, |row, value| row.bytes_out = int(value)),
    field("cs-bytes", Shape::Number, |row, value| row.bytes_in = int(value)),
    field("time-taken", Shape::Number, |row, value| {
        row.duration_ms = int(value);
    }),
];

fn int(value: &str) -> Option<i64> {
    value.parse().ok()
}

fn is_null(value: &str) -> bool {
    matches!(value, "" | "-")
}

/// One field of the header in force.
struct Column {
    name: String,
    shape: Shape,
    set: Option<Set>,
}

impl Column {
    fn named(name: &str) -> Self {
        let known = FIELDS.iter().find(|field| name.eq_ignore_ascii_case(field.name));
        Self {
            name: name.to_owned(),
            shape: known.map_or(Shape::Word, |field| field.shape),
            set: known.map(|field| field.set),
        }
    }
}

/// The header in force: it may change anywhere in a file.
struct Header {
    columns: Vec<Column>,
    day: Option<usize>,
    time: Option<usize>,
}

impl Header {
    /// The most fields that a row may have.
    const MOST: usize = 64;

    fn read(fields: &str) -> Self {
        let columns: Vec<Column> =
            fields.split_ascii_whitespace().take(Self::MOST).map(Column::named).collect();
        let place = |name: &str| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        Self { day: place("date"), time: place("time"), columns }
    }

    /// Tells whether the values stand under the fields that they belong to, as far as numbers show it.
    fn fits(&self, values: &[&str]) -> bool {
        let fits =
            |(column, value): (&Column, &&str)| column.shape != Shape::Number || Shape::Number.fits(value);
        values.len() == self.columns.len() && self.columns.iter().zip(values).all(fits)
    }
}

struct Reader {
    header: Option<Header>,
    writer: Writer,
}

impl Reader {
    fn new(artifact: &Artifact) -> Self {
        let writer = Writer {
            site: site_of_path(&artifact.path),
            day: day_of_name(file_name(&artifact.path)),
            is_day_told: false,
            clock: Clock::default(),
            rest: Rest::default(),
            builds: OwaBuilds::default(),
        };
        Self { header: None, writer }
    }

    fn line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        // A server that lost power leaves zero bytes where the next rows would have stood.
        let line = line.trim_matches('\0');
        if line.starts_with('#') {
            self.comment(line);
        } else if !line.trim().is_empty() {
            self.record(number, line, rows);
        }
    }

    fn comment(&mut self, line: &str) {
        if let Some(fields) = fields_of(line) {
            self.header = Some(Header::read(fields));
        } else if let Some(date) = line.strip_prefix("#Date:") {
            self.writer.day = date.split_ascii_whitespace().next().map(str::to_owned);
        }
    }

    fn record(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        let Some(header) = &self.header else {
            rows.lost(ProblemCode::NoHeader, number, "no #Fields line before it");
            return;
        };
        let mut values = [""; Header::MOST];
        let count = split(line, &mut values);
        let straight = values.get(..count).filter(|values| header.fits(values));
        if let Some(values) = straight {
            self.writer.write(header, number, values, rows);
        } else if let Some(values) = align(&header.columns, line) {
            self.writer.write(header, number, &values, rows);
        } else {
            let detail = format!("{count} values for {} fields", header.columns.len());
            rows.lost(ProblemCode::FieldCount, number, detail);
        }
    }
}

/// Makes rows of values that stand under their fields.
struct Writer {
    site: Option<String>,
    /// The day that the file's name or its last `#Date` line gives to rows that have only a time.
    day: Option<String>,
    is_day_told: bool,
    clock: Clock,
    rest: Rest,
    builds: OwaBuilds,
}

impl Writer {
    fn write(&mut self, header: &Header, number: u64, values: &[&str], rows: &mut Rows<'_>) {
        let time = self.time(header, number, values, rows);
        self.rest.clear();
        let mut row =
            WebRequest { time, record: number, protocol: self.site.as_deref(), ..WebRequest::default() };
        for (column, value) in header.columns.iter().zip(values) {
            match column.set {
                _ if is_null(value) => {}
                Some(set) => set(&mut row, value),
                None => self.rest.add(&column.name, value),
            }
        }
        row.rest = self.rest.finish();
        rows.fact(&row);
        self.builds.note(&row, rows);
    }

    /// Reads the time of a row; a day that only the header or the file's name gives is told once a file.
    fn time(
        &mut self,
        header: &Header,
        number: u64,
        values: &[&str],
        rows: &mut Rows<'_>,
    ) -> Option<Timestamp> {
        let time = read_time(header, values, self.day.as_deref(), &mut self.clock);
        if time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), "kept without a time");
        } else if header.day.is_none() && !std::mem::replace(&mut self.is_day_told, true) {
            let day = self.day.as_deref().unwrap_or_default();
            rows.remark(ProblemCode::AssumedDate, Some(number), day);
        }
        time
    }
}

fn read_time(header: &Header, values: &[&str], day: Option<&str>, clock: &mut Clock) -> Option<Timestamp> {
    let value = |place: usize| values.get(place).copied();
    let day = header.day.and_then(value).or(day)?;
    clock.read(day, header.time.and_then(value)?)
}

/// Cuts a line at every single blank, so that two in a row hold an empty value, and returns the number of values.
/// Values beyond the room are counted and not kept.
fn split<'l>(line: &'l str, into: &mut [&'l str]) -> usize {
    let mut start = 0;
    let mut count = 0_usize;
    let line = line.trim_end_matches(' ');
    for end in memchr::memchr_iter(b' ', line.as_bytes()).chain([line.len()]) {
        if let Some(slot) = into.get_mut(count) {
            *slot = line.get(start..end).unwrap_or_default();
        }
        count = count.saturating_add(1);
        start = end.saturating_add(1);
    }
    count
}

/// Puts the values of a row with a blank too many or a value too few back under their fields.
///
/// Ports, addresses and statuses hold their places; what lies between them is given to the texts, into which
/// a client, or a user's name, can bring blanks. A row that fits in no way gives nothing.
fn align<'l>(columns: &[Column], line: &'l str) -> Option<Vec<&'l str>> {
    const MOST_AMISS: usize = 12;
    let is_anchored = columns.iter().filter(|column| column.shape.is_anchor()).count() >= 2;
    let tokens = tokens(line);
    if !is_anchored || tokens.len().abs_diff(columns.len()) > MOST_AMISS {
        return None;
    }
    let has_too_few = tokens.len() < columns.len();
    // Ports and addresses are hardly ever empty: they may be where nothing else fits, and the row is not cut.
    let mut passes = [false, true].into_iter().take(if has_too_few { 1 } else { 2 });
    passes.find_map(|may_be_null| {
        let mut alignment = Alignment {
            line,
            surplus: tokens.len().saturating_sub(columns.len()),
            has_too_few,
            may_be_null,
            steps: 0,
            values: Vec::with_capacity(columns.len()),
        };
        alignment.place(columns, &tokens).then_some(alignment.values)
    })
}

fn tokens(line: &str) -> Vec<Range<usize>> {
    let line = line.trim_end_matches(' ');
    let mut start = 0;
    let ends = memchr::memchr_iter(b' ', line.as_bytes()).chain([line.len()]);
    ends.map(|end| std::mem::replace(&mut start, end.saturating_add(1))..end).collect()
}

struct Alignment<'l> {
    line: &'l str,
    surplus: usize,
    has_too_few: bool,
    may_be_null: bool,
    steps: u32,
    values: Vec<&'l str>,
}

impl Alignment<'_> {
    /// Bounds the search: a line that an attacker made for the purpose costs no more than this.
    const MOST_STEPS: u32 = 20_000;

    fn place(&mut self, columns: &[Column], tokens: &[Range<usize>]) -> bool {
        let Some((column, further)) = columns.split_first() else {
            return tokens.is_empty();
        };
        self.steps = self.steps.saturating_add(1);
        if self.steps > Self::MOST_STEPS {
            return false;
        }
        let longest = if column.shape == Shape::Text { self.surplus.saturating_add(1) } else { 1 };
        for length in 1..=longest {
            let Some((taken, left)) = tokens.split_at_checked(length) else {
                break;
            };
            if self.take(column, taken) && self.place_further(further, left) {
                return true;
            }
        }
        let may_lack = self.has_too_few
            && column.shape == Shape::Text
            && further.iter().any(|column| column.shape.is_anchor());
        if may_lack {
            self.values.push("");
            return self.place_further(further, tokens);
        }
        false
    }

    fn place_further(&mut self, columns: &[Column], tokens: &[Range<usize>]) -> bool {
        let fits = self.place(columns, tokens);
        if !fits {
            self.values.pop();
        }
        fits
    }

    fn take(&mut self, column: &Column, tokens: &[Range<usize>]) -> bool {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return false;
        };
        let value = self.line.get(first.start..last.end).unwrap_or_default();
        // A `-` that stands alone is the empty value of another field.
        let holds_null = tokens.len() > 1 && value.split(' ').any(|token| token == "-");
        let is_empty = column.shape.is_anchor() && is_null(value) && !self.may_be_null;
        let fits = !holds_null && !is_empty && column.shape.fits(value);
        if fits {
            self.values.push(value.trim());
        }
        fits
    }
}

pub(super) fn fields_of(line: &str) -> Option<&str> {
    line.strip_prefix("#Fields:")
}

/// Returns Exchange's id of the request, which it appends to the query.
fn exchange_request_id(query: &str) -> Option<&str> {
    const MARK: &str = "cafeReqId=";
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MARK));
    let start = FINDER.find(query.as_bytes())?;
    let after = query.get(start.checked_add(MARK.len())?..)?;
    let id = after.split([';', '&']).next()?;
    (!id.is_empty()).then_some(id)
}

/// Returns the site that the log's folder names: `w3svc1`.
fn site_of_path(path: &str) -> Option<String> {
    let is_site = |part: &&str| {
        let number = part.get(..5).filter(|start| start.eq_ignore_ascii_case("w3svc"));
        number.is_some() && part.len() > 5 && part.bytes().skip(5).all(|byte| byte.is_ascii_digit())
    };
    path.rsplit(['\\', '/']).find(is_site).map(str::to_ascii_lowercase)
}

/// Exchange has two sites; their names are spelt as the folders' are.
fn site_of_name(name: &str) -> &str {
    match name {
        "W3SVC1" => "w3svc1",
        "W3SVC2" => "w3svc2",
        other => other,
    }
}

/// HTTP.sys names the sites by their numbers alone.
fn site_of_id(id: &str) -> &str {
    match id {
        "1" => "w3svc1",
        "2" => "w3svc2",
        other => other,
    }
}

fn is_log_name(name: &str) -> bool {
    day_of_name(name).is_some()
}

/// Returns the day that a name such as `u_ex210302.log` or `u_ex21030217_x.log` gives.
fn day_of_name(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let digits = name.strip_prefix("u_ex").or_else(|| name.strip_prefix("ex"))?;
    let part = |range: Range<usize>| {
        let part = digits.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part)
    };
    Some(format!("20{}-{}-{}", part(0..2)?, part(2..4)?, part(4..6)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(fields: &str) -> Vec<Column> {
        Header::read(fields).columns
    }

    const FIELDS: &str =
        "cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status";

    #[test]
    fn blanks_in_a_value_are_put_right_between_ports_addresses_and_statuses() {
        let cases = [
            (
                "GET /a - 444  d\\user ::1 UA - 200",
                vec!["GET", "/a", "-", "444", "d\\user", "::1", "UA", "-", "200"],
            ),
            (
                "GET /a q 443 Jane Doe 192.0.2.1 UA - 200",
                vec!["GET", "/a", "q", "443", "Jane Doe", "192.0.2.1", "UA", "-", "200"],
            ),
            (
                "GET /a q 443 - 192.0.2.1 My UA 1.0 - 200",
                vec!["GET", "/a", "q", "443", "-", "192.0.2.1", "My UA 1.0", "-", "200"],
            ),
            (
                "GET /a b.aspx - 443 - 192.0.2.1 UA - 200",
                vec!["GET", "/a b.aspx", "-", "443", "-", "192.0.2.1", "UA", "-", "200"],
            ),
            (
                "GET /a q 443 192.0.2.1 UA - 200",
                vec!["GET", "/a", "q", "443", "", "192.0.2.1", "UA", "-", "200"],
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(align(&columns(FIELDS), line), Some(expected), "{line}");
        }
        for line in ["GET /a q 443 - 192.0.2.1 UA -", "GET /a q 443 - x UA - 200 200", "", "GET"] {
            assert_eq!(align(&columns(FIELDS), line), None, "{line}");
        }
        assert_eq!(align(&columns("cs-method cs-uri-stem"), "GET a b"), None, "no anchor");
    }

    #[test]
    fn a_line_made_to_be_costly_is_given_up() {
        let fields = format!("{} c-ip sc-status", "cs-uri-stem ".repeat(40));
        let line = format!("{} x", "a ".repeat(50));
        assert_eq!(align(&columns(&fields), &line), None);
    }

    #[test]
    fn paths_and_names_tell_site_and_day() {
        assert_eq!(
            site_of_path(r"C:\inetpub\logs\LogFiles\W3SVC2\u_ex210302.log").as_deref(),
            Some("w3svc2")
        );
        assert_eq!(site_of_path("W3SVC/a.log"), None);
        assert_eq!(day_of_name("u_ex21030217_x.log").as_deref(), Some("2021-03-02"));
        assert_eq!(day_of_name("ex130730.log").as_deref(), Some("2013-07-30"));
        assert_eq!(day_of_name("extend1.log"), None);
    }

    #[test]
    fn the_request_id_ends_where_exchange_ends_it() {
        assert_eq!(exchange_request_id("&CorrelationID=<empty>;&cafeReqId=ab-1;&x"), Some("ab-1"));
        assert_eq!(exchange_request_id("cafeReqId=;"), None);
        assert_eq!(exchange_request_id("a=b"), None);
    }
}
