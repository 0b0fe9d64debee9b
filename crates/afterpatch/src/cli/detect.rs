//! `detect`: the rules over the facts.

use super::{Outcome, case, opening};
use crate::args::Detect;
use crate::clock;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_detect::{Content, Detected};
use afterpatch_store::Case;
use serde_json::json;

/// Runs the rules and says what they met.
pub(super) fn run(args: &Detect, out: &Out) -> Outcome {
    let mut case = case::open(&args.case.case)?;
    opening::apply(&args.opening, &mut case)?;
    let content = case::content(&args.rules, out)?;
    let detected = detect(&case, &content, out)?;
    case.record_run("detect", &json!({"time": clock::now(), "content": content.digest()}))?;
    let (detections, findings) = (detected.detections.len().to_string(), detected.findings.len().to_string());
    let args = [("detections", detections.as_str()), ("findings", findings.as_str())];
    out.note(&out.sentence("talk-rules-met", &args));
    Ok(if case::are_unread(&detected.problems) { Exit::PartlyRead } else { Exit::Done })
}

/// Runs the rules over the facts of the case and keeps what they met.
pub(super) fn detect(case: &Case, content: &Content, out: &Out) -> Result<Detected, CommandError> {
    let session = case.session()?;
    let detected = afterpatch_detect::detect(case, &session, content, out.progress().as_ref())?;
    case.write_detections(&detected.detections)?;
    case::warn_all(&detected.problems, out);
    Ok(detected)
}
