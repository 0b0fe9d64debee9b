//! Whose identity a client claimed: the serialised token that remote `PowerShell` takes as `X-Rps-CAT`.

use super::url_decode;
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// The padding of what stands in an address is often lost.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Returns account and security id that the token in a query names; none where there is no token that can be read.
pub(super) fn token_user(query: &str) -> Option<String> {
    const NAME: &str = "x-rps-cat=";
    let plain = url_decode(query);
    let at = plain.to_ascii_lowercase().find(NAME)?;
    let value = plain.get(at + NAME.len()..)?;
    let token = value.split(['&', '#', ' ', '?']).next()?;
    named_in(&BASE64.decode(token).ok()?)
}

/// Walks the token: each part is a letter, then its value; texts have their length before them.
fn named_in(token: &[u8]) -> Option<String> {
    let mut rest = token.strip_prefix(b"V")?.get(2..)?;
    let (mut account, mut sid) = (None, None);
    while let Some((&tag, after)) = rest.split_first() {
        match tag {
            b'C' => rest = after.get(1..)?,
            b'T' | b'A' | b'L' | b'U' => {
                let (&length, after) = after.split_first()?;
                let (text, after) = after.split_at_checked(usize::from(length))?;
                let text = String::from_utf8_lossy(text).into_owned();
                match tag {
                    b'L' => account = Some(text),
                    b'U' => sid = Some(text),
                    _ => {}
                }
                rest = after;
            }
            // Groups and extensions follow; they say nothing of who it is.
            _ => break,
        }
    }
    let named: Vec<String> = [account, sid].into_iter().flatten().filter(|text| !text.is_empty()).collect();
    (!named.is_empty()).then(|| named.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(account: &str, sid: &str) -> String {
        let mut bytes = b"V\x01\x00T\x07WindowsC\x00A\x08Kerberos".to_vec();
        for (tag, text) in [(b'L', account), (b'U', sid)] {
            bytes.push(tag);
            bytes.push(u8::try_from(text.len()).unwrap());
            bytes.extend(text.as_bytes());
        }
        bytes.extend(b"G\x01\x00\x00\x00\x07\x00\x00\x00\x0cS-1-5-32-544E\x00\x00\x00\x00");
        BASE64.encode(bytes)
    }

    #[test]
    fn a_token_names_whose_identity_was_claimed() {
        let token = token("admin@example.org", "S-1-5-21-1-2-3-500");
        let named = Some("admin@example.org S-1-5-21-1-2-3-500".to_owned());
        let encoded = token.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        for query in [
            format!("@example.org/powershell/?X-Rps-CAT={token}"),
            format!("a=1&x-rps-cat={encoded}&Email=autodiscover/autodiscover.json"),
            format!("X-RPS-CAT={}", token.trim_end_matches('=')),
        ] {
            assert_eq!(token_user(&query), named, "{query}");
        }
    }

    #[test]
    fn what_is_no_token_names_nobody() {
        for query in
            ["", "X-Rps-CAT=", "X-Rps-CAT=!!!!", "cat=VgEA", "X-Rps-CAT=VgEAVAdXaW5kb3dz", "é=x-rps-cat=é"]
        {
            assert_eq!(token_user(query), None, "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut token = b"V\x01\x00".to_vec();
            token.extend(&bytes);
            let _ = token_user(&format!("X-Rps-CAT={}", BASE64.encode(&token)));
            prop_assert!(named_in(&bytes).is_none_or(|named| !named.is_empty()));
        }
    }
}
