//! What went through the Script Encoder of Microsoft: `VBScript.Encode`, `JScript.Encode`.
//!
//! Each printable character was replaced by one of three alphabets in turn. The tables are fixed and published; nothing is
//! secret about them.

use memchr::memmem;

/// What begins an encoded part; its length in Base64 and `==` follow.
const BEGIN: &str = "#@~^";
/// What ends one; a checksum in Base64 and `==` stand before it.
const END: &str = "==^#~@";
/// The length of a number in Base64 with its `==`.
const NUMBER: usize = 8;

/// Of each alphabet the characters that 0x20 to 0x7F stand for.
static ALPHABETS: [&[u8; 96]; 3] = [
    b".GzVBj/&IA42[vrC89pEhqO\tbD#uJ~J^@wJa]\"KoN;LPg*}tT+-,0nkf5%!dMRc?{x)(sY3\x7fmUS|:_eFX1ilZH'\\=$y7`Q 6",
    b"-uR`q^I\\b})6 |z\x7fkc3+hQfv1dTCL:L~LE,*t'7DyY/o&rj9{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W\"mM%(FJ2A=_OBe",
    b"20!)[83=X:5e9\\VsfNEkbYx^}JmqA`AS@B'Hru17MR\"TjGd- \x7f.L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W",
];

/// Of each alphabet the character that a tab stands for.
const TABS: &[u8; 3] = b"Wn{";

/// Which alphabet each character is taken from, again and again.
const TURNS: &[u8; 64] = b"0120121221210212021200122102122100212120200120210212001220012021";

/// What could not stand encoded, and what stands for it after an `@`.
static ESCAPES: &[(char, char)] = &[('&', '\n'), ('#', '\r'), ('*', '>'), ('!', '<'), ('$', '@')];

/// Returns the text with every encoded part undone, or none where there is no such part.
pub(super) fn undo(text: &str) -> Option<String> {
    let mut at = memmem::find(text.as_bytes(), BEGIN.as_bytes())?;
    let last = memmem::rfind(text.as_bytes(), END.as_bytes()).unwrap_or(0);
    let mut plain = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(body) = text.get(at + BEGIN.len() + NUMBER..) {
        let begin = text.len() - body.len();
        let (end, after) = ends(body, begin <= last);
        plain.push_str(&text[from..at]);
        decode(body.get(..end).unwrap_or_default(), &mut plain);
        from = begin + after;
        match memmem::find(&text.as_bytes()[from..], BEGIN.as_bytes()) {
            Some(next) => at = from + next,
            None => break,
        }
    }
    plain.push_str(&text[from..]);
    Some(plain)
}

/// Finds where the body of a part ends, and where the text goes on. A part that was cut off ends with its block.
fn ends(body: &str, closed: bool) -> (usize, usize) {
    let end = if closed { memmem::find(body.as_bytes(), END.as_bytes()) } else { None };
    match end {
        Some(end) => (end.saturating_sub(NUMBER - 2), end + END.len()),
        None => memmem::find(body.as_bytes(), b"%>").map_or((body.len(), body.len()), |end| (end, end)),
    }
}

fn decode(body: &str, plain: &mut String) {
    let mut turn = 0;
    let mut chars = body.chars();
    while let Some(char) = chars.next() {
        let Some(code) = u8::try_from(char).ok().filter(u8::is_ascii) else {
            plain.push(char);
            continue;
        };
        let alphabet = usize::from(TURNS[turn % TURNS.len()] - b'0');
        turn += 1;
        match code {
            b'@' => plain.push(escaped(chars.next())),
            b'\t' => plain.push(char::from(TABS[alphabet])),
            0x20.. => plain.push(char::from(ALPHABETS[alphabet][usize::from(code - 0x20)])),
            _ => plain.push(char),
        }
    }
}

fn escaped(char: Option<char>) -> char {
    let char = char.unwrap_or('@');
    ESCAPES.iter().find(|(escape, _)| *escape == char).map_or(char, |(_, stands)| *stands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Encodes as the Script Encoder does.
    fn encode(plain: &str) -> String {
        let mut body = String::new();
        for (turn, char) in plain.bytes().enumerate() {
            if let Some((escape, _)) = ESCAPES.iter().find(|(_, stands)| *stands == char::from(char)) {
                body.extend(['@', *escape]);
                continue;
            }
            let alphabet = usize::from(TURNS[turn % TURNS.len()] - b'0');
            let codes = (0x20..0x80_u8).filter(|code| !matches!(code, b'<' | b'>' | b'@'));
            let code = if TABS[alphabet] == char {
                Some(b'\t')
            } else {
                codes.into_iter().find(|code| ALPHABETS[alphabet][usize::from(code - 0x20)] == char)
            };
            body.push(char::from(code.expect("every printable character has a code")));
        }
        format!("#@~^AAAAAA=={body}AAAAAA==^#~@")
    }

    #[test]
    fn a_known_text_is_undone() {
        assert_eq!(undo("#@~^CAAAAA==\\ko$K6,JAAAAAA==^#~@").as_deref(), Some("MsgBox \""));
    }

    #[test]
    fn what_stands_around_parts_stays() {
        let page = format!("<%{}%> and <%{}%>", encode("x = 1"), encode("y = \"<b>@\""));
        assert_eq!(undo(&page).as_deref(), Some("<%x = 1%> and <%y = \"<b>@\"%>"));
        assert_eq!(undo("<% x = \"#@~\" %>"), None);
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_undone(plain in "[\t\n\r -~]{0,200}") {
            prop_assert_eq!(undo(&encode(&plain)), Some(plain));
        }

        #[test]
        fn any_text_is_taken(text in "(#@~\\^|==|\\^#~@|[^x]){0,60}") {
            undo(&text);
        }
    }
}
