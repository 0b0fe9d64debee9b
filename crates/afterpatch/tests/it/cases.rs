//! Every case of `cases/`: the collection is made and investigated, and what comes out is held to what is true of
//! the scenario. `cargo xtask cases` shows the table.

use crate::place::workspace;
use crate::program::Desk;
use afterpatch_model::{Answer, CaseResult, Finding, OpenBy, Phase, Story, Timestamp};
use afterpatch_range::{Case, Truth, from_jsonl};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_case_comes_to_what_is_true() {
    let folders = case_folders();
    assert!(!folders.is_empty(), "cases/ is empty");
    let wrong: Vec<String> = folders.iter().flat_map(|folder| differences(folder)).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

fn case_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(workspace().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("case.toml").exists())
        .collect();
    folders.sort();
    folders
}

/// One row of the table: what is true, and what came out.
struct Line {
    expected: String,
    actual: String,
    holds: bool,
}

/// Runs one case, prints its table, and returns the lines that do not hold.
fn differences(folder: &Path) -> Vec<String> {
    let case = Case::read(&fs::read_to_string(folder.join("case.toml")).unwrap()).unwrap();
    let truths = from_jsonl(&fs::read_to_string(folder.join("expect.jsonl")).unwrap()).unwrap();
    let result = investigate(&case);
    let mut lines: Vec<Line> = truths.iter().map(|truth| compare(truth, &result)).collect();
    lines.extend(false_alarms(&truths, &result));
    lines.extend(idle_tales(&truths, &result));
    eprintln!("\n{} ({}): {}", case.scenario, case.layout, case.proves);
    for line in &lines {
        let mark = if line.holds { "  " } else { "✗ " };
        eprintln!("{mark}{:64} {}", line.expected, line.actual);
    }
    let wrong = lines.iter().filter(|line| !line.holds);
    wrong
        .map(|line| format!("{}: expected {}, came out {}", case.scenario, line.expected, line.actual))
        .collect()
}

fn investigate(case: &Case) -> CaseResult {
    let (scenario, layout) = case.resolve().unwrap();
    let desk = Desk::new();
    let evidence = desk.scenario(scenario.name, layout);
    let said = desk.investigate(&evidence, "case", &["--organisation", "Example"]);
    assert!(matches!(said.code, 0 | 3), "{}: {said:?}", case.scenario);
    desk.result("case")
}

fn compare(truth: &Truth, result: &CaseResult) -> Line {
    match truth {
        Truth::Answer { server, question, verdict } => {
            let answers = result.servers.iter().flat_map(|server| &server.answers);
            let of =
                |answer: &&Answer| answer.server.as_ref() == Some(server) && answer.question == *question;
            let given = answers.into_iter().find(of).map(|answer| answer.verdict);
            Line {
                expected: format!("{server} {}: {}", question.name(), verdict.name()),
                actual: given.map_or("no answer", |verdict| verdict.name()).to_owned(),
                holds: given == Some(*verdict),
            }
        }
        Truth::Exposure { server, cve } => {
            let flaws = result.servers.iter().flat_map(|server| &server.exposure);
            let open = flaws.into_iter().any(|flaw| flaw.server == *server && flaw.cve == *cve);
            Line {
                expected: format!("{server} {cve}: open"),
                actual: if open { "open" } else { "not open" }.to_owned(),
                holds: open,
            }
        }
        Truth::Window { server, cve, by, from, until } => {
            compare_window(result, (server, cve), (*by, from, until))
        }
        Truth::Story { server, phases } => compare_story(result, server, phases),
        Truth::Finding { server, claim, grade, subject } => {
            let about = |finding: &&Finding| {
                finding.server == *server
                    && finding.claim == *claim
                    && finding.subject.to_lowercase().contains(subject)
            };
            let made: Vec<&Finding> = result.findings.iter().filter(about).collect();
            let grades: Vec<&str> = made.iter().map(|finding| finding.grade.name()).collect();
            Line {
                expected: format!("{server} {claim} {subject}: {}", grade.name()),
                actual: if grades.is_empty() { "no finding".to_owned() } else { grades.join(", ") },
                holds: made.iter().any(|finding| finding.grade == *grade),
            }
        }
    }
}

/// A window is named by the days on which it begins and ends.
fn compare_window(
    result: &CaseResult,
    (server, cve): (&str, &str),
    (by, from, until): (OpenBy, &Option<String>, &Option<String>),
) -> Line {
    let days = |from: &Option<String>, until: &Option<String>| {
        format!("{}…{}", from.as_deref().unwrap_or("?"), until.as_deref().unwrap_or(""))
    };
    let day = |time: Option<Timestamp>| time.map(Timestamp::day);
    let flaws = result.servers.iter().flat_map(|server| &server.exposure);
    let of = flaws.filter(|flaw| flaw.server == server && flaw.cve == cve);
    let windows: Vec<String> = of
        .flat_map(|flaw| &flaw.windows)
        .map(|window| format!("{} {}", window.open_by.name(), days(&day(window.from), &day(window.until))))
        .collect();
    let expected = format!("{} {}", by.name(), days(from, until));
    Line {
        holds: windows.contains(&expected),
        expected: format!("{server} {cve}: {expected}"),
        actual: if windows.is_empty() { "not open".to_owned() } else { windows.join(", ") },
    }
}

/// There is one story of that server, with those steps, in order, in a dozen lines at most.
fn compare_story(result: &CaseResult, server: &str, phases: &[Phase]) -> Line {
    let names = |phases: &[Phase]| phases.iter().map(|phase| phase.name()).collect::<Vec<_>>().join(" → ");
    let told: Vec<&Story> = result.stories.iter().filter(|story| story.server == server).collect();
    let seen = |story: &&Story| {
        let phases: BTreeSet<Phase> = story.steps.iter().map(|step| step.phase).collect();
        phases.into_iter().collect::<Vec<_>>()
    };
    let in_order = |story: &&Story| story.steps.iter().filter_map(|step| step.first).is_sorted();
    let short = |story: &&Story| story.steps.len() <= 12;
    Line {
        expected: format!("{server} story: {}", names(phases)),
        actual: told.iter().map(|story| names(&seen(story))).collect::<Vec<_>>().join("; "),
        holds: told.len() == 1
            && told.iter().all(|story| seen(story) == phases && in_order(story) && short(story)),
    }
}

/// A story of a server on which nothing happened is a false alarm.
fn idle_tales(truths: &[Truth], result: &CaseResult) -> Vec<Line> {
    let is_true = |story: &&Story| {
        truths.iter().any(|truth| matches!(truth, Truth::Story { server, .. } if *server == story.server))
    };
    let line = |story: &Story| Line {
        expected: format!("{}: no story", story.server),
        actual: format!("a story of {} lines", story.steps.len()),
        holds: false,
    };
    result.stories.iter().filter(|story| !is_true(story)).map(line).collect()
}

/// A finding of a claim that is not true of its server is a false alarm.
fn false_alarms(truths: &[Truth], result: &CaseResult) -> Vec<Line> {
    let is_true = |finding: &Finding| {
        truths.iter().any(|truth| match truth {
            Truth::Finding { server, claim, .. } => *server == finding.server && *claim == finding.claim,
            Truth::Answer { .. } | Truth::Exposure { .. } | Truth::Window { .. } | Truth::Story { .. } => {
                false
            }
        })
    };
    let false_alarms = result.findings.iter().filter(|finding| !is_true(finding));
    let line = |finding: &Finding| Line {
        expected: format!("{} {}: no finding", finding.server, finding.claim),
        actual: format!("{} {}", finding.grade.name(), finding.subject),
        holds: false,
    };
    false_alarms.map(line).collect()
}
