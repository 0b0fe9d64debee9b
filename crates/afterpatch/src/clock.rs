//! The one place that reads the clock: the ledger says when a run was made. No result depends on it.

/// Returns the time as ISO 8601 in UTC, to the second.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
