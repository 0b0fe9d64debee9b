//! The playbook against what CACAO 2.0 (Committee Specification 01) asks of one, as far as ours goes.

use crate::sample;
use afterpatch_model::{ActionKind, CaseResult, Command, Decider, Lang, Shell};
use afterpatch_report::{Exporter, Texts};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn text_of(result: &CaseResult, lang: Lang) -> String {
    let mut out = Vec::new();
    let exporter = Exporter::by_name("plan-cacao").unwrap();
    (exporter.write)(result, &Texts::load(lang).unwrap(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn playbook(result: &CaseResult) -> Value {
    serde_json::from_str(&text_of(result, Lang::En)).unwrap()
}

/// A plan with every shape that a playbook of ours has: a chain, a decision, and steps side by side.
fn every_shape() -> CaseResult {
    let mut result = sample::result();
    let last = result.plan.last().unwrap().clone();
    for (key, kind, decides) in [
        ("a", ActionKind::Rotate, Decider::DomainAdministrator),
        ("b", ActionKind::Rotate, Decider::Management),
        ("c", ActionKind::Rotate, Decider::CloudAdministrator),
        ("d", ActionKind::Report, Decider::PrivacyOfficer),
    ] {
        let mut action = last.clone();
        (action.id, action.key) = (key.into(), key.into());
        (action.kind, action.decides) = (kind, decides);
        result.plan.push(action);
    }
    // The third rotation waits for the first: it cannot stand beside it.
    let third = result.plan.iter_mut().find(|action| action.key == "c").unwrap();
    third.after = vec!["a".into()];
    let command =
        |shell, text: &str, reads_only| Command { shell, text: text.into(), reads_only, products: vec![] };
    third.commands = vec![
        command(Shell::ExchangeShell, "Get-ExchangeServer", true),
        command(Shell::ExchangeShell, "Get-Mailbox -Identity \"x\"", true),
        command(Shell::Powershell, "Get-Item -LiteralPath <PATH>", true),
        command(Shell::Powershell, "Restart-Computer", false),
        command(Shell::Cmd, "dir", true),
    ];
    result
}

/// What the specification wants of each type of object: the properties that must be there, and the others that may.
const PROPERTIES: &[(&str, &[&str], &[&str])] = &[
    (
        "playbook",
        &[
            "type",
            "spec_version",
            "id",
            "name",
            "created_by",
            "created",
            "modified",
            "workflow_start",
            "workflow",
        ],
        &[
            "description",
            "playbook_types",
            "playbook_activities",
            "playbook_processing_summary",
            "external_references",
            "playbook_variables",
            "agent_definitions",
            "target_definitions",
        ],
    ),
    ("start", &["type", "on_completion"], &["name", "description"]),
    ("end", &["type"], &["name", "description"]),
    (
        "action",
        &["type", "on_completion", "commands", "agent"],
        &["name", "description", "external_references", "targets", "out_args"],
    ),
    ("parallel", &["type", "on_completion", "next_steps"], &["name", "description"]),
    ("if-condition", &["type", "on_completion", "condition", "on_true"], &["name", "description"]),
    ("manual", &["type"], &["description", "playbook_activity", "command", "command_b64"]),
    ("powershell", &["type"], &["description", "playbook_activity", "command", "command_b64"]),
    ("group", &["type", "name"], &[]),
    ("net-address", &["type", "name", "address"], &["category"]),
];

/// Returns what is wrong with a playbook.
fn faults(playbook: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    object_faults("playbook", playbook, &mut faults);
    let steps = map(playbook, "workflow");
    for name in ["id", "created_by", "workflow_start"] {
        identifier_faults(playbook[name].as_str().unwrap_or_default(), &mut faults);
    }
    for name in ["created", "modified"] {
        let time = playbook[name].as_str().unwrap_or_default();
        let milliseconds = time.len() == 24 && time.ends_with('Z') && time.as_bytes().get(19) == Some(&b'.');
        if !milliseconds || time.parse::<afterpatch_model::Timestamp>().is_err() {
            faults.push(format!("{name} is no time to the millisecond: {time}"));
        }
    }
    for part in ["workflow", "agent_definitions", "target_definitions"] {
        for (id, object) in map(playbook, part) {
            identifier_faults(&id, &mut faults);
            let kind = object["type"].as_str().unwrap_or_default();
            if id.split_once("--").map(|(of, _)| of) != Some(kind) {
                faults.push(format!("{id} names a {kind}"));
            }
            object_faults(kind, &object, &mut faults);
        }
    }
    for (id, step) in &steps {
        step_faults(id, step, playbook, &mut faults);
    }
    faults.extend(reach_faults(playbook, &steps));
    faults.extend(activity_faults(playbook, &steps));
    faults
}

fn map(of: &Value, name: &str) -> BTreeMap<String, Value> {
    let entries = of[name].as_object().cloned().unwrap_or_default();
    entries.into_iter().collect()
}

fn texts(of: &Value, name: &str) -> Vec<String> {
    let list = of[name].as_array().cloned().unwrap_or_default();
    list.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

fn object_faults(kind: &str, object: &Value, faults: &mut Vec<String>) {
    let Some((_, must, may)) = PROPERTIES.iter().find(|(name, _, _)| *name == kind) else {
        faults.push(format!("{kind} is no type"));
        return;
    };
    let has = object.as_object().cloned().unwrap_or_default();
    faults.extend(
        must.iter().filter(|name| !has.contains_key(**name)).map(|name| format!("{kind} lacks {name}")),
    );
    let known = |name: &&String| must.contains(&name.as_str()) || may.contains(&name.as_str());
    faults.extend(has.keys().filter(|name| !known(name)).map(|name| format!("{kind} has {name}")));
}

/// `type--UUID`: here of version 5, and of the variant of RFC 9562.
fn identifier_faults(id: &str, faults: &mut Vec<String>) {
    let uuid = id.split_once("--").map(|(_, uuid)| uuid).unwrap_or_default();
    let groups: Vec<_> = uuid.split('-').map(str::len).collect();
    let hex = uuid.chars().all(|c| c == '-' || matches!(c, '0'..='9' | 'a'..='f'));
    let version = uuid.get(14..15) == Some("5") && uuid.get(19..20).is_some_and(|v| "89ab".contains(v));
    if groups != [8, 4, 4, 4, 12] || !hex || !version {
        faults.push(format!("{id} is no identifier"));
    }
}

fn step_faults(id: &str, step: &Value, playbook: &Value, faults: &mut Vec<String>) {
    if let Some(agent) = step["agent"].as_str()
        && playbook["agent_definitions"].get(agent).is_none()
    {
        faults.push(format!("{id}: there is no agent {agent}"));
    }
    for target in texts(step, "targets") {
        if playbook["target_definitions"].get(&target).is_none() {
            faults.push(format!("{id}: there is no target {target}"));
        }
    }
    for variable in texts(step, "out_args") {
        if playbook["playbook_variables"].get(&variable).is_none() {
            faults.push(format!("{id}: there is no variable {variable}"));
        }
    }
    let of_playbook = playbook["external_references"].as_array().cloned().unwrap_or_default();
    for page in step["external_references"].as_array().into_iter().flatten() {
        if !of_playbook.contains(page) || page["name"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{id}: the playbook does not refer to {page}"));
        }
    }
    if step["type"] == "parallel" && texts(step, "next_steps").len() < 2 {
        faults.push(format!("{id}: one branch is not parallel"));
    }
    for command in step["commands"].as_array().into_iter().flatten() {
        object_faults(command["type"].as_str().unwrap_or_default(), command, faults);
        if command["command"].is_string() == command["command_b64"].is_string() {
            faults.push(format!("{id}: a command is plain or in base64"));
        }
    }
}

/// Walks from the start: each branch ends in an end step of its own, nothing is walked twice, nothing is left over.
fn reach_faults(playbook: &Value, steps: &BTreeMap<String, Value>) -> Vec<String> {
    let mut walk = Walk { steps, met: BTreeSet::new(), faults: Vec::new() };
    walk.branch(playbook["workflow_start"].as_str().unwrap_or_default());
    let left_over =
        steps.keys().filter(|id| !walk.met.contains(*id)).map(|id| format!("nothing leads to {id}"));
    let left_over: Vec<_> = left_over.collect();
    [walk.faults, left_over].concat()
}

struct Walk<'a> {
    steps: &'a BTreeMap<String, Value>,
    met: BTreeSet<String>,
    faults: Vec<String>,
}

impl Walk<'_> {
    fn branch(&mut self, first: &str) {
        let mut id = first.to_owned();
        loop {
            let Some(step) = self.steps.get(&id) else {
                self.faults.push(format!("there is no step {id:?}"));
                return;
            };
            if !self.met.insert(id.clone()) {
                self.faults.push(format!("{id} is led to twice"));
                return;
            }
            for branch in
                texts(step, "next_steps").iter().chain(step["on_true"].as_str().map(str::to_owned).iter())
            {
                self.branch(branch);
            }
            if step["type"] == "end" {
                return;
            }
            step["on_completion"].as_str().unwrap_or_default().clone_into(&mut id);
        }
    }
}

/// Each activity that the playbook lists is that of a command, and the other way round.
fn activity_faults(playbook: &Value, steps: &BTreeMap<String, Value>) -> Vec<String> {
    let commands = steps.values().flat_map(|step| step["commands"].as_array().cloned().unwrap_or_default());
    let done: BTreeSet<_> = commands.map(|command| command["playbook_activity"].to_string()).collect();
    let listed = playbook["playbook_activities"].as_array().cloned().unwrap_or_default();
    let listed: BTreeSet<_> = listed.iter().map(ToString::to_string).collect();
    done.symmetric_difference(&listed)
        .map(|activity| format!("{activity} is listed or done, not both"))
        .collect()
}

#[test]
fn a_playbook_is_what_the_specification_says() {
    for result in [sample::result(), sample::empty(), every_shape()] {
        for lang in [Lang::En, Lang::Ja] {
            let playbook: Value = serde_json::from_str(&text_of(&result, lang)).unwrap();
            assert_eq!(faults(&playbook), [""; 0], "{playbook:#}");
        }
    }
}

/// Changes a playbook and returns what is wrong with it then.
fn spoiled(change: impl Fn(&mut Map<String, Value>)) -> Vec<String> {
    let mut playbook = playbook(&every_shape());
    change(playbook.as_object_mut().unwrap());
    faults(&playbook)
}

type Spoil<'a> = Box<dyn Fn(&mut Map<String, Value>) + 'a>;

#[test]
fn a_spoiled_playbook_is_found_out() {
    let step = |kind: &str, playbook: &Map<String, Value>| {
        let steps = playbook["workflow"].as_object().unwrap();
        steps.keys().find(|id| id.starts_with(&format!("{kind}--"))).unwrap().clone()
    };
    let changes: Vec<(&str, Spoil<'_>)> = vec![
        ("lacks name", Box::new(|book| drop(book.remove("name")))),
        ("has clock", Box::new(|book| drop(book.insert("clock".into(), json!(1))))),
        ("no time", Box::new(|book| book["created"] = json!("2021-03-02T10:00:00Z"))),
        ("no identifier", Box::new(|book| book["id"] = json!("playbook--1"))),
        (
            "there is no step",
            Box::new(|book| {
                let id = step("end", book);
                book["workflow"].as_object_mut().unwrap().remove(&id);
            }),
        ),
        (
            "nothing leads to",
            Box::new(|book| {
                let id = step("if-condition", book);
                book["workflow"][&id]["on_true"] = json!(step("end", book));
            }),
        ),
        (
            "led to twice",
            Box::new(|book| {
                let id = step("if-condition", book);
                book["workflow"][&id]["on_completion"] = book["workflow_start"].clone();
            }),
        ),
        ("no agent", Box::new(|book| drop(book.remove("agent_definitions")))),
        ("no target", Box::new(|book| drop(book.remove("target_definitions")))),
        ("no variable", Box::new(|book| drop(book.remove("playbook_variables")))),
        ("does not refer", Box::new(|book| drop(book.remove("external_references")))),
        (
            "is not parallel",
            Box::new(|book| {
                let id = step("parallel", book);
                book["workflow"][&id]["next_steps"].as_array_mut().unwrap().truncate(1);
            }),
        ),
        ("listed or done", Box::new(|book| book["playbook_activities"] = json!(["scan-system"]))),
    ];
    for (says, change) in changes {
        let found = spoiled(change);
        assert!(found.iter().any(|fault| fault.contains(says)), "{says}: {found:?}");
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_plan_another_playbook() {
    let result = sample::result();
    assert_eq!(text_of(&result, Lang::En), text_of(&result, Lang::En));
    let mut other = result.clone();
    other.plan.pop();
    assert_ne!(playbook(&result)["id"], playbook(&other)["id"]);
    assert_ne!(text_of(&result, Lang::En), text_of(&result, Lang::Ja));
    let japanese: Value = serde_json::from_str(&text_of(&result, Lang::Ja)).unwrap();
    assert_ne!(playbook(&result)["id"], japanese["id"], "another text is no version of the first");
}

#[test]
fn machines_get_only_what_reads_and_can_run_as_it_stands() {
    let playbook = playbook(&every_shape());
    let steps = map(&playbook, "workflow");
    let commands: Vec<_> =
        steps.values().flat_map(|step| step["commands"].as_array().cloned().unwrap_or_default()).collect();
    let automatic: Vec<_> = commands.iter().filter(|command| command["type"] != "manual").collect();
    assert_eq!(automatic.len(), 2);
    assert!(automatic.iter().any(|command| command["command"] == "Get-ExchangeServer"));
    // Quotes are significant: `Get-Mailbox -Identity "x"`.
    assert!(automatic.iter().any(|command| command["command_b64"] == "R2V0LU1haWxib3ggLUlkZW50aXR5ICJ4Ig=="));
    assert!(commands.iter().any(|command| command["command"] == "Restart-Computer"));
    assert_eq!(playbook["playbook_processing_summary"]["manual_playbook"], false);
}

#[test]
fn who_decides_is_asked_before_the_work_begins() {
    let playbook = playbook(&every_shape());
    let steps = map(&playbook, "workflow");
    let conditions: Vec<_> = steps.iter().filter(|(_, step)| step["type"] == "if-condition").collect();
    let [(id, condition)] = conditions[..] else {
        panic!("one step is the management's to decide: {conditions:?}")
    };
    let asks = steps.values().find(|step| step["on_completion"] == **id).unwrap();
    let agent = asks["agent"].as_str().unwrap();
    assert_eq!(playbook["agent_definitions"][agent]["name"], "Management");
    let variable = asks["out_args"][0].as_str().unwrap();
    assert_eq!(condition["condition"], format!("{variable}:value = true"));
    assert_eq!(playbook["playbook_variables"][variable]["value"], "false", "nobody has said yes");
    let work = &steps[condition["on_true"].as_str().unwrap()];
    let agent = work["agent"].as_str().unwrap();
    assert_eq!(playbook["agent_definitions"][agent]["name"], "Exchange administrator");
}

#[test]
fn only_steps_that_wait_for_none_of_each_other_stand_side_by_side() {
    let playbook = playbook(&every_shape());
    let steps = map(&playbook, "workflow");
    let parallel: Vec<_> = steps.values().filter(|step| step["type"] == "parallel").collect();
    let branches: Vec<_> = parallel.iter().map(|step| texts(step, "next_steps").len()).collect();
    assert_eq!(branches, [3], "the rotation that was there, a and b; c waits for a");
}

#[test]
fn hostile_text_is_visible_in_a_playbook() {
    let text = text_of(&sample::result(), Lang::En);
    assert!(!text.contains("\\u001b") && !text.contains('\u{202e}'), "{text}");
    assert!(text.contains(r"\\u{202e}"), "the subject of a step is shown");
}
