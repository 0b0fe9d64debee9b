//! What the questions are answered from findings and coverage made by hand.

use super::*;
use afterpatch_detect::exposed::{BuildHistory, BuildSpan};
use afterpatch_detect::{Content, Traces};
use afterpatch_model::{Artifact, Coverage, Locator};
use std::collections::BTreeMap;

fn row(source: &str, scope: &str, from: &str, until: &str) -> Coverage {
    Coverage {
        server: "MX1".into(),
        source: source.into(),
        scope: scope.into(),
        folder: format!("folder of {source}"),
        spans: vec![Span { from: from.parse().unwrap(), until: until.parse().unwrap() }],
        artifacts: 1,
        records: 10,
    }
}

fn logs(from: &str, until: &str) -> Vec<Coverage> {
    [("http-proxy", "ecp"), ("ecp-server", ""), ("iis-w3c", "w3svc1")]
        .map(|(source, scope)| row(source, scope, from, until))
        .to_vec()
}

fn answer_of(coverage: &[Coverage], findings: &[Finding], question: usize) -> Answer {
    answer_with(&BuildHistory::new(), coverage, findings, question)
}

fn answer_with(
    builds: &BuildHistory,
    coverage: &[Coverage],
    findings: &[Finding],
    question: usize,
) -> Answer {
    let content = Content::load(&[]).0;
    let looked_for = BTreeMap::from([("CVE-2021-26855", Traces::Plain)]);
    let evidence = Evidence {
        looked_for: &looked_for,
        findings,
        exposure: &[],
        builds,
        coverage,
        knowledge: content.knowledge(),
    };
    of_server(&evidence, "MX1").remove(question)
}

#[test]
fn of_a_build_whose_files_no_list_has_it_is_said() {
    let said = |builds: &[&str], coverage: &[Coverage]| {
        let locator = Locator { artifact: Artifact::derive_id(None, "b", ""), record: 1 };
        let span = |build: &&str| BuildSpan {
            build: build.parse().unwrap(),
            first: None,
            last: None,
            locator: locator.clone(),
        };
        let builds = BuildHistory::from([("MX1".to_owned(), builds.iter().map(span).collect())]);
        let answer = answer_with(&builds, coverage, &[], 2);
        let found = answer.reasons.into_iter().find(|reason| reason.key == "files-of-unknown-build");
        found.map(|reason| reason.args["builds"].clone())
    };
    let served = [row("served-files", "frontend", "1970-01-01", "1970-01-01")];
    let (known, later) = ("15.1.2106.2", "15.1.2507.6");
    assert_eq!(said(&[known, later], &served).as_deref(), Some(later));
    assert_eq!(said(&[known], &served), None);
    assert_eq!(said(&[later], &[]), None);
}

fn finding(claim: &str, question: Question, grade: Grade, confidence: Level) -> Finding {
    let text = afterpatch_model::Message::default();
    Finding {
        id: Finding::derive_id(claim, "MX1", ""),
        claim: claim.into(),
        question,
        server: "MX1".into(),
        subject: "x.aspx".into(),
        grade,
        confidence,
        title: text.clone(),
        summary: text.clone(),
        cves: vec![],
        techniques: vec![],
        first: None,
        last: None,
        reasons: vec![],
        false_alarms: text,
        detections: vec![],
        against: vec![],
        proofs: vec![],
    }
}

#[test]
fn no_trace_needs_every_log_over_the_whole_time() {
    let covered = logs("2021-01-01", "2021-03-20");
    assert_eq!(answer_of(&covered, &[], 1).verdict, Verdict::NoTrace);
    for missing in 0..covered.len() {
        let mut coverage = covered.clone();
        let lost = coverage.remove(missing);
        let answer = answer_of(&coverage, &[], 1);
        assert_eq!(answer.verdict, Verdict::CannotTell, "{}", lost.source);
        assert!(answer.missing.iter().any(|gap| gap.source == lost.source), "{:?}", answer.missing);
    }
    let late = answer_of(&logs("2021-03-10", "2021-03-20"), &[], 1);
    assert_eq!(late.verdict, Verdict::CannotTell);
    let span = late.missing[0].span.unwrap();
    assert_eq!((span.from.day().as_str(), span.until.day().as_str()), ("2021-01-01", "2021-03-10"));
}

#[test]
fn an_attempt_is_no_break_in_and_no_clean_bill_either() {
    let tried = [finding("proxylogon-ssrf", Question::BrokenInto, Grade::Attempted, Level::Low)];
    assert_eq!(answer_of(&logs("2021-01-01", "2021-03-20"), &tried, 1).verdict, Verdict::AttemptedOnly);
    assert_eq!(answer_of(&logs("2021-03-10", "2021-03-20"), &tried, 1).verdict, Verdict::CannotTell);
    let reached = [finding("proxylogon-ssrf", Question::BrokenInto, Grade::Reached, Level::Medium)];
    assert_eq!(answer_of(&logs("2021-01-01", "2021-03-20"), &reached, 1).verdict, Verdict::Likely);
    let sure = [finding("proxylogon-ssrf", Question::BrokenInto, Grade::Executed, Level::High)];
    assert_eq!(answer_of(&[], &sure, 1).verdict, Verdict::Yes, "proof needs no coverage");
}

#[test]
fn a_log_that_was_tampered_with_is_no_break_in_and_its_silence_says_nothing() {
    let cleared = finding("log-tampering", Question::BrokenInto, Grade::Executed, Level::High);
    let covered = logs("2021-01-01", "2021-03-20");
    let answer = answer_of(&covered, std::slice::from_ref(&cleared), 1);
    assert_eq!(answer.verdict, Verdict::CannotTell);
    assert!(answer.reasons.iter().any(|reason| reason.key == "logs-tampered"), "{:?}", answer.reasons);
    assert_eq!(answer.findings, std::slice::from_ref(&cleared.id));
    let entered = finding("proxylogon-ssrf", Question::BrokenInto, Grade::Executed, Level::High);
    assert_eq!(answer_of(&covered, &[cleared, entered], 1).verdict, Verdict::Yes);
}

#[test]
fn what_was_made_ready_to_leave_is_told_and_its_extent_is_not() {
    let packed = |grade, level| [finding("staging", Question::WhatLeft, grade, level)];
    let verdict = |grade, level| answer_of(&[], &packed(grade, level), 3).verdict;
    assert_eq!(verdict(Grade::Executed, Level::High), Verdict::Yes);
    assert_eq!(verdict(Grade::Executed, Level::Medium), Verdict::Likely);
    assert_eq!(verdict(Grade::Attempted, Level::Low), Verdict::CannotTell);
    let answer = answer_of(&[], &packed(Grade::Executed, Level::High), 3);
    let keys: Vec<_> = answer.reasons.iter().map(|reason| reason.key.as_str()).collect();
    assert_eq!(keys, ["left-seen", "left-extent"]);
    assert!(!answer.missing.is_empty(), "how much left, only flows tell");
}

#[test]
fn a_scanner_and_a_patch_speak_against_a_break_in() {
    let mut tried = finding("proxylogon-ssrf", Question::BrokenInto, Grade::Attempted, Level::Low);
    tried.reasons = ["one-trace", "scanner", "blocked-patched"].map(|key| Reason::new(key, &[])).to_vec();
    let answer = answer_of(&logs("2021-01-01", "2021-03-20"), &[tried], 1);
    let against: Vec<_> = answer.against.iter().map(|reason| reason.key.as_str()).collect();
    assert_eq!(against, ["blocked-patched", "scanner"]);
    assert!(answer.reasons.iter().all(|reason| reason.key != "scanner"));
}

#[test]
fn what_ran_and_was_not_collected_is_an_open_question() {
    let ran = [finding("web-shell", Question::StillInside, Grade::Executed, Level::High)];
    let answer = answer_of(&logs("2021-01-01", "2021-03-20"), &ran, 2);
    assert_eq!(answer.verdict, Verdict::CannotTell);
    assert_eq!(answer.reasons[0].key, "written-not-collected");
    let served = answer.missing.iter().filter(|gap| gap.would_show == "served-files");
    assert_eq!(served.count(), 3, "every served folder");
    let there = [finding("web-shell", Question::StillInside, Grade::Persists, Level::High)];
    assert_eq!(answer_of(&[], &there, 2).verdict, Verdict::Yes);
    let foreign = [finding("web-shell", Question::StillInside, Grade::Persists, Level::Medium)];
    assert_eq!(answer_of(&[], &foreign, 2).verdict, Verdict::Likely);
}

/// A source, its scope, and what it would show.
type Shown<'s> = (&'s str, &'s str, &'s str);

#[test]
fn what_is_not_there_is_named_question_by_question_and_holds_back_nothing_that_it_does_not_decide() {
    let served = ["wwwroot", "frontend", "clientaccess"]
        .map(|scope| row("served-files", scope, "1970-01-01", "1970-01-01"));
    let decisive = [logs("2021-01-01", "2021-03-20"), served.to_vec()].concat();
    let shows = |coverage: &[Coverage], question| {
        let answer = answer_of(coverage, &[], question);
        answer.missing.into_iter().map(|gap| gap.would_show).collect::<BTreeSet<_>>()
    };
    let expected: [(usize, &[Shown<'_>]); 3] = [
        (
            0,
            &[
                ("exchange-setup", "", "setup-log"),
                ("registry", "software", "installed-build"),
                ("pe-version", "", "security-update"),
            ],
        ),
        (
            1,
            &[
                ("evtx", "msexchange management", "admin-commands"),
                ("evtx", "security", "logons"),
                ("mft", "", "file-table"),
            ],
        ),
        (
            2,
            &[
                ("configuration", "applicationhost.config", "web-server-configuration"),
                ("configuration", "agents.config", "transport-agents"),
                ("registry", "software", "run-keys"),
                ("registry", "system", "services"),
                ("scheduled-task", "", "scheduled-tasks"),
                ("served-files", "temporary asp.net files", "compiled-pages"),
            ],
        ),
    ];
    for (question, kinds) in expected {
        let named = shows(&decisive, question);
        for (source, scope, would_show) in kinds {
            assert!(named.contains(*would_show), "{would_show} is not named");
            let mut coverage = decisive.clone();
            coverage.push(Coverage { spans: Vec::new(), ..row(source, scope, "1970-01-01", "1970-01-01") });
            assert!(!shows(&coverage, question).contains(*would_show), "{would_show} is there");
        }
    }
    assert_eq!(answer_of(&decisive, &[], 1).verdict, Verdict::NoTrace);
    assert_eq!(answer_of(&decisive, &[], 2).verdict, Verdict::NoTrace);
    let web_config = row("configuration", "web.config", "1970-01-01", "1970-01-01");
    let named = shows(&[decisive, vec![web_config]].concat(), 2);
    assert!(
        named.contains("web-server-configuration"),
        "an application's own configuration is not the server's"
    );
}

#[test]
fn without_a_server_nothing_is_told() {
    let answers = of_organisation(&[], 0);
    assert_eq!(answers.len(), 6);
    assert!(answers.iter().all(|answer| answer.verdict == Verdict::CannotTell && answer.server.is_none()));
}

#[test]
fn clean_folders_alone_do_not_clear_a_server() {
    let served = [
        row("served-files", "wwwroot", "1970-01-01", "1970-01-01"),
        row("served-files", "frontend", "1970-01-01", "1970-01-01"),
        row("served-files", "clientaccess", "1970-01-01", "1970-01-01"),
    ];
    let all = [logs("2021-01-01", "2021-03-20"), served.to_vec()].concat();
    assert_eq!(answer_of(&all, &[], 2).verdict, Verdict::NoTrace);
    assert_eq!(answer_of(&served, &[], 2).verdict, Verdict::CannotTell);
    for missing in 0..served.len() {
        let mut coverage = all.clone();
        coverage.remove(logs("2021-01-01", "2021-03-20").len() + missing);
        assert_eq!(answer_of(&coverage, &[], 2).verdict, Verdict::CannotTell, "{missing}");
    }
    let mut site = row("served-files", r"d:\webmail", "1970-01-01", "1970-01-01");
    assert_eq!(answer_of(&[all.clone(), vec![site.clone()]].concat(), &[], 2).verdict, Verdict::NoTrace);
    site.artifacts = 0;
    let uncollected = answer_of(&[all.clone(), vec![site.clone()]].concat(), &[], 2);
    assert_eq!(uncollected.verdict, Verdict::CannotTell, "a site points at a folder that nobody collected");
    assert!(uncollected.missing.iter().any(|gap| gap.folder == site.folder));
    assert_eq!(answer_of(&all, &[], 3).verdict, Verdict::CannotTell, "no detector looks at what left");
}
