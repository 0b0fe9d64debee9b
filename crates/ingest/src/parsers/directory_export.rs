//! Objects of Active Directory as `ldifde` exports them: LDIF (RFC 2849).

use super::text::{decode_head, each_line};
use super::{Fit, Grain, Parser};
use crate::guide::Guide;
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::Setting;
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::DateTime;

/// The parser of exports of Active Directory.
#[derive(Debug)]
pub(super) struct DirectoryExport;

static GUIDE: Guide = Guide {
    what: "Objects of Active Directory that ldifde exported: virtual directories, role assignments, partner applications",
    // Whoever ran the export chose where it writes.
    locations: &[],
    serves: &[
        (
            Question::BrokenInto,
            "script in the address of a virtual directory, and when the object was last changed",
        ),
        (Question::StillInside, "the same, and who may act as anybody: it outlives every file of a server"),
    ],
    quirks: &[
        "Exchange keeps its objects in the configuration partition: `ldifde -f exchange.ldf -d \"CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=…\"`.",
        "A file tells of many servers: an object below `CN=Servers` is of the server that its name holds, others are of the collection's.",
        "An object's time is its `whenChanged`, which says nothing of when one of its values was set.",
        "Values that are no text, such as a GUID, stay as the Base64 in which they stand.",
    ],
};

impl Parser for DirectoryExport {
    fn name(&self) -> &'static str {
        "directory-export"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let whole = decode_head(head).replace("\r\n ", "").replace("\n ", "");
        let mut lines = whole.lines().map(str::trim_end).filter(|line| is_content(line));
        let first = lines.find(|line| !starts_with(line, "version:"));
        let is_entry = first.is_some_and(|line| starts_with(line, "dn:"));
        let names_an_object = lines.any(|line| starts_with(line, "objectClass:"));
        if is_entry && names_an_object { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut export = Export { most: limits.line_bytes, ..Export::default() };
        each_line(input, limits, rows, &mut |number, line, rows| export.line(number, line, rows));
        export.close_entry(rows);
    }
}

fn is_content(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

fn starts_with(line: &str, start: &str) -> bool {
    line.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// A line with those that continue it, and where it begins.
#[derive(Debug, Default)]
struct Logical {
    number: u64,
    text: String,
    is_too_long: bool,
}

/// A value of an object.
#[derive(Debug)]
struct Value {
    number: u64,
    name: String,
    text: String,
}

/// The export as far as it was read.
#[derive(Debug, Default)]
struct Export {
    /// The most bytes of one line, and of the values of an object that wait for its time.
    most: usize,
    pending: Logical,
    object: Object,
}

/// The object that the lines tell of.
#[derive(Debug, Default)]
struct Object {
    name: String,
    changed: Option<Timestamp>,
    values: Vec<Value>,
    bytes: usize,
}

impl Export {
    fn line(&mut self, number: u64, line: &str, rows: &mut Rows<'_>) {
        if let Some(more) = line.strip_prefix(' ') {
            self.pending.is_too_long |= self.pending.text.len().saturating_add(more.len()) > self.most;
            if !self.pending.is_too_long {
                self.pending.text.push_str(more);
            }
        } else if line.is_empty() {
            self.close_entry(rows);
        } else {
            self.close_line(rows);
            self.pending = Logical { number, text: line.to_owned(), is_too_long: false };
        }
    }

    /// Takes the line that no further one continues.
    fn close_line(&mut self, rows: &mut Rows<'_>) {
        let Logical { number, text, is_too_long } = std::mem::take(&mut self.pending);
        // A dash parts the changes of an object.
        if !is_content(&text) || text == "-" {
            return;
        }
        if is_too_long {
            return rows.lost(ProblemCode::LineTooLong, number, format!("longer than {} bytes", self.most));
        }
        let Some((name, value)) = text.split_once(':') else {
            return rows.lost(ProblemCode::FieldCount, number, "a line of LDIF without a colon");
        };
        let text = value_of(value);
        match name.to_ascii_lowercase().as_str() {
            "dn" => self.object.name = text,
            // What the export says of itself.
            "version" | "changetype" => {}
            _ => self.object.take(Value { number, name: name.to_owned(), text }),
        }
        if self.object.bytes > self.most {
            self.object.give(rows);
        }
    }

    fn close_entry(&mut self, rows: &mut Rows<'_>) {
        self.close_line(rows);
        self.object.give(rows);
        self.object = Object::default();
    }
}

impl Object {
    fn take(&mut self, value: Value) {
        if value.name.eq_ignore_ascii_case("whenChanged") {
            self.changed = read_time(&value.text);
        }
        self.bytes = self.bytes.saturating_add(value.name.len()).saturating_add(value.text.len());
        self.values.push(value);
    }

    /// Makes facts of the values that were gathered.
    fn give(&mut self, rows: &mut Rows<'_>) {
        for value in self.values.drain(..) {
            rows.fact(&Setting {
                time: self.changed,
                server: server_in(&self.name),
                name: Some(&value.name),
                value: Some(&value.text),
                scope: Some(self.name.as_str()).filter(|name| !name.is_empty()),
                record: value.number,
                ..Setting::default()
            });
        }
        self.bytes = 0;
    }
}

/// Returns what stands behind the first colon of a line: text, or, behind a second colon, text in Base64.
fn value_of(value: &str) -> String {
    let Some(encoded) = value.strip_prefix(':').map(str::trim) else {
        return value.trim_start_matches(' ').to_owned();
    };
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let is_text = |text: &String| !text.contains(|c: char| c.is_control() && !c.is_ascii_whitespace());
    decoded.filter(is_text).unwrap_or_else(|| encoded.to_owned())
}

/// Returns the server that an object's name stands below: `…,CN=MX1,CN=Servers,…`.
fn server_in(name: &str) -> Option<&str> {
    let mut last = None;
    // A comma that is escaped parts a value and no name; such a part is no server's.
    for part in name.split(',') {
        let (kind, value) = part.split_once('=')?;
        if value.eq_ignore_ascii_case("Servers") {
            return last;
        }
        last = Some(value).filter(|_| kind.trim().eq_ignore_ascii_case("CN"));
    }
    None
}

/// Reads `20210302041516.0Z`.
fn read_time(text: &str) -> Option<Timestamp> {
    let whole = text.strip_suffix('Z')?.split('.').next()?;
    let time = DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    format!("{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_of_the_server_that_it_stands_below() {
        let cases = [
            ("CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=MX1,CN=Servers,CN=x,DC=y", Some("MX1")),
            ("CN=MX1,CN=Servers,CN=x", Some("MX1")),
            ("CN=Servers,CN=x", None),
            ("OU=MX1,CN=Servers", None),
            ("CN=Sync,CN=Role Assignments,CN=RBAC", None),
            (r"CN=a\,b,CN=c", None),
            ("", None),
        ];
        for (name, server) in cases {
            assert_eq!(server_in(name), server, "{name}");
        }
    }

    #[test]
    fn values_are_text_or_base64() {
        assert_eq!(value_of(" a: b "), "a: b ");
        assert_eq!(value_of(": 5pel5pys"), "日本");
        assert_eq!(value_of(": AAEC"), "AAEC");
        assert_eq!(value_of(": no base64"), "no base64");
        assert_eq!(value_of(""), "");
    }

    #[test]
    fn times_are_generalized() {
        assert_eq!(read_time("20210302041516.0Z"), "2021-03-02T04:15:16Z".parse().ok());
        assert_eq!(read_time("20211302041516.0Z"), None);
        assert_eq!(read_time("20210302041516"), None);
    }
}
