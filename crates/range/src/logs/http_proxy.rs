//! `HttpProxy` logs: what the front end passed on to which back end, a file an hour and folder.

use super::csv;
use crate::calendar::{ISO, SECOND, form};
use crate::server::{MAIL_HOST, Server};
use afterpatch_model::Timestamp;
use std::borrow::Cow;

/// The columns of Exchange 2016, without most of the latency breakdowns.
const FIELDS: &[&str] = &[
    "DateTime",
    "RequestId",
    "MajorVersion",
    "MinorVersion",
    "BuildVersion",
    "RevisionVersion",
    "ClientRequestId",
    "Protocol",
    "UrlHost",
    "UrlStem",
    "ProtocolAction",
    "AuthenticationType",
    "IsAuthenticated",
    "AuthenticatedUser",
    "Organization",
    "AnchorMailbox",
    "UserAgent",
    "ClientIpAddress",
    "ServerHostName",
    "HttpStatus",
    "BackEndStatus",
    "ErrorCode",
    "Method",
    "ProxyAction",
    "TargetServer",
    "TargetServerVersion",
    "RoutingType",
    "RoutingHint",
    "BackEndCookie",
    "ServerLocatorHost",
    "ServerLocatorLatency",
    "RequestBytes",
    "ResponseBytes",
    "TargetOutstandingRequests",
    "AuthModulePerfContext",
    "HttpPipelineLatency",
    "TotalRequestTime",
    "RouteRefresherLatency",
    "UrlQuery",
    "BackEndGenericInfo",
    "GenericInfo",
    "GenericErrors",
    "EdgeTraceId",
    "DatabaseGuid",
    "UserADObjectGuid",
    "PartitionEndpointLookupLatency",
    "RoutingStatus",
];

/// A folder of the `HttpProxy` logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Protocol {
    /// The control panel.
    #[default]
    Ecp,
    /// Outlook on the web.
    Owa,
    /// Web services.
    Ews,
    /// `ActiveSync`.
    Eas,
    /// Outlook over HTTP.
    Mapi,
    /// The finding of settings.
    Autodiscover,
}

impl Protocol {
    /// All six folders.
    pub(crate) const ALL: &'static [Self] =
        &[Self::Ecp, Self::Owa, Self::Ews, Self::Eas, Self::Mapi, Self::Autodiscover];

    /// Returns the folder's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ecp => "Ecp",
            Self::Owa => "Owa",
            Self::Ews => "Ews",
            Self::Eas => "Eas",
            Self::Mapi => "Mapi",
            Self::Autodiscover => "Autodiscover",
        }
    }
}

/// One request as the proxy logs it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) request_id: &'a str,
    pub(crate) method: &'a str,
    pub(crate) stem: &'a str,
    pub(crate) query: &'a str,
    pub(crate) action: &'a str,
    /// The authenticated user; empty for none.
    pub(crate) user: &'a str,
    pub(crate) anchor_mailbox: &'a str,
    pub(crate) routing_hint: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) client: &'a str,
    pub(crate) status: u16,
    /// What the back end said; 0 where it was not asked.
    pub(crate) backend_status: u16,
    pub(crate) error_code: &'a str,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) taken_ms: u64,
    pub(crate) errors: &'a str,
}

/// Logs a request.
pub(crate) fn log(server: &mut Server, time: Timestamp, row: &Row<'_>) {
    let path = path(server, time, row.protocol);
    let text = csv::join(FIELDS.iter().map(|field| value(server, time, row, field)));
    // A log is opened by the first request of its hour, some moments into it.
    let opened = time.floor(Timestamp::HOUR).plus(SECOND);
    let version = server.padded_build(opened);
    server.tree.row(path, time, text, || csv::head(&version, "HttpProxy Logs", opened, FIELDS));
}

/// Removes what a folder's log holds of the hour of a moment.
pub(crate) fn remove_hour(server: &mut Server, time: Timestamp, protocol: Protocol) {
    let path = path(server, time, protocol);
    let was_there = server.tree.remove_log(&path);
    debug_assert!(was_there, "{path} is not there");
}

fn path(server: &Server, time: Timestamp, protocol: Protocol) -> String {
    server.installed(&format!(
        r"Logging\HttpProxy\{}\HttpProxy_{}-1.LOG",
        protocol.name(),
        form(time, "%Y%m%d%H")
    ))
}

fn value<'a>(server: &Server, time: Timestamp, row: &Row<'a>, field: &str) -> Cow<'a, str> {
    let proxied = row.backend_status != 0;
    let text = match field {
        "DateTime" => form(time, ISO),
        "MajorVersion" => server.build(time).major.to_string(),
        "MinorVersion" => server.build(time).minor.to_string(),
        "BuildVersion" => server.build(time).build.to_string(),
        "RevisionVersion" => server.build(time).revision.to_string(),
        "UrlHost" if row.client == "127.0.0.1" => "localhost".to_owned(),
        "UrlHost" => MAIL_HOST.to_owned(),
        "Protocol" => row.protocol.name().to_owned(),
        "IsAuthenticated" => if row.user.is_empty() { "FALSE" } else { "true" }.to_owned(),
        // The proxy replaces commas in the agent; IIS replaces blanks: the two never agree.
        "UserAgent" => row.agent.replace(',', " "),
        "ServerHostName" => server.plan.name.to_owned(),
        "HttpStatus" => row.status.to_string(),
        "BackEndStatus" if proxied => row.backend_status.to_string(),
        "ProxyAction" if proxied => "Proxy".to_owned(),
        "TargetServer" if proxied => server.full_name(),
        "TargetServerVersion" if proxied => format!("Version {}", server.build(time)),
        "RequestBytes" => row.bytes_in.to_string(),
        "ResponseBytes" => row.bytes_out.to_string(),
        "HttpPipelineLatency" => (row.taken_ms / 9).to_string(),
        "TotalRequestTime" => row.taken_ms.to_string(),
        _ => return Cow::Borrowed(given(row, field)),
    };
    Cow::Owned(text)
}

/// Returns the values that the row gives as they are; nothing for columns that stay empty.
fn given<'a>(row: &Row<'a>, field: &str) -> &'a str {
    match field {
        "RequestId" => row.request_id,
        "UrlStem" => row.stem,
        "UrlQuery" => row.query,
        "ProtocolAction" => row.action,
        "AuthenticationType" if !row.user.is_empty() => "Negotiate",
        "AuthenticatedUser" => row.user,
        "AnchorMailbox" => row.anchor_mailbox,
        "ClientIpAddress" => row.client,
        "ErrorCode" => row.error_code,
        "Method" => row.method,
        "RoutingType" if !row.routing_hint.is_empty() => "ServerInfo",
        "RoutingHint" => row.routing_hint,
        "GenericErrors" => row.errors,
        _ => "",
    }
}
