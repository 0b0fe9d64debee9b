//! What reaches what gives control, told as signals.

use super::tables::{Family, Sink};
use super::value::{HOLE, HOLE_NAME, Marks, Source, Sources, Value};
use super::{Walker, scripts};
use crate::search;

/// The signals of a sink, by what reaches it.
struct Codes {
    sink: Sink,
    /// What the visitor sends, all of it.
    whole: &'static str,
    /// What the visitor sends, as a part.
    part: &'static str,
    /// What another server sent.
    remote: &'static str,
    /// What came out of a decoder.
    decoded: &'static str,
    /// What is fixed in the page.
    fixed: &'static str,
    /// Anything else.
    other: &'static str,
}

const fn codes(sink: Sink, whole: &'static str, part: &'static str) -> Codes {
    Codes { sink, whole, part, remote: "", decoded: "", fixed: "", other: "" }
}

/// What is run, loaded or asked.
static OF_WHAT: &[Codes] = &[
    Codes {
        remote: "remote-evaluated",
        decoded: "decoded-evaluated",
        fixed: "",
        other: "evaluates",
        ..codes(Sink::Evaluate, "visitor-evaluated", "visitor-evaluated")
    },
    Codes {
        remote: "remote-started",
        decoded: "decoded-started",
        fixed: "fixed-command",
        other: "starts-process",
        ..codes(Sink::Start, "visitor-started", "visitor-in-command")
    },
    Codes {
        remote: "remote-loaded",
        decoded: "decoded-loaded",
        fixed: "",
        other: "loads-code",
        ..codes(Sink::Load, "visitor-loaded", "visitor-loaded")
    },
    Codes {
        remote: "remote-evaluated",
        decoded: "decoded-evaluated",
        fixed: "compiles",
        other: "compiles",
        ..codes(Sink::Compile, "visitor-compiled", "visitor-compiled")
    },
    Codes { decoded: "decoded-invoked", ..codes(Sink::Invoke, "visitor-invoked", "visitor-invoked") },
    Codes { decoded: "decoded-created", ..codes(Sink::Create, "visitor-created", "visitor-created") },
    Codes { remote: "remote-evaluated", ..codes(Sink::Include, "visitor-included", "visitor-in-include") },
    codes(Sink::Mail, "visitor-mailed", ""),
    codes(Sink::Deserialise, "visitor-deserialised", "visitor-deserialised"),
    codes(Sink::Transform, "visitor-transformed", "visitor-transformed"),
    Codes {
        fixed: "stays-in-memory",
        other: "stays-in-memory",
        ..codes(Sink::Register, "stays-in-memory", "stays-in-memory")
    },
    codes(Sink::Setting, "visitor-read-secrets", "visitor-read-secrets"),
    codes(Sink::Query, "visitor-queried", "visitor-in-query"),
    Codes {
        fixed: "opens-database",
        ..codes(Sink::Open, "visitor-opened-database", "visitor-in-connection")
    },
    Codes {
        remote: "native-code",
        decoded: "native-code",
        fixed: "native-call",
        other: "native-call",
        ..codes(Sink::Native, "visitor-native", "visitor-native")
    },
    Codes {
        fixed: "impersonates",
        other: "impersonates",
        ..codes(Sink::Impersonate, "visitor-impersonated", "impersonates")
    },
];

/// What is read, written, listed or asked, by where.
static OF_PLACE: &[Codes] = &[
    codes(Sink::Read, "visitor-read", "visitor-in-read"),
    codes(Sink::List, "visitor-listed", "visitor-in-list"),
    codes(Sink::Delete, "visitor-deleted", "visitor-in-delete"),
    codes(Sink::Move, "visitor-moved", "visitor-in-move"),
    Codes {
        fixed: "connects",
        other: "connects",
        ..codes(Sink::Connect, "visitor-connected", "visitor-in-connect")
    },
    codes(Sink::Fetch, "visitor-fetched", "visitor-in-fetch"),
    codes(Sink::Write, "visitor-chose-file", "visitor-in-file-name"),
    codes(Sink::Upload, "visitor-chose-upload", "visitor-in-upload"),
    codes(Sink::Download, "visitor-chose-upload", "visitor-in-upload"),
    Codes {
        fixed: "reads-secrets",
        other: "reads-secrets",
        ..codes(Sink::Recon, "visitor-read-secrets", "visitor-read-secrets")
    },
];

/// Ends of names of files that servers run.
static SERVED: &[&str] = &[
    ".asp", ".aspx", ".ashx", ".asmx", ".ascx", ".asa", ".cer", ".cdx", ".cshtml", ".svc", ".soap", ".jsp",
    ".jspx", ".php", ".phtml", ".php5",
];

/// Ends of names of files that are no programs, and no texts that pages take in.
static DATA: &[&str] = &[".gif", ".jpg", ".jpeg", ".png", ".bmp", ".ico", ".zip", ".pdf"];

/// Ends of names of texts, which a page may take in as they stand.
static TEXTS: &[&str] = &[".txt", ".log", ".css"];

/// What code for a server begins with.
static SERVER_CODE: &[&str] = &["<%", "<?php", "<?=", "runat=\"server\"", "runat=server", "<jsp:"];

/// What is put round these names no file.
const STREAMS: &[&str] = &[
    "stream",
    "cipher",
    "filestream",
    "input",
    "netstream",
    "output",
    "reader",
    "upload",
    "webanswer",
    "writer",
];

impl Walker<'_, '_, '_> {
    /// Tells what reaches a sink.
    pub(super) fn reach(&mut self, sink: Sink, what: &Value, place: &Value, name: &str) {
        match sink {
            Sink::Evaluate => self.evaluate(what, name),
            Sink::Respond => self.respond(what, name),
            Sink::Include | Sink::TakeIn => self.include(sink, what, name),
            _ => self.tell(OF_WHAT, sink, what, name),
        }
        if !place.of.is_some_and(|of| STREAMS.contains(&of)) {
            self.tell(OF_PLACE, sink, place, name);
        }
        self.passwords(sink, what, place, name);
        if sink == Sink::Fetch && place.is_visitors() && place.open_text().is_some_and(scripts::is_loopback) {
            self.signal("visitor-in-loopback", place, name);
        }
        if sink == Sink::Write || sink == Sink::Upload {
            self.written(sink, what, place, name);
        }
        if sink == Sink::Open && what.open_text().is_some_and(scripts::holds_password) {
            self.signal("password-in-connection", what, name);
        }
        if sink == Sink::Transform {
            self.transform(what, place);
        }
        if sink == Sink::Download {
            let served = place.open_text().is_some_and(is_served);
            self.signal(if served { "remote-planted" } else { "remote-written" }, what, name);
        }
    }

    /// Tells what was sent as a password where it is written down or sent on.
    fn passwords(&mut self, sink: Sink, what: &Value, place: &Value, name: &str) {
        let (code, value) = match sink {
            Sink::Write if what.is_password() => ("password-kept", what),
            Sink::Remember if what.is_password() => ("password-remembered", what),
            Sink::Fetch | Sink::Connect if what.is_password() => ("password-sent", what),
            Sink::Fetch | Sink::Connect if place.is_password() => ("password-sent", place),
            _ => return,
        };
        self.signal(code, value, name);
    }

    fn tell(&mut self, table: &'static [Codes], sink: Sink, value: &Value, name: &str) {
        let Some(codes) = table.iter().find(|codes| codes.sink == sink) else { return };
        let code = if value.is_visitors() {
            if value.marks.has(Marks::WHOLE) { codes.whole } else { codes.part }
        } else if value.sources.are_foreign() && !codes.remote.is_empty() {
            codes.remote
        } else if value.marks.has(Marks::DECODED) && !codes.decoded.is_empty() {
            codes.decoded
        } else if value.marks.has(Marks::FIXED) || value.full_text().is_some() {
            codes.fixed
        } else {
            codes.other
        };
        self.signal(code, value, name);
    }

    /// Notes a signal, with the way of the value to it.
    pub(super) fn signal(&mut self, code: &'static str, value: &Value, name: &str) {
        if !code.is_empty() {
            self.state.found.add(code, self.state.line, value.trace.as_ref(), name);
        }
    }

    /// A text is run as a program: a known one is walked as such.
    fn evaluate(&mut self, what: &Value, name: &str) {
        if self.state.family == Family::Asp {
            if what.open_text().is_some_and(scripts::is_query) {
                return self.tell(OF_WHAT, Sink::Query, what, name);
            }
            self.signal(scripts::evaluated(what), what, name);
        } else {
            self.tell(OF_WHAT, Sink::Evaluate, what, name);
        }
        let Some(text) = what.open_text() else { return };
        let text = text.replace(HOLE, &format!(" {HOLE_NAME} "));
        if what.full_text().is_some() {
            let code = if what.marks.has(Marks::FOLDED) { "hidden-evaluated" } else { "constant-evaluated" };
            self.signal(code, what, name);
        }
        self.walk_text(&text, what);
    }

    /// A file is run as a page.
    fn include(&mut self, sink: Sink, what: &Value, name: &str) {
        self.tell(OF_WHAT, Sink::Include, what, name);
        let Some(file) = what.open_text() else { return };
        let small = file.to_ascii_lowercase();
        if small.starts_with("php://input") {
            self.signal("visitor-evaluated", what, name);
        } else if ["http://", "https://", "ftp://", "data:"].iter().any(|scheme| small.starts_with(scheme)) {
            self.signal("remote-evaluated", what, name);
        } else if DATA.iter().any(|end| small.ends_with(end))
            || sink == Sink::Include && TEXTS.iter().any(|end| small.ends_with(end))
        {
            self.signal("data-included", what, name);
        }
    }

    /// Something is written to the answer.
    pub(super) fn respond(&mut self, what: &Value, name: &str) {
        let chosen = what.marks.has(Marks::CHOSEN);
        if what.sources.meets(Sources::of(Source::Process)) {
            self.signal("output-shown", what, name);
        }
        if what.sources.meets(Sources::of(Source::Columns)) {
            self.signal("columns-shown", what, name);
        }
        if chosen && what.sources.meets(Sources::of(Source::Remote)) {
            self.signal("answer-relayed", what, name);
        }
        if chosen && what.sources.meets(Sources::of(Source::File)) {
            self.signal("file-shown", what, name);
        }
    }

    /// A file is written.
    fn written(&mut self, sink: Sink, what: &Value, place: &Value, name: &str) {
        let served = place.open_text().is_some_and(is_served) || scripts::is_own(place);
        self.state.pay(what.open_text().map_or(0, str::len));
        if what.open_text().is_some_and(is_code) {
            self.signal(if served { "page-planted" } else { "code-written" }, what, name);
        } else if served && what.full_text().is_some() {
            self.signal("served-file-written", what, name);
        }
        if what.is_visitors() && sink == Sink::Write {
            if place.is_visitors() {
                let marks = what.marks.common(place.marks);
                let code = if marks.has(Marks::WHOLE) {
                    "visitor-wrote-file"
                } else if what.marks.has(Marks::WHOLE) && place.marks.has(Marks::ENDS) {
                    "visitor-wrote-any-kind"
                } else {
                    "visitor-in-file"
                };
                self.signal(code, what, name);
            } else if served {
                let part = self.state.family == Family::Asp && !what.marks.has(Marks::WHOLE);
                self.signal(if part { "visitor-in-page" } else { "visitor-wrote-page" }, what, name);
            } else {
                self.signal("visitor-text-kept", what, name);
            }
        }
        if sink == Sink::Upload {
            self.signal("keeps-upload", what, name);
        }
        if what.sources.are_foreign() {
            self.signal(if served { "remote-planted" } else { "remote-written" }, what, name);
        }
        if what.marks.has(Marks::DECODED) || what.marks.has(Marks::FOLDED) {
            self.signal(if served { "decoded-planted" } else { "decoded-written" }, what, name);
        }
    }

    /// A function of the system is called.
    pub(super) fn native(&mut self, function: &str, values: &[Value]) {
        if self.state.tables.is_native(function) {
            let what = super::statements::carried_of(values);
            self.tell(OF_WHAT, Sink::Native, &what, function);
        }
    }

    /// A name of what gives control had to be put together or decoded.
    pub(super) fn hidden_name(&mut self, name: &str, from: &Value) {
        if from.marks.has(Marks::FOLDED) {
            self.signal("hidden-name", from, name);
        }
    }

    /// What is called is not known: the visitor may choose it.
    pub(super) fn invoke_unknown(&mut self, callee: &Value, values: &[Value]) {
        self.tell(OF_WHAT, Sink::Invoke, callee, "call");
        if callee.is_visitors() && values.iter().any(Value::is_visitors) {
            self.signal("visitor-evaluated", callee, "call");
        } else if let Some(sent) = values.iter().find(|value| value.is_visitors()) {
            if callee.marks.has(Marks::DECODED) {
                self.signal("decoded-invoked-with-visitors", callee, "call");
            } else {
                self.signal("unknown-invoked-with-visitors", sent, "call");
            }
        }
    }

    /// What is called stands in a list, at a number: names that are hidden are kept so.
    pub(super) fn invoke_numbered(&mut self, callee: &Value) {
        if callee.full_text().is_none() && self.state.family == Family::Php {
            self.signal("numbered-invoked", callee, "call");
        }
    }

    /// Two values are compared.
    pub(super) fn compared(&mut self, left: &Value, right: &Value) {
        for (sent, known) in [(left, right), (right, left)] {
            if sent.is_visitors() && sent.marks.has(Marks::DIGEST) && known.full_text().is_some() {
                self.signal("gate", sent, "compare");
            }
        }
    }
}

/// How files begin that are run: of Java, Linux, and in part of Windows.
static PROGRAM: &[&str] = &["\u{ca}\u{fe}\u{ba}\u{be}", "\u{7f}ELF", "MZ\u{90}\0"];

/// Returns whether a text is code for a server, or a program.
fn is_code(text: &str) -> bool {
    PROGRAM.iter().any(|start| text.starts_with(start))
        || SERVER_CODE.iter().any(|code| search::find(text.as_bytes(), 0, code).is_some())
        || text.match_indices("<?").any(|(at, _)| is_short_tag(&text[at + 2..]))
}

/// Returns whether what stands behind `<?` makes it PHP's: XML has the name of its declaration there.
fn is_short_tag(rest: &str) -> bool {
    !rest.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("xml"))
        && rest.chars().take(200).any(|sign| matches!(sign, '(' | '$' | '`'))
}

/// Returns whether a file of that name would be run.
fn is_served(name: &str) -> bool {
    let name = name.trim_end_matches(HOLE).trim_end();
    SERVED.iter().any(|end| {
        name.len() >= end.len()
            && name.is_char_boundary(name.len() - end.len())
            && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
    })
}
