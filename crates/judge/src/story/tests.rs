//! Stories of findings that are made by code: whose a step is, in which order, and what is not seen.

use super::*;
use afterpatch_model::{ArtifactId, Level, Message, Question, Span};
use proptest::prelude::*;
use std::sync::LazyLock;

static CONTENT: LazyLock<Content> = LazyLock::new(|| Content::load(&[]).0);

/// A proof as a test writes it: claim, rule, grade, time of day, fields.
type Seen<'s> = (&'s str, &'s str, Grade, &'s str, &'s [(&'s str, &'s str)]);

fn time(clock: &str) -> Option<Timestamp> {
    (!clock.is_empty()).then(|| format!("2021-03-02T{clock}Z").parse().unwrap())
}

fn proof(number: u64, (_, rule, grade, clock, fields): Seen<'_>) -> Proof {
    Proof {
        time: time(clock),
        rule: RuleId::new(rule.to_owned()),
        grade,
        locator: Locator { artifact: ArtifactId::new("a".to_owned()), record: number },
        place: "place".to_owned(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

fn finding(claim: &str, proofs: Vec<Proof>) -> Finding {
    let message = Message { en: claim.to_owned(), ja: claim.to_owned() };
    Finding {
        id: Finding::derive_id(claim, "MX1", ""),
        claim: claim.to_owned(),
        question: Question::BrokenInto,
        server: "MX1".to_owned(),
        subject: String::new(),
        grade: proofs.iter().map(|proof| proof.grade).max().unwrap(),
        confidence: Level::High,
        title: message.clone(),
        summary: message.clone(),
        cves: vec![],
        techniques: vec![],
        first: proofs.iter().filter_map(|proof| proof.time).min(),
        last: proofs.iter().filter_map(|proof| proof.time).max(),
        reasons: vec![],
        false_alarms: message,
        detections: vec![],
        against: vec![],
        proofs,
    }
}

fn findings(seen: &[Seen<'_>]) -> Vec<Finding> {
    let mut claims: BTreeMap<&str, Vec<Proof>> = BTreeMap::new();
    for (number, one) in (1..).zip(seen) {
        claims.entry(one.0).or_default().push(proof(number, *one));
    }
    claims.into_iter().map(|(claim, proofs)| finding(claim, proofs)).collect()
}

fn told(seen: &[Seen<'_>]) -> Vec<Story> {
    stories(&CONTENT, &findings(seen), &[])
}

fn rules(story: &Story) -> Vec<&str> {
    story.steps.iter().map(|step| step.rule.as_str()).collect()
}

const INTRUDER: (&str, &str) = ("src_ip", "203.0.113.45");
const OTHER: (&str, &str) = ("src_ip", "198.51.100.7");
const PAGE: (&str, &str) = ("path", r"C:\Exchange\FrontEnd\HttpProxy\owa\auth\x1.aspx");

const FORGED: Seen<'_> =
    ("proxylogon-ssrf", "proxylogon-ssrf-anchor", Grade::Reached, "04:00:00", &[INTRUDER]);
const SET: Seen<'_> = (
    "proxylogon-vdirwrite",
    "proxylogon-vdir-script-url",
    Grade::Executed,
    "04:00:12",
    &[("user", "example.org/Users/Administrator")],
);
const WRITTEN: Seen<'_> = (
    "web-shell",
    "web-shell-share-write",
    Grade::Executed,
    "04:00:16",
    &[("user", "MX1$"), ("src_ip", "127.0.0.1"), PAGE],
);
const USED: Seen<'_> = (
    "web-shell",
    "web-shell-page-used",
    Grade::Executed,
    "05:30:00",
    &[OTHER, ("url_path", "/owa/auth/X1.aspx")],
);
const DUMPED: Seen<'_> = (
    "credential-theft",
    "credentials-memory-dumped",
    Grade::Executed,
    "05:40:00",
    &[("user", r"NT AUTHORITY\SYSTEM")],
);

#[test]
fn one_actor_is_one_story_in_order_though_he_comes_from_two_addresses() {
    let stories = told(&[DUMPED, USED, WRITTEN, SET, FORGED]);
    assert_eq!(stories.len(), 1, "{stories:#?}");
    let story = &stories[0];
    let order = [FORGED.1, SET.1, WRITTEN.1, USED.1, DUMPED.1];
    assert_eq!(rules(story), order);
    let phases: Vec<_> = story.steps.iter().map(|step| step.phase).collect();
    assert_eq!(phases, [Phase::Entry, Phase::Execution, Phase::Foothold, Phase::Use, Phase::Theft]);
    assert_eq!(story.addresses, ["198.51.100.7", "203.0.113.45"]);
    assert_eq!(story.accounts, ["administrator"]);
    assert_eq!((story.grade, story.first, story.last), (Grade::Executed, time("04:00:00"), time("05:40:00")));
    let artefact = Tie { kind: TieKind::Artefact, value: "x1.aspx".to_owned() };
    assert_eq!(story.steps[2].ties, std::slice::from_ref(&artefact));
    assert_eq!(story.steps[3].ties, [artefact]);
    assert_eq!(story.steps[4].ties, [Tie { kind: TieKind::Time, value: String::new() }]);
    assert!(story.missing.is_empty(), "{:?}", story.missing);
}

#[test]
fn two_actors_at_one_time_are_two_stories_and_an_attempt_is_none() {
    let other: Seen<'_> = ("proxylogon-ssrf", "proxylogon-ssrf-anchor", Grade::Reached, "04:00:05", &[OTHER]);
    let scanner: Seen<'_> = (
        "proxylogon-ssrf",
        "proxylogon-ssrf-scan",
        Grade::Attempted,
        "04:00:06",
        &[("src_ip", "198.51.100.77")],
    );
    let stories = told(&[FORGED, other, scanner, SET]);
    let addresses: Vec<_> = stories.iter().map(|story| story.addresses.join(" ")).collect();
    assert_eq!(addresses, ["203.0.113.45", "198.51.100.7"]);
    assert_eq!(rules(&stories[1]), [other.1, SET.1], "what has no address is whose it followed");
    assert!(told(&[scanner]).is_empty());
}

#[test]
fn an_attempt_from_the_address_of_an_intruder_is_part_of_his_story() {
    let tried: Seen<'_> =
        ("proxyshell", "proxyshell-path-confusion", Grade::Attempted, "03:00:00", &[INTRUDER]);
    let stories = told(&[FORGED, tried]);
    assert_eq!(stories.len(), 1);
    assert_eq!(rules(&stories[0]), [tried.1, FORGED.1]);
    assert_eq!(stories[0].steps[0].ties, [Tie { kind: TieKind::Address, value: "203.0.113.45".to_owned() }]);
}

#[test]
fn what_happens_days_later_and_shares_nothing_is_another_story() {
    let mut late = findings(&[FORGED, DUMPED]);
    for proof in
        late.iter_mut().filter(|finding| finding.claim == DUMPED.0).flat_map(|finding| &mut finding.proofs)
    {
        proof.time = Some("2021-03-09T05:40:00Z".parse().unwrap());
    }
    assert_eq!(stories(&CONTENT, &late, &[]).len(), 2);
}

#[test]
fn one_fact_is_one_line_though_several_rules_met_it() {
    let child: &[(&str, &str)] = &[("command_line", "cmd /c whoami")];
    let mut findings = findings(&[
        FORGED,
        ("web-server-command", "web-server-command", Grade::Executed, "04:01:00", child),
        (
            "viewstate-deserialisation",
            "viewstate-deserialisation-led-to-program",
            Grade::Executed,
            "04:01:00",
            child,
        ),
    ]);
    let flaw = findings.iter_mut().find(|finding| finding.claim == "viewstate-deserialisation").unwrap();
    flaw.cves = vec!["CVE-2020-0688".to_owned()];
    for proof in findings.iter_mut().skip(1).flat_map(|finding| &mut finding.proofs) {
        proof.locator.record = 9;
    }
    let told = stories(&CONTENT, &findings, &[]);
    assert_eq!(
        rules(&told[0]),
        [FORGED.1, "viewstate-deserialisation-led-to-program"],
        "the one that names a flaw"
    );
}

#[test]
fn tracks_that_are_covered_belong_to_a_story_and_are_none_alone() {
    let cleared: Seen<'_> = ("log-tampering", "log-tampering-cleared", Grade::Reached, "06:00:00", &[]);
    assert!(told(&[cleared]).is_empty());
    let stories = told(&[FORGED, cleared]);
    assert_eq!(rules(&stories[0]), [FORGED.1, cleared.1]);
    assert_eq!(stories[0].steps[1].phase, Phase::Cover);
}

#[test]
fn an_undated_trace_stands_where_its_phase_does() {
    let there: Seen<'_> = (
        "web-shell",
        "web-shell-foreign-script",
        Grade::Persists,
        "",
        &[("path", r"C:\inetpub\wwwroot\aspnet_client\y2.aspx")],
    );
    let stories = told(&[FORGED, there, DUMPED]);
    assert_eq!(stories.len(), 1);
    assert_eq!(rules(&stories[0]), [FORGED.1, there.1, DUMPED.1]);
    let alone = told(&[there]);
    assert_eq!((alone.len(), alone[0].first), (1, None));
    assert!(alone[0].steps[0].ties.is_empty(), "nothing to be tied to");
}

#[test]
fn what_is_not_seen_is_named_with_the_evidence_that_would_show_it() {
    let row = |source: &str, scope: &str, from: &str, until: &str| Coverage {
        server: "MX1".into(),
        source: source.into(),
        scope: scope.into(),
        folder: String::new(),
        spans: vec![Span { from: from.parse().unwrap(), until: until.parse().unwrap() }],
        artifacts: 1,
        records: 1,
    };
    let coverage = [
        row("iis-w3c", "w3svc1", "2021-03-01", "2021-03-05"),
        row("http-proxy", "ecp", "2021-01-01", "2021-02-01"),
        Coverage { spans: vec![], ..row("served-files", "wwwroot", "2021-03-01", "2021-03-02") },
    ];
    let missing = |seen: &[Seen<'_>]| stories(&CONTENT, &findings(seen), &coverage).remove(0).missing;
    let entered = missing(&[FORGED]);
    let phases: Vec<_> = entered.iter().map(|missing| missing.phase).collect();
    assert_eq!(phases, [Phase::Execution, Phase::Foothold, Phase::Use, Phase::Theft]);
    assert_eq!(
        (entered[1].silent.join(" "), entered[1].absent.join(" ")),
        ("served-files".into(), "mft".into())
    );
    let found = missing(&[USED]);
    assert_eq!(found[0].phase, Phase::Entry);
    assert_eq!(found[0].silent, ["iis-w3c"], "a log of another month shows nothing of this one");
    assert_eq!(found[0].absent, ["http-proxy"]);
}

#[test]
fn a_story_has_a_dozen_lines_at_most_and_one_of_every_phase() {
    let many: Vec<(String, &str)> = CONTENT
        .rules()
        .iter()
        .filter_map(|rule| Some((rule.id.to_string(), rule.bearing.as_ref()?.claims.first()?.as_str())))
        .filter(|(rule, claim)| CONTENT.phase(&RuleId::new(rule.clone()), claim).is_some())
        .collect();
    assert!(many.len() > LINES * 2);
    let seen: Vec<Seen<'_>> = many
        .iter()
        .map(|(rule, claim)| (*claim, rule.as_str(), Grade::Executed, "04:00:00", &[INTRUDER] as &[_]))
        .collect();
    let stories = told(&seen);
    assert_eq!((stories.len(), stories[0].steps.len()), (1, LINES));
    let phases: BTreeSet<_> = stories[0].steps.iter().map(|step| step.phase).collect();
    assert_eq!(phases.into_iter().collect::<Vec<_>>(), Phase::ALL);
    let lines: BTreeSet<_> = many.iter().map(|(rule, _)| rule).collect();
    assert_eq!(usize::try_from(stories[0].left_out).unwrap(), lines.len() - LINES);
}

/// Any proof of a few rules, at any minute of a day, from one of three addresses or from none.
fn any_seen() -> impl Strategy<Value = (usize, Grade, u32, usize)> {
    let grade = prop::sample::select(vec![Grade::Attempted, Grade::Reached, Grade::Executed]);
    (0_usize..5, grade, 0_u32..1_440, 0_usize..4)
}

#[test]
fn what_the_server_did_itself_is_whose_request_ends_right_after_it() {
    let seen = |clock: &str| {
        told(&[
            ("proxylogon-ssrf", "proxylogon-ssrf-control-panel-error", Grade::Reached, "10:12:05", &[]),
            ("proxylogon-ssrf", "proxylogon-ssrf-machine-account", Grade::Reached, "10:12:06", &[]),
            (
                "proxylogon-ssrf",
                "proxylogon-ssrf-static-post",
                Grade::Reached,
                clock,
                &[("src_ip", "203.0.113.45")],
            ),
        ])
    };
    assert_eq!(seen("10:12:07").len(), 1);
    assert_eq!(seen("10:42:07").len(), 2, "half an hour later is not right after it");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_telling_proof_is_in_one_story_whatever_the_order(
        seen in proptest::collection::vec(any_seen(), 1..30),
        turn in 0_usize..30,
    ) {
        let all = [FORGED, SET, WRITTEN, USED, DUMPED];
        let clocks: Vec<String> = seen.iter().map(|(_, _, minute, _)| format!("{:02}:{:02}:00", minute / 60, minute % 60)).collect();
        let addresses: [&[(&str, &str)]; 4] = [&[], &[INTRUDER], &[OTHER], &[("src_ip", "192.0.2.9")]];
        let mut findings: Vec<Finding> = (1..).zip(seen.iter().zip(&clocks)).map(|(number, ((which, grade, _, from), clock))| {
            let (claim, rule, ..) = all[*which];
            finding(claim, vec![proof(number, (claim, rule, *grade, clock, addresses[*from]))])
        }).collect();
        let told = stories(&CONTENT, &findings, &[]);
        let lines: u64 = told.iter().flat_map(|story| &story.steps).map(|step| step.count).sum();
        let telling = seen.iter().filter(|(_, grade, ..)| *grade >= Grade::Reached).count();
        prop_assert!(usize::try_from(lines).unwrap() >= telling);
        prop_assert!(usize::try_from(lines).unwrap() <= seen.len());
        for story in &told {
            prop_assert!(story.steps.iter().map(|step| step.first).is_sorted());
            prop_assert!(story.grade >= Grade::Reached);
        }
        let by = turn % findings.len();
        findings.rotate_left(by);
        prop_assert_eq!(stories(&CONTENT, &findings, &[]), told);
    }
}
