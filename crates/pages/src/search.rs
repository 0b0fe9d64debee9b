//! Marks of ASCII that are looked for in any case.

use memchr::{memchr2_iter, memmem};

/// The letters from the most to the least frequent.
const LETTERS: &[u8] = b"etaoinsrldhcumfpgwybvkxjqz";

/// Says whether bytes begin with a mark, in any case.
pub(crate) fn begins(bytes: &[u8], mark: &str) -> bool {
    bytes.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark.as_bytes()))
}

/// Returns the first place from `at` on where a mark stands, in any case.
///
/// What is looked at closely is where its first signs stand, or where it begins with a letter, its rarest letter.
pub(crate) fn find(bytes: &[u8], at: usize, mark: &str) -> Option<usize> {
    let bytes = bytes.get(at..)?;
    let signs = mark.bytes().take_while(|byte| !byte.is_ascii_alphabetic()).count();
    let found = if signs > 0 {
        memmem::find_iter(bytes, &mark.as_bytes()[..signs]).find(|found| begins(&bytes[*found..], mark))
    } else {
        let (ahead, letter) = rarest(mark)?;
        memchr2_iter(letter, letter.to_ascii_uppercase(), bytes)
            .filter_map(|found| found.checked_sub(ahead))
            .find(|found| begins(&bytes[*found..], mark))
    };
    found.map(|found| at + found)
}

/// Returns the rarest letter of a mark, and how far from its begin it stands.
fn rarest(mark: &str) -> Option<(usize, u8)> {
    let letters = mark.bytes().map(|byte| byte.to_ascii_lowercase()).enumerate();
    letters.max_by_key(|(_, letter)| LETTERS.iter().position(|known| known == letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_found_is_the_first(text in "[aAbBwW_<]{0,40}", mark in "[abw_<]{1,4}", at in 0_usize..8) {
            let small = text.to_ascii_lowercase();
            let first = small.get(at..).and_then(|rest| rest.find(&mark)).map(|found| at + found);
            prop_assert_eq!(find(text.as_bytes(), at, &mark), first);
        }
    }
}
