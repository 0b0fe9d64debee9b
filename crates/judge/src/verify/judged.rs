//! What a check or a finding came to, on its way into the outcome.

use super::reach::Reached;
use afterpatch_model::{Completion, Grounds, Message, Reason, Sighting};

/// What it came to, and why.
pub(super) struct Judged {
    pub(super) completion: Completion,
    /// Whether it counts in the completion of its step.
    pub(super) counts: bool,
    pub(super) grounds: Grounds,
    pub(super) since: Message,
}

impl Judged {
    pub(super) fn new(completion: Completion, grounds: Grounds) -> Self {
        Self { completion, counts: true, grounds, since: Message::default() }
    }

    pub(super) fn told(completion: Completion, reason: Reason) -> Self {
        Self::new(completion, Grounds { reasons: vec![reason], ..Grounds::default() })
    }

    pub(super) fn shown(completion: Completion, reason: Reason, proofs: Vec<Sighting>) -> Self {
        Self::new(completion, Grounds { reasons: vec![reason], proofs, ..Grounds::default() })
    }

    /// Nothing speaks against it: done where the later case reaches, else it cannot be told.
    pub(super) fn absent(reached: Reached, (gone, unsure): (&str, &str), args: &[(&str, &str)]) -> Self {
        match reached {
            Ok(covered) => {
                let reasons = vec![Reason::new(gone, args)];
                Self::new(Completion::Done, Grounds { reasons, covered, ..Grounds::default() })
            }
            Err(missing) => {
                let reasons = vec![Reason::new(unsure, args)];
                Self::new(Completion::CannotTell, Grounds { reasons, missing, ..Grounds::default() })
            }
        }
    }

    /// Only a person's own records show it.
    pub(super) fn by_hand() -> Self {
        Self::told(Completion::CannotTell, Reason::new("verify-by-hand", &[])).uncounted()
    }

    /// It counts for nothing in the completion of its step.
    pub(super) fn uncounted(self) -> Self {
        Self { counts: false, ..self }
    }

    pub(super) fn because(mut self, reason: Reason) -> Self {
        self.grounds.reasons.push(reason);
        self
    }
}
