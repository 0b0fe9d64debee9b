//! Rows as JSON objects, and JSON objects as rows.

use crate::error::StoreError;
use afterpatch_model::{Table, Timestamp};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_json::ReaderBuilder;
use arrow_schema::{DataType, TimeUnit};
use datafusion::arrow::compute::cast;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::array_value_to_string;
use serde_json::{Map, Value};

/// Returns each row of a batch as an object that names every column; times as ISO 8601, UTC.
pub(crate) fn rows_of(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, StoreError> {
    let mut rows = vec![Map::new(); batch.num_rows()];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let values = values_of(column).map_err(StoreError::rows("the result"))?;
        for (row, value) in rows.iter_mut().zip(values) {
            row.insert(field.name().clone(), value);
        }
    }
    Ok(rows)
}

/// Returns the values of a column; numbers, texts and times are brought to one type of each first.
fn values_of(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let texts = |column: &ArrayRef| {
        let column = cast(column, &DataType::Utf8)?;
        let texts = column.as_string::<i32>();
        Ok(values(column.len(), |row| texts.is_valid(row).then(|| Value::from(texts.value(row)))))
    };
    match column.data_type() {
        DataType::Boolean => {
            let truths = column.as_boolean();
            Ok(values(column.len(), |row| truths.is_valid(row).then(|| Value::from(truths.value(row)))))
        }
        DataType::Null => Ok(vec![Value::Null; column.len()]),
        DataType::UInt64 => {
            let numbers = column.as_primitive::<UInt64Type>();
            Ok(values(column.len(), |row| numbers.is_valid(row).then(|| Value::from(numbers.value(row)))))
        }
        kind if kind.is_integer() => {
            let column = cast(column, &DataType::Int64)?;
            let numbers = column.as_primitive::<Int64Type>();
            Ok(values(column.len(), |row| numbers.is_valid(row).then(|| Value::from(numbers.value(row)))))
        }
        kind if kind.is_floating() => {
            let column = cast(column, &DataType::Float64)?;
            let numbers = column.as_primitive::<Float64Type>();
            Ok(values(column.len(), |row| numbers.is_valid(row).then(|| Value::from(numbers.value(row)))))
        }
        DataType::Timestamp(..) => {
            let column = cast(column, &DataType::Timestamp(TimeUnit::Nanosecond, None))?;
            let times = column.as_primitive::<TimestampNanosecondType>();
            let shown = |row| Value::from(Timestamp::from_nanos(times.value(row)).to_string());
            Ok(values(column.len(), |row| times.is_valid(row).then(|| shown(row))))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => texts(column),
        DataType::List(_) => {
            let lists = column.as_list::<i32>();
            let list = |row| Some(lists.is_valid(row).then(|| values_of(&lists.value(row)).map(Value::from)));
            (0..column.len()).filter_map(list).map(|value| value.unwrap_or(Ok(Value::Null))).collect()
        }
        _ => {
            let shown = |row| {
                if column.is_valid(row) {
                    array_value_to_string(column, row).map(Value::from)
                } else {
                    Ok(Value::Null)
                }
            };
            (0..column.len()).map(shown).collect()
        }
    }
}

fn values(rows: usize, value: impl Fn(usize) -> Option<Value>) -> Vec<Value> {
    (0..rows).map(|row| value(row).unwrap_or(Value::Null)).collect()
}

/// Returns objects as rows of a fact table; a column that an object leaves out is null.
pub(crate) fn batch_of(table: &Table, rows: &[Map<String, Value>]) -> Result<RecordBatch, StoreError> {
    for column in rows.iter().flat_map(Map::keys) {
        if !table.columns.iter().any(|known| known.name == column) {
            return Err(StoreError::UnknownColumn { table: table.name.to_owned(), column: column.clone() });
        }
    }
    let wrong = StoreError::rows;
    let mut decoder = ReaderBuilder::new(table.schema())
        .with_batch_size(rows.len().max(1))
        .build_decoder()
        .map_err(wrong(table.name))?;
    decoder.serialize(rows).map_err(wrong(table.name))?;
    let batch = decoder.flush().map_err(wrong(table.name))?;
    Ok(batch.unwrap_or_else(|| RecordBatch::new_empty(table.schema())))
}
