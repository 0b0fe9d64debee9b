//! Sigma rules as text: the documents of a file, and what is drawn from each rule before any event is seen.

use super::filter;
use super::mend;
use super::needs::{self, Asks, Need};
use super::route::Source;
use crate::rule::{Body, Rule};
use afterpatch_model::{Level, RuleId};
use rsigma_eval::compile_to_compiled;
use rsigma_ir::{IrRule, IrRuleMetadata, LowerOptions, lower_rule};
use rsigma_parser::{CorrelationRule, FilterRule, SigmaCollection, SigmaRule, parse_sigma_yaml};
use serde::{Deserialize, Serialize};

/// What the engine runs of a Sigma rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SigmaBody {
    /// Its `name`, by which correlations may refer to it.
    pub(super) name: Option<String>,
    pub(super) part: Part,
}

/// The kinds of Sigma rule that report something.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Part {
    /// A rule over single events.
    Events(EventRule),
    /// A rule over what other rules met: the text of its document.
    Correlation(String),
}

/// A rule over single events, ready to be compiled when an event first needs it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EventRule {
    pub(super) source: Source,
    /// What an event must have to be worth evaluating; none where nothing is sure.
    pub(super) needs: Option<Vec<Need>>,
    /// The fields without which it cannot be met.
    pub(super) asks: Asks,
    /// The fields that it looks at, in order of name.
    pub(super) fields: Vec<String>,
    /// Whether it looks for texts anywhere in an event.
    pub(super) has_keywords: bool,
    /// The rule itself, lowered by rsigma, as CBOR.
    lowered: Vec<u8>,
}

impl SigmaBody {
    /// Returns the log source that it is written for; none of a correlation.
    pub(crate) fn log_source(&self) -> Option<String> {
        match &self.part {
            Part::Events(rule) => Some(rule.source.to_string()),
            Part::Correlation(_) => None,
        }
    }
}

impl EventRule {
    /// Compiles the rule.
    pub(super) fn compile(&self) -> Result<rsigma_eval::CompiledRule, String> {
        let lowered: IrRule =
            ciborium::from_reader(self.lowered.as_slice()).map_err(|error| error.to_string())?;
        compile_to_compiled(&lowered).map_err(|error| error.to_string())
    }
}

/// What stands in a Sigma file.
#[derive(Debug, Default)]
pub(crate) struct SigmaFile {
    rules: Vec<SigmaRule>,
    correlations: Vec<(CorrelationRule, String)>,
    filters: Vec<FilterRule>,
    /// Why documents of it could not be read.
    faults: Vec<String>,
}

/// Reads the documents of a Sigma file; one that cannot be read takes no other with it.
pub(crate) fn read(text: &str) -> SigmaFile {
    let mut file = SigmaFile::default();
    // In the old form of collections a document says what is true of those behind it.
    let is_collection = text.lines().any(|line| line.starts_with("action:"));
    let documents = if is_collection { vec![text.to_owned()] } else { documents(text) };
    for document in documents {
        match parse_sigma_yaml(&document) {
            Ok(collection) => file.take(collection, &document, is_collection),
            Err(error) => file.faults.push(error.to_string()),
        }
    }
    if file.is_empty() {
        file.faults.push("no rule in it".to_owned());
    }
    file
}

impl SigmaFile {
    fn take(&mut self, collection: SigmaCollection, document: &str, is_whole: bool) {
        // Of a document that became a rule, what the parser complains of beside is no reason to reject it.
        if collection.is_empty() || is_whole {
            self.faults.extend(collection.errors);
        }
        self.rules.extend(collection.rules);
        let correlations = collection.correlations.into_iter();
        self.correlations.extend(correlations.map(|rule| (rule, document.to_owned())));
        self.filters.extend(collection.filters);
    }

    fn is_empty(&self) -> bool {
        self.rules.is_empty()
            && self.correlations.is_empty()
            && self.filters.is_empty()
            && self.faults.is_empty()
    }

    /// Returns the exceptions that it makes of rules, here and in other files.
    pub(crate) fn filters(&self) -> &[FilterRule] {
        &self.filters
    }

    /// Makes its rules ready to run, with the exceptions that `filters` make of them; also says why some cannot be.
    pub(crate) fn into_rules(
        self,
        origin: &str,
        builtin: bool,
        filters: &[FilterRule],
    ) -> (Vec<Rule>, Vec<String>) {
        let mut faults = self.faults;
        let mut rules = Vec::new();
        for rule in self.rules {
            match of_events(rule, filters) {
                Ok(rule) => rules.push(rule),
                Err(fault) => faults.push(fault),
            }
        }
        let correlations =
            self.correlations.into_iter().map(|(rule, document)| of_correlation(rule, document));
        rules.extend(correlations);
        for rule in &mut rules {
            origin.clone_into(&mut rule.origin);
            rule.builtin = builtin;
        }
        (rules, faults)
    }
}

/// Splits a YAML file at its document marks.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        match documents.last_mut() {
            Some(document) if line.trim_end() != "---" => {
                document.push_str(line);
                document.push('\n');
            }
            _ => documents.push(String::new()),
        }
    }
    let says_something = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    documents.retain(|document| document.lines().any(says_something));
    documents
}

fn of_events(mut sigma: SigmaRule, filters: &[FilterRule]) -> Result<Rule, String> {
    filter::apply(&mut sigma, filters);
    let said = said_of(&sigma);
    let sigma = mend::mend(sigma);
    let mut lowered = lower_rule(&sigma, &LowerOptions::default()).map_err(|error| error.to_string())?;
    lowered.metadata = IrRuleMetadata::default();
    if needs::may_not_compile(&lowered) {
        compile_to_compiled(&lowered).map_err(|error| error.to_string())?;
    }
    let mut bytes = Vec::new();
    ciborium::into_writer(&lowered, &mut bytes).map_err(|error| error.to_string())?;
    let part = Part::Events(EventRule {
        source: Source::of(&sigma.logsource),
        needs: needs::needs(&lowered),
        asks: Asks::of(&lowered),
        fields: needs::fields(&lowered),
        has_keywords: needs::has_keywords(&lowered),
        lowered: bytes,
    });
    Ok(Rule { body: Body::Sigma(SigmaBody { name: sigma.name, part }), ..said })
}

fn of_correlation(sigma: CorrelationRule, document: String) -> Rule {
    let title = sigma.title.clone();
    Rule {
        id: RuleId::new(sigma.id.clone().or_else(|| sigma.name.clone()).unwrap_or_else(|| title.clone())),
        title,
        level: sigma.level.map_or(Level::Informational, level),
        status: sigma.status.map_or_else(String::new, status),
        tags: sigma.tags,
        author: sigma.author.unwrap_or_default(),
        license: sigma.license.unwrap_or_default(),
        references: sigma.references,
        false_alarms: sigma.falsepositives,
        origin: String::new(),
        builtin: false,
        bearing: None,
        body: Body::Sigma(SigmaBody { name: sigma.name, part: Part::Correlation(document) }),
    }
}

/// What a rule says of itself.
fn said_of(sigma: &SigmaRule) -> Rule {
    let name = sigma.id.clone().or_else(|| sigma.name.clone());
    Rule {
        id: RuleId::new(name.unwrap_or_else(|| sigma.title.clone())),
        title: sigma.title.clone(),
        level: sigma.level.map_or(Level::Informational, level),
        status: sigma.status.map_or_else(String::new, status),
        tags: sigma.tags.clone(),
        author: sigma.author.clone().unwrap_or_default(),
        license: sigma.license.clone().unwrap_or_default(),
        references: sigma.references.clone(),
        false_alarms: sigma.falsepositives.clone(),
        origin: String::new(),
        builtin: false,
        bearing: None,
        body: Body::Sql(String::new()),
    }
}

fn status(status: rsigma_parser::Status) -> String {
    format!("{status:?}").to_lowercase()
}

fn level(level: rsigma_parser::Level) -> Level {
    match level {
        rsigma_parser::Level::Informational => Level::Informational,
        rsigma_parser::Level::Low => Level::Low,
        rsigma_parser::Level::Medium => Level::Medium,
        rsigma_parser::Level::High => Level::High,
        rsigma_parser::Level::Critical => Level::Critical,
    }
}
