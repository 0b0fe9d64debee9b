//! Scans for malware that the later case tells of: Microsoft's Safety Scanner by its log, full scans of Defender by its
//! events.

use super::facts::{sighting, text};
use super::judged::Judged;
use super::{Comparison, Places};
use afterpatch_model::{Completion, Gap, Grounds, Reason, Sighting, Timestamp};
use afterpatch_store::{Session, StoreError};
use std::collections::BTreeMap;

/// A scan, or what a scanner met while none was running.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// When it began; none for what was met while no scan was running.
    pub began: Option<Timestamp>,
    /// Where it is told that the scan came to its end; none where it is not, or where it ended with an error.
    pub ended: Option<Sighting>,
    /// What it met.
    pub met: Vec<Sighting>,
}

impl Scan {
    fn last(&self) -> Option<Timestamp> {
        let met = self.met.iter().filter_map(|seen| seen.time).max();
        self.ended.as_ref().and_then(|seen| seen.time).max(met).max(self.began)
    }
}

/// What a line or an event tells of a scan, in order. A quick scan of Defender runs every day and is none that the plan asks
/// for; of what it met in a day the first of each hour is enough.
const TOLD: &str = r#"
    SELECT server, component, tells, time, artifact, record, what FROM (
      SELECT server, component, time, artifact, record, concat_ws(': ', message, path) AS what,
             CASE WHEN component = 'defender' THEN 'met'
                  WHEN message LIKE 'Started On %' THEN 'began'
                  WHEN message LIKE '%Finished On %' THEN 'ended'
                  WHEN message LIKE 'Return code:%' THEN 'code'
                  WHEN message LIKE 'Found %' OR message LIKE 'No infection found%' OR message LIKE 'Not all threats%'
                    THEN 'summed'
                  ELSE 'met' END AS tells
      FROM log_messages WHERE component IN ('safety-scanner', 'defender')
      UNION ALL
      SELECT server, 'defender' AS component, time, artifact, record, 'Microsoft Defender: full scan' AS what,
             CASE WHEN event_id = 1000 THEN 'began' ELSE 'ended' END AS tells
      FROM windows_events
      WHERE provider = 'Microsoft-Windows-Windows Defender' AND event_id IN (1000, 1001)
        AND fields LIKE '%"Scan Parameters Index":"2"%'
    )
    WHERE server IS NOT NULL AND time IS NOT NULL AND tells <> 'summed'
    ORDER BY server, component, time, artifact, record"#;

/// Reads the scans of every server, in order of time.
pub(super) fn gather(session: &Session, places: &Places) -> Result<BTreeMap<String, Vec<Scan>>, StoreError> {
    let mut scans: BTreeMap<(String, String), Vec<Scan>> = BTreeMap::new();
    for row in session.rows(TOLD)? {
        let of_scanner = scans.entry((text(&row, "server"), text(&row, "component"))).or_default();
        add(of_scanner, &text(&row, "tells"), sighting(&row, text(&row, "what"), places));
    }
    let mut by_server: BTreeMap<String, Vec<Scan>> = BTreeMap::new();
    for ((server, _), more) in scans {
        by_server.entry(server).or_default().extend(more);
    }
    Ok(by_server)
}

/// Adds what is told next to the scans of one scanner.
fn add(scans: &mut Vec<Scan>, tells: &str, seen: Sighting) {
    if tells == "began" || scans.is_empty() || tells == "met" && is_over(scans) {
        scans.push(Scan::default());
    }
    let Some(scan) = scans.last_mut() else { return };
    match tells {
        "began" => scan.began = seen.time,
        "met" => scan.met.push(seen),
        "ended" => scan.ended = Some(seen),
        "code" => match code(&seen.what) {
            Some(0) => {}
            // From 6 on something was met, whatever became of it.
            Some(6..) => scan.met.push(seen),
            // The scan failed, and its log says that it ended all the same.
            _ => scan.ended = None,
        },
        _ => {}
    }
}

fn is_over(scans: &[Scan]) -> bool {
    scans.last().is_some_and(|scan| scan.ended.is_some())
}

/// Reads `Return code: 6 (0x6)`.
fn code(line: &str) -> Option<u32> {
    line.split_whitespace().nth(2)?.parse().ok()
}

impl Comparison<'_> {
    /// The last scan since the earlier case counts: what an earlier one met, it would have met again.
    pub(super) fn scanned(&self, server: &str) -> Judged {
        let from = self.reach.from(server);
        let all = self.facts.scans.get(server).into_iter().flatten();
        let since: Vec<_> = all.filter(|scan| scan.last() > from).collect();
        let ended = since.iter().filter_map(|scan| scan.ended.as_ref()).max_by_key(|seen| seen.time);
        let last = ended.and_then(|seen| seen.time);
        let met: Vec<_> = since.iter().filter(|scan| !scan.met.is_empty() && scan.last() >= last).collect();
        if !met.is_empty() {
            let proofs: Vec<_> = met.iter().flat_map(|scan| scan.met.iter().cloned()).collect();
            let what = proofs.first().map(|seen| seen.what.clone()).unwrap_or_default();
            let args = [("what", what.as_str()), ("count", &proofs.len().to_string())];
            return Judged::shown(Completion::NotDone, Reason::new("verify-scan-met", &args), proofs);
        }
        if let Some(ended) = ended {
            let time = last.map(Timestamp::to_second).unwrap_or_default();
            let reason = Reason::new("verify-scan-clean", &[("time", &time)]);
            return Judged::shown(Completion::Done, reason, vec![ended.clone()]);
        }
        let key = if since.is_empty() { "verify-scan-none" } else { "verify-scan-unfinished" };
        let log = Gap {
            server: server.to_owned(),
            source: "safety-scanner".to_owned(),
            folder: r"%SystemRoot%\debug\msert.log".to_owned(),
            span: None,
            would_show: "gone".to_owned(),
        };
        let reasons = vec![Reason::new(key, &[])];
        Judged::new(Completion::CannotTell, Grounds { reasons, missing: vec![log], ..Grounds::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::{ArtifactId, Locator};

    fn read(lines: &[(&str, &str)]) -> Vec<Scan> {
        let mut scans = Vec::new();
        for (number, (tells, what)) in (1..).zip(lines) {
            let locator = Locator { artifact: ArtifactId::derive(&["log"]), record: number };
            add(
                &mut scans,
                tells,
                Sighting { time: None, what: (*what).into(), locator, place: String::new() },
            );
        }
        scans
    }

    fn shape(lines: &[(&str, &str)]) -> Vec<(bool, usize)> {
        read(lines).iter().map(|scan| (scan.ended.is_some(), scan.met.len())).collect()
    }

    #[test]
    fn a_scan_goes_from_its_beginning_to_its_return_code() {
        let clean = [("began", ""), ("ended", ""), ("code", "Return code: 0 (0x0)")];
        assert_eq!(shape(&clean), [(true, 0)]);
        let met = [("began", ""), ("met", "Backdoor"), ("ended", ""), ("code", "Return code: 6 (0x6)")];
        assert_eq!(shape(&met), [(true, 2)]);
        assert_eq!(shape(&[met.as_slice(), &clean].concat()), [(true, 2), (true, 0)]);
        assert_eq!(
            shape(&[("began", ""), ("ended", ""), ("code", "Return code: 2 (0x2)")]),
            [(false, 0)],
            "it failed"
        );
        assert_eq!(shape(&[("began", "")]), [(false, 0)], "it runs still, or was stopped");
        assert_eq!(shape(&[("met", "Backdoor")]), [(false, 1)], "met while no scan was running");
        assert_eq!(shape(&[clean.as_slice(), &[("met", "Backdoor")]].concat()), [(true, 0), (false, 1)]);
        assert_eq!(shape(&[("ended", "")]), [(true, 0)], "the log was cut at its front");
    }
}
