//! What does not go together in a timeline, each with its remedy.

use super::of;
use crate::args::{Timeline, TimelineOf};
use crate::error::CommandError;

/// One thing that does not go together.
struct Refusal {
    is_met: fn(&Timeline) -> bool,
    what: &'static str,
    remedy: &'static str,
}

static REFUSALS: &[Refusal] = &[
    Refusal {
        is_met: |args| is_of_evidence(args) && args.case.is_some(),
        what: "evidence is read without a case here",
        remedy: "leave out --case and AFTERPATCH_CASE, or make a case of it with `investigate`",
    },
    Refusal {
        is_met: |args| is_of_evidence(args) && names_rules(args) && of(args) != TimelineOf::Hits,
        what: "rules are run for `--of hits`",
        remedy: "leave out --rules, --status, --tag and --knowledge, or --of",
    },
    Refusal {
        is_met: |args| !is_of_evidence(args) && names_rules(args),
        what: "a case has the hits of the rules that were run over it",
        remedy: "`detect --case DIR --rules RULES` runs others; --level and --rule pick among the hits",
    },
    Refusal {
        is_met: |args| !is_of_evidence(args) && says_how_to_read(args),
        what: "a case is there already, and no evidence is read",
        remedy: "name a COLLECTION, or leave out --tz, --all-files, --password-file and --limit",
    },
    Refusal {
        is_met: |args| args.question.is_some() && of(args) != TimelineOf::Findings,
        what: "--question picks among what the findings rest upon",
        remedy: "leave it out, or leave out --of",
    },
    Refusal {
        is_met: |args| {
            let is_of_rules = matches!(of(args), TimelineOf::Findings | TimelineOf::Hits);
            (args.grade.is_some() || !args.rule.is_empty()) && !is_of_rules
        },
        what: "--grade and --rule pick among what rules met",
        remedy: "leave them out, or name `--of findings` or `--of hits`",
    },
    Refusal {
        is_met: |args| args.rules.pick.level.is_some() && of(args) != TimelineOf::Hits,
        what: "--level picks among the hits of rules",
        remedy: "leave it out, or name `--of hits`",
    },
];

/// Says what does not go together, where something does not.
pub(super) fn check(args: &Timeline) -> Result<(), CommandError> {
    match REFUSALS.iter().find(|refusal| (refusal.is_met)(args)) {
        Some(refusal) => Err(CommandError::usage(refusal.what).hint(refusal.remedy)),
        None => Ok(()),
    }
}

fn is_of_evidence(args: &Timeline) -> bool {
    !args.collections.is_empty()
}

fn names_rules(args: &Timeline) -> bool {
    let rules = &args.rules;
    let picks = !(rules.pick.status.is_empty() && rules.pick.tag.is_empty());
    picks || !rules.rules.is_empty() || rules.knowledge.is_some()
}

fn says_how_to_read(args: &Timeline) -> bool {
    let reading = &args.reading;
    let opens = reading.opening.password_file.is_some() || !reading.opening.limit.is_empty();
    opens || !reading.tz.is_empty() || reading.all_files
}
