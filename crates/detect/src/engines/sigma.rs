//! Sigma: community rules, and any that a user brings, over Windows events and web requests.
//!
//! rsigma evaluates; what is ours is the way there: [`route`] says which log sources a fact belongs to, [`fact`] gives
//! a row the names that rules use (from `content/fields.toml`), and [`mend`] spells a rule so that rsigma 0.23 runs it
//! as Sigma means it. Rules stand in one engine for each log source, and only sources that occur are compiled.

mod fact;
pub(crate) mod fields;
mod mend;
mod route;

use super::{Gathered, Hit, RuleEngine, Scope, rule_problem};
use crate::rule::{Body, Rule};
use afterpatch_model::{ArtifactId, Detection, Level, Locator, Problem, ProblemCode, RuleId, tables};
use afterpatch_store::{Session, StoreError};
use fact::{Fact, FactRows, text_of};
use route::Sources;
use rsigma_eval::{Engine, EvaluationResult, MatchDetailLevel, compile_rule};
use rsigma_parser::{LogSource, SigmaRule, parse_sigma_yaml};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::thread;

/// Reads the Sigma rules of a file, one for each of its documents.
///
/// The file is taken as a whole: where one document cannot be read, all reasons are returned.
pub(crate) fn load(text: &str, origin: &str, builtin: bool) -> Result<Vec<Rule>, Vec<String>> {
    let mut rules = Vec::new();
    let mut reasons = Vec::new();
    for document in documents(text) {
        match read(&document).and_then(|sigma| compiles(&sigma).map(|()| sigma)) {
            Ok(sigma) => rules.push(rule(sigma, document, origin, builtin)),
            Err(reason) => reasons.push(reason),
        }
    }
    if rules.is_empty() && reasons.is_empty() {
        reasons.push("no rule in it".to_owned());
    }
    if reasons.is_empty() { Ok(rules) } else { Err(reasons) }
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

/// Reads one document as a rule that looks at single events.
fn read(document: &str) -> Result<SigmaRule, String> {
    if document.lines().any(|line| line.starts_with("action:")) {
        return Err("the old collection form with `action` is not read: spell each rule in full".to_owned());
    }
    let mut collection = parse_sigma_yaml(document).map_err(|error| error.to_string())?;
    if let Some(sigma) = collection.rules.pop() {
        return Ok(sigma);
    }
    if !collection.correlations.is_empty() {
        return Err("correlation rules are not run: an analytic in SQL can count and join events".to_owned());
    }
    if !collection.filters.is_empty() {
        return Err("filters are not run: put the exception into the rule".to_owned());
    }
    Err(collection.errors.join("; "))
}

fn compiles(sigma: &SigmaRule) -> Result<(), String> {
    compile_rule(&mend::mend(sigma.clone())).map(drop).map_err(|error| error.to_string())
}

fn rule(sigma: SigmaRule, document: String, origin: &str, builtin: bool) -> Rule {
    let name = sigma.id.or(sigma.name).unwrap_or_else(|| sigma.title.clone());
    Rule {
        id: RuleId::new(name),
        title: sigma.title,
        level: sigma.level.map_or(Level::Informational, level),
        status: sigma.status.map_or_else(String::new, |status| format!("{status:?}").to_lowercase()),
        tags: sigma.tags,
        author: sigma.author.unwrap_or_default(),
        license: sigma.license.unwrap_or_default(),
        references: sigma.references,
        false_alarms: sigma.falsepositives,
        origin: origin.to_owned(),
        builtin,
        bearing: None,
        body: Body::Sigma(document),
    }
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

/// The engine that runs Sigma rules.
#[derive(Debug)]
pub(crate) struct Sigma;

impl RuleEngine for Sigma {
    fn run(&self, scope: &Scope<'_>, rules: &[&Rule]) -> (Vec<Detection>, Vec<Problem>) {
        let mut gathered = Gathered::default();
        let mut matchers = Matchers::new(rules);
        for feed in FEEDS {
            if let Err(error) = feed.run(scope.session, &mut matchers, &mut gathered) {
                matchers.problems.push(rule_problem(ProblemCode::RuleFailed, feed.table, &error));
            }
        }
        let own = rules.iter().filter(|rule| matches!(rule.body, Body::Sigma(_))).count();
        scope.progress.advance(u64::try_from(own).unwrap_or(0));
        (gathered.finish(), matchers.problems)
    }
}

/// A fact table that rules can be run over.
struct Feed {
    table: &'static str,
    /// The columns that decide which rules are meant for a row.
    keys: &'static [&'static str],
    sources: fn(&FactRows, usize) -> Sources,
    fact: fn(&FactRows, usize) -> Fact,
    /// What a hit shows beside the fields that the rule looked at.
    shown: &'static [&'static str],
    /// Sigma's fields that are shown as well, where the fact has them: a rule need not ask for them.
    context: &'static [&'static str],
    /// Columns that the fact is read from though Sigma has no name for them.
    inner: &'static [&'static str],
}

static FEEDS: &[Feed] = &[
    Feed {
        table: "windows_events",
        keys: &["channel", "provider", "event_id"],
        sources: event_sources,
        fact: Fact::of_event,
        shown: &["channel", "provider", "event_id", "computer"],
        context: &[
            "CommandLine",
            "DestinationIp",
            "Image",
            "IpAddress",
            "ParentImage",
            "TargetFilename",
            "TargetObject",
            "TargetUserName",
            "User",
        ],
        inner: &["fields"],
    },
    Feed {
        table: "web_requests",
        keys: &["source"],
        sources: |_, _| Sources::of_request(),
        fact: Fact::of_request,
        shown: &["src_ip", "method", "url_path", "url_query", "status", "user_agent"],
        context: &[],
        inner: &[],
    },
];

fn event_sources(rows: &FactRows, row: usize) -> Sources {
    let text = |column| rows.text(column, row).unwrap_or_default();
    Sources::of_event(text("channel"), text("provider"), rows.int("event_id", row).unwrap_or(-1))
}

/// By the key of a row, the places of the log sources whose rules are meant for it.
type Routes = BTreeMap<String, Vec<usize>>;

impl Feed {
    fn run(
        &self,
        session: &Session,
        matchers: &mut Matchers<'_>,
        gathered: &mut Gathered,
    ) -> Result<(), StoreError> {
        let routes = self.routes(session, matchers)?;
        if routes.values().all(Vec::is_empty) {
            return Ok(());
        }
        matchers.compile(&routes.values().flatten().copied().collect());
        let matchers = &*matchers;
        session.stream(&self.select(), &mut |batch| {
            let rows = FactRows::of(batch);
            for (rule, hit) in self.hits(&rows, &routes, matchers) {
                gathered.add(rule, &hit);
            }
        })
    }

    /// Finds out which log sources occur, so that no other rule is compiled.
    fn routes(&self, session: &Session, matchers: &Matchers<'_>) -> Result<Routes, StoreError> {
        let keys = quoted(self.keys.iter().copied());
        let mut routes = Routes::new();
        for batch in session.query(&format!("SELECT DISTINCT {keys} FROM {}", self.table))? {
            let rows = FactRows::of(&batch);
            for row in 0..rows.count() {
                routes.insert(self.key(&rows, row), matchers.admitted(&(self.sources)(&rows, row)));
            }
        }
        Ok(routes)
    }

    fn key(&self, rows: &FactRows, row: usize) -> String {
        let parts = self.keys.iter().map(|column| rows.shown(column, row).unwrap_or_default());
        parts.collect::<Vec<_>>().join("\0")
    }

    fn select(&self) -> String {
        let placed = ["time", "server", "artifact", "record"];
        let asked = |name: &str| {
            [&placed, self.keys, self.shown, self.inner].iter().any(|list| list.contains(&name))
                || !fields::names(self.table, name, "sigma").is_empty()
        };
        let columns = tables::by_name(self.table).map_or(&[][..], |table| table.columns);
        let columns = quoted(columns.iter().map(|column| column.name).filter(|name| asked(name)));
        format!("SELECT {columns} FROM {}", self.table)
    }

    /// Evaluates the rows of a batch on several threads; the hits come in the order of the rows.
    fn hits<'a>(&self, rows: &FactRows, routes: &Routes, matchers: &Matchers<'a>) -> Vec<(&'a Rule, Hit)> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let share = rows.count().div_ceil(threads).max(256);
        thread::scope(|scope| {
            let shares: Vec<_> = (0..rows.count())
                .step_by(share)
                .map(|from| from..(from + share).min(rows.count()))
                .map(|range| scope.spawn(move || self.hits_in(rows, range, routes, matchers)))
                .collect();
            let finished = shares.into_iter().map(thread::ScopedJoinHandle::join);
            finished.flat_map(|hits| hits.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }

    fn hits_in<'a>(
        &self,
        rows: &FactRows,
        range: Range<usize>,
        routes: &Routes,
        matchers: &Matchers<'a>,
    ) -> Vec<(&'a Rule, Hit)> {
        let mut hits = Vec::new();
        for row in range {
            let Some(route) = routes.get(&self.key(rows, row)).filter(|route| !route.is_empty()) else {
                continue;
            };
            let fact = (self.fact)(rows, row);
            for (rule, result) in matchers.evaluate(route, &fact) {
                hits.push((rule, self.hit(rows, row, &fact, &result)));
            }
        }
        hits
    }

    fn hit(&self, rows: &FactRows, row: usize, fact: &Fact, result: &EvaluationResult) -> Hit {
        let record = rows.int("record", row).and_then(|record| u64::try_from(record).ok());
        Hit {
            server: rows.text("server", row).unwrap_or("-").to_owned(),
            subject: String::new(),
            grade: None,
            time: rows.time("time", row),
            locator: Locator {
                artifact: ArtifactId::new(rows.text("artifact", row).unwrap_or_default()),
                record: record.unwrap_or(0),
            },
            fields: self.fields(rows, row, fact, result),
        }
    }

    /// Returns what a hit shows: what the row says of itself, what the rule looked at, and what stands around it.
    fn fields(
        &self,
        rows: &FactRows,
        row: usize,
        fact: &Fact,
        result: &EvaluationResult,
    ) -> BTreeMap<String, String> {
        let shown =
            self.shown.iter().filter_map(|column| Some(((*column).to_owned(), rows.shown(column, row)?)));
        let around = self.context.iter().filter_map(|name| Some(((*name).to_owned(), fact.shown(name)?)));
        let matched = result.as_detection().map_or(&[][..], |detection| &detection.matched_fields);
        let matched = matched.iter().filter(|field| !field.value.is_null());
        let matched = matched.map(|field| (field.field.clone(), text_of(&field.value)));
        let mut fields = BTreeMap::new();
        for (name, text) in shown.chain(around).chain(matched) {
            fields.entry(name).or_insert_with(|| shortened(&text));
        }
        fields
    }
}

/// The longest value that a hit shows.
const SHOWN: usize = 400;

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn quoted<'a>(columns: impl Iterator<Item = &'a str>) -> String {
    columns.map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// The rules of each log source, compiled as far as they are needed.
struct Matchers<'a> {
    rules: Vec<&'a Rule>,
    sources: Vec<(LogSource, Vec<SigmaRule>)>,
    engines: BTreeMap<usize, Engine>,
    problems: Vec<Problem>,
}

impl<'a> Matchers<'a> {
    /// Reads the rules; each goes by its place in `rules` inside an engine.
    fn new(rules: &[&'a Rule]) -> Self {
        let mut by_source: BTreeMap<_, (LogSource, Vec<SigmaRule>)> = BTreeMap::new();
        let mut problems = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let Body::Sigma(text) = &rule.body else { continue };
            match read(text) {
                Ok(mut sigma) => {
                    sigma.id = Some(place.to_string());
                    let source = sigma.logsource.clone();
                    let key = (source.product.clone(), source.category.clone(), source.service.clone());
                    by_source.entry(key).or_insert_with(|| (source, Vec::new())).1.push(mend::mend(sigma));
                }
                Err(reason) => problems.push(rule_problem(ProblemCode::RuleFailed, &rule.origin, &reason)),
            }
        }
        let sources = by_source.into_values().collect();
        Self { rules: rules.to_vec(), sources, engines: BTreeMap::new(), problems }
    }

    fn admitted(&self, sources: &Sources) -> Vec<usize> {
        let meant = self.sources.iter().enumerate().filter(|(_, (source, _))| sources.admit(source));
        meant.map(|(place, _)| place).collect()
    }

    fn compile(&mut self, needed: &BTreeSet<usize>) {
        let missing: Vec<usize> =
            needed.iter().copied().filter(|place| !self.engines.contains_key(place)).collect();
        for place in missing {
            let Some((_, sigmas)) = self.sources.get(place) else {
                continue;
            };
            let mut engine = Engine::new();
            // Only so does a hit say which text met a keyword.
            engine.set_match_detail(MatchDetailLevel::Summary);
            for (index, error) in engine.add_rules(sigmas) {
                let failed = sigmas.get(index).and_then(|sigma| self.rule(sigma.id.as_deref()?));
                let origin = failed.map_or("", |rule| rule.origin.as_str());
                self.problems.push(rule_problem(ProblemCode::RuleFailed, origin, &error));
            }
            self.engines.insert(place, engine);
        }
    }

    fn evaluate(&self, route: &[usize], fact: &Fact) -> Vec<(&'a Rule, EvaluationResult)> {
        let engines = route.iter().filter_map(|place| self.engines.get(place));
        let results = engines.flat_map(|engine| engine.evaluate(fact));
        results.filter_map(|result| Some((self.rule(result.header.rule_id.as_deref()?)?, result))).collect()
    }

    fn rule(&self, place: &str) -> Option<&'a Rule> {
        self.rules.get(place.parse::<usize>().ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_store::NoProgress;
    use serde_json::{Value, json};

    const CHILD: &str = r"
title: Shell Below Web Server
id: 6f1b1f7e-0000-4000-8000-000000000001
status: test
author: afterpatch
tags:
    - attack.t1505.003
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        ParentImage|endswith: '\w3wp.exe'
        Image|endswith: '\cmd.exe'
    condition: selection
falsepositives:
    - Administration pages
level: high
";

    const REQUEST: &str = r"
title: Static Resource Posted To
id: 6f1b1f7e-0000-4000-8000-000000000002
logsource:
    category: webserver
detection:
    selection:
        cs-method: 'POST'
        cs-uri-query|contains: '/ecp/'
        sc-status: 200
    condition: selection
";

    const EXCHANGE: &str = r"
title: Virtual Directory Set
id: 6f1b1f7e-0000-4000-8000-000000000003
logsource:
    product: windows
    service: msexchange-management
detection:
    keywords:
        '|all':
            - 'Set-OabVirtualDirectory'
            - 'ExternalUrl'
    condition: keywords
";

    fn run(text: &str, table: &str, facts: &[Value]) -> Vec<Detection> {
        let rules = load(text, "test.yml", false).unwrap();
        let facts = facts.iter().map(|fact| fact.as_object().unwrap().clone()).collect();
        let session = Session::with_facts(&[(table, facts)]).unwrap();
        let scope = Scope { session: &session, case: None, progress: &NoProgress };
        let (detections, problems) = Sigma.run(&scope, &rules.iter().collect::<Vec<_>>());
        assert_eq!(problems, []);
        detections
    }

    fn new_process(image: &str) -> Value {
        let fields =
            json!({"NewProcessName": image, "ParentProcessName": r"C:\Windows\System32\inetsrv\w3wp.exe"});
        json!({"time": "2021-03-03T10:00:00Z", "server": "MX1", "artifact": "a1", "record": 7, "channel": "Security",
            "event_id": 4688, "fields": fields.to_string()})
    }

    #[test]
    fn a_rule_keeps_what_it_says_of_itself() {
        let rule = load(CHILD, "rules/x.yml", false).unwrap().remove(0);
        assert_eq!(rule.id.as_str(), "6f1b1f7e-0000-4000-8000-000000000001");
        assert_eq!(
            (rule.level, rule.status.as_str(), rule.author.as_str()),
            (Level::High, "test", "afterpatch")
        );
        assert_eq!(
            (rule.tags, rule.license, rule.origin),
            (vec!["attack.t1505.003".into()], String::new(), "rules/x.yml".into())
        );
        assert_eq!(rule.false_alarms, ["Administration pages"]);
        assert!(rule.bearing.is_none() && !rule.builtin);
    }

    #[test]
    fn each_document_is_a_rule_and_what_cannot_run_says_why() {
        let two = format!("---\n{CHILD}\n---\n{REQUEST}");
        assert_eq!(load(&two, "x.yml", false).unwrap().len(), 2);
        let reason = |text: &str| load(text, "x.yml", false).unwrap_err().remove(0);
        let correlation = "title: t\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [b]\n  timespan: 1m\n  condition:\n    gte: 3\n";
        assert!(reason(correlation).contains("correlation"), "{}", reason(correlation));
        assert!(reason("title: [").contains("YAML"), "{}", reason("title: ["));
        assert!(reason("").contains("no rule"));
        let broken = CHILD.replace("Image|endswith: '\\cmd.exe'", "Image|re: '(unclosed'");
        assert!(reason(&broken).to_lowercase().contains("regex"), "{}", reason(&broken));
    }

    #[test]
    fn a_process_event_meets_its_rule_and_its_neighbour_does_not() {
        let met = run(
            CHILD,
            "windows_events",
            &[new_process(r"C:\Windows\System32\cmd.exe"), new_process(r"C:\x\csc.exe")],
        );
        assert_eq!(met.len(), 1);
        assert_eq!((met[0].facts, met[0].server.as_str(), met[0].level), (1, "MX1", Level::High));
        let sample = &met[0].samples[0];
        assert_eq!((sample.locator.record, sample.locator.artifact.as_str()), (7, "a1"));
        assert_eq!(sample.fields["Image"], r"C:\Windows\System32\cmd.exe");
        assert_eq!(sample.fields["event_id"], "4688");
    }

    #[test]
    fn an_event_of_another_source_is_not_looked_at() {
        let mut event = new_process(r"C:\Windows\System32\cmd.exe");
        event["event_id"] = json!(4689);
        assert_eq!(run(CHILD, "windows_events", &[event]), []);
    }

    #[test]
    fn a_request_meets_a_rule_that_asks_the_query_for_a_path() {
        let request =
            |method: &str| json!({"server": "MX1", "method": method, "url_path": "/ecp/y.js", "status": 200});
        let met = run(REQUEST, "web_requests", &[request("POST"), request("GET")]);
        assert_eq!((met.len(), met[0].facts), (1, 1));
        assert_eq!(met[0].samples[0].fields["url_path"], "/ecp/y.js");
    }

    #[test]
    fn keywords_may_stand_in_two_values_of_one_exchange_event() {
        let event = |parameters: &str| {
            json!({"server": "MX1", "channel": "MSExchange Management", "event_id": 1,
                "fields": json!({"Data": ["Set-OabVirtualDirectory", parameters]}).to_string()})
        };
        let met = run(
            EXCHANGE,
            "windows_events",
            &[event("{ExternalUrl=http://example.org}"), event("{InternalUrl=x}")],
        );
        assert_eq!((met.len(), met[0].facts), (1, 1));
        assert!(met[0].samples[0].fields["keyword"].contains("ExternalUrl"));
    }

    #[test]
    fn the_same_facts_give_the_same_detections_in_any_order() {
        let mut events: Vec<Value> = (0..2_000)
            .map(|n| {
                let mut e = new_process(r"C:\cmd.exe");
                e["record"] = json!(n);
                e
            })
            .collect();
        let first = run(CHILD, "windows_events", &events);
        events.reverse();
        assert_eq!(first, run(CHILD, "windows_events", &events));
        assert_eq!(first[0].facts, 2_000);
    }
}
