//! An ordinary server's days: what must stay without a finding.

pub(crate) mod admin;
pub(crate) mod backup;
pub(crate) mod mail;
pub(crate) mod scans;
pub(crate) mod traffic;
pub(crate) mod twins;
pub(crate) mod upkeep;

use crate::logs::http_proxy::Protocol;
use crate::server::{Role, Server};
use afterpatch_model::Span;

/// How busy a server is, and which `HttpProxy` folders were collected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Requests of users in an hour of the working day; a sixth of it at night.
    pub(crate) requests_per_hour: u64,
    /// The folders; each has at least a probe an hour.
    pub(crate) folders: &'static [Protocol],
}

/// Plays a span of ordinary life.
pub(crate) fn play(server: &mut Server, span: Span, pace: Pace) {
    match server.plan.role {
        Role::Mailbox => serve_mailboxes(server, span, pace),
        Role::Edge => mail::pass_on(server, span),
        Role::ManagementTools => {}
    }
}

fn serve_mailboxes(server: &mut Server, span: Span, pace: Pace) {
    traffic::probe(server, span, pace.folders);
    traffic::serve(server, span, pace);
    traffic::sync_new_devices(server, span, pace.folders);
    if server.plan.faces_internet {
        scans::crawl(server, span);
    }
    admin::administer(server, span);
    upkeep::keep(server, span);
}
