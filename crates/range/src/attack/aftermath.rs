//! What follows a break-in: passwords are taken, data is packed and fetched, traces are removed.

use super::INTRUDER;
use crate::calendar::{MINUTE, SECOND};
use crate::logs::events::{self, Event, Process};
use crate::logs::iis::{self, Request};
use crate::server::Server;
use afterpatch_model::Timestamp;

const CMD: &str = r"C:\Windows\System32\cmd.exe";

fn run(server: &mut Server, time: Timestamp, program: &str, command_line: &str) {
    let process = Process {
        image: &format!(r"C:\Windows\System32\{program}"),
        command_line,
        parent_image: CMD,
        parent_command_line: "cmd.exe",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time, &process);
}

/// Copies the memory of the process that keeps passwords, spelt so that a plain search misses it.
pub(crate) fn dump_passwords(server: &mut Server, time: Timestamp) {
    let dump = r"C:\Windows\Temp\lsass_0624.dmp";
    let command = format!("rundll^32.exe C:\\windows\\System32\\com\"svc\"s.dll, Mini^Dump 624 {dump} full");
    run(server, time, "rundll32.exe", &command);
    events::log_created(server, time.plus(2 * SECOND), r"C:\Windows\System32\rundll32.exe", "6120", dump);
}

/// Packs the dump into a folder that the web server serves, and fetches it from there.
pub(crate) fn pack_and_fetch(server: &mut Server, time: Timestamp) {
    let archive = server.installed(r"FrontEnd\HttpProxy\owa\auth\it.zip");
    let command = format!("7z a -t7z -hpInert \"{archive}\" C:\\Windows\\Temp\\lsass_0624.dmp");
    run(server, time, r"7z.exe", &command);
    events::log_created(server, time.plus(3 * SECOND), r"C:\Windows\Temp\7z.exe", "6240", &archive);
    let request = Request {
        method: "GET",
        stem: "/owa/auth/it.zip",
        client: INTRUDER,
        agent: "curl/7.64.1",
        status: 200,
        taken_ms: 41_200,
        ..Request::default()
    };
    iis::log(server, time.plus(MINUTE), &request);
}

/// Clears the security log and deletes the day's log of the web server.
pub(crate) fn cover_tracks(server: &mut Server, time: Timestamp) {
    run(server, time, "wevtutil.exe", "wevtutil  cl Security");
    let cleared = Event {
        channel: "Security",
        source: "Microsoft-Windows-Eventlog",
        id: 1102,
        level: 4,
        message: "The audit log was cleared.",
        fields: &[("SubjectUserName", "SYSTEM"), ("SubjectDomainName", "NT AUTHORITY")],
    };
    events::log(server, time.plus(SECOND), &cleared);
    let day = crate::calendar::form(time, "%y%m%d");
    let file = format!(r"C:\inetpub\logs\LogFiles\W3SVC2\u_ex{day}.log");
    events::log_deleted(server, time.plus(20 * SECOND), CMD, &file);
}
