//! Walks the folders of interest on a host's volumes and lists the files that are wanted.

use super::volumes::Host;
use super::wanted::{States, Wanted};
use crate::collections::problem;
use afterpatch_model::{Problem, ProblemCode};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The files, by where they lie on this machine.
    pub(super) files: BTreeMap<PathBuf, Found>,
    pub(super) problems: Vec<Problem>,
}

/// A file that is wanted.
#[derive(Debug)]
pub(super) struct Found {
    /// Its path in the collection: where it lies, or by which links the server gets there.
    pub(super) name: String,
    pub(super) size_bytes: u64,
}

/// A folder or file that is to be visited, with how far the masks are met there.
struct Visit {
    real: PathBuf,
    name: String,
    states: States,
}

/// Lists what is wanted on the volumes of a host.
///
/// What is reached without links goes first and keeps its own name; links are followed then, for what is wanted by
/// their names only.
pub(super) fn gather(host: &Host, wanted: &Wanted) -> Gathered {
    let mut walk = Walk {
        host,
        wanted,
        seen: BTreeMap::new(),
        links: VecDeque::new(),
        linked: Vec::new(),
        gathered: Gathered::default(),
    };
    let mut at_once = Vec::new();
    for (start, states) in wanted.starts() {
        let Some(spot) = host.find(start) else { continue };
        let visit = Visit { real: spot.real, name: spot.name, states: states.clone() };
        if spot.by_link { walk.links.push_back(visit) } else { at_once.push(visit) }
    }
    for visit in at_once {
        walk.walk(visit);
    }
    while let Some(visit) = walk.links.pop_front() {
        walk.walk(visit);
    }
    for (real, name) in std::mem::take(&mut walk.linked) {
        walk.file(real, name);
    }
    walk.gathered
}

struct Walk<'w> {
    host: &'w Host,
    wanted: &'w Wanted,
    /// How far the masks were met in each folder that was visited: a circle of links ends here.
    seen: BTreeMap<PathBuf, States>,
    links: VecDeque<Visit>,
    /// Files that links lead to, with the names of the links.
    linked: Vec<(PathBuf, String)>,
    gathered: Gathered,
}

impl Walk<'_> {
    /// Visits a folder and all below it in which masks go on.
    fn walk(&mut self, visit: Visit) {
        let mut waiting = vec![visit];
        while let Some(visit) = waiting.pop() {
            if let Some(visit) = self.what_is_new(visit) {
                self.folder(&visit, &mut waiting);
            }
        }
    }

    /// Leaves of a visit what no visit before was for; nothing where that is all.
    fn what_is_new(&mut self, visit: Visit) -> Option<Visit> {
        let seen = self.seen.entry(visit.real.clone()).or_default();
        let states: States = visit.states.difference(seen).copied().collect();
        seen.extend(states.iter().copied());
        (!states.is_empty()).then_some(Visit { states, ..visit })
    }

    fn folder(&mut self, visit: &Visit, waiting: &mut Vec<Visit>) {
        let volume = self.host.volume_with(&visit.real);
        if let Some(other) = volume.and_then(|volume| volume.not_within(&visit.real)) {
            return self.gathered.problems.push(other);
        }
        let listed = fs::read_dir(&visit.real).and_then(Iterator::collect::<Result<Vec<DirEntry>, _>>);
        let mut entries = match listed {
            Ok(entries) => entries,
            Err(error) => return self.tell(ProblemCode::Unreadable, &visit.name, error.to_string()),
        };
        // The last that waits is visited next: so folders are visited in order of name.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
        for entry in entries {
            self.entry(visit, &entry, waiting);
        }
    }

    fn entry(&mut self, visit: &Visit, entry: &DirEntry, waiting: &mut Vec<Visit>) {
        let own = entry.file_name().to_string_lossy().into_owned();
        let lower = own.to_lowercase();
        let states = self.wanted.enter(&visit.states, &lower);
        let is_taken = self.wanted.takes(&visit.states, &lower);
        let name = if visit.name.is_empty() || visit.name.ends_with('/') {
            format!("{}{own}", visit.name)
        } else {
            format!("{}/{own}", visit.name)
        };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && states.is_empty() => {}
            Ok(kind) if kind.is_dir() => waiting.push(Visit { real: entry.path(), name, states }),
            Ok(kind) if kind.is_symlink() && (is_taken || !states.is_empty()) => {
                self.link(&entry.path(), name, states, is_taken);
            }
            Ok(kind) if kind.is_file() && is_taken => self.file(entry.path(), name),
            Ok(kind) if is_taken && !kind.is_symlink() => {
                self.tell(ProblemCode::Unreadable, &name, "neither file nor folder");
            }
            Err(error) if is_taken => self.tell(ProblemCode::Unreadable, &name, error.to_string()),
            _ => {}
        }
    }

    fn link(&mut self, link: &Path, name: String, states: States, is_taken: bool) {
        let Some(target) = self.host.follow(link) else {
            let target = fs::read_link(link).map_or_else(|_| String::new(), |to| to.display().to_string());
            return self.tell(ProblemCode::LinkNotFollowed, &name, target);
        };
        if target.is_dir() {
            self.links.push_back(Visit { real: target, name, states });
        } else if is_taken {
            self.linked.push((target, name));
        }
    }

    fn file(&mut self, real: PathBuf, name: String) {
        let size_bytes = fs::metadata(&real).map_or(0, |data| data.len());
        self.gathered.files.entry(real).or_insert(Found { name, size_bytes });
    }

    fn tell(&mut self, code: ProblemCode, place: &str, detail: impl Into<String>) {
        self.gathered.problems.push(problem(code, place, detail));
    }
}
