//! What Velociraptor's offline collector writes, as its ZIP file or unpacked.
//!
//! ```text
//! uploads/auto/C%3A/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log     components percent-encoded one by one
//! uploads/ntfs/%5C%5C.%5CC%3A/Windows/…                             a device is one component
//! uploads.json            a line an upload: vfs_path, _Components, file_size, uploaded_size
//! results/*.json          what the collector's queries gave; some say when the originals were written
//! client_info.json, collection_context.json                         the host's name
//! ```

use super::names::percent_decode;
use super::sparse::Spread;
use super::{Container, Layout, Mapping, Part, Place, plain};
use crate::hash::Declared;
use crate::parsers::text::{Content, Lines};
use afterpatch_model::{Problem, ProblemCode, extension, file_name, path_key};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

/// The layout of Velociraptor's offline collector.
#[derive(Debug)]
pub(super) struct Velociraptor;

/// The most of a list that is read, and the longest of its lines: JSON takes many times its length while it is held.
const MOST_BYTES: usize = 256 << 20;
const MOST_LINE_BYTES: usize = 1 << 20;

/// The most of the map of a sparse file.
const MOST_MAP_BYTES: u64 = 16 << 20;

/// The most of a file that says one thing, such as the host's name.
const MOST_NOTE_BYTES: u64 = 1 << 20;

impl Layout for Velociraptor {
    fn name(&self) -> &'static str {
        "velociraptor"
    }

    fn detect(&self, part: &Part<'_>) -> bool {
        let has_uploads = part.paths().any(|path| path.starts_with("uploads/"));
        let marks = ["uploads.json", "client_info.json", "collection_context.json"];
        let has_marks = marks.iter().any(|mark| part.has(mark));
        let has_accessor = part.paths().any(|path| accessor_of(path).is_some());
        (has_uploads && (has_marks || has_accessor))
            || (has_marks && part.has("requests.json"))
            || part.is_locked(LOCKED)
    }

    fn map(&self, part: &Part<'_>) -> Mapping {
        let mut mapping = Mapping { host: host(part), ..Mapping::default() };
        let uploads = uploads(part);
        let spreads = spreads(part, &mut mapping.problems);
        let originals = originals(part);
        for (number, path) in part.paths().enumerate() {
            // The map of a sparse file is the collector's: it goes by a number, for its name would promise a log or a page
            // of the server.
            let is_map = path.strip_suffix(".idx").is_some_and(|of| spreads.contains_key(of));
            let mut place = if is_map { own(&format!("maps/{number}.idx")) } else { place(path, &uploads) };
            place.spread = spreads.get(path).cloned();
            if let Some(original) = originals.get(&path_key(&place.path)) {
                place.modified = original.modified;
                place.created = original.created;
                // What was hashed of a sparse file are its runs alone.
                place.declared = original.declared.clone().filter(|_| place.spread.is_none());
            }
            mapping.places.push(place);
        }
        mapping.problems.extend(failures(part, &uploads, &spreads));
        mapping.problems.extend(told_errors(part));
        mapping.problems.extend(missing(part));
        if part.is_locked(LOCKED) {
            mapping.problems.push(part.problem(ProblemCode::Encrypted, LOCKED, what_unlocks(part)));
        }
        mapping
    }
}

/// What an encrypted collection is in, beside the collector's key in `metadata.json`.
const LOCKED: &str = "data.zip";

/// Returns the root whose host the files below `root` are of: what a locked collection holds is of the host of the
/// collection that it is locked in.
pub(super) fn unlocked_root<'r>(container: &dyn Container, root: &'r str) -> &'r str {
    let outer = root
        .strip_suffix('/')
        .and_then(|root| root.strip_suffix('!'))
        .and_then(|root| root.strip_suffix(LOCKED));
    let has_key = |outer: &str| {
        let key = format!("{outer}metadata.json");
        container.files().iter().any(|file| *file.path == *key)
    };
    outer.filter(|outer| has_key(outer)).unwrap_or(root)
}

/// Says what opens an encrypted collection, by the scheme that the collector noted.
fn what_unlocks(part: &Part<'_>) -> String {
    let mut json = Vec::new();
    if let Some(metadata) = part.open("metadata.json") {
        // What cannot be read says no scheme.
        let _ = metadata.take(MOST_NOTE_BYTES).read_to_end(&mut json);
    }
    let metadata: Value = serde_json::from_slice(&json).unwrap_or_default();
    let first = metadata.as_array().and_then(|rows| rows.first()).unwrap_or(&metadata);
    let scheme = first.get("Scheme").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let how = match scheme.as_str() {
        "x509" => {
            "decrypt EncryptedPass of metadata.json with the private key of the server that built the collector"
        }
        "pgp" | "gpg" => {
            "decrypt EncryptedPass of metadata.json with the PGP key of whoever built the collector"
        }
        _ => "ask whoever built the collector for the password",
    };
    format!("the collector locked all of it: {how}, and give the password with --password-file")
}

/// Reads the maps of sparse files, by the path of the file that each is of.
fn spreads<'p>(part: &'p Part<'_>, problems: &mut Vec<Problem>) -> BTreeMap<&'p str, Arc<Spread>> {
    let mut spreads = BTreeMap::new();
    let is_map = |path: &&str| path.starts_with("uploads/") && extension(path) == "idx";
    for map in part.paths().filter(is_map) {
        let Some(of) = map.strip_suffix(".idx").filter(|path| part.has(path)) else {
            continue;
        };
        let mut json = Vec::new();
        let read = part.open(map).map(|file| file.take(MOST_MAP_BYTES).read_to_end(&mut json));
        match Spread::parse(&json) {
            Ok(spread) => {
                spreads.insert(of, Arc::new(spread));
            }
            // A file of the server may end in .idx too.
            Err(_) if !json.starts_with(b"{") && matches!(read, Some(Ok(_))) => {}
            Err(detail) => problems.push(part.problem(ProblemCode::Damaged, map, detail)),
        }
    }
    spreads
}

/// How many of the errors that the collector logged are passed on one by one.
const MOST_ERRORS: usize = 1_000;

/// Passes on what the collector logged as errors.
fn told_errors(part: &Part<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for path in ["log.json", "logs.json"] {
        each_object(part, path, |object| {
            let is_error = text(object, "level").is_some_and(|level| level.eq_ignore_ascii_case("error"));
            let message = text(object, "message").unwrap_or_default().trim();
            if is_error && problems.len() < MOST_ERRORS {
                problems.push(part.problem(ProblemCode::CollectorFailure, path, message));
            }
        });
    }
    problems
}

const ACCESSORS: [&str; 9] =
    ["auto", "file", "ntfs", "lazy_ntfs", "mft", "ntfs_vss", "lazy_file", "raw_ntfs", "vss"];

fn accessor_of(path: &str) -> Option<&str> {
    let accessor = path.strip_prefix("uploads/")?.split('/').next()?;
    ACCESSORS.contains(&accessor).then_some(accessor)
}

/// What `uploads.json` says of one file.
#[derive(Debug, Default)]
struct Upload {
    original: Option<String>,
    file_size: Option<u64>,
    uploaded_size: Option<u64>,
    shown: String,
}

/// Reads `uploads.json`: by the decoded path below `uploads/`, in lower case.
fn uploads(part: &Part<'_>) -> BTreeMap<String, Upload> {
    let mut uploads = BTreeMap::new();
    each_object(part, "uploads.json", |object| {
        // The map of a sparse file is no file of the server.
        if text(object, "Type").is_some_and(|kind| kind.eq_ignore_ascii_case("idx")) {
            return;
        }
        let Some(components) = components(object) else {
            return;
        };
        let key = components.join("/").to_lowercase();
        let original = text(object, "Path").filter(|path| path.contains(['\\', '/'])).map(without_device);
        let size = |name: &str| object.get(name).and_then(Value::as_u64);
        let upload = Upload {
            original: original.or_else(|| original_of(&components)),
            file_size: size("file_size"),
            uploaded_size: size("uploaded_size"),
            shown: components.join("/"),
        };
        uploads.entry(key).or_insert(upload);
    });
    uploads
}

/// Returns the decoded components below `uploads`, from the list of them or else from a path.
fn components(object: &Map<String, Value>) -> Option<Vec<String>> {
    let listed = ["_Components", "StoredName"].iter().find_map(|name| object.get(*name)?.as_array());
    let components: Vec<String> = if let Some(listed) = listed {
        listed.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    } else {
        let path = ["StoredName", "vfs_path", "Path"].iter().find_map(|name| text(object, name))?;
        path.split('/').filter(|part| !part.is_empty()).map(percent_decode).collect()
    };
    let below =
        components.iter().position(|part| part == "uploads").map_or(0, |place| place.saturating_add(1));
    components.get(below..).map(<[String]>::to_vec).filter(|left| !left.is_empty())
}

/// Places a file of the collector's own.
fn own(path: &str) -> Place {
    Place { path: path.to_owned(), ..Place::default() }
}

/// Returns the place of a file: as `uploads.json` has it, else as its name decodes.
fn place(path: &str, uploads: &BTreeMap<String, Upload>) -> Place {
    let Some(below) = path.strip_prefix("uploads/") else {
        return own(path);
    };
    let components: Vec<String> = below.split('/').map(percent_decode).collect();
    let upload = uploads.get(&components.join("/").to_lowercase());
    let named = upload.and_then(|upload| upload.original.clone());
    let path = named.or_else(|| original_of(&components)).unwrap_or_else(|| components.join("\\"));
    Place { path, ..Place::default() }
}

/// Joins decoded components, without the accessor, to the path on the server.
fn original_of(components: &[String]) -> Option<String> {
    let (accessor, below) = components.split_first()?;
    let below = if ACCESSORS.contains(&accessor.as_str()) { below } else { components };
    let (volume, folders) = below.split_first()?;
    let has_volume = volume.contains([':', '\\']);
    let volume = if has_volume { volume.clone() } else { one_component(volume) };
    let parts: Vec<String> =
        std::iter::once(volume).chain(folders.iter().map(|part| one_component(part))).collect();
    let path =
        if has_volume { without_device(&parts.join("\\")) } else { plain::original_path(&parts.join("/")) };
    (!path.is_empty()).then_some(path)
}

/// Keeps a component one component: no file of Windows has a separator in its name, so one in it is forged.
fn one_component(part: &str) -> String {
    part.replace('/', "%2F").replace('\\', "%5C")
}

/// Takes the device's mark from a drive: `\\.\C:\x` is `C:\x`. A shadow copy keeps its name.
fn without_device(path: &str) -> String {
    let bare = path.strip_prefix(r"\\.\").or_else(|| path.strip_prefix(r"\\?\")).unwrap_or(path);
    let is_drive = matches!(bare.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if is_drive { bare.replace('/', "\\") } else { path.to_owned() }
}

/// Says which uploads are shorter than their originals, and which are listed and missing.
fn failures(
    part: &Part<'_>,
    uploads: &BTreeMap<String, Upload>,
    spreads: &BTreeMap<&str, Arc<Spread>>,
) -> Vec<Problem> {
    let key = |path: &str| {
        let below = path.strip_prefix("uploads/")?;
        Some(below.split('/').map(percent_decode).collect::<Vec<_>>().join("/").to_lowercase())
    };
    let present: BTreeSet<String> = part.paths().filter_map(key).collect();
    // Of a sparse file fewer bytes are kept than it has.
    let sparse: BTreeSet<String> = spreads.keys().copied().filter_map(key).collect();
    let mut problems = Vec::new();
    for (key, upload) in uploads {
        let sizes = upload.uploaded_size.zip(upload.file_size);
        if !present.contains(key) {
            let detail = "listed in uploads.json, and not there";
            problems.push(part.problem(ProblemCode::CollectorFailure, &upload.shown, detail));
        } else if let Some((uploaded, size)) =
            sizes.filter(|(uploaded, size)| uploaded < size && !sparse.contains(key))
        {
            let detail = format!("{uploaded} of {size} bytes were collected");
            problems.push(part.problem(ProblemCode::Truncated, &upload.shown, detail));
        }
    }
    problems
}

/// Passes on the files that our own artifact for this collector says it could not get.
fn missing(part: &Part<'_>) -> Vec<Problem> {
    let is_list =
        |path: &&str| path.starts_with("results/") && path.to_ascii_lowercase().ends_with("missing.json");
    let mut problems = Vec::new();
    for result in part.paths().filter(is_list) {
        each_object(part, result, |object| {
            let file = text(object, "SourceFile").unwrap_or_default();
            let reason = text(object, "Reason").unwrap_or_default();
            if !file.is_empty() && problems.len() < MOST_ERRORS {
                problems.push(part.problem(ProblemCode::CollectorFailure, file, reason));
            }
        });
    }
    problems
}

/// Reads when originals were written and created, and their hashes, from the results that say so.
fn originals(part: &Part<'_>) -> BTreeMap<String, Place> {
    let says_times = |path: &&str| {
        let name = path.to_ascii_lowercase();
        name.starts_with("results/")
            && extension(&name) == "json"
            && (name.contains("uploads") || name.contains("metadata"))
    };
    let mut originals = BTreeMap::new();
    for result in part.paths().filter(says_times) {
        each_object(part, result, |object| {
            let Some(source) = text(object, "SourceFile") else {
                return;
            };
            let at = |name: &str| text(object, name).and_then(|text| text.parse().ok());
            let declared = text(object, "SourceFileSha256").and_then(Declared::sha256);
            let found =
                Place { modified: at("Modified"), created: at("Created"), declared, ..Place::default() };
            if found != Place::default() {
                originals.insert(path_key(&without_device(source)), found);
            }
        });
    }
    originals
}

fn host(part: &Part<'_>) -> Option<String> {
    ["client_info.json", "collection_context.json"].iter().find_map(|path| {
        let mut json = String::new();
        part.open(path)?.take(MOST_NOTE_BYTES).read_to_string(&mut json).ok()?;
        let first = serde_json::Deserializer::from_str(&json).into_iter::<Value>().next()?.ok()?;
        host_in(&first, 3)
    })
}

/// Finds a host name in an object or in the objects in it.
fn host_in(value: &Value, depth: usize) -> Option<String> {
    let Value::Object(object) = value else {
        let first = value.as_array()?.first()?;
        return host_in(first, depth.checked_sub(1)?);
    };
    let named = ["hostname", "fqdn"].iter().find_map(|wanted| {
        let (_, value) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted))?;
        value.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    });
    named.or_else(|| {
        let deeper = depth.checked_sub(1)?;
        object.values().find_map(|inner| host_in(inner, deeper))
    })
}

fn text<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    object.get(name)?.as_str()
}

/// Gives each object of a file of JSON lines to `each`; lines that are none are passed over.
fn each_object(part: &Part<'_>, path: &str, mut each: impl FnMut(&Map<String, Value>)) {
    let Some(mut file) = part.open(path) else {
        return;
    };
    let mut lines = Lines::new(file.as_mut(), MOST_LINE_BYTES);
    let mut room = MOST_BYTES;
    while let Some(line) = lines.next_line().filter(|_| room > 0) {
        let (Content::Text(text) | Content::Mended(text, _)) = line.content else {
            continue;
        };
        room = room.saturating_sub(text.len());
        if let Ok(Value::Object(object)) = serde_json::from_str(text) {
            each(&object);
        }
    }
}

/// Tells a collection's host from the name that the collector gives its file: `Collection-MX1-2021-03-05T…zip`.
pub(crate) fn host_of_name(path: &str) -> Option<&str> {
    let name = file_name(path).strip_prefix("Collection-")?;
    let (host, _) = name.match_indices('-').find_map(|(place, _)| {
        let (host, after) = name.split_at_checked(place)?;
        let digits = after.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        (digits >= 4).then_some((host, after))
    })?;
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_become_the_path_on_the_server() {
        let no_uploads = BTreeMap::new();
        let cases = [
            ("uploads/auto/C%3A/inetpub/a%2Fb.log", r"C:\inetpub\a%2Fb.log"),
            ("uploads/ntfs/%5C%5C.%5CC%3A/Windows/x%254.evtx", r"C:\Windows\x%4.evtx"),
            ("uploads/file/C/Windows/x", r"C:\Windows\x"),
            ("results/a.json", "results/a.json"),
        ];
        for (path, expected) in cases {
            assert_eq!(place(path, &no_uploads).path, expected);
        }
    }

    #[test]
    fn a_shadow_copy_keeps_its_name() {
        let shadow = r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\Windows\x";
        assert_eq!(without_device(shadow), shadow);
        assert_eq!(without_device(r"\\.\C:\x"), r"C:\x");
    }

    #[test]
    fn collections_are_named_after_their_host() {
        assert_eq!(host_of_name("x/Collection-MX-01-2021-03-05T10_00_00Z.zip"), Some("MX-01"));
        assert_eq!(host_of_name("Collection-MX1_example_org-2021-03-05.zip"), Some("MX1_example_org"));
        assert_eq!(host_of_name("Collection-MX1.zip"), None);
        assert_eq!(host_of_name("backup.zip"), None);
    }
}
