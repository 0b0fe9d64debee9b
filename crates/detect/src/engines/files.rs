//! What engines share that look at the bytes of files: which files, how they are opened, on which threads.

use super::{Gathered, Hit, rule_problem};
use crate::rule::Rule;
use afterpatch_ingest::SERVED_FILES;
use afterpatch_model::{
    Artifact, ArtifactId, CollectionId, Detection, Grade, HostName, Locator, Problem, ProblemCode, Timestamp,
    hex,
};
use afterpatch_store::{Case, HitWriter, LedgerArtifact, StoreError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::thread;

/// What is looked for in files.
pub(super) trait Look<'r>: Sync {
    /// What a thread needs to look, made once for many files.
    type Eye<'s>
    where
        Self: 's;
    /// Returns the largest file that is looked at, in bytes, and what is said of larger ones.
    fn largest(&self) -> (u64, &'static str);
    /// Makes what a thread needs.
    fn eye(&self) -> Self::Eye<'_>;
    /// Looks at a file.
    fn look(&self, eye: &mut Self::Eye<'_>, file: &File<'_>, bytes: &[u8]) -> Looked<'r>;
}

/// What looking at a file gives.
#[derive(Debug, Default)]
pub(super) struct Looked<'r> {
    /// The rules that met, in an order of their own, always the same.
    pub(super) hits: Vec<(&'r Rule, Hit)>,
    /// Why not all of the file was looked at, where it was not.
    pub(super) cut_short: Option<String>,
}

/// Returns the files of a case that are looked at.
///
/// Logs and the like have parsers, and are too large to search; what is served may be a log in name only.
pub(super) fn looked_at(case: &Case) -> Vec<LedgerArtifact> {
    let is_looked_at = |line: &LedgerArtifact| {
        line.artifact.size_bytes > 0
            && (line.parser.as_deref().is_none_or(|parser| parser == SERVED_FILES) || line.is_served)
    };
    case.artifacts().into_iter().filter(is_looked_at).collect()
}

/// What looking at one file, or at a share of the files, gives.
type Seen<'r> = (Vec<(&'r Rule, Hit)>, Vec<Problem>);

/// Looks at files on several threads, each with a share of them; what comes of it is in the order of the files.
pub(super) fn look_at<'r, L: Look<'r>>(
    case: &Case,
    artifacts: &[LedgerArtifact],
    look: &L,
    hits: Option<&HitWriter>,
) -> (Vec<Detection>, Vec<Problem>) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = artifacts.len().div_ceil(threads).max(1);
    let seen: Vec<Seen<'r>> = thread::scope(|scope| {
        let shares: Vec<_> = artifacts
            .chunks(share)
            .map(|share| scope.spawn(move || look_at_share(case, look, share)))
            .collect();
        let finished = shares.into_iter().map(thread::ScopedJoinHandle::join);
        finished.map(|share| share.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut gathered = Gathered::with(hits);
    let mut problems = Vec::new();
    for (hits, failed) in seen {
        for (rule, hit) in hits {
            gathered.add(rule, &hit);
        }
        problems.extend(failed);
    }
    (gathered.finish(), problems)
}

fn look_at_share<'r, L: Look<'r>>(case: &Case, look: &L, share: &[LedgerArtifact]) -> Seen<'r> {
    let mut eye = look.eye();
    let (largest, too_large) = look.largest();
    let (mut hits, mut problems) = Seen::default();
    for LedgerArtifact { artifact, .. } in share {
        if artifact.size_bytes > largest {
            problems.push(file_problem(ProblemCode::TooLarge, artifact, &too_large));
            continue;
        }
        match read(case, &artifact.id, largest) {
            Err(error) => problems.push(file_problem(ProblemCode::EvidenceGone, artifact, &error)),
            Ok(bytes) => {
                let looked = look.look(&mut eye, &File::of(artifact), &bytes);
                hits.extend(looked.hits);
                let told = looked.cut_short;
                problems.extend(told.map(|why| file_problem(ProblemCode::RuleFailed, artifact, &why)));
            }
        }
    }
    (hits, problems)
}

/// Reads a file of a case, no more than `largest` bytes of it.
pub(super) fn read(case: &Case, id: &ArtifactId, largest: u64) -> Result<Vec<u8>, String> {
    let mut evidence = case.open_artifact(id).map_err(|error: StoreError| error.to_string())?;
    let mut bytes = Vec::new();
    evidence.by_ref().take(largest).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn file_problem(code: ProblemCode, artifact: &Artifact, detail: &dyn std::fmt::Display) -> Problem {
    let problem = rule_problem(code, &artifact.container_path, detail);
    Problem { artifact: Some(artifact.id.clone()), ..problem }
}

/// A file that is looked at.
pub(super) struct File<'a> {
    /// Its path on the server.
    pub(super) path: &'a str,
    /// The hash of its bytes.
    pub(super) sha256: String,
    /// The server that it lies on; `-` where that is not known.
    pub(super) server: &'a str,
    /// The collection that holds it; none for a file that is in no case.
    pub(super) collection: Option<&'a CollectionId>,
    id: ArtifactId,
    modified: Option<Timestamp>,
}

impl<'a> File<'a> {
    fn of(artifact: &'a Artifact) -> Self {
        Self {
            id: artifact.id.clone(),
            server: artifact.server.as_ref().map_or("-", HostName::as_str),
            path: &artifact.path,
            collection: Some(&artifact.collection),
            sha256: artifact.sha256.clone(),
            modified: artifact.modified,
        }
    }

    /// Describes a file that is in no case.
    pub(super) fn new(server: &'a str, path: &'a str, bytes: &[u8]) -> Self {
        let sha256 = hex(&Sha256::digest(bytes));
        Self {
            id: Artifact::derive_id(None, path, &sha256),
            server,
            path,
            collection: None,
            sha256,
            modified: None,
        }
    }

    /// Returns what is told of the file where a rule met it at `record`: which place that is, the engine says.
    pub(super) fn hit(&self, grade: Option<Grade>, record: u64, fields: BTreeMap<String, String>) -> Hit {
        let own = [("path", self.path.to_owned()), ("sha256", self.sha256.clone())];
        let own = own.into_iter().map(|(name, text)| (name.to_owned(), text));
        Hit {
            server: self.server.to_owned(),
            subject: self.path.to_owned(),
            grade,
            time: self.modified,
            locator: Locator { artifact: self.id.clone(), record },
            fields: own.chain(fields).collect(),
            reasons: Vec::new(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use afterpatch_store::{CaseSettings, IngestOptions, NoProgress};
    use std::path::Path;

    /// A file: its path below the web root, its first bytes, and its size.
    pub(in crate::engines) type Lying<'f> = (&'f str, &'f [u8], u64);

    /// Makes a case of one server's web root, with those files in it.
    pub(in crate::engines) fn case_with(folder: &Path, files: &[Lying<'_>]) -> Case {
        case_of(folder, &[("MX1", files.to_vec())])
    }

    /// Makes a case of the web roots of servers, with those files in them.
    pub(in crate::engines) fn case_of(folder: &Path, servers: &[(&str, Vec<Lying<'_>>)]) -> Case {
        let mut case = Case::create(&folder.join("case"), &CaseSettings { organisation: None }).unwrap();
        for (server, files) in servers {
            let root = folder.join(server).join("C/inetpub/wwwroot");
            for (name, bytes, size) in files {
                let path = root.join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, bytes).unwrap();
                std::fs::File::options().write(true).open(&path).unwrap().set_len(*size).unwrap();
            }
            let options =
                IngestOptions { threads: 2, server: HostName::parse(server), ..IngestOptions::default() };
            case.add(&[folder.join(server)], &options, &NoProgress).unwrap();
        }
        case
    }
}
