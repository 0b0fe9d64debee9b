//! The checks of updates and of what they need: what the builds and settings of the later case say of flaws.

use super::Comparison;
use super::judged::Judged;
use crate::by_build::{ByBuild, came_out_after};
use afterpatch_model::{
    Action, Build, Completion, Exposure, Grounds, Message, Need, NeedState, Reason, Sighting,
};
use std::collections::BTreeSet;

impl Comparison<'_> {
    /// Returns the build that was seen last since the earlier case: what has no time shows a state.
    pub(super) fn build_since(&self, server: &str) -> Option<&(Build, Sighting)> {
        let from = self.reach.from(server);
        let mut seen = self.facts.builds.get(server).into_iter().flatten();
        seen.rfind(|(_, seen)| seen.time.is_none() || seen.time > from)
    }

    /// Returns how a flaw stands in the later case; one that it does not name is none of the server's any more.
    pub(super) fn by_build(&self, server: &str, cve: &str) -> ByBuild {
        let end = self.reach.until(server);
        self.exposure(server, cve).map_or(ByBuild::Closed, |flaw| ByBuild::of(flaw, end))
    }

    pub(super) fn exposure(&self, server: &str, cve: &str) -> Option<&Exposure> {
        let servers = self.after.servers.iter().filter(|one| one.server.name.as_str() == server);
        servers.flat_map(|one| &one.exposure).find(|exposure| exposure.cve == cve)
    }

    /// The flaws that a step was written for: those that came out after the later evidence ended do not count, but are
    /// told of.
    pub(super) fn build_fixes(&self, action: &Action, server: &str, cves: &[String]) -> Judged {
        let Some((build, last)) = self.build_since(server) else {
            return Judged::told(Completion::CannotTell, Reason::new("verify-build-not-seen", &[]));
        };
        let of = |meant: &[ByBuild]| -> Vec<&str> {
            let standing = cves.iter().filter(|cve| meant.contains(&self.by_build(server, cve)));
            standing.map(String::as_str).collect()
        };
        let (open, unsure) = (of(&[ByBuild::Open]), of(&[ByBuild::Unsure]));
        let (closed, later) = (of(&[ByBuild::Closed, ByBuild::NeedsMore]), of(&[ByBuild::CameOutLater]));
        let (completion, key, named) = match (open.is_empty(), unsure.is_empty(), closed.is_empty()) {
            (false, ..) => (Completion::NotDone, "verify-build-open", &open),
            (true, false, _) => (Completion::CannotTell, "verify-build-maybe-open", &unsure),
            (true, true, false) => (Completion::Done, "verify-build-fixes", &closed),
            (true, true, true) => (Completion::CannotTell, "verify-build-before-all", &later),
        };
        let args = [("build", build.to_string()), ("cves", named.join(", "))];
        let args = args.each_ref().map(|(name, value)| (*name, value.as_str()));
        let mut judged = Judged::shown(completion, Reason::new(key, &args), vec![last.clone()]);
        if open.iter().any(|cve| self.is_mitigated(server, cve)) {
            judged = judged.because(Reason::new("verify-mitigated-only", &[]));
        }
        if named.as_slice() == later.as_slice() {
            return judged.uncounted();
        }
        if completion == Completion::Done && !later.is_empty() {
            judged.since = self.planned_since(action, server);
            let count = later.len().to_string();
            judged = judged.because(Reason::new("verify-flaws-since", &[("count", &count)]));
        }
        judged
    }

    /// Returns what the later case's plan says of the same step on the same server.
    fn planned_since(&self, action: &Action, server: &str) -> Message {
        let same = self.after.plan.iter().filter(|later| later.key == action.key);
        let mut lines = same.flat_map(|later| &later.targets);
        let line = lines.find(|line| line.servers.iter().any(|name| name == server));
        line.map(|line| line.note.clone()).unwrap_or_default()
    }

    pub(super) fn is_mitigated(&self, server: &str, cve: &str) -> bool {
        self.exposure(server, cve).is_some_and(|exposure| !exposure.mitigations.is_empty())
    }

    /// Something that fixes need beside the build. Where the later case has none of the flaws that needed it any more, it
    /// is met, or needed no more.
    pub(super) fn prerequisite_met(&self, server: &str, id: &str, by_hand: bool) -> Judged {
        let end = self.reach.until(server);
        let of_after = self.after.servers.iter().filter(|one| one.server.name.as_str() == server);
        let needed = |need: &Need| need.id == id;
        let flaws: Vec<_> = of_after
            .flat_map(|one| &one.exposure)
            .filter(|exposure| exposure.needs.iter().any(needed))
            .collect();
        let due: Vec<_> = flaws.iter().filter(|flaw| !came_out_after(flaw, end)).collect();
        let needs: Vec<_> = due.iter().flat_map(|flaw| &flaw.needs).filter(|need| needed(need)).collect();
        if flaws.is_empty()
            && let Some((build, seen)) = self.build_since(server)
        {
            let args = [("need", id), ("build", &build.to_string())];
            let reason = Reason::new("verify-need-over", &args);
            return Judged::shown(Completion::Done, reason, vec![seen.clone()]);
        }
        if due.is_empty() && !flaws.is_empty() {
            let reason = Reason::new("verify-need-later", &[("need", id)]);
            return Judged::told(Completion::CannotTell, reason).uncounted();
        }
        let has = |state| needs.iter().any(|need| need.state == state);
        let (completion, key) = match (has(NeedState::Unmet), has(NeedState::Unknown), has(NeedState::Met)) {
            (true, ..) => (Completion::NotDone, "verify-need-unmet"),
            (false, false, true) => (Completion::Done, "verify-need-met"),
            _ if by_hand => return Judged::by_hand(),
            _ => (Completion::CannotTell, "verify-need-unknown"),
        };
        let subjects: BTreeSet<_> =
            needs.iter().flat_map(|need| &need.subjects).map(String::as_str).collect();
        let subjects = subjects.into_iter().collect::<Vec<_>>().join(", ");
        let locators: BTreeSet<_> = needs.iter().filter_map(|need| need.locator.clone()).collect();
        let proofs = locators.into_iter().map(|locator| self.sighting(id, locator)).collect();
        let reasons = vec![Reason::new(key, &[("need", id), ("subjects", &subjects)])];
        Judged::new(completion, Grounds { reasons, proofs, ..Grounds::default() })
    }
}
