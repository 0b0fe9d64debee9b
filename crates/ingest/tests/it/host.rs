use afterpatch_ingest::{Limits, Passwords, identify, open};
use afterpatch_model::Timestamp;
use afterpatch_range::hive::{self, Data, Key, Lists};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const PROXY: &str =
    "DateTime,UrlStem,AnchorMailbox,ServerHostName\n2021-03-02T04:00:01Z,/a,,mx7.example.org\n";
const IIS: &str = "#Fields: date time c-ip cs-uri-stem sc-status\n2021-03-02 00:00:01 192.0.2.1 /a 200\n";

fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn names(folder: &Path) -> Vec<(String, Option<String>, Option<String>)> {
    let collection = open(folder, &Limits::default(), &Passwords::default()).unwrap().remove(0);
    identify(collection.as_ref(), &Limits::default())
        .into_iter()
        .map(|(root, evidence)| (root, evidence.name.map(|name| name.to_string()), evidence.places.exchange))
        .collect()
}

#[test]
fn records_name_the_host_before_folders_do() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "MX1/E/Ex/Logging/HttpProxy/Ecp/HttpProxy_2021030204-1.LOG", PROXY);
    put(folder.path(), "MX2/C/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log", IIS);
    put(folder.path(), "logs/C/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log", IIS);
    assert_eq!(
        names(folder.path()),
        [
            ("MX1".to_owned(), Some("MX7".to_owned()), Some(r"E:\Ex\".to_owned())),
            ("MX2".to_owned(), Some("MX2".to_owned()), None),
            ("logs".to_owned(), None, None),
        ]
    );
}

#[test]
fn a_collector_names_the_host_before_records_do() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "uploads/auto/C%3A/Ex/Logging/HttpProxy/Ecp/HttpProxy_2021030204-1.LOG", PROXY);
    put(folder.path(), "uploads.json", "");
    put(folder.path(), "client_info.json", r#"{"Hostname":"MX3"}"#);
    assert_eq!(names(folder.path())[0].1.as_deref(), Some("MX3"));
    fs::remove_file(folder.path().join("client_info.json")).unwrap();
    assert_eq!(names(folder.path())[0].1.as_deref(), Some("MX7"));
}

#[test]
fn windows_own_name_goes_before_what_records_say() {
    let mut system = Key::new("ROOT");
    system.text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", "MX5");
    system.set("Select", "Current", Data::Dword(1));
    let folder = TempDir::new().unwrap();
    put(folder.path(), "MX1/E/Ex/Logging/HttpProxy/Ecp/HttpProxy_2021030204-1.LOG", PROXY);
    let hive = folder.path().join("MX1/C/Windows/System32/config/SYSTEM");
    fs::create_dir_all(hive.parent().unwrap()).unwrap();
    fs::write(hive, hive::write(&system, Lists::Lf, Timestamp::from_nanos(0)).bytes).unwrap();
    assert_eq!(names(folder.path())[0].1.as_deref(), Some("MX5"));
}

#[test]
fn every_sighting_is_kept_best_first() {
    let folder = TempDir::new().unwrap();
    let ecp = "#Log-type: ECP Server Log\n#Fields: TimeStamp,ServerName,EventId,EventData\n2021-03-02T04:00:01Z,MX8,a,S:A=1\n";
    put(folder.path(), "MX1/C/Ex/Logging/HttpProxy/Ecp/HttpProxy_2021030204-1.LOG", PROXY);
    put(folder.path(), "MX1/C/Ex/Logging/ECP/Server/ECPServer20210302-1.LOG", ecp);
    let collection = open(folder.path(), &Limits::default(), &Passwords::default()).unwrap().remove(0);
    let evidence = identify(collection.as_ref(), &Limits::default()).remove("MX1").unwrap();
    let seen: Vec<_> = evidence
        .sightings
        .iter()
        .map(|sighting| (sighting.seen_in.as_str(), sighting.spelled.as_str()))
        .collect();
    assert_eq!(seen, [("http-proxy", "MX7"), ("ecp-server", "MX8"), ("folder", "MX1")]);
}
