//! HTTP.sys error logs: requests that were refused before IIS saw them.

use super::text::decode_head;
use super::{Fit, Grain, Parser, iis};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, Question, Rows};

/// The parser of HTTP.sys error logs.
#[derive(Debug)]
pub(super) struct HttpErr;

static GUIDE: Guide = Guide {
    what: "HTTP.sys error logs: requests that were refused before IIS saw them",
    locations: &[Location::new(Root::Windows, r"System32\LogFiles\HTTPERR\httperr*.log")],
    serves: &[(Question::BrokenInto, "malformed requests, and connections that a rule aborted")],
    quirks: &[
        "The reason is one word, such as `Connection_Abandoned_By_ReqQueue`; many lines have no request at all.",
        "Each service of Windows that listens by HTTP writes here, and not Exchange alone.",
    ],
};

impl Parser for HttpErr {
    fn name(&self) -> &'static str {
        "httperr"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::Records
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let head = decode_head(head);
        let names_fields =
            |line: &str| iis::fields_of(line).is_some_and(|fields| fields.contains("s-reason"));
        if head.lines().any(names_fields) { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        iis::read(artifact, input, limits, rows);
    }
}
