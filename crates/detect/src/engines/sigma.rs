//! Sigma: community rules, and any that a user brings, over Windows events and web requests.
//!
//! rsigma evaluates; what is ours is the way there. [`source`] reads rules as text, [`mend`] spells them so that rsigma
//! 0.23 runs them as Sigma means them, [`needs`] draws from each what it cannot be met without. Rows of the fact tables
//! come by in [`feed`]; [`route`] says which log sources a row belongs to, [`fact`] gives it the names that rules use
//! (from `content/fields.toml`), and [`sieve`] picks the few rules that are worth evaluating. A rule is compiled when a
//! row first needs it: of thousands of rules most never do.

mod columns;
mod correlation;
mod fact;
mod feed;
pub(crate) mod fields;
mod filter;
mod grams;
mod matchers;
mod mend;
mod needs;
mod percentile;
mod route;
mod seen;
mod sieve;
mod source;

use super::{Gathered, Ran, RuleEngine, Scope};
use crate::rule::{Body, Rule};
use afterpatch_model::{Batch, Problem};
use afterpatch_store::HitWriter;
use correlation::Correlations;
use feed::{FEEDS, Looked, Looking};
use matchers::Matchers;

pub(crate) use correlation::{counted, names_of};
pub use source::SigmaBody;
pub(crate) use source::{SigmaFile, read};

/// The engine that runs Sigma rules.
#[derive(Debug)]
pub(crate) struct Sigma;

impl RuleEngine for Sigma {
    fn run(&self, scope: &Scope<'_>, rules: &[&Rule]) -> Ran {
        let mut problems = Vec::new();
        let matchers = Matchers::new(rules);
        let correlations = Correlations::new(rules, &matchers);
        let looking =
            Looking { matchers: &matchers, correlations: &correlations, hits: scope.hits, met: None };
        let looked = looking.at_session(scope.session, &mut problems);
        let own = rules.iter().filter(|rule| matches!(rule.body, Body::Sigma(_))).count();
        scope.progress.advance(u64::try_from(own).unwrap_or(0));
        conclude(&matchers, correlations, looked, scope.hits, problems)
    }
}

/// Runs the Sigma rules among `rules` over facts as they come; those that met one go to `met`.
pub(crate) fn sift(
    rules: &[&Rule],
    facts: &mut dyn Iterator<Item = Batch>,
    hits: &HitWriter,
    met: &(dyn Fn(Batch) + Sync),
) -> Ran {
    let matchers = Matchers::new(rules);
    let correlations = Correlations::new(rules, &matchers);
    let looking =
        Looking { matchers: &matchers, correlations: &correlations, hits: Some(hits), met: Some(met) };
    let (looked, ()) = looking.at(FEEDS, |each| facts.for_each(each));
    conclude(&matchers, correlations, looked, Some(hits), Vec::new())
}

/// Runs the correlations over what was kept for them, and joins all that came of looking at facts.
fn conclude(
    matchers: &Matchers<'_>,
    correlations: Correlations<'_>,
    mut looked: Looked,
    hits: Option<&HitWriter>,
    mut problems: Vec<Problem>,
) -> Ran {
    let (correlated, failed) = correlations.run(looked.kept, hits);
    looked.gathered.merge(correlated);
    problems.extend(matchers.problems().chain(failed));
    Ran { detections: looked.gathered.finish(), problems, coverage: matchers.coverage(&looked.seen) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::{Detection, GapReason, Level};
    use afterpatch_store::{NoProgress, Session};
    use proptest::prelude::*;
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

    /// Reads the rules of a file; the reasons where one of them cannot be read.
    fn load(text: &str, origin: &str) -> Result<Vec<Rule>, Vec<String>> {
        let file = read(text);
        let filters = file.filters().to_vec();
        let (rules, faults) = file.into_rules(origin, false, &filters);
        if faults.is_empty() { Ok(rules) } else { Err(faults) }
    }

    fn run(text: &str, table: &str, facts: &[Value]) -> Vec<Detection> {
        let rules = load(text, "test.yml").unwrap();
        let facts = facts.iter().map(|fact| fact.as_object().unwrap().clone()).collect();
        let session = Session::with_facts(&[(table, facts)]).unwrap();
        let scope = Scope { session: &session, case: None, progress: &NoProgress, hits: None };
        let ran = Sigma.run(&scope, &rules.iter().collect::<Vec<_>>());
        assert_eq!(ran.problems, []);
        ran.detections
    }

    fn new_process(image: &str) -> Value {
        let fields =
            json!({"NewProcessName": image, "ParentProcessName": r"C:\Windows\System32\inetsrv\w3wp.exe"});
        json!({"time": "2021-03-03T10:00:00Z", "server": "MX1", "artifact": "a1", "record": 7, "channel": "Security",
            "event_id": 4688, "fields": fields.to_string()})
    }

    #[test]
    fn a_rule_keeps_what_it_says_of_itself() {
        let rule = load(CHILD, "rules/x.yml").unwrap().remove(0);
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
        assert_eq!(load(&two, "x.yml").unwrap().len(), 2);
        let reason = |text: &str| load(text, "x.yml").unwrap_err().remove(0);
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

    /// Failed logons: the second, the account and the address of each.
    fn failed(logons: &[(u32, &str, &str)]) -> Vec<Value> {
        let event = |(place, (second, user, address)): (usize, &(u32, &str, &str))| {
            let fields = json!({"TargetUserName": user, "IpAddress": address});
            json!({"time": format!("2021-03-03T10:{:02}:{:02}Z", second / 60, second % 60), "server": "MX1",
                "artifact": "a1", "record": place, "channel": "Security", "event_id": 4625, "fields": fields.to_string()})
        };
        logons.iter().enumerate().map(event).collect()
    }

    const FAILED: &str = "title: Failed Logon\nname: failed_logon\nid: 6f1b1f7e-0000-4000-8000-000000000010\nlogsource:\n  product: windows\n  service: security\ndetection:\n  s:\n    EventID: 4625\n  condition: s\n";

    fn correlation(kind: &str, more: &str) -> String {
        format!(
            "{FAILED}---\ntitle: Many\nid: 6f1b1f7e-0000-4000-8000-000000000011\nlevel: high\ncorrelation:\n  type: {kind}\n  rules: [failed_logon]\n  group-by: [IpAddress]\n  timespan: 1m\n  condition:\n    {more}\n"
        )
    }

    #[test]
    fn events_are_counted_by_group_and_span_in_order_of_time() {
        let text = correlation("event_count", "gte: 3");
        let near = failed(&[
            (0, "a", "192.0.2.1"),
            (10, "a", "192.0.2.2"),
            (20, "a", "192.0.2.1"),
            (90, "a", "192.0.2.1"),
        ]);
        assert_eq!(run(&text, "windows_events", &near), []);
        let mut hit = failed(&[
            (0, "a", "192.0.2.1"),
            (10, "a", "192.0.2.1"),
            (20, "b", "192.0.2.1"),
            (21, "b", "192.0.2.1"),
        ]);
        hit.reverse();
        let met = run(&text, "windows_events", &hit);
        assert_eq!((met.len(), met[0].facts, met[0].level), (1, 1, Level::High));
        let sample = &met[0].samples[0];
        assert_eq!(
            (sample.locator.record, sample.fields["IpAddress"].as_str(), sample.fields["count"].as_str()),
            (2, "192.0.2.1", "3")
        );
    }

    #[test]
    fn different_values_are_counted() {
        let text = correlation("value_count", "field: TargetUserName\n    gte: 3");
        let same = failed(&[(0, "a", "192.0.2.1"), (1, "a", "192.0.2.1"), (2, "b", "192.0.2.1")]);
        assert_eq!(run(&text, "windows_events", &same), []);
        let different = failed(&[(0, "a", "192.0.2.1"), (1, "c", "192.0.2.1"), (2, "b", "192.0.2.1")]);
        assert_eq!(run(&text, "windows_events", &different)[0].facts, 1);
    }

    #[test]
    fn sizes_are_summed_and_held_against_their_mean_and_median() {
        let events = |sizes: &[u32]| -> Vec<Value> {
            let mut events = failed(&vec![(1, "a", "192.0.2.1"); sizes.len()]);
            for (event, size) in events.iter_mut().zip(sizes) {
                event["fields"] =
                    json!(json!({"IpAddress": "192.0.2.1", "Size": size.to_string()}).to_string());
            }
            events
        };
        for (kind, more, near, hit) in [
            ("value_sum", "field: Size\n    gte: 100", &[40, 59][..], &[40, 60][..]),
            ("value_avg", "field: Size\n    gte: 50", &[40, 59], &[40, 60]),
            ("value_median", "field: Size\n    gte: 50", &[1, 2, 99], &[1, 50, 99]),
        ] {
            let text = correlation(kind, more);
            assert_eq!(run(&text, "windows_events", &events(near)), [], "{kind}");
            let met = run(&text, "windows_events", &events(hit));
            assert_eq!((met.len(), met[0].facts), (1, 1), "{kind}");
        }
    }

    #[test]
    fn rules_of_a_correlation_report_for_themselves_only_where_it_says_so() {
        let text = correlation("event_count", "gte: 9");
        let events = failed(&[(0, "a", "192.0.2.1")]);
        assert_eq!(run(&text, "windows_events", &events), []);
        let loud = text.replace("  timespan: 1m", "  timespan: 1m\n  generate: true");
        assert_eq!(run(&loud, "windows_events", &events)[0].title, "Failed Logon");
    }

    /// rsigma 0.23 is met by the first of the rules alone where `temporal` has no condition.
    #[test]
    fn a_temporal_correlation_asks_for_each_of_its_rules_and_in_order_where_it_says_so() {
        let other = FAILED
            .replace("4625", "4624")
            .replace("failed_logon", "logon")
            .replace("000010", "000012")
            .replace("Failed Logon", "Logon");
        let text = |kind: &str| {
            format!(
                "{FAILED}---\n{other}---\ntitle: Guessed\ncorrelation:\n  type: {kind}\n  rules: [failed_logon, logon]\n  group-by: [IpAddress]\n  timespan: 1m\n"
            )
        };
        let events = |order: [i64; 2]| {
            let mut events = failed(&[(0, "a", "192.0.2.1"), (5, "a", "192.0.2.1")]);
            events.iter_mut().zip(order).for_each(|(event, id)| event["event_id"] = json!(id));
            events
        };
        for kind in ["temporal", "temporal_ordered"] {
            assert_eq!(run(&text(kind), "windows_events", &events([4625, 4625])), [], "{kind}");
            assert_eq!(run(&text(kind), "windows_events", &events([4625, 4624]))[0].facts, 1, "{kind}");
        }
        assert_eq!(run(&text("temporal"), "windows_events", &events([4624, 4625]))[0].facts, 1);
        assert_eq!(run(&text("temporal_ordered"), "windows_events", &events([4624, 4625])), []);
    }

    #[test]
    fn a_correlation_of_a_rule_that_is_not_there_says_so() {
        let text =
            correlation("event_count", "gte: 3").replace("rules: [failed_logon]", "rules: [no_such_rule]");
        let rules = load(&text, "x.yml").unwrap();
        let session = Session::with_facts(&[]).unwrap();
        let scope = Scope { session: &session, case: None, progress: &NoProgress, hits: None };
        let ran = Sigma.run(&scope, &rules.iter().collect::<Vec<_>>());
        assert_eq!(ran.problems.len(), 1);
        assert!(ran.problems[0].detail.contains("no_such_rule"), "{}", ran.problems[0].detail);
    }

    /// Failed logons, a second apart, each with a size.
    fn sized(sizes: &[u32]) -> Vec<Value> {
        let logons: Vec<_> = (0..).zip(sizes).map(|(second, _)| (second, "a", "192.0.2.1")).collect();
        let mut events = failed(&logons);
        for (event, size) in events.iter_mut().zip(sizes) {
            event["fields"] = json!(json!({"IpAddress": "192.0.2.1", "Size": size.to_string()}).to_string());
        }
        events
    }

    /// rsigma 0.23 gives the percentile back without holding it against the condition.
    #[test]
    fn a_percentile_is_held_against_its_condition_and_a_burst_is_one_hit() {
        let text = correlation("value_percentile", "field: Size\n    percentile: 90\n    gte: 50");
        let hits = |sizes: &[u32]| -> Vec<_> {
            let met = run(&text, "windows_events", &sized(sizes));
            met.iter().flat_map(|met| &met.samples).map(|sample| sample.locator.record).collect()
        };
        assert_eq!(hits(&[1, 2, 49, 49]), [0_u64; 0]);
        assert_eq!(
            hits(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 99]),
            [0_u64; 0],
            "10.8 is a tenth of the way from 1 to 99"
        );
        assert_eq!(hits(&[1, 1, 1, 1, 1, 1, 1, 1, 99, 99]), [9], "of ten values the ninth and the tenth");
        assert_eq!(hits(&[60, 70, 80]), [0]);
        let far: Vec<u32> = std::iter::once(60).chain(vec![1; 80]).chain([60; 61]).collect();
        assert_eq!(hits(&far).len(), 2, "what is met again a minute later is told again");
    }

    #[test]
    fn nothing_is_built_upon_a_percentile() {
        let percentile = correlation("value_percentile", "field: Size\n    gte: 50");
        let upon = "---\ntitle: Upon\nid: 6f1b1f7e-0000-4000-8000-000000000013\ncorrelation:\n  type: event_count\n  rules: [Many]\n  timespan: 1m\n  condition:\n    gte: 2\n";
        let rules = load(&format!("{percentile}{upon}"), "x.yml").unwrap();
        let session = Session::with_facts(&[]).unwrap();
        let scope = Scope { session: &session, case: None, progress: &NoProgress, hits: None };
        let ran = Sigma.run(&scope, &rules.iter().collect::<Vec<_>>());
        assert_eq!(ran.problems.len(), 1);
        assert!(ran.problems[0].detail.contains("by percentile"), "{}", ran.problems[0].detail);
    }

    #[test]
    fn a_filter_makes_an_exception_of_the_rules_that_it_names() {
        let filter = "title: Known\nlogsource:\n  product: windows\n  category: process_creation\nfilter:\n  rules:\n    - 6f1b1f7e-0000-4000-8000-000000000001\n  selection:\n    Image|startswith: 'C:\\Known'\n  condition: not selection\n";
        let with = format!("{CHILD}---\n{filter}");
        let events = [new_process(r"C:\Known\cmd.exe"), new_process(r"C:\Windows\System32\cmd.exe")];
        assert_eq!(run(CHILD, "windows_events", &events)[0].facts, 2);
        assert_eq!(run(&with, "windows_events", &events)[0].facts, 1);
        let other = with.replace("    - 6f1b1f7e-0000-4000-8000-000000000001", "    - another");
        assert_eq!(run(&other, "windows_events", &events)[0].facts, 2);
    }

    #[test]
    fn documents_of_an_old_collection_share_what_the_first_says() {
        let text = "action: global\ntitle: Shared\nlogsource:\n  product: windows\n  service: security\nlevel: low\n---\nid: 6f1b1f7e-0000-4000-8000-000000000020\ndetection:\n  s:\n    EventID: 4624\n  condition: s\n---\nid: 6f1b1f7e-0000-4000-8000-000000000021\ndetection:\n  s:\n    EventID: 4625\n  condition: s\n";
        assert_eq!(load(text, "x.yml").unwrap().len(), 2);
        let met = run(text, "windows_events", &failed(&[(0, "a", "192.0.2.1")]));
        assert_eq!(
            (met.len(), met[0].title.as_str(), met[0].rule.as_str()),
            (1, "Shared", "6f1b1f7e-0000-4000-8000-000000000021")
        );
    }

    #[test]
    fn what_rules_had_nothing_to_look_at_is_told() {
        let other =
            CHILD.replace("000001", "000030").replace("ParentImage|endswith", "OriginalFileName|endswith");
        let text = format!("{CHILD}---\n{other}---\n{EXCHANGE}");
        let rules = load(&text, "x.yml").unwrap();
        let mut logoff = new_process("x");
        logoff["event_id"] = json!(4634);
        logoff["channel"] = json!("Nobody/Knows");
        let facts = [new_process(r"C:\cmd.exe"), logoff].map(|fact| fact.as_object().unwrap().clone());
        let session = Session::with_facts(&[("windows_events", facts.to_vec())]).unwrap();
        let scope = Scope { session: &session, case: None, progress: &NoProgress, hits: None };
        let coverage = Sigma.run(&scope, &rules.iter().collect::<Vec<_>>()).coverage;
        let sources: Vec<_> =
            coverage.sources.iter().map(|had| (had.source.as_str(), had.rules, had.facts)).collect();
        assert_eq!(sources, [("windows/msexchange-management", 1, 0), ("windows/process_creation", 2, 1)]);
        let channels: Vec<_> =
            coverage.channels.iter().map(|had| (had.channel.as_str(), had.facts, had.has_rules)).collect();
        assert_eq!(channels, [("Nobody/Knows", 1, false), ("Security", 1, true)]);
        let gaps: Vec<_> = coverage.gaps.iter().map(|gap| (gap.rule.as_str(), &gap.reason)).collect();
        let absent = GapReason::NoSuchField { fields: vec!["OriginalFileName".to_owned()] };
        assert_eq!(gaps, [("6f1b1f7e-0000-4000-8000-000000000030", &absent)]);
    }

    proptest! {
        /// The sieve only ever weakens: what rsigma meets is always picked.
        #[test]
        fn no_hit_is_lost_in_the_sieve(
            values in proptest::collection::vec(("[ABC]", "[a-dA-D\\\\ \u{212A}é-]{0,6}"), 1..5),
            texts in proptest::collection::vec("[a-dA-DkK*?é-]{1,3}", 4),
            operators in proptest::collection::vec(0_usize..7, 4),
            condition in 0_usize..6,
        ) {
            let operators = operators.iter().map(|place| ["", "|contains", "|startswith", "|endswith", "|re", "|windash|contains", "|cased|contains"][*place]);
            let mut items = ["A", "B", "C", "A"].iter().zip(operators).zip(&texts).map(|((field, operator), text)| {
                let text = if operator == "|re" { text.replace(['*', '?'], "+") } else { text.clone() };
                format!("{field}{operator}: '{text}'")
            });
            let mut item = || items.next().unwrap_or_default();
            let condition = ["a", "b", "a and not b", "a or b", "1 of *", "c or (a and b)"][condition];
            let text = format!(
                "title: t\nlogsource:\n  product: windows\n  service: security\ndetection:\n  a:\n    {}\n    X{}\n  b:\n    - {}\n    - {}\n  c:\n    - '{}'\n  condition: {condition}\n",
                item(), item(), item(), item(), texts[0].replace(['*', '?'], "d")
            );
            if let Ok(rules) = load(&text, "x.yml") {
                let fields: serde_json::Map<String, Value> = values.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
                let Body::Sigma(SigmaBody { part: source::Part::Events(rule), .. }) = &rules[0].body else { unreachable!() };
                let compiled = rule.compile().unwrap();
                let row = json!({"channel": "Security", "event_id": 1, "fields": Value::Object(fields).to_string()});
                let session = Session::with_facts(&[("windows_events", vec![row.as_object().unwrap().clone()])]).unwrap();
                let rows = columns::FactRows::of("windows_events", &session.query("SELECT * FROM windows_events").unwrap()[0]);
                let fact = fact::Fact::of_event(&rows, 0);
                let met = rsigma_eval::evaluate_rule(&compiled, &fact).is_some();
                let sieve = sieve::Sieve::new(std::iter::once((0, rule.needs.as_deref())));
                let mut picked = sieve::Picked::new(1);
                picked.begin();
                sieve.pick(&fact, &mut picked);
                let is_picked = !picked.rules().is_empty();
                prop_assert!(is_picked || !met, "{text}\n{row}");
            }
        }
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
