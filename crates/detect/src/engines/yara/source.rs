//! YARA source as text: the rules of a file, each with what it needs of the others, and what its `meta` says.

use crate::rule::{Bearing, Body, Rule};
use afterpatch_model::{Grade, Level, Message, RuleId, Weight};
use std::collections::{BTreeMap, BTreeSet};
use yara_x_parser::Span;
use yara_x_parser::ast::{AST, Error, Item, MetaValue, RuleFlags};
use yara_x_parser::cst::{CST, SyntaxKind};

/// Reads the rules of a source file that report anything.
///
/// What it includes is asked for by its path as the source spells it. Rules of included files are there for those that
/// need them; they report where their own file is read.
pub(super) fn rules(
    text: &str,
    origin: &str,
    builtin: bool,
    included: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Vec<Rule>, String> {
    let tree = AST::from(text);
    if let Some(error) = tree.errors().first() {
        return Err(fault(error, text));
    }
    let mut before = String::new();
    for item in tree.items() {
        if let Item::Include(include) = item {
            before.push_str(&included(include.file_name)?);
            before.push('\n');
        }
    }
    if before.is_empty() {
        return Ok(reporting(&Source::of(text, &tree), 0, origin, builtin));
    }
    let whole = before + text;
    let own = tree.rules().count();
    let tree = AST::from(whole.as_str());
    let source = Source::of(&whole, &tree);
    Ok(reporting(&source, source.rules.len().saturating_sub(own), origin, builtin))
}

/// Returns those rules from a place on that report anything.
fn reporting(source: &Source<'_>, from: usize, origin: &str, builtin: bool) -> Vec<Rule> {
    let reports = |place: &usize| !source.rules[*place].flags.contains(RuleFlags::Private);
    let rules = (from..source.rules.len()).filter(reports);
    rules.map(|place| rule(&source.rules[place], source.alone(place), origin, builtin)).collect()
}

/// The rules of a file, in its order.
struct Source<'a> {
    imports: Vec<&'a str>,
    rules: Vec<Declared<'a>>,
    places: BTreeMap<&'a str, usize>,
}

/// One rule as it stands in its file.
struct Declared<'a> {
    name: &'a str,
    flags: RuleFlags,
    tags: Vec<String>,
    meta: BTreeMap<&'a str, String>,
    text: &'a str,
}

impl<'a> Source<'a> {
    fn of(text: &'a str, tree: &AST<'a>) -> Self {
        let root = CST::from(text).root();
        let spans =
            root.children().filter(|node| node.kind() == SyntaxKind::RULE_DECL).map(|node| node.span());
        let declared = |(rule, span): (&yara_x_parser::ast::Rule<'a>, Span)| Declared {
            name: rule.identifier.name,
            flags: RuleFlags::from_bits_retain(rule.flags.bits()),
            tags: rule.tags.iter().flatten().map(|tag| tag.name.to_owned()).collect(),
            meta: rule
                .meta
                .iter()
                .flatten()
                .map(|meta| (meta.identifier.name, text_of(&meta.value)))
                .collect(),
            text: text.get(span.range()).unwrap_or_default(),
        };
        let rules: Vec<_> = tree.rules().zip(spans).map(declared).collect();
        let places = rules.iter().enumerate().map(|(place, rule)| (rule.name, place)).collect();
        Self { imports: tree.imports().map(|import| import.module_name).collect(), rules, places }
    }

    /// Returns source that holds one rule, last, behind the imports and the rules of its file that it needs.
    ///
    /// So every rule stands in a namespace of its own, and one that does not compile takes no other with it.
    fn alone(&self, place: usize) -> String {
        let imports = self.imports.iter().map(|module| format!("import \"{module}\""));
        let needed = self.needed_by(place);
        let rules = needed.iter().chain([&place]).map(|place| self.rules[*place].text.to_owned());
        imports.chain(rules).collect::<Vec<_>>().join("\n")
    }

    /// Finds the rules whose names occur in a rule, the global rules, and what these need in turn.
    fn needed_by(&self, place: usize) -> BTreeSet<usize> {
        let is_global = |other: &usize| self.rules[*other].flags.contains(RuleFlags::Global);
        let mut needed = BTreeSet::new();
        let mut open: Vec<usize> = (0..self.rules.len()).filter(is_global).chain([place]).collect();
        while let Some(next) = open.pop() {
            if next != place && !needed.insert(next) {
                continue;
            }
            let words = self.rules[next].text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let named = words.filter_map(|word| self.places.get(word).copied());
            open.extend(named.filter(|other| *other < next && !needed.contains(other)));
        }
        needed
    }
}

fn text_of(value: &MetaValue<'_>) -> String {
    match value {
        MetaValue::Bool((value, _)) => value.to_string(),
        MetaValue::Integer((value, _)) => value.to_string(),
        MetaValue::Float((value, _)) => value.to_string(),
        MetaValue::String((value, _)) => (*value).to_owned(),
        MetaValue::Bytes((value, _)) => value.to_string(),
    }
}

fn rule(declared: &Declared<'_>, text: String, origin: &str, builtin: bool) -> Rule {
    let meta = |name: &str| declared.meta.get(name).cloned().unwrap_or_default();
    let name = declared.name.to_owned();
    let own = if builtin { meta("id") } else { String::new() };
    let title = [meta("title"), meta("description")].into_iter().find(|text| !text.is_empty());
    Rule {
        id: RuleId::new(if own.is_empty() { name.clone() } else { own }),
        title: title.unwrap_or(name),
        level: level(&meta("level"), &meta("score")),
        status: meta("status"),
        tags: declared.tags.iter().cloned().chain(list(&meta("tags"))).collect(),
        author: meta("author"),
        license: meta("license"),
        references: list(&meta("reference")),
        false_alarms: [meta("false_alarms")].into_iter().filter(|text| !text.is_empty()).collect(),
        origin: origin.to_owned(),
        builtin,
        bearing: bearing(&meta),
        body: Body::Yara { name: declared.name.to_owned(), text },
    }
}

/// The score from which on a match of a community rule is of a level; they give scores from 0 to 100.
const SCORES: [(i64, Level); 4] =
    [(90, Level::Critical), (75, Level::High), (60, Level::Medium), (40, Level::Low)];

fn level(word: &str, score: &str) -> Level {
    let named = [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];
    if let Some(level) = named.into_iter().find(|level| level.name() == word) {
        return level;
    }
    match score.parse::<i64>() {
        Ok(score) => {
            SCORES.iter().find(|(from, _)| score >= *from).map_or(Level::Informational, |(_, level)| *level)
        }
        Err(_) => Level::Medium,
    }
}

fn bearing(meta: &dyn Fn(&str) -> String) -> Option<Bearing> {
    let claims = list(&meta("claims"));
    if claims.is_empty() {
        return None;
    }
    let weight = if meta("weight") == "against" { Weight::Against } else { Weight::For };
    Some(Bearing {
        claims,
        phase: None,
        weight,
        grade: super::super::analytic::grade(&meta("grade")).unwrap_or(Grade::Persists),
        circumstance: Some(meta("circumstance")).filter(|key| !key.is_empty()),
        certain: meta("certain") == "true",
        false_alarms: Message { en: meta("false_alarms"), ja: meta("false_alarms_ja") },
        message: Message { en: meta("message_en"), ja: meta("message_ja") },
    })
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Says what is wrong with a source file, and in which line.
fn fault(error: &Error, text: &str) -> String {
    let (what, span) = match error {
        Error::SyntaxError { message, span }
        | Error::InvalidInteger { message, span }
        | Error::InvalidFloat { message, span }
        | Error::InvalidRegexpModifier { message, span }
        | Error::InvalidEscapeSequence { message, span } => (message.as_str(), span),
        Error::InvalidUTF8(span) => ("bytes that are no text", span),
        Error::UnexpectedEscapeSequence(span) => ("an escape sequence is not allowed here", span),
    };
    let line = text.as_bytes().iter().take(span.start()).filter(|byte| **byte == b'\n').count() + 1;
    format!("line {line}: {what}")
}
