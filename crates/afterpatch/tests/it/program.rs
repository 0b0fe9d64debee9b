//! Runs the real program in an environment of its own.

use afterpatch_model::CaseResult;
use afterpatch_range::{Layout, SCENARIOS};
use assert_cmd::Command;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What a run said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Fails unless the run ended with `code`.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs the program with `args`.
pub(crate) fn afterpatch<S: AsRef<OsStr>>(args: &[S]) -> Said {
    afterpatch_with(args, &[])
}

/// Runs the program with `args` and variables set.
pub(crate) fn afterpatch_with<S: AsRef<OsStr>>(args: &[S], environment: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_afterpatch"));
    command.env_clear().args(args).envs(environment.iter().copied());
    let output = command.output().unwrap();
    Said {
        code: output.status.code().expect("the program was not killed"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An empty folder with room for evidence and a case.
#[derive(Debug)]
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// Returns the path of that name on the desk.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns where a scenario's collection is written: what one leaves there is no evidence of another.
    pub(crate) fn evidence(&self, name: &str, layout: Layout) -> PathBuf {
        self.path(&format!("of-{name}")).join(format!("evidence-{layout:?}"))
    }

    /// Writes a scenario's collection and returns where.
    pub(crate) fn scenario(&self, name: &str, layout: Layout) -> PathBuf {
        let scenario = SCENARIOS
            .iter()
            .find(|scenario| scenario.name == name)
            .unwrap_or_else(|| panic!("range has no scenario {name}"));
        let to = self.evidence(name, layout);
        afterpatch_range::write(scenario, layout, &to).unwrap();
        to
    }

    /// Investigates a collection into the case of that name.
    pub(crate) fn investigate(&self, evidence: &Path, case: &str, more: &[&str]) -> Said {
        let case = self.path(case);
        let mut args =
            vec![OsStr::new("investigate"), evidence.as_os_str(), OsStr::new("--case"), case.as_os_str()];
        args.extend(more.iter().map(OsStr::new));
        afterpatch(&args)
    }

    /// Reads the result of the case of that name.
    pub(crate) fn result(&self, case: &str) -> CaseResult {
        let bytes = std::fs::read(self.path(case).join("result.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
}
