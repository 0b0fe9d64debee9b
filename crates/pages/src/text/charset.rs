//! Which encoding a page is in: by its mark, by what it says, by what fits.

use super::{HEAD, hidden, utf7};
use crate::kind::Kind;
use encoding_rs::{Encoding, GBK, UTF_16BE, UTF_16LE, mem};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Code pages of Windows by number, with the label that the Encoding Standard has for them. Those named `windows-N` and
/// `ibm866` are found by their number.
static CODE_PAGES: &[(&str, &str)] = &[
    ("437", "windows-1252"),
    ("850", "windows-1252"),
    ("932", "shift_jis"),
    ("936", "gbk"),
    ("949", "euc-kr"),
    ("950", "big5"),
    ("1200", "utf-16le"),
    ("1201", "utf-16be"),
    ("20127", "windows-1252"),
    ("20936", "gbk"),
    ("28591", "windows-1252"),
    ("51932", "euc-jp"),
    ("51936", "gbk"),
    ("54936", "gb18030"),
    ("65001", "utf-8"),
];

/// Names before the value that says the encoding of a page.
static NAMES: &[&str] = &["codepage", "pageencoding", "encoding", "charset", "responseencoding"];

/// Decodes the bytes of a page.
pub(super) fn decode<'b>(bytes: &'b [u8], kind: Kind, hidden: &mut Vec<&'static str>) -> Cow<'b, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        if encoding != encoding_rs::UTF_8 {
            hidden.push(hidden::UTF16);
        }
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Some(encoding) = wide(bytes) {
        hidden.push(hidden::UTF16);
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let said = said(bytes);
    if is_utf7(bytes, said.as_deref()) {
        hidden.push(hidden::UTF7);
        return Cow::Owned(utf7::decode(bytes));
    }
    if kind == Kind::Jsp && said.as_deref().is_some_and(is_ebcdic) {
        hidden.push(hidden::EBCDIC);
        return Cow::Owned(ebcdic(bytes));
    }
    std::str::from_utf8(bytes).map_or_else(|_| narrow(bytes, kind, said.as_deref()), Cow::Borrowed)
}

/// Decodes what is not UTF-8: by what the page says, else as the code page of China where it fits, else byte by byte.
/// Texts of PHP are bytes: there each byte is the character of its value.
fn narrow<'b>(bytes: &'b [u8], kind: Kind, said: Option<&str>) -> Cow<'b, str> {
    if kind == Kind::Php || bytes.contains(&0) {
        return mem::decode_latin1(bytes);
    }
    for encoding in [said.and_then(encoding_of), Some(GBK)].into_iter().flatten() {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return text;
        }
    }
    mem::decode_latin1(bytes)
}

/// Tells UTF-16 without a mark: every other byte is NUL, and hardly one between them.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(HEAD) & !1];
    let pairs = head.len() / 2;
    if pairs < 4 || memchr(0, head).is_none() {
        return None;
    }
    let nul = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    match (nul(0), nul(1)) {
        (even, odd) if odd * 10 > pairs * 6 && even * 20 < pairs => Some(UTF_16LE),
        (even, odd) if even * 10 > pairs * 6 && odd * 20 < pairs => Some(UTF_16BE),
        _ => None,
    }
}

/// Returns what a page says of its encoding, in small letters: the value of the first name that says one.
fn said(bytes: &[u8]) -> Option<String> {
    let head = bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    NAMES.iter().find_map(|name| {
        let at = memmem::find(&head, name.as_bytes())? + name.len();
        let value: Vec<u8> = head[at..]
            .iter()
            .copied()
            .skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\''))
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            .collect();
        String::from_utf8(value).ok().filter(|value| !value.is_empty())
    })
}

fn encoding_of(said: &str) -> Option<&'static Encoding> {
    let label = CODE_PAGES.iter().find(|(number, _)| *number == said).map(|(_, label)| *label);
    Encoding::for_label(label.unwrap_or(said).as_bytes())
        .or_else(|| Encoding::for_label(format!("windows-{said}").as_bytes()))
}

/// How code begins in UTF-7.
static BEGINS: &[&[u8]] = &[b"+ADw-%", b"+ADwAJQ", b"+ADw-?", b"+ADwAP", b"+ADw-script"];

/// Says whether a page is in UTF-7: it says so, or its code begins in no other way.
fn is_utf7(bytes: &[u8], said: Option<&str>) -> bool {
    if said.is_some_and(|said| matches!(said, "65000" | "utf-7" | "utf7")) {
        return bytes.is_ascii();
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    head.is_ascii()
        && BEGINS.iter().any(|begin| memmem::find(head, begin).is_some())
        && memmem::find(bytes, b"<%").is_none()
        && memmem::find(bytes, b"<?").is_none()
}

fn is_ebcdic(said: &str) -> bool {
    matches!(
        said,
        "cp037"
            | "ibm037"
            | "ibm-037"
            | "037"
            | "cp1047"
            | "ibm1047"
            | "ibm-1047"
            | "cp500"
            | "ibm500"
            | "cp1140"
            | "ibm01140"
    )
}

/// The characters of IBM code page 37 from 0x40 on that ASCII has; NUL for the others.
const EBCDIC: &[u8; 192] = b" \0\0\0\0\0\0\0\0\0\0.<(+|&\0\0\0\0\0\0\0\0\0!$*);\0-/\0\0\0\0\0\0\0\0\0,%_>?\0\0\0\0\0\0\0\0\0`:#@'=\"\
\0abcdefghi\0\0\0\0\0\0\0jklmnopqr\0\0\0\0\0\0\0~stuvwxyz\0\0\0\0\0\0^\0\0\0\0\0\0\0\0\0[]\0\0\0\0\
{ABCDEFGHI\0\0\0\0\0\0}JKLMNOPQR\0\0\0\0\0\0\\\0STUVWXYZ\0\0\0\0\0\x000123456789\0\0\0\0\0\0";

/// Decodes EBCDIC; what stands in ASCII before it (the declaration that says so) stands as it is.
fn ebcdic(bytes: &[u8]) -> String {
    let plain = memmem::find(&bytes[..bytes.len().min(HEAD)], b">").map_or(0, |at| at + 1);
    let head = bytes[..plain].iter().map(|byte| char::from(*byte));
    let tail = bytes[plain..].iter().map(|byte| match *byte {
        0x05 => '\t',
        0x15 | 0x25 => '\n',
        0x0D => '\r',
        byte => match byte.checked_sub(0x40).map_or(0, |at| EBCDIC[usize::from(at)]) {
            0 => ' ',
            known => char::from(known),
        },
    });
    head.chain(tail).collect()
}
