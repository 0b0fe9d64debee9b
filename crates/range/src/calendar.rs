//! Moments as the logs of a server write them, and the hours and days of a span.

use afterpatch_model::{Span, Timestamp};

/// Nanoseconds in one second.
pub(crate) const SECOND: i64 = 1_000_000_000;
/// Nanoseconds in one minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// ISO 8601 with milliseconds, as Exchange's logs and exported events write it.
pub(crate) const ISO: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// Reads a moment that a scenario names; the scenarios are ours, and a test reads every one of them.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::from_nanos(0))
}

/// Writes a moment in the form that `format` describes, in UTC.
pub(crate) fn form(moment: Timestamp, format: &str) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(moment.nanos()))
        .map(|moment| moment.strftime(format).to_string())
        .unwrap_or_default()
}

/// Returns the hour of the day, 0 to 23, in UTC.
pub(crate) fn hour_of_day(moment: Timestamp) -> i64 {
    moment.nanos().rem_euclid(Timestamp::DAY) / Timestamp::HOUR
}

/// Returns the start of every piece of `length` nanoseconds in the span.
pub(crate) fn pieces(span: Span, length: i64) -> impl Iterator<Item = Timestamp> {
    let mut next = span.from.floor(length);
    std::iter::from_fn(move || {
        let piece = next;
        next = next.plus(length);
        (piece < span.until).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_logs() {
        let moment = at("2021-03-02T16:05:09.070Z");
        assert_eq!(form(moment, ISO), "2021-03-02T16:05:09.070Z");
        assert_eq!(form(moment, "%-m/%-d/%Y %-I:%M:%S %p"), "3/2/2021 4:05:09 PM");
        assert_eq!(form(moment, "%y%m%d"), "210302");
        assert_eq!(hour_of_day(moment), 16);
    }

    #[test]
    fn pieces_cover_the_span_and_no_more() {
        let span = Span { from: at("2021-03-01"), until: at("2021-03-02") };
        assert_eq!(pieces(span, Timestamp::HOUR).count(), 24);
        assert_eq!(pieces(span, Timestamp::DAY).count(), 1);
    }
}
