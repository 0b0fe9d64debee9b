//! The exposure of an estate, as SQL gives it, against an oracle that goes through one server's sightings at a time.
//! `benches/exposure.sh` asks the same of a hundred thousand servers.

use afterpatch_detect::{Content, Flaw, Knowledge, Standing, prepare};
use afterpatch_model::{Build, Timestamp};
use afterpatch_range::estate::{self, Sighted};
use afterpatch_store::Session;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SERVERS: u32 = 300;
const SIGHTINGS: u32 = 20;

/// Server, flaw, and what holds it open; from when until when; and the part in which the flaw was in use.
type Window = (String, String, &'static str, [Option<Timestamp>; 4]);

fn rows(seen: &[Sighted]) -> Vec<Map<String, Value>> {
    let row = |sighted: &Sighted| {
        let time = sighted.time.map(|time| time.to_string());
        let row = json!({
            "server": sighted.server, "build": sighted.build.to_string(), "seen_in": sighted.seen_in, "time": time,
        });
        row.as_object().cloned().unwrap_or_default()
    };
    seen.iter().map(row).collect()
}

/// The builds of logs that a server is held to have run, in order of time: none that is seen before an older one.
fn ran(seen: &[Sighted]) -> Vec<(Timestamp, Build)> {
    let logged = seen.iter().filter(|sighted| sighted.seen_in == "HttpProxy #Version");
    let mut logged: Vec<_> = logged.filter_map(|sighted| Some((sighted.time?, sighted.build))).collect();
    logged.sort_unstable();
    let is_held = |place: &usize| logged[*place..].iter().all(|later| later.1 >= logged[*place].1);
    (0..logged.len()).filter(is_held).map(|place| logged[place]).collect()
}

fn holds(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Open => Some("build"),
        Standing::Doubtful => Some("doubt"),
        _ => None,
    }
}

/// A spell in which a flaw was open.
struct Spell {
    by: &'static str,
    /// Whether it was open at the first sighting of all.
    is_first: bool,
    from: Timestamp,
    last: Timestamp,
    until: Option<Timestamp>,
}

/// The windows of one server and flaw, sighting by sighting.
fn windows(server: &str, ran: &[(Timestamp, Build)], flaw: &Flaw) -> Vec<Window> {
    let mut windows: Vec<Spell> = Vec::new();
    let mut before = None;
    for (place, (time, build)) in ran.iter().enumerate() {
        let now = holds(flaw.standing(*build));
        if let Some(window) = windows.last_mut().filter(|_| before.is_some()) {
            if before == now { window.last = *time } else { window.until = Some(*time) }
        }
        if let Some(by) = now.filter(|_| before != now) {
            windows.push(Spell { by, is_first: place == 0, from: *time, last: *time, until: None });
        }
        before = now;
    }
    let told = |spell: Spell| {
        // What is open when it is first seen was open before.
        let begin = (!spell.is_first).then_some(spell.from);
        let used = flaw.exploited.as_ref().map(|used| {
            let starts = begin.map_or(used.from, |begin| begin.max(used.from));
            let ends = spell.until.unwrap_or(spell.last);
            (starts, used.until.map_or(ends, |over| over.min(ends)))
        });
        let used = used.filter(|(starts, ends)| starts < ends);
        let times = [Some(spell.from), spell.until, used.map(|used| used.0), used.map(|used| used.1)];
        (server.to_owned(), flaw.cve.clone(), spell.by, times)
    };
    windows.into_iter().map(told).collect()
}

/// What the statement gives, but for what was open before anything was seen.
fn found(session: &Session) -> Vec<Window> {
    let rows = session.rows("SELECT * FROM exposures WHERE open_by <> 'before'").unwrap();
    let read = |row: &Map<String, Value>| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let by = if text("open_by") == "build" { "build" } else { "doubt" };
        let time = |name: &str| row[name].as_str().map(|time| time.parse().unwrap());
        (text("server"), text("cve"), by, ["from_time", "until_time", "cover_from", "cover_until"].map(time))
    };
    rows.iter().map(read).collect()
}

fn estate(knowledge: &Knowledge) -> Vec<Vec<Sighted>> {
    let builds: Vec<Build> = knowledge.builds().map(|known| known.build).collect();
    (0..SERVERS).map(|number| estate::sightings(&builds, number, SIGHTINGS)).collect()
}

#[test]
fn the_exposure_of_an_estate_is_that_of_its_servers() {
    let content = Content::load(&[]).0;
    let knowledge = content.knowledge();
    let servers = estate(knowledge);
    let seen: Vec<Sighted> = servers.iter().flatten().cloned().collect();
    assert_eq!(seen.len(), 300 * 20);
    let session = Session::with_facts(&[("builds", rows(&seen))]).unwrap();
    prepare(&session, &content).unwrap();
    let mut expected: Vec<Window> = Vec::new();
    for seen in &servers {
        let ran = ran(seen);
        let name = &seen[0].server;
        expected.extend(knowledge.flaws().iter().flat_map(|flaw| windows(name, &ran, flaw)));
    }
    let mut found = found(&session);
    expected.sort();
    found.sort();
    let wrong: Vec<_> = expected.iter().zip(&found).filter(|(expected, found)| expected != found).collect();
    assert!(wrong.is_empty(), "{} differ, first: {:?}", wrong.len(), wrong.first());
    assert_eq!(expected.len(), found.len());

    // The estate would catch a statement that forgets a kind of window.
    let shape = |window: &Window| (window.2, window.3.map(|time| time.is_some()));
    let shapes: BTreeSet<_> = found.iter().map(shape).collect();
    assert_eq!(shapes.len(), 8, "open and in doubt, ended and not, with use and without: {shapes:?}");
    let mut again: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for window in &found {
        *again.entry((&window.0, &window.1)).or_default() += 1;
    }
    assert!(again.values().any(|windows| *windows > 1), "some flaw was opened again");
}

#[test]
fn what_is_asked_of_an_estate_is_one_statement() {
    let content = Content::load(&[]).0;
    let servers = estate(content.knowledge());
    let seen: Vec<Sighted> = servers.iter().flatten().cloned().collect();
    let session = Session::with_facts(&[("builds", rows(&seen))]).unwrap();
    prepare(&session, &content).unwrap();
    let open = "SELECT COUNT(DISTINCT server) AS servers FROM exposures
                WHERE cve = 'CVE-2021-26855' AND open_by = 'build' AND until_run IS NULL";
    let flaw = content.knowledge().flaw("CVE-2021-26855").unwrap();
    let is_open = |seen: &&Vec<Sighted>| {
        ran(seen).last().is_some_and(|(_, build)| flaw.standing(*build) == Standing::Open)
    };
    let expected = servers.iter().filter(is_open).count();
    assert!(expected > 10 && expected < 290, "{expected}");
    assert_eq!(session.rows(open).unwrap()[0]["servers"], json!(expected));
}
