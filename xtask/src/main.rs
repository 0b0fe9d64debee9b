//! What a developer runs: `cargo xtask check` before each commit, and nothing else to remember. Installs nothing.

#![expect(clippy::print_stdout, reason = "a developer's tool talks on standard output")]

mod steps;

use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// One task that can be asked for.
struct Task {
    name: &'static str,
    doc: &'static str,
    run: fn() -> Result<()>,
}

const TASKS: &[Task] = &[
    Task {
        name: "check",
        doc: "format, lints, tests, doc tests, docs, licences, spelling: all that must hold before a commit",
        run: || steps::run_all(&[steps::LINT, steps::TEST, steps::AUDIT]),
    },
    Task { name: "test", doc: "the tests alone", run: || steps::run_all(&[steps::TEST]) },
    Task {
        name: "cases",
        doc: "every scenario of cases/: what is true of it against what came out",
        run: || steps::run_all(&[steps::CASES]),
    },
    Task { name: "bench", doc: "the scripts in benches/, in order of name", run: bench },
    Task {
        name: "docs",
        doc: "write the pages that are generated from tables in the code",
        run: || steps::run_all(&[steps::DOCS]),
    },
    Task {
        name: "examples",
        doc: "make the collections in examples/ again",
        run: || steps::run_all(&[steps::EXAMPLES]),
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [name] = args.as_slice() else {
        return list_tasks();
    };
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        println!("no task is called {name}");
        return list_tasks();
    };
    match (task.run)() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\n{}: {error:#}", task.name);
            ExitCode::FAILURE
        }
    }
}

fn list_tasks() -> ExitCode {
    println!("cargo xtask TASK");
    for task in TASKS {
        println!("  {:9} {}", task.name, task.doc);
    }
    ExitCode::from(2)
}

/// Returns the workspace's root.
///
/// Cargo says at run time where the package lies; checkouts that share a target folder may share this program.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| "xtask".into(), PathBuf::from);
    here.join("..")
}

fn bench() -> Result<()> {
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(root().join("benches"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sh"))
        .collect();
    scripts.sort();
    for script in scripts {
        println!("── {}", script.display());
        steps::succeed(std::process::Command::new("bash").arg(&script).current_dir(root()))?;
    }
    Ok(())
}
