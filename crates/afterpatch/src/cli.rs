//! One file a command; this one says which runs.

use crate::args::{Args, Command, Custody, Evaluate, Knowledge, Rules};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::out::Out;
use clap::CommandFactory;

mod case;
mod collector;
mod completions;
mod coverage;
mod custody;
mod detect;
mod evaluate;
mod findings;
mod ingest;
mod investigate;
mod judge;
mod knowledge;
mod licenses;
mod man;
mod opening;
mod plan;
mod query;
mod range;
mod report;
mod rules;
mod samples;
mod sweep;
mod timeline;
mod verify;

/// What a command comes to.
type Outcome = Result<Exit, CommandError>;

/// Runs the command.
pub(crate) fn run(command: &Command, out: &Out) -> Outcome {
    match command {
        Command::Investigate(args) => investigate::run(args, out),
        Command::Ingest(args) => ingest::run(args, out),
        Command::Sweep(args) => sweep::run(args, out),
        Command::Detect(args) => detect::run(args, out),
        Command::Judge(args) => judge::run(args, out),
        Command::Report(args) => report::run(args, out),
        Command::Query(args) => query::run(args, out),
        Command::Timeline(args) => timeline::run(args, out),
        Command::Findings(args) => findings::run(args, out),
        Command::Plan(args) => plan::run(args, out),
        Command::Verify(args) => verify::run(args, out),
        Command::Coverage(args) => coverage::run(args, out),
        Command::Rules(Rules::List(args)) => rules::list(args, out),
        Command::Rules(Rules::Check(args)) => rules::check(args, out),
        Command::Rules(Rules::Test(args)) => rules::test(args, out),
        Command::Knowledge(Knowledge::Check(args)) => knowledge::check(args, out),
        Command::Knowledge(Knowledge::Show(args)) => knowledge::show(args, out),
        Command::Evaluate(Evaluate::WebShells(args)) => evaluate::run(args, out),
        Command::Custody(Custody::Verify(args)) => custody::verify(args, out),
        Command::Collector(args) => collector::run(args, out),
        Command::Range(args) => range::run(args, out),
        Command::Completions(args) => completions::run(args, &mut Args::command(), out),
        Command::Man(args) => man::run(args, &Args::command(), out),
        Command::Licenses(args) => licenses::run(args, out),
    }
}
