//! What the Internet sends to every server that it can reach.

use crate::attack::forged::{self, Forged};
use crate::calendar::{MINUTE, SECOND, pieces};
use crate::logs::http_proxy::Protocol;
use crate::logs::iis::{self, Request};
use crate::server::Server;
use afterpatch_model::{Span, Timestamp};

const CRAWLERS: &[&str] =
    &["Mozilla/5.0 (compatible; Googlebot/2.1)", "Mozilla/5.0 (compatible; bingbot/2.0)", "DuckDuckBot/1.0"];
/// Paths that scanners guess, with the status that they meet. Nothing lies there.
const GUESSES: &[(&str, u16)] = &[("/wp-login.php", 404), ("/.env", 404), ("/ecp/default.aspx", 302)];
/// Pages that others were left with, as those who look for them name them.
const OTHERS_PAGES: &[(&str, u16)] =
    &[("/owa/auth/k3v9x2mq.aspx", 404), ("/aspnet_client/shell.aspx", 404), ("/owa/auth/discover.aspx", 302)];
const SCANNER: &str = "198.51.100.77";
const NMAP: &str = "Mozilla/5.0 (compatible; Nmap Scripting Engine)";

/// Plays crawlers, every other day, and somebody who guesses paths, once a week.
pub(crate) fn crawl(server: &mut Server, span: Span) {
    let mut dice = server.dice("crawlers");
    for (number, day) in pieces(span, Timestamp::DAY).enumerate() {
        if number % 2 == 0 {
            let agent = dice.pick(CRAWLERS, "DuckDuckBot/1.0");
            let client = format!("198.51.100.{}", dice.between(200, 240));
            get(server, day.plus(3 * Timestamp::HOUR), "/owa/auth/logon.aspx", 200, &client, agent);
        }
        if number % 7 == 4 {
            guess(server, day.plus(5 * Timestamp::HOUR), GUESSES);
        }
    }
}

/// Plays somebody who looks for web shells that others have left: a search, and no sign of one.
pub(crate) fn look_for_shells(server: &mut Server, start: Timestamp) {
    guess(server, start, OTHERS_PAGES);
}

fn guess(server: &mut Server, start: Timestamp, guesses: &[(&str, u16)]) {
    for (step, (stem, status)) in (0_i64..).zip(guesses) {
        let time = start.plus(step * 2 * SECOND);
        get(server, time, stem, *status, "198.51.100.91", "Mozilla/5.0 zgrab/0.x");
    }
}

/// Plays a scanner that tests for the forged request against the server itself, and goes no further.
pub(crate) fn scan_for_proxylogon(server: &mut Server, start: Timestamp) {
    let stems = [(Protocol::Owa, "/owa/auth/x.js"), (Protocol::Ecp, "/ecp/y.js")];
    for (step, (protocol, stem)) in (0_i64..).zip(stems) {
        let request = Forged {
            protocol,
            method: "GET",
            stem,
            client: SCANNER,
            agent: NMAP,
            target: "localhost/ecp/default.flt?",
            status: 500,
            backend_status: 0,
            error_code: "NonExistentMailbox",
            back_stem: None,
        };
        forged::log(server, start.plus(step * MINUTE), &request);
    }
    get(server, start.plus(3 * MINUTE), "/ecp/x.js", 404, SCANNER, NMAP);
}

/// Logs a GET that only the front end sees.
pub(crate) fn get(server: &mut Server, time: Timestamp, stem: &str, status: u16, client: &str, agent: &str) {
    let request = Request {
        method: "GET",
        stem,
        client,
        agent,
        status,
        win32: if status == 404 { 2 } else { 0 },
        taken_ms: 4,
        ..Request::default()
    };
    iis::log(server, time, &request);
}
