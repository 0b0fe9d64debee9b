//! Whose moments they are: what shares a tie is one actor's, and what has no address is whose it followed.

use super::Moment;
use afterpatch_model::{TieKind, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How long after a step of an intruder something on the server itself is still taken for his.
const FOLLOWS: i64 = Timestamp::DAY;
/// Logs are written at the end of a request: its effect can be logged before it.
const PRECEDES: i64 = Timestamp::HOUR / 12;

/// Parts the moments of one server, in order of time, by actor.
pub(super) fn part(moments: Vec<Moment<'_>>) -> Vec<Vec<Moment<'_>>> {
    let mut groups = Groups::of(&moments);
    groups.join_by_time(&moments);
    groups.join_by_ties(&moments);
    groups.join_undated(&moments);
    groups.gather(moments)
}

/// Which moments belong together, by number of moment.
struct Groups {
    parent: Vec<usize>,
    /// By group, the addresses that it came from.
    addresses: BTreeMap<usize, BTreeSet<String>>,
}

impl Groups {
    fn of(moments: &[Moment<'_>]) -> Self {
        let addresses = |moment: &Moment<'_>| moment.values(TieKind::Address).map(str::to_owned).collect();
        Self {
            parent: (0..moments.len()).collect(),
            addresses: moments.iter().enumerate().map(|(at, moment)| (at, addresses(moment))).collect(),
        }
    }

    fn root(&self, mut at: usize) -> usize {
        while let Some(&parent) = self.parent.get(at).filter(|parent| **parent != at) {
            at = parent;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (first, later) = (one.min(other), one.max(other));
        if first == later {
            return;
        }
        if let Some(parent) = self.parent.get_mut(later) {
            *parent = first;
        }
        let moved = self.addresses.remove(&later).unwrap_or_default();
        self.addresses.entry(first).or_default().extend(moved);
    }

    /// Tells whether nothing speaks for two actors: one of them has no address, or both share one.
    fn can_be_one(&self, one: usize, other: usize) -> bool {
        let none = BTreeSet::new();
        let of = |at: usize| self.addresses.get(&self.root(at)).unwrap_or(&none);
        let (one, other) = (of(one), of(other));
        one.is_empty() || other.is_empty() || !one.is_disjoint(other)
    }

    fn has_address(&self, at: usize) -> bool {
        self.addresses.get(&self.root(at)).is_some_and(|addresses| !addresses.is_empty())
    }

    fn join_by_ties(&mut self, moments: &[Moment<'_>]) {
        let mut first = BTreeMap::new();
        for (at, moment) in moments.iter().enumerate() {
            for tie in &moment.ties {
                let there = *first.entry(tie).or_insert(at);
                self.join(there, at);
            }
        }
    }

    /// What has no address happened on the server itself: where it shares nothing with what came before, it belongs to the
    /// nearest step before it that came to something, or to one right after it, to one that came from an address first.
    fn join_by_time(&mut self, moments: &[Moment<'_>]) {
        let telling: Vec<(usize, Timestamp)> = moments
            .iter()
            .enumerate()
            .filter(|(_, moment)| moment.is_telling())
            .filter_map(|(at, moment)| Some((at, moment.proof.time?)))
            .collect();
        for (place, &(at, time)) in telling.iter().enumerate() {
            let Some(moment) = moments.get(at) else { continue };
            let is_tied = moments.iter().take(at).any(|earlier| !earlier.ties.is_disjoint(&moment.ties));
            if is_tied || moment.values(TieKind::Address).next().is_some() {
                continue;
            }
            let before =
                telling.iter().take(place).rev().map(|(other, then)| (*other, time.nanos() - then.nanos()));
            let before = before.take_while(|(_, apart)| *apart <= FOLLOWS);
            let after =
                telling.iter().skip(place + 1).map(|(other, then)| (*other, then.nanos() - time.nanos()));
            let after = after.take_while(|(_, apart)| *apart <= PRECEDES);
            let can_be = |other: &usize| self.can_be_one(at, *other);
            let nearest = before.map(|(other, _)| other).find(can_be).or_else(|| {
                let after: Vec<usize> = after.map(|(other, _)| other).filter(can_be).collect();
                after.iter().find(|other| self.has_address(**other)).or(after.first()).copied()
            });
            if let Some(other) = nearest {
                self.join(at, other);
            }
        }
    }

    /// An undated trace that nothing ties is the only actor's, where there is only one.
    fn join_undated(&mut self, moments: &[Moment<'_>]) {
        let dated = |moment: &&(usize, &Moment<'_>)| moment.1.proof.time.is_some() && moment.1.is_telling();
        let numbered: Vec<_> = moments.iter().enumerate().collect();
        let actors: BTreeSet<usize> = numbered.iter().filter(dated).map(|(at, _)| self.root(*at)).collect();
        let mut actors = actors.into_iter();
        let (Some(only), None) = (actors.next(), actors.next()) else { return };
        for (at, moment) in &numbered {
            let is_alone = numbered
                .iter()
                .all(|(other, one)| self.root(*other) != self.root(*at) || one.proof.time.is_none());
            if moment.proof.time.is_none() && is_alone && self.can_be_one(*at, only) {
                self.join(*at, only);
            }
        }
    }

    fn gather(self, moments: Vec<Moment<'_>>) -> Vec<Vec<Moment<'_>>> {
        let mut groups: BTreeMap<usize, Vec<Moment<'_>>> = BTreeMap::new();
        for (at, moment) in moments.into_iter().enumerate() {
            groups.entry(self.root(at)).or_default().push(moment);
        }
        groups.into_values().collect()
    }
}
