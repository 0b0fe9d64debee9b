//! The kinds of pages, and the languages that they are written in.

/// What a server takes a file for, by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Classic ASP: `.asp`, `.asa`, `.cer`, `.cdx`.
    Asp,
    /// A page of ASP.NET Web Forms: `.aspx`.
    Aspx,
    /// A part of pages, or what stands around them: `.ascx`, `.master`.
    Ascx,
    /// A handler: `.ashx`.
    Ashx,
    /// A web service: `.asmx`, `.svc`, `.soap`.
    Asmx,
    /// What runs when the application starts: `.asax`.
    Asax,
    /// A page of Razor: `.cshtml`, `.vbhtml`.
    Razor,
    /// Java Server Pages: `.jsp`, `.jspx`, `.jspf`.
    Jsp,
    /// PHP: `.php`, `.phtml`, `.php5` and the like.
    Php,
    /// Source text without markup: `.cs`, `.vb`, as code-behind and generated sources are.
    Source,
    /// An assembly of .NET: `.dll`, as compiled pages, handlers and modules are.
    Assembly,
    /// What browsers run: `.js`. It is judged by what it does with passwords alone.
    Script,
}

/// A language that servers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// VBScript, of classic ASP.
    VbScript,
    /// Visual Basic .NET.
    Vb,
    /// C#.
    CSharp,
    /// JScript, of classic ASP, and JScript .NET.
    JScript,
    /// Java, in Java Server Pages.
    Java,
    /// PHP.
    Php,
}

static EXTENSIONS: &[(&str, Kind)] = &[
    ("asa", Kind::Asp),
    ("asax", Kind::Asax),
    ("ascx", Kind::Ascx),
    ("ashx", Kind::Ashx),
    ("asmx", Kind::Asmx),
    ("asp", Kind::Asp),
    ("aspx", Kind::Aspx),
    ("cdx", Kind::Asp),
    ("cer", Kind::Asp),
    ("cs", Kind::Source),
    ("cshtml", Kind::Razor),
    ("dll", Kind::Assembly),
    ("js", Kind::Script),
    ("jsp", Kind::Jsp),
    ("jspf", Kind::Jsp),
    ("jspx", Kind::Jsp),
    ("master", Kind::Ascx),
    ("php", Kind::Php),
    ("php3", Kind::Php),
    ("php4", Kind::Php),
    ("php5", Kind::Php),
    ("php7", Kind::Php),
    ("phtml", Kind::Php),
    ("soap", Kind::Asmx),
    ("svc", Kind::Asmx),
    ("vb", Kind::Source),
    ("vbhtml", Kind::Razor),
];

impl Kind {
    /// Returns the kind that an extension stands for, in any case and without its dot; none where no server runs it.
    pub fn of_extension(extension: &str) -> Option<Self> {
        EXTENSIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension)).map(|(_, kind)| *kind)
    }

    /// Returns the language of a page that names none.
    pub fn language(self) -> Language {
        match self {
            Self::Asp => Language::VbScript,
            Self::Aspx | Self::Ascx | Self::Asax => Language::Vb,
            Self::Ashx | Self::Asmx | Self::Razor | Self::Source | Self::Assembly => Language::CSharp,
            Self::Script => Language::JScript,
            Self::Jsp => Language::Java,
            Self::Php => Language::Php,
        }
    }
}
