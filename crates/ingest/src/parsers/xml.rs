//! XML that somebody may have written to harm: no entity is expanded, and depth and size are bounded.

use crate::input::{Evidence, Limits, problem_code};
use afterpatch_model::{ProblemCode, Rows};
use encoding_rs::Encoding;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::io::Read;

/// The deepest nest of elements that is walked.
const DEPTH: usize = 64;
/// The largest file that is walked: configurations are far smaller.
const MOST_BYTES: u64 = 32 << 20;

/// An element that is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name without its prefix, as written.
    pub(super) name: String,
    /// Its attributes, in order.
    pub(super) attributes: Vec<(String, String)>,
    /// The text directly in it, so far.
    pub(super) text: String,
    /// The line that it begins in.
    pub(super) line: u64,
}

impl Element {
    /// Returns an attribute; names are compared without case, as IIS does.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Gives each element to `each` when it closes, with those that are open around it, the outermost first.
pub(super) fn each_element(
    input: &mut dyn Evidence,
    limits: &Limits,
    rows: &mut Rows<'_>,
    each: &mut dyn FnMut(&[Element], &Element, &mut Rows<'_>),
) {
    let Some(text) = read_text(input, limits, rows) else {
        return;
    };
    let mut walk = Walk { text: &text, open: Vec::new(), line: 1, counted: 0 };
    if let Err(error) = walk.run(rows, each) {
        rows.lost(ProblemCode::BadXml, walk.line, error.to_string());
    }
}

fn read_text(input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) -> Option<String> {
    let most = MOST_BYTES.min(limits.memory_bytes);
    let mut bytes = Vec::new();
    if let Err(error) = input.take(most.saturating_add(1)).read_to_end(&mut bytes) {
        rows.remark(problem_code(&error), None, error.to_string());
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        rows.lost(ProblemCode::TooLarge, 1, format!("more than {most} bytes of XML"));
        return None;
    }
    let (encoding, _) = Encoding::for_bom(&bytes).unwrap_or((encoding_rs::UTF_8, 0));
    let (text, _, is_lossy) = encoding.decode(&bytes);
    if is_lossy {
        rows.remark(ProblemCode::BadEncoding, None, encoding.name());
    }
    Some(text.into_owned())
}

struct Walk<'t> {
    text: &'t str,
    open: Vec<Element>,
    line: u64,
    counted: usize,
}

impl Walk<'_> {
    fn run(
        &mut self,
        rows: &mut Rows<'_>,
        each: &mut dyn FnMut(&[Element], &Element, &mut Rows<'_>),
    ) -> Result<(), quick_xml::Error> {
        let mut reader = Reader::from_str(self.text);
        loop {
            let event = reader.read_event()?;
            self.count_lines(reader.buffer_position());
            match event {
                Event::Start(start) => self.begin(&start, rows),
                Event::Empty(start) => {
                    self.begin(&start, rows);
                    self.end(rows, each);
                }
                Event::End(_) => self.end(rows, each),
                Event::Text(text) => self.add(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => self.add(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => {
                    let raw = reference.xml_content(XmlVersion::Implicit1_0).into_owned();
                    self.add(&reference.resolve_char_ref()?.map_or_else(|| predefined(&raw), String::from));
                }
                Event::DocType(_) => {
                    rows.remark(
                        ProblemCode::BadXml,
                        Some(self.line),
                        "a DOCTYPE: nothing that it declares is used",
                    );
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn count_lines(&mut self, position: u64) {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        let passed = self.text.as_bytes().get(self.counted..position).unwrap_or_default();
        let newlines = u64::try_from(memchr::memchr_iter(b'\n', passed).count()).unwrap_or(0);
        self.line = self.line.saturating_add(newlines);
        self.counted = position;
    }

    fn begin(&mut self, start: &BytesStart<'_>, rows: &mut Rows<'_>) {
        if self.open.len() == DEPTH {
            rows.remark(
                ProblemCode::BadXml,
                Some(self.line),
                format!("elements more than {DEPTH} deep are passed over"),
            );
        }
        self.open.push(element(start, self.line));
    }

    fn end(&mut self, rows: &mut Rows<'_>, each: &mut dyn FnMut(&[Element], &Element, &mut Rows<'_>)) {
        if let Some(element) = self.open.pop().filter(|_| self.open.len() < DEPTH) {
            each(&self.open, &element, rows);
        }
    }

    fn add(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }
}

fn element(start: &BytesStart<'_>, line: u64) -> Element {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let value = |attribute: &quick_xml::events::attributes::Attribute<'_>| {
        let read = attribute.normalized_value(XmlVersion::Implicit1_0);
        read.map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned)
    };
    let mut attributes = start.attributes();
    // Attributes that are given twice are a fault of the file, and no reason to read neither.
    let attributes = attributes.with_checks(false).filter_map(Result::ok);
    Element {
        name: text(start.local_name().as_ref().as_ref()),
        attributes: attributes
            .map(|own| (text(own.key.local_name().as_ref().as_ref()), value(&own)))
            .collect(),
        text: String::new(),
        line,
    }
}

/// Returns what one of the five entities stands for that XML itself defines; any other stays as it is written.
fn predefined(name: &str) -> String {
    let known = [("lt", "<"), ("gt", ">"), ("amp", "&"), ("quot", "\""), ("apos", "'")];
    let found = known.iter().find(|(own, _)| *own == name);
    found.map_or_else(|| format!("&{name};"), |(_, stands_for)| (*stands_for).to_owned())
}
