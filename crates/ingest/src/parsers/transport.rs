//! Transport logs: the way of each message, and the conversations by which it went.

use super::Grain;
use super::column_log::{ColumnLog, Kind, kind};
use super::exchange_log::{Known, Mails, Messages};
use crate::guide::{Guide, Location, Root};
use afterpatch_model::Question;
use afterpatch_model::tables::LogMessage;

/// The parser of message tracking logs.
pub(super) static MESSAGE_TRACKING: ColumnLog<Mails> = ColumnLog {
    name: "message-tracking",
    guide: &Guide {
        what: "Message tracking logs: each step of each message's way",
        locations: &[Location::new(Root::Exchange, r"TransportRoles\Logs\MessageTracking\*.LOG")],
        serves: &[(Question::WhatLeft, "mail that was sent or forwarded out: by whom, to whom, how large")],
        quirks: &[
            "Kept for thirty days; a message has a record for each step and each server.",
            "In some exports the header is fused with a copy of itself: the first list of names is taken.",
        ],
    },
    grain: Grain::Hour,
    kinds: &[kind("message tracking log", "/messagetracking/", "")],
    columns: TRACKING,
    pairs_in: None,
    finish: |_, _| {},
};

static TRACKING: Known<Mails> = &[
    ("date-time", |draft, value| draft.time = value),
    ("client-ip", |draft, value| draft.row.src_ip = Some(value)),
    ("client-hostname", |draft, value| draft.row.src_host = Some(value)),
    ("server-ip", |draft, value| draft.row.dst_ip = Some(value)),
    ("connector-id", |draft, value| draft.row.connector = Some(value)),
    ("source", |draft, value| draft.row.component = Some(value)),
    ("event-id", |draft, value| draft.row.action = Some(value)),
    ("message-id", |draft, value| draft.row.message_id = Some(value)),
    ("recipient-address", |draft, value| draft.row.recipients = Some(value)),
    ("recipient-count", |draft, value| draft.row.n_recipients = value.parse().ok()),
    ("total-bytes", |draft, value| draft.row.size_bytes = value.parse().ok()),
    ("message-subject", |draft, value| draft.row.subject = Some(value)),
    ("sender-address", |draft, value| draft.row.sender = Some(value)),
    ("directionality", |draft, value| draft.row.direction = Some(value)),
];

/// The parser of SMTP protocol, connectivity and agent logs.
pub(super) static TRANSPORT: ColumnLog<Messages> = ColumnLog {
    name: "transport",
    guide: &Guide {
        what: "Transport logs: SMTP conversations, connections, and what transport agents did",
        locations: &[
            Location::new(Root::Exchange, r"TransportRoles\Logs\**\SmtpReceive\**\*.LOG"),
            Location::new(Root::Exchange, r"TransportRoles\Logs\**\SmtpSend\**\*.LOG"),
            Location::new(Root::Exchange, r"TransportRoles\Logs\**\Connectivity\**\*.LOG"),
            Location::new(Root::Exchange, r"TransportRoles\Logs\**\AgentLog\**\*.LOG"),
        ],
        serves: &[
            (Question::StillInside, "an agent that acts on messages"),
            (Question::WhatLeft, "mail servers outside to which this one spoke"),
        ],
        quirks: &[
            "Protocol logging is a setting of each connector: no file is no proof of no conversation.",
            "A conversation is many records; `session-id` in `rest` holds them together.",
        ],
    },
    grain: Grain::Hour,
    kinds: &[
        kind("smtp receive protocol log", "/protocollog/smtpreceive/", "smtp-receive"),
        kind("smtp send protocol log", "/protocollog/smtpsend/", "smtp-send"),
        kind("transport connectivity log", "/connectivity/", "connectivity"),
        kind("agent log", "/agentlog/", "agent"),
    ],
    columns: CONVERSATION,
    pairs_in: None,
    finish: named,
};

static CONVERSATION: Known<Messages> = &[
    ("date-time", |draft, value| draft.time = value),
    ("timestamp", |draft, value| draft.time = value),
    ("data", |draft, value| draft.row.message = Some(value)),
    ("description", |draft, value| draft.row.message = Some(value)),
    ("smtpresponse", |draft, value| draft.row.message = Some(value)),
];

/// Names the component after the kind of log.
pub(super) fn named(row: &mut LogMessage<'_>, kind: &'static Kind) {
    row.component = Some(kind.scope);
}
