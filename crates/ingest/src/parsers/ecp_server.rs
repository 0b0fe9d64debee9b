//! ECP Server logs: the cmdlets that the control panel ran, and for whom.

use super::exchange_log::{self, Builds, Cells};
use super::text::{Clock, Rest, decode_head};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{AdminCommand, LogMessage};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp};

/// The parser of ECP Server and ECP Activity logs.
#[derive(Debug)]
pub(super) struct EcpServer;

static GUIDE: Guide = Guide {
    what: "Exchange control panel logs: the commands that it ran, and what its users did",
    locations: &[Location::new(Root::Exchange, r"Logging\ECP\**\*.LOG")],
    serves: &[
        (Question::Exposed, "the build, in `S:BLD`"),
        (
            Question::BrokenInto,
            "the commands by which files were written: Set-OabVirtualDirectory and its kin",
        ),
    ],
    quirks: &[
        "`EventData` holds pairs parted by semicolons; a part with quotes is quoted once more.",
        "`#Version` is 15.0.0.0 whatever the build.",
    ],
};

impl Parser for EcpServer {
    fn name(&self) -> &'static str {
        "ecp-server"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Day
    }

    /// The Activity logs are apart: they do not show what the Server logs would.
    fn scope(&self, artifact: &Artifact) -> String {
        let is_activity = has_folders(&artifact.path, "activity");
        if is_activity { "activity".to_owned() } else { String::new() }
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head).to_ascii_lowercase();
        let is_ours = has_folders(path, "server") || has_folders(path, "activity");
        let names_columns = head.lines().any(|line| line.contains("timestamp,servername,eventid,eventdata"));
        if head.contains("#log-type: ecp") || (is_ours && names_columns) {
            return Fit::Sure;
        }
        let may_be = head.starts_with(|c: char| c.is_ascii_digit() || c == '#');
        if is_ours && may_be { Fit::Maybe } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut reader = Reader {
            places: [None; 4],
            builds: Builds::new("ECP #Version", "ECP S:BLD"),
            clock: Clock::default(),
            rest: Rest::default(),
        };
        exchange_log::read(input, limits, rows, &mut reader);
    }
}

fn has_folders(path: &str, last: &str) -> bool {
    let mut folders = path.rsplit(['\\', '/']).skip(1);
    let is =
        |folder: Option<&str>, name: &str| folder.is_some_and(|folder| folder.eq_ignore_ascii_case(name));
    is(folders.next(), last) && is(folders.next(), "ecp")
}

/// The columns of the log, in the order in which the reader keeps their places.
const NAMES: [&str; 4] = ["TimeStamp", "ServerName", "EventId", "EventData"];

struct Reader {
    places: [Option<usize>; 4],
    builds: Builds,
    clock: Clock,
    rest: Rest,
}

impl exchange_log::Reader for Reader {
    fn header(&mut self, names: &[&str]) {
        self.places = NAMES.map(|known| names.iter().position(|name| name.eq_ignore_ascii_case(known)));
    }

    fn record(&mut self, number: u64, cells: &Cells<'_>, rows: &mut Rows<'_>) {
        let [time, server, event, data] = self.places.map(|place| place.map_or("", |place| cells.get(place)));
        let record =
            Record { number, time: self.clock.read_iso(time), server, event, data, pairs: pairs(data) };
        if record.time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), time);
        }
        match record.pair("CMD") {
            Some(command) => self.command(&record, command, rows),
            None => message(&record, rows),
        }
        if let Some(build) = record.pair("BLD") {
            self.builds.in_record(build, (number, record.time, Some(server)), rows);
        }
    }

    fn builds(&mut self) -> &mut Builds {
        &mut self.builds
    }
}

struct Record<'l> {
    number: u64,
    time: Option<Timestamp>,
    server: &'l str,
    event: &'l str,
    data: &'l str,
    pairs: Vec<(String, String)>,
}

impl Record<'_> {
    fn pair(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// The pairs that have a column; the others go to `rest`.
const PLACED: [&str; 8] = ["CMD", "SID", "PSA", "URL", "EX", "ACTID", "REQID", "BLD"];

impl Reader {
    fn command(&mut self, record: &Record<'_>, text: &str, rows: &mut Rows<'_>) {
        let (command, parameters) = match text.split_once('.') {
            Some((command, parameters)) => (command, Some(parameters)),
            None => (text, None),
        };
        self.rest.clear();
        self.rest.add("EventId", record.event);
        for (name, value) in &record.pairs {
            if !PLACED.iter().any(|placed| placed.eq_ignore_ascii_case(name)) {
                self.rest.add(name, value);
            }
        }
        let error = record.pair("EX");
        rows.fact(&AdminCommand {
            time: record.time,
            server: Some(record.server),
            user: record.pair("SID").or_else(|| record.pair("PSA")),
            command: Some(command),
            parameters,
            result: Some(if error.is_some() { "failed" } else { "ok" }),
            error,
            url_path: record.pair("URL"),
            request_id: record.pair("ACTID").or_else(|| record.pair("REQID")),
            record: record.number,
            rest: self.rest.finish(),
            ..AdminCommand::default()
        });
    }
}

fn message(record: &Record<'_>, rows: &mut Rows<'_>) {
    rows.fact(&LogMessage {
        time: record.time,
        server: Some(record.server),
        component: Some("ECP Server"),
        message: Some(record.data),
        record: record.number,
        ..LogMessage::default()
    });
}

/// Reads `S:TIME=1;S:CMD='…';…`. A part that holds a quote may be wrapped in quotes, with those inside doubled.
fn pairs(data: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = data.trim_start_matches([';', ' ']);
    // No genuine record has more; one made to be costly is read this far.
    for _ in 0..256 {
        if rest.is_empty() {
            break;
        }
        let (pair, after) = next_pair(rest);
        pairs.extend(pair);
        rest = after.trim_start_matches([';', ' ']);
    }
    pairs
}

fn next_pair(text: &str) -> (Option<(String, String)>, &str) {
    if let Some((part, after)) = unwrap_quotes(text) {
        let pair = typed_key(&part).map(|(key, value)| (key.to_owned(), value.to_owned()));
        return (pair, after);
    }
    let Some((key, value)) = typed_key(text) else {
        return (None, text.get(end_of_part(text)..).unwrap_or_default());
    };
    if let Some((value, after)) = unwrap_quotes(value) {
        return (Some((key.to_owned(), value)), after);
    }
    let (value, after) = value.split_at_checked(end_of_part(value)).unwrap_or((value, ""));
    (Some((key.to_owned(), value.to_owned())), after)
}

/// Splits `S:CMD=x` into `CMD` and `x`; nothing where the text does not begin with a typed key.
fn typed_key(text: &str) -> Option<(&str, &str)> {
    let after = after_word(text, ':', 4)?;
    let value = after_word(after, '=', 40)?;
    let name = after.get(..after.len().checked_sub(value.len())?.checked_sub(1)?)?;
    Some((name, value))
}

/// Returns what follows a word of at most `most` letters and its `mark`; looks no further than that.
fn after_word(text: &str, mark: char, most: usize) -> Option<&str> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (length, _) = text.char_indices().take(most.saturating_add(1)).find(|(_, c)| !is_letter(*c))?;
    let after = text.get(length..)?.strip_prefix(mark)?;
    (length > 0).then_some(after)
}

/// Takes a value in single quotes that is closed right before the next part.
fn unwrap_quotes(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(further) => {
                value.push('\'');
                rest = further;
            }
            None => return ends_part(after).then_some((value, after)),
        }
    }
}

fn ends_part(after: &str) -> bool {
    after.is_empty() || after.strip_prefix(';').is_some_and(|next| next.is_empty() || begins_part(next))
}

fn begins_part(text: &str) -> bool {
    typed_key(text.strip_prefix('\'').unwrap_or(text)).is_some()
}

/// Finds where a part without quotes around it ends: at the semicolon before the next typed key, outside quotes.
/// Where the quotes inside are not in pairs, they say nothing.
fn end_of_part(text: &str) -> usize {
    let has_pairs = text.bytes().filter(|byte| *byte == b'\'').count() % 2 == 0;
    let mut is_quoted = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => is_quoted = has_pairs && !is_quoted,
            b';' if !is_quoted && text.get(place..).is_some_and(ends_part) => return place,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &str) -> Vec<(String, String)> {
        pairs(data)
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn typed_pairs_are_read_with_and_without_quotes() {
        assert_eq!(
            read("S:TIME=10;S:CMD=Get-InboxRule;S:EX="),
            [pair("TIME", "10"), pair("CMD", "Get-InboxRule"), pair("EX", "")]
        );
        let wrapped = "S:CMD='Set-X.Url=''a;S:EX=no;b''.Identity=''1''';S:SID=2";
        assert_eq!(read(wrapped), [pair("CMD", "Set-X.Url='a;S:EX=no;b'.Identity='1'"), pair("SID", "2")]);
        let bare = "S:CMD=Set-X.Url='a;S:EX=no;b'.Identity='1';S:SID=2;";
        assert_eq!(read(bare), read(wrapped));
        let whole = "'S:CMD=Set-X.Url=''a;S:EX=no;b''.Identity=''1''';S:SID=2";
        assert_eq!(read(whole), read(wrapped));
    }

    #[test]
    fn a_lone_quote_hides_nothing_that_follows() {
        assert_eq!(read("S:EX=it couldn't be;S:ACTID=7"), [pair("EX", "it couldn't be"), pair("ACTID", "7")]);
    }

    #[test]
    fn text_that_is_no_pair_is_passed_over() {
        assert_eq!(read("free text; more;S:A=1"), [pair("A", "1")]);
        assert_eq!(read(";;;"), []);
    }
}
