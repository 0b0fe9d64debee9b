//! Http Request Filtering logs: requests in which AMSI found an exploit. They exist only where it found one.

use super::exchange_log::{self, Builds, Cells, Columns, Draft, Known, Requests};
use super::text::{Clock, decode_head};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp};
use jiff::civil::DateTime;

/// The parser of Http Request Filtering logs.
#[derive(Debug)]
pub(super) struct RequestFiltering;

static GUIDE: Guide = Guide {
    what: "Requests in which AMSI detected an exploit",
    locations: &[Location::new(Root::Exchange, r"Logging\HttpRequestFiltering\*.log")],
    serves: &[(Question::BrokenInto, "an attempt that was blocked")],
    quirks: &[
        "Written only when something was detected: no file is no proof that nothing was tried.",
        "Times are in US format with AM and PM.",
    ],
};

impl Parser for RequestFiltering {
    fn name(&self) -> &'static str {
        "request-filtering"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head).to_ascii_lowercase();
        if head.lines().any(|line| line.contains("scanresult") && line.contains("cookienames")) {
            return Fit::Sure;
        }
        let is_ours = path.to_ascii_lowercase().contains("httprequestfiltering");
        let may_be = head.starts_with(|c: char| c.is_ascii_digit() || c == '#');
        if is_ours && may_be { Fit::Maybe } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut reader = Reader {
            columns: Columns::new(COLUMNS),
            builds: Builds::new("HttpRequestFiltering #Version", "HttpRequestFiltering"),
        };
        exchange_log::read(input, limits, rows, &mut reader);
    }
}

/// Every column of the log that has one in the table, by its name in lower case; the others go to `rest`.
static COLUMNS: Known<Requests> = &[
    ("datetime", |draft, value| draft.time = value),
    ("serverhostname", |draft, value| draft.row.server = Some(value)),
    ("httpmethod", |draft, value| draft.row.method = Some(value)),
    ("urlhost", |draft, value| draft.row.url_host = Some(value)),
    ("urlstem", |draft, value| draft.row.url_path = Some(value)),
    ("urlquery", |draft, value| draft.row.url_query = Some(value)),
    ("serverip", |draft, value| draft.row.dst_ip = Some(value)),
    ("protocol", |draft, value| draft.row.protocol = Some(value)),
    ("cookienames", |draft, value| draft.row.cookie = Some(value)),
    ("scanresult", |draft, value| draft.error_detail = Some(value)),
];

struct Reader {
    columns: Columns<Requests>,
    builds: Builds,
}

impl exchange_log::Reader for Reader {
    fn header(&mut self, names: &[&str]) {
        self.columns.header(names);
    }

    fn record(&mut self, number: u64, cells: &Cells<'_>, rows: &mut Rows<'_>) {
        let mut draft = Draft::<Requests>::default();
        let rest = self.columns.fill(cells, &mut draft);
        let mut row = draft.row;
        row.rest = rest;
        row.record = number;
        row.time = read_time(draft.time);
        if row.time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), draft.time);
        }
        let error = draft.error_detail.map(|result| format!("ScanResult={result}"));
        row.error = error.as_deref();
        rows.fact(&row);
    }

    fn builds(&mut self) -> &mut Builds {
        &mut self.builds
    }
}

/// Reads the American form that this log has, `3/15/2021 9:05:12 PM`, or ISO 8601.
fn read_time(text: &str) -> Option<Timestamp> {
    let Ok(american) = DateTime::strptime("%m/%d/%Y %I:%M:%S %p", text) else {
        return Clock::default().read_iso(text);
    };
    american.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn american_times_are_read() {
        let at = |text: &str| text.parse::<Timestamp>().ok();
        assert_eq!(read_time("3/15/2021 9:05:12 PM"), at("2021-03-15T21:05:12Z"));
        assert_eq!(read_time("12/1/2021 12:00:01 AM"), at("2021-12-01T00:00:01Z"));
        assert_eq!(read_time("2021-03-15T21:05:12.5Z"), at("2021-03-15T21:05:12.5Z"));
        assert_eq!(read_time("15/3/2021 9:05:12 PM"), None);
    }
}
