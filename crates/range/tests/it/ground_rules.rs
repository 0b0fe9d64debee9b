//! Rules that hold for all scenarios.

use crate::written::{Files, played, texts, written};
use afterpatch_model::{Build, Span, Timestamp};
use afterpatch_range::{Layout, SCENARIOS};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// Returns the time that a row of a log begins with, or holds where the format says.
fn time_of(path: &str, line: &str) -> Option<Timestamp> {
    if path.contains("/EventLogs/") {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        return Some(event["TimeCreated"].as_str().unwrap().parse().unwrap());
    }
    if path.contains("/ExchangeSetupLogs/") {
        let (month, rest) = line.strip_prefix('[').unwrap().split_once('/').unwrap();
        let (day, rest) = rest.split_once('/').unwrap();
        let (year, hours) = rest.split_once(' ').unwrap();
        let hours = hours.split(']').next().unwrap();
        return Some(format!("{year}-{month}-{day}T{hours}Z").parse().unwrap());
    }
    let is_log = path.to_lowercase().ends_with(".log") && !path.contains("HttpRequestFiltering");
    if !is_log || line.starts_with(['#', '\u{feff}']) || line.starts_with("DateTime,") {
        return None;
    }
    let text = match line.split_once(',') {
        Some((first, _)) if path.contains("/Logging/") || path.contains("/TransportRoles/") => {
            first.to_owned()
        }
        _ => line.split(' ').take(2).collect::<Vec<_>>().join(" "),
    };
    Some(text.parse().unwrap_or_else(|_| panic!("{path}: {line}")))
}

#[test]
fn rows_are_in_order_and_within_the_spans() {
    for scenario in SCENARIOS {
        let spans = scenario.spans();
        for (path, text) in texts(scenario.name) {
            let times: Vec<Timestamp> = text.lines().filter_map(|line| time_of(path, line)).collect();
            assert!(times.is_sorted(), "{}: {path}", scenario.name);
            // Setup keeps its log for as long as the server lives.
            for time in times.into_iter().filter(|_| !path.contains("/ExchangeSetupLogs/")) {
                let inside = spans.iter().any(|span| span.contains(time));
                assert!(inside, "{}: {path}: {time}", scenario.name);
            }
        }
    }
}

#[test]
fn no_address_and_no_domain_is_anybodys() {
    let mut seen = BTreeSet::new();
    for scenario in SCENARIOS {
        for text in texts(scenario.name).into_values() {
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
            for word in words.filter(|word| word.contains('.')) {
                if !seen.contains(word) {
                    seen.insert(word.to_owned());
                }
            }
        }
    }
    for word in &seen {
        assert!(is_nobodys(word), "{word}");
    }
    assert!(seen.contains("mail.example.org") && seen.contains("203.0.113.45"));
}

fn is_nobodys(word: &str) -> bool {
    // Versions that look like addresses: of Exchange, and of a program that names none.
    let version = word == "0.0.0.0" || (word.starts_with("15.") && word.parse::<Build>().is_ok());
    if let Ok(ip) = word.parse::<Ipv4Addr>() {
        return version || ip.is_documentation() || ip.is_private() || ip.is_loopback();
    }
    // `ASP.NET` is a product; a domain is written in lower case.
    let ends = |ends: &[&str]| ends.iter().any(|end| word.ends_with(end));
    let domain = ends(&[".com", ".net", ".org", ".io", ".info", ".jp", ".de", ".ru", ".cn"]);
    !domain || ends(&["example.org", "example.com", "example.net"])
}

#[test]
fn scenarios_are_small() {
    for scenario in SCENARIOS {
        let bytes: usize = written(scenario.name, Layout::Folder).values().map(Vec::len).sum();
        let limit = if scenario.name == "benign" { 30 << 20 } else { 5 << 20 };
        assert!(bytes < limit, "{}: {bytes}", scenario.name);
        assert!(bytes > 50_000, "{}: {bytes}", scenario.name);
    }
}

#[test]
fn the_example_can_be_carried_along() {
    for (path, bytes) in written("example", Layout::Zip) {
        assert!(bytes.len() < 100 << 10, "{path}: {}", bytes.len());
    }
}

#[test]
fn logs_have_no_holes() {
    for scenario in SCENARIOS {
        let files = played(scenario.name);
        let n_folders = http_proxy_folders(files);
        for span in scenario.spans() {
            for server in scenario.servers() {
                let has_front_end = scenario.front_ends().any(|name| name == server);
                let n_removed = usize::from(scenario.name == "hour-removed");
                let expected = if has_front_end { n_folders * hours(span) - n_removed } else { 0 };
                assert_eq!(hours_covered(server, span, files), expected, "{}", scenario.name);
            }
        }
    }
}

#[test]
fn the_role_of_a_server_decides_which_logs_it_has() {
    let files = played("histories");
    let has = |server: &str, place: &str| {
        files.keys().any(|path| path.starts_with(&format!("{server}/")) && path.contains(place))
    };
    for place in ["/HttpProxy/", "/LogFiles/", "/MessageTracking/", "/ProtocolLog/", "/ExchangeSetupLogs/"] {
        let is_of_front_ends = ["/HttpProxy/", "/LogFiles/"].contains(&place);
        assert_eq!(has("LATE", place), is_of_front_ends, "{place}");
        assert_eq!(has("EDGE", place), !is_of_front_ends, "{place}");
        assert_eq!(has("TOOLS", place), place == "/ExchangeSetupLogs/", "{place}");
    }
    let hours = files.keys().filter(|path| path.starts_with("EDGE/") && path.contains("/MSGTRK"));
    assert_eq!(hours.count(), 5 * 24);
}

fn hours(span: Span) -> usize {
    usize::try_from((span.until.nanos() - span.from.nanos()) / Timestamp::HOUR).unwrap()
}

fn http_proxy_folders(files: &Files) -> usize {
    let folder =
        |path: &str| path.split("/Logging/HttpProxy/").nth(1)?.split('/').next().map(ToOwned::to_owned);
    files.keys().filter_map(|path| folder(path)).collect::<BTreeSet<_>>().len()
}

/// Counts the hourly files of a server whose hour lies in the span.
fn hours_covered(server: &str, span: Span, files: &Files) -> usize {
    let hour = |path: &str| -> Option<Timestamp> {
        let digits = path.split("/HttpProxy_").nth(1)?.get(..10)?;
        let (day, hour) = digits.split_at(8);
        format!("{}-{}-{}T{hour}:00:00Z", &day[..4], &day[4..6], &day[6..]).parse().ok()
    };
    files
        .keys()
        .filter(|path| path.starts_with(server))
        .filter_map(|path| hour(path))
        .filter(|hour| span.contains(*hour))
        .count()
}
