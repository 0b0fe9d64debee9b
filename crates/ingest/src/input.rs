//! How the bytes of one artifact reach a parser.

use afterpatch_model::ProblemCode;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

/// The bytes of one artifact: read forward, or from any place. Never written.
pub trait Evidence: BufRead + Seek + Send {}

impl<T: BufRead + Seek + Send> Evidence for T {}

/// Bounds on what hostile evidence can make us hold or do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files up to this size are held in memory while they are read; larger ones inside a container are spooled.
    pub memory_bytes: u64,
    /// The largest file that is read at all.
    pub artifact_bytes: u64,
    /// The longest line of a text log.
    pub line_bytes: usize,
    /// How many times larger than its packed form a container's entry may grow.
    pub ratio: u64,
    /// Entries up to this size may pack as well as they like: event logs begin as megabytes of zeros.
    pub small_bytes: u64,
    /// The most entries in one collection, with those of the containers in it.
    pub entries: usize,
    /// How deep containers may lie in containers.
    pub depth: usize,
    /// The most bytes that all containers within one collection may unpack to.
    pub total_bytes: u64,
}

impl Limits {
    /// Returns how many bytes an entry of so many packed bytes may grow to.
    pub(crate) fn growth(&self, packed: u64) -> u64 {
        packed.saturating_mul(self.ratio).max(self.small_bytes)
    }

    /// Returns how many bytes the containers within a collection of so many bytes may unpack to.
    pub(crate) fn total_of(&self, collection: u64) -> u64 {
        self.growth(collection).max(self.small_bytes.saturating_mul(16)).min(self.total_bytes)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            artifact_bytes: 64 << 30,
            line_bytes: 1 << 20,
            ratio: 400,
            small_bytes: 64 << 20,
            entries: 5_000_000,
            depth: 4,
            total_bytes: 256 << 30,
        }
    }
}

/// The passwords that may open locked containers. They are never shown, and never kept in a case.
#[derive(Clone, Default)]
pub struct Passwords(Arc<[String]>);

impl Passwords {
    /// Takes passwords, to be tried in this order.
    pub fn new(passwords: impl IntoIterator<Item = String>) -> Self {
        Self(passwords.into_iter().collect())
    }

    /// Returns each password.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passwords", self.0.len())
    }
}

/// Returns the code of the problem that an error met while reading an artifact stands for.
pub fn problem_code(error: &io::Error) -> ProblemCode {
    match error.kind() {
        io::ErrorKind::FileTooLarge => ProblemCode::TooLarge,
        io::ErrorKind::UnexpectedEof => ProblemCode::Truncated,
        io::ErrorKind::InvalidData => ProblemCode::Damaged,
        _ => ProblemCode::Unreadable,
    }
}

/// Tells whether an error says that what came before it was read, and only the rest is lost.
pub(crate) fn is_partial(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
}

/// The error for evidence beyond a limit.
pub(crate) fn too_large(detail: String) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, detail)
}

/// Unpacked bytes that stay in memory as long as they are few, and go to a nameless temporary file beyond.
#[derive(Debug)]
enum Spool {
    Memory(Cursor<Vec<u8>>),
    Disk(BufReader<File>),
}

/// How much one entry may grow while it is unpacked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    /// Beyond this many bytes they are spooled to disk.
    pub(crate) memory_bytes: u64,
    /// Beyond this many bytes the entry is refused.
    pub(crate) most_bytes: u64,
}

/// Unpacks `from` to its end. Where it breaks off, the bytes before are kept and the error stands behind them.
pub(crate) fn unpack(mut from: impl Read, growth: Growth) -> io::Result<Box<dyn Evidence>> {
    let mut memory = Vec::new();
    let in_memory = growth.memory_bytes.min(growth.most_bytes);
    let broken = read_some(&mut from, &mut memory, in_memory)?;
    let is_whole = u64::try_from(memory.len()).unwrap_or(u64::MAX) < in_memory;
    if broken.is_some() || is_whole {
        return Ok(with_break(Spool::Memory(Cursor::new(memory)), broken));
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(&memory)?;
    drop(memory);
    let room = growth.most_bytes.saturating_sub(in_memory);
    let broken = copy_some(&mut from, &mut file, room)?;
    file.rewind()?;
    Ok(with_break(Spool::Disk(BufReader::with_capacity(1 << 16, file)), broken))
}

/// Reads up to `most` bytes and returns the error, if any, behind which nothing more can be read.
fn read_some(from: &mut impl Read, to: &mut Vec<u8>, most: u64) -> io::Result<Option<io::Error>> {
    match from.take(most).read_to_end(to) {
        Ok(_) => Ok(None),
        Err(error) if is_partial(&error) && !to.is_empty() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// Copies up to `most` bytes, and returns the error, if any, behind which nothing more can be read.
pub(crate) fn copy_some(from: &mut impl Read, to: &mut File, most: u64) -> io::Result<Option<io::Error>> {
    let mut chunk = vec![0; 1 << 16];
    let mut copied = 0_u64;
    loop {
        let length = match from.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if is_partial(&error) => return Ok(Some(error)),
            Err(error) => return Err(error),
        };
        copied = copied.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        if copied > most {
            return Err(too_large("grows beyond the limit while it is unpacked".to_owned()));
        }
        to.write_all(chunk.get(..length).unwrap_or_default())?;
    }
}

fn with_break(spool: Spool, broken: Option<io::Error>) -> Box<dyn Evidence> {
    match (spool, broken) {
        (Spool::Memory(bytes), None) => Box::new(bytes),
        (Spool::Disk(bytes), None) => Box::new(bytes),
        (Spool::Memory(bytes), Some(error)) => Box::new(Partial { bytes, error }),
        (Spool::Disk(bytes), Some(error)) => Box::new(Partial { bytes, error }),
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

/// Reads at most `most` bytes from the start of `input` and rewinds it.
pub(crate) fn head(input: &mut dyn Evidence, most: usize) -> io::Result<Vec<u8>> {
    input.rewind()?;
    let mut bytes = Vec::with_capacity(most);
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    let read = Read::take(&mut *input, limit).read_to_end(&mut bytes);
    input.rewind()?;
    match read {
        Err(error) if !is_partial(&error) => Err(error),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn small_and_large_entries_are_unpacked_alike() {
        for length in 0..10 {
            let bytes: Vec<u8> = (0..length).collect();
            let mut read = Vec::new();
            let mut evidence = unpack(Cursor::new(bytes.clone()), GROWTH).unwrap();
            evidence.read_to_end(&mut read).unwrap();
            assert_eq!(read, bytes);
        }
        let error = unpack(Cursor::new(vec![0; 11]), GROWTH).err().unwrap();
        assert_eq!(problem_code(&error), ProblemCode::TooLarge);
    }

    #[test]
    fn what_came_before_a_break_is_kept_and_the_break_is_told() {
        for length in [1, 3, 8] {
            let mut evidence = unpack(Breaks(Cursor::new(vec![7; length])), GROWTH).unwrap();
            let mut read = Vec::new();
            let error = evidence.read_to_end(&mut read).unwrap_err();
            assert_eq!((read.len(), error.kind()), (length, io::ErrorKind::InvalidData));
            assert_eq!(head(evidence.as_mut(), 2).unwrap().len(), length.min(2));
        }
    }
}
