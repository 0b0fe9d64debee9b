//! In which order servers are treated: risk first, and what belongs together together.

use super::situation::{Known, gravest};
use afterpatch_detect::Surroundings;
use afterpatch_model::{Exposure, Grade, Question, Reason, Turn, Verdict};
use std::collections::BTreeMap;

/// How urgent a server is: what is not the matter with it, the gravest first. The smallest comes first.
type Urgency = [bool; 5];

fn urgency(known: &Known<'_>, surroundings: &Surroundings) -> Urgency {
    let is_entered = entered(known);
    let a_command_ran = gravest(known).is_some_and(|grade| grade >= Grade::Executed);
    let is_reached_from_outside = surroundings.reached_from_outside.contains_key(known.server);
    let is_open_to_known_use = known.exposure.iter().any(|flaw| flaw.is_open() && !flaw.to_cover.is_empty());
    let is_open = known.exposure.iter().any(|flaw| flaw.is_open());
    [!is_entered, !a_command_ran, !is_reached_from_outside, !is_open_to_known_use, !is_open]
}

fn entered(known: &Known<'_>) -> bool {
    let says = [Question::BrokenInto, Question::StillInside];
    known.answers.iter().any(|answer| says.contains(&answer.question) && answer.verdict >= Verdict::Likely)
}

/// Returns the servers in the order in which they are treated: the most urgent first, and with it those that share its
/// database availability group.
pub(super) fn turns(servers: &[Known<'_>], surroundings: &Surroundings) -> Vec<Turn> {
    let group = |server: &str| surroundings.availability_groups.get(server).cloned();
    let mut ranked: Vec<_> = servers.iter().map(|known| (urgency(known, surroundings), known)).collect();
    ranked.sort_by_key(|(urgency, known)| (*urgency, known.server));
    let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
    for (place, (_, known)) in ranked.iter().enumerate() {
        if let Some(group) = group(known.server) {
            first_of.entry(group).or_insert(place);
        }
    }
    let place_of = |(place, (_, known)): &(usize, (Urgency, &Known<'_>))| {
        let together = group(known.server).and_then(|group| first_of.get(&group).copied());
        (together.unwrap_or(*place), *place)
    };
    let mut placed: Vec<_> = ranked.into_iter().enumerate().collect();
    placed.sort_by_key(place_of);
    placed
        .into_iter()
        .map(|(_, (_, known))| Turn {
            server: known.server.to_owned(),
            availability_group: group(known.server),
            reasons: reasons(known, surroundings),
        })
        .collect()
}

fn reasons(known: &Known<'_>, surroundings: &Surroundings) -> Vec<Reason> {
    let open: Vec<&Exposure> = known.exposure.iter().filter(|flaw| flaw.is_open()).copied().collect();
    let used = open.iter().filter(|flaw| !flaw.to_cover.is_empty()).count();
    let answered = surroundings.reached_from_outside.get(known.server).copied();
    let said = [
        (entered(known), Reason::new("turn-entered", &[])),
        (
            answered.is_some(),
            Reason::new("turn-outside", &[("count", &answered.unwrap_or_default().to_string())]),
        ),
        (used > 0, Reason::new("turn-used", &[("count", &used.to_string())])),
        (used == 0 && !open.is_empty(), Reason::new("turn-open", &[("count", &open.len().to_string())])),
    ];
    said.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
}
