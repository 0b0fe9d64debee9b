//! Whom evidence belongs to.

use crate::id::ArtifactId;
use crate::path::HostName;
use serde::{Deserialize, Serialize};

/// How a server's name was found in the evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostSighting {
    /// The name as the evidence spells it, perhaps with its domain.
    pub spelled: String,
    /// What named it: `collector`, `http-proxy`, `evtx` …
    pub seen_in: String,
    /// The artifact that named it, where one did.
    pub artifact: Option<ArtifactId>,
}

/// A server of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its name.
    pub name: HostName,
    /// How the name was found.
    pub sightings: Vec<HostSighting>,
    /// The Exchange install root, as the evidence shows it: `E:\Exchange2016\`.
    pub install_root: Option<String>,
}
