//! Findings with their proof, and the plan.

use super::{Link, left_out, paragraphs, sentence};
use crate::figures::{grouped, moment};
use crate::texts::Texts;
use afterpatch_model::{Action, Command, Detection, Finding, Proof, Target};
use serde::Serialize;
use std::collections::BTreeMap;

/// Proof rows of one finding that the page lists; the JSON holds all.
const PROOF_ROWS: usize = 40;

/// A finding in words.
#[derive(Serialize)]
pub(crate) struct FindingView {
    id: String,
    claim: String,
    server: String,
    subject: String,
    question: String,
    grade: &'static str,
    grade_word: String,
    confidence: String,
    title: String,
    summary: Vec<String>,
    cves: Vec<String>,
    techniques: Vec<String>,
    first: String,
    last: String,
    reasons: Vec<String>,
    false_alarms: Vec<String>,
    detections: Vec<DetectionView>,
    against: Vec<DetectionView>,
    proofs: Vec<ProofView>,
    left_out: Option<String>,
}

#[derive(Serialize)]
struct DetectionView {
    rule: String,
    title: String,
    engine: String,
    level: String,
    author: String,
    license: String,
    reference: Option<String>,
    facts: String,
}

#[derive(Serialize)]
struct ProofView {
    time: String,
    grade: &'static str,
    grade_word: String,
    rule: String,
    place: String,
    artifact: String,
    record: u64,
    fields: BTreeMap<String, String>,
}

/// A step of the plan in words.
#[derive(Serialize)]
pub(crate) struct Step {
    kind: &'static str,
    kind_word: String,
    title: String,
    servers: Vec<String>,
    what: Vec<String>,
    why: Vec<String>,
    not_covered: Vec<String>,
    verify: Vec<String>,
    decides: String,
    changes_things: bool,
    commands: Vec<CommandView>,
    page: Option<String>,
    /// Only where the servers differ: a single one without a subject says no more than `servers`.
    targets: Vec<TargetView>,
    findings: Vec<Link>,
    exposures: Vec<String>,
    because_of_gaps: bool,
    /// The numbers of the steps that come before.
    after: Vec<usize>,
}

#[derive(Serialize)]
struct CommandView {
    shell: String,
    text: String,
    reads_only: bool,
    products: Vec<String>,
}

#[derive(Serialize)]
struct TargetView {
    servers: Vec<String>,
    subject: Option<String>,
    note: String,
}

pub(super) fn findings(findings: &[Finding], texts: &Texts) -> Vec<FindingView> {
    findings.iter().map(|finding| finding_view(finding, texts)).collect()
}

pub(super) fn plan(plan: &[Action], links: &BTreeMap<String, Link>, texts: &Texts) -> Vec<Step> {
    let number = |key: &String| plan.iter().position(|action| action.key == *key).map(|place| place + 1);
    plan.iter()
        .map(|action| Step {
            kind: action.kind.name(),
            kind_word: texts.action(action.kind),
            title: sentence(&action.title, texts),
            servers: action.servers.clone(),
            what: paragraphs(&action.what, texts),
            why: paragraphs(&action.why, texts),
            not_covered: paragraphs(&action.not_covered, texts),
            verify: paragraphs(&action.verify, texts),
            decides: texts.decider(action.decides),
            changes_things: action.changes_things,
            commands: commands(action, texts),
            page: action.page.clone(),
            targets: targets(&action.targets, texts),
            findings: action.findings.iter().filter_map(|id| links.get(id.as_str())).cloned().collect(),
            exposures: action.exposures.clone(),
            because_of_gaps: action.because_of_gaps,
            after: action.after.iter().filter_map(number).collect(),
        })
        .collect()
}

fn commands(action: &Action, texts: &Texts) -> Vec<CommandView> {
    let view = |command: &Command| CommandView {
        shell: texts.shell(command.shell),
        text: command.text.clone(),
        reads_only: command.reads_only,
        products: command.products.clone(),
    };
    action.commands.iter().map(view).collect()
}

fn targets(targets: &[Target], texts: &Texts) -> Vec<TargetView> {
    let differ =
        |target: &Target| targets.len() > 1 || target.subject.is_some() || !target.note.en.is_empty();
    let view = |target: &Target| TargetView {
        servers: target.servers.clone(),
        subject: target.subject.clone(),
        note: sentence(&target.note, texts),
    };
    targets.iter().filter(|target| differ(target)).map(view).collect()
}

fn finding_view(finding: &Finding, texts: &Texts) -> FindingView {
    let detections = |list: &[Detection]| list.iter().map(|one| detection_view(one, texts)).collect();
    FindingView {
        id: finding.id.to_string(),
        claim: finding.claim.clone(),
        server: finding.server.clone(),
        subject: finding.subject.clone(),
        question: texts.question(finding.question),
        grade: finding.grade.name(),
        grade_word: texts.grade(finding.grade),
        confidence: texts.level(finding.confidence),
        title: sentence(&finding.title, texts),
        summary: paragraphs(&finding.summary, texts),
        cves: finding.cves.clone(),
        techniques: finding.techniques.clone(),
        first: moment(finding.first),
        last: moment(finding.last),
        reasons: finding.reasons.iter().map(|reason| texts.reason(reason)).collect(),
        false_alarms: paragraphs(&finding.false_alarms, texts),
        detections: detections(&finding.detections),
        against: detections(&finding.against),
        proofs: finding.proofs.iter().take(PROOF_ROWS).map(|proof| proof_view(proof, texts)).collect(),
        left_out: left_out(finding.proofs.len(), PROOF_ROWS, "findings.jsonl", texts),
    }
}

fn detection_view(detection: &Detection, texts: &Texts) -> DetectionView {
    DetectionView {
        rule: detection.rule.to_string(),
        title: detection.title.clone(),
        engine: texts.engine(detection.engine),
        level: texts.level(detection.level),
        author: detection.author.clone(),
        license: detection.license.clone(),
        reference: detection.reference.clone(),
        facts: grouped(detection.facts),
    }
}

fn proof_view(proof: &Proof, texts: &Texts) -> ProofView {
    ProofView {
        time: moment(proof.time),
        grade: proof.grade.name(),
        grade_word: texts.grade(proof.grade),
        rule: proof.rule.to_string(),
        place: proof.place.clone(),
        artifact: proof.locator.artifact.to_string(),
        record: proof.locator.record,
        fields: proof.fields.clone(),
    }
}
