//! What signals weigh in pages of Java Server Pages.

use super::Weight;

/// By code. Pages that are no tools leave files, processes, sockets and databases to the classes of the application.
pub(super) static WEIGHTS: &[Weight] = &[
    ("code-written", 4.5, 4.5),
    ("connects", 2.0, 4.5),
    ("decoded-started", 4.5, 4.0),
    ("opens-database", 1.0, 3.7),
    ("visitor-in-connect", 2.5, 4.0),
    ("visitor-in-delete", 1.0, 3.7),
    ("visitor-in-file", 2.0, 3.7),
    ("visitor-in-file-name", 1.5, 3.7),
    ("visitor-in-move", 1.0, 3.7),
    // Pages of demonstrations send forms by their addresses.
    ("password-in-address", 1.0, 2.0),
    ("password-kept", 2.0, 3.0),
];
