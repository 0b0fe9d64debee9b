//! What the ledger says, by heart: the case's collections, artifacts and parts.

use crate::ledger::{ArtifactEntry, CollectionEntry, Entry, Host, Part};
use afterpatch_model::{
    ArtifactId, CollectionId, Counts, HostName, HostSighting, Problem, ProblemCode, Server,
};
use std::collections::{BTreeMap, HashMap};

/// The case as its ledger tells it.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) collections: BTreeMap<CollectionId, CollectionEntry>,
    pub(crate) artifacts: Vec<ArtifactEntry>,
    pub(crate) parts: Vec<Part>,
    places: HashMap<ArtifactId, usize>,
    unopened: Vec<Problem>,
}

impl State {
    /// Takes in lines of the ledger, in their order.
    pub(crate) fn apply(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            match entry {
                Entry::Collection(line) => {
                    self.collections.insert(line.collection.id.clone(), line);
                }
                Entry::Unopened(problem) => self.unopened.push(problem),
                Entry::Artifact(line) => {
                    self.places.insert(line.artifact.id.clone(), self.artifacts.len());
                    self.artifacts.push(*line);
                }
                Entry::Part(part) => self.parts.push(part),
                Entry::Run { .. } | Entry::Cut { .. } | Entry::Commit { .. } => {}
            }
        }
    }

    pub(crate) fn artifact(&self, id: &ArtifactId) -> Option<&ArtifactEntry> {
        self.artifacts.get(*self.places.get(id)?)
    }

    pub(crate) fn knows_unopened(&self, problem: &Problem) -> bool {
        self.unopened.contains(problem)
    }

    /// Returns the problems that no part holds: what could not be opened (and still was not), and collections
    /// that have nothing of Exchange in them.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let opened = |place: &str| self.collections.values().any(|line| line.collection.location == place);
        let unopened = self.unopened.iter().filter(|problem| !opened(&problem.place)).cloned();
        unopened.chain(self.useless()).collect()
    }

    /// Returns a problem for each collection of which every file was read and none was of use.
    fn useless(&self) -> Vec<Problem> {
        let mut read: BTreeMap<&CollectionId, (u64, bool)> = BTreeMap::new();
        for line in &self.artifacts {
            let (n, of_use) = read.entry(&line.artifact.collection).or_default();
            *n += 1;
            *of_use |= is_of_use(line);
        }
        let useless = |line: &&CollectionEntry| {
            line.artifacts > 0 && read.get(&line.collection.id) == Some(&(line.artifacts, false))
        };
        let problem = |line: &CollectionEntry| Problem {
            code: ProblemCode::NothingOfExchange,
            place: line.collection.location.clone(),
            artifact: None,
            record: None,
            lost: false,
            detail: String::new(),
        };
        self.collections.values().filter(useless).map(problem).collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts {
            collections: self.collections.len() as u64,
            artifacts: self.artifacts.len() as u64,
            problems: self.collections.values().map(|line| line.problems).sum(),
            ..Counts::default()
        };
        counts.problems += self.problems().len() as u64;
        for line in &self.artifacts {
            counts.bytes += line.artifact.size_bytes;
            counts.problems += line.n_problems;
            counts.add(&line.tally);
        }
        counts
    }

    /// Returns every server that the evidence names, in order of name.
    pub(crate) fn servers(&self) -> Vec<Server> {
        let mut servers = BTreeMap::new();
        for host in self.collections.values().flat_map(|line| line.hosts.values()) {
            add_host(&mut servers, host);
        }
        for line in &self.artifacts {
            add_named(&mut servers, line);
        }
        servers.into_values().collect()
    }
}

/// Tells whether an artifact says anything about an Exchange server: as a log, or as a served file.
pub(crate) fn is_of_use(line: &ArtifactEntry) -> bool {
    line.parser.is_some()
}

fn server_of<'a>(servers: &'a mut BTreeMap<HostName, Server>, name: &HostName) -> &'a mut Server {
    servers.entry(name.clone()).or_insert_with(|| Server {
        name: name.clone(),
        sightings: Vec::new(),
        install_root: None,
    })
}

fn add_host(servers: &mut BTreeMap<HostName, Server>, host: &Host) {
    let Some(name) = &host.name else { return };
    let server = server_of(servers, name);
    let new = host.sightings.iter().filter(|sighting| !server.sightings.contains(sighting));
    let new: Vec<HostSighting> = new.cloned().collect();
    server.sightings.extend(new);
    server.install_root = server.install_root.take().or_else(|| host.install_root.clone());
}

/// Adds servers that only records name, such as those of events that were forwarded from another host.
fn add_named(servers: &mut BTreeMap<HostName, Server>, line: &ArtifactEntry) {
    for spelled in line.covers.iter().filter_map(|cover| cover.server.as_deref()) {
        let Some(name) = HostName::parse(spelled) else {
            continue;
        };
        if !servers.contains_key(&name) {
            let seen_in = line.parser.clone().unwrap_or_default();
            let artifact = Some(line.artifact.id.clone());
            let sighting = HostSighting { spelled: spelled.to_owned(), seen_in, artifact };
            server_of(servers, &name).sightings.push(sighting);
        }
    }
}
