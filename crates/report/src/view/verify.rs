//! What became of a plan, in words.

use super::{left_out, sentence};
use crate::figures::{self, grouped, minute};
use crate::texts::Texts;
use afterpatch_model::{
    Check, CheckOutcome, ComparedCase, Completion, Coverage, Fate, FindingId, FindingOutcome, Gap, Grounds,
    Sighting, VerifyResult,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What stands where a completion would, for what does not count.
const UNCOUNTED: &str = "uncounted";
/// Proofs of one outcome that are named; the JSON holds all.
const PROOFS: usize = 3;

/// The whole comparison.
#[derive(Serialize)]
pub(crate) struct VerifyView {
    pub(crate) version: String,
    pub(crate) organisation: String,
    pub(crate) completion: &'static str,
    pub(crate) headline: String,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) cautions: Vec<String>,
    pub(crate) servers: Vec<ServerLine>,
    pub(crate) steps: Vec<StepOutcome>,
    pub(crate) findings: Vec<FateView>,
}

/// How one server fared.
#[derive(Serialize)]
pub(crate) struct ServerLine {
    pub(crate) name: String,
    pub(crate) completion: &'static str,
    pub(crate) patched: Option<String>,
    pub(crate) cleaned: Option<String>,
    pub(crate) reasons: Vec<String>,
}

/// What became of one step.
#[derive(Serialize)]
pub(crate) struct StepOutcome {
    pub(crate) title: String,
    pub(crate) kind_word: String,
    pub(crate) completion: &'static str,
    pub(crate) word: String,
    pub(crate) checks: Vec<CheckView>,
}

/// What a check came to, on all servers alike.
#[derive(Serialize)]
pub(crate) struct CheckView {
    pub(crate) servers: Vec<String>,
    pub(crate) check: String,
    pub(crate) completion: &'static str,
    pub(crate) word: String,
    pub(crate) grounds: GroundsView,
    /// What the later plan says of it, where more has come out since.
    pub(crate) since: Option<String>,
}

/// What something rests on.
#[derive(Serialize, Default)]
pub(crate) struct GroundsView {
    pub(crate) reasons: Vec<String>,
    pub(crate) proofs: Vec<String>,
    pub(crate) covered: Vec<String>,
    pub(crate) missing: Vec<String>,
    pub(crate) left_out: Option<String>,
}

/// The findings of one fate.
#[derive(Serialize)]
pub(crate) struct FateView {
    pub(crate) fate: &'static str,
    pub(crate) word: String,
    pub(crate) findings: Vec<FindingLine>,
}

/// What became of one finding.
#[derive(Serialize)]
pub(crate) struct FindingLine {
    pub(crate) title: String,
    pub(crate) server: String,
    pub(crate) grades: String,
    pub(crate) grounds: GroundsView,
}

impl VerifyView {
    /// Puts a comparison into words.
    pub(crate) fn of(result: &VerifyResult, texts: &Texts) -> Self {
        let titles: BTreeMap<&FindingId, String> =
            result.findings.iter().map(|one| (&one.finding, sentence(&one.title, texts))).collect();
        let organisation = result.after.organisation.as_ref().or(result.before.organisation.as_ref());
        Self {
            version: result.version.clone(),
            organisation: organisation.cloned().unwrap_or_else(|| texts.get("ui-organisation-unnamed", &[])),
            completion: result.completion.name(),
            headline: texts.get(&format!("ui-verified-{}", result.completion.name()), &[]),
            before: until(&result.before, texts),
            after: until(&result.after, texts),
            cautions: result.cautions.iter().map(|reason| texts.reason(reason)).collect(),
            servers: servers(result, texts),
            steps: steps(result, &titles, texts),
            findings: Fate::ALL.iter().filter_map(|fate| of_fate(*fate, result, texts)).collect(),
        }
    }
}

fn until(case: &ComparedCase, texts: &Texts) -> String {
    match case.until {
        Some(until) => texts.get("ui-verify-until", &[("until", &minute(until))]),
        None => texts.get("ui-verify-no-dates", &[]),
    }
}

fn servers(result: &VerifyResult, texts: &Texts) -> Vec<ServerLine> {
    let line = |server: &afterpatch_model::ServerComparison| ServerLine {
        name: server.name.clone(),
        completion: Completion::worst(server.patched.into_iter().chain(server.cleaned))
            .unwrap_or(if server.in_before && server.in_after {
                Completion::Done
            } else {
                Completion::CannotTell
            })
            .name(),
        patched: server.patched.map(|completion| texts.completion(completion)),
        cleaned: server.cleaned.map(|completion| texts.completion(completion)),
        reasons: server.reasons.iter().map(|reason| texts.reason(reason)).collect(),
    };
    result.servers.iter().map(line).collect()
}

fn steps(result: &VerifyResult, titles: &BTreeMap<&FindingId, String>, texts: &Texts) -> Vec<StepOutcome> {
    result
        .actions
        .iter()
        .map(|action| StepOutcome {
            title: sentence(&action.title, texts),
            kind_word: texts.action(action.kind),
            completion: completion(action.completion, !action.by_hand),
            word: if action.by_hand {
                texts.get("ui-by-hand", &[])
            } else {
                texts.completion(action.completion)
            },
            checks: checks(told(&action.checks), titles, texts),
        })
        .collect()
}

/// Returns what a step or a check came to, where that counts.
fn completion(completion: Completion, counts: bool) -> &'static str {
    if counts { completion.name() } else { UNCOUNTED }
}

/// A step that is by hand throughout has nothing to tell.
fn told(checks: &[CheckOutcome]) -> &[CheckOutcome] {
    if checks.iter().all(|one| one.check == Check::ByHand) { &[] } else { checks }
}

/// What is the same on several servers is said once.
fn checks(checks: &[CheckOutcome], titles: &BTreeMap<&FindingId, String>, texts: &Texts) -> Vec<CheckView> {
    let mut views: Vec<(CheckView, Grounds)> = Vec::new();
    for one in checks {
        let view = CheckView {
            servers: one.server.iter().cloned().collect(),
            check: check_in_words(&one.check, titles, texts),
            completion: completion(one.completion, one.counts),
            word: if one.counts { texts.completion(one.completion) } else { texts.get("ui-uncounted", &[]) },
            grounds: GroundsView::default(),
            since: since(one, texts),
        };
        let alike = views.iter_mut().find(|(known, grounds)| {
            known.check == view.check
                && known.completion == view.completion
                && known.since == view.since
                && grounds.reasons == one.grounds.reasons
        });
        if let Some((known, grounds)) = alike {
            known.servers.extend(view.servers);
            grounds.proofs.extend(one.grounds.proofs.iter().cloned());
            grounds.covered.extend(one.grounds.covered.iter().cloned());
            grounds.missing.extend(one.grounds.missing.iter().cloned());
        } else {
            views.push((view, one.grounds.clone()));
        }
    }
    views
        .into_iter()
        .map(|(view, grounds)| CheckView { grounds: grounds_in_words(&grounds, texts), ..view })
        .collect()
}

fn since(check: &CheckOutcome, texts: &Texts) -> Option<String> {
    let said = sentence(&check.since, texts);
    (!said.is_empty()).then(|| texts.get("ui-planned-since", &[("plan", &said)]))
}

fn check_in_words(check: &Check, titles: &BTreeMap<&FindingId, String>, texts: &Texts) -> String {
    let say = |key: &str, args: &[(&str, &str)]| texts.get(&format!("check-{key}"), args);
    match check {
        Check::BuildFixes { cves } => say("build-fixes", &[("cves", &cves.join(", "))]),
        Check::FindingGone { finding } => {
            let title = titles.get(finding).map_or(finding.as_str(), String::as_str);
            say("finding-gone", &[("finding", title)])
        }
        Check::PathAbsent { path } => say("path-absent", &[("path", path)]),
        Check::SettingAbsent { name, value } => say("setting-absent", &[("name", name), ("value", value)]),
        Check::Covered { source, .. } => say("covered", &[("source", &texts.source(source))]),
        Check::PrerequisiteMet { id, .. } => say("prerequisite-met", &[("need", &texts.need(id))]),
        Check::NotReached { .. } => say("not-reached", &[]),
        Check::NothingNew { .. } => say("nothing-new", &[]),
        Check::Scoped { from } => match from {
            Some(from) => say("scoped", &[("from", &from.day())]),
            None => say("scoped-undated", &[]),
        },
        Check::Scanned => say("scanned", &[]),
        Check::ByHand => say("by-hand", &[]),
    }
}

fn of_fate(fate: Fate, result: &VerifyResult, texts: &Texts) -> Option<FateView> {
    let of_fate = result.findings.iter().filter(|finding| finding.fate == fate);
    let findings: Vec<_> = of_fate.map(|finding| finding_in_words(finding, texts)).collect();
    let word = texts.get(&format!("fate-{}", fate.name()), &[]);
    (!findings.is_empty()).then(|| FateView { fate: fate.name(), word, findings })
}

fn finding_in_words(finding: &FindingOutcome, texts: &Texts) -> FindingLine {
    let grades = [finding.before, finding.after];
    let grades = grades.map(|grade| grade.map_or_else(|| "–".to_owned(), |grade| texts.grade(grade)));
    FindingLine {
        title: sentence(&finding.title, texts),
        server: finding.server.clone(),
        grades: grades.join(" → "),
        grounds: grounds_in_words(&finding.grounds, texts),
    }
}

fn grounds_in_words(grounds: &Grounds, texts: &Texts) -> GroundsView {
    let mut covered: Vec<_> = grounds.covered.iter().map(|row| coverage_in_words(row, texts)).collect();
    covered.dedup();
    GroundsView {
        reasons: grounds.reasons.iter().map(|reason| texts.reason(reason)).collect(),
        proofs: grounds.proofs.iter().take(PROOFS).map(proof_in_words).collect(),
        covered,
        missing: grounds.missing.iter().map(|gap| gap_in_words(gap, texts)).collect(),
        left_out: left_out(grounds.proofs.len(), PROOFS, "--format json", texts),
    }
}

fn proof_in_words(proof: &Sighting) -> String {
    let place = format!("{}#{}", proof.place, proof.locator.record);
    match proof.time {
        Some(time) => format!("{place} ({}): {}", time.to_second(), proof.what),
        None => format!("{place}: {}", proof.what),
    }
}

fn coverage_in_words(row: &Coverage, texts: &Texts) -> String {
    let span = match (row.spans.first(), row.spans.last()) {
        (Some(first), Some(last)) => {
            figures::span(&afterpatch_model::Span { from: first.from, until: last.until })
        }
        _ => texts.get("ui-files-collected", &[("count", &grouped(row.records))]),
    };
    let words = [row.server.clone(), texts.source(&row.source), row.folder.clone(), span];
    joined(&words)
}

fn gap_in_words(gap: &Gap, texts: &Texts) -> String {
    let span = gap.span.as_ref().map(figures::span).unwrap_or_default();
    joined(&[gap.server.clone(), texts.source(&gap.source), gap.folder.clone(), span])
}

fn joined(words: &[String]) -> String {
    let words: Vec<_> = words.iter().filter(|word| !word.is_empty()).map(String::as_str).collect();
    words.join(", ")
}
