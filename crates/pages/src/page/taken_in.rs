//! The files that a page takes in, by the names that its directives and tags give them.

use super::{Directive, Page};
use crate::kind::Kind;

/// How a file is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Its text stands where the directive stands: it is of one program with what stands around.
    Text,
    /// It is a program of its own, compiled or run with the page: the code behind it, a control, the page around it.
    Program,
    /// It is what an address answers, and no file.
    Answer,
}

/// Where the search for a file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// In the folder of the file that names it.
    Folder,
    /// At the begin of a site, application or drive, or where nothing says: in that folder, or in the nearest above it.
    Above,
}

/// A file as another names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'n> {
    /// Its path, with `/` or `\` between the parts: `../x.inc`. Text from evidence: hostile.
    pub path: &'n str,
    /// Where the search for it begins.
    pub start: Start,
}

impl<'n> Named<'n> {
    /// Reads a name as pages spell it; none where it is the address of another server, or names nothing.
    pub fn read(name: &'n str) -> Option<Self> {
        let name = name.split('?').next().unwrap_or(name).trim();
        if name.contains("://") {
            return None;
        }
        let below_drive = name.split_once(':').filter(|(drive, _)| drive.len() == 1);
        let path = below_drive.map_or(name, |(_, rest)| rest).trim_start_matches(['~', '/', '\\']);
        let start = if path.len() < name.len() { Start::Above } else { Start::Folder };
        (!path.is_empty()).then_some(Self { path, start })
    }

    /// Returns the paths that the name may stand for, with `/` between the parts, the likeliest first; `by` is the path of the
    /// file that names it.
    pub fn paths(self, by: &str) -> impl Iterator<Item = String> {
        let is_slash = |sign: char| matches!(sign, '/' | '\\');
        let mut folder: Vec<&str> = by.split(is_slash).collect();
        folder.pop();
        let n_folders = if self.start == Start::Folder { 1 } else { folder.len().max(1) };
        let paths = (0..n_folders).map(move |up| {
            let mut parts = folder[..folder.len().saturating_sub(up)].to_vec();
            for part in self.path.split(is_slash) {
                match part {
                    "" | "." => {}
                    ".." => drop(parts.pop()?),
                    part => parts.push(part),
                }
            }
            Some(parts.join("/"))
        });
        paths.flatten().collect::<Vec<_>>().into_iter()
    }

    /// Returns the name, to be searched for above the folder too.
    #[must_use]
    pub fn from_above(self) -> Self {
        Self { start: Start::Above, ..self }
    }
}

/// Tags that take a file in.
#[derive(Debug)]
pub struct Tag {
    kinds: &'static [Kind],
    names: &'static [&'static str],
    /// The attributes that name files.
    attributes: &'static [&'static str],
    how: How,
    /// The function of the tables that the tag is a call of; empty where taking in is all that it does.
    pub(crate) function: &'static str,
}

const fn tag(
    kinds: &'static [Kind],
    names: &'static [&'static str],
    attributes: &'static [&'static str],
    how: How,
) -> Tag {
    Tag { kinds, names, attributes, how, function: "" }
}

/// Files with markup that may have code behind them.
const FORMS: &[Kind] = &[Kind::Aspx, Kind::Ascx];

/// Every tag that takes a file in.
static TAGS: &[Tag] = &[
    Tag { function: "#include", ..tag(&[Kind::Asp], &["include"], &["file", "virtual"], How::Text) },
    Tag {
        function: "#include",
        ..tag(&[Kind::Jsp], &["jsp:include", "jsp:forward"], &["page"], How::Program)
    },
    Tag { function: "#fetch", ..tag(&[Kind::Jsp], &["c:import"], &["url"], How::Answer) },
    tag(&[Kind::Aspx, Kind::Ascx, Kind::Asax], &["include"], &["file", "virtual"], How::Text),
    tag(&[Kind::Jsp], &["include"], &["file"], How::Text),
    tag(
        FORMS,
        &["page", "control", "master"],
        &["codefile", "codebehind", "src", "masterpagefile"],
        How::Program,
    ),
    tag(FORMS, &["register"], &["src"], How::Program),
    tag(&[Kind::Asax], &["application"], &["codefile", "codebehind"], How::Program),
    tag(
        &[Kind::Ashx, Kind::Asmx],
        &["webhandler", "webservice", "servicehost"],
        &["codefile", "codebehind"],
        How::Program,
    ),
    tag(&[Kind::Aspx, Kind::Ascx, Kind::Ashx, Kind::Asmx], &["assembly"], &["src"], How::Program),
];

impl Tag {
    /// Returns what a directive of a page of that kind says of files: the tag, the attribute, and its value.
    pub(crate) fn all<'d>(
        kind: Kind,
        directive: &'d Directive<'_>,
    ) -> impl Iterator<Item = (&'static Self, &'static str, &'d str)> {
        let own = move |tag: &&'static Self| {
            tag.kinds.contains(&kind) && tag.names.contains(&directive.name.as_str())
        };
        let said = |tag: &'static Self| tag.attributes.iter().map(move |attribute| (tag, *attribute));
        TAGS.iter()
            .filter(own)
            .flat_map(said)
            .filter_map(|(tag, attribute)| Some((tag, attribute, directive.attribute(attribute)?)))
    }
}

/// Returns the files that the directives and tags of a page name, each with its directive, in their order.
pub fn named<'p>(page: &'p Page<'_>) -> impl Iterator<Item = (&'p Directive<'p>, How, Named<'p>)> {
    let kind = page.kind;
    page.directives.iter().flat_map(move |directive| {
        Tag::all(kind, directive).filter_map(move |(tag, attribute, value)| {
            let named = Named::read(value).filter(|_| !is_worked_out(value))?;
            let named = if attribute == "virtual" { named.from_above() } else { named };
            Some((directive, tag.how, named))
        })
    })
}

/// Returns whether an attribute has an expression in it.
fn is_worked_out(value: &str) -> bool {
    ["<%", "${", "#{"].iter().any(|mark| value.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page;

    #[test]
    fn a_page_says_which_files_it_takes_in() {
        let named = |text: &str, kind| {
            let page = page::cut(text, kind);
            named(&page)
                .map(|(directive, how, named)| (directive.line, how, named.path.to_owned(), named.start))
                .collect::<Vec<_>>()
        };
        let (text, program) = (How::Text, How::Program);
        let below = |line, how, path: &str| (line, how, path.to_owned(), Start::Folder);
        let above = |line, how, path: &str| (line, how, path.to_owned(), Start::Above);
        assert_eq!(
            named("<!--#include file='a/x.inc'-->\n<!-- #INCLUDE virtual=\"/y.inc\" -->", Kind::Asp),
            [below(1, text, "a/x.inc"), above(2, text, "y.inc")]
        );
        let page = "<%@ Page MasterPageFile=\"~/x.master\" CodeFile=\"x.aspx.cs\" %>\n\
                    <%@ Register TagPrefix=\"u\" TagName=\"u\" Src=\"u.ascx\" %>";
        assert_eq!(
            named(page, Kind::Aspx),
            [below(1, program, "x.aspx.cs"), above(1, program, "x.master"), below(2, program, "u.ascx")]
        );
        let page =
            "<%@ include file=\"x.jspf\" %><jsp:include page=\"/y.jsp?a=b\"/><jsp:include page=\"${z}\"/>";
        assert_eq!(named(page, Kind::Jsp), [below(1, text, "x.jspf"), above(1, program, "y.jsp")]);
        assert_eq!(
            named("<%@ WebHandler Class=\"X\" CodeBehind=\"x.ashx.cs\" %>", Kind::Ashx),
            [below(1, program, "x.ashx.cs")]
        );
        assert_eq!(named("<%@ Page Language=\"C#\" %><!--#include-->", Kind::Aspx), []);
    }

    #[test]
    fn a_name_stands_for_a_file_below_the_folder_or_a_folder_above() {
        let paths = |name: &str, by: &str| Named::read(name).unwrap().paths(by).collect::<Vec<_>>();
        assert_eq!(paths("x.inc", "/s/a/p.asp"), ["/s/a/x.inc"]);
        assert_eq!(paths("..\\b\\.\\x.inc", "/s/a/p.asp"), ["/s/b/x.inc"]);
        assert_eq!(paths("~/b/x.inc", "/s/a/p.asp"), ["/s/a/b/x.inc", "/s/b/x.inc", "/b/x.inc"]);
        assert_eq!(paths("../../../../x.inc", "/s/a/p.asp"), [""; 0]);
        assert_eq!(paths("/x.inc", "p.asp"), ["x.inc"]);
    }

    #[test]
    fn an_address_of_another_server_names_no_file() {
        assert_eq!(Named::read("http://example.org/x.asp"), None);
        assert_eq!(Named::read(" ?x=1"), None);
        assert_eq!(Named::read("C:\\x\\y.php"), Some(Named { path: "x\\y.php", start: Start::Above }));
    }
}
