//! The plan of every case of `cases/`, kept beside it in both languages, and what holds for all of them.
//!
//! After a change that is meant, `cargo insta review` shows what became of each plan.

use crate::place::workspace;
use crate::program::{Desk, afterpatch};
use afterpatch_model::{Action, ActionKind, CaseResult};
use afterpatch_range::{Case, Layout};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn case_folders() -> Vec<PathBuf> {
    let folders = fs::read_dir(workspace().join("cases")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = folders.filter(|path| path.join("case.toml").exists()).collect();
    folders.sort();
    folders
}

/// Investigates a scenario and returns the desk with its case.
fn investigated(scenario: &str, layout: Layout) -> Desk {
    let desk = Desk::new();
    let evidence = desk.scenario(scenario, layout);
    let said = desk.investigate(&evidence, "case", &["--organisation", "Example"]);
    assert!(matches!(said.code, 0 | 3), "{scenario}: {said:?}");
    desk
}

/// Returns the plan of the case on the desk, as it is handed out.
fn handed_out(desk: &Desk, case: &str, lang: &str) -> String {
    let case = desk.path(case);
    let args = ["plan", "--case", case.to_str().unwrap(), "--format", "markdown", "--lang", lang];
    afterpatch(&args).ends(0).stdout
}

fn keep(folder: &Path, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("(?m)^afterpatch .*$", "afterpatch VERSION");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_plan_of_every_case_is_as_it_was_kept() {
    let folders = case_folders();
    assert!(folders.len() > 10);
    for folder in folders {
        let case = Case::read(&fs::read_to_string(folder.join("case.toml")).unwrap()).unwrap();
        let (scenario, layout) = case.resolve().unwrap();
        let desk = investigated(scenario.name, layout);
        for lang in ["en", "ja"] {
            keep(&folder, &format!("plan-{lang}"), &handed_out(&desk, "case", lang));
        }
        let result = desk.result("case");
        every_step_has_its_reason_and_its_place(scenario.name, &result);
        near_misses(scenario.name, &result.plan);
    }
}

fn every_step_has_its_reason_and_its_place(case: &str, result: &CaseResult) {
    assert!(!result.plan.is_empty(), "{case}");
    let turn = |server: &String| result.turns.iter().position(|turn| turn.server == *server);
    let mut done = BTreeSet::new();
    for action in &result.plan {
        let id = &action.id;
        let behind = !action.findings.is_empty() || !action.exposures.is_empty() || action.because_of_gaps;
        assert!(behind, "{case}: nothing stands behind {id}");
        assert!(action.findings.iter().all(|id| result.findings.iter().any(|finding| finding.id == *id)));
        assert!(action.after.iter().all(|earlier| done.contains(earlier)), "{case}: {id} comes too early");
        assert!(done.insert(action.key.clone()), "{case}: {id} stands twice");
        assert!(!action.targets.is_empty() && !action.servers.is_empty(), "{case}: {id}");
        let named: BTreeSet<&String> = action.targets.iter().flat_map(|target| &target.servers).collect();
        assert_eq!(named, action.servers.iter().collect(), "{case}: {id}");
        assert!(action.targets.iter().all(|target| !target.checks.is_empty()), "{case}: {id}");
        assert!(action.servers.is_sorted_by_key(turn), "{case}: {id} treats servers out of turn");
    }
}

/// Who was not broken into is not told to rebuild; who was is.
fn near_misses(case: &str, plan: &[Action]) {
    let has = |kind: ActionKind| plan.iter().any(|action| action.kind == kind);
    let steps: BTreeSet<&str> = plan.iter().map(|action| action.id.as_str()).collect();
    let broken_into = [
        "chain",
        "chain-all",
        "example",
        "shell-deleted",
        "forty-servers",
        "proxyshell",
        "covered-tracks",
        "footholds-iis",
        "footholds-exchange",
        "footholds-registry",
        "footholds-windows",
        "footholds-keys",
        "footholds-changed",
        "mailboxes-read",
        "hour-removed",
        "page-out-of-place",
    ];
    let left_no_page = ["owassrf", "viewstate", "get-app", "relay", "lesser-ways"];
    let is_open = !["benign", "patched-before", "webroot-clean", "logs-rolled-away"].contains(&case);
    if broken_into.contains(&case) {
        for step in ["isolate-server", "preserve-evidence", "remove-web-shell", "rebuild-server"] {
            assert!(steps.contains(step), "{case} lacks {step}");
        }
        assert!(has(ActionKind::Rotate) && has(ActionKind::Report), "{case}");
    } else if left_no_page.contains(&case) {
        for step in ["isolate-server", "preserve-evidence"] {
            assert!(steps.contains(step), "{case} lacks {step}");
        }
        assert!(!steps.contains("remove-web-shell"), "{case}");
    } else if ["histories", "hybrid"].contains(&case) {
        // Open to what leaves thin traces: told to look, and not to rebuild.
        for step in ["isolate-server", "remove-web-shell", "rebuild-server"] {
            assert!(!steps.contains(step), "{case} has {step}");
        }
    } else {
        for kind in [ActionKind::Contain, ActionKind::Evict, ActionKind::Rotate, ActionKind::Report] {
            assert!(!has(kind), "{case} has a step to {}", kind.name());
        }
    }
    if is_open && case != "blocked-by-amsi" {
        assert!(steps.contains("install-update"), "{case}");
        let barred = steps.contains("restrict-access") || steps.contains("isolate-server");
        assert!(barred, "{case}");
    }
}

fn steps(plan: &[Action]) -> BTreeSet<String> {
    plan.iter().map(|action| action.id.clone()).collect()
}

#[test]
fn one_plan_for_forty_servers_is_shorter_than_forty_and_begins_where_it_burns() {
    let desk = investigated("forty-servers", Layout::Folder);
    let result = desk.result("case");
    assert_eq!(result.servers.len(), 40);
    let lines = handed_out(&desk, "case", "en").lines().count();

    let evidence = desk.evidence("forty-servers", Layout::Folder);
    let alone = |server: &str| {
        desk.investigate(&evidence.join(server), server, &[]);
        (steps(&desk.result(server).plan), handed_out(&desk, server, "en").lines().count())
    };
    let (entered, open, mended) = (alone("MX17"), alone("MX07"), alone("MX40"));
    let asked_for: BTreeSet<String> =
        [&entered.0, &open.0, &mended.0].into_iter().flatten().cloned().collect();
    assert_eq!(steps(&result.plan), asked_for, "no step that no server asks for alone, and none twice");
    assert_eq!(result.plan.len(), asked_for.len());
    assert!(result.plan.len() < 2 * entered.0.len());
    assert!(lines < entered.1 + 2 * open.1, "{lines} lines; {} and {} alone", entered.1, open.1);

    let turns: Vec<&str> = result.turns.iter().map(|turn| turn.server.as_str()).collect();
    assert_eq!(turns[..3], ["MX17", "MX11", "MX29"], "the one broken into, and with it its group");
    assert_eq!(turns[3..9], ["MX01", "MX03", "MX04", "MX06", "MX33", "MX02"], "then those seen from outside");
    let group: Vec<usize> =
        (21..=24).map(|n| turns.iter().position(|t| *t == format!("MX{n}")).unwrap()).collect();
    assert_eq!(group.iter().max().unwrap() - group.iter().min().unwrap(), 3, "a group is treated together");
    assert_eq!(result.turns[1].availability_group.as_deref(), Some("DAG1"));

    let isolate = result.plan.iter().find(|action| action.id == "isolate-server").unwrap();
    assert_eq!(isolate.servers, ["MX17"], "nobody else is cut off");
    let update = result.plan.iter().find(|action| action.id == "install-update").unwrap();
    assert!(update.servers.len() >= 30 && update.targets.len() < 10, "{} lines", update.targets.len());
    assert_eq!(update.servers[0], "MX17");
}
