//! What classic ASP makes of a text that it runs, and what runs there besides.

use super::value::{HOLE, Marks, Source, Sources, Value};

/// The signal of a text that classic ASP runs as a program.
pub(super) fn evaluated(what: &Value) -> &'static str {
    let surrounded =
        what.open_text().is_some_and(|text| text.chars().any(|sign| sign != HOLE && !sign.is_whitespace()));
    let decoded = what.marks.has(Marks::DECODED);
    let stored = what.sources.meets(Sources::of(Source::File).and(Sources::of(Source::Database)));
    if what.is_visitors() {
        if surrounded && !decoded { "visitor-in-program" } else { "visitor-evaluated" }
    } else if what.sources.are_foreign() {
        "remote-evaluated"
    } else if decoded && !surrounded && !stored {
        "decoded-evaluated"
    } else if what.full_text().is_some() {
        ""
    } else {
        "evaluates"
    }
}

/// What commands of databases begin with.
static QUERIES: &[&str] =
    &["select ", "update ", "insert ", "delete ", "alter ", "create table ", "drop table "];

/// Returns whether a text is a command of a database: then `Execute` is a procedure of another file.
pub(super) fn is_query(text: &str) -> bool {
    let text = text.trim_start();
    QUERIES.iter().any(|begin| text.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin)))
}

/// Returns whether what opens a database (`Server=x;Uid=y;Pwd=z`) holds the password itself.
pub(super) fn holds_password(connection: &str) -> bool {
    connection.split(';').filter_map(|part| part.split_once('=')).any(|(name, value)| {
        let value = value.trim_matches([' ', '"', '\'', '}', '{']);
        matches!(&*name.trim().to_ascii_lowercase(), "pwd" | "password")
            && !value.is_empty()
            && !value.starts_with(HOLE)
    })
}

/// How the server itself is called by its own pages.
static LOOPBACK: &[&str] = &["//127.0.0.1", "//localhost", "//[::1]"];

/// Returns whether an address is that of the server itself.
pub(super) fn is_loopback(address: &str) -> bool {
    LOOPBACK.iter().any(|own| address.contains(own))
}

/// Returns whether a place is the page itself, by what the server says of it.
pub(super) fn is_own(place: &Value) -> bool {
    place.sources == Sources::of(Source::Server)
        && place.open_text().is_none_or(|text| text.chars().all(|sign| sign == HOLE))
}
