//! In which encoding a text is: told by its mark, by its look, or guessed from what is no UTF-8.

use crate::input::Evidence;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::io::{Read, SeekFrom};

/// How much is looked at to tell UTF-16 without a mark.
const LOOK_BYTES: usize = 16;
/// How much of a text, from its first line that is no UTF-8 on, is looked at to guess a code page.
const GUESS_BYTES: u64 = 1 << 16;

/// Tells UTF-16 from the start of a text; anything else is UTF-8, or in a code page that one line will show.
pub(super) fn of_start(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        _ => unmarked_utf16(start.get(..LOOK_BYTES).unwrap_or(start)),
    }
}

/// Logs begin with words that are ASCII: in UTF-16 every other byte of them is zero, and always the same one.
fn unmarked_utf16(start: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = start.as_chunks::<2>();
    let all = |is_so: fn(&[u8; 2]) -> bool| pairs.len() >= 2 && pairs.iter().all(is_so);
    if all(|[low, high]| *low != 0 && *high == 0) {
        Some(UTF_16LE)
    } else if all(|[high, low]| *high == 0 && *low != 0) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Guesses the code page of a text from a line of it and what follows. The place in `input` stays where it is.
pub(super) fn code_page(line: &[u8], input: &mut dyn Evidence) -> &'static Encoding {
    let mut after = Vec::new();
    if let Ok(place) = input.stream_position() {
        // What cannot be read is said when it is its turn; the guess is made from what can.
        let _ = Read::take(&mut *input, GUESS_BYTES).read_to_end(&mut after);
        let _ = input.seek(SeekFrom::Start(place));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(line, false);
    detector.feed(&after, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Takes the mark from the start of a text.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    Encoding::for_bom(bytes).map_or(bytes, |(_, length)| bytes.get(length..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, WINDOWS_1252};
    use std::io::Cursor;

    #[test]
    fn japanese_is_told_from_french_and_the_place_is_kept() {
        let japanese = "エラー: ファイルが見つかりません。アクセスが拒否されました。";
        for (text, encoding) in [(japanese, SHIFT_JIS), ("échec: accès refusé à l'élève", WINDOWS_1252)]
        {
            let (bytes, ..) = encoding.encode(text);
            let (line, after) = bytes.split_at(12);
            let mut input = Cursor::new(after.to_vec());
            assert_eq!(code_page(line, &mut input), encoding, "{text}");
            assert_eq!(input.position(), 0);
        }
    }
}
