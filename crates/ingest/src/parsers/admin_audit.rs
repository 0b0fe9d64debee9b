//! Audit logs of administrators' commands, as Exchange queues them: JSON in a column of CSV.

use super::column_log::log_type;
use super::exchange_log::{self, Builds, Cells};
use super::text::{Clock, decode_head};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::AdminCommand;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp, path_key};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// The parser of queued audit records.
#[derive(Debug)]
pub(super) struct AdminAudit;

static GUIDE: Guide = Guide {
    what: "Audit records of administrators' commands, queued on the server",
    locations: &[
        Location::new(Root::Exchange, r"Logging\LocalQueue\Exchange\audit*.LOG"),
        Location::new(Root::Exchange, r"Logging\CosmosQueue\audit\audit*.LOG"),
    ],
    serves: &[
        (Question::BrokenInto, "commands that only an intruder had reason for"),
        (Question::StillInside, "roles, rules and addresses that were set"),
        (Question::WhatLeft, "exports of mailboxes"),
    ],
    quirks: &["Each record is JSON in the last column; its time is when the command ran."],
};

const NAME: &str = "admin-audit";

impl Parser for AdminAudit {
    fn name(&self) -> &'static str {
        NAME
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let key = path_key(path);
        let is_ours = key.contains("/logging/localqueue/") || key.contains("/logging/cosmosqueue/");
        let has_json = head.contains("{\"\"") && head.contains("\"\"Operation\"\"");
        let says_so = log_type(&head).is_some_and(|kind| kind.contains("audit"));
        match (has_json, is_ours || says_so) {
            (true, _) => Fit::Sure,
            (false, true) if head.starts_with('#') => Fit::Maybe,
            _ => Fit::No,
        }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut reader =
            Reader { builds: Builds::new(NAME, NAME), clock: Clock::default(), time_at: None, data_at: None };
        exchange_log::read(input, limits, rows, &mut reader);
    }
}

struct Reader {
    builds: Builds,
    clock: Clock,
    time_at: Option<usize>,
    data_at: Option<usize>,
}

impl exchange_log::Reader for Reader {
    fn header(&mut self, names: &[&str]) {
        let at = |known: &[&str]| {
            names.iter().position(|name| known.iter().any(|known| name.eq_ignore_ascii_case(known)))
        };
        self.time_at = at(&["date-time", "datetime", "timestamp", "creationtime"]);
        self.data_at = at(&["data", "auditdata", "customdata", "eventdata"]);
    }

    fn record(&mut self, number: u64, cells: &Cells<'_>, rows: &mut Rows<'_>) {
        let cell = |at: Option<usize>| at.map_or("", |at| cells.get(at));
        let Ok(Value::Object(record)) = serde_json::from_str(cell(self.data_at)) else {
            rows.lost(ProblemCode::BadJson, number, "the column Data holds no JSON object");
            return;
        };
        let own = text(&record, "CreationTime").and_then(|time| self.clock.read_iso(time));
        let time = own.or_else(|| self.clock.read_iso(cell(self.time_at)));
        if time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), cell(self.time_at));
        }
        give(&record, number, time, rows);
    }

    fn builds(&mut self) -> &mut Builds {
        &mut self.builds
    }
}

fn text<'r>(record: &'r Map<String, Value>, name: &str) -> Option<&'r str> {
    record.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn give(record: &Map<String, Value>, number: u64, time: Option<Timestamp>, rows: &mut Rows<'_>) {
    let has_failed = text(record, "ResultStatus").is_some_and(|status| {
        status.eq_ignore_ascii_case("false") || status.to_ascii_lowercase().contains("fail")
    });
    let parameters = record.get("Parameters").and_then(Value::as_array).map(|list| parameters(list));
    rows.fact(&AdminCommand {
        time,
        server: text(record, "OriginatingServer").and_then(|server| server.split_whitespace().next()),
        user: text(record, "UserId"),
        command: text(record, "Operation"),
        parameters: parameters.as_deref(),
        result: Some(if has_failed { "failed" } else { "ok" }),
        src_ip: text(record, "ClientIP").or_else(|| text(record, "ClientIPAddress")),
        request_id: text(record, "Id"),
        record: number,
        rest: Some(&Value::Object(record.clone()).to_string()),
        ..AdminCommand::default()
    });
}

/// Writes parameters as a command line has them: `-Name "value"`.
fn parameters(list: &[Value]) -> String {
    let mut line = String::new();
    for parameter in list {
        let part = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
        let blank = if line.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(line, "{blank}-{} \"{}\"", part("Name"), part("Value"));
    }
    line
}
