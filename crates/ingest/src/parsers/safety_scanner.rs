//! `msert.log`: what Microsoft's Safety Scanner met, and what it took away.

use super::text::{decode_head, each_line};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::LogMessage;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp};
use jiff::civil::DateTime;

/// The parser of the Safety Scanner's log.
#[derive(Debug)]
pub(super) struct SafetyScanner;

static GUIDE: Guide = Guide {
    what: "Log of Microsoft's Safety Scanner: threats that it met, and the files that it took away",
    locations: &[Location::new(Root::Windows, r"debug\msert*.log")],
    serves: &[
        (Question::BrokenInto, "a web shell that the scanner knew by name"),
        (Question::StillInside, "a page that is gone because the scanner took it, and when"),
    ],
    quirks: &[
        "Times are of the server's clock and say no zone: give it with `--tz`.",
        "One file holds many runs, one after another.",
        "What it removed is evidence lost: this log and the compiled pages are what is left of it.",
    ],
};

impl Parser for SafetyScanner {
    fn name(&self) -> &'static str {
        "safety-scanner"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let is_scanner = head.contains("Microsoft Safety Scanner")
            || head.contains("Microsoft Windows Malicious Software Removal Tool");
        if is_scanner && head.contains("Started On") { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut run = Run::default();
        each_line(input, limits, rows, &mut |number, line, rows| run.line(number, line, rows));
        run.flush(rows);
    }
}

/// The run of the scanner that the lines belong to.
#[derive(Default)]
struct Run {
    time: Option<Timestamp>,
    /// A threat of which no file was named yet.
    threat: Option<(u64, String)>,
    /// The threat whose files the lines name.
    of: String,
}

/// Lines that are records though they name no threat.
const TOLD: [&str; 4] = ["Found ", "Return code", "No infection found", "Not all threats"];

impl Run {
    fn line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        let text = line.trim();
        if let Some((_, time)) = text.split_once("Started On ").or_else(|| text.split_once("Finished On ")) {
            self.flush(rows);
            self.time = read_time(time, number, rows);
            self.give(number, text, None, rows);
        } else if let Some(threat) = text.strip_prefix("Threat detected:") {
            self.flush(rows);
            threat.trim().clone_into(&mut self.of);
            self.threat = Some((number, self.of.clone()));
        } else if let Some(path) = file_of(text).filter(|_| !self.of.is_empty()) {
            self.threat = None;
            self.give(number, &self.of, Some(path), rows);
        } else if TOLD.iter().any(|start| text.starts_with(start)) {
            self.flush(rows);
            self.of.clear();
            self.give(number, text, None, rows);
        }
    }

    fn flush(&mut self, rows: &mut Rows<'_>) {
        if let Some((number, threat)) = self.threat.take() {
            self.give(number, &threat, None, rows);
        }
    }

    fn give(&self, record: u64, message: &str, path: Option<&str>, rows: &mut Rows<'_>) {
        rows.fact(&LogMessage {
            time: self.time,
            component: Some("safety-scanner"),
            message: Some(message),
            path,
            record,
            ..LogMessage::default()
        });
    }
}

/// Returns the file that a line names: `file://C:\inetpub\…`, or `containerfile://…`.
fn file_of(text: &str) -> Option<&str> {
    let (kind, path) = text.split_once("://")?;
    let is_file = ["file", "containerfile"].contains(&kind);
    is_file.then_some(path)
}

/// Reads `Fri Mar 05 15:27:13 2021`, which is of the server's clock.
fn read_time(text: &str, number: u64, rows: &mut Rows<'_>) -> Option<Timestamp> {
    let read = DateTime::strptime("%a %b %d %H:%M:%S %Y", text.trim()).ok();
    let time = read.and_then(|time| rows.local_time(time));
    if time.is_none() {
        rows.remark(ProblemCode::BadTime, Some(number), text);
    }
    time
}
