//! Writes event logs of Windows: a header, then chunks of binary XML, as plainly as Windows would read them.

use flate2::Crc;

/// An element: its name, its attributes, and what is in it.
pub(crate) struct Element {
    pub(crate) name: &'static str,
    pub(crate) attributes: Vec<(&'static str, String)>,
    pub(crate) below: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn of(name: &'static str, below: Vec<Element>) -> Self {
        Self { name, attributes: Vec::new(), below, text: String::new() }
    }

    pub(crate) fn text(name: &'static str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::of(name, Vec::new()) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }
}

/// A record: its number, and its event.
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) event: Element,
}

const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;

/// Writes a log with so many records in each chunk.
pub(crate) fn log(records: &[Record], in_a_chunk: usize) -> Vec<u8> {
    let chunks: Vec<Vec<u8>> = records.chunks(in_a_chunk).map(chunk).collect();
    let count = u16::try_from(chunks.len()).unwrap();
    let mut head = vec![0; 4_096];
    head[..8].copy_from_slice(b"ElfFile\0");
    put(&mut head, 16, &u64::from(count.saturating_sub(1)).to_le_bytes());
    let next = records.iter().map(|record| record.number).max().unwrap_or_default().wrapping_add(1);
    put(&mut head, 24, &next.to_le_bytes());
    put(&mut head, 32, &128_u32.to_le_bytes());
    put(&mut head, 36, &[1, 0, 3, 0]);
    put(&mut head, 40, &4_096_u16.to_le_bytes());
    put(&mut head, 42, &count.to_le_bytes());
    let sum = crc32(&[&head[..120]]);
    put(&mut head, 124, &sum.to_le_bytes());
    chunks.into_iter().fold(head, |mut log, chunk| {
        log.extend(chunk);
        log
    })
}

fn chunk(records: &[Record]) -> Vec<u8> {
    let mut chunk = vec![0; CHUNK_HEADER];
    let mut last_at = 0;
    for record in records {
        last_at = chunk.len();
        write_record(record, &mut chunk);
    }
    assert!(chunk.len() <= CHUNK, "the records are too many for a chunk");
    let numbers = || records.iter().map(|record| record.number);
    let (first, last) = (numbers().min().unwrap(), numbers().max().unwrap());
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    for (place, number) in [(8, first), (16, last), (24, first), (32, last)] {
        put(&mut chunk, place, &number.to_le_bytes());
    }
    let free = chunk.len();
    for (place, number) in [(40, 128), (44, last_at), (48, free)] {
        put(&mut chunk, place, &u32::try_from(number).unwrap().to_le_bytes());
    }
    let sum = crc32(&[&chunk[CHUNK_HEADER..]]);
    put(&mut chunk, 52, &sum.to_le_bytes());
    let sum = crc32(&[&chunk[..120], &chunk[128..CHUNK_HEADER]]);
    put(&mut chunk, 124, &sum.to_le_bytes());
    chunk.resize(CHUNK, 0);
    chunk
}

fn write_record(record: &Record, chunk: &mut Vec<u8>) {
    let start = chunk.len();
    chunk.extend([0x2A, 0x2A, 0, 0, 0, 0, 0, 0]);
    chunk.extend(record.number.to_le_bytes());
    // When it was written; the event says when it was.
    chunk.extend(132_591_000_000_000_000_u64.to_le_bytes());
    chunk.extend([0x0F, 1, 1, 0]);
    write_element(&record.event, chunk);
    chunk.push(0);
    let size = u32::try_from(chunk.len() - start + 4).unwrap().to_le_bytes();
    chunk.extend(size);
    put(chunk, start + 4, &size);
}

fn write_element(element: &Element, chunk: &mut Vec<u8>) {
    let has_attributes = !element.attributes.is_empty();
    chunk.push(if has_attributes { 0x41 } else { 0x01 });
    let size_at = write_room(chunk);
    write_name(element.name, chunk);
    if has_attributes {
        let size_at = write_room(chunk);
        for (place, (name, value)) in element.attributes.iter().enumerate() {
            let is_last = place + 1 == element.attributes.len();
            chunk.push(if is_last { 0x06 } else { 0x46 });
            write_name(name, chunk);
            write_text(value, chunk);
        }
        write_size(chunk, size_at);
    }
    if element.below.is_empty() && element.text.is_empty() {
        chunk.push(0x03);
    } else {
        chunk.push(0x02);
        if !element.text.is_empty() {
            write_text(&element.text, chunk);
        }
        for below in &element.below {
            write_element(below, chunk);
        }
        chunk.push(0x04);
    }
    write_size(chunk, size_at);
}

/// Leaves room for the size of what comes behind, and returns where it is.
fn write_room(chunk: &mut Vec<u8>) -> usize {
    chunk.extend([0; 4]);
    chunk.len() - 4
}

fn write_size(chunk: &mut [u8], at: usize) {
    let size = u32::try_from(chunk.len() - at - 4).unwrap();
    put(chunk, at, &size.to_le_bytes());
}

/// Writes a name where it is used: its place in the chunk, then the name itself.
fn write_name(name: &str, chunk: &mut Vec<u8>) {
    let place = u32::try_from(chunk.len() + 4).unwrap();
    chunk.extend(place.to_le_bytes());
    chunk.extend([0; 6]);
    write_letters(name, chunk);
    chunk.extend([0; 2]);
}

fn write_text(text: &str, chunk: &mut Vec<u8>) {
    chunk.extend([0x05, 0x01]);
    write_letters(text, chunk);
}

/// Writes how many UTF-16 units a text has, and the units.
fn write_letters(text: &str, chunk: &mut Vec<u8>) {
    let units: Vec<u16> = text.encode_utf16().collect();
    chunk.extend(u16::try_from(units.len()).unwrap().to_le_bytes());
    chunk.extend(units.into_iter().flat_map(u16::to_le_bytes));
}

fn put(bytes: &mut [u8], place: usize, value: &[u8]) {
    bytes[place..place + value.len()].copy_from_slice(value);
}

fn crc32(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc::new();
    for part in parts {
        crc.update(part);
    }
    crc.sum()
}
