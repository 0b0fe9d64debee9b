//! Measures what the weights of pages say of the odds, for the tables of `src/verdict/weights`.
//!
//! `calibrate DIR LABELS [LANGUAGE …]`: for each family of languages the knots, and how far the odds that four fifths of the
//! clusters give are from what the fifth that was kept aside shows.

#![expect(clippy::print_stdout, reason = "an example prints")]
#![expect(clippy::cast_precision_loss, reason = "files are counted, not atoms")]

mod labelled;

use afterpatch_pages::judge;
use std::collections::BTreeMap;
use std::error::Error;

/// Where bands of weights begin. The first holds what weighs nothing, and what speaks against it.
const BANDS: [f64; 11] = [f64::NEG_INFINITY, 0.01, 1.0, 2.0, 3.0, 3.6, 4.3, 5.0, 6.0, 7.0, 9.0];

/// How many parts the clusters are parted into, each kept aside once.
const PARTS: usize = 5;

/// A labelled page.
struct Page {
    is_malicious: bool,
    /// What it weighs, for a shell and for a tool of dual use.
    weights: [f64; 2],
    /// The cluster, or the page itself where it is in none.
    cluster: Box<str>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut families: BTreeMap<&str, Vec<Page>> = BTreeMap::new();
    labelled::each(|_, sha256, label, kind, bytes| {
        let weight = judge(bytes, kind).weight;
        let family = match &*label.language {
            "asp" => "asp",
            "jsp" => "java",
            "php" => "php",
            _ => "dotnet",
        };
        families.entry(family).or_default().push(Page {
            is_malicious: label.is_malicious,
            weights: [weight.shell, weight.dual_use],
            cluster: label.cluster.clone().unwrap_or_else(|| sha256.into()),
        });
    })?;
    for (family, pages) in &families {
        for (of, name) in ["shell", "dual use"].into_iter().enumerate() {
            println!("{family}, {name}");
            for (weight, odds) in knots(&counted(pages, of, |_| true)) {
                println!("    ({weight:.1}, {odds:.1}),");
            }
            kept_aside(pages, of);
        }
    }
    Ok(())
}

/// How much of the benign and of the malicious pages lies in a band, the mean of their weights, and how many they are.
#[derive(Clone, Copy, Default)]
struct Band {
    shares: [f64; 2],
    weight: f64,
    held: f64,
}

/// Counts the pages of the chosen clusters by band, each cluster once; to both sides half a page's share of all is added, so that
/// a band where nothing was seen says nothing.
fn counted(pages: &[Page], of: usize, chosen: impl Fn(&str) -> bool) -> Vec<Band> {
    let pages: Vec<&Page> = pages.iter().filter(|page| chosen(&page.cluster)).collect();
    let mut sizes: BTreeMap<(&str, bool), f64> = BTreeMap::new();
    for page in &pages {
        *sizes.entry((&page.cluster, page.is_malicious)).or_default() += 1.0;
    }
    let clusters = |side: bool| sizes.keys().filter(|(_, is_malicious)| *is_malicious == side).count() as f64;
    let whole = [clusters(false), clusters(true)];
    let half_a_page = 0.5 / (whole[0] + whole[1]);
    let mut bands = vec![Band { shares: [half_a_page; 2], ..Band::default() }; BANDS.len()];
    for page in pages {
        let share = 1.0 / sizes[&(&*page.cluster, page.is_malicious)];
        let side = usize::from(page.is_malicious);
        let at = BANDS.partition_point(|begin| *begin <= page.weights[of]) - 1;
        bands[at].shares[side] += share / whole[side];
        bands[at].weight += share * page.weights[of].clamp(0.0, 12.0);
        bands[at].held += share;
    }
    for band in &mut bands {
        band.weight /= band.held.max(f64::MIN_POSITIVE);
    }
    bands
}

fn log_ratio(shares: [f64; 2]) -> f64 {
    (shares[1] / shares[0]).ln()
}

/// Joins bands until a larger weight never speaks less for it. Returns the mean weight of each, and what it says of the odds.
fn knots(bands: &[Band]) -> Vec<(f64, f64)> {
    let mut joined: Vec<Band> = Vec::new();
    for band in bands.iter().filter(|band| band.held > 0.0) {
        let mut band = *band;
        while let Some(before) = joined.pop_if(|before| log_ratio(before.shares) >= log_ratio(band.shares)) {
            let held = before.held + band.held;
            band = Band {
                shares: [0, 1].map(|side| before.shares[side] + band.shares[side]),
                weight: (before.weight * before.held + band.weight * band.held) / held,
                held,
            };
        }
        joined.push(band);
    }
    joined.into_iter().map(|band| (band.weight, log_ratio(band.shares))).collect()
}

/// Prints, by band, what four fifths say of the odds and what the fifth kept aside shows, in the mean over the fifths.
fn kept_aside(pages: &[Page], of: usize) {
    let part = |cluster: &str| {
        cluster.bytes().fold(7_usize, |sum, byte| (sum * 31 + usize::from(byte)) % 10_007) % PARTS
    };
    let mut said = vec![0.0; BANDS.len()];
    let mut shown = vec![[0.0; 2]; BANDS.len()];
    for aside in 0..PARTS {
        let knots = knots(&counted(pages, of, |cluster| part(cluster) != aside));
        for (at, band) in counted(pages, of, |cluster| part(cluster) == aside).iter().enumerate() {
            let weight = if band.held > 0.0 { band.weight } else { BANDS[at].max(0.0) };
            let near = knots.iter().min_by(|a, b| (a.0 - weight).abs().total_cmp(&(b.0 - weight).abs()));
            said[at] += near.map_or(0.0, |near| near.1) / PARTS as f64;
            shown[at] = [0, 1].map(|side| shown[at][side] + band.shares[side] / PARTS as f64);
        }
    }
    for ((begin, said), shown) in BANDS.iter().zip(said).zip(shown) {
        println!("        from {begin:>4.1}: said {said:5.1}, shown {:5.1}", log_ratio(shown));
    }
}
