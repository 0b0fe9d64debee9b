//! What a person sees on a terminal.

use crate::sample;
use afterpatch_model::Lang;
use afterpatch_report::{Texts, terminal};
use unicode_width::UnicodeWidthStr;

fn shown(lang: Lang, color: bool) -> String {
    let texts = Texts::load(lang).unwrap();
    let result = sample::result();
    [terminal::summary, terminal::coverage_table, terminal::timeline_lines, terminal::plan_lines]
        .map(|part| part(&result, &texts, 100, color))
        .join("\n")
}

#[test]
fn summary_in_english() {
    let texts = Texts::load(Lang::En).unwrap();
    insta::assert_snapshot!(terminal::summary(&sample::result(), &texts, 100, false));
}

#[test]
fn summary_in_japanese() {
    let texts = Texts::load(Lang::Ja).unwrap();
    insta::assert_snapshot!(terminal::summary(&sample::result(), &texts, 100, false));
}

#[test]
fn tables_in_english() {
    let (texts, result) = (Texts::load(Lang::En).unwrap(), sample::result());
    insta::assert_snapshot!(
        [terminal::coverage_table, terminal::timeline_lines, terminal::plan_lines]
            .map(|part| part(&result, &texts, 120, false))
            .join("\n")
    );
}

#[test]
fn nothing_steers_the_terminal() {
    for lang in [Lang::En, Lang::Ja] {
        let shown = shown(lang, false);
        let steering = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!shown.contains(steering));
        assert!(shown.contains(r"\u{1b}[2J"));
    }
}

#[test]
fn colour_repeats_and_never_carries() {
    let (plain, colored) = (shown(Lang::En, false), shown(Lang::En, true));
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
    assert_ne!(colored, plain);
}

#[test]
fn lines_keep_to_the_width() {
    for lang in [Lang::En, Lang::Ja] {
        let texts = Texts::load(lang).unwrap();
        let summary = terminal::summary(&sample::result(), &texts, 100, false);
        for line in summary.lines() {
            assert!(line.width() <= 100, "{line}");
        }
    }
}

#[test]
fn an_empty_result_says_so() {
    let texts = Texts::load(Lang::En).unwrap();
    let shown = terminal::summary(&sample::empty(), &texts, 80, false);
    assert!(shown.contains("no proof of absence"));
    assert!(!shown.contains("[ui-"));
}
