//! A later case of the same servers in, what became of the plan out.
//!
//! Each check of a step is held to the later case in `checks`, those of updates in `flaws`, of the scope in `scope` and of
//! scans in `scans`; each finding in `fate`, what stays until it is taken away in `stays`. How far the later case reaches is `reach`'s. Nothing is done because evidence is missing: absence counts only where the later case covers
//! the place, and only where it really is later.

mod checks;
mod facts;
mod fate;
mod flaws;
mod judged;
mod reach;
mod scans;
mod scope;
mod servers;
mod stays;

pub use facts::{Asked, Facts, Places, Set};
pub use scans::Scan;

use afterpatch_model::{
    CaseResult, ComparedCase, Completion, Fate, FindingOutcome, Grade, Locator, Reason, ServerComparison,
    Sighting, VERIFY_SCHEMA, VerifyResult,
};
use reach::Reach;

/// Two cases of the same servers, and what their facts say of what was [`Asked`].
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The program's version.
    pub version: &'a str,
    /// The case whose plan it is.
    pub before: &'a CaseResult,
    /// Its facts.
    pub facts_before: &'a Facts,
    /// The later case.
    pub after: &'a CaseResult,
    /// Its facts.
    pub facts: &'a Facts,
    /// Where the artifacts of the later case lie in their collections.
    pub places: &'a Places,
}

/// Says what became of the plan of the earlier case.
pub fn verify(compared: Compared<'_>) -> VerifyResult {
    let Compared { version, before, facts_before, after, facts, places } = compared;
    let comparison =
        Comparison { before, facts_before, after, facts, places, reach: Reach::of(before, after) };
    let findings = comparison.findings();
    let actions: Vec<_> = before.plan.iter().map(|action| comparison.action(action)).collect();
    let servers = comparison.servers(&findings);
    let counted = actions.iter().filter(|action| !action.by_hand).map(|action| action.completion);
    let new = findings.iter().filter(|finding| is_grave(finding)).map(|_| Completion::NotDone);
    let of_servers = servers.iter().flat_map(of_server);
    VerifyResult {
        schema: VERIFY_SCHEMA.to_owned(),
        version: version.to_owned(),
        before: case(before, &comparison.reach, Reach::from),
        after: case(after, &comparison.reach, Reach::until),
        completion: Completion::worst(counted.chain(new).chain(of_servers)).unwrap_or(Completion::Done),
        servers,
        actions,
        findings,
        cautions: cautions(before, after),
    }
}

/// Whatever the plan asks for: a server is patched and cleaned, or all is not done.
fn of_server(server: &ServerComparison) -> impl Iterator<Item = Completion> {
    let is_lost = server.in_before && !server.in_after;
    let lost = is_lost.then_some(Completion::CannotTell);
    server.patched.into_iter().chain(server.cleaned).chain(lost)
}

/// A finding that is new and more than an attempt.
fn is_grave(finding: &FindingOutcome) -> bool {
    finding.fate == Fate::New && finding.after >= Some(Grade::Reached)
}

fn case<'a>(
    result: &'a CaseResult,
    reach: &Reach<'a>,
    end: impl Fn(&Reach<'a>, &str) -> Option<afterpatch_model::Timestamp>,
) -> ComparedCase {
    ComparedCase {
        organisation: result.organisation.clone(),
        version: result.version.clone(),
        content: result.content.clone(),
        until: result.servers.iter().filter_map(|one| end(reach, one.server.name.as_str())).max(),
    }
}

fn cautions(before: &CaseResult, after: &CaseResult) -> Vec<Reason> {
    let mut cautions = Vec::new();
    if before.content != after.content {
        cautions.push(Reason::new("verify-content-differs", &[]));
    }
    if before.organisation != after.organisation {
        let name = |result: &CaseResult| result.organisation.clone().unwrap_or_default();
        let args = [("before", name(before)), ("after", name(after))];
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        cautions.push(Reason::new("verify-organisations-differ", &args));
    }
    cautions
}

/// The two cases while they are compared.
struct Comparison<'a> {
    before: &'a CaseResult,
    facts_before: &'a Facts,
    after: &'a CaseResult,
    facts: &'a Facts,
    places: &'a Places,
    reach: Reach<'a>,
}

impl Comparison<'_> {
    fn has_after(&self, server: &str) -> bool {
        self.after.servers.iter().any(|one| one.server.name.as_str() == server)
    }

    fn sighting(&self, what: &str, locator: Locator) -> Sighting {
        let place = self.places.get(&locator.artifact).cloned().unwrap_or_default();
        Sighting { time: None, what: what.to_owned(), locator, place }
    }
}

#[cfg(test)]
mod tests;
