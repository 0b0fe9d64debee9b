//! EVTX: Windows event logs as the system writes them, in chunks of 64 KiB of binary XML.
//!
//! [`chunks`] walks the chunks; a few of them are a piece, and helpers may read the pieces. The evtx crate reads the
//! records of a chunk and renders each as JSON; a chunk or record that it refuses becomes a problem, and the walk goes
//! on behind it.

mod chunks;

use super::windows_event::{EventWriter, Json, read_rendered};
use super::{Fit, Grain, Parser};
use crate::aid::Aid;
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use crate::pieces::{Helpers, in_order};
use afterpatch_model::{
    Artifact, Piece, ProblemCode, Question, Rows, RowsContext, Timestamp, extension, file_name,
};
use chunks::{CHUNK_BYTES, Chunks, HEADER_BYTES};
use evtx::err::EvtxError;
use evtx::{EvtxChunkData, EvtxParser, EvtxRecord, ParserSettings, SerializedEvtxRecord};
use std::io::SeekFrom;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"ElfFile\0";

/// Chunks in one piece: enough rows for a batch worth handing on, and not much memory for each thread.
const PIECE_CHUNKS: usize = 16;

/// Reads EVTX files.
pub(crate) struct Evtx;

static GUIDE: Guide = Guide {
    what: "Windows event logs in EVTX",
    locations: &[Location::new(Root::Windows, r"System32\winevt\Logs\*.evtx")],
    serves: &[
        (Question::BrokenInto, "processes of the web server, cmdlets, errors of the control panel"),
        (Question::StillInside, "new services, tasks and accounts"),
        (Question::WhatLeft, "mailbox exports, in MSExchange Management"),
    ],
    quirks: &[
        "The fields of MSExchange Management events have no names: they go by position.",
        "`%4` in a file's name stands for the slash of its channel.",
        "A chunk may be damaged or overwritten; the others are read.",
    ],
};

impl Parser for Evtx {
    fn name(&self) -> &'static str {
        "evtx"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn scope(&self, artifact: &Artifact) -> String {
        channel_of(file_name(&artifact.path))
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        if head.starts_with(MAGIC) {
            Fit::Sure
        } else if extension(path) == "evtx" {
            Fit::Maybe
        } else {
            Fit::No
        }
    }

    fn parse(&self, _: &Artifact, input: &mut dyn Evidence, _: &Limits, rows: &mut Rows<'_>) {
        read_log(None, input, rows);
    }

    fn parse_with(
        &self,
        aid: Aid<'_>,
        _: &Artifact,
        input: &mut dyn Evidence,
        _: &Limits,
        rows: &mut Rows<'_>,
    ) {
        read_log(aid.helpers, input, rows);
    }
}

fn read_log(helpers: Option<&Helpers<'_>>, input: &mut dyn Evidence, rows: &mut Rows<'_>) {
    let size = input.seek(SeekFrom::End(0)).unwrap_or_default();
    if !size.saturating_sub(HEADER_BYTES).is_multiple_of(CHUNK_BYTES) {
        rows.remark(ProblemCode::Truncated, None, "the last chunk is cut off: its records were not read");
    }
    let behind_header = size.saturating_sub(look_at_header(input, rows));
    let chunks = Chunks::in_order_of_records(input, behind_header / CHUNK_BYTES);
    read_chunks(helpers, chunks, rows);
}

/// Says what is wrong with the header, and returns its size. Chunks stand at fixed places: they can be read where the
/// header is overwritten.
fn look_at_header(input: &mut dyn Evidence, rows: &mut Rows<'_>) -> u64 {
    let parser =
        match input.rewind().map_err(EvtxError::from).and_then(|()| EvtxParser::from_read_seek(input)) {
            Ok(parser) => parser,
            Err(error) => {
                rows.remark(ProblemCode::Damaged, None, reasons(&error));
                return HEADER_BYTES;
            }
        };
    if !parser.header().validate_checksum() {
        rows.remark(ProblemCode::Damaged, None, "the header's checksum is wrong; all chunks were read");
    }
    parser.header().header_block_size.into()
}

/// Derives the channel from a log's file name: `Microsoft-Windows-Sysmon%4Operational.evtx`, or
/// `Archive-Security-2021-03-05-12-00-00-123.evtx` for a log that was full.
fn channel_of(file: &str) -> String {
    let file = file.to_lowercase();
    let stem = file.strip_suffix(".evtx").unwrap_or(&file);
    let channel = match stem.strip_prefix("archive-") {
        Some(dated) => dated.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-'),
        None => stem,
    };
    channel.replace("%4", "/")
}

/// What the walk gives for one chunk.
type Chunk = Result<EvtxChunkData, EvtxError>;

fn read_chunks(helpers: Option<&Helpers<'_>>, mut chunks: Chunks<'_>, rows: &mut Rows<'_>) {
    let settings = Arc::new(ParserSettings::default().indent(false));
    let context = rows.context().clone();
    let mut whole = EventWriter::default();
    let pieces = std::iter::from_fn(|| {
        let piece: Vec<Chunk> = chunks.by_ref().take(PIECE_CHUNKS).collect();
        (!piece.is_empty()).then_some(piece)
    });
    let read = |piece| read_piece(piece, &settings, &context);
    in_order(helpers, pieces, read, |(piece, writer)| {
        rows.join(piece);
        whole.join(writer);
    });
    whole.finish(rows);
}

fn read_piece(
    chunks: Vec<Chunk>,
    settings: &Arc<ParserSettings>,
    context: &RowsContext<'_>,
) -> (Piece, EventWriter) {
    let mut writer = EventWriter::default();
    let piece = Rows::apart(context, |rows| {
        for chunk in chunks {
            let read = chunk.and_then(|mut chunk| read_chunk(&mut chunk, settings, &mut writer, rows));
            if let Err(error) = read {
                account_for(&error, rows);
            }
        }
    });
    (piece, writer)
}

fn read_chunk(
    data: &mut EvtxChunkData,
    settings: &Arc<ParserSettings>,
    writer: &mut EventWriter,
    rows: &mut Rows<'_>,
) -> Result<(), EvtxError> {
    let number = data.number.unwrap_or_default();
    let mut chunk = data.parse(Arc::clone(settings)).map_err(|error| chunks::refused(number, error))?;
    for record in chunk.iter() {
        match record.and_then(EvtxRecord::into_json_bytes) {
            Ok(record) => read_record(&record, writer, rows),
            Err(error) => account_for(&error, rows),
        }
    }
    Ok(())
}

fn read_record(record: &SerializedEvtxRecord<Vec<u8>>, writer: &mut EventWriter, rows: &mut Rows<'_>) {
    let mended;
    let mut json = Json::read_bytes(&record.data);
    if json.is_err() {
        mended = escaped(&record.data);
        json = Json::read_bytes(&mended);
    }
    let mut event = match json.map(read_rendered) {
        Ok(Some(event)) => event,
        Ok(None) => {
            return rows.lost(ProblemCode::BadEventRecord, record.event_record_id, "no event in it");
        }
        Err(error) => {
            let detail = format!("its names are damaged: {error}");
            return rows.lost(ProblemCode::BadEventRecord, record.event_record_id, detail);
        }
    };
    event.record = record.event_record_id;
    if event.time.is_none() {
        let written = i64::try_from(record.timestamp.as_nanosecond());
        event.time = written.ok().map(Timestamp::from_nanos);
    }
    writer.write(&mut event, rows);
}

/// Escapes control characters. The evtx crate escapes values but not the names of elements: one damaged byte
/// in a template would cost every record that is made with it.
fn escaped(json: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(json.len().saturating_add(16));
    for &byte in json {
        if byte < b' ' {
            mended.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            mended.push(byte);
        }
    }
    mended
}

/// A damaged record is one record lost. How many a damaged chunk held, nobody knows.
fn account_for(error: &EvtxError, rows: &mut Rows<'_>) {
    let detail = reasons(error);
    match error {
        EvtxError::FailedToParseRecord { record_id, .. } => {
            rows.lost(ProblemCode::BadEventRecord, *record_id, detail);
        }
        EvtxError::FailedToReadRecordAt { chunk, offset, .. } => {
            rows.lost(ProblemCode::BadEventRecord, place_in_file(chunk.unwrap_or_default(), *offset), detail);
        }
        EvtxError::FailedToParseChunk { chunk_id, .. } => {
            rows.remark(ProblemCode::BadEventChunk, Some(*chunk_id), detail);
        }
        _ => rows.lost(ProblemCode::BadEventRecord, 0, detail),
    }
}

fn place_in_file(chunk: u64, offset: u64) -> u64 {
    chunk.saturating_mul(CHUNK_BYTES).saturating_add(HEADER_BYTES).saturating_add(offset)
}

/// Tells an error with its causes; the outer one alone says only that something failed.
fn reasons(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_give_the_channel() {
        for (file, channel) in [
            ("Microsoft-Windows-Sysmon%4Operational.evtx", "microsoft-windows-sysmon/operational"),
            ("Archive-Security-2021-03-05-12-00-00-123.evtx", "security"),
            ("MSExchange Management.evtx", "msexchange management"),
            ("Windows-2.evtx", "windows-2"),
            ("", ""),
        ] {
            assert_eq!(channel_of(file), channel);
        }
    }

    #[test]
    fn content_is_surer_than_a_name() {
        assert_eq!(Evtx.fits("x.bin", b"ElfFile\0\0\0"), Fit::Sure);
        assert_eq!(Evtx.fits(r"C:\Logs\Security.evtx", b"\0\0\0\0"), Fit::Maybe);
        assert_eq!(Evtx.fits("x.bin", b"ElfChnk\0"), Fit::No);
    }
}
