//! Figures, sizes and spans of time as people read them.

use afterpatch_model::{Span, Timestamp};

/// Returns a count with its thousands apart: `1,234,567`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Returns a size with one decimal in the largest unit that fits: `3.4 MB` (powers of 1,000).
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        // Cut, not rounded: 999,999 bytes are not 1000.0 kB.
        Some((unit, name)) => format!("{}.{} {name}", grouped(bytes / unit), bytes % unit / (unit / 10)),
        None => format!("{bytes} B"),
    }
}

/// Returns a moment to the minute: `2021-03-14 01:40`.
pub fn minute(time: Timestamp) -> String {
    time.to_second().chars().take(16).collect()
}

/// Returns a moment to the second, or a dash where there is none.
pub fn moment(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "–".to_owned(), Timestamp::to_second)
}

/// Returns a span: by its first and last day where it is made of whole days, else to the minute.
pub fn span(span: &Span) -> String {
    let whole = |time: Timestamp| time.floor(Timestamp::DAY) == time;
    if !whole(span.from) || !whole(span.until) {
        return format!("{} – {}", minute(span.from), minute(span.until));
    }
    let (first, last) = (span.from.day(), span.until.plus(-1).day());
    if first == last { first } else { format!("{first} – {last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_sizes() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(999_999), "999.9 kB");
        assert_eq!(size(3_450_000), "3.4 MB");
    }

    #[test]
    fn a_span_of_whole_days_names_its_last_day() {
        let of = |from: &str, until: &str| {
            span(&Span { from: from.parse().unwrap(), until: until.parse().unwrap() })
        };
        assert_eq!(of("2021-03-01", "2021-03-02"), "2021-03-01");
        assert_eq!(of("2021-03-01", "2021-03-05"), "2021-03-01 – 2021-03-04");
        assert_eq!(of("2021-03-01T05:00:00Z", "2021-03-02"), "2021-03-01 05:00 – 2021-03-02 00:00");
    }
}
