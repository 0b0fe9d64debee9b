//! `msert.log`: what Microsoft's Safety Scanner writes of its runs, in UTF-16.

use crate::calendar::{MINUTE, form};
use crate::server::Server;
use afterpatch_model::Timestamp;

/// What the scanner met: the name of a threat, and the file that it was in.
pub(crate) type Met = (&'static str, &'static str);

/// Leaves the log of one full scan that began at `time`.
pub(crate) fn write(server: &mut Server, time: Timestamp, met: Option<Met>) {
    let clock = |time: Timestamp| form(time, "%a %b %d %H:%M:%S %Y");
    let ended = time.plus(95 * MINUTE);
    let (threats, sum, code) = match met {
        None => (String::new(), "No infection found.".to_owned(), 0),
        Some((threat, path)) => {
            let found = format!("Threat detected: {threat}\r\n    file://{path}\r\n");
            (found, format!("Found {threat}, no action was taken."), 6)
        }
    };
    let text = format!(
        "\u{FEFF}\r\n---------------------------------------\r\n\
         Microsoft Safety Scanner v1.333, (build 1.333.160.0)\r\nStarted On {}\r\n\r\n\
         Extended Scan Results:\r\n-------------------\r\n{threats}\
         Results Summary:\r\n----------------\r\n{sum}\r\n\
         Microsoft Safety Scanner Finished On {}\r\n\r\nReturn code: {code} ({code:#x})\r\n",
        clock(time),
        clock(ended)
    );
    let bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    server.tree.file(r"C:\Windows\debug\msert.log".to_owned(), bytes, ended);
}
