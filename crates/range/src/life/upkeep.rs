//! Updates and restarts: bursts of the very events that also follow an exploit.

use crate::calendar::{MINUTE, SECOND, pieces};
use crate::logs::{events, iis};
use crate::server::Server;
use afterpatch_model::{Span, Timestamp};

const POOLS: &[(&str, &str)] = &[
    ("MSExchangeOABAppPool", "Oab"),
    ("MSExchangeOWAAppPool", "Owa"),
    ("MSExchangeServicesAppPool", "Ews"),
    ("MSExchangeMapiFrontEndAppPool", "Mapi"),
];
const FRONT_END: &str = "MSExchange Front End HTTP Proxy";

/// Plays updates at the moments that the plan names, and a restart every other week.
pub(crate) fn keep(server: &mut Server, span: Span) {
    let updates: Vec<Timestamp> = server.updates().filter(|time| span.contains(*time)).collect();
    for update in updates {
        // Services restart when the update is in place, some minutes after the first log of the new build.
        restart(server, update.plus(7 * MINUTE));
    }
    let days: Vec<Timestamp> = pieces(span, Timestamp::DAY).skip(6).step_by(14).collect();
    for day in days {
        restart(server, day.plus(2 * Timestamp::HOUR + 30 * MINUTE));
    }
}

fn restart(server: &mut Server, time: Timestamp) {
    iis::restart(server, time);
    recycle(server, time);
}

/// Logs that every application pool of the front end went down and came up again.
pub(crate) fn recycle(server: &mut Server, time: Timestamp) {
    for (step, (pool, application)) in (0_i64..).zip(POOLS) {
        let message = format!(
            "There was an error during processing of the managed application service auto-start for application pool: '{pool}'."
        );
        let down = time.plus(step * SECOND);
        events::log_application(server, down, "Microsoft-Windows-IIS-W3SVC-WP", (2303, 3), &message);
        let stops = format!("[{application}] Application shutting down.");
        events::log_application(server, down, FRONT_END, (1002, 4), &stops);
        let starts = format!("[{application}] Application starting.");
        events::log_application(server, down.plus(14 * SECOND), FRONT_END, (1001, 4), &starts);
    }
}
