//! What one address answered to a sweep: one line of a sweep's file, written by `sweep` and read by `ingest`.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The name and version of the shape of a sweep's file, in its first line.
pub const SWEEP_SCHEMA: &str = "afterpatch.sweep/1";

/// The header that names the build.
pub const VERSION_HEADER: &str = "x-owa-version";

/// Headers that only Exchange sends, whether they name a build or not; in lower case.
pub const EXCHANGE_HEADERS: [&str; 7] = [
    VERSION_HEADER,
    "x-feserver",
    "x-beserver",
    "x-calculatedbetarget",
    "x-diaginfo",
    "x-owa-errortype",
    "x-caserrorcode",
];

/// The first line of a sweep's file; an [`Observation`] stands in each further line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepBegin {
    /// [`SWEEP_SCHEMA`].
    pub schema: String,
    /// When the sweep was begun.
    pub begun: Timestamp,
    /// Who asked: what the requests named as their user agent.
    pub user_agent: String,
}

/// What came of asking one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The address as asked: scheme, host, and the port where it is not the scheme's own.
    pub target: String,
    /// When it was asked.
    pub time: Timestamp,
    /// What the host's name stood for then; the first that could be reached was asked.
    pub addresses: Vec<String>,
    /// The answers: to the request, and to that for the logon page where the first led there.
    pub answers: Vec<HttpAnswer>,
    /// Where a redirect led that was not followed.
    pub not_followed: Option<String>,
    /// Why there is no answer, or no further one.
    pub failure: Option<Failure>,
}

/// What matters of one HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// What was asked for.
    pub url: String,
    /// The status.
    pub status: u16,
    /// The headers that say something of the server or of what stands before it, in the answer's order; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The SHA-256 of the certificate that the server showed, lower case; none without TLS. Nobody vouched for it.
    pub certificate: Option<String>,
    /// The SHA-256 of the body's bytes that were read.
    pub body_sha256: String,
    /// How many bytes of the body were read.
    pub body_bytes: u64,
    /// Why the body was not read to its end.
    pub body_cut: Option<String>,
    /// The versioned paths of OWA that the page loads its parts from, each once.
    pub owa_paths: Vec<String>,
}

/// Why an address gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// What exactly, in one line.
    pub detail: String,
}

macro_rules! failure_kinds {
    ($( #[doc = $doc:literal] $name:ident = $word:literal, )*) => {
        /// Kinds of failure, by the stage at which there was no going on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum FailureKind {
            $( #[doc = $doc] $name, )*
        }

        impl FailureKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// Returns its stable word.
            pub fn name(self) -> &'static str {
                match self { $( Self::$name => $word, )* }
            }
        }
    };
}

failure_kinds! {
    #[doc = "The host's name stands for no address."]
    NoSuchHost = "no-such-host",
    #[doc = "Nothing listens there, or the network does not lead there."]
    Unreachable = "unreachable",
    #[doc = "The time for one of the stages was over."]
    TimedOut = "timed-out",
    #[doc = "No TLS session came about: no version or cipher in common, or no TLS at all."]
    NoTls = "no-tls",
    #[doc = "The connection was closed before the answer was complete."]
    BrokenOff = "broken-off",
    #[doc = "What came was no HTTP, or more of it than is read."]
    NoHttp = "no-http",
    #[doc = "Something else."]
    Other = "other",
}

impl Observation {
    /// Returns the values of a header over all answers; `name` in lower case.
    pub fn header<'o>(&'o self, name: &'o str) -> impl Iterator<Item = &'o str> {
        let headers = self.answers.iter().flat_map(|answer| &answer.headers);
        headers.filter(move |(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_as_its_word() {
        for kind in FailureKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
