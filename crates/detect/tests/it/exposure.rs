//! Every build against every flaw, held to the sheets from which the knowledge was made, by an oracle that shares
//! nothing with the program: it reads the sheets' text and compares numbers.

use afterpatch_detect::{Content, Standing};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

type Numbers = [u32; 4];
type Line = BTreeMap<String, String>;

/// Reads a sheet; none where the folder beside the checkout is not there.
fn sheet(name: &str) -> Option<Vec<Line>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts").join(name);
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next()?;
    Some(lines.map(|cells| names.iter().cloned().zip(cells).collect()).collect())
}

fn numbers(text: &str) -> Numbers {
    let parts: Vec<u32> = text.split('.').map(|part| part.parse().unwrap()).collect();
    parts.try_into().unwrap()
}

/// One entry of `first_fixed_builds`, such as `Exchange 2016 CU20+:15.1.2242.4`.
struct Entry {
    product: String,
    from: Numbers,
    sure: Numbers,
    and_later: bool,
}

fn entries(line: &Line) -> Vec<Entry> {
    let one = |text: &str| {
        let (name, builds) = text.trim().split_once(':')?;
        let (product, update) = name.rsplit_once(' ')?;
        let product = product.strip_suffix(" SP3").unwrap_or(product);
        let builds = builds.split(' ').next()?;
        let builds: Vec<_> = builds.split('|').map(numbers).collect();
        // Each rollup of 2010 holds all before it.
        let and_later = update.ends_with('+') || product == "Exchange 2010";
        Some(Entry { product: product.to_owned(), from: builds[0], sure: *builds.last()?, and_later })
    };
    line["first_fixed_builds"]
        .split(';')
        .filter_map(one)
        .filter(|entry| entry.product.starts_with("Exchange"))
        .collect()
}

fn branch(build: Numbers) -> [u32; 3] {
    [build[0], build[1], build[2]]
}

/// What the sheet says of a build and a flaw: the same five words, worked out from its text.
fn oracle(
    build: Numbers,
    product: &str,
    flaw: &Line,
    months: &BTreeMap<&str, &str>,
    firsts: &BTreeMap<[u32; 3], Numbers>,
) -> Standing {
    let entries = entries(flaw);
    let mut products: BTreeSet<&str> = entries.iter().map(|entry| entry.product.as_str()).collect();
    products.extend(flaw["products"].split(',').filter(|name| name.starts_with("Exchange")));
    let of_every = flaw["products"].starts_with(".NET");
    let of_2019 = flaw["products"].starts_with("Windows Server");
    if !(products.contains(product) || of_every || of_2019 && product == "Exchange 2019") {
        // The last day on which the vendor still named the product.
        let last = match product {
            "Exchange 2010" => "0000-00-00",
            "Exchange 2013" => "2023-04-11",
            "Exchange 2016" | "Exchange 2019" => "2026-10-31",
            _ => "9999-99-99",
        };
        let came_out = months.get(flaw["fix_release"].as_str()).copied().unwrap_or("0000-00-01");
        return if came_out > last { Standing::Doubtful } else { Standing::NotAffected };
    }
    if entries.is_empty() || flaw["notes"].contains("from recall") {
        return Standing::Doubtful;
    }
    let mut generation: Vec<&Entry> = entries.iter().filter(|entry| entry.from[..2] == build[..2]).collect();
    generation.sort_by_key(|entry| entry.from);
    for entry in &generation {
        if branch(entry.from) == branch(build) {
            return match build {
                build if build < entry.from => Standing::Open,
                build if build < entry.sure => Standing::Doubtful,
                _ if firsts[&branch(entry.from)] >= entry.sure => Standing::Fixed,
                _ => Standing::Mended,
            };
        }
    }
    match generation.last() {
        Some(last) if branch(build) < branch(last.from) => Standing::Open,
        Some(last) if last.and_later => Standing::Fixed,
        _ => Standing::Doubtful,
    }
}

#[test]
fn every_build_stands_to_every_flaw_as_the_sheets_say() {
    let (Some(builds), Some(flaws)) = (sheet("exchange-builds.tsv"), sheet("exchange-cves.tsv")) else {
        return;
    };
    assert_eq!((builds.len(), flaws.len()), (404, 166));
    let mut months: BTreeMap<&str, &str> = BTreeMap::new();
    let mut firsts: BTreeMap<[u32; 3], Numbers> = BTreeMap::new();
    for line in &builds {
        let build = numbers(&line["build"]);
        firsts.entry(branch(build)).and_modify(|first| *first = build.min(*first)).or_insert(build);
        if line["date_precision"] == "published" {
            months.insert(line["label"].rsplit(' ').next().unwrap(), &line["release_date"]);
        }
    }
    let (content, problems) = Content::load(&[]);
    assert!(problems.is_empty(), "{problems:?}");
    let knowledge = content.knowledge();
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<Standing, u32> = BTreeMap::new();
    for line in &builds {
        let build = line["build"].parse().unwrap();
        for flaw in &flaws {
            let expected = oracle(numbers(&line["build"]), &line["product"], flaw, &months, &firsts);
            let found = knowledge.flaw(&flaw["cve"]).unwrap().standing(build);
            *seen.entry(found).or_default() += 1;
            if found != expected {
                wrong.push(format!("{} {}: {expected:?} and not {found:?}", flaw["cve"], line["build"]));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        404 * 166,
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert_eq!(seen.values().sum::<u32>(), 404 * 166);
    assert_eq!(seen.len(), 5, "every standing is met by some build");
}

#[test]
fn what_the_sheets_give_from_memory_is_shown_nowhere() {
    let Some(flaws) = sheet("exchange-cves.tsv") else { return };
    let content = Content::load(&[]).0;
    let recalled: Vec<_> = flaws.iter().filter(|line| line["cvss_source"] == "recall").collect();
    assert_eq!(recalled.len(), 36);
    for line in recalled {
        assert_eq!(content.knowledge().flaw(&line["cve"]).unwrap().score, None, "{}", line["cve"]);
    }
    let Some(builds) = sheet("exchange-builds.tsv") else { return };
    for line in builds.iter().filter(|line| line["date_precision"] != "published") {
        let known = content.knowledge().build(line["build"].parse().unwrap()).unwrap();
        assert_eq!(known.released, None, "{}", line["build"]);
    }
}
