//! Where Exchange is installed, as far as paths in events show it.

use super::event::Event;
use afterpatch_model::Timestamp;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The most roots of one artifact that are noted: a server has one, hostile text any number.
const MOST: usize = 16;

/// A drive and any folders, then what stands directly under the install root. `ClientAccess` is a common
/// enough name to count only under `V15`, which setup appends unless it is told another root.
#[expect(clippy::expect_used, reason = "the pattern is a constant and the tests compile it")]
static EXCHANGE_PATH: LazyLock<Regex> = LazyLock::new(|| {
    let folders = r#"\b[a-z]:\\(?:[^\\/:*?"<>|\x00-\x1f]+\\)*?"#;
    let pattern = format!(
        r"(?i)({folders})(?:FrontEnd\\HttpProxy|Bin\\MSExchange)|({folders}V15\\)(?:ClientAccess|TransportRoles)\\"
    );
    Regex::new(&pattern).expect("a valid pattern")
});

/// What [`EXCHANGE_PATH`] cannot match without, backslashes aside: told much faster, and nearly no text has one.
#[expect(clippy::expect_used, reason = "the pattern is a constant and the tests compile it")]
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)HttpProxy|MSExchange|ClientAccess|TransportRoles").expect("a valid pattern")
});

/// Where a root was named for the first time.
#[derive(Debug)]
pub(super) struct Sighting {
    /// The root as it was spelt.
    pub(super) root: String,
    pub(super) time: Option<Timestamp>,
    pub(super) computer: Option<String>,
    pub(super) record: u64,
}

/// The install roots that one artifact, or a piece of it, named so far.
#[derive(Debug, Default)]
pub(super) struct InstallRoots {
    seen: BTreeSet<String>,
    sightings: Vec<Sighting>,
}

impl InstallRoots {
    /// Notes the roots that this event is the first to name.
    pub(super) fn look_in(&mut self, event: &Event<'_>) {
        for value in event.fields.values().filter(|value| value.spelt().is_some_and(may_name_root)) {
            self.look_in_text(&value.as_text().unwrap_or_default(), event);
        }
        if let Some(message) = event.message.as_deref().filter(|message| may_name_root(message)) {
            self.look_in_text(message, event);
        }
    }

    fn look_in_text(&mut self, text: &str, event: &Event<'_>) {
        for root in roots_in(text) {
            self.note(Sighting {
                root: root.to_owned(),
                time: event.time,
                computer: event.computer.as_deref().map(str::to_owned),
                record: event.record,
            });
        }
    }

    /// Notes what a piece that follows has named.
    pub(super) fn join(&mut self, next: Self) {
        for sighting in next.sightings {
            self.note(sighting);
        }
    }

    /// Returns each root once, where it was named first.
    pub(super) fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    fn note(&mut self, sighting: Sighting) {
        if self.seen.len() < MOST && self.seen.insert(sighting.root.to_lowercase()) {
            self.sightings.push(sighting);
        }
    }
}

/// Tells whether a text, with or without JSON's escapes, may name a root: few texts are paths, and few paths do.
fn may_name_root(spelt: &str) -> bool {
    spelt.contains('\\') && WORDS.is_match(spelt)
}

fn roots_in(text: &str) -> impl Iterator<Item = &str> {
    EXCHANGE_PATH
        .captures_iter(text)
        .filter_map(|captures| captures.get(1).or_else(|| captures.get(2)))
        .map(|root| root.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(text: &str) -> Vec<&str> {
        assert!(may_name_root(text) || roots_in(text).count() == 0, "{text}");
        roots_in(text).collect()
    }

    #[test]
    fn paths_under_the_root_show_it_in_their_own_case() {
        let standard = r"C:\Program Files\Microsoft\Exchange Server\V15\";
        for below in
            [r"FrontEnd\HttpProxy\owa\auth\x.aspx", r"Bin\MSExchangeHMWorker.exe", r"ClientAccess\Owa\"]
        {
            assert_eq!(roots(&format!("{standard}{below}")), [standard], "{below}");
        }
        assert_eq!(roots(r"\??\e:\exchange2016\frontend\httpproxy\OAB"), [r"e:\exchange2016\"]);
        assert_eq!(roots(r#"cmd /c copy C:\a.txt "D:\EX\Bin\MSExchangeX.exe" E:\b"#), [r"D:\EX\"]);
    }

    #[test]
    fn other_paths_show_nothing() {
        for text in [
            r"C:\Apps\ClientAccess\x.exe",
            r"C:\Program Files\App\Bin\MSBuild.exe",
            r"\FrontEnd\HttpProxy\owa",
            r"C:\FrontEndHttpProxy\x",
            "C:/Exchange/FrontEnd/HttpProxy",
        ] {
            assert!(roots(text).is_empty(), "{text}");
        }
    }

    fn named(roots: &[String]) -> InstallRoots {
        let mut known = InstallRoots::default();
        for (record, root) in (0..).zip(roots) {
            known.note(Sighting { root: root.clone(), time: None, computer: None, record });
        }
        known
    }

    #[test]
    fn a_root_is_new_once_and_hostile_text_cannot_name_any_number() {
        let same = named(&[r"C:\EX\".to_owned(), r"c:\ex\".to_owned()]);
        assert_eq!(same.sightings.len(), 1);
        let many: Vec<String> = (0..100).map(|n| format!(r"C:\{n}\")).collect();
        assert_eq!(named(&many).sightings.len(), MOST);
    }

    #[test]
    fn pieces_joined_name_the_roots_that_the_whole_names() {
        let texts: Vec<String> = (0..60).map(|n| format!(r"C:\{}\", n * 7 % 25)).collect();
        let spelt = |known: &InstallRoots| -> Vec<String> {
            known.sightings().iter().map(|sighting| sighting.root.clone()).collect()
        };
        for cut in [0, 1, 17, 30, 60] {
            let (first, next) = texts.split_at(cut);
            let mut joined = named(first);
            joined.join(named(next));
            assert_eq!(spelt(&joined), spelt(&named(&texts)), "{cut}");
        }
    }
}
