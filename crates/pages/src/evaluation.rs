//! How well pages are told from shells: judgements held against labels.
//!
//! A table of labels has a row a file, with the columns `sha256`, `label` (`benign` or `malicious`), `language` (an
//! extension) and `cluster` (pages that are near duplicates share one; empty where none is given); others are passed over.

use crate::kind::Kind;
use crate::verdict::{BEFORE_READING, Judgement, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// The thresholds at which the probability of a shell is held against the labels.
pub const THRESHOLDS: [f64; 6] = [0.1, 0.3, 0.5, 0.7, 0.9, 0.99];

/// What somebody who read a file says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Whether it is a shell or another tool of intruders.
    pub is_malicious: bool,
    /// The language's extension: `aspx`, `jsp`.
    pub language: Box<str>,
    /// The cluster of near duplicates, where it is in one.
    pub cluster: Option<Box<str>>,
}

impl Label {
    /// Returns the kind of page, by the language; none where no server runs it.
    pub fn kind(&self) -> Option<Kind> {
        Kind::of_extension(&self.language)
    }
}

/// Labels by the SHA-256 of files, in small hexadecimal letters.
pub type Labels = BTreeMap<Box<str>, Label>;

/// Why a table of labels cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// A column that is needed is not in the first line.
    #[error("the first line names no column `{0}`")]
    NoColumn(&'static str),
    /// A row that says neither.
    #[error("line {line}: the label is `{label}`, and not `benign` or `malicious`")]
    UnknownLabel {
        /// Which line, from 1.
        line: usize,
        /// What it says.
        label: String,
    },
    /// A row that does not reach the columns that are needed.
    #[error("line {0}: columns are missing")]
    Short(usize),
}

/// Reads labels: columns parted by tabs, with their names in the first line.
///
/// # Errors
/// Where a column is missing or a row says neither `benign` nor `malicious`.
pub fn labels(text: &str) -> Result<Labels, LabelError> {
    let mut lines = text.lines().zip(1..);
    let names: Vec<&str> = lines.next().map_or_else(Vec::new, |(first, _)| first.split('\t').collect());
    let find = |name| names.iter().position(|column| *column == name);
    let column = |name| find(name).ok_or(LabelError::NoColumn(name));
    let (sha256, label, language) = (column("sha256")?, column("label")?, column("language")?);
    let cluster = find("cluster");

    let mut labels = Labels::new();
    for (row, line) in lines.filter(|(row, _)| !row.trim().is_empty()) {
        let cells: Vec<&str> = row.split('\t').collect();
        let cell = |at: usize| cells.get(at).copied().ok_or(LabelError::Short(line));
        let is_malicious = match cell(label)? {
            "malicious" => true,
            "benign" => false,
            other => return Err(LabelError::UnknownLabel { line, label: other.to_owned() }),
        };
        let cluster = cluster.and_then(|at| cells.get(at)).filter(|name| !name.is_empty());
        let label = Label {
            is_malicious,
            language: cell(language)?.into(),
            cluster: cluster.map(|name| (*name).into()),
        };
        labels.insert(cell(sha256)?.to_ascii_lowercase().into(), label);
    }
    Ok(labels)
}

/// What the judgements of one language come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// Of the files that are labelled malicious.
    pub malicious: Counts,
    /// Of those that are labelled benign.
    pub benign: Counts,
    clusters: BTreeMap<Box<str>, Cluster>,
}

/// How many files were judged to be what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All that were judged.
    pub files: usize,
    /// Judged to be a shell.
    pub shell: usize,
    /// Judged to be of dual use, and no shell.
    pub dual_use: usize,
    /// By threshold, in the order of [`THRESHOLDS`]: as likely a shell as that, or more.
    pub above: [usize; THRESHOLDS.len()],
}

/// What the judgements of near duplicates come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cluster {
    /// The malicious files in it.
    pub files: usize,
    /// Those that were judged to be a shell or of dual use.
    pub found: usize,
}

/// A share, with the bounds within which the true one lies nineteen times of twenty (Wilson's).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// What was counted, from 0 to 1; 0 of none.
    pub value: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Share {
    /// Returns the share that `part` is of `whole`.
    #[expect(clippy::cast_precision_loss, reason = "files are counted, not atoms")]
    pub fn of(part: usize, whole: usize) -> Self {
        /// The standard normal deviate of 95 %.
        const Z: f64 = 1.96;
        if whole == 0 {
            return Self { value: 0.0, low: 0.0, high: 1.0 };
        }
        let (count, value) = (whole as f64, part as f64 / whole as f64);
        let middle = value + Z * Z / (2.0 * count);
        let reach = Z * (value * (1.0 - value) / count + Z * Z / (4.0 * count * count)).sqrt();
        let scale = 1.0 + Z * Z / count;
        Self { value, low: ((middle - reach) / scale).max(0.0), high: ((middle + reach) / scale).min(1.0) }
    }
}

impl Counts {
    fn add(&mut self, judgement: &Judgement) {
        self.files += 1;
        match judgement.verdict {
            Some(Verdict::Shell) => self.shell += 1,
            Some(Verdict::DualUse) => self.dual_use += 1,
            None => {}
        }
        for (above, threshold) in self.above.iter_mut().zip(THRESHOLDS) {
            *above += usize::from(judgement.shell >= threshold);
        }
    }

    /// Returns the share that was judged to be a shell.
    pub fn as_shell(&self) -> Share {
        Share::of(self.shell, self.files)
    }

    /// Returns the share that was judged to be a shell or of dual use.
    pub fn as_either(&self) -> Share {
        Share::of(self.shell + self.dual_use, self.files)
    }
}

impl Figures {
    fn add(&mut self, label: &Label, judgement: &Judgement) {
        let counts = if label.is_malicious { &mut self.malicious } else { &mut self.benign };
        counts.add(judgement);
        if let Some(name) = label.cluster.as_ref().filter(|_| label.is_malicious) {
            let cluster = self.clusters.entry(name.clone()).or_default();
            cluster.files += 1;
            cluster.found += usize::from(judgement.verdict.is_some());
        }
    }

    /// Returns how many of the pages are malicious that are as likely a shell as one of [`THRESHOLDS`] and less than the next, if
    /// [`BEFORE_READING`] of all pages are: what their probability should say. None where there are no such pages.
    pub fn malicious_in_band(&self, threshold: usize) -> Option<f64> {
        let share = |counts: &Counts| {
            let above = |at: usize| counts.above.get(at).copied().unwrap_or(0);
            Share::of(above(threshold) - above(threshold + 1), counts.files).value
        };
        let (malicious, benign) =
            (BEFORE_READING * share(&self.malicious), (1.0 - BEFORE_READING) * share(&self.benign));
        (malicious + benign > 0.0).then(|| malicious / (malicious + benign))
    }

    /// Returns the clusters that the malicious files are of, in the order of their names.
    pub fn clusters(&self) -> impl ExactSizeIterator<Item = (&str, Cluster)> {
        self.clusters.iter().map(|(name, cluster)| (&**name, *cluster))
    }

    /// Returns the clusters' mean of the share that was found, at either verdict: a large family counts no more than a
    /// small one. From 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "files are counted, not atoms")]
    pub fn recall_by_cluster(&self) -> f64 {
        let shares = self.clusters.values().map(|cluster| cluster.found as f64 / cluster.files as f64);
        shares.sum::<f64>() / (self.clusters.len().max(1) as f64)
    }
}

/// What judgements come to, by language; and what no judgement could be held against.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// By language, in the order of their names.
    pub languages: BTreeMap<Box<str>, Figures>,
    /// Files that no label speaks of.
    pub unlabelled: usize,
    /// The labelled files that were seen, so that copies count once.
    seen: BTreeSet<Box<str>>,
}

impl Evaluation {
    /// Adds the judgement of a file; `false` where it was seen before.
    pub fn add(&mut self, sha256: &str, label: &Label, judgement: &Judgement) -> bool {
        if !self.seen.insert(sha256.into()) {
            return false;
        }
        self.languages.entry(label.language.clone()).or_default().add(label, judgement);
        true
    }

    /// Returns how many labelled files were judged.
    pub fn judged(&self) -> usize {
        self.seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Weight;

    const TABLE: &str = "sha256\tlabel\tlanguage\tcluster\tpath\nAA\tmalicious\taspx\tc1\tx\nab\tmalicious\taspx\tc1\ty\nac\tmalicious\taspx\tc2\tz\nad\tbenign\taspx\t\tw\n";

    fn judged(verdict: Option<Verdict>, shell: f64) -> Judgement {
        Judgement {
            verdict,
            shell,
            dual_use: 0.0,
            weight: Weight::default(),
            signals: Vec::new(),
            cut_short: false,
        }
    }

    #[test]
    fn labels_are_read_by_the_names_of_their_columns() {
        let labels = labels(TABLE).unwrap();
        assert_eq!(labels.len(), 4);
        assert_eq!(labels["aa"].cluster.as_deref(), Some("c1"));
        assert_eq!(labels["ad"], Label { is_malicious: false, language: "aspx".into(), cluster: None });
        assert_eq!(labels["aa"].kind(), Some(Kind::Aspx));
    }

    #[test]
    fn what_is_wrong_with_labels_is_said_with_its_line() {
        assert_eq!(labels("a\tb\n"), Err(LabelError::NoColumn("sha256")));
        let unknown = labels("sha256\tlabel\tlanguage\nx\tbad\tphp\n").unwrap_err();
        assert_eq!(unknown.to_string(), "line 2: the label is `bad`, and not `benign` or `malicious`");
        assert_eq!(labels("sha256\tlabel\tlanguage\nx\tbenign\n"), Err(LabelError::Short(2)));
    }

    #[test]
    fn figures_count_files_clusters_and_copies() {
        let labels = labels(TABLE).unwrap();
        let mut evaluation = Evaluation::default();
        assert!(evaluation.add("aa", &labels["aa"], &judged(Some(Verdict::Shell), 0.95)));
        assert!(!evaluation.add("aa", &labels["aa"], &judged(Some(Verdict::Shell), 0.95)));
        evaluation.add("ab", &labels["ab"], &judged(None, 0.2));
        evaluation.add("ac", &labels["ac"], &judged(Some(Verdict::DualUse), 0.4));
        evaluation.add("ad", &labels["ad"], &judged(None, 0.0));
        let figures = &evaluation.languages["aspx"];
        assert_eq!(evaluation.judged(), 4);
        assert_eq!((figures.malicious.shell, figures.malicious.dual_use, figures.malicious.files), (1, 1, 3));
        assert_eq!(figures.malicious.above, [3, 2, 1, 1, 1, 0]);
        assert_eq!((figures.benign.files, figures.benign.shell), (1, 0));
        assert_eq!(figures.clusters().last(), Some(("c2", Cluster { files: 1, found: 1 })));
        assert!((figures.recall_by_cluster() - 0.75).abs() < 1e-9, "half of the first, all of the second");
    }

    #[test]
    fn what_a_probability_says_is_held_against_what_is_so() {
        let counts = |above: [usize; 6]| Counts { files: 100, above, ..Counts::default() };
        let figures = Figures {
            malicious: counts([90, 90, 80, 80, 0, 0]),
            benign: counts([10, 9, 9, 8, 0, 0]),
            ..Figures::default()
        };
        let band = |at| figures.malicious_in_band(at).map(|share| (share * 1e3).round());
        assert_eq!(band(0), Some(0.0), "a benign page and no malicious one");
        assert_eq!(band(1), Some(1000.0), "ten malicious pages and no benign one");
        assert_eq!(band(3), Some(345.0), "0.05 × 0.8 against 0.95 × 0.08");
        assert_eq!(band(4), None);
    }

    #[test]
    fn bounds_are_wilsons() {
        let share = Share::of(88, 94);
        assert!((share.low - 0.868).abs() < 0.001 && (share.high - 0.970).abs() < 0.001, "{share:?}");
        assert_eq!(Share::of(0, 0), Share { value: 0.0, low: 0.0, high: 1.0 });
    }
}
