//! Builds with their names and dates, products with the end of their support, and how sightings are to be taken.

use super::sheet::{Cells, Row};
use afterpatch_model::{Build, Timestamp};

/// A build that Microsoft published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBuild {
    /// The build.
    pub build: Build,
    /// Its product: `Exchange 2016`.
    pub product: String,
    /// What it is called, such as `CU18 Mar21SU`.
    pub label: String,
    /// When it came out, where the day is published.
    pub released: Option<Timestamp>,
    /// The article that tells of it.
    pub article: Option<String>,
    /// Why the row may be wrong, where it may.
    pub doubt: Option<String>,
    /// Who says so.
    pub sources: Vec<String>,
}

impl KnownBuild {
    /// Returns the update that the label names: `Mar21SU` of `CU18 Mar21SU`, `RU31` of `SP3 RU31`.
    pub(super) fn release(&self) -> &str {
        self.label.rsplit(' ').next().unwrap_or_default()
    }
}

impl Row for KnownBuild {
    const FILE: &'static str = "builds.tsv";
    const COLUMNS: &'static [&'static str] =
        &["build", "product", "label", "released", "precision", "kind", "kb", "sources", "doubt"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        let build: Build = cells.read("build")?;
        let product = cells.text("product")?.to_owned();
        if build.product() != Some(product.as_str()) {
            return Err(format!("{build} is no build of {product}"));
        }
        // A day that was worked out and not published, or a month, stays in the file.
        let is_published =
            cells.one_of("precision", &[("published", true), ("derived", false), ("month", false)])?;
        let day = if is_published { Some(cells.read("released")?) } else { None };
        cells.text("released")?;
        cells.one_of("kind", &["RTM", "SP", "CU", "RU", "SU", "HU", "Preview"].map(|word| (word, ())))?;
        Ok(Self {
            build,
            product,
            label: cells.text("label")?.to_owned(),
            released: day,
            article: cells.any("kb").map(str::to_owned),
            doubt: cells.any("doubt").map(str::to_owned),
            sources: cells.words("sources")?,
        })
    }
}

/// How long a product was mended: a row of `support.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// The product: `2016`, `SE`.
    pub product: String,
    /// The last day of support; none while it is supported.
    pub until: Option<Timestamp>,
    /// The last day of paid updates, where there were any.
    pub paid_until: Option<Timestamp>,
    /// Whether our sources of flaws list the product at all.
    pub listed: bool,
    /// Who says so.
    pub source: String,
}

impl Support {
    /// Tells whether a flaw that came out then may be in this product though the vendor does not name it.
    pub(super) fn is_silent(&self, came_out: Option<Timestamp>) -> bool {
        let last = self.until.max(self.paid_until);
        let ended = last.zip(came_out).is_some_and(|(last, came_out)| came_out > last);
        !self.listed || ended
    }
}

impl Row for Support {
    const FILE: &'static str = "support.tsv";
    const COLUMNS: &'static [&'static str] = &["product", "until", "esu", "listed", "source"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        Ok(Self {
            product: cells.text("product")?.to_owned(),
            until: cells.maybe("until")?,
            paid_until: cells.maybe("esu")?,
            listed: cells.one_of("listed", &[("yes", true), ("no", false)])?,
            source: cells.text("source")?.to_owned(),
        })
    }
}

/// How sightings of builds are to be taken: a row of `sightings.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    /// How `builds.seen_in` begins.
    pub(super) seen_in: String,
    pub(super) taken: Taken,
}

/// How a sighting is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It names the build.
    Exact,
    /// It names the cumulative update, and not what was put over it.
    Update,
    /// Somebody outside says so.
    Told,
}

impl Row for Sighting {
    const FILE: &'static str = "sightings.tsv";
    const COLUMNS: &'static [&'static str] = &["seen_in", "taken", "why"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        cells.text("why")?;
        let taken = [("exact", Taken::Exact), ("update", Taken::Update), ("told", Taken::Told)];
        Ok(Self { seen_in: cells.text("seen_in")?.to_owned(), taken: cells.one_of("taken", &taken)? })
    }
}
