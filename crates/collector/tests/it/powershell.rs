//! The script, parsed by a grammar. It was never run: there is no Windows here.

use crate::support::{assert_same_as_guides, one_file};
use afterpatch_collector::Collector;
use afterpatch_ingest::{Limits, OpenCollection, Passwords};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use tree_sitter::{Node, Parser, Tree};

/// The commands of PowerShell that the script may call: they read, compute, talk, or make a folder.
const COMMANDS: [&str; 13] = [
    "Add-Type",
    "ConvertTo-Csv",
    "Get-FileHash",
    "Get-ItemProperty",
    "Join-Path",
    "New-Item",
    "New-Object",
    "Set-StrictMode",
    "Sort-Object",
    "Test-Path",
    "Write-Host",
    "(Join-Path $system 'reg.exe')",
    "(Join-Path $system 'wevtutil.exe')",
];

/// The methods that it may call. `Open` is looked at by a test of its own; `Write`, `WriteLine` and `CreateEntry`
/// belong to what `Open` gave.
const METHODS: [&str; 30] = [
    "Add",
    "CreateEntry",
    "Dispose",
    "ExpandEnvironmentVariables",
    "GetBaseException",
    "GetCurrentProcess",
    "GetDirectories",
    "GetDrives",
    "GetFileName",
    "GetFileNameWithoutExtension",
    "GetFiles",
    "GetPathRoot",
    "GetUnresolvedProviderPathFromPSPath",
    "Load",
    "Min",
    "Open",
    "Read",
    "Replace",
    "SelectNodes",
    "StartNew",
    "StartsWith",
    "Substring",
    "ToLowerInvariant",
    "ToString",
    "ToUniversalTime",
    "TransformBlock",
    "TransformFinalBlock",
    "TrimEnd",
    "Write",
    "WriteLine",
];

struct Script {
    text: String,
    tree: Tree,
}

impl Script {
    fn new() -> Self {
        Self::of(one_file(Collector::PowerShell).text)
    }

    fn of(text: String) -> Self {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
        let tree = parser.parse(&text, None).unwrap();
        Self { text, tree }
    }

    fn text(&self, node: Node<'_>) -> &str {
        &self.text[node.byte_range()]
    }

    /// Returns every node of a kind, in the order of the text.
    fn all(&self, kind: &str) -> Vec<Node<'_>> {
        within(self.tree.root_node(), kind)
    }

    /// Returns the tables with names, each with its keys and values as they are written.
    fn tables(&self) -> Vec<Vec<(&str, &str)>> {
        let entry = |entry: Node<'_>| {
            let key = within(entry, "key_expression")[0].byte_range();
            let value = children(entry).pop().unwrap();
            (&self.text[key], &self.text[value.byte_range()])
        };
        let table = |table: Node<'_>| {
            let body = within(table, "hash_literal_body")[0];
            children(body).into_iter().filter(|node| node.kind() == "hash_entry").map(entry).collect()
        };
        self.all("hash_literal_expression").into_iter().map(table).collect()
    }

    /// Returns the keys of the one table that has a key.
    fn columns(&self, key: &str) -> Vec<&str> {
        let tables = self.tables();
        let mut found = tables.iter().filter(|table| table.iter().any(|(own, _)| *own == key));
        let table = found.next_back().unwrap();
        table.iter().map(|(key, _)| *key).collect()
    }
}

fn within<'t>(node: Node<'t>, kind: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        if node.kind() == kind {
            found.push(node);
        }
        left.extend(children(node).into_iter().rev());
    }
    found
}

fn around(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    std::iter::successors(node.parent(), Node::parent)
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

#[test]
fn the_script_is_powershell() {
    assert!(!Script::new().tree.root_node().has_error());
    // The grammar does tell what is none.
    assert!(Script::of("function Get-It { if ($x { 1 }".to_owned()).tree.root_node().has_error());
}

#[test]
fn every_location_of_every_guide_is_collected_and_nothing_else() {
    let script = Script::new();
    let bare = |text: &str| text.trim_matches('\'').to_owned();
    let rows: Vec<(String, String)> = script
        .tables()
        .iter()
        .filter(|table| table.iter().any(|(key, _)| *key == "Mask"))
        .map(|table| {
            let table: BTreeMap<&str, &str> = table.iter().copied().collect();
            assert!(
                ["$true", "$false"].contains(&table["Dated"]) && ["$true", "$false"].contains(&table["Raw"])
            );
            (bare(table["Root"]), bare(table["Mask"]))
        })
        .collect();
    assert_same_as_guides(&rows);
}

#[test]
fn each_root_of_the_table_is_looked_for() {
    let script = Script::new();
    let found = script.columns("Served");
    for table in script.tables() {
        for (key, value) in table {
            assert!(key != "Root" || found.contains(&value.trim_matches('\'')), "{value}");
        }
    }
}

#[test]
fn only_commands_that_read_are_called() {
    let script = Script::new();
    let own: BTreeSet<&str> = script.all("function_name").iter().map(|name| script.text(*name)).collect();
    let called = script.all("command_name").into_iter().chain(script.all("command_name_expr"));
    for name in called.map(|name| script.text(name)) {
        assert!(own.contains(name) || COMMANDS.contains(&name), "{name}");
    }
    for name in own {
        assert!(script.text.matches(name).count() > 1, "{name} is never called");
    }
}

#[test]
fn programs_only_export() {
    let script = Script::new();
    let of_programs = |name: &str| -> Vec<&str> {
        let commands = script.all("command").into_iter().map(|command| script.text(command));
        commands.filter(|command| command.starts_with('&') && command.contains(name)).collect()
    };
    assert_eq!(of_programs("reg.exe"), ["& (Join-Path $system 'reg.exe') save $key $target 2>&1"]);
    assert_eq!(
        of_programs("wevtutil.exe"),
        ["& (Join-Path $system 'wevtutil.exe') epl $channel $target 2>&1"]
    );
    assert_eq!(script.all("command_invokation_operator").len(), 2);
    // Hives with the passwords of accounts are refused, and named nowhere else.
    assert_eq!(script.text.matches(r"HKLM\SAM").count(), 1);
    assert!(script.text.contains(r"if ($key -notin 'HKLM\SAM', 'HKLM\SECURITY') { return $key }"));
}

/// A locked log of a hive that is exported is neither exported itself nor missing.
#[test]
fn logs_of_exported_hives_are_passed_over_before_anything_is_missing() {
    let script = Script::new();
    let copy = script.all("function_statement").into_iter().map(|function| script.text(function));
    let copy = copy.filter(|function| function.starts_with("function Copy-File")).collect::<String>();
    let steps = [
        "Test-LogOfHive $File.FullName",
        "return",
        "Export-Locked $File.FullName",
        "throw $reason",
        "Add-Missing",
    ];
    let places: Vec<_> = steps.iter().map(|step| copy.find(step)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {copy}");
}

#[test]
fn only_methods_that_read_are_called_and_new_files_are_made() {
    let script = Script::new();
    for call in script.all("invokation_expression") {
        let name = within(call, "member_name").into_iter().find(|name| name.parent() == Some(call)).unwrap();
        assert!(METHODS.contains(&script.text(name)), "{}", script.text(call));
    }
    let opened = script.all("invokation_expression").into_iter().map(|call| script.text(call));
    let opened: Vec<&str> = opened.filter(|call| call.starts_with("[IO.File]::")).collect();
    assert_eq!(opened.len(), 2);
    for call in opened {
        let reads = call.contains("[IO.FileMode]::Open,") && call.contains("[IO.FileAccess]::Read,");
        let makes = call.contains("[IO.FileMode]::CreateNew,");
        assert!(reads || makes, "{call}");
    }
    let items = script.all("command").into_iter().map(|command| script.text(command));
    assert!(
        items.filter(|item| item.starts_with("New-Item")).all(|item| item.contains("-ItemType Directory"))
    );
    for redirection in script.all("redirection") {
        assert_eq!(script.text(redirection), "2>&1");
    }
}

#[test]
fn a_list_writes_nothing() {
    let script = Script::new();
    let outside_functions = |node: &Node<'_>| around(*node).all(|outer| outer.kind() != "function_statement");
    let writes = |node: &Node<'_>| ["New-Item", "Write-Zip"].contains(&script.text(*node));
    let commands: Vec<Node<'_>> =
        script.all("command_name").into_iter().filter(outside_functions).filter(writes).collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let mut ifs = around(command).filter(|outer| outer.kind() == "if_statement");
        assert!(ifs.any(|outer| script.text(outer).starts_with("if (-not $ListOnly)")));
    }
}

#[test]
fn types_are_made_that_cannot_do_harm() {
    let script = Script::new();
    let made = script.all("command").into_iter().map(|command| script.text(command));
    for command in made.filter(|command| command.starts_with("New-Object ")) {
        let known = [
            "System.Collections.Generic.",
            "System.IO.Compression.ZipArchive",
            "System.IO.DirectoryInfo",
            "System.IO.DriveInfo",
            "System.IO.StreamWriter ($Zip.",
            "System.Security.Cryptography.SHA",
            "System.Xml.XmlDocument",
            "byte[]",
        ];
        let name = command.trim_start_matches("New-Object ").trim_start_matches('\'');
        assert!(known.iter().any(|known| name.starts_with(known)), "{command}");
    }
}

#[test]
fn lines_end_as_notepad_wants_them() {
    let text = Script::new().text;
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

/// Writes what the script would write of one file and one failure, by the columns that stand in the script.
fn as_the_script_writes(script: &Script) -> tempfile::NamedTempFile {
    let values: BTreeMap<&str, &str> = BTreeMap::from([
        ("SourceFile", r"E:\Exchange2016\FrontEnd\HttpProxy\owa\auth\x.aspx"),
        (
            "DestinationFile",
            r"F:\evidence\MX1-20210305-101500.zip\E\Exchange2016\FrontEnd\HttpProxy\owa\auth\x.aspx",
        ),
        ("SourceFileSha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("CreatedOnUtc", "2021-03-02T01:02:03.1234567Z"),
        ("ModifiedOnUtc", "2021-03-03T01:02:03.1234567Z"),
    ]);
    let csv = |columns: &[&str], values: &BTreeMap<&str, &str>| {
        let quoted = |text: &str| format!("\"{text}\"");
        let head: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let cells = columns.iter().map(|column| quoted(values.get(column).copied().unwrap_or_default()));
        format!("{}\r\n{}\r\n", head.join(","), cells.collect::<Vec<_>>().join(","))
    };
    let failure = BTreeMap::from([("SourceFile", r"E:\a.evtx"), ("Reason", "in use")]);
    let files = [
        ("E/Exchange2016/FrontEnd/HttpProxy/owa/auth/x.aspx", "<% %>".to_owned()),
        ("20210305-101500_Afterpatch_CopyLog.csv", csv(&script.columns("CopyDuration"), &values)),
        ("20210305-101500_Afterpatch_SkipLog.csv", csv(&script.columns("Reason"), &failure)),
        (
            "20210305-101500_Afterpatch_ConsoleLog.txt",
            "[x] afterpatch, Machine name: MX1, since\r\n".to_owned(),
        ),
    ];
    let file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
    for (name, text) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    file
}

#[test]
fn what_the_script_writes_is_read_again_with_times_host_and_failures() {
    let script = Script::new();
    for mark in ["'CopyLog.csv'", "'SkipLog.csv'", "'ConsoleLog.txt'", "Machine name: $env:COMPUTERNAME,"] {
        assert!(script.text.contains(mark), "{mark}");
    }
    let file = as_the_script_writes(&script);
    let opened = afterpatch_ingest::open(file.path(), &Limits::default(), &Passwords::default()).unwrap();
    let collection: &dyn OpenCollection = opened[0].as_ref();
    assert_eq!(collection.layout(), "kape");
    assert_eq!(collection.declared_hosts(), [(String::new(), "MX1".to_owned())]);
    let entry = collection.entries().iter().find(|entry| entry.path.ends_with("x.aspx")).unwrap();
    assert_eq!(entry.path, r"E:\Exchange2016\FrontEnd\HttpProxy\owa\auth\x.aspx");
    assert_eq!(entry.modified.unwrap().to_string(), "2021-03-03T01:02:03.1234567Z");
    assert_eq!(entry.created.unwrap().to_string(), "2021-03-02T01:02:03.1234567Z");
    assert!(entry.declared.is_some(), "the hash is checked when the file is read");
    let failures: Vec<&str> = collection.problems().iter().map(|problem| problem.detail.as_str()).collect();
    assert_eq!(failures, ["in use"]);
}
