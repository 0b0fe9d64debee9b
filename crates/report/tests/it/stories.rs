//! Stories on the page, on a terminal and as Markdown, in both languages.

use crate::sample;
use afterpatch_model::Lang;
use afterpatch_report::{EXPORTERS, ExportOptions, Exporter, Texts, html, terminal};

fn texts(lang: Lang) -> Texts {
    Texts::load(lang).unwrap()
}

fn markdown(lang: Lang, result: &afterpatch_model::CaseResult) -> String {
    let mut out = Vec::new();
    let exporter = Exporter::by_name("stories-markdown").unwrap();
    exporter.write_with(result, &texts(lang), ExportOptions::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_story_is_told_in_order_with_its_ties_and_what_is_not_seen() {
    let told = markdown(Lang::En, &sample::result());
    let places: Vec<_> = [
        "## MX01, 2021-03-02 04:12",
        "from 203.0.113.45 · as administrator",
        "1. 2021-03-02 04:12",
        "**Entry**",
        "Asked the back end × 6 (address 203.0.113.45)",
        "2. 2021-03-02 04:13",
        "**Foothold**",
        "Execution: not seen, though it would show in",
        "Use: not seen in: IIS logs. Not collected: Windows event logs.",
        "Theft: not seen; what would show it was not collected",
    ]
    .iter()
    .map(|part| told.find(part).unwrap_or_else(|| panic!("{part} is not in\n{told}")))
    .collect();
    assert!(places.is_sorted(), "{told}");
    assert!(told.contains("timeline.csv"), "where the lines are that were left out");
    assert!(!told.contains("<script>"), "{told}");
    assert!(told.contains(r"\[x\](http\://e)"), "what would be a link is none: {told}");
}

#[test]
fn every_format_tells_it_in_both_languages() {
    for (lang, phase) in [(Lang::En, "Foothold"), (Lang::Ja, "足場の確保")] {
        let (result, texts) = (sample::result(), texts(lang));
        let page = html::render(&result, &texts).unwrap();
        assert!(page.contains("id=\"stories\"") && page.contains(phase));
        assert!(page.contains("&lt;script&gt;alert(2)&lt;"), "hostile text is shown and harmless");
        let screen = terminal::summary(&result, &texts, 100, false);
        assert!(screen.contains(phase) && screen.contains("203.0.113.45"), "{screen}");
        assert!(!screen.contains('\u{1b}'), "{screen}");
        assert!(markdown(lang, &result).contains(phase));
    }
}

#[test]
fn where_nothing_happened_nothing_is_told() {
    let said = markdown(Lang::En, &sample::empty());
    assert!(said.contains(&texts(Lang::En).get("ui-no-stories", &[])), "{said}");
    assert!(!terminal::summary(&sample::empty(), &texts(Lang::En), 80, false).contains("What happened on"));
    assert!(EXPORTERS.iter().any(|exporter| exporter.file_name == "stories.md" && exporter.is_spoken));
}
