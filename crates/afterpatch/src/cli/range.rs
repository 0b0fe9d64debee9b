//! `range`: synthetic organisations with known truth.

use super::Outcome;
use crate::args::Range;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_range::SCENARIOS;

/// Lists the scenarios, or writes one.
pub(super) fn run(args: &Range, out: &Out) -> Outcome {
    if args.name == "list" {
        let lines: Vec<String> =
            SCENARIOS.iter().map(|scenario| format!("{:24} {}", scenario.name, scenario.doc)).collect();
        out.print(&lines.join("\n"))?;
        return Ok(Exit::Done);
    }
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == args.name).ok_or_else(|| {
        CommandError::usage(format!("no scenario is called {:?}", args.name))
            .hint("`afterpatch range list` names them")
    })?;
    let to = args.to.as_ref().ok_or_else(|| {
        CommandError::usage("where to write the collection is not given").hint("give --to DIR")
    })?;
    afterpatch_range::write(scenario, args.layout.into(), to)
        .map_err(|error| CommandError::user(format!("{}: {error}", to.display())))?;
    out.note(&format!("{}: {}", scenario.name, to.display()));
    Ok(Exit::Done)
}
