//! One request forged through the front end (CVE-2021-26855), in every log that sees it.

use crate::calendar::SECOND;
use crate::logs::http_proxy::{self, Protocol};
use crate::logs::iis::{self, Request, Site};
use crate::server::Server;
use afterpatch_model::Timestamp;

/// A forged request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forged<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) method: &'a str,
    /// The static name that the front end takes without a logon.
    pub(crate) stem: &'a str,
    pub(crate) client: &'a str,
    pub(crate) agent: &'a str,
    /// The host, port and path that the forged cookie names.
    pub(crate) target: &'a str,
    pub(crate) status: u16,
    /// What the back end said; 0 where it was not reached.
    pub(crate) backend_status: u16,
    pub(crate) error_code: &'a str,
    /// The path and query that the back end saw, where it was reached.
    pub(crate) back_stem: Option<(&'a str, &'a str)>,
}

/// Logs the request: `HttpProxy`, the front end's site, and the back end's where it was reached.
pub(crate) fn log(server: &mut Server, time: Timestamp, forged: &Forged<'_>) {
    let mut dice = server.dice(&format!("forged {time}"));
    let (request_id, taken_ms) = (dice.guid(), dice.between(20, 600));
    let row = http_proxy::Row {
        protocol: forged.protocol,
        request_id: &request_id,
        method: forged.method,
        stem: forged.stem,
        anchor_mailbox: &format!("ServerInfo~{}", forged.target),
        routing_hint: "X-BEResource-Cookie",
        agent: forged.agent,
        client: forged.client,
        status: forged.status,
        backend_status: forged.backend_status,
        error_code: forged.error_code,
        bytes_in: dice.between(300, 2_000),
        bytes_out: dice.between(200, 3_000),
        taken_ms,
        ..http_proxy::Row::default()
    };
    http_proxy::log(server, time, &row);
    let query = iis::exchange_query("", &request_id);
    let front = Request {
        site: Site::Front,
        method: forged.method,
        stem: forged.stem,
        query: &query,
        client: forged.client,
        agent: forged.agent,
        status: forged.status,
        taken_ms,
        ..Request::default()
    };
    iis::log(server, time, &front);
    if let Some((stem, query)) = forged.back_stem {
        log_back_end(server, time.plus(SECOND / 10), &front, stem, query);
    }
}

/// Logs what the back end sees: the server itself asks, under its machine account.
fn log_back_end(server: &mut Server, time: Timestamp, front: &Request<'_>, stem: &str, query: &str) {
    let (account, address) = (server.account(), server.plan.address);
    let back = Request { site: Site::Back, stem, query, user: &account, client: address, ..front.clone() };
    iis::log(server, time, &back);
}
