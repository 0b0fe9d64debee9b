//! Rows as a table for people, CSV or JSON. Rows stream through; only a table's first rows are held for its widths.

use crate::args::RowFormat;
use afterpatch_report::plain;
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType};
use serde_json::{Map, Value};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Prints rows of the same columns, one after the other.
pub(crate) struct RowPrinter<'a> {
    columns: Vec<String>,
    format: RowFormat,
    to: &'a mut dyn Write,
    printed: u64,
    held: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl<'a> RowPrinter<'a> {
    /// Rows that decide how wide a table's columns are.
    const HELD: usize = 1_000;
    /// The widest that a table's column gets.
    const WIDEST: usize = 80;

    /// Prints rows to `to`.
    pub(crate) fn new(format: RowFormat, to: &'a mut dyn Write) -> Self {
        Self { columns: Vec::new(), format, to, printed: 0, held: Vec::new(), widths: None }
    }

    /// Names the columns, before the first row.
    pub(crate) fn columns<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        if self.columns.is_empty() {
            self.columns = names.into_iter().map(str::to_owned).collect();
        }
    }

    /// Prints one row.
    pub(crate) fn row(&mut self, row: Vec<Value>) -> io::Result<()> {
        self.printed += 1;
        match self.format {
            RowFormat::Table => self.table_row(&row),
            RowFormat::Csv => self.csv_row(&row),
            RowFormat::Jsonl => {
                let object = self.object(row);
                writeln!(self.to, "{object}")
            }
            RowFormat::Json => {
                let lead = if self.printed == 1 { "[\n" } else { ",\n" };
                let object = self.object(row);
                write!(self.to, "{lead}{object}")
            }
        }
    }

    /// Prints what is still held, and what closes the format.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        match self.format {
            RowFormat::Table | RowFormat::Csv if self.columns.is_empty() => Ok(()),
            RowFormat::Table => self.flush_held(),
            RowFormat::Csv if self.printed == 0 => self.csv_header(),
            RowFormat::Json if self.printed == 0 => writeln!(self.to, "[]"),
            RowFormat::Json => writeln!(self.to, "\n]"),
            RowFormat::Csv | RowFormat::Jsonl => Ok(()),
        }
    }

    fn object(&self, row: Vec<Value>) -> Value {
        Value::Object(self.columns.iter().cloned().zip(row).collect::<Map<_, _>>())
    }

    fn csv_header(&mut self) -> io::Result<()> {
        write_csv(self.to, self.columns.iter().cloned())
    }

    fn csv_row(&mut self, row: &[Value]) -> io::Result<()> {
        if self.printed == 1 {
            self.csv_header()?;
        }
        write_csv(self.to, row.iter().map(csv_cell))
    }

    fn table_row(&mut self, row: &[Value]) -> io::Result<()> {
        let cells = row.iter().map(|value| shorten(&plain(&text(value)), Self::WIDEST));
        self.held.push(cells.collect());
        if self.widths.is_some() || self.held.len() >= Self::HELD {
            self.flush_held()?;
        }
        Ok(())
    }

    fn flush_held(&mut self) -> io::Result<()> {
        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => self.begin_table()?,
        };
        for row in std::mem::take(&mut self.held) {
            write_line(self.to, &row, &widths)?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    fn begin_table(&mut self) -> io::Result<Vec<usize>> {
        let mut widths: Vec<usize> = self.columns.iter().map(|name| name.width()).collect();
        for row in &self.held {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        write_line(self.to, &self.columns, &widths)?;
        let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        write_line(self.to, &rules, &widths)?;
        Ok(widths)
    }
}

/// Returns the rows of a batch as values: numbers and truth as such, everything else as text, null as null.
pub(crate) fn values(batch: &RecordBatch) -> Result<Vec<Vec<Value>>, ArrowError> {
    let options = FormatOptions::default();
    let formatters = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()?;
    let cell = |row: usize, place: usize, formatter: &ArrayFormatter<'_>| {
        let column = batch.column(place);
        if column.is_null(row) {
            return Value::Null;
        }
        typed(column.data_type(), formatter.value(row).to_string())
    };
    Ok((0..batch.num_rows())
        .map(|row| {
            let places = formatters.iter().enumerate();
            places.map(|(place, formatter)| cell(row, place, formatter)).collect()
        })
        .collect())
}

fn typed(kind: &DataType, text: String) -> Value {
    let plain_number = kind.is_integer() || kind.is_floating();
    if *kind == DataType::Boolean || plain_number {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    } else {
        Value::String(text)
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text that a spreadsheet would take for a formula gets a quote in front.
fn csv_cell(value: &Value) -> String {
    let text = text(value);
    if value.is_string() && text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    }
}

fn write_csv(to: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let quoted: Vec<String> = cells.map(|cell| quote(&cell)).collect();
    write!(to, "{}\r\n", quoted.join(","))
}

fn quote(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn write_line(to: &mut dyn Write, cells: &[String], widths: &[usize]) -> io::Result<()> {
    let padded = cells.iter().zip(widths).map(|(cell, width)| {
        let room = width.saturating_sub(cell.width());
        format!("{cell}{}", " ".repeat(room))
    });
    let line = padded.collect::<Vec<_>>().join("  ");
    writeln!(to, "{}", line.trim_end())
}

/// Cuts `text` to `columns` columns of a terminal; what is cut shows as `…`.
fn shorten(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        if kept.width() + unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0) >= columns {
            break;
        }
        kept.push(letter);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn printed(format: RowFormat, rows: &[Vec<Value>]) -> String {
        let mut bytes = Vec::new();
        let mut printer = RowPrinter::new(format, &mut bytes);
        printer.columns(["n", "text"]);
        for row in rows {
            printer.row(row.clone()).unwrap();
        }
        printer.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn csv_guards_formulas_and_quotes() {
        let rows = [vec![json!(-1), json!("=1+1")], vec![Value::Null, json!("a,\"b\"")]];
        assert_eq!(printed(RowFormat::Csv, &rows), "n,text\r\n-1,'=1+1\r\n,\"a,\"\"b\"\"\"\r\n");
        assert_eq!(printed(RowFormat::Csv, &[]), "n,text\r\n");
    }

    #[test]
    fn json_is_json_with_and_without_rows() {
        let rows = [vec![json!(1), json!("a")], vec![json!(2), Value::Null]];
        let parsed: Value = serde_json::from_str(&printed(RowFormat::Json, &rows)).unwrap();
        assert_eq!(parsed, json!([{"n": 1, "text": "a"}, {"n": 2, "text": null}]));
        assert_eq!(printed(RowFormat::Json, &[]), "[]\n");
        assert_eq!(printed(RowFormat::Jsonl, &rows).lines().count(), 2);
    }

    #[test]
    fn tables_align_wide_letters_and_show_hostile_text_escaped() {
        let table =
            printed(RowFormat::Table, &[vec![json!(1), json!("例")], vec![json!(22), json!("a\u{1b}[2J")]]);
        assert!(table.starts_with("n   text\n──  "), "{table}");
        assert!(table.contains("\n1   例\n"), "{table}");
        assert!(!table.contains('\u{1b}'), "{table}");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten("例例例", 4), "例…");
        assert_eq!(shorten("abcd", 4), "abcd");
    }

    #[test]
    fn widths_hold_for_the_rows_after_the_first_thousand() {
        let rows: Vec<_> = (0..1_500).map(|n| vec![json!(n), json!("x")]).collect();
        assert_eq!(printed(RowFormat::Table, &rows).lines().count(), 1_502);
    }
}
