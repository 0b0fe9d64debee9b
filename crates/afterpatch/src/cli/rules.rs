//! `rules`: the rules in force, whether they load, and whether their tests hold.

use super::{Outcome, case, samples};
use crate::args::{RuleDirs, RulesList, RulesTest};
use crate::exit::Exit;
use crate::out::Out;
use serde_json::json;

const COLUMNS: [&str; 7] = ["id", "engine", "level", "status", "title", "author", "license"];

/// Lists the rules in force.
pub(super) fn list(args: &RulesList, out: &Out) -> Outcome {
    let content = case::content(&args.rules, out)?;
    let picked = case::picked(&args.rules.pick);
    let rows = content.rules().iter().filter(|rule| picked.picks(rule)).map(|rule| {
        vec![
            json!(rule.id),
            json!(rule.engine().name()),
            json!(rule.level.name()),
            json!(rule.status),
            json!(rule.title),
            json!(rule.author),
            json!(rule.license),
        ]
    });
    out.rows(args.format, COLUMNS, rows)?;
    Ok(Exit::Done)
}

/// Checks that every rule loads and says what it must.
pub(super) fn check(args: &RuleDirs, out: &Out) -> Outcome {
    case::require_rules(&args.rules)?;
    case::require_folder(args.knowledge.as_deref(), "knowledge")?;
    let (content, mut problems) = case::load(args);
    problems.extend(content.check());
    for problem in &problems {
        out.warn(&problem.to_string());
    }
    let (rules, count) = (content.rules().len().to_string(), problems.len().to_string());
    out.note(&out.sentence("talk-rules-read", &[("rules", &rules), ("problems", &count)]));
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Failed })
}

/// Runs the test beside each rule, or the rules that were named over samples.
pub(super) fn test(args: &RulesTest, out: &Out) -> Outcome {
    if !args.samples.is_empty() {
        return samples::run(args, out);
    }
    let content = case::content(&args.rules, out)?;
    let tests = content.test_rules(&args.filter);
    let failed = tests.iter().filter(|test| test.fault.is_some()).count();
    out.data(|to| {
        for test in &tests {
            let word = if test.fault.is_none() { "ok    " } else { "FAILED" };
            writeln!(
                to,
                "{word}  {}: {}  {}",
                test.rule,
                test.name,
                test.fault.as_deref().unwrap_or_default()
            )?;
        }
        Ok(())
    })?;
    let args = [("tests", tests.len().to_string()), ("failed", failed.to_string())];
    out.note(&out.sentence("talk-rules-tested", &args.each_ref().map(|(name, text)| (*name, text.as_str()))));
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}
