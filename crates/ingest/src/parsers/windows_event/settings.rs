//! Events that tell of a setting: services, tasks, the configuration of IIS, what the virus scanner met.

use super::event::Event;
use afterpatch_model::Rows;
use afterpatch_model::tables::{LogMessage, Setting};

/// Writes a setting whose value and scope stand in fields of the event; the first field that is there is taken.
fn write(event: &Event<'_>, rows: &mut Rows<'_>, name: &str, value: &[&str], scope: &str) {
    let value = value.iter().find_map(|field| event.text(field));
    rows.derived(&Setting {
        time: event.time,
        server: event.computer.as_deref(),
        name: Some(name),
        value: value.as_deref(),
        scope: event.text(scope).as_deref(),
        record: event.record,
        rest: None,
    });
}

pub(super) fn service_installed(event: &Event<'_>, rows: &mut Rows<'_>) {
    write(event, rows, "service_installed", &["ImagePath", "ServiceFileName"], "ServiceName");
}

pub(super) fn task_registered(event: &Event<'_>, rows: &mut Rows<'_>) {
    write(event, rows, "task_registered", &["TaskContent", "UserContext", "SubjectUserName"], "TaskName");
}

/// The action of a task that ran.
pub(super) fn task_ran(event: &Event<'_>, rows: &mut Rows<'_>) {
    write(event, rows, "task_ran", &["ActionName", "Path"], "TaskName");
}

pub(super) fn iis_changed(event: &Event<'_>, rows: &mut Rows<'_>) {
    write(event, rows, "iis_configuration_changed", &["NewValue"], "Configuration");
}

/// What Defender met, in the words of its name for it, the file where it names one, and what it did about it.
pub(super) fn defender(event: &Event<'_>, rows: &mut Rows<'_>) {
    let path = event.text("Path");
    // One event names several resources; the first is what the threat was found in.
    let first = path.as_deref().map(|path| path.split("; ").next().unwrap_or(path));
    let bare = first.map(|path| {
        let plain = path.split_once(":_").filter(|(kind, _)| kind.len() > 1);
        plain.map_or(path, |(_, path)| path)
    });
    let action = event.text("Action Name").map(|action| serde_json::json!({ "action": action }).to_string());
    rows.derived(&LogMessage {
        time: event.time,
        server: event.computer.as_deref(),
        component: Some("defender"),
        message: event.text("Threat Name").as_deref(),
        path: bare,
        record: event.record,
        rest: action.as_deref(),
    });
}
