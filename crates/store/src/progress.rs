//! How a long step tells how far it is; what is shown is the caller's business.

/// Whom a long step tells how far it is. May be called from several threads.
pub trait Progress: Sync {
    /// Begins a step of so many bytes (or of so many pieces, where it has no bytes).
    fn begin(&self, step: &str, total_bytes: u64);
    /// Goes on by so much.
    fn advance(&self, bytes: u64);
    /// Ends the step.
    fn end(&self);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _step: &str, _total_bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn end(&self) {}
}
