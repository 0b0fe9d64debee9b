//! What scripts do in the visitor's browser with a password that is typed in: a page of a mail server that is asked for
//! passwords need not give control to be worth changing.
//!
//! The genuine page sends its form to its own server. What reads the field of the password and puts it into an address, or
//! sends it elsewhere, is told. Names stand for what they are set to anywhere in the script: their order and scope do not
//! matter.

mod walk;

use crate::kind::{Kind, Language};
use crate::lexer;
use crate::page::{Piece, Role, Stream};
use crate::parser;
use crate::search::find;
use crate::signal::Signal;
use memchr::memchr;
use regex::bytes::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Scripts of a page that are read.
const MOST_SCRIPTS: usize = 64;
/// Scripts that are longer are libraries, which know of no field of a page.
const LONGEST: usize = 1 << 20;

/// Returns what the scripts of a page do with passwords; a file of script is one.
pub(crate) fn signals(text: &str, kind: Kind) -> Vec<Signal> {
    if !names_passwords(text) {
        return Vec::new();
    }
    let scripts = if kind == Kind::Script { vec![(0, text)] } else { scripts(text) };
    if !scripts.iter().any(|(_, script)| may_name_passwords(script)) {
        return Vec::new();
    }
    let mut walk = walk::Walk::default();
    let programs: Vec<_> = scripts
        .into_iter()
        .filter(|(_, script)| script.len() <= LONGEST)
        .map(|(at, script)| program(text, at, script))
        .collect();
    walk.learn(&programs);
    walk.tell(&programs)
}

/// What every name of a field of a password holds.
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("(?i-u)pass|pwd|kennwort|psw").ok());

/// Says whether a text may name a field of a password.
fn names_passwords(text: &str) -> bool {
    MARKS.as_ref().is_none_or(|marks| marks.is_match(text.as_bytes()))
}

/// What of a script may name a field of a password: a mark, with `\\` before any of its letters or the end of a line within it,
/// or an escape that spells any letter.
static SPELLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let between = r"(?:\\[\r\n]*)?";
    let mark = |mark: &str| mark.chars().map(String::from).collect::<Vec<_>>().join(between);
    let marks = ["pass", "pwd", "kennwort", "psw"].map(mark).join("|");
    Regex::new(&format!(r"(?i-u){marks}|\\[xu0-7]")).ok()
});

/// Says whether a script may name a field of a password.
fn may_name_passwords(script: &str) -> bool {
    SPELLED.as_ref().is_none_or(|spelled| spelled.is_match(script.as_bytes()))
}

/// Reads a script that begins at a place of a page.
fn program(text: &str, at: usize, script: &str) -> crate::tree::Program {
    let lines = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count();
    let line = u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1);
    let piece = Piece { role: Role::Code, text: Cow::Borrowed(script), line };
    let stream = Stream { language: Language::JScript, declares: true, pieces: vec![piece] };
    parser::program(stream.language, &lexer::tokens(&stream))
}

/// Returns the scripts that browsers run, and where they begin.
fn scripts(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut scripts = Vec::new();
    let mut at = 0;
    while let Some(open) = find(bytes, at, "<script") {
        let Some(begin) = memchr(b'>', &bytes[open..]).map(|close| open + close + 1) else { break };
        let end = find(bytes, begin, "</script").unwrap_or(bytes.len());
        let of_server = find(&bytes[open..begin], 0, "runat").is_some();
        if !of_server && scripts.len() < MOST_SCRIPTS {
            scripts.push((begin, &text[begin..end]));
        }
        at = end;
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_be_named_in_escapes() {
        let page = |name: &str| {
            let script = format!("location = '/x?' + document.getElementById(\"{name}\").value;");
            format!("<input id=\"password\"><script>{script}</script>")
        };
        let codes =
            |page: &str| signals(page, Kind::Aspx).into_iter().map(|signal| signal.code).collect::<Vec<_>>();
        for name in ["password", "\\x70assword", "pass\\word", "\\160assword"] {
            assert_eq!(codes(&page(name)), ["password-in-address"], "{name}");
        }
        assert!(codes(&page("username")).is_empty());
    }
}
