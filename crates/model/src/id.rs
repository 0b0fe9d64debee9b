//! Identifiers: each is derived from the content that it stands for, so that two runs agree.
//!
//! Their text is shared: an artifact, the ledger and a million problems may name one collection.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// Returns the lower-case SHA-256 of `parts`, each closed by a zero byte so that parts cannot run together.
pub fn digest_hex(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize())
}

/// Spells bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps an identifier that was made elsewhere, such as one read back from a case.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// Derives an identifier from what it stands for: 16 hexadecimal digits.
            pub fn derive(parts: &[&str]) -> Self {
                let mut digest = digest_hex(parts);
                digest.truncate(16);
                Self(digest.into())
            }

            /// Returns the identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// Names a [`Collection`](crate::Collection): derived from what it holds, not from where it lay.
    CollectionId
);
id!(
    /// Names an [`Artifact`](crate::Artifact): derived from its original path and its SHA-256.
    ArtifactId
);
id!(
    /// Names a rule of any engine, as its author named it.
    RuleId
);
id!(
    /// Names a [`Finding`](crate::Finding): derived from its claim, server and subject.
    FindingId
);
