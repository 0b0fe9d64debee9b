//! Mailboxes of others are read, one after the other, by an account that may be anybody.

use super::INTRUDER;
use crate::calendar::SECOND;
use crate::life::backup::{MAILBOXES, mailbox};
use crate::logs::events;
use crate::logs::ews::{self, Access};
use crate::server::{DOMAIN, Server};
use afterpatch_model::Timestamp;

/// Gives an account of the organisation the right to be anybody at one time, and reads every mailbox with it at another.
pub(crate) fn read_all(server: &mut Server, given: Timestamp, read: Timestamp) {
    let role = "-Name \"Sync\" -Role \"ApplicationImpersonation\" -User \"svc-sync\"";
    events::log_cmdlet(server, given, "New-ManagementRoleAssignment", role);
    let mut dice = server.dice("mailboxes");
    for number in 0..MAILBOXES {
        for (step, operation) in (0_i64..).zip(["FindItem", "GetItem"]) {
            let access = Access {
                user: &format!("svc-sync@{DOMAIN}"),
                mailbox: &mailbox(number),
                operation,
                client: INTRUDER,
                agent: "python-requests/2.25.1",
                bytes_out: dice.between(90_000, 900_000),
            };
            ews::log(server, read.plus((number * 10 + step * 4) * SECOND), &access);
        }
    }
}
