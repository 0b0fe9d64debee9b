//! Question 1, and what it asks of the others: which flaws were open, and at what time they have to look.

use crate::answers::gaps;
use crate::evidence::Evidence;
use crate::needs::evidence_end;
use afterpatch_detect::Traces;
use afterpatch_model::{
    Answer, Build, Exposure, ExposureWindow, FlawState, Gap, NeedState, OpenBy, Question, Reason, Span,
    Timestamp, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};

/// What questions 2 to 4 have to look at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ToCover {
    /// The time in which a flaw was open, known to be used, and looked for; none where there was no such time.
    pub(crate) span: Option<Span>,
    /// The flaws that were open and known to be used, and that no rule looks for: by the names that people use.
    pub(crate) not_looked_for: Vec<String>,
    /// The flaws that were open and known to be used, and whose use leaves so little that its absence says little.
    pub(crate) faint: Vec<String>,
}

/// Question 1: the builds decide. An answer about the time before the first sighting is never sure.
pub(crate) fn answer(evidence: &Evidence<'_>, server: &str) -> Answer {
    let mut answer = Answer::plain(Question::Exposed, server);
    let flaws: Vec<_> = of_server(evidence, server).filter(|flaw| flaw.was_known()).collect();
    let is_held = |held: fn(OpenBy) -> bool| {
        let mut windows = flaws.iter().flat_map(|flaw| &flaw.windows);
        windows.any(|window| held(window.open_by))
    };
    let first = first_sighting(evidence, server);
    answer.verdict = match first {
        _ if is_held(|held| matches!(held, OpenBy::Build | OpenBy::Need)) => Verdict::Yes,
        _ if is_held(|held| held == OpenBy::Before) => Verdict::Likely,
        Some((first, build)) if first_use(evidence, build).is_none_or(|used| first <= used) => {
            let is_in_doubt = flaws.iter().any(|flaw| !flaw.to_cover.is_empty());
            if is_in_doubt { Verdict::CannotTell } else { Verdict::NoTrace }
        }
        _ => Verdict::CannotTell,
    };
    answer.reasons = reasons(evidence, server, &flaws, answer.verdict, first);
    if answer.verdict < Verdict::Yes && answer.verdict != Verdict::NoTrace {
        answer.missing = missing_builds(evidence, server);
    }
    answer
}

fn of_server<'e>(evidence: &Evidence<'e>, server: &str) -> impl Iterator<Item = &'e Exposure> {
    evidence.exposure.iter().filter(move |flaw| flaw.server == server)
}

fn first_sighting(evidence: &Evidence<'_>, server: &str) -> Option<(Timestamp, Build)> {
    let seen = evidence.builds.get(server).into_iter().flatten();
    seen.filter_map(|span| Some((span.first?, span.build))).min()
}

/// Returns when a flaw of this product was first used anywhere: who ran it before may have been open then.
fn first_use(evidence: &Evidence<'_>, build: Build) -> Option<Timestamp> {
    let product = afterpatch_detect::product_of(build)?;
    let of_product =
        evidence.knowledge.flaws().iter().filter(|flaw| flaw.products.iter().any(|name| name == product));
    of_product.filter_map(|flaw| Some(flaw.exploited.as_ref()?.from)).min()
}

fn reasons(
    evidence: &Evidence<'_>,
    server: &str,
    flaws: &[&Exposure],
    verdict: Verdict,
    first: Option<(Timestamp, Build)>,
) -> Vec<Reason> {
    let mut reasons = used(evidence, flaws);
    match (verdict, first) {
        (Verdict::CannotTell, None) => reasons.push(Reason::new("build-unknown", &[])),
        (Verdict::CannotTell, Some((first, _))) => {
            reasons.push(Reason::new("build-late", &[("from", &first.day())]));
        }
        (Verdict::NoTrace, Some((_, build))) => {
            reasons.push(Reason::new("not-exposed", &[("build", &evidence.named(build))]));
        }
        _ => {}
    }
    reasons.extend(counted(
        "exposed-others",
        flaws.iter().filter(|flaw| is_open(flaw) && flaw.to_cover.is_empty()),
    ));
    reasons
        .extend(flaws.iter().filter(|flaw| flaw.state == FlawState::NeedsMore).filter_map(|flaw| need(flaw)));
    reasons.extend(counted("exposed-doubt", flaws.iter().filter(|flaw| flaw.state == FlawState::MaybeOpen)));
    let later: Vec<_> = of_server(evidence, server).filter(|flaw| flaw.came_out_later()).collect();
    reasons.extend(counted("exposed-later", later.iter()));
    let explained: BTreeSet<_> = flaws.iter().flat_map(|flaw| flaw.reasons.iter().cloned()).collect();
    let told: BTreeSet<_> = reasons.iter().cloned().collect();
    reasons.extend(explained.difference(&told).cloned());
    reasons
}

fn is_open(flaw: &Exposure) -> bool {
    flaw.windows.iter().any(|window| matches!(window.open_by, OpenBy::Build | OpenBy::Need))
}

/// One sentence for all flaws that were used while they were open in the same span.
fn used(evidence: &Evidence<'_>, flaws: &[&Exposure]) -> Vec<Reason> {
    type Spell<'w> = (Timestamp, Option<Timestamp>, bool, Build);
    let mut together: BTreeMap<Spell<'_>, Vec<&str>> = BTreeMap::new();
    for flaw in flaws.iter().filter(|flaw| !flaw.to_cover.is_empty()) {
        let sure = |window: &&ExposureWindow| window.open_by != OpenBy::Doubt;
        for window in flaw.windows.iter().filter(sure) {
            // What was used while this window was open begins with the first part that reaches into it.
            let reaches = |span: &&Span| window.from.is_none_or(|from| from < span.until);
            let Some(from) = flaw.to_cover.iter().find(reaches).map(|span| span.from) else { continue };
            if window.until.is_some_and(|until| until <= from) {
                continue;
            }
            let key = (from, window.until, window.open_by == OpenBy::Before, window.build);
            together.entry(key).or_default().push(&flaw.cve);
        }
    }
    let sentence = |((from, until, is_before, build), cves): (Spell<'_>, Vec<&str>)| {
        let (cves, build, from) = (cves.join(", "), evidence.named(build), from.day());
        let until = until.map_or_else(String::new, Timestamp::to_second);
        let args = [
            ("cves", cves.as_str()),
            ("build", build.as_str()),
            ("from", from.as_str()),
            ("until", until.as_str()),
        ];
        match (is_before, until.is_empty()) {
            (true, _) => Reason::new("exposed-before-sighting", &args),
            (false, true) => Reason::new("exposed-open-now", &args[..3]),
            (false, false) => Reason::new("exposed-open", &args),
        }
    };
    together.into_iter().map(sentence).collect()
}

/// One sentence with how many flaws there are of a kind, and the updates that fix them.
fn counted<'f>(key: &str, flaws: impl Iterator<Item = &'f &'f Exposure>) -> Option<Reason> {
    /// More than these are no list that anybody reads.
    const UPDATES: usize = 6;
    let mut updates: BTreeSet<&str> = BTreeSet::new();
    let mut count = 0_usize;
    for flaw in flaws {
        count += 1;
        updates.insert(if flaw.release.is_empty() { &flaw.cve } else { &flaw.release });
    }
    let more = updates.len() > UPDATES;
    let named = updates.into_iter().take(UPDATES).collect::<Vec<_>>().join(", ");
    let named = if more { format!("{named} …") } else { named };
    (count > 0).then(|| Reason::new(key, &[("count", &count.to_string()), ("updates", &named)]))
}

fn need(flaw: &Exposure) -> Option<Reason> {
    let need = flaw.needs.iter().find(|need| need.state == NeedState::Unmet)?;
    let subjects = need.subjects.join(", ");
    let subjects = if subjects.is_empty() { subjects } else { format!("({subjects})") };
    Some(Reason::new("exposed-needs", &[("cve", &flaw.cve), ("need", &need.id), ("subjects", &subjects)]))
}

/// The build over time, and what was not collected that tells it.
fn missing_builds(evidence: &Evidence<'_>, server: &str) -> Vec<Gap> {
    let over_time = Gap {
        server: server.to_owned(),
        source: "builds".to_owned(),
        folder: r"%ExchangeInstallPath%Logging\HttpProxy".to_owned(),
        span: None,
        would_show: "builds".to_owned(),
    };
    let named = gaps(evidence, Question::Exposed, server, None).into_iter().map(|(_, gap)| gap);
    std::iter::once(over_time).chain(named).collect()
}

/// Returns what the other questions have to look at, as far as the evidence reaches.
///
/// Of a server whose build nothing tells, every flaw that is looked for may have been open.
pub(crate) fn to_cover(evidence: &Evidence<'_>, server: &str) -> ToCover {
    let end = evidence_end(evidence.coverage, server);
    if !evidence.builds.contains_key(server) {
        let looked_for = evidence.looked_for.keys().filter_map(|cve| evidence.knowledge.flaw(cve));
        let from = looked_for.filter_map(|flaw| Some(flaw.exploited.as_ref()?.from)).min();
        let span =
            from.zip(end).map(|(from, until)| Span { from, until }).filter(|span| span.from < span.until);
        return ToCover { span, ..ToCover::default() };
    }
    let used: Vec<_> = of_server(evidence, server).filter(|flaw| !flaw.to_cover.is_empty()).collect();
    let (looked_for, not): (Vec<_>, Vec<_>) =
        used.into_iter().partition(|flaw| evidence.looked_for.contains_key(flaw.cve.as_str()));
    let spans = || looked_for.iter().flat_map(|flaw| &flaw.to_cover);
    let is_open = looked_for.iter().any(|flaw| flaw.is_open());
    let until = spans().map(|span| span.until).max();
    let until = if is_open { until.max(end) } else { until };
    let is_faint = |flaw: &&&Exposure| {
        evidence.looked_for.get(flaw.cve.as_str()).is_some_and(|left| *left == Traces::Faint)
    };
    ToCover {
        span: spans().map(|span| span.from).min().zip(until).map(|(from, until)| Span { from, until }),
        not_looked_for: names(not.iter()),
        faint: names(looked_for.iter().filter(is_faint)),
    }
}

/// Returns the names that people use, each once.
fn names<'f>(flaws: impl Iterator<Item = &'f &'f Exposure>) -> Vec<String> {
    let names: BTreeSet<_> =
        flaws.map(|flaw| flaw.family.clone().unwrap_or_else(|| flaw.cve.clone())).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests;
