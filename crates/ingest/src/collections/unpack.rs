//! From packed bytes to bytes that can be read from any place, within bounds.

use super::shared_file::SharedFile;
use super::spool::Piece;
use crate::input::{Evidence, is_partial, too_large};
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom, Write};

/// How much one entry may grow while it is unpacked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    /// Beyond this many bytes they go to disk.
    pub(super) memory_bytes: u64,
    /// Beyond this many bytes the entry is refused.
    pub(super) most_bytes: u64,
}

/// Entries up to this size are sooner unpacked twice than kept.
const FEW_BYTES: u64 = 1 << 16;

/// What was unpacked, with the error, if any, behind which nothing more came.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub(super) bytes: Bytes,
    pub(super) broken: Option<io::Error>,
}

/// Where unpacked bytes are.
#[derive(Debug)]
pub(super) enum Bytes {
    Memory(Vec<u8>),
    Disk(SharedFile),
}

/// Unpacks `from` to its end: to the room on disk that `room` sets aside, else to memory as long as they are few, else
/// to a file of their own.
pub(super) fn unpack(
    from: &mut dyn Read,
    growth: Growth,
    room: impl FnOnce() -> io::Result<Option<Piece>>,
) -> io::Result<Unpacked> {
    let mut bytes = Vec::new();
    let few = FEW_BYTES.min(growth.memory_bytes).min(growth.most_bytes);
    if let Filled::Over(broken) = fill(from, &mut bytes, few)? {
        return Ok(Unpacked { bytes: Bytes::Memory(bytes), broken });
    }
    let mut piece = if let Some(piece) = room()? {
        piece
    } else {
        let in_memory = growth.memory_bytes.min(growth.most_bytes);
        if let Filled::Over(broken) = fill(from, &mut bytes, in_memory)? {
            return Ok(Unpacked { bytes: Bytes::Memory(bytes), broken });
        }
        Piece::alone()?
    };
    piece.write_all(&bytes)?;
    let rest = growth.most_bytes.saturating_sub(size(&bytes));
    drop(bytes);
    let (_, broken) = copy_some(from, &mut piece, rest)?;
    Ok(Unpacked { bytes: Bytes::Disk(piece.finish()), broken })
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// How far a buffer was filled.
enum Filled {
    /// As far as it was to be; there may be more.
    Full,
    /// The bytes are over, or broke off with this error.
    Over(Option<io::Error>),
}

/// Reads on until `to` holds `most` bytes, or there are no more.
fn fill(from: &mut dyn Read, to: &mut Vec<u8>, most: u64) -> io::Result<Filled> {
    match from.take(most.saturating_sub(size(to))).read_to_end(to) {
        Ok(_) if size(to) < most => Ok(Filled::Over(None)),
        Ok(_) => Ok(Filled::Full),
        Err(error) if is_partial(&error) && !to.is_empty() => Ok(Filled::Over(Some(error))),
        Err(error) => Err(error),
    }
}

/// Copies up to `most` bytes, and returns how many with the error, if any, behind which nothing more can be read.
pub(super) fn copy_some(
    from: &mut dyn Read,
    to: &mut dyn Write,
    most: u64,
) -> io::Result<(u64, Option<io::Error>)> {
    let mut chunk = vec![0; 1 << 16];
    let mut copied = 0_u64;
    loop {
        let length = match from.read(&mut chunk) {
            Ok(0) => return Ok((copied, None)),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if is_partial(&error) => return Ok((copied, Some(error))),
            Err(error) => return Err(error),
        };
        copied = copied.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        if copied > most {
            return Err(too_large("grows beyond the limit while it is unpacked".to_owned()));
        }
        to.write_all(chunk.get(..length).unwrap_or_default())?;
    }
}

impl Unpacked {
    /// Opens what was unpacked.
    pub(super) fn open(self) -> Box<dyn Evidence> {
        match (self.bytes, self.broken) {
            (Bytes::Memory(bytes), None) => Box::new(Cursor::new(bytes)),
            (Bytes::Disk(bytes), None) => Box::new(bytes),
            (Bytes::Memory(bytes), Some(error)) => Box::new(Partial { bytes: Cursor::new(bytes), error }),
            (Bytes::Disk(bytes), Some(error)) => Box::new(Partial { bytes, error }),
        }
    }
}

/// Bytes behind which an error stands: what was read of a broken entry.
struct Partial<T> {
    bytes: T,
    error: io::Error,
}

impl<T> Partial<T> {
    fn broken(&self) -> io::Error {
        io::Error::new(self.error.kind(), self.error.to_string())
    }
}

impl<T: BufRead> Read for Partial<T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(into)? {
            0 if !into.is_empty() => Err(self.broken()),
            length => Ok(length),
        }
    }
}

impl<T: BufRead> BufRead for Partial<T> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // The borrow checker does not let one call serve both the test and the answer.
        if self.bytes.fill_buf()?.is_empty() {
            return Err(self.broken());
        }
        self.bytes.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes.consume(amount);
    }
}

impl<T: Seek> Seek for Partial<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::spool::Spool;
    use crate::input::{head, problem_code};
    use afterpatch_model::ProblemCode;

    /// Gives some bytes, then breaks.
    struct Breaks(Cursor<Vec<u8>>);

    impl Read for Breaks {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(io::Error::new(io::ErrorKind::InvalidData, "checksum")),
                length => Ok(length),
            }
        }
    }

    const GROWTH: Growth = Growth { memory_bytes: 4, most_bytes: 10 };

    /// Unpacks with room for so many bytes on disk.
    fn unpacked(mut from: impl Read, room: u64) -> io::Result<Box<dyn Evidence>> {
        let spool = Spool::default();
        unpack(&mut from, GROWTH, || spool.set_aside(10, room)).map(Unpacked::open)
    }

    #[test]
    fn small_and_large_entries_are_unpacked_alike() {
        for room in [0, 10] {
            for length in 0..=10 {
                let bytes: Vec<u8> = (0..length).collect();
                let mut read = Vec::new();
                unpacked(Cursor::new(bytes.clone()), room).unwrap().read_to_end(&mut read).unwrap();
                assert_eq!(read, bytes);
            }
            let error = unpacked(Cursor::new(vec![0; 11]), room).err().unwrap();
            assert_eq!(problem_code(&error), ProblemCode::TooLarge);
        }
    }

    #[test]
    fn what_came_before_a_break_is_kept_and_the_break_is_told() {
        for (room, length) in [(0, 1), (0, 3), (0, 8), (10, 3), (10, 8)] {
            let mut evidence = unpacked(Breaks(Cursor::new(vec![7; length])), room).unwrap();
            let mut read = Vec::new();
            let error = evidence.read_to_end(&mut read).unwrap_err();
            assert_eq!((read.len(), error.kind()), (length, io::ErrorKind::InvalidData));
            assert_eq!(head(evidence.as_mut(), 2).unwrap().len(), length.min(2));
        }
    }
}
