//! How parts of a result are printed.

use clap::ValueEnum;

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// Columns for people.
    Table,
    /// Comma-separated, safe to open in a spreadsheet.
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// One JSON array.
    Json,
}

/// What is printed of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvaluationOf {
    /// Recall and false alarms, a row a language.
    Languages,
    /// The same, a row a language and threshold of the probability of a shell.
    Thresholds,
    /// What was found of near duplicates, a row a cluster.
    Clusters,
    /// The judgement of each file, with what speaks for it.
    Files,
}

/// How the timeline is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimelineFormat {
    /// Lines for people.
    Table,
    /// Comma-separated, safe to open in a spreadsheet.
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// What Timesketch imports.
    Timesketch,
    /// Parquet, for all but the findings' own.
    Parquet,
}

/// How the plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// Lines for people.
    Table,
    /// Markdown, for tickets and wikis.
    Markdown,
    /// A page of its own, ready to print.
    Html,
    /// Comma-separated, safe to open in a spreadsheet.
    Csv,
    /// One JSON array.
    Json,
    /// A CACAO 2.0 playbook.
    Cacao,
}

impl PlanFormat {
    /// Returns the name of its exporter; lines for a terminal have none.
    pub(crate) fn exporter(self) -> Option<&'static str> {
        match self {
            Self::Table => None,
            Self::Markdown => Some("plan-markdown"),
            Self::Html => Some("plan-html"),
            Self::Csv => Some("plan-csv"),
            Self::Json => Some("plan-json"),
            Self::Cacao => Some("plan-cacao"),
        }
    }
}

/// How a comparison of two cases is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// Lines for people.
    Terminal,
    /// Markdown, for tickets and wikis.
    Markdown,
    /// One JSON object.
    Json,
}
