//! EWS logs: each request by which a program reads mailboxes, a file an hour.

use super::csv;
use crate::calendar::{ISO, form};
use crate::server::Server;
use afterpatch_model::Timestamp;

const FIELDS: &[&str] = &[
    "DateTime",
    "RequestId",
    "AuthenticationType",
    "IsAuthenticated",
    "AuthenticatedUser",
    "UserAgent",
    "ClientIpAddress",
    "ServerHostName",
    "HttpStatus",
    "ImpersonatedUser",
    "SoapAction",
    "RequestSize",
    "ResponseSize",
];

/// A request to a mailbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access<'a> {
    /// Who logged on.
    pub(crate) user: &'a str,
    /// Whose mailbox it is; empty where it is the own.
    pub(crate) mailbox: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) client: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) bytes_out: u64,
}

/// Logs a request that was answered.
pub(crate) fn log(server: &mut Server, time: Timestamp, access: &Access<'_>) {
    let request_id = server.dice(&format!("ews {time}")).guid();
    let row = csv::join([
        form(time, ISO).into(),
        request_id.into(),
        "Negotiate".into(),
        "True".into(),
        access.user.into(),
        access.agent.into(),
        access.client.into(),
        server.plan.name.into(),
        "200".into(),
        access.mailbox.into(),
        access.operation.into(),
        "1204".into(),
        access.bytes_out.to_string().into(),
    ]);
    let path = server.installed(&format!(r"Logging\Ews\Ews_{}-1.LOG", form(time, "%Y%m%d%H")));
    let version = server.padded_build(time);
    server.tree.row(path, time, row, || csv::head(&version, "EWS Logs", time, FIELDS));
}
