//! Remote PowerShell: the cmdlets that ran, and the requests by which they came.

use super::Grain;
use super::column_log::{ColumnLog, kind};
use super::exchange_log::{Commands, Known, Requests};
use crate::guide::{Guide, Location, Root};
use afterpatch_model::Question;

/// The parser of the logs of cmdlets.
pub(super) static CMDLETS: ColumnLog<Commands> = ColumnLog {
    name: "rps-cmdlet",
    guide: &Guide {
        what: "Cmdlets that Exchange ran for remote and local PowerShell",
        locations: &[
            Location::new(Root::Exchange, r"Logging\CmdletInfra\**\Cmdlet\*.LOG"),
            Location::new(Root::Exchange, r"Logging\PowerShell-Proxy\**\*.LOG"),
            Location::new(Root::Exchange, r"Logging\LocalPowerShell\**\*.LOG"),
        ],
        serves: &[
            (Question::BrokenInto, "cmdlets by which mail was exported or pages were written"),
            (Question::StillInside, "roles and accounts that were given away"),
            (Question::WhatLeft, "mailboxes that were exported"),
        ],
        quirks: &["Managed Availability runs cmdlets all day, as client application `ActiveMonitor`."],
    },
    grain: Grain::Hour,
    kinds: &[
        kind("rps cmdlet logs", "/powershell-proxy/cmdlet/", "remote"),
        kind("local cmdlet logs", "/localpowershell/cmdlet/", "local"),
        kind("cmdlet logs", "/cmdletinfra/", ""),
    ],
    columns: CMDLET,
    pairs_in: None,
    finish: |row, _| {
        let has_failed = row.error.is_some();
        row.result = Some(if has_failed { "failed" } else { "ok" });
    },
};

static CMDLET: Known<Commands> = &[
    ("datetime", |draft, value| draft.time = value),
    ("requestid", |draft, value| draft.row.request_id = Some(value)),
    ("serverhostname", |draft, value| draft.row.server = Some(value)),
    ("processname", |draft, value| draft.row.process = Some(value)),
    ("authenticateduser", |draft, value| draft.row.user = Some(value)),
    ("cmdlet", |draft, value| draft.row.command = Some(value)),
    ("parameters", |draft, value| draft.row.parameters = Some(value)),
    ("clientipaddress", |draft, value| draft.row.src_ip = Some(value)),
    ("errortype", |draft, value| draft.row.error = Some(value)),
    ("genericerrors", |draft, value| draft.row.error = draft.row.error.or(Some(value))),
];

/// The parser of the logs of requests for remote PowerShell.
pub(super) static REQUESTS: ColumnLog<Requests> = ColumnLog {
    name: "rps-http",
    guide: &Guide {
        what: "Requests for remote PowerShell, as the back end met them",
        locations: &[Location::new(Root::Exchange, r"Logging\CmdletInfra\**\Http\*.LOG")],
        serves: &[(Question::BrokenInto, "remote PowerShell by way of OWA, as in OWASSRF and ProxyNotShell")],
        quirks: &["The user agent and address may be those of the front end that passed the request on."],
    },
    grain: Grain::Hour,
    kinds: &[
        kind("rps http logs", "/powershell-proxy/http/", "remote"),
        kind("http logs", "/cmdletinfra/http/", ""),
    ],
    columns: REQUEST,
    pairs_in: None,
    finish: |row, _| row.protocol = Some("PowerShell"),
};

static REQUEST: Known<Requests> = &[
    ("datetime", |draft, value| draft.time = value),
    ("starttime", |draft, value| {
        if draft.time.is_empty() {
            draft.time = value;
        }
    }),
    ("requestid", |draft, value| draft.row.request_id = Some(value)),
    ("serverhostname", |draft, value| draft.row.server = Some(value)),
    ("urlhost", |draft, value| draft.row.url_host = Some(value)),
    ("urlstem", |draft, value| draft.row.url_path = Some(value)),
    ("urlquery", |draft, value| draft.row.url_query = Some(value)),
    ("authenticateduser", |draft, value| draft.row.user = Some(value)),
    ("clientipaddress", |draft, value| draft.row.src_ip = Some(value)),
    ("useragent", |draft, value| draft.row.user_agent = Some(value)),
    ("httpstatus", |draft, value| draft.row.status = value.parse().ok()),
    ("method", |draft, value| draft.row.method = Some(value)),
    ("requestbytes", |draft, value| draft.row.bytes_in = value.parse().ok()),
    ("responsebytes", |draft, value| draft.row.bytes_out = value.parse().ok()),
    ("totalrequesttime", |draft, value| draft.row.duration_ms = value.parse().ok()),
    ("errorcode", |draft, value| draft.row.error = Some(value)),
    ("genericerrors", |draft, value| draft.row.error = draft.row.error.or(Some(value))),
];
