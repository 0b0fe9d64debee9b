//! OAB generator logs: the building of offline address books, a file a day.

use super::csv;
use crate::calendar::{ISO, form};
use crate::server::Server;
use afterpatch_model::Timestamp;

const FIELDS: &[&str] = &["DateTime", "ThreadId", "ActivityId", "Level", "Message"];

/// Logs one line of the generator.
pub(crate) fn log(server: &mut Server, time: Timestamp, activity: &str, message: &str) {
    let level = if message.contains("failed") { "Error" } else { "Information" };
    let row = csv::join([form(time, ISO).into(), "41".into(), activity.into(), level.into(), message.into()]);
    let path =
        server.installed(&format!(r"Logging\OABGeneratorLog\OABGeneratorLog_{}-1.LOG", form(time, "%Y%m%d")));
    let opened = time.floor(Timestamp::DAY);
    let version = server.padded_build(time);
    server.tree.row(path, time, row, || csv::head(&version, "OAB Generator Log", opened, FIELDS));
}

/// Logs a download that failed, with the temporary file that it left.
pub(crate) fn log_failed_download(server: &mut Server, time: Timestamp, activity: &str, file: &str) {
    let message = format!("Download failed and temporary file '{file}' needs to be removed");
    log(server, time, activity, &message);
}
