//! Findings and coverage in, six answers and a plan out.
//!
//! The rules by which an answer follows stand in [`answers`], what evidence each question needs in [`needs`],
//! and the steps of the plan in `content/knowledge/response/`. An answer is never stronger than its coverage.

pub mod answers;
mod by_build;
mod evidence;
mod exposed;
pub mod needs;
mod plan;
mod story;
pub mod verify;

pub use evidence::Evidence;

use afterpatch_detect::{Content, Detected, Surroundings};
use afterpatch_model::{
    Answer, ArtifactLine, CaseResult, Counts, Coverage, Problem, RESULT_SCHEMA, Server, ServerResult,
};
use plan::Plan;
use std::collections::BTreeMap;

/// What is judged.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The program's version.
    pub version: &'a str,
    /// The organisation's name, where one was given.
    pub organisation: Option<&'a str>,
    /// The servers that the evidence names.
    pub servers: Vec<Server>,
    /// What the evidence covers.
    pub coverage: Vec<Coverage>,
    /// How much was read.
    pub counts: Counts,
    /// What could not be read or trusted.
    pub problems: Vec<Problem>,
    /// Every artifact.
    pub artifacts: Vec<ArtifactLine>,
    /// The content in force.
    pub content: &'a Content,
    /// What the rules found.
    pub detected: Detected,
}

/// Problems of one code that the result shows one by one.
const PROBLEMS_SHOWN: usize = 20;

/// Answers the six questions for every server and for the organisation, and makes the plan.
pub fn judge(judged: Judged<'_>) -> CaseResult {
    let Detected {
        install_roots,
        findings,
        timeline,
        builds,
        exposure,
        roles,
        rules,
        rule_coverage,
        problems,
        surroundings,
        ..
    } = judged.detected;
    let mut all_problems = judged.problems;
    all_problems.extend(problems);
    let looked_for = judged.content.looked_for();
    let evidence = Evidence {
        looked_for: &looked_for,
        findings: &findings,
        exposure: &exposure,
        builds: &builds,
        coverage: &judged.coverage,
        knowledge: judged.content.knowledge(),
    };
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    let mut servers = Vec::new();
    for mut server in judged.servers {
        let root = install_roots.get(server.name.as_str());
        server.install_root = server.install_root.or_else(|| root.cloned());
        let name = server.name.as_str().to_owned();
        let spans = builds.get(&name).map_or(&[][..], Vec::as_slice);
        answers.insert(name.clone(), answers::of_server(&evidence, &name));
        servers.push(ServerResult {
            server,
            answers: Vec::new(),
            builds: spans.iter().map(|span| (span.build, span.first, span.last)).collect(),
            role: roles.get(&name).cloned().unwrap_or_default(),
            exposure: exposure.iter().filter(|flaw| flaw.server == name).cloned().collect(),
        });
    }
    let plan = plan_of(&evidence, &answers, &servers, &surroundings);
    for server in &mut servers {
        let name = server.server.name.as_str();
        server.answers = answers.remove(name).unwrap_or_default();
        server.answers.push(answers::what_now(Some(name), plan.steps_for(name)));
    }
    let answers = answers::of_organisation(&servers, plan.actions.len());
    let stories = story::stories(judged.content, &findings, &judged.coverage);
    CaseResult {
        schema: RESULT_SCHEMA.to_owned(),
        version: judged.version.to_owned(),
        content: judged.content.digest().to_owned(),
        organisation: judged.organisation.map(str::to_owned),
        answers,
        servers,
        findings,
        rules,
        rule_coverage,
        plan: plan.actions,
        turns: plan.turns,
        stories,
        timeline,
        coverage: judged.coverage,
        counts: Counts { problems: u64::try_from(all_problems.len()).unwrap_or(u64::MAX), ..judged.counts },
        problems: by_code(all_problems),
        artifacts: judged.artifacts,
    }
}

fn plan_of(
    evidence: &Evidence<'_>,
    answers: &BTreeMap<String, Vec<Answer>>,
    servers: &[ServerResult],
    surroundings: &Surroundings,
) -> Plan {
    let name = |server: &ServerResult| server.server.name.as_str().to_owned();
    let roles = servers.iter().map(|server| (name(server), server.role.role)).collect();
    let end =
        |server| Some((name(server), needs::evidence_end(evidence.coverage, server.server.name.as_str())?));
    let ends = servers.iter().filter_map(end).collect();
    plan::plan(&plan::Inputs { evidence, answers, roles: &roles, surroundings, ends: &ends })
}

fn by_code(problems: Vec<Problem>) -> BTreeMap<String, (u64, Vec<Problem>)> {
    let mut by_code: BTreeMap<String, (u64, Vec<Problem>)> = BTreeMap::new();
    for problem in problems {
        let (count, shown) = by_code.entry(problem.code.code().to_owned()).or_default();
        *count += 1;
        if shown.len() < PROBLEMS_SHOWN {
            shown.push(problem);
        }
    }
    by_code
}
