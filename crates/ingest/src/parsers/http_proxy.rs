//! HttpProxy logs: what Exchange's front end passed on, for whom, and to where.

use super::exchange_log::{self, Builds, Cells, Columns, Draft, Known, Requests};
use super::text::{Clock, decode_head};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows};

/// The parser of HttpProxy logs.
#[derive(Debug)]
pub(super) struct HttpProxy;

static GUIDE: Guide = Guide {
    what: "Exchange front-end proxy logs, one folder a protocol",
    locations: &[Location::new(Root::Exchange, r"Logging\HttpProxy\**\*.LOG")],
    serves: &[
        (Question::Exposed, "the build that ran, hour by hour"),
        (Question::BrokenInto, "server-side request forgery: from where, and to which back-end address"),
        (Question::WhatLeft, "bytes that a client received"),
    ],
    quirks: &[
        "Kept for about thirty days: the absence of a trace in older time says nothing.",
        "A header without `#` may stand before the comment block, or none at all.",
        "Commas in a user agent are replaced by blanks, so it never equals that of IIS.",
        "Early builds have a field without a name; `ClientIpAddress` is spelled in two ways.",
    ],
};

impl Parser for HttpProxy {
    fn name(&self) -> &'static str {
        "http-proxy"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Hour
    }

    fn scope(&self, artifact: &Artifact) -> String {
        protocol_of_path(&artifact.path).unwrap_or_default().to_ascii_lowercase()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head).to_ascii_lowercase();
        let names_columns = |line: &str| line.contains("urlstem") && line.contains("anchormailbox");
        if head.contains("#log-type: httpproxy") || head.lines().any(names_columns) {
            return Fit::Sure;
        }
        let may_be =
            protocol_of_path(path).is_some() && head.starts_with(|c: char| c.is_ascii_digit() || c == '#');
        if may_be { Fit::Maybe } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut reader = Reader {
            folder: protocol_of_path(&artifact.path),
            columns: Columns::new(COLUMNS),
            version: Version::default(),
            builds: Builds::new("HttpProxy #Version", "HttpProxy version columns"),
            clock: Clock::default(),
        };
        exchange_log::read(input, limits, rows, &mut reader);
    }
}

/// Every column of the log that has one in the table, by its name in lower case; the others go to `rest`.
static COLUMNS: Known<Requests> = &[
    ("datetime", |draft, value| draft.time = value),
    ("requestid", |draft, value| draft.row.request_id = Some(value)),
    ("protocol", |draft, value| {
        draft.row.protocol = draft.row.protocol.or(Some(value));
    }),
    ("urlhost", |draft, value| draft.row.url_host = Some(value)),
    ("urlstem", |draft, value| draft.row.url_path = Some(value)),
    ("urlquery", |draft, value| draft.row.url_query = Some(value)),
    ("isauthenticated", |draft, value| {
        draft.row.is_authenticated = truth(value);
    }),
    ("authenticateduser", |draft, value| draft.row.user = Some(value)),
    ("anchormailbox", |draft, value| {
        draft.row.anchor_mailbox = Some(value);
    }),
    ("useragent", |draft, value| draft.row.user_agent = Some(value)),
    ("clientipaddress", |draft, value| draft.row.src_ip = Some(value)),
    ("serverhostname", |draft, value| draft.row.server = Some(value)),
    ("httpstatus", |draft, value| draft.row.status = int(value)),
    ("backendstatus", |draft, value| {
        draft.row.backend_status = int(value);
    }),
    ("errorcode", |draft, value| draft.row.error = Some(value)),
    ("genericerrors", |draft, value| draft.error_detail = Some(value)),
    ("method", |draft, value| draft.row.method = Some(value)),
    ("targetserver", |draft, value| {
        draft.row.target_server = Some(value);
    }),
    ("routinghint", |draft, value| draft.row.routing_hint = Some(value)),
    ("backendcookie", |draft, value| {
        draft.row.backend_cookie = Some(value);
    }),
    ("requestbytes", |draft, value| draft.row.bytes_in = int(value)),
    ("responsebytes", |draft, value| draft.row.bytes_out = int(value)),
    ("totalrequesttime", |draft, value| {
        draft.row.duration_ms = int(value);
    }),
    // The build goes to its own table.
    ("majorversion", |_, _| {}),
    ("minorversion", |_, _| {}),
    ("buildversion", |_, _| {}),
    ("revisionversion", |_, _| {}),
];

/// The columns that make up the build, in order.
const VERSIONS: [&str; 4] = ["majorversion", "minorversion", "buildversion", "revisionversion"];

/// Reads a number; some builds write times with a fraction.
fn int(value: &str) -> Option<i64> {
    value.split('.').next()?.parse().ok()
}

fn truth(value: &str) -> Option<bool> {
    [true, false].into_iter().find(|truth| value.eq_ignore_ascii_case(if *truth { "true" } else { "false" }))
}

struct Reader<'a> {
    folder: Option<&'a str>,
    columns: Columns<Requests>,
    version: Version,
    builds: Builds,
    clock: Clock,
}

impl exchange_log::Reader for Reader<'_> {
    fn header(&mut self, names: &[&str]) {
        self.columns.header(names);
        self.version.header(names);
    }

    fn record(&mut self, number: u64, cells: &Cells<'_>, rows: &mut Rows<'_>) {
        let mut draft = Draft::<Requests>::default();
        draft.row.protocol = self.folder;
        let rest = self.columns.fill(cells, &mut draft);
        let mut row = draft.row;
        row.rest = rest;
        row.record = number;
        row.time = self.clock.read_iso(draft.time);
        if row.time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), draft.time);
        }
        let joined = row.error.zip(draft.error_detail).map(|(code, errors)| format!("{code} {errors}"));
        row.error = joined.as_deref().or(row.error).or(draft.error_detail);
        rows.fact(&row);
        let time = row.time;
        if let Some(version) = self.version.changed(cells) {
            self.builds.in_record(version, (number, time, draft.row.server), rows);
        }
    }

    fn builds(&mut self) -> &mut Builds {
        &mut self.builds
    }
}

/// The columns that make up the build, and what stood in them last.
#[derive(Default)]
struct Version {
    places: [Option<usize>; 4],
    last: String,
}

impl Version {
    fn header(&mut self, names: &[&str]) {
        self.places =
            VERSIONS.map(|version| names.iter().position(|name| name.eq_ignore_ascii_case(version)));
    }

    /// Returns the build that the record names, where it changes.
    fn changed(&mut self, cells: &Cells<'_>) -> Option<&str> {
        let parts = self.places.map(|place| place.map_or("", |place| cells.get(place)));
        if self.last.split('.').eq(parts) {
            return None;
        }
        self.last = parts.join(".");
        Some(&self.last)
    }
}

/// Returns the protocol's folder: `Ecp` of `…\Logging\HttpProxy\Ecp\HttpProxy_2021030201-1.LOG`.
fn protocol_of_path(path: &str) -> Option<&str> {
    let mut parts = path.rsplit(['\\', '/']).skip(1);
    let folder = parts.next()?;
    let is_ours = parts.next()?.eq_ignore_ascii_case("HttpProxy");
    is_ours.then_some(folder)
}
