//! What signals weigh in pages of classic ASP.

use super::Weight;

/// By code.
pub(super) static WEIGHTS: &[Weight] = &[];
