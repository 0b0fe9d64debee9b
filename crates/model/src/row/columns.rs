//! Batches while they are built: columns that cost nothing where a source says nothing.

use super::Batch;
use crate::table::{ColumnKind, Table};
use arrow_array::builder::{BooleanBuilder, Int64Builder, StringBuilder, TimestampNanosecondBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch, new_null_array};
use std::sync::Arc;

/// The rows of one table, until they are a batch.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) table: &'static Table,
    columns: Vec<Column>,
    pub(super) rows: usize,
    /// Bytes of text in them.
    pub(super) bytes: usize,
}

/// A column while it is filled. Of most columns a source says nothing: what is null is counted, and put down only
/// before a value.
#[derive(Debug)]
struct Column {
    kind: ColumnKind,
    values: Option<Values>,
    nulls: usize,
    room: Room,
}

/// For how many rows, and bytes of text, there is room before a column grows: as many as the last batch had.
#[derive(Debug, Clone, Copy)]
struct Room {
    rows: usize,
    bytes: usize,
}

impl Room {
    /// An hourly log of a quiet server has a handful of rows, and there are thousands of such logs.
    const FIRST: Self = Self { rows: 16, bytes: 256 };
}

impl Column {
    fn new(kind: ColumnKind) -> Self {
        Self { kind, values: None, nulls: 0, room: Room::FIRST }
    }

    /// Returns the values, with all nulls that were counted among them.
    fn values(&mut self) -> &mut Values {
        let values = self.values.get_or_insert_with(|| Values::new(self.kind, self.room));
        values.append_nulls(std::mem::take(&mut self.nulls));
        values
    }

    fn finish(&mut self) -> ArrayRef {
        let Some(mut values) = self.values.take() else {
            return new_null_array(&self.kind.data_type(), std::mem::take(&mut self.nulls));
        };
        values.append_nulls(std::mem::take(&mut self.nulls));
        let (array, room) = values.finish();
        self.room = room;
        array
    }
}

/// The values of a column, by its kind.
#[derive(Debug)]
pub(super) enum Values {
    Time(TimestampNanosecondBuilder),
    Text(StringBuilder),
    Int(Int64Builder),
    Bool(BooleanBuilder),
}

impl Values {
    fn new(kind: ColumnKind, Room { rows, bytes }: Room) -> Self {
        match kind {
            ColumnKind::Time => {
                Self::Time(TimestampNanosecondBuilder::with_capacity(rows).with_timezone("UTC"))
            }
            ColumnKind::Text => Self::Text(StringBuilder::with_capacity(rows, bytes)),
            ColumnKind::Int => Self::Int(Int64Builder::with_capacity(rows)),
            ColumnKind::Bool => Self::Bool(BooleanBuilder::with_capacity(rows)),
        }
    }

    fn append_nulls(&mut self, n: usize) {
        match self {
            _ if n == 0 => {}
            Self::Time(values) => values.append_nulls(n),
            Self::Text(values) => values.append_nulls(n),
            Self::Int(values) => values.append_nulls(n),
            Self::Bool(values) => values.append_nulls(n),
        }
    }

    /// Returns the column, and the room that it took.
    fn finish(self) -> (ArrayRef, Room) {
        let mut bytes = 0;
        let array: ArrayRef = match self {
            Self::Time(mut values) => Arc::new(values.finish()),
            Self::Text(mut values) => {
                bytes = values.values_slice().len();
                Arc::new(values.finish())
            }
            Self::Int(mut values) => Arc::new(values.finish()),
            Self::Bool(mut values) => Arc::new(values.finish()),
        };
        let rows = array.len();
        (array, Room { rows, bytes })
    }
}

impl Builder {
    pub(super) fn new(table: &'static Table) -> Self {
        let columns = table.columns.iter().map(|column| Column::new(column.kind)).collect();
        Self { table, columns, rows: 0, bytes: 0 }
    }

    pub(super) fn text(&mut self, place: usize, value: Option<&str>) {
        self.bytes += value.map_or(0, str::len);
        self.put(place, value, |values, value| {
            if let Values::Text(values) = values {
                values.append_value(value);
            }
        });
    }

    /// Puts a value into a column, or counts that there is none.
    pub(super) fn put<T>(&mut self, place: usize, value: Option<T>, put: impl FnOnce(&mut Values, T)) {
        let Some(column) = self.columns.get_mut(place) else { return };
        match value {
            Some(value) => put(column.values(), value),
            None => column.nulls += 1,
        }
    }

    pub(super) fn hand_on(&mut self, sink: &mut dyn FnMut(Batch)) {
        if self.rows == 0 {
            return;
        }
        self.rows = 0;
        self.bytes = 0;
        let columns = self.columns.iter_mut().map(Column::finish).collect();
        #[expect(clippy::expect_used, reason = "rows write each column of the table's own schema once")]
        let rows = RecordBatch::try_new(self.table.schema(), columns).expect("columns follow the schema");
        sink(Batch { table: self.table, rows });
    }
}
