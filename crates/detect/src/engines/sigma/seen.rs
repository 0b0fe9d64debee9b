//! What was seen of the facts while rules looked at them: enough to say which rules had nothing to look at.

use super::fact::Fact;
use afterpatch_model::ChannelCoverage;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What was seen of the facts.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By the number of the group of rules that is meant for them.
    pub(super) groups: BTreeMap<usize, SeenFacts>,
    /// By table and channel: how many facts, and whether rules are meant for some.
    channels: BTreeMap<(&'static str, String), (u64, bool)>,
}

/// What was seen of facts for which the same rules are meant.
#[derive(Debug, Default)]
pub(super) struct SeenFacts {
    pub(super) facts: u64,
    /// The fields that occurred.
    pub(super) names: BTreeSet<String>,
    /// Hashes of the lists of fields whose names were taken down: most facts have the same.
    shapes: HashSet<u64>,
}

impl Seen {
    /// Takes note of a fact for which the group of that number is meant.
    pub(super) fn note(&mut self, group: usize, fact: &Fact<'_>) {
        let seen = self.groups.entry(group).or_default();
        seen.facts += 1;
        let mut hasher = DefaultHasher::new();
        fact.fields().for_each(|(name, _)| name.hash(&mut hasher));
        if seen.shapes.insert(hasher.finish()) {
            seen.names.extend(fact.fields().map(|(name, _)| name.to_owned()));
        }
    }

    /// Takes note of facts of a channel.
    pub(super) fn note_channel(&mut self, table: &'static str, channel: &str, facts: u64, is_meant: bool) {
        let (all, meant) = self.channels.entry((table, channel.to_owned())).or_default();
        *all += facts;
        *meant |= is_meant;
    }

    /// Adds what was seen elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        for (group, theirs) in other.groups {
            let ours = self.groups.entry(group).or_default();
            ours.facts += theirs.facts;
            ours.names.extend(theirs.names);
        }
        for ((table, channel), (facts, is_meant)) in other.channels {
            self.note_channel(table, &channel, facts, is_meant);
        }
    }

    /// Returns how many facts of each channel there were.
    pub(super) fn channels(&self) -> Vec<ChannelCoverage> {
        let channel =
            |((table, channel), (facts, has_rules)): (&(&str, String), &(u64, bool))| ChannelCoverage {
                table: (*table).to_owned(),
                channel: channel.clone(),
                facts: *facts,
                has_rules: *has_rules,
            };
        self.channels.iter().map(channel).collect()
    }
}

/// Counts as the model does.
pub(super) fn count(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}
