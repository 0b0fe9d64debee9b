//! `rules test RULES SAMPLE…`: rules against samples of evidence, in a case that is gone afterwards.

use super::{Outcome, case};
use crate::args::RulesTest;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_detect::Rule;
use afterpatch_detect::engines::Ran;
use afterpatch_model::{ArtifactId, GapReason};
use afterpatch_store::{Case, CaseSettings, IngestOptions};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

const COLUMNS: [&str; 11] =
    ["rule", "level", "title", "author", "license", "facts", "server", "time", "file", "record", "fields"];

/// Runs the rules that were named over the samples, prints what they met, and says of the others why not.
pub(super) fn run(args: &RulesTest, out: &Out) -> Outcome {
    let mut dirs = args.rules.clone();
    dirs.rules.push(PathBuf::from(&args.filter));
    let content = case::content(&dirs, out)?;
    let rules: Vec<&Rule> = content.rules().iter().filter(|rule| !rule.builtin).collect();

    let folder = case::passing_folder()?;
    let mut case = Case::create(&folder.path().join("case"), &CaseSettings { organisation: None })?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let options = IngestOptions { threads, ..IngestOptions::default() };
    let summary = case.add(&args.samples, &options, out.progress().as_ref())?;
    case::warn_all(&summary.problems, out);
    let session = case.session()?;
    let ran = afterpatch_detect::run(&case, &session, &content, &rules, out.progress().as_ref(), None)?;

    case::warn_all(&ran.problems, out);
    print(args, &case, &ran, out)?;
    let met: BTreeSet<_> = ran.detections.iter().map(|detection| &detection.rule).collect();
    for rule in rules.iter().filter(|rule| !met.contains(&rule.id)) {
        out.note(&why_not(rule, &ran, out));
    }
    let args = [("rules", rules.len().to_string()), ("met", met.len().to_string())];
    out.note(
        &out.sentence("talk-rules-on-samples", &args.each_ref().map(|(name, text)| (*name, text.as_str()))),
    );
    Ok(if case::are_unread(&summary.problems) { Exit::PartlyRead } else { Exit::Done })
}

fn print(args: &RulesTest, case: &Case, ran: &Ran, out: &Out) -> Result<(), CommandError> {
    let artifacts = case.artifacts().into_iter().map(|line| (line.artifact.id, line.artifact.container_path));
    let paths: BTreeMap<ArtifactId, Arc<str>> = artifacts.collect();
    let samples = ran.detections.iter().flat_map(|met| met.samples.iter().map(move |sample| (met, sample)));
    let rows = samples.map(|(detection, sample)| {
        let shown: Vec<_> = sample.fields.iter().map(|(name, text)| format!("{name}={text}")).collect();
        vec![
            json!(detection.rule),
            json!(detection.level.name()),
            json!(detection.title),
            json!(detection.author),
            json!(detection.license),
            json!(detection.facts),
            json!(detection.server),
            sample.time.map_or(Value::Null, |time| json!(time.to_string())),
            json!(paths.get(&sample.locator.artifact).map(ToString::to_string)),
            json!(sample.locator.record),
            json!(shown.join(" ")),
        ]
    });
    out.rows(args.format, COLUMNS, rows)
}

/// Says that a rule met nothing, and why it could not, where that is known.
fn why_not(rule: &Rule, ran: &Ran, out: &Out) -> String {
    let gap = ran.coverage.gaps.iter().find(|gap| gap.rule == rule.id);
    let source = rule.log_source();
    let had = ran.coverage.sources.iter().find(|had| Some(&had.source) == source.as_ref());
    let (key, name, text) = match (gap.map(|gap| &gap.reason), had) {
        (_, Some(had)) if had.facts == 0 => ("talk-rule-no-source", "source", had.source.clone()),
        (Some(GapReason::NoSuchField { fields }), _) => ("talk-rule-no-field", "fields", fields.join(", ")),
        (Some(GapReason::DidNotCompile { reason }), _) => {
            ("talk-rule-not-compiled", "reason", reason.clone())
        }
        (None, _) => ("talk-rule-met-nothing", "", String::new()),
    };
    out.sentence(key, &[("rule", rule.id.as_str()), (name, &text)])
}
