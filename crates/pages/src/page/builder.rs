//! What the cutters of all kinds build a page with.

use super::markup::find;
use super::{Directive, MOST_PIECES, Page, Piece, Role, Stream};
use crate::kind::{Kind, Language};
use memchr::memchr_iter;
use std::borrow::Cow;
use std::ops::Range;

/// A page that is being cut, from its begin to its end.
pub(super) struct Builder<'t> {
    /// The whole text.
    pub(super) text: &'t str,
    page: Page<'t>,
    /// What stands inline.
    inline: Stream<'t>,
    /// The language that the page names.
    named: Option<Language>,
    /// Which streams are in the language of the page, named or not.
    unnamed: Vec<usize>,
    /// Where the markup begins that was passed and is in no piece yet.
    from: usize,
    /// The last place of which the line was asked, and the line.
    counted: (usize, u32),
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, kind: Kind) -> Self {
        Self {
            text,
            page: Page { kind, directives: Vec::new(), streams: Vec::new() },
            inline: Stream { language: kind.language(), declares: false, pieces: Vec::new() },
            named: None,
            unnamed: Vec::new(),
            from: 0,
            counted: (0, 1),
        }
    }

    /// Returns the line of a place. Places are asked for in their order; an earlier one gets the line of the last.
    pub(super) fn line(&mut self, at: usize) -> u32 {
        let (from, line) = self.counted;
        if at > from {
            let more = memchr_iter(b'\n', &self.text.as_bytes()[from..at]).count();
            self.counted = (at, line.saturating_add(u32::try_from(more).unwrap_or(u32::MAX)));
        }
        self.counted.1
    }

    /// Ends the markup before a place, and goes on after another.
    pub(super) fn skip(&mut self, begin: usize, after: usize) {
        self.push(Role::Markup, self.from, begin);
        self.from = after;
    }

    /// Passes over a comment of the server's, `<%-- … --%>`, where one stands; returns where to go on.
    pub(super) fn comment(&mut self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        bytes[at..].starts_with(b"<%--").then(|| {
            let after = find(bytes, at + 4, b"--%>").map_or(bytes.len(), |end| end + 4);
            self.skip(at, after);
            after
        })
    }

    /// Cuts the block that `<%` begins out of the markup; returns where its content ends and where to go on.
    pub(super) fn block(&mut self, at: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let end = find(bytes, at + 2, b"%>").unwrap_or(bytes.len());
        let after = (end + 2).min(bytes.len());
        self.skip(at, after);
        (end, after)
    }

    /// Adds a piece to what stands inline.
    pub(super) fn push(&mut self, role: Role, begin: usize, end: usize) {
        if begin < end || role != Role::Markup && begin == end {
            self.push_text(role, begin, Cow::Borrowed(&self.text[begin..end]));
        }
    }

    /// Adds a piece whose text was decoded.
    pub(super) fn push_text(&mut self, role: Role, begin: usize, text: Cow<'t, str>) {
        if self.inline.pieces.len() < MOST_PIECES {
            let line = self.line(begin);
            self.inline.pieces.push(Piece { role, text, line });
        }
    }

    /// Adds a block of declarations, in a language of its own or in that of the page.
    pub(super) fn declare(&mut self, language: Option<Language>, begin: usize, text: Cow<'t, str>) {
        let line = self.line(begin);
        if language.is_none() {
            self.unnamed.push(self.page.streams.len());
        }
        let language = language.unwrap_or(self.inline.language);
        self.page.streams.push(Stream {
            language,
            declares: true,
            pieces: vec![Piece { role: Role::Code, text, line }],
        });
    }

    /// Adds a directive that stands at a place.
    pub(super) fn directive(
        &mut self,
        place: Range<usize>,
        name: String,
        attributes: Vec<(String, Cow<'t, str>)>,
    ) {
        let line = self.line(place.start);
        self.page.directives.push(Directive { name, attributes, line, place });
    }

    /// Says which language the page names.
    pub(super) fn name_language(&mut self, language: Language) {
        self.named.get_or_insert(language);
    }

    /// Ends the page: what was not cut is markup, and what named no language is in that of the page.
    pub(super) fn finish(mut self) -> Page<'t> {
        self.push(Role::Markup, self.from, self.text.len());
        let language = self.named.unwrap_or_else(|| self.likely());
        self.inline.language = language;
        for at in self.unnamed {
            self.page.streams[at].language = language;
        }
        if !self.inline.pieces.is_empty() {
            self.page.streams.push(self.inline);
        }
        self.page
    }

    /// Returns the language of a page that names none: that of its kind; of ASP.NET, where the configuration of the site
    /// decides, what it looks like.
    fn likely(&self) -> Language {
        let language = self.page.kind.language();
        if !matches!(language, Language::Vb | Language::CSharp) || self.page.kind == Kind::Razor {
            return language;
        }
        let streams = self.unnamed.iter().map(|at| &self.page.streams[*at]).chain([&self.inline]);
        let code = streams.flat_map(|stream| &stream.pieces).filter(|piece| piece.role == Role::Code);
        let balance: i32 = code.map(|piece| balance(&piece.text)).sum();
        match balance {
            0 => language,
            1.. => Language::CSharp,
            _ => Language::Vb,
        }
    }
}

/// How many lines from the begin of a piece are looked at.
const LINES: usize = 400;

/// What lines of Basic begin with, and of C# hardly ever.
static BASIC: &[&str] = &[
    "dim ",
    "end ",
    "imports ",
    "sub ",
    "public sub ",
    "protected sub ",
    "private sub ",
    "if ",
    "elseif ",
    "next",
    "function ",
    "'",
];

/// Counts the lines that end as those of C#, less those that begin as those of Basic.
fn balance(code: &str) -> i32 {
    let lines = code.lines().take(LINES).map(str::trim).filter(|line| !line.is_empty());
    lines.fold(0, |balance, line| match line.as_bytes().last() {
        Some(b';' | b'{' | b'}') => balance + 1,
        _ if BASIC
            .iter()
            .any(|begin| line.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin))) =>
        {
            balance - 1
        }
        _ => balance,
    })
}

/// The names of languages as directives and tags give them, in small letters.
static LANGUAGES: &[(&str, Language)] = &[
    ("c#", Language::CSharp),
    ("cs", Language::CSharp),
    ("csharp", Language::CSharp),
    ("ecmascript", Language::JScript),
    ("java", Language::Java),
    ("javascript", Language::JScript),
    ("jscript", Language::JScript),
    ("js", Language::JScript),
    ("livescript", Language::JScript),
    ("php", Language::Php),
    ("vb", Language::Vb),
    ("vbs", Language::VbScript),
    ("vbscript", Language::VbScript),
    ("visualbasic", Language::Vb),
];

/// Returns the language of a name, as a page of a kind means it; none for one that no table has.
pub(super) fn language(name: &str, kind: Kind) -> Option<Language> {
    // Quotes of typesetters stand in copies of pages.
    let name = name
        .trim_matches(|char: char| char.is_whitespace() || matches!(char, '“' | '”'))
        .to_ascii_lowercase();
    let name = name.strip_suffix(".encode").unwrap_or(&name);
    let name =
        name.find(|char: char| !(char.is_ascii_alphabetic() || char == '#')).map_or(name, |end| &name[..end]);
    let language = LANGUAGES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language)?;
    Some(match (language, kind) {
        (Language::Vb, Kind::Asp) => Language::VbScript,
        (Language::VbScript, kind) if kind != Kind::Asp => Language::Vb,
        _ => language,
    })
}
