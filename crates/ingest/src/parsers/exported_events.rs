//! Windows events that somebody exported as JSON: Winlogbeat 6 and 7, `NXLog` and the data sets made with it,
//! `evtx_dump`; one object a line, or an array, or indented.

mod objects;
mod shapes;

use super::text::each_line;
use super::windows_event::{EventWriter, Json};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows};
use objects::{Found, Objects, Why};

/// Reads exported events.
pub(crate) struct ExportedEvents;

static GUIDE: Guide = Guide {
    what: "Windows events exported as JSON by Winlogbeat, NXLog, evtx_dump and others",
    locations: &[Location::new(Root::Windows, r"System32\winevt\Logs\*.json")],
    serves: &[
        (Question::BrokenInto, "what the event logs themselves show"),
        (Question::StillInside, "new services, tasks and accounts"),
    ],
    quirks: &["Each exporter nests and names the fields in its own way; several shapes are told apart."],
};

impl Parser for ExportedEvents {
    fn name(&self) -> &'static str {
        "windows-events"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, _: &str, head: &[u8]) -> Fit {
        if shapes::is_in(head) { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, _: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut export = Export::new(limits);
        each_line(input, limits, rows, &mut |number, line, rows| {
            export.line(number, line.trim(), rows);
        });
        export.end(rows);
    }
}

/// How objects stand in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// One a line: a bad line costs one record.
    Lines,
    /// In an array, or over several lines.
    Spread,
}

/// An export that is being read.
struct Export {
    layout: Option<Layout>,
    objects: Objects,
    writer: EventWriter,
}

impl Export {
    fn new(limits: &Limits) -> Self {
        Self { layout: None, objects: Objects::new(limits.line_bytes), writer: EventWriter::default() }
    }

    fn line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        if line.is_empty() {
            return;
        }
        if is_separator(line) {
            return self.objects.break_off(&mut |found| write(&mut self.writer, &found, rows));
        }
        match *self.layout.get_or_insert_with(|| layout_of(line)) {
            Layout::Lines => {
                let object = line.strip_suffix(',').unwrap_or(line);
                write(&mut self.writer, &Found::Object(number, object), rows);
            }
            Layout::Spread => {
                self.objects.line(number, line, &mut |found| write(&mut self.writer, &found, rows));
            }
        }
    }

    fn end(mut self, rows: &mut Rows<'_>) {
        self.objects.break_off(&mut |found| write(&mut self.writer, &found, rows));
        self.writer.finish(rows);
    }
}

/// The first line shows the layout: an array opens, or an object stays open.
fn layout_of(first: &str) -> Layout {
    if first.starts_with('[') || first == "{" { Layout::Spread } else { Layout::Lines }
}

/// `evtx_dump` writes `Record 17` before each record; this is no record itself.
fn is_separator(line: &str) -> bool {
    line.strip_prefix("Record ").is_some_and(|number| {
        let number = number.strip_suffix(" (recovered)").unwrap_or(number);
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

fn write(writer: &mut EventWriter, found: &Found<'_>, rows: &mut Rows<'_>) {
    match *found {
        Found::Object(line, text) => match Json::read(text).map(shapes::read) {
            Ok(Some(mut event)) => {
                event.record = line;
                writer.write(&mut event, rows);
            }
            Ok(None) => rows.lost(ProblemCode::BadJson, line, "JSON, but no object"),
            Err(error) => rows.lost(ProblemCode::BadJson, line, error.to_string()),
        },
        Found::Lost(line, Why::TooLong) => {
            rows.lost(ProblemCode::LineTooLong, line, "the object that begins here is longer than the limit");
        }
        Found::Lost(line, Why::Open) => {
            rows.lost(ProblemCode::BadJson, line, "the object that begins here does not end");
        }
        Found::Stray(line) => rows.lost(ProblemCode::BadJson, line, "text between the objects"),
    }
}
