//! The flaws that were open on a server, grouped so that a hundred of them can be read.

use crate::texts::Texts;
use afterpatch_model::{
    Exposure, ExposureWindow, FlawState, Mitigation, Need, NeedState, OpenBy, Reason, Timestamp,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Flaws that one update fixes and that were open in the same spans.
#[derive(Serialize)]
pub(crate) struct ExposureView {
    title: String,
    state: &'static str,
    word: String,
    /// Those that are known to have been used, and the others.
    used: Vec<String>,
    others: Vec<String>,
    windows: Vec<WindowView>,
    fixed_in: Vec<String>,
    /// Whether a fix for this cumulative update was published, or none is called for.
    has_fix: bool,
    to_cover: Vec<String>,
    needs: Vec<String>,
    mitigations: Vec<String>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct WindowView {
    from: String,
    until: Option<String>,
    last_open: Option<String>,
    build: String,
    /// What held it open, where that was not a build that has the flaw.
    by: Option<String>,
}

/// What flaws of one row of the table have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'e> {
    rank: u8,
    release: &'e str,
    family: Option<&'e str>,
    windows: Vec<(Option<Timestamp>, Option<Timestamp>, OpenBy)>,
    needs: Vec<(&'e str, NeedState)>,
}

impl<'e> Alike<'e> {
    fn of(flaw: &'e Exposure) -> Self {
        let spell = |window: &ExposureWindow| (window.from, window.until, window.open_by);
        // What came out after the last sighting is one row, whatever fixes it.
        let later = flaw.came_out_later();
        Self {
            rank: rank(flaw),
            release: if later { "" } else { &flaw.release },
            family: flaw.family.as_deref().filter(|_| !later),
            windows: if later { Vec::new() } else { flaw.windows.iter().map(spell).collect() },
            needs: if later {
                Vec::new()
            } else {
                flaw.needs.iter().map(|need| (need.id.as_str(), need.state)).collect()
            },
        }
    }
}

/// What must be dealt with first stands first.
fn rank(flaw: &Exposure) -> u8 {
    match (flaw.came_out_later(), flaw.to_cover.is_empty(), flaw.state) {
        (true, ..) => 5,
        (false, false, FlawState::Open | FlawState::NeedsMore) => 0,
        (false, false, _) => 1,
        (false, true, FlawState::Open | FlawState::NeedsMore) => 2,
        (false, true, FlawState::Fixed | FlawState::NotAffected) => 3,
        (false, true, FlawState::MaybeOpen) => 4,
    }
}

/// Returns the rows of the table.
pub(super) fn views(flaws: &[Exposure], texts: &Texts) -> Vec<ExposureView> {
    let mut together: BTreeMap<Alike<'_>, Vec<&Exposure>> = BTreeMap::new();
    for flaw in flaws {
        together.entry(Alike::of(flaw)).or_default().push(flaw);
    }
    together.into_values().filter_map(|flaws| view(&flaws, texts)).collect()
}

fn view(flaws: &[&Exposure], texts: &Texts) -> Option<ExposureView> {
    let first = flaws.first()?;
    let later = first.came_out_later();
    let (used, others): (Vec<_>, Vec<_>) = flaws.iter().partition(|flaw| !flaw.to_cover.is_empty());
    let numbers = |flaws: Vec<&&Exposure>| flaws.into_iter().map(|flaw| flaw.cve.clone()).collect();
    let spans: BTreeSet<_> = flaws.iter().flat_map(|flaw| &flaw.to_cover).collect();
    let reasons: BTreeSet<&Reason> = flaws.iter().flat_map(|flaw| &flaw.reasons).collect();
    let windows = if later { &[][..] } else { first.windows.as_slice() };
    Some(ExposureView {
        title: title(flaws, texts),
        state: first.state.name(),
        word: texts.get(&format!("flaw-state-{}", first.state.name()), &[]),
        used: numbers(used),
        others: numbers(others),
        windows: windows.iter().map(|window| window_view(window, texts)).collect(),
        fixed_in: if later { Vec::new() } else { first.fixed_by.iter().map(ToString::to_string).collect() },
        has_fix: later || !first.fixed_by.is_empty() || first.state != FlawState::Open,
        to_cover: spans.into_iter().map(crate::figures::span).collect(),
        needs: first.needs.iter().filter_map(|need| need_view(need, texts)).collect(),
        mitigations: first.mitigations.iter().map(|one| mitigation_view(one, texts)).collect(),
        reasons: if later {
            Vec::new()
        } else {
            reasons.into_iter().map(|reason| texts.reason(reason)).collect()
        },
    })
}

fn title(flaws: &[&Exposure], texts: &Texts) -> String {
    let count = flaws.len().to_string();
    let Some(first) = flaws.first() else { return count };
    if first.came_out_later() {
        return texts.get("ui-flaws-later", &[("count", &count)]);
    }
    let named = match (&first.family, first.release.as_str()) {
        (Some(family), "") => family.clone(),
        (Some(family), release) => format!("{family}, {release}"),
        (None, "") => return texts.get("ui-flaws-unfixed", &[("count", &count)]),
        (None, release) => release.to_owned(),
    };
    texts.get("ui-flaws-fixed-by", &[("count", &count), ("update", &named)])
}

fn window_view(window: &ExposureWindow, texts: &Texts) -> WindowView {
    let from = window.from.map(Timestamp::to_second);
    let by = (window.open_by != OpenBy::Build).then(|| format!("open-by-{}", window.open_by.name()));
    WindowView {
        from: match (from, window.since_before) {
            (Some(from), true) => texts.get("ui-by-then", &[("time", &from)]),
            (Some(from), false) => from,
            (None, _) => "?".to_owned(),
        },
        until: window.until.map(Timestamp::to_second),
        last_open: window.last_open.map(Timestamp::to_second),
        build: window.build.to_string(),
        by: by.map(|key| texts.get(&key, &[])),
    }
}

/// Tells of a need that is not known to be met.
fn need_view(need: &Need, texts: &Texts) -> Option<String> {
    let what = texts.get(&format!("need-{}", need.id), &[]);
    let key = match need.state {
        NeedState::Met => return None,
        NeedState::Unmet => "ui-need-unmet",
        NeedState::Unknown => "ui-need-unknown",
    };
    let told = texts.get(key, &[("what", &what)]);
    Some(if need.subjects.is_empty() { told } else { format!("{told} ({})", need.subjects.join(", ")) })
}

fn mitigation_view(mitigation: &Mitigation, texts: &Texts) -> String {
    let what = texts.get(&format!("mitigation-{}", mitigation.id), &[]);
    let first = mitigation.first.map_or_else(|| "?".to_owned(), Timestamp::to_second);
    texts.get("ui-mitigated", &[("what", &what), ("first", &first)])
}
