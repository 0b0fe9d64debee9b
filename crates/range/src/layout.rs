//! How the files of a server are laid out by whoever collected them: one file a layout.

mod folder;
mod kape;
mod packed;
mod velociraptor;

use crate::server::Plan;
use crate::tree::File;
use afterpatch_model::Timestamp;
use std::io;
use std::path::Path;

/// A layout of collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A folder a server, with a folder a drive in it: `MX1/C/inetpub/…`.
    Folder,
    /// A ZIP a server, with a folder a drive in it: `MX1.zip`.
    Zip,
    /// What Velociraptor's offline collector writes: a ZIP a server.
    Velociraptor,
    /// What KAPE writes: a folder a server, with a log of what was copied.
    Kape,
}

impl Layout {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Folder, Self::Zip, Self::Velociraptor, Self::Kape];

    /// Returns the layout's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Zip => "zip",
            Self::Velociraptor => "velociraptor",
            Self::Kape => "kape",
        }
    }

    /// Writes what was collected from one server under `to`.
    pub(crate) fn write(self, taken: &Taken<'_>, to: &Path) -> io::Result<()> {
        match self {
            Self::Folder => folder::write(taken, to),
            Self::Zip => packed::write(taken, to),
            Self::Velociraptor => velociraptor::write(taken, to),
            Self::Kape => kape::write(taken, to),
        }
    }
}

/// What was collected from one server.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) files: &'a [File],
    pub(crate) collected: Timestamp,
}

/// Returns the parts of a path on the server: `C:`, `inetpub`, …
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('\\')
}

/// Returns where a file lies below a folder a drive: `C/inetpub/…`.
fn below_drive(path: &str) -> String {
    let parts: Vec<&str> = parts(path).map(|part| part.trim_end_matches(':')).collect();
    parts.join("/")
}

/// Returns where a file lies below the folder that holds a folder a server: `MX1/C/inetpub/…`.
pub(crate) fn folder_path(plan: &Plan, file: &File) -> String {
    format!("{}/{}", plan.name, below_drive(&file.path))
}
