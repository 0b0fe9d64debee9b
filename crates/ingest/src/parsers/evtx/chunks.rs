//! The walk over the chunks of a log.
//!
//! A full log goes on over its oldest chunk, so the walk begins where the oldest records are, and goes on from the start
//! of the file behind its end: the order of the evtx crate, and of Windows.

use super::super::ntfs::read_full;
use crate::input::Evidence;
use evtx::err::{ChunkError, EvtxError};
use evtx::{EvtxChunkData, EvtxChunkHeader};
use std::io::SeekFrom;

pub(super) const HEADER_BYTES: u64 = 4_096;
pub(super) const CHUNK_BYTES: u64 = 65_536;
const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;

/// A log is allotted in advance: most of a new one is this.
static BLANK: [u8; CHUNK] = [0; CHUNK];

/// The chunks that hold something, in the order of their records, and what cannot be a chunk.
pub(super) struct Chunks<'i> {
    input: &'i mut dyn Evidence,
    /// Chunks that there are by the size of the log. What is no chunk beyond them is its end.
    count: u64,
    /// The chunk with the oldest records.
    oldest: u64,
    next: u64,
    /// Whether the walk went on from the start of the file.
    is_wrapped: bool,
    /// Where the input stands, where that is known.
    at: Option<u64>,
    buffer: Vec<u8>,
}

/// The error for a chunk that cannot be read.
pub(super) fn refused(number: u64, error: ChunkError) -> EvtxError {
    EvtxError::FailedToParseChunk { chunk_id: number, source: Box::new(error) }
}

impl<'i> Chunks<'i> {
    /// Walks the `count` chunks of a log.
    pub(super) fn in_order_of_records(input: &'i mut dyn Evidence, count: u64) -> Self {
        let oldest = oldest(input, count);
        Self { input, count, oldest, next: oldest, is_wrapped: false, at: None, buffer: vec![0; CHUNK] }
    }

    /// Reads one chunk; none where it is blank.
    fn read(&mut self, number: u64) -> Result<Option<EvtxChunkData>, ChunkError> {
        let place = place(number);
        if self.at.take() != Some(place) {
            self.input.seek(SeekFrom::Start(place)).map_err(ChunkError::FailedToSeekToChunk)?;
        }
        match read_full(self.input, &mut self.buffer) {
            (CHUNK, None) => self.at = Some(place.saturating_add(CHUNK_BYTES)),
            _ => return Err(ChunkError::IncompleteChunk),
        }
        if self.buffer == BLANK {
            return Ok(None);
        }
        let mut chunk = EvtxChunkData::new(std::mem::replace(&mut self.buffer, vec![0; CHUNK]), false)?;
        chunk.number = Some(number);
        Ok(Some(chunk))
    }
}

impl Iterator for Chunks<'_> {
    type Item = Result<EvtxChunkData, EvtxError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.is_wrapped && self.next >= self.oldest {
                return None;
            }
            let number = self.next;
            self.next = number.saturating_add(1);
            match self.read(number) {
                Ok(Some(chunk)) => return Some(Ok(chunk)),
                Ok(None) => {}
                Err(error) if number < self.count => return Some(Err(refused(number, error))),
                Err(_) if self.is_wrapped => self.next = self.oldest,
                Err(_) => (self.is_wrapped, self.next) = (true, 0),
            }
        }
    }
}

fn place(number: u64) -> u64 {
    number.saturating_mul(CHUNK_BYTES).saturating_add(HEADER_BYTES)
}

/// Finds the chunk whose header names the lowest record. One that names them in reverse says nothing.
fn oldest(input: &mut dyn Evidence, count: u64) -> u64 {
    let mut oldest = (u64::MAX, 0);
    let mut header = [0; CHUNK_HEADER];
    for number in 0..count {
        if input.seek(SeekFrom::Start(place(number))).is_err() || input.read_exact(&mut header).is_err() {
            break;
        }
        let Ok(header) = EvtxChunkHeader::from_bytes(&header) else { continue };
        let is_in_order = header.first_event_record_id <= header.last_event_record_id;
        if is_in_order && header.first_event_record_id < oldest.0 {
            oldest = (header.first_event_record_id, number);
        }
    }
    oldest.1
}
