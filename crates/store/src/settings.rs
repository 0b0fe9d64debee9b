//! `case.toml`: whom the case is about, and in which shape it is written.

use crate::error::StoreError;
use crate::files;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// The name and version of the shape of a case on disk. The number changes when an older version could not read it.
pub const CASE_SCHEMA: &str = "afterpatch.case/1";

/// What a case is told when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseSettings {
    /// The organisation that the evidence belongs to.
    pub organisation: Option<String>,
}

/// `case.toml`, as it stands on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    schema: String,
    pub(crate) organisation: Option<String>,
}

impl CaseFile {
    pub(crate) fn new(settings: &CaseSettings) -> Self {
        Self { schema: CASE_SCHEMA.to_owned(), organisation: settings.organisation.clone() }
    }

    pub(crate) fn read(case: &Path) -> Result<Self, StoreError> {
        let path = file_of(case);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::NoCase(case.to_owned()));
            }
            Err(error) => return Err(StoreError::io(&path)(error)),
        };
        let read: Self = toml::from_str(&text)
            .map_err(|error| StoreError::Settings { path, detail: error.to_string() })?;
        if read.schema == CASE_SCHEMA {
            Ok(read)
        } else {
            Err(StoreError::Schema { found: read.schema, known: CASE_SCHEMA })
        }
    }

    pub(crate) fn write(&self, case: &Path) -> Result<(), StoreError> {
        let path = file_of(case);
        let text = toml::to_string(self)
            .map_err(|error| StoreError::Settings { path: path.clone(), detail: error.to_string() })?;
        files::write_whole(&path, text.as_bytes())
    }
}

/// Tells whether a case lies in the folder.
pub(crate) fn exists(case: &Path) -> bool {
    file_of(case).is_file()
}

fn file_of(case: &Path) -> PathBuf {
    case.join("case.toml")
}

/// Returns an error where a case, or a file that is to be written, would lie inside a piece of the evidence.
///
/// Links are resolved first: evidence is never written to, under whatever name it was given.
pub(crate) fn check_place(place: &Path, evidence: &[PathBuf]) -> Result<(), StoreError> {
    let resolved = resolve(place)?;
    for path in evidence {
        let inside = path.canonicalize().is_ok_and(|path| resolved.starts_with(path));
        if inside {
            return Err(StoreError::InsideEvidence { place: place.to_owned(), evidence: path.clone() });
        }
    }
    Ok(())
}

/// Resolves a path of which the last parts need not exist yet.
fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let whole = std::path::absolute(path).map_err(StoreError::io(path))?;
    let there = whole.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(&whole);
    let resolved = there.canonicalize().map_err(StoreError::io(there))?;
    let rest = whole.strip_prefix(there).unwrap_or_else(|_| Path::new(""));
    Ok(if rest.as_os_str().is_empty() { resolved } else { resolved.join(rest) })
}
