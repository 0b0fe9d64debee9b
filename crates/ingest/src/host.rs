//! Which server a collection came from: found in the evidence, never assumed.

use crate::collections::OpenCollection;
use crate::input::Limits;
use afterpatch_model::{HostName, HostSighting};
use std::collections::BTreeMap;

/// What the evidence says about the host of one part of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostEvidence {
    /// The name that most and best sightings agree on.
    pub name: Option<HostName>,
    /// Every sighting that was looked at, best first.
    pub sightings: Vec<HostSighting>,
    /// The Exchange install root that the paths show: `E:\Exchange2016\`.
    pub install_root: Option<String>,
}
