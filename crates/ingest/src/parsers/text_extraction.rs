//! `FIP-FS\Data\Configuration.xml`: which libraries may open which kinds of attachment on the way through transport.

use super::text::decode_head;
use super::xml::{Element, each_element};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::Setting;
use afterpatch_model::{Artifact, Question, Rows, path_key};

/// The parser of the settings by which attachments are looked into.
#[derive(Debug)]
pub(super) struct TextExtraction;

static GUIDE: Guide = Guide {
    what: "Settings of FIP-FS: the libraries that look into attachments, and the kinds of file that each may open",
    locations: &[Location::new(Root::Exchange, r"FIP-FS\Data\Configuration.xml")],
    serves: &[(
        Question::Exposed,
        "overrides (`|NO`) that give attachments to Oracle's Outside In again, which the update of March 2024 stopped",
    )],
    quirks: &[
        "The folder can be moved: registry value `DatabasePath` below `ExchangeServer\\v15\\FIP-FS`.",
        "`|NO` behind a kind of file counts in the list `OutsideInOnly` alone; behind a library it lets an old version load.",
        "Everything else in the file, such as the state of the engines, is left where it is.",
    ],
};

/// Settings by the element that makes them, and the element that names the list around it by an attribute.
static INTERESTS: &[(&str, &str, &str, &str)] = &[
    ("Type", "TypeList", "Name", "text_extraction_type"),
    ("Module", "ModuleList", "TypeList", "text_extraction_module"),
];

impl Parser for TextExtraction {
    fn name(&self) -> &'static str {
        "text-extraction"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let is_named = path_key(path).ends_with("/fip-fs/data/configuration.xml");
        match (head.contains("<TextExtractionSettings"), is_named && head.trim_start().starts_with('<')) {
            (true, _) => Fit::Sure,
            (false, true) => Fit::Maybe,
            (false, false) => Fit::No,
        }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        each_element(input, limits, rows, &mut |around, element, rows| {
            let list = around.last().map_or("", |element| element.name.as_str());
            let known = INTERESTS.iter().find(|(own, within, ..)| *own == element.name && *within == list);
            if let Some((_, _, named_by, setting)) = known {
                let scope = around.last().and_then(|list| list.attribute(named_by));
                rows.fact(&Setting {
                    time: artifact.modified,
                    name: Some(setting),
                    value: Some(value_of(element)),
                    scope,
                    record: element.line,
                    ..Setting::default()
                });
            }
        });
    }
}

/// A kind of file is named by an attribute; a library is the text.
fn value_of(element: &Element) -> &str {
    element.attribute("Name").unwrap_or_else(|| element.text.trim())
}
