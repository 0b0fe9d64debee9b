//! The axis of time under a drawing: what it spans, where its dates stand.

use afterpatch_model::{Span, Timestamp};

/// Steps between ticks, from an hour to four years.
const STEPS: [i64; 13] = [
    Timestamp::HOUR,
    3 * Timestamp::HOUR,
    6 * Timestamp::HOUR,
    12 * Timestamp::HOUR,
    Timestamp::DAY,
    2 * Timestamp::DAY,
    7 * Timestamp::DAY,
    14 * Timestamp::DAY,
    28 * Timestamp::DAY,
    91 * Timestamp::DAY,
    182 * Timestamp::DAY,
    364 * Timestamp::DAY,
    1456 * Timestamp::DAY,
];

/// An axis of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Axis {
    /// What it spans.
    pub(crate) span: Span,
    /// How many moments lie outside it.
    pub(crate) outside: usize,
}

/// A date on an axis.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Tick {
    /// Where, from 0 to 1.
    pub(crate) at: f64,
    /// The date.
    pub(crate) label: String,
}

impl Axis {
    /// Makes an axis for moments that are in order; `None` where there is none.
    ///
    /// A few moments far from all others, such as a forged file time, would press the rest into one point: they are
    /// left outside and counted.
    pub(crate) fn of(times: &[Timestamp]) -> Option<Self> {
        let mut kept = times;
        while let Some(closer) = without_stragglers(kept) {
            kept = closer;
        }
        let (first, last) = (kept.first()?, kept.last()?);
        let margin = ((last.nanos().saturating_sub(first.nanos())) / 40).max(Timestamp::HOUR / 2);
        Some(Self {
            span: Span { from: first.plus(-margin), until: last.plus(margin) },
            outside: times.len() - kept.len(),
        })
    }

    /// Makes an axis for a span.
    pub(crate) fn over(span: Span) -> Self {
        Self { span, outside: 0 }
    }

    /// Returns where a moment stands, from 0 to 1; what lies outside stands at the end.
    pub(crate) fn position(&self, time: Timestamp) -> f64 {
        let length = self.span.until.nanos().saturating_sub(self.span.from.nanos());
        let passed = time.nanos().saturating_sub(self.span.from.nanos());
        (real(passed) / real(length.max(1))).clamp(0.0, 1.0)
    }

    /// Returns the dates to write along the axis, about `most` of them.
    pub(crate) fn ticks(&self, most: i64) -> Vec<Tick> {
        let (from, until) = (self.span.from, self.span.until);
        let length = until.nanos().saturating_sub(from.nanos());
        let step = STEPS.into_iter().find(|step| length / step <= most).unwrap_or(length / most);
        let mut ticks = Vec::new();
        let mut time = from.floor(step).plus(step);
        while time < until && ticks.len() < 16 {
            ticks.push(Tick { at: self.position(time), label: label(time, step) });
            time = time.plus(step);
        }
        ticks
    }
}

fn label(time: Timestamp, step: i64) -> String {
    if step < Timestamp::DAY { crate::figures::minute(time).chars().skip(5).collect() } else { time.day() }
}

/// Drops the smaller side of a gap that takes up more than two thirds of the whole, if that side is small.
fn without_stragglers(times: &[Timestamp]) -> Option<&[Timestamp]> {
    let whole = times.last()?.nanos().saturating_sub(times.first()?.nanos());
    let gap = |place: &usize| times[*place].nanos().saturating_sub(times[place - 1].nanos());
    let place = (1..times.len()).max_by_key(gap)?;
    let (before, after) = times.split_at(place);
    let few = before.len().min(after.len()) * 5 <= times.len();
    let far = whole > 30 * Timestamp::DAY && gap(&place) / 2 > whole / 3;
    match (far && few, before.len() < after.len()) {
        (false, _) => None,
        (true, true) => Some(after),
        (true, false) => Some(before),
    }
}

/// Whole days fit a float exactly enough for a drawing.
#[expect(clippy::cast_precision_loss, reason = "a drawing needs three digits")]
fn real(nanos: i64) -> f64 {
    nanos as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_straggler_is_left_outside_and_counted() {
        let mut times = vec![at("2011-01-01")];
        times.extend((1..9).map(|day| at(&format!("2021-03-0{day}"))));
        let axis = Axis::of(&times).unwrap();
        assert_eq!(axis.outside, 1);
        assert!(axis.span.from > at("2021-02-01"));
    }

    #[test]
    fn two_moments_far_apart_are_both_drawn() {
        let axis = Axis::of(&[at("2011-01-01"), at("2021-03-01")]).unwrap();
        assert_eq!(axis.outside, 0);
        assert!(Axis::of(&[]).is_none());
    }

    #[test]
    fn ticks_are_few_and_in_order() {
        for (from, until) in
            [("2021-03-01", "2021-03-02"), ("2021-03-01", "2021-04-02"), ("1999-01-01", "2021-01-01")]
        {
            let ticks = Axis::over(Span { from: at(from), until: at(until) }).ticks(8);
            assert!((2..=9).contains(&ticks.len()), "{from}: {ticks:?}");
            assert!(ticks.is_sorted_by(|a, b| a.at < b.at));
        }
    }
}
