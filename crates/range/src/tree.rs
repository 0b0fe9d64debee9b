//! The files of one server, by their path on it.

use afterpatch_model::{SHADOW_COPY, Timestamp};
use std::collections::BTreeMap;

/// One file, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its path on the server: `C:\inetpub\…`.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// When it was last written.
    pub(crate) modified: Timestamp,
}

/// Returns where a file of the server stands in the shadow copy of its volume; each volume has one.
pub(crate) fn in_shadow_copy(path: &str) -> String {
    let (drive, rest) = path.split_once(':').unwrap_or(("C", path));
    let number = if drive.eq_ignore_ascii_case("C") { 2 } else { 3 };
    format!("{SHADOW_COPY}{number}{rest}")
}

/// Returns the number of the shadow copy that a path stands in, and the path in it: `2`, `\inetpub\…`.
pub(crate) fn shadow_copy(path: &str) -> Option<(&str, &str)> {
    let behind = path.strip_prefix(SHADOW_COPY)?;
    behind.find('\\').map(|end| behind.split_at(end))
}

/// A log while it is written: rows come in any order and stand in order of time.
#[derive(Debug, Default)]
struct Log {
    head: String,
    rows: Vec<(Timestamp, String)>,
}

/// The files of one server.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    logs: BTreeMap<String, Log>,
    files: BTreeMap<String, File>,
}

impl Tree {
    /// Adds a row to the log at `path`; `head` makes its first lines when the log is new.
    pub(crate) fn row(&mut self, path: String, time: Timestamp, row: String, head: impl FnOnce() -> String) {
        let log = self.logs.entry(path).or_insert_with(|| Log { head: head(), rows: Vec::new() });
        log.rows.push((time, row));
    }

    /// Adds a file that is no log.
    pub(crate) fn file(&mut self, path: String, bytes: Vec<u8>, modified: Timestamp) {
        let file = File { path: path.clone(), bytes, modified };
        self.files.insert(path, file);
    }

    /// Removes the log at `path`, with all its rows; returns whether there was one.
    pub(crate) fn remove_log(&mut self, path: &str) -> bool {
        self.logs.remove(path).is_some()
    }

    /// Returns every file, in order of path.
    pub(crate) fn finish(self) -> Vec<File> {
        let logs = self.logs.into_iter().map(|(path, log)| log.finish(path));
        let mut files: Vec<File> = logs.chain(self.files.into_values()).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

impl Log {
    /// Joins head and rows. Rows of one moment keep the order in which they came.
    fn finish(mut self, path: String) -> File {
        self.rows.sort_by_key(|(time, _)| *time);
        let modified = self.rows.last().map_or(Timestamp::from_nanos(0), |(time, _)| *time);
        let mut text = self.head;
        for (_, row) in &self.rows {
            text.push_str(row);
            text.push_str("\r\n");
        }
        File { path, bytes: text.into_bytes(), modified }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_order_of_time_under_one_head() {
        let mut tree = Tree::default();
        for (seconds, row) in [(2, "late"), (1, "early"), (2, "later")] {
            let time = Timestamp::from_nanos(seconds);
            tree.row("a.log".to_owned(), time, row.to_owned(), || "#head\r\n".to_owned());
        }
        let files = tree.finish();
        assert_eq!(files[0].bytes, b"#head\r\nearly\r\nlate\r\nlater\r\n");
        assert_eq!(files[0].modified, Timestamp::from_nanos(2));
    }
}
