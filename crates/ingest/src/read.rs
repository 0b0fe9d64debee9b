//! From one entry of a collection to facts: choose the parser, read, account.

use crate::helpers::Helpers;
use crate::input::{Evidence, Limits, head, problem_code};
use crate::parsers::{Fit, Grain, PARSERS, Parser};
use afterpatch_model::tables::File;
use afterpatch_model::{Artifact, Batch, Problem, ProblemCode, Rows, RowsContext, Tally, path_key};
use jiff::tz::TimeZone;

/// The source of the rows that stand for files in served folders.
pub const SERVED_FILES: &str = "served-files";

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
    /// Threads that may read pieces of it; the rows do not depend on them.
    pub helpers: Option<&'a Helpers<'a>>,
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
    let Known { organisation, zone, helpers } = known;
    let context = |source| RowsContext { artifact, source, organisation, zone };
    let head = match head(input, HEAD_BYTES) {
        Ok(head) => head,
        Err(error) => return unreadable(context(SERVED_FILES), &error, sink),
    };
    let served = served_folder(&artifact.path);
    let parser = choose_parser(&artifact.path, &head);
    let mut read = match (parser, served) {
        (Some(parser), _) => parse(parser, helpers, context(parser.name()), input, limits, sink),
        (None, Some(_)) => return served_file(context(SERVED_FILES), served, sink),
        (None, None) => not_understood(context(""), sink),
    };
    if served.is_some() {
        read.tally.derived = read.tally.derived.saturating_add(1);
        served_file(context(SERVED_FILES), served, sink);
    }
    read
}

fn parse(
    parser: &dyn Parser,
    helpers: Option<&Helpers<'_>>,
    context: RowsContext<'_>,
    input: &mut dyn Evidence,
    limits: &Limits,
    sink: &mut dyn FnMut(Batch),
) -> ReadArtifact {
    let artifact = context.artifact;
    let mut rows = Rows::new(context, sink);
    match helpers {
        Some(helpers) => parser.parse_with(helpers, artifact, input, limits, &mut rows),
        None => parser.parse(artifact, input, limits, &mut rows),
    }
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

fn served_file(context: RowsContext<'_>, folder: Option<&str>, sink: &mut dyn FnMut(Batch)) -> ReadArtifact {
    let artifact = context.artifact;
    let mut rows = Rows::new(context, sink);
    rows.fact(&File {
        time: artifact.modified,
        path: Some(&artifact.path),
        size_bytes: i64::try_from(artifact.size_bytes).ok(),
        created: artifact.created,
        sha256: Some(&artifact.sha256),
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

/// Folders out of which the web server serves code, as they stand in a path's key, and the scope that each is.
static SERVED: &[(&str, &str)] = &[
    ("/inetpub/wwwroot/", "wwwroot"),
    ("/frontend/httpproxy/", "frontend"),
    ("/clientaccess/", "clientaccess"),
    ("/temporary asp.net files/", "temporary asp.net files"),
];

/// Returns the served folder that a path on the server lies in.
pub fn served_folder(path: &str) -> Option<&'static str> {
    let key = path_key(path);
    let folder = SERVED.iter().find(|(folder, _)| key.contains(folder));
    folder.map(|(_, scope)| *scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn served_folders_are_known_on_any_drive_and_in_any_case() {
        let cases = [
            (r"C:\inetpub\wwwroot\aspnet_client\a.aspx", Some("wwwroot")),
            (r"E:\EX\FrontEnd\HttpProxy\owa\auth\a.aspx", Some("frontend")),
            (r"e:\ex\clientaccess\ecp\a.aspx", Some("clientaccess")),
            (r"inetpub\wwwroot\web.config", Some("wwwroot")),
            (r"E:\EX\Logging\HttpProxy\Ecp\a.log", None),
            (r"C:\inetpub\logs\LogFiles\W3SVC1\a.log", None),
            (r"E:\EX\Logging\MAPI Client Access\a.log", None),
        ];
        for (path, expected) in cases {
            assert_eq!(served_folder(path), expected, "{path}");
        }
    }
}
