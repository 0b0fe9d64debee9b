//! What ASP.NET keeps of each page that it compiled: its place on the site, and what it was compiled from.

use super::text::decode_head;
use super::xml::each_element;
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::Setting;
use afterpatch_model::{Artifact, Question, Rows};

/// The parser of the marks that compiled pages leave.
#[derive(Debug)]
pub(super) struct CompiledPage;

static GUIDE: Guide = Guide {
    what: "Marks of pages that ASP.NET compiled: the page, its assembly, the files that it depends on",
    locations: &[Location::new(
        Root::Windows,
        r"Microsoft.NET\Framework*\v*\Temporary ASP.NET Files\**\*.compiled",
    )],
    serves: &[
        (Question::BrokenInto, "a page that was compiled was asked for: it ran"),
        (Question::StillInside, "a page that was deleted leaves its mark and its assembly"),
    ],
    quirks: &["They die with a cumulative update, or when the cache is cleared."],
};

impl Parser for CompiledPage {
    fn name(&self) -> &'static str {
        "compiled-page"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        if head.contains("<preserve ") && head.contains("virtualPath=") { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut depends = Vec::new();
        each_element(input, limits, rows, &mut |_, element, rows| match element.name.as_str() {
            "filedep" => depends.extend(element.attribute("name").map(str::to_owned)),
            "preserve" => {
                let rest = serde_json::json!({
                    "type": element.attribute("type"),
                    "filehash": element.attribute("filehash"),
                    "depends": std::mem::take(&mut depends),
                });
                rows.fact(&Setting {
                    time: artifact.modified,
                    name: Some("compiled_page"),
                    value: element.attribute("virtualPath"),
                    scope: element.attribute("assembly"),
                    record: element.line,
                    rest: Some(&rest.to_string()),
                    ..Setting::default()
                });
            }
            _ => {}
        });
    }
}
