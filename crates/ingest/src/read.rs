//! From one entry of a collection to facts: choose the parser, read, account.

use crate::aid::Aid;
use crate::directives::code_behind;
use crate::input::{Evidence, Limits, head, problem_code};
use crate::parsers::{Fit, Grain, PARSERS, Parser};
use crate::served::{OF_EVERY_SERVER, SERVED_FILES, Served};
use afterpatch_model::tables::File;
use afterpatch_model::{Artifact, Batch, CollectionId, Problem, ProblemCode, Rows, RowsContext, Tally};
use jiff::tz::TimeZone;

/// How much of a file the parsers see before one of them is chosen.
pub(crate) const HEAD_BYTES: usize = 4096;

/// What became of one artifact.
#[derive(Debug, Clone)]
pub struct ReadArtifact {
    /// The parser that read it, or [`SERVED_FILES`] where it is a fact as a file only.
    pub parser: Option<&'static str>,
    /// What became of its records.
    pub tally: Tally,
    /// What could not be read or trusted.
    pub problems: Vec<Problem>,
    /// What within the kind it covers; see [`Parser::scope`].
    pub scope: String,
    /// How its kind is cut by the clock; none for kinds that cover no time.
    pub grain: Option<Grain>,
    /// The zone by which times were read that say none: as it was given, or `assumed UTC`.
    pub zone: Option<String>,
}

/// What there is beforehand to read an artifact with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The organisation of the case.
    pub organisation: Option<&'a str>,
    /// The zone of the server's clock.
    pub zone: Option<&'a TimeZone>,
    /// The folders that the server serves code from, where more is known of them than of every server's.
    pub served: Option<&'a Served>,
    /// What helps the parser.
    pub aid: Aid<'a>,
}

/// Returns the parser that is surest of a file, from its path and its first 4 KiB; none where all decline.
pub fn choose_parser(path: &str, head: &[u8]) -> Option<&'static dyn Parser> {
    let mut best: Option<(Fit, &'static dyn Parser)> = None;
    for parser in PARSERS {
        let fit = parser.fits(path, head);
        if fit > best.map_or(Fit::No, |(fit, _)| fit) {
            best = Some((fit, *parser));
        }
        // None can be surer, and of equals the first reads: most files of a server are settled by the first few.
        if fit == Fit::Sure {
            break;
        }
    }
    best.map(|(_, parser)| parser)
}

/// Reads one artifact into batches of rows.
///
/// A file in a folder that the web server serves is a row of `files` besides: what lies there can be run from outside.
pub fn read_artifact(
    artifact: &Artifact,
    input: &mut dyn Evidence,
    known: Known<'_>,
    limits: &Limits,
    sink: &mut dyn FnMut(Batch),
) -> ReadArtifact {
    let Known { organisation, zone, served, aid } = known;
    let context = |source| RowsContext { artifact, source, organisation, zone };
    let head = match head(input, HEAD_BYTES) {
        Ok(head) => head,
        Err(error) => return unreadable(context(SERVED_FILES), &error, sink),
    };
    let folder = served.unwrap_or(&OF_EVERY_SERVER).folder_of(&artifact.path);
    let served = folder.map(|folder| folder.scope);
    let parser = choose_parser(&artifact.path, &head);
    let mut read = match (parser, served) {
        (Some(parser), _) => parse(parser, aid, context(parser.name()), input, limits, sink),
        (None, Some(_)) => return served_file(context(SERVED_FILES), served, &head, sink),
        (None, None) => not_understood(context(""), sink),
    };
    if served.is_some() {
        read.tally.derived = read.tally.derived.saturating_add(1);
        served_file(context(SERVED_FILES), served, &head, sink);
    }
    read
}

/// Parses a file for what it says of its server, before it is an artifact: `each` gets the rows, and no problem is told.
/// A file of many servers says nothing of the one that it came from.
pub(crate) fn look_into(path: &str, input: &mut dyn Evidence, limits: &Limits, each: &mut dyn FnMut(&Batch)) {
    let start = head(input, HEAD_BYTES).unwrap_or_default();
    let Some(parser) = choose_parser(path, &start).filter(|parser| !parser.names_servers()) else {
        return;
    };
    let artifact = nameless(path);
    let mut sink = |batch: Batch| each(&batch);
    let context = RowsContext { artifact: &artifact, source: parser.name(), organisation: None, zone: None };
    let mut rows = Rows::new(context, &mut sink);
    parser.parse(&artifact, input, limits, &mut rows);
    rows.finish();
}

/// Stands for an artifact of which the server is not known yet, so that only records name one.
fn nameless(path: &str) -> Artifact {
    Artifact {
        id: Artifact::derive_id(None, path, ""),
        collection: CollectionId::new(""),
        path: path.to_owned(),
        container_path: path.into(),
        size_bytes: 0,
        modified: None,
        created: None,
        sha256: String::new(),
        server: None,
    }
}

fn parse(
    parser: &dyn Parser,
    aid: Aid<'_>,
    context: RowsContext<'_>,
    input: &mut dyn Evidence,
    limits: &Limits,
    sink: &mut dyn FnMut(Batch),
) -> ReadArtifact {
    let artifact = context.artifact;
    let mut rows = Rows::new(context, sink);
    parser.parse_with(aid, artifact, input, limits, &mut rows);
    // The hash is taken of the whole, and so may the next reader want it.
    if let Err(error) = input.rewind() {
        rows.remark(problem_code(&error), None, error.to_string());
    }
    let zone = rows.zone_used();
    let (tally, problems) = rows.finish();
    ReadArtifact {
        parser: Some(parser.name()),
        tally,
        problems,
        scope: parser.scope(artifact),
        grain: Some(parser.grain()).filter(|grain| *grain != Grain::State),
        zone,
    }
}

/// What lies in a served folder is a row, with what a page says of the code behind it.
fn served_file(
    context: RowsContext<'_>,
    folder: Option<&str>,
    head: &[u8],
    sink: &mut dyn FnMut(Batch),
) -> ReadArtifact {
    let artifact = context.artifact;
    let rest = code_behind(head).map(|names| serde_json::json!({ "code_behind": names }).to_string());
    let mut rows = Rows::new(context, sink);
    rows.fact(&File {
        time: artifact.modified,
        path: Some(&artifact.path),
        size_bytes: i64::try_from(artifact.size_bytes).ok(),
        created: artifact.created,
        sha256: Some(&artifact.sha256),
        rest: rest.as_deref(),
        ..File::default()
    });
    let (tally, problems) = rows.finish();
    ReadArtifact {
        parser: Some(SERVED_FILES),
        tally,
        problems,
        scope: folder.unwrap_or_default().to_owned(),
        grain: None,
        zone: None,
    }
}

fn not_understood(context: RowsContext<'_>, sink: &mut dyn FnMut(Batch)) -> ReadArtifact {
    let detail = if context.artifact.size_bytes == 0 { "empty" } else { "" };
    without_parser(context, (ProblemCode::NotUnderstood, detail.to_owned()), sink)
}

fn unreadable(context: RowsContext<'_>, error: &std::io::Error, sink: &mut dyn FnMut(Batch)) -> ReadArtifact {
    without_parser(context, (problem_code(error), error.to_string()), sink)
}

fn without_parser(
    context: RowsContext<'_>,
    (code, detail): (ProblemCode, String),
    sink: &mut dyn FnMut(Batch),
) -> ReadArtifact {
    let mut rows = Rows::new(context, sink);
    rows.remark(code, None, detail);
    let (tally, problems) = rows.finish();
    ReadArtifact { parser: None, tally, problems, scope: String::new(), grain: None, zone: None }
}
