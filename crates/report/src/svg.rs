//! Drawings, made as text: the timeline, and the bars of the coverage table.

use crate::axis::Axis;
use crate::figures::minute;
use crate::plain::spelled_out;
use crate::texts::Texts;
use afterpatch_model::{Grade, Span, TimelineEntry};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Servers drawn, at most: more lanes are no longer read.
const LANES: usize = 40;
const WIDTH: f64 = 1000.0;
const LEFT: f64 = 118.0;
const RIGHT: f64 = 226.0;
const TOP: f64 = 30.0;
const HEAD: f64 = 26.0;
const ROW: f64 = 24.0;
const PLOT: f64 = WIDTH - LEFT - RIGHT;
/// Dates along the axis.
const TICKS: i64 = 8;
/// Marks closer than this are drawn as one.
const NEAR: f64 = 9.0;
/// The grades from the gravest, as the rows of a lane stand.
const GRADES: [Grade; 4] = [Grade::Persists, Grade::Executed, Grade::Reached, Grade::Attempted];

/// Returns `text` as it may stand in markup: escaped, hostile characters spelled out.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in spelled_out(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            c => out.push(c),
        }
    }
    out
}

type Lanes<'a> = BTreeMap<&'a str, BTreeMap<Grade, Vec<&'a TimelineEntry>>>;

/// Draws the timeline: a lane for each server, a row for each grade, a mark for events that lie close together.
pub(crate) fn timeline(entries: &[TimelineEntry], axis: &Axis, texts: &Texts) -> String {
    let drawn = entries.iter().filter(|entry| axis.span.contains(entry.time));
    let mut lanes: Lanes<'_> = BTreeMap::new();
    for entry in drawn {
        lanes.entry(&entry.server).or_default().entry(entry.grade).or_default().push(entry);
    }
    let mut body = String::new();
    let mut y = TOP;
    for (server, rows) in lanes.iter().take(LANES) {
        y = lane(&mut body, server, rows, y, axis, texts);
    }
    let height = y + 8.0;
    let desc = texts
        .get("ui-timeline-desc", &[("from", &minute(axis.span.from)), ("until", &minute(axis.span.until))]);
    format!(
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"tl-title tl-desc\">\
         <title id=\"tl-title\">{}</title><desc id=\"tl-desc\">{}</desc>{}{body}</svg>",
        escaped(&texts.get("ui-timeline", &[])),
        escaped(&desc),
        scale(axis, height),
    )
}

fn scale(axis: &Axis, height: f64) -> String {
    let mut out = String::new();
    for tick in axis.ticks(TICKS) {
        let x = LEFT + tick.at * PLOT;
        // Writing into a String cannot fail.
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{height}\"/>\
             <text class=\"tick\" x=\"{x:.1}\" y=\"18\" text-anchor=\"middle\">{}</text>",
            tick.label
        );
    }
    out
}

fn lane(
    out: &mut String,
    server: &str,
    rows: &BTreeMap<Grade, Vec<&TimelineEntry>>,
    top: f64,
    axis: &Axis,
    texts: &Texts,
) -> f64 {
    let _ = write!(
        out,
        "<line class=\"rule\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{top}\" y2=\"{top}\"/>\
         <text class=\"lane\" x=\"0\" y=\"{}\">{}</text>",
        top + 18.0,
        escaped(server)
    );
    let mut y = top + HEAD;
    for grade in GRADES {
        if let Some(entries) = rows.get(&grade) {
            row(out, grade, entries, y + ROW / 2.0, axis, texts);
            y += ROW;
        }
    }
    y + 6.0
}

fn row(out: &mut String, grade: Grade, entries: &[&TimelineEntry], y: f64, axis: &Axis, texts: &Texts) {
    let count = texts.get("ui-events", &[("count", &entries.len().to_string())]);
    let first = entries.first().map(|entry| minute(entry.time)).unwrap_or_default();
    let base = y + 4.0;
    let _ = write!(
        out,
        "<text class=\"grade\" x=\"{}\" y=\"{base}\" text-anchor=\"end\">{}</text>\
         <line class=\"track\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>\
         <text class=\"tick\" x=\"{}\" y=\"{base}\">{first} · {}</text>",
        LEFT - 14.0,
        escaped(&texts.grade(grade)),
        LEFT + PLOT,
        LEFT + PLOT + 14.0,
        escaped(&count)
    );
    for group in groups(entries, axis) {
        mark(out, grade, group, y, axis, texts);
    }
}

/// Parts entries, which are in order, into runs whose marks would touch.
fn groups<'e, 'a>(entries: &'e [&'a TimelineEntry], axis: &Axis) -> Vec<&'e [&'a TimelineEntry]> {
    let x = |entry: &TimelineEntry| axis.position(entry.time) * PLOT;
    let mut groups = Vec::new();
    let mut start = 0;
    for place in 1..=entries.len() {
        let apart = match (entries.get(start), entries.get(place)) {
            (Some(first), Some(next)) => x(next) - x(first) > NEAR,
            _ => true,
        };
        if apart {
            groups.extend(entries.get(start..place));
            start = place;
        }
    }
    groups
}

fn mark(out: &mut String, grade: Grade, group: &[&TimelineEntry], y: f64, axis: &Axis, texts: &Texts) {
    let Some(first) = group.first() else { return };
    let x = LEFT + axis.position(first.time) * PLOT;
    let r = 5.5 + f64::from(u32::try_from(group.len()).unwrap_or(u32::MAX)).log2().min(5.0);
    let count = texts.get("ui-events", &[("count", &group.len().to_string())]);
    let title = format!("{} · {count} · {}", first.time.to_second(), texts.message(&first.text));
    let shape = match grade {
        Grade::Attempted | Grade::Reached => format!("<circle cx=\"{x:.1}\" cy=\"{y}\" r=\"{r:.1}\"/>"),
        Grade::Executed => {
            format!("<path d=\"M{x:.1} {:.1}l{r:.1} {r:.1}l-{r:.1} {r:.1}l-{r:.1} -{r:.1}z\"/>", y - r)
        }
        Grade::Persists => format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{side:.1}\" height=\"{side:.1}\"/>",
            x - r,
            y - r,
            side = 2.0 * r
        ),
    };
    let _ = write!(out, "<g class=\"mark {}\"><title>{}</title>{shape}</g>", grade.name(), escaped(&title));
}

/// Draws what is covered of an axis as one bar; what is not drawn is not covered.
pub(crate) fn bar(spans: &[Span], axis: &Axis) -> String {
    let mut out = String::from(
        "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
    );
    for span in spans {
        let (from, until) = (axis.position(span.from), axis.position(span.until));
        let outside = span.until <= axis.span.from || axis.span.until <= span.from;
        if !outside {
            let width = ((until - from) * 1000.0).max(2.0);
            let _ =
                write!(out, "<rect x=\"{:.1}\" y=\"0\" width=\"{width:.1}\" height=\"10\"/>", from * 1000.0);
        }
    }
    out + "</svg>"
}
