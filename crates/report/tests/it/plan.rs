//! The plan as people get it: a page, Markdown, a spreadsheet.

use crate::sample;
use afterpatch_model::{Action, CaseResult, Lang, Reason, Turn};
use afterpatch_report::{EXPORTERS, Exporter, Texts};
use std::collections::BTreeSet;

fn export(name: &str, lang: Lang) -> String {
    export_of(&sample::result(), name, lang)
}

fn export_of(result: &CaseResult, name: &str, lang: Lang) -> String {
    let mut out = Vec::new();
    let exporter = Exporter::by_name(name).unwrap();
    (exporter.write)(result, &Texts::load(lang).unwrap(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What a reader must find of a step, whatever the format.
fn told(action: &Action, lang: Lang) -> Vec<String> {
    let texts = Texts::load(lang).unwrap();
    let mut told = vec![texts.message(&action.title), texts.decider(action.decides)];
    told.extend(action.servers.iter().cloned());
    told.extend(action.commands.iter().map(|command| command.text.clone()));
    told.extend(action.exposures.iter().cloned());
    for message in [&action.why, &action.not_covered, &action.verify] {
        told.push(texts.message(message));
    }
    told
}

/// Takes away what a format adds to a text to keep it from being markup.
fn bare(text: &str) -> String {
    let text = text.replace("<wbr>", "").replace("<span class=\"nowrap\">", "").replace("</span>", "");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'").replace("&amp;", "&");
    text.replace("\"\"", "\"").chars().filter(|c| !c.is_whitespace() && *c != '\\').collect()
}

#[test]
fn every_format_tells_every_step_in_both_languages() {
    for name in ["plan-markdown", "plan-html", "plan-csv"] {
        for lang in [Lang::En, Lang::Ja] {
            let text = bare(&export(name, lang));
            for words in sample::result().plan.iter().flat_map(|action| told(action, lang)) {
                assert!(text.contains(&bare(&words)), "{name} {lang:?}: {words}\n{text}");
            }
        }
    }
}

#[test]
fn the_files_of_both_languages_differ_in_name_and_programs_get_one() {
    let names = |lang| EXPORTERS.iter().filter_map(move |exporter| exporter.file_name_in(lang));
    let all: Vec<_> = names(Lang::En).chain(names(Lang::Ja)).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
    let japanese: Vec<_> = names(Lang::Ja).collect();
    let expected =
        ["index.ja.html", "stories.ja.md", "plan.ja.md", "plan.ja.html", "plan.ja.csv", "plan.ja.cacao.json"];
    assert_eq!(japanese, expected);
}

#[test]
fn the_page_stands_alone_and_leads_to_the_findings_of_its_report() {
    for (lang, report) in [(Lang::En, "index.html"), (Lang::Ja, "index.ja.html")] {
        let page = export("plan-html", lang);
        assert!(page.starts_with("<!doctype html>"), "{page}");
        assert!(page.contains(&format!("href=\"{report}#f-")), "{page}");
        assert!(
            !page.contains("href=\"#f-")
                && !page.contains("<script")
                && !page.contains("http-equiv=\"refresh")
        );
        assert!(!page.contains(sample::ESCAPES) && !page.contains(sample::OVERRIDE));
    }
}

#[test]
fn hostile_text_is_no_markup_in_markdown() {
    let text = export("plan-markdown", Lang::En);
    // The subject is a code span; nothing in it is run together with the text around it.
    let subject = text.lines().find(|line| line.contains("alert(1)")).unwrap();
    assert!(subject.contains("`<script>alert(1)</script>=cmd()"), "{subject}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    let markup = text.lines().find(|line| line.contains("<script") && !line.contains('`'));
    assert_eq!(markup, None);
}

#[test]
fn markdown_is_one_heading_a_step() {
    let text = export("plan-markdown", Lang::En);
    let headings: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(headings.len(), sample::result().plan.len());
    assert!(
        headings.iter().enumerate().all(|(place, line)| line.starts_with(&format!("## {}. ", place + 1)))
    );
    insta::assert_snapshot!("plan_markdown", text);
}

#[test]
fn a_row_for_each_step_and_what_it_is_to_be_done_on() {
    let csv = export("plan-csv", Lang::En);
    let rows: Vec<_> = csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect();
    let targets: usize = sample::result().plan.iter().map(|action| action.targets.len()).sum();
    assert_eq!(rows.len(), targets);
    let numbers: BTreeSet<_> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(numbers.len(), sample::result().plan.len());
    let subject = rows.iter().find(|row| row[5].contains("alert(1)")).unwrap();
    assert!(subject[19].contains("\"check\":\"path-absent\""), "{subject:?}");
}

/// Two servers of a group that have the same the matter with them, one that has not, and one alone.
fn turns() -> Vec<Turn> {
    let turn = |server: &str, group: Option<&str>, key: &str| Turn {
        server: server.into(),
        availability_group: group.map(str::to_owned),
        reasons: vec![Reason::new(key, &[("count", "3")])],
    };
    vec![
        turn("MX1", Some("DAG1"), "turn-outside"),
        turn("MX2", Some("DAG1"), "turn-outside"),
        turn("MX3", Some("DAG1"), "turn-open"),
        turn("MX4", None, "turn-open"),
    ]
}

#[test]
fn the_order_of_the_servers_stands_before_the_steps() {
    let result = CaseResult { turns: turns(), ..sample::result() };
    let markdown = export_of(&result, "plan-markdown", Lang::En);
    let (head, _) = markdown.split_once("\n## 1. ").unwrap();
    let (_, order) = head.split_once("## In which order the servers are treated").unwrap();
    let lines: Vec<_> = order.lines().filter(|line| !line.trim().is_empty()).collect();
    let expected = [
        "1. `MX1`, `MX2` (Availability group: `DAG1`) – It answers addresses outside (3 requests in the logs).",
        "2. `MX3` (Availability group: `DAG1`) – 3 flaws are open in it.",
        "3. `MX4` – 3 flaws are open in it.",
    ];
    assert_eq!(lines, expected);
    for name in ["plan-html", "html"] {
        for lang in [Lang::En, Lang::Ja] {
            let page = export_of(&result, name, lang);
            let order = page.find(&Texts::load(lang).unwrap().get("ui-turns", &[])).unwrap();
            assert!(order < page.find("<ol class=\"plan\">").unwrap(), "{name}");
            assert!(page.contains("<td>MX1, MX2</td>") && page.contains("<td>DAG1</td>"), "{name}");
        }
    }
    let alone = CaseResult { turns: turns().into_iter().take(1).collect(), ..sample::result() };
    assert!(
        !export_of(&alone, "plan-markdown", Lang::En).contains("In which order"),
        "one server has no order"
    );
}

#[test]
fn a_hundred_flaws_are_named_in_files_for_programs_only() {
    let mut result = sample::result();
    let numbers: Vec<_> = (1..=100).map(|number| format!("CVE-2021-{number:05}")).collect();
    result.plan[0].exposures.clone_from(&numbers);
    for (name, lang, rest) in [
        ("plan-markdown", Lang::En, "88 more are left out here; they stand in plan.csv, plan.json."),
        ("plan-html", Lang::Ja, "ほかに 88 件あります。plan.csv, plan.json に収めています。"),
    ] {
        let text = export_of(&result, name, lang);
        assert!(text.contains(&numbers[11]) && !text.contains(&numbers[12]), "{name}");
        assert!(text.contains(rest), "{name}: {text}");
    }
    for name in ["plan-csv", "plan-json"] {
        let text = export_of(&result, name, Lang::En);
        assert!(numbers.iter().all(|number| text.contains(number)), "{name}");
    }
}
