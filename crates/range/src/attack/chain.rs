//! The ProxyLogon chain up to the written file (CVE-2021-26855 and CVE-2021-27065).

use super::forged::{self, Forged};
use super::{AGENT, INTRUDER};
use crate::calendar::SECOND;
use crate::life::upkeep;
use crate::logs::ecp_server::{self, Command};
use crate::logs::events::{self, ShareAccess};
use crate::logs::http_proxy::Protocol;
use crate::served;
use crate::server::Server;
use afterpatch_model::Timestamp;

/// The text that the chain sets as a URL. It is inert: the page that it makes does nothing.
pub(crate) const URL: &str =
    "http://f/<script language=\"JScript\" runat=\"server\">function Page_Load(){/*inert fixture*/}</script>";
const FRONT_STEM: &str = "/ecp/y.js";
const ADMINISTRATOR: &str = "S-1-5-21-1004336348-1177238915-682003330-500";
const DDI: &str = "/ecp/DDI/DDIService.svc/";

/// One step over the forged request: seconds after the start, back-end path and query, status.
struct Step {
    after: i64,
    stem: &'static str,
    query: &'static str,
    status: u16,
}

const STEPS: &[Step] = &[
    Step { after: 0, stem: "/autodiscover/autodiscover.xml", query: "", status: 200 },
    Step { after: 3, stem: "/mapi/emsmdb/", query: "", status: 200 },
    Step { after: 6, stem: "/ecp/proxyLogon.ecp", query: "", status: 241 },
    Step {
        after: 9,
        stem: "/ecp/DDI/DDIService.svc/GetObject",
        query: "schema=OABVirtualDirectory",
        status: 200,
    },
    Step {
        after: 12,
        stem: "/ecp/DDI/DDIService.svc/SetObject",
        query: "schema=OABVirtualDirectory",
        status: 200,
    },
    Step {
        after: 16,
        stem: "/ecp/DDI/DDIService.svc/SetObject",
        query: "schema=ResetOABVirtualDirectory",
        status: 200,
    },
];

/// Plays the chain that writes `page`; returns the moment at which the file was there.
pub(crate) fn write_page(server: &mut Server, start: Timestamp, page: &str) -> Timestamp {
    let canary = server.dice("canary").letters(24);
    for step in STEPS {
        forge(server, start.plus(step.after * SECOND), step, &canary);
    }
    fail_once(server, start.plus(5 * SECOND));
    set_url(server, start.plus(12 * SECOND));
    let written = start.plus(16 * SECOND + 700 * SECOND / 1_000);
    reset(server, start.plus(16 * SECOND));
    observe_write(server, written, page);
    upkeep::recycle(server, written.plus(SECOND));
    written
}

/// Sends one step; the steps that need a session carry its canary.
fn forge(server: &mut Server, time: Timestamp, step: &Step, canary: &str) {
    let query = if step.stem.starts_with(DDI) {
        format!("msExchEcpCanary={canary}&{}", step.query)
    } else {
        step.query.to_owned()
    };
    let target = match query.as_str() {
        "" => format!("a]@{}:444{}?#", server.full_name(), step.stem),
        query => format!("a]@{}:444{}?{query}#", server.full_name(), step.stem),
    };
    let request = Forged {
        protocol: Protocol::Ecp,
        method: "POST",
        stem: FRONT_STEM,
        client: INTRUDER,
        agent: AGENT,
        target: &target,
        status: step.status,
        backend_status: step.status,
        error_code: "",
        back_stem: Some((step.stem, &query)),
    };
    forged::log(server, time, &request);
}

/// The control panel stumbles over a forged host once, and so keeps the address that the front end saw.
fn fail_once(server: &mut Server, time: Timestamp) {
    let message = format!(
        "Current user: 'example.org/Users/a.tanaka'\r\nRequest for URL 'https://{}:444/ecp/about.aspx?a=]:444{FRONT_STEM}\
         (https://mail.example.org{FRONT_STEM})' failed with the following error:\r\n\
         System.Web.HttpUnhandledException (0x80004005)",
        server.plan.name.to_lowercase()
    );
    events::log_application(server, time, "MSExchange Control Panel", (4, 2), &message);
}

/// Sets the script as the URL of the address book's virtual directory.
fn set_url(server: &mut Server, time: Timestamp) {
    let identity = server.dice("identity").guid();
    let text = format!("Set-OabVirtualDirectory.ExternalUrl='{URL}'.Identity='{identity}'");
    log_command(server, time, &text, "schema=OABVirtualDirectory");
    let parameters = format!("-ExternalUrl \"{URL}\" -Identity \"OAB (Default Web Site)\"");
    events::log_cmdlet(server, time, "Set-OabVirtualDirectory", &parameters);
    log_async(server, time, 47, "started");
    log_async(server, time.plus(5 * SECOND), 48, "finished");
}

/// Resets the virtual directory: it is removed and made anew, and its settings go to the intruder's path.
fn reset(server: &mut Server, time: Timestamp) {
    let (name, query) = (server.plan.name, "schema=ResetOABVirtualDirectory");
    log_command(server, time, "Remove-OabVirtualDirectory.Force=$true", query);
    let removed = format!("-Force \"True\" -Identity \"{name}\\OAB (Default Web Site)\"");
    events::log_cmdlet(server, time, "Remove-OabVirtualDirectory", &removed);
    let later = time.plus(3 * SECOND);
    log_command(server, later, "New-OabVirtualDirectory", query);
    let made = format!(
        "-WebSiteName \"Default Web Site\" -Server \"{name}\" -Role \"ClientAccess\" -InternalUrl \"https://{}/OAB\" -Path \"{}\"",
        server.full_name(),
        server.installed(r"FrontEnd\HttpProxy\OAB")
    );
    events::log_cmdlet(server, later, "New-OabVirtualDirectory", &made);
}

fn log_command(server: &mut Server, time: Timestamp, text: &str, query: &str) {
    let mut dice = server.dice(&format!("command {text}"));
    let command = Command {
        text,
        url: &format!("{DDI}SetObject?{query}"),
        session: &dice.guid(),
        activity: &dice.guid(),
        taken_ms: dice.between(200, 900),
    };
    ecp_server::log(server, time, &command);
}

fn log_async(server: &mut Server, time: Timestamp, id: u32, what: &str) {
    let message = format!(
        "Current User: '{ADMINISTRATOR}'\r\nExchange Control Panel {what} an Async web request in the thread 176.\r\nCommand: 'SetObject'"
    );
    events::log_application(server, time, "MSExchange Control Panel", (id, 4), &message);
}

/// The write goes over the server's own administrative share, so the kernel is who creates the file.
fn observe_write(server: &mut Server, time: Timestamp, page: &str) {
    let path = served::page_path(server, page);
    let (drive, below) = path.split_once(r":\").unwrap_or(("C", &path));
    let access = ShareAccess {
        account: &format!("{}$", server.plan.name),
        client: "127.0.0.1",
        share: &format!(r"\\*\{drive}$"),
        file: below,
        mask: "0x12019f",
    };
    events::log_share(server, time, &access);
    events::log_created(server, time, "System", "4", &path);
}
