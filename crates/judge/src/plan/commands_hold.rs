//! The commands that the plan prints: they read as PowerShell once they are filled in, none runs before that, and none
//! changes anything without asking where its cmdlet can ask.

use super::response::{RESPONSE, Step};
use afterpatch_model::{Command, Shell};
use regex::Regex;
use std::collections::BTreeSet;
use tree_sitter::{Node, Parser};

/// What a person must fill in.
const PLACEHOLDER: &str = "<[A-Z0-9.-]+>";

/// Cmdlets that change things and know neither `-WhatIf` nor `-Confirm`.
const CANNOT_ASK: [&str; 1] = ["Stop-WebAppPool"];

/// The verbs of cmdlets that only read, or that do to what is piped to them nothing that lasts.
const READING: [&str; 10] =
    ["Get", "Search", "Select", "Sort", "Format", "Where", "Compare", "Export", "Invoke", "Start"];

fn commands() -> impl Iterator<Item = (&'static Step, &'static Command)> {
    RESPONSE.steps.iter().flat_map(|step| step.commands.iter().map(move |command| (step, command)))
}

fn parse_errors(text: &str) -> bool {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    parser.parse(text, None).unwrap().root_node().has_error()
}

/// Fills every placeholder with what a person may put there.
fn filled(text: &str) -> String {
    Regex::new(PLACEHOLDER).unwrap().replace_all(text, "C:x").into_owned()
}

/// Returns the cmdlets that a command calls, such as `Get-Item`.
fn cmdlets(text: &str) -> BTreeSet<String> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let text = filled(text);
    let tree = parser.parse(&text, None).unwrap();
    let mut found = BTreeSet::new();
    let mut open: Vec<Node<'_>> = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        if node.kind() == "command_name" {
            found.insert(text[node.byte_range()].to_owned());
        }
        open.extend((0..node.child_count()).filter_map(|at| node.child(at)));
    }
    found
}

#[test]
fn commands_read_as_powershell_once_they_are_filled_in() {
    assert!(commands().count() > 60);
    for (step, command) in commands() {
        assert!(!parse_errors(&filled(&command.text)), "{}: {}", step.id, command.text);
    }
    assert!(parse_errors("Get-Item -Path (C:x"), "a parser that takes everything shows nothing");
}

/// `<` is reserved in PowerShell and takes input from a file in the command prompt: neither runs a command that has one.
#[test]
fn no_command_runs_before_it_is_filled_in() {
    let placeholder = Regex::new(PLACEHOLDER).unwrap();
    let quoted = Regex::new(r#"'[^']*'|"[^"]*""#).unwrap();
    for (step, command) in commands() {
        let bare = quoted.replace_all(&command.text, "''");
        assert!(placeholder.is_match(&bare), "{}: {}", step.id, command.text);
        let left = placeholder.replace_all(&command.text, "");
        assert!(!left.contains(['<', '>']), "{}: {}", step.id, command.text);
        assert!(!command.text.contains('\n'), "{}: one line at a time", step.id);
    }
}

#[test]
fn what_changes_things_asks_first() {
    for (step, command) in commands() {
        let asks = command.text.contains("-Confirm") || command.text.contains("-WhatIf");
        let changing: Vec<_> = cmdlets(&command.text)
            .into_iter()
            .filter(|cmdlet| cmdlet.contains('-') && !cmdlet.contains(['\\', '.']))
            .filter(|cmdlet| !READING.contains(&cmdlet.split('-').next().unwrap()))
            .collect();
        let can_ask = changing.iter().any(|cmdlet| !CANNOT_ASK.contains(&cmdlet.as_str()));
        assert!(asks || !can_ask, "{}: {}", step.id, command.text);
        assert!(changing.is_empty() || !command.reads_only, "{}: {} is no reading", step.id, command.text);
        assert!(!command.text.contains("-Confirm:$false") && !command.text.contains("-Force"), "{}", step.id);
    }
}

#[test]
fn only_setup_and_installers_need_the_command_prompt() {
    for (step, command) in commands().filter(|(_, command)| command.shell == Shell::Cmd) {
        let program = command.text.split(' ').next().unwrap().to_lowercase();
        let known = ["setup.exe", "setup.com", "msiexec.exe"].iter().any(|name| program.ends_with(name));
        assert!(known && !command.reads_only, "{}: {}", step.id, command.text);
    }
}

#[test]
fn a_step_that_changes_nothing_has_no_command_that_does() {
    for (step, command) in commands() {
        assert!(step.changes_things || command.reads_only, "{}: {}", step.id, command.text);
    }
}
