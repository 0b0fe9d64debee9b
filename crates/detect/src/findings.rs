//! From detections to findings: one claim, one finding; the grade is the highest that the evidence carries.

use crate::claim::{Claim, Subject};
use crate::content::Content;
use crate::exposed::{Runs, fixed_by};
use crate::rule::{Bearing, Rule};
use afterpatch_model::{
    ArtifactId, Detection, Finding, Grade, Level, Message, Proof, Reason, RuleId, TimelineEntry, Weight,
    file_name,
};
use std::collections::{BTreeMap, BTreeSet};

/// The proofs that a finding shows at most; the counts say how many facts there are.
const PROOFS: usize = 24;

/// What grading looks at beside the detections.
pub(crate) struct Grading<'a> {
    pub(crate) content: &'a Content,
    pub(crate) runs: &'a Runs,
    /// The path of each artifact in its collection, to be read by people.
    pub(crate) places: &'a BTreeMap<ArtifactId, String>,
    rules: BTreeMap<&'a RuleId, &'a Rule>,
}

impl<'a> Grading<'a> {
    pub(crate) fn new(
        content: &'a Content,
        runs: &'a Runs,
        places: &'a BTreeMap<ArtifactId, String>,
    ) -> Self {
        let rules = content.rules().iter().map(|rule| (&rule.id, rule)).collect();
        Self { content, runs, places, rules }
    }

    /// Rolls detections up into findings: gravest first, then by time, server and claim.
    pub(crate) fn findings(&self, detections: &[Detection]) -> Vec<Finding> {
        let mut groups: BTreeMap<(String, String, String), Vec<Detection>> = BTreeMap::new();
        for detection in detections {
            let Some(claim) = detection.claim.as_ref().and_then(|id| self.content.claims().get(id)) else {
                continue;
            };
            let key = (claim.id.clone(), detection.server.clone(), group(claim, &detection.subject));
            groups.entry(key).or_default().push(detection.clone());
        }
        let mut findings: Vec<_> = groups.into_values().filter_map(|group| self.finding(group)).collect();
        findings.sort_by(|a, b| {
            (b.grade, a.first, &a.server, &a.claim, &a.subject)
                .cmp(&(a.grade, b.first, &b.server, &b.claim, &b.subject))
        });
        findings
    }

    /// Returns every proof of the findings as a line of the timeline, in order of time.
    pub(crate) fn timeline(&self, findings: &[Finding]) -> Vec<TimelineEntry> {
        let mut timeline: Vec<_> = findings
            .iter()
            .flat_map(|finding| finding.proofs.iter().filter_map(|proof| self.entry(finding, proof)))
            .collect();
        timeline.sort();
        // A fact that bears on two claims is one line.
        let mut told = BTreeSet::new();
        timeline.retain(|entry| told.insert((entry.locator.clone(), entry.rule.clone())));
        timeline
    }

    fn entry(&self, finding: &Finding, proof: &Proof) -> Option<TimelineEntry> {
        let message = &self.bearing(&proof.rule)?.message;
        let value = |name: &str| match name {
            "server" => Some(finding.server.clone()),
            "subject" => Some(finding.subject.clone()),
            name => proof.fields.get(name).cloned(),
        };
        Some(TimelineEntry {
            time: proof.time?,
            server: finding.server.clone(),
            question: finding.question,
            grade: proof.grade,
            rule: proof.rule.clone(),
            text: message.fill(value),
            finding: finding.id.clone(),
            locator: proof.locator.clone(),
            place: proof.place.clone(),
            fields: proof.fields.clone(),
        })
    }

    fn bearing(&self, rule: &RuleId) -> Option<&'a Bearing> {
        self.rules.get(rule)?.bearing.as_ref()
    }

    fn finding(&self, detections: Vec<Detection>) -> Option<Finding> {
        let (against, mut detections): (Vec<_>, Vec<_>) =
            detections.into_iter().partition(|detection| detection.weight == Weight::Against);
        let claim = self.content.claims().get(detections.first()?.claim.as_ref()?)?;
        let mut reasons = self.hold_down(claim, &mut detections);
        let grade = detections.iter().map(|detection| detection.grade).max()?;
        let proofs = self.proofs(&detections);
        if proofs.is_empty() {
            return None;
        }
        let confidence = self.confidence(&detections, grade);
        reasons.splice(0..0, self.grounds(&detections, &against, grade));
        let server = detections.first()?.server.clone();
        let subject = fullest_subject(&detections);
        let (title, summary) = claim.wording(grade);
        let filled = |message: &Message| {
            message.fill(|name| match name {
                "server" => Some(server.clone()),
                "subject" => Some(subject.clone()),
                _ => None,
            })
        };
        Some(Finding {
            id: Finding::derive_id(&claim.id, &server, &group(claim, &subject)),
            claim: claim.id.clone(),
            question: claim.question,
            grade,
            confidence,
            title: filled(title),
            summary: filled(summary),
            cves: claim.cves.clone(),
            techniques: claim.techniques.clone(),
            first: detections.iter().filter_map(|detection| detection.first).min(),
            last: detections.iter().filter_map(|detection| detection.last).max(),
            reasons,
            false_alarms: self.false_alarms(&detections, grade),
            server,
            subject,
            proofs,
            detections,
            against,
        })
    }

    /// A patched server still logs the attempt: what happened after the fix and shows no more than an answer of the
    /// back end is held at `attempted`.
    fn hold_down(&self, claim: &Claim, detections: &mut [Detection]) -> Vec<Reason> {
        let mut reasons = BTreeSet::new();
        if !claim.stopped_by_patch {
            return Vec::new();
        }
        for detection in detections.iter_mut().filter(|detection| detection.grade <= Grade::Reached) {
            let runs = self.runs.get(&detection.server).map_or(&[][..], Vec::as_slice);
            let knowledge = self.content.knowledge();
            let fixed = detection.first.and_then(|first| fixed_by(runs, knowledge, &claim.cves, first));
            if let Some(build) = fixed {
                detection.grade = Grade::Attempted;
                reasons.insert(Reason::new("blocked-patched", &[("fixed", &build.to_string())]));
            }
        }
        reasons.into_iter().collect()
    }

    /// Names the evidence for the grade, and the circumstances that the rules know.
    fn grounds(&self, detections: &[Detection], against: &[Detection], grade: Grade) -> Vec<Reason> {
        let mut grounds = Vec::new();
        if let Some(best) =
            detections.iter().filter(|detection| detection.grade == grade).min_by_key(|d| d.first)
        {
            grounds.push(Reason::new("graded-by", &[("rule", &best.title), ("grade", grade.name())]));
        }
        let kinds = kinds(detections);
        if kinds.len() > 1 {
            let sources = kinds.into_iter().collect::<Vec<_>>().join(", ");
            grounds.push(Reason::new("two-kinds", &[("sources", &sources)]));
        } else {
            grounds.push(Reason::new("one-trace", &[]));
        }
        grounds.extend(judged(detections, grade));
        let circumstance = |detection: &Detection| self.bearing(&detection.rule)?.circumstance.clone();
        let known: BTreeSet<_> = detections.iter().chain(against).filter_map(circumstance).collect();
        grounds.extend(known.iter().map(|key| Reason::new(key, &[])));
        grounds.extend(against.iter().map(|held| Reason::new("held-by", &[("rule", &held.title)])));
        grounds
    }

    /// Sure: two rules over different artifacts, or one that has no other reading. An attempt alone is never graver than low.
    fn confidence(&self, detections: &[Detection], grade: Grade) -> Level {
        let certain = |detection: &Detection| {
            detection.grade == grade && self.bearing(&detection.rule).is_some_and(|bearing| bearing.certain)
        };
        let rules: BTreeSet<_> =
            detections.iter().filter(|d| d.grade >= Grade::Reached).map(|d| &d.rule).collect();
        if grade == Grade::Attempted {
            Level::Low
        } else if detections.iter().any(certain) || rules.len() > 1 {
            Level::High
        } else {
            Level::Medium
        }
    }

    fn proofs(&self, detections: &[Detection]) -> Vec<Proof> {
        let of_detection = |detection: &Detection| {
            let proof = |sample: &afterpatch_model::Sample| Proof {
                time: sample.time,
                rule: detection.rule.clone(),
                grade: detection.grade,
                locator: sample.locator.clone(),
                place: self.places.get(&sample.locator.artifact).cloned().unwrap_or_default(),
                fields: sample.fields.clone(),
            };
            detection.samples.iter().map(proof).collect::<Vec<_>>()
        };
        let mut proofs: Vec<_> = detections.iter().flat_map(of_detection).collect();
        proofs.sort_by(|a, b| (b.grade, a.time.is_none(), &a).cmp(&(a.grade, b.time.is_none(), &b)));
        proofs.truncate(PROOFS);
        proofs.sort_by(|a, b| (a.time.is_none(), &a).cmp(&(b.time.is_none(), &b)));
        proofs
    }

    fn false_alarms(&self, detections: &[Detection], grade: Grade) -> Message {
        // What else could have led to this grade; the lesser traces have readings of their own.
        let deciding = detections.iter().filter(|detection| detection.grade == grade);
        let rules: BTreeSet<_> = deciding.map(|detection| &detection.rule).collect();
        let messages: BTreeSet<_> =
            rules.into_iter().filter_map(|rule| Some(&self.bearing(rule)?.false_alarms)).collect();
        let join = |pick: fn(&Message) -> &str, blank: &str| {
            messages.iter().map(|message| pick(message).trim()).collect::<Vec<_>>().join(blank)
        };
        Message { en: join(|message| &message.en, " "), ja: join(|message| &message.ja, "") }
    }
}

/// The reasons of engines that a finding gives at most.
const JUDGED: usize = 8;

/// Returns why the engines took what decides the grade for what it is, each reason once.
fn judged(detections: &[Detection], grade: Grade) -> Vec<Reason> {
    let deciding = detections.iter().filter(|detection| detection.grade == grade);
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in deciding.flat_map(|detection| &detection.samples).flat_map(|sample| &sample.reasons) {
        if reasons.len() < JUDGED && !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    reasons
}

/// The parsers whose facts speak stand for kinds of evidence.
fn kinds(detections: &[Detection]) -> BTreeSet<String> {
    let samples = detections.iter().flat_map(|detection| &detection.samples);
    samples.filter_map(|sample| sample.fields.get("source").cloned()).collect()
}

/// Returns what the findings of a claim are told apart by.
fn group(claim: &Claim, subject: &str) -> String {
    match claim.subject {
        Subject::Server => String::new(),
        Subject::File => file_name(subject).to_lowercase(),
        Subject::Thing => subject.trim().to_lowercase(),
    }
}

/// Sources spell one file in several ways; the longest says the most.
fn fullest_subject(detections: &[Detection]) -> String {
    let subjects = detections.iter().map(|detection| detection.subject.as_str());
    subjects.max_by(|a, b| (a.len(), b).cmp(&(b.len(), a))).unwrap_or_default().to_owned()
}
