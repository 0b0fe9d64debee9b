//! `sweep` as a person runs it, against servers on this machine: from the list to facts with their ledger.

use crate::program::{Desk, Said, afterpatch, afterpatch_with};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// A server that answers every request alike, or holds its tongue as long as it is told to.
struct Server {
    target: String,
    requests: Arc<AtomicUsize>,
    holds: Arc<AtomicBool>,
}

impl Server {
    fn start(headers: &'static str, page: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = format!("http://{}", listener.local_addr().unwrap());
        let (requests, holds) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let server = Self { target, requests: Arc::clone(&requests), holds: Arc::clone(&holds) };
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let lines = BufReader::new(connection.try_clone().unwrap()).lines();
                let asked = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                requests.fetch_add(usize::from(asked > 0), Ordering::SeqCst);
                for _ in 0..600 {
                    if !holds.load(Ordering::SeqCst) {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n", page.len());
                let _ = connection.write_all([head.as_bytes(), page.as_bytes()].concat().as_slice());
            }
        });
        server
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn exchange() -> Server {
    Server::start("X-FEServer: EX01\r\nX-OWA-Version: 15.1.2507.39\r\n", "")
}

fn branch() -> Server {
    Server::start("X-FEServer: EX02\r\n", "<link href='/owa/auth/15.1.2106/themes/resources/favicon.ico'>")
}

fn other() -> Server {
    Server::start("Server: nginx\r\nX-Proxy-Version: 15.1.2106.2\r\n", "<p>15.1.2106.2</p>")
}

fn sweep(desk: &Desk, list: &str, more: &[&str]) -> Said {
    sweep_with(desk, list, more, &[])
}

fn sweep_with(desk: &Desk, list: &str, more: &[&str], environment: &[(&str, &str)]) -> Said {
    let targets = desk.path("targets.txt");
    std::fs::write(&targets, list).unwrap();
    let (targets, case) = (targets.display().to_string(), desk.path("case").display().to_string());
    let args = ["sweep", "--targets", &targets, "--case", &case, "--format", "jsonl", "--rate", "1000"];
    afterpatch_with(&[&args, more].concat(), environment)
}

/// What the run printed, an object a line.
fn told(said: &Said) -> Vec<Value> {
    said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn query(case: &Path, sql: &str) -> Vec<Value> {
    let case = case.display().to_string();
    told(&afterpatch(&["query", sql, "--case", &case, "--format", "jsonl"]).ends(0))
}

const SURE: &str = "--i-am-authorised";

#[test]
fn nothing_is_sent_by_who_does_not_say_that_they_may() {
    let (desk, server) = (Desk::new(), exchange());
    let said = sweep(&desk, &server.target, &[]).ends(2);
    assert!(said.stderr.contains("--i-am-authorised") && said.stdout.is_empty(), "{}", said.stderr);
    assert!(sweep(&desk, &server.target, &["--lang", "ja"]).ends(2).stderr.contains("権限"));
    assert_eq!(server.requests(), 0);
    assert!(!desk.path("case").exists(), "nothing is written either");
}

#[test]
fn what_was_announced_is_a_fact_with_its_artifact_and_its_ledger() {
    let (desk, servers) = (Desk::new(), [exchange(), branch(), other()]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut list: Vec<String> = servers.iter().map(|server| format!("{}/owa/\n", server.target)).collect();
    list.push(format!("http://{nobody}  # nobody\nftp://127.0.0.1\n{}\n", servers[0].target));
    let list = list.concat();
    // No proxy is used that the environment names: nothing listens there.
    let proxy = format!("http://{nobody}");
    let said = sweep_with(&desk, &list, &[SURE], &[("http_proxy", &proxy), ("ALL_PROXY", &proxy)]).ends(3);
    assert!(said.stderr.contains("line 5: ftp://127.0.0.1"), "{}", said.stderr);
    assert_eq!(servers.map(|server| server.requests()), [1, 1, 1]);

    let mut rows: Vec<_> = told(&said)
        .iter()
        .map(|row| {
            ["server", "what", "build", "note"].map(|name| row[name].as_str().unwrap_or_default().to_owned())
        })
        .collect();
    rows.sort();
    assert_eq!(
        rows,
        [
            ["127.0.0.1", "no answer", "", "unreachable"],
            ["127.0.0.1", "other", "", ""],
            ["EX01", "Exchange 2016", "15.1.2507.39", ""],
            ["EX02", "Exchange 2016", "15.1.2106", ""],
        ]
    );
    let between = told(&said).into_iter().find(|row| row["server"] == "EX02").unwrap();
    assert!(between["release"].as_str().unwrap().starts_with("between CU18 (15.1.2106.2) and "), "{between}");

    let case = desk.path("case");
    let builds = query(&case, "SELECT server, build, source FROM builds ORDER BY server");
    assert_eq!(builds.len(), 2);
    assert_eq!(builds[0], serde_json::json!({"server": "EX01", "build": "15.1.2507.39", "source": "sweep"}));
    let problems = query(&case, "SELECT code FROM problems ORDER BY code");
    assert_eq!(problems, [serde_json::json!({"code": "P0501"}), serde_json::json!({"code": "P0502"})]);
    afterpatch(&["custody", "verify", "--case", &case.display().to_string()]).ends(0);
}

#[test]
fn a_run_that_is_killed_is_gone_on_with_and_asks_nobody_twice() {
    let (desk, quick, slow) = (Desk::new(), [exchange(), branch(), other()], exchange());
    slow.holds.store(true, Ordering::SeqCst);
    let list: Vec<String> =
        quick.iter().chain([&slow]).map(|server| format!("{}\n", server.target)).collect();
    let list = list.concat();
    let (targets, case) = (desk.path("targets.txt"), desk.path("case"));
    std::fs::write(&targets, &list).unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_afterpatch"))
        .args(["sweep", SURE, "--at-once", "1", "--timeout", "60", "--targets"])
        .arg(&targets)
        .arg("--case")
        .arg(&case)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Three are answered and written down; the fourth holds the run until it is killed.
    let lines = || std::fs::read_to_string(case.join("sweep/open.part")).unwrap_or_default().lines().count();
    let waited = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        slow.requests() == 1 && lines() == 1 + quick.len()
    });
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(waited, "{} asked, {} lines", slow.requests(), lines());

    slow.holds.store(false, Ordering::SeqCst);
    let said = sweep(&desk, &list, &[SURE]).ends(0);
    assert!(said.stderr.contains("3 of the addresses were asked already"), "{}", said.stderr);
    assert_eq!(quick.map(|server| server.requests()), [1, 1, 1]);
    assert_eq!((slow.requests(), told(&said).len()), (2, 4));
    assert!(!case.join("sweep/open.part").exists());
    assert_eq!(query(&case, "SELECT COUNT(*) AS n FROM settings WHERE name = 'sweep'")[0]["n"], 4);
}

#[test]
fn a_further_sweep_stands_beside_the_first() {
    let (desk, server) = (Desk::new(), exchange());
    for _ in 0..2 {
        assert_eq!(told(&sweep(&desk, &server.target, &[SURE]).ends(0)).len(), 1);
    }
    assert_eq!(server.requests(), 2);
    let rows = query(&desk.path("case"), "SELECT artifact FROM builds GROUP BY artifact");
    assert_eq!(rows.len(), 2);
}

#[test]
fn a_list_of_nothing_and_sizes_of_nothing_make_no_sense() {
    let desk = Desk::new();
    assert!(sweep(&desk, "# none\n", &[SURE]).ends(2).stderr.contains("names no address"));
    sweep(&desk, "127.0.0.1:1", &[SURE, "--page", "much"]).ends(2);
    sweep(&desk, "127.0.0.1:1", &[SURE, "--at-once", "0"]).ends(2);
}
