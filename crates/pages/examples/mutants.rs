//! Changes each labelled shell in twenty ways that leave what it does as it was, and judges it again. Nothing is written.
//!
//! `mutants DIR LABELS [LANGUAGE …]`: recall at either verdict by language, of the shells and of their mutants, by way.

#![expect(clippy::print_stdout, reason = "an example prints")]

mod labelled;

use afterpatch_pages::kind::{Kind, Language};
use afterpatch_pages::page::{Role, cut};
use afterpatch_pages::{judge, text};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

/// What is said of one language: how many shells, how many found, and by way how many mutants and how many found.
#[derive(Default)]
struct Found {
    shells: usize,
    met: usize,
    mutants: BTreeMap<String, (usize, usize)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut all: BTreeMap<Box<str>, Found> = BTreeMap::new();
    labelled::each(|_, _, label, kind, bytes| {
        if !label.is_malicious {
            return;
        }
        let found = all.entry(label.language.clone()).or_default();
        found.shells += 1;
        found.met += usize::from(judge(bytes, kind).verdict.is_some());
        for (way, mutant) in mutants(bytes, kind) {
            let counts = found.mutants.entry(way).or_default();
            counts.0 += 1;
            counts.1 += usize::from(judge(&mutant, kind).verdict.is_some());
        }
    })?;
    for (language, found) in &all {
        println!(
            "{language:8} {:32} {:6} {:7.2} %",
            "as they are",
            found.shells,
            share(found.met, found.shells)
        );
        let (all, met) = found.mutants.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        println!("{language:8} {:32} {all:6} {:7.2} %", "mutants", share(met, all));
        for (way, (all, met)) in &found.mutants {
            println!("{language:8}   {way:30} {all:6} {:7.2} %", share(*met, *all));
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "files are counted")]
fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// A change of a piece of code, cut into what is code, text and comment, in a page that declares those variables.
type Change = fn(&[Segment<'_>], Language, &BTreeSet<String>) -> String;

/// Changes of code alone.
static CHANGES: &[(&str, Change)] = &[
    ("blanks", blanks),
    ("comments", comments),
    ("renamed", renamed),
    ("split texts", split_texts),
    ("line ends", line_ends),
    ("case", case),
];

/// A change of the whole page.
type Wrap = fn(&str, Kind) -> Vec<u8>;

/// Changes of the whole page.
static WRAPS: &[(&str, Wrap)] =
    &[("padded", padded), ("wrapped", wrapped), ("UTF-16", utf_16), ("byte order mark", marked)];

/// Twenty mutants: each change alone, and pairs of them.
fn mutants(bytes: &[u8], kind: Kind) -> Vec<(String, Vec<u8>)> {
    let text = text::read(bytes, kind);
    let mut made = Vec::new();
    let changed: Vec<(&str, String)> =
        CHANGES.iter().map(|(name, change)| (*name, change_code(&text.text, kind, *change))).collect();
    made.extend(changed.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes())));
    made.extend(WRAPS.iter().map(|(name, wrap)| ((*name).to_owned(), wrap(&text.text, kind))));
    for (n, (name, changed)) in changed.iter().enumerate() {
        let (wrapped_by, wrap) = WRAPS[n % WRAPS.len()];
        made.push((format!("{name}, {wrapped_by}"), wrap(changed, kind)));
        let (then, change) = CHANGES[(n + 1) % CHANGES.len()];
        made.push((format!("{name}, {then}"), change_code(changed, kind, change).into_bytes()));
    }
    made.truncate(20);
    made
}

/// Changes the code between the markup and leaves the rest as it stands.
fn change_code(text: &str, kind: Kind, change: Change) -> String {
    let page = cut(text, kind);
    let begins = text.as_ptr() as usize;
    let mut pieces: Vec<(usize, &str, Language)> = Vec::new();
    for stream in &page.streams {
        for piece in &stream.pieces {
            if let (Role::Code | Role::Expression, Cow::Borrowed(code)) = (piece.role, &piece.text) {
                pieces.push((code.as_ptr() as usize - begins, code, stream.language));
            }
        }
    }
    pieces.sort_by_key(|(at, ..)| *at);
    let mut names = BTreeSet::new();
    for (_, code, language) in &pieces {
        declared(&segments(code, *language), *language, &mut names);
    }
    let (mut out, mut end) = (String::with_capacity(text.len() * 2), 0);
    for (at, code, language) in pieces {
        if at < end {
            continue;
        }
        out.push_str(&text[end..at]);
        out.push_str(&change(&segments(code, language), language, &names));
        end = at + code.len();
    }
    out.push_str(&text[end..]);
    out
}

/// A stretch of code of one nature.
#[derive(Clone, Copy)]
enum Segment<'t> {
    Code(&'t str),
    Text(&'t str),
    Comment(&'t str),
}

impl<'t> Segment<'t> {
    fn whole(self) -> &'t str {
        match self {
            Self::Code(text) | Self::Text(text) | Self::Comment(text) => text,
        }
    }
}

fn is_basic(language: Language) -> bool {
    matches!(language, Language::Vb | Language::VbScript)
}

fn segments<'t>(code: &'t str, language: Language) -> Vec<Segment<'t>> {
    let (mut found, mut begun, mut at) = (Vec::new(), 0, 0);
    while at < code.len() {
        let rest = &code[at..];
        let (length, segment): (usize, fn(&'t str) -> Segment<'t>) =
            if let Some(length) = comment(rest, language) {
                (length, Segment::Comment)
            } else if let Some(length) = quoted(rest, language) {
                (length, Segment::Text)
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            };
        if begun < at {
            found.push(Segment::Code(&code[begun..at]));
        }
        found.push(segment(&code[at..at + length]));
        at += length;
        begun = at;
    }
    if begun < code.len() {
        found.push(Segment::Code(&code[begun..]));
    }
    found
}

fn comment(rest: &str, language: Language) -> Option<usize> {
    let line = |rest: &str| rest.find(['\r', '\n']).unwrap_or(rest.len());
    match rest.as_bytes() {
        [b'\'', ..] if is_basic(language) => Some(line(rest)),
        _ if is_basic(language) => None,
        [b'/', b'/', ..] => Some(line(rest)),
        [b'#', ..] if language == Language::Php => Some(line(rest)),
        [b'/', b'*', ..] => Some(rest[2..].find("*/").map_or(rest.len(), |end| end + 4)),
        _ => None,
    }
}

fn quoted(rest: &str, language: Language) -> Option<usize> {
    let quote = *rest.as_bytes().first()?;
    let is_quote = match quote {
        b'"' => true,
        b'\'' | b'`' => !is_basic(language),
        _ => false,
    };
    if !is_quote {
        return None;
    }
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if !is_basic(language) => at += 2,
            own if own == quote => return Some(at + 1),
            b'\n' if is_basic(language) => return Some(at),
            _ => at += 1,
        }
    }
    Some(rest.len())
}

fn over_code(segments: &[Segment<'_>], change: impl Fn(&str) -> String) -> String {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Code(code) => change(code),
            other => other.whole().to_owned(),
        })
        .collect()
}

/// Puts blanks round `. ( [`.
fn blanks(segments: &[Segment<'_>], language: Language, _: &BTreeSet<String>) -> String {
    over_code(segments, |code| {
        let chars: Vec<char> = code.chars().collect();
        let mut out = String::with_capacity(code.len() * 2);
        for (at, c) in chars.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| chars.get(at));
            let after = chars.get(at + 1);
            let is_number = [before, after].iter().any(|c| c.is_some_and(char::is_ascii_digit));
            // In Basic a point behind a blank is one of `With`, and what is more than a point is another sign.
            let is_part = before == Some(&'.') || matches!(after, Some('.' | '='));
            let is_point = *c == '.' && !is_basic(language) && !is_number && !is_part;
            if is_point || matches!(c, '(' | '[') {
                out.extend([' ', *c, ' ']);
            } else {
                out.push(*c);
            }
        }
        out
    })
}

/// Puts a comment behind each statement.
fn comments(segments: &[Segment<'_>], language: Language, _: &BTreeSet<String>) -> String {
    over_code(segments, |code| match language {
        Language::Vb | Language::VbScript => code.to_owned(),
        _ => code.replace(';', "; /* of no use */ ").replace(')', ") /* nor this */"),
    })
}

/// Adds the variables that a piece declares.
fn declared(segments: &[Segment<'_>], language: Language, names: &mut BTreeSet<String>) {
    const TYPES: [&str; 8] = ["var", "string", "int", "dim", "object", "process", "file", "byte"];
    for segment in segments {
        let Segment::Code(code) = segment else { continue };
        let words: Vec<&str> = code
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
            .filter(|word| !word.is_empty())
            .collect();
        if language == Language::Php {
            let own = words.iter().filter_map(|word| word.strip_prefix('$'));
            names.extend(
                own.filter(|name| !name.starts_with('_') && *name != "this" && *name != "GLOBALS")
                    .map(str::to_owned),
            );
            continue;
        }
        for (word, next) in words.iter().zip(words.iter().skip(1)) {
            let is_type = TYPES.iter().any(|known| word.eq_ignore_ascii_case(known));
            // A type and a name with nothing between them but blanks, and behind them what ends a declaration.
            let begins = word.as_ptr() as usize - code.as_ptr() as usize;
            let ends = next.as_ptr() as usize - code.as_ptr() as usize;
            let between = &code[begins + word.len()..ends];
            let behind = code[ends + next.len()..].trim_start_matches([' ', '\t']).chars().next();
            let is_declared = !between.is_empty()
                && between.chars().all(|c| c == ' ')
                && behind.is_none_or(|c| matches!(c, '=' | ';' | ',' | ')' | '\r' | '\n'));
            let is_basic = is_basic(language) && !word.eq_ignore_ascii_case("dim");
            if is_type && is_declared && !is_basic && next.len() > 1 {
                names.insert((*next).to_owned());
            }
        }
    }
}

/// Gives variables that are declared in the page other names.
fn renamed(segments: &[Segment<'_>], language: Language, names: &BTreeSet<String>) -> String {
    over_code(segments, |code| {
        let mut out = String::with_capacity(code.len());
        let mut word = String::new();
        for c in code.chars().chain(['\0']) {
            if c.is_alphanumeric() || c == '_' {
                word.push(c);
                continue;
            }
            let is_variable = language != Language::Php || out.ends_with('$');
            if names.contains(&word) && is_variable && !out.ends_with('.') {
                out.push_str("zq");
                out.extend(word.chars().rev());
            } else {
                out.push_str(&word);
            }
            word.clear();
            if c != '\0' {
                out.push(c);
            }
        }
        out
    })
}

/// Writes texts as two that are put together.
fn split_texts(segments: &[Segment<'_>], language: Language, _: &BTreeSet<String>) -> String {
    let join = match language {
        Language::Php => ".",
        Language::Vb | Language::VbScript => "&",
        _ => "+",
    };
    let mut out = String::new();
    for segment in segments {
        let Segment::Text(text) = segment else {
            out.push_str(segment.whole());
            continue;
        };
        let quote = &text[..1];
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        let is_plain =
            inner.len() >= 4 && inner.is_ascii() && !inner.contains(['\\', '$', '{', '"', '\'', '`']);
        // What stands before may be the mark of another kind of text, and a character is no text.
        let is_own = !out.trim_end().ends_with(['@', '$', ':', '['])
            && !out.trim_end().to_ascii_lowercase().ends_with("case");
        let is_text =
            quote == "\"" || language == Language::Php && quote == "'" || language == Language::JScript;
        if is_plain && is_own && is_text && quote != "`" {
            let (left, right) = inner.split_at(inner.len() / 2);
            out.extend(["(", quote, left, quote, " ", join, " ", quote, right, quote, ")"]);
        } else {
            out.push_str(text);
        }
    }
    out
}

/// Ends lines as other systems do.
fn line_ends(segments: &[Segment<'_>], _: Language, _: &BTreeSet<String>) -> String {
    let whole: String = segments.iter().map(|segment| segment.whole()).collect();
    if whole.contains('\r') { whole.replace("\r\n", "\n") } else { whole.replace('\n', "\r\n") }
}

/// Writes Basic in capitals; other languages tell cases apart.
fn case(segments: &[Segment<'_>], language: Language, _: &BTreeSet<String>) -> String {
    over_code(segments, |code| if is_basic(language) { code.to_uppercase() } else { code.to_owned() })
}

/// Adds 200 KB that do nothing.
fn padded(text: &str, kind: Kind) -> Vec<u8> {
    let filling = "A page of no interest, with words that fill it. ".repeat(200 * 1024 / 48);
    let padded = match kind {
        Kind::Ashx | Kind::Asmx | Kind::Source => format!("{text}\n/* {filling} */\n"),
        _ => format!("<!-- {filling} -->\n{text}\n<p>{filling}</p>"),
    };
    padded.into_bytes()
}

/// Puts the page into another one.
fn wrapped(text: &str, kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Ashx | Kind::Asmx | Kind::Source | Kind::Asax => marked(text, kind),
        _ => format!("<html><head><title>Help</title></head>\n<body><h1>Help</h1><p>Welcome.</p>\n{text}\n</body></html>")
            .into_bytes(),
    }
}

/// Writes the page in UTF-16, where its server reads that.
fn utf_16(text: &str, kind: Kind) -> Vec<u8> {
    if matches!(kind, Kind::Php | Kind::Jsp) {
        return text.as_bytes().to_vec();
    }
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// Puts a byte order mark before the page.
fn marked(text: &str, _: Kind) -> Vec<u8> {
    format!("\u{FEFF}{text}").into_bytes()
}
