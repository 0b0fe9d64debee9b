//! Exchange's setup log: which role was installed, and each cumulative update. It is kept for as long as the server lives.

use crate::calendar::{MINUTE, SECOND, form};
use crate::server::{NETBIOS, Server};
use afterpatch_model::Timestamp;

/// Logs a setup that succeeds, half an hour after `begin`: `mode` is `Install` or `Upgrade`.
pub(crate) fn log(server: &mut Server, begin: Timestamp, mode: &str) {
    let done = begin.plus(30 * MINUTE);
    let build = server.build(done);
    let stars = "*".repeat(46);
    let begins = [
        stars.clone(),
        "Starting Microsoft Exchange Server 2016 Setup".to_owned(),
        stars,
        format!("Setup version: {build}."),
        format!(r"Logged on user: {NETBIOS}\administrator."),
        format!("Command Line Parameter Name='mode', Value='{mode}'."),
        format!("Command Line Parameter Name='roles', Value='{}'.", server.plan.role.name()),
    ];
    let ends = ["The Exchange Server setup operation completed successfully.", "End of Setup"];
    for (second, text) in (0_i64..).zip(begins) {
        line(server, begin.plus(second * SECOND), &text);
    }
    for (second, text) in (0_i64..).zip(ends) {
        line(server, done.plus(second * SECOND), text);
    }
}

fn line(server: &mut Server, time: Timestamp, text: &str) {
    let row = format!("[{}] [0] {text}", form(time, "%m/%d/%Y %H:%M:%S.%4f"));
    server.tree.row(r"C:\ExchangeSetupLogs\ExchangeSetup.log".to_owned(), time, row, String::new);
}
