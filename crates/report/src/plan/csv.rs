//! The plan for spreadsheets: a row for each step and what it is to be done on, so that each can be ticked off.

use crate::export::table;
use crate::texts::Texts;
use crate::view::{Step, links, steps};
use afterpatch_model::{Action, CaseResult, Target};
use std::io::{self, Write};

/// The columns: their names are for programs too, and the same in every language.
const HEADER: [&str; 20] = [
    "step",
    "key",
    "kind",
    "title",
    "servers",
    "subject",
    "note",
    "what",
    "why",
    "not_covered",
    "verify",
    "decides",
    "changes_things",
    "commands",
    "page",
    "after",
    "findings",
    "cves",
    "because_of_gaps",
    "checks",
];

pub(crate) fn write(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    let steps = steps(&result.plan, &links(&result.findings, texts), texts);
    let numbered = result.plan.iter().zip(&steps).enumerate();
    let rows = numbered.flat_map(|(place, (action, step))| {
        action.targets.iter().map(move |target| cells(place + 1, action, step, target, texts))
    });
    table(HEADER, rows, out)
}

fn cells(number: usize, action: &Action, step: &Step, target: &Target, texts: &Texts) -> [String; 20] {
    let titles: Vec<_> = step.findings.iter().map(|finding| finding.title.as_str()).collect();
    let commands: Vec<_> = step.commands.iter().map(|command| command.text.as_str()).collect();
    let after: Vec<_> = step.after.iter().map(ToString::to_string).collect();
    [
        number.to_string(),
        action.key.clone(),
        action.kind.name().to_owned(),
        step.title.clone(),
        target.servers.join(" "),
        target.subject.clone().unwrap_or_default(),
        texts.message(&target.note),
        step.what.join("\n"),
        step.why.join("\n"),
        step.not_covered.join("\n"),
        step.verify.join("\n"),
        step.decides.clone(),
        action.changes_things.to_string(),
        commands.join("\n"),
        action.page.clone().unwrap_or_default(),
        after.join(" "),
        titles.join("\n"),
        action.exposures.join(" "),
        action.because_of_gaps.to_string(),
        serde_json::to_string(&target.checks).unwrap_or_default(),
    ]
}
