//! What hides code from a reader and not from the compiler: entities and sections of XML, escapes of Java.

use super::markup::find;
use memchr::{memchr2, memmem};
use std::borrow::Cow;

/// The most entities that a page may declare, and the most that a piece may grow by them.
const MOST_ENTITIES: usize = 256;
const MOST_GROWTH: usize = 4 << 20;

/// The entities of XML itself.
static ENTITIES: &[(&str, &str)] = &[("lt", "<"), ("gt", ">"), ("amp", "&"), ("quot", "\""), ("apos", "'")];

/// Returns the entities that a page declares: `<!ENTITY name "value">`.
pub(super) fn entities(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = find(text.as_bytes(), at, b"<!ENTITY") {
        at = begin + "<!ENTITY".len();
        let rest = text[at..].trim_start();
        let Some((name, rest)) = rest.split_once(|char: char| char.is_ascii_whitespace()) else { break };
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|char| matches!(char, '"' | '\'')) else { continue };
        let Some((value, _)) = rest[1..].split_once(quote) else { break };
        if found.len() == MOST_ENTITIES {
            break;
        }
        found.push((name, value));
    }
    found
}

/// Undoes the sections, comments and entities of XML.
pub(super) fn xml<'t>(text: &'t str, entities: &[(&str, &str)]) -> Cow<'t, str> {
    if memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr2(b'<', b'&', rest.as_bytes()) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken =
            section(rest, &mut plain).or_else(|| entity(rest, entities, &mut plain)).unwrap_or_else(|| {
                plain.push_str(&rest[..1]);
                1
            });
        rest = &rest[taken..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Undoes a section or a comment, and returns its length.
fn section(rest: &str, plain: &mut String) -> Option<usize> {
    if let Some(body) = rest.strip_prefix("<![CDATA[") {
        let end = body.find("]]>").unwrap_or(body.len());
        plain.push_str(&body[..end]);
        return Some((rest.len() - body.len() + end + 3).min(rest.len()));
    }
    rest.starts_with("<!--").then(|| rest.find("-->").map_or(rest.len(), |end| end + 3))
}

/// Undoes an entity, and returns its length.
fn entity(rest: &str, entities: &[(&str, &str)], plain: &mut String) -> Option<usize> {
    let name = rest.strip_prefix('&')?;
    let end = name.bytes().take(64).position(|byte| byte == b';')?;
    let name = &name[..end];
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(number) => u32::from_str_radix(number, 16),
            None => number.parse(),
        };
        plain.push(char::from_u32(code.ok()?)?);
    } else {
        let (_, value) = ENTITIES.iter().chain(entities).find(|(known, _)| *known == name)?;
        if plain.len() < MOST_GROWTH {
            plain.push_str(value);
        }
    }
    Some(end + 2)
}

/// Undoes the escapes of Java (`\u0041`), which its compiler undoes before all else.
pub(super) fn java(text: &str) -> Cow<'_, str> {
    if memmem::find(text.as_bytes(), b"\\u").is_none() {
        return Cow::Borrowed(text);
    }
    let mut units: Vec<u16> = Vec::new();
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (before, escape) = rest.split_at(at);
        flush(&mut units, &mut plain, before);
        let length = if let Some((unit, length)) = unit(escape) {
            units.push(unit);
            length
        } else {
            let length = 1 + usize::from(escape.as_bytes().get(1) == Some(&b'\\'));
            flush(&mut units, &mut plain, &escape[..length]);
            length
        };
        rest = &escape[length..];
    }
    plain.push_str(&String::from_utf16_lossy(&units));
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Writes out what was collected of units before more text follows.
fn flush(units: &mut Vec<u16>, plain: &mut String, after: &str) {
    if !after.is_empty() {
        plain.push_str(&String::from_utf16_lossy(units));
        units.clear();
        plain.push_str(after);
    }
}

/// Reads one escape: its unit and its length. Any number of `u` may stand in it.
fn unit(escape: &str) -> Option<(u16, usize)> {
    let marks = escape.bytes().skip(1).take_while(|byte| *byte == b'u').count();
    let digits = escape
        .get(1 + marks..marks + 5)
        .filter(|digits| marks > 0 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    Some((u16::from_str_radix(digits, 16).ok()?, marks + 5))
}
