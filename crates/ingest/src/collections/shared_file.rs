//! One open file, or a part of one, read by several threads at once.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// A file that many readers share, each with a place and a small buffer of its own.
///
/// Where the file ends before its length says, reading says so.
#[derive(Debug)]
pub(super) struct SharedFile {
    file: Arc<File>,
    /// Where it begins in `file`.
    start: u64,
    length: u64,
    place: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
}

impl Clone for SharedFile {
    fn clone(&self) -> Self {
        Self {
            file: Arc::clone(&self.file),
            start: self.start,
            length: self.length,
            place: self.place,
            buffer: Vec::new(),
            buffer_start: 0,
        }
    }
}

impl SharedFile {
    /// How much is read at once: little after a jump, and twice as much each time while it goes on from there.
    const LEAST: usize = 1 << 12;
    const MOST: usize = 1 << 17;
    /// What is asked for at once and goes past the buffer.
    const DIRECT: usize = 1 << 16;

    /// Opens the file for reading.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::of(Arc::new(file), 0, length))
    }

    /// Takes the `length` bytes from `start` on of an open file.
    pub(super) fn of(file: Arc<File>, start: u64, length: u64) -> Self {
        Self { file, start, length, place: 0, buffer: Vec::new(), buffer_start: 0 }
    }

    /// Returns a part of this file, as if it were the whole of one.
    pub(super) fn part(&self, start: u64, length: u64) -> Self {
        Self::of(Arc::clone(&self.file), self.start.saturating_add(start), length)
    }

    /// Tells whether this is a part of that very open file.
    pub(super) fn is_in(&self, file: &Arc<File>) -> bool {
        Arc::ptr_eq(&self.file, file)
    }

    /// Returns the file's length.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    fn left(&self) -> usize {
        usize::try_from(self.length.saturating_sub(self.place)).unwrap_or(usize::MAX)
    }

    /// Returns what the buffer holds at the present place.
    fn buffered(&self) -> &[u8] {
        let from = self.place.checked_sub(self.buffer_start);
        let from = from.and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.buffer.get(from..)).unwrap_or_default()
    }

    fn refill(&mut self) -> io::Result<()> {
        let goes_on =
            !self.buffer.is_empty() && self.buffer_start.checked_add(size(&self.buffer)) == Some(self.place);
        let wanted = if goes_on { self.buffer.len().saturating_mul(2) } else { 0 };
        self.buffer.resize(wanted.clamp(Self::LEAST, Self::MOST).min(self.left()), 0);
        self.buffer_start = self.place;
        let at = self.start.saturating_add(self.place);
        let read =
            if self.buffer.is_empty() { Ok(0) } else { whole(read_at(&self.file, &mut self.buffer, at)) };
        self.buffer.truncate(*read.as_ref().unwrap_or(&0));
        read.map(|_| ())
    }

    fn advance(&mut self, amount: usize) {
        self.place = self.place.saturating_add(u64::try_from(amount).unwrap_or_default());
    }
}

fn size(buffer: &[u8]) -> u64 {
    u64::try_from(buffer.len()).unwrap_or(u64::MAX)
}

/// Says of a file that gives nothing where there should be more that it was cut off.
fn whole(read: io::Result<usize>) -> io::Result<usize> {
    read.and_then(|length| if length == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(length) })
}

impl Read for SharedFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.buffered().is_empty() {
            let most = into.len().min(self.left());
            if most >= Self::DIRECT {
                let at = self.start.saturating_add(self.place);
                let length = whole(read_at(&self.file, into.get_mut(..most).unwrap_or_default(), at))?;
                self.advance(length);
                return Ok(length);
            }
            self.refill()?;
        }
        let length = self.buffered().read(into)?;
        self.advance(length);
        Ok(length)
    }
}

impl BufRead for SharedFile {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.buffered().is_empty() {
            self.refill()?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, amount: usize) {
        self.advance(amount.min(self.buffered().len()));
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.place.checked_add_signed(offset),
        };
        self.place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.place)
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, place)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn shared(bytes: &[u8]) -> SharedFile {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        SharedFile::of(Arc::new(file), 0, bytes.len().try_into().unwrap())
    }

    #[test]
    fn a_part_is_read_as_if_it_were_the_whole_of_a_file() {
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_be_bytes()[2] ^ n.to_be_bytes()[3]).collect();
        let file = shared(&bytes);
        let mut read = Vec::new();
        file.clone().read_to_end(&mut read).unwrap();
        assert!(read == bytes);
        let mut part = file.part(10, 500_000).part(5, 300_000);
        for from in [0, 299_990, 4_000, 4_097, 150_000] {
            read.clear();
            part.seek(SeekFrom::Start(from)).unwrap();
            part.read_to_end(&mut read).unwrap();
            assert!(
                read == *bytes.get(15_usize.saturating_add(usize::try_from(from).unwrap())..300_015).unwrap(),
                "{from}"
            );
        }
        assert_eq!(part.seek(SeekFrom::End(7)).unwrap(), 300_007);
        assert_eq!(part.read(&mut [0; 9]).unwrap(), 0);
    }

    #[test]
    fn a_part_beyond_the_end_of_its_file_is_cut_off() {
        let mut part = shared(b"abc").part(1, 9);
        let mut read = Vec::new();
        assert_eq!(part.read_to_end(&mut read).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(read, b"bc");
    }
}
