//! What several commands do with a case: open it, read its result, say what could not be read.

use crate::args::{FailOn, RuleDirs, RulePick};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_detect::{Content, ContentSources, Picked};
use afterpatch_model::{CaseResult, Grade, Level, Problem, ProblemCode};
use afterpatch_store::Case;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The problems by which evidence as such could not be read: they make the exit code
/// [`Exit::PartlyRead`]. Others concern single records, or say what the collector itself left out.
const UNREAD: &[ProblemCode] = &[
    ProblemCode::Unreadable,
    ProblemCode::EmptyCollection,
    ProblemCode::Truncated,
    ProblemCode::Encrypted,
    ProblemCode::TooLarge,
    ProblemCode::Damaged,
    ProblemCode::NothingOfExchange,
    ProblemCode::EvidenceGone,
];

/// Opens a case that is there.
pub(super) fn open(dir: &Path) -> Result<Case, CommandError> {
    Ok(Case::open(dir)?)
}

/// Makes a folder for what is needed during a run only; it goes with the value.
pub(super) fn passing_folder() -> Result<TempDir, CommandError> {
    tempfile::tempdir().map_err(|error| CommandError::user(format!("no folder to work in: {error}")))
}

/// Reads the result of a case that was judged.
pub(super) fn result(dir: &Path) -> Result<CaseResult, CommandError> {
    let hint = format!("`afterpatch judge --case {}` answers the questions", dir.display());
    let case = open(dir)?;
    case.read_result().map_err(|error| CommandError::from(error).hint(hint))
}

/// Loads the rules in force; what cannot be loaded is said, and the others are in force.
pub(super) fn content(dirs: &RuleDirs, out: &Out) -> Result<Content, CommandError> {
    require(dirs)?;
    let (content, problems) = load(dirs);
    warn_all(&problems, out);
    Ok(content)
}

/// Fails where what was named as content is not there.
pub(super) fn require(dirs: &RuleDirs) -> Result<(), CommandError> {
    require_rules(&dirs.rules)?;
    require_folder(dirs.knowledge.as_deref(), "knowledge")
}

/// Loads our content and what was named beside it.
pub(super) fn load(dirs: &RuleDirs) -> (Content, Vec<Problem>) {
    let shelf = dirs.rules_cache.clone().or_else(user_cache);
    let picked = picked(&dirs.pick);
    Content::load_from(&ContentSources {
        rules: &dirs.rules,
        picked,
        knowledge: dirs.knowledge.as_deref(),
        shelf: shelf.as_deref(),
    })
}

/// Returns which rules were asked for.
pub(super) fn picked(pick: &RulePick) -> Picked<'_> {
    Picked { level: pick.level.map(Level::from), statuses: &pick.status, tags: &pick.tag }
}

/// Returns the folder of this program among those that the user's programs may fill and anyone may empty.
fn user_cache() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = if cfg!(windows) { named("LOCALAPPDATA") } else { named("XDG_CACHE_HOME") };
    let folder = folder.or_else(|| Some(named("HOME")?.join(".cache")))?;
    Some(folder.join("afterpatch").join("rules")).filter(|folder| folder.is_absolute())
}

/// Fails where a folder of rules that was named is not there: an analyst would take silence for "no match".
pub(super) fn require_rules(folders: &[PathBuf]) -> Result<(), CommandError> {
    let Some(absent) = folders.iter().find(|folder| !folder.exists()) else {
        return Ok(());
    };
    let error = CommandError::user(format!("{}: there are no such rules", absent.display()));
    Err(error.hint("--rules takes a folder, an archive or a file of analytics, Sigma or YARA rules"))
}

/// Fails where a folder that was named is not there.
pub(super) fn require_folder(folder: Option<&Path>, of: &str) -> Result<(), CommandError> {
    match folder.filter(|folder| !folder.is_dir()) {
        Some(absent) => {
            Err(CommandError::user(format!("{}: there is no such folder of {of}", absent.display())))
        }
        None => Ok(()),
    }
}

/// Says which problems there are: the first few one by one, the rest as a number.
pub(super) fn warn_all(problems: &[Problem], out: &Out) {
    const SHOWN: usize = 10;
    for problem in problems.iter().take(SHOWN) {
        out.warn(&problem.to_string());
    }
    if problems.len() > SHOWN {
        let count = (problems.len() - SHOWN).to_string();
        out.warn(&out.sentence("talk-more-problems", &[("count", &count)]));
    }
}

/// Tells whether one of the problems is that evidence could not be read.
pub(super) fn are_unread(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| UNREAD.contains(&problem.code))
}

/// Returns the exit code that a result comes to.
pub(super) fn exit_of(result: &CaseResult, fail_on: &FailOn) -> Exit {
    let grave = fail_on.fail_on.map(Grade::from);
    let met = grave.is_some_and(|grave| result.findings.iter().any(|finding| finding.grade >= grave));
    let unread = UNREAD.iter().any(|code| result.problems.contains_key(code.code()));
    match (met, unread) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::PartlyRead,
        (false, false) => Exit::Done,
    }
}
