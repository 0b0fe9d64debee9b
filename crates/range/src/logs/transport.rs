//! Transport logs of an edge server: message tracking and the SMTP conversations, a file an hour each.

use super::csv;
use crate::calendar::{ISO, SECOND, form};
use crate::server::Server;
use afterpatch_model::Timestamp;

const TRACKING: &[&str] = &[
    "date-time",
    "client-ip",
    "client-hostname",
    "server-ip",
    "server-hostname",
    "source-context",
    "connector-id",
    "source",
    "event-id",
    "internal-message-id",
    "message-id",
    "network-message-id",
    "recipient-address",
    "recipient-status",
    "total-bytes",
    "recipient-count",
    "related-recipient-address",
    "reference",
    "message-subject",
    "sender-address",
    "return-path",
    "message-info",
    "directionality",
    "tenant-id",
    "original-client-ip",
    "original-server-ip",
    "custom-data",
    "transport-traffic-type",
    "log-id",
    "schema-version",
];
const CONVERSATION: &[&str] = &[
    "date-time",
    "connector-id",
    "session-id",
    "sequence-number",
    "local-endpoint",
    "remote-endpoint",
    "event",
    "data",
    "context",
];

/// A message from outside.
pub(crate) struct Message<'m> {
    pub(crate) id: &'m str,
    pub(crate) session: &'m str,
    pub(crate) sender: &'m str,
    pub(crate) recipient: &'m str,
    pub(crate) subject: &'m str,
    /// The address of the server that hands it in.
    pub(crate) client: &'m str,
    pub(crate) bytes: u64,
}

/// Logs that a message was received.
pub(crate) fn log_received(server: &mut Server, time: Timestamp, message: &Message<'_>) {
    let connector = connector(server);
    let bytes = message.bytes.to_string();
    let value = |name: &&str| match *name {
        "date-time" => form(time, ISO),
        "client-ip" | "original-client-ip" => message.client.to_owned(),
        "server-ip" | "original-server-ip" => server.plan.address.to_owned(),
        "server-hostname" => server.plan.name.to_owned(),
        "connector-id" => connector.clone(),
        "source" => "SMTP".to_owned(),
        "event-id" => "RECEIVE".to_owned(),
        "message-id" => message.id.to_owned(),
        "message-subject" => message.subject.to_owned(),
        "recipient-address" => message.recipient.to_owned(),
        "total-bytes" => bytes.clone(),
        "recipient-count" => "1".to_owned(),
        "sender-address" | "return-path" => message.sender.to_owned(),
        "directionality" => "Incoming".to_owned(),
        "schema-version" => server.padded_build(time),
        _ => String::new(),
    };
    let row = csv::join(TRACKING.iter().map(value).map(Into::into));
    let place = r"TransportRoles\Logs\MessageTracking\MSGTRK";
    write(server, (place, "Message Tracking Log", TRACKING), time, row);
}

/// Logs the conversation by which a message came.
pub(crate) fn log_conversation(server: &mut Server, time: Timestamp, message: &Message<'_>) {
    let greeting = format!("220 {} Microsoft ESMTP MAIL Service ready", server.full_name());
    let said = [
        ("+", String::new()),
        (">", greeting),
        ("<", "EHLO mail.example.com".to_owned()),
        ("<", format!("MAIL FROM:<{}> SIZE={}", message.sender, message.bytes)),
        ("<", format!("RCPT TO:<{}>", message.recipient)),
        ("-", String::new()),
    ];
    let connector = connector(server);
    let (own, other) = (format!("{}:25", server.plan.address), format!("{}:40112", message.client));
    for (number, (event, data)) in (0_i64..).zip(said) {
        let time = time.plus(number * SECOND / 10);
        let number = number.to_string();
        let values = [&form(time, ISO), &connector, message.session, &number, &own, &other, event, &data, ""];
        let row = csv::join(values.map(|value| value.to_owned().into()));
        let place = r"TransportRoles\Logs\Edge\ProtocolLog\SmtpReceive\RECV";
        write(server, (place, "SMTP Receive Protocol Log", CONVERSATION), time, row);
    }
}

fn connector(server: &Server) -> String {
    format!(r"{0}\Default internal receive connector {0}", server.plan.name)
}

fn write(
    server: &mut Server,
    (place, log_type, fields): (&str, &str, &[&str]),
    time: Timestamp,
    row: String,
) {
    let path = server.installed(&format!("{place}{}-1.LOG", form(time, "%Y%m%d%H")));
    let (opened, version) = (time.floor(Timestamp::HOUR), server.padded_build(time));
    server.tree.row(path, time, row, || csv::head(&version, log_type, opened, fields));
}
