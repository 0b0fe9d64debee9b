//! Lines and columns for terminals, by the width that characters really take.

use crate::plain::spelled_out;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The colour of a piece of text; it only repeats what the text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ink {
    #[default]
    Plain,
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Cyan,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "1;31",
            Self::Yellow => "1;33",
            Self::Green => "1;32",
            Self::Cyan => "1;36",
        }
    }

    /// Returns `text` in this ink, or as it is where colour is off.
    pub(crate) fn paint(self, text: &str, color: bool) -> String {
        if color && self != Self::Plain && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", self.code())
        } else {
            text.to_owned()
        }
    }
}

/// One cell of a table: text that is safe to show, and its ink.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    /// Makes a cell; hostile characters are spelled out.
    pub(crate) fn new(text: &str) -> Self {
        Self::inked(text, Ink::Plain)
    }

    /// Makes a cell with its ink.
    pub(crate) fn inked(text: &str, ink: Ink) -> Self {
        Self { text: spelled_out(text).into_owned(), ink }
    }
}

/// Returns a message as one line: its line breaks become spaces, and hostile characters are spelled out.
pub(crate) fn one_line(text: &str) -> String {
    let joined = if text.contains(['\n', '\r']) {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text.trim())
    };
    spelled_out(&joined).into_owned()
}

/// Returns `text` filled up with spaces to `width` columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Returns `text` cut to `width` columns; dots show the cut.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 3;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out + "..."
}

/// Breaks `text` into lines of at most `width` columns: at spaces, after path separators, and between full-width
/// characters except where Japanese forbids it. What has no such place is broken where it must be.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let (mut lines, mut line) = (Vec::new(), String::new());
    let (mut used, mut chance, mut before) = (0, None, ' ');
    for c in text.chars() {
        if may_break(before, c) && !line.is_empty() {
            chance = Some(line.len());
        }
        let columns = c.width().unwrap_or(0);
        if used + columns > width && !line.is_empty() && c != ' ' {
            let rest = line.split_off(chance.unwrap_or(line.len()));
            lines.push(line.trim_end().to_owned());
            line = rest;
            used = line.width();
            chance = None;
        }
        line.push(c);
        used += columns;
        before = c;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

fn may_break(before: char, after: char) -> bool {
    let wide = |c: char| c.width() == Some(2);
    let never_first =
        |c: char| "、。，．・：；？！）」』】〕］｝〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々".contains(c);
    let never_last = |c: char| "（「『【〔［｛〈《".contains(c);
    match (before, after) {
        (_, ' ') => false,
        (' ' | '\\' | '/', _) => true,
        _ => (wide(before) || wide(after)) && !never_first(after) && !never_last(before),
    }
}

/// Sets rows in columns. The last column takes what is left of `width` and wraps; the others are cut at `LIMIT`.
pub(crate) fn table(header: &[String], rows: &[Vec<Cell>], width: usize, color: bool) -> String {
    const LIMIT: usize = 30;
    let last = header.len().saturating_sub(1);
    let widths: Vec<usize> = (0..last)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cell.text.width()).max().unwrap_or(0);
            let head = header.get(column).map_or(0, |text| text.width());
            widest.max(head).min(LIMIT)
        })
        .collect();
    let head: Vec<Cell> = header.iter().map(|text| Cell::inked(text, Ink::Bold)).collect();
    let mut out = String::new();
    for row in std::iter::once(&head).chain(rows) {
        push_row(&mut out, row, &widths, width, color);
    }
    out
}

fn push_row(out: &mut String, row: &[Cell], widths: &[usize], width: usize, color: bool) {
    for (cell, width) in row.iter().zip(widths) {
        out.push_str(&cell.ink.paint(&padded(&cut(&cell.text, *width), *width), color));
        out.push_str("  ");
    }
    let indent: usize = widths.iter().map(|width| width + 2).sum();
    let last = row.get(widths.len()).cloned().unwrap_or_default();
    let lines = wrap(&last.text, width.saturating_sub(indent).max(24));
    push_hanging(out, &lines, indent, last.ink, color);
}

/// Adds lines, the first where `out` stands, the others indented.
pub(crate) fn push_hanging(out: &mut String, lines: &[String], indent: usize, ink: Ink, color: bool) {
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&ink.paint(line, color));
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn breaks_where_the_language_allows() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("証跡を採取しました。", 18), ["証跡を採取しまし", "た。"]);
        assert_eq!(wrap(r"C:\inetpub\wwwroot\x.aspx", 12), [r"C:\inetpub\", r"wwwroot\", "x.aspx"]);
        assert_eq!(wrap("0123456789", 8), ["01234567", "89"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn full_width_text_is_padded_and_cut_by_columns() {
        assert_eq!(padded("証跡", 6), "証跡  ");
        assert_eq!(cut("証跡を見る", 8), "証跡...");
        assert_eq!(cut("証跡", 4), "証跡");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_word_is_lost(text in "[a-z 証跡。\\\\]{0,80}", width in 8_usize..40) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| line.width() <= width));
            let kept: String = lines.concat().split_whitespace().collect();
            prop_assert_eq!(kept, text.split_whitespace().collect::<String>());
        }
    }
}
