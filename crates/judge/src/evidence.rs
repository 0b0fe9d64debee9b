//! What answers and plan rest on.

use afterpatch_detect::exposed::BuildHistory;
use afterpatch_model::{Coverage, ExposureWindow, Finding};

/// What answers rest on.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The findings of all servers.
    pub findings: &'a [Finding],
    /// When which flaw was open, on all servers.
    pub exposure: &'a [ExposureWindow],
    /// The builds seen on each server.
    pub builds: &'a BuildHistory,
    /// What the evidence covers.
    pub coverage: &'a [Coverage],
}
