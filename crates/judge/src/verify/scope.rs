//! Whether it could be found out how far a break-in goes: what shows it leaves no gap since its first trace.

use super::Comparison;
use super::judged::Judged;
use super::reach::Reached;
use crate::needs::{NEEDS, uncollected_sites};
use afterpatch_model::{Completion, Question, Reason, Span, Timestamp};

impl Comparison<'_> {
    /// The logs of both cases together, and the served folders as the later one found them.
    pub(super) fn scoped(&self, server: &str, from: Option<Timestamp>) -> Judged {
        let from = from.or_else(|| self.reach.from(server));
        let logs = match (from, self.reach.until(server)) {
            (Some(from), Some(until)) if from < until => {
                self.reach.decisive_logs(server, Span { from, until })
            }
            _ => Err(Vec::new()),
        };
        let day = from.map(Timestamp::day).unwrap_or_default();
        let reached = both(logs, self.served(server));
        let judged = Judged::absent(reached, ("verify-scoped", "verify-scope-gap"), &[("from", &day)]);
        match self.unseen_before(server, from) {
            Some(before) if judged.completion == Completion::Done => judged.because(before),
            _ => judged,
        }
    }

    /// The folders in which "nothing is left" waits for every file.
    fn served(&self, server: &str) -> Reached {
        let coverage = &self.after.coverage;
        let decisive = NEEDS.iter().filter(|need| need.question == Question::StillInside && need.decisive);
        let mut missing: Vec<_> =
            decisive.clone().flat_map(|need| need.gaps(coverage, server, None)).collect();
        missing.extend(uncollected_sites(coverage, server));
        if !missing.is_empty() {
            return Err(missing);
        }
        let meets = |source: &str| decisive.clone().any(|need| need.source == source);
        let rows = coverage.iter().filter(|row| row.server == server && meets(&row.source));
        Ok(rows.cloned().collect())
    }

    /// Says that a flaw was open and in use before the first trace, at a time of which the logs are missing: somebody may
    /// have come earlier than anything shows.
    fn unseen_before(&self, server: &str, from: Option<Timestamp>) -> Option<Reason> {
        let servers = self.before.servers.iter().filter(|one| one.server.name.as_str() == server);
        let to_cover = servers.flat_map(|one| &one.exposure).flat_map(|flaw| &flaw.to_cover);
        let open_from = to_cover.map(|span| span.from).min()?;
        let until = from.filter(|from| open_from < *from)?;
        let gaps = self.reach.decisive_logs(server, Span { from: open_from, until }).err()?;
        let holes = gaps.iter().filter_map(|gap| gap.span);
        let (first, last) = (holes.clone().map(|hole| hole.from).min()?, holes.map(|hole| hole.until).max()?);
        Some(Reason::new("verify-scope-before", &[("from", &first.day()), ("until", &last.day())]))
    }
}

fn both(one: Reached, other: Reached) -> Reached {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok([one, other].concat()),
        (one, other) => Err([one.err(), other.err()].into_iter().flatten().flatten().collect()),
    }
}
