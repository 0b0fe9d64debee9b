//! The library of classic ASP: what VBScript and JScript have of their own, and the components of Windows.

use super::Does::{Component, Drops, Folds, Gives, Makes, Passes, Reaches, TakesIn, Turns};
use super::{A1, A2, ALL, Library, NONE, Row, SELF, Sink, row};
use crate::flow::fold::Fold;
use crate::flow::value::Source;
use crate::kind::Language;

/// What there is.
pub(super) static LIBRARY: Library = SHARED;

/// In JScript, texts that are evaluated are JScript too.
pub(super) static JSCRIPT: Library = Library { evaluates: Language::JScript, ..SHARED };

const SHARED: Library = Library {
    rows: &[REQUESTS, ANSWERS, RUNNING, FILES, DATABASES, TEXTS, super::components::ROWS],
    types: TYPES,
    components: super::components::NAMES,
    called_by_visitors: &[],
    handlers: &[],
    native: &[],
    evaluates: Language::VbScript,
};

static TYPES: &[(&str, &str)] = &[("string", "string"), ("regexp", "regexp")];

/// What the visitor sends.
static REQUESTS: &[Row] = &[
    row("", &["request"], &[Makes("request")]),
    row("", &["response"], &[Makes("response")]),
    row("", &["server"], &[Makes("server")]),
    row("", &["session", "application"], &[Makes("session")]),
    row("session", &["contents", "staticobjects"], &[Makes("session")]),
    row("request", &["[]", "item"], &[Gives(Source::Request)]),
    row("request", &["querystring", "form"], &[Gives(Source::Request), Makes("fields")]),
    row("request", &["cookies"], &[Gives(Source::Header), Makes("fields")]),
    row("request", &["servervariables"], &[Makes("variables")]),
    row("request", &["binaryread"], &[Gives(Source::Body)]),
    row("request", &["totalbytes"], &[Drops]),
    row("fields", &["[]", "item", "key"], &[Passes]),
    row("fields", &["count", "haskeys"], &[Drops]),
    row("variables", &["[]", "item"], &[Gives(Source::Server)]),
];

/// What goes back, and what the server does for the page.
static ANSWERS: &[Row] = &[
    row("", &["#write"], &[Reaches(Sink::Respond, A1, NONE), Drops]),
    row("response", &["write", "binarywrite"], &[Reaches(Sink::Respond, A1, NONE), Drops]),
    row("response", &["redirect", "addheader", "end", "clear", "flush", "cookies"], &[Drops]),
    row("server", &["mappath"], &[Folds(Fold::Same)]),
    row("server", &["htmlencode", "urlencode"], &[Folds(Fold::Same)]),
    row("server", &["createobject"], &[Component]),
    row("server", &["execute", "transfer"], &[Reaches(Sink::Include, A1, NONE), TakesIn]),
    row("", &["#include"], &[Reaches(Sink::TakeIn, A1, NONE)]),
    row("", &["createobject", "getobject", "activexobject"], &[Component]),
    row("activexobject", &["new"], &[Component]),
];

/// What runs.
static RUNNING: &[Row] = &[
    row("", &["getref"], &[Folds(Fold::Same), Makes("function")]),
    row("", &["eval", "execute", "executeglobal"], &[Reaches(Sink::Evaluate, A1, NONE)]),
    row("output", &["stdout", "stderr", "stdin", "readall", "readline"], &[Passes, Makes("output")]),
    row("output", &["atendofstream"], &[Drops]),
    row("output", &["write", "writeline"], &[Reaches(Sink::Start, A1, NONE)]),
    row(
        "wmi",
        &["execquery", "instancesof", "get", "connectserver"],
        &[Reaches(Sink::Recon, NONE, A1), Makes("wmi")],
    ),
    row("wmi", &["create"], &[Reaches(Sink::Start, A1, NONE)]),
    row("", &["function"], &[Reaches(Sink::Evaluate, ALL, NONE)]),
    row("function", &["new"], &[Reaches(Sink::Evaluate, ALL, NONE)]),
    row("htmlfile", &["parentwindow", "script"], &[Makes("htmlfile")]),
    row("htmlfile", &["execscript", "eval"], &[Reaches(Sink::Evaluate, A1, NONE)]),
];

/// Files and folders.
static FILES: &[Row] = &[
    row("stream", &["loadfromfile"], &[Reaches(Sink::Read, NONE, A1)]),
    row("stream", &["savetofile"], &[Reaches(Sink::Write, SELF, A1)]),
    row("stream", &["readtext", "read"], &[Passes]),
    row("stream", &["position", "size", "type", "mode", "charset", "open", "close"], &[Drops]),
];

/// Databases.
static DATABASES: &[Row] = &[
    row("*", &["execute"], &[Gives(Source::Database)]),
    row("jetengine", &["compactdatabase"], &[Reaches(Sink::Move, NONE, A1 | A2)]),
];

/// Texts.
static TEXTS: &[Row] = &[
    row("", &["chr", "chrw", "chrb"], &[Folds(Fold::Characters)]),
    row("string", &["fromcharcode"], &[Folds(Fold::Characters)]),
    row("*", &["fromcharcode"], &[Folds(Fold::Characters)]),
    row("", &["asc", "ascw", "ascb"], &[Folds(Fold::Code)]),
    row("", &["strreverse"], &[Folds(Fold::Reverse)]),
    row("", &["replace"], &[Folds(Fold::Replace)]),
    row("", &["mid", "midb"], &[Folds(Fold::MidFromOne)]),
    row("", &["left", "leftb"], &[Folds(Fold::Left)]),
    row("", &["right", "rightb"], &[Folds(Fold::Right)]),
    row("", &["split"], &[Folds(Fold::Split)]),
    row("", &["join"], &[Folds(Fold::Join)]),
    row("", &["array"], &[Folds(Fold::List)]),
    row("", &["lcase"], &[Folds(Fold::Lower)]),
    row("", &["ucase"], &[Folds(Fold::Upper)]),
    row("", &["trim", "ltrim", "rtrim"], &[Folds(Fold::Trim)]),
    row("", &["cstr", "string"], &[Folds(Fold::Same)]),
    row("", &["cint", "clng", "cbyte", "cdbl"], &[Folds(Fold::Number), Drops]),
    row(
        "",
        &[
            "len",
            "lenb",
            "instr",
            "instrrev",
            "isnumeric",
            "isempty",
            "isnull",
            "isdate",
            "isobject",
            "ubound",
            "lbound",
        ],
        &[Drops],
    ),
    row(
        "",
        &[
            "now", "date", "time", "timer", "year", "month", "day", "hour", "minute", "second", "rnd", "int",
            "cdate", "abs",
        ],
        &[Drops],
    ),
    row("", &["unescape", "decodeuri", "decodeuricomponent"], &[Folds(Fold::Percent)]),
    row("*", &["replace"], &[Turns(Fold::Replace)]),
    row("*", &["substring"], &[Turns(Fold::Between)]),
    row("*", &["substr"], &[Turns(Fold::Mid)]),
    row("*", &["split"], &[Turns(Fold::Split)]),
    row("*", &["join"], &[Turns(Fold::Join)]),
    row("*", &["reverse"], &[Turns(Fold::Reverse)]),
    row("*", &["tolowercase"], &[Turns(Fold::Lower)]),
    row("*", &["touppercase"], &[Turns(Fold::Upper)]),
    row("*", &["tostring"], &[Turns(Fold::Same)]),
    row("*", &["charat"], &[Turns(Fold::Mid)]),
    row("*", &["length", "count", "indexof"], &[Drops]),
];
