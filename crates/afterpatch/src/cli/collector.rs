//! `collector`: definitions for what collects, made from the table of parsers.

use super::Outcome;
use crate::args::{self, CollectorName};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_collector::{Collector, GeneratedFile};
use std::fs;
use std::path::Path;

/// Prints the one file of a collector, or writes its files into a folder.
pub(super) fn run(args: &args::Collector, out: &Out) -> Outcome {
    let files = collector(args.name).files();
    match (&args.to, files.as_slice()) {
        (Some(folder), files) => write(folder, files, out)?,
        (None, [file]) => out.data(|to| Ok(to.write_all(file.text.as_bytes())?))?,
        (None, _) => {
            let error = CommandError::usage(format!("{} is {} files", args.name.shown(), files.len()));
            return Err(error.hint("give a folder for them with --to"));
        }
    }
    Ok(Exit::Done)
}

fn collector(name: CollectorName) -> Collector {
    match name {
        CollectorName::Velociraptor => Collector::Velociraptor,
        CollectorName::Kape => Collector::Kape,
        CollectorName::Powershell => Collector::PowerShell,
    }
}

impl CollectorName {
    fn shown(self) -> &'static str {
        collector(self).name()
    }
}

fn write(folder: &Path, files: &[GeneratedFile], out: &Out) -> Result<(), CommandError> {
    let failed =
        |path: &Path, error: std::io::Error| CommandError::user(format!("{}: {error}", path.display()));
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    for file in files {
        let path = folder.join(&file.name);
        fs::write(&path, &file.text).map_err(|error| failed(&path, error))?;
        out.note(&path.display().to_string());
    }
    Ok(())
}
