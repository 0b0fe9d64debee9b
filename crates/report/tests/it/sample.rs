//! A result made by code: an attacked server, a clean one, and hostile text in every place that evidence fills.

mod attacked;

use afterpatch_model::{
    Action, ActionKind, Answer, ArtifactId, ArtifactLine, CaseResult, Check, Command, Counts, Coverage,
    Decider, Detection, Engine, Exploitation, Exposure, ExposureWindow, Finding, FindingId, FlawState, Gap,
    Grade, HostName, HostSighting, Level, Locator, Message, MissingStep, OpenBy, Phase, Problem, ProblemCode,
    Proof, Question, RESULT_SCHEMA, Reason, RoleSighting, RuleId, RuleUse, Sample, Server, ServerResult,
    Shell, Span, Story, StoryStep, Tally, Target, Tie, TieKind, TimelineEntry, Timestamp, Verdict, Weight,
};
use attacked::{answer, attacked, gap, shell, ssrf, stories, timeline};
use std::collections::BTreeMap;

pub(crate) const SCRIPT: &str = "<script>alert(1)</script>";
pub(crate) const FORMULA: &str = "=cmd()";
pub(crate) const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}";
pub(crate) const OVERRIDE: &str = "gpj.\u{202e}xpsa";

const SHELL: &str = r"C:\inetpub\wwwroot\aspnet_client\system_web\supp0rt.aspx";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn days(from: &str, until: &str) -> Span {
    Span { from: at(from), until: at(until) }
}

fn say(en: &str, ja: &str) -> Message {
    Message { en: en.into(), ja: ja.into() }
}

fn locator(name: &str, record: u64) -> Locator {
    Locator { artifact: ArtifactId::derive(&[name]), record }
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn detection(rule: &str, title: &str, claim: &str, grade: Grade, weight: Weight) -> Detection {
    Detection {
        rule: RuleId::new(rule),
        engine: Engine::Analytic,
        title: title.into(),
        author: "afterpatch".into(),
        license: "Apache-2.0".into(),
        reference: None,
        level: Level::High,
        tags: vec!["attack.t1190".into()],
        claim: Some(claim.into()),
        weight,
        grade,
        server: "MX01".into(),
        subject: String::new(),
        first: Some(at("2021-03-02T23:14:05Z")),
        last: Some(at("2021-03-03T04:02:11Z")),
        facts: 1_204,
        artifacts: BTreeMap::new(),
        samples: vec![Sample {
            time: Some(at("2021-03-02T23:14:05Z")),
            locator: locator("http-proxy", 118),
            fields: fields(&[("url_path", "/ecp/y.js")]),
            reasons: Vec::new(),
        }],
    }
}

fn proof(time: &str, rule: &str, grade: Grade, place: &str, record: u64, values: &[(&str, &str)]) -> Proof {
    Proof {
        time: Some(at(time)),
        rule: RuleId::new(rule),
        grade,
        locator: locator(place, record),
        place: place.into(),
        fields: fields(values),
    }
}

fn clean() -> Vec<Answer> {
    let server = Some("MX02");
    let mut inside = answer(
        Question::StillInside,
        server,
        Verdict::CannotTell,
        vec![Reason::new("files-not-collected", &[])],
    );
    inside.missing = vec![gap("MX02", "served-files", None, "gap-served-files", r"C:\inetpub\wwwroot")];
    vec![
        answer(
            Question::Exposed,
            server,
            Verdict::NoTrace,
            vec![Reason::new("not-exposed", &[("build", "15.2.792.10")])],
        ),
        answer(
            Question::BrokenInto,
            server,
            Verdict::AttemptedOnly,
            vec![
                Reason::new("attempted", &[("count", "1"), ("first", "2021-02-28")]),
                Reason::new("blocked-patched", &[("fixed", "15.2.792.10")]),
            ],
        ),
        inside,
        answer(Question::WhatLeft, server, Verdict::CannotTell, vec![Reason::new("left-not-seen", &[])]),
        answer(Question::WhoseHand, server, Verdict::CannotTell, vec![Reason::new("no-detector-hand", &[])]),
        answer(Question::WhatNow, server, Verdict::Likely, vec![Reason::new("actions", &[("count", "1")])]),
    ]
}

fn organisation(servers: &[Vec<Answer>; 2]) -> Vec<Answer> {
    let of =
        |yes: &str, names: &str| Reason::new("servers", &[("yes", yes), ("total", "2"), ("names", names)]);
    let mut answers = Vec::new();
    for (first, second) in servers[0].iter().zip(&servers[1]) {
        let mut joined = first.clone();
        joined.server = None;
        if first.verdict == Verdict::Yes {
            joined.reasons.insert(0, of("1", "MX01"));
        }
        joined.missing.extend(second.missing.clone());
        answers.push(joined);
    }
    answers
}

fn server(name: &str, spelled: &str) -> Server {
    let sighting = |spelled: &str, seen_in: &str| HostSighting {
        spelled: spelled.into(),
        seen_in: seen_in.into(),
        artifact: None,
    };
    Server {
        name: HostName::parse(name).unwrap(),
        sightings: vec![sighting(spelled, "http-proxy"), sighting(name, "collector")],
        install_root: Some(r"C:\Exchange\V15\".into()),
    }
}

fn exposure() -> Vec<Exposure> {
    ["CVE-2021-26855", "CVE-2021-27065"]
        .into_iter()
        .map(|cve| {
            let until = (cve == "CVE-2021-26855").then(|| at("2021-03-05T18:00:00Z"));
            Exposure {
                server: "MX01".into(),
                cve: cve.into(),
                family: Some("ProxyLogon".into()),
                release: "Mar21SU".into(),
                fixed_by: vec!["15.1.2106.13".parse().unwrap()],
                state: if until.is_some() { FlawState::Fixed } else { FlawState::Open },
                known_from: Some(at("2021-01-03")),
                exploited: Some(Exploitation {
                    from: at("2021-01-03"),
                    until: None,
                    source: "https://www.example.org/".into(),
                }),
                windows: vec![ExposureWindow {
                    open_by: OpenBy::Build,
                    build: "15.1.2106.2".parse().unwrap(),
                    from: Some(at("2021-01-20")),
                    since_before: true,
                    last_open: Some(at("2021-03-05T17:00:00Z")),
                    until,
                    locator: locator("http-proxy", 1),
                    closed: until.map(|_| locator("http-proxy", 2)),
                }],
                needs: vec![],
                mitigations: vec![],
                to_cover: vec![Span { from: at("2021-01-03"), until: at("2021-03-05T18:00:00Z") }],
                reasons: vec![Reason::new("build-late", &[("from", "2021-01-20")])],
            }
        })
        .collect()
}

fn coverage() -> Vec<Coverage> {
    let one = |server: &str, source: &str, scope: &str, folder: &str, spans: Vec<Span>| Coverage {
        server: server.into(),
        source: source.into(),
        scope: scope.into(),
        folder: folder.into(),
        artifacts: 31,
        records: 48_211,
        spans,
    };
    let proxy = r"C:\Exchange\V15\Logging\HttpProxy\Ecp";
    vec![
        one(
            "MX01",
            "http-proxy",
            "ecp",
            proxy,
            vec![days("2021-02-01", "2021-03-05"), days("2021-03-07", "2021-03-12")],
        ),
        one(
            "MX01",
            "iis-w3c",
            "w3svc1",
            r"C:\inetpub\logs\LogFiles\W3SVC1",
            vec![days("2021-02-01", "2021-03-12")],
        ),
        one("MX01", "served-files", "wwwroot", r"C:\inetpub\wwwroot", vec![]),
        one("MX02", "http-proxy", "ecp", proxy, vec![days("2021-02-20", "2021-03-12")]),
        one(
            "MX02",
            "iis-w3c",
            "w3svc2",
            r"C:\inetpub\logs\LogFiles\W3SVC2",
            vec![
                days("2021-01-15", "2021-02-03"),
                days("2021-02-04", "2021-02-11"),
                days("2021-02-14", "2021-03-12"),
            ],
        ),
    ]
}

fn plan(ids: &[FindingId; 2]) -> Vec<Action> {
    let action = |id: &str, kind, what: Message, verify, changes_things, findings: &[FindingId]| Action {
        id: id.into(),
        key: id.into(),
        kind,
        servers: vec!["MX01".into()],
        title: say(&id.replace('-', " "), "手順"),
        what,
        why: Message::default(),
        not_covered: Message::default(),
        verify,
        decides: Decider::Administrator,
        changes_things,
        commands: Vec::new(),
        page: None,
        targets: vec![Target {
            servers: vec!["MX01".into()],
            subject: None,
            note: Message::default(),
            checks: vec![Check::ByHand],
        }],
        findings: findings.to_vec(),
        exposures: Vec::new(),
        because_of_gaps: findings.is_empty(),
        after: Vec::new(),
    };
    let mut plan = vec![
        action(
            "collect-again",
            ActionKind::Preserve,
            say(
                "Copy the HttpProxy and IIS logs off the server before they are overwritten.",
                "HttpProxyとIISのログを、上書きされる前にサーバーの外へコピーします。",
            ),
            say(
                "Add the copy to the case: the gap is gone from the coverage.",
                "コピーをケースに追加すると、欠落がなくなります。",
            ),
            false,
            &[],
        ),
        action(
            "remove-web-shell",
            ActionKind::Evict,
            say(
                &format!("Take {SHELL} off the server, after it was copied as evidence."),
                &format!("証跡としてコピーした後、{SHELL}をサーバーから取り除きます。"),
            ),
            say(
                "Collect the served folders again: afterpatch verify shows the finding as gone.",
                "公開フォルダーをもう一度採取し、afterpatch verifyで所見がなくなったことを確かめます。",
            ),
            true,
            &ids[1..],
        ),
        action(
            "rotate-machine-keys",
            ActionKind::Rotate,
            say(
                "Change the machine keys and the passwords of all accounts that logged on to the server.",
                "マシンキーと、サーバーにログオンしたすべてのアカウントのパスワードを変更します。",
            ),
            say(
                "web.config names new keys on every server.",
                "すべてのサーバーのweb.configに新しいキーがあります。",
            ),
            true,
            ids,
        ),
    ];
    fill_in(&mut plan[1]);
    plan
}

/// One step that has everything that a step can have, among it text of the intruder's.
fn fill_in(action: &mut Action) {
    action.why = say("A patch leaves it there.", "更新プログラムを適用しても残ります。");
    action.not_covered = say("Copies under other names.", "別名のコピーは対象外です。");
    action.commands = vec![Command {
        shell: Shell::Powershell,
        text: "Remove-Item -LiteralPath <PATH-OF-THE-SCRIPT> -Confirm".into(),
        reads_only: false,
        products: vec!["Exchange 2016".into()],
    }];
    action.page = Some("https://learn.microsoft.com/exchange/".into());
    action.targets = vec![Target {
        servers: vec!["MX01".into()],
        subject: Some(format!("{SCRIPT}{FORMULA}{ESCAPES}{OVERRIDE}")),
        note: say("Compiled copies too.", "コンパイル済みのコピーも対象です。"),
        checks: vec![Check::PathAbsent { path: SHELL.into() }],
    }];
    action.exposures = vec!["CVE-2021-26855".into()];
    action.after = vec!["collect-again".into()];
}

fn problems() -> BTreeMap<String, (u64, Vec<Problem>)> {
    let problem = |code, record, detail: &str| Problem {
        code,
        place: format!("HttpProxy/{ESCAPES}{SCRIPT}.LOG"),
        artifact: None,
        record,
        lost: record.is_some(),
        detail: detail.into(),
    };
    BTreeMap::from([
        ("P0104".to_owned(), (12, vec![problem(ProblemCode::NotUnderstood, None, "")])),
        ("P0202".to_owned(), (3, vec![problem(ProblemCode::FieldCount, Some(7), "14 of 15 fields")])),
    ])
}

fn artifacts() -> Vec<ArtifactLine> {
    let line = |path: &str, parser: Option<&str>, records, lost| ArtifactLine {
        place: path.replace(r"C:\", "uploads/auto/C%3A/").replace('\\', "/"),
        path: path.into(),
        server: Some("MX01".into()),
        size_bytes: 5_482_113,
        sha256: afterpatch_model::digest_hex(&[path]),
        parser: parser.map(ToOwned::to_owned),
        tally: Tally { records, facts: records - lost, lost, ..Tally::default() },
    };
    vec![
        line(
            r"C:\Exchange\V15\Logging\HttpProxy\Ecp\HttpProxy_2021030223-1.LOG",
            Some("http-proxy"),
            48_211,
            3,
        ),
        line(r"C:\inetpub\logs\LogFiles\W3SVC1\u_ex210302.log", Some("iis-w3c"), 210_944, 0),
        line(r"C:\inetpub\wwwroot\aspnet_client\system_web\証跡.png", None, 0, 0),
    ]
}

fn community() -> Vec<RuleUse> {
    vec![RuleUse {
        rule: RuleId::new("9b7a4b0e-0000-4000-8000-00000000abcd"),
        engine: Engine::Sigma,
        title: "Suspicious child process of the web server".into(),
        author: "A. Author, 検知 太郎".into(),
        license: "DRL-1.1".into(),
        level: Level::High,
        reference: Some("https://example.org/sigma/web-child".into()),
        servers: BTreeMap::from([("MX01".to_owned(), 4), ("MX02".to_owned(), 1)]),
        first: Some(at("2021-03-03T04:09:00Z")),
        last: Some(at("2021-03-09T11:20:00Z")),
    }]
}

/// The whole sample.
pub(crate) fn result() -> CaseResult {
    let findings = vec![shell(), ssrf()];
    let ids = [ssrf().id, shell().id];
    let answers = [attacked(&ids), clean()];
    let builds = |text: &str| vec![(text.parse().unwrap(), Some(at("2021-01-20")), Some(at("2021-03-12")))];
    CaseResult {
        schema: RESULT_SCHEMA.into(),
        version: "0.1.0".into(),
        content: afterpatch_model::digest_hex(&["content"]),
        organisation: Some("例示電力株式会社 (Example Power)".into()),
        answers: organisation(&answers),
        servers: vec![
            ServerResult {
                server: server("MX01", "mx01.example.org"),
                answers: answers[0].clone(),
                builds: builds("15.1.2106.2"),
                role: RoleSighting::default(),
                exposure: exposure(),
            },
            ServerResult {
                server: server("MX02", "mx02.example.org"),
                answers: answers[1].clone(),
                builds: builds("15.2.792.10"),
                role: RoleSighting::default(),
                exposure: vec![],
            },
        ],
        findings,
        rules: community(),
        rule_coverage: afterpatch_model::RuleCoverage::default(),
        plan: plan(&ids),
        turns: Vec::new(),
        stories: stories(&ids[0], &ids[1]),
        timeline: timeline(&ids[0], &ids[1]),
        coverage: coverage(),
        counts: Counts {
            collections: 2,
            artifacts: 124,
            bytes: 712_400_551,
            records: 1_204_311,
            facts: 1_204_308,
            lost: 3,
            derived: 5_120,
            problems: 15,
        },
        problems: problems(),
        artifacts: artifacts(),
    }
}

/// A result in which nothing was found, read or even named.
pub(crate) fn empty() -> CaseResult {
    CaseResult {
        schema: RESULT_SCHEMA.into(),
        version: "0.1.0".into(),
        content: String::new(),
        organisation: None,
        answers: vec![],
        servers: vec![],
        findings: vec![],
        rules: vec![],
        rule_coverage: afterpatch_model::RuleCoverage::default(),
        plan: vec![],
        turns: Vec::new(),
        stories: vec![],
        timeline: vec![],
        coverage: vec![],
        counts: Counts::default(),
        problems: BTreeMap::new(),
        artifacts: vec![],
    }
}
