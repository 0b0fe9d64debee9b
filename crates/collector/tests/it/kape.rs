//! The targets, checked against those that are published.
//!
//! Keys: `Targets/TargetTemplate.template` and `Targets/CompoundTargetTemplate.template` of `EricZimmerman/KapeFiles`,
//! as of 6 March 2026. Meaning of the keys: `Pages/2.1-Targets.md` of `EricZimmerman/KapeDocs`.

use crate::support::{NEAR_MISSES, Server, USUAL, assert_keys, locations, pattern, samples, yaml};
use afterpatch_collector::Collector;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

const HEAD: [&str; 6] = ["Description", "Author", "Version", "Id", "RecreateDirectories", "Targets"];
const NEEDED: [&str; 3] = ["Name", "Category", "Path"];
const OTHERS: [&str; 7] =
    ["Recursive", "FileMask", "AlwaysAddToQueue", "SaveAsFileName", "MinSize", "MaxSize", "Comment"];

fn targets() -> Vec<(String, Value)> {
    Collector::Kape.files().iter().map(|file| (file.name.clone(), yaml(file))).collect()
}

fn entries(target: &Value) -> Vec<Value> {
    target["Targets"].as_array().unwrap().clone()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}"))
}

/// Says which files an entry names on the drive that KAPE is run on.
fn names(entry: &Value) -> Regex {
    let below = if entry["Recursive"] == true { r"**\" } else { "" };
    pattern(&format!("{}{below}{}", text(entry, "Path"), text(entry, "FileMask")))
}

fn all_names() -> Vec<Regex> {
    let parts = targets().into_iter().skip(1);
    parts.flat_map(|(_, part)| entries(&part)).map(|entry| names(&entry)).collect()
}

/// KAPE replaces the drive of a target by the one that it is run on.
fn on_its_drive(path: &str) -> String {
    format!("C{}", path.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap())
}

#[test]
fn targets_have_the_keys_that_published_ones_have() {
    let mut ids = BTreeSet::new();
    let guid = Regex::new("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$").unwrap();
    for (name, target) in targets() {
        assert_keys(&target, &HEAD, &[]);
        assert!(guid.is_match(text(&target, "Id")), "{name}");
        assert!(ids.insert(text(&target, "Id").to_owned()), "{name}: Id");
        assert_eq!(target["RecreateDirectories"], true);
        assert!(target["Version"].is_number(), "{name}: {}", target["Version"]);
        for entry in entries(&target) {
            assert_keys(&entry, &NEEDED, &OTHERS);
        }
    }
}

#[test]
fn the_compound_names_each_part_and_nothing_else() {
    let targets = targets();
    let (first, parts) = targets.split_first().unwrap();
    assert_eq!(first.0, "Afterpatch.tkape");
    let named: Vec<String> = entries(&first.1).iter().map(|entry| text(entry, "Path").to_owned()).collect();
    let written: Vec<String> = parts.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(named, written);
}

#[test]
fn paths_are_folders_below_the_drive_that_kape_replaces() {
    for (name, part) in targets().into_iter().skip(1) {
        let mut seen = BTreeSet::new();
        for entry in entries(&part) {
            let path = text(&entry, "Path").to_owned();
            assert!(path.starts_with(r"C:\") && path.ends_with('\\'), "{name}: {path}");
            assert!(!path.contains("**"), "{name}: {path}: KAPE knows no such thing");
            let mask = text(&entry, "FileMask").to_owned();
            assert!(!mask.contains('\\'), "{name}: {mask}");
            assert!(seen.insert((path.clone(), mask)), "{name}: {path} twice");
        }
    }
}

/// Asserts that all files of every guide are named on a server. KAPE looks two folders deep in the midst of a mask.
fn assert_collects(server: &Server) {
    let names = all_names();
    for location in locations() {
        for sample in samples(location.mask) {
            let path = on_its_drive(&format!("{}{sample}", server.folder(location.root)));
            assert!(names.iter().any(|name| name.is_match(&path)), "{path} of {location:?}");
        }
    }
}

#[test]
fn every_location_of_every_guide_is_collected_on_a_usual_server() {
    assert_collects(&USUAL);
}

#[test]
fn exchange_is_found_on_other_drives_and_in_other_folders() {
    for exchange in [
        r"E:\Exchange2016\",
        r"D:\Exchange\",
        r"D:\Exchange\V15\",
        r"E:\Program Files\Microsoft\Exchange Server\V15\",
        r"F:\Apps\Exchange Server\V15\",
        r"F:\Apps\Exchange Server\",
    ] {
        assert_collects(&Server { exchange, ..USUAL });
    }
}

#[test]
fn the_folders_that_only_exchange_has_are_found_below_any_two() {
    let names = all_names();
    let is_named = |path: &str| names.iter().any(|name| name.is_match(&on_its_drive(path)));
    for path in [
        r"E:\Mail\Logging\HttpProxy\Ecp\HttpProxy_2021030200-1.LOG",
        r"E:\Srv\Mail\FrontEnd\HttpProxy\owa\auth\x.aspx",
        r"E:\Srv\MS\V15\TransportRoles\Shared\agents.config",
        r"D:\Logs\IIS\W3SVC2\u_ex210302.log",
        r"D:\W3SVC1\u_ex210302.log",
        r"E:\web\wwwroot\a\b.aspx",
    ] {
        assert!(is_named(path), "{path}");
    }
    // What a target cannot know, and the page says so.
    for path in [
        r"E:\a\b\c\d\Logging\HttpProxy\Ecp\HttpProxy_2021030200-1.LOG",
        r"D:\accesslogs\u_ex210302.log",
        r"E:\sites\shop\x.aspx",
        r"E:\Mail\Bin\EdgeTransport.exe.config",
    ] {
        assert!(!is_named(path), "{path}");
    }
}

#[test]
fn what_nobody_reads_is_left_alone() {
    let names = all_names();
    for path in NEAR_MISSES {
        let by: Vec<&Regex> = names.iter().filter(|name| name.is_match(path)).collect();
        assert!(by.is_empty(), "{path} by {by:?}");
    }
}
