//! The library of PHP.

use super::Does::{
    Appends, CallsBack, CallsReceiver, Drops, Extracts, Folds, Gives, Makes, Passes, Reaches, ReplacesByCode,
    TakesIn, Turns,
};
use super::{A1, A2, A3, ALL, Library, NONE, Row, Sink, row};
use crate::flow::fold::Fold;
use crate::flow::value::Source;
use crate::kind::Language;

/// What there is.
pub(super) static LIBRARY: Library = Library {
    rows: &[REQUESTS, RUNNING, FILES, NETWORK, DATABASES, TEXTS, super::components::ROWS],
    types: &[],
    components: super::components::NAMES,
    called_by_visitors: &[],
    handlers: &[],
    native: &[],
    evaluates: Language::Php,
};

/// What the visitor sends, and what goes back.
static REQUESTS: &[Row] = &[
    row(
        "",
        &["$_get", "$_post", "$_request", "$http_get_vars", "$http_post_vars"],
        &[Gives(Source::Request)],
    ),
    row("", &["$_cookie", "$http_cookie_vars"], &[Gives(Source::Header)]),
    row("", &["$_files"], &[Gives(Source::Body)]),
    row("", &["$http_raw_post_data"], &[Gives(Source::Body)]),
    row("", &["$_server", "$http_server_vars"], &[Makes("variables")]),
    row("variables", &["[]"], &[Gives(Source::Server)]),
    row("", &["getenv", "apache_getenv"], &[Gives(Source::Server)]),
    row("", &["$_session"], &[Makes("session")]),
    row("", &["getallheaders", "apache_request_headers"], &[Gives(Source::Header)]),
    row("", &["filter_input", "filter_input_array", "get_defined_vars"], &[Gives(Source::Request)]),
    row(
        "",
        &["#write", "echo", "print", "printf", "print_r", "var_dump"],
        &[Reaches(Sink::Respond, ALL, NONE), Drops],
    ),
];

/// What runs.
static RUNNING: &[Row] = &[
    row("", &["eval", "assert"], &[Reaches(Sink::Evaluate, A1, NONE)]),
    row("", &["create_function"], &[Reaches(Sink::Evaluate, A2, NONE)]),
    row("", &["preg_replace", "preg_filter", "mb_ereg_replace", "mb_eregi_replace"], &[ReplacesByCode]),
    row("", &["extract", "parse_str", "mb_parse_str", "import_request_variables"], &[Extracts]),
    row(
        "",
        &["system", "passthru", "pcntl_exec", "proc_open", "popen", "expect_popen"],
        &[Reaches(Sink::Start, A1, NONE), Gives(Source::Process)],
    ),
    row("", &["exec", "shell_exec"], &[Reaches(Sink::Start, A1, NONE), Gives(Source::Process)]),
    row(
        "",
        &["include", "include_once", "require", "require_once"],
        &[Reaches(Sink::Include, A1, NONE), TakesIn],
    ),
    row("", &["virtual"], &[Reaches(Sink::Include, A1, NONE)]),
    row("", CALLS_FIRST, &[CallsBack(1, 2)]),
    row("", CALLS_SECOND, &[CallsBack(2, 1)]),
    row("", CALLS_THIRD, &[CallsBack(3, 1)]),
    row("", &["preg_replace_callback", "mb_ereg_replace_callback", "iterator_apply"], &[CallsBack(2, 3)]),
    row("", &["eio_custom"], &[CallsBack(1, 4)]),
    row("*", &["createfunction", "sqlitecreatefunction", "sqlitecreateaggregate"], &[CallsBack(2, 3)]),
    row("*", &["fetchall"], &[CallsBack(2, 3)]),
    row("", CALLS_LATER, &[Reaches(Sink::Invoke, A1, NONE)]),
    row("", &["dl"], &[Reaches(Sink::Load, A1, NONE)]),
    row("ffi", &["cdef", "load"], &[Makes("ffi")]),
    row("ffi", &["system", "popen", "execve"], &[Reaches(Sink::Start, A1, NONE)]),
    row("xsltprocessor", &["importstylesheet"], &[Reaches(Sink::Transform, A1, NONE)]),
    row("domdocument", &["loadxml"], &[Appends]),
    row("reflectionmethod", &["new"], &[Reaches(Sink::Invoke, ALL, NONE)]),
    row("", &["unserialize"], &[Reaches(Sink::Deserialise, A1, NONE)]),
    row("reflectionfunction", &["new"], &[Folds(Fold::Same), Makes("reflectionfunction")]),
    row("reflectionfunction", &["invoke", "invokeargs"], &[CallsReceiver]),
    row("", &["mail", "mb_send_mail", "imap_mail"], &[Reaches(Sink::Mail, A1, NONE), Drops]),
];

/// Functions that call the first argument with the second.
static CALLS_FIRST: &[&str] = &[
    "array_map",
    "call_user_func",
    "call_user_func_array",
    "forward_static_call",
    "forward_static_call_array",
    "ob_start",
    "register_shutdown_function",
    "register_tick_function",
];

/// Functions that call the first argument later on, with what comes then.
static CALLS_LATER: &[&str] =
    &["header_register_callback", "set_error_handler", "set_exception_handler", "spl_autoload_register"];

/// Functions that call the second argument with the first.
static CALLS_SECOND: &[&str] =
    &["array_filter", "array_reduce", "array_walk", "array_walk_recursive", "uasort", "uksort", "usort"];

/// Functions that call the third argument with the first.
static CALLS_THIRD: &[&str] = &[
    "array_diff_uassoc",
    "array_diff_ukey",
    "array_intersect_uassoc",
    "array_intersect_ukey",
    "array_udiff",
    "array_udiff_assoc",
    "array_udiff_uassoc",
    "array_uintersect",
    "array_uintersect_assoc",
    "array_uintersect_uassoc",
    "filter_var",
];

/// Files and folders.
static FILES: &[Row] = &[
    row("", &["file_put_contents"], &[Reaches(Sink::Write, A2, A1), Drops]),
    row("", &["fopen", "gzopen"], &[Reaches(Sink::Read, NONE, A1), Folds(Fold::Same), Makes("handle")]),
    row("", &["fwrite", "fputs"], &[Reaches(Sink::Write, A2, A1), Drops]),
    row("", &["move_uploaded_file"], &[Reaches(Sink::Upload, A1, A2), Drops]),
    row(
        "",
        &["copy", "rename", "mkdir", "touch", "chmod", "symlink", "link"],
        &[Reaches(Sink::Move, NONE, A1 | A2), Drops],
    ),
    row("", &["unlink", "rmdir"], &[Reaches(Sink::Delete, NONE, A1), Drops]),
    row(
        "",
        &[
            "file_get_contents",
            "file",
            "readfile",
            "highlight_file",
            "show_source",
            "fread",
            "fgets",
            "parse_ini_file",
        ],
        &[Reaches(Sink::Read, NONE, A1), Gives(Source::File)],
    ),
    row("", &["opendir", "scandir", "glob", "dir"], &[Reaches(Sink::List, NONE, A1), Gives(Source::File)]),
    row(
        "",
        &["file_exists", "is_dir", "is_file", "filesize", "filemtime", "is_writable", "fileperms"],
        &[Drops],
    ),
];

/// Other servers.
static NETWORK: &[Row] = &[
    row(
        "",
        &["fsockopen", "pfsockopen", "stream_socket_client", "socket_connect"],
        &[Reaches(Sink::Connect, NONE, ALL), Gives(Source::Remote)],
    ),
    row("", &["curl_init"], &[Reaches(Sink::Fetch, NONE, A1)]),
    row("", &["curl_setopt"], &[Reaches(Sink::Fetch, NONE, A3)]),
    row("", &["curl_exec"], &[Gives(Source::Remote)]),
];

/// Databases.
static DATABASES: &[Row] = &[
    row(
        "",
        &["mysql_query", "mssql_query", "sqlite_query"],
        &[Reaches(Sink::Query, A1, NONE), Gives(Source::Database)],
    ),
    row(
        "",
        &["mysqli_query", "pg_query", "mysqli_multi_query"],
        &[Reaches(Sink::Query, A2, NONE), Gives(Source::Database)],
    ),
    row(
        "",
        &["mysql_connect", "mysqli_connect", "mssql_connect", "pg_connect"],
        &[Reaches(Sink::Open, A1, NONE)],
    ),
    row("*", &["query", "exec", "multi_query"], &[Reaches(Sink::Query, A1, NONE), Gives(Source::Database)]),
    row("mysqli", &["new"], &[Reaches(Sink::Open, A1, NONE), Makes("mysqli")]),
    row("pdo", &["new"], &[Reaches(Sink::Open, A1, NONE), Makes("pdo")]),
    row("com", &["new"], &[super::Does::Component]),
];

/// Texts.
static TEXTS: &[Row] = &[
    row("", &["chr"], &[Folds(Fold::Characters)]),
    row("", &["ord"], &[Folds(Fold::Code)]),
    row("", &["base64_decode"], &[Folds(Fold::Base64)]),
    row("", &["hex2bin"], &[Folds(Fold::Hex)]),
    row("", &["hexdec"], &[Folds(Fold::Number)]),
    row("", &["gzinflate", "gzuncompress", "gzdecode", "zlib_decode"], &[Folds(Fold::Inflate)]),
    row("", &["str_rot13"], &[Folds(Fold::Rot13)]),
    row("", &["strrev"], &[Folds(Fold::Reverse)]),
    row("", &["urldecode", "rawurldecode"], &[Folds(Fold::Percent)]),
    row("", &["str_replace", "str_ireplace"], &[Folds(Fold::ReplaceIn)]),
    row("", &["substr", "mb_substr"], &[Folds(Fold::Mid)]),
    row("", &["explode"], &[Folds(Fold::SplitBy)]),
    row("", &["implode", "join"], &[Folds(Fold::JoinWith)]),
    row("", &["str_split", "array"], &[Folds(Fold::List)]),
    row("", &["sprintf", "vsprintf"], &[Folds(Fold::Format)]),
    row("", &["strtolower", "lcfirst"], &[Folds(Fold::Lower)]),
    row("", &["strtoupper"], &[Folds(Fold::Upper)]),
    row("", &["trim"], &[Folds(Fold::TrimOf(true, true))]),
    row("", &["ltrim"], &[Folds(Fold::TrimOf(true, false))]),
    row("", &["rtrim", "chop"], &[Folds(Fold::TrimOf(false, true))]),
    row(
        "",
        &[
            "stripslashes",
            "htmlspecialchars_decode",
            "html_entity_decode",
            "iconv",
            "nl2br",
            "strval",
            "utf8_decode",
            "array_values",
            "end",
            "reset",
            "current",
            "array_pop",
            "array_shift",
        ],
        &[Folds(Fold::Same)],
    ),
    row("", &["openssl_decrypt", "mcrypt_decrypt", "convert_uudecode", "unpack"], &[Folds(Fold::Decodes)]),
    row("", &["pack"], &[Folds(Fold::Pack)]),
    row("", &["strtr"], &[Folds(Fold::Translate)]),
    row("*", &["getdoccomment"], &[Folds(Fold::Decodes)]),
    row("", &["md5", "sha1", "hash", "crypt"], &[Folds(Fold::Digest)]),
    row(
        "",
        &[
            "intval",
            "count",
            "strlen",
            "isset",
            "empty",
            "is_numeric",
            "in_array",
            "strpos",
            "time",
            "date",
            "floatval",
        ],
        &[Drops],
    ),
    row(
        "",
        &["escapeshellarg", "escapeshellcmd", "htmlspecialchars", "addslashes", "basename", "preg_quote"],
        &[Folds(Fold::Part)],
    ),
    row("*", &["fetch", "fetch_assoc"], &[Passes]),
    row("*", &["tostring"], &[Turns(Fold::Same)]),
];
