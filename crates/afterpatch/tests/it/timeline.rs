//! `timeline`: the super-timeline, its summaries, and what picks among them.

use crate::determinism::CHAIN;
use crate::program::{Desk, Said, afterpatch};
use afterpatch_model::Timestamp;
use afterpatch_range::Layout;
use serde_json::Value;
use std::sync::LazyLock;

static CASE: LazyLock<Desk> = LazyLock::new(|| {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    desk.investigate(&evidence, "case", &[]).ends(0);
    desk
});

fn on_case(args: &[&str]) -> Said {
    let case = CASE.path("case");
    afterpatch(&[args, &["--case", case.to_str().unwrap()]].concat())
}

fn timeline(args: &[&str]) -> Vec<Value> {
    let said = on_case(&[&["timeline", "--format", "jsonl"], args].concat()).ends(0);
    said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn time_of(row: &Value) -> Timestamp {
    row["time"].as_str().unwrap().parse().unwrap()
}

/// The only number of a query that gives one.
fn number(sql: &str) -> usize {
    let said = on_case(&["query", sql, "--format", "csv"]).ends(0);
    said.stdout.lines().nth(1).unwrap().parse().unwrap()
}

const TIMED: [&str; 12] = [
    "web_requests",
    "mailbox_access",
    "mail_events",
    "admin_commands",
    "windows_events",
    "processes",
    "logons",
    "file_events",
    "files",
    "log_messages",
    "builds",
    "settings",
];

#[test]
fn every_fact_with_a_time_is_in_the_timeline_once_and_in_order() {
    let rows = timeline(&["--of", "facts"]);
    let mut counted = 0;
    for table in TIMED {
        let there = number(&format!("SELECT COUNT(time) FROM {table}"));
        assert_eq!(rows.iter().filter(|row| row["table"] == table).count(), there, "{table}");
        counted += there;
    }
    assert_eq!(rows.len(), counted);
    assert!(counted > 100, "the chain leaves more than {counted} facts");
    assert!(rows.iter().map(time_of).is_sorted());
    let request = rows.iter().find(|row| row["table"] == "web_requests").unwrap();
    assert!(request["what"].as_str().unwrap().contains('/'), "{request}");
    assert!(rows.iter().all(|row| row["artifact"].is_string() && row["what"].is_string()));
}

#[test]
fn a_span_and_a_server_pick_among_the_facts() {
    let all = timeline(&["--of", "facts"]);
    let middle = all[all.len() / 2]["time"].as_str().unwrap();
    let (before, after) =
        (timeline(&["--of", "facts", "--until", middle]), timeline(&["--of", "facts", "--from", middle]));
    assert!(!before.is_empty() && !after.is_empty());
    assert_eq!(before.len() + after.len(), all.len());
    assert!(before.iter().map(time_of).max() < after.iter().map(time_of).min());
    assert_eq!(after[0]["time"], middle);
    let server = all.iter().find_map(|row| row["server"].as_str()).unwrap();
    let of_it = timeline(&["--of", "facts", "--server", &server.to_lowercase()]);
    assert_eq!(of_it.len(), all.iter().filter(|row| row["server"] == server).count());
    assert!(timeline(&["--of", "facts", "--server", "NOBODY' OR TRUE --"]).is_empty());
}

#[test]
fn what_findings_rest_upon_is_picked_by_rule_grade_and_question() {
    let all = timeline(&[]);
    let rule = all[0]["rule"].as_str().unwrap();
    let of_rule = timeline(&["--rule", rule]);
    assert!(!of_rule.is_empty() && of_rule.len() < all.len());
    assert!(of_rule.iter().all(|entry| entry["rule"] == rule));
    let executed = timeline(&["--grade", "executed"]);
    assert!(!executed.is_empty() && executed.len() < all.len());
    assert!(executed.iter().all(|entry| entry["grade"] == "executed" || entry["grade"] == "persists"));
    let questions = [2, 3].map(|number: u8| timeline(&["--question", &number.to_string()]).len());
    assert!(questions.iter().all(|n| *n > 0));
    assert_eq!(questions.iter().sum::<usize>(), all.len());
    assert!(timeline(&["--server", "NOBODY"]).is_empty());
}

#[test]
fn summaries_count_every_logon_and_every_command() {
    let sum = |rows: &[Value]| rows.iter().map(|row| row["n"].as_u64().unwrap()).sum::<u64>();
    let logons = timeline(&["--of", "logons"]);
    assert_eq!(sum(&logons), number("SELECT COUNT(*) FROM logons") as u64);
    let commands = timeline(&["--of", "commands"]);
    let there = number("SELECT COUNT(*) FROM admin_commands") + number("SELECT COUNT(*) FROM processes");
    assert_eq!(sum(&commands), there as u64);
    assert!(there > 0, "the chain runs commands");
    let counts: Vec<u64> = commands.iter().map(|row| row["n"].as_u64().unwrap()).collect();
    assert!(counts.is_sorted(), "the rarest come first: {counts:?}");
}

#[test]
fn timesketch_and_parquet_are_what_their_readers_ask_for() {
    let said = on_case(&["timeline", "--of", "facts", "--format", "timesketch"]).ends(0);
    for line in said.stdout.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(event["message"].is_string() && event["timestamp_desc"].is_string(), "{line}");
        assert!(event["datetime"].as_str().unwrap().contains('T'), "{line}");
    }
    let file = CASE.path("facts.parquet");
    let to = ["timeline", "--of", "facts", "--format", "parquet", "-o", file.to_str().unwrap()];
    assert_eq!(on_case(&to).ends(0).stdout, "");
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let written = CASE.path("facts.csv");
    on_case(&["timeline", "--of", "facts", "--format", "csv", "-o", written.to_str().unwrap()]).ends(0);
    assert_eq!(
        std::fs::read_to_string(&written).unwrap(),
        on_case(&["timeline", "--of", "facts", "--format", "csv"]).ends(0).stdout
    );
}

/// A rule of somebody else's that the chain meets, and one that it meets with a thousand records too many for samples.
const OTHERS: &str = "title: Asked For\nid: 6f1b1f7e-0000-4000-8000-00000000000a\nauthor: Somebody Else\nlicense: DRL-1.1\nlevel: low\n\
    logsource:\n  category: webserver\ndetection:\n  selection:\n    cs-method: GET\n  condition: selection\n";

static WITH_RULES: LazyLock<Desk> = LazyLock::new(|| {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    std::fs::write(desk.path("others.yml"), OTHERS).unwrap();
    let rules = desk.path("others.yml");
    desk.investigate(&evidence, "case", &["--rules", rules.to_str().unwrap()]).ends(0);
    desk
});

fn hits(args: &[&str]) -> Vec<Value> {
    let case = WITH_RULES.path("case");
    let all =
        [&["timeline", "--of", "hits", "--format", "jsonl", "--case", case.to_str().unwrap()], args].concat();
    afterpatch(&all).ends(0).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_hit_of_every_rule_is_in_a_timeline_of_hits() {
    let all = hits(&[]);
    let detections = std::fs::read_to_string(WITH_RULES.path("case").join("detections.jsonl")).unwrap();
    let mut by_rule: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for line in detections.lines() {
        let detection: Value = serde_json::from_str(line).unwrap();
        // A rule that bears on several claims makes a detection of each; a hit is one.
        let count = by_rule.entry(detection["rule"].as_str().unwrap().to_owned()).or_default();
        *count = (*count).max(detection["facts"].as_u64().unwrap());
    }
    assert!(by_rule.len() > 8, "{by_rule:?}");
    for (rule, least) in &by_rule {
        let count = all.iter().filter(|row| row["rule"] == rule.as_str()).count();
        assert!(u64::try_from(count).unwrap() >= *least, "{rule}: {count} of {least}");
    }
    let asked = hits(&["--rule", "6F1B1F7E-0000-4000-8000-00000000000A"]);
    let requests = all.iter().filter(|row| row["title"] == "Asked For").count();
    assert!(
        asked.len() == requests && requests > 100,
        "{requests} are more than the eight that a detection keeps"
    );
    assert!(asked.iter().all(|row| row["author"] == "Somebody Else" && row["license"] == "DRL-1.1"));
    assert!(asked.iter().all(|row| row["what"].as_str().unwrap().starts_with("GET ")), "{}", asked[0]);
    let times: Vec<_> = all.iter().filter(|row| !row["time"].is_null()).map(time_of).collect();
    assert!(times.is_sorted());
}

#[test]
fn hits_are_picked_by_level_grade_and_server() {
    let (all, critical) = (hits(&[]), hits(&["--level", "critical"]));
    assert!(!critical.is_empty() && critical.len() < all.len());
    assert!(critical.iter().all(|row| row["level"] == "critical"));
    let graver = hits(&["--level", "high"]);
    let wanted = |row: &&Value| ["high", "critical"].iter().any(|level| row["level"] == *level);
    assert_eq!(graver.len(), all.iter().filter(wanted).count());
    let there = hits(&["--grade", "persists"]);
    assert!(!there.is_empty() && there.iter().all(|row| row["grade"] == "persists"));
    assert!(hits(&["--server", "MX7"]).is_empty());
}

/// What a sensor on the network saw: one request that a rule is written for, and one to a page that no server is known to have.
const SEEN: &str = "{\"ts\":1614658320.5,\"uid\":\"C1\",\"id.orig_h\":\"203.0.113.9\",\"id.resp_h\":\"192.0.2.10\",\"method\":\"GET\",\
    \"host\":\"example.org\",\"uri\":\"/a.exe\",\"request_body_len\":0,\"resp_mime_types\":[\"application/x-dosexec\"]}\n\
    {\"ts\":1614658321.5,\"uid\":\"C2\",\"id.orig_h\":\"203.0.113.9\",\"id.resp_h\":\"192.0.2.11\",\"method\":\"POST\",\
    \"host\":\"example.org\",\"uri\":\"/aspnet_client/x.aspx\",\"request_body_len\":9,\"status_code\":200}\n";

#[test]
fn rules_meet_what_a_sensor_saw_and_nothing_is_said_of_servers_by_it() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("sensor")).unwrap();
    std::fs::write(desk.path("sensor/http.log"), SEEN).unwrap();
    let rule = "title: Program Fetched\nid: 6f1b1f7e-0000-4000-8000-00000000000b\nlevel: high\nlogsource:\n  product: zeek\n  service: http\n\
        detection:\n  selection:\n    resp_mime_types: application/x-dosexec\n    id.resp_h|cidr: 192.0.2.0/24\n  condition: selection\n";
    std::fs::write(desk.path("zeek.yml"), rule).unwrap();
    let rules = desk.path("zeek.yml");
    desk.investigate(&desk.path("sensor"), "case", &["--rules", rules.to_str().unwrap()]).ends(0);
    let case = desk.path("case");
    let ask =
        |args: &[&str]| afterpatch(&[args, &["--case", case.to_str().unwrap()]].concat()).ends(0).stdout;
    let told = ask(&["timeline", "--of", "hits", "--format", "csv"]);
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("Program Fetched") && told.contains("GET example.org /a.exe"), "{told}");
    assert_eq!(ask(&["findings", "--format", "csv"]).lines().count(), 1);
}

/// A correlation over the rule of somebody else's: many requests from one address within a day.
const MANY: &str = "---\ntitle: Many From One\nid: 6f1b1f7e-0000-4000-8000-00000000000c\nlevel: high\ncorrelation:\n  type: event_count\n  \
    rules: [6f1b1f7e-0000-4000-8000-00000000000a]\n  group-by: [c-ip]\n  timespan: 1d\n  generate: true\n  condition:\n    gte: 5\n";

#[test]
fn evidence_without_a_case_gives_the_hits_that_its_case_has() {
    let desk = Desk::new();
    for (layout, name) in [(Layout::Folder, "folder"), (Layout::Zip, "zip")] {
        let evidence = desk.scenario(CHAIN, layout);
        std::fs::write(desk.path("rules.yml"), format!("{OTHERS}{MANY}")).unwrap();
        let (rules, evidence) = (desk.path("rules.yml"), evidence.to_str().unwrap().to_owned());
        let rules = rules.to_str().unwrap();
        desk.investigate(evidence.as_ref(), name, &["--rules", rules]).ends(0);
        let case = desk.path(name);
        let rows = |args: &[&str]| {
            let said = afterpatch(&[&["timeline", "--format", "csv"], args].concat()).ends(0);
            (said.stdout, said.stderr)
        };
        let of_case = |of: &str| rows(&["--of", of, "--case", case.to_str().unwrap()]).0;
        // What asks across facts needs a case; of its hits those of Sigma are left.
        let by_sigma = |told: &str| {
            let lines = told.split_inclusive('\n').enumerate();
            lines
                .filter(|(n, line)| *n == 0 || line.contains(",sigma,"))
                .map(|(_, line)| line)
                .collect::<String>()
        };
        let (told, talk) = rows(&[&evidence, "--rules", rules]);
        assert_eq!(told, by_sigma(&of_case("hits")), "{name}");
        assert!(told.contains("Many From One") && told.lines().count() > 100, "{told}");
        assert!(talk.contains("facts") && talk.contains("investigate"), "{talk}");
        for of in ["facts", "logons", "commands"] {
            assert_eq!(rows(&["--of", of, &evidence]).0, of_case(of), "{name} {of}");
        }
        let graver = rows(&[&evidence, "--rules", rules, "--level", "high"]).0;
        assert!(graver.contains("Many From One") && !graver.contains("Asked For"), "{graver}");
    }
}

#[test]
fn evidence_without_a_case_that_cannot_be_read_says_so_and_the_rest_is_told() {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    let (absent, rules) = (desk.path("absent"), desk.path("rules.yml"));
    std::fs::write(&rules, OTHERS).unwrap();
    let rules = ["--rules", rules.to_str().unwrap(), "--format", "csv"];
    let both = [&["timeline", evidence.to_str().unwrap(), absent.to_str().unwrap()], &rules[..]].concat();
    let said = afterpatch(&both).ends(3);
    assert!(said.stderr.contains("absent") && said.stdout.contains("Asked For"), "{said:?}");
    let said = afterpatch(&[&["timeline", absent.to_str().unwrap()], &rules[..]].concat()).ends(1);
    assert!(said.stdout.is_empty() && said.stderr.contains("none of the collections"), "{said:?}");
}

#[test]
fn nothing_is_written_into_evidence_that_a_timeline_is_of() {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    let (within, beside) = (evidence.join("hits.csv"), desk.path("hits.csv"));
    let to = |file: &std::path::Path| {
        afterpatch(&["timeline", evidence.to_str().unwrap(), "--format", "csv", "-o", file.to_str().unwrap()])
    };
    let said = to(&within).ends(2);
    assert!(said.stderr.contains("inside the evidence") && !within.exists(), "{}", said.stderr);
    to(&beside).ends(0);
    assert!(beside.exists());
}

#[test]
fn what_evidence_without_a_case_cannot_answer_is_refused_with_a_remedy() {
    for (args, told) in [
        (&["x", "--of", "findings"][..], "--of hits"),
        (&["x", "--case", "y"], "--case"),
        (&["x", "--of", "facts", "--rules", "y"], "--of hits"),
        (&["--case", "y", "--rules", "z"], "detect --case"),
        (&["--case", "y", "--tz", "MX1=Asia/Tokyo"], "COLLECTION"),
        (&[], "COLLECTION"),
    ] {
        let said = afterpatch(&[&["timeline"], args].concat()).ends(2);
        assert!(said.stderr.contains(told), "{args:?}: {}", said.stderr);
    }
}

#[test]
fn what_does_not_go_together_is_refused_with_a_remedy() {
    for (args, told) in [
        (&["--of", "facts", "--question", "2"][..], "--question"),
        (&["--of", "hits", "--question", "2"], "--question"),
        (&["--of", "logons", "--rule", "x"], "--of hits"),
        (&["--of", "facts", "--level", "high"], "--of hits"),
        (&["--level", "high"], "--of hits"),
        (&["--of", "facts", "--format", "parquet"], "-o FILE"),
        (&["--format", "parquet"], "--of facts"),
        (&["--question", "7"], "1 to 6"),
        (&["--from", "yesterday"], "2021-03-02"),
    ] {
        let said = on_case(&[&["timeline"], args].concat()).ends(2);
        assert!(said.stderr.contains(told), "{args:?}: {}", said.stderr);
    }
}
