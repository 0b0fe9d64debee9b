//! The addresses to ask, as an administrator writes them down: one a line.

use encoding_rs::UTF_8;
use std::collections::BTreeSet;
use std::fmt;
use std::net::Ipv6Addr;
use url::Url;

/// One address to ask: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    url: Url,
}

/// A line of the list that names no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub number: usize,
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub reason: BadTarget,
}

/// Why a text names no address to ask.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// No host, host:port or URL.
    #[error("this is no host, host:port or URL: {0}")]
    NoUrl(String),
    /// A scheme other than http and https.
    #[error("only http and https are asked, not {0}")]
    Scheme(String),
    /// A URL with more than scheme, host and port.
    #[error("only /owa/ is asked for: leave out user, path, query and fragment")]
    MoreThanAddress,
}

/// Reads a list of addresses: each once, in the order of the list, and the lines that name none.
///
/// Empty lines and what follows a `#` are left out. UTF-8 or, with its mark, UTF-16, as Windows writes it.
pub fn read_targets(bytes: &[u8]) -> (Vec<Target>, Vec<BadLine>) {
    let (text, ..) = UTF_8.decode(bytes);
    let (mut targets, mut bad, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (number, line) in (1..).zip(text.lines()) {
        let written = line.split('#').next().unwrap_or_default().trim();
        if written.is_empty() {
            continue;
        }
        match Target::parse(written) {
            Ok(target) if known.insert(target.clone()) => targets.push(target),
            Ok(_) => {}
            Err(reason) => bad.push(BadLine { number, text: written.to_owned(), reason }),
        }
    }
    (targets, bad)
}

impl Target {
    /// Reads `host`, `host:port`, an IP address (IPv6 with or without brackets) or a URL; without a scheme it is https.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let url = if text.contains("://") {
            text.to_owned()
        } else if text.parse::<Ipv6Addr>().is_ok() {
            format!("https://[{text}]")
        } else {
            format!("https://{text}")
        };
        let url = Url::parse(&url).map_err(|error| BadTarget::NoUrl(error.to_string()))?;
        Self::of(url, text)
    }

    fn of(mut url: Url, text: &str) -> Result<Self, BadTarget> {
        if !["http", "https"].contains(&url.scheme()) {
            return Err(BadTarget::Scheme(url.scheme().to_owned()));
        }
        // The parser of URLs heals what nobody means in a list of hosts, such as a tab or a backslash.
        let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
        if !is_plain {
            return Err(BadTarget::NoUrl("a blank or a backslash within it".to_owned()));
        }
        let is_of_owa =
            ["", "/owa"].contains(&url.path().trim_end_matches('/').to_ascii_lowercase().as_str());
        let has_more = url.query().is_some() || url.fragment().is_some() || names_a_user(&url);
        if has_more || !is_of_owa {
            return Err(BadTarget::MoreThanAddress);
        }
        url.set_path("/owa/");
        Ok(Self { url })
    }

    /// Returns the one URL that is asked for.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.url.as_str();
        f.write_str(whole.strip_suffix("/owa/").unwrap_or(whole))
    }
}

fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(list: &str) -> Vec<String> {
        read_targets(list.as_bytes()).0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn hosts_ports_and_urls_are_addresses() {
        let list = "mail.example.org\nmail.example.org:8443\nhttp://192.0.2.7\n2001:db8::7\n[2001:db8::7]:444\n\
            https://Mail2.Example.org/owa/\nhttps://mail3.example.org/OWA\n";
        assert_eq!(
            shown(list),
            [
                "https://mail.example.org",
                "https://mail.example.org:8443",
                "http://192.0.2.7",
                "https://[2001:db8::7]",
                "https://[2001:db8::7]:444",
                "https://mail2.example.org",
                "https://mail3.example.org",
            ],
        );
        assert_eq!(
            Target::parse("mail.example.org").unwrap().url().as_str(),
            "https://mail.example.org/owa/"
        );
    }

    #[test]
    fn each_address_is_asked_once_whatever_its_spelling() {
        let list = "\u{FEFF}# the estate\nMX1.example.org\n\nhttps://mx1.example.org:443/owa  # the same\nmx1.example.org\n";
        assert_eq!(shown(list), ["https://mx1.example.org"]);
        assert_eq!(shown("http://mx1.example.org\nhttps://mx1.example.org").len(), 2, "two doors");
    }

    #[test]
    fn a_line_that_names_no_address_is_told_by_its_number() {
        let list = "mx1.example.org\nftp://mx1.example.org\nmx 2\nhttps://u:p@mx1.example.org\n\
            https://mx1.example.org/ecp/x.js\nhttps://mx1.example.org/owa/?a=b\nmx1:99999\nhttps://\n";
        let (targets, bad) = read_targets(list.as_bytes());
        assert_eq!(targets.len(), 1);
        assert_eq!(bad.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(bad[0].reason, BadTarget::Scheme("ftp".to_owned()));
        assert_eq!(bad[3].reason, BadTarget::MoreThanAddress);
    }

    #[test]
    fn a_list_that_windows_wrote_is_read() {
        let list: Vec<u8> = "\u{FEFF}mx1.example.org\r\nmx2.example.org\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read_targets(&list).0.len(), 2);
    }

    proptest! {
        #[test]
        fn no_list_breaks_the_reader_and_every_line_counts(lines in proptest::collection::vec(".{0,30}", 0..20)) {
            let list = lines.join("\n");
            let (targets, bad) = read_targets(list.as_bytes());
            for target in &targets {
                prop_assert_eq!(&Target::parse(&target.to_string()).unwrap(), target, "what is shown is what is asked");
                prop_assert_eq!(target.url().path(), "/owa/");
            }
            let written = list.lines().filter(|line| !line.split('#').next().unwrap_or("").trim().is_empty()).count();
            prop_assert!(targets.len() + bad.len() <= written);
        }
    }
}
