//! Logs of Exchange's components that no other parser knows: nothing of them is lost.

use super::Grain;
use super::column_log::{ColumnLog, kind};
use super::exchange_log::{Known, Messages};
use super::transport::named;
use crate::guide::{Guide, Location, Root};
use afterpatch_model::Question;

/// The parser of what Exchange's components write of themselves and no other parser knows.
pub(super) static COMPONENTS: ColumnLog<Messages> = ColumnLog {
    name: "exchange-component",
    guide: &Guide {
        what: "Logs of other Exchange components, such as the mitigation service: each record as its text",
        locations: &[
            Location::new(Root::Exchange, r"Logging\MitigationService\*.log"),
            Location::new(Root::Exchange, r"Logging\CmdletInfra\**\AuthZ\*.LOG"),
            Location::new(Root::Exchange, r"Logging\OWA\**\*.LOG"),
        ],
        serves: &[
            (Question::Exposed, "mitigations that Exchange applied by itself; the build in `#Version`"),
            (Question::BrokenInto, "what the components say of the requests that an intruder sent"),
        ],
        quirks: &[
            "The columns differ from component to component: what is no text of a message is in `rest`.",
        ],
    },
    grain: Grain::Records,
    kinds: &[
        kind("mitigation", "/logging/mitigationservice/", "mitigation-service"),
        kind("rps authz logs", "/authz/", "authz"),
        kind("owa client", "/logging/owa/", "owa"),
        kind("", "/logging/", "exchange"),
        kind("", "/transportroles/logs/", "transport"),
    ],
    columns: MESSAGE,
    pairs_in: None,
    finish: named,
};

static MESSAGE: Known<Messages> = &[
    ("datetime", |draft, value| draft.time = value),
    ("date-time", |draft, value| draft.time = value),
    ("timestamp", |draft, value| draft.time = value),
    ("servername", |draft, value| draft.row.server = Some(value)),
    ("serverhostname", |draft, value| draft.row.server = Some(value)),
    ("message", |draft, value| draft.row.message = Some(value)),
    ("description", |draft, value| draft.row.message = Some(value)),
    ("eventdata", |draft, value| draft.row.message = Some(value)),
    ("data", |draft, value| draft.row.message = Some(value)),
];
