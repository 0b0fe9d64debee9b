//! The scenarios of other flaws than those of March 2021, and of what follows a break-in.

use super::table::{ROOT, build_15, server};
use crate::attack::{aftermath, faint, foothold, lesser, powershell, proxyshell, shell, viewstate};
use crate::calendar::{MINUTE, SECOND, at};
use crate::served;
use crate::server::{Plan, Server};
use crate::truth::ServerTruth;
use afterpatch_model::{Build, Grade, Phase, Timestamp, Verdict};

/// 2016 CU23 with the update of August 2022, the last before `ProxyNotShell` was closed.
const CU23_AUGUST: Build = build_15(1, 2507, 12);
pub(super) const CU23_OF_AUGUST_2022: &[Plan] = &[server("MX1", "10.20.0.11", ROOT, CU23_AUGUST, &[])];
/// 2016 CU14 as it came.
pub(super) const CU14: &[Plan] = &[server("MX1", "10.20.0.11", ROOT, build_15(1, 1847, 3), &[])];

/// 2016 CU22 with the update of October 2021.
pub(super) const CU22: &[Plan] = &[server("MX1", "10.20.0.11", ROOT, build_15(1, 2375, 12), &[])];
/// 2016 CU21 as it came.
pub(super) const CU21: &[Plan] = &[server("MX1", "10.20.0.11", ROOT, build_15(1, 2308, 8), &[])];
/// 2019 CU15 as it came.
pub(super) const CU15: &[Plan] = &[server("MX1", "10.20.0.11", ROOT, build_15(2, 1748, 10), &[])];

/// The page that the export writes.
const EXPORTED: &str = "k3v9x2mq.aspx";

pub(super) fn proxyshell(server: &mut Server) {
    let path = served::page_path(server, EXPORTED);
    let written = proxyshell::write_page(server, at("2021-08-10T03:40:00.231Z"), &path);
    shell::command(server, written.plus(2 * MINUTE), EXPORTED);
}

pub(super) fn proxyshell_truth() -> Vec<ServerTruth> {
    let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::Yes, Verdict::Yes)
        .finds("proxyshell", Grade::Executed)
        .finds("proxynotshell", Grade::Attempted)
        .finds("web-server-command", Grade::Executed)
        .finds_at("web-shell", Grade::Persists, EXPORTED)
        .tells(&[Phase::Entry, Phase::Execution, Phase::Foothold, Phase::Use]);
    vec![truth]
}

pub(super) fn owassrf(server: &mut Server) {
    powershell::refused(server, at("2022-10-04T02:10:00Z"));
    powershell::through_owa(server, at("2022-12-07T01:20:00Z"));
    aftermath::dump_passwords(server, at("2022-12-07T01:35:00Z"));
}

pub(super) fn owassrf_truth() -> Vec<ServerTruth> {
    let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::Yes, Verdict::CannotTell)
        .has_flaws(&["CVE-2022-41040", "CVE-2022-41080", "CVE-2022-41082"])
        .finds("proxynotshell", Grade::Attempted)
        .finds("owassrf", Grade::Executed)
        .finds("powershell-deserialisation", Grade::Executed)
        .finds("web-server-command", Grade::Executed)
        .finds("remote-control", Grade::Executed)
        .finds("credential-theft", Grade::Executed)
        .tells(&[Phase::Entry, Phase::Execution, Phase::Theft]);
    vec![truth]
}

pub(super) fn viewstate(server: &mut Server) {
    viewstate::send(server, at("2020-03-09T23:04:00Z"));
}

pub(super) fn viewstate_truth() -> Vec<ServerTruth> {
    let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::Yes, Verdict::CannotTell)
        .has_flaws(&["CVE-2020-0688"])
        .finds("viewstate-deserialisation", Grade::Executed)
        .finds("web-server-command", Grade::Executed)
        .tells(&[Phase::Entry, Phase::Execution]);
    vec![truth]
}

pub(super) fn get_app(server: &mut Server) {
    served::bring_later_pages(server, at("2021-10-12T20:00:00Z"));
    faint::read_crafted_add_ins(server, at("2021-11-20T05:00:00Z"));
    foothold::plant_among_later_pages(server, at("2021-11-20T05:20:00Z"));
}

pub(super) fn get_app_truth() -> Vec<ServerTruth> {
    let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::Yes, Verdict::CannotTell)
        .has_flaws(&["CVE-2021-42321"])
        .finds("get-app", Grade::Executed)
        .finds("web-server-command", Grade::Executed)
        .finds_at("foreign-script", Grade::Attempted, "status.aspx")
        .finds_at("modified-page", Grade::Attempted, "signout.aspx")
        .tells(&[Phase::Entry, Phase::Execution]);
    vec![truth]
}

pub(super) fn relay(server: &mut Server) {
    faint::relay_logon(server, at("2021-07-20T10:00:00Z"));
}

pub(super) fn relay_truth() -> Vec<ServerTruth> {
    let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::Likely, Verdict::CannotTell)
        .has_flaws(&["CVE-2021-33768"])
        .finds("ntlm-relay", Grade::Reached)
        .tells(&[Phase::Entry]);
    vec![truth]
}

pub(super) fn hybrid(server: &mut Server) {
    served::bring_later_pages(server, at("2025-06-10T20:00:00Z"));
    faint::take_certificate(server, at("2025-08-12T02:00:00Z"));
}

pub(super) fn hybrid_truth() -> Vec<ServerTruth> {
    let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::CannotTell, Verdict::CannotTell)
        .has_flaws(&["CVE-2025-53786"])
        .finds("hybrid-impersonation", Grade::Attempted);
    vec![truth]
}

pub(super) fn lesser_ways(server: &mut Server) {
    lesser::try_all(server, at("2021-03-02T03:10:00Z"));
    lesser::start_by_assistant(server, at("2021-03-03T01:00:00Z"));
    lesser::send_script(server, at("2021-03-03T02:00:00Z"));
}

pub(super) fn lesser_ways_truth() -> Vec<ServerTruth> {
    let truth = ServerTruth::new("MX1", Verdict::Yes, Verdict::Yes, Verdict::CannotTell)
        .finds("proxytoken", Grade::Executed)
        .finds("mail-forwarding", Grade::Executed)
        .finds("proxyoracle", Grade::Attempted)
        .finds("policy-template", Grade::Attempted)
        .finds("april-2021", Grade::Attempted)
        .finds("mailbox-assistant", Grade::Executed)
        .finds("owa-script", Grade::Attempted)
        .tells(&[Phase::Entry, Phase::Execution]);
    vec![truth]
}

/// Takes passwords, packs and fetches them, and covers the tracks.
pub(super) fn take_and_cover(server: &mut Server, start: Timestamp) {
    aftermath::dump_passwords(server, start);
    aftermath::pack_and_fetch(server, start.plus(10 * MINUTE));
    aftermath::cover_tracks(server, start.plus(20 * MINUTE + 5 * SECOND));
}

/// Adds to the truth of a break-in what [`take_and_cover`] did.
pub(super) fn took_and_covered(truth: ServerTruth) -> ServerTruth {
    truth
        .left(Verdict::Yes)
        .finds("credential-theft", Grade::Executed)
        .finds("staging", Grade::Executed)
        .finds("log-tampering", Grade::Executed)
        .tells(&Phase::ALL)
}
