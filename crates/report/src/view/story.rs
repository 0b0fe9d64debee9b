//! Stories in words: what one actor did on one server, step by step.

use super::{Link, left_out, sentence};
use crate::figures::{minute, moment};
use crate::texts::Texts;
use afterpatch_model::{CaseResult, MissingStep, Story, StoryStep, Tie, TieKind};
use serde::Serialize;
use std::collections::BTreeMap;

/// A story in words.
#[derive(Serialize)]
pub(crate) struct StoryView {
    pub(crate) server: String,
    grade: &'static str,
    grade_word: String,
    /// From when until when; a dash where nothing dates it.
    pub(crate) when: String,
    /// Where the actor came from and as whom; empty where nothing shows it.
    pub(crate) actor: String,
    pub(crate) steps: Vec<StepView>,
    pub(crate) left_out: Option<String>,
    pub(crate) missing: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct StepView {
    pub(crate) time: String,
    /// The last of several.
    last: Option<String>,
    pub(crate) count: u64,
    pub(crate) phase: String,
    grade: &'static str,
    pub(crate) grade_word: String,
    pub(crate) text: String,
    /// What ties it to the other steps.
    pub(crate) ties: String,
    finding: Option<Link>,
    place: String,
    record: u64,
}

/// The page of stories alone, as Markdown has it.
#[derive(Serialize)]
pub(crate) struct StoryPage {
    organisation: String,
    version: String,
    content: String,
    stories: Vec<StoryView>,
}

impl StoryPage {
    /// Puts the stories of the result into words.
    pub(crate) fn of(result: &CaseResult, texts: &Texts) -> Self {
        let organisation = result.organisation.clone();
        Self {
            organisation: organisation.unwrap_or_else(|| texts.get("ui-organisation-unnamed", &[])),
            version: result.version.clone(),
            content: result.content.clone(),
            stories: stories(&result.stories, &super::links(&result.findings, texts), texts),
        }
    }
}

pub(crate) fn stories(stories: &[Story], links: &BTreeMap<String, Link>, texts: &Texts) -> Vec<StoryView> {
    stories.iter().map(|story| story_view(story, links, texts)).collect()
}

fn story_view(story: &Story, links: &BTreeMap<String, Link>, texts: &Texts) -> StoryView {
    let shown = story.steps.len();
    let all = shown.saturating_add(usize::try_from(story.left_out).unwrap_or(usize::MAX));
    StoryView {
        server: story.server.clone(),
        grade: story.grade.name(),
        grade_word: texts.grade(story.grade),
        when: when(story),
        actor: actor(story, texts),
        steps: story.steps.iter().map(|step| step_view(step, links, texts)).collect(),
        left_out: left_out(all, shown, "timeline.csv", texts),
        missing: story.missing.iter().map(|missing| missing_line(missing, texts)).collect(),
    }
}

fn when(story: &Story) -> String {
    match (story.first, story.last) {
        (Some(first), Some(last)) if first == last => minute(first),
        (Some(first), Some(last)) => format!("{} – {}", minute(first), minute(last)),
        _ => "–".to_owned(),
    }
}

/// More addresses or accounts than these are no line that anybody reads.
const NAMED: usize = 4;

fn actor(story: &Story, texts: &Texts) -> String {
    let named = |key: &str, values: &[String]| {
        let more = if values.len() > NAMED { " …" } else { "" };
        let names = values.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        (!values.is_empty()).then(|| texts.get(key, &[("names", &format!("{names}{more}"))]))
    };
    let known = [named("ui-story-from", &story.addresses), named("ui-story-as", &story.accounts)];
    known.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn step_view(step: &StoryStep, links: &BTreeMap<String, Link>, texts: &Texts) -> StepView {
    StepView {
        time: moment(step.first),
        last: step.last.filter(|last| Some(*last) != step.first).map(|last| moment(Some(last))),
        count: step.count,
        phase: texts.get(&format!("phase-{}", step.phase.name()), &[]),
        grade: step.grade.name(),
        grade_word: texts.grade(step.grade),
        text: sentence(&step.text, texts),
        ties: step.ties.iter().map(|tie| tie_words(tie, texts)).collect::<Vec<_>>().join(", "),
        finding: links.get(step.finding.as_str()).cloned(),
        place: step.place.clone(),
        record: step.locator.record,
    }
}

fn tie_words(tie: &Tie, texts: &Texts) -> String {
    let kind = texts.get(&format!("tie-{}", tie.kind.name()), &[]);
    match tie.kind {
        TieKind::Time => kind,
        _ => format!("{kind} {}", tie.value),
    }
}

fn missing_line(missing: &MissingStep, texts: &Texts) -> String {
    let sources = |names: &[String]| {
        names.iter().map(|name| texts.source(name)).collect::<Vec<_>>().join(&texts.get("ui-story-and", &[]))
    };
    let phase = texts.get(&format!("phase-{}", missing.phase.name()), &[]);
    let (silent, absent) = (sources(&missing.silent), sources(&missing.absent));
    let key = match (silent.is_empty(), absent.is_empty()) {
        (false, true) => "ui-story-silent",
        (true, _) => "ui-story-absent",
        (false, false) => "ui-story-silent-absent",
    };
    texts.get(key, &[("phase", &phase), ("silent", &silent), ("absent", &absent)])
}
