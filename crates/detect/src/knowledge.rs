//! What is known of Exchange: builds with their names, flaws with their fixes and needs, genuine served scripts.
//!
//! It is content: the files of `content/knowledge/exchange/`, or of a folder that takes their place. Each is a table
//! with its columns named in its second part ([`Fault`] says what is wrong with one); [`Knowledge::check`] holds them
//! against each other.

mod build;
mod check;
mod flaw;
mod sheet;
mod sign;

pub use build::{KnownBuild, Support};
pub use flaw::{Flaw, Score, Standing, product_of};
pub use sheet::Fault;
pub use sign::{MitigationKind, NeedKind};
pub(crate) use sign::{Pattern, Says, Sign, SignKind};

use afterpatch_model::{Build, Timestamp, digest_hex};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use build::{Sighting, Taken};
use flaw::Used;
use sheet::{Placed, Row, read};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of Exchange.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    flaws: Vec<Flaw>,
    /// For each flaw the number of those that the same builds fix: what is true of one is true of all.
    fix_sets: Vec<usize>,
    builds: BTreeMap<Build, KnownBuild>,
    support: Vec<Support>,
    needs: BTreeMap<String, NeedKind>,
    mitigations: Vec<MitigationKind>,
    sightings: Vec<Sighting>,
    signs: Vec<Sign>,
    genuine: BTreeSet<(String, String)>,
    baseline_builds: BTreeSet<Build>,
    faults: Vec<Fault>,
    digest: String,
}

/// The files as they were read.
#[derive(Debug, Default)]
struct Sheets {
    flaws: Vec<Placed<Flaw>>,
    builds: Vec<Placed<KnownBuild>>,
    used: Vec<Placed<Used>>,
    support: Vec<Placed<Support>>,
    needs: Vec<Placed<NeedKind>>,
    mitigations: Vec<Placed<MitigationKind>>,
    sightings: Vec<Placed<Sighting>>,
    signs: Vec<Placed<Sign>>,
}

const SCRIPTS: &str = "served-scripts.tsv";

impl Knowledge {
    /// The names of the files.
    pub const FILES: [&'static str; 9] = [
        Flaw::FILE,
        KnownBuild::FILE,
        Used::FILE,
        Support::FILE,
        NeedKind::FILE,
        MitigationKind::FILE,
        Sighting::FILE,
        Sign::FILE,
        SCRIPTS,
    ];

    /// Reads the files, each given by its name. A row that cannot be read is left out and is a fault.
    pub fn read(files: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| files.get(name).map_or("", String::as_str);
        let mut faults = Vec::new();
        let mut sheets = Sheets {
            flaws: read(text(Flaw::FILE), &mut faults),
            builds: read(text(KnownBuild::FILE), &mut faults),
            used: read(text(Used::FILE), &mut faults),
            support: read(text(Support::FILE), &mut faults),
            needs: read(text(NeedKind::FILE), &mut faults),
            mitigations: read(text(MitigationKind::FILE), &mut faults),
            sightings: read(text(Sighting::FILE), &mut faults),
            signs: read(text(Sign::FILE), &mut faults),
        };
        sheets.join();
        faults.extend(check::faults(&sheets));
        let scripts = text(SCRIPTS);
        let Sheets { flaws, builds, support, needs, mitigations, sightings, signs, .. } = sheets;
        let flaws: Vec<Flaw> = rows(flaws).collect();
        Self {
            fix_sets: fix_sets(&flaws),
            flaws,
            builds: rows(builds).map(|row| (row.build, row)).collect(),
            support: rows(support).collect(),
            needs: rows(needs).map(|row| (row.id.clone(), row)).collect(),
            mitigations: rows(mitigations).collect(),
            sightings: rows(sightings).collect(),
            signs: rows(signs).collect(),
            genuine: scripts.lines().filter(|line| !line.starts_with('#')).filter_map(genuine).collect(),
            baseline_builds: baseline_builds(scripts),
            faults,
            digest: digest_hex(&Self::FILES.map(text)),
        }
    }

    /// Says what is wrong with the files: rows that cannot be read, what is out of order, unknown or without a source.
    pub fn check(&self) -> &[Fault] {
        &self.faults
    }

    /// Returns the flaws, in order of their numbers.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Returns the flaw of that number.
    pub fn flaw(&self, cve: &str) -> Option<&Flaw> {
        self.flaws.iter().find(|flaw| flaw.cve.eq_ignore_ascii_case(cve))
    }

    /// Returns the published builds, in order.
    pub fn builds(&self) -> impl Iterator<Item = &KnownBuild> {
        self.builds.values()
    }

    /// Says whether the hashes of the files that a build brings are known.
    pub fn knows_files_of(&self, build: Build) -> bool {
        self.baseline_builds.contains(&build)
    }

    /// Returns what is published of a build.
    pub fn build(&self, build: Build) -> Option<&KnownBuild> {
        self.builds.get(&build)
    }

    /// Returns the builds of a cumulative update with their names, in order; see [`Build::branch`].
    pub fn builds_of(
        &self,
        (major, minor, build): (u32, u32, u32),
    ) -> impl Iterator<Item = (Build, &KnownBuild)> {
        let at = |revision| Build { major, minor, build, revision };
        self.builds.range(at(0)..=at(u32::MAX)).map(|(build, name)| (*build, name))
    }

    /// Returns how long a build's product is mended.
    pub fn support(&self, build: Build) -> Option<&Support> {
        let product = product_of(build)?;
        self.support.iter().find(|support| support.product == product)
    }

    /// Returns something that flaws need beside the build.
    pub fn need(&self, id: &str) -> Option<&NeedKind> {
        self.needs.get(id)
    }

    /// Tells whether some fact would show that something needed is met.
    pub fn shows_met(&self, id: &str) -> bool {
        let met = |sign: &Sign| matches!(sign.says, Says::Met | Says::MetEvery);
        self.signs.iter().any(|sign| sign.kind == SignKind::Need && sign.id == id && met(sign))
    }

    /// Returns the mitigations that bear on a flaw.
    pub fn mitigations<'k>(&'k self, cve: &'k str) -> impl Iterator<Item = &'k MitigationKind> {
        self.mitigations.iter().filter(move |mitigation| mitigation.cves.iter().any(|known| known == cve))
    }

    /// Returns the facts by which needs, mitigations and roles are seen.
    pub fn signs(&self) -> &[Sign] {
        &self.signs
    }

    /// Returns how many genuine scripts are known, as pairs of path and hash.
    pub fn genuine_scripts(&self) -> usize {
        self.genuine.len()
    }

    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the number of the flaw's fix set, and the flaws with it.
    pub(crate) fn fix_sets(&self) -> impl Iterator<Item = (usize, &Flaw)> {
        self.fix_sets.iter().copied().zip(&self.flaws)
    }

    /// Returns the tables that queries join with: name and rows.
    ///
    /// `genuine_scripts(tail, sha256_start)`: the path below the install root, in the form of `path_key`, and the
    /// first 16 digits of a genuine hash. `baseline_builds(build)`: the builds whose hashes are known.
    /// `known_builds`, `known_flaws`: builds.tsv, and flaws.tsv with exploited.tsv, as far as they are facts.
    pub(crate) fn tables(&self) -> Vec<(&'static str, RecordBatch)> {
        [
            (
                "genuine_scripts",
                RecordBatch::try_from_iter([
                    ("tail", texts(self.genuine.iter().map(|(tail, _)| tail.clone()))),
                    ("sha256_start", texts(self.genuine.iter().map(|(_, hash)| hash.clone()))),
                ]),
            ),
            (
                "baseline_builds",
                RecordBatch::try_from_iter([(
                    "build",
                    texts(self.baseline_builds.iter().map(ToString::to_string)),
                )]),
            ),
            (
                "known_builds",
                RecordBatch::try_from_iter([
                    ("build", texts(self.builds.keys().map(ToString::to_string))),
                    ("product", texts(self.builds.values().map(|known| known.product.clone()))),
                    ("label", texts(self.builds.values().map(|known| known.label.clone()))),
                    ("released", times(self.builds.values().map(|known| known.released))),
                ]),
            ),
            ("known_flaws", self.flaw_table()),
        ]
        .into_iter()
        .filter_map(|(name, rows)| Some((name, rows.ok()?)))
        .collect()
    }

    fn flaw_table(&self) -> Result<RecordBatch, arrow_schema::ArrowError> {
        let used = |flaw: &Flaw| flaw.exploited.clone();
        RecordBatch::try_from_iter([
            ("cve", texts(self.flaws.iter().map(|flaw| flaw.cve.clone()))),
            ("family", maybe_texts(self.flaws.iter().map(|flaw| flaw.family.clone()))),
            ("release", maybe_texts(self.flaws.iter().map(|flaw| flaw.release.clone()))),
            ("fix_set", numbers(self.fix_sets.iter().copied())),
            ("known_from", times(self.flaws.iter().map(Flaw::known_from))),
            ("exploited_from", times(self.flaws.iter().map(|flaw| used(flaw).map(|used| used.from)))),
            ("exploited_until", times(self.flaws.iter().map(|flaw| used(flaw).and_then(|used| used.until)))),
        ])
    }

    /// Returns what a sighting is taken for, and how sure it is: 0 for the surest.
    pub(crate) fn take(&self, seen: Seen, seen_in: &str) -> (Seen, i64) {
        let kind = self.sightings.iter().find(|kind| seen_in.starts_with(&kind.seen_in));
        match (kind.map_or(Taken::Exact, |kind| kind.taken), seen) {
            (Taken::Told, _) => (seen, 3),
            (_, Seen::Update(_)) => (seen, 2),
            (Taken::Update, Seen::Build(build)) => (Seen::Update(Build { revision: 0, ..build }), 2),
            (Taken::Exact, Seen::Build(_)) => (seen, 0),
        }
    }

    /// Tells how what was seen stands to a flaw. A cumulative update stands as all builds of it do, and is doubtful where
    /// they differ.
    pub(crate) fn standing(&self, seen: Seen, flaw: &Flaw) -> Standing {
        match seen {
            Seen::Build(build) => flaw.standing(build),
            Seen::Update(first) => {
                let of_update =
                    self.builds.range(first..).take_while(|(build, _)| build.branch() == first.branch());
                let standings: BTreeSet<_> = of_update.map(|(build, _)| flaw.standing(*build)).collect();
                match standings.into_iter().collect::<Vec<_>>().as_slice() {
                    [] => flaw.standing(first),
                    [only] => *only,
                    _ => Standing::Doubtful,
                }
            }
        }
    }
}

/// What a sighting names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    /// A build.
    Build(Build),
    /// A cumulative update: all builds from this one on that begin with the same three numbers.
    Update(Build),
}

impl Seen {
    /// Reads `15.1.2106.13` or `15.1.2106`; nothing that is no Exchange.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let seen = match text.parse() {
            Ok(build) => Self::Build(build),
            Err(_) => Self::Update(format!("{text}.0").parse().ok()?),
        };
        seen.build().product().is_some().then_some(seen)
    }

    /// Returns the build; of a cumulative update its three numbers and 0.
    pub(crate) fn build(self) -> Build {
        let (Self::Build(build) | Self::Update(build)) = self;
        build
    }

    /// Returns a number that orders builds as their four numbers do; none of theirs needs more bits than it gets.
    pub(crate) fn order(self) -> i64 {
        let build = self.build();
        let parts = [(build.major, 8), (build.minor, 8), (build.build, 20), (build.revision, 20)];
        parts
            .into_iter()
            .fold(0, |order, (number, bits)| (order << bits) | i64::from(number.min((1 << bits) - 1)))
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Build(build) => build.fmt(f),
            Self::Update(build) => write!(f, "{}.{}.{}", build.major, build.minor, build.build),
        }
    }
}

impl Sheets {
    /// Puts together what stands in several files.
    fn join(&mut self) {
        let mut first_builds = BTreeMap::new();
        let mut released: BTreeMap<String, Timestamp> = BTreeMap::new();
        for placed in &self.builds {
            let known = &placed.row;
            first_builds.entry(known.build.branch()).or_insert(known.build);
            if let Some(day) = known.released {
                let first = released.entry(known.release().to_owned()).or_insert(day);
                *first = day.min(*first);
            }
        }
        for placed in &mut self.flaws {
            let flaw = &mut placed.row;
            flaw.fixes.note_first_builds(|build| first_builds.get(&build.branch()) == Some(&build));
            flaw.fixed_on = flaw.release.as_ref().and_then(|release| released.get(release)).copied();
            let used = self.used.iter().find(|used| used.row.cve == flaw.cve);
            flaw.exploited = used.map(|used| used.row.exploited.clone());
            let silent = self.support.iter().filter(|support| support.row.is_silent(flaw.fixed_on));
            flaw.silent = silent.map(|support| support.row.product.clone()).collect();
        }
    }
}

/// Numbers the flaws by the builds that fix them: those of one number stand alike to every build.
fn fix_sets(flaws: &[Flaw]) -> Vec<usize> {
    let mut firsts: Vec<&Flaw> = Vec::new();
    let number = |flaw| {
        firsts.iter().position(|first| first.is_fixed_like(flaw)).unwrap_or_else(|| {
            firsts.push(flaw);
            firsts.len() - 1
        })
    };
    flaws.iter().map(number).collect()
}

fn rows<T>(placed: Vec<Placed<T>>) -> impl Iterator<Item = T> {
    placed.into_iter().map(|placed| placed.row)
}

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn maybe_texts(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn numbers(values: impl Iterator<Item = usize>) -> ArrayRef {
    Arc::new(values.map(|value| i64::try_from(value).ok()).collect::<Int64Array>())
}

fn times(values: impl Iterator<Item = Option<Timestamp>>) -> ArrayRef {
    let nanos = values.map(|time| time.map(Timestamp::nanos));
    Arc::new(nanos.collect::<TimestampNanosecondArray>().with_timezone("UTC"))
}

fn genuine(line: &str) -> Option<(String, String)> {
    let mut columns = line.split('\t');
    Some((columns.next()?.to_owned(), columns.next()?.to_owned()))
}

fn baseline_builds(scripts: &str) -> BTreeSet<Build> {
    let line = scripts.lines().find_map(|line| line.strip_prefix("#builds\t"));
    line.map(|builds| builds.split(' ').filter_map(|build| build.parse().ok()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
