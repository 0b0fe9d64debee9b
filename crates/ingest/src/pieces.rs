//! Threads that help to read one artifact, where its format can be read in pieces.

use rayon::ThreadPool;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

/// Threads that read pieces of artifacts for whoever has some.
///
/// How many pieces are under way at a time is bounded for all artifacts together, so that memory depends on the number
/// of threads and not on the evidence.
#[derive(Debug)]
pub struct Helpers<'p> {
    pool: &'p ThreadPool,
    /// Pieces that may yet be begun.
    free: AtomicUsize,
}

/// Pieces under way for each thread: one that is read and one that waits, so that no thread does.
const PIECES_A_THREAD: usize = 2;

impl<'p> Helpers<'p> {
    /// Takes the threads of a pool, with whatever rights they have.
    pub fn new(pool: &'p ThreadPool) -> Self {
        let free = pool.current_num_threads().saturating_mul(PIECES_A_THREAD);
        Self { pool, free: AtomicUsize::new(free) }
    }

    fn leave(&self) -> Option<Leave<'_>> {
        let less = |free: usize| free.checked_sub(1);
        self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok()?;
        Some(Leave(&self.free))
    }
}

/// The leave to have one more piece under way; it is given back when it is dropped.
struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A piece under way. The first in line needs no leave: every artifact goes on, however busy the helpers are.
struct UnderWay<'a, R> {
    result: Receiver<R>,
    _leave: Option<Leave<'a>>,
}

/// Reads each piece and takes what came of it, in the order of the pieces, on whichever thread they were read.
///
/// A piece over which its reader breaks down breaks down the caller, when all before it was taken.
pub(crate) fn in_order<P: Send, R: Send>(
    helpers: Option<&Helpers<'_>>,
    pieces: impl Iterator<Item = P>,
    read: impl Fn(P) -> R + Sync,
    mut take: impl FnMut(R),
) {
    let Some(helpers) = helpers else {
        return pieces.for_each(|piece| take(read(piece)));
    };
    let (mut pieces, read) = (pieces.fuse(), &read);
    // The calling thread is none of the pool's: it may wait for whoever takes the rows, and no piece waits with it.
    helpers.pool.in_place_scope(|scope| {
        let mut line: VecDeque<UnderWay<'_, R>> = VecDeque::new();
        loop {
            loop {
                let leave = helpers.leave();
                if leave.is_none() && !line.is_empty() {
                    break;
                }
                let Some(piece) = pieces.next() else { break };
                let (done, result) = sync_channel(1);
                scope.spawn(move |_| {
                    // Nobody listens any more where a piece before this one broke down.
                    let _ = done.send(read(piece));
                });
                line.push_back(UnderWay { result, _leave: leave });
            }
            let Some(first) = line.pop_front() else { break };
            let Ok(result) = first.result.recv() else { break };
            drop(first);
            take(result);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn pool(threads: usize) -> ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).panic_handler(|_| {}).build().unwrap()
    }

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        let slow_first = |n: u64| {
            std::thread::sleep(std::time::Duration::from_millis(if n.is_multiple_of(5) { 3 } else { 0 }));
            n
        };
        for threads in [1, 2, 7] {
            let pool = pool(threads);
            let helpers = Helpers::new(&pool);
            let mut taken = Vec::new();
            in_order(Some(&helpers), 0..40, slow_first, |n| taken.push(n));
            assert_eq!(taken, (0..40).collect::<Vec<_>>());
            assert_eq!(helpers.free.into_inner(), threads * PIECES_A_THREAD);
        }
    }

    #[test]
    fn no_more_pieces_are_under_way_than_there_is_leave_for() {
        let pool = pool(3);
        let helpers = Helpers::new(&pool);
        let (begun, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let pieces = (0..50).inspect(|_| {
            let under_way = begun.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(under_way, Ordering::SeqCst);
        });
        in_order(
            Some(&helpers),
            pieces,
            |n: u32| n,
            |_| {
                begun.fetch_sub(1, Ordering::SeqCst);
            },
        );
        assert!(most.into_inner() <= 3 * PIECES_A_THREAD + 1);
    }

    #[test]
    fn artifacts_go_on_when_all_leave_is_taken() {
        let pool = pool(2);
        let helpers = Helpers::new(&pool);
        let all: Vec<_> = std::iter::from_fn(|| helpers.leave()).collect();
        let mut taken = 0;
        in_order(Some(&helpers), 0..9, |n: u32| n, |_| taken += 1);
        assert_eq!((all.len(), taken), (2 * PIECES_A_THREAD, 9));
    }

    #[test]
    fn what_came_before_a_piece_that_broke_down_is_taken() {
        let pool = pool(2);
        let helpers = Helpers::new(&pool);
        let mut taken = Vec::new();
        let read = |n: u32| if n == 5 { panic!("broke down") } else { n };
        let broken =
            catch_unwind(AssertUnwindSafe(|| in_order(Some(&helpers), 0..20, read, |n| taken.push(n))));
        assert!(broken.is_err());
        assert_eq!(taken, [0, 1, 2, 3, 4]);
    }
}
