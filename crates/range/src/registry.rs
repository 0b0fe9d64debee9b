//! The registry of a server: what starts by itself, and what takes part in logons.

use crate::calendar::at;
use crate::hive::{self, Data, Key, Lists};
use crate::hive_log;
use crate::server::Server;
use afterpatch_model::Timestamp;

/// A hive of the machine, by its file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hive {
    Software,
    System,
}

/// What a value holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    Text(&'static str),
    List(&'static [&'static str]),
    Number(u32),
}

/// A value: its hive, the path of its key, its name, and what it holds.
pub(crate) type Setting = (Hive, &'static str, &'static str, Value);

const RUN: &str = r"Microsoft\Windows\CurrentVersion\Run";
const WINLOGON: &str = r"Microsoft\Windows NT\CurrentVersion\Winlogon";
const LSA: &str = r"ControlSet001\Control\Lsa";
const SCANNER: &str = r"ControlSet001\Services\Example Scan";
const SUPPORT: &str = r"ControlSet001\Services\TeamViewer";

/// What every server of the organisation has: each is the twin of a foothold.
const OWN: &[Setting] = &[
    (Hive::Software, RUN, "Example Scan", Value::Text(r#""C:\Program Files\Example Scan\tray.exe" /hidden"#)),
    (Hive::Software, WINLOGON, "Userinit", Value::Text(r"C:\Windows\system32\userinit.exe,")),
    (Hive::Software, WINLOGON, "Shell", Value::Text("explorer.exe")),
    (
        Hive::Software,
        r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\example.exe",
        "Debugger",
        Value::Text(r"C:\Program Files\Example Debugger\attach.exe -p"),
    ),
    (Hive::System, "Select", "Current", Value::Number(1)),
    (Hive::System, LSA, "Authentication Packages", Value::List(&["msv1_0"])),
    (Hive::System, LSA, "Notification Packages", Value::List(&["scecli", "rassfm"])),
    (Hive::System, LSA, "Security Packages", Value::List(&["\"\""])),
    (Hive::System, SCANNER, "ImagePath", Value::Text(r#""C:\Program Files\Example Scan\scan.exe" -s"#)),
    (Hive::System, SCANNER, "Start", Value::Number(2)),
    (
        Hive::System,
        SUPPORT,
        "ImagePath",
        Value::Text(r#""C:\Program Files\TeamViewer\TeamViewer_Service.exe""#),
    ),
    (Hive::System, SUPPORT, "Start", Value::Number(2)),
];

/// A command prompt in place of what five strokes of a key start before anybody has logged on.
pub(crate) const DEBUGGER: Setting = (
    Hive::Software,
    r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\sethc.exe",
    "Debugger",
    Value::Text(r"C:\Windows\System32\cmd.exe"),
);

/// What an intruder sets.
pub(crate) const PLANTED: &[Setting] = &[
    (Hive::Software, RUN, "Updater", Value::Text(r"C:\Users\Public\upd.exe")),
    DEBUGGER,
    (Hive::System, LSA, "Notification Packages", Value::List(&["scecli", "rassfm", "pwdtell"])),
    (Hive::System, r"ControlSet001\Services\cw", "ImagePath", Value::Text(r"C:\Users\Public\cw.exe")),
    (Hive::System, r"ControlSet001\Services\cw", "Start", Value::Number(2)),
];

/// When the organisation set up its servers.
fn since() -> Timestamp {
    at("2020-09-21T08:40:00Z")
}

/// Leaves the hives of the machine as they are from `time` on, with `planted` in them or in place of what was there.
///
/// What was planted stands in a transaction log: the server has not yet written it into the hive.
pub(crate) fn write(server: &mut Server, time: Timestamp, planted: &[Setting]) {
    for (hive, file) in [(Hive::Software, "SOFTWARE"), (Hive::System, "SYSTEM")] {
        let path = format!(r"C:\Windows\System32\config\{file}");
        let planted: Vec<_> = planted.iter().filter(|(of, ..)| *of == hive).collect();
        let own = bytes(server, hive, &[], time);
        if planted.is_empty() {
            server.tree.file(path, own, time);
        } else {
            let in_use = hive_log::in_use(&own, &[&bytes(server, hive, &planted, time)]);
            server.tree.file(format!("{path}.LOG1"), in_use.log, time);
            server.tree.file(format!("{path}.LOG2"), Vec::new(), time);
            server.tree.file(path, in_use.hive, time);
        }
    }
}

/// Writes one hive with these settings in it, or in place of the server's own.
fn bytes(server: &Server, hive: Hive, planted: &[&Setting], time: Timestamp) -> Vec<u8> {
    let mut root = Key::new("ROOT");
    if hive == Hive::System {
        let key = r"ControlSet001\Control\ComputerName\ComputerName";
        root.text(key, "ComputerName", server.plan.name);
    }
    let is_planted = |(_, key, name, _): &&Setting| {
        planted.iter().any(|(_, planted, value, _)| planted == key && value == name)
    };
    let own = OWN.iter().filter(|(of, ..)| *of == hive).filter(|setting| !is_planted(setting));
    let all = own.map(|setting| (setting, since())).chain(planted.iter().map(|setting| (*setting, time)));
    for ((_, key, name, value), time) in all {
        root.set(key, name, data(*value)).at(key).written = Some(time);
    }
    hive::write(&root, Lists::Lh, time).bytes
}

fn data(value: Value) -> Data {
    match value {
        Value::Text(text) => Data::Text(text.to_owned()),
        Value::List(items) => Data::List(items.iter().map(|item| (*item).to_owned()).collect()),
        Value::Number(number) => Data::Dword(number),
    }
}
