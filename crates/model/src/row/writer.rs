//! The columns of one row, written from the first to the last.

use super::RowsContext;
use super::columns::{Builder, Values};
use crate::path::HostName;
use crate::time::Timestamp;

/// Writes the columns of one row, from the first to the last.
#[derive(Debug)]
pub struct RowWriter<'a> {
    builder: &'a mut Builder,
    context: &'a RowsContext<'a>,
    names: &'a mut Names,
    column: usize,
}

impl<'a> RowWriter<'a> {
    /// Begins a row of the table that `builder` builds.
    pub(super) fn new(builder: &'a mut Builder, context: &'a RowsContext<'a>, names: &'a mut Names) -> Self {
        Self { builder, context, names, column: 0 }
    }

    /// Writes a column of text.
    pub fn text(&mut self, value: Option<&str>) {
        let place = self.next();
        self.builder.text(place, value);
    }

    /// Writes a column of numbers.
    pub fn int(&mut self, value: Option<i64>) {
        let place = self.next();
        self.builder.put(place, value, |values, value| {
            if let Values::Int(values) = values {
                values.append_value(value);
            }
        });
    }

    /// Writes a column of truth values.
    pub fn bool(&mut self, value: Option<bool>) {
        let place = self.next();
        self.builder.put(place, value, |values, value| {
            if let Values::Bool(values) = values {
                values.append_value(value);
            }
        });
    }

    /// Writes a column of times.
    pub fn time(&mut self, value: Option<Timestamp>) {
        let place = self.next();
        self.builder.put(place, value, |values, value| {
            if let Values::Time(values) = values {
                values.append_value(value.nanos());
            }
        });
    }

    /// Writes `server` and `organisation`: the record's own server where it names one, else the artifact's.
    pub fn server(&mut self, named: Option<&str>) {
        let place = self.next();
        let named = named.and_then(|named| self.names.read(named));
        let server = named.or(self.context.artifact.server.as_ref());
        self.builder.text(place, server.map(HostName::as_str));
        self.text(self.context.organisation);
    }

    /// Writes `artifact`, `record`, `source` and `rest`.
    pub fn tail(&mut self, record: u64, rest: Option<&str>) {
        let context = self.context;
        self.text(Some(context.artifact.id.as_str()));
        self.int(i64::try_from(record).ok());
        self.text(Some(context.source));
        self.text(rest);
    }

    fn next(&mut self) -> usize {
        let place = self.column;
        self.column += 1;
        place
    }
}

/// The server that a record named last: nearly every record of a log names the same one.
#[derive(Debug, Default)]
pub(super) struct Names {
    spelled: String,
    name: Option<HostName>,
}

impl Names {
    fn read(&mut self, spelled: &str) -> Option<&HostName> {
        if self.spelled != spelled {
            self.spelled.clear();
            self.spelled.push_str(spelled);
            self.name = HostName::parse(spelled);
        }
        self.name.as_ref()
    }
}
