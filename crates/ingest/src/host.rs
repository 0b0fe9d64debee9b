//! Which server a collection came from: found in the evidence, never assumed.

use crate::collections::{Entry, OpenCollection, host_of_name};
use crate::input::{Evidence, head};
use crate::limits::Limits;
use crate::parsers::Parser;
use crate::places::Places;
use crate::read::{HEAD_BYTES, choose_parser, look_into};
use afterpatch_model::{Batch, HostName, HostSighting, extension, file_name, path_key};
use arrow_array::StringArray;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

/// What the evidence says about the host of one part of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostEvidence {
    /// The name that most and best sightings agree on.
    pub name: Option<HostName>,
    /// Every sighting that was looked at, best first.
    pub sightings: Vec<HostSighting>,
    /// Whether the part is of no one server: each record in it names its own.
    pub is_of_many: bool,
    /// Where its own settings say that things lie; the install root of Exchange is else what the paths show.
    pub places: Places,
}

/// Where names were looked for, best first; the numbers order the sightings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trust {
    Collector,
    Registry,
    HttpProxy,
    ControlPanel,
    Events,
    Folder,
}

impl Trust {
    fn name(self) -> &'static str {
        match self {
            Self::Collector => "collector",
            Self::Registry => "registry",
            Self::HttpProxy => "http-proxy",
            Self::ControlPanel => "ecp-server",
            Self::Events => "windows-events",
            Self::Folder => "folder",
        }
    }
}

/// How many files of one kind are looked into.
const LOOKS: usize = 3;
/// How much of each is read: some records of any log, some chunks of an event log.
const LOOK_BYTES: usize = 256 << 10;

/// Finds the host of each part of a collection, by host root.
pub fn identify(collection: &dyn OpenCollection, limits: &Limits) -> BTreeMap<String, HostEvidence> {
    let mut parts: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in collection.entries() {
        parts.entry(&entry.host_root).or_default().push(entry);
    }
    parts
        .into_iter()
        .map(|(root, entries)| (root.to_owned(), evidence(collection, root, &entries, limits)))
        .collect()
}

fn evidence(
    collection: &dyn OpenCollection,
    root: &str,
    entries: &[&Entry],
    limits: &Limits,
) -> HostEvidence {
    let mut seen = declared(collection, root);
    for (trust, entry) in worth_a_look(entries) {
        let name = match trust {
            Trust::Registry => computer_name(collection, entry, limits),
            _ => record_name(collection, entry, limits),
        };
        seen.extend(name.map(|name| (trust, name)));
    }
    seen.extend(host_folder(root).map(|name| (Trust::Folder, name)));
    let mut places = places(collection, entries, limits);
    let shown = || entries.iter().find_map(|entry| install_root(&entry.path));
    places.exchange = places.exchange.or_else(shown);
    HostEvidence {
        name: best(&seen),
        is_of_many: seen.is_empty() && entries.len() <= LOOKS && is_of_many(collection, entries, limits),
        sightings: seen
            .into_iter()
            .map(|(trust, name)| HostSighting {
                spelled: name.as_str().to_owned(),
                seen_in: trust.name().to_owned(),
                artifact: None,
            })
            .collect(),
        places,
    }
}

fn places(collection: &dyn OpenCollection, entries: &[&Entry], limits: &Limits) -> Places {
    let files = entries.iter().map(|entry| (entry.path.clone(), *entry));
    Places::of(files, |entry| collection.read(entry, limits), limits)
}

type Seen = (Trust, HostName);

/// Returns what the collector wrote down, in a file or in the name that it gave to its output.
fn declared(collection: &dyn OpenCollection, root: &str) -> Vec<Seen> {
    let written = collection.declared_hosts().iter().filter(|(of, _)| of == root);
    let mut seen: Vec<Seen> =
        written.filter_map(|(_, name)| HostName::parse(name)).map(|name| (Trust::Collector, name)).collect();
    let location = collection.location().to_string_lossy();
    let named = if root.is_empty() { location.as_ref() } else { root };
    let by_name = host_of_name(named).and_then(HostName::parse);
    seen.extend(by_name.map(|name| (Trust::Collector, name)));
    seen
}

/// Returns the name of the best kind of sighting that most of its kind agree on; of equals, the first.
fn best(seen: &[Seen]) -> Option<HostName> {
    let trust = seen.iter().map(|(trust, _)| *trust).min()?;
    let names = || seen.iter().filter(|(of, _)| *of == trust).map(|(_, name)| name);
    let count = |name: &HostName| names().filter(|other| *other == name).count();
    let most = names().map(count).max()?;
    names().find(|name| count(name) == most).cloned()
}

/// Returns the smallest files of each kind whose paths promise records that name their server.
fn worth_a_look<'e>(entries: &[&'e Entry]) -> Vec<(Trust, &'e Entry)> {
    let mut found: BTreeMap<Trust, BTreeSet<(u64, &str, usize)>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.size_bytes > 0) {
        if let Some(trust) = promise(&entry.path) {
            let smallest = found.entry(trust).or_default();
            smallest.insert((entry.size_bytes, &entry.container_path, place));
            if smallest.len() > LOOKS {
                smallest.pop_last();
            }
        }
    }
    let looks =
        found.into_iter().flat_map(|(trust, smallest)| smallest.into_iter().map(move |at| (trust, at)));
    looks.filter_map(|(trust, (_, _, place))| Some((trust, *entries.get(place)?))).collect()
}

fn promise(path: &str) -> Option<Trust> {
    let key = path_key(path);
    let name = file_name(&key);
    let kind = extension(name);
    let is_log = kind == "log";
    if key.ends_with("/config/system") {
        Some(Trust::Registry)
    } else if is_log && (key.contains("/logging/httpproxy/") || name.starts_with("httpproxy_")) {
        Some(Trust::HttpProxy)
    } else if is_log && (key.contains("/logging/ecp/") || name.starts_with("ecpserver")) {
        Some(Trust::ControlPanel)
    } else if ["evtx", "json", "jsonl", "ndjson"].contains(&kind.as_str()) {
        Some(Trust::Events)
    } else {
        None
    }
}

/// Reads the first records of a file and returns the server that the first of them names.
fn record_name(collection: &dyn OpenCollection, entry: &Entry, limits: &Limits) -> Option<HostName> {
    let mut input = collection.read(entry, limits).ok()?;
    let start = head(input.as_mut(), LOOK_BYTES).ok()?;
    first_name(entry, &mut Cursor::new(start), limits, first_server)
}

/// Reads a hive and returns the name that Windows itself goes by.
fn computer_name(collection: &dyn OpenCollection, entry: &Entry, limits: &Limits) -> Option<HostName> {
    let mut input = collection.read(entry, limits).ok()?;
    first_name(entry, input.as_mut(), limits, |batch| {
        let column = |name| batch.rows.column_by_name(name)?.as_any().downcast_ref::<StringArray>();
        let (names, values) = (column("name")?, column("value")?);
        let mut settings = names.iter().zip(values.iter());
        let (_, value) = settings.find(|(name, _)| *name == Some("computer_name"))?;
        HostName::parse(value?)
    })
}

/// Parses an input and returns the first name that `find` finds in its rows.
fn first_name(
    entry: &Entry,
    input: &mut dyn Evidence,
    limits: &Limits,
    find: fn(&Batch) -> Option<HostName>,
) -> Option<HostName> {
    let mut name = None;
    look_into(&entry.path, input, limits, &mut |batch| name = name.take().or_else(|| find(batch)));
    name
}

/// Tells whether each record of each of these files names its own server.
fn is_of_many(collection: &dyn OpenCollection, entries: &[&Entry], limits: &Limits) -> bool {
    let parser = |entry: &&Entry| {
        let start = head(collection.read(entry, limits).ok()?.as_mut(), HEAD_BYTES).ok()?;
        choose_parser(&entry.path, &start)
    };
    entries.iter().all(|entry| parser(entry).is_some_and(Parser::names_servers))
}

fn first_server(batch: &Batch) -> Option<HostName> {
    let column = batch.rows.column_by_name("server")?;
    let servers = column.as_any().downcast_ref::<StringArray>()?;
    servers.iter().flatten().find_map(HostName::parse)
}

/// Words that name what is in a folder, and no server.
const GENERIC: [&str; 44] = [
    "archive",
    "backup",
    "c",
    "case",
    "cases",
    "collect",
    "collected",
    "collection",
    "collections",
    "copy",
    "data",
    "disk",
    "drive",
    "event",
    "events",
    "evidence",
    "evtx",
    "exchange",
    "export",
    "exports",
    "extracted",
    "files",
    "fs",
    "host",
    "hosts",
    "iis",
    "image",
    "kape",
    "log",
    "logs",
    "mnt",
    "mount",
    "new",
    "old",
    "out",
    "output",
    "root",
    "server",
    "servers",
    "target",
    "targets",
    "temp",
    "tmp",
    "triage",
];

/// Returns the name of a folder that can be that of a host: one word, and none that says what is in it.
fn host_folder(root: &str) -> Option<HostName> {
    let name = file_name(root);
    let words = || {
        let words = name.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| word.contains(char::is_alphabetic))
    };
    let is_generic = |word: &str| {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        GENERIC.contains(&bare.to_ascii_lowercase().as_str())
    };
    let is_address = name.parse::<std::net::IpAddr>().is_ok();
    let is_host = is_address || (words().next().is_some() && !words().any(is_generic));
    is_host.then(|| HostName::parse(name)).flatten()
}

/// Folders below the install root that only Exchange has, in lower case.
const OF_EXCHANGE: [&str; 6] = [
    r"\logging\httpproxy\",
    r"\frontend\httpproxy\",
    r"\logging\ecp\",
    r"\logging\oabgeneratorlog\",
    r"\transportroles\",
    r"\clientaccess\",
];

/// Returns the install root that a path shows, on whatever drive and in whatever folder it lies.
fn install_root(path: &str) -> Option<String> {
    let slashed = path.replace('/', "\\");
    let lower = slashed.to_ascii_lowercase();
    let place = OF_EXCHANGE.iter().find_map(|folder| lower.find(folder))?;
    let root = slashed.get(..=place)?;
    (root.len() > 1).then(|| root.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_hosts_only_where_their_name_is_a_name() {
        for (root, expected) in [
            ("MX1", Some("MX1")),
            ("case/mail-01.example.org", Some("MAIL-01")),
            ("192.0.2.7", Some("192.0.2.7")),
            ("case7", None),
            ("x/iis-logs", None),
            ("Exchange export", None),
            ("2021-03-05", None),
            ("", None),
        ] {
            assert_eq!(host_folder(root).as_ref().map(HostName::as_str), expected, "{root}");
        }
    }

    #[test]
    fn the_install_root_is_found_by_what_lies_below_it() {
        assert_eq!(
            install_root(r"E:\Exchange2016\Logging\HttpProxy\Ecp\a.LOG").as_deref(),
            Some(r"E:\Exchange2016\")
        );
        assert_eq!(install_root(r"d:\ex\FRONTEND\httpproxy\owa\a.aspx").as_deref(), Some(r"d:\ex\"));
        assert_eq!(install_root(r"C:\inetpub\wwwroot\a.aspx"), None);
    }

    #[test]
    fn the_best_kind_wins_and_within_it_most() {
        let seen = |trust, name: &str| (trust, HostName::parse(name).unwrap());
        let all = [
            seen(Trust::Events, "DC1"),
            seen(Trust::HttpProxy, "MX2"),
            seen(Trust::HttpProxy, "MX1"),
            seen(Trust::HttpProxy, "MX1"),
        ];
        assert_eq!(best(&all).unwrap().as_str(), "MX1");
        assert_eq!(best(&[]), None);
    }
}
