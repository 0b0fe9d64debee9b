//! What is true of a scenario: what a faultless investigation of it answers and finds.

use afterpatch_model::{Grade, OpenBy, Phase, Question, Verdict};
use serde::{Deserialize, Serialize};

/// One thing that is true of a server of a scenario; a line of `cases/<scenario>/expect.jsonl`.
///
/// The findings of a server are complete as to their claims: a finding of a claim that no line names is a
/// false alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Truth {
    /// The answer to a question.
    Answer {
        /// The server.
        server: String,
        /// The question.
        question: Question,
        /// Its answer.
        verdict: Verdict,
    },
    /// A finding that must be made.
    Finding {
        /// The server.
        server: String,
        /// The claim, such as `proxylogon-ssrf`.
        claim: String,
        /// How far it went.
        grade: Grade,
        /// What the finding's subject must hold, in lower case; empty for any.
        subject: String,
    },
    /// The one story of a server; a server of which no line tells a story has none.
    Story {
        /// The server.
        server: String,
        /// The steps of an intrusion that it has, each once.
        phases: Vec<Phase>,
    },
    /// A flaw that was open.
    Exposure {
        /// The server.
        server: String,
        /// The flaw, such as `CVE-2021-26855`.
        cve: String,
    },
    /// A span in which a flaw was open, to the day; the windows of a flaw of which one is named are complete.
    Window {
        /// The server.
        server: String,
        /// The flaw.
        cve: String,
        /// What held it open.
        by: OpenBy,
        /// The day of the first sighting that shows it open.
        from: Option<String>,
        /// The day of the first sighting that shows it closed; none while it is open.
        until: Option<String>,
    },
}

/// The flaws of the March 2021 update, which the open builds of our scenarios have unless they say otherwise.
const FLAWS: [&str; 4] = ["CVE-2021-26855", "CVE-2021-26857", "CVE-2021-26858", "CVE-2021-27065"];

/// The truth of one server, while it is written down.
#[derive(Debug)]
pub(crate) struct ServerTruth {
    server: &'static str,
    verdicts: [Verdict; 6],
    findings: Vec<(String, Grade, String)>,
    phases: &'static [Phase],
    flaws: &'static [&'static str],
    windows: Vec<Window>,
}

/// A span in which a flaw was open: the flaw, what held it open, the first day and the first day after.
type Window = (&'static str, OpenBy, Option<&'static str>, Option<&'static str>);

impl ServerTruth {
    /// Begins with the first three answers. What left and whose hand it was, no log of ours can tell; and where
    /// a flaw was open or a log is missing, something is to be done.
    pub(crate) fn new(
        server: &'static str,
        exposed: Verdict,
        broken_into: Verdict,
        still_inside: Verdict,
    ) -> Self {
        Self {
            server,
            verdicts: [
                exposed,
                broken_into,
                still_inside,
                Verdict::CannotTell,
                Verdict::CannotTell,
                Verdict::Yes,
            ],
            findings: Vec::new(),
            phases: &[],
            flaws: &FLAWS,
            windows: Vec::new(),
        }
    }

    /// Names the flaws that were open, in place of those of March 2021.
    pub(crate) fn has_flaws(mut self, flaws: &'static [&'static str]) -> Self {
        self.flaws = flaws;
        self
    }

    /// Names the steps of the one intrusion.
    pub(crate) fn tells(mut self, phases: &'static [Phase]) -> Self {
        self.phases = phases;
        self
    }

    /// Says that data was seen on its way out.
    pub(crate) fn left(mut self, verdict: Verdict) -> Self {
        self.verdicts[3] = verdict;
        self
    }

    /// Adds a finding about the server.
    pub(crate) fn finds(self, claim: &str, grade: Grade) -> Self {
        self.finds_at(claim, grade, "")
    }

    /// Adds a finding about something on the server.
    pub(crate) fn finds_at(mut self, claim: &str, grade: Grade, subject: &str) -> Self {
        self.findings.push((claim.to_owned(), grade, subject.to_owned()));
        self
    }

    /// Adds spans in which a flaw was open.
    pub(crate) fn was_open(mut self, windows: &[Window]) -> Self {
        self.windows.extend(windows);
        self
    }

    /// Returns its lines: the six answers, the open flaws and their windows, the findings, then the story.
    pub(crate) fn lines(self) -> Vec<Truth> {
        let server = self.server.to_owned();
        let answers = Question::ALL.into_iter().zip(self.verdicts).map(|(question, verdict)| Truth::Answer {
            server: server.clone(),
            question,
            verdict,
        });
        let findings = self.findings.into_iter().map(|(claim, grade, subject)| Truth::Finding {
            server: server.clone(),
            claim,
            grade,
            subject,
        });
        let story = Truth::Story { server: server.clone(), phases: self.phases.to_vec() };
        let story = (!self.phases.is_empty()).then_some(story);
        let is_open = self.verdicts[0] == Verdict::Yes;
        let open = self
            .flaws
            .iter()
            .filter(|_| is_open)
            .map(|cve| Truth::Exposure { server: server.clone(), cve: (*cve).to_owned() });
        let windows = self.windows.into_iter().map(|(cve, by, from, until)| Truth::Window {
            server: server.clone(),
            cve: cve.to_owned(),
            by,
            from: from.map(str::to_owned),
            until: until.map(str::to_owned),
        });
        answers.chain(open).chain(windows).chain(findings).chain(story).collect()
    }
}

/// Writes truth as `expect.jsonl` holds it: a JSON object a line.
pub fn to_jsonl(truths: &[Truth]) -> serde_json::Result<String> {
    let lines: Result<Vec<String>, _> = truths.iter().map(serde_json::to_string).collect();
    lines.map(|lines| lines.into_iter().map(|line| line + "\n").collect())
}

/// Reads what [`to_jsonl`] wrote.
pub fn from_jsonl(text: &str) -> serde_json::Result<Vec<Truth>> {
    text.lines().map(serde_json::from_str).collect()
}
