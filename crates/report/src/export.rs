//! The exporters: every format as one line of a table.

use crate::plain::plain;
use crate::plan;
use crate::stories;
use crate::texts::Texts;
use afterpatch_model::{CaseResult, Finding, Lang, TimelineEntry, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Writes one format.
pub struct Exporter {
    /// The name on the command line.
    pub name: &'static str,
    /// The file's name in the report folder; see [`Exporter::file_name_in`].
    pub file_name: &'static str,
    /// Whether it is written for people: then the report holds it in every language.
    pub is_spoken: bool,
    /// What it is, in one line.
    pub doc: &'static str,
    /// Writes the result.
    pub write: fn(&CaseResult, &Texts, &mut dyn Write) -> io::Result<()>,
}

/// What a user may choose about an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// Whether CSV begins with a byte order mark, which Excel needs to see that it is UTF-8.
    pub csv_bom: bool,
}

/// Every format.
pub const EXPORTERS: &[Exporter] = &[
    Exporter {
        name: "html",
        file_name: "index.html",
        is_spoken: true,
        doc: "the report for people: one file, no script, no network, ready to print",
        write: html,
    },
    Exporter {
        name: "json",
        file_name: "result.json",
        is_spoken: false,
        doc: "the whole result, as docs/result.md describes it",
        write: json,
    },
    Exporter {
        name: "findings-jsonl",
        file_name: "findings.jsonl",
        is_spoken: false,
        doc: "one finding a line",
        write: findings_jsonl,
    },
    Exporter {
        name: "findings-csv",
        file_name: "findings.csv",
        is_spoken: false,
        doc: "one finding a row, for spreadsheets",
        write: findings_csv,
    },
    Exporter {
        name: "timeline-jsonl",
        file_name: "timeline.jsonl",
        is_spoken: false,
        doc: "one event a line",
        write: timeline_jsonl,
    },
    Exporter {
        name: "timeline-csv",
        file_name: "timeline.csv",
        is_spoken: false,
        doc: "one event a row, for spreadsheets",
        write: timeline_csv,
    },
    Exporter {
        name: "timesketch",
        file_name: "timesketch.jsonl",
        is_spoken: false,
        doc: "the timeline as Timesketch imports it",
        write: timesketch,
    },
    Exporter {
        name: "stories-markdown",
        file_name: "stories.md",
        is_spoken: true,
        doc: "what each intruder did, step by step, as Markdown",
        write: stories::write_markdown,
    },
    Exporter {
        name: "plan-markdown",
        file_name: "plan.md",
        is_spoken: true,
        doc: "the plan as Markdown, for tickets and wikis",
        write: plan::markdown::write,
    },
    Exporter {
        name: "plan-html",
        file_name: "plan.html",
        is_spoken: true,
        doc: "the plan alone as a page, ready to print",
        write: plan::html::write,
    },
    Exporter {
        name: "plan-csv",
        file_name: "plan.csv",
        is_spoken: true,
        doc: "the plan for spreadsheets, a row for each step and what it is to be done on",
        write: plan::csv::write,
    },
    Exporter {
        name: "plan-json",
        file_name: "plan.json",
        is_spoken: false,
        doc: "the plan for programs, as docs/result.md describes it",
        write: plan::json::write,
    },
    Exporter {
        name: "plan-cacao",
        file_name: "plan.cacao.json",
        is_spoken: true,
        doc: "the plan as a CACAO 2.0 playbook",
        write: plan::cacao::write,
    },
];

impl Exporter {
    /// Returns the exporter of that name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        EXPORTERS.iter().find(|exporter| exporter.name == name)
    }

    /// Returns the file's name in the report folder for that language: `plan.ja.md` beside `plan.md`; none where the
    /// format is for programs and English stands for all.
    pub fn file_name_in(&self, lang: Lang) -> Option<String> {
        match (lang, self.file_name.split_once('.')) {
            (Lang::En, _) => Some(self.file_name.to_owned()),
            (Lang::Ja, Some((stem, rest))) if self.is_spoken => Some(format!("{stem}.ja.{rest}")),
            (Lang::Ja, _) => None,
        }
    }

    /// Writes the result as `options` say.
    pub fn write_with(
        &self,
        result: &CaseResult,
        texts: &Texts,
        options: ExportOptions,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if options.csv_bom && self.name.ends_with("-csv") {
            out.write_all("\u{feff}".as_bytes())?;
        }
        (self.write)(result, texts, out)
    }
}

fn html(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    let page = crate::html::render(result, texts).map_err(io::Error::other)?;
    out.write_all(page.as_bytes())
}

fn json(result: &CaseResult, _: &Texts, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, result)?;
    out.write_all(b"\n")
}

fn findings_jsonl(result: &CaseResult, _: &Texts, out: &mut dyn Write) -> io::Result<()> {
    lines(&result.findings, out)
}

fn timeline_jsonl(result: &CaseResult, _: &Texts, out: &mut dyn Write) -> io::Result<()> {
    lines(&result.timeline, out)
}

fn timesketch(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    let events = result.timeline.iter().map(|entry| sketched(entry, texts));
    lines(events, out)
}

fn lines<T: Serialize>(rows: impl IntoIterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, &row)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn findings_csv(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    const HEADER: [&str; 19] = [
        "id",
        "claim",
        "question",
        "server",
        "subject",
        "grade",
        "confidence",
        "title",
        "summary",
        "cves",
        "techniques",
        "first",
        "last",
        "reasons",
        "false_alarms",
        "rules",
        "authors",
        "proofs",
        "first_proof",
    ];
    table(HEADER, result.findings.iter().map(|f| finding_cells(f, texts)), out)
}

fn finding_cells(finding: &Finding, texts: &Texts) -> [String; 19] {
    let reasons: Vec<_> = finding.reasons.iter().map(|reason| texts.reason(reason)).collect();
    let rules: Vec<_> = finding.detections.iter().map(|one| one.rule.as_str()).collect();
    let authors: Vec<_> = finding.detections.iter().map(|one| one.author.as_str()).collect();
    let first_proof = finding.proofs.first();
    [
        finding.id.to_string(),
        finding.claim.clone(),
        finding.question.name().to_owned(),
        finding.server.clone(),
        finding.subject.clone(),
        finding.grade.name().to_owned(),
        finding.confidence.name().to_owned(),
        texts.message(&finding.title),
        texts.message(&finding.summary),
        finding.cves.join(" "),
        finding.techniques.join(" "),
        time_or_empty(finding.first),
        time_or_empty(finding.last),
        reasons.join(" "),
        texts.message(&finding.false_alarms),
        rules.join(" "),
        authors.join("; "),
        finding.proofs.len().to_string(),
        first_proof.map_or_else(String::new, |proof| format!("{}#{}", proof.place, proof.locator.record)),
    ]
}

fn timeline_csv(result: &CaseResult, texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    const HEADER: [&str; 11] = [
        "time", "server", "question", "grade", "rule", "text", "finding", "place", "record", "artifact",
        "fields",
    ];
    table(HEADER, result.timeline.iter().map(|e| entry_cells(e, texts)), out)
}

fn entry_cells(entry: &TimelineEntry, texts: &Texts) -> [String; 11] {
    [
        entry.time.to_string(),
        entry.server.clone(),
        entry.question.name().to_owned(),
        entry.grade.name().to_owned(),
        entry.rule.to_string(),
        texts.message(&entry.text),
        entry.finding.to_string(),
        entry.place.clone(),
        entry.locator.record.to_string(),
        entry.locator.artifact.to_string(),
        serde_json::to_string(&entry.fields).unwrap_or_default(),
    ]
}

fn time_or_empty(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// Writes rows as CSV; no cell of them is a formula.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(header)?;
    for row in rows {
        csv.write_record(row.iter().map(|cell| guarded(cell)))?;
    }
    csv.flush()
}

/// A spreadsheet runs a cell that begins with one of these as a formula; a quote before it makes it text again.
fn guarded(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    format!("{guard}{cell}")
}

/// One event for Timesketch: the fields that it needs, ours flat beside them, the evidence's own behind.
fn sketched(entry: &TimelineEntry, texts: &Texts) -> Map<String, Value> {
    let micros = entry.time.nanos().div_euclid(1_000);
    let tags = ["afterpatch", entry.grade.name(), entry.question.name()];
    let mut event = Map::new();
    let mut set = |name: &str, value: Value| event.insert(name.to_owned(), value);
    set("message", plain(&texts.message(&entry.text)).into());
    set("datetime", iso_micros(micros).into());
    set("timestamp", micros.into());
    set("timestamp_desc", "Recorded Time".into());
    set("tag", tags.to_vec().into());
    set("server", entry.server.as_str().into());
    set("question", entry.question.name().into());
    set("grade", entry.grade.name().into());
    set("rule", entry.rule.as_str().into());
    set("finding", entry.finding.as_str().into());
    set("place", entry.place.as_str().into());
    set("record", entry.locator.record.into());
    set("artifact", entry.locator.artifact.as_str().into());
    for (name, value) in &entry.fields {
        // A field of the evidence never takes the place of one that Timesketch or afterpatch set.
        let name = if event.contains_key(name) { format!("field_{name}") } else { name.clone() };
        event.insert(name, value.as_str().into());
    }
    event
}

fn iso_micros(micros: i64) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
        Err(_) => String::new(),
    }
}
