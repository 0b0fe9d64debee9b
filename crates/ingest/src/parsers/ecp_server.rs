//! ECP Server and ECP Activity logs: the cmdlets that the control panel ran, the requests that it answered, for whom.

use super::exchange_log::{self, Builds, Cells};
use super::text::{Clock, Rest, decode_head};
use super::typed_pairs::TypedPairs;
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{AdminCommand, LogMessage, WebRequest};
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
        (Question::BrokenInto, "requests that the back end answered, and as whom, where they ran no command"),
    ],
    quirks: &[
        "`EventData` holds pairs parted by semicolons; a part with quotes is quoted once more.",
        "`#Version` is 15.0.0.0 whatever the build.",
        "`<PII>` may stand around a user's name; it is taken off.",
        "Activity logs hold statistics every five minutes besides: those are messages.",
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
        let pairs = TypedPairs::read(data);
        let record = Record { number, time: self.clock.read_iso(time), server, event, data, pairs };
        if record.time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), time);
        }
        if let Some(command) = record.pairs.get("CMD") {
            self.command(&record, command, rows);
        } else if let Some(url) = record.pairs.get("URL") {
            self.request(&record, url, rows);
        } else {
            record.message(rows);
        }
        if let Some(build) = record.pairs.get("BLD") {
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
    pairs: TypedPairs,
}

impl Record<'_> {
    fn user(&self) -> Option<&str> {
        self.pairs.get("PSA").or_else(|| self.pairs.get("SID"))
    }

    fn request_id(&self) -> Option<&str> {
        self.pairs.get("ACTID").or_else(|| self.pairs.get("REQID"))
    }

    fn message(&self, rows: &mut Rows<'_>) {
        rows.fact(&LogMessage {
            time: self.time,
            server: Some(self.server),
            component: Some("ECP Server"),
            message: Some(self.data),
            record: self.number,
            ..LogMessage::default()
        });
    }
}

/// The pairs of a command that have a column; the others go to `rest`.
const OF_COMMAND: &[&str] = &["CMD", "SID", "PSA", "URL", "EX", "ACTID", "REQID", "BLD"];
/// The pairs of a request that have a column.
const OF_REQUEST: &[&str] =
    &["CMD", "SID", "PSA", "URL", "EX", "ACTID", "REQID", "BLD", "REFERRER", "TIME", "UA"];

impl Reader {
    fn command(&mut self, record: &Record<'_>, text: &str, rows: &mut Rows<'_>) {
        let (command, parameters) = match text.split_once('.') {
            Some((command, parameters)) => (command, Some(parameters)),
            None => (text, None),
        };
        let error = record.pairs.get("EX");
        rows.fact(&AdminCommand {
            time: record.time,
            server: Some(record.server),
            user: record.user(),
            command: Some(command),
            parameters,
            result: Some(if error.is_some() { "failed" } else { "ok" }),
            error,
            url_path: record.pairs.get("URL"),
            request_id: record.request_id(),
            record: record.number,
            rest: self.rest_of(record, OF_COMMAND),
            ..AdminCommand::default()
        });
    }

    /// A request that ran no command, such as those of the Activity logs.
    fn request(&mut self, record: &Record<'_>, url: &str, rows: &mut Rows<'_>) {
        let url = Url::read(url);
        rows.fact(&WebRequest {
            time: record.time,
            server: Some(record.server),
            user: record.user(),
            url_host: url.host,
            dst_port: url.port,
            url_path: Some(url.path),
            url_query: url.query,
            user_agent: record.pairs.get("UA"),
            referer: record.pairs.get("REFERRER"),
            duration_ms: record.pairs.get("TIME").and_then(|time| time.parse().ok()),
            error: record.pairs.get("EX"),
            protocol: Some("Ecp"),
            request_id: record.request_id(),
            record: record.number,
            rest: self.rest_of(record, OF_REQUEST),
            ..WebRequest::default()
        });
    }

    fn rest_of(&mut self, record: &Record<'_>, placed: &[&str]) -> Option<&str> {
        self.rest.clear();
        self.rest.add("EventId", record.event);
        for (name, value) in record.pairs.iter() {
            if !placed.iter().any(|placed| placed.eq_ignore_ascii_case(name)) {
                self.rest.add(name, value);
            }
        }
        if !record.pairs.text().is_empty() {
            self.rest.add(NAMES[3], record.pairs.text());
        }
        self.rest.finish()
    }
}

/// A URL as these logs have it: whole, or from its path on.
#[derive(Debug, PartialEq, Eq)]
struct Url<'l> {
    host: Option<&'l str>,
    port: Option<i64>,
    path: &'l str,
    query: Option<&'l str>,
}

impl<'l> Url<'l> {
    fn read(url: &'l str) -> Self {
        let (place, query) = url.split_once('?').map_or((url, None), |(place, query)| (place, Some(query)));
        let Some((_, after)) = place.split_once("://") else {
            return Self { host: None, port: None, path: place, query };
        };
        let (authority, path) =
            after.split_at_checked(after.find('/').unwrap_or(after.len())).unwrap_or((after, ""));
        let with_port = authority.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = with_port.map_or((authority, None), |(host, port)| (host, Some(port)));
        Self { host: Some(host), port, path, query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_cut_whether_whole_or_not() {
        let cases = [
            (
                "https://localhost:444/ecp/a.svc/b?c=d?e",
                (Some("localhost"), Some(444), "/ecp/a.svc/b", Some("c=d?e")),
            ),
            ("https://mail.example.org", (Some("mail.example.org"), None, "", None)),
            ("/ecp/x?u=http://y/", (None, None, "/ecp/x", Some("u=http://y/"))),
            ("http://[::1]/ecp", (Some("[::1]"), None, "/ecp", None)),
        ];
        for (url, (host, port, path, query)) in cases {
            assert_eq!(Url::read(url), Url { host, port, path, query }, "{url}");
        }
    }
}
