//! Text logs line by line, whatever their encoding and however long their lines.

use super::encoding::{self, without_mark};
use crate::input::{Evidence, Limits, problem_code};
use afterpatch_model::{ProblemCode, Rows, Timestamp};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use jiff::civil::Date;
use std::borrow::Cow;
use std::io;

/// One line of a text log, or what stands in its place.
#[derive(Debug)]
pub struct Line<'l> {
    /// Its number, from 1.
    pub number: u64,
    /// What was read.
    pub content: Content<'l>,
}

/// What a line holds.
#[derive(Debug)]
pub enum Content<'l> {
    /// Text without its end, decoded.
    Text(&'l str),
    /// Text of which bytes are none in the file's encoding, and the name of the one that it was read in.
    Mended(&'l str, &'static str),
    /// More than the limit; it was skipped.
    TooLong,
    /// The file breaks off here.
    Broken(io::Error),
}

/// Gives each line of `input` with its number to `each`; lines that cannot be read become problems.
pub fn each_line(
    input: &mut dyn Evidence,
    limits: &Limits,
    rows: &mut Rows<'_>,
    each: &mut dyn FnMut(u64, &str, &mut Rows<'_>),
) {
    let mut is_told = false;
    Lines::new(input, limits.line_bytes).each(&mut |Line { number, content }| match content {
        Content::Text(text) => each(number, text, rows),
        Content::Mended(text, encoding) => {
            if !std::mem::replace(&mut is_told, true) {
                let detail = format!("the first such line of the file, read as {encoding}");
                rows.remark(ProblemCode::BadEncoding, Some(number), detail);
            }
            each(number, text, rows);
        }
        Content::TooLong => {
            let detail = format!("longer than {} bytes", limits.line_bytes);
            rows.lost(ProblemCode::LineTooLong, number, detail);
        }
        Content::Broken(error) => rows.remark(problem_code(&error), Some(number), error.to_string()),
    });
}

/// Reads a text log line by line.
///
/// Lines that lie whole in the buffer of the input, as nearly all do, are given from there; the others, and those that
/// are no UTF-8, are gathered first.
///
/// UTF-8 and UTF-16 by mark or by look; where a line is no UTF-8, the code page that the text there looks like.
pub struct Lines<'i> {
    input: &'i mut dyn Evidence,
    limit: usize,
    encoding: Option<&'static Encoding>,
    code_page: Option<&'static Encoding>,
    line: Pending,
    text: String,
    number: u64,
    is_over: bool,
}

/// The bytes of the line that is being read.
#[derive(Debug, Default)]
struct Pending {
    bytes: Vec<u8>,
    /// All bytes of the line, with those that are too many to be kept.
    length: u64,
    /// The last two of them.
    tail: [u8; 2],
    is_too_long: bool,
}

impl Pending {
    fn clear(&mut self) {
        self.bytes.clear();
        *self = Self { bytes: std::mem::take(&mut self.bytes), ..Self::default() };
    }

    fn take(&mut self, bytes: &[u8], limit: usize) {
        self.is_too_long |= self.bytes.len().saturating_add(bytes.len()) > limit;
        if !self.is_too_long {
            self.bytes.extend_from_slice(bytes);
        }
        self.length = self.length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        match *bytes {
            [.., before, last] => self.tail = [before, last],
            [last] => self.tail = [self.tail[1], last],
            [] => {}
        }
    }
}

impl std::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).finish_non_exhaustive()
    }
}

impl<'i> Lines<'i> {
    /// Opens `input` at its present place, which is taken for the start.
    pub fn new(input: &'i mut dyn Evidence, limit: usize) -> Self {
        Self {
            input,
            limit,
            encoding: None,
            code_page: None,
            line: Pending { bytes: Vec::with_capacity(4096), ..Pending::default() },
            text: String::new(),
            number: 0,
            is_over: false,
        }
    }

    /// Gives each line to `each`.
    pub fn each(mut self, each: &mut dyn FnMut(Line<'_>)) {
        loop {
            self.lines_at_hand(each);
            match self.next_line() {
                Some(line) => each(line),
                None => return,
            }
        }
    }

    /// Gives the whole lines of UTF-8 that the buffer of the input begins with.
    fn lines_at_hand(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        // The first line tells the encoding. What cannot be read is said by the line that it breaks off.
        let chunk = match self.input.fill_buf() {
            Ok(chunk) if self.number > 0 && self.encoding.is_none() => chunk,
            _ => return,
        };
        let text = utf8_start(chunk);
        let mut start = 0;
        for newline in memchr::memchr_iter(b'\n', text.as_bytes()) {
            let end = newline.saturating_add(1);
            let is_too_long = end.saturating_sub(start) > self.limit;
            let line = text.get(start..newline).unwrap_or_default();
            let content = if is_too_long { Content::TooLong } else { Content::Text(without_return(line)) };
            self.number = self.number.saturating_add(1);
            each(Line { number: self.number, content });
            start = end;
        }
        self.input.consume(start);
    }

    /// Gathers the next line.
    pub(crate) fn next_line(&mut self) -> Option<Line<'_>> {
        if self.is_over {
            return None;
        }
        self.line.clear();
        let end = self.fill_line();
        self.is_over = matches!(end, Ok(End::Over) | Err(_));
        if matches!(end, Ok(End::Over)) && self.line.length == 0 {
            return None;
        }
        self.number = self.number.saturating_add(1);
        let content = match end {
            Err(error) => Content::Broken(error),
            Ok(_) if self.line.is_too_long => Content::TooLong,
            Ok(_) if self.decode() => Content::Text(self.text()),
            Ok(_) => {
                Content::Mended(self.text(), self.encoding.or(self.code_page).map_or("", Encoding::name))
            }
        };
        Some(Line { number: self.number, content })
    }

    fn fill_line(&mut self) -> io::Result<End> {
        let mut end = self.fill_to_newline()?;
        if self.number == 0 {
            self.encoding = encoding::of_start(&self.line.bytes);
        }
        while end == End::Line && self.is_inside_unit()? {
            end = self.fill_to_newline()?;
        }
        Ok(end)
    }

    /// Tells whether the last newline byte is only half of a UTF-16 character, or its other half is still to come.
    fn is_inside_unit(&mut self) -> io::Result<bool> {
        let newline = match self.encoding {
            Some(encoding) if encoding == UTF_16LE => {
                if self.line.length % 2 == 1 {
                    self.take_byte()?;
                }
                [b'\n', 0]
            }
            Some(encoding) if encoding == UTF_16BE => [0, b'\n'],
            _ => return Ok(false),
        };
        Ok(self.line.length % 2 == 1 || self.line.tail != newline)
    }

    fn take_byte(&mut self) -> io::Result<()> {
        if let Some(byte) = self.input.fill_buf()?.first() {
            self.line.take(&[*byte], self.limit);
            self.input.consume(1);
        }
        Ok(())
    }

    fn fill_to_newline(&mut self) -> io::Result<End> {
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                return Ok(End::Over);
            }
            let newline = memchr::memchr(b'\n', chunk);
            let length = newline.map_or(chunk.len(), |place| place.saturating_add(1));
            self.line.take(chunk.get(..length).unwrap_or_default(), self.limit);
            self.input.consume(length);
            if newline.is_some() {
                return Ok(End::Line);
            }
        }
    }

    /// Decodes the line and tells whether all of it is text in the file's encoding.
    fn decode(&mut self) -> bool {
        let bytes = &self.line.bytes;
        let bytes = if self.number == 1 { without_mark(bytes) } else { bytes };
        self.text.clear();
        if self.encoding.is_none()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            self.text.push_str(text);
            return true;
        }
        let encoding = match self.encoding.or(self.code_page) {
            Some(encoding) => encoding,
            None => *self.code_page.insert(encoding::code_page(bytes, self.input)),
        };
        let (text, is_lossy) = encoding.decode_without_bom_handling(bytes);
        self.text.push_str(&text);
        // A code page is a guess even where every byte of the line is a character in it.
        !is_lossy && self.encoding.is_some()
    }

    fn text(&self) -> &str {
        without_return(self.text.strip_suffix('\n').unwrap_or(&self.text))
    }
}

fn without_return(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// Returns what is UTF-8 at the start of a piece of text; the end of the piece may cut a character.
fn utf8_start(bytes: &[u8]) -> &str {
    let length = match std::str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Line,
    Over,
}

/// Decodes the head of a file for a look at its first lines.
pub fn decode_head(head: &[u8]) -> Cow<'_, str> {
    match encoding::of_start(head) {
        Some(encoding) => encoding.decode_with_bom_removal(head).0,
        None => String::from_utf8_lossy(without_mark(head)),
    }
}

/// Reads the days and times of a log; the day is worked out once for all its lines.
#[derive(Debug, Default)]
pub struct Clock {
    day_text: String,
    midnight: Option<i64>,
}

impl Clock {
    /// Reads `YYYY-MM-DD` and `HH:MM:SS` with or without a fraction, as UTC.
    pub fn read(&mut self, day: &str, time: &str) -> Option<Timestamp> {
        if self.day_text != day {
            self.day_text.clear();
            self.day_text.push_str(day);
            self.midnight = midnight(day);
        }
        let nanos = self.midnight?.checked_add(nanos_of_day(time)?)?;
        Some(Timestamp::from_nanos(nanos))
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS.fffZ`, with a blank for the `T` too, as UTC; other forms go the slow way.
    pub fn read_iso(&mut self, text: &str) -> Option<Timestamp> {
        let quick = text.get(..10).zip(text.get(11..)).and_then(|(day, time)| {
            let time = time.strip_suffix('Z').unwrap_or(time);
            self.read(day, time)
        });
        quick.or_else(|| text.parse().ok())
    }
}

fn midnight(day: &str) -> Option<i64> {
    let date: Date = day.parse().ok()?;
    let midnight: Timestamp = date.to_string().parse().ok()?;
    Some(midnight.nanos())
}

fn nanos_of_day(time: &str) -> Option<i64> {
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = whole.split(':');
    let hour = two_digits(parts.next()?)?;
    let minute = two_digits(parts.next()?)?;
    let second = two_digits(parts.next()?)?;
    if hour > 23 || minute > 59 || second > 59 || parts.next().is_some() {
        return None;
    }
    let seconds = hour.checked_mul(3_600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos_of_fraction(fraction)?)
}

fn two_digits(text: &str) -> Option<i64> {
    let is_number = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Returns what digits behind the point of seconds come to, in nanoseconds; none of them is none.
pub(super) fn nanos_of_fraction(digits: &str) -> Option<i64> {
    if digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = u32::try_from(digits.len()).ok()?;
    let value: i64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    value.checked_mul(10_i64.checked_pow(9_u32.checked_sub(places)?)?)
}

/// Gathers names and values for the column `rest`, in one buffer for a whole file.
#[derive(Debug, Default)]
pub struct Rest {
    json: String,
}

impl Rest {
    /// Forgets what was gathered.
    pub fn clear(&mut self) {
        self.json.clear();
    }

    /// Adds a value under a name.
    pub fn add(&mut self, name: &str, value: &str) {
        self.json.push(if self.json.is_empty() { '{' } else { ',' });
        push_json(&mut self.json, name);
        self.json.push(':');
        push_json(&mut self.json, value);
    }

    /// Closes the object and returns it, or nothing where nothing was added.
    pub fn finish(&mut self) -> Option<&str> {
        if self.json.is_empty() {
            return None;
        }
        self.json.push('}');
        Some(&self.json)
    }
}

fn push_json(json: &mut String, text: &str) {
    // Every byte is looked at, whatever stood before it: that is done for many bytes at once.
    let needs_escape = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    let is_plain = !text.bytes().fold(false, |found, byte| found | needs_escape(byte));
    if is_plain {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    /// Reads lines, which are the same however many bytes the input holds at once.
    fn lines(bytes: &[u8], limit: usize) -> Vec<String> {
        let whole = lines_by(bytes.len().max(1), bytes, limit);
        for capacity in [1, 2, 3, 5, 8] {
            assert_eq!(lines_by(capacity, bytes, limit), whole, "{capacity} bytes at once");
        }
        whole
    }

    fn lines_by(capacity: usize, bytes: &[u8], limit: usize) -> Vec<String> {
        let mut input = BufReader::with_capacity(capacity, Cursor::new(bytes.to_vec()));
        let mut read = Vec::new();
        Lines::new(&mut input, limit).each(&mut |line| {
            assert_eq!(line.number, u64::try_from(read.len()).unwrap().saturating_add(1));
            read.push(match line.content {
                Content::Text(text) => text.to_owned(),
                Content::Mended(text, _) => format!("<mended> {text}"),
                Content::TooLong => "<long>".to_owned(),
                Content::Broken(error) => format!("<{error}>"),
            });
        });
        read
    }

    #[test]
    fn marks_and_line_ends_are_no_text() {
        assert_eq!(lines(b"\xEF\xBB\xBFa\r\nb\n\nc", 99), ["a", "b", "", "c"]);
        assert_eq!(lines(b"", 99), Vec::<String>::new());
    }

    #[test]
    fn utf16_is_read_in_both_orders_even_where_a_half_looks_like_a_newline() {
        let text = "a\u{0A0A}b\u{0A41}\r\ncé\n\nd";
        let little: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let expected = ["a\u{0A0A}b\u{0A41}", "cé", "", "d"];
        assert_eq!(lines(&little, 99), expected);
        assert_eq!(lines(&big, 99), expected);
    }

    #[test]
    fn old_code_pages_are_read_and_told() {
        assert_eq!(lines(b"caf\xE9\nok", 99), ["<mended> café", "ok"]);
        assert_eq!(lines(b"ok\ncaf\xC3\xA9\ncaf\xE9\nok\n", 99), ["ok", "café", "<mended> café", "ok"]);
    }

    #[test]
    fn utf16_without_a_mark_is_known_by_its_look() {
        let text = "#Software: x\r\n2021 é\u{65E5}\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            assert_eq!(lines(&bytes, 99), ["#Software: x", "2021 é\u{65E5}"]);
            assert!(decode_head(&bytes).starts_with("#Software"));
        }
        assert_eq!(lines(b"a\0b\nc", 99), ["a\0b", "c"]);
    }

    #[test]
    fn a_long_line_of_utf16_does_not_shift_the_next() {
        let text = format!("ab\n{}\ncd\n", "\u{0A0A}x".repeat(50));
        let bytes: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(lines(&bytes, 20), ["ab", "<long>", "cd"]);
    }

    #[test]
    fn a_long_line_is_skipped_alone() {
        assert_eq!(lines(b"ab\ncdefghijk\nl\nmnopqrst", 6), ["ab", "<long>", "l", "<long>"]);
    }

    #[test]
    fn clocks_read_what_logs_write() {
        let mut clock = Clock::default();
        let at = |text: &str| text.parse::<Timestamp>().ok();
        assert_eq!(clock.read("2021-03-02", "23:59:59"), at("2021-03-02T23:59:59Z"));
        assert_eq!(clock.read_iso("2021-03-03T00:00:00.125Z"), at("2021-03-03T00:00:00.125Z"));
        assert_eq!(clock.read_iso("2021-03-03T09:00:00+09:00"), at("2021-03-03T00:00:00Z"));
        for (day, time) in
            [("2021-02-30", "00:00:00"), ("2021-03-02", "24:00:00"), ("2021-03-02", ":::"), ("", "")]
        {
            assert_eq!(clock.read(day, time), None, "{day} {time}");
        }
    }

    #[test]
    fn rest_is_json_whatever_the_values() {
        let mut rest = Rest::default();
        assert_eq!(rest.finish(), None);
        rest.add("a", "1\"\\\u{1}");
        rest.add("b", "é");
        let json = rest.finish().unwrap();
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(value, serde_json::json!({"a": "1\"\\\u{1}", "b": "é"}));
    }
}
