//! Problems as rows: stored beside the facts, in parts that the ledger names as it names those of facts.

use crate::error::StoreError;
use afterpatch_model::{ArtifactId, Batch, Column, ColumnKind, Problem, ProblemCode, Table};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use std::sync::Arc;

/// The table `problems`: what could not be read or trusted.
pub static PROBLEMS: Table = Table::new(
    "problems",
    "What could not be read or trusted.",
    &[
        Column::new("code", ColumnKind::Text, "The kind of problem, such as P0103"),
        Column::new("title", ColumnKind::Text, "The kind in words"),
        Column::new("place", ColumnKind::Text, "The path in the collection, or the collection itself"),
        Column::new("artifact", ColumnKind::Text, "The artifact, where there is one"),
        Column::new("record", ColumnKind::Int, "The record within it, where there is one"),
        Column::new("lost", ColumnKind::Bool, "Whether a record was lost by it"),
        Column::new("detail", ColumnKind::Text, "What exactly, in one line"),
    ],
);

/// Returns the problems as rows of [`PROBLEMS`].
pub(crate) fn to_batch(problems: &[Problem]) -> Result<Batch, StoreError> {
    let text = |pick: fn(&Problem) -> Option<&str>| -> ArrayRef {
        Arc::new(problems.iter().map(pick).collect::<StringArray>())
    };
    let records = problems.iter().map(|problem| problem.record.and_then(|record| i64::try_from(record).ok()));
    let columns = vec![
        text(|problem| Some(problem.code.code())),
        text(|problem| Some(problem.code.title())),
        text(|problem| Some(&problem.place)),
        text(|problem| problem.artifact.as_ref().map(ArtifactId::as_str)),
        Arc::new(records.collect::<Int64Array>()),
        Arc::new(problems.iter().map(|problem| Some(problem.lost)).collect::<BooleanArray>()),
        text(|problem| Some(&problem.detail)),
    ];
    let rows = RecordBatch::try_new(PROBLEMS.schema(), columns).map_err(StoreError::rows(PROBLEMS.name))?;
    Ok(Batch { table: &PROBLEMS, rows })
}

/// Returns the problems that rows of [`PROBLEMS`] hold. A code that this version does not know is left out.
pub(crate) fn from_rows(rows: &RecordBatch) -> Vec<Problem> {
    let text = |name: &str, row: usize| {
        let column = rows.column_by_name(name)?.as_string_opt::<i32>()?;
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let record = |row: usize| {
        let column = rows.column_by_name("record")?.as_primitive_opt::<Int64Type>()?;
        column.is_valid(row).then(|| u64::try_from(column.value(row)).ok()).flatten()
    };
    let lost = |row: usize| {
        let column = rows.column_by_name("lost").and_then(|column| column.as_boolean_opt());
        column.is_some_and(|column| column.is_valid(row) && column.value(row))
    };
    let problem = |row: usize| {
        Some(Problem {
            code: code(&text("code", row)?)?,
            place: text("place", row).unwrap_or_default(),
            artifact: text("artifact", row).map(ArtifactId::new),
            record: record(row),
            lost: lost(row),
            detail: text("detail", row).unwrap_or_default(),
        })
    };
    (0..rows.num_rows()).filter_map(problem).collect()
}

fn code(text: &str) -> Option<ProblemCode> {
    ProblemCode::ALL.iter().copied().find(|code| code.code() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_come_back_as_they_went() {
        let problems = vec![
            Problem {
                code: ProblemCode::FieldCount,
                place: "a/b.log".into(),
                artifact: Some(ArtifactId::new("00ff")),
                record: Some(7),
                lost: true,
                detail: "14 of 15".into(),
            },
            Problem {
                code: ProblemCode::Unreadable,
                place: "c".into(),
                artifact: None,
                record: None,
                lost: false,
                detail: String::new(),
            },
        ];
        assert_eq!(from_rows(&to_batch(&problems).unwrap().rows), problems);
    }
}
