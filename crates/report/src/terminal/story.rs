//! Stories on a terminal: a table for each, and what of it is not seen.

use super::{Page, grade_ink};
use crate::lines::{Cell, Ink, one_line, push_hanging, table, wrap};
use crate::plain::plain;
use crate::view::stories;
use afterpatch_model::CaseResult;
use std::collections::BTreeMap;

/// Adds every story; nothing where there is none.
pub(super) fn push_stories(out: &mut String, page: Page<'_>, result: &CaseResult) {
    let told = stories(&result.stories, &BTreeMap::new(), page.texts);
    for (story, view) in result.stories.iter().zip(told) {
        let when = view.when.replace('–', "-");
        page.heading(
            out,
            &page.texts.get("ui-story-of", &[("server", &plain(&view.server)), ("when", &when)]),
        );
        if !view.actor.is_empty() {
            push_hanging(out, &wrap(&plain(&view.actor), page.width), 0, Ink::Plain, page.color);
        }
        let row = |(step, view): (&afterpatch_model::StoryStep, &crate::view::StepView)| {
            let times = if view.count > 1 { format!(" ×{}", view.count) } else { String::new() };
            vec![
                Cell::new(&view.time),
                Cell::new(&view.phase),
                Cell::inked(&view.grade_word, grade_ink(step.grade)),
                Cell::new(&one_line(&format!("{}{times}", view.text))),
            ]
        };
        let rows: Vec<_> = story.steps.iter().zip(&view.steps).map(row).collect();
        let header = page.labels(&["time", "phase", "grade", "what-happened"]);
        out.push_str(&table(&header, &rows, page.width, page.color));
        for line in view.left_out.iter().chain(&view.missing) {
            push_hanging(out, &wrap(line, page.width.saturating_sub(2)), 2, Ink::Cyan, page.color);
        }
    }
}
