//! What signals weigh in pages of Java Server Pages.

use super::Weight;

/// By code.
pub(super) static WEIGHTS: &[Weight] = &[];
