//! The table of pairs.

use super::Pair;
use crate::attack::chain::{self, URL};
use crate::attack::{foothold, shell};
use crate::calendar::{SECOND, at};
use crate::configuration::{self, Additions};
use crate::logs::directory::{self, Exported};
use crate::logs::http_proxy::Protocol;
use crate::logs::{events, health_checker, safety_scanner};
use crate::registry;
use crate::scenario::{CU18, CU18_MENDED, CU19, PAGE, Scenario, mx1, mx2};
use crate::served;
use crate::server::{Plan, Server};
use afterpatch_model::{Completion, Fate, Timestamp};

use Completion::{CannotTell, Done, NotDone};

/// What is left where all was cleaned: the key was made anew, as the plan asks.
const RENEWED: Additions =
    Additions { machine_key: Some("0F1E2D3C4B5A69788796A5B4C3D2E1F00F1E2D3C4B5A6978"), ..Additions::NONE };

/// The scenario before most pairs: the whole chain, and the page still there.
const CHAIN: &str = "chain";
/// The logs that came after its own.
const LATER: &[(&str, &str)] = &[("2021-03-06", "2021-03-12")];
/// Without the scanner's log.
const SCAN_UNKNOWN: (&str, Completion) = ("scan-server", CannotTell);
/// Nobody ran what shows the settings that fixes wait for.
const NEEDS_UNKNOWN: (&str, Completion) = ("check-needs", CannotTell);
/// What a scanner knows and no rule looks for.
const TOOL: safety_scanner::Met = ("HackTool:Win32/Example.A", r"C:\ProgramData\tool.exe");
/// Another page than the first.
const OTHER_PAGE: &str = "discover2.aspx";
/// What takes the rights back that were given.
const RIGHTS_TAKEN: &[(&str, &str)] = &[
    ("Remove-ManagementRoleAssignment", "-Identity \"Sync\" -Confirm \"False\""),
    (
        "Remove-RoleGroupMember",
        "-Identity \"Organization Management\" -Member \"helpdesk2\" -Confirm \"False\"",
    ),
    (
        "Remove-MailboxPermission",
        "-Identity \"ceo\" -User \"svc-sync\" -AccessRights \"FullAccess\" -Confirm \"False\"",
    ),
];
const RIGHT_URL: &str = "https://mail.example.org/OAB";

const OPEN: &[Plan] = &[mx1(CU18, &[])];
/// The next cumulative update, without the security update for it: newer, and as open as the one before.
const NEWER_AND_OPEN: &[Plan] = &[mx1(CU18, &[("2021-03-06T20:00:00Z", CU19)])];
const TWO_PATCHED: &[Plan] = &[
    mx1(CU18, &[("2021-03-06T20:00:00Z", CU18_MENDED)]),
    mx2(CU18, &[("2021-03-06T21:00:00Z", CU18_MENDED)]),
];
const PATCHED: &[Plan] = &[mx1(CU18, &[("2021-03-06T20:00:00Z", CU18_MENDED)])];

/// What remained of the chain: nothing, or all that was left behind.
const ALL_OVER: &[(&str, Fate)] = &[
    ("proxylogon-ssrf", Fate::Over),
    ("proxylogon-vdirwrite", Fate::Over),
    ("web-server-command", Fate::Over),
    ("web-shell", Fate::Over),
];
const PAGE_REMAINS: &[(&str, Fate)] = &[
    ("proxylogon-ssrf", Fate::Over),
    ("proxylogon-vdirwrite", Fate::Remains),
    ("web-server-command", Fate::Over),
    ("web-shell", Fate::Remains),
];

const fn after(
    name: &'static str,
    doc: &'static str,
    servers: &'static [Plan],
    story: fn(&mut Server),
) -> Scenario {
    Scenario {
        name,
        doc,
        servers,
        spans: LATER,
        folders: Protocol::ALL,
        requests_per_hour: 2,
        served: true,
        story,
        truth: Vec::new,
    }
}

/// Every pair, in the order of the docs.
pub static PAIRS: &[Pair] = &[
    Pair {
        name: "all-done",
        before: CHAIN,
        after: after(
            "all-done",
            "The update is in, and everything that was left behind is gone",
            PATCHED,
            |server| {
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            },
        ),
        patched: Done,
        cleaned: Done,
        steps: &[],
        fates: ALL_OVER,
    },
    Pair {
        name: "wrong-update",
        before: CHAIN,
        after: after(
            "wrong-update",
            "All was done but for the update: a newer cumulative update is in, without its security update",
            NEWER_AND_OPEN,
            |server| {
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            },
        ),
        patched: NotDone,
        cleaned: Done,
        steps: &[("mitigate-proxylogon", NotDone), ("install-update", NotDone)],
        fates: ALL_OVER,
    },
    Pair {
        name: "scan-met",
        before: CHAIN,
        after: after(
            "scan-met",
            "All was done, and the scan met a tool that no log names",
            PATCHED,
            |server| {
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), Some(TOOL));
            },
        ),
        patched: Done,
        cleaned: Done,
        steps: &[("scan-server", NotDone), ("rebuild-server", NotDone), ("watch-server", NotDone)],
        fates: ALL_OVER,
    },
    Pair {
        name: "day-missing",
        before: CHAIN,
        after: Scenario {
            spans: &[("2021-03-06", "2021-03-08"), ("2021-03-09", "2021-03-12")],
            ..after("day-missing", "All was done, and the logs of one day were not kept", PATCHED, |server| {
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            })
        },
        patched: Done,
        cleaned: Done,
        steps: &[
            ("preserve-evidence", NotDone),
            ("scope-intrusion", CannotTell),
            ("rebuild-server", CannotTell),
            ("watch-server", NotDone),
        ],
        fates: &[("proxylogon-ssrf", Fate::CannotTell), ("web-shell", Fate::Over)],
    },
    Pair {
        name: "half-removed",
        before: CHAIN,
        after: after(
            "half-removed",
            "The update is in and the web shell deleted; its compiled copy and the virtual directory's value remain",
            PATCHED,
            |server| {
                served::compile(server, compiled(), PAGE);
                health_checker::write(server, checked(), URL);
            },
        ),
        patched: Done,
        cleaned: NotDone,
        steps: &[
            SCAN_UNKNOWN,
            ("reset-virtual-directories", NotDone),
            ("remove-web-shell", NotDone),
            ("rebuild-server", NotDone),
            ("watch-server", NotDone),
        ],
        fates: PAGE_REMAINS,
    },
    Pair {
        name: "patched-not-cleaned",
        before: CHAIN,
        after: after(
            "patched-not-cleaned",
            "The update is in; the web shell is where it was",
            PATCHED,
            leave_page,
        ),
        patched: Done,
        cleaned: NotDone,
        steps: &[
            SCAN_UNKNOWN,
            NEEDS_UNKNOWN,
            ("reset-virtual-directories", NotDone),
            ("remove-web-shell", NotDone),
            ("rebuild-server", NotDone),
        ],
        fates: PAGE_REMAINS,
    },
    Pair {
        name: "cleaned-not-patched",
        before: CHAIN,
        after: after(
            "cleaned-not-patched",
            "The web shell is gone with all that belongs to it; no update",
            OPEN,
            |server| {
                health_checker::write(server, checked(), RIGHT_URL);
            },
        ),
        patched: NotDone,
        cleaned: Done,
        steps: &[SCAN_UNKNOWN, ("mitigate-proxylogon", NotDone), ("install-update", NotDone)],
        fates: ALL_OVER,
    },
    Pair {
        name: "mitigated-only",
        before: CHAIN,
        after: after(
            "mitigated-only",
            "No update; a rewrite rule holds the first flaw back, and the shell is gone",
            OPEN,
            |server| {
                mitigate(server, at("2021-03-07T10:00:00Z"));
                health_checker::write(server, checked(), RIGHT_URL);
            },
        ),
        patched: NotDone,
        cleaned: Done,
        steps: &[SCAN_UNKNOWN, ("mitigate-proxylogon", NotDone), ("install-update", NotDone)],
        fates: ALL_OVER,
    },
    Pair {
        name: "nothing-changed",
        before: CHAIN,
        after: after("nothing-changed", "Six days later everything is as it was", OPEN, leave_page),
        patched: NotDone,
        cleaned: NotDone,
        steps: &[
            SCAN_UNKNOWN,
            NEEDS_UNKNOWN,
            ("mitigate-proxylogon", NotDone),
            ("install-update", NotDone),
            ("reset-virtual-directories", NotDone),
            ("remove-web-shell", NotDone),
            ("rebuild-server", NotDone),
        ],
        fates: PAGE_REMAINS,
    },
    Pair {
        name: "evidence-missing",
        before: CHAIN,
        after: Scenario {
            served: false,
            folders: &[Protocol::Owa],
            ..after(
                "evidence-missing",
                "The update is in; no served folder was collected, and few logs",
                PATCHED,
                |_| {},
            )
        },
        patched: Done,
        cleaned: CannotTell,
        steps: &[
            SCAN_UNKNOWN,
            NEEDS_UNKNOWN,
            ("preserve-evidence", CannotTell),
            ("scope-intrusion", CannotTell),
            ("reset-virtual-directories", CannotTell),
            ("remove-web-shell", CannotTell),
            ("rebuild-server", CannotTell),
            ("watch-server", CannotTell),
        ],
        fates: &[
            ("proxylogon-ssrf", Fate::CannotTell),
            ("proxylogon-vdirwrite", Fate::CannotTell),
            ("web-shell", Fate::CannotTell),
        ],
    },
    Pair {
        name: "new-shell",
        before: CHAIN,
        after: after(
            "new-shell",
            "Everything was done, and then another web shell came",
            PATCHED,
            |server| {
                let written = at("2021-03-10T02:11:00Z");
                served::drop_page(server, written, OTHER_PAGE, URL);
                shell::command(server, written.plus(9 * SECOND), OTHER_PAGE);
            },
        ),
        patched: Done,
        // The value that the new page was written from is the finding of old.
        cleaned: NotDone,
        steps: &[
            SCAN_UNKNOWN,
            NEEDS_UNKNOWN,
            ("reset-virtual-directories", NotDone),
            ("rebuild-server", NotDone),
            ("watch-server", NotDone),
        ],
        fates: &[("proxylogon-ssrf", Fate::Over), ("web-shell", Fate::Over), ("web-shell", Fate::New)],
    },
    Pair {
        name: "logs-again",
        before: CHAIN,
        after: Scenario {
            spans: &[("2021-02-26", "2021-03-12")],
            ..after(
                "logs-again",
                "All was done, and the old logs were collected once more with the new ones",
                PATCHED,
                |server| {
                    let written = chain::write_page(server, at("2021-03-02T04:12:00.418Z"), PAGE);
                    let used = written.plus(9 * SECOND);
                    shell::request(server, used, "POST", PAGE, 200);
                    health_checker::write(server, checked(), RIGHT_URL);
                },
            )
        },
        patched: Done,
        cleaned: Done,
        steps: &[SCAN_UNKNOWN],
        fates: &[
            ("proxylogon-ssrf", Fate::Over),
            ("proxylogon-vdirwrite", Fate::Over),
            ("web-shell", Fate::Over),
        ],
    },
    Pair {
        name: "web-server-half-cleaned",
        before: "footholds-iis",
        after: after(
            "web-server-half-cleaned",
            "The update is in, the web shell and the modules are gone; the folder and the rewriting rule remain",
            PATCHED,
            |server| {
                let left = Additions {
                    folders: foothold::IN_IIS.folders,
                    rewriting: foothold::IN_IIS.rewriting,
                    ..RENEWED
                };
                configuration::write(server, checked(), &left);
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            },
        ),
        patched: Done,
        cleaned: NotDone,
        steps: &[
            ("remove-web-component", NotDone),
            ("rebuild-server", NotDone),
            ("scope-intrusion", CannotTell),
        ],
        fates: &[
            ("web-server-component", Fate::Over),
            ("served-folder", Fate::Remains),
            ("request-rewrite", Fate::Remains),
            ("web-shell", Fate::Over),
        ],
    },
    Pair {
        name: "exchange-half-cleaned",
        before: "footholds-exchange",
        after: after(
            "exchange-half-cleaned",
            "The update is in, the web shell, the agent and the rights are gone; nobody thought of the rules and the logon page",
            PATCHED,
            |server| {
                for (cmdlet, parameters) in RIGHTS_TAKEN {
                    events::log_cmdlet(server, checked(), cmdlet, parameters);
                }
                served::write_logon_script(server, checked(), true);
                configuration::write(server, checked(), &RENEWED);
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            },
        ),
        patched: Done,
        cleaned: NotDone,
        steps: &[
            ("undo-mail-rights", CannotTell),
            ("compare-pages", NotDone),
            ("restore-page", NotDone),
            ("rebuild-server", NotDone),
            ("scope-intrusion", CannotTell),
        ],
        fates: &[
            ("password-capture", Fate::Remains),
            ("transport-agent", Fate::Over),
            ("mail-rights", Fate::Over),
            ("mail-forwarding", Fate::CannotTell),
            ("web-shell", Fate::Over),
        ],
    },
    Pair {
        name: "directory-half-cleaned",
        before: "footholds-changed",
        after: after(
            "directory-half-cleaned",
            "The update is in, the web shell, the page and the right in the directory are gone; the intruder's key was overlooked",
            TWO_PATCHED,
            |server| {
                configuration::write(server, checked(), &foothold::OF_SEVERAL);
                let exported = Exported { oab_url: RIGHT_URL, changed: checked(), assignments: &[] };
                directory::export(server, checked(), &exported);
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            },
        ),
        patched: Done,
        cleaned: NotDone,
        steps: &[
            ("rotate-machine-keys", NotDone),
            // Whether anybody was on the second server, only logs of January and February would tell.
            ("collect-missing", NotDone),
            ("scope-intrusion", CannotTell),
        ],
        fates: &[
            ("machine-key", Fate::Remains),
            ("mail-rights", Fate::Over),
            ("virtual-directory-script", Fate::Over),
            ("modified-page", Fate::Over),
            ("web-shell", Fate::Over),
        ],
    },
    Pair {
        name: "windows-half-cleaned",
        before: "footholds-windows",
        after: after(
            "windows-half-cleaned",
            "The update is in, the web shell, the task and the account are gone; the registry was not collected",
            PATCHED,
            |server| {
                events::log_account_deleted(server, checked(), "helpdesk2");
                configuration::write(server, checked(), &RENEWED);
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            },
        ),
        patched: Done,
        cleaned: CannotTell,
        steps: &[
            ("remove-autostarts", CannotTell),
            ("remove-remote-tools", CannotTell),
            ("rebuild-server", CannotTell),
            ("scope-intrusion", CannotTell),
        ],
        fates: &[
            ("scheduled-task", Fate::Over),
            ("account-made", Fate::Over),
            ("service", Fate::CannotTell),
            ("wmi-subscription", Fate::CannotTell),
            ("remote-tool", Fate::CannotTell),
        ],
    },
    Pair {
        name: "registry-half-cleaned",
        before: "footholds-registry",
        after: after(
            "registry-half-cleaned",
            "The update is in, the web shell, the service, the value and the library are gone; the debugger was overlooked",
            PATCHED,
            |server| {
                registry::write(server, checked(), &[registry::DEBUGGER]);
                health_checker::write(server, checked(), RIGHT_URL);
                safety_scanner::write(server, scanned(), None);
            },
        ),
        patched: Done,
        cleaned: NotDone,
        steps: &[
            ("remove-autostarts", NotDone),
            ("rebuild-server", NotDone),
            ("scope-intrusion", CannotTell),
            // The registry shows that nothing is logged which was not logged before.
            ("watch-server", NotDone),
        ],
        fates: &[
            ("run-key", Fate::Over),
            ("debugger", Fate::Remains),
            ("service", Fate::Over),
            ("logon-package", Fate::Over),
            ("web-shell", Fate::Over),
        ],
    },
];

/// When the page was compiled, in the chain.
fn compiled() -> Timestamp {
    at("2021-03-02T04:12:27Z")
}

/// When the health of the server was checked.
fn checked() -> Timestamp {
    at("2021-03-11T09:00:00Z")
}

/// When the server was scanned.
fn scanned() -> Timestamp {
    at("2021-03-11T10:00:00Z")
}

/// Leaves the rewrite rule that Microsoft's script of March 2021 puts before the front end.
fn mitigate(server: &mut Server, time: Timestamp) {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n  <system.webServer>\r\n    <rewrite>\r\n      \
        <rules>\r\n        <rule name=\"X-BEResource Abort - inbound\" patternSyntax=\"ECMAScript\" stopProcessing=\"true\">\r\n          \
        <match url=\".*\" />\r\n          <conditions>\r\n            \
        <add input=\"{HTTP_COOKIE}\" pattern=\"(.*)X-BEResource=(.+)/(.+)~(.+)\" />\r\n          </conditions>\r\n          \
        <action type=\"AbortRequest\" />\r\n        </rule>\r\n      </rules>\r\n    </rewrite>\r\n  \
        </system.webServer>\r\n</configuration>\r\n";
    server.tree.file(r"C:\inetpub\wwwroot\web.config".to_owned(), text.as_bytes().to_vec(), time);
}

/// The page and what was compiled from it, as the chain left them.
fn leave_page(server: &mut Server) {
    served::drop_page(server, at("2021-03-02T04:12:16Z"), PAGE, URL);
    served::compile(server, compiled(), PAGE);
}
