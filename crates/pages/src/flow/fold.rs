//! Works out what functions of texts give: what hides a program is undone by them.

use super::value::{Known, LONGEST_TEXT, Marks, Parts, Value, has_hole};
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;
use std::io::Read;
use std::rc::Rc;

/// Lists that are made of texts are no longer than this.
const MOST_MEMBERS: usize = 1 << 16;

/// A function of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    /// The first argument as it is: `ToString`, `GetString`, `Trim` of what has no margin.
    Same,
    /// The text of bytes, or the first argument as it is: `new String(new byte[] { 97 })`.
    OfBytes,
    /// The first argument, escaped or cut: the visitor's, but no longer all of it.
    Part,
    /// Characters from their codes: `Chr(n)`, `String.fromCharCode(a, b)`.
    Characters,
    /// The code of the first character: `Asc`, `ord`.
    Code,
    /// Base64, decoded.
    Base64,
    /// Hexadecimal digits, decoded.
    Hex,
    /// A number from hexadecimal digits or by a base: `CLng("&H41")`, `hexdec`, `parseInt(x, 16)`.
    Number,
    /// `%41`, decoded.
    Percent,
    /// The other way round.
    Reverse,
    /// `Replace(text, old, new)`.
    Replace,
    /// PHP: `str_replace(old, new, text)`.
    ReplaceIn,
    /// From a place on, counted from 1: `Mid`.
    MidFromOne,
    /// From a place on, so many: `Substring`, `substr`.
    Mid,
    /// From a place up to another: Java's and JScript's `substring`.
    Between,
    /// The first so many.
    Left,
    /// The last so many.
    Right,
    /// `Split(text, sign)`.
    Split,
    /// PHP: `explode(sign, text)`.
    SplitBy,
    /// `Join(list, sign)`.
    Join,
    /// `String.Join(sign, list)`, `implode`.
    JoinWith,
    /// Put together: `String.Concat`, `concat`.
    Concatenate,
    /// `String.Format("{0}", x)`, `sprintf`.
    Format,
    /// Small letters.
    Lower,
    /// Large letters.
    Upper,
    /// Without margins.
    Trim,
    /// Without some signs at both margins, or at one: PHP's `trim(text, signs)`.
    TrimOf(bool, bool),
    /// By thirteen letters.
    Rot13,
    /// Deflate, undone: raw, with zlib's or gzip's head.
    Inflate,
    /// A list of its members: `Array(…)`, `ToCharArray`.
    List,
    /// PHP: `pack("H*", digits)`; by another form it is not worked out.
    Pack,
    /// PHP: `strtr(text, signs, others)`, sign by sign.
    Translate,
    /// What decodes or decrypts, in a way that is not worked out.
    Decodes,
    /// A digest.
    Digest,
}

/// Works a function out. What is not known of its arguments is carried over.
pub(crate) fn fold(by: Fold, arguments: &[Value]) -> Value {
    let by = match (by, arguments) {
        (Fold::OfBytes, [first, ..]) if holds_numbers(first) => {
            return fold(Fold::Characters, &arguments[..1]);
        }
        (Fold::OfBytes, _) => Fold::Same,
        (by, _) => by,
    };
    let known = known(by, arguments);
    let mut value = match (by, arguments) {
        (Fold::Same, [first, ..]) => return Value { of: None, ..first.clone() },
        (Fold::Trim | Fold::TrimOf(..) | Fold::Lower | Fold::Upper, [first, ..]) => first.carried(),
        (Fold::List, [first]) if first.parts.is_some() => return first.clone(),
        (Fold::Split | Fold::SplitBy | Fold::List, _) => return list(by, arguments),
        _ => carried(arguments),
    };
    match known {
        Some(known) => {
            value.known = known;
            if undoes(by) && matches!(value.known, Known::Text(_) | Known::Bytes(_)) {
                value.marks = value.marks.and(Marks::FOLDED);
            }
        }
        None if undoes(by) && (!replaces(by) || value.marks.has(Marks::FIXED)) || picks(by, arguments) => {
            value.marks = value.marks.and(Marks::DECODED);
        }
        None => {}
    }
    match by {
        Fold::Digest => value.marks = value.marks.and(Marks::DIGEST),
        Fold::Part => value.marks = value.marks.without(Marks::WHOLE),
        _ => {}
    }
    value
}

/// Returns whether it is what programs are hidden by.
fn undoes(by: Fold) -> bool {
    matches!(
        by,
        Fold::Characters
            | Fold::Base64
            | Fold::Hex
            | Fold::Percent
            | Fold::Reverse
            | Fold::Replace
            | Fold::ReplaceIn
            | Fold::Rot13
            | Fold::Inflate
            | Fold::Pack
            | Fold::Translate
            | Fold::Decodes
    )
}

/// Returns whether it changes texts of any origin, to hide nothing: only what stands in the page is hidden by it.
fn replaces(by: Fold) -> bool {
    matches!(by, Fold::Replace | Fold::ReplaceIn)
}

/// Returns whether it takes one part after the other out of a text that stands in the page, as decoders of a page's own do.
fn picks(by: Fold, arguments: &[Value]) -> bool {
    let cuts = matches!(by, Fold::MidFromOne | Fold::Mid | Fold::Between | Fold::Left | Fold::Right);
    cuts && arguments
        .first()
        .is_some_and(|text| text.full_text().is_some_and(|text| text.len() >= SHORTEST_HIDDEN))
}

/// Nothing is hidden in less than this, in bytes.
const SHORTEST_HIDDEN: usize = 16;

fn carried(arguments: &[Value]) -> Value {
    let mut arguments = arguments.iter();
    let Some(first) = arguments.next() else { return Value::fixed() };
    let mut value = first.carried();
    for argument in arguments {
        value.absorb(argument);
    }
    value
}

fn list(by: Fold, arguments: &[Value]) -> Value {
    let mut value = carried(arguments);
    let signs = |text: &str| text.chars().take(MOST_MEMBERS).map(Value::text).collect();
    let place = usize::from(by == Fold::SplitBy);
    let members: Vec<Value> = match arguments {
        [one] if by == Fold::List => {
            let Some(text) = one.full_text() else { return Value { of: None, ..one.clone() } };
            signs(text)
        }
        _ if by == Fold::List => arguments.to_vec(),
        _ => {
            let Some(text) = arguments.get(place).and_then(Value::full_text) else { return value };
            match arguments.get(1 - place).and_then(Value::full_text).unwrap_or(" ") {
                "" => signs(text),
                sign => text.split(sign).take(MOST_MEMBERS).map(Value::text).collect(),
            }
        }
    };
    value.parts = Some(Rc::new(Parts { list: members, ..Parts::default() }));
    value
}

fn known(by: Fold, arguments: &[Value]) -> Option<Known> {
    let text = |place: usize| arguments.get(place).and_then(Value::as_text).filter(|text| !has_hole(text));
    let number = |place: usize| arguments.get(place).and_then(Value::full_number);
    let bytes = |place: usize| {
        arguments.get(place).filter(|value| value.is_whole()).and_then(|value| value.known.bytes())
    };
    let out = match by {
        Fold::Same
        | Fold::OfBytes
        | Fold::Part
        | Fold::Split
        | Fold::SplitBy
        | Fold::List
        | Fold::Decodes
        | Fold::Digest => {
            return None;
        }
        Fold::Characters => characters(arguments)?,
        Fold::Code => return text(0)?.chars().next().map(|sign| Known::Number(i64::from(u32::from(sign)))),
        Fold::Number => return parse_number(&text(0)?, number(1)).map(Known::Number),
        Fold::Base64 => return kept(Known::of_bytes(base64(&text(0)?)?)),
        Fold::Hex => return kept(Known::of_bytes(hex(&text(0)?)?)),
        Fold::Percent => return kept(percent(&text(0)?)),
        Fold::Reverse => text(0)?.chars().rev().collect(),
        Fold::Replace => replace(&text(0)?, &text(1)?, &text(2)?),
        Fold::ReplaceIn => replace_in(arguments)?,
        Fold::MidFromOne => cut(&text(0)?, number(1)?.checked_sub(1)?, number(2)),
        Fold::Mid => cut(&text(0)?, number(1)?, number(2)),
        Fold::Between => {
            let from = number(1)?;
            cut(&text(0)?, from, number(2).and_then(|to| to.checked_sub(from)))
        }
        Fold::Left => cut(&text(0)?, 0, number(1)),
        Fold::Right => cut(&text(0)?, number(1)?.checked_neg()?, None),
        Fold::Join => join(arguments.first()?, text(1).as_deref().map_or(" ", String::as_str))?,
        Fold::JoinWith => match arguments {
            [sign, list] => join(list, sign.full_text()?)?,
            [list] => join(list, "")?,
            _ => return None,
        },
        Fold::Concatenate => concatenate(arguments)?,
        Fold::Format => format(arguments)?,
        Fold::Lower => text(0)?.to_lowercase(),
        Fold::Upper => text(0)?.to_uppercase(),
        Fold::Trim => text(0)?.trim().to_owned(),
        Fold::TrimOf(start, end) => trim(&text(0)?, text(1).as_deref(), start, end),
        Fold::Rot13 => rot13(&text(0)?)?,
        Fold::Inflate => return kept(Known::of_bytes(inflate(&bytes(0)?)?)),
        Fold::Pack if text(0)?.starts_with(['H', 'h']) => return kept(Known::of_bytes(hex(&text(1)?)?)),
        Fold::Pack => return None,
        Fold::Translate => translate(&text(0)?, &text(1)?, &text(2)?),
    };
    kept(Known::Text(Rc::new(out)))
}

/// Returns what a function gave, where it is not too long.
fn kept(known: Known) -> Option<Known> {
    (known.text_len() <= LONGEST_TEXT).then_some(known)
}

/// Returns whether a value is a list of numbers alone.
fn holds_numbers(value: &Value) -> bool {
    value.parts.as_ref().is_some_and(|parts| {
        !parts.list.is_empty() && parts.list.iter().all(|part| matches!(part.known, Known::Number(_)))
    })
}

fn characters(arguments: &[Value]) -> Option<String> {
    let sign = |value: &Value| {
        let code = value.full_number()?;
        char::from_u32(u32::try_from(code.rem_euclid(0x11_0000)).ok()?)
    };
    match arguments {
        [] => None,
        [one] => match &one.parts {
            Some(parts) => parts.list.iter().map(sign).collect(),
            None => sign(one).map(String::from),
        },
        several => several.iter().map(sign).collect(),
    }
}

static BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a byte stands for in Base64, in either alphabet; 0 for what is passed over.
static SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        signs[byte as usize] = match byte {
            b'-' => b'+',
            b'_' => b'/',
            b'+' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => byte,
            _ => 0,
        };
        byte += 1;
    }
    signs
};

/// Decodes what is Base64 of a text; what else stands between is passed over.
fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().or_else(|| {
        let mut signs = vec![0; text.len()];
        let mut end = 0;
        for byte in text.bytes() {
            let sign = SIGNS[usize::from(byte)];
            signs[end] = sign;
            end += usize::from(sign != 0);
        }
        signs.truncate(if end % 4 == 1 { end - 1 } else { end });
        BASE64.decode(signs).ok()
    })
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().filter_map(digit).collect();
    (!digits.is_empty()).then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn digit(sign: char) -> Option<u8> {
    sign.to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn parse_number(text: &str, base: Option<i64>) -> Option<i64> {
    let small = text.trim().to_ascii_lowercase();
    let (digits, found) = match small.strip_prefix("0x").or_else(|| small.strip_prefix("&h")) {
        Some(digits) => (digits.trim_end_matches('&'), Some(16)),
        None => (small.as_str(), None),
    };
    let base = base.or(found).unwrap_or(10);
    i64::from_str_radix(digits, u32::try_from(base).ok().filter(|base| (2..=36).contains(base))?).ok()
}

fn percent(text: &str) -> Known {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (digit(char::from(*high)), digit(char::from(*low)))
        {
            out.push(high << 4 | low);
            rest = after;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    match String::from_utf8(out) {
        Ok(text) => Known::Text(Rc::new(text)),
        Err(error) => Known::of_bytes(error.into_bytes()),
    }
}

fn replace(text: &str, old: &str, new: &str) -> String {
    if old.is_empty() || text.len() / old.len() * new.len() > LONGEST_TEXT {
        return text.to_owned();
    }
    text.replace(old, new)
}

fn translate(text: &str, signs: &str, others: &str) -> String {
    let others: FxHashMap<char, char> = signs.chars().zip(others.chars()).collect();
    text.chars().map(|sign| others.get(&sign).copied().unwrap_or(sign)).collect()
}

/// Replaces what a pattern of PHP's finds, where both it and the texts stand in the page.
pub(crate) fn replace_found(pattern: &str, by: &str, text: &str) -> Option<String> {
    let (pattern, modifiers) = pattern.get(1..)?.rsplit_once(pattern.chars().next()?)?;
    let found = regex::RegexBuilder::new(pattern)
        .case_insensitive(modifiers.contains('i'))
        .size_limit(1 << 16)
        .build()
        .ok()?;
    let is_plain = !by.contains(['$', '\\']);
    let replaced = is_plain.then(|| found.replace_all(text, regex::NoExpand(by)))?;
    (replaced.len() <= LONGEST_TEXT).then(|| replaced.into_owned())
}

fn replace_in(arguments: &[Value]) -> Option<String> {
    let [old, new, text, ..] = arguments else { return None };
    let text = text.full_text()?;
    let Some(olds) = old.parts.as_ref() else {
        return Some(replace(text, old.full_text()?, new.full_text()?));
    };
    let mut out = text.to_owned();
    for (place, old) in olds.list.iter().take(256).enumerate() {
        let new = match &new.parts {
            Some(news) => news.list.get(place).map_or(Some(""), Value::full_text)?,
            None => new.full_text()?,
        };
        out = replace(&out, old.full_text()?, new);
    }
    Some(out)
}

/// Cuts a text, by characters; a place before 0 counts from the end.
fn cut(text: &str, from: i64, length: Option<i64>) -> String {
    let count = || i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let from = if from < 0 { count().saturating_add(from).max(0) } else { from };
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let rest = text.chars().skip(from);
    match length {
        None => rest.collect(),
        Some(length) if length < 0 => {
            let left = count().saturating_add(length);
            rest.take(usize::try_from(left).unwrap_or(0).saturating_sub(from)).collect()
        }
        Some(length) => rest.take(usize::try_from(length).unwrap_or(usize::MAX)).collect(),
    }
}

fn join(list: &Value, sign: &str) -> Option<String> {
    let parts = list.parts.as_ref()?;
    let mut out = String::new();
    for (place, part) in parts.list.iter().enumerate() {
        if place > 0 {
            out.push_str(sign);
        }
        out.push_str(&part.as_text()?);
        if out.len() > LONGEST_TEXT {
            return None;
        }
    }
    Some(out)
}

fn concatenate(arguments: &[Value]) -> Option<String> {
    let mut out = String::new();
    for argument in arguments {
        match &argument.parts {
            Some(_) => out.push_str(&join(argument, "")?),
            None => out.push_str(&argument.as_text()?),
        }
    }
    Some(out)
}

/// Fills the places of `{0}` and `%s`.
fn format(arguments: &[Value]) -> Option<String> {
    let (first, rest) = arguments.split_first()?;
    let mut text = first.full_text()?.to_owned();
    for (place, argument) in rest.iter().enumerate().take(32) {
        let value = argument.as_text()?;
        let mut mark = String::new();
        write!(mark, "{{{place}}}").ok()?;
        text =
            if text.contains(&mark) { replace(&text, &mark, &value) } else { text.replacen("%s", &value, 1) };
    }
    Some(text)
}

fn trim(text: &str, signs: Option<&String>, start: bool, end: bool) -> String {
    let signs = signs.map_or(" \t\r\n\0\u{b}", String::as_str);
    let goes = |sign: char| signs.contains(sign);
    let text = if start { text.trim_start_matches(goes) } else { text };
    if end { text.trim_end_matches(goes) } else { text }.to_owned()
}

fn rot13(text: &str) -> Option<String> {
    let turn = |byte: u8, first: u8| (byte - first + 13) % 26 + first;
    let mut bytes = text.as_bytes().to_vec();
    for byte in &mut bytes {
        *byte = match *byte {
            b'a'..=b'z' => turn(*byte, b'a'),
            b'A'..=b'Z' => turn(*byte, b'A'),
            byte => byte,
        };
    }
    String::from_utf8(bytes).ok()
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let most = LONGEST_TEXT as u64;
    let read = |reader: &mut dyn Read| {
        let mut out = Vec::new();
        let _cut_short_is_fine = reader.take(most).read_to_end(&mut out);
        (!out.is_empty()).then_some(out)
    };
    match bytes {
        [0x1f, 0x8b, ..] => read(&mut flate2::read::GzDecoder::new(bytes)),
        [0x78, ..] => read(&mut flate2::read::ZlibDecoder::new(bytes)),
        _ => None,
    }
    .or_else(|| read(&mut flate2::read::DeflateDecoder::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_sign_that_is_translated_twice_the_last_counts() {
        assert_eq!(translate("abca", "aba", "xyz"), "zycz");
        assert_eq!(translate("abc", "ab", "x"), "xbc");
    }
}
