use crate::support::{opened, tree};
use afterpatch_ingest::{Limits, OpenCollection, OpenError, Passwords, open};
use afterpatch_model::ProblemCode;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

fn zip_of(folder: &TempDir, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let path = folder.path().join(name);
    let mut zip = ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn open_one(path: &Path) -> Box<dyn OpenCollection> {
    opened(path, &Limits::default(), &Passwords::default())
}

fn paths(collection: &dyn OpenCollection) -> Vec<(&str, &str, &str)> {
    let entries = collection.entries().iter();
    entries.map(|entry| (&*entry.container_path, entry.path.as_str(), &*entry.host_root)).collect()
}

fn text(collection: &dyn OpenCollection, place: usize) -> String {
    let entry = &collection.entries()[place];
    let mut text = String::new();
    collection.read(entry, &Limits::default()).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn codes(collection: &dyn OpenCollection) -> Vec<(ProblemCode, &str)> {
    collection.problems().iter().map(|problem| (problem.code, problem.place.as_str())).collect()
}

#[test]
fn a_folder_of_two_hosts_has_two_roots() {
    let folder = tree(&[
        ("MX1/C/inetpub/wwwroot/a.aspx", "a"),
        ("MX1/notes.txt", "n"),
        ("MX2/Program Files/Ex/Logging/b.log", "b"),
        ("readme.txt", "r"),
    ]);
    let collection = open_one(folder.path());
    assert_eq!(collection.layout(), "folder");
    assert_eq!(
        paths(collection.as_ref()),
        [
            ("MX1/C/inetpub/wwwroot/a.aspx", r"C:\inetpub\wwwroot\a.aspx", "MX1"),
            ("MX1/notes.txt", "notes.txt", "MX1"),
            ("MX2/Program Files/Ex/Logging/b.log", r"Program Files\Ex\Logging\b.log", "MX2"),
            ("readme.txt", "readme.txt", ""),
        ]
    );
    assert_eq!(text(collection.as_ref(), 2), "b");
}

#[test]
fn a_loose_file_and_nothing_are_collections_too() {
    let folder = tree(&[("x/u_ex210302.log", "#")]);
    let file = open_one(&folder.path().join("x/u_ex210302.log"));
    assert_eq!(
        (file.layout(), paths(file.as_ref())),
        ("file", vec![("u_ex210302.log", "u_ex210302.log", "")])
    );
    let empty = TempDir::new().unwrap();
    let collection = open_one(empty.path());
    assert_eq!(collection.problems()[0].code, ProblemCode::EmptyCollection);
    let missing = open(&empty.path().join("none"), &Limits::default(), &Passwords::default());
    assert!(matches!(missing, Err(OpenError::Io { .. })));
}

#[cfg(unix)]
#[test]
fn links_are_told_and_not_followed() {
    let folder = tree(&[("C/a.log", "a")]);
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("C/link.log")).unwrap();
    std::os::unix::fs::symlink("/", folder.path().join("loop")).unwrap();
    let collection = open_one(folder.path());
    assert_eq!(collection.entries().len(), 1);
    assert_eq!(
        codes(collection.as_ref()),
        [(ProblemCode::LinkNotFollowed, "C/link.log"), (ProblemCode::LinkNotFollowed, "loop")]
    );
}

#[test]
fn a_zip_is_read_in_place_and_by_several_readers() {
    let folder = TempDir::new().unwrap();
    let zip = zip_of(&folder, "a.zip", &[("C/b.log", "bb"), ("C/a.log", "a"), ("C/empty/", "")]);
    let collection = open_one(&zip);
    assert_eq!(collection.layout(), "zip");
    assert_eq!(paths(collection.as_ref())[0], ("C/a.log", r"C:\a.log", ""));
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|n| {
                scope.spawn({
                    let c = &collection;
                    move || text(c.as_ref(), n % 2)
                })
            })
            .collect();
        let texts: Vec<String> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        assert_eq!(texts, ["a", "bb", "a", "bb"]);
    });
}

#[test]
fn names_that_lead_outside_are_made_plain_and_told() {
    let folder = TempDir::new().unwrap();
    let zip = zip_of(&folder, "a.zip", &[("../../etc/x", "x"), ("a/ok..log", "y")]);
    let collection = open_one(&zip);
    assert_eq!(paths(collection.as_ref()), [("a/ok..log", "a/ok..log", ""), ("etc/x", "etc/x", "")]);
    assert_eq!(codes(collection.as_ref()), [(ProblemCode::UnsafeName, "etc/x")]);
}

#[test]
fn large_entries_are_spooled_and_bombs_refused() {
    let folder = TempDir::new().unwrap();
    let body = "0123456789".repeat(300_000);
    let zip = zip_of(&folder, "a.zip", &[("a.log", &body)]);
    let collection = open_one(&zip);
    let entry = &collection.entries()[0];
    let read = |limits: Limits| {
        let mut text = String::new();
        collection.read(entry, &limits)?.read_to_string(&mut text)?;
        std::io::Result::Ok(text)
    };
    let small_memory = Limits { memory_bytes: 100, ..Limits::default() };
    assert_eq!(read(small_memory).unwrap(), body);
    let by_size = read(Limits { artifact_bytes: 1_000, ..Limits::default() }).unwrap_err();
    let by_ratio = read(Limits { ratio: 2, small_bytes: 1 << 20, ..Limits::default() }).unwrap_err();
    for error in [by_size, by_ratio] {
        assert_eq!(afterpatch_ingest::problem_code(&error), ProblemCode::TooLarge, "{error}");
    }
}

#[test]
fn encrypted_entries_are_told_and_the_others_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.zip");
    let mut zip = ZipWriter::new(fs::File::create(&path).unwrap());
    let locked = SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, "example");
    zip.start_file("locked.log", locked).unwrap();
    zip.write_all(b"x").unwrap();
    zip.start_file("open.log", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"y").unwrap();
    zip.finish().unwrap();
    let collection = open_one(&path);
    assert_eq!(codes(collection.as_ref()), [(ProblemCode::Encrypted, "locked.log")]);
    assert_eq!(text(collection.as_ref(), 0), "y");
}

#[test]
fn what_stands_before_the_cut_of_a_zip_is_read() {
    let folder = TempDir::new().unwrap();
    let numbers = (0..40_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_string());
    let noise = numbers.collect::<Vec<_>>().join(" ");
    for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
        let path = folder.path().join("whole.zip");
        let mut zip = ZipWriter::new(fs::File::create(&path).unwrap());
        for name in ["a.log", "b.log"] {
            zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(noise.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        let cut = folder.path().join("cut.zip");
        fs::write(&cut, &bytes[..bytes.len() * 3 / 4]).unwrap();
        let collection = open_one(&cut);
        let found: Vec<_> = codes(collection.as_ref()).iter().map(|(code, _)| *code).collect();
        assert_eq!(found, [ProblemCode::Truncated, ProblemCode::Truncated], "{method:?}");
        assert_eq!(text(collection.as_ref(), 0), noise);
        let mut part = Vec::new();
        let mut second = collection.read(&collection.entries()[1], &Limits::default()).unwrap();
        let error = second.read_to_end(&mut part).unwrap_err();
        assert_eq!(afterpatch_ingest::problem_code(&error), ProblemCode::Truncated);
        assert!(part.len() > 1_000 && noise.as_bytes().starts_with(&part));
        assert_eq!(afterpatch_ingest::hash::sha256(second.as_mut()).unwrap().len(), 64);
    }
}

#[test]
fn a_cut_zip_whose_headers_do_not_know_their_sizes_is_read() {
    let folder = TempDir::new().unwrap();
    let mut zip = ZipWriter::new_stream(Vec::new());
    for (name, text) in [("a.log", "first"), ("b.log", "second"), ("c.log", "third")] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes.truncate(directory + 2);
    let path = folder.path().join("cut.zip");
    fs::write(&path, bytes).unwrap();
    let collection = open_one(&path);
    let texts: Vec<String> =
        (0..collection.entries().len()).map(|place| text(collection.as_ref(), place)).collect();
    assert_eq!(texts, ["first", "second", "third"]);
}

#[test]
fn two_entries_of_one_name_are_both_read() {
    let folder = TempDir::new().unwrap();
    let path = zip_of(&folder, "a.zip", &[("a.log", "one"), ("b.log", "two")]);
    let mut bytes = fs::read(&path).unwrap();
    for place in 0..bytes.len() - 5 {
        if &bytes[place..place + 5] == b"b.log" {
            bytes[place] = b'a';
        }
    }
    fs::write(&path, bytes).unwrap();
    let collection = open_one(&path);
    assert_eq!(codes(collection.as_ref()), [(ProblemCode::DuplicateName, "a.log")]);
    let mut texts: Vec<String> = (0..2).map(|place| text(collection.as_ref(), place)).collect();
    texts.sort();
    assert_eq!(texts, ["one", "two"]);
}

#[test]
fn a_folder_of_containers_gives_one_collection_each() {
    let folder = TempDir::new().unwrap();
    zip_of(&folder, "b.zip", &[("b.log", "b")]);
    zip_of(&folder, "a.zip", &[("a.log", "a")]);
    fs::write(folder.path().join("c.zip"), b"PK\x03\x04 and no more").unwrap();
    let collections = open(folder.path(), &Limits::default(), &Passwords::default()).unwrap();
    let layouts: Vec<_> = collections.iter().map(|collection| collection.layout()).collect();
    assert_eq!(layouts, ["zip", "zip", "file"]);
    assert_eq!(collections[2].problems()[0].code, ProblemCode::Damaged);
    let alone = open(&folder.path().join("c.zip"), &Limits::default(), &Passwords::default());
    assert!(matches!(alone, Err(OpenError::Damaged { .. })));
    fs::write(folder.path().join("notes.txt"), "n").unwrap();
    // A folder with more in it is one collection: its four files, and the two logs in the containers.
    assert_eq!(open_one(folder.path()).entries().len(), 6);
}

const UPLOADS: &str = r#"{"Timestamp":"2021-03-05T10:00:00Z","vfs_path":"uploads/auto/C%3A/inetpub/a.log","_Components":["uploads","auto","C:","inetpub","a.log"],"file_size":3,"uploaded_size":1}
{"vfs_path":"uploads/ntfs/%5C%5C.%5CC%3A/Windows/gone.evtx","_Components":["uploads","ntfs","\\\\.\\C:","Windows","gone.evtx"],"file_size":3,"uploaded_size":3}
no json
{"vfs_path":"uploads/ntfs/x.idx","Type":"idx"}
"#;

#[test]
fn a_velociraptor_collection_has_its_paths_decoded() {
    let files = [
        ("uploads/auto/C%3A/inetpub/a.log", "a"),
        ("uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/winevt/Logs/S%254Op.evtx", "e"),
        ("uploads.json", UPLOADS),
        ("client_info.json", r#"{"Hostname":"mx1","Fqdn":"mx1.example.org"}"#),
        (
            "results/Windows.KapeFiles.Targets%2FUploads.json",
            r#"{"SourceFile":"C:\\inetpub\\a.log","Created":"2021-03-01T00:00:00Z","Modified":"2021-03-02T00:00:00Z"}"#,
        ),
    ];
    let folder = TempDir::new().unwrap();
    let zip = zip_of(&folder, "Collection-mx1-2021-03-05T10_00_00Z.zip", &files);
    let unpacked = tree(&files);
    for collection in [open_one(&zip), open_one(unpacked.path())] {
        assert_eq!(collection.layout(), "velociraptor");
        let uploads: Vec<_> = paths(collection.as_ref())
            .into_iter()
            .filter(|(path, ..)| path.starts_with("uploads/"))
            .collect();
        assert_eq!(
            uploads,
            [
                ("uploads/auto/C%3A/inetpub/a.log", r"C:\inetpub\a.log", ""),
                (
                    "uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/winevt/Logs/S%254Op.evtx",
                    r"C:\Windows\System32\winevt\Logs\S%4Op.evtx",
                    ""
                ),
            ]
        );
        let entry = collection.entries().iter().find(|entry| entry.path == r"C:\inetpub\a.log").unwrap();
        assert_eq!(entry.modified.unwrap().to_string(), "2021-03-02T00:00:00Z");
        assert_eq!(collection.declared_hosts(), [(String::new(), "mx1".to_owned())]);
        assert_eq!(
            codes(collection.as_ref()),
            [
                (ProblemCode::Truncated, "auto/C:/inetpub/a.log"),
                (ProblemCode::CollectorFailure, r"ntfs/\\.\C:/Windows/gone.evtx"),
            ]
        );
    }
}

#[test]
fn a_slash_in_a_component_forges_no_folder() {
    let folder = tree(&[("uploads/auto/C%3A/inetpub%2Fwwwroot%2Fx.aspx", "x"), ("uploads.json", "")]);
    let collection = open_one(folder.path());
    assert_eq!(collection.entries()[1].path, r"C:\inetpub%2Fwwwroot%2Fx.aspx");
}

#[test]
fn kape_logs_give_original_paths_times_and_failures() {
    let copy_log = "\u{FEFF}CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\r\n\
        2021-03-05 10:00:00.1,C:\\inetpub\\wwwroot\\a.aspx,F:\\out\\C\\inetpub\\wwwroot\\a.aspx,5,00,False,2021-03-01 01:02:03.1234567,2021-03-02 01:02:03.0000000,x,00:00\r\n\
        2021-03-05 10:00:00.2,C:\\$Extend\\$UsnJrnl:$J,F:\\out\\C\\$Extend\\$J,5,00,True,,,,\r\n";
    let skip_log =
        "SourceFile,SourceFileSha1,Reason\r\nC:\\pagefile.sys,,Access denied\r\nC:\\b.log,00,Deduped\r\n";
    let folder = tree(&[
        ("MX1/2021-03-05T10_00_00_CopyLog.csv", copy_log),
        ("MX1/2021-03-05T10_00_00_SkipLog.csv.csv", skip_log),
        ("MX1/2021-03-05T10_00_00_ConsoleLog.txt", "[x] System info: Machine name: MX01, 64-bit: True\r\n"),
        ("MX1/C/inetpub/wwwroot/a.aspx", "inert"),
        ("MX1/C/$Extend/$J", "journal"),
        ("MX1/C/other.log", "o"),
    ]);
    let collection = open_one(folder.path());
    assert_eq!(collection.layout(), "kape");
    let originals: Vec<_> = collection.entries().iter().map(|entry| entry.path.as_str()).skip(3).collect();
    assert_eq!(originals, [r"C:\$Extend\$UsnJrnl:$J", r"C:\inetpub\wwwroot\a.aspx", r"C:\other.log"]);
    let page = &collection.entries()[4];
    assert_eq!(page.created.unwrap().to_string(), "2021-03-01T01:02:03.1234567Z");
    assert_eq!(page.modified.unwrap().to_string(), "2021-03-02T01:02:03Z");
    assert_eq!(collection.declared_hosts(), [("MX1".to_owned(), "MX01".to_owned())]);
    assert_eq!(codes(collection.as_ref()), [(ProblemCode::CollectorFailure, r"MX1/C:\pagefile.sys")]);
}
