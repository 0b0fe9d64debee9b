//! What is asked of the facts of the two cases: single paths, settings and requests that a check names.

use super::scans::{self, Scan};
use afterpatch_model::{
    ArtifactId, Build, CaseResult, Check, Finding, Locator, Sighting, Timestamp, path_key,
};
use afterpatch_store::{Session, StoreError};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The path of each artifact in its collection, to be read by people.
pub type Places = BTreeMap<ArtifactId, String>;

/// A setting that a case shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set {
    /// What it is set to.
    pub value: String,
    /// The parser that read it.
    pub source: String,
    /// The fact.
    pub sighting: Sighting,
}

/// A record that undoes something, with the server where it is one's alone.
pub(super) type TakenBack = (Option<String>, Sighting);

/// What the facts of a case say of what was asked.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The files that lie at the paths asked for, by server and [`path_key`].
    pub files: BTreeMap<(String, String), Vec<Sighting>>,
    /// The settings of the names asked for, by server and name.
    pub settings: BTreeMap<(String, String), Vec<Set>>,
    /// The last request from a public address, by server.
    pub reached: BTreeMap<String, Sighting>,
    /// The last sighting of each build, by server: what has no time shows a state and stands last.
    pub builds: BTreeMap<String, Vec<(Build, Sighting)>>,
    /// What somebody took back or deleted, by claim and subject in small letters.
    pub undone: BTreeMap<(String, String), Vec<TakenBack>>,
    /// The scans for malware, by server: those of one scanner in order of time.
    pub scans: BTreeMap<String, Vec<Scan>>,
}

/// What is asked of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    paths: BTreeSet<(String, String)>,
    settings: BTreeSet<(String, String)>,
    /// Whether a check asks who reached a server: only then are all requests gone through.
    reached: bool,
    /// Whether a finding is about something that stays until somebody takes it away.
    undone: bool,
}

impl Asked {
    /// Returns what the plan of `before` and its findings need to know.
    pub fn by(before: &CaseResult) -> Self {
        let mut asked = Self::default();
        for target in before.plan.iter().flat_map(|action| &action.targets) {
            for (server, check) in
                target.servers.iter().flat_map(|s| target.checks.iter().map(move |c| (s, c)))
            {
                asked.add(server, check);
            }
        }
        for finding in &before.findings {
            let paths = super::fate::places(finding).into_iter();
            let programs = super::fate::programs(finding).into_iter();
            asked.paths.extend(paths.chain(programs).map(|path| (finding.server.clone(), path_key(path))));
            asked.undone |= super::stays::of(finding).is_some();
        }
        asked
    }

    fn add(&mut self, server: &str, check: &Check) {
        match check {
            Check::PathAbsent { path } => {
                self.paths.insert((server.to_owned(), path_key(path)));
            }
            Check::SettingAbsent { name, .. } => {
                self.settings.insert((server.to_owned(), name.clone()));
            }
            Check::NotReached { .. } => self.reached = true,
            _ => {}
        }
    }
}

/// A page whose hash is genuine lies where it belongs, whatever lay there before.
const FILES: &str = "
    SELECT a.server, a.key, f.path, f.time, f.artifact, f.record
    FROM files f JOIN asked_paths a ON f.server = a.server AND path_key(f.path) = a.key
    LEFT ANTI JOIN genuine_scripts g ON substr(f.sha256, 1, 16) = g.sha256_start
    WHERE (f.attributes IS NULL OR f.attributes NOT LIKE '%deleted%')
    ORDER BY a.server, a.key, f.source, f.artifact, f.record";

const SETTINGS: &str = "
    SELECT a.server, a.key, s.value, s.source, s.time, s.artifact, s.record
    FROM settings s JOIN asked_settings a ON s.server = a.server AND s.name = a.key
    ORDER BY a.server, a.key, s.value, s.source, s.artifact, s.record";

const REACHED: &str = "
    SELECT server, MAX(time) AS time,
           LAST_VALUE(src_ip ORDER BY time, artifact, record) AS what,
           LAST_VALUE(artifact ORDER BY time, artifact, record) AS artifact,
           LAST_VALUE(record ORDER BY time, artifact, record) AS record
    FROM web_requests
    WHERE address_scope(src_ip) = 'public' AND server IS NOT NULL AND time IS NOT NULL
    GROUP BY server ORDER BY server";

const BUILDS: &str = "
    SELECT server, build AS what, MAX(time) AS time,
           LAST_VALUE(artifact ORDER BY time NULLS FIRST, artifact, record) AS artifact,
           LAST_VALUE(record ORDER BY time NULLS FIRST, artifact, record) AS record
    FROM builds WHERE server IS NOT NULL AND build IS NOT NULL
    GROUP BY server, build ORDER BY server, time NULLS LAST, build";

const UNDONE: &str = "
    SELECT server, claim, subject, what, time, artifact, record FROM undone
    ORDER BY claim, subject, time, artifact, record";

impl Facts {
    /// Asks the facts of a case; the session knows the concepts of the content in force.
    pub fn gather(session: &Session, places: &Places, asked: &Asked) -> Result<Self, StoreError> {
        session.register("asked_paths", rows_of(&asked.paths)?)?;
        session.register("asked_settings", rows_of(&asked.settings)?)?;
        let mut facts = Self::default();
        for row in session.rows(FILES)? {
            let path = text(&row, "path");
            facts
                .files
                .entry((text(&row, "server"), text(&row, "key")))
                .or_default()
                .push(sighting(&row, path, places));
        }
        for row in session.rows(SETTINGS)? {
            let value = text(&row, "value");
            let set =
                Set { sighting: sighting(&row, value.clone(), places), source: text(&row, "source"), value };
            facts.settings.entry((text(&row, "server"), text(&row, "key"))).or_default().push(set);
        }
        let reached = if asked.reached { session.rows(REACHED)? } else { Vec::new() };
        for row in reached {
            facts.reached.insert(text(&row, "server"), sighting(&row, text(&row, "what"), places));
        }
        for row in session.rows(BUILDS)? {
            let Ok(build) = text(&row, "what").parse::<Build>() else { continue };
            let seen = sighting(&row, build.to_string(), places);
            facts.builds.entry(text(&row, "server")).or_default().push((build, seen));
        }
        for row in if asked.undone { session.rows(UNDONE)? } else { Vec::new() } {
            let server = Some(text(&row, "server")).filter(|server| !server.is_empty());
            let seen = sighting(&row, text(&row, "what"), places);
            facts
                .undone
                .entry((text(&row, "claim"), text(&row, "subject")))
                .or_default()
                .push((server, seen));
        }
        facts.scans = scans::gather(session, places)?;
        Ok(facts)
    }
}

fn rows_of(pairs: &BTreeSet<(String, String)>) -> Result<RecordBatch, StoreError> {
    let column = |pick: fn(&(String, String)) -> &str| -> ArrayRef {
        Arc::new(pairs.iter().map(|pair| Some(pick(pair))).collect::<StringArray>())
    };
    let columns = [("server", column(|pair| &pair.0)), ("key", column(|pair| &pair.1))];
    RecordBatch::try_from_iter(columns)
        .map_err(|source| StoreError::Rows { table: "asked".to_owned(), source })
}

pub(super) fn text(row: &Map<String, Value>, name: &str) -> String {
    row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn sighting(row: &Map<String, Value>, what: String, places: &Places) -> Sighting {
    let artifact = ArtifactId::new(text(row, "artifact"));
    let record = row.get("record").and_then(Value::as_u64).unwrap_or(0);
    Sighting {
        time: text(row, "time").parse::<Timestamp>().ok(),
        what,
        place: places.get(&artifact).cloned().unwrap_or_default(),
        locator: Locator { artifact, record },
    }
}

/// Returns the proofs of a finding as sightings, as far as `is_meant` picks them.
pub(super) fn sightings(
    finding: &Finding,
    is_meant: impl Fn(&afterpatch_model::Proof) -> bool,
) -> Vec<Sighting> {
    const TELLING: [&str; 5] = ["path", "value", "url_path", "command_line", "command"];
    let proofs = finding.proofs.iter().filter(|proof| is_meant(proof));
    let seen: BTreeSet<_> = proofs
        .map(|proof| Sighting {
            time: proof.time,
            what: TELLING
                .iter()
                .find_map(|name| proof.fields.get(*name).filter(|value| !value.is_empty()))
                .map_or_else(|| proof.rule.to_string(), Clone::clone),
            locator: proof.locator.clone(),
            place: proof.place.clone(),
        })
        .collect();
    seen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_detect::{Content, prepare};

    #[test]
    fn a_genuine_page_is_no_remains_of_the_changed_one() {
        let page = r"C:\Exchange\ClientAccess\ecp\about.aspx";
        let file = |server: &str, sha256: &str| {
            let row = serde_json::json!({
                "server": server, "artifact": "a", "record": 0, "source": "served-files", "path": page, "sha256": sha256
            });
            row.as_object().unwrap().clone()
        };
        let genuine = "f556087315f3ddad000000000000000000000000000000000000000000000000";
        let files = vec![file("MX1", genuine), file("MX2", &genuine.replace('f', "0"))];
        let session = Session::with_facts(&[("files", files)]).unwrap();
        prepare(&session, &Content::load(&[]).0).unwrap();
        let paths = ["MX1", "MX2"].map(|server| (server.to_owned(), path_key(page)));
        let asked = Asked { paths: paths.into(), ..Asked::default() };
        let facts = Facts::gather(&session, &Places::default(), &asked).unwrap();
        assert_eq!(facts.files.keys().map(|(server, _)| server.as_str()).collect::<Vec<_>>(), ["MX2"]);
    }
}
