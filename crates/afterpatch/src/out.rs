//! The only place that prints: standard output is data, standard error is talk.

use crate::args::{ColorChoice, RowFormat, Talk};
use crate::error::{CommandError, ErrorKind};
use crate::exit::Exit;
use crate::progress::Bars;
use crate::rows::RowPrinter;
use afterpatch_report::{Texts, plain};
use afterpatch_store::{NoProgress, Progress};
use serde::Serialize;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{self, BufWriter, IsTerminal, Write};

/// Where the program prints, and how.
pub(crate) struct Out {
    color_data: bool,
    color_talk: bool,
    progress: bool,
    width: usize,
    texts: Option<Texts>,
}

impl Out {
    /// Finds out how to print from the flags, the environment and the terminal.
    pub(crate) fn open(talk: &Talk) -> Self {
        let environment = Environment::read();
        let talk_is_terminal = io::stderr().is_terminal();
        Self {
            color_data: environment.color(talk.color, io::stdout().is_terminal()),
            color_talk: environment.color(talk.color, talk_is_terminal),
            progress: !talk.no_progress && talk_is_terminal && !environment.dumb,
            width: environment.width(),
            texts: Texts::load(talk.lang.into()).ok(),
        }
    }

    /// Returns the texts of the language that was asked for.
    pub(crate) fn texts(&self) -> Result<&Texts, CommandError> {
        self.texts.as_ref().ok_or_else(|| CommandError::user("the texts of this language cannot be read"))
    }

    /// Tells whether data may be colored. Color never carries meaning alone.
    pub(crate) fn color(&self) -> bool {
        self.color_data
    }

    /// Returns how many columns the terminal has.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Returns progress bars where somebody sees them, else nothing.
    pub(crate) fn progress(&self) -> Box<dyn Progress> {
        if self.progress { Box::new(Bars::default()) } else { Box::new(NoProgress) }
    }

    /// Hands standard output to `write`, which streams data into it.
    #[expect(clippy::unused_self, reason = "who prints was handed the one `Out`")]
    pub(crate) fn data(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        let mut to = BufWriter::new(io::stdout().lock());
        write(&mut to)?;
        Ok(to.flush()?)
    }

    /// Prints `text` as data, with a line end behind it.
    pub(crate) fn print(&self, text: &str) -> Result<(), CommandError> {
        self.data(|to| Ok(writeln!(to, "{}", text.trim_end_matches('\n'))?))
    }

    /// Prints rows of those columns as data; they stream through.
    pub(crate) fn rows<'n>(
        &self,
        format: RowFormat,
        columns: impl IntoIterator<Item = &'n str>,
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<(), CommandError> {
        self.data(|to| {
            let mut printer = RowPrinter::new(format, to);
            printer.columns(columns);
            for row in rows {
                printer.row(row)?;
            }
            Ok(printer.finish()?)
        })
    }

    /// Prints a value as JSON.
    pub(crate) fn print_json(&self, value: &impl Serialize) -> Result<(), CommandError> {
        self.print(&serde_json::to_string_pretty(value).map_err(io::Error::from)?)
    }

    /// Says something that is no data.
    pub(crate) fn note(&self, text: &str) {
        self.talk(None, text);
    }

    /// Says what one should know before trusting the result.
    pub(crate) fn warn(&self, text: &str) {
        self.talk(Some(("33", "talk-warning")), text);
    }

    /// Says what one can do.
    pub(crate) fn hint(&self, text: &str) {
        self.talk(Some(("36", "talk-hint")), text);
    }

    /// Returns the sentence of that locale key in the language that was asked for.
    pub(crate) fn sentence(&self, key: &str, args: &[(&str, &str)]) -> String {
        self.texts.as_ref().map_or_else(|| key.to_owned(), |texts| texts.get(key, args))
    }

    /// Says why the command ended early, and returns the exit code that follows from it.
    pub(crate) fn failure(&self, error: &CommandError) -> Exit {
        if error.kind == ErrorKind::BrokenPipe {
            return Exit::Done;
        }
        for line in error.lines() {
            self.talk(Some(("31", "talk-error")), &line);
        }
        for hint in &error.hints {
            self.hint(hint);
        }
        match error.kind {
            ErrorKind::Usage => Exit::WrongUse,
            ErrorKind::User | ErrorKind::BrokenPipe => Exit::Failed,
        }
    }

    /// Writes one line to standard error. A reader who has gone away is no reason to fail.
    fn talk(&self, label: Option<(&str, &str)>, text: &str) {
        let label = label.map(|(color, key)| (color, self.sentence(key, &[])));
        let label = match label {
            Some((color, word)) if self.color_talk => format!("\x1b[1;{color}m{word}:\x1b[0m "),
            Some((_, word)) => format!("{word}: "),
            None => String::new(),
        };
        let _ = writeln!(io::stderr().lock(), "{label}{}", plain(text));
    }
}

/// What the environment says about terminals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Environment {
    no_color: bool,
    force_color: bool,
    dumb: bool,
    columns: Option<usize>,
}

impl Environment {
    const WIDTH: usize = 100;

    fn read() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            no_color: set("NO_COLOR").is_some(),
            force_color: set("CLICOLOR_FORCE").is_some_and(|value| value != OsStr::new("0")),
            dumb: set("TERM").is_some_and(|value| value == OsStr::new("dumb")),
            columns: set("COLUMNS").and_then(|value| value.to_str()?.parse().ok()),
        }
    }

    fn color(&self, choice: ColorChoice, is_terminal: bool) -> bool {
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.no_color => false,
            ColorChoice::Auto => self.force_color || (is_terminal && !self.dumb),
        }
    }

    fn width(&self) -> usize {
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        self.columns.or_else(terminal).unwrap_or(Self::WIDTH).clamp(60, 160)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_follows_the_flag_then_the_environment_then_the_terminal() {
        let plain = Environment::default();
        let no_color = Environment { no_color: true, force_color: true, ..plain };
        let forced = Environment { force_color: true, ..plain };
        let dumb = Environment { dumb: true, ..plain };
        for (environment, choice, is_terminal, expected) in [
            (plain, ColorChoice::Auto, true, true),
            (plain, ColorChoice::Auto, false, false),
            (plain, ColorChoice::Always, false, true),
            (no_color, ColorChoice::Auto, true, false),
            (no_color, ColorChoice::Always, true, true),
            (forced, ColorChoice::Auto, false, true),
            (forced, ColorChoice::Never, true, false),
            (dumb, ColorChoice::Auto, true, false),
        ] {
            assert_eq!(
                environment.color(choice, is_terminal),
                expected,
                "{environment:?} {choice:?} {is_terminal}"
            );
        }
    }
}
