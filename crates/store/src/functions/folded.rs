//! One form of a request's address, however it is spelt: what rules compare, so that no rule undoes disguises by itself.

use super::{decode_once, without_appended};

/// How often percent-encoding is undone: a proxy and a server in a row undo it twice, and one more shows the intent.
const ROUNDS: usize = 3;

/// Returns path and query in one form: what Exchange appends is gone, percent-encoding is undone (up to three times, also
/// `%uXXXX`), letters are small, `\` is `/`, control characters are gone, and repeated slashes, `.` and `..` are folded.
pub(super) fn folded_uri(path: &str, query: Option<&str>) -> String {
    let query = without_appended(query.unwrap_or_default());
    let raw = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let plain: String = decoded(raw).chars().filter(|c| !c.is_control()).map(one_slash).collect();
    let plain = plain.to_lowercase();
    match plain.split_once('?') {
        Some((path, query)) => format!("{}?{}", folded_path(path), folded_query(query)),
        None => folded_path(&plain),
    }
}

fn one_slash(letter: char) -> char {
    if letter == '\\' { '/' } else { letter }
}

fn decoded(mut text: String) -> String {
    for _ in 0..ROUNDS {
        if !text.contains('%') {
            break;
        }
        text = decode_once(&text);
    }
    text
}

/// Resolves `.`, `..` and empty segments as a server does; the first slash and the last stay.
fn folded_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let first = if path.starts_with('/') { "/" } else { "" };
    let last = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("{first}{}{last}", segments.join("/"))
}

/// A query holds a path where a back end's is smuggled in: its slashes are folded, the addresses in it stay.
fn folded_query(query: &str) -> String {
    let mut folded = String::with_capacity(query.len());
    for letter in query.chars() {
        let repeats = letter == '/' && folded.ends_with('/') && !folded.ends_with(":/");
        if !repeats {
            folded.push(letter);
        }
        if folded.ends_with("/./") {
            folded.truncate(folded.len() - 2);
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn disguises_fold_to_one_form() {
        let plain = "/autodiscover/autodiscover.json?@example.org/powershell/";
        let disguises = [
            ("/autodiscover/autodiscover.json", "@example.org/powershell/"),
            ("/Autodiscover/AUTODISCOVER.json", "@example.org/PowerShell/"),
            ("/autodiscover/autodiscover.json", "@example.org/%70owershell/"),
            ("/autodiscover/autodiscover.json", "@example.org/%2570owershell/"),
            ("/autodiscover/autodiscover.json", "@example.org/%252570owershell/"),
            ("/autodiscover/autodiscover.json", "@example.org/%u0070owershell/"),
            ("/autodiscover/autodiscover.json%3f@example.org/powershell/", ""),
            ("/autodiscover/autodiscover.json%3F%40example.org%2Fpowershell%2f", "-"),
            ("/autodiscover/./x/..//autodiscover.json", "@example.org//powershell/./"),
            ("/autodiscover%5Cautodiscover.json", "@example.org\\powershell\\"),
            ("/autodiscover/auto%00discover.json", "@example.org/power%09shell/"),
            (
                "/autodiscover/autodiscover.json",
                "@example.org/powershell/&CorrelationID=<empty>;&cafeReqId=0f1e2d3c;",
            ),
        ];
        for (path, query) in disguises {
            assert_eq!(folded_uri(path, Some(query)), plain, "{path} {query}");
        }
    }

    #[test]
    fn what_is_no_disguise_stays_as_it_is() {
        let cases = [
            ("/owa/", None, "/owa/"),
            ("/", None, "/"),
            ("", None, ""),
            ("/../..", None, "/"),
            ("/owa/auth/logon.aspx", Some("url=https://mail.example.org/owa/"), ""),
            ("/ecp/default.aspx", Some("a=50%&b=%zz&c=1+2"), "/ecp/default.aspx?a=50%&b=%zz&c=1+2"),
        ];
        for (path, query, folded) in cases {
            let expected = if folded.is_empty() && !path.is_empty() {
                format!("{path}?{}", query.unwrap_or_default())
            } else {
                folded.to_owned()
            };
            assert_eq!(folded_uri(path, query), expected, "{path} {query:?}");
        }
    }

    /// Spells a letter out as one of the ways that reach the same page.
    fn disguise(letter: char, way: u8) -> String {
        match way {
            0 => letter.to_string(),
            1 => letter.to_ascii_uppercase().to_string(),
            2 => format!("%{:02x}", u32::from(letter)),
            3 => format!("%25{:02X}", u32::from(letter)),
            4 => format!("%u{:04x}", u32::from(letter)),
            _ if letter == '/' => "/.//".to_owned(),
            _ => format!("%2525{:02x}", u32::from(letter)),
        }
    }

    proptest! {
        #[test]
        fn any_mix_of_disguises_folds_to_the_plain_form(
            ways in proptest::collection::vec(0_u8..6, 40),
            page in "/[a-z]{1,8}/[a-z]{1,8}\\.json",
            rest in "@[a-z]{1,6}/[a-z]{1,6}",
        ) {
            let spell = |text: &str, ways: &[u8]| -> String {
                text.chars().zip(ways.iter().cycle()).map(|(letter, way)| disguise(letter, *way)).collect()
            };
            let (path, query) = (spell(&page, &ways), spell(&rest, &ways[7..]));
            prop_assert_eq!(folded_uri(&path, Some(&query)), format!("{page}?{rest}"));
        }

        #[test]
        fn folding_never_panics_and_what_is_folded_has_one_form(path in ".{0,60}", query in ".{0,60}") {
            let folded = folded_uri(&path, Some(&query));
            prop_assert!(!folded.chars().any(char::is_control));
            prop_assert!(!folded.split('?').next().unwrap_or_default().contains("//"));
        }
    }
}
