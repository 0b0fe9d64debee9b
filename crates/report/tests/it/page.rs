//! What stands on the page, and what must not.

use crate::sample;
use afterpatch_model::Lang;
use afterpatch_report::{Texts, html};

fn page(lang: Lang) -> String {
    html::render(&sample::result(), &Texts::load(lang).unwrap()).unwrap()
}

#[test]
fn neither_script_nor_network() {
    for lang in [Lang::En, Lang::Ja] {
        let page = page(lang).to_lowercase();
        for forbidden in [
            "<script",
            "src=",
            "href=\"http",
            "href='",
            "url(http",
            "@import",
            "<link",
            "<iframe",
            "<img",
            "<object",
            "<base",
            "onload",
            "onerror",
            "javascript:",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        let mut links = page.split("href=\"").skip(1);
        assert!(links.all(|link| link.starts_with('#')), "every link stays on the page");
    }
}

#[test]
fn every_link_has_its_target() {
    let page = page(Lang::En);
    for link in page.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "#{id}");
    }
}

#[test]
fn hostile_text_is_shown_and_harmless() {
    for lang in [Lang::En, Lang::Ja] {
        let page = page(lang);
        assert!(page.contains("&lt;script&gt;alert(1)&lt;"));
        assert!(page.contains(r"\u{1b}[2J"));
        assert!(page.contains(r"\u{202e}xpsa"));
        let steering = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!page.contains(steering));
    }
}

#[test]
fn no_key_is_missing_and_the_language_is_named() {
    for (lang, attribute) in [(Lang::En, "lang=\"en\""), (Lang::Ja, "lang=\"ja\"")] {
        for result in [sample::result(), sample::empty()] {
            let page = html::render(&result, &Texts::load(lang).unwrap()).unwrap();
            assert!(page.contains(attribute));
            for prefix in
                ["[ui-", "[reason-", "[gap-", "[problem-", "[question-", "[method-", "[limit-", "{$"]
            {
                assert!(!page.contains(prefix), "{prefix}");
            }
        }
    }
}

#[test]
fn what_the_board_and_the_expert_look_for_is_there() {
    let page = page(Lang::En).replace("<span class=\"nowrap\">", "").replace("</span>", "");
    let result = sample::result();
    for finding in &result.findings {
        assert!(page.contains(&finding.title.en));
        assert!(finding.cves.iter().all(|cve| page.contains(cve)));
    }
    for line in &result.artifacts {
        assert!(page.contains(&line.sha256));
    }
    for text in [
        "A. Author, 検知 太郎",
        "DRL-1.1",
        "2021-03-05 – 2021-03-06",
        "Changes things",
        "Read-only",
        "Auditable",
        "Justifiable",
        "1,204,311 records = 1,204,308 facts + 3 lost",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains("<desc id=\"tl-desc\">"), "the drawing is described");
}

#[test]
fn the_same_result_gives_the_same_bytes() {
    assert_eq!(page(Lang::Ja), page(Lang::Ja));
}

#[test]
fn a_template_can_be_replaced_and_a_wrong_one_says_so() {
    let texts = Texts::load(Lang::En).unwrap();
    let result = sample::result();
    let own =
        html::render_with(&result, &texts, &|name| (name == "rules.html").then(|| "<p>own</p>".to_owned()));
    assert!(own.unwrap().contains("<p>own</p>"));
    let wrong = html::render_with(&result, &texts, &|name| {
        (name == "rules.html").then(|| "{{ nothing_of_this_name }}".to_owned())
    });
    assert!(wrong.unwrap_err().to_string().contains("rules.html"));
}

/// Writes the sample for people to look at, where `AFTERPATCH_SAMPLE` names a folder.
#[test]
#[expect(clippy::disallowed_methods, reason = "a developer asks for the files by name")]
fn writes_the_sample_when_asked() {
    let Ok(folder) = std::env::var("AFTERPATCH_SAMPLE") else {
        return;
    };
    for (lang, name) in [(Lang::En, "en"), (Lang::Ja, "ja")] {
        let file = std::path::Path::new(&folder).join(format!("report-sample-{name}.html"));
        std::fs::write(file, page(lang)).unwrap();
    }
}
