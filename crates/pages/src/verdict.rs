//! What a page is taken for, and how surely.

mod weights;

use crate::kind::Kind;
use crate::signal::Signal;
use serde::{Deserialize, Serialize};
use weights::Family;

/// What a page is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Of use to administrators and intruders alike: a console for a database, a manager of files.
    DualUse,
    /// A web shell: whoever visits it gets control.
    Shell,
}

impl Verdict {
    /// Returns the verdict's name, as rules and tables spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DualUse => "dual-use",
            Self::Shell => "shell",
        }
    }
}

/// A verdict with what it rests upon.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What the page is taken for; none for a page like others.
    pub verdict: Option<Verdict>,
    /// How likely it is malicious, by what a shell does, from 0 to 1: calibrated on labelled pages, before anything is known of
    /// where it lies and who wrote it.
    pub shell: f64,
    /// How likely it is malicious, by what tools of dual use do, from 0 to 1.
    pub dual_use: f64,
    /// What its signals weigh together, before that becomes a probability.
    pub weight: Weight,
    /// What speaks for it: what weighs most stands first, and of one weight what stands first in the page.
    pub signals: Vec<Signal>,
    /// Whether the page was too much to follow to its end: what was not reached may hold more.
    pub cut_short: bool,
}

impl Judgement {
    /// Returns how likely it is malicious, by what a shell does, if what stands around the page moves the odds so far.
    pub fn shell_where(&self, log_odds: f64) -> f64 {
        let odds = self.shell / (1.0 - self.shell) * log_odds.exp();
        odds / (1.0 + odds)
    }
}

/// What signals add up to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Weight {
    /// For a shell.
    pub shell: f64,
    /// For a tool of dual use.
    pub dual_use: f64,
}

/// How many pages that no list of genuine files knows are malicious before they are read, from 0 to 1: an assumption, for it
/// depends on where one looks. Other shares move every probability, and no verdict.
pub const BEFORE_READING: f64 = 0.05;

/// From this weight on a page is taken for a shell.
const SHELL: f64 = 5.0;

/// From this weight on a page is taken for a tool of dual use.
const DUAL_USE: f64 = 3.6;

/// From this probability on, by what a shell does, a page is told of: what weighs too little for a shell may be a tool.
const TOLD_OF: f64 = 0.5;

/// Weighs the signals of a page: each kind counts once, however often it was seen.
pub fn weigh(kind: Kind, signals: Vec<Signal>) -> Judgement {
    let family = weights::of(kind);
    let mut codes: Vec<_> = signals.iter().filter_map(Signal::meaning).collect();
    codes.sort_by_key(|meaning| meaning.code);
    codes.dedup_by_key(|meaning| meaning.code);
    let mut weight = Weight::default();
    for (shell, dual_use) in codes.iter().map(|meaning| family.weight(meaning)) {
        weight.shell += shell;
        weight.dual_use += dual_use;
    }
    let shell = probability(weights::log_odds(family.shell, weight.shell));
    let dual_use = probability(weights::log_odds(family.dual_use, weight.dual_use));
    let verdict = if weight.shell >= SHELL {
        Some(Verdict::Shell)
    } else if weight.dual_use >= DUAL_USE || shell >= TOLD_OF {
        Some(Verdict::DualUse)
    } else {
        None
    };
    Judgement { verdict, shell, dual_use, weight, signals: in_order(family, signals), cut_short: false }
}

/// Puts what weighs most first.
fn in_order(family: Family, signals: Vec<Signal>) -> Vec<Signal> {
    let weight = |signal: &Signal| signal.meaning().map_or((0.0, 0.0), |meaning| family.weight(meaning));
    let mut weighed: Vec<_> = signals.into_iter().map(|signal| (weight(&signal), signal)).collect();
    weighed.sort_by(|((shell, dual_use), a), (than, b)| {
        let by_weight = than.0.total_cmp(shell).then(than.1.total_cmp(dual_use));
        by_weight.then_with(|| (a.line, a.code).cmp(&(b.line, b.code)))
    });
    weighed.into_iter().map(|(_, signal)| signal).collect()
}

/// Returns how likely a page is malicious of which the signals move the odds so far.
fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (1.0 - BEFORE_READING) / BEFORE_READING * (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(code: &'static str, line: u32) -> Signal {
        Signal { code, line, path: Vec::new() }
    }

    #[test]
    fn a_page_without_signals_is_like_others() {
        let judgement = weigh(Kind::Aspx, Vec::new());
        assert_eq!(judgement.verdict, None);
        assert!(judgement.shell < BEFORE_READING && judgement.dual_use < BEFORE_READING);
    }

    #[test]
    fn what_is_seen_twice_weighs_once() {
        let once = weigh(Kind::Aspx, vec![signal("keeps-upload", 1)]);
        let twice = weigh(Kind::Aspx, vec![signal("keeps-upload", 1), signal("keeps-upload", 2)]);
        assert_eq!((once.shell, once.dual_use), (twice.shell, twice.dual_use));
        assert_eq!(twice.signals.len(), 2);
    }

    #[test]
    fn what_stands_around_a_page_moves_the_odds() {
        let judgement = weigh(Kind::Aspx, vec![signal("visitor-queried", 1)]);
        assert!((judgement.shell_where(0.0) - judgement.shell).abs() < 1e-12);
        let (odds, moved) = (judgement.shell / (1.0 - judgement.shell), judgement.shell_where(2.0_f64.ln()));
        assert!((moved / (1.0 - moved) - 2.0 * odds).abs() < 1e-9);
        assert!(judgement.shell_where(-2.0) < judgement.shell);
    }

    #[test]
    fn what_weighs_most_stands_first() {
        let signals = ["keeps-upload", "visitor-evaluated", "evaluates"];
        let signals = signals.into_iter().zip(1..).map(|(code, line)| signal(code, line));
        let first = &weigh(Kind::Aspx, signals.chain([signal("visitor-evaluated", 1)]).collect()).signals;
        assert_eq!(first[..2], [signal("visitor-evaluated", 1), signal("visitor-evaluated", 2)]);
    }

    #[test]
    fn what_the_visitor_sends_as_a_program_is_a_shell_and_as_a_query_is_not() {
        assert_eq!(weigh(Kind::Aspx, vec![signal("visitor-evaluated", 1)]).verdict, Some(Verdict::Shell));
        assert_eq!(weigh(Kind::Aspx, vec![signal("visitor-queried", 1)]).verdict, Some(Verdict::DualUse));
        assert_eq!(weigh(Kind::Aspx, vec![signal("visitor-in-query", 1)]).verdict, None);
    }
}
