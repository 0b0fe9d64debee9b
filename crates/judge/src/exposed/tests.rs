//! What question 1 answers, and what questions 2 and 3 have to cover, on histories made by hand.

use super::*;
use afterpatch_detect::exposed::{BuildHistory, BuildSpan};
use afterpatch_detect::{Content, Knowledge};
use afterpatch_model::{ArtifactId, Coverage, Exploitation, Locator};
use std::sync::LazyLock;

static KNOWN: LazyLock<Knowledge> = LazyLock::new(|| Content::load(&[]).0.knowledge().clone());

fn at(day: &str) -> Timestamp {
    day.parse().unwrap()
}

fn span(from: &str, until: &str) -> Span {
    Span { from: at(from), until: at(until) }
}

fn locator() -> Locator {
    Locator { artifact: ArtifactId::new("a"), record: 1 }
}

fn builds(build: &str, first: &str) -> BuildHistory {
    let span = BuildSpan {
        build: build.parse().unwrap(),
        first: Some(at(first)),
        last: Some(at(first)),
        locator: locator(),
    };
    BuildHistory::from([("MX1".to_owned(), vec![span])])
}

/// A flaw that was open from 2021-01-01 until the day, and used since January 2021.
fn open(cve: &str, open_by: OpenBy, until: Option<&str>) -> Exposure {
    Exposure {
        server: "MX1".into(),
        cve: cve.into(),
        family: None,
        release: "Mar21SU".into(),
        fixed_by: vec![],
        state: if until.is_some() { FlawState::Fixed } else { FlawState::Open },
        known_from: Some(at("2021-01-01")),
        exploited: Some(Exploitation { from: at("2021-01-01"), until: None, source: String::new() }),
        windows: vec![ExposureWindow {
            open_by,
            build: "15.1.2106.2".parse().unwrap(),
            from: Some(at("2021-01-01")),
            since_before: true,
            last_open: Some(at("2021-03-02")),
            until: until.map(at),
            locator: locator(),
            closed: None,
        }],
        needs: vec![],
        mitigations: vec![],
        to_cover: vec![span("2021-01-01", until.unwrap_or("2021-03-02"))],
        reasons: vec![],
    }
}

struct Case {
    exposure: Vec<Exposure>,
    builds: BuildHistory,
    coverage: Vec<Coverage>,
}

impl Case {
    fn asked<T>(&self, question: impl Fn(&Evidence<'_>) -> T) -> T {
        let looked_for =
            BTreeMap::from([("CVE-2021-26855", Traces::Plain), ("CVE-2024-21410", Traces::Faint)]);
        question(&Evidence {
            looked_for: &looked_for,
            findings: &[],
            exposure: &self.exposure,
            builds: &self.builds,
            coverage: &self.coverage,
            knowledge: &KNOWN,
        })
    }

    fn answer(&self) -> (Verdict, Vec<String>) {
        let answer = self.asked(|evidence| answer(evidence, "MX1"));
        (answer.verdict, answer.reasons.into_iter().map(|reason| reason.key).collect())
    }

    fn to_cover(&self) -> ToCover {
        self.asked(|evidence| to_cover(evidence, "MX1"))
    }
}

fn case(exposure: Vec<Exposure>, build: &str, first: &str) -> Case {
    Case { exposure, builds: builds(build, first), coverage: vec![] }
}

#[test]
fn what_holds_a_flaw_open_decides() {
    let verdict = |by| {
        case(vec![open("CVE-2021-26855", by, Some("2021-03-05"))], "15.1.2106.2", "2021-01-01").answer().0
    };
    assert_eq!(verdict(OpenBy::Build), Verdict::Yes);
    assert_eq!(verdict(OpenBy::Need), Verdict::Yes);
    assert_eq!(verdict(OpenBy::Before), Verdict::Likely);
    assert_eq!(verdict(OpenBy::Doubt), Verdict::CannotTell);
}

#[test]
fn without_a_window_the_first_sighting_decides() {
    let of = |build: &str, first: &str| case(vec![], build, first).answer();
    assert_eq!(of("15.2.2562.17", "2026-01-01"), (Verdict::NoTrace, vec!["not-exposed".to_owned()]));
    assert_eq!(
        of("15.2.2562.17", "2026-06-01").0,
        Verdict::CannotTell,
        "something could have been used before"
    );
    assert_eq!(of("15.1.2507.77", "2026-06-01"), (Verdict::CannotTell, vec!["build-late".to_owned()]));
    let nothing = Case { exposure: vec![], builds: BuildHistory::new(), coverage: vec![] };
    assert_eq!(nothing.answer(), (Verdict::CannotTell, vec!["build-unknown".to_owned()]));
}

#[test]
fn a_flaw_that_came_out_later_makes_no_exposure() {
    let mut later = open("CVE-2021-26855", OpenBy::Build, None);
    later.known_from = Some(at("2021-07-13"));
    later.to_cover = vec![];
    let (verdict, reasons) = case(vec![later], "15.1.2106.13", "2021-01-01").answer();
    assert_eq!(verdict, Verdict::CannotTell);
    assert!(reasons.contains(&"exposed-later".to_owned()), "{reasons:?}");
}

#[test]
fn what_is_used_is_named_and_what_is_not_is_counted() {
    let mut unused = open("CVE-2021-26412", OpenBy::Build, Some("2021-03-05"));
    (unused.exploited, unused.to_cover) = (None, vec![]);
    let flaws = vec![open("CVE-2021-26855", OpenBy::Build, Some("2021-03-05")), unused];
    let answer = case(flaws, "15.1.2106.2", "2021-01-01").asked(|evidence| answer(evidence, "MX1"));
    let keys: Vec<_> = answer.reasons.iter().map(|reason| reason.key.as_str()).collect();
    assert_eq!(keys, ["exposed-open", "exposed-others"]);
    assert_eq!(answer.reasons[0].args["cves"], "CVE-2021-26855");
    assert_eq!(answer.reasons[1].args["count"], "1");
}

#[test]
fn each_window_is_told_with_its_own_days() {
    let mut flaw = open("CVE-2021-26855", OpenBy::Build, Some("2021-03-05"));
    let again = ExposureWindow {
        from: Some(at("2021-03-10")),
        until: Some(at("2021-03-20")),
        ..flaw.windows[0].clone()
    };
    flaw.windows.push(again);
    flaw.to_cover.push(span("2021-03-10", "2021-03-20"));
    let answer = case(vec![flaw], "15.1.2106.2", "2021-01-01").asked(|evidence| answer(evidence, "MX1"));
    let from: Vec<_> = answer.reasons.iter().filter_map(|reason| reason.args.get("from")).collect();
    assert_eq!(from, ["2021-01-01", "2021-03-10"]);
}

#[test]
fn only_what_is_looked_for_can_be_covered() {
    let both = vec![
        open("CVE-2021-26855", OpenBy::Build, Some("2021-03-05")),
        open("CVE-2020-0688", OpenBy::Build, Some("2021-03-09")),
    ];
    let found = case(both, "15.1.2106.2", "2021-01-01").to_cover();
    assert_eq!(found.span, Some(span("2021-01-01", "2021-03-05")));
    assert_eq!(found.not_looked_for, ["CVE-2020-0688"]);
}

#[test]
fn flaws_that_leave_little_are_named() {
    let relay = open("CVE-2024-21410", OpenBy::Build, Some("2021-03-05"));
    let both = vec![open("CVE-2021-26855", OpenBy::Build, Some("2021-03-05")), relay];
    assert_eq!(case(both, "15.1.2106.2", "2021-01-01").to_cover().faint, ["CVE-2024-21410"]);
    let plain = vec![open("CVE-2021-26855", OpenBy::Build, Some("2021-03-05"))];
    assert!(case(plain, "15.1.2106.2", "2021-01-01").to_cover().faint.is_empty());
}

#[test]
fn an_open_flaw_is_covered_to_the_end_of_the_evidence() {
    let row = |source: &str| Coverage {
        server: "MX1".into(),
        source: source.into(),
        scope: if source == "http-proxy" { "ecp".into() } else { String::new() },
        folder: String::new(),
        spans: vec![span("2021-01-01", "2021-03-20")],
        artifacts: 1,
        records: 1,
    };
    let mut case = case(vec![open("CVE-2021-26855", OpenBy::Build, None)], "15.1.2106.2", "2021-01-01");
    case.coverage = vec![row("http-proxy"), row("ecp-server")];
    assert_eq!(case.to_cover().span, Some(span("2021-01-01", "2021-03-20")));
    case.exposure = vec![];
    assert_eq!(case.to_cover(), ToCover::default(), "nothing was open");
    case.builds = BuildHistory::new();
    assert_eq!(
        case.to_cover().span,
        Some(span("2021-01-01", "2021-03-20")),
        "an unknown build may have been open"
    );
}
