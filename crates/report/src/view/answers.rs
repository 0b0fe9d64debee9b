//! The six answers, of the organisation and of each server.

use super::Link;
use crate::figures;
use crate::texts::Texts;
use afterpatch_model::{Answer, Exposure, ExposureWindow, Gap, Question, ServerResult, Timestamp, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// One answer in words.
#[derive(Serialize)]
pub(crate) struct AnswerView {
    number: usize,
    name: &'static str,
    question: String,
    asked: String,
    verdict: &'static str,
    /// The verdict's colour: its own name, or `act` where "yes" means work and no harm.
    tone: &'static str,
    word: String,
    reasons: Vec<String>,
    against: Vec<String>,
    missing: Vec<GapView>,
    findings: Vec<Link>,
}

#[derive(Serialize)]
struct GapView {
    server: String,
    source: String,
    folder: String,
    span: Option<String>,
    would_show: String,
}

/// One server in words.
#[derive(Serialize)]
pub(crate) struct ServerView {
    name: String,
    install_root: Option<String>,
    named_by: Vec<String>,
    builds: Vec<BuildView>,
    exposure: Vec<ExposureView>,
    answers: Vec<AnswerView>,
}

#[derive(Serialize)]
struct BuildView {
    build: String,
    product: Option<&'static str>,
    first: String,
    last: String,
}

#[derive(Serialize)]
struct ExposureView {
    cve: String,
    build: String,
    fixed_in: Vec<String>,
    from: Option<String>,
    until: Option<String>,
    last_open: Option<String>,
    reasons: Vec<String>,
}

pub(super) fn answers(answers: &[Answer], links: &BTreeMap<String, Link>, texts: &Texts) -> Vec<AnswerView> {
    answers
        .iter()
        .map(|answer| AnswerView {
            number: answer.question.number(),
            name: answer.question.name(),
            question: texts.question(answer.question),
            asked: texts.asked(answer.question),
            verdict: answer.verdict.name(),
            tone: tone(answer),
            word: texts.verdict(answer.question, answer.verdict),
            reasons: answer.reasons.iter().map(|reason| texts.reason(reason)).collect(),
            against: answer.against.iter().map(|reason| texts.reason(reason)).collect(),
            missing: answer.missing.iter().map(|gap| gap_view(gap, texts)).collect(),
            findings: answer.findings.iter().filter_map(|id| links.get(id.as_str())).cloned().collect(),
        })
        .collect()
}

pub(super) fn servers(
    servers: &[ServerResult],
    links: &BTreeMap<String, Link>,
    texts: &Texts,
) -> Vec<ServerView> {
    servers
        .iter()
        .map(|one| ServerView {
            name: one.server.name.to_string(),
            install_root: one.server.install_root.clone(),
            named_by: named_by(one),
            builds: builds(one),
            exposure: one.exposure.iter().flat_map(|flaw| exposure_views(flaw, texts)).collect(),
            answers: answers(&one.answers, links, texts),
        })
        .collect()
}

fn tone(answer: &Answer) -> &'static str {
    match (answer.question, answer.verdict) {
        (Question::WhatNow, Verdict::Yes) => "act",
        (_, verdict) => verdict.name(),
    }
}

fn gap_view(gap: &Gap, texts: &Texts) -> GapView {
    GapView {
        server: gap.server.clone(),
        source: texts.source(&gap.source),
        folder: gap.folder.clone(),
        span: gap.span.as_ref().map(figures::span),
        would_show: texts.get("ui-would-show", &[("what", &texts.gap(&gap.would_show))]),
    }
}

/// Returns each spelling of the name with what named it, once.
fn named_by(one: &ServerResult) -> Vec<String> {
    let named = one.server.sightings.iter().map(|seen| format!("{} ({})", seen.spelled, seen.seen_in));
    let mut named: Vec<_> = named.collect();
    named.sort();
    named.dedup();
    named.truncate(6);
    named
}

fn builds(one: &ServerResult) -> Vec<BuildView> {
    one.builds
        .iter()
        .map(|(build, first, last)| BuildView {
            build: build.to_string(),
            product: build.product(),
            first: figures::moment(*first),
            last: figures::moment(*last),
        })
        .collect()
}

fn exposure_views(flaw: &Exposure, texts: &Texts) -> Vec<ExposureView> {
    let view = |window: &ExposureWindow| ExposureView {
        cve: flaw.cve.clone(),
        build: window.build.to_string(),
        fixed_in: flaw.fixed_by.iter().map(ToString::to_string).collect(),
        from: window.from.map(Timestamp::to_second),
        until: window.until.map(Timestamp::to_second),
        last_open: window.last_open.map(Timestamp::to_second),
        reasons: flaw.reasons.iter().map(|reason| texts.reason(reason)).collect(),
    };
    flaw.windows.iter().map(view).collect()
}
