//! `ProxyShell` up to the written page (CVE-2021-34473, CVE-2021-34523 and CVE-2021-31207).

use super::INTRUDER;
use super::led::{self, Led};
use crate::calendar::{MINUTE, SECOND};
use crate::logs::events::{self, ShareAccess};
use crate::logs::http_proxy::Protocol;
use crate::server::Server;
use afterpatch_model::Timestamp;

/// What the intruder's program calls itself.
const AGENT: &str = "python-requests/2.25.1";
/// A token that claims to be `admin@example.org`; its base64 is `X-Rps-CAT`.
const TOKEN: &str = "VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTBFhZG1pbkBleGFtcGxlLm9yZ1UsUy0xLTUtMjEtMTAwNDMzNjM0OC0xMTc3MjM4OTE1LTY4MjAwMzMzMC01MDBHAQAAAAcAAAAMUy0xLTUtMzItNTQ0RQAAAAA=";
/// A file of mail begins with these four letters; the script behind them is inert.
const PAGE: &str = "!BDN\u{0}\u{0}\u{0}\u{0}SM\u{17}\u{0}<script language=\"JScript\" runat=\"server\">function Page_Load(){/*inert fixture*/}</script>";

/// Plays the chain that exports a mailbox to a page of that path; returns the moment at which the file was there.
pub(crate) fn write_page(server: &mut Server, start: Timestamp, path: &str) -> Timestamp {
    let mail = "@example.org/mapi/nspi/?&Email=autodiscover/autodiscover.json%3F@example.org";
    let twice = "@example.org/%2570owershell/?&Email=autodiscover/autodiscover.json%253F@example.org";
    let shell = format!(
        "@example.org/powershell/?X-Rps-CAT={TOKEN}&Email=autodiscover/autodiscover.json%3F@example.org"
    );
    for (after, method, query, status) in [
        (0, "GET", mail, 200),
        (4, "GET", twice, 401),
        (9, "POST", shell.as_str(), 200),
        (12, "POST", shell.as_str(), 200),
    ] {
        let led = Led {
            protocol: Protocol::Autodiscover,
            method,
            stem: "/autodiscover/autodiscover.json",
            query,
            user: "",
            client: INTRUDER,
            agent: AGENT,
            status,
        };
        led::log(server, start.plus(after * SECOND), &led);
    }
    export(server, start.plus(15 * SECOND), path)
}

/// Gives the role away, exports the mailbox over the server's own share, and removes the request.
fn export(server: &mut Server, time: Timestamp, path: &str) -> Timestamp {
    let role = "-Role \"Mailbox Import Export\" -User \"admin\"";
    events::log_cmdlet(server, time, "New-ManagementRoleAssignment", role);
    let share = format!(r"\\127.0.0.1\{}", path.replacen(':', "$", 1));
    let parameters = format!("-Mailbox \"a.tanaka\" -IncludeFolders \"#Drafts#\" -FilePath \"{share}\"");
    events::log_cmdlet(server, time.plus(4 * SECOND), "New-MailboxExportRequest", &parameters);
    let written = time.plus(9 * SECOND);
    observe(server, written, path);
    events::log_cmdlet(server, time.plus(MINUTE), "Remove-MailboxExportRequest", "-Confirm \"False\"");
    server.tree.file(path.to_owned(), PAGE.as_bytes().to_vec(), written);
    written
}

fn observe(server: &mut Server, time: Timestamp, path: &str) {
    let (drive, below) = path.split_once(r":\").unwrap_or(("C", path));
    let access = ShareAccess {
        account: &format!("{}$", server.plan.name),
        client: "127.0.0.1",
        share: &format!(r"\\*\{drive}$"),
        file: below,
        mask: "0x12019f",
    };
    events::log_share(server, time, &access);
    let service = server.installed(r"Bin\MSExchangeMailboxReplication.exe");
    events::log_created(server, time, &service, "7340", path);
}
