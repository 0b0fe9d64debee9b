//! Scheduled tasks, one XML file each.

use super::text::decode_head;
use super::xml::each_element;
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::Setting;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp, path_key};
use std::collections::BTreeMap;

/// The parser of scheduled tasks.
#[derive(Debug)]
pub(super) struct ScheduledTask;

static GUIDE: Guide = Guide {
    what: "Scheduled tasks: what Windows runs by itself, when, and as whom",
    locations: &[Location::new(Root::Windows, r"System32\Tasks\**\*")],
    serves: &[(Question::StillInside, "a task that starts what the intruder left")],
    quirks: &[
        "The files have no extension, and are UTF-16 with a mark.",
        "A task that the registry knows and this folder does not was hidden or deleted by hand.",
    ],
};

/// The elements whose text is kept, below the action itself.
const KEPT: [&str; 9] =
    ["Author", "Date", "URI", "UserId", "RunLevel", "Hidden", "Enabled", "StartBoundary", "Description"];

impl Parser for ScheduledTask {
    fn name(&self) -> &'static str {
        "scheduled-task"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let is_task =
            head.contains("<Task ") && head.contains("schemas.microsoft.com/windows/2004/02/mit/task");
        if is_task { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut task = Task::default();
        each_element(input, limits, rows, &mut |around, element, _| {
            let within = around.last().map_or("", |element| element.name.as_str());
            task.take(within, &element.name, element.text.trim(), element.line);
        });
        task.give(artifact, rows);
    }
}

#[derive(Default)]
struct Task {
    actions: Vec<(u64, String)>,
    kept: BTreeMap<&'static str, String>,
}

impl Task {
    fn take(&mut self, within: &str, name: &str, text: &str, line: u64) {
        match (within, name) {
            (_, "Command") | ("ComHandler", "ClassId") => self.actions.push((line, text.to_owned())),
            ("Exec", "Arguments") => {
                if let Some((_, action)) = self.actions.last_mut() {
                    action.push(' ');
                    action.push_str(text);
                }
            }
            // `Enabled` stands with each trigger too; the task's own is in its settings.
            ("Settings" | "RegistrationInfo" | "Principal", _) | (_, "StartBoundary") => {
                if let Some(kept) = KEPT.iter().find(|kept| **kept == name) {
                    self.kept.entry(kept).or_insert_with(|| text.to_owned());
                }
            }
            _ => {}
        }
    }

    /// Gives a setting for each thing that the task does.
    fn give(&self, artifact: &Artifact, rows: &mut Rows<'_>) {
        let date = self.kept.get("Date");
        let time = date.and_then(|date| read_date(date, rows));
        if date.is_some() && time.is_none() {
            rows.remark(ProblemCode::BadTime, None, date.map_or("", String::as_str));
        }
        let named = self.kept.get("URI").cloned();
        let scope = named.unwrap_or_else(|| name_of_path(&artifact.path));
        let rest = serde_json::to_string(&self.kept).unwrap_or_default();
        for (line, action) in &self.actions {
            rows.fact(&Setting {
                time: time.or(artifact.modified),
                name: Some("scheduled_task"),
                value: Some(action),
                scope: Some(&scope),
                record: *line,
                rest: Some(&rest),
                ..Setting::default()
            });
        }
    }
}

/// Reads when a task was registered: by the server's clock, unless the text says its offset.
fn read_date(text: &str, rows: &mut Rows<'_>) -> Option<Timestamp> {
    let time = text.split_once('T').map_or("", |(_, time)| time);
    let has_offset = time.contains(['Z', '+', '-']);
    if has_offset { text.parse().ok() } else { rows.local_time(text.parse().ok()?) }
}

/// Returns a task's name as its place in the folder of tasks gives it.
fn name_of_path(path: &str) -> String {
    let start = path_key(path).find("/tasks/").and_then(|start| start.checked_add(6));
    start.and_then(|start| path.get(start..)).unwrap_or(path).to_owned()
}
