//! An estate of any number of servers, of which nothing is made but the sightings of their builds.

use crate::dice::Dice;
use afterpatch_model::{Build, Timestamp};

/// One sighting of a build on a server of an estate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighted {
    /// The server's name.
    pub server: String,
    /// The build that is seen.
    pub build: Build,
    /// Where it is seen, as `builds.seen_in` spells it.
    pub seen_in: &'static str,
    /// When; none where it is seen in a program on disk.
    pub time: Option<Timestamp>,
}

/// The first sightings are of these days: the estate lives through the years in which most flaws came out.
const BEGIN: (i64, u64) = (17_900, 1_100);
/// The most days between two sightings of a server.
const STEP: u64 = 90;

/// Returns the `number`th server's sightings, `sightings` of them in order of time, the state of its disk last.
///
/// `builds` are those that a server can run, in order; it stays within one product. Updates are skipped, come months late,
/// and now and then are taken back. The same numbers give the same sightings.
pub fn sightings(builds: &[Build], number: u32, sightings: u32) -> Vec<Sighted> {
    let server = format!("SRV{number:06}");
    let mut dice = Dice::strand(&["estate", &server]);
    let products = builds.chunk_by(|a, b| (a.major, a.minor) == (b.major, b.minor));
    let products: Vec<&[Build]> = products.collect();
    let Some(product) = products.get(place(dice.below(products.len() as u64))) else { return Vec::new() };
    let mut at = place(dice.below(product.len() as u64));
    let mut day = BEGIN.0 + days(dice.below(BEGIN.1));
    let mut seen = Vec::new();
    for left in (0..sightings).rev() {
        let Some(build) = product.get(at) else { break };
        let is_state = left == 0 && dice.chance(20);
        seen.push(Sighted {
            server: server.clone(),
            build: *build,
            seen_in: if is_state { "ExSetup.exe" } else { place_of_sighting(&mut dice) },
            time: (!is_state).then(|| Timestamp::from_nanos(day * Timestamp::DAY)),
        });
        day += days(dice.below(STEP));
        at = match dice.below(40) {
            0..16 => at.saturating_add(1 + place(dice.below(3))).min(product.len() - 1),
            16 => at.saturating_sub(1),
            _ => at,
        };
    }
    seen
}

/// Most are heads of logs; some are what only a cumulative update's number is read from, or what anybody can say.
fn place_of_sighting(dice: &mut Dice) -> &'static str {
    match dice.below(20) {
        0 => "registry key of Exchange's setup",
        1 => "IIS OWA path",
        _ => "HttpProxy #Version",
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

fn days(number: u64) -> i64 {
    i64::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builds() -> Vec<Build> {
        let build = |minor, build, revision| Build { major: 15, minor, build, revision };
        vec![build(1, 2106, 2), build(1, 2106, 13), build(1, 2176, 9), build(2, 792, 3), build(2, 792, 10)]
    }

    #[test]
    fn an_estate_is_the_same_every_time_and_each_server_differs() {
        let builds = builds();
        let first = sightings(&builds, 7, 20);
        assert_eq!(first.len(), 20);
        assert_eq!(first, sightings(&builds, 7, 20));
        assert_ne!(first, sightings(&builds, 8, 20));
    }

    #[test]
    fn a_server_stays_within_its_product_and_some_go_back() {
        let builds = builds();
        let servers: Vec<_> = (0..200).map(|number| sightings(&builds, number, 20)).collect();
        for seen in &servers {
            assert!(seen.iter().all(|sighted| sighted.build.minor == seen[0].build.minor));
            let times: Vec<_> = seen.iter().filter_map(|sighted| sighted.time).collect();
            assert!(times.is_sorted());
        }
        let goes = |seen: &[Sighted], is: fn(&Build, &Build) -> bool| {
            seen.windows(2).any(|pair| is(&pair[0].build, &pair[1].build))
        };
        assert!(servers.iter().any(|seen| goes(seen, |before, after| before > after)));
        assert!(servers.iter().any(|seen| goes(seen, |before, after| before < after)));
        assert!(servers.iter().any(|seen| seen.iter().any(|sighted| sighted.time.is_none())));
    }
}
