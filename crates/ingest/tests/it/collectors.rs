//! What collectors lock, leave out, hash and complain about.

use crate::support::{opened, tree};
use afterpatch_ingest::hash::Declared;
use afterpatch_ingest::{Limits, OpenCollection, Passwords};
use afterpatch_model::ProblemCode;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{AesMode, ZipWriter};

fn open_with(path: &Path, passwords: &[&str]) -> Box<dyn OpenCollection> {
    let passwords = Passwords::new(passwords.iter().map(|password| (*password).to_owned()));
    opened(path, &Limits::default(), &passwords)
}

fn told(collection: &dyn OpenCollection) -> Vec<(ProblemCode, &str, &str)> {
    let problems = collection.problems().iter();
    problems.map(|problem| (problem.code, problem.place.as_str(), problem.detail.as_str())).collect()
}

fn texts(collection: &dyn OpenCollection) -> Vec<(String, String)> {
    let read = |entry: &afterpatch_ingest::Entry| {
        let mut text = String::new();
        collection.read(entry, &Limits::default()).unwrap().read_to_string(&mut text).unwrap();
        (entry.path.clone(), text)
    };
    collection.entries().iter().map(read).collect()
}

fn zip_bytes(files: &[(&str, &[u8])], password: Option<&str>) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let is_locked = *name != "metadata.json";
        let options = SimpleFileOptions::default();
        let options = match password.filter(|_| is_locked) {
            Some(password) => options.with_aes_encryption(AesMode::Aes256, password),
            None => options,
        };
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A collection as Velociraptor locks it: one zip in another, the inner one encrypted, the scheme beside it.
fn locked(folder: &TempDir, scheme: &str) -> PathBuf {
    let inner = zip_bytes(
        &[
            ("client_info.json", br#"{"Hostname": "mx1"}"#),
            ("uploads/auto/C%3A/inetpub/wwwroot/a.aspx", b"page"),
            ("uploads.json", b""),
        ],
        None,
    );
    let metadata = format!(r#"[{{"EncryptedPass": "AAAA", "Scheme": "{scheme}"}}]"#);
    let outer =
        zip_bytes(&[("metadata.json", metadata.as_bytes()), ("data.zip", &inner)], Some("correct horse"));
    let path = folder.path().join("Collection-mx1-2021-03-05.zip");
    fs::write(&path, outer).unwrap();
    path
}

#[test]
fn a_locked_velociraptor_collection_says_what_opens_it() {
    for (scheme, needed) in [("X509", "private key"), ("PGP", "PGP key"), ("Password", "for the password")] {
        let folder = TempDir::new().unwrap();
        let path = locked(&folder, scheme);
        for passwords in [&[][..], &["wrong"]] {
            let collection = open_with(&path, passwords);
            assert_eq!(collection.layout(), "velociraptor");
            let [(code, place, detail)] = told(collection.as_ref())[..] else {
                panic!("{:?}", told(collection.as_ref()));
            };
            assert_eq!((code, place), (ProblemCode::Encrypted, "data.zip"));
            assert!(detail.contains(needed) && detail.contains("--password-file"), "{detail}");
        }
    }
}

#[test]
fn a_locked_velociraptor_collection_is_read_with_its_password() {
    let folder = TempDir::new().unwrap();
    let collection = open_with(&locked(&folder, "Password"), &["wrong", "correct horse"]);
    assert_eq!(collection.layout(), "velociraptor");
    assert_eq!(told(collection.as_ref()), []);
    assert_eq!(collection.declared_hosts(), [(String::new(), "mx1".to_owned())]);
    let texts = texts_of_pages(collection.as_ref());
    assert_eq!(texts, [(r"C:\inetpub\wwwroot\a.aspx".to_owned(), "page".to_owned())]);
}

/// The texts of the entries that are text.
fn texts_of_pages(collection: &dyn OpenCollection) -> Vec<(String, String)> {
    let pages = collection.entries().iter().filter(|entry| entry.path.contains("wwwroot"));
    let mut texts = Vec::new();
    for entry in pages {
        let mut text = String::new();
        collection.read(entry, &Limits::default()).unwrap().read_to_string(&mut text).unwrap();
        texts.push((entry.path.clone(), text));
    }
    texts
}

#[test]
fn a_sparse_file_is_read_as_it_was_and_its_size_is_no_failure() {
    let map = r#"{"ranges": [{"length": 4096}, {"original_offset": 4096, "file_length": 3, "length": 3},
        {"file_offset": 3, "original_offset": 4099, "length": 2},
        {"file_offset": 3, "original_offset": 4101, "file_length": 1, "length": 1}]}"#;
    let uploads = r#"{"vfs_path":"\\\\.\\C:\\$Extend\\$UsnJrnl:$J","_Components":["uploads","ntfs","\\\\.\\C:","$Extend","$UsnJrnl:$J"],"file_size":4102,"uploaded_size":4,"Type":""}
{"vfs_path":"\\\\.\\C:\\$Extend\\$UsnJrnl:$J.idx","_Components":["uploads","ntfs","\\\\.\\C:","$Extend","$UsnJrnl:$J"],"file_size":9,"uploaded_size":9,"Type":"idx"}
"#;
    let journal = "uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J";
    let folder = tree(&[
        ("uploads.json", uploads),
        (journal, "abcd"),
        (&format!("{journal}.idx"), map),
        ("uploads/auto/C%3A/a.idx", "no map"),
        ("uploads/auto/C%3A/b", "b"),
        ("uploads/auto/C%3A/b.idx", "{\"ranges\": 1}"),
    ]);
    let collection = open_with(folder.path(), &[]);
    let [(ProblemCode::Damaged, "uploads/auto/C%3A/b.idx", detail)] = told(collection.as_ref())[..] else {
        panic!("{:?}", told(collection.as_ref()));
    };
    assert!(detail.starts_with("no list of ranges"), "{detail}");
    let journal = collection.entries().iter().find(|entry| entry.path.ends_with("$J")).unwrap();
    assert_eq!((journal.path.as_str(), journal.size_bytes), (r"C:\$Extend\$UsnJrnl:$J", 6));
    let found = texts(collection.as_ref());
    assert!(found.contains(&(journal.path.clone(), "abc\0\0d".to_owned())), "{found:?}");
    assert!(found.contains(&(r"C:\a.idx".to_owned(), "no map".to_owned())), "{found:?}");
}

#[test]
fn what_the_collector_logged_as_an_error_is_passed_on() {
    let log = r#"{"_ts": 1, "level": "INFO", "message": "an error is only a word here"}
{"_ts": 2, "level": "ERROR", "message": "C:\\a: access denied\n"}
"#;
    let missing = r#"{"SourceFile":"C:\\$MFT","Reason":"no raw access"}"#;
    let folder = tree(&[
        ("uploads/auto/C%3A/b", "b"),
        ("uploads.json", ""),
        ("log.json", log),
        ("results/Custom.Afterpatch%2FMissing.json", missing),
    ]);
    let collection = open_with(folder.path(), &[]);
    let failure = |place, detail| (ProblemCode::CollectorFailure, place, detail);
    let expected = [failure(r"C:\$MFT", "no raw access"), failure("log.json", r"C:\a: access denied")];
    assert_eq!(told(collection.as_ref()), expected);
}

#[test]
fn hashes_that_collectors_took_stand_with_their_files() {
    let sha1 = "A9993E364706816ABA3E25717850C26C9CD0D89D";
    let copy_log = format!(
        "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1\r\n\
         x,C:\\a.log,F:\\out\\C\\a.log,3,{sha1}\r\nx,C:\\b.log,F:\\out\\C\\b.log,3,\r\n"
    );
    let folder = tree(&[("C/a.log", "abc"), ("C/b.log", "abc"), ("x_CopyLog.csv", &copy_log)]);
    let collection = open_with(folder.path(), &[]);
    let declared: Vec<_> = collection.entries().iter().map(|entry| entry.declared.clone()).collect();
    assert_eq!(declared, [Declared::sha1(sha1), None, None]);
}

type Texts = &'static [(&'static str, &'static str)];

const ACQUIRE: &str =
    r#"{"target": "MX1", "modules-successful": ["MFT"], "modules-failed": {"SAM": "no access"}}"#;

#[test]
fn other_collectors_are_known_by_what_they_leave() {
    let cases: [(&str, Texts, &str, Texts); 3] = [
        (
            "acquire",
            &[("fs/C:/Windows/a.log", "a"), ("MX1_2021.report.json", ACQUIRE)],
            r"C:\Windows\a.log",
            &[("MX1_2021.report.json", "SAM: no access")],
        ),
        (
            "uac",
            &[("[root]/var/log/a.log", "a"), ("uac.log", "2021 [INF] errors none\n2021 [ERR] no /proc\n")],
            "/var/log/a.log",
            &[("uac.log", "2021 [ERR] no /proc")],
        ),
        ("cylr", &[("C/Windows/a.log", "a"), ("CyLR.log", "done\n")], r"C:\Windows\a.log", &[]),
    ];
    for (name, files, path, failures) in cases {
        let folder = tree(files);
        let collection = open_with(folder.path(), &[]);
        assert_eq!(collection.layout(), name);
        assert!(texts(collection.as_ref()).iter().any(|(own, _)| own == path), "{name}");
        let found = told(collection.as_ref());
        let expected: Vec<_> =
            failures.iter().map(|(place, why)| (ProblemCode::CollectorFailure, *place, *why)).collect();
        assert_eq!(found, expected, "{name}");
    }
}
