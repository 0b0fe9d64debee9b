//! Servers to collect from, and files on them. Nothing here uses what the crate itself knows of masks.

use afterpatch_collector::{Collector, GeneratedFile};
use afterpatch_ingest::{Location, Root, guides};
use regex::Regex;
use serde_json::Value;

/// Where the roots lie on a server.
pub(crate) struct Server {
    pub(crate) exchange: &'static str,
    pub(crate) iis_logs: &'static str,
    pub(crate) web_root: &'static str,
}

/// A server as setup leaves it.
pub(crate) static USUAL: Server = Server {
    exchange: r"C:\Program Files\Microsoft\Exchange Server\V15\",
    iis_logs: r"C:\inetpub\logs\LogFiles\",
    web_root: r"C:\inetpub\wwwroot\",
};

impl Server {
    pub(crate) fn folder(&self, root: Root) -> &'static str {
        match root {
            Root::Exchange => self.exchange,
            Root::IisLogs => self.iis_logs,
            Root::WebRoots => self.web_root,
            Root::Windows => r"C:\Windows\",
            Root::ProgramData => r"C:\ProgramData\",
            Root::SystemDrive | Root::Volumes => r"C:\",
        }
    }
}

/// Files that lie near to what is read, and that nobody reads.
pub(crate) const NEAR_MISSES: [&str; 12] = [
    r"C:\Program Files\Microsoft\Exchange Server\V15\Mailbox\DB1\DB1.edb",
    r"C:\Program Files\Microsoft\Exchange Server\V15\Logging\Diagnostics\DailyPerformanceLogs\a.blg",
    r"C:\Program Files\Microsoft\Exchange Server\V15\Bin\Microsoft.Exchange.Net.dll",
    r"C:\Program Files\Other\Bin\other.exe.config",
    r"C:\Program Files\Other\1.0\Bin\other.exe.config",
    r"C:\Windows\System32\winevt\Logs\Security.bak",
    r"C:\Windows\System32\inetsrv\config\schema\IIS_schema.xml",
    r"C:\Windows\NTDS\ntds.dit",
    r"C:\Users\admin\Documents\mail.pst",
    r"C:\ExchangeSetupLogs\ExchangeSetup.msilog",
    r"C:\inetpub\temp\appPools\secret.txt",
    r"C:\inetpub\logs\LogFiles\W3SVC1\u_ex210302.zip",
];

/// Returns every location of every guide.
pub(crate) fn locations() -> Vec<Location> {
    let locations = guides().flat_map(|(_, guide)| guide.locations.iter().copied());
    let locations: Vec<Location> = locations.collect();
    assert!(locations.len() > 30, "only {} locations", locations.len());
    locations
}

/// Returns names of files that a mask names: `**` is no folder, one, and two.
pub(crate) fn samples(mask: &str) -> Vec<String> {
    let mut samples = vec![String::new()];
    for part in mask.split('\\') {
        let parts = match part {
            "**" => vec![String::new(), r"some\".to_owned(), r"some\Folder 2\".to_owned()],
            other => vec![format!("{}\\", other.replace('*', "x1"))],
        };
        let all = samples.iter().flat_map(|start| parts.iter().map(move |part| format!("{start}{part}")));
        samples = all.collect();
    }
    samples.into_iter().map(|sample| sample.trim_end_matches('\\').to_owned()).collect()
}

/// Says in another way what a mask means.
pub(crate) fn pattern(mask: &str) -> Regex {
    let mut pattern = String::from("(?i)^");
    let parts: Vec<&str> = mask.split('\\').collect();
    for (place, part) in parts.iter().enumerate() {
        let is_last = place + 1 == parts.len();
        if *part == "**" {
            pattern.push_str(r"(?:[^\\]+\\)*");
        } else {
            pattern.push_str(&regex::escape(part).replace(r"\*", r"[^\\]*"));
            pattern.push_str(if is_last { "" } else { r"\\" });
        }
    }
    Regex::new(&format!("{pattern}$")).unwrap()
}

/// Asserts that rows of root and mask name all that the guides name, and nothing else.
pub(crate) fn assert_same_as_guides(rows: &[(String, String)]) {
    let of_guides: Vec<(String, String)> = locations()
        .iter()
        .map(|location| (format!("{:?}", location.root), location.mask.to_owned()))
        .collect();
    assert_within(&of_guides, rows);
    assert_within(rows, &of_guides);
}

/// Asserts that each sample of the inner masks is named by one of the outer ones.
fn assert_within(inner: &[(String, String)], outer: &[(String, String)]) {
    for (root, mask) in inner {
        for sample in samples(mask) {
            let names = |(of, mask): &(String, String)| of == root && pattern(mask).is_match(&sample);
            assert!(outer.iter().any(names), "{root}: {sample} of {mask}");
        }
    }
}

pub(crate) fn one_file(collector: Collector) -> GeneratedFile {
    let mut files = collector.files();
    assert_eq!(files.len(), 1);
    files.pop().unwrap()
}

/// Parses YAML, which must not name a key twice.
pub(crate) fn yaml(file: &GeneratedFile) -> Value {
    serde_saphyr::from_str(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.name))
}

/// Asserts that an object has only keys that the published definitions have, and all that they must have.
pub(crate) fn assert_keys(object: &Value, needed: &[&str], others: &[&str]) {
    let object = object.as_object().unwrap();
    for key in needed {
        assert!(object.contains_key(*key), "{key} is missing in {object:?}");
    }
    for key in object.keys() {
        let is_known = needed.contains(&key.as_str()) || others.contains(&key.as_str());
        assert!(is_known, "{key} is no key of {object:?}");
    }
}

#[test]
fn the_tests_own_reading_of_masks_is_right() {
    let cases = [
        (r"a\**\*.log", r"A\x.LOG", true),
        (r"a\**\*.log", r"a\b\c\x.log", true),
        (r"a\*.log", r"a\b\x.log", false),
        (r"a\**\b\*", r"a\x\y\b\z", true),
        (r"a\**\b\*", r"a\x\y\c\z", false),
    ];
    for (mask, path, expected) in cases {
        assert_eq!(pattern(mask).is_match(path), expected, "{mask} {path}");
    }
    assert_eq!(samples(r"a\**\*.x"), [r"a\x1.x", r"a\some\x1.x", r"a\some\Folder 2\x1.x"]);
}

#[test]
fn what_is_written_is_the_same_each_time_plain_and_without_places_left_open() {
    for collector in Collector::ALL {
        assert_eq!(collector.files(), collector.files());
        for file in collector.files() {
            assert!(file.text.is_ascii(), "{}", file.name);
            assert!(!file.text.contains("{{"), "{}", file.name);
            assert!(!file.name.contains(['/', '\\', ' ']), "{}", file.name);
            assert!(file.text.lines().all(|line| line.trim_end() == line), "{}", file.name);
        }
    }
}

#[test]
fn the_guides_masks_hold_nothing_that_a_collector_takes_for_something_else() {
    for location in locations() {
        // A stream, which only a file of NTFS's own has, stands after a colon.
        let others = if location.mask.contains('$') { r"\*. -_$:" } else { r"\*. -_" };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
        assert!(location.mask.chars().all(is_plain), "{}", location.mask);
    }
}
