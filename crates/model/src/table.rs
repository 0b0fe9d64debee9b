//! What a fact table is made of.

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::{Arc, OnceLock};

/// The kind of a column's values. Every column may be null: null means that the source does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A moment: UTC, nanoseconds.
    Time,
    /// UTF-8 text, as the source spells it.
    Text,
    /// A signed 64-bit number.
    Int,
    /// True or false.
    Bool,
}

impl ColumnKind {
    /// Returns the Arrow type that holds the kind.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
            Self::Text => DataType::Utf8,
            Self::Int => DataType::Int64,
            Self::Bool => DataType::Boolean,
        }
    }
}

/// One column of a fact table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The short name in SQL; the same word in every table.
    pub name: &'static str,
    /// What its values are.
    pub kind: ColumnKind,
    /// What it says, in one line.
    pub doc: &'static str,
}

impl Column {
    /// Makes a column from its name, the kind of its values and what it says.
    pub const fn new(name: &'static str, kind: ColumnKind, doc: &'static str) -> Self {
        Self { name, kind, doc }
    }
}

/// One typed table of facts.
#[derive(Debug)]
pub struct Table {
    /// The name in SQL.
    pub name: &'static str,
    /// What one row is, in one line.
    pub doc: &'static str,
    /// All columns, in their order on disk.
    pub columns: &'static [Column],
    schema: OnceLock<SchemaRef>,
}

impl Table {
    /// Makes a table from its name, what one row of it is, and its columns.
    pub const fn new(name: &'static str, doc: &'static str, columns: &'static [Column]) -> Self {
        Self { name, doc, columns, schema: OnceLock::new() }
    }

    /// Returns the Arrow schema of the table: one for all its batches.
    pub fn schema(&self) -> SchemaRef {
        let field = |column: &Column| Field::new(column.name, column.kind.data_type(), true);
        let schema = || Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()));
        Arc::clone(self.schema.get_or_init(schema))
    }
}
