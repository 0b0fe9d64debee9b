//! What signals weigh in pages of PHP.

use super::{Knot, Signalled};

/// By code.
pub(super) static WEIGHTS: &[Signalled] = &[
    ("code-written", 4.0, 4.0),
    ("connects", 1.5, 4.0),
    ("decoded-invoked", 2.0, 4.0),
    ("evaluates", 1.0, 4.0),
    ("gate", 2.5, 3.7),
    ("hidden-name", 4.0, 4.0),
    ("numbered-invoked", 3.0, 4.0),
    ("page-planted", 4.5, 4.0),
    ("remote-written", 1.5, 4.0),
    ("visitor-deserialised", 4.5, 4.0),
    ("visitor-in-command", 3.5, 4.0),
    ("visitor-in-delete", 0.5, 3.7),
    ("visitor-in-file", 1.5, 3.7),
    ("visitor-in-file-name", 0.5, 3.7),
    ("visitor-in-upload", 0.5, 3.7),
    ("visitor-included", 3.0, 4.0),
    // Programs that set sites up write the first password into a page of settings.
    ("password-kept", 0.0, 0.5),
];

/// What weights for a shell say of the odds.
pub(super) static SHELL: &[Knot] =
    &[(0.0, -2.1), (0.4, 1.3), (1.3, 2.1), (2.1, 2.6), (3.7, 2.6), (6.3, 5.5), (11.5, 5.9)];

/// What weights for a tool of dual use say of the odds.
pub(super) static DUAL_USE: &[Knot] =
    &[(0.0, -2.1), (0.5, 1.3), (1.0, 3.0), (3.1, 3.4), (7.0, 4.7), (11.8, 5.3)];
