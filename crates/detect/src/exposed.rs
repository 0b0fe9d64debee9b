//! Question 1: from when until when were flaws open, by the builds that the evidence shows.

use crate::content::Content;
use crate::knowledge::{Flaw, Standing};
use afterpatch_model::{
    ArtifactId, Build, Exploitation, Exposure, ExposureWindow, FlawState, Locator, OpenBy, Reason, Span,
    Timestamp,
};
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

/// Returns what is known of the flaws of `content` that were open, by server and flaw.
pub(crate) fn exposures(history: &BuildHistory, content: &Content) -> Vec<Exposure> {
    let flaws = content.knowledge().flaws();
    let of_server = |(server, spans): (&String, &Vec<BuildSpan>)| {
        let exposures: Vec<_> = flaws.iter().filter_map(|flaw| exposure(server, spans, flaw)).collect();
        exposures
    };
    history.iter().flat_map(of_server).collect()
}

/// A window opens with the first sighting of an open build, and was open before: a fix is never taken back. It closes
/// with the first sighting of a build that is fixed.
fn exposure(server: &str, spans: &[BuildSpan], flaw: &Flaw) -> Option<Exposure> {
    let open: Vec<_> = spans.iter().filter(|span| flaw.standing(span.build) != Standing::Fixed).collect();
    let last_open = open.iter().max_by_key(|span| (span.last, span.build))?;
    let Standing::Open(fixed_by) = flaw.standing(last_open.build) else { return None };
    let is_fixed =
        |span: &&BuildSpan| flaw.standing(span.build) == Standing::Fixed && span.first >= last_open.last;
    let closed = spans.iter().filter(is_fixed).min_by_key(|span| span.first);
    let from = open.iter().filter_map(|span| span.first).min();
    let until = closed.and_then(|span| span.first);
    let reasons = from.filter(|first| *first > flaw.exploited_from);
    let reasons = reasons.map(|first| Reason::new("build-late", &[("from", &first.day())]));
    let end = until.or(last_open.last).unwrap_or(flaw.exploited_from);
    let to_cover = Span { from: flaw.exploited_from, until: end };
    Some(Exposure {
        server: server.to_owned(),
        cve: flaw.cve.clone(),
        family: None,
        release: String::new(),
        fixed_by,
        state: if until.is_some() { FlawState::Fixed } else { FlawState::Open },
        known_from: Some(flaw.exploited_from),
        exploited: Some(Exploitation { from: flaw.exploited_from, until: None, source: String::new() }),
        windows: vec![ExposureWindow {
            open_by: OpenBy::Build,
            build: last_open.build,
            from,
            since_before: true,
            last_open: last_open.last,
            until,
            locator: last_open.locator.clone(),
            closed: closed.map(|span| span.locator.clone()),
        }],
        needs: Vec::new(),
        mitigations: Vec::new(),
        to_cover: Some(to_cover).filter(|span| span.from < span.until).into_iter().collect(),
        reasons: reasons.into_iter().collect(),
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
    let fixed = !flaws.is_empty() && flaws.iter().all(|flaw| flaw.standing(running.build) == Standing::Fixed);
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

    fn exposures_of(spans: Vec<BuildSpan>) -> Vec<Exposure> {
        exposures(&BuildHistory::from([("MX1".to_owned(), spans)]), &Content::load(&[]).0)
    }

    #[test]
    fn a_patch_closes_the_window_at_its_first_sighting() {
        let found = exposures_of(vec![
            span("15.1.2106.2", "2021-02-15", "2021-03-02T22:00:00Z"),
            span("15.1.2106.13", "2021-03-03T04:00:00Z", "2021-03-17"),
        ]);
        assert_eq!(found.len(), 4, "the four flaws of the chain");
        assert_eq!(found[0].windows[0].from.unwrap().day(), "2021-02-15");
        assert_eq!(found[0].windows[0].until.unwrap().to_string(), "2021-03-03T04:00:00Z");
        assert_eq!(found[0].to_cover[0].from.day(), "2021-01-03");
        assert_eq!(found[0].reasons[0].key, "build-late");
    }

    #[test]
    fn an_open_build_has_no_end_and_a_fixed_one_no_window() {
        let open = exposures_of(vec![span("15.1.2106.2", "2021-01-01", "2021-03-17")]);
        let window = &open[0].windows[0];
        assert_eq!((window.until, window.last_open.unwrap().day().as_str()), (None, "2021-03-17"));
        assert!(open[0].is_open());
        assert!(open[0].reasons.is_empty());
        assert!(exposures_of(vec![span("15.1.2106.13", "2021-03-03", "2021-03-17")]).is_empty());
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
