//! Finds the objects in lines of JSON that is not one object a line: arrays, and indented output.

/// What a line brought to light.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A whole object and the line on which it begins.
    Object(u64, &'a str),
    /// An object longer than the limit, or one that never closes, and the line on which it begins.
    Lost(u64, Why),
    /// The line has something beside objects.
    Stray(u64),
}

/// Why an object was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    TooLong,
    Open,
}

/// Gathers objects over lines, by where braces outside of strings open and close.
#[derive(Debug)]
pub(super) struct Objects {
    limit: usize,
    depth: u64,
    is_in_string: bool,
    is_escaped: bool,
    began: u64,
    text: String,
    is_too_long: bool,
}

/// What a byte does to the object around it.
enum Step {
    Opens,
    Closes,
    Inside,
    Outside,
}

impl Objects {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            depth: 0,
            is_in_string: false,
            is_escaped: false,
            began: 0,
            text: String::new(),
            is_too_long: false,
        }
    }

    /// Takes the next line and gives what ends in it to `each`.
    pub(super) fn line(&mut self, number: u64, line: &str, each: &mut dyn FnMut(Found<'_>)) {
        // No string goes over the end of a line: a quote that does not close costs one line.
        self.is_in_string = false;
        let mut start = (self.depth > 0).then_some(0);
        let mut is_stray = false;
        for (place, byte) in line.bytes().enumerate() {
            match self.step(byte) {
                Step::Opens => {
                    start = Some(place);
                    self.began = number;
                }
                Step::Closes => {
                    self.keep(line.get(start.unwrap_or_default()..=place).unwrap_or_default());
                    start = None;
                    self.give(each);
                }
                Step::Inside => {}
                Step::Outside => is_stray |= !matches!(byte, b'[' | b']' | b',' | b' ' | b'\t' | b'\r'),
            }
        }
        if let Some(rest) = start.and_then(|start| line.get(start..)) {
            self.keep(rest);
            self.keep("\n");
        }
        if is_stray {
            each(Found::Stray(number));
        }
    }

    /// Gives up an object that is still open, at the end of the file or where the next record surely begins.
    pub(super) fn break_off(&mut self, each: &mut dyn FnMut(Found<'_>)) {
        if self.depth > 0 {
            each(Found::Lost(self.began, Why::Open));
            *self = Self::new(self.limit);
        }
    }

    fn step(&mut self, byte: u8) -> Step {
        let was_open = self.depth > 0;
        if self.is_in_string {
            let ends = byte == b'"' && !self.is_escaped;
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            self.is_in_string = !ends;
            return Step::Inside;
        }
        match byte {
            b'"' if was_open => {
                self.is_in_string = true;
                self.is_escaped = false;
            }
            b'{' => self.depth = self.depth.saturating_add(1),
            b'}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        match (was_open, self.depth > 0) {
            (false, true) => Step::Opens,
            (true, false) => Step::Closes,
            (true, true) => Step::Inside,
            (false, false) => Step::Outside,
        }
    }

    fn keep(&mut self, piece: &str) {
        self.is_too_long |= self.text.len().saturating_add(piece.len()) > self.limit;
        if !self.is_too_long {
            self.text.push_str(piece);
        }
    }

    fn give(&mut self, each: &mut dyn FnMut(Found<'_>)) {
        if std::mem::take(&mut self.is_too_long) {
            each(Found::Lost(self.began, Why::TooLong));
        } else {
            each(Found::Object(self.began, &self.text));
        }
        self.text.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, limit: usize) -> Vec<String> {
        let mut objects = Objects::new(limit);
        let mut all = Vec::new();
        let mut each = |found: Found<'_>| all.push(format!("{found:?}"));
        for (number, line) in (1..).zip(text.lines()) {
            objects.line(number, line, &mut each);
        }
        objects.break_off(&mut each);
        all
    }

    #[test]
    fn objects_are_found_in_arrays_and_over_lines() {
        assert_eq!(found("[{},{\"a\":{}}]", 99), ["Object(1, \"{}\")", "Object(1, \"{\\\"a\\\":{}}\")"]);
        assert_eq!(
            found("[\n {\"a\":\n 1},\n {}\n]", 99),
            ["Object(2, \"{\\\"a\\\":\\n 1}\")", "Object(4, \"{}\")"]
        );
    }

    #[test]
    fn braces_in_strings_do_not_count() {
        let text = r#"{"a":"}\"}{\\"}"#;
        assert_eq!(found(text, 99), [format!("Object(1, {text:?})")]);
    }

    #[test]
    fn what_is_no_object_is_told() {
        assert_eq!(found("{\"a\":1\n", 99), ["Lost(1, Open)"]);
        assert_eq!(found("[1,\n{}]", 99), ["Stray(1)", "Object(2, \"{}\")"]);
        assert_eq!(found("{\"a\":\"12345678\"}{}", 10), ["Lost(1, TooLong)", "Object(1, \"{}\")"]);
        assert_eq!(found("}\n{\"a\n}{}", 99).last().unwrap(), "Object(3, \"{}\")");
    }
}
