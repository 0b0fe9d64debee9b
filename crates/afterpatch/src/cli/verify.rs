//! `verify`: what became of the plan of one case, by a later case of the same servers.

use super::{Outcome, case};
use crate::args::{Verify, VerifyFormat};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_detect::{Content, prepare};
use afterpatch_judge::verify::{Asked, Compared, Facts, Places, verify};
use afterpatch_model::{CaseResult, Completion};
use afterpatch_report::verify::{lines, markdown};
use std::path::Path;

/// Compares the two cases and prints what came of it.
pub(super) fn run(args: &Verify, out: &Out) -> Outcome {
    let before = case::result(&args.before)?;
    let after = case::result(&args.after)?;
    let asked = Asked::by(&before);
    let (content, _) = Content::load(&[]);
    let (facts_before, _) = facts(&args.before, &asked, &content)?;
    let (facts, places) = facts(&args.after, &asked, &content)?;
    let result = verify(Compared {
        version: env!("CARGO_PKG_VERSION"),
        before: &before,
        facts_before: &facts_before,
        after: &after,
        facts: &facts,
        places: &places,
    });
    match args.format {
        VerifyFormat::Terminal => out.print(&lines(&result, out.texts()?, out.width(), out.color()))?,
        VerifyFormat::Markdown => {
            out.print(&markdown(&result, out.texts()?).map_err(CommandError::user)?)?;
        }
        VerifyFormat::Json => out.print_json(&result)?,
    }
    say_unequal(&before, &after, out);
    Ok(exit_of(result.completion))
}

fn facts(folder: &Path, asked: &Asked, content: &Content) -> Result<(Facts, Places), CommandError> {
    let case = case::open(folder)?;
    let places =
        case.artifacts().into_iter().map(|line| (line.artifact.id, line.artifact.container_path.to_string()));
    let places: Places = places.collect();
    let session = case.session()?;
    prepare(&session, content)?;
    let facts = Facts::gather(&session, &places, asked)?;
    Ok((facts, places))
}

/// Two cases that have no server in common are hardly what was meant.
fn say_unequal(before: &CaseResult, after: &CaseResult, out: &Out) {
    let has = |name| after.servers.iter().any(|one| one.server.name == name);
    if !before.servers.iter().any(|one| has(one.server.name.clone())) {
        out.warn(&out.sentence("talk-no-common-server", &[]));
    }
}

fn exit_of(completion: Completion) -> Exit {
    match completion {
        Completion::Done => Exit::Done,
        Completion::NotDone => Exit::NotAllDone,
        Completion::CannotTell => Exit::CannotTell,
    }
}
