//! Targets for KAPE: one file a root, and a compound that names them all.
//!
//! A target knows neither the registry nor what stands in a file: it names paths with `*` for a folder, below `C:`,
//! which KAPE replaces by the drive that it is run on. Where a root is to be found and not assumed, a target can
//! only try the places where it may lie; `docs/collecting.md` says so.

use crate::mask::{ANY_FOLDERS, folders_and_name};
use crate::{GeneratedFile, Plan, Step};
use afterpatch_ingest::Root;
use std::fmt::Write;

const COMPOUND: &str = "Afterpatch";
const COMPOUND_ID: &str = "3cedac87-d52f-4448-88a5-afa425435957";

/// What one root is to KAPE.
struct Part {
    root: Root,
    name: &'static str,
    id: &'static str,
    description: &'static str,
    category: &'static str,
    /// The places where the root may lie.
    places: &'static [&'static str],
}

static PARTS: [Part; 7] = [
    Part {
        root: Root::Exchange,
        name: "AfterpatchExchange",
        id: "c207e6e5-ff4d-425d-8161-747c374fdc9e",
        description: "What afterpatch reads below the install folder of Exchange",
        category: "Exchange",
        places: &[
            r"C:\Program Files\Microsoft\Exchange Server\V*\",
            r"C:\Exchange*\",
            r"C:\*\Exchange*\",
            r"C:\Exchange*\V*\",
            r"C:\*\Exchange*\V*\",
        ],
    },
    Part {
        root: Root::IisLogs,
        name: "AfterpatchIisLogs",
        id: "6cf11c1f-205c-4e0c-a0e0-4d936f2cbd79",
        description: "Access logs of IIS, which lie in a folder W3SVC and number for each site",
        category: "Logs",
        places: &[
            r"C:\inetpub\logs\LogFiles\",
            r"C:\W3SVC*\",
            r"C:\*\W3SVC*\",
            r"C:\*\*\W3SVC*\",
            r"C:\*\*\LogFiles\W3SVC*\",
        ],
    },
    Part {
        root: Root::WebRoots,
        name: "AfterpatchWebRoots",
        id: "fa0b6a57-56f6-49aa-b8e8-2d08d8216874",
        description: "Folders that IIS serves, where they are named wwwroot",
        category: "WebServers",
        places: &[r"C:\wwwroot\", r"C:\*\wwwroot\"],
    },
    Part {
        root: Root::Windows,
        name: "AfterpatchWindows",
        id: "73ff66fa-deca-4ae8-a3e7-c6b9f778eeb0",
        description: "What afterpatch reads below the folder of Windows",
        category: "Windows",
        places: &[r"C:\Windows\"],
    },
    Part {
        root: Root::ProgramData,
        name: "AfterpatchProgramData",
        id: "5f8652e3-f222-4446-b654-ab235fc617ad",
        description: "What afterpatch reads below ProgramData",
        category: "Windows",
        places: &[r"C:\ProgramData\"],
    },
    Part {
        root: Root::SystemDrive,
        name: "AfterpatchSystemDrive",
        id: "e4c199a9-b924-4572-ac04-107ed00943a0",
        description: "What afterpatch reads below the root of a drive",
        category: "Windows",
        places: &[r"C:\"],
    },
    Part {
        root: Root::Volumes,
        name: "AfterpatchVolumes",
        id: "157629ed-1777-4088-b86a-d2af98ca3b01",
        description: "What NTFS knows of the files of a drive, also of deleted ones",
        category: "FileSystem",
        places: &[r"C:\"],
    },
];

/// Folders that no program but Exchange has, so that they can be looked for below any folder.
const OF_EXCHANGE: [&str; 4] = ["Logging", "FrontEnd", "ClientAccess", "TransportRoles"];
const ANYWHERE: [&str; 3] = [r"C:\*\", r"C:\*\*\", r"C:\*\*\V*\"];

/// How many folders stand in for folders of any depth in the midst of a mask.
const DEEPEST: usize = 2;

pub(crate) fn render(plan: &Plan) -> Vec<GeneratedFile> {
    let parts = PARTS.iter().filter(|part| plan.below(part.root).next().is_some());
    let parts: Vec<&Part> = parts.collect();
    let mut files = vec![compound(&parts)];
    files.extend(parts.iter().map(|part| target(part, plan)));
    files
}

fn compound(parts: &[&Part]) -> GeneratedFile {
    let description = "What afterpatch reads of an Exchange server; run it on each drive";
    let mut text = head(description, COMPOUND_ID);
    for part in parts {
        let path = format!("{}.tkape", part.name);
        entry(&mut text, &[("Name", part.description), ("Category", part.category), ("Path", &path)]);
    }
    finish(COMPOUND, text)
}

fn target(part: &Part, plan: &Plan) -> GeneratedFile {
    let mut text = head(part.description, part.id);
    for step in plan.below(part.root) {
        let comment = quoted(&comment(step));
        let name = folders_and_name(step.location.mask).1;
        let (mask, stream) = (quoted(name), name.split_once(':').map(|(_, stream)| quoted(stream)));
        for place in places(part, step) {
            for (path, is_recursive) in paths(place, step) {
                let mut fields = vec![("Name", part.description), ("Category", part.category)];
                fields.push(("Path", &path));
                fields.extend(is_recursive.then_some(("Recursive", "true")));
                fields.push(("FileMask", &mask));
                fields.extend(step.is_raw().then_some(("AlwaysAddToQueue", "true")));
                fields.extend(stream.as_deref().map(|stream| ("SaveAsFileName", stream)));
                fields.push(("Comment", &comment));
                entry(&mut text, &fields);
            }
        }
    }
    finish(part.name, text)
}

/// Returns the places below which a step is looked for.
fn places(part: &Part, step: &Step) -> Vec<&'static str> {
    let first = step.location.mask.split('\\').next().unwrap_or_default();
    let is_unmistakable = part.root == Root::Exchange && OF_EXCHANGE.contains(&first);
    if is_unmistakable {
        part.places.iter().take(1).chain(&ANYWHERE).copied().collect()
    } else {
        part.places.to_vec()
    }
}

/// Returns the paths that stand for a step's folders below a place, each with whether those below it are meant too.
fn paths(place: &str, step: &Step) -> Vec<(String, bool)> {
    let (mut folders, _) = folders_and_name(step.location.mask);
    let is_recursive = folders.pop_if(|last| *last == ANY_FOLDERS).is_some();
    let mut paths = vec![place.to_owned()];
    for folder in folders {
        paths = paths.iter().flat_map(|path| below(path, folder)).collect();
    }
    paths.into_iter().map(|path| (path, is_recursive)).collect()
}

fn below(path: &str, folder: &str) -> Vec<String> {
    if folder == ANY_FOLDERS {
        (0..=DEEPEST).map(|depth| format!("{path}{}", r"*\".repeat(depth))).collect()
    } else {
        vec![format!("{path}{folder}\\")]
    }
}

fn comment(step: &Step) -> String {
    let whats: Vec<&str> = step.readers.iter().map(|reader| reader.what).collect();
    format!("{}: {}", step.reader_names(), whats.join("; "))
}

/// Quotes a value of YAML; a backslash means itself.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn head(description: &str, id: &str) -> String {
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').map_or("0.0", |(version, _)| version);
    format!(
        "Description: {description}\nAuthor: Generated by afterpatch\nVersion: {version}\nId: {id}\n\
         RecreateDirectories: true\nTargets:\n"
    )
}

fn entry(text: &mut String, fields: &[(&str, &str)]) {
    text.push_str("    -\n");
    for (key, value) in fields {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "        {key}: {value}");
    }
}

fn finish(name: &str, mut text: String) -> GeneratedFile {
    text.push_str("\n# Documentation\n# Written by: afterpatch collector kape\n");
    GeneratedFile::new(&format!("{name}.tkape"), text)
}
