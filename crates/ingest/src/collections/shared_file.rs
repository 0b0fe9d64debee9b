//! One open file, read by several threads at once.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// A file that many readers share, each with a place and a small buffer of its own.
#[derive(Debug)]
pub(super) struct SharedFile {
    file: Arc<File>,
    length: u64,
    place: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
}

impl Clone for SharedFile {
    fn clone(&self) -> Self {
        Self {
            file: Arc::clone(&self.file),
            length: self.length,
            place: self.place,
            buffer: Vec::new(),
            buffer_start: 0,
        }
    }
}

impl SharedFile {
    const BUFFER: usize = 1 << 15;

    /// Opens the file for reading.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Self::of(File::open(path)?)
    }

    /// Takes an open file.
    pub(super) fn of(file: File) -> io::Result<Self> {
        Ok(Self {
            length: file.metadata()?.len(),
            file: Arc::new(file),
            place: 0,
            buffer: Vec::new(),
            buffer_start: 0,
        })
    }

    /// Returns the file's length.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Returns what the buffer holds at the present place.
    fn buffered(&self) -> &[u8] {
        let from = self.place.checked_sub(self.buffer_start);
        let from = from.and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.buffer.get(from..)).unwrap_or_default()
    }

    fn refill(&mut self) -> io::Result<()> {
        self.buffer.resize(Self::BUFFER, 0);
        self.buffer_start = self.place;
        let read = read_at(&self.file, &mut self.buffer, self.place);
        self.buffer.truncate(*read.as_ref().unwrap_or(&0));
        read.map(|_| ())
    }
}

impl Read for SharedFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.buffered().is_empty() {
            self.refill()?;
        }
        let length = self.buffered().read(into)?;
        self.place = self.place.saturating_add(u64::try_from(length).unwrap_or_default());
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
        let amount = amount.min(self.buffered().len());
        self.place = self.place.saturating_add(u64::try_from(amount).unwrap_or_default());
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

/// A part of a file, as if it were the whole of one. Where the file ends before the part does, reading says so.
#[derive(Debug)]
pub(super) struct Window {
    file: SharedFile,
    start: u64,
    size: u64,
    place: u64,
}

impl Window {
    /// Opens the `size` bytes from `start` on.
    pub(super) fn new(file: SharedFile, start: u64, size: u64) -> Self {
        Self { file, start, size, place: 0 }
    }

    fn left(&self) -> usize {
        usize::try_from(self.size.saturating_sub(self.place)).unwrap_or(usize::MAX)
    }
}

impl Read for Window {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Window {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left();
        self.file.place = self.start.saturating_add(self.place);
        let bytes = self.file.fill_buf()?;
        if bytes.is_empty() && left > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes.get(..left).unwrap_or(bytes))
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.left());
        self.place = self.place.saturating_add(u64::try_from(amount).unwrap_or_default());
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
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
