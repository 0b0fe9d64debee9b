//! The SHA-256 of an artifact's bytes, and the hash that its collector took of them.

use crate::input::{Evidence, is_partial};
use afterpatch_model::hex;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;

/// The hash that a collector took of a file, in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// A SHA-1, of 40 digits.
    Sha1(String),
    /// A SHA-256, of 64 digits.
    Sha256(String),
}

impl Declared {
    /// Reads a SHA-1; `None` where the text is none.
    pub fn sha1(text: &str) -> Option<Self> {
        digits(text, 40).map(Self::Sha1)
    }

    /// Reads a SHA-256; `None` where the text is none.
    pub fn sha256(text: &str) -> Option<Self> {
        digits(text, 64).map(Self::Sha256)
    }

    /// Tells whether the bytes of `input` have this hash; `sha256` is theirs.
    pub fn is_of(&self, input: &mut dyn Evidence, sha256: &str) -> io::Result<bool> {
        match self {
            Self::Sha256(declared) => Ok(declared == sha256),
            Self::Sha1(declared) => digest::<Sha1>(input).map(|hash| hash == *declared),
        }
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha1(hash) => write!(f, "SHA-1 {hash}"),
            Self::Sha256(hash) => write!(f, "SHA-256 {hash}"),
        }
    }
}

fn digits(text: &str, length: usize) -> Option<String> {
    let text = text.trim();
    let is_hash = text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase())
}

/// Returns the lower-case SHA-256 of all bytes of `input`, which is rewound before and after.
///
/// Of a file that is cut off inside its container, what can be read is hashed.
pub fn sha256(input: &mut dyn Evidence) -> io::Result<String> {
    digest::<Sha256>(input)
}

fn digest<D: Digest>(input: &mut dyn Evidence) -> io::Result<String> {
    input.rewind()?;
    let mut hasher = D::new();
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if is_partial(&error) => break,
            Err(error) => return Err(error),
        };
        let length = chunk.len();
        if length == 0 {
            break;
        }
        hasher.update(chunk);
        input.consume(length);
    }
    input.rewind()?;
    Ok(hex(&hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    #[test]
    fn hashes_the_whole_and_rewinds() {
        let mut input = Cursor::new(b"abc".to_vec());
        input.read_exact(&mut [0; 2]).unwrap();
        let hex = sha256(&mut input).unwrap();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(input.position(), 0);
    }

    #[test]
    fn a_declared_hash_is_of_the_bytes_or_is_not() {
        let mut input = Cursor::new(b"abc".to_vec());
        let own = sha256(&mut input).unwrap();
        let mut fits = |declared: Option<Declared>| declared.unwrap().is_of(&mut input, &own).unwrap();
        assert!(fits(Declared::sha1("A9993E364706816ABA3E25717850C26C9CD0D89D")));
        assert!(!fits(Declared::sha1("a9993e364706816aba3e25717850c26c9cd0d89e")));
        assert!(fits(Declared::sha256(&own.to_uppercase())));
        assert!(!fits(Declared::sha256(&own.replace('a', "b"))));
        for text in ["", "abc", &"g".repeat(40)] {
            assert_eq!(Declared::sha1(text), None);
        }
    }
}
