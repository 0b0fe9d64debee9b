//! What people read, laid out by the templates of `content/templates/`: pages without script and without network, and
//! Markdown.

use crate::plain::spelled_out;
use crate::svg::escaped;
use crate::texts::Texts;
use crate::view::{Page, PlanPage, StoryPage};
use afterpatch_model::CaseResult;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// The templates as they were built in, by name. `report.html` is the report, `plan-page.html` the plan alone;
        /// both fill the frame of `page.html` and include others.
        pub const TEMPLATES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../content/templates/", $name)))),*];
    };
}

templates![
    "page.html",
    "report.html",
    "report.css",
    "macros.html",
    "answers.html",
    "plan.html",
    "stories.html",
    "timeline.html",
    "coverage.html",
    "findings.html",
    "rules.html",
    "method.html",
    "evidence.html",
    "plan-page.html",
    "plan.md",
    "stories.md",
    "verify.md",
];

/// Why a template could not be rendered: a template that is wrong, which the built-in ones are not.
#[derive(Debug, thiserror::Error)]
#[error("template: {0:#}")]
pub struct HtmlError(#[from] minijinja::Error);

/// Renders the report with the built-in templates.
pub fn render(result: &CaseResult, texts: &Texts) -> Result<String, HtmlError> {
    render_with(result, texts, &|_| None)
}

/// Renders the report; where `replaced` has a template of that name, it takes the built-in one's place.
pub fn render_with(
    result: &CaseResult,
    texts: &Texts,
    replaced: &dyn Fn(&str) -> Option<String>,
) -> Result<String, HtmlError> {
    laid_out("report.html", Page::of(result, texts), texts, replaced)
}

/// Renders the plan as a page of its own.
pub(crate) fn render_plan(result: &CaseResult, texts: &Texts) -> Result<String, HtmlError> {
    laid_out("plan-page.html", PlanPage::of(result, texts), texts, &|_| None)
}

/// Renders the plan as Markdown.
pub(crate) fn render_plan_markdown(result: &CaseResult, texts: &Texts) -> Result<String, HtmlError> {
    laid_out("plan.md", PlanPage::of(result, texts), texts, &|_| None)
}

/// Renders the stories as Markdown.
pub(crate) fn render_stories_markdown(result: &CaseResult, texts: &Texts) -> Result<String, HtmlError> {
    laid_out("stories.md", StoryPage::of(result, texts), texts, &|_| None)
}

pub(crate) fn laid_out(
    template: &str,
    view: impl Serialize,
    texts: &Texts,
    replaced: &dyn Fn(&str) -> Option<String>,
) -> Result<String, HtmlError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_auto_escape_callback(|name| match name {
        // The style sheet stands in the page as it is; nothing of the evidence goes through it.
        "report.css" => AutoEscape::None,
        "plan.md" | "stories.md" | "verify.md" => AutoEscape::Custom("markdown".into()),
        _ => AutoEscape::Html,
    });
    environment.set_formatter(|out, state, value| match (value.as_str(), state.auto_escape()) {
        (Some(text), _) if value.is_safe() => Ok(out.write_str(text)?),
        (Some(text), AutoEscape::Custom(_)) => Ok(out.write_str(&in_markdown(text))?),
        (Some(text), AutoEscape::Html) => Ok(out.write_str(&escaped(text))?),
        (_, AutoEscape::Custom(_)) => Ok(write!(out, "{value}")?),
        _ => minijinja::escape_formatter(out, state, value),
    });
    let spoken = texts.clone();
    environment.add_function("t", move |key: &str, args: Kwargs| -> Result<String, minijinja::Error> {
        text_of(&spoken, key, &args)
    });
    // A long name without a space may break behind each separator instead of anywhere.
    environment.add_filter("breakable", |text: &str| Value::from_safe_string(breakable(text)));
    environment.add_filter("prose", |text: &str| Value::from_safe_string(prose(text)));
    environment.add_filter("code", |text: &str| Value::from_safe_string(code_span(text)));
    environment.add_filter("codeblock", |text: &str| Value::from_safe_string(code_block(text)));
    for (name, source) in TEMPLATES {
        environment.add_template_owned(*name, replaced(name).unwrap_or_else(|| (*source).to_owned()))?;
    }
    Ok(environment.get_template(template)?.render(Serde(view))?)
}

fn text_of(texts: &Texts, key: &str, args: &Kwargs) -> Result<String, minijinja::Error> {
    let mut values = Vec::new();
    for name in args.args() {
        values.push((name, args.get::<Value>(name)?.to_string()));
    }
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(texts.get(key, &values))
}

/// Returns a line of text as Markdown shows it: what would be markup, a link or an entity is escaped.
fn in_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let text = spelled_out(text);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // What reads like an address would be made a link of; CommonMark lets any of these be escaped.
        let links = c == '@' || c == ':' && rest.peek() == Some(&'/');
        if links || matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!')
        {
            out.push('\\');
        }
        out.push(c);
    }
    // At the start of a line these begin a list.
    if out.starts_with(['-', '+', '=']) {
        out.insert(0, '\\');
    }
    out
}

/// Returns text as a code span: its fence is longer than any in the text.
fn code_span(text: &str) -> String {
    let text = spelled_out(text);
    let fence = "`".repeat(longest_fence(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    // In a table a bar would end the cell even here.
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

/// Returns text of ours, such as a command, as a fenced block.
fn code_block(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(spelled_out).collect();
    let text = lines.join("\n");
    let fence = "`".repeat((longest_fence(&text) + 1).max(3));
    format!("{fence}\n{text}\n{fence}")
}

fn longest_fence(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn breakable(text: &str) -> String {
    break_behind(text, &['\\', '/', '_', '.', '?', '&', '=', ',', ';'])
}

fn break_behind(text: &str, separators: &[char]) -> String {
    let pieces: Vec<_> = text.split_inclusive(separators).map(escaped).collect();
    pieces.join("<wbr>")
}

/// Keeps what must not break at its hyphens, a date or the number of a flaw, in one piece; a path may break.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while !rest.is_empty() {
        let in_word = rest.starts_with(is_of_word);
        let end = rest.find(|c| is_of_word(c) != in_word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let numbered = piece.contains('-') && piece.contains(|c: char| c.is_ascii_digit());
        if in_word && numbered && piece.len() <= 20 {
            out.push_str("<span class=\"nowrap\">");
            out.push_str(&escaped(piece));
            out.push_str("</span>");
        } else {
            out.push_str(&break_behind(piece, &['\\']));
            // A separator at the end of its piece is followed by the next piece.
            if piece.ends_with('\\') {
                out.push_str("<wbr>");
            }
        }
        rest = after;
    }
    out
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_flaws_stay_whole_and_markup_stays_text() {
        assert_eq!(prose("CVE-2021-26855を<b>"), "<span class=\"nowrap\">CVE-2021-26855</span>を&lt;b&gt;");
        assert_eq!(prose("back-end"), "back-end");
        assert_eq!(prose(r"C:\a\b"), r"C:\<wbr>a\<wbr>b");
        assert_eq!(prose(""), "");
    }

    #[test]
    fn nothing_in_a_text_is_markdown() {
        assert_eq!(
            in_markdown("<b> [x](http://y) *a* a_b `c` | &amp;"),
            r"\<b\> \[x\](http\://y) \*a\* a\_b \`c\` \| \&amp;"
        );
        assert_eq!(in_markdown("- no list\n# no heading"), r"\- no list\\n\# no heading");
        assert_eq!(code_span("a`b"), "``a`b``");
        assert_eq!(code_span("`"), "`` ` ``");
        assert_eq!(code_block("a\n```\nb"), "````\na\n```\nb\n````");
    }

    #[test]
    fn a_path_breaks_behind_its_separators_only() {
        assert_eq!(breakable(r"C:\a_b<"), r"C:\<wbr>a_<wbr>b&lt;");
        assert_eq!(breakable("\u{1b}["), r"\u{1b}[");
    }
}
