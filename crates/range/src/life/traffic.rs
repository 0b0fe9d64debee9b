//! Probes of the server's own health watch, and users at work.

use super::Pace;
use crate::calendar::{MINUTE, SECOND, hour_of_day, pieces};
use crate::dice::Dice;
use crate::logs::http_proxy::{self, Protocol};
use crate::logs::iis::{self, Request, Site};
use crate::server::{NETBIOS, Server};
use afterpatch_model::{Span, Timestamp};

const OUTLOOK: &str = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5110; Pro)";
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.150 Safari/537.36";
const PHONE: &str = "Apple-iPhone12C1/1803.66";
const PROBE: &str = "AMProbe/Local/ClientAccess";

const USERS: &[&str] =
    &["a.tanaka", "b.moreau", "c.osei", "d.novak", "e.silva", "f.kaya", "g.lindt", "h.suzuki"];

/// One thing that users do, as the proxy and both web sites see it.
struct Visit {
    protocol: Protocol,
    method: &'static str,
    stem: &'static str,
    query: &'static str,
    agent: &'static str,
    signed_in: bool,
    status: u16,
    bytes_out: u64,
}

const fn visit(
    protocol: Protocol,
    (method, stem, query): (&'static str, &'static str, &'static str),
    agent: &'static str,
    signed_in: bool,
    status: u16,
    bytes_out: u64,
) -> Visit {
    Visit { protocol, method, stem, query, agent, signed_in, status, bytes_out }
}

const VISITS: &[Visit] = &[
    visit(
        Protocol::Mapi,
        ("POST", "/mapi/emsmdb/", "MailboxId=mailbox@example.org"),
        OUTLOOK,
        true,
        200,
        9_000,
    ),
    visit(
        Protocol::Mapi,
        ("POST", "/mapi/nspi/", "MailboxId=mailbox@example.org"),
        OUTLOOK,
        true,
        200,
        3_000,
    ),
    visit(
        Protocol::Eas,
        (
            "POST",
            "/Microsoft-Server-ActiveSync/default.eas",
            "Cmd=Ping&User=user&DeviceId=APPL2312SDKJ2313&DeviceType=iPhone",
        ),
        PHONE,
        true,
        200,
        700,
    ),
    visit(
        Protocol::Eas,
        (
            "POST",
            "/Microsoft-Server-ActiveSync/default.eas",
            "Cmd=Sync&User=user&DeviceId=APPL2312SDKJ2313&DeviceType=iPhone",
        ),
        PHONE,
        true,
        200,
        24_000,
    ),
    visit(
        Protocol::Ews,
        ("POST", "/EWS/Exchange.asmx", "SoapAction=FindItem;MailboxRPCRequests=4;"),
        OUTLOOK,
        true,
        200,
        14_000,
    ),
    visit(Protocol::Ews, ("POST", "/EWS/Exchange.asmx", ""), OUTLOOK, false, 401, 0),
    visit(Protocol::Owa, ("GET", "/owa/", ""), BROWSER, false, 302, 700),
    visit(Protocol::Owa, ("POST", "/owa/service.svc", "action=FindConversation"), BROWSER, true, 200, 31_000),
    visit(Protocol::Autodiscover, ("POST", "/autodiscover/autodiscover.xml", ""), OUTLOOK, false, 401, 0),
    visit(Protocol::Autodiscover, ("POST", "/autodiscover/autodiscover.xml", ""), OUTLOOK, true, 200, 4_100),
    visit(Protocol::Ecp, ("GET", "/ecp/", "rfr=owa&p=personalsettings"), BROWSER, true, 200, 8_000),
];

/// What users ask of the front end alone: no proxy log sees it.
const PAGES: &[(&str, &str, &str, u16)] = &[
    ("GET", "/owa/auth/logon.aspx", "url=https%3a%2f%2fmail.example.org%2fowa%2f&reason=0", 200),
    ("POST", "/owa/auth.owa", "", 302),
    ("GET", "/owa/auth/signout.aspx", "", 200),
    ("GET", "/owa/auth/15.1.2106/themes/resources/logon.css", "", 200),
    ("RPC_IN_DATA", "/rpc/rpcproxy.dll", "mx1.example.org:6001&RequestId=5f6a", 200),
];

/// Plays the health watch: in every hour a probe of every protocol, which keeps the logs without holes.
pub(crate) fn probe(server: &mut Server, span: Span, folders: &[Protocol]) {
    let mut dice = server.dice("probes");
    for hour in pieces(span, Timestamp::HOUR) {
        for protocol in folders {
            let time = moment(&mut dice, hour);
            probe_protocol(server, &mut dice, time, *protocol);
        }
        if hour_of_day(hour) % 2 == 0 {
            let time = moment(&mut dice, hour);
            probe_sites(server, &mut dice, time);
        }
    }
}

fn probe_protocol(server: &mut Server, dice: &mut Dice, time: Timestamp, protocol: Protocol) {
    let stem = format!("/{}/healthcheck.htm", protocol.name().to_lowercase());
    let row = http_proxy::Row {
        protocol,
        request_id: &dice.guid(),
        method: "GET",
        stem: &stem,
        agent: PROBE,
        client: "127.0.0.1",
        status: 200,
        bytes_out: 19,
        taken_ms: dice.between(1, 9),
        ..http_proxy::Row::default()
    };
    http_proxy::log(server, time, &row);
}

fn probe_sites(server: &mut Server, dice: &mut Dice, time: Timestamp) {
    let query = iis::exchange_query("", &dice.guid());
    let request = Request {
        method: "GET",
        stem: "/owa/healthcheck.htm",
        query: &query,
        client: "127.0.0.1",
        agent: PROBE,
        status: 200,
        taken_ms: dice.between(1, 9),
        ..Request::default()
    };
    iis::log(server, time, &request);
    // The server calls its own reporting service under its machine account: common, and no forged request.
    if hour_of_day(time) % 4 == 0 {
        let account = server.account();
        let address = server.plan.address;
        let back = Request {
            site: Site::Back,
            stem: "/ecp/ReportingWebService/",
            user: &account,
            client: address,
            agent: "Odata_PC_Probe/Local",
            ..request
        };
        iis::log(server, time.plus(SECOND), &back);
    }
}

/// Plays users at work.
pub(crate) fn serve(server: &mut Server, span: Span, pace: Pace) {
    let mut dice = server.dice("users");
    let visits: Vec<&Visit> = VISITS.iter().filter(|visit| pace.folders.contains(&visit.protocol)).collect();
    for hour in pieces(span, Timestamp::HOUR) {
        let busy = (7..16).contains(&hour_of_day(hour));
        let requests = if busy { pace.requests_per_hour } else { pace.requests_per_hour / 6 };
        for _ in 0..requests {
            let time = moment(&mut dice, hour);
            match visits.first() {
                Some(first) if dice.chance(80) => {
                    let visit = dice.pick(&visits, first);
                    serve_visit(server, &mut dice, time, visit);
                }
                _ => serve_page(server, &mut dice, time),
            }
        }
    }
}

fn serve_visit(server: &mut Server, dice: &mut Dice, time: Timestamp, visit: &Visit) {
    let (name, client) = somebody(server, dice);
    let user = if visit.signed_in { name.as_str() } else { "" };
    let (request_id, taken_ms) = (dice.guid(), dice.between(5, 400));
    let row = http_proxy::Row {
        protocol: visit.protocol,
        request_id: &request_id,
        method: visit.method,
        stem: visit.stem,
        query: visit.query,
        user,
        anchor_mailbox: if visit.signed_in { "Smtp~mailbox@example.org" } else { "" },
        routing_hint: if visit.signed_in { "WindowsIdentity" } else { "" },
        agent: visit.agent,
        client: &client,
        status: visit.status,
        backend_status: if visit.signed_in { visit.status } else { 0 },
        bytes_in: dice.between(300, 4_000),
        bytes_out: visit.bytes_out + dice.below(visit.bytes_out),
        taken_ms,
        ..http_proxy::Row::default()
    };
    http_proxy::log(server, time, &row);
    let query = iis::exchange_query(visit.query, &request_id);
    let front = Request {
        site: Site::Front,
        method: visit.method,
        stem: visit.stem,
        query: &query,
        user,
        client: &client,
        agent: visit.agent,
        status: visit.status,
        taken_ms,
        ..Request::default()
    };
    iis::log(server, time, &front);
    if visit.signed_in {
        let address = server.plan.address;
        let back = Request { site: Site::Back, client: address, ..front };
        iis::log(server, time, &back);
    }
}

fn serve_page(server: &mut Server, dice: &mut Dice, time: Timestamp) {
    let place = usize::try_from(dice.below(PAGES.len() as u64)).unwrap_or_default();
    let Some((method, stem, query, status)) = PAGES.get(place) else {
        return;
    };
    let (_, client) = somebody(server, dice);
    let query = iis::exchange_query(query, &dice.guid());
    let request = Request {
        method,
        stem,
        query: &query,
        client: &client,
        agent: BROWSER,
        status: *status,
        taken_ms: dice.between(3, 90),
        ..Request::default()
    };
    iis::log(server, time, &request);
}

/// Plays the first synchronisation of a new device: many megabytes in an hour, and nothing is wrong.
pub(crate) fn sync_new_devices(server: &mut Server, span: Span, folders: &[Protocol]) {
    let mut dice = server.dice("first syncs");
    let days: Vec<Timestamp> = pieces(span, Timestamp::DAY).step_by(12).skip(1).collect();
    for day in days {
        let (user, client) = somebody(server, &mut dice);
        let start = day.plus(9 * Timestamp::HOUR);
        let (protocol, stem, query, agent) = if dice.chance(50) {
            (Protocol::Ews, "/EWS/Exchange.asmx", "SoapAction=SyncFolderItems;", OUTLOOK)
        } else {
            let stem = "/Microsoft-Server-ActiveSync/default.eas";
            (Protocol::Eas, stem, "Cmd=Sync&User=user&DeviceId=APPLNEW0001&DeviceType=iPhone", PHONE)
        };
        for step in 0..if folders.contains(&protocol) { 10 } else { 0 } {
            let row = http_proxy::Row {
                protocol,
                request_id: &dice.guid(),
                method: "POST",
                stem,
                query,
                user: &user,
                anchor_mailbox: "Smtp~mailbox@example.org",
                agent,
                client: &client,
                status: 200,
                backend_status: 200,
                bytes_in: dice.between(900, 5_000),
                bytes_out: dice.between(5_000_000, 40_000_000),
                taken_ms: dice.between(900, 9_000),
                ..http_proxy::Row::default()
            };
            http_proxy::log(server, start.plus(step * 4 * MINUTE), &row);
        }
    }
}

/// Returns a user, and the address that he or she works from: the office, or the network outside.
fn somebody(server: &Server, dice: &mut Dice) -> (String, String) {
    let user = format!("{NETBIOS}\\{}", dice.pick(USERS, "a.tanaka"));
    let client = if dice.chance(70) || !server.plan.faces_internet {
        format!("10.20.4.{}", dice.between(10, 200))
    } else {
        format!("198.51.100.{}", dice.between(100, 160))
    };
    (user, client)
}

/// Returns a moment in the hour.
fn moment(dice: &mut Dice, hour: Timestamp) -> Timestamp {
    let milliseconds = i64::try_from(dice.below(3_598_000)).unwrap_or_default();
    hour.plus(SECOND + milliseconds * (SECOND / 1_000))
}
