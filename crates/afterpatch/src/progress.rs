//! Progress bars on a terminal.

use afterpatch_store::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const BAR: &str = "{prefix:>8} [{bar:32}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
/// The bar of a step that has no bytes but pieces.
const PIECES: &str = "{prefix:>8} [{bar:32}] {human_pos}/{human_len} {eta}";
const SPINNER: &str = "{prefix:>8} {spinner} {elapsed}";

/// The step that goes on by addresses.
pub(crate) const SWEEP: &str = "sweep";

/// Draws one bar for the step that runs.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    running: Mutex<Option<ProgressBar>>,
}

impl Bars {
    fn running(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bars {
    fn begin(&self, step: &str, total_bytes: u64) {
        let (bar, template) = match total_bytes {
            0 => (ProgressBar::new_spinner(), SPINNER),
            _ if step == SWEEP => (ProgressBar::new(total_bytes), PIECES),
            _ => (ProgressBar::new(total_bytes), BAR),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        if let Some(before) = self.running().replace(bar) {
            before.finish_and_clear();
        }
    }

    fn advance(&self, bytes: u64) {
        if let Some(bar) = self.running().as_ref() {
            bar.inc(bytes);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.running().take() {
            bar.finish_and_clear();
        }
    }
}
