//! Reads JSON as the evtx crate writes it, and leaves text as it is spelt.
//!
//! Of nearly all events the text is only written again, as JSON: it need not be taken apart for that. What is not
//! spelt as usual (blanks between tokens, fractions, `\u` escapes) is not read here but by `serde_json`, and so is
//! what is no JSON at all.

use super::{Json, Members};
use std::borrow::Cow;

/// How deep values may lie in values.
const DEPTH: u8 = 100;
/// Room for the members of an object, at first: most are a few attributes.
const MEMBERS: usize = 4;

/// Reads one value that fills `text`; none where it is not spelt as usual.
pub(super) fn read(text: &str) -> Option<Json<'_>> {
    let mut reader = Reader { rest: text, is_escaped: false };
    let value = reader.value(DEPTH)?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    /// Whether the last text had escapes.
    is_escaped: bool,
}

impl<'a> Reader<'a> {
    #[inline]
    fn value(&mut self, depth: u8) -> Option<Json<'a>> {
        if self.passes(b'"') {
            let text = self.text()?;
            return Some(if self.is_escaped { Json::Escaped(text) } else { Json::Text(Cow::Borrowed(text)) });
        }
        self.other(depth.checked_sub(1)?)
    }

    fn other(&mut self, depth: u8) -> Option<Json<'a>> {
        if self.passes(b'{') {
            self.members(depth).map(Json::Object)
        } else if self.passes(b'[') {
            self.items(depth).map(Json::List)
        } else {
            self.plain()
        }
    }

    /// Goes on behind `token`, where that is what comes next.
    fn passes(&mut self, token: u8) -> bool {
        let is_next = self.rest.as_bytes().first() == Some(&token);
        if is_next {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        is_next
    }

    fn members(&mut self, depth: u8) -> Option<Members<'a>> {
        if self.passes(b'}') {
            return Some(Members::new());
        }
        let mut members = Members::with_capacity(MEMBERS);
        loop {
            let name = self.passes(b'"').then(|| self.text())??;
            if self.is_escaped || !self.passes(b':') {
                return None;
            }
            members.push((Cow::Borrowed(name), self.value(depth)?));
            if self.passes(b'}') {
                return Some(members);
            }
            if !self.passes(b',') {
                return None;
            }
        }
    }

    fn items(&mut self, depth: u8) -> Option<Vec<Json<'a>>> {
        let mut items = Vec::new();
        if self.passes(b']') {
            return Some(items);
        }
        loop {
            items.push(self.value(depth)?);
            if self.passes(b']') {
                return Some(items);
            }
            if !self.passes(b',') {
                return None;
            }
        }
    }

    /// Reads the rest of a text whose quotation mark was passed.
    fn text(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        self.is_escaped = false;
        let mut length = 0_usize;
        loop {
            length = length.saturating_add(plain_run(bytes.get(length..)?));
            let behind = length.saturating_add(1);
            match (bytes.get(length)?, bytes.get(behind)) {
                (b'"', _) => {
                    let text = self.rest.get(..length)?;
                    self.rest = self.rest.get(behind..)?;
                    return Some(text);
                }
                (b'\\', Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't')) => {
                    self.is_escaped = true;
                    length = behind.saturating_add(1);
                }
                _ => return None,
            }
        }
    }

    /// Reads a word or a whole number.
    fn plain(&mut self) -> Option<Json<'a>> {
        let ends = |byte: u8| matches!(byte, b',' | b'}' | b']');
        let length = self.rest.bytes().position(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        match word {
            "null" => Some(Json::Null),
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            "0" => Some(Json::Int(0)),
            number => {
                let digits = number.strip_prefix('-').unwrap_or(number);
                let is_usual = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
                is_usual.then(|| number.parse().ok().map(Json::Int)).flatten()
            }
        }
    }
}

/// Takes the escapes off a text that [`read`] passed.
pub(super) fn unescaped(spelt: &str) -> String {
    let mut text = String::with_capacity(spelt.len());
    let mut rest = spelt;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut behind = escape.chars();
        text.extend(behind.next().map(|escaped| match escaped {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            itself => itself,
        }));
        rest = behind.as_str();
    }
    text.push_str(rest);
    text
}

/// Tells whether a text can stand between quotation marks as it is.
pub(super) fn is_plain(text: &str) -> bool {
    plain_run(text.as_bytes()) == text.len()
}

/// Counts the bytes before the first quotation mark, backslash or control character, eight at a time.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest of the high bits that is set is at the first byte that is meant; those above it may be wrong.
    let below = |bytes: u64, limit: u64| bytes.wrapping_sub(ONES.wrapping_mul(limit)) & !bytes & HIGH;
    let is = |bytes: u64, byte: u8| below(bytes ^ ONES.wrapping_mul(byte.into()), 1);
    let (eights, _) = bytes.as_chunks::<8>();
    let mut run = 0_usize;
    for eight in eights {
        let eight = u64::from_le_bytes(*eight);
        let found = below(eight, 0x20) | is(eight, b'"') | is(eight, b'\\');
        if found != 0 {
            let byte = usize::try_from(found.trailing_zeros() / 8).unwrap_or_default();
            return run.saturating_add(byte);
        }
        run = run.saturating_add(8);
    }
    let tail = bytes.get(run..).unwrap_or_default();
    let ends = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
    run.saturating_add(tail.iter().position(ends).unwrap_or(tail.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Values with text as hostile as it comes, and names that are plain.
    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof![".{0,40}", r#"[a-z\\"\n\t/ éß日\x00-\x1f]{0,40}"#, "[ -~]{0,20}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-999_i32..999).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec(("[A-Za-z#_]{0,12}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The same value with all escapes taken off.
    fn plain(json: Json<'_>) -> Json<'_> {
        match json {
            Json::Escaped(text) => Json::Text(unescaped(text).into()),
            Json::List(items) => Json::List(items.into_iter().map(plain).collect()),
            Json::Object(members) => {
                Json::Object(members.into_iter().map(|(name, value)| (name, plain(value))).collect())
            }
            json => json,
        }
    }

    /// Whole numbers, and text whose escapes are of one letter.
    fn is_usual(value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) => true,
            Value::Number(number) => number.as_i64().is_some(),
            Value::String(text) => !text.contains(|c| matches!(c, '\0'..='\x07' | '\x0b' | '\x0e'..='\x1f')),
            Value::Array(items) => items.iter().all(is_usual),
            Value::Object(members) => members.values().all(is_usual),
        }
    }

    proptest! {
        #[test]
        fn what_is_spelt_as_usual_is_what_serde_reads_and_is_written_as_it_was(value in values()) {
            let text = value.to_string();
            let spelt = read(&text);
            prop_assert_eq!(spelt.is_some(), is_usual(&value), "{}", text);
            prop_assert_eq!(Json::read(&text).unwrap().to_json(), text.clone());
            if let Some(json) = spelt {
                prop_assert_eq!(json.to_json(), text.clone());
                prop_assert_eq!(plain(json), Json::read(&text).unwrap());
            }
        }

        #[test]
        fn what_serde_refuses_is_refused(text in r#"[\[\]{}:,"\\0-9a-c.e+tfn -]{0,12}"#) {
            if read(&text).is_some() {
                prop_assert!(Json::read(&text).is_ok(), "{}", text);
            }
        }

        #[test]
        fn runs_end_at_the_first_byte_that_is_not_plain(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let ends = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
            prop_assert_eq!(plain_run(&bytes), bytes.iter().position(ends).unwrap_or(bytes.len()));
        }
    }

    #[test]
    fn paths_keep_their_spelling_and_plain_text_is_borrowed() {
        let text = r#"{"a":"C:\\x\\y.aspx","b":"plain","c":[-7,0,null,true]}"#;
        let Some(Json::Object(members)) = read(text) else { panic!("an object") };
        let [(_, path), (_, plain), _] = members.as_slice() else { panic!("three members") };
        assert_eq!(*path, Json::Escaped(r"C:\\x\\y.aspx"));
        assert_eq!(path.as_text().unwrap(), r"C:\x\y.aspx");
        assert!(matches!(plain, Json::Text(Cow::Borrowed("plain"))));
    }

    #[test]
    fn what_is_not_spelt_as_usual_is_left_to_serde() {
        for text in [
            "",
            "{",
            r#"{"a":1,}"#,
            r#"{"a" :1}"#,
            "1.5",
            "-0",
            "01",
            "-",
            r#""\u0041""#,
            r#""\/""#,
            "\"\u{1}\"",
            "1 ",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"[".repeat(100_000)), None);
    }
}
