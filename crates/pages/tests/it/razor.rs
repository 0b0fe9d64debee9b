//! Pages of Razor. No public set has a web shell in it, and a server that runs it can be left with one.

use crate::fixtures::{codes, judged};
use afterpatch_pages::verdict::Verdict;

/// Shells, with the signal that tells each; the twin of each is beside it.
static SHELLS: &[(&str, &str, &str)] = &[
    ("process.cshtml", "visitor-started", "process-twin.cshtml"),
    ("compile.cshtml", "visitor-compiled", "compile-twin.cshtml"),
    ("write.cshtml", "visitor-wrote-file", "write-twin.cshtml"),
    ("helper.cshtml", "visitor-started", "helper-twin.cshtml"),
    ("load.cshtml", "visitor-loaded", "load-twin.cshtml"),
    ("script.cshtml", "visitor-compiled", "script-twin.cshtml"),
    ("handler.cshtml", "visitor-started", "handler-twin.cshtml"),
    ("basic.vbhtml", "visitor-started", "basic-twin.vbhtml"),
];

#[test]
fn shells_of_razor_are_told_by_what_they_do() {
    for (shell, signal, _) in SHELLS {
        let judgement = judged(shell);
        assert_eq!(judgement.verdict, Some(Verdict::Shell), "{shell}: {judgement:?}");
        assert!(codes(&judgement).contains(signal), "{shell}: {judgement:?}");
    }
}

#[test]
fn what_only_looks_like_a_shell_of_razor_is_none() {
    for (.., twin) in SHELLS {
        let judgement = judged(twin);
        assert_eq!(judgement.verdict, None, "{twin}: {judgement:?}");
    }
}
