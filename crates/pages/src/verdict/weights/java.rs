//! What signals weigh in pages of Java Server Pages.

use super::{Knot, Signalled};

/// By code. Pages that are no tools leave files, processes, sockets and databases to the classes of the application.
pub(super) static WEIGHTS: &[Signalled] = &[
    ("code-written", 4.5, 4.5),
    ("connects", 2.0, 4.5),
    ("decoded-started", 4.5, 4.0),
    ("opens-database", 1.0, 3.7),
    ("visitor-deserialised", 5.2, 4.0),
    ("visitor-in-connect", 2.5, 4.0),
    ("visitor-in-delete", 1.0, 3.7),
    ("visitor-in-file", 2.0, 3.7),
    ("visitor-in-file-name", 1.5, 3.7),
    ("visitor-in-move", 1.0, 3.7),
    ("visitor-transformed", 5.2, 4.0),
    // Pages of demonstrations send forms by their addresses.
    ("password-in-address", 1.0, 2.0),
    ("password-kept", 2.0, 3.0),
];

/// What weights for a shell say of the odds.
pub(super) static SHELL: &[Knot] =
    &[(0.0, -3.1), (0.4, -2.3), (1.1, 2.4), (3.5, 4.8), (6.8, 5.9), (11.3, 7.2)];

/// What weights for a tool of dual use say of the odds.
pub(super) static DUAL_USE: &[Knot] =
    &[(0.0, -3.1), (1.0, 1.8), (2.1, 3.3), (3.8, 3.3), (4.8, 4.7), (6.5, 5.8), (7.3, 6.5), (11.6, 6.8)];
