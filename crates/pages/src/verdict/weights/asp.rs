//! What signals weigh in pages of classic ASP: pages of its time write their own settings as pages, show and move files, and
//! hide their licences. What a hidden text does when it is read decides.

use super::{Knot, Signalled};

/// By code.
pub(super) static WEIGHTS: &[Signalled] = &[
    ("constant-evaluated", 0.0, 0.0),
    // Some sites keep parts of their pages under names of pictures.
    ("data-included", 1.0, 2.0),
    ("decoded-evaluated", 5.5, 4.5),
    ("decoded-planted", 0.8, 0.5),
    ("evaluates", 0.3, 0.3),
    ("file-shown", 0.3, 1.5),
    ("hidden-evaluated", 0.8, 0.5),
    ("hidden-name", 2.0, 1.0),
    ("page-planted", 2.0, 1.5),
    ("remote-planted", 5.5, 4.0),
    ("remote-written", 0.5, 0.5),
    ("served-file-written", 0.7, 1.0),
    ("visitor-chose-file", 2.0, 3.0),
    ("visitor-deleted", 1.3, 2.5),
    ("visitor-evaluated", 7.5, 5.0),
    ("visitor-fetched", 2.0, 3.7),
    ("visitor-in-connection", 1.0, 2.0),
    ("visitor-in-loopback", 3.0, 4.5),
    ("visitor-in-program", 4.5, 4.5),
    ("visitor-included", 2.0, 3.7),
    ("visitor-listed", 2.3, 3.7),
    ("visitor-moved", 0.7, 1.5),
    ("visitor-queried", 2.3, 3.7),
    ("visitor-read", 1.0, 2.5),
    ("visitor-started", 7.0, 4.5),
    ("visitor-wrote-file", 4.0, 3.0),
    ("visitor-wrote-page", 3.0, 4.0),
    // Programs that set sites up write the first password into a page of settings.
    ("password-kept", 0.0, 0.5),
];

/// What weights for a shell say of the odds.
pub(super) static SHELL: &[Knot] =
    &[(0.0, -3.9), (0.5, -2.0), (1.1, -0.7), (2.2, 0.6), (4.0, 3.4), (5.7, 4.6), (7.6, 6.5), (11.8, 6.9)];

/// What weights for a tool of dual use say of the odds.
pub(super) static DUAL_USE: &[Knot] =
    &[(0.0, -4.3), (0.6, -1.6), (2.4, -0.1), (3.8, 2.5), (4.5, 4.6), (5.1, 4.6), (6.8, 4.8), (11.8, 6.0)];
