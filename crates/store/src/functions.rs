//! The functions that every session adds to SQL: one table of small values, from which the docs are made.

mod access_token;
mod command;
mod folded;
mod named;
mod program;

use afterpatch_model::{Build, extension, file_name, path_key};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, StringArray};
use arrow_schema::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// One function that sessions add to SQL.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The names of its arguments; all are text.
    pub args: &'static [&'static str],
    /// What it returns, in one line.
    pub doc: &'static str,
    body: Body,
}

/// What a function computes. Null in, null out, unless the body says otherwise.
#[derive(Debug, Clone, Copy)]
enum Body {
    Text(fn(&str) -> Option<String>),
    Int(fn(&str) -> Option<i64>),
    Bool(fn(&str) -> bool),
    /// The second argument may be null.
    Joined(fn(&str, Option<&str>) -> String),
    /// Of two texts, neither of them null.
    Named(fn(&str, &str) -> Option<String>),
    /// The argument may be null.
    Always(fn(Option<&str>) -> String),
}

impl Body {
    fn returns(self) -> DataType {
        match self {
            Self::Text(_) | Self::Joined(_) | Self::Named(_) | Self::Always(_) => DataType::Utf8,
            Self::Int(_) => DataType::Int64,
            Self::Bool(_) => DataType::Boolean,
        }
    }

    fn apply(self, args: &[ArrayRef]) -> ArrayRef {
        let columns: Vec<&StringArray> = args.iter().filter_map(|arg| arg.as_string_opt::<i32>()).collect();
        let at = |column: usize, row: usize| {
            let values = columns.get(column)?;
            values.is_valid(row).then(|| values.value(row))
        };
        let rows = 0..args.first().map_or(0, Array::len);
        match self {
            Self::Text(body) => Arc::new(rows.map(|row| at(0, row).and_then(body)).collect::<StringArray>()),
            Self::Int(body) => Arc::new(rows.map(|row| at(0, row).and_then(body)).collect::<Int64Array>()),
            Self::Bool(body) => Arc::new(rows.map(|row| at(0, row).map(body)).collect::<BooleanArray>()),
            Self::Joined(body) => {
                let joined = rows.map(|row| at(0, row).map(|first| body(first, at(1, row))));
                Arc::new(joined.collect::<StringArray>())
            }
            Self::Named(body) => {
                let named = rows.map(|row| at(0, row).zip(at(1, row)).and_then(|(of, name)| body(of, name)));
                Arc::new(named.collect::<StringArray>())
            }
            Self::Always(body) => Arc::new(rows.map(|row| Some(body(at(0, row)))).collect::<StringArray>()),
        }
    }
}

/// Every function that sessions add, in order of name.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "address_scope",
        args: &["address"],
        doc: "`loopback`, `private` or `public`; null where the text is no address",
        body: Body::Text(|text| address_scope(text).map(str::to_owned)),
    },
    Function {
        name: "build_branch",
        args: &["build"],
        doc: "the cumulative update of an Exchange build as one number; null where the text is no build",
        body: Body::Int(|text| number(text).map(|number| number - number % 1_000_000)),
    },
    Function {
        name: "build_number",
        args: &["build"],
        doc: "an Exchange build as one number that compares as builds do; null where the text is no build",
        body: Body::Int(number),
    },
    Function {
        name: "client_query",
        args: &["query"],
        doc: "what the client itself asked: the query without what Exchange appends, decoded, in lower case; empty for none",
        body: Body::Always(|query| client_query(query.unwrap_or_default())),
    },
    Function {
        name: "extension",
        args: &["path"],
        doc: "what follows the last dot of the file name, in lower case; empty where there is none",
        body: Body::Text(|path| Some(extension(path))),
    },
    Function {
        name: "field",
        args: &["object", "name"],
        doc: "the field of that name of a JSON object as text; null where there is none",
        body: Body::Named(named::field),
    },
    Function {
        name: "file_name",
        args: &["path"],
        doc: "the last part of a path with either separator",
        body: Body::Text(|path| Some(file_name(path).to_owned())),
    },
    Function {
        name: "folded_command",
        args: &["command_line"],
        doc: "a command line in one form, however it is spelt: small letters, single blanks, no carets or quotes, and behind it what PowerShell was given encoded",
        body: Body::Text(|line| Some(command::folded_command(line))),
    },
    Function {
        name: "folded_uri",
        args: &["path", "query"],
        doc: "path and query in one form, however they are spelt: decoded up to three times, small letters, one kind of slash, `.` and `..` resolved",
        body: Body::Joined(folded::folded_uri),
    },
    Function {
        name: "is_covert",
        args: &["command_line"],
        doc: "whether a command line has an interpreter fetch what it runs, or keeps from being read what that is",
        body: Body::Bool(program::is_covert),
    },
    Function {
        name: "is_script",
        args: &["path"],
        doc: "whether the server runs a file of that name as code (aspx, ashx, asmx …)",
        body: Body::Bool(is_script),
    },
    Function {
        name: "mailbox_name",
        args: &["mailbox"],
        doc: "the short name of a mailbox or account, in small letters, however it is spelt",
        body: Body::Text(named::mailbox_name),
    },
    Function {
        name: "parameter",
        args: &["parameters", "name"],
        doc: "the value of a parameter of a cmdlet, as any log spells it; null where it is not given",
        body: Body::Named(named::parameter),
    },
    Function {
        name: "path_key",
        args: &["path"],
        doc: "the form in which paths are compared: lower case, `/`, no drive",
        body: Body::Text(|path| Some(path_key(path))),
    },
    Function {
        name: "place",
        args: &["path"],
        doc: "the kind of place that a path lies in: `odd` where nothing of the system or of a product has any business, `windows`, `programs`, `share` for another computer's, `other`",
        body: Body::Text(|path| Some(program::place(path).to_owned())),
    },
    Function {
        name: "program",
        args: &["command_line"],
        doc: "the path of what a command line starts: the program or, where that only runs what it is handed, that file",
        body: Body::Text(program::program),
    },
    Function {
        name: "token_user",
        args: &["query"],
        doc: "account and security id that the token `X-Rps-CAT` in a query claims; null where there is none",
        body: Body::Text(access_token::token_user),
    },
    Function {
        name: "uri",
        args: &["path", "query"],
        doc: "path and client_query(query), joined by `?` where there is a query; decoded, in lower case",
        body: Body::Joined(uri),
    },
    Function {
        name: "url_decode",
        args: &["text"],
        doc: "the text with percent-encoding undone, up to twice; `+` is kept",
        body: Body::Text(|text| Some(url_decode(text))),
    },
];

impl Function {
    /// Returns the function as `DataFusion` takes it.
    pub(crate) fn to_udf(&'static self) -> ScalarUDF {
        let types = vec![DataType::Utf8; self.args.len()];
        ScalarUDF::new_from_impl(Udf {
            function: self,
            signature: Signature::exact(types, Volatility::Immutable),
        })
    }
}

/// Ties a row of the table to `DataFusion`'s interface.
#[derive(Debug)]
struct Udf {
    function: &'static Function,
    signature: Signature,
}

impl PartialEq for Udf {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Udf {}

impl Hash for Udf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ScalarUDFImpl for Udf {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.function.body.returns())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        Ok(ColumnarValue::Array(self.function.body.apply(&arrays)))
    }
}

fn number(text: &str) -> Option<i64> {
    let build: Build = text.parse().ok()?;
    let parts =
        [(build.major, 1_000), (build.minor, 100), (build.build, 1_000_000), (build.revision, 1_000_000)];
    if parts.iter().any(|&(part, limit)| part >= limit) {
        return None;
    }
    let [major, minor, update, revision] = parts.map(|(part, _)| i64::from(part));
    Some(major * 100_000_000_000_000 + minor * 1_000_000_000_000 + update * 1_000_000 + revision)
}

fn address_scope(text: &str) -> Option<&'static str> {
    let bare = text.trim().trim_start_matches('[').split(['%', ']']).next()?;
    let scope = match bare.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => scope_of_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| scope_of_v6(address), scope_of_v4),
    };
    Some(scope)
}

fn scope_of_v4(address: Ipv4Addr) -> &'static str {
    let shared = address.octets()[0] == 100 && address.octets()[1] & 0xC0 == 64;
    if address.is_loopback() {
        "loopback"
    } else if address.is_private() || address.is_link_local() || address.is_unspecified() || shared {
        "private"
    } else {
        "public"
    }
}

fn scope_of_v6(address: Ipv6Addr) -> &'static str {
    if address.is_loopback() {
        "loopback"
    } else if address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified() {
        "private"
    } else {
        "public"
    }
}

/// What IIS hands to ASP.NET or classic ASP as code, with Exchange's own handlers.
const SCRIPTS: [&str; 13] = [
    "ascx", "ashx", "asmx", "asp", "aspx", "asax", "asa", "cer", "cshtml", "master", "soap", "svc", "vbhtml",
];

fn is_script(path: &str) -> bool {
    SCRIPTS.contains(&extension(path.trim_end_matches(['.', ' '])).as_str())
}

fn uri(path: &str, query: Option<&str>) -> String {
    let mut uri = url_decode(path).to_lowercase();
    let query = client_query(query.unwrap_or_default());
    if !query.is_empty() {
        uri.push('?');
        uri.push_str(&query);
    }
    uri
}

fn client_query(query: &str) -> String {
    url_decode(&without_appended(query)).to_lowercase()
}

/// Returns the query as the client sent it, as far as that can be told.
fn without_appended(query: &str) -> String {
    if query == "-" {
        return String::new();
    }
    let own: Vec<&str> = query.split('&').filter(|part| !is_appended(part)).collect();
    own.join("&").trim_matches('&').to_owned()
}

/// Tells whether Exchange appended this part of a query.
///
/// Only values of the form that Exchange writes count: nobody hides a request behind such a name.
fn is_appended(part: &str) -> bool {
    let Some((name, value)) = part.split_once('=') else {
        return false;
    };
    let value = value.trim_end_matches(';');
    match name.to_ascii_lowercase().as_str() {
        "encoding" => value.is_empty(),
        "correlationid" | "cafereqid" => {
            value == "<empty>" || value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        }
        "clientid" => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        _ => false,
    }
}

fn url_decode(text: &str) -> String {
    let once = decode_once(text);
    if once.contains('%') { decode_once(&once) } else { once }
}

fn decode_once(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'%' {
            decoded.push(byte);
            at += 1;
        } else if let Some(escaped) = escape(bytes, at) {
            decoded.push(escaped);
            at += 3;
        } else if let Some(letter) = wide_escape(bytes, at) {
            decoded.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
            at += 6;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn escape(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

/// IIS undoes `%u0041` as well, which no standard knows.
fn wide_escape(bytes: &[u8], at: usize) -> Option<char> {
    if !bytes.get(at + 1)?.eq_ignore_ascii_case(&b'u') {
        return None;
    }
    let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
    char::from_u32(((digit(2)? * 16 + digit(3)?) * 16 + digit(4)?) * 16 + digit(5)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_compare_as_numbers_and_branches_drop_the_revision() {
        assert_eq!(number("15.01.2176.009"), Some(1_501_002_176_000_009));
        assert!(number("15.2.858.5") > number("15.2.792.15"));
        assert!(number("15.1.1913.10") > number("15.1.1913.5"));
        assert_eq!(number("15.1.2176"), None);
        assert_eq!(number("15.1.2176.1000000"), None);
        assert_eq!(number(""), None);
    }

    #[test]
    fn addresses_have_a_scope() {
        let cases = [
            ("127.0.0.1", Some("loopback")),
            ("::1", Some("loopback")),
            ("[::1]", Some("loopback")),
            ("::ffff:127.0.0.1", Some("loopback")),
            ("10.1.2.3", Some("private")),
            ("172.31.255.255", Some("private")),
            ("172.32.0.1", Some("public")),
            ("169.254.1.1", Some("private")),
            ("100.64.0.1", Some("private")),
            ("100.128.0.1", Some("public")),
            ("fe80::1%4", Some("private")),
            ("fd00::1", Some("private")),
            ("192.0.2.7", Some("public")),
            ("203.0.113.9", Some("public")),
            ("::ffff:198.51.100.1", Some("public")),
            ("2001:db8::1", Some("public")),
            ("-", None),
            ("", None),
            ("mail.example.org", None),
        ];
        for (address, scope) in cases {
            assert_eq!(address_scope(address), scope, "{address}");
        }
    }

    #[test]
    fn queries_lose_what_exchange_appends_and_nothing_else() {
        let cases = [
            ("&CorrelationID=<empty>;&cafeReqId=0f1e2d3c-0000-4000-8000-000000000001;", ""),
            ("&CorrelationID=<empty>;&cafeReqId=0f1e;&encoding=;", ""),
            ("ex=1&ClientId=ABCDEF0123#x", "ex=1&clientid=abcdef0123#x"),
            ("schema=OABVirtualDirectory&ClientId=ABC&CorrelationID=<empty>;", "schema=oabvirtualdirectory"),
            ("encoding=utf-8", "encoding=utf-8"),
            ("cafeReqId=%2e%2e/x", "cafereqid=../x"),
            ("mycorrelationid=1", "mycorrelationid=1"),
            ("a=1&&b=2", "a=1&&b=2"),
            ("-", ""),
            ("", ""),
        ];
        for (query, client) in cases {
            assert_eq!(client_query(query), client, "{query}");
        }
    }

    #[test]
    fn uris_join_path_and_query() {
        assert_eq!(uri("/ECP/y.JS", None), "/ecp/y.js");
        assert_eq!(uri("/ecp/y.js", Some("&CorrelationID=<empty>;")), "/ecp/y.js");
        assert_eq!(uri("/a", Some("B=%2541")), "/a?b=a");
        assert_eq!(uri("/a%3Fb", Some("-")), "/a?b");
    }

    #[test]
    fn decoding_goes_twice_and_no_further() {
        let cases = [
            ("%41", "A"),
            ("%2541", "A"),
            ("%252541", "%41"),
            ("a+b", "a+b"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%u0041%U3042", "Aあ"),
            ("%u004%ud800", "%u004%ud800"),
            ("%E3%81%82", "あ"),
            ("%ff", "\u{fffd}"),
            ("é", "é"),
        ];
        for (text, decoded) in cases {
            assert_eq!(url_decode(text), decoded, "{text}");
        }
    }

    #[test]
    fn scripts_are_what_the_server_runs() {
        for path in ["/owa/auth/x.aspx", r"C:\inetpub\wwwroot\A.ASHX", "x.svc", "x.aspx. "] {
            assert!(is_script(path), "{path}");
        }
        for path in ["/owa/auth/x.js", "x.aspx.txt", "aspx", "", "x.asd"] {
            assert!(!is_script(path), "{path}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_documented() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name));
        for function in FUNCTIONS {
            assert!(!function.doc.is_empty() && !function.args.is_empty(), "{}", function.name);
        }
    }
}
