//! Names of entries as containers and collectors spell them.

use super::{ContainerFile, problem};
use afterpatch_model::{Problem, ProblemCode};
use std::collections::HashMap;
use std::sync::Arc;

/// Returns an entry's name without what would lead out of the container, and whether it had any of that.
///
/// Nothing is ever written under these names; but a report shows them, and people copy them.
pub(super) fn plain_name(name: &str) -> (String, bool) {
    let name = name.replace('\\', "/");
    let cut = name.split('\0').next().unwrap_or_default();
    let is_dot = |part: &&str| matches!(*part, "" | "." | "..");
    let kept: Vec<&str> = cut.split('/').filter(|part| !is_dot(part)).collect();
    let is_unsafe = cut.len() != name.len()
        || cut.starts_with('/')
        || cut.split('/').any(|part| part == "..")
        || has_drive(cut)
        || cut.len() > NAME_BYTES
        || cut.chars().any(deceives)
        || kept.iter().any(|part| is_device(part));
    let plain: String =
        kept.join("/").chars().map(|c| if c == ':' || deceives(c) { '_' } else { c }).collect();
    (short(&plain).to_owned(), is_unsafe)
}

/// The longest name that is kept whole; longer ones keep their end, which says what the file is.
const NAME_BYTES: usize = 4_096;

fn short(name: &str) -> &str {
    let mut start = name.len().saturating_sub(NAME_BYTES);
    while !name.is_char_boundary(start) {
        start = start.saturating_add(1);
    }
    name.get(start..).unwrap_or_default()
}

/// Characters that make a name look like another one, or that a terminal obeys.
fn deceives(c: char) -> bool {
    let turns_text = matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns_text
}

/// Names that are devices on Windows, with any extension: no file of a server has one.
fn is_device(part: &str) -> bool {
    let bare = part.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = |name: &str| {
        let number = bare.strip_prefix(name).unwrap_or_default();
        matches!(number.as_bytes(), [b'1'..=b'9'])
    };
    matches!(bare.as_str(), "CON" | "PRN" | "AUX" | "NUL") || is_port("COM") || is_port("LPT")
}

fn has_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic())
}

/// Sorts files by path and gives a second file of one path a number. `more` follows the files.
pub(super) fn settle<T>(
    files: Vec<(ContainerFile, T)>,
    problems: &mut Vec<Problem>,
) -> (Vec<ContainerFile>, Vec<T>) {
    // By the path, the number that its next double gets: a million doubles must not try a million numbers each.
    let mut seen: HashMap<Arc<str>, u64> = HashMap::with_capacity(files.len());
    let mut settled = files;
    for (file, _) in &mut settled {
        if let Some(&next) = seen.get(&file.path) {
            problems.push(problem(ProblemCode::DuplicateName, &file.path, ""));
            let doubles = (next..).map(|number| (number, Arc::from(format!("{}#{number}", file.path))));
            if let Some((number, fresh)) = doubles.into_iter().find(|(_, name)| !seen.contains_key(name)) {
                seen.insert(Arc::clone(&file.path), number.saturating_add(1));
                file.path = fresh;
            }
        }
        seen.insert(Arc::clone(&file.path), 2);
    }
    settled.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    settled.into_iter().unzip()
}

/// Decodes `%XX` in one component of a path, once. A `%` that begins no such triple stays.
pub(super) fn percent_decode(component: &str) -> String {
    let mut bytes = Vec::with_capacity(component.len());
    let mut rest = component.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let decoded = (byte == b'%').then(|| hex_pair(after)).flatten();
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let pair = std::str::from_utf8(bytes.get(..2)?).ok()?;
    let is_hex = pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_the_container() {
        let cases = [
            ("a/b.log", "a/b.log", false),
            ("a\\b.log", "a/b.log", false),
            ("./a//b", "a/b", false),
            ("../../etc/passwd", "etc/passwd", true),
            ("/etc/passwd", "etc/passwd", true),
            ("C:\\Windows\\x", "C_/Windows/x", true),
            ("a\0.txt", "a", true),
            ("a..b/c", "a..b/c", false),
            ("logs/nul.txt", "logs/nul.txt", true),
            ("COM1", "COM1", true),
            ("console.log", "console.log", false),
            ("com10/common", "com10/common", false),
            ("gpj.\u{202E}xpsa", "gpj._xpsa", true),
            ("a\u{1b}[2J.log", "a_[2J.log", true),
        ];
        for (name, plain, is_unsafe) in cases {
            assert_eq!(plain_name(name), (plain.to_owned(), is_unsafe), "{name:?}");
        }
    }

    #[test]
    fn doubles_are_numbered_whatever_else_goes_by_the_number() {
        let file = |path: &str| (ContainerFile { path: path.into(), size_bytes: 0, modified: None }, ());
        let mut problems = Vec::new();
        let (files, _) = settle(["a", "a#3", "a", "a", "b", "a#2"].map(file).into(), &mut problems);
        let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
        assert_eq!(paths, ["a", "a#2", "a#2#2", "a#3", "a#4", "b"]);
        assert_eq!(problems.len(), 3);
    }

    #[test]
    fn components_are_decoded_once() {
        assert_eq!(percent_decode("C%3A"), "C:");
        assert_eq!(percent_decode("%5C%5C.%5CC%3A"), r"\\.\C:");
        assert_eq!(percent_decode("Operational%254.evtx"), "Operational%4.evtx");
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz%4"), "%zz%4");
    }
}
