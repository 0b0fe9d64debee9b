//! A sweep's file: what an address announced is a fact, and what it did not is said.

use crate::support::{Reading, pick, read_bytes};
use afterpatch_model::{
    Failure, FailureKind, HttpAnswer, Observation, ProblemCode, SWEEP_SCHEMA, SweepBegin, Timestamp,
};
use proptest::prelude::*;

const TIME: &str = "2026-03-24T08:15:00Z";

fn time() -> Timestamp {
    TIME.parse().unwrap()
}

fn answer(status: u16, headers: &[(&str, &str)], owa_paths: &[&str]) -> HttpAnswer {
    HttpAnswer {
        url: "https://mail.example.org/owa/".to_owned(),
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        certificate: Some("ab".repeat(32)),
        body_sha256: "00".repeat(32),
        body_bytes: 0,
        body_cut: None,
        owa_paths: owa_paths.iter().map(|path| (*path).to_owned()).collect(),
    }
}

fn observation(answers: Vec<HttpAnswer>) -> Observation {
    Observation {
        target: "https://mail.example.org".to_owned(),
        time: time(),
        addresses: vec!["192.0.2.7:443".to_owned()],
        answers,
        not_followed: None,
        failure: None,
    }
}

fn file(lines: &[String]) -> Vec<u8> {
    let begin =
        SweepBegin { schema: SWEEP_SCHEMA.to_owned(), begun: time(), user_agent: "afterpatch".to_owned() };
    let first = serde_json::to_string(&begin).unwrap();
    let lines: String = std::iter::once(&first).chain(lines).flat_map(|line| [line.as_str(), "\n"]).collect();
    lines.into_bytes()
}

fn read(observations: &[Observation]) -> Reading {
    let lines: Vec<String> = observations.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    read_bytes("sweep-20260324T081500Z.jsonl", &file(&lines))
}

/// Returns class, server, and builds with branches of one observation, and the codes of its problems.
fn told(observation: Observation) -> (String, String, Vec<String>, Vec<ProblemCode>) {
    let reading = read(&[observation]);
    assert_eq!((reading.read.parser, reading.counts()), (Some("sweep"), (1, 1, 0)));
    let row = &reading.rows("settings")[0];
    assert_eq!(pick(row, &["time", "name", "scope"]), [TIME, "sweep", "https://mail.example.org"]);
    let builds = reading.rows("builds").iter().map(|row| format!("{} {}", row["build"], row["seen_in"]));
    (row["value"].clone(), row["server"].clone(), builds.collect(), reading.codes())
}

#[test]
fn a_whole_build_is_a_sighting_on_the_server_that_names_itself() {
    let headers =
        [("x-feserver", "EX01"), ("x-owa-version", "15.01.2507.006"), ("server", "Microsoft-IIS/10.0")];
    let answers =
        vec![answer(302, &[("x-feserver", "EX02")], &[]), answer(200, &headers, &["/owa/auth/15.1.2507/"])];
    let (class, server, builds, codes) = told(observation(answers));
    assert_eq!((class.as_str(), server.as_str()), ("Exchange 2016", "EX01"));
    assert_eq!(
        builds,
        ["15.1.2507.6 header X-OWA-Version"],
        "the path says nothing that the header does not"
    );
    assert_eq!(codes, []);
}

#[test]
fn three_parts_are_a_cumulative_update() {
    let (class, server, builds, codes) = told(observation(vec![answer(200, &[], &["/owa/auth/15.2.986/"])]));
    assert_eq!((class.as_str(), server.as_str()), ("Exchange 2019", "MAIL"));
    assert_eq!(builds, ["15.2.986 path of OWA"]);
    assert_eq!(codes, []);
}

#[test]
fn a_header_of_what_stands_before_the_server_is_no_announcement() {
    let headers =
        [("server", "nginx/1.25.3"), ("via", "1.1 proxy (15.2.986.5)"), ("x-powered-by", "15.1.2106.2")];
    let (class, _, builds, codes) = told(observation(vec![answer(200, &headers, &[])]));
    assert_eq!((class.as_str(), builds.len()), ("other", 0));
    assert_eq!(codes, [ProblemCode::NoBuildTold]);
}

#[test]
fn exchange_that_names_no_build_is_exchange_all_the_same() {
    let mut elsewhere = observation(vec![answer(302, &[("x-feserver", "EX01")], &[])]);
    elsewhere.not_followed = Some("https://adfs.example.org/adfs/ls/".to_owned());
    let (class, server, builds, codes) = told(elsewhere);
    assert_eq!((class.as_str(), server.as_str(), builds.len()), ("Exchange", "EX01", 0));
    assert_eq!(codes, [ProblemCode::NoBuildTold]);
}

#[test]
fn a_lie_that_is_no_build_makes_no_sighting() {
    for lie in ["99.1.2.3", "15.1", "15.3.1.1", "<script>", "", "4294967296.1.1.1"] {
        let (class, _, builds, codes) = told(observation(vec![answer(200, &[("x-owa-version", lie)], &[])]));
        assert_eq!((class.as_str(), builds.len()), ("Exchange", 0), "{lie}");
        assert_eq!(codes, [ProblemCode::NoBuildTold], "{lie}");
    }
}

#[test]
fn builds_of_two_updates_disagree_and_both_are_kept() {
    let answers = vec![answer(200, &[("x-owa-version", "15.1.2507.6")], &["/owa/auth/15.2.986/"])];
    let (class, _, builds, codes) = told(observation(answers));
    assert_eq!((class.as_str(), builds.len()), ("Exchange", 2));
    assert_eq!(codes, [ProblemCode::BuildsDisagree]);
}

#[test]
fn an_address_without_an_answer_is_a_fact_and_a_problem() {
    let mut silent = observation(Vec::new());
    silent.failure = Some(Failure { kind: FailureKind::TimedOut, detail: "timeout: connect".to_owned() });
    let (class, _, builds, codes) = told(silent);
    assert_eq!((class.as_str(), builds.len()), ("no answer", 0));
    assert_eq!(codes, [ProblemCode::NoAnswer]);
}

#[test]
fn a_line_that_is_no_observation_is_a_lost_record() {
    let good = serde_json::to_string(&observation(Vec::new())).unwrap();
    let reading = read_bytes("s.jsonl", &file(&["{}".to_owned(), good.clone(), good[..40].to_owned()]));
    assert_eq!(reading.counts(), (3, 1, 2));
    let other = good.replace("afterpatch.sweep/1", "other/1");
    assert_eq!(read_bytes("s.jsonl", other.as_bytes()).read.parser, None, "no first line");
}

prop_compose! {
    fn any_answer()(
        status in any::<u16>(),
        headers in proptest::collection::vec(
            (prop_oneof![Just("x-owa-version"), Just("x-feserver"), Just("server")], prop_oneof!["[0-9.]{0,20}", ".{0,20}"]),
            0..4,
        ),
        paths in proptest::collection::vec("/owa/(auth/)?[0-9]{1,3}(\\.[0-9]{1,6}){2,3}/", 0..3),
        cut in proptest::option::of(".{0,20}"),
    ) -> HttpAnswer {
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        HttpAnswer { headers, owa_paths: paths, body_cut: cut, ..answer(status, &[], &[]) }
    }
}

proptest! {
    #[test]
    fn whatever_was_answered_each_address_is_one_fact_and_says_its_build_or_why_not(
        answers in proptest::collection::vec(any_answer(), 0..3),
        target in ".{0,30}",
        failed in proptest::option::of(proptest::sample::select(FailureKind::ALL)),
    ) {
        let failure = failed.map(|kind| Failure { kind, detail: String::new() });
        let one = Observation { target, failure, ..observation(answers) };
        let reading = read(std::slice::from_ref(&one));
        prop_assert_eq!(reading.counts(), (1, 1, 0));
        let builds = reading.rows("builds");
        prop_assert!(!builds.is_empty() || !reading.codes().is_empty(), "neither a sighting nor a reason");
        for row in builds {
            let parts: Vec<u32> = row["build"].split('.').map(|part| part.parse().unwrap()).collect();
            prop_assert!(parts.len() == 3 || parts.len() == 4);
        }
    }
}
