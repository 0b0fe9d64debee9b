//! A crafted object for the unified messaging service (CVE-2021-26857).

use crate::calendar::SECOND;
use crate::logs::events::{self, Process};
use crate::server::Server;
use afterpatch_model::Timestamp;

/// Logs the object that the service could not cast, and the program that the next one made it start.
pub(crate) fn feed_crafted_object(server: &mut Server, time: Timestamp) {
    let message = "The Unified Messaging server encountered an error while trying to process the message: \
                   System.InvalidCastException: Unable to cast object of type 'System.Collections.Hashtable'.";
    events::log_application(server, time, "MSExchange Unified Messaging", (1139, 2), message);
    let worker = server.installed(r"bin\UMWorkerProcess.exe");
    let process = Process {
        image: r"C:\Windows\System32\cmd.exe",
        command_line: "cmd.exe /c hostname",
        parent_image: &worker,
        parent_command_line: &format!("\"{worker}\""),
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time.plus(40 * SECOND), &process);
}
