//! Question 1: from when until when were flaws open, by the builds that the evidence shows.

use crate::content::Content;
use crate::knowledge::{Flaw, FlawState};
use afterpatch_model::{ArtifactId, Build, ExposureWindow, Locator, Reason, Timestamp};
use afterpatch_store::{Session, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The sightings of one build on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSpan {
    /// The build.
    pub build: Build,
    /// The first sighting that has a time.
    pub first: Option<Timestamp>,
    /// The last sighting that has a time.
    pub last: Option<Timestamp>,
    /// The way back to the last sighting.
    pub locator: Locator,
}

/// Every build seen on every server, in order of time.
pub type BuildHistory = BTreeMap<String, Vec<BuildSpan>>;

const SIGHTINGS: &str = "
    SELECT server, build, MIN(time) AS first, MAX(time) AS last,
           LAST_VALUE(artifact ORDER BY time NULLS FIRST, artifact, record) AS artifact,
           LAST_VALUE(record ORDER BY time NULLS FIRST, artifact, record) AS record
    FROM builds WHERE server IS NOT NULL AND build IS NOT NULL
    GROUP BY server, build ORDER BY server, first NULLS FIRST, build";

/// Reads the build history of every server.
pub(crate) fn history(session: &Session) -> Result<BuildHistory, StoreError> {
    let mut history = BuildHistory::new();
    for row in session.rows(SIGHTINGS)? {
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        let moment = |name: &str| text(name).and_then(|time| time.parse::<Timestamp>().ok());
        let (Some(server), Some(build)) =
            (text("server"), text("build").and_then(|build| build.parse().ok()))
        else {
            continue;
        };
        let record = row.get("record").and_then(Value::as_u64).unwrap_or(0);
        let locator = Locator { artifact: ArtifactId::new(text("artifact").unwrap_or_default()), record };
        let span = BuildSpan { build, first: moment("first"), last: moment("last"), locator };
        history.entry(server.to_owned()).or_default().push(span);
    }
    Ok(history)
}

/// Returns the windows in which the flaws of `content` were open, by server and flaw.
pub(crate) fn windows(history: &BuildHistory, content: &Content) -> Vec<ExposureWindow> {
    let flaws = content.knowledge().flaws();
    let of_server = |(server, spans): (&String, &Vec<BuildSpan>)| {
        let windows: Vec<_> = flaws.iter().filter_map(|flaw| window(server, spans, flaw)).collect();
        windows
    };
    history.iter().flat_map(of_server).collect()
}

/// The window opens with the first known exploitation, even where the logs begin later: every build before an open
/// one was open too, since a fix is never taken back. It closes with the first sighting of a build that is fixed.
fn window(server: &str, spans: &[BuildSpan], flaw: &Flaw) -> Option<ExposureWindow> {
    let open: Vec<_> = spans.iter().filter(|span| flaw.state(span.build) != FlawState::Fixed).collect();
    let last_open = open.iter().max_by_key(|span| (span.last, span.build))?;
    let FlawState::Open(fixed_in) = flaw.state(last_open.build) else { return None };
    let seen_until = last_open.last.unwrap_or(flaw.exploited_from);
    let fixed_from = |span: &&BuildSpan| span.first.filter(|_| flaw.state(span.build) == FlawState::Fixed);
    let until = spans.iter().filter_map(|span| fixed_from(&span)).filter(|first| *first >= seen_until).min();
    let mut reasons = Vec::new();
    let first_seen = open.iter().filter_map(|span| span.first).min();
    if let Some(first) = first_seen.filter(|first| *first > flaw.exploited_from) {
        reasons.push(Reason::new("build-late", &[("from", &first.day())]));
    }
    Some(ExposureWindow {
        server: server.to_owned(),
        cve: flaw.cve.clone(),
        build: last_open.build,
        fixed_in,
        from: flaw.exploited_from,
        until,
        last_open: seen_until,
        locator: last_open.locator.clone(),
        reasons,
    })
}

/// Returns the build that fixed all of `cves` on a server by `moment`, where the sightings show one.
pub(crate) fn fixed_by(
    spans: &[BuildSpan],
    content: &Content,
    cves: &[String],
    moment: Timestamp,
) -> Option<Build> {
    let flaws: Vec<_> = content.knowledge().flaws().iter().filter(|flaw| cves.contains(&flaw.cve)).collect();
    let running = spans
        .iter()
        .filter(|span| span.first.is_some_and(|first| first <= moment))
        .max_by_key(|span| (span.first, span.build))?;
    let fixed = !flaws.is_empty() && flaws.iter().all(|flaw| flaw.state(running.build) == FlawState::Fixed);
    fixed.then_some(running.build)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(build: &str, first: &str, last: &str) -> BuildSpan {
        BuildSpan {
            build: build.parse().unwrap(),
            first: first.parse().ok(),
            last: last.parse().ok(),
            locator: Locator { artifact: ArtifactId::new("a"), record: 1 },
        }
    }

    fn windows_of(spans: Vec<BuildSpan>) -> Vec<ExposureWindow> {
        windows(&BuildHistory::from([("MX1".to_owned(), spans)]), &Content::load(&[]).0)
    }

    #[test]
    fn a_patch_closes_the_window_at_its_first_sighting() {
        let found = windows_of(vec![
            span("15.1.2106.2", "2021-02-15", "2021-03-02T22:00:00Z"),
            span("15.1.2106.13", "2021-03-03T04:00:00Z", "2021-03-17"),
        ]);
        assert_eq!(found.len(), 4, "the four flaws of the chain");
        assert_eq!(found[0].from.day(), "2021-01-03");
        assert_eq!(found[0].until.unwrap().to_string(), "2021-03-03T04:00:00Z");
        assert_eq!(found[0].reasons[0].key, "build-late");
    }

    #[test]
    fn an_open_build_has_no_end_and_a_fixed_one_no_window() {
        let open = windows_of(vec![span("15.1.2106.2", "2021-01-01", "2021-03-17")]);
        assert_eq!((open[0].until, open[0].last_open.day().as_str()), (None, "2021-03-17"));
        assert!(open[0].reasons.is_empty());
        assert!(windows_of(vec![span("15.1.2106.13", "2021-03-03", "2021-03-17")]).is_empty());
    }

    #[test]
    fn who_runs_a_fixed_build_is_fixed_from_its_first_sighting_on() {
        let content = Content::load(&[]).0;
        let spans = [
            span("15.1.2106.2", "2021-02-15", "2021-03-02"),
            span("15.1.2106.13", "2021-03-03", "2021-03-17"),
        ];
        let cves = ["CVE-2021-26855".to_owned()];
        let at = |day: &str| fixed_by(&spans, &content, &cves, day.parse().unwrap()).is_some();
        assert!(!at("2021-03-02") && at("2021-03-04"));
        assert!(!at("2021-02-01"), "before any sighting nothing is known");
    }
}
