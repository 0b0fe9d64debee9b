//! The same files in any container are the same evidence; and containers that were made to harm do not.

use crate::support::{self, artifact, shared_data};
use afterpatch_ingest::{Known, Limits, OpenCollection, Passwords, open, problem_code, read_artifact};
use afterpatch_model::{Batch, ProblemCode};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use tempfile::TempDir;

type Files = BTreeMap<String, Vec<u8>>;

fn zipped(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tarred(files: &Files) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mtime(1_614_650_400);
        tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn xzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn bzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

type Pack = fn(&Files) -> Vec<u8>;

/// Every container of one file, by the end of its name.
static PACKS: &[(&str, Pack)] = &[
    ("zip", zipped),
    ("tar", tarred),
    ("tar.gz", |files| gzipped(&tarred(files))),
    ("tar.zst", |files| zstd::encode_all(tarred(files).as_slice(), 1).unwrap()),
    ("tar.xz", |files| xzipped(&tarred(files))),
    ("tar.bz2", |files| bzipped(&tarred(files))),
];

fn opened(path: &Path, limits: &Limits) -> Box<dyn OpenCollection> {
    support::opened(path, limits, &Passwords::default())
}

/// Reads all that is in a collection, as far as it can be read.
fn contents(collection: &dyn OpenCollection, limits: &Limits) -> Files {
    let read = |entry| {
        let mut bytes = Vec::new();
        collection.read(entry, limits).and_then(|mut file| file.read_to_end(&mut bytes)).ok()?;
        Some(bytes)
    };
    let entries = collection.entries().iter();
    entries.filter_map(|entry| Some((entry.container_path.to_string(), read(entry)?))).collect()
}

fn codes(collection: &dyn OpenCollection) -> Vec<ProblemCode> {
    collection.problems().iter().map(|problem| problem.code).collect()
}

fn written(folder: &TempDir, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn logs(collection: &dyn OpenCollection) -> usize {
    let is_log = |path: &Path| path.extension().is_some_and(|end| end == "log");
    collection.entries().iter().filter(|entry| is_log(Path::new(&*entry.container_path))).count()
}

fn one(name: &str, bytes: &[u8]) -> Files {
    Files::from([(name.to_owned(), bytes.to_vec())])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_container_holds_what_was_put_into_it(
        files in prop::collection::btree_map("[a-z]{1,8}(/[a-zA-Z0-9 _é日]{1,150}){1,2}\\.log", prop::collection::vec(any::<u8>(), 0..3_000), 1..6),
    ) {
        let folder = TempDir::new().unwrap();
        let limits = Limits::default();
        for (end, pack) in PACKS {
            let path = written(&folder, &format!("all.{end}"), &pack(&files));
            let collection = opened(&path, &limits);
            prop_assert_eq!(codes(collection.as_ref()), vec![], "{}", end);
            prop_assert!(contents(collection.as_ref(), &limits) == files, "{}", end);
            // The same container in another one, beside which its own bytes are kept.
            let packed = pack(&files);
            let outer = written(&folder, "outer.zip", &zipped(&one(&format!("in/all.{end}"), &packed)));
            let collection = opened(&outer, &limits);
            let mut found = contents(collection.as_ref(), &limits);
            let own = format!("in/all.{end}");
            prop_assert_eq!(found.remove(&own), Some(packed));
            let expected: Files = files.iter().map(|(name, bytes)| (format!("in/all.{end}!/{name}"), bytes.clone())).collect();
            prop_assert!(found == expected, "{}", end);
        }
    }
}

/// What one file came to: its parser, its tally, how many rows of each table, and a digest of all rows.
type Came = (Option<&'static str>, afterpatch_model::Tally, BTreeMap<&'static str, usize>, String);

/// Reads every file of a collection to facts, by its path on the server.
fn facts(collection: &dyn OpenCollection, limits: &Limits) -> BTreeMap<String, Came> {
    let mut all = BTreeMap::new();
    for entry in collection.entries() {
        let mut artifact = artifact(&entry.path, 0);
        artifact.container_path = entry.path.as_str().into();
        let (mut counts, mut rows) = (BTreeMap::new(), Sha256::new());
        let mut sink = |batch: Batch| {
            *counts.entry(batch.table.name).or_default() += batch.rows.num_rows();
            rows.update(format!("{:?}", batch.rows).as_bytes());
        };
        let mut input = collection.read(entry, limits).unwrap();
        let read = read_artifact(&artifact, input.as_mut(), Known::default(), limits, &mut sink);
        let digest = format!("{:?}", rows.finalize());
        all.insert(entry.path.clone(), (read.parser, read.tally, counts, digest));
    }
    all
}

#[test]
fn real_logs_give_the_same_facts_whatever_carries_them() {
    for data in ["evtx-attack-samples", "logs/iis", "logs/misc"] {
        let Some(data) = shared_data(data) else { continue };
        let files: Files = walkdir::WalkDir::new(&data)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let name = entry.path().strip_prefix(&data).unwrap().to_string_lossy().into_owned();
                (format!("C/logs/{name}"), fs::read(entry.path()).unwrap())
            })
            // Those of a few kilobytes to a few hundred: many formats, in little time.
            .filter(|(_, bytes)| bytes.len() < 300_000)
            .collect();
        let folder = TempDir::new().unwrap();
        let limits = Limits::default();
        let mut first: Option<BTreeMap<String, Came>> = None;
        for (end, pack) in PACKS {
            let path = written(&folder, &format!("all.{end}"), &pack(&files));
            let found = facts(opened(&path, &limits).as_ref(), &limits);
            assert_eq!(found.len(), files.len(), "{end}");
            let facts: u64 = found.values().map(|(_, tally, ..)| tally.facts).sum();
            let records: u64 = found.values().map(|(_, tally, ..)| tally.facts + tally.lost).sum();
            let met: u64 = found.values().map(|(_, tally, ..)| tally.records).sum();
            assert_eq!(records, met, "{end}");
            assert!(data.ends_with("misc") || facts > 0, "{end}");
            assert!(*first.get_or_insert_with(|| found.clone()) == found, "{end}");
        }
    }
}

#[test]
fn a_packed_log_stands_where_the_log_stood() {
    let folder = TempDir::new().unwrap();
    let logs = folder.path().join("C/inetpub/logs/LogFiles/W3SVC1");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join("u_ex210302.log.gz"), gzipped(b"#Fields: date time\r\n")).unwrap();
    let collection = opened(folder.path(), &Limits::default());
    let paths: Vec<&str> = collection.entries().iter().map(|entry| entry.path.as_str()).collect();
    let log = r"C:\inetpub\logs\LogFiles\W3SVC1\u_ex210302.log";
    assert_eq!(paths, [log.to_owned(), format!("{log}.gz")]);
}

#[test]
fn a_tar_keeps_times_and_tells_of_links() {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.set_mtime(1_614_650_400);
    tar.append_data(&mut header, "a.log", &b"x"[..]).unwrap();
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    tar.append_link(&mut link, "b.log", "/etc/passwd").unwrap();
    let folder = TempDir::new().unwrap();
    let path = written(&folder, "a.tar", &tar.into_inner().unwrap());
    let collection = opened(&path, &Limits::default());
    assert_eq!(collection.entries()[0].modified.unwrap().to_string(), "2021-03-02T02:00:00Z");
    assert_eq!(
        (collection.entries().len(), codes(collection.as_ref())),
        (1, vec![ProblemCode::LinkNotFollowed])
    );
}

#[test]
fn what_came_before_a_cut_is_read() {
    let folder = TempDir::new().unwrap();
    let files: Files = (0..20).map(|n| (format!("{n:02}.log"), vec![n; 5])).collect();
    let limits = Limits::default();
    for (end, pack) in &PACKS[1..4] {
        let mut noise = Files::new();
        for (n, (name, _)) in (1_u32..).zip(&files) {
            // Bytes that do not pack well, so that a cut in the middle is one in the middle of the files.
            let bytes = (0..50_000_u32)
                .map(|i| i.wrapping_mul(n.wrapping_mul(2_654_435_761)).to_be_bytes()[1])
                .collect();
            noise.insert(name.clone(), bytes);
        }
        let whole = pack(&noise);
        let path = written(&folder, &format!("cut.{end}"), &whole[..whole.len() / 2]);
        let collection = opened(&path, &limits);
        let found = contents(collection.as_ref(), &limits);
        assert!(found.len() >= 4 && found.len() < 20, "{end}: {}", found.len());
        assert!(found.iter().all(|(name, bytes)| noise[name] == *bytes), "{end}");
        assert!(codes(collection.as_ref()).contains(&ProblemCode::Truncated), "{end}");
    }
}

#[test]
fn a_container_that_is_not_opened_says_what_to_do() {
    let folder = TempDir::new().unwrap();
    let path = written(&folder, "server.vhdx", b"vhdxfile and more");
    let collection = opened(&path, &Limits::default());
    assert_eq!(codes(collection.as_ref()), [ProblemCode::PackedOtherwise]);
    assert!(collection.problems()[0].detail.contains("mount it read-only"));
    let outer = written(&folder, "o.zip", &zipped(&one("a.7z", b"7z\xBC\xAF\x27\x1C....")));
    assert_eq!(codes(opened(&outer, &Limits::default()).as_ref()), [ProblemCode::PackedOtherwise]);
}

#[test]
fn a_folder_of_packed_logs_is_one_collection_and_a_folder_of_archives_is_many() {
    let folder = TempDir::new().unwrap();
    for name in ["a.log.gz", "b.log.gz"] {
        written(&folder, name, &gzipped(b"x"));
    }
    assert_eq!(open(folder.path(), &Limits::default(), &Passwords::default()).unwrap().len(), 1);
    let folder = TempDir::new().unwrap();
    written(&folder, "MX1.tar.gz", &gzipped(&tarred(&one("a.log", b"x"))));
    written(&folder, "MX2.zip", &zipped(&one("a.log", b"x")));
    assert_eq!(open(folder.path(), &Limits::default(), &Passwords::default()).unwrap().len(), 2);
}

// ── made to harm ──

fn zeros(megabytes: usize) -> Vec<u8> {
    vec![0; megabytes << 20]
}

#[test]
fn bombs_are_refused_and_honest_entries_read() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { ratio: 100, small_bytes: 1 << 20, ..Limits::default() };
    let mut files = one("bomb.log", &zeros(40));
    files.insert("honest.log".to_owned(), b"x".to_vec());
    let path = written(&folder, "bomb.zip", &zipped(&files));
    let collection = opened(&path, &limits);
    assert_eq!(contents(collection.as_ref(), &limits).into_keys().collect::<Vec<_>>(), ["honest.log"]);
    // By default so few bytes harm nobody: an event log that nothing was written to yet packs as well.
    assert_eq!(contents(collection.as_ref(), &Limits::default()).len(), 2);
    for (name, bytes) in [("bomb.gz", gzipped(&zeros(40))), ("bomb.tar.gz", gzipped(&tarred(&files)))] {
        // By itself it is a file that is not opened; within another container too.
        let collection = opened(&written(&folder, name, &bytes), &limits);
        assert_eq!(codes(collection.as_ref()), [ProblemCode::TooLarge], "{name}");
        assert_eq!(contents(collection.as_ref(), &limits), one(name, &bytes), "{name}");
        let outer = written(&folder, "outer.zip", &zipped(&one(name, &bytes)));
        let collection = opened(&outer, &limits);
        assert_eq!(codes(collection.as_ref()), [ProblemCode::TooLarge], "{name}");
        assert_eq!(contents(collection.as_ref(), &limits).len(), 1, "{name}");
    }
}

#[test]
fn a_packed_bomb_is_known_by_its_beginning() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { ratio: 100, small_bytes: 1 << 20, ..Limits::default() };
    // By the end of all of it, it would have packed no better than is allowed.
    let noise: Vec<u8> = (0..400_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let bytes = [gzipped(&zeros(40)), gzipped(&noise)].concat();
    assert!(bytes.len() > (40 << 20) / 100);
    let collection = opened(&written(&folder, "u_ex.log.gz", &bytes), &limits);
    let problem = &collection.problems()[0];
    let given: u64 = problem.detail.split(' ').rev().nth(1).unwrap().parse().unwrap();
    assert!(given > limits.small_bytes && given < 10 << 20, "{}", problem.detail);
    // The other way round it is read whole.
    let bytes = [gzipped(&noise), gzipped(&zeros(40))].concat();
    let collection = opened(&written(&folder, "u_ex.log.gz", &bytes), &limits);
    assert_eq!(codes(collection.as_ref()), []);
    assert_eq!(contents(collection.as_ref(), &limits)["u_ex.log"].len(), noise.len() + (40 << 20));
}

#[test]
fn containers_in_containers_end_at_the_depth_limit() {
    let mut bytes = zipped(&one("honest.log", b"x"));
    for depth in 0..12 {
        let mut files = one("next.zip", &bytes);
        files.insert(format!("{depth}.log"), b"x".to_vec());
        bytes = zipped(&files);
    }
    let folder = TempDir::new().unwrap();
    let limits = Limits::default();
    let collection = opened(&written(&folder, "deep.zip", &bytes), &limits);
    assert_eq!(codes(collection.as_ref()), [ProblemCode::TooDeep]);
    assert_eq!(logs(collection.as_ref()), limits.depth + 1);
}

#[test]
fn what_a_collection_unpacks_to_is_bounded_in_all() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { total_bytes: 3 << 20, ..Limits::default() };
    let files: Files = (0..8).map(|n| (format!("{n}.log.gz"), gzipped(&zeros(1)))).collect();
    let collection = opened(&written(&folder, "many.zip", &zipped(&files)), &limits);
    assert!(codes(collection.as_ref()).iter().all(|code| *code == ProblemCode::TooLarge));
    let unpacked = logs(collection.as_ref());
    assert!((1..=3).contains(&unpacked), "{unpacked}");
}

#[test]
fn what_zips_unpack_to_is_bounded_in_all_however_they_are_nested() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { total_bytes: 4 << 20, ..Limits::default() };
    let files: Files = (0..8).map(|n| (format!("{n}.log"), zeros(1))).collect();
    let flat = opened(&written(&folder, "flat.zip", &zipped(&files)), &limits);
    assert_eq!(
        contents(flat.as_ref(), &limits).into_keys().collect::<Vec<_>>(),
        ["0.log", "1.log", "2.log", "3.log"]
    );
    let refused = flat.read(&flat.entries()[4], &limits).err().unwrap();
    assert_eq!(problem_code(&refused), ProblemCode::TooLarge);
    let outer: Files = (0..8).map(|n| (format!("{n}.zip"), zipped(&files))).collect();
    let nested = opened(&written(&folder, "nested.zip", &zipped(&outer)), &limits);
    // Every file of every container is named, and those beyond the limit are not read.
    assert_eq!(nested.entries().len(), 8 + 64);
    let read = contents(nested.as_ref(), &limits);
    assert_eq!(read.values().filter(|bytes| bytes.len() == 1 << 20).count(), 3);
}

#[test]
fn what_was_unpacked_once_is_kept_within_the_limit() {
    let files: Files = (1..4).map(|n| (format!("{n}.log"), vec![n; 200_000])).collect();
    for (spool_bytes, n_kept) in [(0, 0), (450_000, 2), (1 << 20, 3)] {
        let folder = TempDir::new().unwrap();
        let limits = Limits { spool_bytes, ..Limits::default() };
        let path = written(&folder, "a.zip", &zipped(&files));
        let collection = opened(&path, &limits);
        assert!(contents(collection.as_ref(), &limits) == files, "{spool_bytes}");
        assert!(contents(collection.as_ref(), &limits) == files, "{spool_bytes}");
        // What is not kept is gone with the container.
        let length = fs::metadata(&path).unwrap().len();
        fs::write(&path, vec![0; usize::try_from(length).unwrap()]).unwrap();
        let kept = contents(collection.as_ref(), &limits);
        assert_eq!(kept.len(), n_kept, "{spool_bytes}");
        assert!(kept.iter().all(|(name, bytes)| *bytes == files[name]), "{spool_bytes}");
    }
}

#[test]
fn a_packed_log_is_unpacked_again_where_there_is_no_room_to_keep_it() {
    let noise: Vec<u8> = (0..100_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let whole = gzipped(&noise);
    let mut files = Files::new();
    for n in 0..3 {
        files.insert(format!("{n}.log.gz"), whole.clone());
    }
    files.insert("cut.log.gz".to_owned(), whole[..whole.len() / 2].to_vec());
    files.insert("within.zip.gz".to_owned(), gzipped(&zipped(&one("a.log", &noise))));
    let folder = TempDir::new().unwrap();
    let path = written(&folder, "logs.zip", &zipped(&files));
    let read = |spool_bytes| {
        let limits = Limits { spool_bytes, ..Limits::default() };
        let collection = opened(&path, &limits);
        (contents(collection.as_ref(), &limits), collection.problems().to_vec())
    };
    let (contents, problems) = read(1 << 30);
    assert_eq!(contents["2.log"], noise);
    assert_eq!(contents["within.zip!/a.log"], noise);
    assert!(noise.starts_with(&contents["cut.log"]) && !contents["cut.log"].is_empty());
    assert_eq!(problems.len(), 1, "the one that is cut off: {problems:?}");
    for spool_bytes in [0, 500_000, 1_000_000] {
        assert!(read(spool_bytes) == (contents.clone(), problems.clone()), "{spool_bytes}");
    }
}

#[test]
fn what_a_folder_of_archives_unpacks_to_is_bounded_in_all() {
    let folder = TempDir::new().unwrap();
    for n in 0..4 {
        written(&folder, &format!("MX{n}.zip"), &zipped(&one("a.log", &zeros(1))));
    }
    let limits = Limits { total_bytes: 3 << 20, ..Limits::default() };
    let collections = open(folder.path(), &limits, &Passwords::default()).unwrap();
    let read: Vec<usize> = collections.iter().map(|one| contents(one.as_ref(), &limits).len()).collect();
    assert_eq!(read, [1, 1, 1, 0]);
}

#[test]
fn a_folder_holds_more_containers_than_a_process_may_open_files() {
    let folder = TempDir::new().unwrap();
    let (packed, zip) = (gzipped(b"x"), zipped(&one("a.log", b"x")));
    for n in 0..1_200 {
        written(&folder, &format!("{n}.log.gz"), &packed);
        written(&folder, &format!("{n}.zip"), &zip);
    }
    // A file beside them, or else each were a collection of its own.
    written(&folder, "note.txt", b"x");
    let limits = Limits::default();
    let collection = opened(folder.path(), &limits);
    assert_eq!(codes(collection.as_ref()), []);
    assert_eq!(logs(collection.as_ref()), 2_400);
    assert_eq!(contents(collection.as_ref(), &limits).len(), 4_801);
}

#[test]
fn a_quine_of_gzip_is_itself_and_no_more() {
    let folder = TempDir::new().unwrap();
    let limits = Limits::default();
    let collection = opened(&written(&folder, "a.zip", &zipped(&one("q.gz", QUINE))), &limits);
    assert_eq!(codes(collection.as_ref()), []);
    let found = contents(collection.as_ref(), &limits);
    assert_eq!(found, Files::from([("q".to_owned(), QUINE.to_vec()), ("q.gz".to_owned(), QUINE.to_vec())]));
}

/// A gzip that unpacks to itself; `benches/bombs.py` says how it is made.
const QUINE: &[u8] = b"\
    \x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff\x71\x2e\x67\x7a\x00\x00\x14\x00\xeb\xff\x1f\x8b\x08\x08\
    \x00\x00\x00\x00\x00\xff\x71\x2e\x67\x7a\x00\x00\x14\x00\xeb\xff\x42\x88\x21\xc4\x00\x00\x05\x00\
    \xfa\xff\x42\x88\x21\xc4\x00\x00\x05\x00\xfa\xff\x00\x05\x00\xfa\xff\x00\x14\x00\xeb\xff\x42\x88\
    \x21\xc4\x00\x00\x05\x00\xfa\xff\x00\x05\x00\xfa\xff\x00\x14\x00\xeb\xff\x42\x88\x21\xc4\x00\x00\
    \x14\x00\xeb\xff\x42\x88\x21\xc4\x00\x00\x14\x00\xeb\xff\x42\x88\x21\xc4\x00\x00\x14\x00\xeb\xff\
    \x42\x88\x21\xc4\x00\x00\x14\x00\xeb\xff\x42\x88\x21\xc4\x00\x00\x00\x00\xff\xff\x00\x00\x00\xff\
    \xff\x00\x14\x00\xeb\xff\x42\x88\x21\xc4\x00\x00\x00\x00\xff\xff\x00\x00\x00\xff\xff\x00\x14\x00\
    \xeb\xff\x42\x88\x21\xc4\x00\x00\x00\x00\xff\xff\x03\x00\x77\x97\xa5\xc3\xd2\x00\x00\x00\x42\x88\
    \x21\xc4\x00\x00\x00\x00\xff\xff\x03\x00\x77\x97\xa5\xc3\xd2\x00\x00\x00";

#[test]
fn a_folder_of_a_zip_in_which_there_are_bytes_is_a_file() {
    let folder = TempDir::new().unwrap();
    let mut bytes =
        zipped(&Files::from([("a.aspx|".to_owned(), b"page".to_vec()), ("b|".to_owned(), Vec::new())]));
    for byte in bytes.iter_mut().filter(|byte| **byte == b'|') {
        *byte = b'/';
    }
    let limits = Limits::default();
    let collection = opened(&written(&folder, "a.zip", &bytes), &limits);
    assert_eq!(contents(collection.as_ref(), &limits), one("a.aspx", b"page"));
}

#[test]
fn entries_beyond_the_limit_are_told_of() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { entries: 1_000, ..Limits::default() };
    let files: Files = (0..2_000).map(|n| (format!("{n}.log"), Vec::new())).collect();
    for (end, pack) in &PACKS[..2] {
        let collection = opened(&written(&folder, &format!("many.{end}"), &pack(&files)), &limits);
        assert_eq!(collection.entries().len(), 1_000, "{end}");
        assert_eq!(codes(collection.as_ref()), [ProblemCode::TooManyEntries], "{end}");
    }
    // Those of all containers count together, and those that lie open in a folder too.
    let inner: Files = (0..3).map(|n| (format!("{n}.zip"), zipped(&files))).collect();
    let collection = opened(&written(&folder, "outer.zip", &zipped(&inner)), &limits);
    assert_eq!(collection.entries().len(), 1_000);
    assert!(codes(collection.as_ref()).contains(&ProblemCode::TooManyEntries));
    let folder = TempDir::new().unwrap();
    for name in ["a.log", "b.log", "c.log"] {
        written(&folder, name, b"x");
    }
    let collection = opened(folder.path(), &Limits { entries: 2, ..limits });
    assert_eq!(collection.entries().len(), 2);
    assert!(codes(collection.as_ref()).contains(&ProblemCode::TooManyEntries));
}

#[test]
fn a_tar_that_lies_about_a_size_is_cut_and_no_more() {
    let folder = TempDir::new().unwrap();
    let mut tar = tarred(&one("honest.log", b"x"));
    tar.truncate(1_024);
    let mut header = tar::Header::new_gnu();
    header.set_path("huge.log").unwrap();
    header.set_size(1 << 50);
    header.set_cksum();
    tar.extend_from_slice(header.as_bytes());
    tar.extend_from_slice(b"few bytes");
    let limits = Limits::default();
    let collection = opened(&written(&folder, "lie.tar", &tar), &limits);
    assert!(codes(collection.as_ref()).contains(&ProblemCode::Truncated));
    assert_eq!(contents(collection.as_ref(), &limits), one("honest.log", b"x"));
}

#[test]
fn entries_that_share_their_bytes_are_read_once_each_and_bounded() {
    // Two central directory entries for one local file: the second begins where the first does.
    let folder = TempDir::new().unwrap();
    let whole = zipped(&one("a.log", b"shared"));
    let central = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end = whole.windows(4).position(|four| four == b"PK\x05\x06").unwrap();
    let entry = &whole[central..end];
    let mut second = entry.to_vec();
    let name = second.windows(5).position(|five| five == b"a.log").unwrap();
    second[name] = b'b';
    let mut bytes = [&whole[..central], entry, &second].concat();
    let mut tail = whole[end..].to_vec();
    tail[8] = 2;
    tail[10] = 2;
    let size = u32::try_from(entry.len() * 2).unwrap();
    tail[12..16].copy_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&tail);
    let limits = Limits::default();
    let path = written(&folder, "overlap.zip", &bytes);
    if let Ok(collections) = open(&path, &limits, &Passwords::default()) {
        assert!(contents(collections[0].as_ref(), &limits).values().all(|bytes| bytes == b"shared"));
    }
}
