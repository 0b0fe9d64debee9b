//! `report`: the one result in every format.

use super::{Outcome, case};
use crate::args::Report;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_model::{CaseResult, Lang};
use afterpatch_report::{EXPORTERS, ExportOptions, Exporter, Texts};
use afterpatch_store::Case;
use std::fs::File;
use std::io::{self, BufWriter, Write};
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
    let exporter = exporter(name)?;
    let texts = out.texts()?;
    out.data(|to| Ok((exporter.write)(result, texts, to)?))
}

/// Writes one format to a file.
pub(super) fn export_to(
    name: &str,
    result: &CaseResult,
    texts: &Texts,
    path: &Path,
) -> Result<(), CommandError> {
    write_file(exporter(name)?, result, texts, path)
}

fn exporter(name: &str) -> Result<&'static Exporter, CommandError> {
    Exporter::by_name(name).ok_or_else(|| {
        let names: Vec<&str> = EXPORTERS.iter().map(|exporter| exporter.name).collect();
        CommandError::usage(format!("no format is called {name:?}"))
            .hint(format!("there are: {}", names.join(", ")))
    })
}

/// Writes every format into the case, those for people in both languages, and returns the HTML page.
pub(super) fn write(case: &Case, result: &CaseResult) -> Result<PathBuf, CommandError> {
    let folder = case.report_dir();
    std::fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    for lang in [Lang::En, Lang::Ja] {
        let texts = Texts::load(lang).map_err(CommandError::user)?;
        for exporter in EXPORTERS {
            if let Some(name) = exporter.file_name_in(lang) {
                write_file(exporter, result, &texts, &folder.join(name))?;
            }
        }
    }
    Ok(folder.join("index.html"))
}

/// Spreadsheets take a file of CSV for UTF-8 only where it begins with a mark; what is piped to a program has none.
fn write_file(
    exporter: &Exporter,
    result: &CaseResult,
    texts: &Texts,
    path: &Path,
) -> Result<(), CommandError> {
    create(path, |to| exporter.write_with(result, texts, ExportOptions { csv_bom: true }, to))
}

/// Makes a file of what `write` writes.
pub(super) fn create(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CommandError> {
    let file = File::create(path).map_err(|error| at(path, &error))?;
    let mut to = BufWriter::new(file);
    write(&mut to).and_then(|()| to.flush()).map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &io::Error) -> CommandError {
    CommandError::user(format!("{}: {error}", path.display()))
}
