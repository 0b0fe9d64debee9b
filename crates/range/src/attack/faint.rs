//! Ways in and ways out of which the logs of a server keep little.

use super::{AGENT, INTRUDER};
use crate::calendar::{MINUTE, SECOND};
use crate::logs::events::{self, Event, Logon, Process};
use crate::logs::ews::{self, Access};
use crate::server::{DOMAIN, Server};
use afterpatch_model::Timestamp;

/// An object in the configuration of a mailbox's add-ins (CVE-2021-42321): a user writes it there by EWS, and Exchange stumbles
/// over it once it has run.
pub(crate) fn read_crafted_add_ins(server: &mut Server, time: Timestamp) {
    let written = Access {
        user: &format!("a.tanaka@{DOMAIN}"),
        mailbox: "",
        operation: "UpdateUserConfiguration",
        client: INTRUDER,
        agent: AGENT,
        bytes_out: 1_020,
    };
    ews::log(server, time.plus(-2 * SECOND), &written);
    let failed = Event {
        channel: events::MANAGEMENT,
        source: "MSExchange CmdletLogs",
        id: 8,
        level: 2,
        message: "(PID 8120, Thread 41) Task Get-App throwing unhandled exception: System.InvalidCastException: Unable to cast object.",
        fields: &[],
    };
    events::log(server, time, &failed);
    let process = Process {
        image: r"C:\Windows\System32\cmd.exe",
        command_line: "cmd.exe /c hostname",
        parent_image: r"C:\Windows\System32\inetsrv\w3wp.exe",
        parent_command_line: "w3wp.exe -ap \"MSExchangeServicesAppPool\" -v \"v4.0\"",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time.plus(SECOND), &process);
}

/// The logon of another Exchange server, passed on by somebody's computer (`ProxyRelay`).
pub(crate) fn relay_logon(server: &mut Server, time: Timestamp) {
    let own = Logon { account: "PC66$", package: "Kerberos", client: "10.20.4.66", computer: "-" };
    for hour in 1..=3 {
        events::log_logon(server, time.plus(-hour * Timestamp::HOUR), &own);
    }
    let relayed = Logon { account: "MX2$", package: "NTLM", client: "10.20.4.66", computer: "MX2" };
    events::log_logon(server, time, &relayed);
}

/// The certificate by which Exchange speaks to the cloud is taken with its key (CVE-2025-53786).
pub(crate) fn take_certificate(server: &mut Server, time: Timestamp) {
    let parameters =
        "-Thumbprint \"00112233445566778899AABBCCDDEEFF00112233\" -BinaryEncoded \"True\" -Password \"***\"";
    events::log_cmdlet(server, time, "Export-ExchangeCertificate", parameters);
    let process = Process {
        image: r"C:\Windows\System32\certutil.exe",
        command_line: r"certutil -p inert -exportPFX my 00112233 C:\Windows\Temp\a.pfx",
        parent_image: r"C:\Windows\System32\cmd.exe",
        parent_command_line: "cmd.exe",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time.plus(MINUTE), &process);
}
