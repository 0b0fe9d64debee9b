//! Escapes: what `\n`, `\x41`, `\101` and `\u0041` stand for.

use super::cursor::Cursor;
use std::borrow::Cow;

/// How a language escapes characters in its texts.
pub(super) struct Escapes {
    /// How many digits `\x` takes at most; 0 where it is none.
    pub(super) hex: usize,
    /// Whether `\101` is a character.
    pub(super) octal: bool,
    /// Whether `\u0041` and `\U00000041` are characters; `\u{41}` is one everywhere.
    pub(super) unicode: bool,
    /// Whether `\q` is two characters where it means nothing, and not `q`.
    pub(super) keeps: bool,
}

static LETTERS: &[(u8, char)] = &[
    (b'n', '\n'),
    (b't', '\t'),
    (b'r', '\r'),
    (b'v', '\u{b}'),
    (b'f', '\u{c}'),
    (b'e', '\u{1b}'),
    (b'a', '\u{7}'),
    (b'b', '\u{8}'),
    (b's', ' '),
];

impl Escapes {
    /// Reads the escape that the cursor stands at, its backslash first, into `out`.
    pub(super) fn read(&self, cursor: &mut Cursor<'_>, out: &mut String) {
        cursor.at += 1;
        match cursor.byte(0) {
            b'x' | b'X' if self.hex > 0 && cursor.byte(1).is_ascii_hexdigit() => {
                cursor.at += 1;
                out.extend(char::from_u32(digits(cursor, 16, self.hex)));
            }
            b'u' if cursor.byte(1) == b'{' => {
                cursor.at += 2;
                out.extend(char::from_u32(digits(cursor, 16, 8)));
                cursor.at += usize::from(cursor.byte(0) == b'}');
            }
            b'u' if self.unicode && cursor.byte(1).is_ascii_hexdigit() => unicode(cursor, out),
            b'U' if self.unicode && cursor.byte(1).is_ascii_hexdigit() => {
                cursor.at += 1;
                out.extend(char::from_u32(digits(cursor, 16, 8)));
            }
            b'0'..=b'7' if self.octal => out.extend(char::from_u32(digits(cursor, 8, 3) & 0xff)),
            b'0' => {
                cursor.at += 1;
                out.push('\0');
            }
            b'\r' | b'\n' if !self.keeps => {
                cursor.advance(if cursor.starts_with("\r\n") { 2 } else { 1 });
            }
            _ => self.letter(cursor, out),
        }
    }

    fn letter(&self, cursor: &mut Cursor<'_>, out: &mut String) {
        let Some(letter) = cursor.char() else { return };
        let known = LETTERS.iter().find(|(byte, _)| char::from(*byte) == letter);
        let known = known.filter(|(byte, _)| !self.keeps || !matches!(byte, b'a' | b'b' | b's'));
        if let Some((_, stands_for)) = known {
            out.push(*stands_for);
        } else {
            if self.keeps && !matches!(letter, '\\' | '$' | '"' | '`') {
                out.push('\\');
            }
            out.push(letter);
        }
        cursor.advance(letter.len_utf8());
    }
}

/// `\u0041`, and pairs of surrogates; the cursor stands at the `u`.
fn unicode(cursor: &mut Cursor<'_>, out: &mut String) {
    cursor.at += 1;
    let first = digits(cursor, 16, 4);
    if (0xd800..0xdc00).contains(&first) && cursor.starts_with("\\u") {
        cursor.at += 2;
        let second = digits(cursor, 16, 4);
        let low = second.wrapping_sub(0xdc00) & 0x3ff;
        out.extend(char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low));
    } else {
        out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
}

fn digits(cursor: &mut Cursor<'_>, radix: u32, most: usize) -> u32 {
    let mut value = 0u32;
    for _ in 0..most {
        let Some(digit) = char::from(cursor.byte(0)).to_digit(radix) else { break };
        value = value.wrapping_mul(radix).wrapping_add(digit);
        cursor.at += 1;
    }
    value
}

/// Undoes `\u0041` everywhere, as Java does before it looks at anything else.
pub(super) fn everywhere(text: &str) -> Cow<'_, str> {
    if memchr::memmem::find(text.as_bytes(), b"\\u").is_none() {
        return Cow::Borrowed(text);
    }
    let mut cursor = Cursor::new(text, 1);
    let mut out = String::with_capacity(text.len());
    while let Some(found) = memchr::memchr(b'\\', cursor.rest().as_bytes()) {
        out.push_str(&text[cursor.at..cursor.at + found]);
        cursor.at += found;
        let marks = cursor.rest()[1..].bytes().take_while(|byte| *byte == b'u').count();
        if marks > 0 && cursor.byte(1 + marks).is_ascii_hexdigit() {
            cursor.at += marks;
            unicode(&mut cursor, &mut out);
        } else {
            let length = 1 + cursor.rest()[1..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&text[cursor.at..cursor.at + length]);
            cursor.at += length;
        }
    }
    out.push_str(cursor.rest());
    Cow::Owned(out)
}
