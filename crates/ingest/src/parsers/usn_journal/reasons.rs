//! Why records were written, and what of it is new.

use super::record::{Change, FileId};
use std::collections::HashMap;

const RENAME_OLD_NAME: u32 = 0x1000;
const CLOSE: u32 = 0x8000_0000;

/// Every reason by the name that Windows gives it.
const NAMES: [(u32, &str); 25] = [
    (0x1, "DATA_OVERWRITE"),
    (0x2, "DATA_EXTEND"),
    (0x4, "DATA_TRUNCATION"),
    (0x10, "NAMED_DATA_OVERWRITE"),
    (0x20, "NAMED_DATA_EXTEND"),
    (0x40, "NAMED_DATA_TRUNCATION"),
    (0x100, "FILE_CREATE"),
    (0x200, "FILE_DELETE"),
    (0x400, "EA_CHANGE"),
    (0x800, "SECURITY_CHANGE"),
    (RENAME_OLD_NAME, "RENAME_OLD_NAME"),
    (0x2000, "RENAME_NEW_NAME"),
    (0x4000, "INDEXABLE_CHANGE"),
    (0x8000, "BASIC_INFO_CHANGE"),
    (0x1_0000, "HARD_LINK_CHANGE"),
    (0x2_0000, "COMPRESSION_CHANGE"),
    (0x4_0000, "ENCRYPTION_CHANGE"),
    (0x8_0000, "OBJECT_ID_CHANGE"),
    (0x10_0000, "REPARSE_POINT_CHANGE"),
    (0x20_0000, "STREAM_CHANGE"),
    (0x40_0000, "TRANSACTED_CHANGE"),
    (0x80_0000, "INTEGRITY_CHANGE"),
    (0x100_0000, "DESIRED_STORAGE_CLASS_CHANGE"),
    (0x200_0000, "PHYSICAL_CHANGE"),
    (CLOSE, "CLOSE"),
];

/// The actions of the table, by the reasons that stand for them; the first that fits is taken.
const ACTIONS: [(u32, &str); 4] =
    [(0x200, "delete"), (0x100, "create"), (RENAME_OLD_NAME | 0x2000, "rename"), (0x20_0077, "write")];

/// Names the reasons.
pub(super) fn names(reasons: u32) -> Vec<&'static str> {
    NAMES.iter().filter(|(bit, _)| reasons & bit != 0).map(|(_, name)| *name).collect()
}

/// Returns the action that reasons stand for; none where there is no reason.
fn action(reasons: u32) -> Option<&'static str> {
    let known = ACTIONS.iter().find(|(bits, _)| reasons & bits != 0);
    let other = match reasons {
        0 => None,
        CLOSE => Some("close"),
        _ => Some("change"),
    };
    known.map(|(_, action)| *action).or(other)
}

/// The files that are open, with the reasons that their records have given so far.
///
/// From when a file is opened until it is closed, each of its records repeats the reasons of those before: what
/// happened at a record is what it says anew.
#[derive(Debug, Default)]
pub(super) struct OpenFiles {
    reasons: HashMap<FileId, u32>,
}

impl OpenFiles {
    /// More files are not followed at once; their records then tell again what was told.
    const MOST: usize = 65_536;

    /// Returns the action of a record: what it says and the records before it did not.
    pub(super) fn action(&mut self, change: &Change) -> Option<&'static str> {
        let before = self.reasons.remove(&change.file).unwrap_or_default();
        let repeated = before & !RENAME_OLD_NAME;
        let goes_on = change.reasons & repeated == repeated && change.reasons != before;
        let new = if goes_on { change.reasons & !before } else { change.reasons };
        if change.reasons & CLOSE == 0 {
            if self.reasons.len() >= Self::MOST {
                self.reasons.clear();
            }
            self.reasons.insert(change.file, change.reasons);
        }
        action(new)
    }

    /// Forgets all files, where records are missing.
    pub(super) fn forget(&mut self) {
        self.reasons.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ntfs::{FileTime, Name};
    use super::*;

    fn actions(reasons: &[u32]) -> Vec<Option<&'static str>> {
        let mut open = OpenFiles::default();
        let name = || Name { text: "a".to_owned(), raw: None };
        let change = |reasons: &u32| Change {
            file: FileId(7),
            parent: FileId(5),
            usn: 0,
            time: FileTime(0),
            reasons: *reasons,
            source_info: 0,
            attributes: 0,
            name: name(),
        };
        reasons.iter().map(|reasons| open.action(&change(reasons))).collect()
    }

    #[test]
    fn what_records_repeat_is_not_told_again() {
        let created = actions(&[0x100, 0x102, 0x8000_0102]);
        assert_eq!(created, [Some("create"), Some("write"), Some("close")]);
        let renamed = actions(&[0x1000, 0x2000, 0x8000_2000]);
        assert_eq!(renamed, [Some("rename"), Some("rename"), Some("close")]);
        assert_eq!(actions(&[0x8000_0200, 0x8000_0100]), [Some("delete"), Some("create")]);
        assert_eq!(actions(&[0x8000, 0x8800, 0x8000_8800]), [Some("change"), Some("change"), Some("close")]);
        assert_eq!(actions(&[0x20, 0x8000_0020]), [Some("write"), Some("close")]);
        assert_eq!(actions(&[0]), [None]);
    }

    #[test]
    fn a_file_whose_close_is_missing_is_open_anew() {
        assert_eq!(actions(&[0x102, 0x2]), [Some("create"), Some("write")], "fewer reasons than before");
        assert_eq!(actions(&[0x2, 0x2]), [Some("write"), Some("write")], "no new reason");
        assert_eq!(actions(&[0x8000_0102]), [Some("create")], "the records before are overwritten");
    }

    #[test]
    fn every_reason_has_one_name() {
        let all: u32 = NAMES.iter().map(|(bit, _)| bit).sum();
        assert_eq!(names(all).len(), NAMES.len());
        assert_eq!(names(0x8000_0102), ["DATA_EXTEND", "FILE_CREATE", "CLOSE"]);
    }
}
