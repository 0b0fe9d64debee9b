//! YARA: rules over the bytes of files, run by YARA-X.
//!
//! Files of served folders are looked at, and files that no parser reads. [`source`] reads rules as text, each into a
//! body that stands alone; here all are compiled, each in a namespace of its own, and run over one file after the other.

mod source;

use super::files::{self, File, Look, Looked};
use super::{Hit, Ran, RuleEngine, Scope, rule_problem};
use crate::rule::{Body, Rule};
use afterpatch_model::{Detection, Grade, Problem, ProblemCode, extension, file_name};
use afterpatch_store::{Case, HitWriter};
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;
use yara_x::errors::VariableError;
use yara_x::{Compiler, Rules, ScanError, Scanner, SourceCode};

/// The largest file that is scanned: pages and droppers are small, and a dump of memory would take minutes.
const LARGEST: u64 = 8 << 20;
/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often one pattern is looked for in a file.
const MATCHES: usize = 1_000;
/// Patterns of one rule that a hit shows, and characters of each.
const SHOWN: (usize, usize) = (6, 80);

/// What community rules ask beside the bytes; they do not compile where one of these has no value.
const EXTERNALS: [&str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

/// The file types by which community rules ask, by the first bytes.
static FILE_TYPES: &[(&[u8], &str)] = &[
    (b"MZ", "EXE"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x7fELF", "ELF"),
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"MDMP", "MDMP"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "OLE"),
    (b"Rar!", "RAR"),
    (b"7z\xBC\xAF\x27\x1C", "7ZIP"),
];

/// Reads the rules of a source file; private rules come along with those that need them.
///
/// `included` gives the text of a file that the source includes, by the path as it is spelled there.
pub(crate) fn load(
    text: &str,
    origin: &str,
    builtin: bool,
    included: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Vec<Rule>, String> {
    source::rules(text, origin, builtin, included)
}

/// Runs one rule over the bytes of a file that is in no case.
pub(crate) fn hits_in(rule: &Rule, bytes: &[u8], path: &str) -> Vec<Hit> {
    let (compiled, _) = Compiled::of(&[rule]);
    let matches = compiled.scan(&mut compiled.scanners(), bytes, path).unwrap_or_default();
    matches.into_iter().map(|found| found.into_hit(&File::new("-", path, bytes))).collect()
}

/// The engine that runs YARA rules.
#[derive(Debug)]
pub(crate) struct Yara;

impl RuleEngine for Yara {
    fn run(&self, scope: &Scope<'_>, rules: &[&Rule]) -> Ran {
        let own: Vec<&Rule> =
            rules.iter().copied().filter(|rule| matches!(rule.body, Body::Yara { .. })).collect();
        let met = scope.case.filter(|_| !own.is_empty()).map(|case| search(case, &own, scope.hits));
        scope.progress.advance(u64::try_from(own.len()).unwrap_or(0));
        let (detections, problems) = met.unwrap_or_default();
        Ran { detections, problems, ..Ran::default() }
    }
}

/// Runs rules over the files of a case.
fn search(case: &Case, rules: &[&Rule], hits: Option<&HitWriter>) -> (Vec<Detection>, Vec<Problem>) {
    let artifacts = files::looked_at(case);
    if artifacts.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let (compiled, mut problems) = Compiled::of(rules);
    let (detections, failed) = files::look_at(case, &artifacts, &compiled, hits);
    problems.extend(failed);
    (detections, problems)
}

impl<'a> Look<'a> for Compiled<'a> {
    type Eye<'s>
        = Vec<Scanner<'s>>
    where
        Self: 's;

    fn largest(&self) -> (u64, &'static str) {
        (LARGEST, "not searched with YARA: it is larger than 8 MiB")
    }

    fn eye(&self) -> Vec<Scanner<'_>> {
        self.scanners()
    }

    fn look(&self, eye: &mut Vec<Scanner<'_>>, file: &File<'_>, bytes: &[u8]) -> Looked<'a> {
        match self.scan(eye, bytes, file.path) {
            Ok(found) => {
                let hits = found.into_iter().map(|found| (found.rule, found.into_hit(file))).collect();
                Looked { hits, cut_short: None }
            }
            Err(error) => Looked { cut_short: Some(error), ..Looked::default() },
        }
    }
}

/// Compiles the rules and says which cannot run.
pub(crate) fn check(rules: &[&Rule]) -> Vec<Problem> {
    Compiled::of(rules).1
}

/// Rules, compiled on all cores: each part holds a share of them, and a file is looked at with one part after the other.
struct Compiled<'a> {
    parts: Vec<Part<'a>>,
}

/// Rules, compiled together.
struct Part<'a> {
    rules: Rules,
    /// By namespace: the rule that stands in it.
    targets: Vec<&'a Rule>,
}

/// How many rules are worth a part of their own: each further part looks through every file once more.
const SHARE: usize = 1_000;

impl<'a> Compiled<'a> {
    /// Compiles what can be compiled, and says what cannot.
    fn of(rules: &[&'a Rule]) -> (Self, Vec<Problem>) {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let share = rules.len().div_ceil(threads).max(SHARE);
        let parts: Vec<_> = thread::scope(|scope| {
            let shares: Vec<_> = rules.chunks(share).map(|share| scope.spawn(|| Part::of(share))).collect();
            let finished = shares.into_iter().map(thread::ScopedJoinHandle::join);
            finished.map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let (parts, problems): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        (Self { parts }, problems.concat())
    }

    fn scanners(&self) -> Vec<Scanner<'_>> {
        self.parts.iter().map(Part::scanner).collect()
    }

    /// Runs the rules over the bytes of a file; the matches come in the order of the rules.
    fn scan(&self, scanners: &mut [Scanner<'_>], bytes: &[u8], path: &str) -> Result<Vec<Match<'a>>, String> {
        let mut matches = Vec::new();
        for (part, scanner) in self.parts.iter().zip(scanners) {
            matches.extend(part.scan(scanner, bytes, path)?);
        }
        Ok(matches)
    }
}

impl<'a> Part<'a> {
    fn of(rules: &[&'a Rule]) -> (Self, Vec<Problem>) {
        let mut compiler = Compiler::new();
        // Community rules are written for YARA, which takes `\R` or a lone `{` as they stand.
        compiler.relaxed_re_syntax(true).switch_all_warnings(false);
        let mut problems = Vec::new();
        for name in EXTERNALS {
            if let Err(error) = compiler.define_global(name, "") {
                problems.push(rule_problem(ProblemCode::RuleFailed, name, &error));
            }
        }
        let mut targets = Vec::new();
        for rule in rules {
            let Body::Yara { text, .. } = &rule.body else { continue };
            compiler.new_namespace(&targets.len().to_string());
            targets.push(*rule);
            let source = SourceCode::from(text.as_str()).with_origin(rule.origin.as_str());
            if let Err(error) = compiler.add_source(source) {
                let detail = format!("{}: {}", rule.id, error.title());
                problems.push(rule_problem(ProblemCode::RuleFailed, &rule.origin, &detail));
            }
        }
        (Self { rules: compiler.build(), targets }, problems)
    }

    fn scanner(&self) -> Scanner<'_> {
        let mut scanner = Scanner::new(&self.rules);
        scanner.set_timeout(PATIENCE).max_matches_per_pattern(MATCHES);
        scanner
    }

    fn scan(&self, scanner: &mut Scanner<'_>, bytes: &[u8], path: &str) -> Result<Vec<Match<'a>>, String> {
        set_externals(scanner, bytes, path).map_err(|error| error.to_string())?;
        let results = scanner.scan(bytes).map_err(|error: ScanError| error.to_string())?;
        let mut matches: Vec<_> = results.matching_rules().filter_map(|rule| self.met(&rule)).collect();
        matches.sort_by_key(|found| found.namespace);
        Ok(matches)
    }

    /// Takes a matching rule for a hit, unless it is there for another rule's sake.
    fn met(&self, matching: &yara_x::Rule<'_, '_>) -> Option<Match<'a>> {
        let namespace: usize = matching.namespace().parse().ok()?;
        let rule = self.targets.get(namespace)?;
        let Body::Yara { name, .. } = &rule.body else { return None };
        (matching.identifier() == name).then(|| Match::of(rule, namespace, matching))
    }
}

fn set_externals(scanner: &mut Scanner<'_>, bytes: &[u8], path: &str) -> Result<(), VariableError> {
    let kind = FILE_TYPES.iter().find(|(magic, _)| bytes.starts_with(magic)).map_or("", |(_, kind)| *kind);
    let dotted = match extension(path) {
        none if none.is_empty() => none,
        some => format!(".{some}"),
    };
    // Few collections tell who owned a file: `owner` stays empty, and rules that ask for it do not match.
    let values = [file_name(path), path, dotted.as_str(), kind, ""];
    for (name, value) in EXTERNALS.into_iter().zip(values) {
        scanner.set_global(name, value)?;
    }
    Ok(())
}

/// A rule that met a file.
struct Match<'a> {
    rule: &'a Rule,
    namespace: usize,
    offset: u64,
    strings: String,
}

impl<'a> Match<'a> {
    fn of(rule: &'a Rule, namespace: usize, matching: &yara_x::Rule<'_, '_>) -> Self {
        let (count, width) = SHOWN;
        let mut strings = Vec::new();
        let mut offset = None;
        for pattern in matching.patterns() {
            let Some(first) = pattern.matches().next() else {
                continue;
            };
            let start = first.range().start;
            offset = Some(offset.map_or(start, |offset: usize| offset.min(start)));
            if strings.len() < count {
                strings.push(format!("{} {}", pattern.identifier(), printable(first.data(), width)));
            }
        }
        let offset = offset.and_then(|offset| u64::try_from(offset).ok()).unwrap_or(0);
        Self { rule, namespace, offset, strings: strings.join("; ") }
    }

    fn into_hit(self, file: &File<'_>) -> Hit {
        let mut fields = BTreeMap::from([("yara_rule".to_owned(), self.rule.id.to_string())]);
        if !self.strings.is_empty() {
            fields.insert("strings".to_owned(), self.strings);
        }
        // A rule that says nothing of it says that the file is there.
        file.hit(self.rule.bearing.is_none().then_some(Grade::Persists), self.offset, fields)
    }
}

/// Shows matched bytes: text as it is, every other byte as a dot.
fn printable(bytes: &[u8], width: usize) -> String {
    let wide = bytes.len() > 3 && bytes.iter().skip(1).step_by(2).all(|byte| *byte == 0);
    let shown = bytes.iter().step_by(if wide { 2 } else { 1 }).take(width);
    shown.map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::{Level, Weight};
    use afterpatch_store::{NoProgress, Session};

    /// Reads the rules of a file that includes none but `b.yar`.
    fn load(text: &str, origin: &str, builtin: bool) -> Result<Vec<Rule>, String> {
        super::load(text, origin, builtin, &|path| match path {
            "b.yar" => Ok("private rule shared { strings: $a = \"inert\" condition: $a }".to_owned()),
            other => Err(format!("it includes {other}, which is not there")),
        })
    }

    const OURS: &str = r#"
import "hash"
private rule is_page { strings: $a = "<%" condition: $a }
rule marked_page : webshell test {
    meta:
        id = "marked-page"
        title = "A page with our mark"
        author = "afterpatch"
        license = "Apache-2.0"
        reference = "https://example.org/a, https://example.org/b"
        level = "critical"
        tags = "attack.t1505.003"
        claims = "web-shell,other"
        certain = true
        message_en = "{path} is marked"
        message_ja = "{path} 印"
        false_alarms = "None"
        false_alarms_ja = "なし"
    strings:
        $mark = "inert" wide ascii
    condition:
        is_page and $mark and extension == ".aspx" and filename == "x.aspx"
}
"#;

    #[test]
    fn a_rule_keeps_what_its_meta_says() {
        let rules = load(OURS, "ours.yar", true).unwrap();
        assert_eq!(rules.len(), 1);
        let rule = &rules[0];
        assert_eq!(
            (rule.id.as_str(), rule.title.as_str(), rule.level),
            ("marked-page", "A page with our mark", Level::Critical)
        );
        assert_eq!(rule.tags, ["webshell", "test", "attack.t1505.003"]);
        assert_eq!(rule.references, ["https://example.org/a", "https://example.org/b"]);
        let bearing = rule.bearing.as_ref().unwrap();
        assert_eq!(bearing.claims, ["web-shell", "other"]);
        assert_eq!((bearing.weight, bearing.grade, bearing.certain), (Weight::For, Grade::Persists, true));
        assert_eq!(
            (bearing.message.en.as_str(), bearing.false_alarms.ja.as_str()),
            ("{path} is marked", "なし")
        );
    }

    #[test]
    fn a_community_rule_goes_by_its_name_and_bears_on_nothing() {
        let text = r#"rule SUSP_X { meta: id = "f00" description = "Sees x" score = 75 condition: true }"#;
        let rule = load(text, "set.yar", false).unwrap().remove(0);
        assert_eq!((rule.id.as_str(), rule.title.as_str(), rule.level), ("SUSP_X", "Sees x", Level::High));
        assert!(rule.bearing.is_none());
        assert_eq!(load("rule a { condition: true }", "a.yar", false).unwrap()[0].level, Level::Medium);
    }

    #[test]
    fn a_file_that_cannot_be_read_says_where() {
        let reason = load("rule a {\n condition: true }\nrule b { condition }", "a.yar", false).unwrap_err();
        assert!(reason.starts_with("line 3: "), "{reason}");
        assert!(load("/* rule a { condition: true } */", "a.yar", false).unwrap().is_empty());
    }

    #[test]
    fn a_page_is_met_where_its_mark_is_and_its_neighbours_are_not() {
        let rule = load(OURS, "ours.yar", true).unwrap().remove(0);
        let met = hits_in(&rule, b"<%-- --%> i\0n\0e\0r\0t\0", r"C:\inetpub\wwwroot\x.aspx");
        assert_eq!(met.len(), 1);
        assert_eq!(
            (met[0].locator.record, met[0].subject.as_str(), met[0].grade),
            (10, r"C:\inetpub\wwwroot\x.aspx", None)
        );
        assert_eq!(met[0].fields["strings"], "$mark inert");
        let digest = "0bfea123c71ceeddf210bc618cee552f75309bd7378488c9f60faffb2cb85a1f";
        assert_eq!(met[0].fields["sha256"], digest);
        for (bytes, path) in
            [(&b"<% inert"[..], r"C:\y.aspx"), (b"inert", r"C:\x.aspx"), (b"<% inart", r"C:\x.aspx")]
        {
            assert!(hits_in(&rule, bytes, path).is_empty(), "{path}");
        }
    }

    #[test]
    fn a_rule_that_does_not_compile_leaves_its_neighbours_in_force() {
        let text = r#"
rule sound { strings: $a = "inert" condition: $a }
rule unsound { condition: no_such_variable }
global rule small { condition: filesize < 10 }
rule builds_upon { condition: sound and filetype == "EXE" }
"#;
        let rules = load(text, "set.yar", false).unwrap();
        let (compiled, problems) = Compiled::of(&rules.iter().collect::<Vec<_>>());
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].code, problems[0].place.as_str()), (ProblemCode::RuleFailed, "set.yar"));
        assert!(problems[0].detail.contains("unsound"), "{}", problems[0].detail);
        let met = |bytes: &[u8]| -> Vec<String> {
            let found = compiled.scan(&mut compiled.scanners(), bytes, "x").unwrap();
            found.iter().map(|found| found.rule.id.to_string()).collect()
        };
        assert_eq!(met(b"MZinert"), ["sound", "small", "builds_upon"]);
        assert_eq!(met(b"inert"), ["sound", "small"]);
        assert!(met(b"MZinert, and more than ten").is_empty());
    }

    #[test]
    fn a_rule_may_build_upon_what_its_file_includes() {
        let text = "include \"b.yar\"\nrule builds { condition: shared and filesize < 10 }\n";
        let rules = load(text, "a.yar", false).unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(hits_in(&rules[0], b"inert", "x").len(), 1);
        assert!(hits_in(&rules[0], b"inept", "x").is_empty());
        let reason = load("include \"c.yar\"\nrule a { condition: true }", "a.yar", false).unwrap_err();
        assert!(reason.contains("c.yar"), "{reason}");
    }

    #[test]
    fn without_a_case_there_are_no_files() {
        let rules = load(OURS, "ours.yar", true).unwrap();
        let session = Session::empty().unwrap();
        let scope = Scope { session: &session, case: None, progress: &NoProgress, hits: None };
        let Ran { detections, problems, .. } = Yara.run(&scope, &rules.iter().collect::<Vec<_>>());
        assert!(detections.is_empty() && problems.is_empty());
    }

    #[test]
    fn served_files_of_a_case_are_searched_and_large_ones_named() {
        let folder = tempfile::tempdir().unwrap();
        let case = files::tests::case_with(
            folder.path(),
            &[
                ("x.aspx", b"<% inert", 8),
                ("y.aspx", b"<% inert", 8),
                ("large.aspx", b"<% inert", LARGEST + 1),
            ],
        );
        let rules = load(OURS, "ours.yar", true).unwrap();
        let session = Session::empty().unwrap();
        let scope = Scope { session: &session, case: Some(&case), progress: &NoProgress, hits: None };
        let Ran { detections, problems, .. } = Yara.run(&scope, &rules.iter().collect::<Vec<_>>());
        let claims: Vec<_> = detections.iter().map(|detection| detection.claim.as_deref().unwrap()).collect();
        assert_eq!(claims, ["other", "web-shell"]);
        assert_eq!((detections[0].server.as_str(), detections[0].grade), ("MX1", Grade::Persists));
        assert!(detections[0].subject.ends_with("x.aspx"), "{}", detections[0].subject);
        assert_eq!(detections[0].samples[0].locator.record, 3);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, ProblemCode::TooLarge);
        assert!(problems[0].place.ends_with("large.aspx") && problems[0].artifact.is_some());
    }

    #[test]
    fn matched_bytes_are_shown_as_text() {
        assert_eq!(printable(b"a\0b\0c\0", 80), "abc");
        assert_eq!(printable(b"ev\x1b[2Jal", 80), "ev.[2Jal");
        assert_eq!(printable(b"abcdef", 3), "abc");
    }
}
