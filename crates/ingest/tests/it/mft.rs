//! The table of files of an NTFS volume.

use crate::ntfs::{
    Record, data, data_elsewhere, filetime, named, reference, root, shown, standard, table, utf16,
};
use crate::support::{Reading, Row, pick, read_bytes};
use afterpatch_ingest::choose_parser;
use afterpatch_model::ProblemCode;
use proptest::prelude::*;
use serde_json::Value;

const MFT: &str = r"C:\$MFT";
const USUAL: usize = 1_024;

fn read(records: &[(u64, Record)]) -> Reading {
    read_bytes(MFT, &table(records, USUAL))
}

fn paths(reading: &Reading) -> Vec<&str> {
    reading.rows("files").iter().map(|row| row["path"].as_str()).collect()
}

fn rest(row: &Row) -> Value {
    serde_json::from_str(&row["rest"]).unwrap()
}

/// `\inetpub` is record 30, `\inetpub\wwwroot` record 31.
fn web_root() -> Vec<(u64, Record)> {
    vec![
        (5, root()),
        (30, Record::folder(1, reference(5, 5), "inetpub")),
        (31, Record::folder(2, reference(30, 1), "wwwroot")),
    ]
}

fn with(record: Record) -> Vec<(u64, Record)> {
    let mut records = web_root();
    records.push((40, record));
    records
}

/// Returns the row of record 40.
fn row_of(record: Record) -> Row {
    read(&with(record)).rows("files")[3].clone()
}

#[test]
fn each_file_is_a_row_with_its_path() {
    let page = Record::file(3, reference(31, 2), "start.aspx");
    let reading = read(&with(page));
    assert_eq!((reading.read.parser, reading.counts()), (Some("mft"), (4, 4, 0)));
    assert_eq!(
        paths(&reading),
        [r"C:\", r"C:\inetpub", r"C:\inetpub\wwwroot", r"C:\inetpub\wwwroot\start.aspx"]
    );
    let columns = ["time", "created", "size_bytes", "attributes", "record", "sha256", "rest"];
    let expected = [&shown(filetime(1)), &shown(filetime(0)), "4", "archive", "40", "", r#"{"sequence":3}"#];
    assert_eq!(pick(&reading.rows("files")[3], &columns), expected);
    assert_eq!(reading.rows("files")[2]["attributes"], "directory archive");
    assert!(reading.codes().is_empty());
}

#[test]
fn no_drive_is_invented() {
    let shadow = r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\$MFT";
    let of_shadow = shadow.trim_end_matches("$MFT");
    for (path, first) in [("$MFT", r"\"), (r"e:\$MFT", r"e:\"), (shadow, of_shadow), ("copies/$MFT", r"\")] {
        let reading = read_bytes(path, &table(&web_root(), USUAL));
        assert_eq!(paths(&reading)[1], format!("{first}inetpub"), "{path}");
    }
}

#[test]
fn deleted_files_keep_their_place_while_their_folder_can_be_told() {
    let records = [
        (5, root()),
        (30, Record::folder(8, reference(5, 5), "gone").deleted()),
        (31, Record::file(2, reference(30, 7), "in-deleted.aspx").deleted()),
        // The record of the folder is used again: what lay in the old one does not lie in the new one.
        (32, Record::folder(4, reference(5, 5), "new")),
        (33, Record::file(2, reference(32, 3), "in-old.aspx").deleted()),
        (34, Record::file(2, reference(32, 4), "in-new.aspx")),
        (35, Record::file(2, reference(999, 1), "nowhere.aspx")),
    ];
    let reading = read(&records);
    let expected = [
        r"C:\",
        r"C:\gone",
        r"C:\gone\in-deleted.aspx",
        r"C:\new",
        r"C:\$OrphanFiles\in-old.aspx",
        r"C:\new\in-new.aspx",
        r"C:\$OrphanFiles\nowhere.aspx",
    ];
    assert_eq!(paths(&reading), expected);
    assert_eq!(reading.rows("files")[2]["attributes"], "deleted archive");
    assert_eq!(reading.codes(), [ProblemCode::FolderGone], "told once");
    assert!(reading.read.problems[0].detail.starts_with("2 files"));
}

#[test]
fn times_of_the_name_are_kept_where_they_differ() {
    let honest = (filetime(50), filetime(60), filetime(60));
    let set = (filetime(0), filetime(1), filetime(60));
    let record = |shown, own| Record {
        attributes: vec![standard(shown, 0), named(reference(31, 2), own, 1, &utf16("a.aspx"))],
        ..Record::default()
    };
    let stomped = row_of(record(set, honest));
    assert_eq!((&stomped["created"], &stomped["time"]), (&shown(filetime(0)), &shown(filetime(1))));
    let rest_of = rest(&stomped);
    assert_eq!(rest_of["fn_created"], shown(filetime(50)));
    assert_eq!(rest_of["fn_modified"], shown(filetime(60)));
    assert_eq!(rest_of["record_changed"], shown(filetime(60)));
    assert_eq!(row_of(record(honest, honest))["rest"], r#"{"sequence":0}"#);
}

#[test]
fn times_that_are_none_hide_no_file() {
    let bad = (u64::MAX, 1, u64::MAX);
    let attributes = vec![standard(bad, 0), named(reference(31, 2), bad, 1, &utf16("a.aspx"))];
    let reading = read(&with(Record { attributes, ..Record::default() }));
    let row = &reading.rows("files")[3];
    assert_eq!(pick(row, &["path", "time", "created"]), [r"C:\inetpub\wwwroot\a.aspx", "", ""]);
    assert_eq!(reading.codes(), [ProblemCode::BadTime]);
    let unset = vec![standard((0, 0, 0), 0), named(reference(31, 2), (0, 0, 0), 1, &utf16("a.aspx"))];
    assert!(read(&with(Record { attributes: unset, ..Record::default() })).codes().is_empty());
}

#[test]
fn streams_are_listed_and_the_zone_is_read() {
    let mut record = Record::file(1, reference(31, 2), "tool.exe");
    record.attributes.push(data("hidden", b"MZ"));
    record.attributes.push(data("Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\n"));
    let row = row_of(record);
    let rest = rest(&row);
    let expected = serde_json::json!([{"name": "hidden", "size_bytes": 2}, {"name": "Zone.Identifier", "size_bytes": 26}]);
    assert_eq!(rest["streams"], expected);
    assert_eq!(rest["zone_identifier"], "[ZoneTransfer]\r\nZoneId=3\r\n");
    assert_eq!(row["size_bytes"], "4", "a stream is not the file");
}

#[test]
fn the_name_that_windows_shows_is_taken_and_links_are_kept() {
    let times = (filetime(0), filetime(0), filetime(0));
    let name = |parent, space, name| named(parent, times, space, &utf16(name));
    let here = reference(31, 2);
    let attributes = vec![
        standard(times, 0),
        name(here, 2, "LONGNA~1.ASP"),
        name(here, 1, "long name.aspx"),
        name(reference(30, 1), 1, "link.txt"),
    ];
    let row = row_of(Record { attributes, ..Record::default() });
    assert_eq!(row["path"], r"C:\inetpub\wwwroot\long name.aspx");
    assert_eq!(rest(&row)["links"], serde_json::json!([r"C:\inetpub\link.txt"]));
    let only_short = vec![standard(times, 0), name(here, 2, "LONGNA~1.ASP")];
    let row = row_of(Record { attributes: only_short, ..Record::default() });
    assert_eq!(row["path"], r"C:\inetpub\wwwroot\LONGNA~1.ASP");
}

#[test]
fn names_make_no_folders_and_need_not_be_text() {
    let times = (filetime(0), filetime(0), filetime(0));
    let of = |units: &[u16]| {
        let attributes = vec![standard(times, 0), named(reference(30, 1), times, 0, units)];
        row_of(Record { attributes, ..Record::default() })
    };
    assert_eq!(of(&utf16(r"wwwroot\forged.aspx"))["path"], r"C:\inetpub\wwwroot%5Cforged.aspx");
    let lone = of(&[0x61, 0xDC00, 0x62]);
    assert_eq!(lone["path"], "C:\\inetpub\\a\u{FFFD}b");
    assert_eq!(rest(&lone)["name_utf16"], "610000dc6200");
}

/// A file of which `extension` holds a part, as record 41.
fn in_two(base: Record, extension: Record) -> Reading {
    let mut records = with(base);
    records.push((41, extension));
    read(&records)
}

#[test]
fn a_file_in_several_records_is_one_row() {
    let times = (filetime(0), filetime(0), filetime(0));
    let mut base = Record::file(7, reference(31, 2), "SHORT~1.EDB");
    base.attributes = vec![standard(times, 0), named(reference(31, 2), times, 2, &utf16("SHORT~1.EDB"))];
    let attributes = vec![
        named(reference(31, 2), times, 1, &utf16("mailbox database.edb")),
        data_elsewhere(5_000_000_000, 0),
        data_elsewhere(0, 77),
    ];
    let extension = Record { sequence: 1, base: reference(40, 7), attributes, ..Record::default() };
    let reading = in_two(base.clone(), extension.clone());
    assert_eq!(reading.counts(), (4, 4, 0));
    let row = &reading.rows("files")[3];
    let expected = [r"C:\inetpub\wwwroot\mailbox database.edb", "5000000000", "40"];
    assert_eq!(pick(row, &["path", "size_bytes", "record"]), expected);
    // The base record is used for another file: the extension tells of one that is gone.
    base.sequence = 9;
    let reading = in_two(base, extension);
    assert_eq!(reading.counts(), (5, 5, 0));
    assert_eq!(paths(&reading)[3], r"C:\inetpub\wwwroot\SHORT~1.EDB");
    assert_eq!(rest(&reading.rows("files")[4])["base"], "40-7");
}

#[test]
fn a_folder_whose_name_is_in_an_extension_still_names_its_files() {
    let times = (filetime(0), filetime(0), filetime(0));
    let folder = Record { attributes: vec![standard(times, 0)], ..Record::folder(3, 0, "x") };
    let attributes = vec![named(reference(31, 2), times, 1, &utf16("sub"))];
    let mut records = with(folder);
    records.push((41, Record { base: reference(40, 3), attributes, ..Record::default() }));
    records.push((42, Record::file(1, reference(40, 3), "a.aspx")));
    let reading = read(&records);
    assert_eq!(paths(&reading)[3..], [r"C:\inetpub\wwwroot\sub", r"C:\inetpub\wwwroot\sub\a.aspx"]);
}

#[test]
fn damaged_records_are_lost_and_unused_ones_are_none() {
    let mut bytes = table(&with(Record::file(1, reference(31, 2), "a.aspx")), USUAL);
    let record = Record::file(1, reference(31, 2), "b.aspx").write(USUAL);
    let mut torn = record.clone();
    torn[510] ^= 1;
    let mut marked = record.clone();
    marked[..4].copy_from_slice(b"BAAD");
    let mut unsigned = record.clone();
    unsigned[..4].fill(0);
    let empty = Record::default().deleted().write(USUAL);
    for part in [torn, marked, unsigned, vec![0; USUAL], empty, record] {
        bytes.extend(part);
    }
    let reading = read_bytes(MFT, &bytes);
    assert_eq!(reading.counts(), (8, 5, 3));
    assert_eq!(reading.codes(), [ProblemCode::BadFileRecord; 3]);
    let lost: Vec<_> = reading.read.problems.iter().map(|problem| problem.record).collect();
    assert_eq!(lost, [Some(41), Some(42), Some(43)]);
    assert_eq!(paths(&reading)[4], r"C:\inetpub\wwwroot\b.aspx");
}

#[test]
fn a_record_that_must_have_had_a_name_is_lost_without_it() {
    let times = (filetime(0), filetime(0), filetime(0));
    let nameless =
        |is_deleted| Record { is_deleted, attributes: vec![standard(times, 0)], ..Record::default() };
    assert_eq!(read(&with(nameless(false))).counts(), (4, 3, 1));
    assert_eq!(read(&with(nameless(true))).counts(), (4, 3, 1));
    // The volume keeps some records without a name in reserve.
    let mut records = web_root();
    records.push((12, nameless(false)));
    assert_eq!(read(&records).counts(), (3, 3, 0));
}

#[test]
fn parents_in_a_circle_and_parents_beyond_all_measure_end() {
    let far = reference((1 << 48) - 1, u16::MAX);
    let mut records = vec![
        (5, root()),
        (30, Record::folder(1, reference(31, 1), "a")),
        (31, Record::folder(1, reference(30, 1), "b")),
        (32, Record::file(1, reference(30, 1), "round.aspx")),
        (33, Record::folder(1, reference(33, 1), "self")),
        (34, Record::file(1, far, "far.aspx")),
    ];
    let reading = read(&records);
    assert_eq!(paths(&reading)[3], r"C:\$OrphanFiles\b\a\round.aspx");
    assert_eq!(paths(&reading)[4], r"C:\$OrphanFiles\self\self");
    assert_eq!(paths(&reading)[5], r"C:\$OrphanFiles\far.aspx");
    // A chain of folders is followed as far as real ones go.
    records.truncate(1);
    for number in 30..430 {
        let parent = if number == 30 { reference(5, 5) } else { reference(number - 1, 1) };
        records.push((number, Record::folder(1, parent, "d")));
    }
    let reading = read(&records);
    assert!(paths(&reading)[200].starts_with(r"C:\d\d"));
    let last = *paths(&reading).last().unwrap();
    assert!(last.starts_with(r"C:\$OrphanFiles\d\d") && last.len() < 600, "{last}");
}

#[test]
fn many_long_names_make_no_endless_path() {
    let long = "日".repeat(255);
    let mut records = vec![(5, root())];
    for number in 30..60 {
        records.push((number, Record::folder(1, reference(number.max(31) - 1, 1), &long)));
    }
    let reading = read(&records);
    assert!(paths(&reading).iter().all(|path| path.len() < 6_000));
    assert_eq!(reading.counts(), (31, 31, 0));
}

#[test]
fn many_links_and_streams_make_no_endless_row() {
    let long = utf16(&"日".repeat(255));
    let times = (filetime(0), filetime(0), filetime(0));
    let link = named(reference(31, 2), times, 1, &long);
    let stream = data(&"日".repeat(255), b"");
    let attributes = [vec![standard(times, 0)], vec![link; 40], vec![stream; 40]].concat();
    let mut records = with(Record { attributes, ..Record::default() });
    records.push((0, Record::file(1, reference(5, 5), "$MFT")));
    let reading = read_bytes(MFT, &table(&records, 65_536));
    assert_eq!(reading.counts(), (5, 5, 0));
    let length = reading.rows("files")[4]["rest"].len();
    assert!((7_000..20_000).contains(&length), "{length}");
}

#[test]
fn records_may_be_larger() {
    let mut records = with(Record::file(1, reference(31, 2), "a.aspx"));
    records.extend((0..4).map(|number| (number, Record::file(1, reference(5, 5), "$MFT"))));
    let mut bytes = table(&records, 4_096);
    assert_eq!(read_bytes(MFT, &bytes).counts(), (8, 8, 0));
    // One header that lies of the size does not mislead.
    bytes[5 * 4_096 + 28..5 * 4_096 + 32].copy_from_slice(&2_048_u32.to_le_bytes());
    assert_eq!(read_bytes(MFT, &bytes).counts(), (8, 8, 0));
}

#[test]
fn a_table_that_is_cut_is_read_up_to_the_cut() {
    let bytes = table(&with(Record::file(1, reference(31, 2), "a.aspx")), USUAL);
    let reading = read_bytes(MFT, &bytes[..bytes.len() - 1]);
    assert_eq!((reading.counts(), reading.codes()), ((3, 3, 0), vec![ProblemCode::Truncated]));
    assert!(read_bytes(MFT, &bytes[..bytes.len() - USUAL]).codes().is_empty());
}

#[test]
fn the_table_is_known_by_its_content_or_by_its_name() {
    let chosen = |path: &str, head: &[u8]| choose_parser(path, head).map(afterpatch_ingest::Parser::name);
    let record = root().write(USUAL);
    let mut baad = record.clone();
    baad[..4].copy_from_slice(b"BAAD");
    assert_eq!(chosen("volume-c.bin", &record), Some("mft"));
    assert_eq!(chosen("$MFT", &baad), Some("mft"));
    assert_eq!(chosen("volume-c.bin", &baad), None);
    assert_eq!(chosen("notes.bin", b"FILE0 is the name of a list"), None);
    assert_eq!(chosen("$MFT", b""), None);
}

/// A file or folder as a property test makes them: its parent is one of the folders before it.
#[derive(Debug, Clone)]
struct Made {
    name: Vec<u16>,
    parent: prop::sample::Index,
    is_directory: bool,
    is_deleted: bool,
    size: u64,
    times: (u64, u64),
}

fn made() -> impl Strategy<Value = Made> {
    let name = prop_oneof![
        "[a-zA-Z0-9 ._-]{1,30}".prop_map(|text| utf16(&text)),
        prop::collection::vec(any::<u16>().prop_filter("no end", |unit| *unit != 0), 1..20),
    ];
    let times = (0..1_000_000_u64, 0..1_000_000_u64);
    let flags = (any::<bool>(), prop::bool::weighted(0.2));
    (name, any::<prop::sample::Index>(), flags, 0..1_u64 << 62, times).prop_map(
        |(name, parent, (is_directory, is_deleted), size, times)| Made {
            name,
            parent,
            is_directory,
            is_deleted,
            size,
            times,
        },
    )
}

fn text_of(name: &[u16]) -> String {
    String::from_utf16_lossy(name).replace('\\', "%5C").replace('/', "%2F")
}

/// Writes what was made, and says what each row must be: path, size, times, attributes.
fn written(all: &[Made]) -> (Vec<(u64, Record)>, Vec<[String; 5]>) {
    let mut records = vec![(5, root())];
    let mut expected = Vec::new();
    // Number, sequence that children refer to, path.
    let mut folders = vec![(5, 5, "C:".to_owned())];
    for (number, made) in (24_u64..).zip(all) {
        let (parent, sequence, above) = made.parent.get(&folders).clone();
        let path = format!("{above}\\{}", text_of(&made.name));
        let times = (filetime(made.times.0), filetime(made.times.1), filetime(made.times.1));
        let attributes = vec![
            standard(times, 0),
            named(reference(parent, sequence), times, 0, &made.name),
            data_elsewhere(made.size, 0),
        ];
        let own = 3 + u16::from(made.is_deleted);
        if made.is_directory {
            folders.push((number, 3, path.clone()));
        }
        let words = [(made.is_deleted, "deleted"), (made.is_directory, "directory")];
        let words: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let times = [shown(times.0), shown(times.1)];
        let [created, modified] = times;
        expected.push([path, made.size.to_string(), created, modified, words.join(" ")]);
        let (is_deleted, is_directory) = (made.is_deleted, made.is_directory);
        records.push((number, Record { sequence: own, is_deleted, is_directory, attributes, base: 0 }));
    }
    (records, expected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn rows_read_as_the_records_were_written(all in prop::collection::vec(made(), 1..40), large in any::<bool>()) {
        let (records, expected) = written(&all);
        let reading = read_bytes(MFT, &table(&records, if large { 4_096 } else { USUAL }));
        let columns = ["path", "size_bytes", "created", "time", "attributes"];
        let rows: Vec<_> = reading.rows("files")[1..].iter().map(|row| pick(row, &columns).join("|")).collect();
        let expected: Vec<_> = expected.iter().map(|row| row.join("|")).collect();
        prop_assert_eq!(rows, expected);
        prop_assert!(reading.codes().is_empty());
    }

    #[test]
    fn a_flipped_byte_costs_no_more_than_its_record(
        all in prop::collection::vec(made(), 3..12), place in any::<prop::sample::Index>(), bits in 1_u8..
    ) {
        let (records, _) = written(&all);
        let mut bytes = table(&records, USUAL)[24 * USUAL..].to_vec();
        // The records stand at their own numbers, and the flip falls into one of them.
        let before = vec![0; 24 * USUAL];
        *place.get_mut(&mut bytes) ^= bits;
        let reading = read_bytes(MFT, &[before, bytes].concat());
        let (records, facts, lost) = reading.counts();
        prop_assert_eq!(records, facts + lost);
        prop_assert_eq!(records, all.len() as u64, "{:?}", reading.read.problems);
        prop_assert!(lost <= 1);
    }

    #[test]
    fn no_damage_makes_it_panic(
        all in prop::collection::vec(made(), 1..12),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = table(&written(&all).0, USUAL);
        for (place, byte) in flips {
            *place.get_mut(&mut bytes) = byte;
        }
        bytes.truncate(cut.index(bytes.len()));
        let (records, facts, lost) = read_bytes(MFT, &bytes).counts();
        prop_assert_eq!(records, facts + lost);
    }
}
