//! The rule files that a user names: those of a folder, of an archive, or one alone.

use super::{kind_of, rule_problem};
use afterpatch_ingest::{Limits, OpenCollection, Passwords};
use afterpatch_model::{Problem, ProblemCode};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The largest file of rules that is read.
const LARGEST: u64 = 64 << 20;

/// How deep files may include each other.
const DEEPEST: usize = 16;

/// Reads the rule files at a path, each by its own path.
pub(super) fn at(path: &Path, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut reject = |error: &dyn std::fmt::Display| {
        problems.push(rule_problem(ProblemCode::RuleRejected, &path.to_string_lossy(), error));
    };
    if path.is_file() && kind_of(&path.to_string_lossy()).is_none() {
        match afterpatch_ingest::open(path, &Limits::default(), &Passwords::default()) {
            Ok(archives) => {
                for archive in &archives {
                    unpack(archive.as_ref(), &mut files, &mut reject);
                }
            }
            Err(error) => reject(&error),
        }
        if files.is_empty() {
            reject(&"no rule file in it: give a folder, an archive, or a .yml, .yaml, .yar or .yara file");
        }
        return files;
    }
    let entries: Vec<_> = walkdir::WalkDir::new(path).sort_by_file_name().into_iter().collect();
    let read =
        |entry: walkdir::Result<_>| entry.map_err(|error| error.to_string()).and_then(|entry| read(&entry));
    for read in entries.into_par_iter().map(read).collect::<Vec<_>>() {
        match read {
            Ok(Some((name, text))) => drop(files.insert(name, text)),
            Ok(None) => {}
            Err(error) => reject(&error),
        }
    }
    files
}

fn read(entry: &walkdir::DirEntry) -> Result<Option<(String, String)>, String> {
    let name = entry.path().to_string_lossy().into_owned();
    if !entry.file_type().is_file() || kind_of(&name).is_none() {
        return Ok(None);
    }
    let bytes = std::fs::read(entry.path()).map_err(|error| error.to_string())?;
    Ok(Some((name, text_of(bytes))))
}

/// Reads the rule files of an archive. Archives in it are opened too, to the same bounds as evidence.
fn unpack(
    archive: &dyn OpenCollection,
    files: &mut BTreeMap<String, String>,
    reject: &mut dyn FnMut(&dyn std::fmt::Display),
) {
    let limits = Limits::default();
    archive.problems().iter().for_each(|problem| reject(problem));
    for entry in archive.entries().iter().filter(|entry| kind_of(&entry.container_path).is_some()) {
        let mut bytes = Vec::new();
        let read =
            archive.read(entry, &limits).and_then(|evidence| evidence.take(LARGEST).read_to_end(&mut bytes));
        match read {
            Ok(_) => {
                let name = format!("{}/{}", archive.location().display(), entry.container_path);
                files.insert(name, text_of(bytes));
            }
            Err(error) => reject(&format!("{}: {error}", entry.container_path)),
        }
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Returns the text of a file that another includes, with what it includes itself in its place.
pub(super) fn included(files: &BTreeMap<String, String>, origin: &str, path: &str) -> Result<String, String> {
    include(files, origin, path, DEEPEST)
}

fn include(
    files: &BTreeMap<String, String>,
    origin: &str,
    path: &str,
    depth: usize,
) -> Result<String, String> {
    let name = resolved(origin, path);
    let absent = || format!("it includes {path}, and no rule file is there");
    let text = files.get(&name).ok_or_else(absent)?;
    let depth = depth.checked_sub(1).ok_or_else(|| format!("it includes {path} through too many files"))?;
    let mut whole = String::new();
    for line in text.lines() {
        let target = line
            .trim()
            .strip_prefix("include")
            .map(str::trim)
            .and_then(|rest| rest.strip_prefix('"')?.split_once('"').map(|(target, _)| target));
        match target {
            Some(target) => whole.push_str(&include(files, &name, target, depth)?),
            None => whole.push_str(line),
        }
        whole.push('\n');
    }
    Ok(whole)
}

/// Returns the path of an included file, seen from the file that includes it.
fn resolved(origin: &str, path: &str) -> String {
    let folder = origin.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split(['/', '\\']).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty() || origin.starts_with('/'));
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn included_files_are_found_beside_the_file_that_includes_them() {
        let files = BTreeMap::from([
            ("/r/a.yar".to_owned(), String::new()),
            ("/r/sub/b.yar".to_owned(), "include \"../c.yar\"\nrule b { condition: c }".to_owned()),
            ("/r/c.yar".to_owned(), "rule c { condition: true }".to_owned()),
            ("/r/loop.yar".to_owned(), "include \"loop.yar\"".to_owned()),
        ]);
        let text = included(&files, "/r/a.yar", "./sub/b.yar").unwrap();
        assert!(text.contains("rule c") && text.contains("rule b"), "{text}");
        assert!(included(&files, "/r/a.yar", "b.yar").unwrap_err().contains("b.yar"));
        assert!(included(&files, "/r/a.yar", "loop.yar").unwrap_err().contains("too many"));
    }
}
