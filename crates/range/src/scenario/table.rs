//! The table of scenarios.

use super::{Scenario, families, fleet, footholds, histories};
use crate::attack::chain::{self, URL};
use crate::attack::forged::{self, Forged};
use crate::attack::{AGENT, INTRUDER, address_book, mailboxes, shell, voice};
use crate::calendar::{MINUTE, SECOND, at};
use crate::configuration::{self, Additions};
use crate::life::{backup, scans, twins};
use crate::logs::events;
use crate::logs::http_proxy::{self, Protocol};
use crate::logs::iis::{self, Request};
use crate::logs::request_filtering;
use crate::registry;
use crate::served;
use crate::server::{Plan, Role, Server};
use crate::truth::ServerTruth;
use afterpatch_model::{Build, Grade, Phase, Span, Timestamp, Verdict};

pub(super) const ROOT: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\";
const OTHER_ROOT: &str = r"E:\Exchange2016\";

pub(super) const fn build_15(minor: u32, build: u32, revision: u32) -> Build {
    Build { major: 15, minor, build, revision }
}

/// 2016 CU18 as it came, and with the update of March 2021.
pub(crate) const CU18: Build = build_15(1, 2106, 2);
pub(crate) const CU18_MENDED: Build = build_15(1, 2106, 13);
/// 2016 CU19, likewise.
pub(crate) const CU19: Build = build_15(1, 2176, 2);
pub(super) const CU19_MENDED: Build = build_15(1, 2176, 9);
/// 2016 CU21, the first that lets the malware scan see requests.
const CU21: Build = build_15(1, 2308, 8);
/// 2019 CU8, as it came and with the update.
pub(super) const CU8: Build = build_15(2, 792, 3);
pub(super) const CU8_MENDED: Build = build_15(2, 792, 10);

pub(super) const fn server(
    name: &'static str,
    address: &'static str,
    install_root: &'static str,
    build: Build,
    updates: &'static [(&'static str, Build)],
) -> Plan {
    Plan { name, address, install_root, build, updates, faces_internet: true, role: Role::Mailbox }
}

pub(crate) const fn mx1(build: Build, updates: &'static [(&'static str, Build)]) -> Plan {
    server("MX1", "10.20.0.11", ROOT, build, updates)
}

/// Another server of the organisation, with Exchange on a drive of its own.
pub(crate) const fn mx2(build: Build, updates: &'static [(&'static str, Build)]) -> Plan {
    server("MX2", "10.20.0.12", OTHER_ROOT, build, updates)
}

const OPEN: &[Plan] = &[mx1(CU18, &[])];
/// The two folders in which the chain of 2021 shows; long spans keep to them for the sake of size.
const NARROW: &[Protocol] = &[Protocol::Ecp, Protocol::Owa];
/// The page that the chain writes; Exchange has one called `RedirSuiteServiceProxy.aspx`.
pub(crate) const PAGE: &str = "RedirSuiteServerProxy.aspx";

/// Every scenario, in the order of the docs.
pub static SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "benign",
        doc: "Thirty days of three servers: users, administrators, updates and a scan; no break-in",
        servers: &[
            mx1(CU18, &[("2021-03-03T22:00:00Z", CU18_MENDED)]),
            mx2(CU19, &[("2021-03-03T23:00:00Z", CU19_MENDED)]),
            server("MX3", "10.20.0.13", ROOT, CU8, &[("2021-03-04T01:00:00Z", CU8_MENDED)]),
        ],
        spans: &[("2021-02-15", "2021-03-17")],
        folders: Protocol::ALL,
        requests_per_hour: 2,
        served: true,
        story: |server| {
            scans::scan_for_proxylogon(server, at("2021-03-09T11:20:00Z"));
            scans::look_for_shells(server, at("2021-03-12T05:00:00Z"));
            twins::play(server, at("2021-03-10"));
            backup::run(server, Span { from: at("2021-02-15"), until: at("2021-03-17") });
            configuration::write(server, at("2021-02-10T09:00:00Z"), &Additions::NONE);
            configuration::write_shadow_copy(server, at("2021-03-08T01:00:00Z"));
            twins::export_the_directory(server, at("2021-03-16T09:00:00Z"));
            registry::write(server, at("2021-02-10T09:00:00Z"), &[]);
        },
        truth: || {
            // The logs begin six weeks after the first known use of the flaw.
            let unknown = Verdict::CannotTell;
            let truth = |name| {
                ServerTruth::new(name, Verdict::Yes, unknown, unknown)
                    .finds("proxylogon-ssrf", Grade::Attempted)
                    .finds("web-shell-probe", Grade::Attempted)
                    .finds_at("dual-use-page", Grade::Attempted, "list.aspx")
                    .finds_at("foreign-script", Grade::Attempted, "list.aspx")
                    .finds_at("remote-tool", Grade::Attempted, "teamviewer")
            };
            ["MX1", "MX2", "MX3"].map(truth).into()
        },
    },
    Scenario {
        name: "chain",
        doc: "The whole ProxyLogon chain against one server, and the web shell still there",
        servers: OPEN,
        spans: &[("2021-02-26", "2021-03-06")],
        folders: Protocol::ALL,
        requests_per_hour: 6,
        served: true,
        story: |server| break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true),
        truth: || vec![broken_into("MX1", PAGE)],
    },
    Scenario {
        name: "chain-all",
        doc: "The chain, and the two other flaws of March 2021 besides",
        servers: OPEN,
        spans: &[("2021-02-26", "2021-03-06")],
        folders: Protocol::ALL,
        requests_per_hour: 6,
        served: true,
        story: |server| {
            break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
            address_book::download_to_web_root(server, at("2021-03-02T05:30:00Z"));
            voice::feed_crafted_object(server, at("2021-03-02T06:02:00Z"));
        },
        truth: || {
            vec![
                broken_into("MX1", PAGE)
                    .finds("proxylogon-oabwrite", Grade::Executed)
                    .finds("proxylogon-umdeser", Grade::Executed),
            ]
        },
    },
    Scenario {
        name: "only-scanned",
        doc: "A server that was open all the time and only tested by scanners",
        servers: OPEN,
        spans: &[("2021-01-01", "2021-03-12")],
        folders: NARROW,
        requests_per_hour: 1,
        served: true,
        story: |server| {
            for day in ["2021-03-08", "2021-03-10"] {
                scans::scan_for_proxylogon(server, at(day).plus(9 * Timestamp::HOUR));
            }
        },
        truth: || vec![only_attempted("MX1").finds("proxylogon-ssrf", Grade::Attempted)],
    },
    Scenario {
        name: "blocked-by-amsi",
        doc: "A forged request in July, which the malware scan of the server blocked",
        servers: &[mx1(CU18, &[("2021-03-02T20:00:00Z", CU18_MENDED), ("2021-07-03T20:00:00Z", CU21)])],
        // The logs of the first months were kept aside in March; the others are what retention left.
        spans: &[("2021-01-01", "2021-03-04"), ("2021-07-05", "2021-07-10")],
        folders: NARROW,
        requests_per_hour: 1,
        served: true,
        story: |server| blocked(server, at("2021-07-07T10:31:00Z")),
        truth: || vec![only_attempted("MX1").finds("proxylogon-ssrf", Grade::Attempted)],
    },
    Scenario {
        name: "patched-before",
        doc: "The chain is tried a day after the update; the front end logs it, and refuses",
        servers: &[mx1(CU18, &[("2021-03-03T22:00:00Z", CU18_MENDED)])],
        spans: &[("2021-01-01", "2021-03-07")],
        folders: NARROW,
        requests_per_hour: 1,
        served: true,
        story: |server| refused(server, at("2021-03-05T02:40:00Z")),
        truth: || vec![only_attempted("MX1").finds("proxylogon-ssrf", Grade::Attempted)],
    },
    Scenario {
        name: "shell-absent",
        doc: "Somebody asks for the web shells of others; none is there",
        servers: OPEN,
        spans: &[("2021-01-01", "2021-03-12")],
        folders: NARROW,
        requests_per_hour: 1,
        served: true,
        story: |server| ask_for_absent_shells(server, at("2021-03-09T07:05:00Z")),
        truth: || vec![only_attempted("MX1").finds("web-shell-probe", Grade::Attempted)],
    },
    Scenario {
        name: "logs-rolled-away",
        doc: "Collected in April: eight days of logs of a mended server, and no served folders",
        servers: &[mx1(CU18, &[("2021-03-20T20:00:00Z", CU18_MENDED)])],
        spans: &[("2021-04-20", "2021-04-28")],
        folders: Protocol::ALL,
        requests_per_hour: 2,
        served: false,
        story: |_| {},
        truth: || {
            // The update of March goes over an open build only; and that of April, out for a week, is not there.
            let unknown = Verdict::CannotTell;
            vec![ServerTruth::new("MX1", Verdict::Yes, unknown, unknown)]
        },
    },
    Scenario {
        name: "shell-deleted",
        doc: "The chain, but the web shell was gone when the served folders were collected: Defender had taken it away",
        servers: OPEN,
        spans: &[("2021-02-26", "2021-03-06")],
        folders: Protocol::ALL,
        requests_per_hour: 6,
        served: true,
        story: |server| {
            break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, false);
            events::log_quarantined(server, at("2021-03-04T11:20:00Z"), &served::page_path(server, PAGE));
        },
        truth: || {
            // The page that ran is gone; what else was left before it went, no served folder tells.
            let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::Yes, Verdict::CannotTell);
            let page = served::page_key(ROOT, PAGE);
            vec![led_to_commands(truth, Grade::Executed).finds_at(
                "web-shell",
                Grade::Executed,
                name_in(&page),
            )]
        },
    },
    Scenario {
        name: "webroot-clean",
        doc: "A server that was mended late, complete logs and served folders, and nothing happened",
        servers: &[mx1(CU18, &[("2021-03-15T21:00:00Z", CU18_MENDED)])],
        spans: &[("2021-01-01", "2021-03-20")],
        folders: NARROW,
        requests_per_hour: 1,
        served: true,
        story: |_| {},
        truth: || {
            let clean = Verdict::NoTrace;
            vec![ServerTruth::new("MX1", Verdict::Yes, clean, clean)]
        },
    },
    Scenario {
        name: "forty-servers",
        doc: "Two days of forty servers, some in availability groups, eight seen from outside, one broken into",
        servers: &fleet::SERVERS,
        spans: &[("2021-03-01", "2021-03-03")],
        folders: &[Protocol::Ecp],
        requests_per_hour: 1,
        served: true,
        story: |server| {
            fleet::name_groups(server, at("2021-03-01T09:30:00Z"));
            if server.plan.name == fleet::BROKEN_INTO {
                break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
            }
        },
        truth: || {
            let unknown = Verdict::CannotTell;
            let truth = |plan: &Plan| match plan.name {
                fleet::BROKEN_INTO => broken_into(fleet::BROKEN_INTO, PAGE),
                name => ServerTruth::new(name, Verdict::Yes, unknown, unknown),
            };
            fleet::SERVERS.iter().map(truth).collect()
        },
    },
    Scenario {
        name: "example",
        doc: "Two servers for three days, one of them broken into: small enough to carry along",
        servers: &[
            mx1(CU18, &[]),
            server("MX2", "10.20.0.12", OTHER_ROOT, CU19, &[("2021-03-03T20:00:00Z", CU19_MENDED)]),
        ],
        spans: &[("2021-03-01", "2021-03-04")],
        folders: &[Protocol::Ecp],
        requests_per_hour: 2,
        served: true,
        story: |server| {
            if server.plan.name == "MX1" {
                break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
            }
        },
        truth: || {
            vec![
                broken_into("MX1", PAGE),
                ServerTruth::new("MX2", Verdict::Yes, Verdict::CannotTell, Verdict::CannotTell),
            ]
        },
    },
    Scenario {
        name: "proxyshell",
        doc: "ProxyShell in August 2021: a mailbox is exported to a page, and the page is used",
        servers: OPEN,
        spans: &[("2021-08-08", "2021-08-12")],
        folders: &[Protocol::Ecp, Protocol::Owa, Protocol::Autodiscover],
        requests_per_hour: 4,
        served: true,
        story: families::proxyshell,
        truth: families::proxyshell_truth,
    },
    Scenario {
        name: "owassrf",
        doc: "ProxyNotShell is refused by the rewrite rule; two months later the way by Outlook on the web is not",
        servers: families::CU23_OF_AUGUST_2022,
        spans: &[("2022-10-03", "2022-10-05"), ("2022-12-05", "2022-12-09")],
        folders: &[Protocol::Ecp, Protocol::Owa, Protocol::Autodiscover],
        requests_per_hour: 4,
        served: true,
        story: families::owassrf,
        truth: families::owassrf_truth,
    },
    Scenario {
        name: "viewstate",
        doc: "An object in a ViewState, a month after the update that nobody installed (CVE-2020-0688)",
        servers: families::CU14,
        spans: &[("2020-03-08", "2020-03-11")],
        folders: NARROW,
        requests_per_hour: 4,
        served: true,
        story: families::viewstate,
        truth: families::viewstate_truth,
    },
    Scenario {
        name: "get-app",
        doc: "An object in the configuration of add-ins, of which one error and one program tell (CVE-2021-42321)",
        servers: families::CU22,
        spans: &[("2021-11-19", "2021-11-22")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: families::get_app,
        truth: families::get_app_truth,
    },
    Scenario {
        name: "relay",
        doc: "The logon of another server comes from somebody's computer (ProxyRelay)",
        servers: families::CU21,
        spans: &[("2021-07-18", "2021-07-22")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: families::relay,
        truth: families::relay_truth,
    },
    Scenario {
        name: "hybrid",
        doc: "The certificate by which Exchange speaks to the cloud is taken with its key (CVE-2025-53786)",
        servers: families::CU15,
        spans: &[("2025-08-10", "2025-08-14")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: families::hybrid,
        truth: families::hybrid_truth,
    },
    Scenario {
        name: "lesser-ways",
        doc: "One trace of each of six lesser ways in (ProxyToken, ProxyOracle, policy templates, the calendar, mailbox assistants, script in mail)",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-04")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: families::lesser_ways,
        truth: families::lesser_ways_truth,
    },
    Scenario {
        name: "covered-tracks",
        doc: "After a web shell: passwords are taken, packed and fetched, and logs are cleared and deleted",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-04")],
        folders: NARROW,
        requests_per_hour: 4,
        served: true,
        story: |server| {
            break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
            families::take_and_cover(server, at("2021-03-02T06:30:00Z"));
        },
        truth: || vec![families::took_and_covered(broken_into("MX1", PAGE))],
    },
    Scenario {
        name: "mailboxes-read",
        doc: "After a web shell: an account that may be anybody reads every mailbox, as a backup does every night",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-06")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: |server| {
            backup::run(server, Span { from: at("2021-03-01"), until: at("2021-03-06") });
            break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
            mailboxes::read_all(server, at("2021-03-02T06:30:00Z"), at("2021-03-04T22:10:00Z"));
        },
        truth: || {
            let phases = &[Phase::Entry, Phase::Execution, Phase::Foothold, Phase::Use, Phase::Theft];
            let truth = broken_into("MX1", PAGE)
                .finds_at("mail-rights", Grade::Executed, "sync")
                .finds("others-mailboxes", Grade::Reached)
                .left(Verdict::Likely)
                .tells(phases);
            vec![truth]
        },
    },
    Scenario {
        name: "hour-removed",
        doc: "The hour of the break-in is taken out of the front end's log of the control panel",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-04")],
        folders: NARROW,
        requests_per_hour: 60,
        served: true,
        story: |server| {
            let start = at("2021-03-02T10:12:00.418Z");
            break_in(server, start, PAGE, true);
            http_proxy::remove_hour(server, start, Protocol::Ecp);
        },
        truth: || {
            let phases = &[Phase::Entry, Phase::Execution, Phase::Foothold, Phase::Use, Phase::Cover];
            vec![broken_into("MX1", PAGE).finds("log-tampering", Grade::Attempted).tells(phases)]
        },
    },
    Scenario {
        name: "footholds-iis",
        doc: "After a web shell: modules, a handler, a folder and a rewriting rule in the web server",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-06")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: footholds::in_iis,
        truth: footholds::in_iis_truth,
    },
    Scenario {
        name: "footholds-exchange",
        doc: "After a web shell: a transport agent, rights on all mailboxes, mail that is sent outside and a logon page that takes passwords",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-06")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: footholds::in_exchange,
        truth: footholds::in_exchange_truth,
    },
    Scenario {
        name: "footholds-windows",
        doc: "After a web shell: a task, a service, a subscription, an account and a remote tool",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-06")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: footholds::in_windows,
        truth: footholds::in_windows_truth,
    },
    Scenario {
        name: "footholds-registry",
        doc: "After a web shell: a program at logon, another in place of one of Windows, a service and a library told of passwords",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-06")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: footholds::in_registry,
        truth: footholds::in_registry_truth,
    },
    Scenario {
        name: "footholds-keys",
        doc: "After a web shell and the update: a key that anybody has, a page that takes what it signs, a credential for the cloud",
        servers: &[mx1(CU18, &[("2021-03-04T20:00:00Z", CU18_MENDED)])],
        spans: &[("2021-03-01", "2021-03-07")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: footholds::in_keys,
        truth: footholds::in_keys_truth,
    },
    Scenario {
        name: "footholds-changed",
        doc: "After a web shell: what was there is changed: two servers' key, a page of Exchange's, and objects of the directory",
        servers: &[mx1(CU18, &[]), mx2(CU18, &[])],
        spans: &[("2021-03-01", "2021-03-06")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: footholds::changed,
        truth: footholds::changed_truth,
    },
    Scenario {
        name: "page-out-of-place",
        doc: "After a web shell: a page for administrators where none put it, and the same page where one did",
        servers: OPEN,
        spans: &[("2021-03-01", "2021-03-06")],
        folders: NARROW,
        requests_per_hour: 2,
        served: true,
        story: footholds::out_of_place,
        truth: footholds::out_of_place_truth,
    },
    Scenario {
        name: "histories",
        doc: "Ten servers, five days of three years: in time, late, undone, half done, mitigated, given up, upgraded, no front end",
        servers: histories::SERVERS,
        spans: histories::DAYS,
        folders: &[Protocol::Ecp],
        requests_per_hour: 1,
        served: false,
        story: histories::configure,
        truth: histories::truth,
    },
];

/// A server that was open and tried, and whose logs and folders are complete enough to say that no more came of it.
fn only_attempted(name: &'static str) -> ServerTruth {
    ServerTruth::new(name, Verdict::Yes, Verdict::AttemptedOnly, Verdict::NoTrace)
}

/// A server that went through the chain, with the page still there.
pub(super) fn broken_into(name: &'static str, page: &str) -> ServerTruth {
    let key = served::page_key(ROOT, page);
    led_to_commands(ServerTruth::new(name, Verdict::Yes, Verdict::Yes, Verdict::Yes), Grade::Persists)
        .finds_at("web-shell", Grade::Persists, name_in(&key))
}

/// The chain to its end; `written` says whether the file that it wrote is still there.
fn led_to_commands(truth: ServerTruth, written: Grade) -> ServerTruth {
    truth
        .finds("proxylogon-ssrf", Grade::Executed)
        .finds("proxylogon-vdirwrite", written)
        .finds("web-server-command", Grade::Executed)
        .tells(&[Phase::Entry, Phase::Execution, Phase::Foothold, Phase::Use])
}

/// Returns what every way of naming a page holds: the path on disk, the URL and the compiled page alike.
fn name_in(key: &str) -> &str {
    afterpatch_model::file_name(key)
}

/// Plays the chain and the use of its shell; the page stays only where `page_stays`.
pub(super) fn break_in(server: &mut Server, start: Timestamp, page: &str, page_stays: bool) {
    let written = chain::write_page(server, start, page);
    if page_stays {
        served::drop_page(server, written, page, URL);
    }
    shell::command(server, written.plus(9 * SECOND), page);
}

/// Plays a forged request that never reached a handler: IIS answers 400, the filter says why.
fn blocked(server: &mut Server, start: Timestamp) {
    for (step, stem) in (0_i64..).zip(["/ecp/x.js", "/ecp/y.js", "/ecp/main.css"]) {
        let time = start.plus(step * 20 * SECOND);
        let request = Request {
            method: "POST",
            stem,
            client: INTRUDER,
            agent: AGENT,
            status: 400,
            taken_ms: 19,
            ..Request::default()
        };
        iis::log(server, time, &request);
        request_filtering::log_detected(server, time, "POST", stem, "X-BEResource");
    }
}

/// Plays the first steps of the chain against a build that refuses them.
fn refused(server: &mut Server, start: Timestamp) {
    let steps =
        [("/autodiscover/autodiscover.xml", 500), ("/mapi/emsmdb/", 503), ("/ecp/proxyLogon.ecp", 401)];
    for (step, (path, status)) in (0_i64..).zip(steps) {
        let target = format!("a]@{}:444{path}?#", server.full_name());
        let request = Forged {
            protocol: Protocol::Ecp,
            method: "POST",
            stem: "/ecp/y.js",
            client: INTRUDER,
            agent: AGENT,
            target: &target,
            status,
            backend_status: 0,
            error_code: "InvalidBackEndServer",
            back_stem: None,
        };
        forged::log(server, start.plus(step * 4 * SECOND), &request);
    }
}

/// Plays requests for pages that other servers have: not one is served.
fn ask_for_absent_shells(server: &mut Server, start: Timestamp) {
    let pages = [("supp0rt.aspx", 404), ("discover.aspx", 404), ("OutlookEN.aspx", 302)];
    for (step, (page, status)) in (0_i64..).zip(pages) {
        let time = start.plus(step * MINUTE);
        shell::request(server, time, "GET", page, status);
        shell::request(server, time.plus(SECOND), "POST", page, status);
    }
}
