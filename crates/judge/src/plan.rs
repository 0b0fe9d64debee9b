//! The plan: which steps of `content/knowledge/response/` what is known of the servers calls for, on what, in which order.
//!
//! [`situation`] says what is the matter with each server, [`targets`] puts servers that are alike into one line,
//! [`order`] says which server comes first, and [`update`] which update it needs.

#[cfg(test)]
mod commands_hold;
mod order;
mod response;
mod situation;
#[cfg(test)]
mod state_table;
mod targets;
mod update;

use crate::evidence::Evidence;
use afterpatch_detect::Surroundings;
use afterpatch_model::{Action, Answer, Command, FindingId, ServerRole, Timestamp, Turn};
use response::{RESPONSE, Response, Step};
use situation::{Behind, Known};
use std::collections::{BTreeMap, BTreeSet};
use targets::Called;

/// What the plan rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) evidence: &'a Evidence<'a>,
    /// The answers to the first five questions, by server.
    pub(crate) answers: &'a BTreeMap<String, Vec<Answer>>,
    pub(crate) roles: &'a BTreeMap<String, ServerRole>,
    pub(crate) surroundings: &'a Surroundings,
    /// When the evidence of each server ends: what a check asks of a later case comes after.
    pub(crate) ends: &'a BTreeMap<String, Timestamp>,
}

/// The steps in order, and the servers in the order in which each step treats them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) actions: Vec<Action>,
    pub(crate) turns: Vec<Turn>,
}

impl Plan {
    /// Returns how many steps concern a server.
    pub(crate) fn steps_for(&self, server: &str) -> usize {
        self.actions.iter().filter(|action| action.servers.iter().any(|name| name == server)).count()
    }
}

/// Returns the plan for all servers; a step that several servers call for is one step.
pub(crate) fn plan(inputs: &Inputs<'_>) -> Plan {
    let servers: Vec<_> =
        inputs.answers.iter().map(|(server, answers)| known(inputs, server, answers)).collect();
    let turns = order::turns(&servers, inputs.surroundings);
    let in_turn: Vec<_> =
        turns.iter().filter_map(|turn| servers.iter().find(|known| known.server == turn.server)).collect();
    let situations = situations(&RESPONSE, &in_turn);
    let mut actions: Vec<_> =
        RESPONSE.steps.iter().filter_map(|step| action(step, &in_turn, &situations, inputs)).collect();
    let taken: BTreeSet<_> = actions.iter().map(|action| action.key.clone()).collect();
    for action in &mut actions {
        action.after = before(&RESPONSE.steps, &action.id, &taken);
    }
    Plan { actions, turns }
}

fn known<'a>(inputs: &Inputs<'a>, server: &'a str, answers: &'a [Answer]) -> Known<'a> {
    let Evidence { findings, exposure, .. } = *inputs.evidence;
    Known {
        server,
        role: inputs.roles.get(server).copied().unwrap_or_default(),
        answers,
        findings: findings.iter().filter(|finding| finding.server == server).collect(),
        exposure: exposure.iter().filter(|flaw| flaw.server == server).collect(),
    }
}

/// What is the matter with whom: by situation and server, what stands behind it.
type Situations<'a> = BTreeMap<(&'static str, &'a str), Behind<'a>>;

fn situations<'a>(response: &'static Response, servers: &[&Known<'a>]) -> Situations<'a> {
    let mut found = Situations::new();
    for known in servers {
        for situation in &response.situations {
            for behind in situation.cases.iter().filter_map(|case| case.holds(known)) {
                found.entry((&situation.name, known.server)).or_default().add(behind);
            }
        }
    }
    found
}

fn action(
    step: &'static Step,
    servers: &[&Known<'_>],
    situations: &Situations<'_>,
    inputs: &Inputs<'_>,
) -> Option<Action> {
    let called: Vec<Called<'_>> = servers.iter().filter_map(|known| calls(step, known, situations)).collect();
    let targets = targets::targets(step, &called, inputs);
    if targets.is_empty() {
        return None;
    }
    let named: BTreeSet<&String> = targets.iter().flat_map(|target| &target.servers).collect();
    let called: Vec<_> = called.iter().filter(|(server, _)| named.contains(&(*server).to_owned())).collect();
    let behind = |of: fn(&Behind<'_>) -> Vec<String>| -> BTreeSet<String> {
        called.iter().flat_map(|(_, behind)| of(behind)).collect()
    };
    let findings = behind(|behind| behind.findings.iter().map(|finding| finding.id.to_string()).collect());
    let exposures = behind(|behind| behind.exposure.iter().map(|flaw| flaw.cve.clone()).collect());
    Some(Action {
        id: step.id.clone(),
        key: step.id.clone(),
        kind: step.kind,
        servers: called.iter().map(|(server, _)| (*server).to_owned()).collect(),
        title: step.title.clone(),
        what: step.what.clone(),
        why: step.why.clone(),
        not_covered: step.not_covered.clone(),
        verify: step.verify.clone(),
        decides: step.decides,
        changes_things: step.changes_things,
        commands: commands(step, called.iter().map(|(server, _)| *server), inputs),
        page: step.page.clone(),
        targets,
        findings: findings.into_iter().map(FindingId::new).collect(),
        exposures: exposures.into_iter().collect(),
        because_of_gaps: called.iter().any(|(_, behind)| !behind.gaps.is_empty()),
        after: Vec::new(),
    })
}

/// Returns what stands behind a step on a server that calls for it.
fn calls<'a>(step: &Step, known: &Known<'a>, situations: &Situations<'a>) -> Option<Called<'a>> {
    let holds = |name: &String| situations.contains_key(&(name.as_str(), known.server));
    if step.except_roles.contains(&known.role) || step.unless.iter().any(holds) {
        return None;
    }
    let mut behind = Behind::default();
    for name in &step.when {
        if let Some(more) = situations.get(&(name.as_str(), known.server)) {
            behind.add(more.clone());
        }
    }
    (!behind.is_empty()).then_some((known.server, behind))
}

/// Returns the commands for the products that the servers run; a server whose product is unknown may run any.
fn commands<'s>(step: &Step, servers: impl Iterator<Item = &'s str>, inputs: &Inputs<'_>) -> Vec<Command> {
    let products: BTreeSet<_> = servers
        .map(|server| update::newest_seen(inputs.evidence, server).and_then(|build| build.product()))
        .collect();
    let fits = |command: &&Command| {
        let is = |product: Option<&str>| {
            product.is_none_or(|product| command.products.iter().any(|named| named == product))
        };
        command.products.is_empty() || products.iter().copied().any(is)
    };
    step.commands.iter().filter(fits).cloned().collect()
}

/// Returns the steps of the plan that come before a step; where one is not in the plan, those before that one.
fn before(steps: &[Step], id: &str, taken: &BTreeSet<String>) -> Vec<String> {
    let mut open: Vec<&String> =
        steps.iter().filter(|step| step.id == id).flat_map(|step| &step.after).collect();
    let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
    while let Some(earlier) = open.pop() {
        if taken.contains(earlier) {
            found.insert(earlier);
        } else if seen.insert(earlier) {
            open.extend(steps.iter().filter(|step| step.id == *earlier).flat_map(|step| &step.after));
        }
    }
    steps.iter().map(|step| &step.id).filter(|id| found.contains(id)).cloned().collect()
}
