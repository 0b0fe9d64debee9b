//! The plan as a playbook: OASIS CACAO Security Playbooks 2.0, Committee Specification 01 of 27 November 2023.
//!
//! Steps of one kind that wait for none among themselves are branches of a parallel step; everything else is a chain.
//! Where another decides than does the work, the decision is a step of its own, and an if-condition holds the work
//! back until the answer is yes. The last step compares a later case with this one.
//!
//! Ids are UUIDs of version 5 and times are those of the evidence, so that the same plan gives the same bytes. The
//! playbook's own id is derived from everything that it says: another plan is another playbook and no new version.

mod ids;
mod object;

use crate::plain::plain;
use crate::texts::Texts;
use crate::view::{CommandView, Step, links, steps};
use afterpatch_model::{Action, ActionKind, CaseResult, Decider, Shell, Target, Timestamp};
use ids::Ids;
use object::{AgentTarget, Command, ExternalReference, Playbook, Summary, Variable, WorkflowStep};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

pub(crate) fn write(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &playbook(result, texts)?)?;
    out.write_all(b"\n")
}

fn playbook(result: &CaseResult, texts: &Texts) -> io::Result<Playbook> {
    let moment = in_milliseconds(evidence_end(result));
    let organisation = result.organisation.as_deref().unwrap_or_default();
    let plan = serde_json::to_string(&result.plan)?;
    let ids = Ids::of_playbook(&[organisation, &moment, texts.code(), &plan]);
    let mut workflow = Workflow::new(&ids, texts);
    let start = workflow.build(&result.plan, &steps(&result.plan, &links(&result.findings, texts), texts));
    let kinds: BTreeSet<_> = result.plan.iter().map(|action| action.kind).collect();
    Ok(Playbook {
        r#type: "playbook",
        spec_version: "cacao-2.0",
        id: ids.playbook(),
        name: name(result, texts),
        description: texts.get("cacao-description", &[]),
        playbook_types: kinds.iter().map(|kind| playbook_type(*kind)).chain(["investigation"]).collect(),
        playbook_activities: kinds.iter().map(|kind| activity(*kind)).chain([COMPARE]).collect(),
        playbook_processing_summary: workflow.summary(),
        created_by: ids::producer(),
        created: moment.clone(),
        modified: moment,
        external_references: references(result.plan.iter().filter_map(|action| action.page.as_deref())),
        playbook_variables: workflow.variables,
        workflow_start: start,
        workflow: workflow.steps,
        agent_definitions: workflow.agents,
        target_definitions: workflow.targets,
    })
}

fn name(result: &CaseResult, texts: &Texts) -> String {
    let plan = texts.get("ui-plan", &[]);
    match &result.organisation {
        Some(organisation) => format!("{}: {plan}", plain(organisation)),
        None => plan,
    }
}

/// Returns the end of what the evidence covers, or the last event; the beginning of time where nothing has a date.
fn evidence_end(result: &CaseResult) -> Timestamp {
    let covered = result.coverage.iter().flat_map(|one| &one.spans).map(|span| span.until).max();
    let told = result.timeline.iter().map(|entry| entry.time).max();
    covered.or(told).unwrap_or(Timestamp::from_nanos(0))
}

/// CACAO wants exactly three digits behind the second.
fn in_milliseconds(time: Timestamp) -> String {
    let whole =
        jiff::Timestamp::from_nanosecond(i128::from(time.nanos())).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    whole.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The activity of the last step.
const COMPARE: &str = "analyze-collected-data";

/// Returns the word of `playbook-activity-type-ov` that is nearest to a kind. The vocabulary is open, and has no word
/// for keeping evidence.
fn activity(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Preserve => "preserve-evidence",
        ActionKind::Contain => "disconnect-system",
        ActionKind::Mitigate => "restrict-access",
        ActionKind::Patch => "eliminate-risk",
        ActionKind::Evict => "revert-system",
        ActionKind::Rotate => "configure-systems",
        ActionKind::Report => "deliver-content",
        ActionKind::Investigate => COMPARE,
        ActionKind::Watch => "match-indicator",
    }
}

/// Returns the word of `playbook-type-ov` for a kind.
fn playbook_type(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Preserve | ActionKind::Investigate => "investigation",
        ActionKind::Contain | ActionKind::Mitigate => "mitigation",
        ActionKind::Patch | ActionKind::Evict | ActionKind::Rotate => "remediation",
        ActionKind::Report => "notification",
        ActionKind::Watch => "detection",
    }
}

/// Returns who does the work of a step that `decider` decides: the management itself does none.
fn doer(decider: Decider) -> Decider {
    match decider {
        Decider::Management => Decider::Administrator,
        decider => decider,
    }
}

fn references<'a>(pages: impl Iterator<Item = &'a str>) -> Vec<ExternalReference> {
    let pages: BTreeSet<&str> = pages.collect();
    let host = |page: &str| page.split('/').nth(2).unwrap_or(page).to_owned();
    pages.into_iter().map(|page| ExternalReference { name: host(page), url: page.to_owned() }).collect()
}

/// The steps of the playbook while they are put together, from the last to the first: each names the one behind it.
struct Workflow<'a> {
    ids: &'a Ids,
    texts: &'a Texts,
    steps: BTreeMap<String, WorkflowStep>,
    agents: BTreeMap<String, AgentTarget>,
    targets: BTreeMap<String, AgentTarget>,
    variables: BTreeMap<String, Variable>,
}

impl<'a> Workflow<'a> {
    fn new(ids: &'a Ids, texts: &'a Texts) -> Self {
        Self {
            ids,
            texts,
            steps: BTreeMap::new(),
            agents: BTreeMap::new(),
            targets: BTreeMap::new(),
            variables: BTreeMap::new(),
        }
    }

    /// Puts the whole plan together and returns the start.
    fn build(&mut self, plan: &[Action], told: &[Step]) -> String {
        let end = self.end("plan");
        let mut next = self.compare(end);
        for batch in batches(plan).into_iter().rev() {
            let pairs: Vec<_> = plan.iter().zip(told).skip(batch.start).take(batch.len()).collect();
            next = self.batch(&pairs, next);
        }
        self.add("start", "plan", WorkflowStep { on_completion: Some(next), ..WorkflowStep::of("start") })
    }

    fn batch(&mut self, batch: &[(&Action, &Step)], next: String) -> String {
        if let [(action, told)] = batch {
            return self.action(action, told, next);
        }
        let keys: Vec<_> = batch.iter().map(|(action, _)| action.key.as_str()).collect();
        let entries = batch.iter().map(|(action, told)| {
            let end = self.end(&action.key);
            self.action(action, told, end)
        });
        let next_steps = entries.collect();
        let kind = batch.first().map(|(action, _)| self.texts.action(action.kind));
        let step = WorkflowStep {
            name: kind,
            next_steps,
            on_completion: Some(next),
            ..WorkflowStep::of("parallel")
        };
        self.add("parallel", &keys.join("\0"), step)
    }

    /// Adds what is to be done for one step of the plan and returns where it begins.
    fn action(&mut self, action: &Action, told: &Step, next: String) -> String {
        if doer(action.decides) == action.decides {
            return self.work(action, told, next);
        }
        let end = self.end(&format!("{}\0decided", action.key));
        let work = self.work(action, told, end);
        let variable = variable_name(&action.key);
        let question = self.texts.get("cacao-decide", &[("step", &plain(&told.title))]);
        self.variables.insert(variable.clone(), Variable::undecided(&question));
        let condition = WorkflowStep {
            name: Some(question.clone()),
            condition: Some(format!("{variable}:value = true")),
            on_true: Some(work),
            on_completion: Some(next),
            ..WorkflowStep::of("if-condition")
        };
        let condition = self.add("if-condition", &action.key, condition);
        let why = [("ui-why-now", told.why.join("\n"))];
        let ask = WorkflowStep {
            commands: vec![Command::manual(&question, activity(action.kind))],
            name: Some(question),
            description: Some(self.paragraphs(&why)).filter(|text| !text.is_empty()),
            agent: Some(self.agent(action.decides)),
            out_args: vec![variable],
            on_completion: Some(condition),
            ..WorkflowStep::of("action")
        };
        self.add("action", &format!("{}\0decide", action.key), ask)
    }

    fn work(&mut self, action: &Action, told: &Step, next: String) -> String {
        let step = WorkflowStep {
            name: Some(plain(&told.title)),
            description: Some(self.describe(action, told)),
            external_references: references(action.page.as_deref().into_iter()),
            commands: commands(action, told),
            agent: Some(self.agent(doer(action.decides))),
            targets: action.servers.iter().map(|server| self.target(server)).collect(),
            on_completion: Some(next),
            ..WorkflowStep::of("action")
        };
        self.add("action", &action.key, step)
    }

    /// The last step: whether all that was done did what it should.
    fn compare(&mut self, next: String) -> String {
        let step = WorkflowStep {
            name: Some(self.texts.get("cacao-compare", &[])),
            commands: vec![Command::manual("afterpatch verify <BEFORE> <AFTER>", COMPARE)],
            description: Some(self.texts.get("cacao-compare.means", &[])),
            agent: Some(self.agent(Decider::Administrator)),
            on_completion: Some(next),
            ..WorkflowStep::of("action")
        };
        self.add("action", "\0compare", step)
    }

    fn end(&mut self, of: &str) -> String {
        self.add("end", of, WorkflowStep::of("end"))
    }

    fn add(&mut self, kind: &str, of: &str, step: WorkflowStep) -> String {
        let id = self.ids.of(kind, of);
        self.steps.insert(id.clone(), step);
        id
    }

    fn agent(&mut self, decider: Decider) -> String {
        let id = self.ids.of("group", decider.name());
        let agent = AgentTarget::group(&self.texts.decider(decider));
        self.agents.entry(id.clone()).or_insert(agent);
        id
    }

    fn target(&mut self, server: &str) -> String {
        let id = self.ids.of("net-address", server);
        self.targets.entry(id.clone()).or_insert_with(|| AgentTarget::server(&plain(server)));
        id
    }

    fn describe(&self, action: &Action, told: &Step) -> String {
        let particulars: Vec<_> =
            action.targets.iter().filter_map(|target| self.particular(target)).collect();
        self.paragraphs(&[
            ("", told.what.join("\n")),
            ("ui-targets", particulars.join("\n")),
            ("ui-why-now", told.why.join("\n")),
            ("ui-not-covered", told.not_covered.join("\n")),
            ("ui-verify", told.verify.join("\n")),
        ])
    }

    /// What is to be done on some servers in particular.
    fn particular(&self, target: &Target) -> Option<String> {
        let note = self.texts.message(&target.note);
        if target.subject.is_none() && note.is_empty() {
            return None;
        }
        let words = [target.servers.join(", "), target.subject.clone().unwrap_or_default(), note];
        let words: Vec<_> = words.iter().filter(|word| !word.is_empty()).map(|word| plain(word)).collect();
        Some(words.join(" – "))
    }

    fn paragraphs(&self, parts: &[(&str, String)]) -> String {
        let said = parts.iter().filter(|(_, text)| !text.is_empty());
        let said: Vec<_> = said
            .map(|(key, text)| match *key {
                "" => text.clone(),
                key => format!("{}: {text}", self.texts.get(key, &[])),
            })
            .collect();
        said.join("\n\n")
    }

    fn summary(&self) -> Summary {
        let has = |kind: &str| self.steps.values().any(|step| step.r#type == kind);
        let commands = || self.steps.values().flat_map(|step| &step.commands);
        Summary {
            manual_playbook: commands().all(Command::is_manual),
            parallel_processing: has("parallel"),
            if_logic: has("if-condition"),
        }
    }
}

/// Returns the places of steps that stand together: of one kind, and none waits for another of them.
fn batches(plan: &[Action]) -> Vec<std::ops::Range<usize>> {
    let mut batches: Vec<std::ops::Range<usize>> = Vec::new();
    for (place, action) in plan.iter().enumerate() {
        let joins = |batch: &std::ops::Range<usize>| {
            plan.iter()
                .take(place)
                .skip(batch.start)
                .all(|before| before.kind == action.kind && !action.after.contains(&before.key))
        };
        match batches.last_mut().filter(|batch| joins(batch)) {
            Some(batch) => batch.end = place + 1,
            None => batches.push(place..place + 1),
        }
    }
    batches
}

/// What a person is told, then each command. Only what reads and can run as it stands is given to a machine.
fn commands(action: &Action, told: &Step) -> Vec<Command> {
    let activity = activity(action.kind);
    let mut commands = vec![Command::manual(&told.what.join("\n"), activity)];
    commands.extend(action.commands.iter().zip(&told.commands).map(|(command, shown)| {
        let runs_as_it_stands =
            command.reads_only && command.shell != Shell::Cmd && !command.text.contains('<');
        let kind = if runs_as_it_stands { "powershell" } else { "manual" };
        Command::typed(kind, &command.text, &described(shown), activity)
    }));
    commands
}

fn described(command: &CommandView) -> String {
    let products = command.products.join(", ");
    if products.is_empty() { command.shell.clone() } else { format!("{} ({products})", command.shell) }
}

/// Returns the variable in which the decision about a step is kept.
fn variable_name(key: &str) -> String {
    let letters = key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    // A name has at most 204 characters, and keys that differ late must differ here too.
    let name: String = letters.take(120).collect();
    let tail = afterpatch_model::digest_hex(&[key]);
    format!("__decide_{name}_{}__", tail.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_behind_the_second() {
        let shown = |text: &str| in_milliseconds(text.parse().unwrap());
        assert_eq!(shown("2021-03-02"), "2021-03-02T00:00:00.000Z");
        assert_eq!(shown("2021-03-02T10:11:12.123456789Z"), "2021-03-02T10:11:12.123Z");
    }

    #[test]
    fn variables_are_those_that_the_standard_allows_and_differ_where_keys_do() {
        let name = variable_name("rebuild-server:MX1 <b>");
        assert!(name.starts_with("__decide_rebuild_server_mx1__b__") && name.ends_with("__"), "{name}");
        assert!(name.len() < 204 && variable_name(&"x".repeat(500)).len() < 204);
        assert_ne!(variable_name("a:b"), variable_name("a.b"));
    }
}
