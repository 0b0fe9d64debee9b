//! How a flaw stands by the build alone: what its fix needs beside the build is a step of its own.

use afterpatch_model::{Exposure, FlawState, NeedState, Timestamp};

/// What the builds of a server say of a flaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ByBuild {
    /// The build closes it.
    Closed,
    /// The build has the fix, which may do nothing without something else.
    NeedsMore,
    /// The build has it, and it came out only after the evidence ended: it was nobody's to close yet.
    CameOutLater,
    /// What the build says of it is in doubt, or it came out after the build was seen last.
    Unsure,
    /// The build leaves it open.
    Open,
}

impl ByBuild {
    /// Returns how a flaw stood when the evidence of its server ended.
    pub(crate) fn of(flaw: &Exposure, end: Option<Timestamp>) -> Self {
        match flaw.state {
            FlawState::NotAffected | FlawState::Fixed => Self::Closed,
            FlawState::MaybeOpen | FlawState::NeedsMore if waits_for_a_need(flaw) => Self::NeedsMore,
            _ if came_out_after(flaw, end) => Self::CameOutLater,
            FlawState::MaybeOpen | FlawState::NeedsMore => Self::Unsure,
            FlawState::Open if flaw.came_out_later() => Self::Unsure,
            FlawState::Open => Self::Open,
        }
    }
}

/// Tells whether nobody is known to have known of a flaw when the evidence ended.
pub(crate) fn came_out_after(flaw: &Exposure, end: Option<Timestamp>) -> bool {
    flaw.known_from.zip(end).is_some_and(|(known, end)| known > end)
}

/// Tells whether all that holds the flaw open is something beside the build, and no program on disk contradicts the
/// build that ran.
fn waits_for_a_need(flaw: &Exposure) -> bool {
    let needs_more = flaw.state == FlawState::NeedsMore;
    (needs_more || flaw.needs.iter().any(|need| need.state != NeedState::Met))
        && !flaw.reasons.iter().any(|reason| reason.key == "builds-differ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::{ExposureWindow, Need, OpenBy, Reason};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A flaw that came out in March, of a server whose build was seen last in June and whose evidence ends then.
    fn flaw(state: FlawState) -> Exposure {
        Exposure {
            server: "MX1".into(),
            cve: "CVE-2021-26855".into(),
            family: None,
            release: String::new(),
            fixed_by: vec![],
            state,
            known_from: Some(at("2021-03-02")),
            exploited: None,
            windows: vec![ExposureWindow {
                open_by: OpenBy::Build,
                build: "15.1.2106.2".parse().unwrap(),
                from: None,
                since_before: true,
                last_open: Some(at("2021-06-01")),
                until: None,
                locator: afterpatch_model::Locator {
                    artifact: afterpatch_model::ArtifactId::derive(&["a"]),
                    record: 1,
                },
                closed: None,
            }],
            needs: vec![],
            mitigations: vec![],
            to_cover: vec![],
            reasons: vec![],
        }
    }

    fn of(flaw: &Exposure) -> ByBuild {
        ByBuild::of(flaw, Some(at("2021-06-01")))
    }

    #[test]
    fn what_came_out_after_the_evidence_ended_was_nobodys_to_close() {
        let known = |from: &str| Exposure { known_from: Some(at(from)), ..flaw(FlawState::Open) };
        assert_eq!(of(&known("2021-03-02")), ByBuild::Open);
        assert_eq!(of(&known("2021-07-13")), ByBuild::CameOutLater);
        // The evidence goes on where no build was seen any more: an update may have come meanwhile.
        let seen_last_in_june = ByBuild::of(&known("2021-07-13"), Some(at("2021-08-01")));
        assert_eq!(seen_last_in_june, ByBuild::Unsure);
        assert_eq!(ByBuild::of(&known("2021-03-02"), None), ByBuild::Open, "evidence without dates");
        let undated = Exposure { known_from: None, ..flaw(FlawState::Open) };
        assert_eq!(of(&undated), ByBuild::Open, "what has no date was known all along");
    }

    #[test]
    fn a_need_is_not_the_builds_to_meet_and_a_contradiction_is_no_need() {
        let needs = |state| {
            let need = Need { id: "schema".into(), state, subjects: vec![], locator: None };
            Exposure { needs: vec![need], ..flaw(FlawState::MaybeOpen) }
        };
        assert_eq!(of(&needs(NeedState::Unknown)), ByBuild::NeedsMore);
        assert_eq!(of(&needs(NeedState::Unmet)), ByBuild::NeedsMore);
        assert_eq!(of(&needs(NeedState::Met)), ByBuild::Unsure);
        assert_eq!(of(&flaw(FlawState::MaybeOpen)), ByBuild::Unsure);
        let half_installed = Exposure {
            reasons: vec![Reason::new("builds-differ", &[("build", "1"), ("ran", "2")])],
            ..needs(NeedState::Unknown)
        };
        assert_eq!(of(&half_installed), ByBuild::Unsure);
        assert_eq!(of(&flaw(FlawState::Fixed)), ByBuild::Closed);
    }
}
