//! OAB generator logs, in which CVE-2021-26858 leaves the paths of the files that it wrote.

use super::exchange_log::{Cells, Splitter};
use super::text::{Clock, decode_head, each_line};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{FileEvent, LogMessage};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows};

/// The parser of OAB generator logs.
#[derive(Debug)]
pub(super) struct OabGenerator;

static GUIDE: Guide = Guide {
    what: "Offline address book generator logs, with the paths of files that were written",
    locations: &[Location::new(Root::Exchange, r"Logging\OABGeneratorLog\*.log")],
    serves: &[(
        Question::BrokenInto,
        "files written by way of CVE-2021-26858, outside the folder of address books",
    )],
    quirks: &["The path stands in single quotes inside a message."],
};

const COMPONENT: &str = "OABGeneratorLog";

impl Parser for OabGenerator {
    fn name(&self) -> &'static str {
        "oab-generator"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head).to_ascii_lowercase();
        let names_itself = |line: &str| line.starts_with("#log-type") && line.contains("oab");
        if head.lines().any(names_itself) {
            return Fit::Sure;
        }
        let is_ours = path.to_ascii_lowercase().contains("oabgeneratorlog");
        // A log of text, empty or not; anything else that lies in the folder is not ours.
        if is_ours && !head.contains('\0') { Fit::Maybe } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut reader = Reader::default();
        each_line(input, limits, rows, &mut |number, line, rows| {
            let line = line.trim_matches('\0');
            if let Some(fields) = line.strip_prefix("#Fields:") {
                reader.header(fields);
            } else if !line.starts_with('#') && !line.trim().is_empty() {
                reader.record(number, line, rows);
            }
        });
    }
}

#[derive(Debug, Default)]
struct Reader {
    splitter: Splitter,
    columns: usize,
    message: Option<usize>,
    clock: Clock,
}

impl Reader {
    fn header(&mut self, fields: &str) {
        let names: Vec<&str> = fields.split(',').map(str::trim).collect();
        self.columns = names.len();
        self.message = names.iter().position(|name| name.eq_ignore_ascii_case("message"));
    }

    fn record(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        self.splitter.split(line);
        let cells = self.splitter.cells(line);
        let time = self.clock.read_iso(cells.get(0).trim());
        if time.is_none() {
            let is_header = line.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("datetime"));
            if is_header {
                self.header(line);
                return;
            }
            rows.remark(ProblemCode::BadTime, Some(number), "kept without a time");
        }
        let message = self.message(&cells, usize::from(time.is_some()));
        let path = failed_download(&message);
        rows.fact(&LogMessage {
            time,
            component: Some(COMPONENT),
            message: Some(&message),
            path,
            record: number,
            ..LogMessage::default()
        });
        if path.is_some() {
            rows.derived(&FileEvent {
                time,
                action: Some("failed-download"),
                path,
                record: number,
                ..FileEvent::default()
            });
        }
    }

    /// Returns the message's cell where the header names one, else all cells behind the time.
    fn message(&self, cells: &Cells<'_>, skipped: usize) -> String {
        match self.message {
            Some(place) if cells.len() == self.columns => cells.get(place).to_owned(),
            _ => {
                let texts: Vec<&str> = cells.iter().skip(skipped).filter(|cell| !cell.is_empty()).collect();
                texts.join(", ")
            }
        }
    }
}

/// Returns the path in "Download failed and temporary file '…' needs to be removed".
fn failed_download(message: &str) -> Option<&str> {
    let (_, after) = message.split_once("Download failed and temporary file '")?;
    let (path, _) = after.rsplit_once("' needs to be removed").or_else(|| after.split_once('\''))?;
    Some(path)
}
