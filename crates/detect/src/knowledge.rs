//! What is known of Exchange: flaws with their fixes, builds with their names, genuine served scripts.

use crate::engines::rule_problem;
use afterpatch_model::{Build, Problem, ProblemCode, Timestamp, digest_hex};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of Exchange.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    flaws: Vec<Flaw>,
    builds: BTreeMap<Build, BuildName>,
    known: BTreeMap<Build, KnownBuild>,
    genuine: BTreeSet<(String, String)>,
    baseline_builds: BTreeSet<Build>,
    digest: String,
}

/// A flaw and what fixes it.
#[derive(Debug, Clone)]
pub struct Flaw {
    /// Its CVE number.
    pub cve: String,
    /// When it was first known to be used.
    pub exploited_from: Timestamp,
    fixes: Vec<Fix>,
}

#[derive(Debug, Clone, Copy)]
struct Fix {
    first: Build,
    and_later_updates: bool,
}

/// What a build is called, and when it came out.
#[derive(Debug, Clone)]
pub struct BuildName {
    /// Its name, such as `CU18 Mar21SU`.
    pub label: String,
    /// When it came out, where that is published.
    pub released: Option<Timestamp>,
}

/// A build that Microsoft published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBuild {
    /// The build.
    pub build: Build,
    /// Its product: `Exchange 2016`.
    pub product: String,
    /// What it is called, such as `CU18 Mar21SU`.
    pub label: String,
    /// The article that tells of it.
    pub article: Option<String>,
    /// Why the row may be wrong, where it may.
    pub doubt: Option<String>,
}

/// How long a product was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// The last day of support; none while it is supported.
    pub until: Option<Timestamp>,
}

/// Whether a build, seen alone, has a flaw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It does not, or its generation never had it.
    Fixed,
    /// It has; these builds of the same cumulative update fix it (none where none was published for it).
    Open(Vec<Build>),
}

impl Flaw {
    /// Tells whether `build` has the flaw. Builds are compared inside their cumulative update, as four integers.
    pub fn standing(&self, build: Build) -> Standing {
        let generation: Vec<_> = self
            .fixes
            .iter()
            .filter(|fix| (fix.first.major, fix.first.minor) == (build.major, build.minor))
            .collect();
        let same_update: Vec<_> =
            generation.iter().map(|fix| fix.first).filter(|first| first.branch() == build.branch()).collect();
        let later_update = generation.iter().any(|fix| fix.and_later_updates && build >= fix.first);
        if generation.is_empty() || later_update || same_update.iter().any(|first| build >= *first) {
            Standing::Fixed
        } else {
            Standing::Open(same_update)
        }
    }
}

impl Knowledge {
    /// Reads the knowledge files; a line that cannot be read becomes a problem.
    pub(crate) fn load(files: &BTreeMap<String, String>, problems: &mut Vec<Problem>) -> Self {
        let text = |name: &str| files.get(&format!("knowledge/exchange/{name}")).map_or("", String::as_str);
        let (flaws, builds, scripts) = (text("flaws.tsv"), text("builds.tsv"), text("served-scripts.tsv"));
        let mut note = |file: &str, line: &str| {
            let detail = format!("line cannot be read: {line}");
            problems.push(rule_problem(
                ProblemCode::RuleRejected,
                &format!("knowledge/exchange/{file}"),
                &detail,
            ));
        };
        Self {
            flaws: rows(flaws)
                .filter_map(|line| {
                    flaw(line).or_else(|| {
                        note("flaws.tsv", line);
                        None
                    })
                })
                .collect(),
            builds: rows(builds)
                .filter_map(|line| {
                    build_name(line).or_else(|| {
                        note("builds.tsv", line);
                        None
                    })
                })
                .collect(),
            known: rows(builds)
                .filter_map(|line| {
                    let cells: Vec<&str> = line.split('\t').collect();
                    let build = cells.first()?.parse().ok()?;
                    let (product, label) = (cells.get(1)?.to_string(), cells.get(2)?.to_string());
                    Some((build, KnownBuild { build, product, label, article: None, doubt: None }))
                })
                .collect(),
            genuine: scripts.lines().filter(|line| !line.starts_with('#')).filter_map(genuine).collect(),
            baseline_builds: scripts
                .lines()
                .find_map(|line| line.strip_prefix("#builds\t"))
                .map(|builds| builds.split(' ').filter_map(|build| build.parse().ok()).collect())
                .unwrap_or_default(),
            digest: digest_hex(&[flaws, builds, scripts]),
        }
    }

    /// Returns the flaws, in order of their numbers.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Returns the name and date of a build.
    pub fn build_name(&self, build: Build) -> Option<&BuildName> {
        self.builds.get(&build)
    }

    /// Returns the published builds, in order.
    pub fn builds(&self) -> impl Iterator<Item = &KnownBuild> {
        self.known.values()
    }

    /// Returns how long a build's product is mended.
    pub fn support(&self, _build: Build) -> Option<&Support> {
        None
    }

    /// Returns how many genuine scripts are known, as pairs of path and hash.
    pub fn genuine_scripts(&self) -> usize {
        self.genuine.len()
    }

    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the tables that analytics join with: name and rows.
    ///
    /// `genuine_scripts(tail, sha256_start)`: the path below the install root, in the form of `path_key`, and the
    /// first 16 digits of a genuine hash. `baseline_builds(build)`: the builds whose hashes are known.
    pub(crate) fn tables(&self) -> Vec<(&'static str, RecordBatch)> {
        let column = |values: Vec<String>| Arc::new(StringArray::from(values)) as ArrayRef;
        let tails = column(self.genuine.iter().map(|(tail, _)| tail.clone()).collect());
        let hashes = column(self.genuine.iter().map(|(_, hash)| hash.clone()).collect());
        let builds = column(self.baseline_builds.iter().map(ToString::to_string).collect());
        [
            ("genuine_scripts", RecordBatch::try_from_iter([("tail", tails), ("sha256_start", hashes)])),
            ("baseline_builds", RecordBatch::try_from_iter([("build", builds)])),
        ]
        .into_iter()
        .filter_map(|(name, rows)| Some((name, rows.ok()?)))
        .collect()
    }
}

/// Returns the data lines of a knowledge file: no comments, no header.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).skip(1)
}

fn flaw(line: &str) -> Option<Flaw> {
    let mut columns = line.split('\t');
    let cve = columns.next()?.to_owned();
    let exploited_from = columns.next()?.parse().ok()?;
    let fixes = columns.next()?.split(' ').map(fix).collect::<Option<_>>()?;
    Some(Flaw { cve, exploited_from, fixes })
}

fn fix(text: &str) -> Option<Fix> {
    let first = text.trim_end_matches('+').parse().ok()?;
    Some(Fix { first, and_later_updates: text.ends_with('+') })
}

fn build_name(line: &str) -> Option<(Build, BuildName)> {
    let mut columns = line.split('\t');
    let build = columns.next()?.parse().ok()?;
    let label = columns.nth(1)?.to_owned();
    let released = columns.next().and_then(|date| date.parse().ok());
    Some((build, BuildName { label, released }))
}

fn genuine(line: &str) -> Option<(String, String)> {
    let mut columns = line.split('\t');
    Some((columns.next()?.to_owned(), columns.next()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::Content;
    use crate::knowledge::Standing;

    fn state(cve: &str, build: &str) -> Standing {
        let (content, problems) = Content::load(&[]);
        assert!(problems.is_empty(), "{problems:?}");
        let flaw = content.knowledge().flaws().iter().find(|flaw| flaw.cve == cve).unwrap();
        flaw.standing(build.parse().unwrap())
    }

    #[test]
    fn an_update_fixes_inside_its_cumulative_update_only() {
        let open = |build: &str, fixed: &str| {
            assert_eq!(
                state("CVE-2021-26855", build),
                Standing::Open(vec![fixed.parse().unwrap()]),
                "{build}"
            );
        };
        open("15.1.2106.2", "15.1.2106.13");
        open("15.1.2176.2", "15.1.2176.9");
        assert_eq!(state("CVE-2021-26855", "15.1.2106.13"), Standing::Fixed);
        assert_eq!(
            state("CVE-2021-26855", "15.1.1913.12"),
            Standing::Fixed,
            "older update, fixed for itself"
        );
        assert_eq!(state("CVE-2021-26855", "15.1.2242.4"), Standing::Fixed);
        assert_eq!(state("CVE-2021-26855", "15.1.2507.6"), Standing::Fixed, "a later cumulative update");
        assert_eq!(state("CVE-2021-26855", "15.2.2562.17"), Standing::Fixed, "Exchange SE");
    }

    #[test]
    fn an_update_without_a_fix_of_its_own_is_open_for_good() {
        assert_eq!(state("CVE-2021-27065", "15.1.1261.35"), Standing::Open(vec![]));
        assert_eq!(state("CVE-2021-26855", "14.3.123.4"), Standing::Fixed, "2010 never had it");
    }
}
