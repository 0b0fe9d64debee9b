//! One request that the front end is led to pass on to another back end, in every log that sees it.

use crate::calendar::SECOND;
use crate::logs::http_proxy::{self, Protocol};
use crate::logs::iis::{self, Request, Site};
use crate::server::Server;
use afterpatch_model::Timestamp;

/// A request that is led astray.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Led<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) method: &'a str,
    pub(crate) stem: &'a str,
    pub(crate) query: &'a str,
    /// Who logged on; empty for nobody.
    pub(crate) user: &'a str,
    pub(crate) client: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) status: u16,
}

/// Logs the request: the front end's two logs, and the back end's where it answered.
pub(crate) fn log(server: &mut Server, time: Timestamp, led: &Led<'_>) {
    let mut dice = server.dice(&format!("led {time}"));
    let (request_id, taken_ms) = (dice.guid(), dice.between(20, 600));
    let is_answered = led.status < 400;
    let row = http_proxy::Row {
        protocol: led.protocol,
        request_id: &request_id,
        method: led.method,
        stem: led.stem,
        query: led.query,
        user: led.user,
        agent: led.agent,
        client: led.client,
        status: led.status,
        backend_status: if is_answered { led.status } else { 0 },
        bytes_in: dice.between(300, 2_000),
        bytes_out: dice.between(200, 3_000),
        taken_ms,
        ..http_proxy::Row::default()
    };
    http_proxy::log(server, time, &row);
    let query = iis::exchange_query(led.query, &request_id);
    let front = Request {
        site: Site::Front,
        method: led.method,
        stem: led.stem,
        query: &query,
        user: led.user,
        client: led.client,
        agent: led.agent,
        status: led.status,
        taken_ms,
        ..Request::default()
    };
    iis::log(server, time, &front);
    if is_answered && format!("{}{}", led.stem, led.query).to_lowercase().contains("powershell") {
        log_back_end(server, time.plus(SECOND / 10), &front);
    }
}

/// Logs what the back end sees of it: `PowerShell` is asked, by the program that the front end was asked by.
fn log_back_end(server: &mut Server, time: Timestamp, front: &Request<'_>) {
    let (account, address) = (server.account(), server.plan.address);
    let user = if front.user.is_empty() { &account } else { front.user };
    let back =
        Request { site: Site::Back, stem: "/powershell", query: "", user, client: address, ..front.clone() };
    iis::log(server, time, &back);
}
