//! `man`: the manual pages, made from the command line's own definition.

use super::Outcome;
use crate::args::Man;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;

/// Prints the main page, or writes the page of every command into a folder.
pub(super) fn run(args: &Man, command: &clap::Command, out: &Out) -> Outcome {
    let Some(folder) = &args.to else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
        out.data(|to| Ok(to.write_all(&page)?))?;
        return Ok(Exit::Done);
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command.clone(), folder))
        .map_err(|error| CommandError::user(format!("{}: {error}", folder.display())))?;
    out.note(&format!("manual pages: {}", folder.display()));
    Ok(Exit::Done)
}
