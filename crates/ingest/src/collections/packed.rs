//! Packed streams: gzip, Zstandard, xz and bzip2, told by their first bytes.

use super::shared_file::SharedFile;
use crate::input::{is_partial, too_large};
use crate::limits::Limits;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the first bytes of a file say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A ZIP file.
    Zip,
    /// A tar file.
    Tar,
    /// One packed stream, of a tar or of a single file.
    Packed(Packing),
    /// A container that is not read here, with what can be done about it.
    Unread(&'static str),
}

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

/// Where the mark of a tar header stands, and how much of a file is looked at.
const TAR_MARK: usize = 257;
const LOOK_BYTES: u64 = 512;

/// Marks that stand at the very start of a file.
static MARKS: &[(&[u8], Format)] = &[
    (b"PK\x03\x04", Format::Zip),
    (b"PK\x05\x06", Format::Zip),
    (b"\x1F\x8B\x08", Format::Packed(Packing::Gzip)),
    (b"\x28\xB5\x2F\xFD", Format::Packed(Packing::Zstd)),
    (b"\xFD7zXZ\0", Format::Packed(Packing::Xz)),
    (b"BZh", Format::Packed(Packing::Bzip2)),
    (b"7z\xBC\xAF\x27\x1C", Format::Unread("a 7-Zip file: unpack it and add the folder")),
    (b"Rar!\x1A\x07", Format::Unread("a RAR file: unpack it and add the folder")),
    (b"vhdxfile", Format::Unread("a virtual disk: mount it read-only and add the folder")),
    (b"conectix", Format::Unread("a virtual disk: mount it read-only and add the folder")),
    (b"EVF\x09\x0D\x0A\xFF\0", Format::Unread("a disk image: mount it read-only and add the folder")),
];

/// Ends of names by which packed files go within a collection. What they are, their first bytes say.
const ENDS: [&str; 11] = ["zip", "tar", "gz", "tgz", "zst", "tzst", "xz", "txz", "bz2", "tbz2", "7z"];

impl Format {
    /// Tells what begins with `start`.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        let marked = MARKS.iter().find(|(mark, _)| start.starts_with(mark)).map(|(_, format)| *format);
        marked.or_else(|| start.get(TAR_MARK..)?.starts_with(b"ustar").then_some(Self::Tar))
    }

    /// Tells what the stream at its present place begins with.
    pub(super) fn of_stream(from: impl Read) -> io::Result<Option<Self>> {
        let mut start = Vec::new();
        match from.take(LOOK_BYTES).read_to_end(&mut start) {
            Err(error) if !is_partial(&error) => Err(error),
            _ => Ok(Self::of(&start)),
        }
    }

    /// Tells whether a file holds other files: a ZIP or a tar, packed or not.
    pub(super) fn is_archive(path: &Path) -> io::Result<bool> {
        let format = Self::of_stream(File::open(path)?)?;
        let Some(Self::Packed(packing)) = format else {
            return Ok(matches!(format, Some(Self::Zip | Self::Tar)));
        };
        let inner = packing.unpack(SharedFile::open(path)?, &Limits::default()).and_then(Self::of_stream);
        Ok(matches!(inner, Ok(Some(Self::Tar))))
    }
}

/// Tells whether a name within a collection is one of a packed file.
pub(super) fn may_be_packed(path: &str) -> bool {
    let end = path.rsplit_once('.').map_or("", |(_, end)| end);
    ENDS.iter().any(|known| end.eq_ignore_ascii_case(known))
}

/// Returns the name of what a packed file holds: `a.log` of `a.log.gz`, `a.tar` of `a.tgz`.
pub(super) fn unpacked_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((bare, end))
            if ["tgz", "tzst", "txz", "tbz2"].iter().any(|tar| end.eq_ignore_ascii_case(tar)) =>
        {
            format!("{bare}.tar")
        }
        Some((bare, _)) if may_be_packed(name) && !bare.is_empty() => bare.to_owned(),
        _ => format!("{name}!"),
    }
}

impl Packing {
    /// Opens the unpacked bytes. Several streams in a row, as loggers append them, are one.
    ///
    /// They are refused as soon as they are more than the packed bytes so far may grow to: a bomb is not unpacked up to
    /// what its whole length would allow.
    pub(super) fn unpack(self, packed: SharedFile, limits: &Limits) -> io::Result<impl Read> {
        let taken = Arc::new(AtomicU64::new(0));
        let packed = BufReader::with_capacity(1 << 16, Counted { from: packed, taken: Arc::clone(&taken) });
        let from: Box<dyn Read> = match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Zstd => Box::new(zstd::Decoder::with_buffer(packed)?),
            Self::Xz => Box::new(lzma_rust2::XzReader::new(packed, true)),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
        };
        Ok(Growing { from, taken, given: 0, limits: *limits })
    }
}

/// Packed bytes, of which it is counted how many were taken.
struct Counted {
    from: SharedFile,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        self.taken.fetch_add(length.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(length)
    }
}

/// Unpacked bytes, as long as they are not too many for the packed ones that were taken.
struct Growing {
    from: Box<dyn Read>,
    taken: Arc<AtomicU64>,
    given: u64,
    limits: Limits,
}

impl Read for Growing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        self.given = self.given.saturating_add(length.try_into().unwrap_or(u64::MAX));
        let taken = self.taken.load(Ordering::Relaxed);
        if self.given > self.limits.growth(taken) {
            return Err(too_large(format!("{taken} bytes packed are more than {} bytes", self.given)));
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_a_file_is() {
        let tar = [vec![0; TAR_MARK], b"ustar".to_vec(), vec![0; 250]].concat();
        assert_eq!(Format::of(&tar), Some(Format::Tar));
        assert_eq!(Format::of(b"PK\x03\x04..."), Some(Format::Zip));
        assert_eq!(Format::of(b"\x1F\x8B\x08"), Some(Format::Packed(Packing::Gzip)));
        assert!(matches!(Format::of(b"7z\xBC\xAF\x27\x1C"), Some(Format::Unread(_))));
        for other in [&b"#Software: x"[..], b"", b"PK", b"BZ"] {
            assert_eq!(Format::of(other), None);
        }
    }

    #[test]
    fn a_packed_log_is_named_as_it_was() {
        let cases = [
            ("W3SVC1/u_ex1.log.gz", "W3SVC1/u_ex1.log"),
            ("a.TGZ", "a.tar"),
            ("a", "a!"),
            ("b.bin", "b.bin!"),
        ];
        for (packed, bare) in cases {
            assert_eq!(unpacked_name(packed), bare);
        }
    }
}
