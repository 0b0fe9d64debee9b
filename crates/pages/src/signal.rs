//! What speaks for a page being a shell, each with what a person can check.

/// One thing that was seen in a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// Which one: a row of the table of signals.
    pub code: &'static str,
    /// The line of the page on which it ends: of a flow, its sink; where that stands in a file that the page takes in, the line
    /// that takes the file in. From 1.
    pub line: u32,
    /// The way from what the visitor controls to what gives control; of what is no flow, the one place.
    pub path: Vec<Step>,
}

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The line of the page, or of the file, from 1.
    pub line: u32,
    /// The file that the page takes in in which it stands, as it is named there; none for the page itself. Hostile too.
    pub file: Option<Box<str>>,
    /// What stands there: `Request.Form`, `x = …`, `Process.Start`. Text from evidence: hostile.
    pub what: String,
}

/// The signals that say what becomes of passwords.
static ABOUT_PASSWORDS: &[&str] = &[
    "form-sent-elsewhere",
    "password-in-address",
    "password-kept",
    "password-kept-by-script",
    "password-posted-by-script",
    "password-remembered",
    "password-sent",
    "password-sent-by-script",
];

impl Step {
    /// Returns a step that stands in the page itself.
    pub(crate) fn of_page(line: u32, what: impl Into<String>) -> Self {
        Self { line, file: None, what: what.into() }
    }
}

impl Signal {
    /// Says whether it tells of passwords that are kept or sent away, and not of control over the server.
    pub fn is_about_passwords(&self) -> bool {
        ABOUT_PASSWORDS.contains(&self.code)
    }
}

/// How much a signal says. What it means is said by the locales, as `signal-` and its code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meaning {
    /// Which signal.
    pub code: &'static str,
    /// What it weighs for a shell, where `verdict/weights/` says nothing else of the language.
    pub shell: f64,
    /// What it weighs for a tool of dual use.
    pub dual_use: f64,
}

const fn meaning(code: &'static str, shell: f64, dual_use: f64) -> Meaning {
    Meaning { code, shell, dual_use }
}

/// Every signal that there is, by code.
pub static MEANINGS: &[Meaning] = &[
    meaning("answer-relayed", 2.5, 3.0),
    meaning("code-written", 4.0, 2.0),
    meaning("columns-shown", 0.0, 0.5),
    meaning("compiled-compiles", 4.0, 4.0),
    meaning("compiled-connects", 3.0, 4.0),
    meaning("compiled-evaluates", 5.5, 3.0),
    meaning("compiled-loads", 5.5, 3.0),
    meaning("compiled-names-shell", 2.0, 1.0),
    meaning("compiled-native", 5.5, 3.0),
    meaning("compiled-reads-output", 1.5, 1.0),
    meaning("compiled-starts", 2.0, 4.0),
    meaning("compiles", 1.5, 1.5),
    meaning("connects", 1.5, 1.5),
    meaning("constant-evaluated", 0.5, 0.5),
    meaning("data-included", 3.0, 4.0),
    meaning("decoded-created", 2.5, 1.0),
    meaning("decoded-evaluated", 5.0, 2.0),
    meaning("decoded-invoked", 2.0, 1.0),
    meaning("decoded-invoked-with-visitors", 5.0, 2.0),
    meaning("decoded-loaded", 5.0, 2.0),
    meaning("decoded-planted", 5.0, 2.0),
    meaning("decoded-started", 4.5, 4.0),
    meaning("decoded-written", 0.5, 0.5),
    meaning("evaluates", 0.5, 0.5),
    meaning("file-shown", 1.0, 3.0),
    meaning("fixed-command", 2.0, 4.0),
    meaning("form-sent-elsewhere", 2.0, 3.7),
    meaning("gate", 1.5, 1.0),
    meaning("hidden-evaluated", 5.0, 2.0),
    meaning("hidden-name", 3.0, 1.0),
    meaning("impersonates", 1.0, 2.0),
    meaning("keeps-upload", 0.0, 0.5),
    meaning("loads-code", 2.0, 4.0),
    meaning("native-call", 3.0, 3.0),
    meaning("native-code", 6.0, 2.0),
    meaning("numbered-invoked", 1.0, 1.0),
    meaning("only-makes", 0.0, 2.0),
    meaning("opens-database", 0.0, 0.0),
    meaning("output-shown", 4.0, 4.5),
    meaning("page-planted", 5.5, 2.0),
    meaning("password-in-address", 2.0, 3.7),
    meaning("password-in-connection", 0.0, 0.0),
    meaning("password-kept", 5.2, 4.0),
    meaning("password-kept-by-script", 0.5, 1.0),
    meaning("password-posted-by-script", 0.5, 1.0),
    meaning("password-remembered", 1.5, 2.0),
    meaning("password-sent", 2.0, 3.7),
    meaning("password-sent-by-script", 3.8, 4.0),
    meaning("reads-secrets", 0.5, 2.5),
    meaning("remote-evaluated", 5.0, 2.0),
    meaning("remote-loaded", 4.5, 2.0),
    meaning("remote-planted", 5.0, 2.0),
    meaning("remote-started", 4.5, 2.0),
    meaning("remote-written", 1.5, 1.5),
    meaning("served-file-written", 3.0, 3.0),
    meaning("starts-process", 2.0, 4.0),
    meaning("stays-in-memory", 4.0, 4.0),
    meaning("text-in-ebcdic", 2.5, 1.0),
    meaning("text-in-utf-16", 0.3, 0.0),
    meaning("text-in-utf-7", 3.0, 1.0),
    meaning("text-inside-binary", 2.0, 1.0),
    meaning("text-of-encoded-script", 0.5, 0.5),
    meaning("unknown-invoked-with-visitors", 3.5, 4.0),
    meaning("visitor-chose-file", 2.0, 3.7),
    meaning("visitor-chose-upload", 1.5, 3.7),
    meaning("visitor-compiled", 6.5, 2.0),
    meaning("visitor-connected", 5.0, 4.0),
    meaning("visitor-created", 2.5, 2.5),
    meaning("visitor-deleted", 1.5, 3.7),
    meaning("visitor-deserialised", 4.0, 2.5),
    meaning("visitor-evaluated", 7.0, 2.0),
    meaning("visitor-fetched", 1.0, 2.0),
    meaning("visitor-impersonated", 2.0, 3.0),
    meaning("visitor-in-command", 3.5, 3.5),
    meaning("visitor-in-connect", 1.5, 2.0),
    meaning("visitor-in-connection", 0.5, 1.5),
    meaning("visitor-in-delete", 0.5, 1.0),
    meaning("visitor-in-fetch", 0.0, 0.5),
    meaning("visitor-in-file", 1.0, 1.5),
    meaning("visitor-in-file-name", 0.3, 0.5),
    meaning("visitor-in-include", 1.0, 1.0),
    meaning("visitor-in-list", 0.3, 1.0),
    meaning("visitor-in-loopback", 2.0, 4.0),
    meaning("visitor-in-move", 0.3, 1.0),
    meaning("visitor-in-page", 1.0, 1.0),
    meaning("visitor-in-program", 4.0, 4.0),
    meaning("visitor-in-query", 0.0, 0.0),
    meaning("visitor-in-read", 0.2, 0.7),
    meaning("visitor-in-upload", 0.2, 0.5),
    meaning("visitor-included", 2.0, 2.0),
    meaning("visitor-invoked", 3.5, 4.0),
    meaning("visitor-listed", 1.5, 3.7),
    meaning("visitor-loaded", 6.5, 2.0),
    meaning("visitor-mailed", 1.0, 3.7),
    meaning("visitor-moved", 1.5, 3.7),
    meaning("visitor-native", 6.0, 2.0),
    meaning("visitor-opened-database", 2.0, 4.0),
    meaning("visitor-queried", 1.5, 4.0),
    meaning("visitor-read", 1.0, 3.7),
    meaning("visitor-read-secrets", 2.0, 3.5),
    meaning("visitor-started", 6.5, 2.5),
    meaning("visitor-text-kept", 0.0, 0.3),
    meaning("visitor-transformed", 4.5, 2.0),
    meaning("visitor-wrote-any-kind", 5.0, 2.5),
    meaning("visitor-wrote-file", 4.5, 3.0),
    meaning("visitor-wrote-page", 4.5, 2.5),
];

impl Signal {
    /// Returns what the signal means.
    pub fn meaning(&self) -> Option<&'static Meaning> {
        MEANINGS.binary_search_by_key(&self.code, |meaning| meaning.code).ok().map(|place| &MEANINGS[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_is_found_by_its_code() {
        assert!(MEANINGS.is_sorted_by(|one, two| one.code < two.code), "not in the order of codes");
        for code in ABOUT_PASSWORDS {
            assert!(MEANINGS.iter().any(|meaning| meaning.code == *code), "{code} is no signal");
        }
    }
}
