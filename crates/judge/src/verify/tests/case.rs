//! Two small cases of one server, and findings and facts to put into them.

use crate::verify::Facts;
use afterpatch_model::{
    Action, ActionKind, ArtifactId, ArtifactLine, CaseResult, Check, Counts, Coverage, Decider, Detection,
    Engine, Exposure, ExposureWindow, Finding, FlawState, Grade, HostName, Level, Locator, Message, OpenBy,
    Proof, Question, RESULT_SCHEMA, RoleSighting, RuleId, Sample, Server, ServerResult, Sighting, Span,
    Tally, Target, Timestamp, Weight, path_key,
};
use std::collections::BTreeMap;

pub(super) const SHELL: &str = r"C:\inetpub\wwwroot\aspnet_client\x.aspx";
pub(super) const ROOT: &str = r"C:\inetpub\wwwroot";

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn span(from: &str, until: &str) -> Span {
    Span { from: at(from), until: at(until) }
}

pub(super) fn coverage(source: &str, scope: &str, folder: &str, spans: &[Span]) -> Coverage {
    Coverage {
        server: "MX1".into(),
        source: source.into(),
        scope: scope.into(),
        folder: folder.into(),
        spans: spans.to_vec(),
        artifacts: 1,
        records: 10,
    }
}

/// A case of one server whose logs cover a span and whose web root holds its start page.
pub(super) fn case(from: &str, until: &str) -> CaseResult {
    let logs = [span(from, until)];
    let mut case = CaseResult {
        schema: RESULT_SCHEMA.into(),
        version: "0".into(),
        content: "c".into(),
        organisation: None,
        answers: vec![],
        servers: vec![ServerResult {
            server: Server { name: HostName::parse("MX1").unwrap(), sightings: vec![], install_root: None },
            answers: vec![],
            builds: vec![],
            role: RoleSighting::default(),
            exposure: vec![],
        }],
        findings: vec![],
        rules: vec![],
        rule_coverage: afterpatch_model::RuleCoverage::default(),
        plan: vec![],
        turns: vec![],
        stories: vec![],
        timeline: vec![],
        coverage: vec![
            coverage("http-proxy", "ecp", r"E:\Ex\Logging\HttpProxy\Ecp", &logs),
            coverage("ecp-server", "", r"E:\Ex\Logging\ECP\Server", &logs),
            coverage("iis-w3c", "w3svc1", r"C:\inetpub\logs\LogFiles\W3SVC1", &logs),
            coverage("served-files", "wwwroot", ROOT, &[]),
        ],
        counts: Counts::default(),
        problems: BTreeMap::new(),
        artifacts: vec![],
    };
    case.artifacts.push(file(r"C:\inetpub\wwwroot\aspnet_client\other.htm"));
    case
}

pub(super) fn before() -> CaseResult {
    case("2021-03-01", "2021-03-06")
}

pub(super) fn after() -> CaseResult {
    case("2021-03-06", "2021-03-12")
}

pub(super) fn file(path: &str) -> ArtifactLine {
    ArtifactLine {
        place: path.replace('\\', "/"),
        path: path.into(),
        server: Some("MX1".into()),
        size_bytes: 1,
        sha256: "0".into(),
        parser: None,
        tally: Tally::default(),
    }
}

pub(super) fn locator(name: &str) -> Locator {
    Locator { artifact: ArtifactId::derive(&[name]), record: 1 }
}

pub(super) fn seen(what: &str, time: Option<&str>) -> Sighting {
    Sighting { time: time.map(at), what: what.into(), locator: locator(what), place: what.into() }
}

pub(super) fn say(text: &str) -> Message {
    Message { en: text.into(), ja: text.into() }
}

/// A finding with one proof: its source, its path, when, and how far it goes.
pub(super) fn finding(
    claim: &str,
    question: Question,
    source: &str,
    path: &str,
    time: &str,
    grade: Grade,
) -> Finding {
    let fields: BTreeMap<String, String> =
        [("source", source), ("path", path)].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let sample =
        Sample { time: Some(at(time)), locator: locator(path), fields: fields.clone(), reasons: Vec::new() };
    Finding {
        id: Finding::derive_id(claim, "MX1", ""),
        claim: claim.into(),
        question,
        server: "MX1".into(),
        subject: path.into(),
        grade,
        confidence: Level::High,
        title: say(claim),
        summary: say(""),
        cves: vec![],
        techniques: vec![],
        first: Some(at(time)),
        last: Some(at(time)),
        reasons: vec![],
        false_alarms: say(""),
        detections: vec![Detection {
            rule: RuleId::new("r"),
            engine: Engine::Analytic,
            title: "rule".into(),
            author: "a".into(),
            license: "l".into(),
            reference: None,
            level: Level::High,
            tags: vec![],
            claim: Some(claim.into()),
            weight: Weight::For,
            grade,
            server: "MX1".into(),
            subject: path.into(),
            first: Some(at(time)),
            last: Some(at(time)),
            facts: 1,
            artifacts: BTreeMap::new(),
            samples: vec![sample],
        }],
        against: vec![],
        proofs: vec![Proof {
            time: Some(at(time)),
            rule: RuleId::new("r"),
            grade,
            locator: locator(path),
            place: path.replace('\\', "/"),
            fields,
        }],
    }
}

pub(super) fn shell() -> Finding {
    finding("web-shell", Question::StillInside, "served-files", SHELL, "2021-03-02", Grade::Persists)
}

/// The use of something, as a log told it.
pub(super) fn logged(time: &str) -> Finding {
    finding("ssrf", Question::BrokenInto, "http-proxy", "/ecp/y.js", time, Grade::Executed)
}

pub(super) fn step(checks: &[Check]) -> Action {
    Action {
        id: "step".into(),
        key: "step".into(),
        kind: ActionKind::Evict,
        servers: vec!["MX1".into()],
        title: say("step"),
        what: say(""),
        why: say(""),
        not_covered: say(""),
        verify: say(""),
        decides: Decider::Administrator,
        changes_things: true,
        commands: vec![],
        page: None,
        targets: vec![Target {
            servers: vec!["MX1".into()],
            subject: None,
            note: say(""),
            checks: checks.to_vec(),
        }],
        findings: vec![],
        exposures: vec![],
        because_of_gaps: false,
        after: vec![],
    }
}

pub(super) fn with_file(path: &str) -> Facts {
    let mut facts = Facts::default();
    facts.files.insert(("MX1".into(), path_key(path)), vec![seen(path, None)]);
    facts
}

pub(super) fn with_build(time: Option<&str>) -> Facts {
    let mut facts = Facts::default();
    let build = "15.1.2106.13";
    facts.builds.insert("MX1".into(), vec![(build.parse().unwrap(), seen(build, time))]);
    facts
}

pub(super) fn exposure(cve: &str, state: FlawState) -> Exposure {
    Exposure {
        server: "MX1".into(),
        cve: cve.into(),
        family: None,
        release: "Mar21SU".into(),
        fixed_by: vec![],
        state,
        known_from: None,
        exploited: None,
        windows: vec![ExposureWindow {
            open_by: OpenBy::Build,
            build: "15.1.2106.2".parse().unwrap(),
            from: None,
            since_before: true,
            last_open: None,
            until: None,
            locator: locator("build"),
            closed: None,
        }],
        needs: vec![],
        mitigations: vec![],
        to_cover: vec![],
        reasons: vec![],
    }
}

pub(super) fn exposed(mut case: CaseResult, exposures: Vec<Exposure>) -> CaseResult {
    case.servers[0].exposure = exposures;
    case
}
