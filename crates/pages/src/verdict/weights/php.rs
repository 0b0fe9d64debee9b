//! What signals weigh in pages of PHP.

use super::Weight;

/// By code.
pub(super) static WEIGHTS: &[Weight] = &[];
