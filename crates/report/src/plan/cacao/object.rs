//! The objects of a playbook, as far as a plan needs them. Names and order are the specification's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A playbook (section 3).
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the specification names them")]
pub(super) struct Playbook {
    pub(super) r#type: &'static str,
    pub(super) spec_version: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) playbook_types: BTreeSet<&'static str>,
    pub(super) playbook_activities: BTreeSet<&'static str>,
    pub(super) playbook_processing_summary: Summary,
    pub(super) created_by: String,
    pub(super) created: String,
    pub(super) modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) external_references: Vec<ExternalReference>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) playbook_variables: BTreeMap<String, Variable>,
    pub(super) workflow_start: String,
    pub(super) workflow: BTreeMap<String, WorkflowStep>,
    pub(super) agent_definitions: BTreeMap<String, AgentTarget>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) target_definitions: BTreeMap<String, AgentTarget>,
}

/// What a machine must be able to do (section 10.14).
#[derive(Serialize)]
pub(super) struct Summary {
    pub(super) manual_playbook: bool,
    pub(super) parallel_processing: bool,
    pub(super) if_logic: bool,
}

/// A page elsewhere (section 10.9).
#[derive(Serialize)]
pub(super) struct ExternalReference {
    pub(super) name: String,
    pub(super) url: String,
}

/// What is found out on the way (section 10.18).
#[derive(Serialize)]
pub(super) struct Variable {
    r#type: &'static str,
    description: String,
    value: &'static str,
    constant: bool,
}

impl Variable {
    /// A question that nobody has answered with yes yet.
    pub(super) fn undecided(question: &str) -> Self {
        Self { r#type: "bool", description: question.to_owned(), value: "false", constant: false }
    }
}

/// A step of any type (section 4); each type has some of the properties.
#[derive(Serialize, Default)]
pub(super) struct WorkflowStep {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) external_references: Vec<ExternalReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_completion: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) commands: Vec<Command>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) targets: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) out_args: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) next_steps: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_true: Option<String>,
}

impl WorkflowStep {
    /// Begins a step of that type.
    pub(super) fn of(r#type: &'static str) -> Self {
        Self { r#type, ..Self::default() }
    }
}

/// A command (section 5).
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the specification names them")]
pub(super) struct Command {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    playbook_activity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command_b64: Option<String>,
}

impl Command {
    /// What a person is to do, in words.
    pub(super) fn manual(text: &str, playbook_activity: &'static str) -> Self {
        let command = Some(text.to_owned());
        Self { r#type: "manual", description: None, playbook_activity, command, command_b64: None }
    }

    /// What is typed into a shell. Where quotes or line ends are part of it, the standard wants base64.
    pub(super) fn typed(
        r#type: &'static str,
        text: &str,
        description: &str,
        playbook_activity: &'static str,
    ) -> Self {
        let is_simple = !text.contains(['"', '\'', '\n', '\r', '\t']);
        Self {
            r#type,
            description: Some(description.to_owned()),
            playbook_activity,
            command: is_simple.then(|| text.to_owned()),
            command_b64: (!is_simple).then(|| STANDARD.encode(text)),
        }
    }

    /// Tells whether a person carries it out.
    pub(super) fn is_manual(&self) -> bool {
        self.r#type == "manual"
    }
}

/// Who does something, or on what it is done (section 7).
#[derive(Serialize)]
pub(super) struct AgentTarget {
    r#type: &'static str,
    name: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    address: BTreeMap<&'static str, Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    category: Vec<&'static str>,
}

impl AgentTarget {
    /// People of one duty.
    pub(super) fn group(name: &str) -> Self {
        Self { r#type: "group", name: name.to_owned(), address: BTreeMap::new(), category: Vec::new() }
    }

    /// A server, by its name.
    pub(super) fn server(name: &str) -> Self {
        Self {
            r#type: "net-address",
            name: name.to_owned(),
            address: BTreeMap::from([("dname", vec![name.to_owned()])]),
            category: vec!["server", "os-windows"],
        }
    }
}
