//! What is known of one flaw on one server: the windows of its builds, and what builds cannot tell.

use super::row::Row;
use super::signs::Signs;
use super::{Run, ServerBuilds, agree};
use crate::knowledge::{Flaw, Knowledge, Standing};
use afterpatch_model::{
    Exposure, ExposureWindow, FlawState, Need, NeedState, OpenBy, Reason, Span, Timestamp,
};
use afterpatch_store::{Session, StoreError};
use std::collections::BTreeMap;

/// The windows of every server and flaw, as `exposures.sql` gives them.
pub(super) type Windows = BTreeMap<(String, String), Vec<Window>>;

/// A row of `exposures.sql`.
#[derive(Debug, Clone)]
pub(super) struct Window {
    open_by: OpenBy,
    /// The runs, from 1: the first and last that show it open, and the one that shows it closed.
    from_run: u64,
    last_run: u64,
    until_run: Option<u64>,
    from: Option<Timestamp>,
    last_open: Option<Timestamp>,
    until: Option<Timestamp>,
    cover: Option<Span>,
}

/// Reads the windows of all servers.
pub(super) fn windows(session: &Session) -> Result<Windows, StoreError> {
    let mut windows = Windows::new();
    for row in session.rows("SELECT * FROM exposures ORDER BY server, cve, from_run, open_by")? {
        let row = Row(&row);
        let (Some(server), Some(cve)) = (row.text("server"), row.text("cve")) else { continue };
        let open_by = match row.text("open_by") {
            Some("before") => OpenBy::Before,
            Some("doubt") => OpenBy::Doubt,
            _ => OpenBy::Build,
        };
        let cover = row.time("cover_from").zip(row.time("cover_until"));
        windows.entry((server.to_owned(), cve.to_owned())).or_default().push(Window {
            open_by,
            from_run: row.number("from_run").unwrap_or(1),
            last_run: row.number("last_run").unwrap_or(1),
            until_run: row.number("until_run"),
            from: row.time("from_time"),
            last_open: row.time("last_open"),
            until: row.time("until_time"),
            cover: cover.map(|(from, until)| Span { from, until }),
        });
    }
    Ok(windows)
}

/// Returns what is known of the flaws that were open on a server, or may have been, in order of their numbers.
pub(super) fn exposures(
    server: &ServerBuilds<'_>,
    windows: &Windows,
    signs: &Signs<'_>,
    knowledge: &Knowledge,
) -> Vec<Exposure> {
    let Some(last) = server.runs.last() else { return Vec::new() };
    let exposure = |flaw: &Flaw| {
        let windows = windows.get(&(server.name.to_owned(), flaw.cve.clone())).map_or(&[][..], Vec::as_slice);
        Judging { server, last, signs, knowledge, flaw, windows }.exposure()
    };
    knowledge.flaws().iter().filter_map(exposure).collect()
}

struct Judging<'j> {
    server: &'j ServerBuilds<'j>,
    last: &'j Run,
    signs: &'j Signs<'j>,
    knowledge: &'j Knowledge,
    flaw: &'j Flaw,
    windows: &'j [Window],
}

impl Judging<'_> {
    /// Returns what is known; none where the flaw was never open, as far as anybody can tell.
    fn exposure(&self) -> Option<Exposure> {
        let standing = self.knowledge.standing(self.last.seen, self.flaw);
        let needs = self.needs(standing);
        let mut windows: Vec<_> = self.windows.iter().filter_map(|window| self.window(window)).collect();
        let held_open = Self::held_open(standing, &needs);
        let mut to_cover: Vec<_> = self.windows.iter().filter_map(|window| window.cover).collect();
        match held_open {
            Some(open_by) => self.hold_open(open_by, &needs, &mut windows, &mut to_cover),
            None if self.is_met_without_a_build(&needs) => {
                windows.clear();
                to_cover.clear();
            }
            None => {}
        }
        let state = self.state(standing, held_open, &needs);
        let is_of_interest =
            !windows.is_empty() || matches!(state, FlawState::MaybeOpen | FlawState::NeedsMore);
        is_of_interest.then(|| Exposure {
            server: self.server.name.to_owned(),
            cve: self.flaw.cve.clone(),
            family: self.flaw.family.clone(),
            release: self.flaw.release.clone().unwrap_or_default(),
            fixed_by: self.flaw.fixed_by(self.last.seen.build()),
            state,
            known_from: self.flaw.known_from(),
            exploited: self.flaw.exploited.clone(),
            reasons: self.reasons(&windows),
            windows,
            needs,
            mitigations: self.signs.mitigations(self.server.name, &self.flaw.cve, self.knowledge),
            to_cover: Span::union(to_cover, 0),
        })
    }

    /// What the flaw needs beside the build matters where the build has the fix, or where no build brings one.
    fn needs(&self, standing: Standing) -> Vec<Need> {
        if standing == Standing::NotAffected {
            return Vec::new();
        }
        let need = |id: &String| {
            let is_default =
                self.knowledge.need(id).is_some_and(|need| need.is_default(self.last.seen.build()));
            self.signs.need(self.server.name, (id, &self.flaw.cve), self.knowledge, is_default)
        };
        self.flaw.needs.iter().map(need).collect()
    }

    /// Tells what holds the flaw open where the build alone would not.
    fn held_open(standing: Standing, needs: &[Need]) -> Option<OpenBy> {
        if matches!(standing, Standing::Open | Standing::NotAffected) {
            return None;
        }
        let is = |state: NeedState| needs.iter().any(|need| need.state == state);
        match (is(NeedState::Unmet), is(NeedState::Unknown)) {
            (true, _) => Some(OpenBy::Need),
            (false, true) => Some(OpenBy::Doubt),
            (false, false) => None,
        }
    }

    /// Tells whether all is met that fixes a flaw which no build fixes.
    fn is_met_without_a_build(&self, needs: &[Need]) -> bool {
        !self.flaw.is_fixed_by_builds()
            && !needs.is_empty()
            && needs.iter().all(|need| need.state == NeedState::Met)
    }

    fn state(&self, standing: Standing, held_open: Option<OpenBy>, needs: &[Need]) -> FlawState {
        match (standing, held_open) {
            (Standing::Open, _) => FlawState::Open,
            (Standing::NotAffected, _) => FlawState::NotAffected,
            (_, Some(OpenBy::Need)) => FlawState::NeedsMore,
            (_, Some(_)) => FlawState::MaybeOpen,
            (Standing::Doubtful, None) if !self.is_met_without_a_build(needs) => FlawState::MaybeOpen,
            _ if self.is_contradicted() => FlawState::MaybeOpen,
            _ => FlawState::Fixed,
        }
    }

    /// Tells whether a program on disk or the registry shows a build that stands otherwise than what ran last.
    fn is_contradicted(&self) -> bool {
        let last = self.knowledge.standing(self.last.seen, self.flaw);
        let states = self.server.strays.iter().filter(|stray| stray.is_state);
        states.into_iter().any(|stray| !agree(self.knowledge.standing(stray.seen, self.flaw), last))
    }

    fn window(&self, window: &Window) -> Option<ExposureWindow> {
        let run = |number: u64| self.server.runs.get(usize::try_from(number.checked_sub(1)?).ok()?);
        let last = run(window.last_run)?;
        let closed = window.until_run.and_then(run);
        let is_before = window.open_by == OpenBy::Before;
        Some(ExposureWindow {
            open_by: window.open_by,
            build: last.seen.build(),
            from: window.from,
            since_before: window.from_run == 1,
            last_open: window.last_open,
            until: window.until,
            locator: if is_before { last.first_locator.clone() } else { last.last_locator.clone() },
            closed: closed.map(|run| run.first_locator.clone()),
        })
    }

    /// Adds the window that a need holds open, from the day on which the build had the fix. Where no build brings one,
    /// the window of the builds is the need's own.
    fn hold_open(
        &self,
        open_by: OpenBy,
        needs: &[Need],
        windows: &mut Vec<ExposureWindow>,
        to_cover: &mut Vec<Span>,
    ) {
        if !self.flaw.is_fixed_by_builds() {
            for window in windows.iter_mut() {
                window.open_by = open_by;
            }
            return;
        }
        let fixed: Vec<_> = self
            .server
            .runs
            .iter()
            .rev()
            .take_while(|run| !self.knowledge.standing(run.seen, self.flaw).may_be_open())
            .collect();
        let Some(first) = fixed.last() else { return };
        let seen =
            needs.iter().find(|need| need.state == NeedState::Unmet).and_then(|need| need.locator.clone());
        let is_first = fixed.len() == self.server.runs.len();
        windows.push(ExposureWindow {
            open_by,
            build: self.last.seen.build(),
            from: first.first,
            since_before: is_first,
            last_open: self.last.last,
            until: None,
            locator: seen.unwrap_or_else(|| self.last.last_locator.clone()),
            closed: None,
        });
        to_cover.extend(self.cover(first.first.filter(|_| !is_first), self.last.last));
    }

    /// Returns the part of a span in which the flaw is known to have been used.
    fn cover(&self, from: Option<Timestamp>, until: Option<Timestamp>) -> Option<Span> {
        let used = self.flaw.exploited.as_ref()?;
        let from = from.unwrap_or(used.from).max(used.from);
        let until = until?.min(used.until.unwrap_or(until?));
        (from < until).then_some(Span { from, until })
    }

    fn reasons(&self, windows: &[ExposureWindow]) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let first =
            windows.iter().filter(|window| window.since_before).filter_map(|window| window.from).min();
        let used = self.flaw.exploited.as_ref().map(|used| used.from);
        if let (Some(first), Some(used)) = (first, used)
            && used < first
        {
            reasons.push(Reason::new("build-late", &[("from", &first.day())]));
        }
        reasons.extend(self.conflicts());
        reasons
    }

    /// Explains builds that contradict each other, where they stand differently to the flaw.
    fn conflicts(&self) -> Vec<Reason> {
        let last = self.knowledge.standing(self.last.seen, self.flaw);
        let of_interest = |seen| !agree(self.knowledge.standing(seen, self.flaw), last);
        let day = |time: Option<Timestamp>| time.map_or_else(|| "?".to_owned(), Timestamp::to_second);
        let strays = self.server.strays.iter().filter_map(|stray| {
            let build = stray.seen.to_string();
            if stray.is_state {
                let ran = self.last.seen.to_string();
                let told = || Reason::new("builds-differ", &[("build", &build), ("ran", &ran)]);
                return of_interest(stray.seen).then(told);
            }
            let (first, last) = (day(stray.first), day(stray.last));
            let older = self.server.runs.iter().find(|run| run.last >= stray.last)?;
            let differs = !agree(
                self.knowledge.standing(stray.seen, self.flaw),
                self.knowledge.standing(older.seen, self.flaw),
            );
            let args = [
                ("build", build.as_str()),
                ("first", first.as_str()),
                ("last", last.as_str()),
                ("older", &older.seen.to_string()),
            ];
            differs.then(|| Reason::new("build-went-back", &args))
        });
        strays.collect()
    }
}
