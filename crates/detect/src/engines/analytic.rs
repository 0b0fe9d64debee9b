//! Analytics: SQL over the fact tables, so that one rule can join logs of different kinds.

use super::{Gathered, Hit, Ran, RuleEngine, Scope, rule_problem};
use crate::rule::{Body, Rule};
use afterpatch_model::{ArtifactId, Grade, Locator, Problem, ProblemCode, Timestamp};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The engine that runs analytics.
#[derive(Debug)]
pub(crate) struct Analytics;

/// Columns that have a place of their own in a hit; every other column is shown as a field.
const PLACED: [&str; 6] = ["time", "server", "artifact", "record", "subject", "grade"];

impl RuleEngine for Analytics {
    fn run(&self, scope: &Scope<'_>, rules: &[&Rule]) -> Ran {
        // Planning a query takes one thread, and often longer than running it: the rules go beside one another.
        let ran: Vec<_> = rules.par_iter().filter_map(|rule| run(scope, rule)).collect();
        let mut gathered = Gathered::default();
        let mut problems = Vec::new();
        for (own, failed) in ran {
            gathered.merge(own);
            problems.extend(failed);
        }
        Ran { detections: gathered.finish(), problems, ..Ran::default() }
    }
}

/// Runs one rule, if it is an analytic: what it met, and why it failed if it did.
fn run(scope: &Scope<'_>, rule: &Rule) -> Option<(Gathered, Option<Problem>)> {
    let Body::Sql(sql) = &rule.body else { return None };
    let mut gathered = Gathered::with(scope.hits);
    let mut gather = |batch: &RecordBatch| {
        for hit in hits(batch) {
            gathered.add(rule, &hit);
        }
    };
    let ran = scope.session.stream(sql, &mut gather);
    scope.progress.advance(1);
    let failed = ran.err().map(|error| rule_problem(ProblemCode::RuleFailed, &rule.origin, &error));
    Some((gathered, failed))
}

/// Reads the rows of a result as hits.
fn hits(batch: &RecordBatch) -> Vec<Hit> {
    let columns = Columns::of(batch);
    (0..batch.num_rows()).map(|row| columns.hit(row)).collect()
}

/// The columns of one batch, brought to the types that a hit needs.
struct Columns {
    times: Option<arrow_array::ArrayRef>,
    records: Option<arrow_array::ArrayRef>,
    texts: BTreeMap<String, arrow_array::ArrayRef>,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Self {
        let typed = |name: &str, kind: &DataType| {
            batch.column_by_name(name).and_then(|column| cast(column, kind).ok())
        };
        let moment = DataType::Timestamp(datafusion::arrow::datatypes::TimeUnit::Nanosecond, None);
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        let texts = names
            .filter(|name| name != "time" && name != "record")
            .filter_map(|name| batch.column_by_name(&name).map(|column| (name, as_text(column))))
            .collect();
        Self { times: typed("time", &moment), records: typed("record", &DataType::Int64), texts }
    }

    fn text(&self, name: &str, row: usize) -> Option<String> {
        let column = self.texts.get(name)?.as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned()).filter(|text| !text.is_empty())
    }

    fn time(&self, row: usize) -> Option<Timestamp> {
        let column = self.times.as_ref()?.as_primitive::<TimestampNanosecondType>();
        column.is_valid(row).then(|| Timestamp::from_nanos(column.value(row)))
    }

    fn record(&self, row: usize) -> u64 {
        let column = self.records.as_ref().map(AsArray::as_primitive::<Int64Type>);
        column
            .filter(|column| column.is_valid(row))
            .map_or(0, |column| u64::try_from(column.value(row)).unwrap_or(0))
    }

    fn hit(&self, row: usize) -> Hit {
        let shown = self.texts.keys().filter(|name| !PLACED.contains(&name.as_str()));
        let fields = shown.filter_map(|name| Some((name.clone(), self.text(name, row)?))).collect();
        Hit {
            server: self.text("server", row).unwrap_or_else(|| "-".to_owned()),
            subject: self.text("subject", row).unwrap_or_default(),
            grade: self.text("grade", row).and_then(|word| grade(&word)),
            time: self.time(row),
            locator: Locator {
                artifact: ArtifactId::new(self.text("artifact", row).unwrap_or_default()),
                record: self.record(row),
            },
            fields,
            reasons: Vec::new(),
        }
    }
}

/// Brings any column to text; what has no text becomes null.
fn as_text(column: &arrow_array::ArrayRef) -> arrow_array::ArrayRef {
    if let Ok(text) = cast(column, &DataType::Utf8) {
        return text;
    }
    let options = FormatOptions::default();
    let texts: arrow_array::StringArray = match ArrayFormatter::try_new(column.as_ref(), &options) {
        Ok(formatter) => (0..column.len())
            .map(|row| column.is_valid(row).then(|| formatter.value(row).to_string()))
            .collect(),
        Err(_) => (0..column.len()).map(|_| None::<String>).collect(),
    };
    std::sync::Arc::new(texts)
}

/// Reads a grade by its word.
pub(crate) fn grade(word: &str) -> Option<Grade> {
    [Grade::Attempted, Grade::Reached, Grade::Executed, Grade::Persists]
        .into_iter()
        .find(|grade| grade.name() == word)
}
