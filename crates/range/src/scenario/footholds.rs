//! What a patch leaves behind beside web shells, by where it is planted.

use super::table::{PAGE, break_in, broken_into};
use crate::attack::{foothold, viewstate};
use crate::calendar::{SECOND, at};
use crate::logs::safety_scanner;
use crate::served;
use crate::server::Server;
use crate::truth::ServerTruth;
use afterpatch_model::{Grade, Phase, Verdict};

/// When the intruder comes back to plant something.
const BACK: &str = "2021-03-02T06:30:00Z";

pub(super) fn in_iis(server: &mut Server) {
    break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
    foothold::plant_in_iis(server, at(BACK));
}

pub(super) fn in_iis_truth() -> Vec<ServerTruth> {
    let truth = broken_into("MX1", PAGE)
        .finds_at("web-server-component", Grade::Persists, "httpcachemodule2")
        .finds_at("web-server-component", Grade::Persists, "httplogmodule")
        .finds_at("web-server-component", Grade::Persists, "status")
        .finds_at("web-server-component", Grade::Persists, "pictures")
        .finds_at("served-folder", Grade::Persists, "aspnet")
        .finds_at("request-rewrite", Grade::Persists, "static");
    vec![truth]
}

pub(super) fn in_exchange(server: &mut Server) {
    break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
    foothold::plant_in_exchange(server, at(BACK));
}

pub(super) fn in_exchange_truth() -> Vec<ServerTruth> {
    let truth = broken_into("MX1", PAGE)
        .finds_at("transport-agent", Grade::Persists, "header agent")
        .finds_at("mail-rights", Grade::Executed, "sync")
        .finds_at("mail-rights", Grade::Executed, "helpdesk2")
        .finds_at("mail-rights", Grade::Executed, "svc-sync")
        .finds_at("mail-forwarding", Grade::Executed, "a.tanaka: .")
        .finds_at("mail-forwarding", Grade::Executed, "backup copy")
        .finds_at("password-capture", Grade::Persists, "flogon.js");
    vec![truth]
}

pub(super) fn in_windows(server: &mut Server) {
    break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
    foothold::plant_in_windows(server, at(BACK));
}

pub(super) fn in_windows_truth() -> Vec<ServerTruth> {
    let truth = broken_into("MX1", PAGE)
        .finds_at("scheduled-task", Grade::Persists, "winnet")
        .finds_at("service", Grade::Executed, "cw")
        .finds_at("wmi-subscription", Grade::Executed, "sync")
        .finds_at("account-made", Grade::Executed, "helpdesk2")
        .finds_at("remote-tool", Grade::Executed, "anydesk")
        // The installed service lies in a public folder, which a rule about commands from afar meets too.
        .finds("remote-control", Grade::Executed);
    vec![truth]
}

pub(super) fn in_registry(server: &mut Server) {
    break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
    foothold::plant_in_registry(server, at(BACK));
}

pub(super) fn in_registry_truth() -> Vec<ServerTruth> {
    let truth = broken_into("MX1", PAGE)
        .finds_at("run-key", Grade::Persists, "updater")
        .finds_at("debugger", Grade::Persists, "sethc.exe")
        .finds_at("service", Grade::Persists, "cw")
        .finds_at("logon-package", Grade::Persists, "pwdtell")
        .finds_at("remote-tool", Grade::Attempted, "teamviewer");
    vec![truth]
}

pub(super) fn in_keys(server: &mut Server) {
    break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
    foothold::plant_keys(server, at(BACK));
    viewstate::send(server, at("2021-03-05T22:31:00Z"));
    let tool = ("HackTool:Win32/Example.A", r"C:\ProgramData\tool.exe");
    safety_scanner::write(server, at("2021-03-05T23:10:00Z"), Some(tool));
}

pub(super) fn in_keys_truth() -> Vec<ServerTruth> {
    let truth = broken_into("MX1", PAGE)
        .finds_at("machine-key", Grade::Persists, "sha256:6d60845874ad370b")
        .finds("view-state", Grade::Reached)
        .finds("viewstate-deserialisation", Grade::Executed)
        .finds_at("cloud-credential", Grade::Executed, "sync service")
        .finds_at("malware-met", Grade::Executed, "tool.exe");
    vec![truth]
}

pub(super) fn changed(server: &mut Server) {
    foothold::plant_one_key(server, at(BACK));
    if server.plan.name == "MX1" {
        let start = at("2021-03-02T04:12:00.418Z");
        break_in(server, start, PAGE, true);
        foothold::change_what_is_there(server, at(BACK), start.plus(12 * SECOND));
    }
}

pub(super) fn changed_truth() -> Vec<ServerTruth> {
    let first = broken_into("MX1", PAGE)
        .finds("virtual-directory-script", Grade::Persists)
        .finds_at("machine-key", Grade::Persists, "sha256:")
        .finds_at("modified-page", Grade::Attempted, "errorfe.aspx")
        .finds_at("mail-rights", Grade::Persists, "sync");
    let second = ServerTruth::new("MX2", Verdict::Yes, Verdict::CannotTell, Verdict::Likely)
        .finds_at("machine-key", Grade::Persists, "sha256:")
        .tells(&[Phase::Foothold]);
    vec![first, second]
}

pub(super) fn out_of_place(server: &mut Server) {
    break_in(server, at("2021-03-02T04:12:00.418Z"), PAGE, true);
    foothold::plant_a_tool(server, at(BACK));
    let own = r"C:\Program Files\Example Monitor\web\list.aspx";
    served::write_folder_list(server, at("2021-02-10T09:00:00Z"), own);
}

pub(super) fn out_of_place_truth() -> Vec<ServerTruth> {
    vec![broken_into("MX1", PAGE).finds_at("web-shell", Grade::Persists, "list.aspx").finds_at(
        "dual-use-page",
        Grade::Attempted,
        "list.aspx",
    )]
}
