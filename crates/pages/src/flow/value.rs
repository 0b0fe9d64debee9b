//! What is known of a value without running anything.

use super::bytes::{self, Bytes};
use crate::passwords::is_field;
use crate::tree::Text;
use memchr::memchr;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where something came from: a set of [`Source`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub(crate) struct Sources(u16);

/// A kind of place that a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Source {
    /// Query string, form, any field of the request.
    Request = 1,
    /// A header, the address of the page among them.
    Header = 1 << 1,
    /// The body as it was sent, or a file in it.
    Body = 1 << 2,
    /// What stands in a control of the page.
    Control = 1 << 3,
    /// What a web method is called with.
    Parameter = 1 << 4,
    /// What another server answered.
    Remote = 1 << 5,
    /// What a file holds, or a folder.
    File = 1 << 6,
    /// What a database answered.
    Database = 1 << 7,
    /// What a process wrote.
    Process = 1 << 8,
    /// What the server says of itself and of the request: its paths, the visitor's address.
    Server = 1 << 9,
    /// A field that is named as those of passwords are, beside where else it came from.
    Password = 1 << 10,
    /// How the columns of what a database answered are called.
    Columns = 1 << 11,
}

impl Sources {
    /// What a visitor of the page chooses.
    pub(crate) const VISITOR: Self = Self(
        Source::Request as u16
            | Source::Header as u16
            | Source::Body as u16
            | Source::Control as u16
            | Source::Parameter as u16,
    );

    /// What is followed from one turn of a loop to the next: what databases and the server itself say is not.
    pub(crate) const FOLLOWED: Self =
        Self(Self::VISITOR.0 | Source::Remote as u16 | Source::File as u16 | Source::Process as u16);

    /// Returns the set of one.
    pub(crate) const fn of(source: Source) -> Self {
        Self(source as u16)
    }

    /// Returns both sets as one.
    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether the two sets share a source.
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns whether nothing is in it.
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// One step of a way, and what came before it.
#[derive(Debug)]
pub(crate) struct Trace {
    /// The line of the page.
    pub(crate) line: u32,
    /// What stands there.
    pub(crate) what: Box<str>,
    /// How many steps came before.
    pub(crate) depth: u8,
    /// The step before.
    pub(crate) before: Option<Rc<Trace>>,
}

/// Ways are not told beyond so many steps.
const LONGEST_WAY: u8 = 24;

impl Trace {
    /// Returns the way with one more step, or as it is where it is long enough.
    pub(crate) fn step(before: Option<&Rc<Self>>, line: u32, what: &str) -> Rc<Self> {
        if let Some(before) = before
            && (before.depth >= LONGEST_WAY || (before.line == line && &*before.what == what))
        {
            return Rc::clone(before);
        }
        Rc::new(Self {
            line,
            what: shortened(what).into(),
            depth: before.map_or(0, |before| before.depth + 1),
            before: before.cloned(),
        })
    }
}

/// Returns as much of what stands in a page as a step tells.
pub(crate) fn shortened(what: &str) -> &str {
    /// In characters.
    const LONGEST_STEP: usize = 80;
    if what.len() <= LONGEST_STEP {
        return what;
    }
    what.char_indices().nth(LONGEST_STEP).map_or(what, |(end, _)| &what[..end])
}

/// What of a value is fixed.
#[derive(Debug, Clone, Default)]
pub(crate) enum Known {
    /// Nothing.
    #[default]
    No,
    /// The text. [`HOLE`] stands for what is not known of it.
    Text(Text),
    /// The text, out of a decoder that gave bytes: a character each.
    Bytes(Rc<Bytes>),
    /// The whole number.
    Number(i64),
}

impl Known {
    /// Returns bytes as text.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        if bytes.is_ascii() {
            Self::Text(Rc::new(String::from_utf8(bytes).unwrap_or_default()))
        } else {
            Self::Bytes(Rc::new(Bytes::new(bytes)))
        }
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(bytes) => Some(bytes.text()),
            Self::Number(_) | Self::No => None,
        }
    }

    /// Returns the length of the text, in bytes of UTF-8; 0 where there is none.
    pub(crate) fn text_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.text_len(),
            Self::Number(_) | Self::No => 0,
        }
    }

    /// Returns the bytes of the text.
    pub(crate) fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Text(text) => Some(bytes::of_text(text)),
            Self::Bytes(bytes) => Some(Cow::Borrowed(bytes.all())),
            Self::Number(_) | Self::No => None,
        }
    }

    /// Returns whether two are known to be the same, or nothing is known of both.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::No, Self::No) => true,
            (Self::Number(one), Self::Number(two)) => one == two,
            (Self::Bytes(one), Self::Bytes(two)) => one.all() == two.all(),
            _ => match (self.text(), other.text()) {
                (Some(one), Some(two)) => Rc::ptr_eq(one, two) || one == two,
                _ => false,
            },
        }
    }
}

/// Stands in a known text for a part that is not known.
pub(crate) const HOLE: char = '\u{E0F0}';

/// Returns whether a text has a [`HOLE`].
pub(crate) fn has_hole(text: &str) -> bool {
    /// Hardly a character of any page begins as it does.
    const FIRST_BYTE: u8 = 0xEE;
    memchr(FIRST_BYTE, text.as_bytes()).is_some_and(|at| text[at..].contains(HOLE))
}

/// The name that [`HOLE`] has where such a text is read as a program.
pub(crate) const HOLE_NAME: &str = "hole_of_text";

/// Known texts are no longer than this, in bytes: encoded programs within pages are.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;

/// What is true of a value beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub(crate) struct Marks(u16);

impl Marks {
    /// It came out of something that decodes.
    pub(crate) const DECODED: Self = Self(1);
    /// Nothing from outside of the page is in it.
    pub(crate) const FIXED: Self = Self(2);
    /// The visitor's text begins it (or stands where a shell's command stands): it is the visitor's, not a part filled in.
    pub(crate) const WHOLE: Self = Self(4);
    /// A name that nothing in the page declares: a namespace, a control, something of another file.
    pub(crate) const UNDECLARED: Self = Self(8);
    /// A digest.
    pub(crate) const DIGEST: Self = Self(16);
    /// A name of a type or namespace, not an object.
    pub(crate) const STATIC: Self = Self(32);
    /// A known text that had to be put together or decoded first.
    pub(crate) const FOLDED: Self = Self(64);
    /// A file whose name the visitor chose, an answer from where the visitor wanted.
    pub(crate) const CHOSEN: Self = Self(128);
    /// The visitor's text ends it: of a file's name, the visitor says what kind of file it is.
    pub(crate) const ENDS: Self = Self(256);
    /// A variable that was declared and not set.
    pub(crate) const UNSET: Self = Self(512);
    /// No mark.
    pub(crate) const NONE: Self = Self(0);

    /// Returns whether all of `other` are there.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns both.
    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns those that both have.
    #[must_use]
    pub(crate) const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns these without the others.
    #[must_use]
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Marks that a value has when one of its parts has them.
const SPREADING: Marks =
    Marks::DECODED.and(Marks::WHOLE).and(Marks::DIGEST).and(Marks::FOLDED).and(Marks::CHOSEN);

/// Members of a list or object, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    /// Members by place.
    pub(crate) list: Vec<Value>,
    /// Members by name.
    pub(crate) named: BTreeMap<Box<str>, Value>,
}

/// What is known of a value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Value {
    /// What is fixed of it.
    pub(crate) known: Known,
    /// Where it came from.
    pub(crate) sources: Sources,
    /// What else is true of it.
    pub(crate) marks: Marks,
    /// The way that it came, where it came from anywhere.
    pub(crate) trace: Option<Rc<Trace>>,
    /// The type of the object: a name of the tables.
    pub(crate) of: Option<&'static str>,
    /// Its members.
    pub(crate) parts: Option<Rc<Parts>>,
}

impl Value {
    /// Returns what holds nothing of anybody: `true`, `null`.
    pub(crate) fn fixed() -> Self {
        Self { marks: Marks::FIXED, ..Self::default() }
    }

    /// Returns a text that stands in the page.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::shared(&Rc::new(text.into()))
    }

    /// Returns a text of the tree of the page.
    pub(crate) fn shared(text: &Text) -> Self {
        Self { known: Known::Text(Rc::clone(text)), marks: Marks::FIXED, ..Self::default() }
    }

    /// Returns a number that stands in the page.
    pub(crate) fn number(number: i64) -> Self {
        Self { known: Known::Number(number), marks: Marks::FIXED, ..Self::default() }
    }

    /// Returns what comes from a source.
    pub(crate) fn from_source(source: Source, line: u32, what: &str) -> Self {
        Self {
            sources: Sources::of(source),
            marks: Marks::WHOLE.and(Marks::ENDS),
            trace: Some(Trace::step(None, line, what)),
            ..Self::default()
        }
    }

    /// Returns whether a visitor chooses it.
    pub(crate) fn is_visitors(&self) -> bool {
        self.sources.meets(Sources::VISITOR)
    }

    /// Returns whether it is worth following: what a visitor, another server or a file gave, or a decoder.
    pub(crate) fn is_followed(&self) -> bool {
        self.sources.meets(Sources::FOLLOWED)
            || self.marks.has(Marks::DECODED)
            || self.marks.has(Marks::FOLDED)
    }

    /// Returns whether it is what was sent as a password, and no digest of it.
    pub(crate) fn is_password(&self) -> bool {
        self.sources.meets(Sources::of(Source::Password)) && !self.marks.has(Marks::DIGEST)
    }

    /// Returns it as what was sent as a password, where a visitor sent it in a field that is named so.
    #[must_use]
    pub(crate) fn of_field(mut self, name: &str) -> Self {
        if self.is_visitors() && is_field(name) {
            self.sources = self.sources.and(Sources::of(Source::Password));
        }
        self
    }

    /// Returns whether nothing of what is fixed of it is unknown.
    pub(crate) fn is_whole(&self) -> bool {
        match &self.known {
            Known::Text(text) => !has_hole(text),
            Known::Bytes(_) | Known::Number(_) | Known::No => true,
        }
    }

    /// Returns its text where all of it is known.
    pub(crate) fn full_text(&self) -> Option<&str> {
        if self.is_whole() { self.open_text() } else { None }
    }

    /// Returns its text, with holes for what is not known.
    pub(crate) fn open_text(&self) -> Option<&str> {
        self.known.text().map(|text| text.as_str())
    }

    /// Returns its number, also of a text of digits.
    pub(crate) fn full_number(&self) -> Option<i64> {
        match &self.known {
            Known::Number(number) => Some(*number),
            Known::Text(text) => text.trim().parse().ok(),
            Known::Bytes(_) | Known::No => None,
        }
    }

    /// Returns its text, of a number its digits.
    pub(crate) fn as_text(&self) -> Option<Rc<String>> {
        match &self.known {
            Known::Number(number) => Some(Rc::new(number.to_string())),
            known => known.text().cloned(),
        }
    }

    /// Returns what is made of this: its sources, marks and way, with nothing known of its text.
    #[must_use]
    pub(crate) fn carried(&self) -> Self {
        Self {
            known: Known::No,
            sources: self.sources,
            marks: self
                .marks
                .without(Marks::UNDECLARED.and(Marks::STATIC).and(Marks::FOLDED).and(Marks::UNSET)),
            trace: self.trace.clone(),
            of: None,
            parts: None,
        }
    }

    /// Takes in where another value came from, as a container does with what is put into it.
    pub(crate) fn absorb(&mut self, other: &Self) {
        if self.trace.is_none() || (!self.is_visitors() && other.is_visitors()) {
            self.trace.clone_from(&other.trace);
        }
        self.sources = self.sources.and(other.sources);
        let fixed = self.marks.common(other.marks).common(Marks::FIXED);
        self.marks = self.marks.without(Marks::FIXED).and(fixed).and(other.marks.common(SPREADING));
    }

    /// Returns what a variable holds after one of two ways was taken.
    #[must_use]
    pub(crate) fn join(mut self, other: &Self) -> Self {
        // What was not set before is what it is set to, as if nothing had been declared.
        if self.marks.has(Marks::UNSET) {
            self.known = other.known.clone();
            self.marks = self.marks.without(Marks::UNSET).and(other.marks.common(Marks::UNSET));
        } else if !other.marks.has(Marks::UNSET) && !self.known.is_same(&other.known) {
            self.known = Known::No;
        }
        self.of = self.of.or(other.of);
        if self.parts.is_none() {
            self.parts.clone_from(&other.parts);
        }
        self.absorb(other);
        self
    }

    /// Returns the member at a place or of a name; what is not told apart is as the whole.
    pub(crate) fn member(&self, key: &Self) -> Option<&Self> {
        let parts = self.parts.as_deref()?;
        match &key.known {
            Known::Number(number) => {
                let place = usize::try_from(*number).ok();
                place
                    .and_then(|place| parts.list.get(place))
                    .or_else(|| parts.named.get(&*number.to_string()))
            }
            known => parts.named.get(known.text()?.as_str()),
        }
    }

    /// Returns what any member may be: everything put together.
    pub(crate) fn any_member(&self) -> Self {
        let mut any = self.carried();
        if let Some(parts) = &self.parts {
            for part in parts.list.iter().chain(parts.named.values()).take(64) {
                any.absorb(part);
                any.of = any.of.or(part.of);
            }
        }
        any
    }

    /// Returns the members, to be changed.
    pub(crate) fn parts_mut(&mut self) -> &mut Parts {
        Rc::make_mut(self.parts.get_or_insert_default())
    }
}

/// Two values as one text. What runs a command line may stand before what the visitor chooses.
pub(crate) fn joined(left: Value, right: &Value) -> Value {
    let whole = right.marks.has(Marks::WHOLE) && left.open_text().is_some_and(is_command_prefix);
    let known = join_texts(left.known, &right.known);
    let mut value = Value { known, parts: None, of: None, ..left };
    let kept = if whole { right.marks } else { right.marks.without(Marks::WHOLE) };
    let fixed = value.marks.common(right.marks).common(Marks::FIXED);
    if value.trace.is_none() || (!value.is_visitors() && right.is_visitors()) {
        value.trace.clone_from(&right.trace);
    }
    value.sources = value.sources.and(right.sources);
    value.marks = value
        .marks
        .without(Marks::FIXED.and(Marks::UNDECLARED).and(Marks::STATIC).and(Marks::ENDS).and(Marks::UNSET))
        .and(fixed)
        .and(kept.common(SPREADING.and(Marks::ENDS)));
    value
}

/// Returns whether a text is nothing, or what a shell's command stands behind.
fn is_command_prefix(text: &str) -> bool {
    let text = text.trim_matches(|sign: char| sign.is_whitespace() || sign == '"' || sign == '\'');
    if text.is_empty() {
        return true;
    }
    if text.len() > 200 {
        return false;
    }
    let small = text.to_ascii_lowercase();
    COMMAND_SWITCHES.iter().any(|switch| small.ends_with(switch))
        || small.split(|sign: char| !sign.is_ascii_alphanumeric()).any(|word| SHELLS.contains(&word))
}

/// What stands before a command.
const COMMAND_SWITCHES: &[&str] = &["/c", "/k", "/r", "-c", "-command", "-e", "-enc", "-encodedcommand"];

/// What takes commands.
pub(crate) const SHELLS: &[&str] =
    &["cmd", "comspec", "command", "powershell", "pwsh", "bash", "sh", "zsh", "wscript", "cscript"];

/// The digits and the sign of a number.
const LONGEST_NUMBER: usize = 20;

fn join_texts(left: Known, right: &Known) -> Known {
    let mut text = match left {
        Known::Text(text) => text,
        Known::Bytes(bytes) => Rc::clone(bytes.text()),
        Known::Number(number) => Rc::new(number.to_string()),
        Known::No => match right {
            // Two unknown values together are no more known than one.
            Known::No => return Known::No,
            _ => Rc::new(HOLE.to_string()),
        },
    };
    if Rc::get_mut(&mut text).is_none() {
        let mut own = String::with_capacity(text.len() + right.text_len().max(LONGEST_NUMBER));
        own.push_str(&text);
        text = Rc::new(own);
    }
    let own = Rc::make_mut(&mut text);
    match right {
        Known::Text(right) => own.push_str(right),
        Known::Bytes(right) => own.push_str(right.text()),
        Known::Number(number) => own.push_str(&number.to_string()),
        Known::No if own.ends_with(HOLE) => {}
        Known::No => own.push(HOLE),
    }
    if own.len() > LONGEST_TEXT { Known::No } else { Known::Text(text) }
}
