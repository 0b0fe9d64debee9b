//! A product that keeps a copy of every mailbox: each night it reads what is new, as an account that may be anybody.

use crate::calendar::{SECOND, pieces};
use crate::logs::ews::{self, Access};
use crate::server::{DOMAIN, Server};
use afterpatch_model::{Span, Timestamp};

/// Mailboxes that the organisation has.
pub(crate) const MAILBOXES: i64 = 24;

/// Returns the address of one of them.
pub(crate) fn mailbox(number: i64) -> String {
    format!("user{number:02}@{DOMAIN}")
}

/// Plays the nights of a span.
pub(crate) fn run(server: &mut Server, span: Span) {
    let mut dice = server.dice("backup");
    for day in pieces(span, Timestamp::DAY) {
        for number in 0..MAILBOXES {
            let access = Access {
                user: &format!("svc-backup@{DOMAIN}"),
                mailbox: &mailbox(number),
                operation: "SyncFolderItems",
                client: "10.20.0.60",
                agent: "Example Backup/4.1",
                bytes_out: dice.between(2_000, 40_000),
            };
            ews::log(server, day.plus(2 * Timestamp::HOUR + number * 20 * SECOND), &access);
        }
    }
}
