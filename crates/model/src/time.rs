//! Points and spans of time: UTC, nanoseconds since 1970.

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A moment in UTC, in nanoseconds since 1970-01-01; the range is 1677 to 2262.
///
/// Shown and serialised as ISO 8601 with `Z`. A time that a source leaves out is `Option::None`, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// FILETIME counts 100 ns from 1601; this is 1970 in it.
const FILETIME_OF_1970: i64 = 116_444_736_000_000_000;

impl Timestamp {
    /// Nanoseconds in one hour.
    pub const HOUR: i64 = 3_600 * NANOS_PER_SECOND;
    /// Nanoseconds in one day.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// Makes a moment from nanoseconds since 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Makes a moment from whole seconds since 1970, or `None` outside 1677 to 2262.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        seconds.checked_mul(NANOS_PER_SECOND).map(Self)
    }

    /// Makes a moment from a Windows FILETIME. Zero and "never" are no moments and give `None`.
    pub fn from_filetime(filetime: i64) -> Option<Self> {
        if filetime <= 0 {
            return None;
        }
        filetime.checked_sub(FILETIME_OF_1970)?.checked_mul(100).map(Self)
    }

    /// Returns nanoseconds since 1970.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Returns the start of the span of `length` nanoseconds (an hour, a day) in which the moment lies.
    #[must_use]
    pub fn floor(self, length: i64) -> Self {
        Self(self.0 - self.0.rem_euclid(length.max(1)))
    }

    /// Returns the moment `nanos` later, or the same moment where that leaves the range.
    #[must_use]
    pub fn plus(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// Returns the day as `YYYY-MM-DD`.
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// Returns date and time to the second, as people read it: `2021-03-14 01:40:13`.
    pub fn to_second(self) -> String {
        self.to_string().chars().take(19).collect::<String>().replace('T', " ")
    }

    fn jiff(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).ok()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.jiff() {
            Some(moment) => write!(f, "{}", moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.fZ")),
            None => write!(f, "{}ns", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    /// Reads ISO 8601: with `Z` or an offset, or without (then UTC); a date alone is its midnight.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = match text.parse::<jiff::Timestamp>() {
            Ok(moment) => moment,
            Err(_) => text.parse::<jiff::civil::DateTime>()?.to_zoned(TimeZone::UTC)?.timestamp(),
        };
        Ok(Self(i64::try_from(moment.as_nanosecond()).unwrap_or(i64::MAX)))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A span of time: from its first moment up to, not including, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after.
    pub until: Timestamp,
}

impl Span {
    /// Tells whether `moment` lies in the span.
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.from <= moment && moment < self.until
    }

    /// Joins spans that touch, overlap, or lie at most `tolerance` nanoseconds apart; the result is in order.
    pub fn union(mut spans: Vec<Self>, tolerance: i64) -> Vec<Self> {
        spans.sort_unstable();
        let mut joined: Vec<Self> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.from <= last.until.plus(tolerance) => {
                    last.until = last.until.max(span.until);
                }
                _ => joined.push(span),
            }
        }
        joined
    }

    /// Returns what `covered` (in order, disjoint) leaves open of this span.
    pub fn gaps(&self, covered: &[Self]) -> Vec<Self> {
        let mut open = Vec::new();
        let mut from = self.from;
        for span in covered {
            let until = span.from.min(self.until);
            if from < until {
                open.push(Self { from, until });
            }
            from = from.max(span.until);
        }
        if from < self.until {
            open.push(Self { from, until: self.until });
        }
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn reads_and_shows_utc() {
        assert_eq!(at("2021-03-14T01:40:13.660Z").to_string(), "2021-03-14T01:40:13.66Z");
        assert_eq!(at("2021-03-14T01:40:13+09:00"), at("2021-03-13T16:40:13Z"));
        assert_eq!(at("2021-03-14 01:40:13"), at("2021-03-14T01:40:13Z"));
        assert_eq!(at("2021-03-14").day(), "2021-03-14");
        assert!("14/03/2021".parse::<Timestamp>().is_err());
    }

    #[test]
    fn filetime_keeps_hundreds_of_nanoseconds_and_refuses_zero_and_never() {
        assert_eq!(Timestamp::from_filetime(116_444_736_000_000_001).unwrap().nanos(), 100);
        assert_eq!(Timestamp::from_filetime(0), None);
        assert_eq!(Timestamp::from_filetime(i64::MAX), None);
    }

    #[test]
    fn gaps_are_what_the_union_leaves() {
        let day = |a: u8, b: u8| Span {
            from: at(&format!("2021-03-{a:02}")),
            until: at(&format!("2021-03-{b:02}")),
        };
        let covered = Span::union(vec![day(5, 6), day(1, 2), day(2, 3)], 0);
        assert_eq!(covered, vec![day(1, 3), day(5, 6)]);
        assert_eq!(day(1, 10).gaps(&covered), vec![day(3, 5), day(6, 10)]);
        assert_eq!(day(1, 3).gaps(&covered), vec![]);
    }
}
