//! HTTP request filtering logs: written only where the malware scan (AMSI) blocked a request.

use super::csv;
use crate::calendar::form;
use crate::server::{MAIL_HOST, Server};
use afterpatch_model::Timestamp;

const FIELDS: &[&str] = &[
    "DateTime",
    "MajorVersion",
    "MinorVersion",
    "BuildVersion",
    "RevisionVersion",
    "ServerHostName",
    "SharedCacheLatency",
    "TotalLatency",
    "HttpMethod",
    "UrlHost",
    "UrlStem",
    "UrlQuery",
    "ServerIP",
    "Protocol",
    "HeaderNames",
    "CookieNames",
    "ScanResult",
    "GenericInfo",
    "GenericErrors",
];

/// Logs that a request was blocked.
pub(crate) fn log_detected(server: &mut Server, time: Timestamp, method: &str, stem: &str, cookies: &str) {
    let build = server.build(time);
    let row = csv::join([
        // The only log of Exchange that writes times as they are written in the United States.
        form(time, "%-m/%-d/%Y %-I:%M:%S %p").into(),
        build.major.to_string().into(),
        build.minor.to_string().into(),
        build.build.to_string().into(),
        build.revision.to_string().into(),
        server.plan.name.into(),
        "0".into(),
        "17".into(),
        method.into(),
        MAIL_HOST.into(),
        stem.into(),
        "".into(),
        server.plan.address.into(),
        "Ecp".into(),
        "Connection;Content-Length;Cookie;Host;User-Agent".into(),
        cookies.into(),
        "Detected".into(),
        "".into(),
        "".into(),
    ]);
    let path = server.installed(&format!(
        r"Logging\HttpRequestFiltering\HttpRequestFiltering_{}-1.LOG",
        form(time, "%Y%m%d%H")
    ));
    let opened = time.floor(Timestamp::HOUR);
    let version = server.padded_build(time);
    server.tree.row(path, time, row, || {
        // Microsoft documents that a plain row of names stands above the comment lines.
        let head = csv::head(&version, "HttpRequestFiltering Logs", opened, FIELDS);
        format!("{}\r\n{head}", FIELDS.join(","))
    });
}
