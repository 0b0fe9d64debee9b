//! How fast is asked: one pace over all threads.

use afterpatch_model::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Who tells the time. Only the program reads a real clock; a test brings its own.
pub trait Clock: Sync {
    /// Returns the time of day.
    fn time(&self) -> Timestamp;
    /// Returns how long ago some fixed moment was; it never goes back.
    fn elapsed(&self) -> Duration;
    /// Returns after so long.
    fn sleep(&self, length: Duration);
}

/// Lets requests through one after the other, no faster than so many a second.
pub(crate) struct Pace<'c> {
    clock: &'c dyn Clock,
    gap: Duration,
    /// When the next request may be made.
    next: Mutex<Duration>,
}

impl<'c> Pace<'c> {
    /// Makes a pace of `per_second` requests a second over all who wait for it.
    pub(crate) fn new(clock: &'c dyn Clock, per_second: u32) -> Self {
        let gap = Duration::from_secs(1) / per_second.max(1);
        Self { clock, gap, next: Mutex::new(Duration::ZERO) }
    }

    /// Returns when the next request may be made.
    ///
    /// Time in which nobody asked is not saved up: there is no burst after a pause.
    pub(crate) fn wait(&self) {
        let now = self.clock.elapsed();
        let mine = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let mine = (*next).max(now);
            *next = mine + self.gap;
            mine
        };
        if let Some(left) = mine.checked_sub(now).filter(|left| !left.is_zero()) {
            self.clock.sleep(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A clock that stands still but for those who sleep, and notes when each woke.
    #[derive(Default)]
    struct Still {
        now: AtomicU64,
        woke: Mutex<Vec<u64>>,
    }

    impl Clock for Still {
        fn time(&self) -> Timestamp {
            Timestamp::from_nanos(0)
        }

        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.now.load(Ordering::SeqCst))
        }

        fn sleep(&self, length: Duration) {
            let until = u64::try_from((self.elapsed() + length).as_millis()).unwrap();
            self.woke.lock().unwrap().push(until);
        }
    }

    #[test]
    fn requests_of_all_threads_are_a_gap_apart() {
        let clock = Still::default();
        let pace = Pace::new(&clock, 4);
        std::thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| (0..8).for_each(|_| pace.wait()));
            }
        });
        let mut woke = clock.woke.into_inner().unwrap();
        woke.sort_unstable();
        assert_eq!(woke, (1..40).map(|n| n * 250).collect::<Vec<u64>>(), "the first need not wait");
    }

    #[test]
    fn a_pause_is_not_saved_up() {
        let clock = Still::default();
        let pace = Pace::new(&clock, 10);
        pace.wait();
        clock.now.store(5_000, Ordering::SeqCst);
        pace.wait();
        pace.wait();
        assert_eq!(*clock.woke.lock().unwrap(), [5_100]);
    }
}
