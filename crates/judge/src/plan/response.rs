//! What `content/knowledge/response/` says: the situations of servers, and the steps that they call for.

use afterpatch_model::{
    ActionKind, Command, Decider, FlawState, Grade, Message, NeedState, Question, ServerRole, Verdict,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The files with steps, in the order in which steps are taken.
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../content/knowledge/response/", $name)))),*];
    };
}

files![
    "contain.yml",
    "preserve.yml",
    "report.yml",
    "investigate.yml",
    "mitigate.yml",
    "patch.yml",
    "needs.yml",
    "evict.yml",
    "rotate.yml",
    "families.yml",
    "watch.yml",
];

const SITUATIONS: &str = include_str!("../../../../content/knowledge/response/situations.yml");
const WORDS: &str = include_str!("../../../../content/knowledge/response/words.yml");

/// Everything that the files say. A test holds that every file reads.
pub(super) static RESPONSE: LazyLock<Response> = LazyLock::new(|| Response {
    situations: serde_saphyr::from_str(SITUATIONS).unwrap_or_default(),
    steps: FILES.iter().flat_map(|(_, text)| steps(text).unwrap_or_default()).collect(),
    words: serde_saphyr::from_str(WORDS).unwrap_or_default(),
});

fn steps(text: &str) -> Result<Vec<Step>, serde_saphyr::Error> {
    serde_saphyr::from_str(text)
}

/// Situations, steps and words.
#[derive(Debug, Default)]
pub(super) struct Response {
    pub(super) situations: Vec<Situation>,
    /// In the order in which they are taken: none stands before a step that it comes after.
    pub(super) steps: Vec<Step>,
    pub(super) words: BTreeMap<String, Message>,
}

impl Response {
    /// Returns the words of that name, filled.
    pub(super) fn words(&self, name: &str, fill: &[(&str, Message)]) -> Message {
        let words = self.words.get(name).cloned().unwrap_or_default();
        let value = |of: fn(&Message) -> &String| {
            move |key: &str| {
                fill.iter().find(|(name, _)| *name == key).map(|(_, message)| of(message).clone())
            }
        };
        Message {
            en: words.fill(value(|message| &message.en)).en,
            ja: words.fill(value(|message| &message.ja)).ja,
        }
    }
}

/// Something that can be the matter with a server: it is where one of its cases holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Situation {
    pub(super) name: String,
    pub(super) cases: Vec<When>,
}

/// A case of a situation: it holds where each part that is given does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct When {
    pub(super) answer: Option<AnswerIs>,
    pub(super) finding: Option<FindingIs>,
    pub(super) exposure: Option<ExposureIs>,
    #[serde(default)]
    pub(super) roles: Vec<ServerRole>,
}

/// The answer to one of the questions is one of the verdicts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerIs {
    pub(super) questions: Vec<Question>,
    pub(super) verdicts: Vec<Verdict>,
}

/// A finding that meets one of the lists, from a grade on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindingIs {
    #[serde(default)]
    pub(super) claims: Vec<String>,
    /// `T1505` means `T1505.003` too.
    #[serde(default)]
    pub(super) techniques: Vec<String>,
    #[serde(default)]
    pub(super) cves: Vec<String>,
    pub(super) grade: Grade,
}

/// An exposure that meets every list that is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExposureIs {
    #[serde(default)]
    pub(super) cves: Vec<String>,
    #[serde(default)]
    pub(super) states: Vec<FlawState>,
    /// Only flaws that are known to have been used while they were open.
    #[serde(default)]
    pub(super) used: bool,
    #[serde(default)]
    pub(super) needs: Vec<String>,
    #[serde(default)]
    pub(super) need_states: Vec<NeedState>,
    #[serde(default)]
    pub(super) mitigations: Vec<String>,
    #[serde(default)]
    pub(super) reasons: Vec<String>,
}

/// A step, as content gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) kind: ActionKind,
    /// The situations that call for it: one is enough.
    pub(super) when: Vec<String>,
    /// The situations in which another step does more than this one.
    #[serde(default)]
    pub(super) unless: Vec<String>,
    /// Servers that it is not for.
    #[serde(default)]
    pub(super) except_roles: Vec<ServerRole>,
    #[serde(default)]
    pub(super) per: Per,
    /// The steps that must be done before.
    #[serde(default)]
    pub(super) after: Vec<String>,
    pub(super) changes_things: bool,
    pub(super) decides: Decider,
    pub(super) title: Message,
    pub(super) what: Message,
    pub(super) why: Message,
    pub(super) not_covered: Message,
    pub(super) verify: Message,
    #[serde(default)]
    pub(super) commands: Vec<Command>,
    pub(super) page: Option<String>,
    pub(super) checks: Vec<StepCheck>,
}

/// What one line of a step is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Per {
    /// The servers, all in one line.
    #[default]
    Server,
    /// What a finding is about on a server.
    Subject,
    /// A kind of evidence that is missing.
    Gap,
    /// The update that a build needs.
    Update,
    /// The first trace on a server: the time since then.
    FirstTrace,
    /// Something that a fix needs, and that is not met.
    Need,
    /// Something that a fix needs, and of which nothing is known.
    UnknownNeed,
    /// A mitigation that was seen.
    Mitigation,
}

/// How a step is known to be done, before it is filled with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StepCheck {
    BuildFixes,
    FindingGone,
    PathAbsent,
    Covered(String),
    PrerequisiteMet,
    MachineKeysChanged,
    NotReached,
    NothingNew,
    Scoped,
    Scanned,
    ByHand,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn texts(step: &Step) -> [&Message; 5] {
        [&step.title, &step.what, &step.why, &step.not_covered, &step.verify]
    }

    #[test]
    fn every_file_reads() {
        for (name, text) in FILES {
            let steps = steps(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!steps.is_empty(), "{name}");
        }
        serde_saphyr::from_str::<Vec<Situation>>(SITUATIONS).unwrap();
        serde_saphyr::from_str::<BTreeMap<String, Message>>(WORDS).unwrap();
    }

    /// What counts in the digest of the content is what lies in the folder.
    #[test]
    fn every_file_of_the_folder_is_in_force() {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/knowledge/response");
        let entries = std::fs::read_dir(folder).unwrap();
        let lie: BTreeSet<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let in_force = FILES.iter().map(|(name, _)| *name).chain(["situations.yml", "words.yml"]);
        assert_eq!(lie, in_force.map(str::to_owned).collect());
    }

    #[test]
    fn every_kind_of_step_is_there_and_every_id_once() {
        let kinds: BTreeSet<_> = RESPONSE.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, BTreeSet::from(ActionKind::ALL));
        let ids: BTreeSet<_> = RESPONSE.steps.iter().map(|step| &step.id).collect();
        assert_eq!(ids.len(), RESPONSE.steps.len());
    }

    #[test]
    fn situations_are_all_used_and_all_known() {
        let known: BTreeSet<_> =
            RESPONSE.situations.iter().map(|situation| situation.name.as_str()).collect();
        assert_eq!(known.len(), RESPONSE.situations.len(), "a name stands twice");
        let used: BTreeSet<_> = RESPONSE
            .steps
            .iter()
            .flat_map(|step| step.when.iter().chain(&step.unless))
            .map(String::as_str)
            .collect();
        assert_eq!(known, used);
    }

    #[test]
    fn every_case_of_a_situation_asks_for_something_that_can_stand_behind_a_step() {
        for situation in &RESPONSE.situations {
            for case in &situation.cases {
                let parts = [case.answer.is_some(), case.finding.is_some(), case.exposure.is_some()];
                assert!(parts.contains(&true), "{}", situation.name);
            }
        }
    }

    #[test]
    fn no_step_stands_before_one_that_it_comes_after() {
        let place = |id: &str| RESPONSE.steps.iter().position(|step| step.id == id);
        for (at, step) in RESPONSE.steps.iter().enumerate() {
            for earlier in &step.after {
                let found = place(earlier).unwrap_or_else(|| panic!("{}: no step {earlier}", step.id));
                assert!(found < at, "{} stands before {earlier}", step.id);
            }
        }
    }

    /// What destroys evidence waits until it is kept; nothing is taken from an intruder before all of it is known.
    #[test]
    fn evidence_is_kept_before_anything_is_changed_on_a_server() {
        let by_id: BTreeMap<_, _> = RESPONSE.steps.iter().map(|step| (step.id.as_str(), step)).collect();
        let comes_after = |id: &str, wanted: &str| {
            let mut open = vec![id];
            let mut seen = BTreeSet::new();
            while let Some(next) = open.pop() {
                if next == wanted {
                    return true;
                }
                if seen.insert(next) {
                    open.extend(by_id[next].after.iter().map(String::as_str));
                }
            }
            false
        };
        for step in &RESPONSE.steps {
            if step.kind == ActionKind::Evict {
                assert!(comes_after(&step.id, "preserve-evidence"), "{}", step.id);
                assert!(
                    step.id == "agree-eviction" || comes_after(&step.id, "agree-eviction"),
                    "{}",
                    step.id
                );
            }
        }
        for id in
            ["install-update", "scan-server", "mitigate-proxylogon", "rotate-credentials", "rebuild-server"]
        {
            assert!(comes_after(id, "preserve-evidence"), "{id}");
        }
        assert!(comes_after("rotate-credentials", "remove-web-shell"));
        assert!(comes_after("remove-web-shell", "reset-virtual-directories"), "or it is written again");
    }

    #[test]
    fn every_step_says_everything_in_both_languages() {
        let kana = |text: &str| text.chars().any(|c| ('\u{3040}'..='\u{30ff}').contains(&c));
        for step in &RESPONSE.steps {
            for text in texts(step) {
                assert!(text.en.len() > 8 && !kana(&text.en), "{}: {}", step.id, text.en);
                assert!(kana(&text.ja), "{}: {}", step.id, text.ja);
            }
            let polite = ["す。", "さい。", "せん。", "した。"];
            assert!(polite.iter().any(|end| step.what.ja.ends_with(end)), "{}: {}", step.id, step.what.ja);
            assert!(step.page.as_ref().is_none_or(|page| page.starts_with("https://")), "{}", step.id);
        }
        assert!(RESPONSE.words.values().all(|words| !words.en.is_empty() && !words.ja.is_empty()));
    }

    #[test]
    fn a_step_says_how_it_is_known_to_be_done() {
        for step in &RESPONSE.steps {
            let filled_by_lines = step.per == Per::Gap;
            assert_eq!(filled_by_lines, step.checks.is_empty(), "{}", step.id);
        }
    }

    #[test]
    fn every_mitigation_says_that_it_is_no_fix_and_when_it_ends() {
        let of_kind = RESPONSE.steps.iter().filter(|step| step.kind == ActionKind::Mitigate);
        for step in of_kind {
            let all = format!("{} {} {}", step.what.en, step.why.en, step.not_covered.en);
            assert!(all.contains("no fix") || all.contains("open still"), "{}", step.id);
            let ends = ["emove", "roll it back", "Take it back"];
            assert!(ends.iter().any(|word| all.contains(word)), "{} does not say when it ends", step.id);
        }
    }

    #[test]
    fn words_that_lines_need_are_there() {
        for needed in RESPONSE.situations.iter().flat_map(|situation| &situation.cases) {
            let Some(exposure) = &needed.exposure else { continue };
            for id in &exposure.needs {
                assert!(RESPONSE.words.contains_key(&format!("need-{id}")), "{id}");
            }
            for id in &exposure.mitigations {
                assert!(RESPONSE.words.contains_key(&format!("mitigation-{id}")), "{id}");
            }
        }
        let filled = RESPONSE.words("missing-days", &[("from", Message { en: "A".into(), ja: "B".into() })]);
        assert!(filled.en.starts_with("A to") && filled.ja.starts_with("B～"));
    }
}
