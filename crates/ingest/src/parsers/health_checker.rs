//! Objects as PowerShell exports them: `HealthChecker-….xml`, what Microsoft's script found on a server, and virtual
//! directories.

use super::text::decode_head;
use super::xml::{Element, each_element};
use super::{Fit, Grain, Parser};
use crate::guide::Guide;
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{BuildSighting, Setting};
use afterpatch_model::{Artifact, Build, Question, Rows, Timestamp, file_name};

/// The parser of `HealthChecker`'s output.
#[derive(Debug)]
pub(super) struct HealthChecker;

static GUIDE: Guide = Guide {
    what: "Output of the HealthChecker script, and virtual directories that Export-Clixml wrote: build, updates, addresses",
    // Whoever ran the script, or the export, chose where it writes.
    locations: &[],
    serves: &[
        (Question::Exposed, "the build and the mitigations on the day that the script ran"),
        (Question::StillInside, "script in the address of a virtual directory, as Active Directory holds it"),
    ],
    quirks: &[
        "The server's name is in the file's name and in the object; each simple value is a setting.",
        "An export may tell of several servers: the setting `Server` names each, and the facts are the collection's.",
    ],
};

impl Parser for HealthChecker {
    fn name(&self) -> &'static str {
        "health-checker"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let is_export = head.contains("<Objs ") && head.contains("schemas.microsoft.com/powershell/2004/04");
        let name = file_name(path).to_ascii_lowercase();
        let is_named = name.contains("healthchecker") || head.contains("HealthChecker");
        // The types of an exported object come first: `…SystemConfiguration.ADOabVirtualDirectory`.
        let is_directory = head.contains("VirtualDirectory</T>");
        if is_export && (is_named || is_directory) { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut time = None;
        each_element(input, limits, rows, &mut |around, element, rows| {
            let text = element.text.trim();
            let Some(name) = element.attribute("N").filter(|_| !text.is_empty()) else {
                return;
            };
            if element.name == "DT" && name.eq_ignore_ascii_case("GenerationTime") {
                time = text.parse::<Timestamp>().ok();
            }
            give(&Found { name, text, scope: &scope_of(around), line: element.line, time }, rows);
        });
    }
}

/// A simple value of the exported object.
struct Found<'f> {
    name: &'f str,
    text: &'f str,
    scope: &'f str,
    line: u64,
    time: Option<Timestamp>,
}

fn give(found: &Found<'_>, rows: &mut Rows<'_>) {
    rows.fact(&Setting {
        time: found.time,
        name: Some(found.name),
        value: Some(found.text),
        scope: Some(found.scope).filter(|scope| !scope.is_empty()),
        record: found.line,
        ..Setting::default()
    });
    let is_build = ["BuildVersion", "FullVersion"].contains(&found.name);
    let Some(build) = found.text.parse::<Build>().ok().filter(|_| is_build) else {
        return;
    };
    rows.derived(&BuildSighting {
        time: found.time,
        build: Some(&build.to_string()),
        seen_in: Some("HealthChecker"),
        record: found.line,
        ..BuildSighting::default()
    });
}

/// Returns the names of the objects around a value, the outermost first: `ExchangeInformation.BuildInformation`.
fn scope_of(around: &[Element]) -> String {
    around.iter().filter_map(|element| element.attribute("N")).collect::<Vec<_>>().join(".")
}
