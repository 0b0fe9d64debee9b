//! What of an answer Exchange itself announces: a table of headers, and the versioned paths of OWA.

use afterpatch_model::EXCHANGE_HEADERS;
use regex::bytes::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The headers that are kept beside those of Exchange, in lower case: of what it runs on, of the answer, and of what
/// stands before it. What they mean is decided where the file is read.
static OTHER_HEADERS: &[&str] = &[
    "server",
    "x-aspnet-version",
    "x-powered-by",
    "www-authenticate",
    "location",
    "content-type",
    "content-encoding",
    "via",
];

/// The longest value of a header that is kept, in bytes.
const VALUE_BYTES: usize = 512;
/// Values that are kept of one answer; who sends more of them means no good.
const VALUES: usize = 32;
/// Versioned paths that are kept of one page; Exchange names one or two.
const PATHS: usize = 8;

/// Returns the headers that matter, in their order. Bytes that are no text show as such.
pub(crate) fn headers<'h>(all: impl Iterator<Item = (&'h str, &'h [u8])>) -> Vec<(String, String)> {
    let matters = |name: &str| EXCHANGE_HEADERS.contains(&name) || OTHER_HEADERS.contains(&name);
    let kept = all.filter(|(name, _)| matters(&name.to_ascii_lowercase()));
    kept.take(VALUES).map(|(name, value)| (name.to_ascii_lowercase(), shortened(value))).collect()
}

fn shortened(value: &[u8]) -> String {
    let kept = value.get(..VALUE_BYTES).unwrap_or(value);
    String::from_utf8_lossy(kept).into_owned()
}

/// A versioned path of OWA where a page loads something from: in an attribute, or in a style's `url(…)`.
///
/// A version in the text of a page, or a path that it talks about, is no announcement.
static OWA_PATH: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is this one")]
    Regex::new(concat!(
        r#"(?i-u)(?:\b(?:href|src)\s*=\s*|\burl\s*\(\s*)["']?(?:https?://[^/"'\s<>]{1,255})?"#,
        r"(/owa/(?:auth/)?\d{1,3}(?:\.\d{1,6}){2,3}/)",
    ))
    .expect("a valid pattern")
});

/// Returns the versioned paths of OWA that a page loads its parts from, each once, in order.
pub(crate) fn owa_paths(page: &[u8]) -> Vec<String> {
    let mut known = BTreeSet::new();
    let found = OWA_PATH.captures_iter(page).filter_map(|found| found.get(1));
    let paths = found.map(|path| String::from_utf8_lossy(path.as_bytes()).to_ascii_lowercase());
    paths.filter(|path| known.insert(path.clone())).take(PATHS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loads_its_parts_from_versioned_paths() {
        let page = br#"<link rel="shortcut icon" href="/owa/auth/15.1.2106/themes/resources/favicon.ico">
            <style>@font-face { src: url( '/OWA/auth/15.1.2106/themes/resources/segoeui-regular.eot?#iefix') }</style>
            <script src=/owa/15.2.986.5/scripts/premium/flogon.js></script>
            <img src="https://mail.example.org/owa/14.3.123.4/themes/base/a.gif">"#;
        assert_eq!(owa_paths(page), ["/owa/auth/15.1.2106/", "/owa/15.2.986.5/", "/owa/14.3.123.4/"]);
    }

    #[test]
    fn a_page_that_talks_of_a_version_announces_none() {
        for page in [
            "<p>Exchange 15.1.2106.2 is out</p>",
            "<p>We saw requests for /owa/auth/15.1.2106/themes/x.js in the log.</p>",
            r#"<a data-note="/owa/auth/15.1.2106/x">"#,
            r#"<link href="/static/15.1.2106/app.css"><script src="/owa/auth/15.1/x.js"></script>"#,
            r#"<link href="/owa/auth/15.1.2106.2.9/x.css"><img src="/app/owa/auth/15.1.2106/x.gif">"#,
            r#"<script src="/owa/auth/15.1.2106"></script><link href="/owax/15.1.2106/x.css">"#,
        ] {
            assert_eq!(owa_paths(page.as_bytes()), [""; 0], "{page}");
        }
    }

    #[test]
    fn a_page_that_floods_is_cut() {
        let page = (0..1_000).map(|n| format!("<img src='/owa/15.1.{n}.1/a'>")).collect::<Vec<_>>().concat();
        assert_eq!(owa_paths(page.as_bytes()).len(), PATHS);
        let flood = (0..100).map(|_| ("X-OWA-Version", [b'9'; 2_000].as_slice().to_owned()));
        let flood: Vec<_> = flood.collect();
        let kept = headers(flood.iter().map(|(name, value)| (*name, value.as_slice())));
        assert_eq!((kept.len(), kept[0].1.len()), (VALUES, VALUE_BYTES));
    }

    #[test]
    fn only_headers_that_matter_are_kept() {
        let all: [(&str, &[u8]); 4] = [
            ("X-OWA-Version", b"15.1.2507.6"),
            ("Set-Cookie", b"secret"),
            ("X-Proxy-Version", b"15.2.986.5"),
            ("Server", b"Microsoft-IIS/10.0\xff"),
        ];
        let kept = headers(all.into_iter());
        assert_eq!(kept[0], ("x-owa-version".to_owned(), "15.1.2507.6".to_owned()));
        assert_eq!(kept[1], ("server".to_owned(), "Microsoft-IIS/10.0\u{FFFD}".to_owned()));
        assert_eq!(kept.len(), 2);
    }
}
