//! Bytes that are worked with as texts: languages that hide programs do not tell the two apart.

use crate::tree::Text;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

/// Bytes of which not all are ASCII, and their text, a character each, once it was asked for: what one decoder hands to the
/// next is never asked for it.
#[derive(Debug)]
pub(crate) struct Bytes {
    all: Vec<u8>,
    text: OnceCell<Text>,
}

impl Bytes {
    /// Returns bytes whose text nobody has asked for.
    pub(crate) fn new(all: Vec<u8>) -> Self {
        Self { all, text: OnceCell::new() }
    }

    /// Returns the bytes.
    pub(crate) fn all(&self) -> &[u8] {
        &self.all
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> &Text {
        self.text.get_or_init(|| Rc::new(latin(&self.all)))
    }

    /// Returns the length of the text, in bytes of UTF-8.
    pub(crate) fn text_len(&self) -> usize {
        self.all.len() + self.all.iter().filter(|byte| !byte.is_ascii()).count()
    }
}

/// Returns bytes as text, a character each.
fn latin(bytes: &[u8]) -> String {
    // Compressed texts have bytes of all kinds: the place of the next byte is worked out, not branched on.
    let mut encoded = vec![0; 2 * bytes.len() + 1];
    let mut end = 0;
    for byte in bytes {
        let is_wide = byte >> 7;
        encoded[end] = if is_wide == 0 { *byte } else { 0xC0 | byte >> 6 };
        encoded[end + 1] = 0x80 | byte & 0x3F;
        end += 1 + usize::from(is_wide);
    }
    encoded.truncate(end);
    String::from_utf8(encoded).unwrap_or_default()
}

/// Returns the bytes of a text: a character each where that fits, else as UTF-8.
pub(crate) fn of_text(text: &str) -> Cow<'_, [u8]> {
    let encoded = text.as_bytes();
    if encoded.is_ascii() || encoded.iter().any(|byte| *byte > 0xC3) {
        return Cow::Borrowed(encoded);
    }
    // As in `latin`.
    let mut bytes = vec![0; encoded.len()];
    let (mut end, mut before) = (0, 0);
    for byte in encoded {
        bytes[end] = if byte & 0xC0 == 0x80 { before << 6 | byte & 0x3F } else { *byte };
        end += usize::from(*byte < 0xC0);
        before = *byte;
    }
    bytes.truncate(end);
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_are_kept_as_characters(all: Vec<u8>) {
            let bytes = Bytes::new(all.clone());
            let characters: Vec<u32> = bytes.text().chars().map(u32::from).collect();
            prop_assert_eq!(characters, all.iter().map(|byte| u32::from(*byte)).collect::<Vec<_>>());
            prop_assert_eq!(&*of_text(bytes.text()), &*all);
            prop_assert_eq!(bytes.text_len(), bytes.text().len());
        }
    }
}
