//! Mail on its way through an edge server: a message an hour and a conversation with each.

use crate::calendar::{MINUTE, SECOND, pieces};
use crate::logs::transport::{self, Message};
use crate::server::{DOMAIN, Server};
use afterpatch_model::{Span, Timestamp};

/// Those outside who write.
const SENDERS: &[&str] = &["news@example.com", "orders@example.net", "k.ito@example.com"];

/// Plays the mail of a span.
pub(crate) fn pass_on(server: &mut Server, span: Span) {
    let mut dice = server.dice("mail");
    for hour in pieces(span, Timestamp::HOUR) {
        let minute = i64::try_from(dice.below(58)).unwrap_or_default();
        let message = Message {
            id: &format!("<{}@example.com>", dice.letters(12)),
            session: &dice.letters(16).to_uppercase(),
            sender: dice.pick(SENDERS, "news@example.com"),
            recipient: &format!("a.tanaka@{DOMAIN}"),
            // A subject may look like markup, and be none that a browser runs.
            subject: "Re: script <act 2>, on = 8 pm",
            client: "198.51.100.25",
            bytes: dice.between(2_000, 90_000),
        };
        let time = hour.plus(minute * MINUTE);
        transport::log_conversation(server, time, &message);
        transport::log_received(server, time.plus(2 * SECOND), &message);
    }
}
