//! What became of a plan, for a terminal and as Markdown.

use crate::html::{HtmlError, laid_out};
use crate::lines::{Ink, one_line, push_hanging, wrap};
use crate::texts::Texts;
use crate::view::{CheckView, GroundsView, VerifyView};
use afterpatch_model::VerifyResult;

/// Returns the comparison as Markdown, for tickets and wikis.
pub fn markdown(result: &VerifyResult, texts: &Texts) -> Result<String, HtmlError> {
    laid_out("verify.md", VerifyView::of(result, texts), texts, &|_| None)
}

/// Returns the comparison as lines of text: the servers, the steps with what shows it, the findings.
pub fn lines(result: &VerifyResult, texts: &Texts, width: usize, color: bool) -> String {
    let view = VerifyView::of(result, texts);
    let mut page = Page { texts, width, color, out: String::new() };
    page.line(0, &view.organisation, Ink::Bold);
    page.named(0, "ui-verify-before", &view.before);
    page.named(0, "ui-verify-after", &view.after);
    page.line(0, &format!("{} {}", symbol(view.completion), view.headline), ink(view.completion));
    for caution in &view.cautions {
        page.line(0, caution, Ink::Yellow);
    }
    page.servers(&view);
    page.steps(&view);
    page.findings(&view);
    page.out
}

/// A terminal while it is written to.
struct Page<'a> {
    texts: &'a Texts,
    width: usize,
    color: bool,
    out: String,
}

impl Page<'_> {
    fn heading(&mut self, key: &str) {
        self.out.push('\n');
        self.line(0, &self.texts.get(key, &[]), Ink::Bold);
    }

    fn line(&mut self, indent: usize, text: &str, ink: Ink) {
        self.out.push_str(&" ".repeat(indent));
        let lines = wrap(&one_line(text), self.width.saturating_sub(indent));
        push_hanging(&mut self.out, &lines, indent, ink, self.color);
    }

    fn named(&mut self, indent: usize, key: &str, text: &str) {
        self.line(indent, &format!("{}: {text}", self.texts.get(key, &[])), Ink::Dim);
    }

    fn servers(&mut self, view: &VerifyView) {
        self.heading("ui-servers");
        for server in &view.servers {
            self.line(0, &format!("{} {}", symbol(server.completion), server.name), ink(server.completion));
            for reason in &server.reasons {
                self.line(4, reason, Ink::Plain);
            }
        }
    }

    fn steps(&mut self, view: &VerifyView) {
        self.heading("ui-steps");
        if view.steps.is_empty() {
            self.line(0, &self.texts.get("ui-no-plan", &[]), Ink::Plain);
        }
        for (number, step) in view.steps.iter().enumerate() {
            let head = format!(
                "{:>2}. {} {}: {} ({})",
                number + 1,
                symbol(step.completion),
                step.word,
                step.title,
                step.kind_word
            );
            self.line(0, &head, ink(step.completion));
            for check in &step.checks {
                self.check(check);
            }
        }
    }

    fn check(&mut self, check: &CheckView) {
        let servers =
            if check.servers.is_empty() { String::new() } else { format!("{}: ", check.servers.join(", ")) };
        let head = format!("{} {servers}{}", symbol(check.completion), check.check);
        self.line(4, &head, ink(check.completion));
        self.grounds(&check.grounds, 8);
        if let Some(since) = &check.since {
            self.line(8, since, Ink::Plain);
        }
    }

    fn findings(&mut self, view: &VerifyView) {
        for fate in &view.findings {
            self.out.push('\n');
            let heading = format!("{} – {}", self.texts.get("ui-findings", &[]), fate.word).replace('–', "-");
            self.line(0, &heading, Ink::Bold);
            for finding in &fate.findings {
                let mark = match fate.fate {
                    "over" => "done",
                    "cannot-tell" => "cannot-tell",
                    _ => "not-done",
                };
                let grades = finding.grades.replace('→', "->").replace('–', "-");
                self.line(0, &format!("{} {} ({grades})", symbol(mark), finding.title), ink(mark));
                self.grounds(&finding.grounds, 4);
            }
        }
    }

    fn grounds(&mut self, grounds: &GroundsView, indent: usize) {
        for reason in &grounds.reasons {
            self.line(indent, reason, Ink::Plain);
        }
        for (key, words) in [
            ("ui-shown-by", &grounds.proofs),
            ("ui-covered-by", &grounds.covered),
            ("ui-missing", &grounds.missing),
        ] {
            for word in words {
                self.named(indent, key, &word.replace('–', "-"));
            }
        }
        if let Some(left_out) = &grounds.left_out {
            self.line(indent, left_out, Ink::Dim);
        }
    }
}

/// What stands for a completion where there is no colour.
fn symbol(completion: &str) -> &'static str {
    match completion {
        "done" => "[x]",
        "not-done" => "[!]",
        "cannot-tell" => "[?]",
        _ => "[ ]",
    }
}

fn ink(completion: &str) -> Ink {
    match completion {
        "done" => Ink::Green,
        "not-done" => Ink::Red,
        "cannot-tell" => Ink::Cyan,
        _ => Ink::Plain,
    }
}
