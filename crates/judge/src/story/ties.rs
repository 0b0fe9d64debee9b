//! What proofs have in common: addresses, accounts, sessions and files that they name.

use super::Moment;
use afterpatch_model::{Tie, TieKind, extension, file_name};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Fields that hold the path of a file which a step wrote, ran or took.
const PATHS: [&str; 2] = ["path", "target"];
/// Names shorter than this are words by chance.
const SHORTEST_NAME: usize = 5;
/// What many programs write or start without an intruder ties nothing together.
const OF_EVERYBODY: [&str; 4] = ["log", "exe", "dll", "compiled"];

/// Gives each moment what it shares with others, or could.
pub(super) fn tie(moments: &mut [Moment<'_>]) {
    let artefacts: BTreeSet<String> = moments.iter().flat_map(artefacts).collect();
    for moment in moments {
        let fields = &moment.proof.fields;
        let mut ties = BTreeSet::new();
        let mut add = |kind: TieKind, value: Option<String>| {
            ties.extend(value.map(|value| Tie { kind, value }));
        };
        let is_of_a_person = fields.get("user").is_none_or(|user| !is_of_the_system(user));
        add(TieKind::Address, fields.get("src_ip").filter(|_| is_of_a_person).and_then(|text| address(text)));
        for name in ["user", "claimed"] {
            add(TieKind::Account, fields.get(name).and_then(|text| account(text)));
        }
        add(TieKind::Session, session(fields));
        for artefact in &artefacts {
            add(TieKind::Artefact, names(moment, artefact).then(|| artefact.clone()));
        }
        moment.ties = ties;
    }
}

/// Returns an address that tells clients apart: not the server's own voice.
fn address(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches('[').split(['%', ']']).next()?;
    let address = bare.parse::<IpAddr>().ok()?.to_canonical();
    (!address.is_loopback() && !address.is_unspecified()).then(|| address.to_string())
}

fn is_of_the_system(user: &str) -> bool {
    let user = user.to_lowercase();
    user.ends_with('$') || user.starts_with("nt authority") || user.starts_with("iis apppool")
}

/// Returns the account by the one name that all spellings of it hold: `EXAMPLE\a`, `a@example.org`, `example.org/Users/a`.
fn account(text: &str) -> Option<String> {
    if is_of_the_system(text) {
        return None;
    }
    let first_word = text.split(' ').next().filter(|word| word.contains('@')).unwrap_or(text);
    let last = first_word.rsplit(['\\', '/']).next()?;
    let name = last.split('@').next()?.trim().to_lowercase();
    let says_something =
        !matches!(name.as_str(), "" | "-" | "?" | "system" | "local service" | "network service");
    says_something.then_some(name)
}

/// Returns the id of the session, or what the control panel gives to one.
fn session(fields: &BTreeMap<String, String>) -> Option<String> {
    const CANARY: &str = "msexchecpcanary=";
    if let Some(session) = fields.get("session") {
        return Some(session.clone());
    }
    let canary = |text: &String| {
        let at = text.to_ascii_lowercase().find(CANARY)?;
        let value = text.get(at + CANARY.len()..)?.split(['&', '#', ' ', ';']).next()?;
        (value.len() >= 8).then(|| value.to_owned())
    };
    fields.values().find_map(canary)
}

/// Returns the names of the files that the moment is about.
fn artefacts(moment: &Moment<'_>) -> Vec<String> {
    let fields = PATHS.iter().filter_map(|name| moment.proof.fields.get(*name));
    let paths = fields.map(String::as_str).chain(std::iter::once(moment.finding.subject.as_str()));
    let name = |path: &str| {
        let name = file_name(path).to_lowercase();
        let kind = extension(&name);
        let is_telling =
            name.len() >= SHORTEST_NAME && !kind.is_empty() && !OF_EVERYBODY.contains(&kind.as_str());
        is_telling.then_some(name)
    };
    paths.filter_map(name).collect()
}

/// Tells whether the moment names that file, in whatever field.
fn names(moment: &Moment<'_>, artefact: &str) -> bool {
    let holds = |text: &str| {
        let text = text.to_lowercase();
        text.match_indices(artefact).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
        })
    };
    holds(&moment.finding.subject) || moment.proof.fields.values().any(|value| holds(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_one_name_however_it_is_spelt() {
        for text in [
            r"EXAMPLE\A.Tanaka",
            "a.tanaka@example.org",
            "example.org/Users/a.tanaka",
            "a.tanaka@example.org S-1-5-21-1",
        ] {
            assert_eq!(account(text).as_deref(), Some("a.tanaka"), "{text}");
        }
        for text in
            [r"EXAMPLE\MX1$", r"NT AUTHORITY\SYSTEM", "-", "", r"IIS APPPOOL\MSExchangeOWAAppPool", "SYSTEM"]
        {
            assert_eq!(account(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_tells_clients_apart() {
        for (text, named) in [
            ("203.0.113.45", Some("203.0.113.45")),
            ("::ffff:203.0.113.45", Some("203.0.113.45")),
            ("[2001:db8::1]", Some("2001:db8::1")),
        ] {
            assert_eq!(address(text).as_deref(), named, "{text}");
        }
        for text in ["127.0.0.1", "::1", "-", "", "0.0.0.0"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn a_session_is_told_by_its_canary() {
        let fields = |text: &str| BTreeMap::from([("anchor_mailbox".to_owned(), text.to_owned())]);
        let anchored = fields(
            "ServerInfo~a]@mx1:444/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=Xyz12345&schema=x#",
        );
        assert_eq!(session(&anchored).as_deref(), Some("Xyz12345"));
        assert_eq!(session(&fields("ServerInfo~a]@mx1:444/ecp/?msExchEcpCanary=x")), None);
    }
}
