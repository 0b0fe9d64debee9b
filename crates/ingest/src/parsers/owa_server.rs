//! OWA logs of the server: each request of a mailbox's owner, or of somebody as one, by its typed pairs.

use super::Grain;
use super::column_log::{ColumnLog, kind};
use super::exchange_log::{Accesses, Known};
use crate::guide::{Guide, Location, Root};
use afterpatch_model::Question;

/// The parser of the logs that Outlook on the web keeps of its server's work.
pub(super) static OWA_SERVER: ColumnLog<Accesses> = ColumnLog {
    name: "owa-server",
    guide: &Guide {
        what: "Logs of Outlook on the web, of the server's side: each action in a mailbox, and whose mailbox it was",
        locations: &[
            Location::new(Root::Exchange, r"Logging\OWA\Server\*.LOG"),
            Location::new(Root::Exchange, r"Logging\OWA\ServerActivity\*.LOG"),
        ],
        serves: &[
            (Question::Exposed, "the build, in `S:Bld`"),
            (Question::WhatLeft, "who read which mailbox in a browser, and by which action"),
        ],
        quirks: &[
            "`EventData` holds pairs parted by semicolons: `S:PSA=…;S:MG=…`; those without a column are in `rest`.",
            "`PSA` is the mailbox; `user` is who opened it, and stands there only where that is somebody else.",
            "The user agent is logged beside errors only.",
            "`#Version` is 15.0.0.0 whatever the build.",
        ],
    },
    grain: Grain::Records,
    kinds: &[
        kind("owa server", "/logging/owa/server/", "server"),
        kind("", "/logging/owa/serveractivity/", "server-activity"),
    ],
    columns: COLUMNS,
    pairs_in: Some("EventData"),
    finish: |row, _| row.protocol = Some("owa"),
};

static COLUMNS: Known<Accesses> = &[
    ("timestamp", |draft, value| draft.time = value),
    ("servername", |draft, value| draft.row.server = Some(value)),
    ("eventid", |draft, value| draft.row.operation = Some(value)),
    ("psa", |draft, value| {
        draft.row.mailbox = Some(value);
        draft.row.user = draft.row.user.or(Some(value));
    }),
    ("user", |draft, value| draft.row.user = Some(value)),
    ("ip", |draft, value| draft.row.src_ip = Some(value)),
    ("ua", |draft, value| draft.row.user_agent = Some(value)),
    ("cntl", |draft, value| draft.row.bytes_in = value.parse().ok()),
    ("err", |draft, value| draft.row.error = Some(value)),
    ("actid", |draft, value| draft.row.request_id = Some(value)),
    ("bld", |draft, value| draft.build = Some(value)),
];
