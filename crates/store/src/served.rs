//! Which folders each host of a case serves code from, as all its collections tell together.

use crate::ledger::CollectionEntry;
use afterpatch_ingest::Served;
use afterpatch_ingest::served::OF_EVERY_SERVER;
use afterpatch_model::{Artifact, CollectionId, HostName};
use std::collections::BTreeMap;

/// The served folders by host; of a host without a name, what its own collection tells.
#[derive(Debug, Default)]
pub(crate) struct ServedByHost {
    named: BTreeMap<HostName, Served>,
    nameless: BTreeMap<CollectionId, Served>,
}

impl ServedByHost {
    /// Joins what the collections tell of their hosts.
    pub(crate) fn of<'c>(collections: impl IntoIterator<Item = &'c CollectionEntry>) -> Self {
        let mut joined = Self::default();
        for line in collections {
            for host in line.hosts.values() {
                let served = match &host.name {
                    Some(name) => joined.named.entry(name.clone()).or_default(),
                    None => joined.nameless.entry(line.collection.id.clone()).or_default(),
                };
                host.served.iter().chain(&host.once_served).for_each(|folder| served.add(folder));
            }
        }
        joined
    }

    /// Returns what is served by the host that an artifact is of.
    pub(crate) fn by_host_of(&self, artifact: &Artifact) -> &Served {
        let served = match &artifact.server {
            Some(name) => self.named.get(name),
            None => self.nameless.get(&artifact.collection),
        };
        served.unwrap_or(&OF_EVERY_SERVER)
    }
}
