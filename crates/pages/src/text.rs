//! The text of a page, out of its bytes, and what hid it.

mod charset;
mod encoded_script;
mod utf7;

use crate::kind::Kind;
use std::borrow::Cow;

/// A page is cut off here: no server compiles a larger one, and nobody reads it.
const MOST: usize = 64 << 20;

/// How far into a page what it says of its encoding is looked for.
const HEAD: usize = 4 << 10;

/// What hid the text; each is the code of a signal.
pub mod hidden {
    /// The page is written in UTF-7.
    pub const UTF7: &str = "text-in-utf-7";
    /// The page is written in UTF-16.
    pub const UTF16: &str = "text-in-utf-16";
    /// The page is written in a code page in which no letter stands where ASCII has it.
    pub const EBCDIC: &str = "text-in-ebcdic";
    /// Parts of the page went through the Script Encoder of Microsoft.
    pub const ENCODED_SCRIPT: &str = "text-of-encoded-script";
    /// The page stands within an image, a database, a mailbox file or a certificate.
    pub const INSIDE_BINARY: &str = "text-inside-binary";
}

/// The text of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'b> {
    /// The text: what the server would compile, or the nearest to it.
    pub text: Cow<'b, str>,
    /// How it was hidden: codes of [`hidden`], each at most once, in the order in which they were undone.
    pub hidden: Vec<&'static str>,
}

/// Reads the text of a page out of its bytes.
///
/// Never fails: bytes that are no text in any encoding that the page may be in stand as the characters of their values.
pub fn read(bytes: &[u8], kind: Kind) -> Text<'_> {
    let bytes = &bytes[..bytes.len().min(MOST)];
    let mut hidden = Vec::new();
    if is_binary(bytes) {
        hidden.push(hidden::INSIDE_BINARY);
    }
    let mut text = charset::decode(bytes, kind, &mut hidden);
    if let Some(plain) = encoded_script::undo(&text) {
        hidden.push(hidden::ENCODED_SCRIPT);
        text = Cow::Owned(plain);
    }
    Text { text, hidden }
}

/// How files begin that are no text, and that web servers are made to run for all that.
static BINARY: &[&[u8]] = &[
    b"\xFF\xD8\xFF",
    b"\x89PNG",
    b"GIF8",
    b"\x00\x01\x00\x00Standard ",
    b"!BDN",
    b"BM",
    b"PK\x03\x04",
    b"MZ",
    b"%PDF-",
    b"\x30\x80",
    b"\x30\x81",
    b"\x30\x82",
    b"RIFF",
    b"\xD0\xCF\x11\xE0",
];

/// Says whether a page begins as no text does, and holds characters that no text holds.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    BINARY.iter().any(|magic| head.starts_with(magic))
        && (head.iter().any(|byte| is_control(*byte)) || head.starts_with(b"GIF8"))
}

fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1A)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::GBK;
    use proptest::prelude::*;

    fn text_of(bytes: &[u8], kind: Kind) -> (String, Vec<&'static str>) {
        let read = read(bytes, kind);
        (read.text.into_owned(), read.hidden)
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn plain_text_is_borrowed() {
        let read = read(b"<% Response.Write 1 %>", Kind::Asp);
        assert!(matches!(read.text, Cow::Borrowed(_)));
        assert!(read.hidden.is_empty());
    }

    #[test]
    fn wide_text_is_read_with_and_without_a_mark() {
        let page = "<% Response.Write \"hello\" %>";
        for prefix in [&b"\xFF\xFE"[..], b""] {
            let bytes = [prefix, &utf16(page)].concat();
            assert_eq!(text_of(&bytes, Kind::Asp), (page.to_owned(), vec![hidden::UTF16]));
        }
        let big: Vec<u8> = page.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text_of(&big, Kind::Asp).0, page);
    }

    #[test]
    fn utf7_is_undone_where_the_page_says_so() {
        let page = "<%@ codepage=65000 %>+ADwAJQ- Response.Write 1 +ACUAPg-";
        assert_eq!(
            text_of(page.as_bytes(), Kind::Asp),
            ("<%@ codepage=65000 %><% Response.Write 1 %>".to_owned(), vec![hidden::UTF7])
        );
        let near = "<%@ codepage=65001 %><% x = \"+ADwAJQ-\" %>";
        assert_eq!(text_of(near.as_bytes(), Kind::Asp), (near.to_owned(), Vec::new()));
    }

    #[test]
    fn chinese_text_is_read_by_its_code_page() {
        let page = "<%@ codepage=936 %><% Response.Write \"中文\" %>";
        let (bytes, _, _) = GBK.encode(page);
        assert_eq!(text_of(&bytes, Kind::Asp).0, page);
        let unnamed = "<% Response.Write \"中文\" %>";
        assert_eq!(text_of(&GBK.encode(unnamed).0, Kind::Asp).0, unnamed);
    }

    #[test]
    fn a_page_inside_an_image_is_found() {
        let mut bytes = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01".to_vec();
        bytes.extend_from_slice(b"<?php echo 1; ?>");
        let (text, hidden) = text_of(&bytes, Kind::Php);
        assert!(text.contains("<?php echo 1; ?>"));
        assert_eq!(hidden, [hidden::INSIDE_BINARY]);
        assert!(text_of(b"BM is a word <% x %>", Kind::Asp).1.is_empty());
    }

    #[test]
    fn ebcdic_is_undone_where_the_page_says_so() {
        let head = b"<?xml version='1.0' encoding='cp037'?>".to_vec();
        let tail = [0x4C, 0x6C, 0x40, 0x81, 0x40, 0x6C, 0x6E];
        let (text, hidden) = text_of(&[head, tail.to_vec()].concat(), Kind::Jsp);
        assert!(text.ends_with("<% a %>"), "{text}");
        assert_eq!(hidden, [hidden::EBCDIC]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            for kind in [Kind::Asp, Kind::Jsp, Kind::Php] {
                let read = read(&bytes, kind);
                prop_assert!(read.hidden.len() <= 5);
            }
        }

        #[test]
        fn text_without_marks_stands_as_it_is(text in "[a-z<>%@\" \n]{0,200}") {
            let read = read(text.as_bytes(), Kind::Asp);
            prop_assert_eq!(read.text.as_ref(), text.as_str());
        }
    }
}
