//! One content, every layout; and the same bytes each time.

use crate::written::written;
use afterpatch_range::{Layout, Scenario, play};

#[test]
fn twice_the_same_bytes() {
    // What is locked has a salt that is drawn anew each time; that it holds the same is tested with the program.
    for layout in Layout::ALL.into_iter().filter(|layout| *layout != Layout::VelociraptorLocked) {
        assert_eq!(written("example", layout), written("example", layout), "{}", layout.name());
    }
}

#[test]
fn what_is_played_is_what_is_written() {
    let scenario = Scenario::by_name("example").unwrap();
    assert_eq!(play(scenario), written("example", Layout::Folder));
}

#[test]
fn a_folder_a_server_and_a_folder_a_drive() {
    let files = written("example", Layout::Folder);
    assert!(files.contains_key("MX1/C/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log"));
    assert!(files.contains_key("MX2/E/Exchange2016/Logging/HttpProxy/Ecp/HttpProxy_2021030204-1.LOG"));
    assert!(files.contains_key("MX1/C/EventLogs/Microsoft-Windows-Sysmon%4Operational.jsonl"));
}

#[test]
fn kape_lists_every_file_with_its_hash() {
    let files = written("example", Layout::Kape);
    let log = String::from_utf8(files["MX1/20210304T030000_CopyLog.csv"].clone()).unwrap();
    let copied = files.keys().filter(|path| path.starts_with("MX1/C/")).count();
    assert_eq!(log.lines().count(), copied + 1);
    assert!(log.contains(r",C:\inetpub\logs\LogFiles\W3SVC1\u_ex210302.log,"));
}

#[test]
fn velociraptor_escapes_names_and_lists_them_plain() {
    let files = written("example", Layout::Velociraptor);
    let name = "Collection-mx1_example_org-2021-03-04T03_00_00Z.zip";
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(files[name].clone())).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert!(names.iter().any(|name| name.starts_with("uploads/auto/C%3A/inetpub/")));
    assert!(names.iter().any(|name| name.ends_with("Sysmon%254Operational.jsonl")));
    let uploads = std::io::read_to_string(zip.by_name("uploads.json").unwrap()).unwrap();
    assert_eq!(uploads.lines().count(), names.len() - 3);
    let first: serde_json::Value = serde_json::from_str(uploads.lines().next().unwrap()).unwrap();
    assert_eq!(first["_Components"][2], "C:");
    let info = std::io::read_to_string(zip.by_name("client_info.json").unwrap()).unwrap();
    assert!(info.contains("\"Hostname\":\"MX1\""));
}

#[test]
fn entries_of_a_zip_are_sorted_and_undated() {
    let files = written("example", Layout::Zip);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(files["MX1.zip"].clone())).unwrap();
    let names: Vec<String> =
        (0..zip.len()).map(|place| zip.by_index(place).unwrap().name().unwrap().into_owned()).collect();
    assert!(names.is_sorted());
    assert!((0..zip.len()).all(|place| {
        let entry = zip.by_index(place).unwrap();
        entry.last_modified() == Some(zip::DateTime::default())
    }));
}
