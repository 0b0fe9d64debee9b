//! The plan: which steps of `content/knowledge/response.yml` the state of each server calls for.

use crate::evidence::Evidence;
use afterpatch_model::{
    Action, ActionKind, Answer, Check, Decider, Exposure, Finding, FindingId, FlawState, Grade, Message,
    Question, Target, Verdict,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A state of a server that calls for steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    BrokenInto,
    ShellPresent,
    ShellGone,
    ExposedNow,
    ExposedPast,
    Attempted,
    CannotTell,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    id: String,
    kind: ActionKind,
    when: Vec<State>,
    changes_things: bool,
    title: Message,
    decides: Decider,
    what: Message,
    verify: Message,
}

static STEPS: LazyLock<Vec<Step>> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("../../../content/knowledge/response.yml")).unwrap_or_default()
});

/// Returns the states of one server, from its answers.
pub(crate) fn states(answers: &[Answer], evidence: &Evidence<'_>, server: &str) -> BTreeSet<State> {
    let verdict = |question: Question| {
        answers
            .iter()
            .find(|answer| answer.question == question)
            .map_or(Verdict::CannotTell, |answer| answer.verdict)
    };
    let shells = || evidence.findings.iter().filter(|f| f.claim == "web-shell" && f.server == server);
    let flaws = || evidence.exposure.iter().filter(|flaw| flaw.server == server && flaw.was_known());
    let needs_work = |flaw: &Exposure| matches!(flaw.state, FlawState::Open | FlawState::NeedsMore);
    let unknown = [Question::Exposed, Question::BrokenInto, Question::StillInside]
        .into_iter()
        .any(|question| verdict(question) == Verdict::CannotTell);
    [
        (State::BrokenInto, verdict(Question::BrokenInto) >= Verdict::Likely),
        (State::ShellPresent, shells().any(|finding| finding.grade == Grade::Persists)),
        (
            State::ShellGone,
            shells().any(|finding| (Grade::Reached..Grade::Persists).contains(&finding.grade)),
        ),
        (State::ExposedNow, flaws().any(needs_work)),
        (State::ExposedPast, flaws().any(|flaw| !flaw.is_open())),
        (State::Attempted, verdict(Question::BrokenInto) == Verdict::AttemptedOnly),
        (State::CannotTell, unknown),
    ]
    .into_iter()
    .filter_map(|(state, holds)| holds.then_some(state))
    .collect()
}

/// Returns how many steps a server in these states needs.
pub(crate) fn steps_for(states: &BTreeSet<State>) -> usize {
    STEPS.iter().filter(|step| step.when.iter().any(|state| states.contains(state))).count()
}

/// Returns the steps for all servers, in order; a step that several servers need is one step.
pub(crate) fn plan(states: &BTreeMap<String, BTreeSet<State>>, findings: &[Finding]) -> Vec<Action> {
    let mut plan: Vec<_> = STEPS.iter().filter_map(|step| action(step, states, findings)).collect();
    plan.sort_by_key(|action| action.kind);
    plan
}

fn action(step: &Step, states: &BTreeMap<String, BTreeSet<State>>, findings: &[Finding]) -> Option<Action> {
    let calls = |(server, states): (&String, &BTreeSet<State>)| {
        step.when.iter().any(|state| states.contains(state)).then(|| server.clone())
    };
    let servers: Vec<_> = states.iter().filter_map(calls).collect();
    let behind = |finding: &&Finding| servers.contains(&finding.server);
    let ids: Vec<FindingId> = findings.iter().filter(behind).map(|finding| finding.id.clone()).collect();
    let gap = |server: &String| states.get(server).is_some_and(|states| states.contains(&State::CannotTell));
    (!servers.is_empty()).then(|| Action {
        id: step.id.clone(),
        key: step.id.clone(),
        kind: step.kind,
        title: step.title.clone(),
        what: step.what.clone(),
        why: Message::default(),
        not_covered: Message::default(),
        verify: step.verify.clone(),
        decides: step.decides,
        changes_things: step.changes_things,
        commands: Vec::new(),
        page: None,
        targets: vec![Target {
            servers: servers.clone(),
            subject: None,
            note: Message::default(),
            checks: vec![Check::ByHand],
        }],
        findings: ids,
        exposures: Vec::new(),
        because_of_gaps: step.when.contains(&State::CannotTell) && servers.iter().any(gap),
        after: Vec::new(),
        servers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_reads_and_every_state_calls_for_one() {
        assert!(STEPS.len() > 8);
        let called: BTreeSet<_> = STEPS.iter().flat_map(|step| step.when.iter().copied()).collect();
        assert_eq!(called.len(), 7);
        assert!(STEPS.iter().all(|step| !step.what.ja.is_empty() && !step.verify.ja.is_empty()));
    }

    #[test]
    fn common_steps_are_one_step_and_kinds_are_in_order() {
        let states = BTreeMap::from([
            ("MX1".to_owned(), BTreeSet::from([State::BrokenInto, State::ExposedNow])),
            ("MX2".to_owned(), BTreeSet::from([State::ExposedNow])),
            ("MX3".to_owned(), BTreeSet::new()),
        ]);
        let plan = plan(&states, &[]);
        let update = plan.iter().find(|action| action.id == "install-update").unwrap();
        assert_eq!(update.servers, ["MX1", "MX2"]);
        assert!(plan.iter().all(|action| !action.servers.contains(&"MX3".to_owned())));
        assert!(plan.is_sorted_by_key(|action| action.kind));
    }
}
