//! What a person sees: help, exit codes, color, languages, and the parts of a result.

use crate::determinism::CHAIN;
use crate::program::{Desk, afterpatch, afterpatch_with};
use afterpatch_range::Layout;
use serde_json::Value;
use std::sync::LazyLock;

/// One investigated case, made once for the tests that only look at it.
static CASE: LazyLock<Desk> = LazyLock::new(|| {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    desk.investigate(&evidence, "case", &["--organisation", "Example"]).ends(0);
    desk
});

fn on_case(args: &[&str]) -> crate::program::Said {
    let case = CASE.path("case");
    afterpatch(&[args, &["--case", case.to_str().unwrap()]].concat())
}

#[test]
fn help_names_every_command_and_every_exit_code() {
    let said = afterpatch(&["--help"]).ends(0);
    for word in ["investigate", "query", "coverage", "custody", "  10  findings at or above --fail-on"] {
        assert!(said.stdout.contains(word), "{word}\n{}", said.stdout);
    }
}

#[test]
fn wrong_use_ends_with_two() {
    for args in [
        &[][..],
        &["no-such-command"],
        &["investigate"],
        &["investigate", "x", "--case", "y", "--fail-on", "worst"],
        &["range", "no-such-scenario", "--to", "x"],
        &["investigate", "x", "--case", "y", "--server", "../x"],
        &["investigate", "x", "--case", "y", "--tz", "MX1=Nowhere/City"],
        &["investigate", "x", "--case", "y", "--limit", "line=many"],
    ] {
        let said = afterpatch(args).ends(2);
        assert_eq!(said.stdout, "", "{args:?}");
        assert!(!said.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn completions_man_and_licenses_are_data() {
    assert!(afterpatch(&["completions", "bash"]).ends(0).stdout.contains("_afterpatch"));
    assert!(afterpatch(&["man"]).ends(0).stdout.contains(".TH afterpatch"));
    let licenses = afterpatch(&["licenses"]).ends(0).stdout;
    assert!(licenses.contains("Apache-2.0") && licenses.contains("datafusion"), "{licenses}");
}

#[test]
fn collectors_definitions_go_to_a_folder_or_to_standard_output() {
    let script = afterpatch(&["collector", "powershell"]).ends(0).stdout;
    assert!(script.contains("HttpProxy") && script.contains("param("), "{script}");
    let desk = Desk::new();
    let folder = desk.path("kape");
    afterpatch(&["collector", "kape"]).ends(2);
    let said = afterpatch(&["collector", "kape", "--to", folder.to_str().unwrap()]).ends(0);
    let written = std::fs::read_dir(&folder).unwrap().count();
    assert!(written > 1 && said.stderr.lines().count() >= written, "{}", said.stderr);
}

#[test]
fn every_rule_loads_and_passes_its_test() {
    let listed = afterpatch(&["rules", "list", "--format", "jsonl"]).ends(0).stdout;
    for line in listed.lines() {
        let rule: Value = serde_json::from_str(line).unwrap();
        assert_ne!(rule["author"], "", "{line}");
        assert_ne!(rule["license"], "", "{line}");
    }
    afterpatch(&["rules", "check"]).ends(0);
    afterpatch(&["rules", "test"]).ends(0);
}

#[test]
fn an_investigation_says_its_answers_on_stdout_and_its_report_on_stderr() {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    let said = desk.investigate(&evidence, "case", &["--fail-on", "executed"]).ends(10);
    assert!(!said.stdout.is_empty());
    assert!(said.stderr.contains("Report: ") && said.stderr.contains("index.html"), "{}", said.stderr);
    assert!(!said.stdout.contains('\u{1b}') && !said.stderr.contains('\u{1b}'), "color without a terminal");
    for file in ["index.html", "index.ja.html", "plan.md", "plan.ja.html", "plan.csv", "plan.ja.cacao.json"] {
        assert!(desk.path("case/report").join(file).exists(), "{file}");
    }
}

#[test]
fn color_is_asked_for_or_forbidden() {
    let case = CASE.path("case");
    let args = ["findings", "--case", case.to_str().unwrap()];
    let colored = |args: &[&str], environment: &[(&str, &str)]| {
        afterpatch_with(args, environment).ends(0).stdout.contains('\u{1b}')
    };
    assert!(colored(&[&args[..], &["--color", "always"]].concat(), &[]));
    assert!(colored(&args, &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&args, &[]));
    assert!(!colored(&args, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
}

/// A rule over started programs, by the ending of the parent's path.
fn rule_on_parent(title: &str, ending: &str) -> String {
    format!(
        "title: {title}\nid: {title}\nauthor: Example\nlevel: high\nlogsource:\n  product: windows\n  category: process_creation\n\
         detection:\n  selection:\n    ParentImage|endswith: '{ending}'\n  condition: selection\n"
    )
}

#[test]
fn rules_are_tried_on_samples_and_say_why_they_met_nothing() {
    let sample = CASE.evidence(CHAIN, Layout::Folder);
    let rules = CASE.path("tried-rules");
    std::fs::create_dir_all(&rules).unwrap();
    let other = "title: other\nid: other\nlogsource:\n  product: windows\n  service: dns-server\ndetection:\n  k:\n    EventID: 1\n  condition: k\n";
    for (name, text) in [
        ("hit", rule_on_parent("hit", r"\w3wp.exe").as_str()),
        ("miss", rule_on_parent("miss", r"\w3wp.com").as_str()),
        ("other", other),
    ] {
        std::fs::write(rules.join(name).with_extension("yml"), text).unwrap();
    }
    let (rules, sample) = (rules.to_str().unwrap(), sample.to_str().unwrap());
    let said = afterpatch(&["rules", "test", rules, sample, "--format", "csv"]).ends(0);
    let rows: Vec<&str> = said.stdout.lines().skip(1).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.starts_with("hit,high,hit,Example,")), "{rows:?}");
    for told in ["miss: met nothing\n", "other: met nothing; no fact", "3 rules, 1 of them met"] {
        assert!(said.stderr.contains(told), "{told}: {}", said.stderr);
    }
}

#[test]
fn japanese_is_spoken_where_asked() {
    let is_japanese = |text: &str| text.chars().any(|c| ('ぁ'..='ん').contains(&c));
    for command in ["findings", "timeline", "coverage"] {
        assert!(is_japanese(&on_case(&[command, "--lang", "ja"]).ends(0).stdout), "{command}");
    }
    let page = std::fs::read_to_string(CASE.path("case/report/index.ja.html")).unwrap();
    assert!(is_japanese(&page) && page.contains("lang=\"ja\""));
}

#[test]
fn the_parts_of_a_result_come_in_every_format() {
    for (command, formats) in [
        ("findings", &["table", "csv", "jsonl", "json"][..]),
        ("timeline", &["table", "csv", "jsonl", "timesketch"]),
        ("coverage", &["table", "csv", "jsonl", "json"]),
        ("plan", &["table", "markdown", "html", "csv", "json", "cacao"]),
    ] {
        for format in formats {
            let said = on_case(&[command, "--format", format]).ends(0);
            assert!(!said.stdout.is_empty(), "{command} {format}");
            let lines = if matches!(*format, "jsonl" | "timesketch") {
                said.stdout.lines().collect()
            } else {
                vec![]
            };
            for line in lines {
                serde_json::from_str::<Value>(line)
                    .unwrap_or_else(|error| panic!("{command} {format}: {error}: {line}"));
            }
        }
    }
}

#[test]
fn a_plan_goes_to_a_file_as_the_report_holds_it() {
    let desk = Desk::new();
    for (format, lang, file) in [
        ("markdown", "en", "plan.md"),
        ("markdown", "ja", "plan.ja.md"),
        ("html", "en", "plan.html"),
        ("csv", "ja", "plan.ja.csv"),
        ("json", "en", "plan.json"),
        ("cacao", "ja", "plan.ja.cacao.json"),
    ] {
        let to = desk.path(file);
        let said = on_case(&["plan", "--format", format, "--lang", lang, "-o", to.to_str().unwrap()]).ends(0);
        assert_eq!(said.stdout, "", "{file}");
        let (written, kept) =
            (std::fs::read(&to).unwrap(), std::fs::read(CASE.path("case/report").join(file)).unwrap());
        assert!(written == kept, "{file}");
        // Only a spreadsheet that opens a file needs the mark.
        assert_eq!(written.starts_with("\u{feff}".as_bytes()), format == "csv", "{file}");
        let printed = on_case(&["plan", "--format", format, "--lang", lang]).ends(0).stdout;
        assert!(!printed.starts_with('\u{feff}'), "{file}");
    }
    on_case(&["plan", "--format", "csv", "-o", desk.path("no/such/folder").to_str().unwrap()]).ends(1);
}

#[test]
fn queries_answer_in_every_format() {
    let sql = "SELECT count(*) AS n, min(time) AS first FROM web_requests";
    let said = on_case(&["query", sql, "--format", "jsonl"]).ends(0);
    let row: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(row["n"].as_u64().unwrap() > 0, "{row}");
    assert!(row["first"].as_str().unwrap().ends_with('Z'), "{row}");
    assert!(on_case(&["query", sql]).ends(0).stdout.starts_with("n "));
    assert!(on_case(&["query", sql, "--format", "csv"]).ends(0).stdout.starts_with("n,first\r\n"));
}

#[test]
fn a_query_that_makes_no_sense_fails_with_a_hint() {
    let said = on_case(&["query", "SELECT nothing FROM nowhere"]).ends(1);
    assert!(said.stderr.contains("nowhere") && said.stderr.contains("docs/tables.md"), "{}", said.stderr);
}

#[test]
fn the_ledger_shows_that_nothing_was_changed_and_that_something_was() {
    on_case(&["custody", "verify"]).ends(0);
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    let case = desk.path("case");
    let case_text = case.to_str().unwrap();
    afterpatch(&["ingest", evidence.to_str().unwrap(), "--case", case_text]).ends(0);
    let ledger = case.join("ledger.jsonl");
    let text = std::fs::read_to_string(&ledger).unwrap();
    std::fs::write(&ledger, text.replacen("\"size_bytes\":", "\"size_bytes\":1", 1)).unwrap();
    let said = afterpatch(&["custody", "verify", "--case", case_text]).ends(1);
    assert!(said.stderr.contains("error: "), "{}", said.stderr);
}

#[test]
fn the_steps_alone_come_to_the_same_result() {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    let case = desk.path("case");
    let case = case.to_str().unwrap();
    afterpatch(&["ingest", evidence.to_str().unwrap(), "--case", case, "--organisation", "Example"]).ends(0);
    for step in ["detect", "judge", "report"] {
        afterpatch(&[step, "--case", case]).ends(0);
    }
    let stepwise = std::fs::read(desk.path("case/result.json")).unwrap();
    assert!(
        stepwise == std::fs::read(CASE.path("case/result.json")).unwrap(),
        "the steps differ from the whole"
    );
}
