//! The SHA-256 of an artifact's bytes.

use crate::input::{Evidence, is_partial};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;

/// Returns the lower-case SHA-256 of all bytes of `input`, which is rewound before and after.
///
/// Of a file that is cut off inside its container, what can be read is hashed.
pub fn sha256(input: &mut dyn Evidence) -> io::Result<String> {
    input.rewind()?;
    let mut hasher = Sha256::new();
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
    let mut hex = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
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
}
