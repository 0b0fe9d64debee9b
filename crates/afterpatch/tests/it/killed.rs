//! A run that is killed, at whatever moment, and then run to its end has left what an undisturbed run leaves.

use crate::determinism::CHAIN;
use crate::place::files_below;
use crate::program::Desk;
use afterpatch_range::Layout;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Runs that are killed.
const KILLS: u32 = 100;
/// Runs that a case takes before it is run to its end and compared.
const KILLS_A_CASE: u32 = 10;
/// The longest that a run lives, in microseconds; an undisturbed one takes about as long.
const LONGEST: u64 = 500_000;

/// A stream of numbers that is the same in every test run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 20) % most
    }
}

fn start(evidence: &Path, case: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_afterpatch"))
        .arg("investigate")
        .arg(evidence)
        .arg("--case")
        .arg(case)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Everything in a case but the ledger, which tells of the cuts.
fn files(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let kept = files_below(case).into_iter().filter(|(name, _)| name != "ledger.jsonl");
    kept.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
}

/// What the ledger says of evidence and facts, in its order, without the chain and without runs and cuts.
fn custody(case: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(case.join("ledger.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| !["run", "cut", "commit"].contains(&line["kind"].as_str().unwrap()))
        .map(|mut line| {
            line.as_object_mut().unwrap().remove("previous");
            line
        })
        .collect()
}

/// Starts a run and kills it after `delay`; tells whether it was still running.
fn kill(evidence: &Path, case: &Path, delay: Duration) -> bool {
    let mut run = start(evidence, case);
    std::thread::sleep(delay);
    let was_running = run.try_wait().unwrap().is_none();
    // SIGKILL on Unix: nothing of the program runs after it.
    run.kill().unwrap();
    run.wait().unwrap();
    was_running
}

#[test]
fn a_hundred_kills_change_nothing() {
    let desk = Desk::new();
    let evidence = desk.scenario(CHAIN, Layout::Folder);
    desk.investigate(&evidence, "whole", &[]).ends(0);
    let (whole, told) = (files(&desk.path("whole")), custody(&desk.path("whole")));
    let mut numbers = Numbers(2021);
    let (mut kills, mut on_a_case, mut cases) = (0, 0, 0);
    while kills < KILLS {
        let case = desk.path(&format!("case-{cases}"));
        let was_running = kill(&evidence, &case, Duration::from_micros(numbers.below(LONGEST)));
        kills += u32::from(was_running);
        on_a_case += 1;
        if on_a_case < KILLS_A_CASE && was_running && kills < KILLS {
            continue;
        }
        assert!(start(&evidence, &case).wait().unwrap().success());
        assert_eq!(custody(&case), told, "after {kills} kills");
        let again = files(&case);
        assert_eq!(again.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
        assert!(again == whole, "after {kills} kills");
        (on_a_case, cases) = (0, cases + 1);
    }
}
