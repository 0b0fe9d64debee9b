//! Each check against a later case that shows it done, one that shows it not done, and one that does not reach.

mod case;

use super::*;
use afterpatch_model::{
    CaseResult, Check, CheckOutcome, Coverage, Exposure, Finding, FlawState, HostName, Mitigation, Need,
    NeedState, Question,
};
use case::{
    SHELL, after, at, before, case, coverage, exposed, exposure, file, finding, locator, logged, say, seen,
    shell, span, step, with_build, with_file,
};

fn need(id: &str, state: NeedState) -> Need {
    Need { id: id.into(), state, subjects: vec!["owa".into()], locator: Some(locator("config")) }
}

fn compare(before: &CaseResult, after: &CaseResult, facts: &Facts) -> VerifyResult {
    let facts_before = Facts::default();
    let places = Places::new();
    verify(Compared { version: "0", before, facts_before: &facts_before, after, facts, places: &places })
}

/// Holds one check to a later case.
fn check(check: Check, before: CaseResult, after: &CaseResult, facts: &Facts) -> CheckOutcome {
    let before = CaseResult { plan: vec![step(&[check])], ..before };
    compare(&before, after, facts).actions.remove(0).checks.remove(0)
}

fn plainly(one: Check, after: &CaseResult, facts: &Facts) -> Completion {
    check(one, before(), after, facts).completion
}

#[test]
fn a_path_is_absent_only_where_its_folder_was_collected() {
    let absent = || Check::PathAbsent { path: SHELL.into() };
    let done = check(absent(), before(), &after(), &Facts::default());
    assert_eq!(done.completion, Completion::Done);
    assert_eq!(done.grounds.covered[0].folder, r"C:\inetpub\wwwroot", "what covers the place is named");
    let there = check(absent(), before(), &after(), &with_file(SHELL));
    assert_eq!(there.completion, Completion::NotDone);
    assert_eq!(there.grounds.proofs[0].what, SHELL);

    let mut no_folder = after();
    no_folder.coverage.retain(|row| row.source != "served-files");
    let unsure = check(absent(), before(), &no_folder, &Facts::default());
    assert_eq!(unsure.completion, Completion::CannotTell);
    assert_eq!(unsure.grounds.missing[0].folder, r"C:\inetpub\wwwroot\aspnet_client");

    // The web root was collected, but not this folder of it: the other file in it is missing too.
    let mut thinner = after();
    thinner.artifacts = vec![file(r"C:\inetpub\wwwroot\iisstart.htm")];
    assert_eq!(plainly(absent(), &thinner, &Facts::default()), Completion::CannotTell);
    // A list of the whole volume makes up for it; one of another volume does not.
    thinner.coverage.push(coverage("mft", "", "D:", &[]));
    assert_eq!(plainly(absent(), &thinner, &Facts::default()), Completion::CannotTell);
    thinner.coverage.push(coverage("mft", "", "C:", &[]));
    assert_eq!(plainly(absent(), &thinner, &Facts::default()), Completion::Done);
}

#[test]
fn nothing_is_done_in_a_case_that_is_no_later_or_lacks_the_server() {
    let absent = || Check::PathAbsent { path: SHELL.into() };
    assert_eq!(plainly(absent(), &before(), &Facts::default()), Completion::CannotTell);
    let older = case("2021-02-01", "2021-02-10");
    assert_eq!(plainly(absent(), &older, &Facts::default()), Completion::CannotTell);
    // What is there is there, whenever it was collected.
    assert_eq!(plainly(absent(), &older, &with_file(SHELL)), Completion::NotDone);
    let mut undated = after();
    undated.coverage.retain(|row| row.spans.is_empty());
    assert_eq!(plainly(absent(), &undated, &Facts::default()), Completion::CannotTell);
    let mut other = after();
    other.servers[0].server.name = HostName::parse("MX2").unwrap();
    let outcome = check(absent(), before(), &other, &with_file(SHELL));
    assert_eq!(outcome.completion, Completion::CannotTell);
    assert_eq!(outcome.grounds.reasons[0].key, "verify-server-not-in-after");
}

#[test]
fn a_build_fixes_what_the_later_case_shows_fixed() {
    let cve = "CVE-2021-26855";
    let fixes = || Check::BuildFixes { cves: vec![cve.into()] };
    let later = Some("2021-03-08");
    assert_eq!(plainly(fixes(), &after(), &with_build(later)), Completion::Done, "never open since");
    for (state, completion) in [
        (FlawState::Fixed, Completion::Done),
        (FlawState::NeedsMore, Completion::Done),
        (FlawState::MaybeOpen, Completion::CannotTell),
        (FlawState::Open, Completion::NotDone),
    ] {
        let after = exposed(after(), vec![exposure(cve, state)]);
        assert_eq!(plainly(fixes(), &after, &with_build(later)), completion, "{state:?}");
    }
    // No build, or none since the earlier case: whatever was fixed then, nothing says so now.
    assert_eq!(plainly(fixes(), &after(), &Facts::default()), Completion::CannotTell);
    assert_eq!(plainly(fixes(), &after(), &with_build(Some("2021-03-05"))), Completion::CannotTell);
    assert_eq!(
        plainly(fixes(), &after(), &with_build(None)),
        Completion::Done,
        "a file's version has no time"
    );
}

#[test]
fn a_flaw_that_came_out_since_is_told_of_and_leaves_no_step_undone() {
    let (cve, later) = ("CVE-2021-26855", "CVE-2021-34473");
    let known = |from: &str| Exposure { known_from: Some(at(from)), ..exposure(later, FlawState::Open) };
    let both = || Check::BuildFixes { cves: vec![cve.into(), later.into()] };
    let facts = with_build(Some("2021-03-12"));
    let planned = |case: CaseResult| {
        let mut plan = step(&[both()]);
        plan.targets[0].note = say("install CU20");
        CaseResult { plan: vec![plan], ..case }
    };
    let of = |known: Exposure| check(both(), before(), &planned(exposed(after(), vec![known])), &facts);

    let since = of(known("2021-04-13"));
    assert_eq!((since.completion, since.counts), (Completion::Done, true));
    let keys: Vec<_> = since.grounds.reasons.iter().map(|reason| reason.key.as_str()).collect();
    assert_eq!(keys, ["verify-build-fixes", "verify-flaws-since"]);
    assert_eq!(since.grounds.reasons[0].args["cves"], cve, "only what it fixes");
    assert_eq!(since.since, say("install CU20"), "the later plan names the update");
    let in_time = of(known("2021-03-10"));
    assert_eq!((in_time.completion, in_time.since), (Completion::NotDone, say("")));

    // Of a step that was written for nothing else, nothing can be said, and nothing is left undone.
    let alone = Check::BuildFixes { cves: vec![later.into()] };
    let outcome = check(alone, before(), &exposed(after(), vec![known("2021-04-13")]), &facts);
    assert_eq!((outcome.completion, outcome.counts), (Completion::CannotTell, false));
}

#[test]
fn a_need_beside_the_build_is_not_the_updates() {
    let cve = "CVE-2024-21410";
    let mut flaw = exposure(cve, FlawState::MaybeOpen);
    flaw.needs = vec![need("extended-protection", NeedState::Unknown)];
    let after = exposed(after(), vec![flaw]);
    let facts = with_build(Some("2021-03-08"));
    let fixes = Check::BuildFixes { cves: vec![cve.into()] };
    assert_eq!(check(fixes, before(), &after, &facts).completion, Completion::Done);
    let met = Check::PrerequisiteMet { id: "extended-protection".into(), by_hand: false };
    assert_eq!(check(met, before(), &after, &facts).completion, Completion::CannotTell);
}

#[test]
fn a_mitigation_is_no_fix() {
    let cve = "CVE-2021-26855";
    let mut open = exposure(cve, FlawState::Open);
    open.mitigations.push(Mitigation {
        id: "eomt".into(),
        first: None,
        last: None,
        locator: locator("eomt"),
    });
    let before = exposed(before(), vec![exposure(cve, FlawState::Open)]);
    let after = exposed(after(), vec![open]);
    let facts = with_build(Some("2021-03-08"));
    let outcome = check(Check::BuildFixes { cves: vec![cve.into()] }, before.clone(), &after, &facts);
    assert_eq!(outcome.completion, Completion::NotDone);
    assert!(outcome.grounds.reasons.iter().any(|reason| reason.key == "verify-mitigated-only"));
    let server = compare(&before, &after, &facts).servers.remove(0);
    assert_eq!(server.patched, Some(Completion::NotDone));
    assert!(server.reasons.iter().any(|reason| reason.key == "verify-mitigated-only"));
}

#[test]
fn a_prerequisite_is_met_missing_or_unknown() {
    let id = "extended-protection";
    let with = |state, known_from: Option<&str>| {
        let mut one = exposure("CVE-2024-21410", FlawState::NeedsMore);
        one.needs = vec![need(id, state)];
        one.known_from = known_from.map(at);
        exposed(after(), vec![one])
    };
    let of = |by_hand, case: &CaseResult, facts: &Facts| {
        let met = Check::PrerequisiteMet { id: id.into(), by_hand };
        let outcome = check(met, before(), case, facts);
        (outcome.completion, outcome.counts)
    };
    let none = Facts::default();
    for by_hand in [false, true] {
        assert_eq!(of(by_hand, &with(NeedState::Met, None), &none), (Completion::Done, true));
        assert_eq!(of(by_hand, &with(NeedState::Unmet, None), &none), (Completion::NotDone, true));
        // What no evidence shows is left to a person, as long as nothing shows it missing.
        let unknown = of(by_hand, &with(NeedState::Unknown, None), &none);
        assert_eq!(unknown, (Completion::CannotTell, !by_hand));
        let later = of(by_hand, &with(NeedState::Unmet, Some("2022-08-09")), &none);
        assert_eq!(later, (Completion::CannotTell, false), "the flaw came out after the evidence ended");
    }
    // No flaw that needs it is left: with a build that shows so, it is done.
    assert_eq!(of(false, &after(), &with_build(Some("2021-03-08"))), (Completion::Done, true));
    assert_eq!(of(false, &after(), &none), (Completion::CannotTell, true));
}

#[test]
fn a_setting_is_gone_only_where_its_kind_was_collected() {
    let set = |value: &str, source: &str, time: Option<&str>| Set {
        value: value.into(),
        source: source.into(),
        sighting: seen(value, time),
    };
    let with = |sets: Vec<Set>| {
        let mut facts = Facts::default();
        facts.settings.insert(("MX1".into(), "global_module".into()), sets);
        facts
    };
    let mut after = after();
    after.coverage.push(coverage("configuration", "", r"C:\Windows\System32\inetsrv", &[]));
    let gone = || Check::SettingAbsent { name: "global_module".into(), value: "Evil.dll".into() };
    let of = |sets| plainly(gone(), &after, &with(sets));
    assert_eq!(of(vec![set("evil.DLL", "configuration", None)]), Completion::NotDone);
    assert_eq!(of(vec![set("good.dll", "configuration", None)]), Completion::Done);
    assert_eq!(of(vec![]), Completion::CannotTell);
    // An event of before the earlier case's end tells how it was then.
    assert_eq!(of(vec![set("evil.dll", "evtx", Some("2021-03-02"))]), Completion::CannotTell);
    assert_eq!(of(vec![set("evil.dll", "evtx", Some("2021-03-08"))]), Completion::NotDone);
}

#[test]
fn a_server_is_cut_off_where_the_logs_since_hold_no_public_address() {
    let cut_off = || Check::NotReached { since: None };
    assert_eq!(plainly(cut_off(), &after(), &Facts::default()), Completion::Done);
    let reached = |time| {
        let mut facts = Facts::default();
        facts.reached.insert("MX1".into(), seen("203.0.113.5", Some(time)));
        facts
    };
    // It may have been let in again when all was done: until when it was cut off, a person knows.
    let back = check(cut_off(), before(), &after(), &reached("2021-03-07"));
    assert_eq!((back.completion, back.counts), (Completion::CannotTell, false));
    assert_eq!(back.grounds.proofs[0].what, "203.0.113.5");
    assert_eq!(
        plainly(cut_off(), &after(), &reached("2021-03-05")),
        Completion::Done,
        "before the end of the first"
    );
    let mut gap = after();
    gap.coverage[2].spans = vec![span("2021-03-09", "2021-03-12")];
    let outcome = check(cut_off(), before(), &gap, &Facts::default());
    assert_eq!(outcome.completion, Completion::CannotTell);
    assert_eq!(outcome.grounds.missing[0].span, Some(span("2021-03-06", "2021-03-09")));
}

#[test]
fn nothing_new_needs_the_logs_and_no_trace_in_them() {
    let nothing = || Check::NothingNew { since: None };
    assert_eq!(plainly(nothing(), &after(), &Facts::default()), Completion::Done);
    let found = |time| CaseResult { findings: vec![logged(time)], ..after() };
    assert_eq!(plainly(nothing(), &found("2021-03-08"), &Facts::default()), Completion::NotDone);
    assert_eq!(
        plainly(nothing(), &found("2021-03-02"), &Facts::default()),
        Completion::Done,
        "old traces, read again"
    );
    let mut tried = found("2021-03-08");
    tried.findings[0].detections[0].grade = Grade::Attempted;
    assert_eq!(
        plainly(nothing(), &tried, &Facts::default()),
        Completion::Done,
        "whoever only tries is nothing new"
    );
    let mut gap = after();
    gap.coverage.retain(|row| row.source != "ecp-server");
    assert_eq!(plainly(nothing(), &gap, &Facts::default()), Completion::CannotTell);
}

#[test]
fn evidence_is_kept_whole_in_part_or_not_at_all() {
    let kept = |source: &str, from: Option<&str>| Check::Covered {
        source: source.into(),
        from: from.map(at),
        until: None,
    };
    let of = |source, from| plainly(kept(source, from), &after(), &Facts::default());
    assert_eq!(of("iis-w3c", Some("2021-03-06")), Completion::Done);
    assert_eq!(of("iis-w3c", Some("2021-03-01")), Completion::Done, "the earlier case has its part");
    assert_eq!(of("iis-w3c", Some("2021-02-20")), Completion::NotDone, "a part of it is missing");
    assert_eq!(of("evtx", Some("2021-03-06")), Completion::CannotTell, "it may lie elsewhere");
    assert_eq!(of("served-files", None), Completion::Done);
    assert_eq!(of("registry", None), Completion::CannotTell);
}

#[test]
fn the_scope_is_known_where_both_cases_leave_no_gap_since_the_first_trace() {
    let scoped = || Check::Scoped { from: Some(at("2021-03-02")) };
    let whole = || {
        let mut case = after();
        let folders = [("frontend", r"E:\Ex\FrontEnd\HttpProxy"), ("clientaccess", r"E:\Ex\ClientAccess")];
        case.coverage.extend(folders.map(|(scope, folder)| coverage("served-files", scope, folder, &[])));
        case
    };
    let of = |case: &CaseResult| check(scoped(), before(), case, &Facts::default());
    let done = of(&whole());
    assert_eq!(done.completion, Completion::Done);
    assert!(done.grounds.covered.iter().any(|row| row.source == "served-files"));

    let mut gap = whole();
    gap.coverage[1].spans = vec![span("2021-03-06", "2021-03-08"), span("2021-03-09", "2021-03-12")];
    let unsure = of(&gap);
    assert_eq!(unsure.completion, Completion::CannotTell, "a day of one log");
    assert_eq!(unsure.grounds.missing.len(), 1);
    assert_eq!(unsure.grounds.missing[0].span, Some(span("2021-03-08", "2021-03-09")));

    let unsure = of(&after());
    assert_eq!(unsure.completion, Completion::CannotTell, "two served folders");
    assert_eq!(unsure.grounds.missing.len(), 2);
    let mut site = whole();
    site.coverage.push(Coverage { artifacts: 0, ..coverage("served-files", r"d:\mail", r"D:\mail", &[]) });
    assert_eq!(
        of(&site).completion,
        Completion::CannotTell,
        "a site points at a folder that nobody collected"
    );

    // The first trace lies before what the earlier case covers.
    let early = Check::Scoped { from: Some(at("2021-02-20")) };
    assert_eq!(check(early, before(), &whole(), &Facts::default()).completion, Completion::CannotTell);
}

#[test]
fn a_flaw_that_was_open_unseen_before_the_first_trace_is_told_of() {
    let mut flaw = exposure("CVE-2021-26855", FlawState::Open);
    flaw.to_cover = vec![span("2021-01-01", "2021-03-06")];
    let before = exposed(before(), vec![flaw]);
    let mut whole = after();
    for scope in ["frontend", "clientaccess"] {
        whole.coverage.push(coverage("served-files", scope, scope, &[]));
    }
    let scoped = || Check::Scoped { from: Some(at("2021-03-02")) };
    let outcome = check(scoped(), before.clone(), &whole, &Facts::default());
    assert_eq!(outcome.completion, Completion::Done);
    let args = &outcome.grounds.reasons[1].args;
    assert_eq!((args["from"].as_str(), args["until"].as_str()), ("2021-01-01", "2021-03-01"));
    // Old logs that turn up are added to the later case.
    for row in &mut whole.coverage {
        if !row.spans.is_empty() {
            row.spans = vec![span("2020-12-30", "2021-03-12")];
        }
    }
    let outcome = check(scoped(), before, &whole, &Facts::default());
    assert_eq!((outcome.completion, outcome.grounds.reasons.len()), (Completion::Done, 1));
}

#[test]
fn a_scan_is_done_when_the_last_one_came_to_its_end_and_met_nothing() {
    let scan = |ended: Option<&str>, met: &[&str]| Scan {
        began: None,
        ended: ended.map(|time| seen("Finished", Some(time))),
        met: met.iter().map(|time| seen("Backdoor", Some(time))).collect(),
    };
    let of = |scans: Vec<Scan>| {
        let mut facts = Facts::default();
        facts.scans.insert("MX1".into(), scans);
        let outcome = check(Check::Scanned, before(), &after(), &facts);
        let proven = !outcome.grounds.proofs.is_empty();
        (outcome.completion, outcome.grounds.reasons[0].key.clone(), proven)
    };
    let clean = || scan(Some("2021-03-10"), &[]);
    let told = |completion, key: &str, proven| (completion, key.to_owned(), proven);
    assert_eq!(of(vec![clean()]), told(Completion::Done, "verify-scan-clean", true));
    let dirty = || scan(Some("2021-03-09"), &["2021-03-08"]);
    assert_eq!(of(vec![dirty()]), told(Completion::NotDone, "verify-scan-met", true));
    assert_eq!(of(vec![dirty(), clean()]), told(Completion::Done, "verify-scan-clean", true));
    let met_after = of(vec![clean(), scan(None, &["2021-03-11"])]);
    assert_eq!(met_after, told(Completion::NotDone, "verify-scan-met", true));
    let unfinished = scan(None, &[]);
    assert_eq!(of(vec![unfinished.clone()]), told(Completion::CannotTell, "verify-scan-none", false));
    let begun = Scan { began: Some(at("2021-03-10")), ..unfinished };
    assert_eq!(of(vec![begun]), told(Completion::CannotTell, "verify-scan-unfinished", false));
    let old = scan(Some("2021-03-04"), &[]);
    assert_eq!(of(vec![old]), told(Completion::CannotTell, "verify-scan-none", false));
    assert_eq!(plainly(Check::Scanned, &after(), &Facts::default()), Completion::CannotTell);
}

#[test]
fn a_finding_among_the_checks_of_a_line_is_held_to_its_own_server_only() {
    let mut case = found(shell());
    let mut plan = step(&[Check::FindingGone { finding: shell().id }]);
    plan.targets[0].servers.push("MX2".into());
    case.plan = vec![plan];
    let action = compare(&case, &after(), &Facts::default()).actions.remove(0);
    assert_eq!(action.checks.len(), 1);
    assert_eq!(action.checks[0].server.as_deref(), Some("MX1"));
}

#[test]
fn what_only_a_person_knows_counts_for_nothing_but_itself() {
    let before = |checks: &[Check]| CaseResult { plan: vec![step(checks)], ..before() };
    let result = compare(&before(&[Check::ByHand]), &after(), &Facts::default());
    assert!(result.actions[0].by_hand);
    assert_eq!((result.actions[0].completion, result.completion), (Completion::CannotTell, Completion::Done));
    let both = [Check::ByHand, Check::PathAbsent { path: SHELL.into() }];
    let result = compare(&before(&both), &after(), &Facts::default());
    assert!(!result.actions[0].by_hand);
    assert_eq!(result.actions[0].completion, Completion::Done);
}

#[test]
fn a_step_is_as_far_as_its_least_check() {
    let checks = [Check::PathAbsent { path: SHELL.into() }, Check::NotReached { since: None }];
    let before = CaseResult { plan: vec![step(&checks)], ..before() };
    let mut gap = after();
    gap.coverage.retain(|row| row.source != "iis-w3c");
    assert_eq!(compare(&before, &gap, &Facts::default()).completion, Completion::CannotTell);
    assert_eq!(compare(&before, &gap, &with_file(SHELL)).completion, Completion::NotDone);
    assert_eq!(compare(&before, &after(), &Facts::default()).completion, Completion::Done);
}

fn fate_of(before: &CaseResult, after: &CaseResult, facts: &Facts) -> FindingOutcome {
    compare(before, after, facts).findings.remove(0)
}

fn found(finding: Finding) -> CaseResult {
    CaseResult { findings: vec![finding], ..before() }
}

#[test]
fn a_file_that_is_gone_is_over_where_its_folder_was_collected() {
    let over = fate_of(&found(shell()), &after(), &Facts::default());
    assert_eq!((over.fate, over.after), (Fate::Over, None));
    assert!(!over.grounds.covered.is_empty());
    let mut no_folder = after();
    no_folder.coverage.retain(|row| row.source != "served-files");
    let unsure = fate_of(&found(shell()), &no_folder, &Facts::default());
    assert_eq!(unsure.fate, Fate::CannotTell);
    assert!(!unsure.grounds.missing.is_empty());
}

#[test]
fn what_is_left_is_named_kind_by_kind() {
    let keys = |outcome: &FindingOutcome| -> Vec<String> {
        outcome.grounds.reasons.iter().map(|reason| reason.key.clone()).collect()
    };
    let with = |finding| CaseResult { findings: vec![finding], ..after() };
    let there = fate_of(&found(shell()), &with(shell()), &with_file(SHELL));
    assert_eq!((there.fate, keys(&there)), (Fate::Remains, vec!["verify-left-file".to_owned()]));
    assert_eq!(there.grounds.proofs.len(), 1, "one file is one proof");
    // The file is there, whatever the later rules call it.
    let unnamed = fate_of(&found(shell()), &after(), &with_file(SHELL));
    assert_eq!(unnamed.fate, Fate::Remains);

    let path = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\1\2\x.aspx.1a2b3c4d.compiled";
    let compiled =
        finding("web-shell", Question::StillInside, "served-files", path, "2021-03-02", Grade::Executed);
    let half = fate_of(&found(shell()), &with(compiled), &Facts::default());
    assert_eq!((half.fate, keys(&half)), (Fate::Remains, vec!["verify-left-compiled".to_owned()]));

    let mut after = with(finding(
        "web-shell",
        Question::StillInside,
        "health-checker",
        "",
        "2021-03-08",
        Grade::Persists,
    ));
    after.coverage.push(coverage("health-checker", "", r"C:\Scripts", &[]));
    let set = fate_of(&found(shell()), &after, &Facts::default());
    assert_eq!((set.fate, keys(&set)), (Fate::Remains, vec!["verify-left-setting".to_owned()]));
}

#[test]
fn old_traces_that_are_read_again_are_nothing_new() {
    let with = |finding| CaseResult { findings: vec![finding], ..after() };
    let old = fate_of(&found(logged("2021-03-02")), &with(logged("2021-03-02")), &Facts::default());
    assert_eq!(old.fate, Fate::Over);
    let went_on = fate_of(&found(logged("2021-03-02")), &with(logged("2021-03-08")), &Facts::default());
    assert_eq!(went_on.fate, Fate::Remains);
    assert_eq!(went_on.grounds.reasons[0].key, "verify-left-used");
    assert_eq!(went_on.grounds.proofs[0].time, Some(at("2021-03-08")));
    // The earlier case tells of it itself, beyond the end of its other logs.
    let told = fate_of(&found(logged("2021-03-08")), &with(logged("2021-03-08")), &Facts::default());
    assert_eq!(told.fate, Fate::Over);
    let mut gap = after();
    gap.coverage.retain(|row| row.source != "http-proxy");
    assert_eq!(fate_of(&found(logged("2021-03-02")), &gap, &Facts::default()).fate, Fate::CannotTell);
}

/// A rule that was made in the days of the earlier case, and of which only the log tells.
fn made(claim: &str, subject: &str) -> Finding {
    Finding {
        subject: subject.into(),
        ..finding(claim, Question::StillInside, "http-proxy", "", "2021-03-02", Grade::Executed)
    }
}

#[test]
fn what_was_made_stays_until_a_log_or_a_state_shows_that_it_was_taken_back() {
    let rule = || found(made("mail-forwarding", "C.Osei: ."));
    let undone = |subject: &str, time| Facts {
        undone: [(
            ("mail-forwarding".to_owned(), subject.to_owned()),
            vec![(None, seen("Remove-InboxRule", Some(time)))],
        )]
        .into(),
        ..Facts::default()
    };
    let keys =
        |outcome: &FindingOutcome| outcome.grounds.reasons.iter().map(|r| r.key.clone()).collect::<Vec<_>>();
    let silent = fate_of(&rule(), &after(), &Facts::default());
    assert_eq!((silent.fate, keys(&silent)), (Fate::CannotTell, vec!["verify-made-not-undone".to_owned()]));
    let taken = fate_of(&rule(), &after(), &undone("c.osei: .", "2021-03-08"));
    assert_eq!((taken.fate, keys(&taken)), (Fate::Over, vec!["verify-undone".to_owned()]));
    assert_eq!(taken.grounds.proofs.len(), 1);
    for other in [undone("a.tanaka: .", "2021-03-08"), undone("c.osei: .", "2021-03-01")] {
        assert_eq!(
            fate_of(&rule(), &after(), &other).fate,
            Fate::CannotTell,
            "another's, or before it was made"
        );
    }

    let agent = || found(made("transport-agent", "Header Agent"));
    assert_eq!(fate_of(&agent(), &after(), &Facts::default()).fate, Fate::CannotTell);
    let mut collected = after();
    collected.coverage.push(coverage("configuration", "web.config", r"C:\inetpub\wwwroot", &[]));
    assert_eq!(fate_of(&agent(), &collected, &Facts::default()).fate, Fate::CannotTell, "of another thing");
    collected.coverage.push(coverage("configuration", "agents.config", r"E:\Ex\TransportRoles\Shared", &[]));
    assert_eq!(fate_of(&agent(), &collected, &Facts::default()).fate, Fate::Over);
}

#[test]
fn a_program_that_lies_where_a_thing_started_it_is_left() {
    let program = r"C:\Windows\Temp\header.dll";
    let mut agent = made("transport-agent", "Header Agent");
    agent.proofs[0].fields.insert("program".into(), program.into());
    let mut collected = after();
    collected.coverage.push(coverage("configuration", "agents.config", r"E:\Ex\TransportRoles\Shared", &[]));
    let case = found(agent);
    assert!(format!("{:?}", Asked::by(&case)).contains("/windows/temp/header.dll"));
    let left = fate_of(&case, &collected, &with_file(program));
    assert_eq!((left.fate, left.grounds.reasons[0].key.as_str()), (Fate::Remains, "verify-left-file"));
    assert_eq!(fate_of(&case, &collected, &Facts::default()).fate, Fate::Over);
}

#[test]
fn a_page_that_was_set_right_is_no_remains_of_the_changed_one() {
    let changed = finding(
        "modified-page",
        Question::StillInside,
        "served-files",
        SHELL,
        "2021-03-02",
        Grade::Attempted,
    );
    assert_eq!(fate_of(&found(changed), &after(), &with_file(SHELL)).fate, Fate::Over);
}

#[test]
fn new_findings_come_first_and_say_whether_they_happened_since() {
    let with = |time| CaseResult { findings: vec![logged(time)], ..after() };
    for (time, key) in [("2021-03-08", "verify-new-since"), ("2021-03-02", "verify-new-older")] {
        let result = compare(&before(), &with(time), &Facts::default());
        assert_eq!(result.findings[0].fate, Fate::New);
        assert_eq!(result.findings[0].grounds.reasons[0].key, key);
        assert_eq!(result.completion, Completion::NotDone, "there is more to do than the plan says");
        assert_eq!(result.servers[0].new_findings, 1);
    }
    let mut tried = with("2021-03-08");
    tried.findings[0].grade = Grade::Attempted;
    assert_eq!(compare(&before(), &tried, &Facts::default()).completion, Completion::Done);
}

#[test]
fn servers_of_one_case_only_are_said() {
    let mut other = after();
    other.servers[0].server.name = HostName::parse("MX2").unwrap();
    let result = compare(&found(shell()), &other, &Facts::default());
    let said: Vec<_> = result
        .servers
        .iter()
        .map(|server| {
            (server.name.as_str(), server.in_before, server.in_after, server.reasons[0].key.as_str())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("MX1", true, false, "verify-server-not-in-after"),
            ("MX2", false, true, "verify-server-not-in-before"),
        ]
    );
    assert_eq!(result.findings[0].fate, Fate::CannotTell);
}

#[test]
fn what_is_asked_is_what_the_checks_and_the_findings_name() {
    let checks = [
        Check::PathAbsent { path: r"C:\a.dll".into() },
        Check::SettingAbsent { name: "global_module".into(), value: "x".into() },
        Check::ByHand,
    ];
    let case = CaseResult { plan: vec![step(&checks)], ..found(shell()) };
    let asked = format!("{:?}", Asked::by(&case));
    for word in ["/a.dll", "/inetpub/wwwroot/aspnet_client/x.aspx", "global_module"] {
        assert!(asked.contains(word), "{asked}");
    }
    assert_eq!(Asked::by(&before()), Asked::default());
}
