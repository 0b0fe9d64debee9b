//! `timeline`: what happened, in order of time: what the findings rest upon, every fact, or a summary.

mod evidence;
mod refusals;

use super::{Outcome, case, ingest, query, report};
use crate::args::{RowFormat, Timeline, TimelineFormat, TimelineOf};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use afterpatch_model::{CaseResult, Grade, Level, Question, TimelineEntry};
use afterpatch_report::terminal;
use afterpatch_store::{Case, Session};
use std::path::Path;

/// Prints the timeline of a case, or of evidence, or writes it to a file.
pub(super) fn run(args: &Timeline, out: &Out) -> Outcome {
    refusals::check(args)?;
    match (&args.case, sql(args)) {
        (None, Some(sql)) => return of_evidence(args, &sql, out),
        (Some(case), Some(sql)) => of_rows(args, &case::open(case)?.session()?, &sql, out)?,
        (Some(case), None) => of_findings(args, case, out)?,
        (None, None) => {
            let error = CommandError::usage("findings are those of a case");
            let hint = "`investigate COLLECTION --case DIR` makes one; without a case there are `--of hits` and `--of facts`";
            return Err(error.hint(hint));
        }
    }
    Ok(Exit::Done)
}

/// Returns what the timeline is of.
fn of(args: &Timeline) -> TimelineOf {
    let usual = if args.collections.is_empty() { TimelineOf::Findings } else { TimelineOf::Hits };
    args.of.unwrap_or(usual)
}

/// Returns the question that gives the rows; none where they are those of the judged result.
fn sql(args: &Timeline) -> Option<String> {
    Some(match of(args) {
        TimelineOf::Findings => return None,
        TimelineOf::Hits => hits(args),
        TimelineOf::Facts => facts(args),
        TimelineOf::Logons => summary(include_str!("timeline/logons.sql"), args),
        TimelineOf::Commands => summary(include_str!("timeline/commands.sql"), args),
    })
}

fn of_evidence(args: &Timeline, sql: &str, out: &Out) -> Outcome {
    let folder = case::passing_folder()?;
    for place in args.output.as_deref().into_iter().chain([folder.path()]) {
        Case::check_place(place, &args.collections)?;
    }
    let (session, summary) = evidence::read(args, of(args) == TimelineOf::Hits, folder.path(), out)?;
    of_rows(args, &session, sql, out)?;
    Ok(ingest::exit_of(&summary))
}

fn of_findings(args: &Timeline, case: &Path, out: &Out) -> Result<(), CommandError> {
    let mut result = case::result(case)?;
    result.timeline.retain(|entry| is_picked(entry, args));
    let exporter = match args.format {
        TimelineFormat::Table => return lines(&result, args.output.as_deref(), out),
        TimelineFormat::Csv => "timeline-csv",
        TimelineFormat::Jsonl => "timeline-jsonl",
        TimelineFormat::Timesketch => "timesketch",
        TimelineFormat::Parquet => {
            let error = CommandError::usage("the findings' timeline is not written as Parquet");
            return Err(error.hint("`timeline --of facts --format parquet -o FILE` writes every fact"));
        }
    };
    match &args.output {
        Some(path) => report::export_to(exporter, &result, out.texts()?, path),
        None => report::export(exporter, &result, out),
    }
}

fn lines(result: &CaseResult, path: Option<&Path>, out: &Out) -> Result<(), CommandError> {
    let width = out.width();
    let Some(path) = path else {
        return out.print(&terminal::timeline_lines(result, out.texts()?, width, out.color()));
    };
    let text = terminal::timeline_lines(result, out.texts()?, width, false);
    report::create(path, |to| to.write_all(text.as_bytes()))
}

fn is_picked(entry: &TimelineEntry, args: &Timeline) -> bool {
    let is_of = |question: Question| args.question.is_none_or(|number| question.number() == number);
    let named = |wanted: &[String], name: &str| {
        wanted.is_empty() || wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    named(&args.servers, &entry.server)
        && named(&args.rule, entry.rule.as_str())
        && args.from.is_none_or(|from| entry.time >= from)
        && args.until.is_none_or(|until| entry.time < until)
        && args.grade.map(Grade::from).is_none_or(|least| entry.grade >= least)
        && is_of(entry.question)
}

/// Returns the question that gives every fact, in order of time.
///
/// Sorting goes to disk where the facts are more than the session may hold.
fn facts(args: &Timeline) -> String {
    let (all, picked) = (include_str!("timeline/facts.sql"), picked(args));
    let columns = match args.format {
        // The names that Timesketch asks for.
        TimelineFormat::Timesketch => {
            r#"what AS message, time AS datetime, "table" AS timestamp_desc, server, "user", src_ip, source, artifact, record"#
        }
        _ => r#"time, server, "table", what, "user", src_ip, source, artifact, record"#,
    };
    format!("SELECT {columns} FROM ({all}) WHERE {picked} ORDER BY time, server, \"table\", artifact, record")
}

/// Returns the question that gives every hit of every rule, in order of time.
fn hits(args: &Timeline) -> String {
    let all = include_str!("timeline/hits.sql").replace("{facts}", include_str!("timeline/facts.sql"));
    let columns = match args.format {
        TimelineFormat::Timesketch => {
            "concat_ws(': ', title, what) AS message, time AS datetime, 'rule met' AS timestamp_desc, server, level, rule, engine, \
             author, license, grade, subject, artifact, record"
        }
        _ => "*",
    };
    let mut conditions = vec![picked(args)];
    let listed = |column: &str, names: &mut dyn Iterator<Item = String>| {
        format!("{column} IN ({})", names.map(|name| quoted(&name)).collect::<Vec<_>>().join(", "))
    };
    if !args.rule.is_empty() {
        conditions.push(listed("lower(rule)", &mut args.rule.iter().map(|rule| rule.to_lowercase())));
    }
    if let Some(least) = args.rules.pick.level.map(Level::from) {
        let levels = Level::ALL.into_iter().filter(|level| *level >= least);
        conditions.push(listed("level", &mut levels.map(|level| level.name().to_owned())));
    }
    if let Some(least) = args.grade.map(Grade::from) {
        let grades = Grade::ALL.into_iter().filter(|grade| *grade >= least);
        conditions.push(listed("grade", &mut grades.map(|grade| grade.name().to_owned())));
    }
    let conditions = conditions.join(" AND ");
    format!(
        "SELECT {columns} FROM ({all}) WHERE {conditions}
         ORDER BY time NULLS FIRST, server, rule, artifact, record, subject, grade"
    )
}

fn summary(sql: &str, args: &Timeline) -> String {
    sql.replace("{picked}", &picked(args))
}

/// Returns the condition on `server` and `time` that the arguments name.
fn picked(args: &Timeline) -> String {
    let mut conditions = vec!["TRUE".to_owned()];
    if !args.servers.is_empty() {
        let names: Vec<String> = args.servers.iter().map(|name| quoted(&name.to_uppercase())).collect();
        conditions.push(format!("upper(server) IN ({})", names.join(", ")));
    }
    conditions.extend(args.from.map(|from| format!("time >= TIMESTAMP '{from}'")));
    conditions.extend(args.until.map(|until| format!("time < TIMESTAMP '{until}'")));
    conditions.join(" AND ")
}

/// Returns a text as SQL spells it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn of_rows(args: &Timeline, session: &Session, sql: &str, out: &Out) -> Result<(), CommandError> {
    let format = match args.format {
        TimelineFormat::Table => RowFormat::Table,
        TimelineFormat::Csv => RowFormat::Csv,
        TimelineFormat::Jsonl | TimelineFormat::Timesketch => RowFormat::Jsonl,
        TimelineFormat::Parquet => return parquet(session, sql, args.output.as_deref()),
    };
    match &args.output {
        Some(path) => report::create(path, |to| {
            query::print(session, sql, format, to)
                .map_err(|error| std::io::Error::other(error.lines().join(": ")))
        }),
        None => out.data(|to| query::print(session, sql, format, to)),
    }
}

fn parquet(session: &Session, sql: &str, path: Option<&Path>) -> Result<(), CommandError> {
    let Some(path) = path else {
        let error = CommandError::usage("Parquet is not for a terminal");
        return Err(error.hint("name a file with `-o FILE`"));
    };
    Ok(session.write_parquet(sql, path)?)
}
