//! The library of Java, and what a Java Server Page is given.

use super::Does::{
    Appends, CallsNamed, Drops, Fills, Folds, Gives, Instantiates, Invokes, Makes, NamesMethod, NamesType,
    Passes, Reaches, Turns, Wraps,
};
use super::{A1, A2, ALL, Library, NONE, Row, SELF, Sink, row};
use crate::flow::fold::Fold;
use crate::flow::value::Source;
use crate::kind::Language;

/// What there is.
pub(super) static LIBRARY: Library = Library {
    rows: &[REQUESTS, RUNNING, LOADING, FILES, NETWORK, DATABASES, TEXTS],
    types: TYPES,
    components: &[],
    called_by_visitors: &["webmethod", "get", "post", "put", "requestmapping", "getmapping", "postmapping"],
    handlers: &["onmessage"],
    native: &[],
    evaluates: Language::JScript,
};

static TYPES: &[(&str, &str)] = &[
    ("httpservletrequest", "request"),
    ("servletrequest", "request"),
    ("httpservletresponse", "response"),
    ("servletresponse", "response"),
    ("httpsession", "session"),
    ("servletcontext", "session"),
    ("jspwriter", "out"),
    ("servletoutputstream", "out"),
    ("printwriter", "writer"),
    ("printstream", "writer"),
    ("bufferedwriter", "writer"),
    ("outputstreamwriter", "writer"),
    ("dataoutputstream", "writer"),
    ("bufferedoutputstream", "writer"),
    ("gzipoutputstream", "writer"),
    ("filehandler", "writer"),
    ("bytearrayoutputstream", "buffer"),
    ("stringwriter", "buffer"),
    ("jdbcrowsetimpl", "rowset"),
    ("initialcontext", "naming"),
    ("initialdircontext", "naming"),
    ("field", "field"),
    ("requestdispatcher", "dispatcher"),
    ("urlclassloader", "classloader"),
    ("securityclassloader", "classloader"),
    ("scriptenginemanager", "scriptengine"),
    ("nashornscriptengine", "scriptengine"),
    ("invocable", "scriptengine"),
    ("groovyshell", "scriptengine"),
    ("templatesimpl", "templates"),
    ("preparedstatement", "statement"),
    ("drivermanager", "drivermanager"),
    ("fileinputstream", "fileinputstream"),
    ("filereader", "fileinputstream"),
    ("scanner", "fileinputstream"),
    ("randomaccessfile", "fileoutputstream"),
    ("filewriter", "fileoutputstream"),
    ("fileoutputstream", "fileoutputstream"),
    ("httpurlconnection", "urlconnection"),
    ("stringbuilder", "builder"),
    ("stringbuffer", "builder"),
    ("base64decoder", "decoder"),
    ("serversocket", "socket"),
    ("socketchannel", "socket"),
    ("asynchronoussocketchannel", "socket"),
    ("datagramsocket", "socket"),
    ("sslsocket", "socket"),
    ("method", "method"),
    ("constructor", "method"),
];

/// What the visitor sends, and what goes back.
static REQUESTS: &[Row] = &[
    row("", &["request"], &[Makes("request")]),
    row("", &["response"], &[Makes("response")]),
    row("", &["session", "application"], &[Makes("session")]),
    row("", &["pagecontext"], &[Makes("pagecontext")]),
    row("", &["out"], &[Makes("out")]),
    row("", &["param", "paramvalues", "header", "cookie"], &[Gives(Source::Request)]),
    row("pagecontext", &["getrequest", "request"], &[Makes("request")]),
    row("pagecontext", &["getresponse", "response"], &[Makes("response")]),
    row("pagecontext", &["getsession"], &[Makes("session")]),
    row("pagecontext", &["getout"], &[Makes("out")]),
    row(
        "request",
        &["getparameter", "getparametervalues", "getparametermap", "getparameternames", "getquerystring"],
        &[Gives(Source::Request)],
    ),
    row("request", &["getheader", "getheaders", "getcookies"], &[Gives(Source::Header)]),
    row("request", &["getinputstream", "getreader", "getpart", "getparts"], &[Gives(Source::Body)]),
    row("request", &["getsession", "getservletcontext"], &[Makes("session")]),
    row(
        "request",
        &["getrequesturi", "getservletpath", "getremoteaddr", "getpathinfo", "getcontextpath", "getrealpath"],
        &[Gives(Source::Server)],
    ),
    row(
        "request",
        &["getmethod", "getcontentlength", "setcharacterencoding", "getcharacterencoding"],
        &[Drops],
    ),
    row("*", &["getparameter"], &[Gives(Source::Request)]),
    row("session", &["getrealpath"], &[Folds(Fold::Same)]),
    row("response", &["getwriter", "getoutputstream"], &[Makes("out")]),
    row("", &["#write"], &[Reaches(Sink::Respond, A1, NONE), Drops]),
    row("out", &["print", "println", "write", "append"], &[Reaches(Sink::Respond, A1, NONE), Drops]),
    row("writer", &["new"], &[Wraps]),
    row("writer", &["print", "println", "write", "append"], &[Reaches(Sink::Respond, A1, NONE), Drops]),
    row("*", &["sendtext", "sendbinary", "sendobject"], &[Reaches(Sink::Respond, A1, NONE), Drops]),
];

/// What runs.
static RUNNING: &[Row] = &[
    row("runtime", &["getruntime"], &[Makes("runtime")]),
    row("expression", &["new"], &[CallsNamed]),
    row("statement", &["new"], &[CallsNamed]),
    row("*", &["getvalue"], &[Passes]),
    row("runtime", &["exec"], &[Reaches(Sink::Start, A1, NONE), Makes("process")]),
    row("processbuilder", &["new"], &[Makes("processbuilder")]),
    row("processbuilder", &["command"], &[Passes, Makes("processbuilder")]),
    row("processbuilder", &["start"], &[Reaches(Sink::Start, SELF, NONE), Makes("process")]),
    row("processimpl", &["start"], &[Reaches(Sink::Start, ALL, NONE), Makes("process")]),
    row("process", &["getinputstream", "geterrorstream"], &[Gives(Source::Process)]),
    row("process", &["getoutputstream"], &[Makes("input")]),
    row("input", &["write"], &[Reaches(Sink::Start, A1, NONE)]),
    row("scriptengine", &["getenginebyname", "getenginebyextension", "new"], &[Makes("scriptengine")]),
    row("scriptengine", &["eval", "evaluate", "parse"], &[Reaches(Sink::Evaluate, A1, NONE)]),
    row(
        "expressionfactory",
        &["createvalueexpression", "createmethodexpression"],
        &[Reaches(Sink::Evaluate, A2, NONE)],
    ),
    row("*", &["createvalueexpression", "createmethodexpression"], &[Reaches(Sink::Evaluate, A2, NONE)]),
    row("elprocessor", &["eval", "getvalue"], &[Reaches(Sink::Evaluate, A1, NONE)]),
    row("*", &["parseexpression"], &[Reaches(Sink::Evaluate, A1, NONE)]),
];

/// What becomes a program.
static LOADING: &[Row] = &[
    row("", &["defineclass"], &[Reaches(Sink::Load, ALL, NONE)]),
    row(
        "*",
        &["defineclass", "defineclass0", "defineclass1", "defineclass2", "defineanonymousclass"],
        &[Reaches(Sink::Load, ALL, NONE)],
    ),
    row("classloader", &["new", "newinstance"], &[Reaches(Sink::Load, A1, NONE), Makes("classloader")]),
    row("classloader", &["loadclass"], &[Reaches(Sink::Load, A1, NONE)]),
    row("class", &["forname"], &[NamesType]),
    row("*", &["getmethod", "getdeclaredmethod"], &[NamesMethod]),
    row("method", &["invoke"], &[Invokes]),
    row("class", &["newinstance"], &[Instantiates]),
    row("naming", &["lookup", "dolookup"], &[Reaches(Sink::Load, A1, NONE)]),
    row("rowset", &["setdatasourcename", "seturl"], &[Reaches(Sink::Load, A1, NONE)]),
    row("*", &["getfield", "getdeclaredfield"], &[Makes("field")]),
    row("field", &["set"], &[Reaches(Sink::Invoke, A2, NONE)]),
    row("templates", &["new"], &[Reaches(Sink::Load, NONE, NONE), Makes("templates")]),
    row("system", &["load", "loadlibrary"], &[Reaches(Sink::Load, A1, NONE)]),
    row("toolprovider", &["getsystemjavacompiler"], &[Makes("compiler")]),
    row("compiler", &["run", "gettask"], &[Reaches(Sink::Compile, ALL, NONE)]),
    row("xmldecoder", &["new"], &[Reaches(Sink::Deserialise, A1, NONE), Makes("xmldecoder")]),
    row("objectinputstream", &["new"], &[Reaches(Sink::Deserialise, A1, NONE), Makes("objectinputstream")]),
    row("transformerfactory", &["newtransformer", "newtemplates"], &[Reaches(Sink::Transform, A1, NONE)]),
];

/// Files and folders.
static FILES: &[Row] = &[
    row("file", &["new"], &[Folds(Fold::Concatenate), Makes("file")]),
    row("paths", &["get"], &[Folds(Fold::Concatenate), Makes("path")]),
    row("*", &["topath", "tofile", "getabsolutepath", "getcanonicalpath", "getpath"], &[Turns(Fold::Same)]),
    row("file", &["list", "listfiles"], &[Reaches(Sink::List, NONE, SELF), Gives(Source::File)]),
    row("file", &["listroots"], &[Gives(Source::Server)]),
    row("file", &["delete", "deleteonexit"], &[Reaches(Sink::Delete, NONE, SELF)]),
    row(
        "file",
        &["renameto", "mkdir", "mkdirs", "createnewfile", "setlastmodified"],
        &[Reaches(Sink::Move, NONE, SELF | A1)],
    ),
    row(
        "file",
        &["exists", "isdirectory", "isfile", "length", "lastmodified", "canread", "canwrite"],
        &[Drops],
    ),
    row(
        "fileinputstream",
        &["new"],
        &[Reaches(Sink::Read, NONE, A1), Gives(Source::File), Makes("fileinputstream")],
    ),
    row(
        "fileoutputstream",
        &["new"],
        &[Reaches(Sink::Write, NONE, A1), Folds(Fold::Same), Makes("fileoutputstream")],
    ),
    row("fileoutputstream", &["write", "print", "println", "append"], &[Reaches(Sink::Write, A1, SELF)]),
    row("files", &["write", "writestring"], &[Reaches(Sink::Write, A2, A1)]),
    row("files", &["copy"], &[Reaches(Sink::Read, NONE, A1), Reaches(Sink::Write, A1, A2)]),
    row("files", &["move", "createdirectory", "createdirectories"], &[Reaches(Sink::Move, NONE, A1 | A2)]),
    row("files", &["newoutputstream", "newbufferedwriter"], &[Wraps]),
    row(
        "files",
        &["newinputstream", "newbufferedreader"],
        &[Reaches(Sink::Read, NONE, A1), Gives(Source::File), Makes("fileinputstream")],
    ),
    row(
        "files",
        &["readallbytes", "readalllines", "lines"],
        &[Reaches(Sink::Read, NONE, A1), Gives(Source::File)],
    ),
    row(
        "files",
        &["list", "newdirectorystream", "walk"],
        &[Reaches(Sink::List, NONE, A1), Gives(Source::File)],
    ),
    row("files", &["delete", "deleteifexists"], &[Reaches(Sink::Delete, NONE, A1)]),
];

/// Other servers.
static NETWORK: &[Row] = &[
    row("socket", &["new", "connect"], &[Reaches(Sink::Connect, NONE, ALL), Makes("socket")]),
    row("socket", &["open"], &[Makes("socket")]),
    row("socket", &["read"], &[Gives(Source::Remote), Fills]),
    row("socket", &["getinputstream"], &[Gives(Source::Remote)]),
    row("*", &["read", "readfully"], &[Passes, Fills]),
    row("url", &["new"], &[Makes("url")]),
    row("url", &["openconnection"], &[Reaches(Sink::Fetch, NONE, SELF), Makes("urlconnection")]),
    row("url", &["openstream"], &[Reaches(Sink::Fetch, NONE, SELF), Gives(Source::Remote)]),
    row("urlconnection", &["getinputstream"], &[Gives(Source::Remote)]),
];

/// Databases.
static DATABASES: &[Row] = &[
    row("drivermanager", &["getconnection"], &[Reaches(Sink::Open, A1, NONE), Makes("connection")]),
    row("connection", &["createstatement"], &[Makes("statement")]),
    row(
        "connection",
        &["preparestatement", "preparecall"],
        &[Reaches(Sink::Query, A1, NONE), Makes("statement")],
    ),
    row(
        "statement",
        &["executequery", "executeupdate", "execute", "addbatch"],
        &[Reaches(Sink::Query, A1, NONE), Gives(Source::Database)],
    ),
];

/// Texts.
static TEXTS: &[Row] = &[
    row("string", &["new", "valueof", "copyvalueof"], &[Folds(Fold::OfBytes)]),
    row("string", &["format"], &[Folds(Fold::Format)]),
    row("string", &["join"], &[Folds(Fold::JoinWith)]),
    row("decoder", &["decodebuffer", "decode"], &[Folds(Fold::Base64)]),
    row("base64", &["getdecoder", "getmimedecoder", "geturldecoder"], &[Makes("decoder")]),
    row("base64", &["decodebase64", "decode"], &[Folds(Fold::Base64)]),
    row("datatypeconverter", &["parsebase64binary"], &[Folds(Fold::Base64)]),
    row("datatypeconverter", &["parsehexbinary"], &[Folds(Fold::Hex)]),
    row("urldecoder", &["decode"], &[Folds(Fold::Percent)]),
    row("cipher", &["getinstance"], &[Makes("cipher")]),
    row("cipher", &["dofinal", "update"], &[Folds(Fold::Decodes)]),
    row("messagedigest", &["getinstance"], &[Makes("messagedigest")]),
    row("messagedigest", &["digest"], &[Folds(Fold::Digest)]),
    row("builder", &["new"], &[Passes, Makes("builder")]),
    row("builder", &["append"], &[Appends]),
    row("builder", &["reverse"], &[Turns(Fold::Reverse), Makes("builder")]),
    row("*", &["tostring", "tochararray", "getbytes", "intern"], &[Turns(Fold::Same)]),
    row("*", &["replace", "replaceall"], &[Turns(Fold::Replace)]),
    row("*", &["substring"], &[Turns(Fold::Between)]),
    row("*", &["split"], &[Turns(Fold::Split)]),
    row("*", &["tolowercase"], &[Turns(Fold::Lower)]),
    row("*", &["touppercase"], &[Turns(Fold::Upper)]),
    row("*", &["trim"], &[Turns(Fold::Trim)]),
    row("*", &["concat"], &[Turns(Fold::Concatenate)]),
    row(
        "*",
        &[
            "length",
            "indexof",
            "equals",
            "equalsignorecase",
            "startswith",
            "endswith",
            "contains",
            "hashcode",
            "size",
        ],
        &[Drops],
    ),
    row("integer", &["parseint", "valueof"], &[Folds(Fold::Number)]),
    row("long", &["parselong"], &[Drops]),
];
