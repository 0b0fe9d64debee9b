//! UTF-7 (RFC 2152), which no library of ours reads, as no browser does any more; servers still do.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes UTF-7. Runs that are none stand as they are.
pub(super) fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(plus) = memchr::memchr(b'+', rest) {
        push(&mut text, &rest[..plus]);
        rest = &rest[plus + 1..];
        let length = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
            .count();
        let ends = rest.get(length) == Some(&b'-');
        if length == 0 && ends {
            text.push('+');
        } else if let Some(run) = wide(&rest[..length], ends) {
            text.push_str(&run);
        } else {
            text.push('+');
            push(&mut text, &rest[..length + usize::from(ends)]);
        }
        rest = &rest[length + usize::from(ends)..];
    }
    push(&mut text, rest);
    text
}

fn push(text: &mut String, bytes: &[u8]) {
    text.extend(bytes.iter().map(|byte| char::from(*byte)));
}

/// Decodes one run: Base64 of UTF-16, what is left over of the last unit dropped. A run that ends may hold no unit at all.
fn wide(run: &[u8], ends: bool) -> Option<String> {
    let run = if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run };
    let decoded = ENGINE.decode(run).ok().filter(|decoded| decoded.len() >= 2 || ends)?;
    let units: Vec<u16> =
        decoded.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_are_undone_and_what_is_no_run_stays() {
        assert_eq!(decode(b"Hi Mom -+Jjo--+ACE-"), "Hi Mom -\u{263A}-!");
        assert_eq!(decode(b"1 +- 1 + x"), "1 + 1 + x");
        assert_eq!(decode(b"a+x-b+AA-c +y"), "abc +y");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text: String) {
            let mut bytes = Vec::new();
            for char in text.chars() {
                let mut units = [0; 2];
                let wide: Vec<u8> = char.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()).collect();
                bytes.push(b'+');
                bytes.extend(base64::engine::general_purpose::STANDARD_NO_PAD.encode(wide).bytes());
                bytes.push(b'-');
            }
            prop_assert_eq!(decode(&bytes), text);
        }
    }
}
