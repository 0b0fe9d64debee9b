//! The rows of a batch by column, each column brought once to a type that is read without a look at its kind again.

use super::fact::clean;
use super::fields;
use afterpatch_model::{Timestamp, tables};
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use rsigma_eval::EventValue;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Rows of one fact table.
pub(super) struct FactRows {
    columns: Vec<(String, Column)>,
    /// The columns that rules know, with their names in rules.
    named: Vec<(usize, &'static [String])>,
    count: usize,
}

/// A column of a type that is read here.
#[derive(Debug)]
pub(super) enum Column {
    Text(StringArray),
    Int(Int64Array),
    Bool(BooleanArray),
    Time(TimestampNanosecondArray),
}

impl FactRows {
    /// Takes a batch of rows of the table `table`.
    pub(super) fn of(table: &str, batch: &RecordBatch) -> Self {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        let columns: Vec<_> = names
            .zip(batch.columns())
            .filter_map(|(name, column)| Some((name, Column::of(column)?)))
            .collect();
        // In the table's order and not the query's, for a later column's name takes the place of an earlier one's.
        let in_table = tables::by_name(table).map_or(&[][..], |table| table.columns).iter();
        let known = in_table
            .map(|column| (column.name, fields::names(table, column.name, "sigma")))
            .filter(|(_, names)| !names.is_empty())
            .filter_map(|(name, names)| Some((columns.iter().position(|(own, _)| own == name)?, names)))
            .collect();
        Self { columns, named: known, count: batch.num_rows() }
    }

    /// Returns how many rows there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Returns the columns that rules know, with their names in rules.
    pub(super) fn named(&self) -> impl Iterator<Item = (&Column, &'static [String])> {
        self.named.iter().filter_map(|(place, names)| Some((&self.columns.get(*place)?.1, *names)))
    }

    /// Returns the column of that name.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, column)| column)
    }

    /// Returns a text that is not empty.
    pub(super) fn text(&self, column: &str, row: usize) -> Option<&str> {
        self.column(column)?.text(row)
    }

    /// Returns a whole number.
    pub(super) fn int(&self, column: &str, row: usize) -> Option<i64> {
        self.column(column)?.int(row)
    }

    /// Returns a time.
    pub(super) fn time(&self, column: &str, row: usize) -> Option<Timestamp> {
        self.column(column)?.time(row)
    }

    /// Writes a value behind others, so that together they make a key.
    pub(super) fn write(&self, column: &str, row: usize, to: &mut String) {
        match self.column(column) {
            Some(column @ Column::Int(_)) => {
                let _ = write!(to, "{}", column.int(row).unwrap_or(-1));
            }
            Some(column) => to.push_str(column.text(row).unwrap_or_default()),
            None => {}
        }
        to.push('\0');
    }

    /// Returns a value of any kind as it is shown to people.
    pub(super) fn shown(&self, column: &str, row: usize) -> Option<String> {
        self.column(column)?.value(row)?.as_str().map(Cow::into_owned)
    }
}

impl Column {
    fn of(column: &ArrayRef) -> Option<Self> {
        Some(match column.data_type() {
            DataType::Int64 => Self::Int(column.as_primitive_opt()?.clone()),
            DataType::Boolean => Self::Bool(column.as_boolean_opt()?.clone()),
            DataType::Timestamp(..) => {
                let times = cast(column, &DataType::Timestamp(TimeUnit::Nanosecond, None)).ok()?;
                Self::Time(times.as_primitive_opt::<TimestampNanosecondType>()?.clone())
            }
            DataType::Utf8 => Self::Text(column.as_string_opt()?.clone()),
            _ => Self::Text(cast(column, &DataType::Utf8).ok()?.as_string_opt()?.clone()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Text(array) => array,
            Self::Int(array) => array,
            Self::Bool(array) => array,
            Self::Time(array) => array,
        }
    }

    fn has(&self, row: usize) -> bool {
        row < self.array().len() && self.array().is_valid(row)
    }

    /// Returns a text that is not empty.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        let Self::Text(texts) = self else { return None };
        self.has(row).then(|| texts.value(row)).filter(|text| !text.is_empty())
    }

    /// Returns a whole number.
    pub(super) fn int(&self, row: usize) -> Option<i64> {
        let Self::Int(numbers) = self else { return None };
        self.has(row).then(|| numbers.value(row))
    }

    fn time(&self, row: usize) -> Option<Timestamp> {
        let Self::Time(times) = self else { return None };
        self.has(row).then(|| Timestamp::from_nanos(times.value(row)))
    }

    /// Returns a value as rules compare it.
    pub(super) fn value(&self, row: usize) -> Option<EventValue<'_>> {
        Some(match self {
            Self::Text(_) => EventValue::Str(clean(Cow::Borrowed(self.text(row)?))),
            Self::Int(_) => EventValue::Int(self.int(row)?),
            Self::Bool(truths) => EventValue::Bool(self.has(row).then(|| truths.value(row))?),
            Self::Time(_) => EventValue::Str(Cow::Owned(self.time(row)?.to_string())),
        })
    }
}
