//! `ExchangeSetup.log`: when which cumulative update was installed.

use super::text::{decode_head, each_line};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{BuildSighting, LogMessage};
use afterpatch_model::{Artifact, Build, ProblemCode, Question, Rows, Timestamp, file_name};
use jiff::civil::DateTime;

/// The parser of Exchange's setup log.
#[derive(Debug)]
pub(super) struct SetupLog;

static GUIDE: Guide = Guide {
    what: "Exchange's setup log: each installation and cumulative update, step by step",
    locations: &[
        Location::new(Root::SystemDrive, r"ExchangeSetupLogs\ExchangeSetup.log"),
        Location::new(Root::SystemDrive, r"ExchangeSetupLogs\ServiceControl.log"),
        Location::new(Root::SystemDrive, r"ExchangeSetupLogs\UpdateCas.log"),
    ],
    serves: &[(Question::Exposed, "when a cumulative update was installed: before the attack or after it")],
    quirks: &[
        "Times are UTC; security updates, which are patches of Windows Installer, leave nothing here.",
        "A version is counted as installed only where setup says that it completed successfully.",
        "Records go on over several lines.",
    ],
};

impl Parser for SetupLog {
    fn name(&self) -> &'static str {
        "exchange-setup"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        if !head.lines().any(|line| begin(line).is_some()) {
            return Fit::No;
        }
        let names = ["exchangesetup.log", "servicecontrol.log", "updatecas.log"];
        let name = file_name(path).to_ascii_lowercase();
        let says_so = head.contains("Microsoft Exchange Server") || head.contains("Setup version:");
        if says_so || names.contains(&name.as_str()) { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut reader = Reader { limit: limits.line_bytes, ..Reader::default() };
        each_line(input, limits, rows, &mut |number, line, rows| reader.line(number, line, rows));
        reader.flush(rows);
    }
}

/// Returns the time and the text of a line that begins a record: `[03/02/2021 10:00:00.0123] [0] Text`.
fn begin(line: &str) -> Option<(&str, &str)> {
    let (time, text) = line.trim_start_matches('\u{FEFF}').strip_prefix('[')?.split_once("] ")?;
    let is_time = time.len() >= 19 && time.starts_with(|c: char| c.is_ascii_digit()) && time.contains('/');
    is_time.then_some((time, text))
}

fn read_time(text: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%m/%d/%Y %H:%M:%S%.f", text).ok()?;
    format!("{time}Z").parse().ok()
}

#[derive(Default)]
struct Reader {
    open: Option<Record>,
    /// The version that setup works on, until it says that it is done.
    version: Option<Build>,
    limit: usize,
}

struct Record {
    number: u64,
    time: Option<Timestamp>,
    text: String,
}

impl Reader {
    fn line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        if let Some((time, text)) = begin(line) {
            self.flush(rows);
            let read = read_time(time);
            if read.is_none() {
                rows.remark(ProblemCode::BadTime, Some(number), time);
            }
            self.open = Some(Record { number, time: read, text: text.to_owned() });
        } else if !line.trim().is_empty() {
            self.go_on(number, line, rows);
        }
    }

    /// Adds a line to the record that is open; before the first record it belongs to none.
    fn go_on(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        match &mut self.open {
            Some(record) if record.text.len().saturating_add(line.len()) < self.limit => {
                record.text.push('\n');
                record.text.push_str(line);
            }
            Some(_) => rows.remark(ProblemCode::LineTooLong, Some(number), "the record is cut here"),
            None => rows.lost(ProblemCode::BadTime, number, "no time before it"),
        }
    }

    fn flush(&mut self, rows: &mut Rows<'_>) {
        let Some(record) = self.open.take() else {
            return;
        };
        let (step, text) = step_of(&record.text);
        let rest = step.map(|step| serde_json::json!({ "step": step }).to_string());
        rows.fact(&LogMessage {
            time: record.time,
            component: Some("ExchangeSetup"),
            message: Some(text),
            record: record.number,
            rest: rest.as_deref(),
            ..LogMessage::default()
        });
        self.note_version(&record, text, rows);
    }

    fn note_version(&mut self, record: &Record, text: &str, rows: &mut Rows<'_>) {
        if let Some(version) = version_of(text) {
            self.version = Some(version);
        } else if text.contains("setup operation completed successfully") {
            let Some(version) = self.version.take() else {
                return;
            };
            rows.derived(&BuildSighting {
                time: record.time,
                build: Some(&version.to_string()),
                seen_in: Some("ExchangeSetup.log"),
                record: record.number,
                ..BuildSighting::default()
            });
        }
    }
}

/// Returns the step's number in `[0] Text`, and the text.
fn step_of(text: &str) -> (Option<u64>, &str) {
    let step = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    match step.and_then(|(step, text)| Some((step.parse().ok()?, text.trim_start()))) {
        Some((step, text)) => (Some(step), text),
        None => (None, text),
    }
}

/// Returns the version in `Setup version: 15.1.2176.2.`
fn version_of(text: &str) -> Option<Build> {
    let version = text.strip_prefix("Setup version:")?.trim().trim_end_matches('.');
    version.parse().ok()
}
