//! What a collection unpacks, on disk: one file without a name for all of it, each piece behind the one before.
//!
//! One file, and not one a piece: a collection may hold more packed files than a process may have open.

use super::shared_file::SharedFile;
use super::unpack::copy_some;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The file, and how much of it is taken. It is made when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Spool(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    file: Option<Arc<File>>,
    end: u64,
    kept: u64,
}

impl Spool {
    /// Unpacks `from`, of up to `most` bytes, and returns it with the error, if any, behind which nothing more came.
    pub(super) fn append(
        &self,
        from: &mut dyn Read,
        most: u64,
    ) -> io::Result<(SharedFile, Option<io::Error>)> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut piece = taken.piece()?;
        let broken = copy_some(from, &mut piece, most)?;
        taken.end = taken.end.saturating_add(piece.length);
        Ok((piece.finish(), broken))
    }

    /// Sets room for `length` bytes aside, unless more than `most` would be kept then.
    pub(super) fn set_aside(&self, length: u64, most: u64) -> io::Result<Option<Piece>> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = taken.kept.saturating_add(length);
        if kept > most {
            return Ok(None);
        }
        let piece = taken.piece()?;
        taken.kept = kept;
        taken.end = taken.end.saturating_add(length);
        Ok(Some(piece))
    }

    /// Tells whether a piece is one of those that were set aside here.
    pub(super) fn holds(&self, piece: &SharedFile) -> bool {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.file.as_ref().is_some_and(|file| piece.is_in(file))
    }

    /// Keeps nothing more: the disk is full.
    pub(super) fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kept = u64::MAX;
    }
}

impl Taken {
    fn piece(&mut self) -> io::Result<Piece> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(tempfile::tempfile()?))),
        };
        Ok(Piece { file, start: self.end, length: 0 })
    }
}

/// A piece that is being written. Pieces may be written by several threads at once.
#[derive(Debug)]
pub(super) struct Piece {
    file: Arc<File>,
    start: u64,
    length: u64,
}

impl Piece {
    /// Begins a piece in a file of its own, which is gone when nobody reads it any more.
    pub(super) fn alone() -> io::Result<Self> {
        Ok(Self { file: Arc::new(tempfile::tempfile()?), start: 0, length: 0 })
    }

    /// Returns what was written.
    pub(super) fn finish(self) -> SharedFile {
        SharedFile::of(self.file, self.start, self.length)
    }
}

impl Write for Piece {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = write_at(&self.file, bytes, self.start.saturating_add(self.length))?;
        self.length = self.length.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, place)
}

#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mut file: SharedFile) -> String {
        io::read_to_string(&mut file).unwrap()
    }

    #[test]
    fn pieces_stand_side_by_side_whoever_writes_first() {
        let spool = Spool::default();
        let (first, broken) = spool.append(&mut &b"first"[..], 5).unwrap();
        assert!(broken.is_none());
        let mut second = spool.set_aside(6, 9).unwrap().unwrap();
        let mut third = spool.set_aside(3, 9).unwrap().unwrap();
        assert!(spool.set_aside(1, 9).unwrap().is_none());
        third.write_all(b"333").unwrap();
        second.write_all(b"second").unwrap();
        let (last, _) = spool.append(&mut &b"last"[..], 5).unwrap();
        let pieces = [first, second.finish(), third.finish(), last];
        assert_eq!(pieces.map(text), ["first", "second", "333", "last"]);
    }

    #[test]
    fn what_grows_beyond_its_bound_is_refused() {
        let error = Spool::default().append(&mut &b"123456"[..], 5).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
