//! EVTX: Windows event logs as the system writes them, in chunks of 64 KiB of binary XML.
//!
//! The evtx crate walks chunks and records and renders each record as JSON; a chunk or record that it refuses
//! becomes a problem, and the walk goes on behind it.

use super::windows_event::{EventWriter, Json, read_rendered};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, Timestamp, extension, file_name};
use evtx::err::EvtxError;
use evtx::{EvtxParser, ParserSettings, SerializedEvtxRecord};
use std::io::{self, Read, Seek, SeekFrom};

const MAGIC: &[u8; 8] = b"ElfFile\0";
const HEADER_BYTES: u64 = 4_096;
const CHUNK_BYTES: u64 = 65_536;

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
        let size = input.seek(SeekFrom::End(0)).unwrap_or_default();
        if !size.saturating_sub(HEADER_BYTES).is_multiple_of(CHUNK_BYTES) {
            rows.remark(ProblemCode::Truncated, None, "the last chunk is cut off: its records were not read");
        }
        match open(&mut *input) {
            Ok(parser) => {
                if !parser.header().validate_checksum() {
                    rows.remark(
                        ProblemCode::Damaged,
                        None,
                        "the header's checksum is wrong; all chunks were read",
                    );
                }
                read_records(parser, rows);
            }
            Err(error) => {
                rows.remark(ProblemCode::Damaged, None, reasons(&error));
                read_without_header(input, rows);
            }
        }
    }
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

fn open<E: Read + Seek>(mut input: E) -> Result<EvtxParser<E>, EvtxError> {
    input
        .seek(SeekFrom::Start(0))
        .map_err(|error| EvtxError::from(evtx::err::DeserializationError::Io(error)))?;
    let settings = ParserSettings::default().indent(false);
    EvtxParser::from_read_seek(input).map(|parser| parser.with_configuration(settings))
}

/// Chunks stand at fixed places: they can be read where the file's header is overwritten.
fn read_without_header(input: &mut dyn Evidence, rows: &mut Rows<'_>) {
    if let Ok(parser) = open(Headed { input }) {
        read_records(parser, rows);
    }
}

fn read_records<E: Read + Seek>(mut parser: EvtxParser<E>, rows: &mut Rows<'_>) {
    let mut writer = EventWriter::default();
    for record in parser.records_json_bytes() {
        match record {
            Ok(record) => read_record(&record, &mut writer, rows),
            Err(error) => account_for(&error, rows),
        }
    }
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

/// A log whose first bytes are replaced by a header in good order.
struct Headed<'a> {
    input: &'a mut dyn Evidence,
}

/// Magic, version 3.1, the size of the header's block, and the flag that there is no checksum.
const HEADER: [(usize, &[u8]); 6] =
    [(0, MAGIC), (32, &[128]), (36, &[1]), (38, &[3]), (40, &[0, 16]), (120, &[4])];

fn stand_in_header() -> [u8; 128] {
    let mut header = [0; 128];
    for (place, bytes) in HEADER {
        for (slot, byte) in header.iter_mut().skip(place).zip(bytes) {
            *slot = *byte;
        }
    }
    header
}

impl Read for Headed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let place = self.input.stream_position()?;
        let read = self.input.read(buffer)?;
        let skip = usize::try_from(place).unwrap_or(usize::MAX);
        for (slot, byte) in buffer.iter_mut().take(read).zip(stand_in_header().iter().skip(skip)) {
            *slot = *byte;
        }
        Ok(read)
    }
}

impl Seek for Headed<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.input.seek(to)
    }
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

    #[test]
    fn the_header_that_stands_in_is_accepted() {
        let mut log = vec![0xff_u8; 4_096];
        log.resize(4_096 + 65_536, 0);
        let mut input = io::Cursor::new(log);
        let parser = open(Headed { input: &mut input }).unwrap();
        assert!(parser.header().validate_checksum());
        assert_eq!((parser.header().major_version, parser.header().header_block_size), (3, 4_096));
    }
}
