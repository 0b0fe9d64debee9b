//! The one place that reads the clock: the ledger says when a run was made, and a sweep when it asked whom. No result
//! of the same evidence depends on it.

use afterpatch_model::Timestamp;
use afterpatch_sweep::Clock;
use std::time::{Duration, Instant};

/// Returns the time as ISO 8601 in UTC, to the second.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The machine's own clock.
#[derive(Debug)]
pub(crate) struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Begins to count.
    pub(crate) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
        let start = Instant::now();
        Self { start }
    }
}

impl Clock for SystemClock {
    fn time(&self) -> Timestamp {
        Timestamp::from_seconds(jiff::Timestamp::now().as_second()).unwrap_or(Timestamp::from_nanos(0))
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, length: Duration) {
        std::thread::sleep(length);
    }
}
