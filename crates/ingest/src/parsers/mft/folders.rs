//! The folders of a volume, and the paths that they give.

use super::super::ntfs::Reference;
use super::contents::FileName;
use std::collections::HashMap;

/// The record of the volume's root.
pub(super) const ROOT: u64 = 5;
/// Where files go whose folder is gone.
const ORPHANS: &str = "$OrphanFiles";
/// Folders above a file that are followed. Chains that are longer are made to harm, as circles are.
const MOST_DEPTH: usize = 256;
/// The longest path below the root, in bytes of its folders' names.
const MOST_PATH_BYTES: usize = 4_096;
/// What a folder costs besides its name.
const FOLDER_BYTES: u64 = 96;

/// A record that can be the parent of others.
#[derive(Debug)]
struct Folder {
    parent: Reference,
    sequence: u16,
    /// The sequence goes up when the record is freed: what lay in a deleted folder refers to the one before.
    is_deleted: bool,
    rank: u8,
    name: Box<str>,
}

impl Folder {
    fn is(&self, sequence: u16) -> bool {
        self.sequence == sequence || self.is_deleted && self.sequence.wrapping_sub(1) == sequence
    }
}

/// The folders of a volume, as many as there is room for.
#[derive(Debug)]
pub(super) struct Folders {
    volume: String,
    by_record: HashMap<u64, Folder>,
    room: u64,
    left_out: u64,
    /// Neighbours in the table often lie in one folder.
    last: Option<(Reference, Place)>,
}

/// Where a folder lies.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its path, with a separator at its end.
    path: String,
    /// Whether the path does not lead up to the root.
    pub(super) is_orphan: bool,
}

impl Place {
    /// Returns the path of a file in the folder.
    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }
}

impl Folders {
    /// Makes an empty set for a volume (`C:`, or nothing) that holds up to `most_bytes`.
    pub(super) fn new(volume: &str, most_bytes: u64) -> Self {
        Self {
            volume: volume.to_owned(),
            by_record: HashMap::new(),
            room: most_bytes,
            left_out: 0,
            last: None,
        }
    }

    /// Returns how many folders there was no room for.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Returns the path of the root itself.
    pub(super) fn root(&self) -> String {
        format!("{}\\", self.volume)
    }

    /// Takes a folder, unless a better name of it is known.
    pub(super) fn offer(&mut self, at: Reference, is_deleted: bool, named: &FileName) {
        let known = self.by_record.get(&at.number);
        if known.is_some_and(|known| known.rank <= named.rank) {
            return;
        }
        let name = named.name.text.as_str();
        let cost = u64::try_from(name.len()).unwrap_or(u64::MAX).saturating_add(FOLDER_BYTES);
        let Some(room) = self.room.checked_sub(cost) else {
            self.left_out = self.left_out.saturating_add(1);
            return;
        };
        self.room = room;
        let Reference { number, sequence } = at;
        let (parent, rank) = (named.parent, named.rank);
        self.by_record.insert(number, Folder { parent, sequence, is_deleted, rank, name: name.into() });
    }

    /// Finds where the folder lies that a file refers to as its parent.
    pub(super) fn place(&mut self, parent: Reference) -> &Place {
        if self.last.as_ref().is_none_or(|(known, _)| *known != parent) {
            self.last = None;
        }
        let place = self.last.take().map_or_else(|| self.climb(parent), |(_, place)| place);
        &self.last.insert((parent, place)).1
    }

    /// Climbs from a folder to the root, or as far as it goes.
    fn climb(&self, from: Reference) -> Place {
        let mut above: Vec<(u64, &str)> = Vec::new();
        let mut room = MOST_PATH_BYTES;
        let mut at = from;
        while at.number != ROOT {
            let folder = self.by_record.get(&at.number).filter(|folder| folder.is(at.sequence));
            let is_new = above.len() < MOST_DEPTH && above.iter().all(|(known, _)| *known != at.number);
            let Some((folder, left)) = folder
                .filter(|_| is_new)
                .and_then(|folder| Some((folder, room.checked_sub(folder.name.len())?)))
            else {
                return self.joined(Some(ORPHANS), &above);
            };
            room = left;
            above.push((at.number, &folder.name));
            at = folder.parent;
        }
        self.joined(None, &above)
    }

    fn joined(&self, top: Option<&str>, above: &[(u64, &str)]) -> Place {
        let mut path = self.root();
        for name in top.into_iter().chain(above.iter().rev().map(|(_, name)| *name)) {
            path.push_str(name);
            path.push('\\');
        }
        Place { path, is_orphan: top.is_some() }
    }
}
