//! A JSON value that borrows its text from the record it was read from.
//!
//! One record is read once and dropped, millions of times: text without escapes is not copied, and names that
//! stand twice in an object are both kept, as evidence may hold them.

mod spelt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// The members of an object, in the order of the source.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A number beyond the signed range.
    Unsigned(u64),
    Float(f64),
    Text(Cow<'a, str>),
    /// Text as JSON spells it between quotation marks: its escapes are taken off where somebody looks at it.
    Escaped(&'a str),
    List(Vec<Json<'a>>),
    Object(Members<'a>),
}

impl<'a> Json<'a> {
    /// Reads one value that fills `text`.
    pub(crate) fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Reads one value that fills `bytes`, and keeps its text as it is spelt.
    pub(crate) fn read_bytes(bytes: &'a [u8]) -> Result<Self, serde_json::Error> {
        let spelt = std::str::from_utf8(bytes).ok().and_then(spelt::read);
        spelt.map_or_else(|| serde_json::from_slice(bytes), Ok)
    }

    /// Returns the value as JSON.
    #[cfg(test)]
    pub(crate) fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    /// Writes the value as JSON.
    pub(super) fn write(&self, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => write_number(json, value),
            Self::Unsigned(value) => write_number(json, value),
            Self::Float(value) => json.push_str(&serde_json::Value::from(*value).to_string()),
            Self::Text(text) => write_text(json, text),
            Self::Escaped(spelt) => write_spelt(json, spelt),
            Self::List(items) => {
                json.push('[');
                for (place, item) in items.iter().enumerate() {
                    json.push_str(if place == 0 { "" } else { "," });
                    item.write(json);
                }
                json.push(']');
            }
            Self::Object(members) => write_object(json, members),
        }
    }

    /// Returns the members of an object.
    pub(crate) fn members(self) -> Option<Members<'a>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns a member of an object; of two with one name, the first.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns a scalar as text; `None` for null, lists and objects.
    pub(crate) fn into_text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Text(text) => text,
            Self::Escaped(spelt) => Cow::Owned(spelt::unescaped(spelt)),
            Self::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Self::Int(value) => Cow::Owned(value.to_string()),
            Self::Unsigned(value) => Cow::Owned(value.to_string()),
            Self::Float(value) => Cow::Owned(value.to_string()),
            Self::Null | Self::List(_) | Self::Object(_) => return None,
        })
    }

    /// Returns a text with its escapes, where it has any; `None` for all else.
    pub(super) fn spelt(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Escaped(spelt) => Some(spelt),
            _ => None,
        }
    }

    /// Returns a scalar as text, without taking it.
    pub(crate) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::List(_) | Self::Object(_) => None,
            scalar => scalar.clone().into_text(),
        }
    }

    /// Returns a whole number: as such, or as decimal or `0x` hexadecimal text.
    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Unsigned(value) => i64::try_from(*value).ok(),
            Self::Text(text) => whole_number(text.trim()),
            Self::Escaped(spelt) => whole_number(spelt::unescaped(spelt).trim()),
            _ => None,
        }
    }
}

/// Writes members as an object.
pub(super) fn write_object(json: &mut String, members: &[(Cow<'_, str>, Json<'_>)]) {
    json.push('{');
    for (place, (name, value)) in members.iter().enumerate() {
        json.push_str(if place == 0 { "" } else { "," });
        write_text(json, name);
        json.push(':');
        value.write(json);
    }
    json.push('}');
}

fn write_text(json: &mut String, text: &str) {
    if spelt::is_plain(text) {
        write_spelt(json, text);
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}

fn write_spelt(json: &mut String, spelt: &str) {
    json.push('"');
    json.push_str(spelt);
    json.push('"');
}

fn write_number(json: &mut String, number: impl fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(json, "{number}");
}

fn whole_number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Json::Unsigned(value), Json::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_and_plain_text_is_borrowed() {
        let text = r#"{"a":[1,-2,18446744073709551615,0.5,null,true],"b":{"c":"x\\y"},"a":"again"}"#;
        let value = Json::read(text).unwrap();
        assert_eq!(value.to_json(), text);
        let Json::Object(members) = value else { panic!("an object") };
        assert!(matches!(&members.last().unwrap().1, Json::Text(Cow::Borrowed("again"))));
    }

    #[test]
    fn numbers_are_read_from_decimal_and_hexadecimal_text() {
        for (text, number) in [("\"0x2d54\"", Some(11_604)), ("\"4624 \"", Some(4_624)), ("7", Some(7))] {
            assert_eq!(Json::read(text).unwrap().as_int(), number, "{text}");
        }
        for text in ["\"-\"", "\"0x\"", "\"\"", "null", "[1]", "1.5", "18446744073709551615"] {
            assert_eq!(Json::read(text).unwrap().as_int(), None, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        assert!(Json::read(&"[".repeat(100_000)).is_err());
    }
}
