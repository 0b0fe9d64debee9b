//! One program for all targets: `AFTERPATCH_FUZZ` names the one that is run.

#![no_main]

use afterpatch_fuzz::Target;
use std::cell::OnceCell;
use tempfile::TempDir;

thread_local! {
    static TARGET: OnceCell<(Target, TempDir)> = const { OnceCell::new() };
}

fn target() -> (Target, TempDir) {
    let name = std::env::var("AFTERPATCH_FUZZ").unwrap_or_default();
    let folder = TempDir::new().expect("a folder for temporary files");
    let target = Target::find(&name, folder.path());
    (target.unwrap_or_else(|| panic!("AFTERPATCH_FUZZ names no target: {name:?}")), folder)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    TARGET.with(|own| own.get_or_init(target).0.run(bytes));
});
