//! The use of a web shell: a look whether it is there, commands, and what the server starts for them.

use super::INTRUDER;
use crate::calendar::{MINUTE, SECOND};
use crate::logs::events::{self, Process};
use crate::logs::iis::{self, Request};
use crate::served;
use crate::server::Server;
use afterpatch_model::Timestamp;

const W3WP: &str = r"C:\Windows\System32\inetsrv\w3wp.exe";
const AGENT: &str = "antSword/v2.1";

/// Asks for the page at `start`, then commands it. ASP.NET compiles it at the first request.
pub(crate) fn command(server: &mut Server, start: Timestamp, page: &str) {
    request(server, start, "GET", page, 200);
    let compiled = start.plus(2 * SECOND);
    served::compile(server, compiled, page);
    events::log_created(server, compiled, W3WP, "5124", &served::compiled_path(page));
    for minute in 1..=3 {
        let time = start.plus(minute * MINUTE);
        request(server, time, "POST", page, 200);
    }
    start_interpreter(server, start.plus(MINUTE));
}

/// Logs a request for the page.
pub(crate) fn request(server: &mut Server, time: Timestamp, method: &str, page: &str, status: u16) {
    let request = Request {
        method,
        stem: &format!("/owa/auth/{page}"),
        client: INTRUDER,
        agent: AGENT,
        status,
        win32: if status == 404 { 2 } else { 0 },
        taken_ms: 210,
        ..Request::default()
    };
    iis::log(server, time, &request);
}

fn start_interpreter(server: &mut Server, time: Timestamp) {
    let process = Process {
        image: r"C:\Windows\System32\cmd.exe",
        command_line: "\"cmd.exe\" /c whoami",
        parent_image: W3WP,
        parent_command_line: "w3wp.exe -ap \"MSExchangeOWAAppPool\"",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time, &process);
}
