//! How the program holds its memory.

use mimalloc::MiMalloc;

/// Rows are made on threads that read and dropped on those that write: the system's allocator makes them wait for one
/// another there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Asks the system for pages of the ordinary size alone: with large ones a third more is held, and much of it never used.
///
/// Where the system does not allow that, more is held and nothing else is different.
#[cfg(target_os = "linux")]
pub(crate) fn keep_pages_small() {
    nix::sys::prctl::set_thp_disable(true).ok();
}

/// Other systems give large pages to those who ask.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_pages_small() {}
