//! What a collection unpacks, on disk: one file without a name for all of it, each piece behind the one before.
//!
//! One file, and not one a piece: a collection may hold more packed files than a process may have open.

use super::shared_file::SharedFile;
use super::unpack::copy_some;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The file, and how much of it is taken. It is made when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Spool {
    taken: Mutex<Taken>,
    /// What this spool and those that share its bound keep.
    kept: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Taken {
    file: Option<Arc<File>>,
    end: u64,
    /// What of `kept` is this spool's.
    own: u64,
    is_full: bool,
}

/// What became of a stream that was to be kept.
#[derive(Debug)]
pub(super) enum Stored {
    /// It is kept.
    Kept(SharedFile),
    /// It would be more than may be kept; it is so many bytes long.
    Counted(u64),
}

impl Spool {
    /// Returns another spool, of which the bytes count against the same bound.
    pub(super) fn sharing_bound(&self) -> Self {
        Self { taken: Mutex::default(), kept: Arc::clone(&self.kept) }
    }

    /// Unpacks `from`, of up to `most` bytes, and returns it with the error, if any, behind which nothing more came.
    pub(super) fn append(
        &self,
        from: &mut dyn Read,
        most: u64,
    ) -> io::Result<(SharedFile, Option<io::Error>)> {
        let mut taken = self.taken();
        let mut piece = taken.piece()?;
        let (_, broken) = copy_some(from, &mut piece, most)?;
        self.keep(&mut taken, piece.length);
        Ok((piece.finish(), broken))
    }

    /// Unpacks `from`, of up to `most` bytes, unless more than `most_kept` would be kept then: it is counted instead.
    ///
    /// With it comes the error, if any, behind which nothing more came. A full disk is an error of its own.
    pub(super) fn append_or_count(
        &self,
        from: &mut dyn Read,
        most: u64,
        most_kept: u64,
    ) -> io::Result<(Stored, Option<io::Error>)> {
        let mut taken = self.taken();
        let room =
            if taken.is_full { 0 } else { most_kept.saturating_sub(self.kept.load(Ordering::Relaxed)) };
        let mut piece = taken.piece()?;
        if let (length, Some(broken)) = copy_some(&mut from.take(room), &mut piece, most)? {
            self.keep(&mut taken, length);
            return Ok((Stored::Kept(piece.finish()), Some(broken)));
        }
        let (more, broken) = copy_some(from, &mut io::sink(), most.saturating_sub(piece.length))?;
        if more > 0 {
            return Ok((Stored::Counted(piece.length.saturating_add(more)), broken));
        }
        self.keep(&mut taken, piece.length);
        Ok((Stored::Kept(piece.finish()), broken))
    }

    /// Sets room for `length` bytes aside, unless more than `most` would be kept then.
    pub(super) fn set_aside(&self, length: u64, most: u64) -> io::Result<Option<Piece>> {
        let mut taken = self.taken();
        let kept = self.kept.load(Ordering::Relaxed).saturating_add(length);
        if taken.is_full || kept > most {
            return Ok(None);
        }
        let piece = taken.piece()?;
        self.keep(&mut taken, length);
        Ok(Some(piece))
    }

    /// Tells whether a piece is one of those that were set aside here.
    pub(super) fn holds(&self, piece: &SharedFile) -> bool {
        self.taken().file.as_ref().is_some_and(|file| piece.is_in(file))
    }

    /// Keeps nothing more: the disk is full.
    pub(super) fn close(&self) {
        self.taken().is_full = true;
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, taken: &mut Taken, length: u64) {
        taken.end = taken.end.saturating_add(length);
        taken.own = taken.own.saturating_add(length);
        self.kept.fetch_add(length, Ordering::Relaxed);
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let own = self.taken().own;
        self.kept.fetch_sub(own, Ordering::Relaxed);
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
        let mut second = spool.set_aside(6, 14).unwrap().unwrap();
        let mut third = spool.set_aside(3, 14).unwrap().unwrap();
        assert!(spool.set_aside(1, 14).unwrap().is_none());
        third.write_all(b"333").unwrap();
        second.write_all(b"second").unwrap();
        let (last, _) = spool.append(&mut &b"last"[..], 5).unwrap();
        let pieces = [first, second.finish(), third.finish(), last];
        assert_eq!(pieces.map(text), ["first", "second", "333", "last"]);
    }

    #[test]
    fn what_is_more_than_may_be_kept_is_counted() {
        let spool = Spool::default();
        let kept =
            |spool: &Spool, text: &str| match spool.append_or_count(&mut text.as_bytes(), 100, 8).unwrap() {
                (Stored::Kept(file), None) => Ok(self::text(file)),
                (Stored::Counted(length), None) => Err(length),
                (_, Some(error)) => panic!("{error}"),
            };
        assert_eq!(kept(&spool, "12345"), Ok("12345".to_owned()));
        assert_eq!(kept(&spool, "6789"), Err(4), "the fourth byte is the ninth");
        let other = spool.sharing_bound();
        assert_eq!(kept(&other, "678"), Ok("678".to_owned()), "exactly as much as may be kept");
        assert_eq!(kept(&spool, "9"), Err(1));
        drop(other);
        assert_eq!(kept(&spool, "678"), Ok("678".to_owned()), "what the other kept is free again");
    }

    #[test]
    fn what_grows_beyond_its_bound_is_refused() {
        let error = Spool::default().append(&mut &b"123456"[..], 5).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
