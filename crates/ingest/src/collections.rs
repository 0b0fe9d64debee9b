//! What was handed in, opened in place: one file a layout.

use crate::input::{Evidence, Limits};
use afterpatch_model::{Problem, Timestamp};
use std::io;
use std::path::{Path, PathBuf};

mod folder;
mod kape;
mod velociraptor;
mod zip;

/// One file in an opened collection, before it is hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the collection, with `/`.
    pub container_path: String,
    /// Its original path on the server, as the layout decodes it: `C:\inetpub\…`; else the path in the collection.
    pub path: String,
    /// The part of the collection that came from one host, such as the sub-folder `MX1`; empty for the whole.
    pub host_root: String,
    /// Its size in bytes, as far as the container says.
    pub size_bytes: u64,
    /// When it was last written on the server, where the layout keeps it.
    pub modified: Option<Timestamp>,
    /// When it was created on the server, where the layout keeps it.
    pub created: Option<Timestamp>,
}

/// A collection that is open for reading. Entries are in order of their container path.
pub trait OpenCollection: Send + Sync {
    /// Returns what the layout was taken for: `folder`, `file`, `zip`, `velociraptor`, `kape`.
    fn layout(&self) -> &'static str;
    /// Returns where the collection lies.
    fn location(&self) -> &Path;
    /// Returns every file in it.
    fn entries(&self) -> &[Entry];
    /// Returns what was met while it was opened: links, unsafe names, failures that the collector reports.
    fn problems(&self) -> &[Problem];
    /// Opens the bytes of one entry. May be called from several threads.
    fn read(&self, entry: &Entry, limits: &Limits) -> io::Result<Box<dyn Evidence>>;
    /// Returns host names that the collector itself wrote down, as (host root, name).
    fn declared_hosts(&self) -> &[(String, String)];
}

/// One way in which collectors lay out files.
pub trait Layout: Sync {
    /// Returns the layout's name.
    fn name(&self) -> &'static str;
    /// Tells from the paths in a container whether they follow this layout.
    fn detect(&self, container_paths: &[String]) -> bool;
}

/// Why a collection could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The path does not exist or may not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The path as given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The container is cut off or damaged so that not even its list of files can be read.
    #[error("{}: {detail}", path.display())]
    Damaged {
        /// The path as given.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
}
