//! The tables of metadata: cells by table, row and column.

use super::bytes::{u16_at, u32_at, u64_at};
use super::schema::{COLUMNS, Column};

/// Rows of a table that are read.
const MOST_ROWS: u32 = 1 << 18;

/// A row of a table: the table's number, and the row from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The table.
    pub(super) table: u8,
    /// The row, from 1.
    pub(super) row: u32,
}

/// The tables.
pub(super) struct Tables<'b> {
    bytes: &'b [u8],
    n_rows: [u32; 64],
    begins: [usize; COLUMNS.len()],
    heaps: u8,
}

impl<'b> Tables<'b> {
    /// Reads how many rows each table has, and where each begins.
    pub(super) fn of(bytes: &'b [u8]) -> Option<Self> {
        let (heaps, valid) = (*bytes.get(6)?, u64_at(bytes, 8)?);
        let mut n_rows = [0; 64];
        let mut at = 24;
        for (table, n_rows) in n_rows.iter_mut().enumerate() {
            if valid >> table & 1 == 1 {
                *n_rows = u32_at(bytes, at)?;
                at += 4;
            }
        }
        if heaps & 0x40 != 0 {
            at += 4;
        }
        let mut tables = Self { bytes, n_rows, begins: [0; COLUMNS.len()], heaps };
        for (table, columns) in COLUMNS.iter().enumerate() {
            tables.begins[table] = at;
            let width: usize = columns.iter().map(|column| tables.width(*column)).sum();
            at = usize::try_from(n_rows[table]).ok()?.checked_mul(width)?.checked_add(at)?;
        }
        Some(tables)
    }

    /// Returns how many rows a table has.
    pub(super) fn n_rows(&self, table: u8) -> u32 {
        self.n_rows[usize::from(table & 63)].min(MOST_ROWS)
    }

    /// Returns the rows of a table.
    pub(super) fn rows(&self, table: u8) -> impl Iterator<Item = Place> + use<> {
        (1..=self.n_rows(table)).map(move |row| Place { table, row })
    }

    /// Returns a cell: a number, or a place in a heap.
    pub(super) fn cell(&self, place: Place, column: usize) -> Option<u32> {
        if place.row == 0 || place.row > self.n_rows(place.table) {
            return None;
        }
        let table = usize::from(place.table);
        let columns = COLUMNS.get(table)?;
        let width: usize = columns.iter().map(|column| self.width(*column)).sum();
        let before: usize = columns.iter().take(column).map(|column| self.width(*column)).sum();
        let row = usize::try_from(place.row - 1).ok()?;
        let at = row.checked_mul(width)?.checked_add(self.begins[table])?.checked_add(before)?;
        match self.width(*columns.get(column)?) {
            2 => u16_at(self.bytes, at).map(u32::from),
            _ => u32_at(self.bytes, at),
        }
    }

    /// Returns the row of another table that a cell names.
    pub(super) fn named(&self, place: Place, column: usize) -> Option<Place> {
        let value = self.cell(place, column)?;
        let (table, row) = match *COLUMNS.get(usize::from(place.table))?.get(column)? {
            Column::Row(table) => (table, value),
            Column::OneOf(bits, tables) => {
                let which = usize::try_from(value & ((1 << bits) - 1)).ok()?;
                (*tables.get(which)?, value >> bits)
            }
            _ => return None,
        };
        (row > 0).then_some(Place { table, row })
    }

    /// Returns the rows of another table that belong to a row: from the one that its cell names to before the one that the
    /// next row's names.
    pub(super) fn owned(&self, place: Place, column: usize) -> impl Iterator<Item = Place> + use<> {
        let table = match COLUMNS.get(usize::from(place.table)).and_then(|columns| columns.get(column)) {
            Some(Column::Row(table)) => *table,
            _ => 0,
        };
        let end = self.n_rows(table).saturating_add(1);
        let first = self.cell(place, column).unwrap_or(end).max(1);
        let next = Place { row: place.row.saturating_add(1), ..place };
        let last = self.cell(next, column).unwrap_or(end).min(end);
        (first..last).map(move |row| Place { table, row })
    }

    fn width(&self, column: Column) -> usize {
        let of_heap = |bit: u8| if self.heaps & bit == 0 { 2 } else { 4 };
        match column {
            Column::Two => 2,
            Column::Four => 4,
            Column::Name => of_heap(1),
            Column::Guid => of_heap(2),
            Column::Blob => of_heap(4),
            Column::Row(table) => of_rows(self.n_rows[usize::from(table & 63)], 16),
            Column::OneOf(bits, tables) => {
                let most = tables.iter().map(|table| self.n_rows[usize::from(table & 63)]).max();
                of_rows(most.unwrap_or(0), 16 - bits)
            }
        }
    }
}

/// Returns how many bytes a number of a row takes, of which 2 bytes leave so many bits.
fn of_rows(n_rows: u32, bits: u32) -> usize {
    if n_rows < 1 << bits { 2 } else { 4 }
}
