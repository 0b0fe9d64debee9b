//! A row of a query's result, read by the names of its columns.

use afterpatch_model::{ArtifactId, Locator, Timestamp};
use serde_json::{Map, Value};

/// A row; a column that is not there is as one that is null.
pub(super) struct Row<'r>(pub(super) &'r Map<String, Value>);

impl<'r> Row<'r> {
    pub(super) fn text(&self, name: &str) -> Option<&'r str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    pub(super) fn truth(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn locator(&self, artifact: &str, record: &str) -> Locator {
        let artifact = ArtifactId::new(self.text(artifact).unwrap_or_default());
        Locator { artifact, record: self.number(record).unwrap_or(0) }
    }
}
