//! What is to be looked for beside builds: what flaws need, what mitigates them, and by which facts both are seen.

use super::flaw::{Fixes, Standing};
use super::sheet::{Cells, Row};
use afterpatch_model::{Build, Timestamp};
use std::str::FromStr;

/// Something that flaws need beside the build: a row of `needs.tsv`.
#[derive(Debug, Clone, PartialEq)]
pub struct NeedKind {
    /// Its id, such as `extended-protection`.
    pub id: String,
    /// Whether it is taken as met where the evidence says nothing of it: it fails only if somebody acted.
    pub met_unseen: bool,
    /// What it is, in one line of English.
    pub what: String,
    /// Who says so.
    pub source: String,
    /// A default spreads over the builds as a fix does.
    pub(super) default: Fixes,
}

impl NeedKind {
    /// Tells whether `build` meets it by default, unless somebody turned it off.
    pub fn is_default(&self, build: Build) -> bool {
        matches!(self.default.standing(build), Standing::Fixed | Standing::Mended)
    }
}

impl Row for NeedKind {
    const FILE: &'static str = "needs.tsv";
    const COLUMNS: &'static [&'static str] = &["id", "default_from", "unseen", "what", "source"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        Ok(Self {
            id: cells.text("id")?.to_owned(),
            met_unseen: cells.one_of("unseen", &[("met", true), ("unknown", false)])?,
            what: cells.text("what")?.to_owned(),
            source: cells.text("source")?.to_owned(),
            default: Fixes(cells.words("default_from")?),
        })
    }
}

/// What makes flaws harder to use without fixing them: a row of `mitigations.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MitigationKind {
    /// Its id, such as `eomt`.
    pub id: String,
    /// The flaws that it bears on.
    pub cves: Vec<String>,
    /// What it does, in one line of English.
    pub what: String,
    /// What it leaves open, in one line of English.
    pub limits: String,
    /// Who says so.
    pub source: String,
}

impl Row for MitigationKind {
    const FILE: &'static str = "mitigations.tsv";
    const COLUMNS: &'static [&'static str] = &["id", "cves", "what", "limits", "source"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        Ok(Self {
            id: cells.text("id")?.to_owned(),
            cves: cells.words("cves")?,
            what: cells.text("what")?.to_owned(),
            limits: cells.text("limits")?.to_owned(),
            source: cells.text("source")?.to_owned(),
        })
    }
}

/// A fact that shows something: a row of `signs.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// What is seen.
    pub kind: SignKind,
    /// Which of them.
    pub id: String,
    /// The one flaw of which it says so; of every flaw that has the need where there is none.
    pub cve: Option<String>,
    /// What the fact says of it.
    pub says: Says,
    /// The view of facts that it is looked for in; one of [`Sign::TABLES`].
    pub table: String,
    /// What the fact is called, what it says, what it applies to.
    pub patterns: [Pattern; 3],
    /// A fact of an earlier moment says nothing.
    pub since: Option<Timestamp>,
}

/// What a sign shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignKind {
    /// Something that flaws need.
    Need,
    /// A mitigation.
    Mitigation,
    /// The role of the server.
    Role,
}

/// What a sign says of what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// It is there.
    Seen,
    /// It is met.
    Met,
    /// It is met where all signs of this kind are there that one table can hold.
    MetEvery,
    /// It is not met.
    Unmet,
}

impl Sign {
    /// The views of facts in which signs are looked for.
    pub const TABLES: [&'static str; 7] = [
        "settings",
        "settings_rest",
        "log_messages",
        "windows_events",
        "admin_commands",
        "builds",
        "windows",
    ];
}

/// What a value has to be for a sign to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Anything, also nothing: `%`.
    Any,
    /// It is like this, by SQL's `LIKE` and in lower case.
    Like(String),
    /// It is there, and not like this: `!` before the pattern.
    Unlike(String),
    /// It is a number, and at least this one: `>=` before it.
    AtLeast(u32),
    /// It is a number below this one: `<` before it.
    Below(u32),
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse().map_err(|_| format!("{text:?} is no number"));
        if text.to_lowercase() != text {
            return Err(format!("{text:?} is not in lower case"));
        }
        Ok(match (text, text.strip_prefix('!'), text.strip_prefix(">="), text.strip_prefix('<')) {
            ("%", ..) => Self::Any,
            (_, Some(unlike), ..) => Self::Unlike(unlike.to_owned()),
            (_, _, Some(least), _) => Self::AtLeast(number(least)?),
            (.., Some(above)) => Self::Below(number(above)?),
            _ => Self::Like(text.to_owned()),
        })
    }
}

impl Row for Sign {
    const FILE: &'static str = "signs.tsv";
    const COLUMNS: &'static [&'static str] =
        &["kind", "id", "says", "table", "name", "value", "scope", "since", "source"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        cells.text("source")?;
        let kinds =
            [("need", SignKind::Need), ("mitigation", SignKind::Mitigation), ("role", SignKind::Role)];
        let words =
            [("seen", Says::Seen), ("met", Says::Met), ("met-every", Says::MetEvery), ("unmet", Says::Unmet)];
        let kind = cells.one_of("kind", &kinds)?;
        let says = cells.one_of("says", &words)?;
        if (kind == SignKind::Need) == (says == Says::Seen) {
            return Err("a need is met or unmet; what else there is is seen".to_owned());
        }
        let pattern = |column| cells.text(column).and_then(str::parse);
        let patterns = [pattern("name")?, pattern("value")?, pattern("scope")?];
        let (id, cve) = match cells.text("id")?.split_once(' ') {
            Some((id, cve)) => (id, Some(cve.to_owned())),
            None => (cells.text("id")?, None),
        };
        Ok(Self {
            kind,
            id: id.to_owned(),
            cve,
            says,
            table: cells.one_of("table", &Self::TABLES.map(|table| (table, table)))?.to_owned(),
            patterns,
            since: cells.maybe("since")?,
        })
    }
}
