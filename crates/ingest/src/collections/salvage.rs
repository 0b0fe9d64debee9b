//! Entries of a ZIP file found by their local headers, without the central directory.

use super::budget::Budget;
use super::shared_file::SharedFile;
use super::stretch::{DEFLATED, Stretch};
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// An entry as its local header tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Salvaged {
    /// Where its header stands.
    pub(super) header: u64,
    /// Its name, as stored.
    pub(super) name: String,
    /// Its size, where the header says so.
    pub(super) size_bytes: Option<u64>,
    /// The length of its packed bytes, as far as they are there.
    pub(super) packed_bytes: u64,
    /// Whether it needs a password.
    pub(super) is_encrypted: bool,
    /// Whether the file ends before it does.
    pub(super) is_cut: bool,
    start: u64,
    method: u16,
}

const HEADER: [u8; 4] = *b"PK\x03\x04";
const HEADER_LENGTH: u64 = 30;

impl Salvaged {
    /// Opens the entry's unpacked bytes.
    pub(super) fn open(&self, file: &SharedFile) -> io::Result<Box<dyn Read>> {
        let Self { start, packed_bytes, method, .. } = *self;
        Stretch { start, packed_bytes, method, crc32: None }.open(file)
    }
}

/// Walks the local headers from the start of the file to its end, or to the first that makes no sense.
pub(super) fn entries(file: &SharedFile, budget: &mut Budget<'_>) -> Vec<Salvaged> {
    let mut file = file.clone();
    let mut found = Vec::new();
    let mut place = 0;
    while found.len() < budget.entries() {
        let Ok(Some((entry, next))) = entry_at(&mut file, place, budget) else {
            break;
        };
        // Folders are entries too; nothing is in them.
        if !entry.name.ends_with('/') {
            found.push(entry);
        }
        let Some(next) = next else {
            break;
        };
        place = next;
    }
    found
}

/// Reads the entry whose header stands at `place`, and where the next header is to be looked for.
fn entry_at(
    file: &mut SharedFile,
    place: u64,
    budget: &mut Budget<'_>,
) -> io::Result<Option<(Salvaged, Option<u64>)>> {
    file.seek(SeekFrom::Start(place))?;
    let mut header = [0; 30];
    file.read_exact(&mut header)?;
    if header.first_chunk() != Some(&HEADER) {
        return Ok(None);
    }
    let number = |at: usize| u16::from_le_bytes(bytes(&header, at));
    let flags = number(6);
    let mut name = vec![0; usize::from(number(26))];
    file.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(number(28))];
    file.read_exact(&mut extra)?;
    let start = place
        .saturating_add(HEADER_LENGTH)
        .saturating_add(u64::from(number(26)))
        .saturating_add(u64::from(number(28)));
    let has_descriptor = flags & 8 != 0;
    let mut entry = Salvaged {
        header: place,
        name: String::from_utf8_lossy(&name).into_owned(),
        size_bytes: None,
        packed_bytes: 0,
        is_encrypted: flags & 1 != 0,
        is_cut: false,
        start,
        method: number(8),
    };
    let (size, packed) = sizes(&header, &extra);
    let next = if has_descriptor && packed == 0 {
        measure(file, &mut entry, budget)?
    } else {
        entry.size_bytes = Some(size);
        let end = start.saturating_add(packed);
        entry.is_cut = end > file.seek(SeekFrom::End(0))?;
        entry.packed_bytes = packed;
        (!entry.is_cut).then_some(end)
    };
    let next = match next {
        Some(end) if has_descriptor => after_descriptor(file, end)?,
        other => other,
    };
    Ok(Some((entry, next)))
}

fn bytes<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    let part = from.get(at..).and_then(|part| part.first_chunk::<N>());
    part.copied().unwrap_or([0; N])
}

/// Returns an entry's size and packed size; those of large entries stand in the extra field.
fn sizes(header: &[u8], extra: &[u8]) -> (u64, u64) {
    let packed = u32::from_le_bytes(bytes(header, 18));
    let size = u32::from_le_bytes(bytes(header, 22));
    let mut rest = extra;
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let kind = u16::from_le_bytes(bytes(head, 0));
        let length = usize::from(u16::from_le_bytes(bytes(head, 2)));
        if kind == 1 && (size == u32::MAX || packed == u32::MAX) {
            return (u64::from_le_bytes(bytes(after, 0)), u64::from_le_bytes(bytes(after, 8)));
        }
        rest = after.get(length..).unwrap_or_default();
    }
    (u64::from(size), u64::from(packed))
}

/// Finds the end of an entry whose header does not know it, and returns it; nothing where it is cut.
fn measure(file: &mut SharedFile, entry: &mut Salvaged, budget: &mut Budget<'_>) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(entry.start))?;
    let length = if entry.method == DEFLATED && !entry.is_encrypted {
        let measured = inflated_length(file, budget);
        entry.size_bytes = measured.map(|(_, size)| size);
        measured.map(|(packed, _)| packed)
    } else {
        length_to_signature(file)?
    };
    let Some(length) = length else {
        entry.is_cut = true;
        entry.packed_bytes = file.seek(SeekFrom::End(0))?.saturating_sub(entry.start);
        return Ok(None);
    };
    entry.packed_bytes = length;
    Ok(Some(entry.start.saturating_add(length)))
}

/// Returns the length of deflated bytes, which know their own end, and of what they unpack to.
fn inflated_length(file: &mut SharedFile, budget: &mut Budget<'_>) -> Option<(u64, u64)> {
    let most = budget.room(file.length()).ok()?;
    let mut decoder = DeflateDecoder::new(BufReader::new(file));
    let copied = io::copy(&mut (&mut decoder).take(most), &mut io::sink());
    // Measuring is unpacking, and is paid for as such, so that a row of entries cannot be measured for ever.
    budget.take_bytes(decoder.total_out());
    (copied.ok()? < most).then(|| (decoder.total_in(), decoder.total_out()))
}

/// Returns how many bytes stand before the signature of a descriptor or of the next header.
fn length_to_signature(file: &mut SharedFile) -> io::Result<Option<u64>> {
    let mut reader = BufReader::new(file);
    let mut length = 0_u64;
    let mut last = [0_u8; 4];
    loop {
        let chunk = reader.fill_buf()?;
        let taken = chunk.len();
        if taken == 0 {
            return Ok(None);
        }
        for byte in chunk {
            last.rotate_left(1);
            last[3] = *byte;
            length = length.saturating_add(1);
            if matches!(&last, b"PK\x07\x08" | b"PK\x03\x04" | b"PK\x01\x02") {
                return Ok(Some(length.saturating_sub(4)));
            }
        }
        reader.consume(taken);
    }
}

/// Returns where the next header stands behind a descriptor, which has one of four lengths.
fn after_descriptor(file: &mut SharedFile, end: u64) -> io::Result<Option<u64>> {
    for length in [0, 12, 16, 20, 24] {
        let place = end.saturating_add(length);
        file.seek(SeekFrom::Start(place))?;
        let mut start = [0; 4];
        if file.read_exact(&mut start).is_ok() && matches!(&start, b"PK\x03\x04" | b"PK\x01\x02") {
            return Ok(Some(place));
        }
    }
    Ok(None)
}
