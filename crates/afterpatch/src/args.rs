//! What can be typed. What it means stands with each command, in [`cli`](crate::cli).

mod formats;
mod names;

pub(crate) use self::formats::{EvaluationOf, PlanFormat, RowFormat, TimelineFormat, VerifyFormat};
pub(crate) use self::names::{GradeName, LangName, LayoutName, LevelName};
use crate::exit;
use afterpatch_model::{Question, Timestamp};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Six answers about an organisation whose Microsoft Exchange servers were attacked.
///
/// Takes what was collected from the servers and answers: Exposed? Broken into? Still inside? What left? Whose
/// hand? What now? Each answer comes with its proof, what speaks against it, and the evidence that is missing.
/// Evidence is only read, never written to, and nothing in it is ever executed. Only `sweep` uses the network.
#[derive(Debug, Parser)]
#[command(name = "afterpatch", version, after_help = exit::HELP, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) talk: Talk,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How the program talks.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Talk")]
pub(crate) struct Talk {
    /// When to use color; `NO_COLOR`, `CLICOLOR_FORCE` and `TERM=dumb` are heeded
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// The language to speak; the report is written in both
    #[arg(long, global = true, value_name = "LANG", default_value = "en", env = "AFTERPATCH_LANG")]
    pub(crate) lang: LangName,
    /// Draw no progress bars
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
}

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer the six questions: ingest, detect, judge and report in one
    Investigate(Investigate),
    /// Read collections into a case
    Ingest(Ingest),
    /// Ask the servers of one's own estate, over the network, which build they announce
    Sweep(Sweep),
    /// Run the rules over the facts of a case
    Detect(Detect),
    /// Run the rules and answer the six questions from what they met
    Judge(Judge),
    /// Write the report of a case again, in every format, or one format to standard output
    Report(Report),
    /// Ask the fact tables in SQL
    Query(Query),
    /// Show what happened, in order of time
    Timeline(Timeline),
    /// Show the findings
    Findings(Findings),
    /// Show what to do now, in order
    Plan(Plan),
    /// Say what became of the plan of one case, by a later case of the same servers
    Verify(Verify),
    /// Show which spans of time the evidence covers, per server and kind
    Coverage(Coverage),
    /// Show or try the rules in force
    #[command(subcommand)]
    Rules(Rules),
    /// Show or check what is known of Exchange: builds, flaws, what fixes them
    #[command(subcommand)]
    Knowledge(Knowledge),
    /// Hold detectors against files of which people said what they are
    #[command(subcommand)]
    Evaluate(Evaluate),
    /// Check the chain of custody
    #[command(subcommand)]
    Custody(Custody),
    /// Write what collects exactly what is read: for Velociraptor, for KAPE, or a PowerShell script
    Collector(Collector),
    /// Make a synthetic organisation with known truth; `range list` names them
    Range(Range),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page, or write all pages into a folder
    Man(Man),
    /// Print the licences and authors of the program, its rules and the libraries in it
    Licenses(Licenses),
}

/// The case that a command works on.
#[derive(Debug, clap::Args)]
pub(crate) struct CaseDir {
    /// The case's folder
    #[arg(long, value_name = "DIR", env = "AFTERPATCH_CASE")]
    pub(crate) case: PathBuf,
}

/// Whose evidence it is, and how to read it.
#[derive(Debug, clap::Args)]
pub(crate) struct Evidence {
    /// What was collected: folders, mounted volumes, single files, ZIPs, Velociraptor or KAPE output
    #[arg(required = true, value_name = "COLLECTION")]
    pub(crate) collections: Vec<PathBuf>,
    /// The organisation's name
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// The server's name, where the evidence names none
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// How evidence is read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// The zone of a server's clock, for logs whose times say none: MXS01=Asia/Tokyo; may be given more than once
    #[arg(long, value_name = "SERVER=ZONE")]
    pub(crate) tz: Vec<String>,
    /// Take in every file of a mounted volume; otherwise what is of interest, and the rest is counted
    #[arg(long)]
    pub(crate) all_files: bool,
    /// Threads to read with; the result does not depend on it [default: one a core]
    #[arg(long, value_name = "N", env = "AFTERPATCH_THREADS")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) opening: Opening,
}

/// How locked or very large evidence is opened.
#[derive(Debug, clap::Args)]
pub(crate) struct Opening {
    /// A file of passwords for locked containers, one a line; they are not kept in the case
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// A bound on what evidence can make the program hold or do, such as line=16MiB; may be given more than once
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) limit: Vec<String>,
}

/// The rules in force.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct RuleDirs {
    /// A folder or archive of further rules: analytics, Sigma or YARA; may be given more than once
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
    /// A folder with newer files of knowledge, such as flaws.tsv; they take the place of ours
    #[arg(long, value_name = "DIR")]
    pub(crate) knowledge: Option<PathBuf>,
    /// Where rules that were read are kept ready for the next run [default: the user's cache folder]
    #[arg(long, value_name = "DIR", env = "AFTERPATCH_RULES_CACHE")]
    pub(crate) rules_cache: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pick: RulePick,
}

/// Which of the further rules are in force; ours always are, for the answers rest on them.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct RulePick {
    /// Of the further rules only those of this level or above; in a timeline, the hits of such rules alone
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<LevelName>,
    /// Of the further rules only those of this status: stable, test, experimental …; may be given more than once
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Vec<String>,
    /// Of the further rules only those with this tag, or one below it: attack.t1505; may be given more than once
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
}

/// What the exit code says about findings.
#[derive(Debug, clap::Args)]
pub(crate) struct FailOn {
    /// End with code 10 where there is a finding of this grade or above
    #[arg(long, value_name = "GRADE")]
    pub(crate) fail_on: Option<GradeName>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Investigate {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    #[command(flatten)]
    pub(crate) case: CaseDir,
    #[command(flatten)]
    pub(crate) rules: RuleDirs,
    #[command(flatten)]
    pub(crate) fail_on: FailOn,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ingest {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    #[command(flatten)]
    pub(crate) case: CaseDir,
}

/// Asks each address once for /owa/, without credentials, and once more where that leads to the logon page.
///
/// What Exchange announces of its version is kept in the case as evidence, and read like any other. No flaw is touched.
/// A run that was killed is gone on with: who was asked is not asked again.
#[derive(Debug, clap::Args)]
pub(crate) struct Sweep {
    /// The addresses, one a line: host, host:port or URL; what follows a # is left out
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: PathBuf,
    /// I may ask every one of these addresses; nothing is sent without it
    #[arg(long)]
    pub(crate) i_am_authorised: bool,
    #[command(flatten)]
    pub(crate) case: CaseDir,
    /// The organisation's name
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// Requests a second, over all addresses
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rate: u32,
    /// Addresses that are asked at the same time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) at_once: u16,
    /// Seconds for each stage: the name, the connection, the request, the head, the page
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    pub(crate) timeout: u16,
    /// The most that is read of a page
    #[arg(long, value_name = "SIZE", default_value = "256KiB")]
    pub(crate) page: String,
    /// How to print what was told
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Detect {
    #[command(flatten)]
    pub(crate) case: CaseDir,
    #[command(flatten)]
    pub(crate) rules: RuleDirs,
    #[command(flatten)]
    pub(crate) opening: Opening,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Judge {
    #[command(flatten)]
    pub(crate) case: CaseDir,
    #[command(flatten)]
    pub(crate) rules: RuleDirs,
    #[command(flatten)]
    pub(crate) opening: Opening,
    #[command(flatten)]
    pub(crate) fail_on: FailOn,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) case: CaseDir,
    /// Print this one format to standard output instead: html, json, findings-jsonl, timesketch …
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Query {
    /// The SQL to run; docs/tables.md names tables and columns
    #[arg(value_name = "SQL")]
    pub(crate) sql: String,
    #[command(flatten)]
    pub(crate) case: CaseDir,
    /// How to print the rows
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Timeline {
    /// Evidence to read for this timeline alone, without a case: what Sigma rules meet in it, or every fact
    #[arg(value_name = "COLLECTION", required_unless_present = "case")]
    pub(crate) collections: Vec<PathBuf>,
    /// The case's folder
    #[arg(long, value_name = "DIR", env = "AFTERPATCH_CASE")]
    pub(crate) case: Option<PathBuf>,
    /// What it is of [default: findings of a case, hits in evidence]
    #[arg(long, value_name = "WHAT")]
    pub(crate) of: Option<TimelineOf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: TimelineFormat,
    /// Only this server; may be given several times
    #[arg(long = "server", value_name = "NAME")]
    pub(crate) servers: Vec<String>,
    /// Only from this time on, UTC: 2021-03-02 or 2021-03-02T10:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) from: Option<Timestamp>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) until: Option<Timestamp>,
    /// Only what bears on this question, by its number
    #[arg(long, value_name = "1-6", value_parser = question_number)]
    pub(crate) question: Option<usize>,
    /// Only from this grade on
    #[arg(long, value_name = "GRADE")]
    pub(crate) grade: Option<GradeName>,
    /// Only what this rule picked; may be given several times
    #[arg(long = "rule", value_name = "ID")]
    pub(crate) rule: Vec<String>,
    /// The file to write to instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: RuleDirs,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Reads a moment: a day alone is its midnight.
fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("{error}; such as 2021-03-02 or 2021-03-02T10:00:00Z"))
}

fn question_number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=Question::ALL.len()).contains(number));
    number.ok_or_else(|| "a question has a number from 1 to 6".to_owned())
}

/// What a timeline is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimelineOf {
    /// What the findings rest upon.
    Findings,
    /// Every hit of every rule, of those of others too, with its level and the fact that it met.
    Hits,
    /// Every fact that has a time: a super-timeline.
    Facts,
    /// Logons, counted by account, origin and kind.
    Logons,
    /// Cmdlets and programs, counted; the rarest come first.
    Commands,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Findings {
    #[command(flatten)]
    pub(crate) case: CaseDir,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) case: CaseDir,
    /// How to write it; docs/plan.md says what each is for
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: PlanFormat,
    /// The file to write to instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The folder of the case whose plan it is
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// The folder of the later case
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    /// How to print it; docs/verify.md says what stands in it
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    pub(crate) format: VerifyFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) case: CaseDir,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// List the rules in force
    List(RulesList),
    /// Check that every rule loads and says what it must
    Check(RuleDirs),
    /// Run the test beside each rule, or rules against samples of evidence
    Test(RulesTest),
}

#[derive(Debug, clap::Args)]
pub(crate) struct RulesList {
    #[command(flatten)]
    pub(crate) rules: RuleDirs,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RulesTest {
    #[command(flatten)]
    pub(crate) rules: RuleDirs,
    /// Only rules whose id contains this text; with samples, the rules of this file, folder or archive
    #[arg(value_name = "TEXT|RULES", default_value = "")]
    pub(crate) filter: String,
    /// Evidence to run those rules against, instead of their tests: what they met is printed
    #[arg(value_name = "SAMPLE")]
    pub(crate) samples: Vec<PathBuf>,
    /// How to print what they met
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Evaluate {
    /// Recall and false alarms of the detector of web shells, by language
    WebShells(EvaluateWebShells),
}

#[derive(Debug, clap::Args)]
pub(crate) struct EvaluateWebShells {
    /// The folder in which the files lie, under any names
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// What people say of them: columns sha256, label, language, cluster, parted by tabs; may be packed with xz
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: PathBuf,
    /// What to print
    #[arg(long, value_name = "WHAT", default_value = "languages")]
    pub(crate) of: EvaluationOf,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Knowledge {
    /// Check that the files of knowledge are in order and agree with each other
    Check(KnowledgeCheck),
    /// Show what is known of a flaw, or how a build stands to every flaw
    Show(KnowledgeShow),
}

#[derive(Debug, clap::Args)]
pub(crate) struct KnowledgeCheck {
    /// A folder with files of knowledge; of those that are not there ours are taken
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct KnowledgeShow {
    /// A flaw or a build: CVE-2021-26855, 15.1.2106.13
    #[arg(value_name = "CVE|BUILD")]
    pub(crate) what: String,
    /// A folder with newer files of knowledge
    #[arg(long, value_name = "DIR")]
    pub(crate) knowledge: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Custody {
    /// Check the ledger's chain, every part of the facts, and the evidence itself, byte by byte
    Verify(CustodyVerify),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CustodyVerify {
    #[command(flatten)]
    pub(crate) case: CaseDir,
    /// Leave the evidence alone: check the case only
    #[arg(long)]
    pub(crate) no_evidence: bool,
    /// Threads to hash with [default: one a core]
    #[arg(long, value_name = "N", env = "AFTERPATCH_THREADS")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) opening: Opening,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Collector {
    /// What collects: velociraptor, kape or powershell; docs/collecting.md says which to take
    #[arg(value_name = "NAME")]
    pub(crate) name: CollectorName,
    /// The folder to write into; one file goes to standard output without it
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

/// A program that collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CollectorName {
    /// Velociraptor: one artifact.
    Velociraptor,
    /// KAPE: a compound target and its parts.
    Kape,
    /// Windows PowerShell: one script.
    Powershell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Range {
    /// The scenario; `list` names them
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// How the collection is laid out
    #[arg(long, value_name = "LAYOUT", default_value = "folder")]
    pub(crate) layout: LayoutName,
    /// The folder to write into
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Write the page of every command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Licenses {
    #[command(flatten)]
    pub(crate) rules: RuleDirs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::{Grade, Level};
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn names_are_the_models_own() {
        for name in GradeName::value_variants() {
            assert_eq!(name.to_possible_value().unwrap().get_name(), Grade::from(*name).name());
        }
        for name in LevelName::value_variants() {
            assert_eq!(name.to_possible_value().unwrap().get_name(), Level::from(*name).name());
        }
    }
}
