//! The plan in words: its steps as every format for people shows them.

use super::{Link, left_out, links, paragraphs, sentence};
use crate::texts::Texts;
use afterpatch_model::{Action, CaseResult, Command, Lang, Target, Turn};
use serde::Serialize;
use std::collections::BTreeMap;

/// The plan on a page of its own.
#[derive(Serialize)]
pub(crate) struct PlanPage {
    lang: &'static str,
    organisation: String,
    version: String,
    content: String,
    servers: Vec<String>,
    /// Where the findings are that the steps link to: the report beside it.
    findings_at: &'static str,
    turns: Vec<TurnView>,
    plan: Vec<Step>,
}

impl PlanPage {
    /// Puts the plan into words.
    pub(crate) fn of(result: &CaseResult, texts: &Texts) -> Self {
        let organisation = result.organisation.clone();
        Self {
            lang: texts.code(),
            organisation: organisation.unwrap_or_else(|| texts.get("ui-organisation-unnamed", &[])),
            version: result.version.clone(),
            content: result.content.clone(),
            servers: result.servers.iter().map(|one| one.server.name.to_string()).collect(),
            findings_at: match texts.lang() {
                Lang::En => "index.html",
                Lang::Ja => "index.ja.html",
            },
            turns: turns(&result.turns, texts),
            plan: steps(&result.plan, &links(&result.findings, texts), texts),
        }
    }
}

/// Servers whose turn comes together, since the same is the matter with them and they belong together.
#[derive(Serialize)]
pub(crate) struct TurnView {
    servers: Vec<String>,
    availability_group: Option<String>,
    reasons: Vec<String>,
}

/// Returns the order of the servers; a single one needs none.
pub(crate) fn turns(turns: &[Turn], texts: &Texts) -> Vec<TurnView> {
    if turns.len() < 2 {
        return Vec::new();
    }
    let alike = |one: &Turn, next: &Turn| {
        one.availability_group == next.availability_group && one.reasons == next.reasons
    };
    let view = |wave: &[Turn]| {
        let first = wave.first()?;
        Some(TurnView {
            servers: wave.iter().map(|turn| turn.server.clone()).collect(),
            availability_group: first.availability_group.clone(),
            reasons: first.reasons.iter().map(|reason| texts.reason(reason)).collect(),
        })
    };
    turns.chunk_by(alike).filter_map(view).collect()
}

/// Flaws behind a step that are named; a server that was not updated for years has more than a hundred.
const FLAWS: usize = 12;

/// A step of the plan in words.
#[derive(Serialize)]
pub(crate) struct Step {
    pub(crate) kind: &'static str,
    pub(crate) kind_word: String,
    pub(crate) title: String,
    pub(crate) servers: Vec<String>,
    pub(crate) what: Vec<String>,
    pub(crate) why: Vec<String>,
    pub(crate) not_covered: Vec<String>,
    pub(crate) verify: Vec<String>,
    pub(crate) decides: String,
    pub(crate) changes_things: bool,
    pub(crate) commands: Vec<CommandView>,
    pub(crate) page: Option<String>,
    /// Only where the servers differ: a single one without a subject says no more than `servers`.
    pub(crate) targets: Vec<TargetView>,
    pub(crate) findings: Vec<Link>,
    pub(crate) exposures: Vec<String>,
    /// How many more there are, and where they stand.
    pub(crate) exposures_left_out: Option<String>,
    pub(crate) because_of_gaps: bool,
    /// The numbers of the steps that come before.
    pub(crate) after: Vec<usize>,
}

#[derive(Serialize)]
pub(crate) struct CommandView {
    pub(crate) shell: String,
    pub(crate) text: String,
    pub(crate) reads_only: bool,
    pub(crate) products: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct TargetView {
    pub(crate) servers: Vec<String>,
    pub(crate) subject: Option<String>,
    pub(crate) note: String,
}

/// Returns the steps in words; `links` are the findings by id.
pub(crate) fn steps(plan: &[Action], links: &BTreeMap<String, Link>, texts: &Texts) -> Vec<Step> {
    let number = |key: &String| plan.iter().position(|action| action.key == *key).map(|place| place + 1);
    plan.iter()
        .map(|action| Step {
            kind: action.kind.name(),
            kind_word: texts.action(action.kind),
            title: sentence(&action.title, texts),
            servers: action.servers.clone(),
            what: paragraphs(&action.what, texts),
            why: paragraphs(&action.why, texts),
            not_covered: paragraphs(&action.not_covered, texts),
            verify: paragraphs(&action.verify, texts),
            decides: texts.decider(action.decides),
            changes_things: action.changes_things,
            commands: commands(action, texts),
            page: action.page.clone(),
            targets: targets(&action.targets, texts),
            findings: action.findings.iter().filter_map(|id| links.get(id.as_str())).cloned().collect(),
            exposures: action.exposures.iter().take(FLAWS).cloned().collect(),
            exposures_left_out: left_out(action.exposures.len(), FLAWS, "plan.csv, plan.json", texts),
            because_of_gaps: action.because_of_gaps,
            after: action.after.iter().filter_map(number).collect(),
        })
        .collect()
}

fn commands(action: &Action, texts: &Texts) -> Vec<CommandView> {
    let view = |command: &Command| CommandView {
        shell: texts.shell(command.shell),
        text: command.text.clone(),
        reads_only: command.reads_only,
        products: command.products.clone(),
    };
    action.commands.iter().map(view).collect()
}

fn targets(targets: &[Target], texts: &Texts) -> Vec<TargetView> {
    let differ =
        |target: &Target| targets.len() > 1 || target.subject.is_some() || !target.note.en.is_empty();
    let view = |target: &Target| TargetView {
        servers: target.servers.clone(),
        subject: target.subject.clone(),
        note: sentence(&target.note, texts),
    };
    targets.iter().filter(|target| differ(target)).map(view).collect()
}
