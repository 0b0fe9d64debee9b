//! Compiled pages, as they lie in the folders of ASP.NET when their sources are gone. `assemblies/make.sh` makes them.

use crate::fixtures::codes;
use afterpatch_pages::judge;
use afterpatch_pages::kind::Kind;
use afterpatch_pages::verdict::{Judgement, Verdict};
use proptest::prelude::*;
use std::path::Path;

/// Shells, with the verdict and the signal that tells each, and its twins.
static SHELLS: &[(&str, Verdict, &str, &[&str])] = &[
    ("starts", Verdict::Shell, "compiled-starts", &["starts-twin", "tool", "apart"]),
    ("loads", Verdict::Shell, "compiled-loads", &["loads-twin"]),
    ("compiles", Verdict::DualUse, "compiled-compiles", &["compiles-twin"]),
    ("native", Verdict::Shell, "compiled-native", &["native-twin"]),
    ("connects", Verdict::DualUse, "compiled-connects", &["connects-twin"]),
];

/// Returns the bytes of an assembly.
fn assembly(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/assemblies");
    let digits = std::fs::read_to_string(folder.join(format!("{name}.dll.hex"))).unwrap();
    let digits: Vec<u32> = digits.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

fn judged(name: &str) -> Judgement {
    judge(&assembly(name), Kind::Assembly)
}

#[test]
fn compiled_shells_are_told_by_what_their_pages_reach() {
    for (name, verdict, signal, _) in SHELLS {
        let judgement = judged(name);
        assert_eq!(judgement.verdict, Some(*verdict), "{name}: {judgement:?}");
        assert!(codes(&judgement).contains(signal), "{name}: {judgement:?}");
    }
}

#[test]
fn compiled_pages_and_libraries_like_others_are_none() {
    for twin in SHELLS.iter().flat_map(|(.., twins)| *twins) {
        let judgement = judged(twin);
        assert_eq!((judgement.verdict, codes(&judgement)), (None, Vec::new()), "{twin}: {judgement:?}");
    }
}

#[test]
fn the_way_names_the_page_what_is_sent_and_what_gives_control() {
    let judgement = judged("starts");
    let signal = judgement.signals.iter().find(|signal| signal.code == "compiled-starts").unwrap();
    let way: Vec<&str> = signal.path.iter().map(|step| step.what.as_str()).collect();
    assert_eq!(
        way,
        ["ASP.starts_aspx", "System.Web.HttpRequest.get_Item", "System.Diagnostics.Process.Start"]
    );
}

#[test]
fn what_is_cut_off_is_read_as_far_as_it_goes() {
    for name in ["starts", "native"] {
        let bytes = assembly(name);
        for length in (0..bytes.len()).step_by(7) {
            let judgement = judge(&bytes[..length], Kind::Assembly);
            assert!(judgement.signals.len() <= 3, "{name} cut to {length}: {judgement:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn damaged_assemblies_are_read(
        which in 0..SHELLS.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..24),
    ) {
        let mut bytes = assembly(SHELLS[which].0);
        for (place, value) in flips {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        let judgement = judge(&bytes, Kind::Assembly);
        prop_assert!((0.0..=1.0).contains(&judgement.shell));
    }
}
