//! A row of a fact table as a Sigma rule sees it: Sigma's field names, cleaned values, text for keywords.
//!
//! Nothing is copied that can be borrowed: values point into the columns of the row's batch, and the event's own fields
//! into the JSON text that holds them. Only what an escape or a rule's spelling changes is a text of its own.

use super::columns::FactRows;
use super::fields;
use rsigma_eval::{Event, EventValue};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// One fact as an event that rsigma evaluates.
#[derive(Debug, Default)]
pub(super) struct Fact<'a> {
    fields: Vec<(Cow<'a, str>, EventValue<'a>)>,
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

impl Fact<'_> {
    /// Reads a row of `windows_events`.
    pub(super) fn of_event(rows: &FactRows, row: usize) -> Fact<'_> {
        let mut fact = Fact::default();
        if let Some(text) = rows.text("fields", row) {
            // What is no object has no fields; ingest writes none.
            let _ = Members(&mut fact).deserialize(&mut serde_json::Deserializer::from_str(text));
        }
        fact.add_columns(rows, row);
        fact.rename(rows.int("event_id", row).unwrap_or(-1));
        fact
    }

    /// Reads a row of `web_requests`.
    pub(super) fn of_request(rows: &FactRows, row: usize) -> Fact<'_> {
        let mut fact = Fact::default();
        fact.add_columns(rows, row);
        let path = rows.text("url_path", row).unwrap_or_default();
        let query = rows.text("url_query", row).unwrap_or_default();
        let uri = if query.is_empty() { Cow::Borrowed(path) } else { Cow::Owned(format!("{path}?{query}")) };
        // Rules written for logs that keep one URI ask `cs-uri-query` for paths; W3C logs keep the two apart.
        for name in ["cs-uri-query", "c-uri-query"] {
            fact.set(name, either(query, uri.clone()));
        }
        for name in ["c-uri", "cs-uri"] {
            fact.set(name, EventValue::Str(uri.clone()));
        }
        fact.set("c-uri-extension", EventValue::Str(afterpatch_model::extension(path).into()));
        if let Some(agent) = rows.text("user_agent", row).filter(|agent| agent.contains('+')) {
            // IIS writes each blank of a user agent as a plus sign.
            let spaced = agent.replace('+', " ");
            for name in fields::names("web_requests", "user_agent", "sigma") {
                fact.set(name, either(agent, Cow::Owned(spaced.clone())));
            }
        }
        fact
    }
}

/// Zeek's names for columns of requests.
static ZEEK: &[(&str, &str)] = &[
    ("src_ip", "id.orig_h"),
    ("dst_ip", "id.resp_h"),
    ("dst_port", "id.resp_p"),
    ("user", "username"),
    ("method", "method"),
    ("url_host", "host"),
    ("status", "status_code"),
    ("user_agent", "user_agent"),
    ("referer", "referrer"),
    ("bytes_in", "request_body_len"),
    ("bytes_out", "response_body_len"),
    ("request_id", "uid"),
];

/// What fields of Zeek's end with that hold several values, parted by commas.
static ZEEK_LISTS: &[&str] = &["_types", "_names", "_fuids", "tags"];

impl Fact<'_> {
    /// Reads a row of `web_requests` that Zeek wrote: by the names of web servers and by Zeek's own.
    pub(super) fn of_zeek_http(rows: &FactRows, row: usize) -> Fact<'_> {
        let mut fact = Fact::of_request(rows, row);
        if let Some(rest) = rows.text("rest", row) {
            let _ = Members(&mut fact).deserialize(&mut serde_json::Deserializer::from_str(rest));
        }
        for (name, value) in &mut fact.fields {
            if let EventValue::Str(text) = value
                && ZEEK_LISTS.iter().any(|end| name.ends_with(end))
            {
                let members = text.split(',').map(|member| EventValue::Str(member.to_owned().into()));
                *value = EventValue::Array(members.collect());
            }
        }
        let known = |(column, name): &(&str, &'static str)| Some((*name, rows.column(column)?.value(row)?));
        for (name, value) in ZEEK.iter().filter_map(known) {
            fact.set(name, value);
        }
        if let Some(uri) = fact.value("c-uri").cloned() {
            fact.set("uri", uri);
        }
        fact
    }
}

impl<'a> Fact<'a> {
    /// Returns names and values.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &EventValue<'a>)> {
        self.fields.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Hands every text to `visit`, one after the other.
    pub(super) fn texts(&self, visit: &mut dyn FnMut(&str)) {
        self.any_text(&mut |text| {
            visit(text);
            false
        });
    }

    /// Tells whether any text is such.
    fn any_text(&self, such: &mut dyn FnMut(&str) -> bool) -> bool {
        self.fields.iter().any(|(_, value)| match value {
            EventValue::Str(text) => such(text),
            EventValue::Array(members) => {
                members.iter().any(|member| matches!(member, EventValue::Str(text) if such(text)))
            }
            _ => false,
        })
    }

    fn value(&self, name: &str) -> Option<&EventValue<'a>> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Option<&Cow<'a, str>> {
        match self.value(name)? {
            EventValue::Str(text) => Some(text),
            _ => None,
        }
    }

    fn add_columns(&mut self, rows: &'a FactRows, row: usize) {
        for (column, names) in rows.named() {
            let Some(value) = column.value(row) else { continue };
            for name in names {
                self.set(name, value.clone());
            }
        }
    }

    /// Adds a field of the event's data; Sigma's names have no blanks where Windows' have (`Threat Name`), so both are there.
    fn add(&mut self, name: Cow<'a, str>, value: EventValue<'a>) {
        if name.contains(' ') {
            self.set(name.replace(' ', ""), value.clone());
        }
        self.fields.push((name, value));
    }

    /// Sets a field, in place of one of that name.
    fn set(&mut self, name: impl Into<Cow<'a, str>>, value: EventValue<'a>) {
        let name = name.into();
        match self.fields.iter_mut().find(|(own, _)| *own == name) {
            Some((_, there)) => *there = value,
            None => self.fields.push((name, value)),
        }
    }

    fn rename(&mut self, event_id: i64) {
        let meant = RENAMED.iter().filter(|(first, last, ..)| (*first..=*last).contains(&event_id));
        for (_, _, from, to) in meant {
            if let Some(value) = self.value(from).cloned() {
                self.set(*to, value);
            }
        }
        for (_, field, number, name, word) in REWORDED.iter().filter(|(of, ..)| *of == event_id) {
            if self.text(field).is_some_and(|text| text == number) {
                self.set(*name, EventValue::Str((*word).into()));
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
        let (Some(key), Some(value)) = (self.text("ObjectName"), self.text("ObjectValueName")) else {
            return;
        };
        let short = HIVES.iter().find_map(|(long, short)| Some((short, key.strip_prefix(long)?)));
        let key = short.map_or_else(|| key.to_string(), |(hive, rest)| format!("{hive}{rest}"));
        let target = format!("{key}\\{value}");
        self.set("TargetObject", EventValue::Str(target.into()));
    }

    /// Names the program of 5156 on a drive, as Sysmon does: exceptions for system programs name `C:`.
    ///
    /// Which drive a volume was mounted as is in no event. `C:` is right for what Windows itself runs.
    fn add_drive(&mut self) {
        let path = self.text("Image").map(AsRef::as_ref).unwrap_or_default();
        let Some((volume, rest)) = path.split_at_checked(VOLUME.len()) else { return };
        if !volume.eq_ignore_ascii_case(VOLUME) {
            return;
        }
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let drive = format!("C:{rest}");
        self.set("Image", EventValue::Str(drive.into()));
    }

    /// Returns the value of a field as it is shown to people.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        Some(value.as_str().map_or_else(|| value.to_json().to_string(), Cow::into_owned))
            .filter(|text| !text.is_empty())
    }

    /// Returns all text in one, for keyword lists under `'|all'`: one keyword may stand in another value than the next.
    fn joined(&self) -> &str {
        self.joined.get_or_init(|| {
            let mut joined = String::new();
            self.texts(&mut |text| {
                joined.push_str(text);
                joined.push('\n');
            });
            joined
        })
    }
}

impl Event for Fact<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        self.value(path).map(borrowed)
    }

    fn any_string_value(&self, such: &dyn Fn(&str) -> bool) -> bool {
        self.any_text(&mut |text| such(text)) || such(self.joined())
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut texts = Vec::new();
        self.visit_string_values(&mut |text| texts.push(Cow::Owned(text.to_owned())));
        texts
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.texts(visit);
        visit(self.joined());
    }

    fn to_json(&self) -> Value {
        let fields = self.fields.iter().map(|(name, value)| (name.to_string(), value.to_json()));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    fn top_level_keys(&self) -> Option<Vec<Cow<'_, str>>> {
        Some(self.fields.iter().map(|(name, _)| Cow::Borrowed(name.as_ref())).collect())
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        self.fields.iter().for_each(|(name, _)| visit(name));
        true
    }
}

/// Lends a value out, without copying its texts.
fn borrowed<'b>(value: &'b EventValue<'_>) -> EventValue<'b> {
    match value {
        EventValue::Str(text) => EventValue::Str(Cow::Borrowed(text)),
        EventValue::Int(number) => EventValue::Int(*number),
        EventValue::Float(number) => EventValue::Float(*number),
        EventValue::Bool(truth) => EventValue::Bool(*truth),
        EventValue::Null => EventValue::Null,
        EventValue::Array(members) => EventValue::Array(members.iter().map(borrowed).collect()),
        EventValue::Map(members) => EventValue::Map(
            members.iter().map(|(name, value)| (Cow::Borrowed(name.as_ref()), borrowed(value))).collect(),
        ),
    }
}

/// Offers a rule both texts: it meets the field where it meets one of them.
fn either<'a>(first: &'a str, second: Cow<'a, str>) -> EventValue<'a> {
    if first.is_empty() || first == second {
        return EventValue::Str(second);
    }
    EventValue::Array(vec![EventValue::Str(first.into()), EventValue::Str(second)])
}

/// Takes off trailing blanks (`NtLmSsp ` in 4624) and the IPv6 form of an IPv4 address, which `cidr` does not see through.
pub(super) fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    let kept = text.trim_end_matches([' ', '\0']);
    if let Some(address) = mapped_address(kept) {
        return Cow::Owned(address);
    }
    let length = kept.len();
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..length).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(length);
            Cow::Owned(text)
        }
    }
}

fn mapped_address(text: &str) -> Option<String> {
    const LONGEST: usize = 45;
    let could_be = (3..=LONGEST).contains(&text.len()) && text.starts_with([':', '0']) && text.contains(':');
    let address = could_be.then(|| text.parse::<Ipv6Addr>().ok())?;
    match address?.to_canonical() {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(_) => None,
    }
}

/// Reads the members of a JSON object into a fact; those of nested objects are rules' fields like the others.
struct Members<'f, 'a>(&'f mut Fact<'a>);

impl<'a> DeserializeSeed<'a> for Members<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Members<'_, 'a> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut members: M) -> Result<(), M::Error> {
        while let Some(name) = members.next_key_seed(Name)? {
            let member = members.next_value_seed(Member { fact: &mut *self.0 })?;
            if let Some(value) = member {
                self.0.add(name, value);
            }
        }
        Ok(())
    }
}

/// Reads the name of a member.
struct Name;

impl<'a> DeserializeSeed<'a> for Name {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Name {
    type Value = Cow<'a, str>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Reads the value of a member; none where it was an object, whose members went into the fact themselves.
struct Member<'f, 'a> {
    fact: &'f mut Fact<'a>,
}

impl<'a> DeserializeSeed<'a> for Member<'_, 'a> {
    type Value = Option<EventValue<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Member<'_, 'a> {
    type Value = Option<EventValue<'a>>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_map<M: MapAccess<'a>>(self, members: M) -> Result<Self::Value, M::Error> {
        Members(self.fact).visit_map(members).map(|()| None)
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut members: S) -> Result<Self::Value, S::Error> {
        let mut values = Vec::new();
        while let Some(value) = members.next_element_seed(Member { fact: &mut *self.fact })? {
            values.extend(value);
        }
        Ok(Some(EventValue::Array(values)))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Some(EventValue::Str(clean(Cow::Borrowed(text)))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(EventValue::Str(clean(Cow::Owned(text.to_owned())))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(EventValue::Int(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "what exceeds an integer is compared as a fraction, as in rsigma"
        )]
        let value = i64::try_from(number).map_or(EventValue::Float(number as f64), EventValue::Int);
        Ok(Some(value))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(EventValue::Float(number)))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Some(EventValue::Bool(truth)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(EventValue::Null))
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

    fn rows(table: &'static str, row: &Value) -> FactRows {
        let session = Session::with_facts(&[(table, vec![row.as_object().unwrap().clone()])]).unwrap();
        FactRows::of(table, &session.query(&format!("SELECT * FROM {table}")).unwrap()[0])
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
        let rows = rows("windows_events", &row);
        let fact = Fact::of_event(&rows, 0);
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

    #[test]
    fn a_request_that_zeek_saw_has_its_names_too() {
        let row = json!({"src_ip": "203.0.113.9", "dst_port": 80, "url_host": "example.org", "url_path": "/a.exe", "url_query": "x",
            "status": 200, "request_id": "C1", "rest": r#"{"resp_mime_types":"application/x-dosexec,text/plain","version":"1.1"}"#});
        let seen = Fact::of_zeek_http(&rows("web_requests", &row), 0).to_json();
        assert_eq!((&seen["id.orig_h"], &seen["c-ip"]), (&json!("203.0.113.9"), &json!("203.0.113.9")));
        assert_eq!(
            (&seen["id.resp_p"], &seen["status_code"], &seen["uid"]),
            (&json!(80), &json!(200), &json!("C1"))
        );
        assert_eq!((&seen["uri"], &seen["host"]), (&json!("/a.exe?x"), &json!("example.org")));
        assert_eq!(seen["resp_mime_types"], json!(["application/x-dosexec", "text/plain"]));
        assert_eq!(seen["version"], "1.1");
    }
}
