//! Many addresses at once, one after the other on each thread.

use crate::Options;
use crate::ask::ask;
use crate::pace::{Clock, Pace};
use crate::targets::Target;
use afterpatch_model::{Failure, FailureKind, Observation};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

/// Asks every one of `targets`, and gives what came of each to `each`, in the order in which they end.
///
/// An error of `each` ends the sweep: who cannot be written down is not asked.
pub fn sweep<E>(
    targets: &[Target],
    options: &Options,
    clock: &dyn Clock,
    each: &mut dyn FnMut(Observation) -> Result<(), E>,
) -> Result<(), E> {
    let asker = Asker {
        targets,
        options,
        clock,
        pace: Pace::new(clock, options.per_second),
        next: AtomicUsize::new(0),
    };
    let threads = options.at_once.clamp(1, targets.len().max(1));
    let (to, from) = sync_channel(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (asker, to) = (&asker, to.clone());
            scope.spawn(move || asker.run(&to));
        }
        drop(to);
        // Where `each` fails, the channel closes with the loop, and the threads end after what they are asking.
        from.into_iter().try_for_each(each)
    })
}

struct Asker<'s> {
    targets: &'s [Target],
    options: &'s Options,
    clock: &'s dyn Clock,
    pace: Pace<'s>,
    next: AtomicUsize,
}

impl Asker<'_> {
    fn run(&self, to: &SyncSender<Observation>) {
        while let Some(target) = self.targets.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            self.pace.wait();
            if to.send(self.ask(target)).is_err() {
                break;
            }
        }
    }

    /// Asks, and stands even where the libraries break down over what was answered.
    fn ask(&self, target: &Target) -> Observation {
        let time = self.clock.time();
        let asked = catch_unwind(AssertUnwindSafe(|| ask(target, self.options, &self.pace, time)));
        asked.unwrap_or_else(|_| Observation {
            target: target.to_string(),
            time,
            addresses: Vec::new(),
            answers: Vec::new(),
            not_followed: None,
            failure: Some(Failure {
                kind: FailureKind::Other,
                detail: "reading the answer broke down".to_owned(),
            }),
        })
    }
}
