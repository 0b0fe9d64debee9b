//! Definitions for collectors, made from the guides of the parsers.
//!
//! [`Plan`] is what is to be collected: made once from [`afterpatch_ingest::guides`], without duplicates. Each
//! [`Collector`] writes it in its own language, so that what is collected and what is read cannot drift apart.
//! Nothing here touches a disk: [`Collector::files`] returns texts.
//!
//! ```
//! use afterpatch_collector::Collector;
//!
//! let files = Collector::PowerShell.files();
//! assert_eq!(files[0].name, "Collect-ForAfterpatch.ps1");
//! ```

#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

mod kape;
mod mask;
mod plan;
mod powershell;
mod velociraptor;

pub use plan::{Plan, Reader, Step};

/// A program that collects, for which definitions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collector {
    /// Velociraptor: one artifact.
    Velociraptor,
    /// KAPE: a compound target and its parts.
    Kape,
    /// Windows PowerShell: one script, for administrators who have neither.
    PowerShell,
}

/// A file that is to be written for a collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its name, without a folder.
    pub name: String,
    /// What stands in it: ASCII only.
    pub text: String,
}

impl Collector {
    /// Every collector, in the order in which they are recommended.
    pub const ALL: [Self; 3] = [Self::Velociraptor, Self::Kape, Self::PowerShell];

    /// Returns its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Velociraptor => "velociraptor",
            Self::Kape => "kape",
            Self::PowerShell => "powershell",
        }
    }

    /// Returns the files that collect what the parsers of this version read.
    pub fn files(self) -> Vec<GeneratedFile> {
        self.render(&Plan::of_parsers())
    }

    /// Returns the files that collect what is planned.
    pub fn render(self, plan: &Plan) -> Vec<GeneratedFile> {
        match self {
            Self::Velociraptor => vec![velociraptor::render(plan)],
            Self::Kape => kape::render(plan),
            Self::PowerShell => vec![powershell::render(plan)],
        }
    }
}

impl GeneratedFile {
    fn new(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), text }
    }
}
