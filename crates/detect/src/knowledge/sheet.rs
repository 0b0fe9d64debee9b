//! Knowledge files: comments, one line of column names, then one row a line, cells parted by tabs.

use std::fmt;

/// What is wrong with a knowledge file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's name, such as `flaws.tsv`.
    pub file: &'static str,
    /// Its line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: {}", self.file, self.line, self.what)
    }
}

/// A row type and the file that holds it.
pub(super) trait Row: Sized {
    /// The file's name.
    const FILE: &'static str;
    /// The names of its columns, in order.
    const COLUMNS: &'static [&'static str];

    /// Reads a row; the error says what is wrong with it.
    fn read(cells: &Cells<'_>) -> Result<Self, String>;
}

/// The cells of one row. `-` is the empty cell.
pub(super) struct Cells<'t> {
    columns: &'static [&'static str],
    cells: Vec<&'t str>,
}

impl<'t> Cells<'t> {
    /// Returns a cell that may be empty.
    pub(super) fn any(&self, column: &str) -> Option<&'t str> {
        let place = self.columns.iter().position(|name| *name == column)?;
        self.cells.get(place).copied().filter(|cell| !cell.is_empty() && *cell != "-")
    }

    /// Returns a cell that must be filled.
    pub(super) fn text(&self, column: &str) -> Result<&'t str, String> {
        self.any(column).ok_or_else(|| format!("{column} is empty"))
    }

    /// Reads a cell that must be filled.
    pub(super) fn read<T: std::str::FromStr>(&self, column: &str) -> Result<T, String> {
        let text = self.text(column)?;
        text.parse().map_err(|_| format!("{column} {text:?} cannot be read"))
    }

    /// Reads a cell that may be empty.
    pub(super) fn maybe<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, String> {
        self.any(column).map(|_| self.read(column)).transpose()
    }

    /// Reads the words of a cell, parted by blanks or commas.
    pub(super) fn words<T: std::str::FromStr>(&self, column: &str) -> Result<Vec<T>, String> {
        let words = self.any(column).unwrap_or_default().split([' ', ',']).filter(|word| !word.is_empty());
        words.map(|word| word.parse().map_err(|_| format!("{column}: {word:?} cannot be read"))).collect()
    }

    /// Reads a cell that holds one of a few words.
    pub(super) fn one_of<T: Copy>(&self, column: &str, words: &[(&str, T)]) -> Result<T, String> {
        let text = self.text(column)?;
        let known = words.iter().find(|(word, _)| *word == text);
        known.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            format!("{column} {text:?} is none of {}", words.join(", "))
        })
    }
}

/// A row with the line that it stands in.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) line: usize,
    pub(super) row: T,
}

/// Reads a file. A row that cannot be read is a fault, and the others are there.
pub(super) fn read<T: Row>(text: &str, faults: &mut Vec<Fault>) -> Vec<Placed<T>> {
    let mut fault = |line: usize, what: String| faults.push(Fault { file: T::FILE, line, what });
    let mut lines =
        text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    match lines.next() {
        Some((_, head)) if head.split('\t').eq(T::COLUMNS.iter().copied()) => {}
        Some((at, _)) => fault(at + 1, format!("the columns are not {}", T::COLUMNS.join(", "))),
        None => fault(0, "it is not there, or has no rows".to_owned()),
    }
    let mut rows = Vec::new();
    for (at, line) in lines {
        let cells: Vec<_> = line.split('\t').map(str::trim).collect();
        let count = cells.len();
        let read = if count == T::COLUMNS.len() {
            T::read(&Cells { columns: T::COLUMNS, cells })
        } else {
            Err(format!("{count} cells for {} columns", T::COLUMNS.len()))
        };
        match read {
            Ok(row) => rows.push(Placed { line: at + 1, row }),
            Err(what) => fault(at + 1, what),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pair(u32, Option<String>);

    impl Row for Pair {
        const FILE: &'static str = "pairs.tsv";
        const COLUMNS: &'static [&'static str] = &["number", "word"];

        fn read(cells: &Cells<'_>) -> Result<Self, String> {
            Ok(Self(cells.read("number")?, cells.maybe("word")?))
        }
    }

    #[test]
    fn a_bad_row_is_told_with_its_line_and_the_others_are_read() {
        let mut faults = Vec::new();
        let rows = read::<Pair>("# pairs\nnumber\tword\n1\ta\nx\tb\n\n3\t-\n4\n", &mut faults);
        let read: Vec<_> =
            rows.iter().map(|placed| (placed.line, placed.row.0, placed.row.1.as_deref())).collect();
        assert_eq!(read, [(3, 1, Some("a")), (6, 3, None)]);
        let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["pairs.tsv line 4: number \"x\" cannot be read", "pairs.tsv line 7: 1 cells for 2 columns"]
        );
    }

    #[test]
    fn other_columns_and_an_empty_file_are_faults() {
        for (text, line) in [("number\n1\n", 1), ("", 0), ("# only this\n", 0)] {
            let mut faults = Vec::new();
            read::<Pair>(text, &mut faults);
            assert_eq!(faults.first().map(|fault| fault.line), Some(line), "{text:?}");
        }
    }
}
