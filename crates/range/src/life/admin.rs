//! Administrators at work, and the jobs that run by themselves.

use crate::calendar::{MINUTE, SECOND, pieces};
use crate::dice::Dice;
use crate::logs::ecp_server::{self, Command};
use crate::logs::events::{self, Logon, Process, ShareAccess};
use crate::logs::oab_generator;
use crate::server::{NETBIOS, Server};
use afterpatch_model::{Span, Timestamp};

const W3WP: &str = r"C:\Windows\System32\inetsrv\w3wp.exe";
const CSC: &str = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe";

/// What administrators look up in the control panel.
const LOOK_UPS: &[&str] = &[
    "Get-InboxRule",
    "Get-Mailbox.ResultSize=501",
    "Get-DistributionGroup.ResultSize=501",
    "Get-OwaVirtualDirectory",
];

/// Cmdlets that administrators run, with their parameters.
const CMDLETS: &[(&str, &str)] = &[
    ("Set-Mailbox", "-Identity \"a.tanaka\" -IssueWarningQuota \"4 GB\""),
    ("Add-DistributionGroupMember", "-Identity \"staff\" -Member \"c.osei\""),
    (
        "Set-OwaVirtualDirectory",
        "-Identity \"owa (Default Web Site)\" -ExternalUrl \"https://mail.example.org/owa\"",
    ),
];

/// Plays administrators and daily jobs.
pub(crate) fn administer(server: &mut Server, span: Span) {
    let mut dice = server.dice("administrators");
    for (number, day) in pieces(span, Timestamp::DAY).enumerate() {
        look_up(server, &mut dice, day);
        run_cmdlet(server, &mut dice, day, number);
        build_address_book(server, &mut dice, day, number);
        run_programs(server, day);
        back_up(server, day);
        if number % 14 == 5 {
            set_external_urls(server, &mut dice, day);
        }
        if number % 20 == 9 {
            recreate_address_book_directory(server, day);
        }
    }
}

fn look_up(server: &mut Server, dice: &mut Dice, day: Timestamp) {
    for hour in [7, 13] {
        let command = Command {
            text: dice.pick(LOOK_UPS, "Get-Mailbox"),
            url: "/ecp/UsersGroups/Mailboxes.svc/GetList",
            session: &dice.guid(),
            activity: &dice.guid(),
            taken_ms: dice.between(20, 900),
        };
        let time = day.plus(hour * Timestamp::HOUR + 11 * MINUTE);
        ecp_server::log(server, time, &command);
    }
}

fn run_cmdlet(server: &mut Server, dice: &mut Dice, day: Timestamp, number: usize) {
    if let Some((cmdlet, parameters)) = CMDLETS.get(number % CMDLETS.len()) {
        let minute = i64::try_from(dice.below(50)).unwrap_or_default();
        let time = day.plus(8 * Timestamp::HOUR + minute * MINUTE);
        events::log_cmdlet(server, time, cmdlet, parameters);
    }
}

/// Sets the addresses of virtual directories in the control panel, as an administrator does after a move.
fn set_external_urls(server: &mut Server, dice: &mut Dice, day: Timestamp) {
    let session = dice.guid();
    for (step, name) in (0_i64..).zip(["Owa", "Oab"]) {
        let url = format!("https://mail.example.org/{}", name.to_uppercase());
        let text = format!("Set-{name}VirtualDirectory.ExternalUrl='{url}'.Identity='{}'", dice.guid());
        let command = Command {
            text: &text,
            url: "/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory",
            session: &session,
            activity: &dice.guid(),
            taken_ms: dice.between(200, 900),
        };
        let time = day.plus(10 * Timestamp::HOUR + step * MINUTE);
        ecp_server::log(server, time, &command);
        let identity = format!("{name} (Default Web Site)");
        let parameters = format!("-ExternalUrl \"{url}\" -Identity \"{identity}\"");
        events::log_cmdlet(server, time, &format!("Set-{name}VirtualDirectory"), &parameters);
    }
}

/// Removes the address book's directory and makes it anew, as Microsoft's troubleshooting pages tell one to.
fn recreate_address_book_directory(server: &mut Server, day: Timestamp) {
    let name = server.plan.name;
    let time = day.plus(15 * Timestamp::HOUR);
    let removed = format!("-Force \"True\" -Identity \"{name}\\OAB (Default Web Site)\"");
    events::log_cmdlet(server, time, "Remove-OabVirtualDirectory", &removed);
    let made = format!(
        "-WebSiteName \"Default Web Site\" -Server \"{name}\" -InternalUrl \"https://{}/OAB\" -Path \"{}\"",
        server.full_name(),
        server.installed(r"FrontEnd\HttpProxy\OAB")
    );
    events::log_cmdlet(server, time.plus(40 * SECOND), "New-OabVirtualDirectory", &made);
}

/// Builds the offline address book; now and then a download fails and its temporary file stays where it belongs.
fn build_address_book(server: &mut Server, dice: &mut Dice, day: Timestamp, number: usize) {
    let activity = dice.guid();
    let time = day.plus(4 * Timestamp::HOUR);
    oab_generator::log(server, time, &activity, "Generation of 'Default Offline Address Book' started");
    if number % 9 == 3 {
        let rest = format!(r"ClientAccess\OAB\Temp\{}", dice.guid());
        let file = server.installed(&rest);
        oab_generator::log_failed_download(server, time.plus(MINUTE), &activity, &file);
    }
    let done = time.plus(3 * MINUTE);
    oab_generator::log(server, done, &activity, "Generation of 'Default Offline Address Book' finished");
}

/// Starts what starts on every server: the compiler that ASP.NET runs, and a task of the system.
fn run_programs(server: &mut Server, day: Timestamp) {
    let time = day.plus(6 * Timestamp::HOUR + 2 * MINUTE);
    let compiler = Process {
        image: CSC,
        command_line: "\"csc.exe\" /noconfig /fullpaths @\"C:\\Windows\\Temp\\k2xw0o1f.cmdline\"",
        parent_image: W3WP,
        parent_command_line: "w3wp.exe -ap \"MSExchangeOWAAppPool\"",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time, &compiler);
    events::log_created(server, time.plus(SECOND), W3WP, "5124", &crate::served::compiled_path("logon.aspx"));
    log_security_process(server, time.plus(MINUTE));
}

fn log_security_process(server: &mut Server, time: Timestamp) {
    let account = format!("{}$", server.plan.name);
    let fields = &[
        ("SubjectUserSid", "S-1-5-18"),
        ("SubjectUserName", account.as_str()),
        ("SubjectDomainName", NETBIOS),
        ("NewProcessId", "0x2d54"),
        ("NewProcessName", r"C:\Windows\System32\taskhostw.exe"),
        ("ProcessId", "0x3b4"),
        ("CommandLine", "taskhostw.exe"),
        ("ParentProcessName", r"C:\Windows\System32\svchost.exe"),
    ];
    events::log(server, time, &events::audited(4688, "A new process has been created.", fields));
}

/// Plays the nightly backup: a logon, and files read over a share.
fn back_up(server: &mut Server, day: Timestamp) {
    let time = day.plus(Timestamp::HOUR);
    let logon =
        Logon { account: "svc-backup", package: "Kerberos", client: "10.20.0.50", computer: "BACKUP1" };
    events::log_logon(server, time, &logon);
    let access = ShareAccess {
        account: "svc-backup",
        client: "10.20.0.50",
        share: r"\\*\C$",
        file: r"inetpub\wwwroot\iisstart.htm",
        mask: "0x120089",
    };
    events::log_share(server, time.plus(SECOND), &access);
}
