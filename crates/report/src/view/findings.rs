//! Findings with their proof.

use super::{left_out, paragraphs, sentence};
use crate::figures::{grouped, moment};
use crate::texts::Texts;
use afterpatch_model::{Detection, Finding, Proof};
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

pub(super) fn findings(findings: &[Finding], texts: &Texts) -> Vec<FindingView> {
    findings.iter().map(|finding| finding_view(finding, texts)).collect()
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
