//! Where the packed bytes of an entry of a ZIP file lie, and how they are unpacked.

use super::shared_file::SharedFile;
use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use std::io::{self, Read};

/// Bytes that lie as they are.
pub(super) const STORED: u16 = 0;
/// Bytes that are packed by DEFLATE.
pub(super) const DEFLATED: u16 = 8;

/// A stretch of a ZIP file. There may be millions: it says no more than it takes to unpack them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) packed_bytes: u64,
    /// How the bytes are packed, by the number that ZIP gives it.
    pub(super) method: u16,
    /// The checksum of the unpacked bytes, where it is known.
    pub(super) crc32: Option<u32>,
}

impl Stretch {
    /// Opens the unpacked bytes. Where they are not those of the checksum, reading fails at their end.
    pub(super) fn open(&self, file: &SharedFile) -> io::Result<Box<dyn Read>> {
        let packed = file.part(self.start, self.packed_bytes);
        match self.method {
            STORED => Ok(self.checked(packed)),
            DEFLATED => Ok(self.checked(DeflateDecoder::new(packed))),
            other => {
                let detail = format!("packed in a way that can not be salvaged: method {other}");
                Err(io::Error::new(io::ErrorKind::Unsupported, detail))
            }
        }
    }

    fn checked(&self, from: impl Read + 'static) -> Box<dyn Read> {
        match self.crc32 {
            Some(crc32) => Box::new(Checked { from: CrcReader::new(from), crc32 }),
            None => Box::new(from),
        }
    }
}

/// Bytes that are to have a checksum.
struct Checked<R> {
    from: CrcReader<R>,
    crc32: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        if length == 0 && !into.is_empty() && self.from.crc().sum() != self.crc32 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum is wrong"));
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::Arc;

    fn read(bytes: &[u8], stretch: Stretch) -> (Vec<u8>, Option<io::ErrorKind>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let file = SharedFile::of(Arc::new(file), 0, bytes.len().try_into().unwrap());
        let mut read = Vec::new();
        let error = stretch.open(&file).and_then(|mut from| from.read_to_end(&mut read)).err();
        (read, error.map(|error| error.kind()))
    }

    #[test]
    fn bytes_are_those_of_their_checksum_or_reading_fails_behind_them() {
        let crc32 = Some(0x3524_41C2);
        let stored = Stretch { start: 1, packed_bytes: 3, method: STORED, crc32 };
        assert_eq!(read(b"-abc-", stored), (b"abc".to_vec(), None));
        assert_eq!(read(b"-abd-", stored), (b"abd".to_vec(), Some(io::ErrorKind::InvalidData)));
        assert_eq!(read(b"-abd-", Stretch { crc32: None, ..stored }), (b"abd".to_vec(), None));
        assert_eq!(read(b"-ab", stored), (b"ab".to_vec(), Some(io::ErrorKind::UnexpectedEof)));
        let deflated = Stretch { start: 0, packed_bytes: 5, method: DEFLATED, crc32 };
        assert_eq!(read(b"KLJ\x06\0", deflated), (b"abc".to_vec(), None));
        assert_eq!(
            read(b"KLJ\x06\0", Stretch { crc32: Some(1), ..deflated }).1,
            Some(io::ErrorKind::InvalidData)
        );
    }

    #[test]
    fn other_ways_of_packing_are_refused() {
        let stretch = Stretch { start: 0, packed_bytes: 1, method: 12, crc32: None };
        assert_eq!(read(b"x", stretch).1, Some(io::ErrorKind::Unsupported));
    }
}
