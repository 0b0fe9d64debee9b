//! What signals weigh in each language, where it is not what they weigh in most: what is ordinary in one tells shells in
//! another. And what the weights of a language say of the odds, as labelled pages have shown.

mod asp;
mod dotnet;
mod java;
mod php;

use crate::kind::Kind;
use crate::signal::Meaning;

/// A signal's code, and what it weighs for a shell and for a tool of dual use.
type Signalled = (&'static str, f64, f64);

/// A weight, and the logarithm of the ratio of its likelihoods: how much more often malicious pages weigh as much than benign
/// ones do. Measured by the example `calibrate`, clusters of near duplicates counted once; between two it is a straight line.
type Knot = (f64, f64);

/// What is known of the pages of one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    weights: &'static [Signalled],
    /// What weights for a shell say of the odds.
    pub(super) shell: &'static [Knot],
    /// What weights for a tool of dual use say of the odds.
    pub(super) dual_use: &'static [Knot],
}

impl Family {
    /// Returns what a signal weighs here for a shell and for a tool of dual use.
    pub(super) fn weight(self, meaning: &Meaning) -> (f64, f64) {
        let own = self.weights.iter().find(|(code, ..)| *code == meaning.code);
        own.map_or((meaning.shell, meaning.dual_use), |(_, shell, dual_use)| (*shell, *dual_use))
    }
}

/// Returns what is known of a kind of page.
pub(super) fn of(kind: Kind) -> Family {
    let (weights, shell, dual_use) = match kind {
        Kind::Asp => (asp::WEIGHTS, asp::SHELL, asp::DUAL_USE),
        Kind::Jsp => (java::WEIGHTS, java::SHELL, java::DUAL_USE),
        Kind::Php => (php::WEIGHTS, php::SHELL, php::DUAL_USE),
        Kind::Aspx
        | Kind::Ascx
        | Kind::Ashx
        | Kind::Asmx
        | Kind::Asax
        | Kind::Razor
        | Kind::Source
        | Kind::Assembly
        | Kind::Script => (dotnet::WEIGHTS, dotnet::SHELL, dotnet::DUAL_USE),
    };
    Family { weights, shell, dual_use }
}

/// Returns what a weight says of the odds; beyond the first and the last knot, what these say.
pub(super) fn log_odds(knots: &[Knot], weight: f64) -> f64 {
    let after = knots.partition_point(|(at, _)| *at <= weight);
    match (after.checked_sub(1).and_then(|before| knots.get(before)), knots.get(after)) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (weight - from) / (to - from),
        (Some((_, only)), None) | (None, Some((_, only))) => *only,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::MEANINGS;

    const FAMILIES: [Kind; 4] = [Kind::Asp, Kind::Aspx, Kind::Jsp, Kind::Php];

    #[test]
    fn every_weight_is_that_of_a_signal() {
        for (code, ..) in FAMILIES.into_iter().flat_map(|kind| of(kind).weights) {
            assert!(MEANINGS.iter().any(|meaning| meaning.code == *code), "{code} is no signal");
        }
    }

    #[test]
    fn who_weighs_more_is_no_less_likely() {
        for knots in FAMILIES.into_iter().map(of).flat_map(|family| [family.shell, family.dual_use]) {
            assert!(knots.len() > 3 && knots.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{knots:?}");
            assert!(
                knots.first().is_some_and(|first| first.1 < 0.0),
                "what weighs nothing speaks against it"
            );
        }
    }

    #[test]
    fn between_two_knots_lies_a_straight_line() {
        let knots = [(0.0, -4.0), (4.0, 2.0), (5.0, 6.0)];
        for (weight, odds) in [(-1.0, -4.0), (0.0, -4.0), (2.0, -1.0), (4.5, 4.0), (5.0, 6.0), (50.0, 6.0)] {
            assert!((log_odds(&knots, weight) - odds).abs() < 1e-9, "{weight}");
        }
        assert_eq!(log_odds(&[], 3.0).total_cmp(&0.0), std::cmp::Ordering::Equal);
    }
}
