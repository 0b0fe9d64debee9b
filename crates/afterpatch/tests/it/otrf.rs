//! A laboratory run of the ProxyLogon chain that nobody here made: Windows events only, no web folder.

use crate::place::shared;
use crate::program::Desk;
use afterpatch_model::{Answer, CaseResult, Finding, Grade, Phase, Question, Timestamp, Verdict};

fn finding<'a>(result: &'a CaseResult, cve: &str) -> &'a Finding {
    let named = |finding: &&Finding| finding.cves.iter().any(|named| named == cve);
    result.findings.iter().find(named).unwrap_or_else(|| panic!("no finding names {cve}"))
}

fn answer(result: &CaseResult, question: Question) -> &Answer {
    let server = result.servers.first().expect("one server");
    server.answers.iter().find(|answer| answer.question == question).expect("all six are answered")
}

/// Tells whether the finding's proofs reach into the minute of the attack.
fn is_at_the_minute(finding: &Finding) -> bool {
    let minute: Timestamp = "2021-03-14T01:40:00Z".parse().unwrap();
    let until = minute.plus(Timestamp::HOUR / 60);
    finding.proofs.iter().filter_map(|proof| proof.time).any(|time| minute <= time && time < until)
}

/// One actor, one story: from the forged request to the page that ran, in order, in at most a dozen lines.
fn tells_one_story(result: &CaseResult) {
    let [story] = &result.stories[..] else { panic!("{:#?}", result.stories) };
    let lines: Vec<String> = story
        .steps
        .iter()
        .map(|step| format!("{:?} {} {} {}", step.first, step.phase.name(), step.grade.name(), step.text.en))
        .collect();
    eprintln!("{}", lines.join("\n"));
    assert!((4..=12).contains(&lines.len()), "{lines:#?}");
    assert_eq!(story.left_out, 0, "{lines:#?}");
    assert!(story.steps.iter().map(|step| step.first).is_sorted(), "{lines:#?}");
    let phases: Vec<Phase> = story.steps.iter().map(|step| step.phase).collect();
    for phase in [Phase::Entry, Phase::Execution, Phase::Foothold] {
        assert!(phases.contains(&phase), "{lines:#?}");
    }
    let missing: Vec<Phase> = story.missing.iter().map(|missing| missing.phase).collect();
    assert!(missing.contains(&Phase::Theft), "nothing was taken in the laboratory: {missing:?}");
    assert!(phases.iter().all(|phase| !missing.contains(phase)));
}

#[test]
fn the_chain_is_found_and_no_more_is_claimed_than_the_events_show() {
    let Some(evidence) = shared("otrf-proxylogon/proxylogon_ssrf_rce_poc.zip") else {
        return;
    };
    let desk = Desk::new();
    let said = desk.investigate(&evidence, "case", &[]);
    assert!(matches!(said.code, 0 | 3), "{said:?}");
    let result = desk.result("case");

    let names: Vec<&str> = result.servers.iter().map(|server| server.server.name.as_str()).collect();
    assert_eq!(names, ["MXS01"]);
    for cve in ["CVE-2021-26855", "CVE-2021-27065"] {
        let finding = finding(&result, cve);
        assert_eq!(finding.grade, Grade::Executed, "{cve}: {:?}", finding.reasons);
        assert!(is_at_the_minute(finding), "{cve}: {:?} to {:?}", finding.first, finding.last);
        assert!(!finding.proofs.is_empty());
    }
    let shell = |text: &str| text.to_lowercase().contains("ohyeah.aspx");
    let names_shell = |finding: &Finding| {
        shell(&finding.subject)
            || finding.proofs.iter().any(|proof| proof.fields.values().any(|value| shell(value)))
    };
    assert!(result.findings.iter().any(names_shell), "the shell's path is in no finding");
    assert!(result.findings.len() <= 12, "{} findings", result.findings.len());

    tells_one_story(&result);

    assert_eq!(answer(&result, Question::BrokenInto).verdict, Verdict::Yes);
    let inside = answer(&result, Question::StillInside);
    assert!(matches!(inside.verdict, Verdict::CannotTell | Verdict::Likely), "{inside:?}");
    assert!(!inside.reasons.is_empty() && !inside.missing.is_empty(), "{inside:?}");
    assert_eq!(result.counts.records, 10_487);
    assert_eq!(result.counts.facts + result.counts.lost, result.counts.records);
}
