//! What signals weigh in pages of ASP.NET: pages that reach files, processes and sockets by what the visitor says are rare there.

use super::Weight;

/// By code.
pub(super) static WEIGHTS: &[Weight] = &[
    ("compiles", 3.0, 4.0),
    ("connects", 2.0, 4.0),
    ("evaluates", 5.2, 4.0),
    ("native-call", 5.2, 4.0),
    ("only-makes", 1.0, 4.0),
    ("reads-secrets", 1.0, 4.0),
    ("served-file-written", 3.0, 4.0),
    ("starts-process", 2.5, 4.0),
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
