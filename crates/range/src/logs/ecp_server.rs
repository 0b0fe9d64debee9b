//! ECP Server logs: what the control panel ran, a file a day.

use super::csv;
use crate::calendar::{ISO, form};
use crate::server::Server;
use afterpatch_model::Timestamp;

const FIELDS: &[&str] = &["TimeStamp", "ServerName", "EventId", "EventData"];

/// One command that the control panel ran.
#[derive(Debug, Clone, Default)]
pub(crate) struct Command<'a> {
    /// The command with its parameters: `Set-OabVirtualDirectory.ExternalUrl='…'.Identity='…'`.
    pub(crate) text: &'a str,
    /// The page or service that asked for it.
    pub(crate) url: &'a str,
    /// The browser session.
    pub(crate) session: &'a str,
    /// The request, to join with other logs.
    pub(crate) activity: &'a str,
    pub(crate) taken_ms: u64,
}

/// Logs a command.
pub(crate) fn log(server: &mut Server, time: Timestamp, command: &Command<'_>) {
    let pairs = [
        format!("S:TIME={}", command.taken_ms),
        format!("S:SID={}", command.session),
        format!("S:CMD={}", command.text),
        "S:REQID=".to_owned(),
        format!("S:URL={}", command.url),
        "S:EX=".to_owned(),
        format!("S:ACTID={}", command.activity),
        "S:RS=0".to_owned(),
        format!("S:BLD={}", server.build(time)),
    ];
    let data: Vec<String> = pairs.iter().map(|pair| wrap(pair)).collect();
    let row = csv::join([
        form(time, ISO).into(),
        server.plan.name.into(),
        "ECP.Request".into(),
        data.join(";").into(),
    ]);
    let path = server.installed(&format!(r"Logging\ECP\Server\ECPServer{}-1.LOG", form(time, "%Y%m%d")));
    let opened = time.floor(Timestamp::DAY);
    // This log begins with a byte-order mark.
    server.tree.row(path, time, row, || {
        format!("\u{feff}{}", csv::head("15.0.0.0", "ECP Server Log", opened, FIELDS))
    });
}

/// Wraps a pair whose value holds quotes or separators: `'…'`, with inner `'` doubled.
fn wrap(pair: &str) -> String {
    if pair.contains(['\'', '"', ';']) { format!("'{}'", pair.replace('\'', "''")) } else { pair.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_with_quotes_are_wrapped() {
        assert_eq!(wrap("S:CMD=Get-Mailbox"), "S:CMD=Get-Mailbox");
        assert_eq!(wrap("S:CMD=Set-X.Identity='a'"), "'S:CMD=Set-X.Identity=''a'''");
    }
}
