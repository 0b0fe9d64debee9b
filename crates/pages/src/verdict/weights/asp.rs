//! What signals weigh in pages of classic ASP.

use super::Weight;

/// By code.
pub(super) static WEIGHTS: &[Weight] = &[
    // Commercial pages hide their licences: what the text does when it is read decides.
    ("hidden-evaluated", 1.5, 0.5),
];
