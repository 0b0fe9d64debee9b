//! `licenses`: whose work the program rests on.

use super::{Outcome, case};
use crate::args::Licenses;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_detect::Content;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The libraries of the lock file: name, version, licence; made by `cargo xtask docs`.
const THIRD_PARTY: &str = include_str!("../../../../docs/third-party.tsv");

/// Prints the licences of the program, the rules in force and the libraries.
pub(super) fn run(args: &Licenses, out: &Out) -> Outcome {
    let content = case::content(&args.rules, out)?;
    out.data(|to| Ok(print(&content, to)?))?;
    Ok(Exit::Done)
}

fn print(content: &Content, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "afterpatch {}: {}\n", env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_LICENSE"))?;
    writeln!(to, "Rules, by licence and author:")?;
    for ((license, author), count) in authors(content) {
        writeln!(to, "  {license}  {author}  ({count})")?;
    }
    writeln!(to, "\nLibraries:")?;
    for line in THIRD_PARTY.lines() {
        writeln!(to, "  {}", line.replace('\t', "  "))?;
    }
    Ok(())
}

fn authors(content: &Content) -> BTreeMap<(&str, &str), usize> {
    let mut counts = BTreeMap::new();
    for rule in content.rules() {
        let license = if rule.license.is_empty() { "no licence named" } else { &rule.license };
        *counts.entry((license, rule.author.as_str())).or_default() += 1;
    }
    counts
}
