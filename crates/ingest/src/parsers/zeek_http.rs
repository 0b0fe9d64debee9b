//! Zeek's `http.log`: requests as a sensor on the network saw them, in Zeek's columns or as JSON.

use super::text::{Rest, decode_head, each_line, nanos_of_fraction};
use super::{Fit, Grain, Parser};
use crate::guide::Guide;
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::WebRequest;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp};
use serde_json::{Map, Value};

/// The parser of Zeek's log of HTTP.
#[derive(Debug)]
pub(super) struct ZeekHttp;

static GUIDE: Guide = Guide {
    what: "Zeek's log of HTTP: requests and answers as a sensor on the network saw them",
    // It is no file of the server's: whoever runs the sensor has it.
    locations: &[],
    serves: &[
        (
            Question::BrokenInto,
            "requests that no server kept, for community rules; of a proxy, also those of servers",
        ),
        (Question::WhatLeft, "what servers fetched and sent in plain HTTP"),
    ],
    quirks: &[
        "The requests are of the network and of no server's log: the column `server` is empty, `dst_ip` says which was asked.",
        "Encrypted traffic is not in it: what reaches Exchange over HTTPS a sensor sees only behind what decrypts it.",
        "Lengths are those of the bodies, as far as Zeek saw them; `-` is a value that was not seen.",
        "Columns go by the line `#fields`; fields that no column takes stand in `rest` under Zeek's names.",
    ],
};

/// The column that only this log of Zeek's has.
const MARK: &str = "request_body_len";

impl Parser for ZeekHttp {
    fn name(&self) -> &'static str {
        "zeek-http"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn names_servers(&self) -> bool {
        true
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let mut lines = head.lines().filter(|line| !line.trim().is_empty());
        let is_log = match lines.next() {
            Some(first) if first.starts_with("#separator") => lines
                .any(|line| line.starts_with("#fields") && line.contains(MARK) && line.contains("id.orig_h")),
            Some(first) => object(first)
                .is_some_and(|record| record.contains_key(MARK) && record.contains_key("id.orig_h")),
            None => false,
        };
        if is_log { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut log = Log::default();
        each_line(input, limits, rows, &mut |number, line, rows| log.line(number, line, rows));
    }
}

fn object(line: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(line).ok()
}

/// What the lines that begin with `#` say.
#[derive(Debug)]
struct Log {
    separator: char,
    unset: String,
    empty: String,
    fields: Vec<String>,
    rest: Rest,
}

impl Default for Log {
    fn default() -> Self {
        let (unset, empty) = ("-".to_owned(), "(empty)".to_owned());
        Self { separator: '\t', unset, empty, fields: Vec::new(), rest: Rest::default() }
    }
}

impl Log {
    fn line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        if line.trim().is_empty() {
            return;
        }
        if let Some(said) = line.strip_prefix('#') {
            return self.say(said);
        }
        if line.starts_with('{') {
            return match object(line) {
                Some(record) => self.give(number, &flat(record), rows),
                None => rows.lost(ProblemCode::BadJson, number, "a line that is no object"),
            };
        }
        let values: Vec<&str> = line.split(self.separator).collect();
        if values.len() != self.fields.len() {
            let detail = format!("{} values for {} fields", values.len(), self.fields.len());
            return rows.lost(ProblemCode::FieldCount, number, detail);
        }
        let seen = |value: &str| value != self.unset && value != self.empty;
        let record = self.fields.iter().zip(values).filter(|(_, value)| seen(value));
        let record: Vec<_> = record.map(|(name, value)| (name.clone(), unescaped(value))).collect();
        self.give(number, &record, rows);
    }

    /// Takes what a line says of those that follow.
    fn say(&mut self, said: &str) {
        if let Some(separator) = said.strip_prefix("separator ") {
            self.separator = unescaped(separator.trim()).chars().next().unwrap_or('\t');
            return;
        }
        let (name, values) = said.split_once(self.separator).unwrap_or((said, ""));
        match name {
            "fields" => self.fields = values.split(self.separator).map(str::to_owned).collect(),
            "unset_field" => values.clone_into(&mut self.unset),
            "empty_field" => values.clone_into(&mut self.empty),
            _ => {}
        }
    }

    fn give(&mut self, number: u64, record: &[(String, String)], rows: &mut Rows<'_>) {
        self.rest.clear();
        let mut request = WebRequest { record: number, ..WebRequest::default() };
        for (name, value) in record {
            let text = Some(value.as_str());
            match name.as_str() {
                "ts" => request.time = read_time(value),
                "uid" => request.request_id = text,
                "id.orig_h" => request.src_ip = text,
                "id.resp_h" => request.dst_ip = text,
                "id.resp_p" => request.dst_port = value.parse().ok(),
                "method" => request.method = text,
                "host" => request.url_host = text,
                "uri" => {
                    let parts = value.split_once('?');
                    request.url_path = parts.map_or(text, |(path, _)| Some(path));
                    request.url_query = parts.map(|(_, query)| query);
                }
                "referrer" => request.referer = text,
                "user_agent" => request.user_agent = text,
                "request_body_len" => request.bytes_in = value.parse().ok(),
                "response_body_len" => request.bytes_out = value.parse().ok(),
                "status_code" => request.status = value.parse().ok(),
                "username" => request.user = text,
                "_path" | "_write_ts" | "_system_name" => {}
                _ => self.rest.add(name, value),
            }
        }
        if request.time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(number), "a request without a time");
        }
        request.rest = self.rest.finish();
        rows.fact(&request);
    }
}

/// Returns the fields of an object as texts; the members of a list are parted by commas, as Zeek writes them in columns.
fn flat(record: Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Array(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|member| member.as_str().map_or_else(|| member.to_string(), str::to_owned))
                .collect();
            (!members.is_empty()).then(|| members.join(","))
        }
        other => Some(other.to_string()),
    };
    record.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

/// Undoes the escapes of Zeek's columns: `\x09`.
fn unescaped(value: &str) -> String {
    if !value.contains("\\x") {
        return value.to_owned();
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(byte) = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.extend_from_slice(b"\\x");
            rest = after;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads seconds since 1970 with a fraction, or a time as ISO 8601 writes it.
fn read_time(text: &str) -> Option<Timestamp> {
    let Some((seconds, fraction)) = text.split_once('.').filter(|(seconds, _)| is_digits(seconds)) else {
        let whole: Option<i64> = text.parse().ok();
        return whole.map_or_else(|| text.parse().ok(), |seconds| nanos(seconds, 0));
    };
    nanos(seconds.parse().ok()?, nanos_of_fraction(fraction)?)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn nanos(seconds: i64, nanos: i64) -> Option<Timestamp> {
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos).map(Timestamp::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_iso() {
        let expected: Option<Timestamp> = "2021-03-02T04:12:00.418Z".parse().ok();
        assert_eq!(read_time("1614658320.418000"), expected);
        assert_eq!(read_time("1614658320.418"), expected);
        assert_eq!(read_time("2021-03-02T04:12:00.418000Z"), expected);
        assert_eq!(read_time("1614658320"), "2021-03-02T04:12:00Z".parse().ok());
        for bad in ["", "-", ".5", "1614658320.x", "99999999999999999999.1"] {
            assert_eq!(read_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescaped(r"a\x09b\xe6\x97\xa5"), "a\tb日");
        assert_eq!(unescaped(r"\x\xzz\x4"), r"\x\xzz\x4");
    }
}
