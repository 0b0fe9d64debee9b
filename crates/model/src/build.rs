//! Exchange build numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An Exchange build: four integers, compared as integers.
///
/// Logs pad the parts with zeros (`15.01.2375.007`); `15.1.1913.010` is `15.1.1913.10` and not `.1`.
/// Two builds may be compared as "newer" only inside one cumulative update: see [`Build::branch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Build {
    /// 8, 14 or 15.
    pub major: u32,
    /// Within 15: 0 is 2013, 1 is 2016, 2 is 2019 and SE.
    pub minor: u32,
    /// The cumulative update.
    pub build: u32,
    /// The security update inside it.
    pub revision: u32,
}

/// Why a text is no build number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no Exchange build: four numbers joined by dots are expected, such as 15.1.2176.9")]
pub struct BuildError {
    text: String,
}

impl Build {
    /// Returns what names the cumulative update: updates are ordered inside it only.
    pub fn branch(&self) -> (u32, u32, u32) {
        (self.major, self.minor, self.build)
    }

    /// Returns the product's name, or `None` where the first two parts name no Exchange.
    pub fn product(&self) -> Option<&'static str> {
        match (self.major, self.minor) {
            (8, _) => Some("Exchange 2007"),
            (14, _) => Some("Exchange 2010"),
            (15, 0) => Some("Exchange 2013"),
            (15, 1) => Some("Exchange 2016"),
            (15, 2) if self.build >= 2562 => Some("Exchange SE"),
            (15, 2) => Some("Exchange 2019"),
            _ => None,
        }
    }
}

impl FromStr for Build {
    type Err = BuildError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || BuildError { text: text.chars().take(40).collect() };
        let mut parts = text.trim().split('.').map(str::parse::<u32>);
        let mut next = || parts.next().and_then(Result::ok).ok_or_else(wrong);
        let build = Self { major: next()?, minor: next()?, build: next()?, revision: next()? };
        if parts.next().is_some() { Err(wrong()) } else { Ok(build) }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.major, self.minor, self.build, self.revision)
    }
}

impl Serialize for Build {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Build {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_not_value() {
        let padded: Build = "15.01.1913.010".parse().unwrap();
        assert_eq!(padded.to_string(), "15.1.1913.10");
        assert!(padded > "15.1.1913.1".parse().unwrap());
        assert_eq!(padded.product(), Some("Exchange 2016"));
    }

    #[test]
    fn what_is_no_build_is_refused() {
        for text in ["", "15.1", "15.1.1913.10.2", "15.1.x.1", "-"] {
            assert!(text.parse::<Build>().is_err(), "{text}");
        }
    }
}
