//! What looks like the work of an intruder at first sight, and is not: the doings of clients and administrators.

use crate::calendar::{MINUTE, SECOND};
use crate::logs::directory::{self, Exported};
use crate::logs::events::{self, Event, Logon, Process};
use crate::logs::iis::{self, Request};
use crate::served;
use crate::server::Server;
use afterpatch_model::Timestamp;

/// Addresses that clients ask for: the method, the path, the query, who asks, and the status.
const REQUESTS: &[(&str, &str, &str, &str, u16)] = &[
    (
        "GET",
        "/autodiscover/autodiscover.json",
        "Email=a.tanaka%40example.org&Protocol=ActiveSync&RedirectCount=1",
        "",
        200,
    ),
    ("GET", "/autodiscover/autodiscover.json/v1.0/b.moreau@example.org", "Protocol=Ews", "", 200),
    ("GET", "/owa/shared@example.org/", "", r"EXAMPLE\b.moreau", 200),
    (
        "POST",
        "/powershell",
        "serializationLevel=Full;clientApplication=ManagementShell",
        r"EXAMPLE\admin",
        200,
    ),
    ("POST", "/ecp/RulesEditor/InboxRules.svc/NewObject", "msExchEcpCanary=x", r"EXAMPLE\c.osei", 200),
    ("POST", "/ecp/RulesEditor/InboxRules.svc/GetList", "msExchEcpCanary=x", "", 440),
    ("GET", "/owa/auth/errorfe.aspx", "httpCode=500&msg=861904327&owaError=Microsoft.Exchange", "", 200),
    ("GET", "/owa/calendar/c.osei@example.org/Calendar/calendar.html", "", "", 200),
    ("GET", "/ecp/DLPPolicy/DLPPolicies.aspx", "", r"EXAMPLE\admin", 200),
    ("GET", "/downloads/client.zip", "", "", 404),
];

/// Programs that administrators and their jobs start.
const PROGRAMS: &[&str] = &[
    r"procdump.exe -accepteula -ma w3wp.exe D:\Support",
    r"7z.exe a D:\Backup\iis.7z C:\inetpub\logs\LogFiles",
    r"vssadmin.exe list shadows",
    r"reg.exe query HKLM\SYSTEM\CurrentControlSet\Services",
    r"auditpol.exe /get /category:*",
    r"wevtutil.exe qe Security /c:5",
    r"powershell.exe -c Get-Queue",
];

/// Plays a day of it.
pub(crate) fn play(server: &mut Server, day: Timestamp) {
    let start = day.plus(9 * Timestamp::HOUR);
    for (step, (method, stem, query, user, status)) in (0_i64..).zip(REQUESTS) {
        let query = iis::exchange_query(query, "0f1e2d3c-0000-4000-8000-000000000001");
        let request = Request {
            method,
            stem,
            query: &query,
            user,
            client: "192.0.2.40",
            agent: "Microsoft Office/16.0",
            status: *status,
            taken_ms: 31,
            ..Request::default()
        };
        iis::log(server, start.plus(step * MINUTE), &request);
    }
    for (step, command_line) in (0_i64..).zip(PROGRAMS) {
        let program = command_line.split(' ').next().unwrap_or_default();
        let process = Process {
            image: &format!(r"C:\Windows\System32\{program}"),
            command_line,
            parent_image: r"C:\Windows\explorer.exe",
            parent_command_line: "explorer.exe",
            user: r"EXAMPLE\admin",
        };
        events::log_process(server, start.plus((20 + step) * MINUTE), &process);
    }
    export_for_the_archive(server, start.plus(40 * MINUTE));
    install_products(server, start.plus(50 * MINUTE));
    served::write_logon_script(server, start.plus(70 * MINUTE), false);
    log_on_by_ntlm(server, start.plus(75 * MINUTE));
    events::log(server, start.plus(80 * MINUTE), &FAILED);
    let page = r"C:\Program Files\Example Monitor\web\list.aspx";
    served::write_folder_list(server, start.plus(-20 * Timestamp::DAY), page);
}

/// A mailbox has no such add-in.
const FAILED: Event<'_> = Event {
    channel: events::MANAGEMENT,
    source: "MSExchange CmdletLogs",
    id: 8,
    level: 2,
    message: "(PID 8120, Thread 41) Task Get-App throwing unhandled exception: ManagementObjectNotFoundException: no such app.",
    fields: &[],
};

/// Another server's account logs on by NTLM, from the address that is its own.
fn log_on_by_ntlm(server: &mut Server, time: Timestamp) {
    let logon = |package| Logon { account: "MX9$", package, client: "10.20.0.19", computer: "MX9" };
    for hour in 1..=3 {
        events::log_logon(server, time.plus(-hour * Timestamp::HOUR), &logon("Kerberos"));
    }
    events::log_logon(server, time, &logon("NTLM"));
}

/// Cmdlets of administrators that an intruder uses as well, to another end.
const CMDLETS: &[(&str, &str)] = &[
    (
        "New-JournalRule",
        "-Name \"Journal\" -JournalEmailAddress \"journal@archive.example.net\" -Scope \"Global\"",
    ),
    (
        "Install-TransportAgent",
        "-Name \"Exchange DkimSigner\" -TransportAgentFactory \"Exchange.DkimSigner.DkimSigningRoutingAgentFactory\" -AssemblyPath \"C:\\Program Files\\Exchange DkimSigner\\ExchangeDkimSigner.dll\"",
    ),
    ("New-InboxRule", "-Mailbox \"c.osei\" -Name \"deputy\" -ForwardTo \"a.tanaka@example.org\""),
    ("Add-MailboxPermission", "-Identity \"ceo\" -User \"assistant\" -AccessRights \"FullAccess\""),
    (
        "Set-MailboxFolderPermission",
        "-Identity \"c.osei:\\Calendar\" -User \"Default\" -AccessRights \"Reviewer\"",
    ),
    ("Add-RoleGroupMember", "-Identity \"Organization Management\" -Member \"newcomer\""),
    ("Set-PartnerApplication", "-Identity \"Exchange Online\" -Enabled \"True\""),
];

/// Installs a scanner and a signer, journals mail, appoints a deputy: each has a twin among footholds.
fn install_products(server: &mut Server, time: Timestamp) {
    for (step, (cmdlet, parameters)) in (0_i64..).zip(CMDLETS) {
        events::log_cmdlet(server, time.plus(step * MINUTE), cmdlet, parameters);
    }
    let scanner = r#""C:\Program Files\Example Scan\scan.exe" -s"#;
    events::log_service(server, time.plus(10 * MINUTE), "Example Scan", scanner);
    let support = r#""C:\Program Files\TeamViewer\TeamViewer_Service.exe""#;
    events::log_service(server, time.plus(12 * MINUTE), "TeamViewer", support);
    let task = Process {
        image: r"C:\Windows\System32\schtasks.exe",
        command_line: r#"schtasks /create /sc daily /tn "Rotate logs" /tr D:\Jobs\rotate.cmd"#,
        parent_image: r"C:\Windows\System32\cmd.exe",
        parent_command_line: "cmd.exe",
        user: r"EXAMPLE\admin",
    };
    events::log_process(server, time.plus(11 * MINUTE), &task);
}

/// The right to be anybody, for the product that backs up mailboxes.
const BACKUP: directory::Assignment =
    ("Backup", "ApplicationImpersonation", "CN=svc-backup,CN=Users,DC=example,DC=org");

/// Exports the objects of the directory: an address is an address, and a product may read all mailboxes.
pub(crate) fn export_the_directory(server: &mut Server, time: Timestamp) {
    let changed = time.plus(-6 * Timestamp::DAY);
    let assignments = &[(BACKUP, changed)];
    let exported = Exported { oab_url: "https://mail.example.org/OAB", changed, assignments };
    directory::export(server, time, &exported);
}

/// Exports the mailbox of somebody who left to a file server, and tidies up on the next morning; clears old logs.
fn export_for_the_archive(server: &mut Server, time: Timestamp) {
    let parameters = "-Mailbox \"leaver\" -FilePath \"\\\\fs1\\archive\\leaver.pst\"";
    events::log_cmdlet(
        server,
        time,
        "New-ManagementRoleAssignment",
        "-Role \"Mailbox Import Export\" -User \"admin\"",
    );
    events::log_cmdlet(server, time.plus(30 * SECOND), "New-MailboxExportRequest", parameters);
    let morning = time.plus(20 * Timestamp::HOUR);
    events::log_cmdlet(
        server,
        morning,
        "Remove-MailboxExportRequest",
        "-Identity \"leaver\" -Confirm \"False\"",
    );
    let old = crate::calendar::form(time.plus(-40 * Timestamp::DAY), "%y%m%d");
    let file = format!(r"C:\inetpub\logs\LogFiles\W3SVC1\u_ex{old}.log");
    events::log_deleted(
        server,
        time.plus(5 * MINUTE),
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        &file,
    );
}
