//! `report`: the one result in every format.

use super::{Outcome, case};
use crate::args::Report;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_model::{CaseResult, Lang};
use afterpatch_report::{EXPORTERS, Exporter, Texts};
use afterpatch_store::Case;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes the whole report, or prints one format.
pub(super) fn run(args: &Report, out: &Out) -> Outcome {
    let result = case::result(&args.case.case)?;
    if let Some(format) = &args.format {
        export(format, &result, out)?;
        return Ok(Exit::Done);
    }
    let page = write(&case::open(&args.case.case)?, &result)?;
    say_where(&page, out);
    Ok(Exit::Done)
}

/// Says where the HTML report is.
pub(super) fn say_where(page: &Path, out: &Out) {
    out.note(&out.sentence("talk-report", &[("path", &page.display().to_string())]));
}

/// Prints one format to standard output.
pub(super) fn export(name: &str, result: &CaseResult, out: &Out) -> Result<(), CommandError> {
    let exporter = EXPORTERS.iter().find(|exporter| exporter.name == name).ok_or_else(|| {
        let names: Vec<&str> = EXPORTERS.iter().map(|exporter| exporter.name).collect();
        CommandError::usage(format!("no format is called {name:?}"))
            .hint(format!("there are: {}", names.join(", ")))
    })?;
    let texts = out.texts()?;
    out.data(|to| Ok((exporter.write)(result, texts, to)?))
}

/// Writes every format into the case, in both languages where the language shows, and returns the HTML page.
pub(super) fn write(case: &Case, result: &CaseResult) -> Result<PathBuf, CommandError> {
    let folder = case.report_dir();
    std::fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let english = Texts::load(Lang::En).map_err(CommandError::user)?;
    for exporter in EXPORTERS {
        write_file(exporter, result, &english, &folder.join(exporter.file_name))?;
    }
    let japanese = Texts::load(Lang::Ja).map_err(CommandError::user)?;
    for exporter in EXPORTERS.iter().filter(|exporter| exporter.name == "html") {
        write_file(exporter, result, &japanese, &folder.join("index.ja.html"))?;
    }
    Ok(folder.join("index.html"))
}

fn write_file(
    exporter: &Exporter,
    result: &CaseResult,
    texts: &Texts,
    path: &Path,
) -> Result<(), CommandError> {
    let file = File::create(path).map_err(|error| at(path, &error))?;
    let mut to = BufWriter::new(file);
    (exporter.write)(result, texts, &mut to).and_then(|()| to.flush()).map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::user(format!("{}: {error}", path.display()))
}
