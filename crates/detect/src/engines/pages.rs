//! Pages: what the web server would run, told from a shell by what it does; see [`afterpatch_pages`].
//!
//! A rule names what it wants, and meets the pages that are taken for that. What they hold is judged first; what stands around
//! them ([`circumstances`]) can make more of it, and never of a page that holds nothing. What they take in is read with them,
//! where it lies around them in the evidence ([`neighbours`]). A page of which the hash is genuine is not judged: no judgement is
//! as sure as the list of what Exchange brings.

mod circumstances;
mod neighbours;

use super::files::{self, File, Look, Looked};
use super::{Hit, Ran, RuleEngine, Scope, rule_problem};
use crate::rule::{Body, Rule, TakenFor};
use afterpatch_model::{ProblemCode, Reason, extension};
use afterpatch_pages::kind::Kind;
use afterpatch_pages::signal::{Signal, Step};
use afterpatch_pages::verdict::{Judgement, Verdict};
use afterpatch_store::{Session, StoreError};
use circumstances::{Around, Circumstances};
use neighbours::Web;
use std::collections::{BTreeMap, BTreeSet};

/// The largest page that is judged.
const LARGEST: u64 = 32 << 20;
/// Signals of a page that a hit shows, and steps of each one's way.
const SHOWN: (usize, usize) = (4, 6);

/// The engine that judges pages.
#[derive(Debug)]
pub(crate) struct Pages;

impl RuleEngine for Pages {
    fn run(&self, scope: &Scope<'_>, rules: &[&Rule]) -> Ran {
        let own: Vec<&Rule> =
            rules.iter().copied().filter(|rule| matches!(rule.body, Body::Page(_))).collect();
        scope.progress.advance(u64::try_from(own.len()).unwrap_or(0));
        let (Some(case), false) = (scope.case, own.is_empty()) else {
            return Ran::default();
        };
        let files = files::looked_at(case);
        let mut pages: Vec<_> =
            files.iter().filter(|line| kind_of(&line.artifact.path).is_some()).cloned().collect();
        if pages.is_empty() {
            return Ran::default();
        }
        match genuine(scope.session) {
            Ok(genuine) => {
                pages.retain(|line| {
                    !line.artifact.sha256.get(..GENUINE).is_some_and(|start| genuine.contains(start))
                });
                let judge = Judge {
                    rules: own,
                    circumstances: Circumstances::of(scope.session),
                    web: Some(Web::of(case, &files)),
                };
                let (detections, mut problems) = files::look_at(case, &pages, &judge, scope.hits);
                problems.extend(judge.circumstances.faults());
                Ran { detections, problems, ..Ran::default() }
            }
            Err(error) => {
                let problem = rule_problem(ProblemCode::RuleFailed, "pages", &error);
                Ran { problems: vec![problem], ..Ran::default() }
            }
        }
    }
}

/// How many digits of a genuine hash are known.
const GENUINE: usize = 16;

/// Returns how the hashes of genuine pages begin.
fn genuine(session: &Session) -> Result<BTreeSet<String>, StoreError> {
    let rows = session.rows("SELECT DISTINCT sha256_start FROM genuine_scripts")?;
    let start = |row: &serde_json::Map<String, serde_json::Value>| {
        Some(row.get("sha256_start")?.as_str()?.to_owned())
    };
    Ok(rows.iter().filter_map(start).collect())
}

fn kind_of(path: &str) -> Option<Kind> {
    Kind::of_extension(&extension(path))
}

/// Runs one rule over the bytes of a file that is in no case and has no files around it, with what the facts of a session say of
/// its path on `server`.
pub(crate) fn hits_in(rule: &Rule, session: &Session, server: &str, path: &str, bytes: &[u8]) -> Vec<Hit> {
    let judge = Judge { rules: vec![rule], circumstances: Circumstances::of(session), web: None };
    let looked = judge.look(&mut (), &File::new(server, path, bytes), bytes);
    looked.hits.into_iter().map(|(_, hit)| hit).collect()
}

/// The rules, by which judgements become hits.
struct Judge<'r, 's> {
    rules: Vec<&'r Rule>,
    circumstances: Circumstances<'s>,
    /// The files around the pages; none for a page that is in no case.
    web: Option<Web<'s>>,
}

impl<'r> Look<'r> for Judge<'r, '_> {
    type Eye<'s>
        = ()
    where
        Self: 's;

    fn largest(&self) -> (u64, &'static str) {
        (LARGEST, "not judged as a page: it is larger than 32 MiB")
    }

    fn eye(&self) {}

    fn look(&self, (): &mut (), file: &File<'_>, bytes: &[u8]) -> Looked<'r> {
        let Some(kind) = kind_of(file.path) else { return Looked::default() };
        let judgement = match &self.web {
            Some(web) => afterpatch_pages::judge_among(bytes, kind, &web.around(file)),
            None => afterpatch_pages::judge(bytes, kind),
        };
        let cut_short =
            judgement.cut_short.then(|| "judged as a page as far as it could be followed".to_owned());
        let around = match judgement.signals.as_slice() {
            [] => Around::default(),
            _ => self.circumstances.around(file.server, file.path),
        };
        let is_harmless = || {
            !judgement.cut_short
                && judgement.verdict.is_none()
                && self.circumstances.is_strange(file.server, file.path)
        };
        let taken_for =
            taken_for(&judgement, &around).or_else(|| is_harmless().then_some(TakenFor::Harmless));
        let Some(taken_for) = taken_for else {
            return Looked { cut_short, ..Looked::default() };
        };
        let own =
            self.rules.iter().filter(|rule| matches!(rule.body, Body::Page(wanted) if wanted == taken_for));
        let hit = |rule: &&'r Rule| {
            let hit = file.hit(None, line(&judgement), shown(taken_for, &judgement, &around));
            (*rule, Hit { reasons: reasons(&judgement, &around), ..hit })
        };
        Looked { hits: own.map(hit).collect(), cut_short }
    }
}

/// From this probability on, with what stands around it, a page is out of place.
const OUT_OF_PLACE: f64 = 0.95;

/// How far what stands around a page has to move the odds to count at all: what is so of many pages makes none suspicious.
const TELLING: f64 = 1.5;

fn taken_for(judgement: &Judgement, around: &Around<'_>) -> Option<TakenFor> {
    let odds = around.odds();
    let is_of_passwords = judgement.signals.first().is_some_and(Signal::is_about_passwords);
    match judgement.verdict {
        Some(_) if is_of_passwords => Some(TakenFor::PasswordCapture),
        Some(Verdict::Shell) => Some(TakenFor::Shell),
        _ if odds >= TELLING && judgement.shell_where(odds) >= OUT_OF_PLACE => Some(TakenFor::OutOfPlace),
        Some(Verdict::DualUse) => Some(TakenFor::DualUse),
        None => None,
    }
}

/// Returns the line of the page that tells most.
fn line(judgement: &Judgement) -> u64 {
    judgement.signals.first().map_or(0, |signal| u64::from(signal.line))
}

/// Returns what a person checks: how likely it is, each way from what the visitor controls to what gives control, and what stands
/// around the page.
fn shown(taken_for: TakenFor, judgement: &Judgement, around: &Around<'_>) -> BTreeMap<String, String> {
    let probability = match taken_for {
        TakenFor::DualUse => judgement.dual_use,
        _ => judgement.shell_where(around.odds()),
    };
    let ways: Vec<String> = judgement.signals.iter().take(SHOWN.0).map(way).collect();
    let mut shown = BTreeMap::from(
        [("probability", format!("{probability:.2}")), ("signals", ways.join("; "))]
            .map(|(name, text)| (name.to_owned(), text)),
    );
    if !around.is_empty() {
        shown.insert("circumstances".to_owned(), around.to_string());
    }
    shown
}

/// Returns what a person reads of it: what each signal and each circumstance means.
fn reasons(judgement: &Judgement, around: &Around<'_>) -> Vec<Reason> {
    let signals = judgement.signals.iter().take(SHOWN.0);
    let signals =
        signals.map(|signal| Reason::new("signal", &[("signal", signal.code), ("way", &steps(signal))]));
    let circumstances = around.names().map(|name| Reason::new("circumstance", &[("circumstance", name)]));
    signals.chain(circumstances).collect()
}

/// Spells a way so that it reads the same in every language.
fn way(signal: &Signal) -> String {
    if signal.path.is_empty() {
        return format!("{}:{}", signal.code, signal.line);
    }
    format!("{} ({})", signal.code, steps(signal))
}

/// Spells each step with its line behind a colon, and before the line the file, where it stands in one that the page takes in.
fn steps(signal: &Signal) -> String {
    let spelled = |Step { line, file, what }: &Step| match file {
        Some(file) => format!("{what}:{file}:{line}"),
        None => format!("{what}:{line}"),
    };
    signal.path.iter().take(SHOWN.1).map(spelled).collect::<Vec<_>>().join(" → ")
}

#[cfg(test)]
mod tests {
    use super::files::tests::Lying;
    use super::*;
    use crate::content::{Content, ContentSources};
    use afterpatch_model::{Grade, hex};
    use afterpatch_store::{Case, NoProgress};
    use sha2::{Digest, Sha256};
    use std::path::Path;

    /// Starts what the visitor names, were there such a thing.
    const SHELL: &[u8] =
        br#"<%@ Page Language="C#" %><% System.Diagnostics.Process.Start(Request["inert"]); %>"#;
    const GREETING: &[u8] = br#"<%@ Page Language="C#" %><%= Server.HtmlEncode(Request["inert"]) %>"#;

    fn ran(files: &[(&str, &[u8], u64)], knowledge: &str) -> Ran {
        let folder = tempfile::tempdir().unwrap();
        let case = files::tests::case_with(folder.path(), files);
        ran_over(&case, folder.path(), knowledge)
    }

    fn ran_over(case: &Case, folder: &Path, knowledge: &str) -> Ran {
        std::fs::write(folder.join("served-scripts.tsv"), knowledge).unwrap();
        let sources = ContentSources { knowledge: Some(folder), ..ContentSources::default() };
        let (content, _) = Content::load_from(&sources);
        let session = case.session().unwrap();
        crate::prepare(&session, &content).unwrap();
        let scope = Scope { session: &session, case: Some(case), progress: &NoProgress, hits: None };
        Pages.run(&scope, &content.rules().iter().collect::<Vec<_>>())
    }

    fn length(bytes: &[u8]) -> u64 {
        u64::try_from(bytes.len()).unwrap()
    }

    #[test]
    fn served_pages_of_a_case_are_judged_and_large_ones_named() {
        let files = [
            ("shell.aspx", SHELL, length(SHELL)),
            ("greeting.aspx", GREETING, length(GREETING)),
            ("shell.txt", SHELL, length(SHELL)),
            ("large.aspx", SHELL, LARGEST + 1),
        ];
        let Ran { detections, problems, .. } = ran(&files, "");
        let met: Vec<_> =
            detections.iter().map(|met| (met.rule.as_str(), met.grade, met.subject.as_str())).collect();
        assert_eq!(met, [("page-shell", Grade::Persists, r"C:\inetpub\wwwroot\shell.aspx")]);
        let fields = &detections[0].samples[0].fields;
        assert!(fields["signals"].starts_with("visitor-started ("), "{}", fields["signals"]);
        assert!(fields["signals"].contains(":1 → "), "{}", fields["signals"]);
        assert!(fields["probability"].parse::<f64>().unwrap() > 0.5);
        assert_eq!(detections[0].samples[0].locator.record, 1);
        assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [ProblemCode::TooLarge]);
    }

    #[test]
    fn a_page_that_is_too_much_to_follow_is_told_of() {
        let page = format!("<?php {}", "f($_GET['a'] . 'b');".repeat(200_000));
        let Ran { problems, .. } = ran(&[("long.php", page.as_bytes(), length(page.as_bytes()))], "");
        assert_eq!(
            problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
            [ProblemCode::RuleFailed]
        );
        assert!(problems[0].detail.contains("as far as it could be followed"), "{}", problems[0].detail);
    }

    /// Runs what the visitor sends, were there such a thing, with a page that sends it; neither is a shell alone.
    const SENDS: &[u8] = b"<% q = Request(\"inert\") %>\n<!--#include virtual=\"/INC/x.inc\"-->";
    const RUNS: &[u8] = b"<p>\n<% Execute q %>";
    const SHOWS: &[u8] = b"<p>\n<% Response.Write q %>";

    fn lying<'f>(name: &'f str, bytes: &'f [u8]) -> Lying<'f> {
        (name, bytes, length(bytes))
    }

    /// Runs the rules over servers with files; returns on which what is taken for a shell, and its ways.
    fn shells(servers: &[(&str, Vec<Lying<'_>>)]) -> Vec<[String; 3]> {
        let folder = tempfile::tempdir().unwrap();
        let case = files::tests::case_of(folder.path(), servers);
        let Ran { detections, problems, .. } = ran_over(&case, folder.path(), "");
        assert_eq!(problems, []);
        let shells = detections.into_iter().filter(|met| met.rule.as_str() == "page-shell");
        shells.map(|met| [met.server, met.subject, met.samples[0].fields["signals"].clone()]).collect()
    }

    #[test]
    fn a_page_is_judged_with_what_it_takes_in() {
        let found = shells(&[("MX1", vec![lying("app/page.asp", SENDS), lying("inc/X.INC", RUNS)])]);
        let page = r"C:\inetpub\wwwroot\app\page.asp";
        let way = "visitor-evaluated (request(inert):1 → q:1 → execute:INC/x.inc:2)";
        assert_eq!(found, [["MX1", page, way]]);
    }

    #[test]
    fn what_is_taken_in_lies_on_the_same_server_and_in_the_evidence() {
        let sends = lying("app/page.asp", SENDS);
        let found = shells(&[
            ("MX1", vec![sends, lying("inc/x.inc", SHOWS)]),
            ("MX2", vec![sends, lying("inc/x.inc", RUNS)]),
            ("MX3", vec![sends]),
        ]);
        let servers: Vec<&str> = found.iter().map(|[server, ..]| server.as_str()).collect();
        assert_eq!(servers, ["MX2"]);
    }

    #[test]
    fn a_genuine_hash_ends_the_matter() {
        let genuine = format!("/clientaccess/owa/x.aspx\t{}\t0\n", &hex(&Sha256::digest(SHELL))[..GENUINE]);
        let ran = ran(&[("shell.aspx", SHELL, length(SHELL))], &genuine);
        assert!(ran.detections.is_empty() && ran.problems.is_empty());
    }
}
