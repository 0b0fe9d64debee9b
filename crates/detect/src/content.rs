//! The content in force: what an analyst changes without Rust, ours (embedded) and the user's (from folders and archives).

mod files;
mod shelf;

use crate::claim::{self, Claim, Traces};
use crate::engines::sigma::{self, SigmaFile};
use crate::engines::{rule_problem, yara};
use crate::knowledge::Knowledge;
use crate::rule::{Bearing, Body, Rule, TakenFor};
use afterpatch_model::{Grade, Level, Message, Phase, Problem, ProblemCode, RuleId, Weight};
use rayon::prelude::*;
use rust_embed::RustEmbed;
use serde::Deserialize;
use shelf::{LoadedRules, Shelf};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(RustEmbed)]
#[folder = "../../content/"]
#[include = "rules/**/*"]
#[include = "knowledge/**/*"]
struct Embedded;

/// A named `SELECT` that analytics build upon, such as the scripts that Exchange did not bring.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// Its name in SQL.
    pub name: String,
    /// What one row is.
    pub doc: String,
    /// The statement.
    pub sql: String,
}

/// All rules, claims and knowledge in force.
#[derive(Debug, Clone)]
pub struct Content {
    rules: Vec<Rule>,
    tests: BTreeMap<String, String>,
    claims: BTreeMap<String, Claim>,
    concepts: Vec<Concept>,
    knowledge: Knowledge,
    digest: String,
}

/// Where content comes from beside our own.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContentSources<'s> {
    /// Folders, archives or files of rules.
    pub rules: &'s [PathBuf],
    /// Which of these rules are to be in force. Ours always are: the answers rest on them.
    pub picked: Picked<'s>,
    /// A folder of knowledge; the files in it take the place of ours of that name.
    pub knowledge: Option<&'s Path>,
    /// A folder where rules that were read are kept ready for the next run.
    pub shelf: Option<&'s Path>,
}

/// Which rules are wanted: those that every one of these lets pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct Picked<'s> {
    /// This level or above.
    pub level: Option<Level>,
    /// One of these statuses; any where there is none.
    pub statuses: &'s [String],
    /// A tag that is one of these or lies below it, such as `attack.t1505` for `attack.t1505.003`; any where there is none.
    pub tags: &'s [String],
}

impl Picked<'_> {
    /// Returns what was picked by, for the digest of the content; nothing where every rule is wanted.
    fn words(&self) -> impl Iterator<Item = String> {
        let level = self.level.map(|level| level.name().to_owned());
        level.into_iter().chain(self.statuses.iter().chain(self.tags).cloned())
    }

    /// Tells whether a rule is wanted.
    pub fn picks(&self, rule: &Rule) -> bool {
        let is_below = |tag: &String, wanted: &String| {
            let rest = tag.get(..wanted.len()).filter(|start| start.eq_ignore_ascii_case(wanted));
            rest.is_some() && matches!(tag.as_bytes().get(wanted.len()), None | Some(b'.'))
        };
        self.level.is_none_or(|least| rule.level >= least)
            && (self.statuses.is_empty()
                || self.statuses.iter().any(|word| word.eq_ignore_ascii_case(&rule.status)))
            && (self.tags.is_empty()
                || rule.tags.iter().any(|tag| self.tags.iter().any(|wanted| is_below(tag, wanted))))
    }
}

impl ContentSources<'_> {
    /// Takes rules off the shelf, or reads them and puts them there.
    fn load(&self, files: &BTreeMap<String, String>) -> LoadedRules {
        let kept = self.shelf.filter(|_| files.len() >= WORTH_KEEPING).map(Shelf::new);
        if let Some(loaded) = kept.and_then(|shelf| shelf.take(files)) {
            return loaded;
        }
        let loaded = load_rules(files, false);
        if let Some(shelf) = kept {
            shelf.put(files, &loaded);
        }
        loaded
    }
}

/// Leaves our own rules, those that are wanted, and those that a correlation counts which is left.
fn keep_picked(rules: &mut Vec<Rule>, picked: Picked<'_>) {
    let is_left = |rule: &Rule, counted: &BTreeSet<String>| {
        rule.builtin || picked.picks(rule) || sigma::names_of(rule).any(|name| counted.contains(name))
    };
    let mut counted = BTreeSet::new();
    // A correlation may count others: what is left grows until nothing is missing.
    loop {
        let more = sigma::counted(rules.iter().filter(|rule| is_left(rule, &counted)));
        if more == counted {
            return rules.retain(|rule| is_left(rule, &counted));
        }
        counted = more;
    }
}

/// Fewer files are read faster than they are looked up.
const WORTH_KEEPING: usize = 100;

/// A rule of our form, as its YAML file spells it: what it looks for is either `sql` over facts or a `page`'s verdict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    title: String,
    level: Level,
    status: String,
    author: String,
    license: String,
    references: Vec<String>,
    tags: Vec<String>,
    claims: Vec<String>,
    phase: Option<Phase>,
    #[serde(default)]
    weight: Weight,
    grade: Grade,
    circumstance: Option<String>,
    #[serde(default)]
    certain: bool,
    message: Message,
    false_alarms: Message,
    sql: Option<String>,
    page: Option<TakenFor>,
}

impl Content {
    /// Loads our own content and what lies in the folders, archives or files of `extra`.
    ///
    /// A rule that cannot be loaded becomes a problem with its file; the others are in force.
    pub fn load(extra: &[PathBuf]) -> (Self, Vec<Problem>) {
        Self::load_from(&ContentSources { rules: extra, ..ContentSources::default() })
    }

    /// Loads content as [`Content::load`] does, from more than folders of rules.
    pub fn load_from(sources: &ContentSources<'_>) -> (Self, Vec<Problem>) {
        let mut files = embedded_files();
        let mut problems = Vec::new();
        let claims = parse_embedded::<Vec<Claim>>(&files, "rules/claims.yml", &mut problems);
        let concepts = parse_embedded::<Vec<Concept>>(&files, "rules/concepts.yml", &mut problems);
        let knowledge = read_knowledge(&files, sources.knowledge, &mut problems);
        let mut counted = counted(&files);
        files.retain(|path, _| path.starts_with("rules/"));
        let tests = files.extract_if(.., |path, _| path.ends_with(".test.yml")).collect();
        let mut loaded = load_rules(&files, true);
        for path in sources.rules {
            let files = files::at(path, &mut problems);
            let own = sources.load(&files);
            loaded.rules.extend(own.rules);
            loaded.rejected.extend(own.rejected);
            counted.extend(files.into_values());
        }
        let LoadedRules { mut rules, rejected } = loaded;
        problems.extend(
            rejected.iter().map(|(origin, fault)| rule_problem(ProblemCode::RuleRejected, origin, fault)),
        );
        keep_picked(&mut rules, sources.picked);
        drop_repeated(&mut rules, &mut problems);
        counted.extend(sources.picked.words());
        counted.push(knowledge.digest().to_owned());
        let digest = afterpatch_model::digest_hex(&counted.iter().map(String::as_str).collect::<Vec<_>>());
        let claims = claims.into_iter().map(|claim: Claim| (claim.id.clone(), claim)).collect();
        (Self { rules, tests, claims, concepts, knowledge, digest }, problems)
    }

    /// Returns every rule in force, in order of id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns the claims that rules bear on, by id.
    pub fn claims(&self) -> &BTreeMap<String, Claim> {
        &self.claims
    }

    /// Returns the flaws that some rule looks for, and how much the use of each leaves.
    pub fn looked_for(&self) -> BTreeMap<&str, Traces> {
        let mut flaws: BTreeMap<&str, Traces> = BTreeMap::new();
        for claim in self.claims.values() {
            for cve in &claim.cves {
                let known = flaws.entry(cve).or_insert(claim.traces);
                *known = claim.traces.max(*known);
            }
        }
        flaws
    }

    /// Returns which step of an intrusion a match of `rule` tells of, where it bears on `claim`; none for no step.
    pub fn phase(&self, rule: &RuleId, claim: &str) -> Option<Phase> {
        let at = self.rules.binary_search_by(|known| known.id.cmp(rule)).ok()?;
        let own = self.rules.get(at)?.bearing.as_ref()?.phase;
        own.or(self.claims.get(claim)?.phase)
    }

    /// Returns the named `SELECT`s that analytics build upon, in the order in which they build upon each other.
    pub fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    /// Returns what is known of Exchange: flaws, builds, genuine files.
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// Returns SHA-256 over all content in force.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the test file that stands beside a rule of ours, by the rule's file.
    pub(crate) fn test_of(&self, rule: &Rule) -> Option<&str> {
        let (stem, _) = rule.origin.rsplit_once('.')?;
        self.tests.get(&format!("{stem}.test.yml")).map(String::as_str)
    }
}

/// Returns our content by path, such as `rules/analytics/proxylogon/ssrf_anchor.yml`.
fn embedded_files() -> BTreeMap<String, String> {
    let read = |path: &str| {
        let file = Embedded::get(path)?;
        Some(String::from_utf8_lossy(&file.data).into_owned())
    };
    Embedded::iter().filter_map(|path| Some((path.to_string(), read(&path)?))).collect()
}

/// The folder of the knowledge of Exchange in our content.
const KNOWLEDGE: &str = "knowledge/exchange/";

/// Returns our files of knowledge, by name.
#[cfg(test)]
pub(crate) fn knowledge_files() -> BTreeMap<String, String> {
    let named = |(path, text): (String, String)| Some((path.strip_prefix(KNOWLEDGE)?.to_owned(), text));
    embedded_files().into_iter().filter_map(named).collect()
}

/// Reads our knowledge, or what lies in a folder in its place. What is wrong with it becomes problems.
fn read_knowledge(
    files: &BTreeMap<String, String>,
    folder: Option<&Path>,
    problems: &mut Vec<Problem>,
) -> Knowledge {
    let mut sheets = BTreeMap::new();
    for name in Knowledge::FILES {
        let ours = files.get(&format!("{KNOWLEDGE}{name}"));
        let theirs = folder.map(|folder| folder.join(name)).filter(|path| path.exists());
        let text = match theirs {
            Some(path) => std::fs::read_to_string(&path).unwrap_or_else(|error| {
                problems.push(rule_problem(ProblemCode::RuleRejected, &path.to_string_lossy(), &error));
                String::new()
            }),
            None => ours.cloned().unwrap_or_default(),
        };
        sheets.insert(name.to_owned(), text);
    }
    if let Some(folder) =
        folder.filter(|folder| !Knowledge::FILES.iter().any(|name| folder.join(name).exists()))
    {
        let detail = format!("it holds none of {}", Knowledge::FILES.join(", "));
        problems.push(rule_problem(ProblemCode::RuleRejected, &folder.to_string_lossy(), &detail));
    }
    let knowledge = Knowledge::read(&sheets);
    let fault = |fault: &crate::knowledge::Fault| {
        rule_problem(ProblemCode::RuleRejected, &format!("{KNOWLEDGE}{}", fault.file), fault)
    };
    problems.extend(knowledge.check().iter().map(fault));
    knowledge
}

fn parse_embedded<T: for<'de> Deserialize<'de> + Default>(
    files: &BTreeMap<String, String>,
    path: &str,
    problems: &mut Vec<Problem>,
) -> T {
    let text = files.get(path).map_or("", String::as_str);
    serde_saphyr::from_str(text).unwrap_or_else(|error| {
        problems.push(rule_problem(ProblemCode::RuleRejected, path, &error));
        T::default()
    })
}

/// The kinds of rule file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Yaml,
    Yara,
}

fn kind_of(path: &str) -> Option<FileKind> {
    match path.rsplit_once('.')?.1.to_lowercase().as_str() {
        "yml" | "yaml" => Some(FileKind::Yaml),
        "yar" | "yara" => Some(FileKind::Yara),
        _ => None,
    }
}

/// A rule file that was read; what stands in other files may yet bear on its rules.
enum ReadFile {
    Rules(Vec<Rule>, Vec<String>),
    Sigma(SigmaFile),
}

/// Loads the rules of files, on all cores; rules and problems come in the order of the files.
fn load_rules(all: &BTreeMap<String, String>, builtin: bool) -> LoadedRules {
    let files: Vec<(&String, &String)> = all.iter().collect();
    let read: Vec<_> = files
        .par_iter()
        .filter(|(origin, _)| !OTHER_CONTENT.contains(&origin.as_str()))
        .filter_map(|(origin, text)| Some((*origin, read_file(origin, text, builtin, all)?)))
        .collect();
    let sigma = read.iter().filter_map(|(_, file)| match file {
        ReadFile::Sigma(file) => Some(file),
        ReadFile::Rules(..) => None,
    });
    let filters: Vec<_> = sigma.flat_map(SigmaFile::filters).cloned().collect();
    let loaded: Vec<_> = read
        .into_par_iter()
        .map(|(origin, file)| match file {
            ReadFile::Rules(rules, faults) => (origin, rules, faults),
            ReadFile::Sigma(file) => {
                let (rules, faults) = file.into_rules(origin, builtin, &filters);
                (origin, rules, faults)
            }
        })
        .collect();
    let mut all = LoadedRules::default();
    for (origin, rules, faults) in loaded {
        all.rules.extend(rules);
        all.rejected.extend(faults.into_iter().map(|fault| (origin.clone(), fault)));
    }
    all
}

/// Files in the folder of rules that hold no rules.
const OTHER_CONTENT: [&str; 2] = ["rules/claims.yml", "rules/concepts.yml"];

fn read_file(origin: &str, text: &str, builtin: bool, all: &BTreeMap<String, String>) -> Option<ReadFile> {
    let loaded = match kind_of(origin)? {
        FileKind::Yara => yara::load(text, origin, builtin, &|path| files::included(all, origin, path)),
        FileKind::Yaml if is_of_our_form(text) => rule_of_our_form(text, origin, builtin),
        FileKind::Yaml => return Some(ReadFile::Sigma(sigma::read(text))),
    };
    Some(match loaded {
        Ok(rules) => ReadFile::Rules(rules, Vec::new()),
        Err(fault) => ReadFile::Rules(Vec::new(), vec![fault]),
    })
}

/// Tells a rule of our form from a Sigma rule: only ours has a top-level `sql` or `page`.
fn is_of_our_form(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("sql:") || line.starts_with("page:"))
}

fn rule_of_our_form(text: &str, origin: &str, builtin: bool) -> Result<Vec<Rule>, String> {
    let file: RuleFile = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let body = match (file.sql, file.page) {
        (Some(sql), None) => Body::Sql(sql),
        (None, Some(wanted)) => Body::Page(wanted),
        _ => return Err("it has to have either `sql` or `page`".to_owned()),
    };
    let bearing = Bearing {
        claims: file.claims,
        phase: file.phase,
        weight: file.weight,
        grade: file.grade,
        circumstance: file.circumstance,
        certain: file.certain,
        false_alarms: file.false_alarms.clone(),
        message: file.message,
    };
    Ok(vec![Rule {
        id: RuleId::new(file.id),
        title: file.title,
        level: file.level,
        status: file.status,
        tags: file.tags,
        author: file.author,
        license: file.license,
        references: file.references,
        false_alarms: vec![file.false_alarms.en],
        origin: origin.to_owned(),
        builtin,
        bearing: Some(bearing),
        body,
    }])
}

/// Sorts by id; of two rules with one id the first (ours before the user's) stays.
fn drop_repeated(rules: &mut Vec<Rule>, problems: &mut Vec<Problem>) {
    rules.sort_by(|a, b| (&a.id, !a.builtin, &a.origin).cmp(&(&b.id, !b.builtin, &b.origin)));
    rules.dedup_by(|later, first| {
        let same = later.id == first.id;
        if same {
            let detail = format!("the id {} is taken by {}", later.id, first.origin);
            problems.push(rule_problem(ProblemCode::RuleRejected, &later.origin, &detail));
        }
        same
    });
}

/// Returns the texts that count in the digest: rules with their claims and words, and the steps of the plan. Tests judge
/// nothing, and of the knowledge of Exchange another may be in force.
fn counted(files: &BTreeMap<String, String>) -> Vec<String> {
    let counts =
        |path: &str| kind_of(path).is_some() && !path.ends_with(".test.yml") && !path.starts_with(KNOWLEDGE);
    files.iter().filter(|(path, _)| counts(path)).map(|(_, text)| text.clone()).collect()
}

/// Says what is wrong with the content beyond what loading finds: metadata, claims, SQL.
pub(crate) fn lint(content: &Content) -> Vec<Problem> {
    let mut problems = Vec::new();
    for rule in content.rules() {
        for fault in faults(content, rule) {
            problems.push(rule_problem(
                ProblemCode::RuleRejected,
                &rule.origin,
                &format!("{}: {fault}", rule.id),
            ));
        }
    }
    problems
}

fn faults(content: &Content, rule: &Rule) -> Vec<String> {
    let mut faults = Vec::new();
    if rule.builtin {
        let required = [("author", rule.author.is_empty()), ("license", rule.license.is_empty())];
        faults.extend(required.iter().filter(|(_, absent)| *absent).map(|(name, _)| format!("no {name}")));
        if rule.references.is_empty() {
            faults.push("no references".to_owned());
        }
        if rule.false_alarms.iter().all(String::is_empty) {
            faults.push("no false alarms named".to_owned());
        }
        if content.test_of(rule).is_none() {
            faults.push("no test beside it".to_owned());
        }
    }
    let claims = rule.bearing.iter().flat_map(|bearing| &bearing.claims);
    faults.extend(claims.filter(|id| !content.claims().contains_key(*id)).map(|id| format!("no claim {id}")));
    if let Some(bearing) = &rule.bearing {
        let texts = [&bearing.message, &bearing.false_alarms];
        if texts.iter().any(|text| claim::is_incomplete(text)) {
            faults.push("a message lacks English or Japanese".to_owned());
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_counts_every_text_that_judges_and_no_test() {
        let files = embedded_files();
        let texts = counted(&files);
        let counts = |path: &str| files.get(path).map(|text| texts.contains(text));
        for judges in [
            "rules/claims.yml",
            "rules/concepts.yml",
            "rules/analytics/proxylogon/ssrf_anchor.yml",
            "knowledge/response/situations.yml",
            "knowledge/response/patch.yml",
            "knowledge/response/words.yml",
        ] {
            assert_eq!(counts(judges), Some(true), "{judges}");
        }
        assert_eq!(counts("rules/analytics/proxylogon/ssrf_anchor.test.yml"), Some(false));
        assert_eq!(counts("knowledge/exchange/builds.tsv"), Some(false), "knowledge has a digest of its own");
    }

    #[test]
    fn one_word_of_a_rule_of_the_users_makes_other_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let digest = |level: &str| {
            let rule = format!(
                "title: Mine\nid: 11111111-2222-4333-8444-555555555555\nauthor: Someone\nlogsource:\n  product: windows\n\
                 detection:\n  s:\n    EventID: 4720\n  condition: s\nlevel: {level}\n"
            );
            std::fs::write(folder.path().join("mine.yml"), rule).expect("a file");
            Content::load(&[folder.path().to_owned()]).0.digest().to_owned()
        };
        let (low, high) = (digest("low"), digest("high"));
        assert_ne!(low, high, "what it looks for is the same, how grave it is differs");
        assert_eq!(low, digest("low"));
        assert_ne!(low, Content::load(&[]).0.digest());
    }

    #[test]
    fn what_a_picked_correlation_counts_is_left_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let rule = |name: &str, level: &str, body: &str| {
            format!("title: {name}\nname: {name}\nlevel: {level}\n{body}")
        };
        let event = "logsource:\n  product: windows\ndetection:\n  s:\n    EventID: 1\n  condition: s\n";
        let counts = |of: &str| {
            format!(
                "correlation:\n  type: event_count\n  rules: [{of}]\n  timespan: 1m\n  condition:\n    gte: 2\n"
            )
        };
        let rules = [
            rule("base", "low", event),
            rule("other", "low", event),
            rule("many", "low", &counts("base")),
            rule("too_many", "high", &counts("many")),
        ];
        std::fs::write(folder.path().join("rules.yml"), rules.join("---\n")).expect("a file");
        let left = |level| {
            let picked = Picked { level: Some(level), ..Picked::default() };
            let rules = [folder.path().to_owned()];
            let sources = ContentSources { rules: &rules, picked, ..ContentSources::default() };
            let (content, problems) = Content::load_from(&sources);
            assert_eq!(problems, []);
            let theirs = content.rules().iter().filter(|rule| !rule.builtin);
            theirs.map(|rule| rule.title.clone()).collect::<BTreeSet<_>>()
        };
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(left(Level::High), named(&["base", "many", "too_many"]));
        assert_eq!(left(Level::Low), named(&["base", "many", "other", "too_many"]));
        assert_eq!(left(Level::Critical), named(&[]));
    }
}
