//! Flaws, and how a build stands to one.

use super::sheet::{Cells, Row};
use afterpatch_model::{Build, Exploitation, Timestamp};
use std::str::FromStr;

/// A flaw and what fixes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Flaw {
    /// Its CVE number; an advisory's where it has none.
    pub cve: String,
    /// The name that people use for it and those that belong to it.
    pub family: Option<String>,
    /// What it is, in one line of English.
    pub summary: String,
    /// How grave it is; none where that is known from memory only.
    pub score: Option<Score>,
    /// The update that fixes it, such as `Mar21SU`; none where no update of Exchange does.
    pub release: Option<String>,
    /// The day on which that update came out, where it is published.
    pub fixed_on: Option<Timestamp>,
    /// The products that the vendor names for it, as [`product_of`] spells them.
    pub products: Vec<String>,
    /// What it needs beside the build.
    pub needs: Vec<String>,
    /// When it is known to have been used.
    pub exploited: Option<Exploitation>,
    /// Who says so.
    pub sources: Vec<String>,
    /// Products that the vendor does not name, and that may have it all the same: out of support when it came out, or
    /// never told of by our sources.
    pub(super) silent: Vec<String>,
    pub(super) fixes: Fixes,
}

/// How grave a flaw is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The base score of CVSS, as published.
    pub value: String,
    /// The version of CVSS.
    pub version: String,
    /// Who says so.
    pub source: String,
}

/// The first build with the fix, in one cumulative update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fix {
    /// From this build on it may be fixed.
    pub(super) first: Build,
    /// From this build on it is.
    sure: Build,
    pub(super) and_later_updates: bool,
    /// Whether the figure is from memory: then it decides nothing.
    recalled: bool,
    /// Whether the cumulative update brought the fix itself.
    came_with_it: bool,
}

/// How a build, seen alone, stands to a flaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Its product never had the flaw, as far as the vendor says.
    NotAffected,
    /// Its cumulative update brought the fix, or one before it did.
    Fixed,
    /// An update within its cumulative update fixed it: before that update it was open.
    Mended,
    /// The sources leave it open whether the build has it.
    Doubtful,
    /// It has the flaw.
    Open,
}

impl Standing {
    /// Tells whether the build has the flaw or may have it.
    pub fn may_be_open(self) -> bool {
        matches!(self, Self::Doubtful | Self::Open)
    }

    /// Returns the name as tables and output spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAffected => "not-affected",
            Self::Fixed => "fixed",
            Self::Mended => "mended",
            Self::Doubtful => "doubtful",
            Self::Open => "open",
        }
    }
}

/// Returns the product of a build as knowledge files spell it: `2016`, `SE`.
pub fn product_of(build: Build) -> Option<&'static str> {
    build.product()?.strip_prefix("Exchange ")
}

impl Flaw {
    /// Tells how `build` stands to the flaw. Builds are compared inside their cumulative update, as four integers: an
    /// update with a higher number is not a later one.
    pub fn standing(&self, build: Build) -> Standing {
        let Some(product) = product_of(build) else { return Standing::Doubtful };
        let is = |named: &String| named == product;
        if !self.products.iter().any(is) {
            return if self.silent.iter().any(is) { Standing::Doubtful } else { Standing::NotAffected };
        }
        self.fixes.standing(build)
    }

    /// Returns the builds of this build's cumulative update that fix the flaw; none where none was published for it.
    pub fn fixed_by(&self, build: Build) -> Vec<Build> {
        let same = |fix: &&Fix| !fix.recalled && fix.sure.branch() == build.branch();
        self.fixes.0.iter().filter(same).map(|fix| fix.sure).collect()
    }

    /// Returns the first builds with the fix, one for each cumulative update that got it; none where they are known from
    /// memory only.
    pub fn fixes(&self) -> Vec<Build> {
        self.fixes.0.iter().filter(|fix| !fix.recalled).map(|fix| fix.sure).collect()
    }

    /// Tells whether any build of Exchange fixes it.
    pub fn is_fixed_by_builds(&self) -> bool {
        !self.fixes.0.is_empty()
    }

    /// From when on anybody is known to have known of it: its first known use, or the day of the update that fixes it.
    pub fn known_from(&self) -> Option<Timestamp> {
        let used = self.exploited.as_ref().map(|exploited| exploited.from);
        match (used, self.fixed_on) {
            (Some(used), Some(fixed)) => Some(used.min(fixed)),
            // Of a flaw whose fix has no published day, the first use says only that it was known by then.
            (Some(_), None) => None,
            (None, fixed) => fixed.or_else(|| year_of_number(&self.cve)),
        }
    }

    /// Tells whether two flaws are fixed by the same builds.
    pub(super) fn is_fixed_like(&self, other: &Self) -> bool {
        (&self.fixes, &self.products, &self.silent) == (&other.fixes, &other.products, &other.silent)
    }
}

/// Returns when the year began that a flaw's number is of. Nobody gave the number before.
fn year_of_number(cve: &str) -> Option<Timestamp> {
    let year = cve.strip_prefix("CVE-")?.split('-').next()?;
    format!("{year}-01-01T00:00:00Z").parse().ok()
}

/// The builds from which on something is in Exchange, one for each cumulative update that got it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fixes(pub(super) Vec<Fix>);

impl Fixes {
    /// Tells whether `build` has what these builds brought.
    pub(super) fn standing(&self, build: Build) -> Standing {
        let of_generation = |fix: &&Fix| (fix.first.major, fix.first.minor) == (build.major, build.minor);
        let generation: Vec<_> = self.0.iter().filter(of_generation).collect();
        if generation.iter().any(|fix| fix.recalled) {
            return Standing::Doubtful;
        }
        if let Some(fix) = generation.iter().find(|fix| fix.first.branch() == build.branch()) {
            return match () {
                () if build < fix.first => Standing::Open,
                () if build < fix.sure => Standing::Doubtful,
                () if fix.came_with_it => Standing::Fixed,
                () => Standing::Mended,
            };
        }
        if generation.iter().any(|fix| fix.and_later_updates && build >= fix.first) {
            return Standing::Fixed;
        }
        // A cumulative update that came out after the list was made: nothing is known of it.
        let is_newer = generation.iter().all(|fix| fix.first < build);
        if is_newer { Standing::Doubtful } else { Standing::Open }
    }

    /// Returns every build that is named.
    pub(super) fn builds(&self) -> impl Iterator<Item = Build> {
        self.0.iter().flat_map(|fix| [fix.first, fix.sure])
    }

    /// Tells whether cumulative updates alone brought it: no update within one did.
    pub(super) fn came_with_updates(&self) -> bool {
        self.0.iter().all(|fix| fix.came_with_it)
    }

    /// Notes which cumulative updates brought the fix themselves: those whose first build has it.
    pub(super) fn note_first_builds(&mut self, is_first: impl Fn(Build) -> bool) {
        for fix in &mut self.0 {
            fix.came_with_it = is_first(fix.sure);
        }
    }
}

impl FromStr for Fix {
    type Err = ();

    /// Reads `15.1.2106.13`, `15.1.2242.4+`, `15.1.1415.8|15.1.1415.10` or `~15.1.1713.5`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let figure = text.trim_start_matches('~').trim_end_matches('+');
        let (first, sure) = figure.split_once('|').unwrap_or((figure, figure));
        let (first, sure): (Build, Build) = (first.parse().map_err(drop)?, sure.parse().map_err(drop)?);
        let is_one_update = first.branch() == sure.branch() && first <= sure;
        is_one_update.then_some(()).ok_or(())?;
        Ok(Self {
            first,
            sure,
            and_later_updates: text.ends_with('+'),
            recalled: text.starts_with('~'),
            came_with_it: false,
        })
    }
}

impl Row for Flaw {
    const FILE: &'static str = "flaws.tsv";
    const COLUMNS: &'static [&'static str] = &[
        "cve",
        "family",
        "summary",
        "cvss",
        "cvss_version",
        "cvss_source",
        "release",
        "products",
        "fixes",
        "needs",
        "sources",
    ];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        let source = cells.any("cvss_source");
        let score = match (cells.any("cvss"), cells.any("cvss_version"), source) {
            (Some(value), Some(version), Some(source)) => Some(Score {
                value: value.to_owned(),
                version: version.to_owned(),
                source: source.to_owned(),
            }),
            (None, None, None) => None,
            _ => return Err("a score needs its version and its source".to_owned()),
        };
        Ok(Self {
            cve: cells.text("cve")?.to_owned(),
            family: cells.any("family").map(str::to_owned),
            summary: cells.text("summary")?.to_owned(),
            // What rests on somebody's memory stays in the file.
            score: score.filter(|score| score.source != RECALLED),
            release: cells.any("release").map(str::to_owned),
            fixed_on: None,
            products: cells.words("products")?,
            needs: cells.words("needs")?,
            exploited: None,
            sources: cells.words("sources")?,
            silent: Vec::new(),
            fixes: Fixes(cells.words("fixes")?),
        })
    }
}

/// The source of what is known from memory only.
pub(super) const RECALLED: &str = "recall";

/// When a flaw is known to have been used: a row of `exploited.tsv`.
#[derive(Debug, Clone)]
pub(super) struct Used {
    pub(super) cve: String,
    pub(super) exploited: Exploitation,
}

impl Row for Used {
    const FILE: &'static str = "exploited.tsv";
    const COLUMNS: &'static [&'static str] = &["cve", "from", "until", "precision", "kev", "source"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        cells.one_of("precision", &["day", "month", "year", "listed"].map(|word| (word, ())))?;
        let listed: Option<Timestamp> = cells.maybe("kev")?;
        let from: Timestamp = cells.read("from")?;
        if listed.is_some_and(|listed| listed < from) {
            return Err("it was listed before its first use".to_owned());
        }
        let until: Option<Timestamp> = cells.maybe("until")?;
        if until.is_some_and(|until| until <= from) {
            return Err("its use ended before it began".to_owned());
        }
        Ok(Self {
            cve: cells.text("cve")?.to_owned(),
            exploited: Exploitation { from, until, source: cells.text("source")?.to_owned() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_read_as_it_is_written() {
        let fix: Fix = "15.1.1415.8|15.1.1415.10".parse().unwrap();
        assert_eq!((fix.first.revision, fix.sure.revision, fix.and_later_updates), (8, 10, false));
        let fix: Fix = "~15.1.1713.5+".parse().unwrap();
        assert!(fix.recalled && fix.and_later_updates);
        for wrong in ["", "15.1.1415", "15.1.1415.10|15.1.1415.8", "15.1.1415.8|15.1.1466.9", "-"] {
            assert!(wrong.parse::<Fix>().is_err(), "{wrong}");
        }
    }
}
