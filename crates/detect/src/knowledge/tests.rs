//! What the knowledge says of builds and flaws, and what its check finds.

use super::*;
use crate::Content;
use proptest::prelude::*;

fn known() -> Knowledge {
    Content::load(&[]).0.knowledge().clone()
}

fn standing(knowledge: &Knowledge, cve: &str, build: &str) -> Standing {
    knowledge.flaw(cve).unwrap().standing(build.parse().unwrap())
}

#[test]
fn our_own_files_are_in_order() {
    assert_eq!(known().check(), []);
    assert_eq!((known().flaws().len(), known().builds().count()), (166, 404));
}

#[test]
fn an_update_fixes_inside_its_cumulative_update_only() {
    let knowledge = known();
    let of = |build: &str| standing(&knowledge, "CVE-2021-26855", build);
    let fixed_by = |build: &str| knowledge.flaw("CVE-2021-26855").unwrap().fixed_by(build.parse().unwrap());
    assert_eq!(of("15.1.2106.2"), Standing::Open);
    assert_eq!(fixed_by("15.1.2106.2"), ["15.1.2106.13".parse().unwrap()]);
    assert_eq!(of("15.1.2176.2"), Standing::Open, "newer than 2106.13, and open");
    assert_eq!(of("15.1.2106.13"), Standing::Mended);
    assert_eq!(of("15.1.1913.12"), Standing::Mended, "older update, fixed for itself");
    assert_eq!(of("15.1.2242.4"), Standing::Fixed);
    assert_eq!(of("15.1.2507.6"), Standing::Fixed, "a later cumulative update");
    assert_eq!(of("15.2.2562.17"), Standing::NotAffected, "Exchange SE");
    assert_eq!(of("15.1.2106.999"), Standing::Mended, "an interim update after the fix");
    assert_eq!(of("99.1.2.3"), Standing::Doubtful, "no Exchange that anybody knows");
}

#[test]
fn an_update_without_a_fix_of_its_own_is_open_for_good() {
    let knowledge = known();
    let flaw = knowledge.flaw("CVE-2021-27065").unwrap();
    let build: Build = "15.1.1261.35".parse().unwrap();
    assert_eq!((flaw.standing(build), flaw.fixed_by(build)), (Standing::Open, vec![]));
}

#[test]
fn numbers_are_no_decimals() {
    let knowledge = known();
    // HealthChecker's predecessor read 1913.010 as 1913.1.
    assert_eq!(standing(&knowledge, "CVE-2021-26855", "15.01.1913.010"), Standing::Open);
    assert_eq!(standing(&knowledge, "CVE-2021-26855", "15.01.1913.012"), Standing::Mended);
    assert_eq!(standing(&knowledge, "CVE-2021-26855", "15.01.1913.1"), Standing::Open);
}

#[test]
fn a_newer_cumulative_update_may_lack_what_an_older_one_got() {
    let knowledge = known();
    for (older, newer, mended) in
        [("15.1.2242.12", "15.1.2308.8", "15.1.2308.14"), ("15.2.858.15", "15.2.922.7", "15.2.922.13")]
    {
        assert_eq!(standing(&knowledge, "CVE-2021-31196", older), Standing::Mended, "{older}");
        assert_eq!(standing(&knowledge, "CVE-2021-31196", newer), Standing::Open, "{newer}");
        assert_eq!(standing(&knowledge, "CVE-2021-31196", mended), Standing::Mended, "{mended}");
    }
}

#[test]
fn the_march_update_of_an_old_cumulative_update_fixes_four_flaws_only() {
    let knowledge = known();
    let old = "15.1.1847.12";
    let of_march: Vec<_> =
        knowledge.flaws().iter().filter(|flaw| flaw.release.as_deref() == Some("Mar21SU")).collect();
    assert_eq!(of_march.len(), 7);
    let mended = |flaw: &&&Flaw| flaw.standing(old.parse().unwrap()) == Standing::Mended;
    let mended: Vec<_> = of_march.iter().filter(mended).map(|flaw| flaw.cve.as_str()).collect();
    assert_eq!(mended, ["CVE-2021-26855", "CVE-2021-26857", "CVE-2021-26858", "CVE-2021-27065"]);
}

#[test]
fn proxyshell_was_fixed_in_april_and_told_of_in_july() {
    let knowledge = known();
    let flaw = knowledge.flaw("CVE-2021-34473").unwrap();
    assert_eq!(flaw.known_from().unwrap().day(), "2021-04-13");
    assert_eq!(standing(&knowledge, "CVE-2021-34473", "15.1.2242.8"), Standing::Mended);
    assert_eq!(
        standing(&knowledge, "CVE-2021-31207", "15.1.2242.8"),
        Standing::Open,
        "that one took until May"
    );
}

#[test]
fn where_the_sources_differ_nothing_is_sure() {
    let knowledge = known();
    assert_eq!(standing(&knowledge, "CVE-2021-26855", "15.1.1415.7"), Standing::Open);
    assert_eq!(standing(&knowledge, "CVE-2021-26855", "15.1.1415.8"), Standing::Doubtful);
    assert_eq!(standing(&knowledge, "CVE-2021-26855", "15.1.1415.10"), Standing::Mended);
}

#[test]
fn a_product_that_is_mended_no_more_is_in_doubt_where_nobody_names_it() {
    let knowledge = known();
    assert_eq!(standing(&knowledge, "CVE-2026-42897", "15.0.1497.48"), Standing::Doubtful);
    assert_eq!(
        standing(&knowledge, "CVE-2021-42321", "15.0.1497.26"),
        Standing::NotAffected,
        "2013 was mended then"
    );
    assert_eq!(
        standing(&knowledge, "CVE-2020-0688", "14.3.496.0"),
        Standing::Doubtful,
        "no source lists 2010"
    );
    assert_eq!(standing(&knowledge, "CVE-2020-17144", "14.3.496.0"), Standing::Open);
}

#[test]
fn a_cumulative_update_stands_as_its_builds_do() {
    let knowledge = known();
    let seen = |text: &str| Seen::read(text).unwrap();
    let flaw = knowledge.flaw("CVE-2021-26855").unwrap();
    assert_eq!(knowledge.standing(seen("15.1.2106"), flaw), Standing::Doubtful, "between the builds of CU18");
    assert_eq!(knowledge.standing(seen("15.1.1261"), flaw), Standing::Open, "no build of CU7 fixes it");
    assert_eq!(knowledge.standing(seen("15.1.2507"), flaw), Standing::Fixed);
    assert!(Seen::read("15.20.4052").is_none(), "Exchange Online is no server of ours");
    assert!(Seen::read("1.2.3").is_none());
}

#[test]
fn a_sighting_is_taken_as_its_place_allows() {
    let knowledge = known();
    let of = |build: &str, place: &str| {
        let (seen, rank) = knowledge.take(Seen::read(build).unwrap(), place);
        (seen.to_string(), rank)
    };
    assert_eq!(of("15.1.2106.13", "HttpProxy #Version"), ("15.1.2106.13".into(), 0));
    assert_eq!(of("15.1.2106.2", "registry key of Exchange's setup"), ("15.1.2106".into(), 2));
    assert_eq!(of("15.1.2106", "IIS OWA path"), ("15.1.2106".into(), 3));
}

#[test]
fn what_is_known_from_memory_is_no_fact() {
    let knowledge = known();
    let recalled = knowledge.flaw("CVE-2020-0688").unwrap();
    assert_eq!(recalled.score, None, "the file has a figure, from memory");
    assert!(knowledge.flaw("CVE-2021-26855").unwrap().score.is_some());
    let flaw = knowledge.flaw("CVE-2018-8581").unwrap();
    for known in knowledge.builds().filter(|known| known.product == "Exchange 2016") {
        assert_eq!(flaw.standing(known.build), Standing::Doubtful);
        assert_eq!(flaw.fixed_by(known.build), []);
    }
    let derived = knowledge.build("15.1.2106.6".parse().unwrap()).unwrap();
    assert_eq!((derived.label.as_str(), derived.released), ("CU18 Dec20SU", None));
}

/// Files in which one cell of one row is changed.
fn with(file: &str, old: &str, new: &str) -> Vec<String> {
    let mut files = crate::content::knowledge_files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(old), "{file} has no {old}");
    *text = text.replacen(old, new, 1);
    Knowledge::read(&files).check().iter().map(ToString::to_string).collect()
}

#[test]
fn a_wrong_row_is_told() {
    for (file, old, new, told) in [
        ("builds.tsv", "14.0.639.21\t", "14.0.999.21\t", "not after the row before"),
        ("builds.tsv", "\tpublished\t", "\tguessed\t", "precision \"guessed\""),
        ("builds.tsv", "2009-11-09", "2009-13-09", "released"),
        (
            "builds.tsv",
            "14.0.639.21\tExchange 2010",
            "14.0.639.21\tExchange 2013",
            "no build of Exchange 2013",
        ),
        ("flaws.tsv", "CVE-2018-0940\t", "CVE-2018-0924\t", "not after the row before"),
        ("flaws.tsv", "15.0.1347.5 ", "15.0.1347.99 ", "builds.tsv does not know 15.0.1347.99"),
        ("flaws.tsv", "15.0.1347.5 15.0.1365.3 ", "15.0.1365.3 15.0.1347.5 ", "not in order"),
        ("flaws.tsv", "15.0.1347.5 15.0.1365.3 ", "15.0.1347.5+ 15.0.1365.3 ", "fixes every later one"),
        ("flaws.tsv", "15.0.1347.5 15.0.1365.3 ", "15.0.1365.1 15.0.1365.3 ", "fixed twice"),
        ("flaws.tsv", "\textended-protection\t", "\tprotection\t", "needs.tsv does not know protection"),
        ("flaws.tsv", "\tMar18SU\t", "\tMar17SU\t", "no build of Mar17SU"),
        ("flaws.tsv", "\t2013,2016\t", "\t2012,2016\t", "does not know the product 2012"),
        ("flaws.tsv", "\thealthchecker msrc\n", "\t-\n", "names no source"),
        ("exploited.tsv", "CVE-2018-8581\t", "CVE-2018-9999\t", "flaws.tsv does not know CVE-2018-9999"),
        ("exploited.tsv", "\t2022-03-03\t-\t", "\t2022-03-03\t2022-03-02\t", "ended before it began"),
        ("needs.tsv", "15.2.1544.4+", "15.2.1544.5+", "builds.tsv does not know 15.2.1544.5"),
        ("mitigations.tsv", "CVE-2021-26855\t", "CVE-2021-11111\t", "flaws.tsv does not know CVE-2021-11111"),
        ("signs.tsv", "mitigation\teomt\t", "mitigation\teomt-9\t", "mitigations.tsv does not know eomt-9"),
        ("signs.tsv", "\tx-beresource", "\tX-BEResource", "not in lower case"),
        ("signs.tsv", "need\tschema\tmet", "need\tschema\tseen", "met or unmet"),
        (
            "signs.tsv",
            "override-absent CVE-2024-49040",
            "override-absent CVE-1999-1",
            "does not know CVE-1999-1",
        ),
        ("signs.tsv", "\t>=6351\t", "\t>=many\t", "\"many\" is no number"),
        ("support.tsv", "\tno\t", "\tperhaps\t", "listed \"perhaps\""),
        ("sightings.tsv", "\ttold\t", "\theard\t", "taken \"heard\""),
    ] {
        let faults = with(file, old, new);
        assert!(
            faults.iter().any(|fault| fault.contains(told)),
            "{file}: {old:?} to {new:?} gave {faults:?}"
        );
    }
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let faults = Knowledge::read(&BTreeMap::new());
    for file in &Knowledge::FILES[..8] {
        assert!(faults.check().iter().any(|fault| fault.file == *file), "{file}");
    }
}

proptest! {
    /// Inside one cumulative update a later build is never worse: a fix is not taken back.
    #[test]
    fn inside_a_cumulative_update_a_fix_stays(update in 0_usize..200, one in 0_u32..80, more in 0_u32..80) {
        static KNOWN: std::sync::LazyLock<Knowledge> = std::sync::LazyLock::new(known);
        let updates: BTreeSet<_> = KNOWN.builds().map(|known| known.build.branch()).collect();
        let (major, minor, build) = *updates.iter().nth(update % updates.len()).unwrap();
        let earlier = Build { major, minor, build, revision: one };
        let later = Build { revision: one + more, ..earlier };
        prop_assert!(Seen::Build(earlier).order() <= Seen::Build(later).order());
        for flaw in KNOWN.flaws() {
            let side = |build| match flaw.standing(build) {
                Standing::Open => 0,
                Standing::Doubtful => 1,
                _ => 2,
            };
            prop_assert!(side(earlier) <= side(later), "{} {earlier} {later}", flaw.cve);
        }
    }

    /// Numbers order builds as their four parts do.
    #[test]
    fn the_order_is_that_of_the_four_numbers(a in parts(), b in parts()) {
        prop_assert_eq!(a.cmp(&b), Seen::Build(a).order().cmp(&Seen::Build(b).order()));
    }

    /// Whatever a file holds, reading it ends and tells what is wrong.
    #[test]
    fn no_text_stops_the_reading(text in "([a-z0-9+|~.\t -]{0,40}\n){0,8}") {
        let files = Knowledge::FILES.map(|file| (file.to_owned(), text.clone()));
        prop_assert!(!Knowledge::read(&files.into()).check().is_empty());
    }
}

fn parts() -> impl Strategy<Value = Build> {
    (14_u32..16, 0_u32..4, 0_u32..3000, 0_u32..1000).prop_map(|(major, minor, build, revision)| Build {
        major,
        minor,
        build,
        revision,
    })
}
