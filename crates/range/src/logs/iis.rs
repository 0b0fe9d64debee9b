//! W3C logs of IIS: site 1 is the front end, site 2 the back end on port 444.

use crate::calendar::form;
use crate::server::Server;
use afterpatch_model::Timestamp;

const FIELDS: &str = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
     cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";

/// The web site that took a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Site {
    /// The Default Web Site, which clients reach.
    #[default]
    Front,
    /// Exchange Back End, which only the front end should reach.
    Back,
}

impl Site {
    fn folder(self) -> &'static str {
        match self {
            Self::Front => "W3SVC1",
            Self::Back => "W3SVC2",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Front => 443,
            Self::Back => 444,
        }
    }
}

/// One request as IIS logs it. An empty text is logged as `-`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request<'a> {
    pub(crate) site: Site,
    pub(crate) method: &'a str,
    pub(crate) stem: &'a str,
    pub(crate) query: &'a str,
    pub(crate) user: &'a str,
    pub(crate) client: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) status: u16,
    pub(crate) substatus: u16,
    pub(crate) win32: u32,
    pub(crate) taken_ms: u64,
}

/// Returns the query with what Exchange adds of its own, even where the client sent none.
pub(crate) fn exchange_query(client_query: &str, request_id: &str) -> String {
    format!("{client_query}&CorrelationID=<empty>;&cafeReqId={request_id};")
}

/// Logs a request.
pub(crate) fn log(server: &mut Server, time: Timestamp, request: &Request<'_>) {
    let local = if request.client.contains("127.0.0.1") || request.client == "::1" {
        request.client
    } else {
        server.plan.address
    };
    let row = format!(
        "{} {local} {} {} {} {} {} {} {} - {} {} {} {}",
        form(time, "%Y-%m-%d %H:%M:%S"),
        request.method,
        request.stem,
        value(request.query),
        request.site.port(),
        value(request.user),
        value(request.client),
        value(request.agent),
        request.status,
        request.substatus,
        request.win32,
        request.taken_ms
    );
    add(server, request.site, time, row);
}

/// Logs that the web service restarted: the head stands again in the middle of the file.
pub(crate) fn restart(server: &mut Server, time: Timestamp) {
    for site in [Site::Front, Site::Back] {
        add(server, site, time, head(time).trim_end().to_owned());
    }
}

fn add(server: &mut Server, site: Site, time: Timestamp, row: String) {
    let path = format!(r"C:\inetpub\logs\LogFiles\{}\u_ex{}.log", site.folder(), form(time, "%y%m%d"));
    let opened = time.floor(Timestamp::DAY);
    server.tree.row(path, time, row, || head(opened));
}

fn head(opened: Timestamp) -> String {
    format!(
        "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: {}\r\n#Fields: {FIELDS}\r\n",
        form(opened, "%Y-%m-%d %H:%M:%S")
    )
}

/// Returns what IIS writes for a value: `-` for none, `+` for a space.
fn value(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.replace(' ', "+") }
}
