//! Lines of several files, numbered on from one to the next: what is found by its line is found in its file.

use memchr::memchr_iter;

/// Where the lines of files lie among all.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Stretches of lines, in order.
    stretches: Vec<Stretch>,
    /// The last line that has text.
    last: u32,
}

#[derive(Debug)]
struct Stretch {
    /// The number of its first line among all.
    begin: u32,
    /// The file that they are of.
    file: usize,
    /// The number of its first line in the file.
    line: u32,
}

impl Lines {
    /// Returns how many lines there are: those of the next text come behind them.
    pub(super) fn count(&self) -> u32 {
        self.last
    }

    /// Adds text of a file that begins on a line of it.
    pub(super) fn add(&mut self, file: usize, line: u32, text: &str) {
        let begin = self.last.saturating_add(1);
        self.stretches.push(Stretch { begin, file, line });
        self.last = begin.saturating_add(breaks(text));
    }

    /// Returns which file a line is of, and its number there.
    pub(super) fn place(&self, line: u32) -> (usize, u32) {
        let behind = self.stretches.partition_point(|stretch| stretch.begin <= line);
        match behind.checked_sub(1).map(|at| &self.stretches[at]) {
            Some(stretch) => (stretch.file, stretch.line.saturating_add(line - stretch.begin)),
            None => (0, line),
        }
    }
}

/// Returns how often a line ends in a text.
pub(super) fn breaks(text: &str) -> u32 {
    u32::try_from(memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_their_files() {
        let mut lines = Lines::default();
        lines.add(0, 1, "a\nb\n");
        lines.add(1, 1, "x\ny");
        lines.add(0, 3, "c\nd");
        assert_eq!(lines.count(), 7);
        let places: Vec<_> = (1..=7).map(|line| lines.place(line)).collect();
        assert_eq!(places, [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (0, 3), (0, 4)]);
    }
}
