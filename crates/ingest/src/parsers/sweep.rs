//! The file of `afterpatch sweep`: what each address announced of Exchange, read for what it says and no more.

use super::text::each_line;
use super::{Fit, Grain, Parser};
use crate::guide::Guide;
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::{BuildSighting, Setting};
use afterpatch_model::{
    Artifact, Build, EXCHANGE_HEADERS, HostName, HttpAnswer, Observation, ProblemCode, Question, Rows,
    SWEEP_SCHEMA, SweepBegin, Timestamp, VERSION_HEADER,
};
use serde_json::json;
use std::collections::BTreeSet;
use std::str::FromStr;

/// The parser of a sweep's file.
#[derive(Debug)]
pub(super) struct Sweep;

static GUIDE: Guide = Guide {
    what: "File of `afterpatch sweep`: what each address of the estate announced of its build",
    // It is written into the case's own folder.
    locations: &[],
    serves: &[(Question::Exposed, "the build, or only its cumulative update, on the day of the sweep")],
    quirks: &[
        "Each address is a row of `settings` by the name `sweep`, whether it answered or not.",
        "A path of OWA may name three parts of a build, which is the cumulative update and not the security update in it.",
        "A server goes by `X-FEServer` or `X-DiagInfo`, else by the host that was asked: behind a balanced name they differ from day to day.",
        "It is what the address says of itself: what stands before a server can take it away, and anybody can lie.",
    ],
};

impl Parser for Sweep {
    fn name(&self) -> &'static str {
        "sweep"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn names_servers(&self) -> bool {
        true
    }

    fn fits(&self, _path: &str, head: &[u8]) -> Fit {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let begin = serde_json::from_slice::<SweepBegin>(first);
        if begin.is_ok_and(|begin| begin.schema == SWEEP_SCHEMA) { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, _artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        each_line(input, limits, rows, &mut |number, line, rows| {
            if line.trim().is_empty() || serde_json::from_str::<SweepBegin>(line).is_ok() {
                return;
            }
            match serde_json::from_str::<Observation>(line) {
                Ok(observation) => Told::by(&observation).give(number, rows),
                Err(error) => rows.lost(ProblemCode::BadJson, number, error.to_string()),
            }
        });
    }
}

/// Headers that name the server that answered, best first.
const NAMES: [&str; 2] = ["x-feserver", "x-diaginfo"];

/// A build as far as it was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Announced {
    /// All four numbers.
    Build(Build),
    /// The cumulative update, and not the security update inside it.
    Branch(u32, u32, u32),
}

impl FromStr for Announced {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Ok(build) = text.parse::<Build>() {
            return Ok(Self::Build(build));
        }
        let parts: Vec<u32> =
            text.trim().split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| ())?;
        match *parts.as_slice() {
            [major, minor, build] => Ok(Self::Branch(major, minor, build)),
            _ => Err(()),
        }
    }
}

impl Announced {
    fn branch(self) -> (u32, u32, u32) {
        match self {
            Self::Build(build) => build.branch(),
            Self::Branch(major, minor, build) => (major, minor, build),
        }
    }

    /// Returns the product; none where the numbers are no Exchange's.
    fn product(self) -> Option<&'static str> {
        let (major, minor, build) = self.branch();
        let online = (major == 15 && minor == 20).then_some("Exchange Online");
        Build { major, minor, build, revision: 0 }.product().or(online)
    }

    fn shown(self) -> String {
        match self {
            Self::Build(build) => build.to_string(),
            Self::Branch(major, minor, build) => format!("{major}.{minor}.{build}"),
        }
    }
}

/// What one observation says.
struct Told<'o> {
    observation: &'o Observation,
    /// Builds and branches with where they were announced; a branch whose build was told adds nothing.
    announced: BTreeSet<(Announced, &'static str)>,
    /// Announcements that name no build of Exchange.
    odd: Vec<String>,
    server: HostOf,
}

/// Whose answer it is, and how that is known.
struct HostOf {
    name: String,
    by: &'static str,
}

impl<'o> Told<'o> {
    fn by(observation: &'o Observation) -> Self {
        let headers = observation.header(VERSION_HEADER).map(|value| (value, "header X-OWA-Version"));
        let paths = observation.answers.iter().flat_map(|answer| &answer.owa_paths);
        let paths = paths.filter_map(|path| Some((version_of(path)?, "path of OWA")));
        let (mut announced, mut odd) = (BTreeSet::new(), Vec::new());
        for (text, seen_in) in headers.chain(paths) {
            match text.parse::<Announced>() {
                Ok(told) if told.product().is_some() => drop(announced.insert((told, seen_in))),
                _ => odd.push(text.to_owned()),
            }
        }
        let whole: BTreeSet<_> = announced
            .iter()
            .filter(|(told, _)| matches!(told, Announced::Build(_)))
            .map(|(told, _)| told.branch())
            .collect();
        announced.retain(|(told, _)| matches!(told, Announced::Build(_)) || !whole.contains(&told.branch()));
        Self { observation, announced, odd, server: host_of(observation) }
    }

    /// Returns in a word what answered.
    fn class(&self) -> &'static str {
        let products: BTreeSet<_> = self.announced.iter().filter_map(|(told, _)| told.product()).collect();
        match (products.len(), products.first()) {
            (1, Some(product)) => product,
            (0, _) if self.observation.answers.is_empty() => "no answer",
            (0, _) if !self.has_mark() => "other",
            _ => "Exchange",
        }
    }

    fn give(&self, number: u64, rows: &mut Rows<'_>) {
        let Observation { target, time, .. } = self.observation;
        rows.fact(&Setting {
            time: Some(*time),
            server: Some(&self.server.name),
            name: Some("sweep"),
            value: Some(self.class()),
            scope: Some(target),
            record: number,
            rest: Some(&self.rest().to_string()),
        });
        for (told, seen_in) in &self.announced {
            self.sighting(*told, seen_in, (number, *time), rows);
        }
        self.remark(number, rows);
    }

    fn sighting(
        &self,
        told: Announced,
        seen_in: &str,
        (record, time): (u64, Timestamp),
        rows: &mut Rows<'_>,
    ) {
        let rest = json!({"target": self.observation.target}).to_string();
        rows.derived(&BuildSighting {
            time: Some(time),
            server: Some(&self.server.name),
            build: Some(&told.shown()),
            seen_in: Some(seen_in),
            record,
            rest: Some(&rest),
        });
    }

    /// Says why the build cannot be told, or not be trusted.
    fn remark(&self, number: u64, rows: &mut Rows<'_>) {
        let Observation { target, answers, failure, .. } = self.observation;
        let branches: BTreeSet<_> = self.announced.iter().map(|(told, _)| told.branch()).collect();
        let (code, detail) = match failure {
            Some(failure) if answers.is_empty() => {
                (ProblemCode::NoAnswer, format!("{target}: {}: {}", failure.kind.name(), failure.detail))
            }
            _ if branches.is_empty() => {
                (ProblemCode::NoBuildTold, format!("{target}: {}", self.why_untold()))
            }
            _ if branches.len() > 1 => {
                let shown: Vec<_> = self.announced.iter().map(|(told, _)| told.shown()).collect();
                (ProblemCode::BuildsDisagree, format!("{target}: {}", shown.join(", ")))
            }
            _ => return,
        };
        rows.remark(code, Some(number), detail);
    }

    fn why_untold(&self) -> String {
        let Observation { answers, not_followed, failure, .. } = self.observation;
        if let Some(odd) = self.odd.first() {
            return format!("it names {odd:?}, which is no build of Exchange");
        }
        if let Some(failure) = failure {
            return format!("not all of it was answered: {}: {}", failure.kind.name(), failure.detail);
        }
        if let Some(location) = not_followed {
            return format!("it leads to {location}, which was not followed");
        }
        let what = if self.has_mark() {
            "it is of Exchange and names no build"
        } else {
            "nothing of Exchange is in it"
        };
        let last = answers.last();
        let status = last.map_or(0, |answer| answer.status);
        match last.and_then(|answer| answer.body_cut.as_deref()) {
            Some(cut) => format!("status {status}: {what}; not all of it was read: {cut}"),
            None => format!("status {status}: {what}"),
        }
    }

    fn has_mark(&self) -> bool {
        EXCHANGE_HEADERS.iter().any(|name| self.observation.header(name).next().is_some())
    }

    fn rest(&self) -> serde_json::Value {
        let Observation { addresses, answers, not_followed, failure, .. } = self.observation;
        let builds: BTreeSet<_> = self.announced.iter().map(|(told, _)| told.shown()).collect();
        json!({
            "builds": builds,
            "odd": self.odd,
            "named_by": self.server.by,
            "addresses": addresses,
            "statuses": answers.iter().map(|answer| answer.status).collect::<Vec<_>>(),
            "headers": answers.iter().flat_map(|answer| &answer.headers).collect::<BTreeSet<_>>(),
            "certificate": answers.iter().find_map(|answer| answer.certificate.as_deref()),
            "not_followed": not_followed,
            "failure": failure,
        })
    }
}

/// Returns the version in `/owa/auth/15.1.2106/` or `/owa/14.3.123.4/`.
fn version_of(path: &str) -> Option<&str> {
    path.trim_end_matches('/').rsplit('/').next()
}

/// A server goes by the name that it gives itself, else by the host that was asked.
///
/// The last answer is asked first: it is the one that told the build, and behind a balanced name each may be another's.
fn host_of(observation: &Observation) -> HostOf {
    let in_answer = |answer: &HttpAnswer| {
        NAMES.iter().find_map(|by| {
            let of_name = answer.headers.iter().filter(|(name, _)| name == by);
            let place = of_name.map(|(_, value)| value).find(|value| HostName::parse(value).is_some());
            place.map(|name| (name.clone(), *by))
        })
    };
    let named = observation.answers.iter().rev().find_map(in_answer);
    named.map_or_else(
        || HostOf { name: host(&observation.target).to_owned(), by: "target" },
        |(name, by)| HostOf { name, by },
    )
}

/// Returns the host in `https://mail.example.org:8443` or `https://[2001:db8::7]`.
fn host(target: &str) -> &str {
    let authority = target.split_once("://").map_or(target, |(_, authority)| authority);
    match authority.strip_prefix('[').and_then(|bracketed| bracketed.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or(authority),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_in_any_target() {
        for (target, expected) in [
            ("https://mail.example.org", "mail.example.org"),
            ("http://192.0.2.7:81", "192.0.2.7"),
            ("https://[2001:db8::7]:444", "2001:db8::7"),
            ("odd", "odd"),
        ] {
            assert_eq!(host(target), expected);
        }
    }

    #[test]
    fn generations_are_told_by_whole_builds_and_by_branches() {
        for (text, product) in [
            ("14.3.123.4", Some("Exchange 2010")),
            ("14.3.123", Some("Exchange 2010")),
            ("15.0.1497", Some("Exchange 2013")),
            ("15.01.2106.002", Some("Exchange 2016")),
            ("15.2.986", Some("Exchange 2019")),
            ("15.2.2562.17", Some("Exchange SE")),
            ("15.20.7828.19", Some("Exchange Online")),
            ("8.3.83", Some("Exchange 2007")),
            ("99.1.2.3", None),
            ("15.3.1", None),
        ] {
            assert_eq!(text.parse::<Announced>().unwrap().product(), product, "{text}");
        }
        for text in ["", "15.1", "15.1.2106.2.9", "15.1.x", "nginx/1.25.3", "-1.1.1"] {
            assert!(text.parse::<Announced>().is_err(), "{text}");
        }
    }
}
