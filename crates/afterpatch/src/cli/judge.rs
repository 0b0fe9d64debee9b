//! `judge`: from what the rules meet to answers and plan.

use super::{Outcome, case, detect, opening};
use crate::args::Judge;
use crate::clock;
use crate::error::CommandError;
use crate::out::Out;
use afterpatch_detect::{Content, Detected};
use afterpatch_judge::Judged;
use afterpatch_model::{ArtifactLine, CaseResult};
use afterpatch_report::terminal;
use afterpatch_store::{Case, LedgerArtifact};
use serde_json::json;

/// Answers the questions anew and prints the answers.
pub(super) fn run(args: &Judge, out: &Out) -> Outcome {
    let mut case = case::open(&args.case.case)?;
    opening::apply(&args.opening, &mut case)?;
    let content = case::content(&args.rules, out)?;
    let detected = detect::detect(&case, &content, out)?;
    let result = judge(&case, &content, detected)?;
    case.record_run("judge", &json!({"time": clock::now(), "content": content.digest()}))?;
    out.print(&terminal::summary(&result, out.texts()?, out.width(), out.color()))?;
    Ok(case::exit_of(&result, &args.fail_on))
}

/// Answers the questions and keeps the result in the case.
pub(super) fn judge(case: &Case, content: &Content, detected: Detected) -> Result<CaseResult, CommandError> {
    let result = afterpatch_judge::judge(Judged {
        version: env!("CARGO_PKG_VERSION"),
        organisation: case.organisation(),
        servers: case.servers(),
        coverage: case.coverage(),
        counts: case.counts(),
        problems: case.problems()?,
        artifacts: case.artifacts().into_iter().map(artifact_line).collect(),
        content,
        detected,
    });
    case.write_result(&result)?;
    Ok(result)
}

fn artifact_line(line: LedgerArtifact) -> ArtifactLine {
    let artifact = line.artifact;
    ArtifactLine {
        place: artifact.container_path.to_string(),
        path: artifact.path,
        server: artifact.server.map(|server| server.to_string()),
        size_bytes: artifact.size_bytes,
        sha256: artifact.sha256,
        parser: line.parser,
        tally: line.tally,
    }
}
