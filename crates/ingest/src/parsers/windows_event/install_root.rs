//! Where Exchange is installed, as far as paths in events show it.

use super::event::Event;
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

/// The install roots that one artifact named so far.
#[derive(Debug, Default)]
pub(crate) struct InstallRoots {
    seen: BTreeSet<String>,
}

impl InstallRoots {
    /// Returns the roots that this event is the first to name, as it spells them.
    pub(crate) fn new_in(&mut self, event: &Event<'_>) -> Vec<String> {
        let texts = event.fields.texts().chain(event.message.as_deref());
        let mut found = Vec::new();
        for root in texts.flat_map(roots_in) {
            if self.is_new(root) {
                found.push(root.to_owned());
            }
        }
        found
    }

    fn is_new(&mut self, root: &str) -> bool {
        self.seen.len() < MOST && self.seen.insert(root.to_lowercase())
    }
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

    #[test]
    fn a_root_is_new_once_and_hostile_text_cannot_name_any_number() {
        let mut known = InstallRoots::default();
        assert!(known.is_new(r"C:\EX\"));
        assert!(!known.is_new(r"c:\ex\"));
        let new = (0..100).filter(|n| known.is_new(&format!(r"C:\{n}\"))).count();
        assert_eq!(new, MOST - 1);
    }
}
