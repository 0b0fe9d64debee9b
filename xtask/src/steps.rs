//! The steps of the checks, as tables of commands.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::process::{Command, Stdio};

const CARGO: &str = "cargo";

/// One command of a check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    /// The program that must be installed for it.
    needs: Option<&'static str>,
    /// What runs instead where that is not installed; without it the step is left out, and that is said.
    instead: Option<&'static [&'static str]>,
    /// Variables set for the step.
    environment: &'static [(&'static str, &'static str)],
}

impl Step {
    /// Makes a step of plain cargo.
    const fn cargo(name: &'static str, args: &'static [&'static str]) -> Self {
        Self::of(name, CARGO, args)
    }

    const fn of(name: &'static str, program: &'static str, args: &'static [&'static str]) -> Self {
        Self { name, program, args, needs: None, instead: None, environment: &[] }
    }

    const fn needs(mut self, program: &'static str, instead: Option<&'static [&'static str]>) -> Self {
        self.needs = Some(program);
        self.instead = instead;
        self
    }

    const fn with(mut self, environment: &'static [(&'static str, &'static str)]) -> Self {
        self.environment = environment;
        self
    }

    /// Runs the step; an error where it fails.
    fn run(&self) -> Result<()> {
        let installed = self.needs.is_none_or(is_installed);
        let args = if installed { Some(self.args) } else { self.instead };
        let Some(args) = args else {
            println!("── {}: skipped, {} is not installed", self.name, self.needs.unwrap_or_default());
            return Ok(());
        };
        println!("── {}: {} {}", self.name, self.program, args.join(" "));
        let program = if self.program == CARGO { cargo() } else { self.program.into() };
        let mut command = Command::new(program);
        command.args(args).envs(self.environment.iter().copied()).current_dir(crate::root());
        succeed(&mut command).with_context(|| format!("{} failed", self.name))
    }
}

/// What the compiler and its companions say.
pub(crate) const LINT: &[Step] = &[
    Step::cargo("format", &["fmt", "--all", "--check"]),
    Step::cargo("lints", &["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"]),
];

/// Every test, then the examples in the docs, then the docs themselves.
pub(crate) const TEST: &[Step] = &[
    Step::cargo("tests", &["nextest", "run", "--release", "--workspace", "--no-fail-fast"])
        .needs("cargo-nextest", Some(&["test", "--release", "--workspace", "--lib", "--bins", "--tests"])),
    Step::of("fuzz targets over their corpus", "fuzz/run.sh", &["corpus"]).needs("c++", None),
    Step::cargo("doc tests", &["test", "--release", "--workspace", "--doc", "--quiet"]),
    Step::cargo("docs", &["doc", "--release", "--workspace", "--no-deps", "--quiet"])
        .with(&[("RUSTDOCFLAGS", "-D warnings")]),
];

/// What others keep watch over: licences, known flaws, spelling.
pub(crate) const AUDIT: &[Step] = &[
    Step::cargo("dependencies", &["deny", "--workspace", "check"]).needs("cargo-deny", None),
    Step::of("spelling", "typos", &[]).needs("typos", None),
];

/// The scenarios, with the table of what is true and what came out.
pub(crate) const CASES: &[Step] = &[Step::cargo(
    "cases",
    &["test", "--release", "--package", "afterpatch", "--test", "it", "--", "cases::", "--nocapture"],
)];

/// The pages that are made from tables in the code.
pub(crate) const DOCS: &[Step] = &[Step::cargo(
    "generated pages",
    &["test", "--release", "--package", "afterpatch", "--test", "it", "--", "generated::"],
)
.with(&[("AFTERPATCH_WRITE_DOCS", "1")])];

/// The collections that the repository ships.
pub(crate) const EXAMPLES: &[Step] = &[Step::cargo(
    "examples",
    &[
        "run",
        "--release",
        "--quiet",
        "--package",
        "afterpatch",
        "--",
        "range",
        "example",
        "--layout",
        "zip",
        "--to",
        "examples",
    ],
)];

/// Runs steps in order and stops at the first that fails.
pub(crate) fn run_all(groups: &[&[Step]]) -> Result<()> {
    for step in groups.iter().copied().flatten() {
        step.run()?;
    }
    println!("── all is well");
    Ok(())
}

/// Returns the cargo that runs us.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs a command and fails where it fails.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{} could not be started", command.get_program().display()))?;
    if !status.success() {
        bail!("{} ended with {status}", command.get_program().display());
    }
    Ok(())
}

fn is_installed(program: &str) -> bool {
    let asked = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}
