//! Whether a situation holds on a server, and what stands behind that.

use super::response::{AnswerIs, ExposureIs, FindingIs, When};
use afterpatch_model::{Answer, Exposure, Finding, Gap, Grade, Need, ServerRole, Verdict};
use std::collections::BTreeSet;

/// What is known of one server, as far as situations ask.
#[derive(Debug, Clone)]
pub(super) struct Known<'a> {
    pub(super) server: &'a str,
    pub(super) role: ServerRole,
    pub(super) answers: &'a [Answer],
    pub(super) findings: Vec<&'a Finding>,
    pub(super) exposure: Vec<&'a Exposure>,
}

/// What stands behind a step on a server. A step without any is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Behind<'a> {
    pub(super) findings: Vec<&'a Finding>,
    pub(super) exposure: Vec<&'a Exposure>,
    /// What the needs behind the step must be called; empty for any.
    pub(super) needs: BTreeSet<String>,
    pub(super) gaps: Vec<&'a Gap>,
}

impl<'a> Behind<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.exposure.is_empty() && self.gaps.is_empty()
    }

    /// Adds what is not there yet.
    pub(super) fn add(&mut self, more: Self) {
        for finding in more.findings {
            if !self.findings.iter().any(|known| known.id == finding.id) {
                self.findings.push(finding);
            }
        }
        for exposure in more.exposure {
            if !self.exposure.iter().any(|known| known.cve == exposure.cve) {
                self.exposure.push(exposure);
            }
        }
        self.needs.extend(more.needs);
        self.gaps.extend(more.gaps);
    }

    /// Returns the needs behind the step, each with its flaw.
    pub(super) fn needs(&self) -> impl Iterator<Item = (&'a Exposure, &'a Need)> {
        let wanted = |need: &Need| self.needs.is_empty() || self.needs.contains(&need.id);
        self.exposure.iter().flat_map(move |exposure| {
            exposure.needs.iter().filter(move |need| wanted(need)).map(|need| (*exposure, need))
        })
    }
}

impl When {
    /// Returns what stands behind the case where it holds.
    pub(super) fn holds<'a>(&self, known: &Known<'a>) -> Option<Behind<'a>> {
        if !self.roles.is_empty() && !self.roles.contains(&known.role) {
            return None;
        }
        let mut behind = Behind::default();
        if let Some(part) = &self.answer {
            behind.add(part.behind(known)?);
        }
        if let Some(part) = &self.finding {
            behind.add(part.behind(known)?);
        }
        if let Some(part) = &self.exposure {
            behind.add(part.behind(known)?);
        }
        Some(behind)
    }
}

impl AnswerIs {
    fn behind<'a>(&self, known: &Known<'a>) -> Option<Behind<'a>> {
        let is = |answer: &&Answer| {
            self.questions.contains(&answer.question) && self.verdicts.contains(&answer.verdict)
        };
        let answers: Vec<_> = known.answers.iter().filter(is).collect();
        let mut behind = Behind::default();
        for answer in &answers {
            let unsure = answer.verdict == Verdict::CannotTell;
            let spoke = known.findings.iter().filter(|finding| answer.findings.contains(&finding.id));
            let findings = spoke.filter(|_| !unsure).copied().collect();
            let gaps = answer.missing.iter().filter(|_| unsure).collect();
            behind.add(Behind { findings, gaps, ..Behind::default() });
        }
        (!answers.is_empty()).then_some(behind)
    }
}

impl FindingIs {
    fn behind<'a>(&self, known: &Known<'a>) -> Option<Behind<'a>> {
        let findings: Vec<_> = known.findings.iter().filter(|finding| self.is(finding)).copied().collect();
        (!findings.is_empty()).then(|| Behind { findings, ..Behind::default() })
    }

    fn is(&self, finding: &Finding) -> bool {
        let technique = |technique: &String| {
            self.techniques.iter().any(|wanted| {
                technique
                    .strip_prefix(wanted.as_str())
                    .is_some_and(|part| part.is_empty() || part.starts_with('.'))
            })
        };
        let meets = self.claims.contains(&finding.claim)
            || finding.techniques.iter().any(technique)
            || finding.cves.iter().any(|cve| self.cves.contains(cve));
        meets && finding.grade >= self.grade
    }
}

impl ExposureIs {
    fn behind<'a>(&self, known: &Known<'a>) -> Option<Behind<'a>> {
        let exposure: Vec<_> = known.exposure.iter().filter(|exposure| self.is(exposure)).copied().collect();
        let needs = self.needs.iter().cloned().collect();
        (!exposure.is_empty()).then(|| Behind { exposure, needs, ..Behind::default() })
    }

    fn is(&self, exposure: &Exposure) -> bool {
        let any =
            |wanted: &[String], is: &dyn Fn(&String) -> bool| wanted.is_empty() || wanted.iter().any(is);
        let need = |need: &Need| {
            (self.needs.is_empty() || self.needs.contains(&need.id)) && self.need_states.contains(&need.state)
        };
        any(&self.cves, &|cve| exposure.cve == *cve)
            && (self.states.is_empty() || self.states.contains(&exposure.state))
            && (!self.used || !exposure.to_cover.is_empty())
            && (self.need_states.is_empty() || exposure.needs.iter().any(need))
            && any(&self.mitigations, &|id| exposure.mitigations.iter().any(|seen| seen.id == *id))
            && any(&self.reasons, &|key| exposure.reasons.iter().any(|reason| reason.key == *key))
    }
}

/// Returns how far the gravest finding of a break-in goes, as far as it can be told at all.
pub(super) fn gravest(known: &Known<'_>) -> Option<Grade> {
    known.findings.iter().map(|finding| finding.grade).max()
}
