//! The change journal of an NTFS volume.

use crate::ntfs::{Change, filetime, journal, ranges, reference, shown, utf16};
use crate::support::{Reading, artifact, pick, read_bytes};
use afterpatch_ingest::{Known, Limits, choose_parser, read_artifact};
use afterpatch_model::ProblemCode;
use proptest::prelude::*;
use serde_json::Value;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

const JOURNAL: &str = r"C:\$Extend\$UsnJrnl:$J";

const CREATE: u32 = 0x100;
const EXTEND: u32 = 0x2;
const CLOSE: u32 = 0x8000_0000;

fn change(seconds: u64, reasons: u32, name: &str) -> Change {
    Change {
        file: reference(4_711, 3),
        parent: reference(40, 2),
        time: filetime(seconds),
        reasons,
        attributes: 0x20,
        name: utf16(name),
        ..Change::default()
    }
}

fn seen(reading: &Reading) -> Vec<[&str; 2]> {
    let rows = reading.rows("file_events").iter();
    rows.map(|row| ["action", "path"].map(|column| row.get(column).map_or("", String::as_str))).collect()
}

#[test]
fn each_record_is_a_fact_and_its_action_is_what_is_new() {
    let changes = [
        change(0, CREATE, "a.aspx"),
        change(1, CREATE | EXTEND, "a.aspx"),
        change(2, CREATE | EXTEND | CLOSE, "a.aspx"),
        change(3, 0x1000, "a.aspx"),
        change(4, 0x2000, "b.aspx"),
        change(5, 0x2000 | CLOSE, "b.aspx"),
        change(6, 0x8000, "b.aspx"),
        change(7, 0x200 | CLOSE, "b.aspx"),
    ];
    let reading = read_bytes(JOURNAL, &journal(&changes));
    assert_eq!((reading.read.parser, reading.counts()), (Some("usn-journal"), (8, 8, 0)));
    let expected = [
        ["create", "a.aspx"],
        ["write", "a.aspx"],
        ["close", "a.aspx"],
        ["rename", "a.aspx"],
        ["rename", "b.aspx"],
        ["close", "b.aspx"],
        ["change", "b.aspx"],
        ["delete", "b.aspx"],
    ];
    assert_eq!(seen(&reading), expected);
    let row = &reading.rows("file_events")[1];
    assert_eq!(pick(row, &["time", "record"]), [shown(filetime(1)).as_str(), "72"]);
    let rest: Value = serde_json::from_str(&row["rest"]).unwrap();
    let expected = serde_json::json!({
        "usn": 72, "reasons": ["DATA_EXTEND", "FILE_CREATE"], "file": "4711-3", "parent": "40-2",
        "attributes": "archive",
    });
    assert_eq!(rest, expected);
}

#[test]
fn records_of_version_3_are_read_and_those_of_version_4_are_counted() {
    let of_3 = Change { is_version_3: true, ..change(0, CREATE, "a.aspx") };
    let mut bytes = journal(&[of_3]);
    bytes.extend(ranges(2));
    bytes.extend(ranges(1));
    bytes.extend(change(1, EXTEND, "b.aspx").write());
    let reading = read_bytes(JOURNAL, &bytes);
    assert_eq!(reading.counts(), (2, 2, 0));
    assert_eq!(reading.codes(), [ProblemCode::OtherRecordKind]);
    assert!(reading.read.problems[0].detail.starts_with("2 records"));
    assert!(reading.rows("file_events")[0]["rest"].contains(r#""file":"4711-3""#));
}

#[test]
fn a_journal_goes_on_behind_damage() {
    let changes: Vec<Change> = (0..200).map(|n| change(n, CREATE | CLOSE, &format!("{n:03}.aspx"))).collect();
    let whole = journal(&changes);
    let length = changes[0].write().len();
    for (from, until, left) in
        [(0, 8, 199), (3 * length, 3 * length + 20, 199), (length, 5 * length - 8, 196)]
    {
        let mut bytes = whole.clone();
        bytes[from..until].fill(0xa5);
        let reading = read_bytes(JOURNAL, &bytes);
        assert_eq!(reading.counts(), (left + 1, left, 1), "{from}..{until}");
        assert_eq!(reading.codes(), [ProblemCode::BadFileRecord]);
        assert_eq!(reading.read.problems[0].record, Some(from as u64 / length as u64 * length as u64));
    }
    let cut = read_bytes(JOURNAL, &whole[..whole.len() - 3]);
    assert_eq!(cut.counts(), (200, 199, 1), "the last is cut");
}

#[test]
fn damage_in_two_places_is_told_twice() {
    let mut bytes = change(0, CREATE, "a").write();
    for _ in 0..2 {
        bytes.extend([7; 40]);
        bytes.resize(bytes.len() + (64 << 10), 0);
    }
    let reading = read_bytes(JOURNAL, &bytes);
    assert_eq!(reading.counts(), (3, 1, 2));
    assert!(reading.read.problems.iter().all(|problem| problem.detail.starts_with("40 bytes")));
}

#[test]
fn times_that_are_none_leave_the_record() {
    let bad = Change { time: u64::MAX, ..change(0, CREATE, "a.aspx") };
    let reading = read_bytes(JOURNAL, &journal(&[bad]));
    assert_eq!((reading.counts(), reading.codes()), ((1, 1, 0), vec![ProblemCode::BadTime]));
    assert_eq!(reading.rows("file_events")[0].get("time"), None);
}

#[test]
fn the_journal_is_known_by_its_content_or_by_its_name() {
    let chosen = |path: &str, head: &[u8]| choose_parser(path, head).map(afterpatch_ingest::Parser::name);
    let record = change(0, CREATE, "a.aspx").write();
    let zeros = [0; 4_096];
    let behind_zeros = [&zeros[..1_000], &record].concat();
    let behind_damage = [&[0xa5; 1_000], record.as_slice()].concat();
    let journal = Some("usn-journal");
    assert_eq!(chosen("journal.bin", &record), journal);
    assert_eq!(chosen("journal.bin", &behind_zeros), journal);
    assert_eq!(chosen(JOURNAL, &behind_damage), journal);
    assert_eq!(chosen("journal.bin", &behind_damage), None);
    for name in ["$J", "C/$Extend/$UsnJrnl_$J", r"C:\$Extend\$UsnJrnl%3A$J"] {
        assert_eq!(chosen(name, &zeros), journal, "{name}");
        assert_eq!(chosen(name, &[0xa5; 4_096]), None, "{name}: the content says that it is none");
    }
    assert_eq!(chosen(r"C:\$Extend\$UsnJrnl:$Max", &zeros), None);
    assert_eq!(chosen("zeros.bin", &zeros), None);
    // A length, a version and an offset that contradict each other are no record.
    for at in [0, 4, 6, 24, 56, 58] {
        let mut other = record.clone();
        other[at] ^= 1;
        assert_eq!(chosen("journal.bin", &other), None, "{at}");
    }
}

/// A sparse file: zeros, then some bytes.
struct Sparse {
    zeros: u64,
    end: Vec<u8>,
    at: u64,
    block: Vec<u8>,
}

impl Sparse {
    fn size(&self) -> u64 {
        self.zeros + self.end.len() as u64
    }
}

impl Read for Sparse {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at < self.zeros {
            let length = into.len().min(usize::try_from(self.zeros - self.at).unwrap_or(usize::MAX));
            into[..length].fill(0);
            self.at += length as u64;
            return Ok(length);
        }
        let mut rest = self.end.get(usize::try_from(self.at - self.zeros).unwrap()..).unwrap_or_default();
        let length = rest.read(into)?;
        self.at += length as u64;
        Ok(length)
    }
}

impl BufRead for Sparse {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let mut block = vec![0; 4_096];
        let length = self.read(&mut block)?;
        self.at -= length as u64;
        block.truncate(length);
        self.block = block;
        Ok(&self.block)
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.size().saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn gigabytes_of_zeros_before_the_first_record_are_gone_over() {
    const ZEROS: u64 = 2 << 30;
    let end = journal(&[change(0, CREATE, "a.aspx"), change(1, CREATE | CLOSE, "a.aspx")]);
    let mut input = Sparse { zeros: ZEROS, end, at: 0, block: Vec::new() };
    let artifact = artifact(JOURNAL, usize::try_from(input.size()).unwrap());
    let read = read_artifact(&artifact, &mut input, Known::default(), &Limits::default(), &mut |_| {});
    assert_eq!((read.parser, read.tally.facts, read.tally.lost), (Some("usn-journal"), 2, 0));
}

fn made() -> impl Strategy<Value = Change> {
    let name = prop_oneof![
        "[a-zA-Z0-9 ._-]{1,40}".prop_map(|text| utf16(&text)),
        prop::collection::vec(any::<u16>(), 1..255),
    ];
    let ids = (any::<u64>(), any::<u64>());
    (any::<bool>(), ids, 0..1_000_000_u64, any::<u32>(), 0..1_u32 << 15, name).prop_map(
        |(is_version_3, (file, parent), seconds, reasons, attributes, name)| Change {
            is_version_3,
            file,
            parent,
            usn: 0,
            time: filetime(seconds),
            reasons,
            attributes,
            name,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn rows_read_as_the_records_were_written(changes in prop::collection::vec(made(), 1..60), zeros in 0..3_usize) {
        let bytes = [vec![0; zeros * 4_096], journal(&changes)].concat();
        let reading = read_bytes(JOURNAL, &bytes);
        prop_assert_eq!(reading.counts(), (changes.len() as u64, changes.len() as u64, 0));
        for (row, change) in reading.rows("file_events").iter().zip(&changes) {
            let name = String::from_utf16_lossy(&change.name).replace('\\', "%5C").replace('/', "%2F");
            prop_assert_eq!((&row["path"], &row["time"]), (&name, &shown(change.time)));
            let rest: Value = serde_json::from_str(&row["rest"]).unwrap();
            let id = |bits: u64| Value::from(format!("{}-{}", bits & ((1 << 48) - 1), bits >> 48));
            prop_assert_eq!((&rest["file"], &rest["parent"]), (&id(change.file), &id(change.parent)));
        }
    }

    #[test]
    fn a_flipped_byte_costs_no_more_than_its_record(
        changes in prop::collection::vec(made(), 2..30), place in any::<prop::sample::Index>(), bits in 1_u8..
    ) {
        let mut bytes = journal(&changes);
        let is_gap = {
            let byte = place.get_mut(&mut bytes);
            let is_gap = *byte == 0;
            *byte ^= bits;
            is_gap
        };
        let (records, facts, lost) = read_bytes(JOURNAL, &bytes).counts();
        prop_assert_eq!(records, facts + lost);
        // A byte in the gap at a page's end is damage of its own.
        let all = changes.len() as u64;
        prop_assert!(lost <= 1 && (records == all || is_gap && records == all + 1));
    }

    #[test]
    fn no_damage_makes_it_panic(
        changes in prop::collection::vec(made(), 1..30),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = journal(&changes);
        for (place, byte) in flips {
            *place.get_mut(&mut bytes) = byte;
        }
        bytes.truncate(cut.index(bytes.len()));
        let (records, facts, lost) = read_bytes(JOURNAL, &bytes).counts();
        prop_assert_eq!(records, facts + lost);
    }
}
