//! A row of a fact table as a Sigma rule sees it: Sigma's field names, cleaned values, text for keywords.

use super::fields;
use afterpatch_model::{Timestamp, tables};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampNanosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use rsigma_eval::{Event, EventValue};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

/// Rows of one fact table, with columns brought to the types that are read here.
pub(super) struct FactRows {
    columns: BTreeMap<String, ArrayRef>,
    count: usize,
}

impl FactRows {
    pub(super) fn of(batch: &RecordBatch) -> Self {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        let columns =
            names.zip(batch.columns()).filter_map(|(name, column)| Some((name, plain(column)?))).collect();
        Self { columns, count: batch.num_rows() }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn text(&self, column: &str, row: usize) -> Option<&str> {
        let column = self.valid(column, row)?.as_string_opt::<i32>()?;
        Some(column.value(row)).filter(|text| !text.is_empty())
    }

    pub(super) fn int(&self, column: &str, row: usize) -> Option<i64> {
        Some(self.valid(column, row)?.as_primitive_opt::<Int64Type>()?.value(row))
    }

    pub(super) fn time(&self, column: &str, row: usize) -> Option<Timestamp> {
        let column = self.valid(column, row)?.as_primitive_opt::<TimestampNanosecondType>()?;
        Some(Timestamp::from_nanos(column.value(row)))
    }

    /// Returns a value of any kind as it is shown to people.
    pub(super) fn shown(&self, column: &str, row: usize) -> Option<String> {
        Some(text_of(&self.value(column, row)?))
    }

    fn value(&self, column: &str, row: usize) -> Option<Value> {
        let array = self.valid(column, row)?;
        match array.data_type() {
            DataType::Utf8 => self.text(column, row).map(|text| Value::String(clean(text))),
            DataType::Int64 => self.int(column, row).map(Value::from),
            DataType::Boolean => Some(Value::Bool(array.as_boolean_opt()?.value(row))),
            _ => Some(Value::String(self.time(column, row)?.to_string())),
        }
    }

    fn valid(&self, column: &str, row: usize) -> Option<&ArrayRef> {
        self.columns.get(column).filter(|array| row < array.len() && array.is_valid(row))
    }
}

/// Brings text columns of any encoding, and times of any zone, to one type each.
fn plain(column: &ArrayRef) -> Option<ArrayRef> {
    let kind = match column.data_type() {
        DataType::Int64 | DataType::Boolean => return Some(column.clone()),
        DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Nanosecond, None),
        _ => DataType::Utf8,
    };
    cast(column, &kind).ok()
}

/// One fact as an event that rsigma evaluates.
#[derive(Debug, Default)]
pub(super) struct Fact {
    values: Map<String, Value>,
    joined: OnceCell<String>,
}

/// Sigma's names for fields that Windows names otherwise: first and last event id, Windows' name, Sigma's name.
///
/// In 4688 `ProcessId` is the parent's, so that these names take the place of a value that is there already.
static RENAMED: &[(i64, i64, &str, &str)] = &[
    (4688, 4688, "ProcessId", "ParentProcessId"),
    (4688, 4688, "NewProcessId", "ProcessId"),
    (4688, 4688, "NewProcessName", "Image"),
    (4688, 4688, "ParentProcessName", "ParentImage"),
    (4688, 4688, "SubjectUserName", "User"),
    (4688, 4688, "SubjectLogonId", "LogonId"),
    (4688, 4688, "MandatoryLabel", "IntegrityLevel"),
    (4689, 4689, "ProcessName", "Image"),
    (4657, 4657, "ProcessName", "Image"),
    (4657, 4657, "NewValue", "Details"),
    (5156, 5156, "Application", "Image"),
    (5156, 5156, "DestAddress", "DestinationIp"),
    (5156, 5156, "DestPort", "DestinationPort"),
    (5156, 5156, "SourceAddress", "SourceIp"),
    (1006, 1119, "ThreatName", "Signature"),
    (1006, 1119, "Path", "Filename"),
];

/// Sigma's words for values that Windows gives as a number of a message: event id, field, number, Sigma's field, word.
static REWORDED: &[(i64, &str, &str, &str, &str)] = &[
    (4657, "OperationType", "%%1904", "EventType", "SetValue"),
    (4657, "OperationType", "%%1905", "EventType", "SetValue"),
    (4657, "OperationType", "%%1906", "EventType", "DeleteValue"),
    (5156, "Direction", "%%14592", "Initiated", "false"),
    (5156, "Direction", "%%14593", "Initiated", "true"),
];

/// The hives as Sigma spells them, by the start of the path that the kernel uses.
static HIVES: &[(&str, &str)] = &[(r"\REGISTRY\MACHINE", "HKLM"), (r"\REGISTRY\USER", "HKU")];

/// How the kernel names a volume, before its number.
const VOLUME: &str = r"\device\harddiskvolume";

impl Fact {
    /// Reads a row of `windows_events`.
    pub(super) fn of_event(rows: &FactRows, row: usize) -> Self {
        let mut fact = Self::default();
        let fields = rows.text("fields", row).and_then(|text| serde_json::from_str(text).ok());
        if let Some(Value::Object(fields)) = fields {
            fact.add_all(fields);
        }
        fact.add_columns("windows_events", rows, row);
        fact.rename(rows.int("event_id", row).unwrap_or(-1));
        fact
    }

    /// Reads a row of `web_requests`.
    pub(super) fn of_request(rows: &FactRows, row: usize) -> Self {
        let mut fact = Self::default();
        fact.add_columns("web_requests", rows, row);
        let path = rows.text("url_path", row).unwrap_or_default();
        let query = rows.text("url_query", row).unwrap_or_default();
        let uri = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        // Rules written for logs that keep one URI ask `cs-uri-query` for paths; W3C logs keep the two apart.
        for name in ["cs-uri-query", "c-uri-query"] {
            fact.add(name, either(query, &uri));
        }
        for name in ["c-uri", "cs-uri"] {
            fact.add(name, Value::String(uri.clone()));
        }
        fact.add("c-uri-extension", Value::String(afterpatch_model::extension(path)));
        if let Some(agent) = rows.text("user_agent", row) {
            // IIS writes each blank of a user agent as a plus sign.
            let spaced = agent.replace('+', " ");
            for name in fields::names("web_requests", "user_agent", "sigma") {
                fact.add(name, either(agent, &spaced));
            }
        }
        fact
    }

    fn add_columns(&mut self, table: &str, rows: &FactRows, row: usize) {
        let columns = tables::by_name(table).map_or(&[][..], |table| table.columns);
        for column in columns {
            let names = fields::names(table, column.name, "sigma");
            if names.is_empty() {
                continue;
            }
            let Some(value) = rows.value(column.name, row) else {
                continue;
            };
            for name in names {
                self.add(name, value.clone());
            }
        }
    }

    /// Adds the fields of an event's data; those nested in it are rules' fields like the others.
    fn add_all(&mut self, fields: Map<String, Value>) {
        for (name, value) in fields {
            match value {
                Value::Object(nested) => self.add_all(nested),
                value => self.add(&name, cleaned(value)),
            }
        }
    }

    /// Adds a field; Sigma's names have no blanks where Windows' have (`Threat Name`), so both are there.
    fn add(&mut self, name: &str, value: Value) {
        if name.contains(' ') {
            self.values.insert(name.replace(' ', ""), value.clone());
        }
        self.values.insert(name.to_owned(), value);
    }

    fn rename(&mut self, event_id: i64) {
        let meant = RENAMED.iter().filter(|(first, last, ..)| (*first..=*last).contains(&event_id));
        for (_, _, from, to) in meant {
            if let Some(value) = self.values.get(*from).cloned() {
                self.add(to, value);
            }
        }
        for (_, field, number, name, word) in REWORDED.iter().filter(|(of, ..)| *of == event_id) {
            if self.values.get(*field).and_then(Value::as_str) == Some(number) {
                self.add(name, Value::from(*word));
            }
        }
        match event_id {
            4657 => self.add_registry_target(),
            5156 => self.add_drive(),
            _ => {}
        }
    }

    /// Joins key and value of 4657 into the path that Sysmon gives, with its short name of the hive.
    fn add_registry_target(&mut self) {
        let part = |name| self.values.get(name).and_then(Value::as_str);
        let (Some(key), Some(value)) = (part("ObjectName"), part("ObjectValueName")) else {
            return;
        };
        let short = HIVES.iter().find_map(|(long, short)| Some((short, key.strip_prefix(long)?)));
        let key = short.map_or_else(|| key.to_owned(), |(hive, rest)| format!("{hive}{rest}"));
        let target = format!("{key}\\{value}");
        self.add("TargetObject", Value::String(target));
    }

    /// Names the program of 5156 on a drive, as Sysmon does: exceptions for system programs name `C:`.
    ///
    /// Which drive a volume was mounted as is in no event. `C:` is right for what Windows itself runs.
    fn add_drive(&mut self) {
        let path = self.values.get("Image").and_then(Value::as_str).unwrap_or_default();
        let Some((volume, rest)) = path.split_at_checked(VOLUME.len()) else { return };
        if !volume.eq_ignore_ascii_case(VOLUME) {
            return;
        }
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let drive = format!("C:{rest}");
        self.add("Image", Value::String(drive));
    }

    /// Returns the value of a field as it is shown to people.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        self.values.get(name).map(text_of).filter(|text| !text.is_empty())
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.values
            .values()
            .flat_map(|value| match value {
                Value::Array(members) => members.as_slice(),
                single => std::slice::from_ref(single),
            })
            .filter_map(Value::as_str)
    }

    /// Returns all text in one, for keyword lists under `'|all'`: one keyword may stand in another value than the next.
    fn joined(&self) -> &str {
        self.joined.get_or_init(|| self.texts().collect::<Vec<_>>().join("\n"))
    }
}

impl Event for Fact {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        self.values.get(path).map(EventValue::from)
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        self.texts().any(pred) || pred(self.joined())
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.texts().chain([self.joined()]).map(Cow::Borrowed).collect()
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.texts().chain([self.joined()]).for_each(visit);
    }

    fn to_json(&self) -> Value {
        Value::Object(self.values.clone())
    }

    fn top_level_keys(&self) -> Option<Vec<Cow<'_, str>>> {
        Some(self.values.keys().map(|name| Cow::Borrowed(name.as_str())).collect())
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        self.values.keys().for_each(|name| visit(name));
        true
    }
}

/// Offers a rule both texts: it meets the field where it meets one of them.
fn either(first: &str, second: &str) -> Value {
    if first.is_empty() || first == second {
        return Value::String(second.to_owned());
    }
    Value::from(vec![first, second])
}

fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(members) => members.into_iter().map(cleaned).collect(),
        other => other,
    }
}

/// Takes off trailing blanks (`NtLmSsp ` in 4624) and the IPv6 form of an IPv4 address, which `cidr` does not see through.
fn clean(text: &str) -> String {
    let text = text.trim_end_matches([' ', '\0']);
    match text.parse::<Ipv6Addr>().ok().filter(|_| text.len() > 2).map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        _ => text.to_owned(),
    }
}

/// Returns a value as text, without the quotes of JSON.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_store::Session;
    use serde_json::json;

    fn rows(table: &str, row: &Value) -> FactRows {
        let session = Session::with_facts(&[(table, vec![row.as_object().unwrap().clone()])]).unwrap();
        FactRows::of(&session.query(&format!("SELECT * FROM {table}")).unwrap()[0])
    }

    fn event(event_id: i64, fields: &Value) -> Value {
        let row = json!({"time": "2021-03-03T10:00:00Z", "server": "MX1", "channel": "Security",
            "provider": "Microsoft-Windows-Security-Auditing", "event_id": event_id, "computer": "mx1.example.org",
            "fields": fields.to_string()});
        Fact::of_event(&rows("windows_events", &row), 0).to_json()
    }

    #[test]
    fn a_new_process_gets_the_names_of_sysmon() {
        let fields = json!({"NewProcessName": r"C:\Windows\System32\cmd.exe", "ProcessId": "0x10", "NewProcessId": "0x20",
            "ParentProcessName": r"C:\Windows\System32\inetsrv\w3wp.exe", "CommandLine": "cmd /c whoami "});
        let seen = event(4688, &fields);
        assert_eq!(seen["Image"], r"C:\Windows\System32\cmd.exe");
        assert_eq!(seen["ParentImage"], r"C:\Windows\System32\inetsrv\w3wp.exe");
        assert_eq!((&seen["ProcessId"], &seen["ParentProcessId"]), (&json!("0x20"), &json!("0x10")));
        assert_eq!(seen["CommandLine"], "cmd /c whoami");
        assert_eq!((&seen["EventID"], &seen["Channel"]), (&json!(4688), &json!("Security")));
        assert!(event(4624, &fields).get("Image").is_none());
    }

    #[test]
    fn values_lose_trailing_blanks_and_mapped_addresses() {
        let seen = event(
            4624,
            &json!({"LogonProcessName": "NtLmSsp ", "IpAddress": "::ffff:192.0.2.7", "X": "::1"}),
        );
        assert_eq!(seen["LogonProcessName"], "NtLmSsp");
        assert_eq!(seen["IpAddress"], "192.0.2.7");
        assert_eq!(seen["X"], "::1");
    }

    #[test]
    fn a_registry_value_gets_the_path_and_words_of_sysmon() {
        let seen = event(
            4657,
            &json!({"ObjectName": r"\REGISTRY\MACHINE\SOFTWARE\Run", "ObjectValueName": "x",
            "OperationType": "%%1905", "NewValue": "y.exe"}),
        );
        assert_eq!(seen["TargetObject"], r"HKLM\SOFTWARE\Run\x");
        assert_eq!((&seen["EventType"], &seen["Details"]), (&json!("SetValue"), &json!("y.exe")));
    }

    #[test]
    fn a_connection_of_the_security_log_gets_the_names_of_sysmon() {
        let seen = event(
            5156,
            &json!({"Application": r"\device\HarddiskVolume3\windows\system32\lsass.exe", "DestAddress": "192.0.2.88",
                "DestPort": "88", "Direction": "%%14593"}),
        );
        assert_eq!(seen["Image"], r"C:\windows\system32\lsass.exe");
        assert_eq!((&seen["DestinationIp"], &seen["DestinationPort"]), (&json!("192.0.2.88"), &json!("88")));
        assert_eq!(seen["Initiated"], "true");
        let other = event(5156, &json!({"Application": r"System", "Direction": "%%14592"}));
        assert_eq!((&other["Image"], &other["Initiated"]), (&json!("System"), &json!("false")));
    }

    #[test]
    fn names_lose_their_blanks_and_nested_fields_come_to_the_top() {
        let seen = event(1116, &json!({"Threat Name": "Test", "UserData": {"Param": ["a ", "b"]}}));
        assert_eq!((&seen["ThreatName"], &seen["Signature"]), (&json!("Test"), &json!("Test")));
        assert_eq!(seen["Param"], json!(["a", "b"]));
    }

    #[test]
    fn keywords_see_every_text_and_all_of_them_together() {
        let row = json!({"event_id": 1, "message": "Cmdlet succeeded.", "fields": r#"{"Data": ["New-X", "-Y z"]}"#});
        let fact = Fact::of_event(&rows("windows_events", &row), 0);
        for needle in ["New-X", "-Y z", "succeeded"] {
            assert!(fact.any_string_value(&|text| text.contains(needle)), "{needle}");
        }
        assert!(fact.any_string_value(&|text| text.contains("New-X") && text.contains("-Y z")));
        assert!(!fact.any_string_value(&|text| text.contains("New-Y")));
    }

    #[test]
    fn a_request_gets_the_names_of_w3c_logs() {
        let row = json!({"src_ip": "::ffff:203.0.113.9", "method": "POST", "url_path": "/ecp/a.js", "url_query": "x=1",
            "status": 200, "user_agent": "Mozilla/5.0+(X)"});
        let seen = Fact::of_request(&rows("web_requests", &row), 0).to_json();
        assert_eq!(seen["c-ip"], "203.0.113.9");
        assert_eq!((&seen["cs-uri-stem"], &seen["c-uri"]), (&json!("/ecp/a.js"), &json!("/ecp/a.js?x=1")));
        assert_eq!(seen["cs-uri-query"], json!(["x=1", "/ecp/a.js?x=1"]));
        assert_eq!(seen["c-useragent"], json!(["Mozilla/5.0+(X)", "Mozilla/5.0 (X)"]));
        assert_eq!((&seen["sc-status"], &seen["c-uri-extension"]), (&json!(200), &json!("js")));
        assert!(seen.get("cs-referer").is_none());
    }
}
