//! What signals weigh in pages of ASP.NET: pages that reach files, processes and sockets by what the visitor says are rare there.

use super::{Knot, Signalled};

/// By code.
pub(super) static WEIGHTS: &[Signalled] = &[
    // A page that shows whatever a table holds, by an access of its own: it was laid there to take the table away.
    ("columns-shown", 0.0, 1.6),
    ("compiles", 3.0, 4.0),
    ("connects", 2.0, 4.0),
    ("evaluates", 5.2, 4.0),
    ("native-call", 5.2, 4.0),
    ("only-makes", 1.0, 4.0),
    ("password-in-connection", 0.0, 2.0),
    ("reads-secrets", 1.0, 4.0),
    ("served-file-written", 3.0, 4.0),
    ("starts-process", 2.5, 4.0),
    // Dumps of virtual directories and mailboxes have heads that are no text, and may hold nothing else.
    ("text-inside-binary", 1.0, 1.0),
    ("visitor-chose-file", 3.0, 4.0),
    ("visitor-chose-upload", 4.0, 4.0),
    ("visitor-connected", 5.2, 4.0),
    ("visitor-created", 2.5, 4.0),
    ("visitor-deserialised", 5.3, 4.0),
    ("visitor-in-connect", 4.0, 4.0),
    ("visitor-in-connection", 2.0, 4.0),
    ("visitor-in-file", 4.0, 4.0),
    ("visitor-in-file-name", 1.0, 2.0),
    ("visitor-in-list", 1.0, 2.5),
    ("visitor-read-secrets", 2.0, 4.5),
    ("visitor-transformed", 5.3, 4.0),
    ("visitor-wrote-file", 5.2, 4.0),
];

/// What weights for a shell say of the odds.
pub(super) static SHELL: &[Knot] =
    &[(0.0, -3.4), (0.3, -3.0), (1.6, 4.2), (3.4, 5.0), (5.3, 6.9), (6.3, 6.9), (7.4, 7.8), (11.4, 8.1)];

/// What weights for a tool of dual use say of the odds.
pub(super) static DUAL_USE: &[Knot] =
    &[(0.0, -3.8), (0.9, -2.0), (2.9, 5.6), (6.0, 5.8), (7.6, 7.5), (11.5, 8.0)];
