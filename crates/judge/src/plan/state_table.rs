//! Which steps follow from which state of a server: the table of published guidance, row by row, and what holds for any
//! state.

use super::{Inputs, Plan, plan};
use crate::evidence::Evidence;
use afterpatch_detect::exposed::{BuildHistory, BuildSpan};
use afterpatch_detect::{Content, Surroundings};
use afterpatch_model::{
    ActionKind, Answer, ArtifactId, Check, Exploitation, Exposure, Finding, FlawState, Gap, Grade, Level,
    Locator, Message, Mitigation, Need, NeedState, Question, ServerRole, Span, Timestamp, Verdict,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn finding(server: &str, claim: &str, grade: Grade, subject: &str) -> Finding {
    let say = |text: &str| Message { en: text.into(), ja: text.into() };
    Finding {
        id: Finding::derive_id(claim, server, subject),
        claim: claim.into(),
        question: if claim == "web-shell" { Question::StillInside } else { Question::BrokenInto },
        server: server.into(),
        subject: subject.into(),
        grade,
        confidence: Level::High,
        title: say(claim),
        summary: say(claim),
        cves: Vec::new(),
        techniques: Vec::new(),
        first: None,
        last: None,
        reasons: Vec::new(),
        false_alarms: Message::default(),
        detections: Vec::new(),
        against: Vec::new(),
        proofs: Vec::new(),
    }
}

fn exposure(server: &str, cve: &str, state: FlawState, used: bool) -> Exposure {
    let span = Span { from: at("2021-01-03"), until: at("2021-03-10") };
    Exposure {
        server: server.into(),
        cve: cve.into(),
        family: None,
        release: "Mar21SU".into(),
        fixed_by: Vec::new(),
        state,
        known_from: Some(span.from),
        exploited: Some(Exploitation { from: span.from, until: None, source: "made up".into() }),
        windows: Vec::new(),
        needs: Vec::new(),
        mitigations: Vec::new(),
        to_cover: if used { vec![span] } else { Vec::new() },
        reasons: Vec::new(),
    }
}

/// A made-up organisation.
#[derive(Debug, Default, Clone)]
struct Organisation {
    answers: BTreeMap<String, Vec<Answer>>,
    findings: Vec<Finding>,
    exposure: Vec<Exposure>,
    builds: BuildHistory,
    roles: BTreeMap<String, ServerRole>,
    surroundings: Surroundings,
}

impl Organisation {
    fn with(mut self, server: &str, broken_into: Verdict, still_inside: Verdict) -> Self {
        let answer = |question, verdict| {
            let findings = self.findings.iter().filter(|finding| finding.server == server);
            let gap = Gap {
                server: server.into(),
                source: "http-proxy".into(),
                folder: "Logging\\HttpProxy".into(),
                span: Some(Span { from: at("2021-01-03"), until: at("2021-02-01") }),
                would_show: "http-proxy".into(),
            };
            Answer {
                verdict,
                findings: findings.map(|finding| finding.id.clone()).collect(),
                missing: if verdict == Verdict::CannotTell { vec![gap] } else { Vec::new() },
                ..Answer::plain(question, server)
            }
        };
        let answers =
            vec![answer(Question::BrokenInto, broken_into), answer(Question::StillInside, still_inside)];
        self.answers.insert(server.into(), answers);
        self
    }

    fn builds(mut self, server: &str, build: &str) -> Self {
        let locator = Locator { artifact: ArtifactId::new("a"), record: 1 };
        let seen = Some(at("2021-03-10"));
        let span = BuildSpan { build: build.parse().unwrap(), first: seen, last: seen, locator };
        self.builds.insert(server.into(), vec![span]);
        self
    }

    fn plan(&self) -> Plan {
        let content = Content::load(&[]).0;
        let evidence = Evidence {
            looked_for: &BTreeMap::new(),
            findings: &self.findings,
            exposure: &self.exposure,
            builds: &self.builds,
            coverage: &[],
            knowledge: content.knowledge(),
        };
        plan(&Inputs {
            evidence: &evidence,
            answers: &self.answers,
            roles: &self.roles,
            surroundings: &self.surroundings,
            ends: &BTreeMap::new(),
        })
    }

    fn steps(&self) -> Vec<String> {
        self.plan().actions.into_iter().map(|action| action.id).collect()
    }
}

const FLAW: &str = "CVE-2021-26855";

#[test]
fn not_exposed_and_without_a_trace_there_is_nothing_to_do() {
    let calm = Organisation::default().with("MX1", Verdict::NoTrace, Verdict::NoTrace);
    assert_eq!(calm.steps(), Vec::<String>::new());
}

#[test]
fn exposed_once_and_clean_is_watched() {
    let mut once = Organisation::default();
    once.exposure.push(exposure("MX1", FLAW, FlawState::Fixed, true));
    let once = once.with("MX1", Verdict::NoTrace, Verdict::NoTrace);
    assert_eq!(once.steps(), ["keep-logs", "scan-server", "watch-server", "harden-servers"]);
}

#[test]
fn open_and_clean_is_updated_and_nobody_is_put_out() {
    let mut open = Organisation::default();
    open.exposure.push(exposure("MX1", FLAW, FlawState::Open, true));
    let open = open.with("MX1", Verdict::NoTrace, Verdict::NoTrace);
    let steps = open.steps();
    assert_eq!(
        steps,
        [
            "keep-logs",
            "restrict-access",
            "mitigate-proxylogon",
            "install-update",
            "watch-server",
            "harden-servers"
        ]
    );
}

#[test]
fn a_flaw_that_nobody_used_yet_asks_for_the_update_only() {
    let mut open = Organisation::default();
    open.exposure.push(exposure("MX1", "CVE-2020-0001", FlawState::Open, false));
    let open = open.with("MX1", Verdict::NoTrace, Verdict::NoTrace);
    assert_eq!(open.steps(), ["install-update"]);
}

#[test]
fn where_nobody_can_tell_evidence_is_asked_for() {
    let unknown = Organisation::default().with("MX1", Verdict::CannotTell, Verdict::NoTrace);
    let plan = unknown.plan();
    let ids: Vec<_> = plan.actions.iter().map(|action| action.id.as_str()).collect();
    assert_eq!(ids, ["keep-logs", "collect-missing", "scan-server"]);
    let collect = &plan.actions[1];
    assert!(collect.because_of_gaps && collect.findings.is_empty());
    assert_eq!(collect.targets[0].note.en, "2021-01-03 to 2021-02-01");
    let covered = Check::Covered {
        source: "http-proxy".into(),
        from: Some(at("2021-01-03")),
        until: Some(at("2021-02-01")),
    };
    assert_eq!(collect.targets[0].checks, [covered]);
}

#[test]
fn attempts_are_looked_at_and_nothing_is_rebuilt() {
    let mut tried = Organisation::default();
    tried.findings.push(finding("MX1", "proxylogon-ssrf", Grade::Attempted, ""));
    let steps = tried.with("MX1", Verdict::AttemptedOnly, Verdict::NoTrace).steps();
    assert_eq!(steps, ["keep-logs", "review-attempts", "scan-server", "watch-server"]);
}

#[test]
fn a_break_in_is_contained_kept_scoped_put_out_and_made_worthless_in_this_order() {
    let mut entered = Organisation::default();
    entered.findings.push(finding(
        "MX1",
        "web-shell",
        Grade::Persists,
        r"C:\inetpub\wwwroot\aspnet_client\x.aspx",
    ));
    entered.findings.push(finding("MX1", "web-server-command", Grade::Executed, ""));
    let entered = entered.with("MX1", Verdict::Yes, Verdict::Yes);
    let steps = entered.steps();
    let place =
        |id: &str| steps.iter().position(|step| step == id).unwrap_or_else(|| panic!("{id} in {steps:?}"));
    let wanted = [
        "isolate-server",
        "preserve-evidence",
        "report-incident",
        "scope-intrusion",
        "agree-eviction",
        "reset-virtual-directories",
        "remove-web-shell",
        "rebuild-server",
        "rotate-credentials",
        "reset-krbtgt",
        "watch-server",
    ];
    assert!(wanted.is_sorted_by_key(|id| place(id)));
    assert!(!steps.contains(&"install-update".to_owned()), "no flaw is open");
    let plan = entered.plan();
    let remove = plan.actions.iter().find(|action| action.id == "remove-web-shell").unwrap();
    let target = &remove.targets[0];
    assert_eq!(target.subject.as_deref(), Some(r"C:\inetpub\wwwroot\aspnet_client\x.aspx"));
    assert!(target.checks.iter().any(|check| matches!(check, Check::PathAbsent { .. })));
    assert!(target.checks.iter().any(|check| matches!(check, Check::FindingGone { .. })));
    let watch = plan.actions.iter().find(|action| action.id == "watch-server").unwrap();
    assert!(watch.after.contains(&"rotate-credentials".to_owned()), "{:?}", watch.after);
}

#[test]
fn the_same_shell_on_two_servers_is_one_line_and_another_is_a_second() {
    let mut two = Organisation::default();
    for (server, path) in [("MX1", r"C:\a.aspx"), ("MX2", r"c:\A.ASPX"), ("MX2", r"C:\b.aspx")] {
        two.findings.push(finding(server, "web-shell", Grade::Persists, path));
    }
    let two = two.with("MX1", Verdict::Yes, Verdict::Yes).with("MX2", Verdict::Yes, Verdict::Yes);
    let plan = two.plan();
    let remove = plan.actions.iter().find(|action| action.id == "remove-web-shell").unwrap();
    assert_eq!(remove.servers, ["MX1", "MX2"]);
    let lines: Vec<_> = remove.targets.iter().map(|target| target.servers.join(" ")).collect();
    assert_eq!(lines, ["MX1 MX2", "MX2"]);
}

#[test]
fn what_a_fix_needs_beside_the_build_is_a_step_where_it_is_missing_and_a_check_where_nobody_knows() {
    let need = |id: &str, state| Need { id: id.into(), state, subjects: Vec::new(), locator: None };
    let mut partly = Organisation::default();
    let mut flaw = exposure("MX1", "CVE-2024-21410", FlawState::NeedsMore, false);
    flaw.needs = vec![need("extended-protection", NeedState::Unmet)];
    partly.exposure.push(flaw);
    let mut flaw = exposure("MX1", "CVE-2021-34470", FlawState::MaybeOpen, false);
    flaw.needs = vec![need("schema", NeedState::Unknown)];
    partly.exposure.push(flaw);
    let plan = partly.with("MX1", Verdict::NoTrace, Verdict::NoTrace).plan();
    let of = |id: &str| plan.actions.iter().find(|action| action.id == id).unwrap();
    let protection = Check::PrerequisiteMet { id: "extended-protection".into(), by_hand: false };
    assert_eq!(of("extended-protection").targets[0].checks, [protection]);
    assert_eq!(
        of("check-needs").targets[0].checks,
        [Check::PrerequisiteMet { id: "schema".into(), by_hand: false }]
    );
    assert!(of("check-needs").targets[0].note.en.contains("CVE-2021-34470"));
    assert!(plan.actions.iter().all(|action| action.id != "extend-schema"));
}

#[test]
fn a_mitigation_is_never_a_fix_and_goes_when_the_fix_is_in() {
    let mitigated = |state| {
        let mut organisation = Organisation::default();
        let mut flaw = exposure("MX1", FLAW, state, true);
        let locator = Locator { artifact: ArtifactId::new("a"), record: 1 };
        let day = Some(at("2021-03-08"));
        flaw.mitigations = vec![Mitigation { id: "eomt".into(), first: day, last: day, locator }];
        organisation.exposure.push(flaw);
        organisation.with("MX1", Verdict::NoTrace, Verdict::NoTrace).steps()
    };
    let open = mitigated(FlawState::Open);
    assert!(open.contains(&"install-update".to_owned()) && open.contains(&"renew-mitigation".to_owned()));
    assert!(!open.contains(&"remove-mitigation".to_owned()), "not before the update");
    assert!(mitigated(FlawState::Fixed).contains(&"remove-mitigation".to_owned()));
}

#[test]
fn an_edge_server_needs_no_rule_in_a_web_site_that_it_does_not_have() {
    let mut edge = Organisation::default();
    edge.exposure.push(exposure("EDGE", FLAW, FlawState::Open, true));
    edge.roles.insert("EDGE".into(), ServerRole::Edge);
    let steps = edge.with("EDGE", Verdict::NoTrace, Verdict::NoTrace).steps();
    assert!(
        steps.contains(&"install-update".to_owned()) && !steps.contains(&"mitigate-proxylogon".to_owned())
    );
}

#[test]
fn the_update_is_named_for_each_build() {
    let mut builds = Organisation::default();
    for server in ["MX1", "MX2", "MX3"] {
        builds.exposure.push(exposure(server, FLAW, FlawState::Open, false));
        builds = builds.with(server, Verdict::NoTrace, Verdict::NoTrace);
    }
    let builds = builds.builds("MX1", "15.1.2106.2").builds("MX2", "15.2.792.3").builds("MX3", "15.1.2106.2");
    let plan = builds.plan();
    let update = &plan.actions[0];
    assert_eq!(update.id, "install-update");
    let lines: Vec<_> = update.targets.iter().map(|target| target.servers.join(" ")).collect();
    assert_eq!(lines, ["MX1 MX3", "MX2"], "one line for what is alike");
    let note = &update.targets[0].note.en;
    assert!(note.contains("Exchange 2016 CU18") && note.contains("install CU23 (15.1.2507.6"), "{note}");
    assert!(update.targets[1].note.ja.contains("CU15"), "{}", update.targets[1].note.ja);
    assert!(
        update
            .commands
            .iter()
            .all(|command| !command.products.contains(&"Exchange 2013".to_owned())
                || command.products.len() > 1)
    );
}

#[test]
fn who_was_entered_comes_first_and_its_group_with_it() {
    let mut fleet = Organisation::default();
    fleet.findings.push(finding("MX3", "web-server-command", Grade::Executed, ""));
    for server in ["MX1", "MX2", "MX4"] {
        fleet.exposure.push(exposure(server, FLAW, FlawState::Open, true));
        fleet = fleet.with(server, Verdict::NoTrace, Verdict::NoTrace);
    }
    let mut fleet = fleet.with("MX3", Verdict::Yes, Verdict::CannotTell);
    fleet.surroundings.reached_from_outside.insert("MX2".into(), 7);
    for server in ["MX3", "MX4"] {
        fleet.surroundings.availability_groups.insert(server.into(), "DAG1".into());
    }
    let turns = fleet.plan().turns;
    let order: Vec<_> = turns.iter().map(|turn| turn.server.as_str()).collect();
    assert_eq!(order, ["MX3", "MX4", "MX2", "MX1"]);
    assert_eq!(turns[0].reasons[0].key, "turn-entered");
    assert!(turns[2].reasons.iter().any(|reason| reason.key == "turn-outside"));
}

/// A finding of any claim, technique and grade, on one of three servers.
fn any_finding() -> impl Strategy<Value = Finding> {
    let claims =
        ["proxylogon-ssrf", "proxylogon-vdirwrite", "web-shell", "modified-page", "foreign-script", "other"];
    let techniques =
        ["T1505.004", "T1505.002", "T1003.001", "T1136", "T1098.002", "T1053.005", "T1219", "T1560"];
    let grades = [Grade::Attempted, Grade::Reached, Grade::Executed, Grade::Persists];
    (
        1..4_u8,
        prop::sample::select(claims.to_vec()),
        prop::sample::select(techniques.to_vec()),
        prop::sample::select(grades.to_vec()),
    )
        .prop_map(|(server, claim, technique, grade)| {
            let subject = if claim == "web-shell" { r"C:\x.aspx" } else { "" };
            let made = finding(&format!("MX{server}"), claim, grade, subject);
            Finding { techniques: vec![technique.to_owned()], ..made }
        })
}

fn any_exposure() -> impl Strategy<Value = Exposure> {
    let cves = [FLAW, "CVE-2022-41040", "CVE-2024-21410", "CVE-2021-33766", "CVE-2026-42897"];
    let states = [FlawState::Open, FlawState::NeedsMore, FlawState::MaybeOpen, FlawState::Fixed];
    let need_states = [NeedState::Met, NeedState::Unmet, NeedState::Unknown];
    (
        1..4_u8,
        prop::sample::select(cves.to_vec()),
        prop::sample::select(states.to_vec()),
        prop::sample::select(need_states.to_vec()),
        any::<bool>(),
    )
        .prop_map(|(server, cve, state, need_state, used)| {
            let need = Need {
                id: "extended-protection".into(),
                state: need_state,
                subjects: Vec::new(),
                locator: None,
            };
            Exposure { needs: vec![need], ..exposure(&format!("MX{server}"), cve, state, used) }
        })
}

fn any_organisation() -> impl Strategy<Value = Organisation> {
    let verdicts =
        [Verdict::NoTrace, Verdict::CannotTell, Verdict::AttemptedOnly, Verdict::Likely, Verdict::Yes];
    let verdict = move || prop::sample::select(verdicts.to_vec());
    let findings = prop::collection::vec(any_finding(), 0..6);
    let exposure = prop::collection::vec(any_exposure(), 0..6);
    let answers = prop::array::uniform3((verdict(), verdict()));
    (findings, exposure, answers).prop_map(|(findings, exposure, answers)| {
        let mut organisation = Organisation { findings, exposure, ..Organisation::default() };
        for (number, (broken_into, still_inside)) in (1..).zip(answers) {
            organisation = organisation.with(&format!("MX{number}"), broken_into, still_inside);
        }
        organisation
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Nothing without a reason, nothing twice, nothing before what it comes after, and the same again.
    #[test]
    fn any_plan_holds(organisation in any_organisation()) {
        let plan = organisation.plan();
        let mut done = BTreeSet::new();
        for action in &plan.actions {
            prop_assert!(!action.findings.is_empty() || !action.exposures.is_empty() || action.because_of_gaps);
            prop_assert!(action.after.iter().all(|earlier| done.contains(earlier)), "{}", action.id);
            prop_assert!(done.insert(action.key.clone()), "{} stands twice", action.id);
            prop_assert!(!action.targets.is_empty());
            let named: BTreeSet<_> = action.targets.iter().flat_map(|target| &target.servers).collect();
            prop_assert_eq!(named, action.servers.iter().collect());
            let broken = action.servers.iter().any(|server| {
                organisation.answers[server].iter().any(|answer| answer.verdict >= Verdict::Likely)
                    || organisation.findings.iter().any(|f| f.server == *server && f.grade >= Grade::Reached)
            });
            prop_assert!(broken || !matches!(action.kind, ActionKind::Contain | ActionKind::Report), "{}", action.id);
        }
        prop_assert_eq!(&organisation.plan(), &plan);
        let mut shuffled = organisation.clone();
        shuffled.findings.reverse();
        shuffled.exposure.reverse();
        let ids = |plan: &Plan| plan.actions.iter().map(|action| action.id.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&shuffled.plan()), ids(&plan));
    }
}
