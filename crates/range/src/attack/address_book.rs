//! A file written by way of the offline address book (CVE-2021-26858).

use crate::logs::oab_generator;
use crate::server::Server;
use afterpatch_model::Timestamp;

/// Logs a download whose temporary file lies in a served folder, far from the address book's own.
pub(crate) fn download_to_web_root(server: &mut Server, time: Timestamp) {
    let activity = server.dice("address book").guid();
    let file = r"C:\inetpub\wwwroot\aspnet_client\load.aspx";
    oab_generator::log_failed_download(server, time, &activity, file);
}
