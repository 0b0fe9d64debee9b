//! Windows Error Reporting: what crashed, and in which application pool.

use super::text::{decode_head, each_line};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::LogMessage;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp};
use serde_json::{Map, Value};

/// The parser of error reports.
#[derive(Debug)]
pub(super) struct ErrorReport;

static GUIDE: Guide = Guide {
    what: "Reports of Windows Error Reporting: a program that crashed, with its application pool",
    locations: &[Location::new(Root::ProgramData, r"Microsoft\Windows\WER\Report*\**\Report.wer")],
    serves: &[(
        Question::BrokenInto,
        "a crash of a web application or of the mail store while it was attacked",
    )],
    quirks: &["UTF-16 with a mark. A report that was sent is deleted after a while."],
};

/// Pairs of one report that are kept.
const MOST_PAIRS: usize = 1_000;

impl Parser for ErrorReport {
    fn name(&self) -> &'static str {
        "error-report"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let has = |key: &str| head.lines().any(|line| line.starts_with(key));
        if has("Version=") && has("EventType=") && has("EventTime=") { Fit::Sure } else { Fit::No }
    }

    /// One report is one record.
    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut pairs = Map::new();
        each_line(input, limits, rows, &mut |number, line, rows| {
            let Some((key, value)) = line.split_once('=') else {
                if !line.trim().is_empty() {
                    rows.remark(ProblemCode::FieldCount, Some(number), "neither key nor value");
                }
                return;
            };
            if pairs.len() < MOST_PAIRS {
                pairs.insert(key.to_owned(), Value::from(value));
            }
        });
        give(&pairs, rows);
    }
}

fn give(pairs: &Map<String, Value>, rows: &mut Rows<'_>) {
    let value = |key: &str| pairs.get(key).and_then(Value::as_str).filter(|value| !value.is_empty());
    let filetime = value("EventTime").and_then(|time| time.parse().ok());
    let time = filetime.and_then(Timestamp::from_filetime);
    if time.is_none() {
        rows.remark(ProblemCode::BadTime, Some(1), value("EventTime").unwrap_or_default());
    }
    let told = ["EventType", "AppName", "FriendlyEventName"].iter().filter_map(|key| value(key));
    let message = told.collect::<Vec<_>>().join(": ");
    rows.fact(&LogMessage {
        time,
        component: Some("wer"),
        message: Some(&message),
        path: value("AppPath"),
        record: 1,
        rest: Some(&Value::Object(pairs.clone()).to_string()),
        ..LogMessage::default()
    });
}
