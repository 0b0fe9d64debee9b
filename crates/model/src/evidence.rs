//! What was handed in, and how to find one's way back to it.

use crate::id::{ArtifactId, CollectionId};
use crate::path::HostName;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One thing handed in: a folder, a ZIP, a collector's output. Read-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Derived from the artifacts that it holds.
    pub id: CollectionId,
    /// Where it lay when it was read.
    pub location: String,
    /// What its layout was taken for: `folder`, `zip`, `velociraptor`, `kape` …
    pub layout: String,
}

/// One file in a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Derived from path and SHA-256.
    pub id: ArtifactId,
    /// The collection that holds it.
    pub collection: CollectionId,
    /// Its original path on the server, as far as the layout tells: `C:\inetpub\…`.
    pub path: String,
    /// Its path in the collection.
    pub container_path: Arc<str>,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// When it was last written on the server, as far as the collector kept it.
    pub modified: Option<Timestamp>,
    /// When it was created on the server, as far as the collector kept it.
    pub created: Option<Timestamp>,
    /// Its SHA-256, lower case.
    pub sha256: String,
    /// The server that the layout or its neighbours name; a record may name another.
    pub server: Option<HostName>,
}

impl Artifact {
    /// Derives the id from what the artifact is: two copies of one file at one path are one artifact.
    pub fn derive_id(server: Option<&HostName>, path: &str, sha256: &str) -> ArtifactId {
        ArtifactId::derive(&[server.map_or("", HostName::as_str), path, sha256])
    }
}

/// The way back from a fact to its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Locator {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Line (from 1), record number or byte offset in it; 0 is the artifact as a whole.
    pub record: u64,
}
