//! What is true of the attacked server of the sample: findings, answers, stories and steps.

use super::*;

pub(super) fn ssrf() -> Finding {
    let proxy = "uploads/auto/C%3A/Exchange/V15/Logging/HttpProxy/Ecp/HttpProxy_2021030223-1.LOG";
    let hostile = format!("{SCRIPT}{ESCAPES}");
    Finding {
        id: Finding::derive_id("proxylogon-ssrf", "MX01", ""),
        claim: "proxylogon-ssrf".into(),
        question: Question::BrokenInto,
        server: "MX01".into(),
        subject: String::new(),
        grade: Grade::Reached,
        confidence: Level::High,
        title: say(
            "Forged requests reached the back end (CVE-2021-26855)",
            "偽装されたリクエストがバックエンドに到達しました（CVE-2021-26855）",
        ),
        summary: say(
            "Requests to static files of the control panel carried a back-end cookie that names a server of the \
             intruder’s choice, and the back end answered.\n\nBy this way a stranger acts as the server itself.",
            "管理画面の静的ファイルへのリクエストに、侵入者が選んだサーバーを示すバックエンドCookieが含まれ、\
             バックエンドが応答しました。\n\nこの方法では、外部の者がサーバー自身として動作できます。",
        ),
        cves: vec!["CVE-2021-26855".into()],
        techniques: vec!["T1190".into()],
        first: Some(at("2021-03-02T23:14:05Z")),
        last: Some(at("2021-03-03T04:02:11Z")),
        reasons: vec![
            Reason::new("graded-by", &[("rule", "ap-ssrf-backend"), ("grade", "reached")]),
            Reason::new("two-kinds", &[("sources", "http-proxy, iis-w3c")]),
        ],
        false_alarms: say(
            "A vulnerability scan that the organisation itself ordered leaves the same requests.",
            "組織自身が依頼した脆弱性検査でも、同じリクエストが残ります。",
        ),
        detections: vec![detection(
            "ap-ssrf-backend",
            "Back-end cookie names a foreign server",
            "proxylogon-ssrf",
            Grade::Reached,
            Weight::For,
        )],
        against: vec![detection(
            "ap-scanner",
            "User agent of a public scanner",
            "proxylogon-ssrf",
            Grade::Attempted,
            Weight::Against,
        )],
        proofs: vec![
            proof(
                "2021-03-02T23:14:05.118Z",
                "ap-ssrf-backend",
                Grade::Reached,
                proxy,
                118,
                &[
                    ("src_ip", "203.0.113.47"),
                    ("method", "POST"),
                    ("url_path", "/ecp/y.js"),
                    ("anchor_mailbox", "ServerInfo~a]@mx01.example.org:444/autodiscover/autodiscover.xml?#"),
                    ("backend_status", "200"),
                    ("user_agent", &hostile),
                ],
            ),
            proof(
                "2021-03-03T04:02:11Z",
                "ap-ssrf-backend",
                Grade::Reached,
                proxy,
                402,
                &[("src_ip", "198.51.100.9"), ("user_agent", FORMULA)],
            ),
        ],
    }
}

pub(super) fn shell() -> Finding {
    let file = "uploads/auto/C%3A/inetpub/wwwroot/aspnet_client/system_web/supp0rt.aspx";
    let claim = "web-shell";
    let mut found = detection(
        "ap-oab-shell",
        "Address book settings saved as a page",
        claim,
        Grade::Persists,
        Weight::For,
    );
    found.engine = Engine::Yara;
    found.reference = Some("https://example.org/rules/ap-oab-shell".into());
    Finding {
        id: Finding::derive_id(claim, "MX01", SHELL),
        claim: claim.into(),
        question: Question::StillInside,
        server: "MX01".into(),
        subject: SHELL.into(),
        grade: Grade::Persists,
        confidence: Level::High,
        title: say(
            "Web shell supp0rt.aspx lies in a served folder",
            "公開フォルダーにWebシェルsupp0rt.aspxがあります",
        ),
        summary: say(
            "The file is the settings page of an address book with a script in its external address.",
            "ファイルはアドレス帳の設定ページで、外部アドレスにスクリプトが入っています。",
        ),
        cves: vec!["CVE-2021-27065".into()],
        techniques: vec!["T1505.003".into()],
        first: Some(at("2021-03-03T04:05:40Z")),
        last: Some(at("2021-03-09T11:20:00Z")),
        reasons: vec![
            Reason::new("graded-by", &[("rule", "ap-oab-shell"), ("grade", "persists")]),
            Reason::new("one-trace", &[]),
        ],
        false_alarms: say(
            "None known: Exchange writes no such file.",
            "知られていません。Exchangeはこのようなファイルを書きません。",
        ),
        detections: vec![found],
        against: vec![],
        proofs: vec![proof(
            "2021-03-03T04:05:40Z",
            "ap-oab-shell",
            Grade::Persists,
            file,
            0,
            &[("path", SHELL), ("size_bytes", "2198"), ("owner", OVERRIDE)],
        )],
    }
}

pub(super) fn entry(
    time: &str,
    server: &str,
    grade: Grade,
    finding: &FindingId,
    text: Message,
) -> TimelineEntry {
    TimelineEntry {
        time: at(time),
        server: server.into(),
        question: Question::BrokenInto,
        grade,
        rule: RuleId::new("ap-ssrf-backend"),
        text,
        finding: finding.clone(),
        locator: locator("http-proxy", 118),
        place: "HttpProxy/Ecp/HttpProxy_2021030223-1.LOG".into(),
        fields: fields(&[("user_agent", FORMULA), ("message", SCRIPT)]),
    }
}

/// Two steps that one address ties, the second of which an intruder named so as to do harm.
pub(super) fn stories(entered: &FindingId, left: &FindingId) -> Vec<Story> {
    let step = |phase, grade, time: &str, count, text: Message, finding: &FindingId| StoryStep {
        phase,
        grade,
        first: Some(at(time)),
        last: Some(at(time).plus(Timestamp::HOUR)),
        count,
        text,
        rule: RuleId::new("proxylogon-ssrf-anchor"),
        finding: finding.clone(),
        ties: vec![Tie { kind: TieKind::Address, value: "203.0.113.45".into() }],
        locator: Locator { artifact: ArtifactId::new("0123456789abcdef"), record: 7 },
        place: "HttpProxy/Ecp/HttpProxy_2021030204-1.LOG".into(),
    };
    let hostile = Message {
        en: "Wrote <script>alert(2)</script> [x](http://e) \u{1b}[2J".into(),
        ja: "書き込み <script>alert(2)</script>".into(),
    };
    let asked = Message { en: "Asked the back end".into(), ja: "バックエンドに要求".into() };
    let steps = vec![
        step(Phase::Entry, Grade::Reached, "2021-03-02T04:12:00Z", 6, asked, entered),
        step(Phase::Foothold, Grade::Executed, "2021-03-02T04:13:00Z", 1, hostile, left),
    ];
    vec![Story {
        server: "MX01".into(),
        grade: Grade::Executed,
        first: steps[0].first,
        last: steps[1].last,
        addresses: vec!["203.0.113.45".into()],
        accounts: vec!["administrator".into()],
        steps,
        left_out: 3,
        missing: vec![
            MissingStep { phase: Phase::Execution, silent: vec!["evtx".into()], absent: vec![] },
            MissingStep { phase: Phase::Use, silent: vec!["iis-w3c".into()], absent: vec!["evtx".into()] },
            MissingStep { phase: Phase::Theft, silent: vec![], absent: vec!["mft".into(), "iis-w3c".into()] },
        ],
    }]
}

pub(super) fn timeline(reached: &FindingId, kept: &FindingId) -> Vec<TimelineEntry> {
    let probe = say("Probe of /owa/auth/x.js", "/owa/auth/x.jsへの探索");
    let forged = say(
        "Forged request to /ecp/y.js, back end answered 200",
        "/ecp/y.jsへの偽装されたリクエストにバックエンドが200で応答",
    );
    let written =
        say(&format!("{FORMULA} supp0rt.aspx{OVERRIDE} written {SCRIPT}"), "supp0rt.aspxが書き込まれました");
    let run = say("w3wp.exe started cmd.exe /c whoami", "w3wp.exeがcmd.exe /c whoamiを起動");
    let written = say(&format!("={}", written.en), &written.ja);
    let mut entries = vec![
        entry("2021-02-27T06:10:00Z", "MX01", Grade::Attempted, reached, probe.clone()),
        entry("2021-02-28T19:42:10Z", "MX02", Grade::Attempted, reached, probe),
    ];
    for minute in 10..28 {
        let time = format!("2021-03-02T23:{minute}:05.118Z");
        entries.push(entry(&time, "MX01", Grade::Reached, reached, forged.clone()));
    }
    entries.push(entry("2021-03-03T04:02:11Z", "MX01", Grade::Reached, reached, forged));
    entries.push(entry("2021-03-03T04:05:40Z", "MX01", Grade::Persists, kept, written));
    for time in ["2021-03-03T04:09:00Z", "2021-03-04T01:30:00Z", "2021-03-09T11:20:00Z"] {
        entries.push(entry(time, "MX01", Grade::Executed, kept, run.clone()));
    }
    entries
}

pub(super) fn answer(
    question: Question,
    server: Option<&str>,
    verdict: Verdict,
    reasons: Vec<Reason>,
) -> Answer {
    Answer {
        question,
        server: server.map(ToOwned::to_owned),
        verdict,
        reasons,
        findings: vec![],
        against: vec![],
        missing: vec![],
    }
}

pub(super) fn gap(server: &str, source: &str, span: Option<Span>, shows: &str, folder: &str) -> Gap {
    Gap {
        server: server.into(),
        source: source.into(),
        folder: folder.into(),
        span,
        would_show: shows.into(),
    }
}

pub(super) fn attacked(ids: &[FindingId; 2]) -> Vec<Answer> {
    let server = Some("MX01");
    let logs = r"C:\Exchange\V15\Logging\HttpProxy";
    let exposed = Reason::new(
        "exposed-open",
        &[
            ("cves", "CVE-2021-26855, CVE-2021-27065"),
            ("build", "15.1.2106.2"),
            ("from", "2021-01-03"),
            ("until", "2021-03-05"),
        ],
    );
    let mut broken = answer(
        Question::BrokenInto,
        server,
        Verdict::Yes,
        vec![
            Reason::new("executed", &[("count", "2"), ("first", "2021-03-03")]),
            Reason::new("reached", &[("first", "2021-03-02")]),
        ],
    );
    broken.findings = ids.to_vec();
    broken.against = vec![Reason::new("scanner", &[])];
    broken.missing = vec![
        gap("MX01", "http-proxy", Some(days("2021-03-05", "2021-03-07")), "http-proxy", logs),
        gap("MX01", "evtx", None, "event-logs", r"C:\Windows\System32\winevt\Logs"),
        gap("MX01", "iis-w3c", Some(days("2021-01-03", "2021-02-01")), "iis-w3c", r"C:\inetpub\logs"),
    ];
    let mut inside = answer(
        Question::StillInside,
        server,
        Verdict::Yes,
        vec![Reason::new("persists", &[("paths", SHELL)])],
    );
    inside.findings = vec![ids[1].clone()];
    vec![
        answer(Question::Exposed, server, Verdict::Yes, vec![exposed]),
        broken,
        inside,
        answer(Question::WhatLeft, server, Verdict::CannotTell, vec![Reason::new("left-not-seen", &[])]),
        answer(Question::WhoseHand, server, Verdict::CannotTell, vec![Reason::new("no-detector-hand", &[])]),
        answer(Question::WhatNow, server, Verdict::Yes, vec![Reason::new("actions", &[("count", "3")])]),
    ]
}
