//! What speaks for a page being a shell, each with what a person can check.

/// One thing that was seen in a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// Which one: a row of the table of signals.
    pub code: &'static str,
    /// The line on which it ends: of a flow, its sink. From 1.
    pub line: u32,
    /// The way from what the visitor controls to what gives control; of what is no flow, the one place.
    pub path: Vec<Step>,
}

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The line of the page, from 1.
    pub line: u32,
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

impl Signal {
    /// Says whether it tells of passwords that are kept or sent away, and not of control over the server.
    pub fn is_about_passwords(&self) -> bool {
        ABOUT_PASSWORDS.contains(&self.code)
    }
}

/// What a signal means, and how much it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meaning {
    /// Which signal.
    pub code: &'static str,
    /// What was seen, as a sentence.
    pub sentence: &'static str,
    /// What it weighs for a shell, where `verdict/weights/` says nothing else of the language.
    pub shell: f64,
    /// What it weighs for a tool of dual use.
    pub dual_use: f64,
}

const fn meaning(code: &'static str, shell: f64, dual_use: f64, sentence: &'static str) -> Meaning {
    Meaning { code, sentence, shell, dual_use }
}

/// Every signal that there is, by code.
pub static MEANINGS: &[Meaning] = &[
    meaning(
        "answer-relayed",
        2.5,
        3.0,
        "What the visitor asks of another server is passed on to the visitor.",
    ),
    meaning("code-written", 4.0, 2.0, "Code for a server, or a program, is written to a file."),
    meaning(
        "compiled-compiles",
        4.0,
        4.0,
        "A compiled page that reads what the visitor sends also compiles texts.",
    ),
    meaning(
        "compiled-connects",
        3.0,
        4.0,
        "A compiled page that reads what the visitor sends also opens sockets.",
    ),
    meaning(
        "compiled-evaluates",
        5.5,
        3.0,
        "A compiled page that reads what the visitor sends also runs texts as programs.",
    ),
    meaning(
        "compiled-loads",
        5.5,
        3.0,
        "A compiled page that reads what the visitor sends also loads bytes as a program.",
    ),
    meaning("compiled-names-shell", 2.0, 1.0, "A compiled page names what takes commands."),
    meaning(
        "compiled-native",
        5.5,
        3.0,
        "A compiled page that reads what the visitor sends also calls functions of the system for memory or processes.",
    ),
    meaning("compiled-reads-output", 1.5, 1.0, "A compiled page reads what a process writes."),
    meaning(
        "compiled-starts",
        2.0,
        4.0,
        "A compiled page that reads what the visitor sends also starts processes.",
    ),
    meaning("compiles", 1.5, 1.5, "A text is compiled."),
    meaning("connects", 1.5, 1.5, "A socket is opened."),
    meaning("constant-evaluated", 0.5, 0.5, "A fixed text is run as a program."),
    meaning("data-included", 3.0, 4.0, "A file that is no program by its name is run as one."),
    meaning("decoded-created", 2.5, 1.0, "An object is made whose name is decoded first."),
    meaning("decoded-evaluated", 5.0, 2.0, "What is decoded first is run as a program."),
    meaning("decoded-invoked", 2.0, 1.0, "What is called is decoded first."),
    meaning(
        "decoded-invoked-with-visitors",
        5.0,
        2.0,
        "What is called is decoded first, and is given what the visitor sends.",
    ),
    meaning("decoded-loaded", 5.0, 2.0, "What is decoded first is loaded as a program."),
    meaning("decoded-planted", 5.0, 2.0, "What is decoded first is written to a file that the server runs."),
    meaning("decoded-started", 4.5, 4.0, "What is decoded first is started as a process."),
    meaning("decoded-written", 0.5, 0.5, "What is decoded first is written to a file."),
    meaning("evaluates", 0.5, 0.5, "A text is run as a program."),
    meaning("file-shown", 1.0, 3.0, "A file that the visitor names is shown."),
    meaning("fixed-command", 2.0, 4.0, "A fixed command is started."),
    meaning(
        "form-sent-elsewhere",
        2.0,
        3.7,
        "A script of the page has a form with a password sent to another server.",
    ),
    meaning("gate", 1.5, 1.0, "The digest of what the visitor sends is held against a fixed one."),
    meaning("hidden-evaluated", 5.0, 2.0, "A hidden text is run as a program."),
    meaning("hidden-name", 3.0, 1.0, "The name of what is called is hidden."),
    meaning("impersonates", 1.0, 2.0, "The page takes on another account."),
    meaning("keeps-upload", 0.0, 0.5, "A file that was sent is kept."),
    meaning("loads-code", 2.0, 4.0, "A file or bytes are loaded as a program."),
    meaning("native-call", 3.0, 3.0, "Functions of the system for memory, processes or tokens are called."),
    meaning("native-code", 6.0, 2.0, "Decoded bytes are given to functions of the system."),
    meaning("numbered-invoked", 1.0, 1.0, "What is called stands in a list, at a number."),
    meaning("only-makes", 0.0, 2.0, "The page does nothing but make an object that another file declares."),
    meaning(
        "opens-database",
        0.0,
        0.0,
        "A database is opened that the page names, with what the page gives.",
    ),
    meaning("output-shown", 4.0, 4.5, "What a process writes is shown to the visitor."),
    meaning("page-planted", 5.5, 2.0, "Code for a server is written to a file that the server runs."),
    meaning(
        "password-in-address",
        2.0,
        3.7,
        "A script of the page puts the password that is typed in into an address.",
    ),
    meaning("password-kept", 5.2, 4.0, "What is sent as a password is written to a file."),
    meaning("password-kept-by-script", 0.5, 1.0, "A script of the page keeps the password that is typed in."),
    meaning(
        "password-posted-by-script",
        0.5,
        1.0,
        "A script of the page sends the password that is typed in to the page's own server.",
    ),
    meaning("password-remembered", 1.5, 2.0, "What is sent as a password is written to a log or a cookie."),
    meaning("password-sent", 2.0, 3.7, "What is sent as a password is sent on to another server."),
    meaning(
        "password-sent-by-script",
        3.8,
        4.0,
        "A script of the page sends the password that is typed in to another server.",
    ),
    meaning("reads-secrets", 0.5, 2.5, "What the server keeps to itself is read."),
    meaning("remote-evaluated", 5.0, 2.0, "What another server sends is run as a program."),
    meaning("remote-loaded", 4.5, 2.0, "What another server sends is loaded as a program."),
    meaning(
        "remote-planted",
        5.0,
        2.0,
        "What another server sends is written to a file that the server runs.",
    ),
    meaning("remote-started", 4.5, 2.0, "What another server sends is started as a process."),
    meaning("remote-written", 1.5, 1.5, "What another server sends is written to a file."),
    meaning("served-file-written", 3.0, 3.0, "A fixed text is written to a file that the server runs."),
    meaning("starts-process", 2.0, 4.0, "A process is started."),
    meaning(
        "stays-in-memory",
        4.0,
        4.0,
        "The server is made to ask the page for what other pages are asked.",
    ),
    meaning("text-in-ebcdic", 2.5, 1.0, "The page is written in a code page that no editor shows."),
    meaning("text-in-utf-16", 0.3, 0.0, "The page is written in UTF-16."),
    meaning("text-in-utf-7", 3.0, 1.0, "The page is written in UTF-7."),
    meaning("text-inside-binary", 2.0, 1.0, "The page stands within a file that is no text."),
    meaning("text-of-encoded-script", 0.5, 0.5, "Parts of the page went through the Script Encoder."),
    meaning(
        "unknown-invoked-with-visitors",
        3.5,
        4.0,
        "What is called cannot be told from the page, and is given what the visitor sends.",
    ),
    meaning("visitor-chose-file", 2.0, 3.7, "The visitor says which file is written."),
    meaning("visitor-chose-upload", 1.5, 3.7, "The visitor says where a file that was sent is kept."),
    meaning("visitor-compiled", 6.5, 2.0, "What the visitor sends is compiled."),
    meaning("visitor-connected", 5.0, 4.0, "The visitor says where a socket is opened to."),
    meaning("visitor-created", 2.5, 2.5, "The visitor says which object is made."),
    meaning("visitor-deleted", 1.5, 3.7, "The visitor says which file is deleted."),
    meaning("visitor-deserialised", 4.0, 2.5, "Objects are made of what the visitor sends."),
    meaning("visitor-evaluated", 7.0, 2.0, "What the visitor sends is run as a program."),
    meaning("visitor-fetched", 1.0, 2.0, "The visitor says which other server is asked."),
    meaning("visitor-impersonated", 2.0, 3.0, "The visitor says which account the page takes on."),
    meaning("visitor-in-command", 3.5, 3.5, "What the visitor sends becomes part of a command."),
    meaning(
        "visitor-in-connect",
        1.5,
        2.0,
        "What the visitor sends becomes part of where a socket is opened to.",
    ),
    meaning(
        "visitor-in-connection",
        0.5,
        1.5,
        "What the visitor sends becomes part of which database is opened.",
    ),
    meaning("visitor-in-delete", 0.5, 1.0, "What the visitor sends becomes part of which file is deleted."),
    meaning(
        "visitor-in-fetch",
        0.0,
        0.5,
        "What the visitor sends becomes part of which other server is asked.",
    ),
    meaning(
        "visitor-in-file",
        1.0,
        1.5,
        "What the visitor sends is written to a file that the visitor has a part in naming.",
    ),
    meaning(
        "visitor-in-file-name",
        0.3,
        0.5,
        "What the visitor sends becomes part of which file is written.",
    ),
    meaning("visitor-in-include", 1.0, 1.0, "What the visitor sends becomes part of which page is run."),
    meaning("visitor-in-list", 0.3, 1.0, "What the visitor sends becomes part of which folder is listed."),
    meaning(
        "visitor-in-loopback",
        2.0,
        4.0,
        "What the visitor sends becomes part of what the server asks itself.",
    ),
    meaning("visitor-in-move", 0.3, 1.0, "What the visitor sends becomes part of which file is moved."),
    meaning(
        "visitor-in-page",
        1.0,
        1.0,
        "What the visitor sends becomes part of a file that the server runs.",
    ),
    meaning("visitor-in-program", 4.0, 4.0, "What the visitor sends becomes part of a program that is run."),
    meaning("visitor-in-query", 0.0, 0.0, "What the visitor sends becomes part of a command of a database."),
    meaning("visitor-in-read", 0.2, 0.7, "What the visitor sends becomes part of which file is read."),
    meaning(
        "visitor-in-upload",
        0.2,
        0.5,
        "What the visitor sends becomes part of where a file that was sent is kept.",
    ),
    meaning("visitor-included", 2.0, 2.0, "The visitor says which page is run."),
    meaning("visitor-invoked", 3.5, 4.0, "The visitor says what is called."),
    meaning("visitor-listed", 1.5, 3.7, "The visitor says which folder is listed."),
    meaning("visitor-loaded", 6.5, 2.0, "What the visitor sends is loaded as a program."),
    meaning("visitor-mailed", 1.0, 3.7, "The visitor says to whom mail is sent."),
    meaning("visitor-moved", 1.5, 3.7, "The visitor says which file is moved."),
    meaning("visitor-native", 6.0, 2.0, "What the visitor sends is given to functions of the system."),
    meaning("visitor-opened-database", 2.0, 4.0, "The visitor says which database is opened."),
    meaning("visitor-queried", 1.5, 4.0, "What the visitor sends is given to a database as a command."),
    meaning("visitor-read", 1.0, 3.7, "The visitor says which file is read."),
    meaning("visitor-read-secrets", 2.0, 3.5, "The visitor says which of the server's own secrets is read."),
    meaning("visitor-started", 6.5, 2.5, "What the visitor sends is started as a process."),
    meaning("visitor-text-kept", 0.0, 0.3, "What the visitor sends is written to a file."),
    meaning("visitor-transformed", 4.5, 2.0, "A style sheet that the visitor sends is run."),
    meaning(
        "visitor-wrote-any-kind",
        5.0,
        2.5,
        "What the visitor sends is written to a file whose kind the visitor chooses.",
    ),
    meaning("visitor-wrote-file", 4.5, 3.0, "The visitor says what is written to which file."),
    meaning(
        "visitor-wrote-page",
        4.5,
        2.5,
        "What the visitor sends is written to a file that the server runs.",
    ),
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
