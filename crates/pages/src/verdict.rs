//! What a page is taken for, and how surely.

mod weights;

use crate::kind::Kind;
use crate::signal::{Meaning, Signal};
use serde::{Deserialize, Serialize};

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
    /// How likely it is a shell, from 0 to 1.
    pub shell: f64,
    /// How likely it is of dual use, from 0 to 1.
    pub dual_use: f64,
    /// What speaks for it: what weighs most stands first, and of one weight what stands first in the page.
    pub signals: Vec<Signal>,
    /// Whether the page was too much to follow to its end: what was not reached may hold more.
    pub cut_short: bool,
}

/// What speaks against any page being a shell, before it is read: the logarithm of the odds.
const BEFORE_READING: f64 = -5.0;

/// From this probability on a page is taken for a shell.
pub const SHELL: f64 = 0.5;

/// From this probability on a page is taken for a tool of dual use.
pub const DUAL_USE: f64 = 0.2;

/// Weighs the signals of a page: each kind counts once, however often it was seen.
pub fn weigh(kind: Kind, mut signals: Vec<Signal>) -> Judgement {
    let own = weights::of(kind);
    let weight = |meaning: &Meaning| {
        let own = own.iter().find(|(code, ..)| *code == meaning.code);
        own.map_or((meaning.shell, meaning.dual_use), |(_, shell, dual_use)| (*shell, *dual_use))
    };
    let mut codes: Vec<_> = signals.iter().filter_map(Signal::meaning).collect();
    codes.sort_by_key(|meaning| meaning.code);
    codes.dedup_by_key(|meaning| meaning.code);
    let probability = |weights: f64| 1.0 / (1.0 + (-(BEFORE_READING + weights)).exp());
    let shell = probability(codes.iter().map(|meaning| weight(meaning).0).sum());
    let dual_use = probability(codes.iter().map(|meaning| weight(meaning).1).sum());
    let verdict = if shell >= SHELL {
        Some(Verdict::Shell)
    } else if dual_use >= DUAL_USE {
        Some(Verdict::DualUse)
    } else {
        None
    };
    signals.sort_by(|a, b| {
        let weight = |signal: &Signal| signal.meaning().map_or((0.0, 0.0), weight);
        let ((shell, dual_use), than) = (weight(b), weight(a));
        let by_weight = shell.total_cmp(&than.0).then(dual_use.total_cmp(&than.1));
        by_weight.then_with(|| (a.line, a.code).cmp(&(b.line, b.code)))
    });
    Judgement { verdict, shell, dual_use, signals, cut_short: false }
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
        assert!(judgement.shell < 0.01 && judgement.dual_use < 0.01);
    }

    #[test]
    fn what_is_seen_twice_weighs_once() {
        let once = weigh(Kind::Aspx, vec![signal("keeps-upload", 1)]);
        let twice = weigh(Kind::Aspx, vec![signal("keeps-upload", 1), signal("keeps-upload", 2)]);
        assert_eq!((once.shell, once.dual_use), (twice.shell, twice.dual_use));
        assert_eq!(twice.signals.len(), 2);
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
