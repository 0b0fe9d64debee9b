//! What answers and plan rest on.

use afterpatch_detect::exposed::BuildHistory;
use afterpatch_detect::{Knowledge, Traces};
use afterpatch_model::{Build, Coverage, Exposure, Finding};
use std::collections::BTreeMap;

/// What answers rest on.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The flaws that some rule looks for, and how much the use of each leaves.
    pub looked_for: &'a BTreeMap<&'a str, Traces>,
    /// The findings of all servers.
    pub findings: &'a [Finding],
    /// What is known of the flaws that were open, on all servers.
    pub exposure: &'a [Exposure],
    /// The builds seen on each server.
    pub builds: &'a BuildHistory,
    /// What the evidence covers.
    pub coverage: &'a [Coverage],
    /// What builds are called.
    pub knowledge: &'a Knowledge,
}

impl Evidence<'_> {
    /// Returns the build as people know it: `15.1.2106.2 (Exchange 2016 CU18)`.
    pub(crate) fn named(&self, build: Build) -> String {
        let label = self.knowledge.build(build).map(|known| known.label.as_str());
        match (build.product(), label) {
            (Some(product), Some(label)) => format!("{build} ({product} {label})"),
            (Some(product), None) => format!("{build} ({product})"),
            (None, _) => build.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_detect::Content;

    #[test]
    fn builds_are_told_by_the_names_that_administrators_know() {
        let (content, builds) = (Content::load(&[]).0, BuildHistory::new());
        let knowledge = content.knowledge();
        let looked_for = BTreeMap::new();
        let evidence = Evidence {
            looked_for: &looked_for,
            findings: &[],
            exposure: &[],
            builds: &builds,
            coverage: &[],
            knowledge,
        };
        let named = |build: &str| evidence.named(build.parse().unwrap());
        assert_eq!(named("15.01.2106.002"), "15.1.2106.2 (Exchange 2016 CU18)");
        assert_eq!(named("15.1.2106.999"), "15.1.2106.999 (Exchange 2016)", "an interim update");
        assert_eq!(named("99.1.2.3"), "99.1.2.3");
    }
}
