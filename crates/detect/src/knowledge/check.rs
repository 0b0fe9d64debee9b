//! Whether the files of knowledge agree with themselves and with each other.

use super::build::KnownBuild;
use super::flaw::{Flaw, Used};
use super::sheet::{Fault, Placed, Row};
use super::sign::{MitigationKind, NeedKind, Sign, SignKind};
use super::{Sheets, product_of};
use afterpatch_model::{Build, ServerRole};
use std::collections::BTreeSet;

/// Says what is wrong with the files beyond what reading them finds.
pub(super) fn faults(sheets: &Sheets) -> Vec<Fault> {
    let mut faults = Vec::new();
    ordered(&sheets.builds, |row| row.build, &mut faults);
    ordered(&sheets.flaws, |row| number(&row.cve), &mut faults);
    let builds: BTreeSet<_> = sheets.builds.iter().map(|placed| placed.row.build).collect();
    let known = Known {
        builds: &builds,
        cves: ids(&sheets.flaws, |row| &row.cve),
        needs: ids(&sheets.needs, |row| &row.id),
        mitigations: ids(&sheets.mitigations, |row| &row.id),
        releases: sheets.builds.iter().map(|placed| placed.row.release()).collect(),
        products: sheets.support.iter().map(|placed| placed.row.product.as_str()).collect(),
    };
    each(&sheets.flaws, &mut faults, |row| known.flaw(row));
    each(&sheets.builds, &mut faults, |row| known.build(row));
    each(&sheets.used, &mut faults, |row: &Used| known.cve(&row.cve));
    each(&sheets.mitigations, &mut faults, |row: &MitigationKind| {
        row.cves.iter().find_map(|cve| known.cve(cve)).or_else(|| unsourced(&row.source))
    });
    each(&sheets.needs, &mut faults, |row: &NeedKind| {
        known.named(row.default.builds()).or_else(|| unsourced(&row.source))
    });
    each(&sheets.signs, &mut faults, |row| known.sign(row));
    each(&sheets.support, &mut faults, |row| unsourced(&row.source));
    once(&sheets.used, |row| row.cve.clone(), &mut faults);
    once(&sheets.needs, |row| row.id.clone(), &mut faults);
    once(&sheets.mitigations, |row| row.id.clone(), &mut faults);
    once(&sheets.sightings, |row| row.seen_in.clone(), &mut faults);
    faults
}

/// What rows may name.
struct Known<'k> {
    builds: &'k BTreeSet<Build>,
    cves: BTreeSet<&'k str>,
    needs: BTreeSet<&'k str>,
    mitigations: BTreeSet<&'k str>,
    releases: BTreeSet<&'k str>,
    products: BTreeSet<&'k str>,
}

impl Known<'_> {
    fn flaw(&self, flaw: &Flaw) -> Option<String> {
        if flaw.products.is_empty() {
            return Some("it names no product".to_owned());
        }
        if flaw.sources.is_empty() {
            return Some("it names no source".to_owned());
        }
        if let Some(product) = flaw.products.iter().find(|name| !self.products.contains(name.as_str())) {
            return Some(format!("support.tsv does not know the product {product}"));
        }
        if let Some(need) = flaw.needs.iter().find(|need| !self.needs.contains(need.as_str())) {
            return Some(format!("needs.tsv does not know {need}"));
        }
        let is_an_update = |release: &&str| self.releases.contains(release) || flaw.fixes.came_with_updates();
        if let Some(release) = flaw.release.as_deref().filter(|release| !is_an_update(release)) {
            return Some(format!("builds.tsv knows no build of {release}"));
        }
        self.named(flaw.fixes.builds()).or_else(|| branches(flaw))
    }

    fn build(&self, build: &KnownBuild) -> Option<String> {
        let product = product_of(build.build).unwrap_or_default();
        if build.sources.is_empty() {
            return Some("it names no source".to_owned());
        }
        (!self.products.contains(product)).then(|| format!("support.tsv does not know the product {product}"))
    }

    fn cve(&self, cve: &str) -> Option<String> {
        (!self.cves.contains(cve)).then(|| format!("flaws.tsv does not know {cve}"))
    }

    fn named(&self, mut builds: impl Iterator<Item = Build>) -> Option<String> {
        let unknown = builds.find(|build| !self.builds.contains(build))?;
        Some(format!("builds.tsv does not know {unknown}"))
    }

    fn sign(&self, sign: &Sign) -> Option<String> {
        const ROLES: [ServerRole; 4] =
            [ServerRole::Mailbox, ServerRole::Edge, ServerRole::ManagementOnly, ServerRole::Hybrid];
        let (is_known, file) = match sign.kind {
            SignKind::Need => (self.needs.contains(sign.id.as_str()), NeedKind::FILE),
            SignKind::Mitigation => (self.mitigations.contains(sign.id.as_str()), MitigationKind::FILE),
            SignKind::Role => (ROLES.iter().any(|role| role.name() == sign.id), "afterpatch"),
        };
        if !is_known {
            return Some(format!("{file} does not know {}", sign.id));
        }
        sign.cve.as_deref().and_then(|cve| self.cve(cve))
    }
}

/// Each cumulative update is fixed once; what comes after one with `+` needs no row of its own.
fn branches(flaw: &Flaw) -> Option<String> {
    let mut seen = BTreeSet::new();
    let firsts: Vec<_> = flaw.fixes.0.iter().map(|fix| fix.first).collect();
    if let Some(twice) = firsts.iter().find(|first| !seen.insert(first.branch())) {
        return Some(format!("the cumulative update of {twice} is fixed twice"));
    }
    if !firsts.is_sorted() {
        return Some("its fixes are not in order".to_owned());
    }
    let needless = flaw.fixes.0.windows(2).find_map(|pair| {
        let [one, next] = pair else { return None };
        let of_one = (one.first.major, one.first.minor) == (next.first.major, next.first.minor);
        (of_one && one.and_later_updates).then_some(next.first)
    });
    needless.map(|first| format!("{first} stands after an update that fixes every later one"))
}

fn unsourced(source: &str) -> Option<String> {
    (!source.starts_with("https://")).then(|| format!("its source {source:?} is no address"))
}

fn ids<'s, T>(rows: &'s [Placed<T>], id: impl Fn(&'s T) -> &'s String) -> BTreeSet<&'s str> {
    rows.iter().map(|placed| id(&placed.row).as_str()).collect()
}

fn each<T: Row>(rows: &[Placed<T>], faults: &mut Vec<Fault>, fault: impl Fn(&T) -> Option<String>) {
    let told =
        |placed: &Placed<T>| Some(Fault { file: T::FILE, line: placed.line, what: fault(&placed.row)? });
    faults.extend(rows.iter().filter_map(told));
}

fn ordered<T: Row, K: Ord>(rows: &[Placed<T>], key: impl Fn(&T) -> K, faults: &mut Vec<Fault>) {
    for pair in rows.windows(2) {
        let [one, next] = pair else { continue };
        if key(&one.row) >= key(&next.row) {
            faults.push(Fault {
                file: T::FILE,
                line: next.line,
                what: "it is not after the row before".to_owned(),
            });
        }
    }
}

fn once<T: Row>(rows: &[Placed<T>], key: impl Fn(&T) -> String, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for placed in rows {
        if !seen.insert(key(&placed.row)) {
            faults.push(Fault { file: T::FILE, line: placed.line, what: "it is there twice".to_owned() });
        }
    }
}

/// Returns what orders flaws: the letters of the number, then its numbers.
fn number(cve: &str) -> (String, Vec<u64>) {
    let letters = cve.chars().take_while(char::is_ascii_alphabetic).collect();
    let numbers = cve.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    (letters, numbers)
}
