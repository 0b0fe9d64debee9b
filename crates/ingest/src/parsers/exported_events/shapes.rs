//! The shapes that events have as JSON, and where their parts go.

use crate::parsers::windows_event::{Event, Json, Place, is_rendered, place_in, read_rendered};

/// One way in which exports lay out an event: what has a place, and where everything else goes.
struct Shape {
    /// Tells whether an object has this shape.
    is: fn(&Json<'_>) -> bool,
    places: Places,
    other: Place,
}

type Places = &'static [(&'static str, Place)];

/// In order; the last takes what no other does.
static SHAPES: &[Shape] = &[
    Shape { is: |json| json.get("winlog").is_some(), places: WINLOGBEAT_7, other: Place::Rest },
    Shape { is: is_winlogbeat_6, places: WINLOGBEAT_6, other: Place::Rest },
    Shape { is: |_| true, places: FLAT, other: Place::Field },
];

fn is_winlogbeat_6(json: &Json<'_>) -> bool {
    json.get("log_name").is_some() && json.get("event_id").is_some()
}

static WINLOGBEAT_7: Places = &[
    ("@timestamp", Place::ShippedTime),
    ("message", Place::Message),
    ("winlog", Place::Within(WINLOG)),
    ("event", Place::Within(&[("code", Place::EventId), ("provider", Place::Provider)])),
    ("host", Place::Within(&[("name", Place::Shipper)])),
    ("log", Place::Within(&[("level", Place::Level)])),
];

static WINLOG: Places = &[
    ("channel", Place::Channel),
    ("provider_name", Place::Provider),
    ("provider_guid", Place::RestAs("ProviderGuid")),
    ("event_id", Place::EventId),
    ("record_id", Place::RecordId),
    ("computer_name", Place::Computer),
    ("time_created", Place::Time),
    ("user", USER),
    ("event_data", Place::Data),
    ("user_data", Place::Data),
];

static WINLOGBEAT_6: Places = &[
    ("@timestamp", Place::ShippedTime),
    ("message", Place::Message),
    ("log_name", Place::Channel),
    ("source_name", Place::Provider),
    ("provider_guid", Place::RestAs("ProviderGuid")),
    ("event_id", Place::EventId),
    ("record_number", Place::RecordId),
    ("computer_name", Place::Computer),
    ("level", Place::Level),
    ("user", USER),
    ("event_data", Place::Data),
    ("user_data", Place::Data),
];

const USER: Place = Place::Within(&[("identifier", Place::UserSid)]);

/// The flat shape of `NXLog`, of data sets made with it, and of PowerShell's `ConvertTo-Json`.
static FLAT: Places = &[
    ("Channel", Place::Channel),
    ("LogName", Place::Channel),
    ("SourceName", Place::Provider),
    ("ProviderName", Place::Provider),
    ("Provider", Place::Provider),
    ("EventID", Place::EventId),
    ("EventId", Place::EventId),
    ("Id", Place::EventId),
    ("Level", Place::Level),
    ("RecordNumber", Place::RecordId),
    ("EventRecordID", Place::RecordId),
    ("RecordId", Place::RecordId),
    ("Hostname", Place::Computer),
    ("Computer", Place::Computer),
    ("MachineName", Place::Computer),
    ("UserID", Place::UserSid),
    ("Message", Place::Message),
    ("TimeCreated", Place::Time),
    ("@timestamp", Place::ShippedTime),
    ("EventTime", Place::PoorTime),
    ("EventReceivedTime", Place::PoorTime),
    ("ProviderGuid", Place::Rest),
    ("Keywords", Place::Rest),
    ("Task", Place::Rest),
    ("Opcode", Place::Rest),
    ("OpcodeValue", Place::Rest),
    ("Version", Place::Rest),
    ("Qualifiers", Place::Rest),
    ("Category", Place::Rest),
    ("EventType", Place::Rest),
    ("Severity", Place::Rest),
    ("SeverityValue", Place::Rest),
    ("ExecutionProcessID", Place::Rest),
    ("ThreadID", Place::Rest),
    ("ActivityID", Place::Rest),
    ("RelatedActivityID", Place::Rest),
    ("SourceModuleName", Place::Rest),
    ("SourceModuleType", Place::Rest),
    ("@version", Place::Rest),
    ("host", Place::Rest),
    ("port", Place::Rest),
    ("tags", Place::Rest),
];

/// Reads an event from a JSON object of any shape; `None` where it is no object.
pub(super) fn read(json: Json<'_>) -> Option<Event<'_>> {
    if is_rendered(&json) {
        return read_rendered(json);
    }
    let shape = SHAPES.iter().find(|shape| (shape.is)(&json))?;
    let mut event = Event::default();
    for (name, value) in json.members()? {
        event.put(place_in(shape.places, &name).unwrap_or(shape.other), name, value);
    }
    Some(event)
}

/// What tells an export of events in the first bytes of a file: all marks of one line.
static MARKS: &[&[&str]] = &[
    &["\"winlog\""],
    &["\"log_name\"", "\"event_id\""],
    &["\"event_data\"", "\"event_id\""],
    &["\"Event\"", "\"System\""],
    &["\"EventID\"", "\"Channel\""],
    &["\"EventID\"", "\"SourceName\""],
];

/// Tells whether the first bytes of a file are those of exported events, and not of a container that holds some.
pub(super) fn is_in(head: &[u8]) -> bool {
    let has = |mark: &&str| memchr::memmem::find(head, mark.as_bytes()).is_some();
    let is_text = memchr::memchr(0, head).is_none();
    is_text && MARKS.iter().any(|marks| marks.iter().all(has))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tar_that_begins_with_exported_events_is_none_of_them() {
        let event = MARKS.first().unwrap().join(" ");
        assert!(is_in(event.as_bytes()));
        let tar = [b"EventLogs/Security.jsonl\0\0\0", event.as_bytes()].concat();
        assert!(!is_in(&tar));
    }
}
