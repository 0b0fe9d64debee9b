//! `knowledge`: what is known of a flaw or a build, and whether the files of knowledge are in order.

use super::{Outcome, case};
use crate::args::{KnowledgeCheck, KnowledgeShow};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_detect::{Content, ContentSources, Flaw, Knowledge};
use afterpatch_model::{Build, Problem, Timestamp};
use serde_json::{Value, json};
use std::path::Path;

/// Holds the files of knowledge to their format and against each other.
pub(super) fn check(args: &KnowledgeCheck, out: &Out) -> Outcome {
    case::require_folder(args.folder.as_deref(), "knowledge")?;
    let (content, problems) = load(args.folder.as_deref());
    for problem in &problems {
        out.warn(&problem.to_string());
    }
    let knowledge = content.knowledge();
    out.note(&format!(
        "{} builds, {} flaws, {} problems",
        knowledge.builds().count(),
        knowledge.flaws().len(),
        problems.len()
    ));
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Failed })
}

/// Shows what is known of a flaw or of a build.
pub(super) fn show(args: &KnowledgeShow, out: &Out) -> Outcome {
    case::require_folder(args.knowledge.as_deref(), "knowledge")?;
    let (content, problems) = load(args.knowledge.as_deref());
    case::warn_all(&problems, out);
    let knowledge = content.knowledge();
    let (columns, rows) = match (knowledge.flaw(&args.what), args.what.parse::<Build>()) {
        (Some(flaw), _) => (&["what", "value"][..], of_flaw(flaw, knowledge)),
        (None, Ok(build)) => {
            (&["flaw", "family", "release", "standing", "fixed_by", "needs"][..], of_build(build, knowledge))
        }
        (None, Err(_)) => {
            let error = CommandError::user(format!("{}: neither a known flaw nor a build", args.what));
            return Err(error.hint("name a flaw such as CVE-2021-26855, or a build such as 15.1.2106.13"));
        }
    };
    out.rows(args.format, columns.iter().copied(), rows)?;
    Ok(Exit::Done)
}

fn of_flaw(flaw: &Flaw, knowledge: &Knowledge) -> Vec<Vec<Value>> {
    let day = |time: Option<Timestamp>| time.map(Timestamp::day);
    let score = flaw
        .score
        .as_ref()
        .map(|score| format!("{} (CVSS {}, {})", score.value, score.version, score.source));
    let used = flaw.exploited.as_ref();
    let mut rows = vec![
        ("cve", Some(flaw.cve.clone())),
        ("family", flaw.family.clone()),
        ("summary", Some(flaw.summary.clone())),
        ("score", score),
        ("release", flaw.release.clone()),
        ("fixed_on", day(flaw.fixed_on)),
        ("products", Some(flaw.products.join(" "))),
        ("used_from", used.map(|used| used.from.day())),
        ("used_until", used.and_then(|used| day(used.until))),
        ("used_source", used.map(|used| used.source.clone())),
        ("sources", Some(flaw.sources.join(" "))),
    ];
    let needs = flaw.needs.iter().filter_map(|id| knowledge.need(id));
    rows.extend(needs.map(|need| ("needs", Some(format!("{}: {}", need.id, need.what)))));
    let mitigations = knowledge.mitigations(&flaw.cve);
    let told = |one: &afterpatch_detect::MitigationKind| {
        format!("{}: {}; leaves open: {}", one.id, one.what, one.limits)
    };
    rows.extend(mitigations.map(|one| ("mitigation", Some(told(one)))));
    let fixed = |build: &Build| {
        let name = knowledge
            .build(*build)
            .map_or(String::new(), |known| format!(" ({} {})", known.product, known.label));
        ("fixed_in", Some(format!("{build}{name}")))
    };
    rows.extend(flaw.fixes().iter().map(fixed));
    rows.into_iter().filter_map(|(what, value)| Some(vec![json!(what), json!(value?)])).collect()
}

fn of_build(build: Build, knowledge: &Knowledge) -> Vec<Vec<Value>> {
    let row = |flaw: &Flaw| {
        let fixed_by: Vec<String> = flaw.fixed_by(build).iter().map(ToString::to_string).collect();
        vec![
            json!(flaw.cve),
            json!(flaw.family),
            json!(flaw.release),
            json!(flaw.standing(build).name()),
            json!(fixed_by.join(" ")),
            json!(flaw.needs.join(" ")),
        ]
    };
    knowledge.flaws().iter().map(row).collect()
}

/// Loads our content, with the files of knowledge of a folder in place of ours.
fn load(knowledge: Option<&Path>) -> (Content, Vec<Problem>) {
    Content::load_from(&ContentSources { knowledge, ..ContentSources::default() })
}
