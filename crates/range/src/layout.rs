//! How the files of a server are laid out by whoever collected them: one file a layout.

mod acquire;
mod cylr;
mod folder;
mod kape;
mod nested;
mod packed;
mod tar;
mod uac;
mod velociraptor;
mod velociraptor_locked;
mod velociraptor_sparse;

use crate::server::Plan;
use crate::tree::{self, File};
use afterpatch_model::{Timestamp, below_shadow_copy};
use std::io;
use std::path::Path;

pub use velociraptor_locked::PASSWORD;

/// A layout of collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A folder a server, with a folder a drive in it: `MX1/C/inetpub/…`.
    Folder,
    /// A ZIP a server, with a folder a drive in it: `MX1.zip`.
    Zip,
    /// A tar a server, with a folder a drive in it: `MX1.tar`.
    Tar,
    /// The same, packed with gzip.
    TarGz,
    /// The same, packed with Zstandard.
    TarZst,
    /// The same, packed with xz.
    TarXz,
    /// The same, packed with bzip2.
    TarBz2,
    /// A ZIP a server, in which the files lie in another container.
    Nested,
    /// What Velociraptor's offline collector writes: a ZIP a server.
    Velociraptor,
    /// The same, locked with [`PASSWORD`].
    VelociraptorLocked,
    /// The same, each file kept as runs of data with a map of where they lay.
    VelociraptorSparse,
    /// What KAPE writes: a folder a server, with a log of what was copied.
    Kape,
    /// What `CyLR` writes: a ZIP a server.
    Cylr,
    /// What UAC writes where the server's disk is mounted: a packed tar a server.
    Uac,
    /// What dissect's acquire writes: a tar a server, and a report beside it.
    Acquire,
}

/// Writes what was collected from one server below a folder.
type Write = fn(&Taken<'_>, &Path) -> io::Result<()>;

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 15] = [
        Self::Folder,
        Self::Zip,
        Self::Tar,
        Self::TarGz,
        Self::TarZst,
        Self::TarXz,
        Self::TarBz2,
        Self::Nested,
        Self::Velociraptor,
        Self::VelociraptorLocked,
        Self::VelociraptorSparse,
        Self::Kape,
        Self::Cylr,
        Self::Uac,
        Self::Acquire,
    ];

    /// Returns the layout's name.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Writes what was collected from one server under `to`.
    pub(crate) fn write(self, taken: &Taken<'_>, to: &Path) -> io::Result<()> {
        self.row().1(taken, to)
    }

    fn row(self) -> (&'static str, Write) {
        match self {
            Self::Folder => ("folder", folder::write),
            Self::Zip => ("zip", packed::write),
            Self::Tar => ("tar", tar::write),
            Self::TarGz => ("tar.gz", tar::write_gz),
            Self::TarZst => ("tar.zst", tar::write_zst),
            Self::TarXz => ("tar.xz", tar::write_xz),
            Self::TarBz2 => ("tar.bz2", tar::write_bz2),
            Self::Nested => ("nested", nested::write),
            Self::Velociraptor => ("velociraptor", velociraptor::write),
            Self::VelociraptorLocked => ("velociraptor-locked", velociraptor_locked::write),
            Self::VelociraptorSparse => ("velociraptor-sparse", velociraptor_sparse::write),
            Self::Kape => ("kape", kape::write),
            Self::Cylr => ("cylr", cylr::write),
            Self::Uac => ("uac", uac::write),
            Self::Acquire => ("acquire", acquire::write),
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

/// Returns the parts of a path on the server: `C:`, `inetpub`, …; the device of a shadow copy is one.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let below = below_shadow_copy(path).unwrap_or(path);
    let device = path.strip_suffix(below).filter(|device| !device.is_empty());
    device.into_iter().chain(below.split('\\').skip(usize::from(device.is_some())))
}

/// Returns where a file lies below a folder a drive or a shadow copy: `C/inetpub/…`, `VSS2/inetpub/…`.
fn below_drive(path: &str) -> String {
    match tree::shadow_copy(path) {
        Some((number, below)) => format!("VSS{number}{}", below.replace('\\', "/")),
        None => path.replacen(':', "", 1).replace('\\', "/"),
    }
}

/// Returns where a file lies below the folder that holds a folder a server: `MX1/C/inetpub/…`.
pub(crate) fn folder_path(plan: &Plan, file: &File) -> String {
    format!("{}/{}", plan.name, below_drive(&file.path))
}
