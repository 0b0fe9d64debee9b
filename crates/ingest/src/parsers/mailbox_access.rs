//! Logs of the protocols by which mailboxes are read: EWS, MAPI, RPC, Autodiscover, ActiveSync.

use super::Grain;
use super::column_log::{ColumnLog, kind};
use super::exchange_log::{Accesses, Known};
use crate::guide::{Guide, Location, Root};
use afterpatch_model::Question;

/// The parser of the mailbox protocols' logs.
pub(super) static MAILBOX_ACCESS: ColumnLog<Accesses> = ColumnLog {
    name: "mailbox-access",
    guide: &Guide {
        what: "Logs of the protocols by which mailboxes are read: EWS, MAPI, RPC, Autodiscover, ActiveSync",
        locations: &[
            Location::new(Root::Exchange, r"Logging\Ews\*.LOG"),
            Location::new(Root::Exchange, r"Logging\Autodiscover\*.LOG"),
            Location::new(Root::Exchange, r"Logging\MAPI Client Access\*.LOG"),
            Location::new(Root::Exchange, r"Logging\MapiHttp\**\*.LOG"),
            Location::new(Root::Exchange, r"Logging\RPC Client Access\*.LOG"),
            Location::new(Root::Exchange, r"Logging\RpcHttp\**\*.LOG"),
            Location::new(Root::Exchange, r"Logging\Eas\**\*.LOG"),
            Location::new(Root::Exchange, r"Logging\OAuthCafe\*.LOG"),
        ],
        serves: &[
            (Question::BrokenInto, "EWS called by the server itself, as in server-side request forgery"),
            (Question::WhatLeft, "who read which mailbox, by which operation, and how much was sent"),
        ],
        quirks: &[
            "`AuthenticatedUser` is who signed in; `ImpersonatedUser` and `ActAsUser` is whose mailbox it was.",
            "MAPI and RPC logs name the mailbox by its legacy distinguished name.",
        ],
    },
    grain: Grain::Hour,
    kinds: &[
        kind("ews logs", "/logging/ews/", "ews"),
        kind("autodiscover", "/logging/autodiscover/", "autodiscover"),
        kind("mapi", "/logging/mapi client access/", "mapi"),
        kind("mapihttp", "/logging/mapihttp/", "mapi"),
        kind("rca protocol logs", "/logging/rpc client access/", "rpc"),
        kind("rpchttp", "/logging/rpchttp/", "rpc"),
        kind("activesync", "/logging/eas/", "eas"),
        kind("oauthcafe", "/logging/oauthcafe/", "oauth"),
    ],
    columns: COLUMNS,
    pairs_in: None,
    finish: |row, kind| row.protocol = Some(kind.scope),
};

static COLUMNS: Known<Accesses> = &[
    ("datetime", |draft, value| draft.time = value),
    ("date-time", |draft, value| draft.time = value),
    ("timestamp", |draft, value| draft.time = value),
    ("requestid", |draft, value| draft.row.request_id = Some(value)),
    ("session-id", |draft, value| draft.row.request_id = Some(value)),
    ("serverhostname", |draft, value| draft.row.server = Some(value)),
    ("servername", |draft, value| draft.row.server = Some(value)),
    ("authenticateduser", |draft, value| draft.row.user = Some(value)),
    ("user", |draft, value| draft.row.user = draft.row.user.or(Some(value))),
    ("client-name", |draft, value| draft.row.mailbox = Some(value)),
    ("mailbox", |draft, value| draft.row.mailbox = Some(value)),
    ("impersonateduser", |draft, value| draft.row.acting_as = Some(value)),
    ("actasuser", |draft, value| draft.row.acting_as = draft.row.acting_as.or(Some(value))),
    ("proxyasuser", |draft, value| draft.row.acting_as = draft.row.acting_as.or(Some(value))),
    ("soapaction", |draft, value| draft.row.operation = Some(value)),
    ("operation", |draft, value| draft.row.operation = Some(value)),
    ("command", |draft, value| draft.row.operation = Some(value)),
    ("mailboxcounts", |draft, value| draft.row.n_items = value.parse().ok()),
    ("clientipaddress", |draft, value| draft.row.src_ip = Some(value)),
    ("client-ip", |draft, value| draft.row.src_ip = Some(value)),
    ("useragent", |draft, value| draft.row.user_agent = Some(value)),
    ("client-software", |draft, value| draft.row.user_agent = Some(value)),
    ("httpstatus", |draft, value| draft.row.status = value.parse().ok()),
    ("requestsize", |draft, value| draft.row.bytes_in = value.parse().ok()),
    ("responsesize", |draft, value| draft.row.bytes_out = value.parse().ok()),
    ("requestbytes", |draft, value| draft.row.bytes_in = value.parse().ok()),
    ("responsebytes", |draft, value| draft.row.bytes_out = value.parse().ok()),
    ("totalrequesttime", |draft, value| draft.row.duration_ms = value.parse().ok()),
    ("errorcode", |draft, value| draft.row.error = Some(value)),
    ("genericerrors", |draft, value| draft.row.error = draft.row.error.or(Some(value))),
    ("failures", |draft, value| draft.row.error = draft.row.error.or(Some(value))),
];
