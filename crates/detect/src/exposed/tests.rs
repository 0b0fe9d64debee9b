//! The windows of exposure: small histories by hand, and any history against a slow oracle.

use super::*;
use crate::Content;
use afterpatch_model::{FlawState, NeedState, OpenBy, ServerRole};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static KNOWN: LazyLock<Knowledge> = LazyLock::new(|| Content::load(&[]).0.knowledge().clone());

type Facts = Vec<(&'static str, Vec<Map<String, Value>>)>;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { unreachable!("an object") };
    object
}

/// A sighting of MX1: when, which build, where.
fn sighting((time, build, seen_in): (&str, &str, &str), record: usize) -> Map<String, Value> {
    let time = if time.is_empty() { Value::Null } else { json!(time) };
    object(
        json!({ "time": time, "server": "MX1", "build": build, "seen_in": seen_in, "artifact": "a", "record": record }),
    )
}

fn log(time: &'static str, build: &'static str) -> (&'static str, &'static str, &'static str) {
    (time, build, "HttpProxy #Version")
}

fn sightings(seen: &[(&str, &str, &str)]) -> Facts {
    vec![("builds", seen.iter().zip(1..).map(|(seen, record)| sighting(*seen, record)).collect())]
}

fn read_facts(facts: &Facts) -> Exposed {
    let session = Session::with_facts(facts).unwrap();
    define(&session, &KNOWN).unwrap();
    read(&session, &KNOWN).unwrap()
}

fn of(seen: &[(&str, &str, &str)]) -> Exposed {
    read_facts(&sightings(seen))
}

fn flaw<'e>(exposed: &'e Exposed, cve: &str) -> Option<&'e Exposure> {
    exposed.exposure.iter().find(|flaw| flaw.cve == cve)
}

/// What holds a flaw open, from when until when: by days.
fn windows(exposed: &Exposed, cve: &str) -> Vec<(OpenBy, String, String)> {
    let day = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), Timestamp::day);
    let windows = flaw(exposed, cve).map_or(&[][..], |flaw| flaw.windows.as_slice());
    windows.iter().map(|window| (window.open_by, day(window.from), day(window.until))).collect()
}

fn window(by: OpenBy, from: &str, until: &str) -> Vec<(OpenBy, String, String)> {
    vec![(by, from.to_owned(), until.to_owned())]
}

const CHAIN: &str = "CVE-2021-26855";

#[test]
fn an_update_closes_the_window_at_its_first_sighting() {
    let exposed = of(&[
        log("2021-02-15", "15.1.2106.2"),
        log("2021-03-02", "15.1.2106.2"),
        log("2021-03-03T04:00:00Z", "15.1.2106.13"),
    ]);
    let flaw = flaw(&exposed, CHAIN).unwrap();
    assert_eq!(windows(&exposed, CHAIN), window(OpenBy::Build, "2021-02-15", "2021-03-03"));
    let only = &flaw.windows[0];
    assert_eq!((only.last_open.unwrap().day().as_str(), only.since_before), ("2021-03-02", true));
    assert_eq!((only.locator.record, only.closed.as_ref().unwrap().record), (2, 3), "the ways back");
    assert_eq!(flaw.state, FlawState::Fixed);
    let cover: Vec<_> = flaw.to_cover.iter().map(|span| (span.from.day(), span.until.to_string())).collect();
    assert_eq!(
        cover,
        [("2021-01-01".to_owned(), "2021-03-03T04:00:00Z".to_owned())],
        "open before it was seen"
    );
    assert_eq!(flaw.reasons[0].key, "build-late");
    assert_eq!((flaw.family.as_deref(), flaw.release.as_str()), (Some("ProxyLogon"), "Mar21SU"));
}

#[test]
fn an_open_build_has_no_end_and_a_fixed_one_no_window() {
    let open = of(&[log("2020-12-01", "15.1.2106.2"), log("2021-03-17", "15.1.2106.2")]);
    assert_eq!(windows(&open, CHAIN), window(OpenBy::Build, "2020-12-01", "-"));
    let open = flaw(&open, CHAIN).unwrap();
    assert_eq!((open.state, open.reasons.len()), (FlawState::Open, 0));
    assert_eq!(open.fixed_by, ["15.1.2106.13".parse().unwrap()]);
    assert!(
        flaw(&of(&[log("2021-04-01", "15.1.2507.6")]), CHAIN).is_none(),
        "a cumulative update with the fix"
    );
}

#[test]
fn what_is_first_seen_mended_was_open_before() {
    let exposed = of(&[log("2021-03-05", "15.1.2106.13"), log("2021-03-17", "15.1.2106.13")]);
    assert_eq!(windows(&exposed, CHAIN), window(OpenBy::Before, "-", "2021-03-05"));
    let flaw = flaw(&exposed, CHAIN).unwrap();
    assert_eq!(flaw.state, FlawState::Fixed);
    assert_eq!(flaw.to_cover.len(), 1);
    // CU20 brought the fix itself: whether the server is older than CU20 nobody knows.
    assert_eq!(windows(&of(&[log("2021-03-20", "15.1.2242.4")]), CHAIN), []);
}

#[test]
fn an_upgrade_to_a_cumulative_update_without_its_update_opens_again() {
    let exposed = of(&[
        log("2020-12-01", "15.1.2106.2"),
        log("2021-03-03", "15.1.2106.13"),
        log("2021-03-10", "15.1.2176.2"),
        log("2021-03-20", "15.1.2176.9"),
    ]);
    let expected = [("2020-12-01", "2021-03-03"), ("2021-03-10", "2021-03-20")];
    let expected = expected.map(|(from, until)| (OpenBy::Build, from.to_owned(), until.to_owned()));
    assert_eq!(windows(&exposed, CHAIN), expected);
    assert_eq!(flaw(&exposed, CHAIN).unwrap().to_cover.len(), 2);
}

#[test]
fn an_update_that_failed_closes_nothing_and_is_explained() {
    let exposed = of(&[
        log("2020-12-01", "15.1.2106.2"),
        log("2021-03-03", "15.1.2106.13"),
        log("2021-03-04", "15.1.2106.2"),
        log("2021-03-09", "15.1.2106.13"),
    ]);
    assert_eq!(windows(&exposed, CHAIN), window(OpenBy::Build, "2020-12-01", "2021-03-09"));
    let reason = &flaw(&exposed, CHAIN).unwrap().reasons;
    assert_eq!(reason.len(), 1);
    assert_eq!(
        (reason[0].key.as_str(), reason[0].args["older"].as_str()),
        ("build-went-back", "15.1.2106.2")
    );
    // Between two builds that stand alike nothing is to be explained.
    let alike = of(&[log("2021-03-03", "15.1.2106.8"), log("2021-03-04", "15.1.2106.2")]);
    assert_eq!(
        flaw(&alike, CHAIN).unwrap().reasons.iter().filter(|reason| reason.key != "build-late").count(),
        0
    );
}

#[test]
fn a_program_that_is_newer_than_the_logs_is_told_and_closes_nothing() {
    let exposed = of(&[log("2020-12-01", "15.1.2106.2"), ("", "15.1.2106.13", "ExSetup.exe")]);
    assert_eq!(windows(&exposed, CHAIN), window(OpenBy::Build, "2020-12-01", "-"));
    let told = flaw(&exposed, CHAIN).unwrap();
    assert_eq!((told.state, told.reasons[0].key.as_str()), (FlawState::Open, "builds-differ"));
    let older = of(&[
        log("2021-01-01", "15.1.2106.2"),
        log("2021-03-05", "15.1.2106.13"),
        ("", "15.1.2106.2", "ExSetup.exe"),
    ]);
    assert_eq!(flaw(&older, CHAIN).unwrap().state, FlawState::MaybeOpen);
    let alone = of(&[("", "15.1.2106.2", "ExSetup.exe")]);
    assert_eq!(
        windows(&alone, CHAIN),
        window(OpenBy::Build, "-", "-"),
        "where nothing else is seen, it decides"
    );
}

#[test]
fn the_registry_names_the_cumulative_update_only() {
    let key = "registry key of Exchange's setup";
    let alone = of(&[("2021-03-10", "15.1.2106.2", key)]);
    assert_eq!(windows(&alone, CHAIN), window(OpenBy::Doubt, "2021-03-10", "-"));
    assert_eq!(flaw(&alone, CHAIN).unwrap().state, FlawState::MaybeOpen);
    let beside = of(&[
        log("2021-01-01", "15.1.2106.2"),
        log("2021-03-05", "15.1.2106.13"),
        ("2021-03-10", "15.1.2106.2", key),
    ]);
    assert_eq!(windows(&beside, CHAIN), window(OpenBy::Build, "2021-01-01", "2021-03-05"));
}

#[test]
fn what_an_outsider_can_say_counts_only_where_nothing_else_is_seen() {
    let told = ("2021-03-10", "15.1.2106", "IIS OWA path");
    assert_eq!(windows(&of(&[told]), CHAIN), window(OpenBy::Doubt, "2021-03-10", "-"));
    let exposed = of(&[log("2021-03-11", "15.1.2507.6"), told]);
    assert!(flaw(&exposed, CHAIN).is_none());
}

#[test]
fn a_flaw_that_came_out_later_is_no_exposure_of_that_time() {
    let exposed = of(&[log("2021-01-01", "15.1.2106.2"), log("2021-03-17", "15.1.2106.13")]);
    let later = flaw(&exposed, "CVE-2021-34473").unwrap();
    assert_eq!((later.state, later.was_known(), later.came_out_later()), (FlawState::Open, false, true));
    assert!(later.to_cover.is_empty(), "it was first used in August");
    let then = of(&[log("2021-01-01", "15.1.2106.2"), log("2021-09-17", "15.1.2106.13")]);
    let then = flaw(&then, "CVE-2021-34473").unwrap();
    assert_eq!((then.was_known(), then.to_cover[0].from.day().as_str()), (true, "2021-08-01"));
}

#[test]
fn old_products_are_judged_too() {
    let exposed = of(&[log("2023-01-01", "14.3.123.4"), log("2023-02-01", "14.3.123.4")]);
    assert_eq!(flaw(&exposed, "CVE-2020-17144").unwrap().state, FlawState::Open);
    assert_eq!(flaw(&exposed, "CVE-2020-0688").unwrap().state, FlawState::MaybeOpen, "no source lists 2010");
    let exposed = of(&[log("2023-01-01", "15.1.225.42")]);
    let flaw = flaw(&exposed, CHAIN).unwrap();
    assert_eq!((flaw.state, flaw.fixed_by.len()), (FlawState::Open, 0), "no update was made for 2016 RTM");
}

#[test]
fn servers_keep_apart_and_exchange_online_is_none() {
    let mut facts = sightings(&[log("2021-01-01", "15.1.2106.2"), log("2021-02-01", "15.20.4052.0")]);
    let mut other = sighting(log("2021-02-01", "15.1.2507.6"), 9);
    other.insert("server".into(), json!("MX2"));
    facts[0].1.push(other);
    let exposed = read_facts(&facts);
    assert!(exposed.exposure.iter().any(|flaw| flaw.server == "MX1" && flaw.cve == CHAIN));
    assert!(!exposed.exposure.iter().any(|flaw| flaw.server == "MX2" && flaw.cve == CHAIN));
    assert_eq!(exposed.runs["MX1"].len(), 1);
}

const RELAY: &str = "CVE-2024-21410";

fn protection(time: &str, folder: &str, value: &str) -> Map<String, Value> {
    let scope = format!("Default Web Site/{folder}");
    object(json!({
        "time": time, "server": "MX1", "name": "extended_protection", "value": value, "scope": scope,
        "artifact": "b", "record": 7,
    }))
}

fn protected(settings: Vec<Map<String, Value>>) -> Exposed {
    let mut facts = sightings(&[log("2024-01-10", "15.1.2507.32"), log("2024-03-20", "15.1.2507.37")]);
    facts.push(("settings", settings));
    read_facts(&facts)
}

#[test]
fn a_build_is_not_enough_where_the_flaw_needs_more() {
    let unknown = protected(vec![]);
    let seen = flaw(&unknown, RELAY).unwrap();
    assert_eq!((seen.state, seen.needs[0].state), (FlawState::MaybeOpen, NeedState::Unknown));
    let expected = [(OpenBy::Build, "2024-01-10", "2024-03-20"), (OpenBy::Doubt, "2024-03-20", "-")];
    let expected = expected.map(|(by, from, until)| (by, from.to_owned(), until.to_owned()));
    assert_eq!(windows(&unknown, RELAY), expected);

    let missing =
        protected(vec![protection("2024-03-21", "owa", "Require"), protection("2024-03-21", "ecp", "None")]);
    let seen = flaw(&missing, RELAY).unwrap();
    assert_eq!(
        (seen.state, seen.needs[0].subjects.as_slice()),
        (FlawState::NeedsMore, &["default web site/ecp".to_owned()][..])
    );
    assert_eq!(windows(&missing, RELAY)[1].0, OpenBy::Need);
    assert_eq!(seen.windows[1].locator.record, 7, "the way back to the setting");

    let folders = ["owa", "ecp", "ews", "mapi", "oab", "rpc"];
    let everywhere = folders.map(|folder| protection("2024-03-21", folder, "Require"));
    let met = protected(everywhere.to_vec());
    assert_eq!((flaw(&met, RELAY).unwrap().state, windows(&met, RELAY).len()), (FlawState::Fixed, 1));
    let most = protected(everywhere[1..].to_vec());
    assert_eq!(flaw(&most, RELAY).unwrap().needs[0].state, NeedState::Unknown, "one folder is not told of");
    // An earlier copy of the configuration tells of earlier days.
    let mut with_history = everywhere.to_vec();
    with_history.push(protection("2023-12-01", "ecp", "None"));
    assert_eq!(flaw(&protected(with_history), RELAY).unwrap().needs[0].state, NeedState::Met);
}

#[test]
fn what_is_on_by_default_is_met_unless_it_was_turned_off() {
    let by_default = of(&[log("2024-02-20", "15.2.1544.9")]);
    assert!(flaw(&by_default, "CVE-2022-21979").is_none(), "on from CU14 on");
    let mut facts = sightings(&[log("2024-02-20", "15.2.1544.9")]);
    facts.push(("settings", vec![protection("2024-02-21", "owa", "None")]));
    let off = read_facts(&facts);
    assert_eq!(flaw(&off, "CVE-2022-21979").unwrap().state, FlawState::NeedsMore);
}

#[test]
fn a_mitigation_is_told_and_ends_no_window() {
    let mut facts = sightings(&[log("2021-01-01", "15.1.2106.2"), log("2021-03-17", "15.1.2106.2")]);
    let rule = |name: &str| {
        object(json!({
            "time": "2021-03-04", "server": "MX1", "name": "rewrite_rule", "value": name,
            "scope": format!("Default Web Site {name}"), "artifact": "c", "record": 3,
        }))
    };
    facts.push(("settings", vec![rule("X-BEResource Abort - inbound"), rule("Redirect to HTTPS")]));
    let exposed = read_facts(&facts);
    let chain = flaw(&exposed, CHAIN).unwrap();
    assert_eq!((chain.state, chain.windows[0].until), (FlawState::Open, None));
    let [eomt] = chain.mitigations.as_slice() else { panic!("{:?}", chain.mitigations) };
    assert_eq!(
        (eomt.id.as_str(), eomt.first.unwrap().day().as_str(), eomt.locator.record),
        ("eomt", "2021-03-04", 3)
    );
    assert_eq!(flaw(&exposed, "CVE-2021-27065").unwrap().mitigations, [], "it bears on one flaw of the four");
}

#[test]
fn the_mitigation_service_tells_of_itself() {
    let mut facts = sightings(&[log("2022-09-01", "15.1.2375.31")]);
    let event = |id: i64, message: &str| {
        object(json!({
            "time": "2022-10-01", "server": "MX1", "provider": "MSExchange Mitigation Service", "event_id": id,
            "message": message, "artifact": "d", "record": id,
        }))
    };
    facts.push((
        "windows_events",
        vec![event(1005, "Mitigation M1 was applied"), event(1008, "M1 could not be fetched")],
    ));
    let exposed = read_facts(&facts);
    let [seen] = flaw(&exposed, "CVE-2022-41040").unwrap().mitigations.as_slice() else { panic!("one") };
    assert_eq!((seen.id.as_str(), seen.locator.record), ("eems-m1", 1005));
    assert_eq!(flaw(&exposed, "CVE-2022-41082").unwrap().mitigations, []);
}

#[test]
fn what_setup_prepared_counts_from_the_setup_on_that_can_do_it() {
    let prepared = |time: &str| {
        let mut facts = sightings(&[log("2022-06-01", "15.1.2507.9")]);
        let message = "Command Line Parameter Name='PrepareDomain', Value=''.";
        let line = json!({ "time": time, "server": "MX1", "component": "ExchangeSetup", "message": message, "artifact": "e", "record": 5 });
        facts.push(("log_messages", vec![object(line)]));
        let exposed = read_facts(&facts);
        flaw(&exposed, "CVE-2022-21978").map(|flaw| flaw.state)
    };
    assert_eq!(prepared("2022-05-20"), None, "met, and fixed from the first sighting on");
    assert_eq!(prepared("2021-05-20"), Some(FlawState::MaybeOpen));
}

#[test]
fn roles_are_told_apart() {
    let role = |message: &str, seen_in: &str| {
        let mut facts = sightings(&[("2022-06-01", "15.1.2507.9", seen_in)]);
        let line = json!({ "time": "2022-05-01", "server": "MX1", "component": "ExchangeSetup", "message": message, "artifact": "e", "record": 5 });
        facts.push(("log_messages", vec![object(line)]));
        read_facts(&facts).roles.get("MX1").map(|seen| seen.role)
    };
    assert_eq!(
        role("Command Line Parameter Name='roles', Value='EdgeTransport'.", "MessageTracking #Version"),
        Some(ServerRole::Edge)
    );
    assert_eq!(
        role("Command Line Parameter Name='roles', Value='ManagementTools'.", "ExSetup.exe"),
        Some(ServerRole::ManagementOnly)
    );
    assert_eq!(role("Setup started.", "HttpProxy #Version"), Some(ServerRole::Mailbox));
    assert_eq!(role("Setup started.", "MessageTracking #Version"), None);
}

/// A setting of MX1, as `name`, `value` and more columns.
fn setting(time: &str, name: &str, value: &str, more: &Value) -> Map<String, Value> {
    let mut setting = object(json!({
        "time": time, "server": "MX1", "name": name, "value": value, "artifact": "s", "record": 4,
    }));
    setting.extend(object(more.clone()));
    setting
}

/// A cmdlet that ran on MX1, or failed.
fn command(time: &str, command: &str, parameters: &str, result: &str) -> Map<String, Value> {
    object(json!({
        "time": time, "server": "MX1", "command": command, "parameters": parameters, "result": result,
        "process": "w3wp", "artifact": "m", "record": 8,
    }))
}

/// What `build` needs beside itself for a flaw, by the facts of one table.
fn need(build: &str, cve: &str, table: &'static str, rows: Vec<Map<String, Value>>) -> NeedState {
    let mut facts = sightings(&[("2025-12-01", build, "HttpProxy #Version")]);
    facts.push((table, rows));
    let exposed = read_facts(&facts);
    // A flaw that is fixed, needs and all, is told of no more.
    flaw(&exposed, cve).map_or(NeedState::Met, |flaw| flaw.needs[0].state)
}

#[test]
fn the_token_cache_is_mended_by_its_absence_or_by_windows() {
    const TOKEN: &str = "CVE-2023-21709";
    let need = |rows: Vec<Map<String, Value>>| need("15.1.2507.37", TOKEN, "settings", rows);
    let modules = |value: &str| setting("2025-11-01", "global_modules", value, &json!({}));
    let windows = |build: &str, revision: u32| {
        let rest = json!({ "key": "x", "CurrentBuild": build, "UBR": revision.to_string() }).to_string();
        setting("2025-11-01", "windows_version", "Windows Server 2019 Standard", &json!({ "rest": rest }))
    };
    assert_eq!(need(vec![]), NeedState::Unknown);
    assert_eq!(need(vec![modules("HttpLoggingModule UriCacheModule")]), NeedState::Met);
    let there = modules("HttpLoggingModule TokenCacheModule");
    assert_eq!(need(vec![there.clone()]), NeedState::Unknown, "Windows may have its update");
    assert_eq!(need(vec![there.clone(), windows("17763", 4974)]), NeedState::Met);
    assert_eq!(need(vec![there.clone(), windows("17763", 4851)]), NeedState::Unknown);
    assert_eq!(
        need(vec![there, windows("22621", 9999)]),
        NeedState::Unknown,
        "a Windows that nothing is known of"
    );
}

#[test]
fn the_revision_of_windows_is_compared_as_a_number() {
    let need = |build: &str, revision: Value| {
        let rest = json!({ "CurrentBuild": build, "UBR": revision }).to_string();
        let row = setting(
            "2025-11-01",
            "windows_version",
            "Windows Server 2022 Standard",
            &json!({ "rest": rest }),
        );
        need("15.1.2507.37", "CVE-2023-36434", "settings", vec![row])
    };
    assert_eq!(need("20348", json!(2031)), NeedState::Met);
    assert_eq!(need("20348", json!("10000")), NeedState::Met, "and not as a text");
    assert_eq!(need("20348", json!("2030")), NeedState::Unmet);
    assert_eq!(need("20348", json!("none")), NeedState::Unknown);
    assert_eq!(need("26100", json!("1")), NeedState::Unknown, "a Windows that was never open to it");
}

#[test]
fn download_domains_need_the_switch_and_a_host() {
    const DOWNLOAD: &str = "CVE-2021-1730";
    let settings = |rows: Vec<Map<String, Value>>| need("15.1.2507.37", DOWNLOAD, "settings", rows);
    let switch = |value: &str| {
        setting("2025-11-01", "EnableDownloadDomains", value, &json!({ "scope": "OrganizationInformation" }))
    };
    let host = setting(
        "2025-11-01",
        "ExternalDownloadHostName",
        "download.example.org",
        &json!({ "scope": "OwaVirtualDirectory" }),
    );
    assert_eq!(settings(vec![switch("true"), host.clone()]), NeedState::Met);
    assert_eq!(settings(vec![switch("True")]), NeedState::Unknown, "on, and no host is told of");
    assert_eq!(settings(vec![switch("false"), host]), NeedState::Unmet);

    let commands = |rows: Vec<Map<String, Value>>| need("15.1.2507.37", DOWNLOAD, "admin_commands", rows);
    let on = command("2025-10-01", "Set-OrganizationConfig", "-EnableDownloadDomains \"True\"", "ok");
    let off = command("2025-11-01", "Set-OrganizationConfig", "-EnableDownloadDomains \"False\"", "ok");
    let host = |result: &str| {
        let parameters = "-Identity \"owa\" -ExternalDownloadHostName \"download.example.org\"";
        command("2025-10-01", "Set-OwaVirtualDirectory", parameters, result)
    };
    assert_eq!(commands(vec![on.clone(), host("ok")]), NeedState::Met);
    assert_eq!(commands(vec![on.clone(), host("failed")]), NeedState::Unknown, "what failed set nothing");
    assert_eq!(commands(vec![on, host("ok"), off]), NeedState::Unmet, "the last of them counts");
    let other = command(
        "2025-10-01",
        "Set-OwaVirtualDirectory",
        "-ExternalUrl \"https://mail.example.org/owa\"",
        "ok",
    );
    assert_eq!(commands(vec![other]), NeedState::Unknown);
}

#[test]
fn an_override_turns_off_the_fix_of_its_own_flaw() {
    let parameters = |section: &str, value: &str| {
        format!("-Name \"x\" -Component \"Transport\" -Section \"{section}\" -Parameters (\"{value}\")")
    };
    let run = |parameters: &str| vec![command("2025-11-01", "New-SettingOverride", parameters, "ok")];
    let need = |cve: &str, parameters: &str| need("15.2.1748.39", cve, "admin_commands", run(parameters));
    let off = parameters("NonCompliantSenderSettings", "AddP2FromRegexMatchHeader=false");
    assert_eq!(need("CVE-2024-49040", &off), NeedState::Unmet);
    assert_eq!(need("CVE-2025-25006", &off), NeedState::Met, "it is another's override");
    let kept = parameters("NonCompliantSenderSettings", "AddP2FromRegexMatchHeader=true");
    assert_eq!(need("CVE-2024-49040", &kept), NeedState::Met);
    let other = parameters("NonCompliantSenderSettings", "AddDisclaimerforRegexMatch=false");
    assert_eq!(need("CVE-2024-49040", &other), NeedState::Met, "the disclaimer is no part of the fix");
}

#[test]
fn the_dedicated_application_shows_where_its_override_was_set() {
    let state = |rows: Vec<Map<String, Value>>| {
        let mut facts = sightings(&[("2025-12-01", "15.2.1748.39", "HttpProxy #Version")]);
        facts.push(("admin_commands", rows));
        let flaw = flaw(&read_facts(&facts), "CVE-2025-53786").cloned().unwrap();
        (flaw.state, flaw.needs.iter().map(|need| need.state).collect::<Vec<_>>())
    };
    let set = |value: &str, time: &str| {
        let parameters = format!(
            "-Name \"EnableExchangeHybrid3PAppFeature\" -Component \"Global\" -Section \"ExchangeOnpremAsThirdPartyAppId\" -Parameters (\"Enabled={value}\")"
        );
        command(time, "New-SettingOverride", &parameters, "ok")
    };
    let unknown = NeedState::Unknown;
    assert_eq!(state(vec![]), (FlawState::MaybeOpen, vec![unknown, unknown]));
    let on = set("true", "2025-10-01");
    // No log on a server tells whether the keys in the cloud were cleaned up.
    assert_eq!(state(vec![on.clone()]), (FlawState::MaybeOpen, vec![NeedState::Met, unknown]));
    let off = set("false", "2025-11-01");
    assert_eq!(state(vec![on, off]), (FlawState::NeedsMore, vec![NeedState::Unmet, unknown]));
}

#[test]
fn the_registry_tells_roles_apart() {
    let role = |keys: &[&str]| {
        let mut facts = sightings(&[("2022-06-01", "15.1.2507.9", "registry key of Exchange's setup")]);
        let row = |key: &&str| {
            let scope = format!(r"{key}\ConfiguredVersion");
            setting("2022-05-01", "exchange_role", "15.1.2507.6", &json!({ "scope": scope }))
        };
        facts.push(("settings", keys.iter().map(row).collect()));
        read_facts(&facts).roles.get("MX1").map(|seen| seen.role)
    };
    assert_eq!(role(&["AdminTools", "MailboxRole"]), Some(ServerRole::Mailbox));
    assert_eq!(role(&["AdminTools", "EdgeTransportRole"]), Some(ServerRole::Edge));
    assert_eq!(role(&["AdminTools"]), Some(ServerRole::ManagementOnly), "and nothing else");
    assert_eq!(role(&[]), None);
}

#[test]
fn who_runs_a_fixed_build_is_fixed_from_its_first_sighting_on() {
    let exposed = of(&[log("2021-02-15", "15.1.2106.2"), log("2021-03-03", "15.1.2106.13")]);
    let cves = [CHAIN.to_owned()];
    let at = |day: &str| fixed_by(&exposed.runs["MX1"], &KNOWN, &cves, day.parse().unwrap()).is_some();
    assert!(!at("2021-03-02") && at("2021-03-04"));
    assert!(!at("2021-02-01"), "before any sighting nothing is known");
    let none = fixed_by(&exposed.runs["MX1"], &KNOWN, &[], "2021-03-04".parse().unwrap());
    assert_eq!(none, None, "no flaw is no proof");
}

/// The windows of one server and flaw, worked out the slow way: sighting by sighting.
fn slow(seen: &[(i64, Build)], flaw: &Flaw) -> Vec<(Standing, Option<i64>, Option<i64>)> {
    let mut seen = seen.to_vec();
    seen.sort_unstable();
    let is_held = |place: &usize| seen[*place..].iter().all(|later| later.1 >= seen[*place].1);
    let held: Vec<_> = (0..seen.len()).filter(is_held).map(|place| seen[place]).collect();
    let mut windows: Vec<(Standing, Option<i64>, Option<i64>)> = Vec::new();
    let mut before = Standing::Fixed;
    for (time, build) in held {
        let now = flaw.standing(build);
        if !agree(before, now) {
            if before.may_be_open() {
                windows.last_mut().unwrap().2 = Some(time);
            }
            if now.may_be_open() {
                windows.push((now, Some(time), None));
            }
        }
        before = now;
    }
    windows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever was seen in whatever order, SQL finds the windows that the slow way finds.
    #[test]
    fn the_statement_finds_what_the_slow_way_finds(seen in proptest::collection::vec((0_i64..400, 0_usize..400), 1..14)) {
        let known: Vec<Build> = KNOWN.builds().map(|known| known.build).collect();
        let seen: Vec<_> = seen.iter().map(|(day, build)| (*day, known[build % known.len()])).collect();
        let at = |day: i64| Timestamp::from_seconds(1_600_000_000 + day * 86_400).unwrap();
        let rows = seen.iter().zip(1..).map(|((day, build), record)| {
            sighting((&at(*day).to_string(), &build.to_string(), "HttpProxy #Version"), record)
        });
        let exposed = read_facts(&vec![("builds", rows.collect())]);
        for flaw in KNOWN.flaws().iter().filter(|flaw| flaw.needs.is_empty()) {
            let expected: Vec<_> = slow(&seen, flaw)
                .into_iter()
                .map(|(standing, from, until)| {
                    let by = if standing == Standing::Open { OpenBy::Build } else { OpenBy::Doubt };
                    (by, from.map(at), until.map(at))
                })
                .collect();
            let found = exposed.exposure.iter().find(|found| found.cve == flaw.cve);
            let found: Vec<_> = found.map_or(&[][..], |found| found.windows.as_slice()).iter()
                .filter(|window| window.open_by != OpenBy::Before)
                .map(|window| (window.open_by, window.from, window.until))
                .collect();
            prop_assert_eq!(found, expected, "{}", &flaw.cve);
        }
    }
}
