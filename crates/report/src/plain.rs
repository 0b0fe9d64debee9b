//! Hostile text made safe to look at.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns `text` with every character spelled out that would steer a terminal, reorder a line or hide in it.
///
/// Control characters (ESC among them), bidi marks and overrides, line separators, zero-width and tag characters
/// become `\n`, `\r`, `\t` or `\u{1b}`. Everything else, the backslashes of Windows paths included, stays as it is.
///
/// ```
/// assert_eq!(afterpatch_report::plain("a\u{202e}b\u{1b}[31m"), r"a\u{202e}b\u{1b}[31m");
/// assert_eq!(afterpatch_report::plain(r"C:\inetpub\証跡"), r"C:\inetpub\証跡");
/// ```
pub fn plain(text: &str) -> String {
    spelled_out(text).into_owned()
}

/// Does what [`plain`] does, without a copy where nothing is to be spelled out.
pub(crate) fn spelled_out(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn near_misses_stay() {
        for text in [r"C:\new\tab", "証跡 – “x” é", "👩\u{200d}💻"] {
            assert_eq!(plain(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left(text in any::<String>()) {
            prop_assert!(!plain(&text).contains(is_unsafe));
        }
    }
}
