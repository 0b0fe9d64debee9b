//! What evidence each question needs before "no trace" may be said: one table.

use afterpatch_model::{Build, Coverage, Gap, Question, Span, Timestamp};

/// One kind of evidence that a question needs.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// The question.
    pub question: Question,
    /// The kind of artifact: the parser's name.
    pub source: &'static str,
    /// What within the kind; empty for any.
    pub scope: &'static str,
    /// Where it lies on the server, for who has to fetch it.
    pub folder: &'static str,
    /// What it would show: the locale key `gap-KEY`.
    pub would_show: &'static str,
    /// Holes up to this long, in nanoseconds, are no gaps: how seldom a healthy server writes to the log.
    pub quiet: i64,
    /// Whether "no trace" waits for it; otherwise its absence is only named.
    pub decisive: bool,
    /// The builds that need it: those below this one; none for all.
    pub before: Option<Build>,
}

const EXCHANGE_2019: Build = Build { major: 15, minor: 2, build: 0, revision: 0 };

/// Health probes write to it every few minutes.
const BUSY: i64 = 2 * Timestamp::HOUR;
/// It is written to once a day or so.
const DAILY: i64 = 36 * Timestamp::HOUR;

/// Every need. The dates that must be covered are those in which a flaw was open.
pub static NEEDS: &[Need] = &[
    Need {
        question: Question::BrokenInto,
        source: "http-proxy",
        scope: "ecp",
        folder: r"%ExchangeInstallPath%Logging\HttpProxy\Ecp",
        would_show: "http-proxy",
        quiet: BUSY,
        decisive: true,
        before: None,
    },
    Need {
        question: Question::BrokenInto,
        source: "ecp-server",
        scope: "",
        folder: r"%ExchangeInstallPath%Logging\ECP\Server",
        would_show: "ecp-server",
        quiet: BUSY,
        decisive: true,
        before: None,
    },
    Need {
        question: Question::BrokenInto,
        source: "iis-w3c",
        scope: "w3svc1",
        folder: r"%SystemDrive%\inetpub\logs\LogFiles\W3SVC1",
        would_show: "iis-w3c",
        quiet: BUSY,
        decisive: true,
        before: None,
    },
    Need {
        question: Question::BrokenInto,
        source: "oab-generator",
        scope: "",
        folder: r"%ExchangeInstallPath%Logging\OABGeneratorLog",
        would_show: "oab-generator",
        quiet: DAILY,
        decisive: false,
        before: None,
    },
    // Unified messaging, and with it CVE-2021-26857, is gone from 2019 on.
    Need {
        question: Question::BrokenInto,
        source: "evtx",
        scope: "application",
        folder: r"%SystemRoot%\System32\winevt\Logs\Application.evtx",
        would_show: "event-logs",
        quiet: DAILY,
        decisive: false,
        before: Some(EXCHANGE_2019),
    },
    Need {
        question: Question::StillInside,
        source: "served-files",
        scope: "wwwroot",
        folder: r"%SystemDrive%\inetpub\wwwroot",
        would_show: "served-files",
        quiet: BUSY,
        decisive: true,
        before: None,
    },
    Need {
        question: Question::StillInside,
        source: "served-files",
        scope: "frontend",
        folder: r"%ExchangeInstallPath%FrontEnd\HttpProxy",
        would_show: "served-files",
        quiet: BUSY,
        decisive: true,
        before: None,
    },
];

impl Need {
    fn meets(&self, coverage: &Coverage) -> bool {
        let source =
            coverage.source == self.source || self.source == "evtx" && coverage.source == "windows-events";
        source && (self.scope.is_empty() || coverage.scope.is_empty() || coverage.scope == self.scope)
    }

    /// Returns what is missing of this kind on `server`: the whole kind, or the dates of `span` that it leaves open.
    pub fn gaps(&self, coverage: &[Coverage], server: &str, span: Option<Span>) -> Vec<Gap> {
        let met: Vec<_> = coverage.iter().filter(|row| row.server == server && self.meets(row)).collect();
        let gap = |span| Gap {
            server: server.to_owned(),
            source: self.source.to_owned(),
            folder: met
                .iter()
                .map(|row| row.folder.as_str())
                .find(|folder| !folder.is_empty())
                .unwrap_or(self.folder)
                .to_owned(),
            span,
            would_show: self.would_show.to_owned(),
        };
        let Some(span) = span else {
            return if met.is_empty() { vec![gap(None)] } else { Vec::new() };
        };
        let covered = met.iter().flat_map(|row| row.spans.iter().copied()).collect();
        let open = span.gaps(&Span::union(covered, self.quiet));
        open.into_iter()
            .filter(|hole| hole.until.nanos() - hole.from.nanos() > self.quiet)
            .map(|hole| gap(Some(hole)))
            .collect()
    }
}

/// Returns when the evidence of a server ends: the earliest end among the kinds that end with the collection.
///
/// Daily files count to midnight and hourly ones to the full hour; what ends within a day of the last is as complete
/// as its kind can be.
pub fn evidence_end(coverage: &[Coverage], server: &str) -> Option<Timestamp> {
    let needed = |row: &&Coverage| row.server == server && NEEDS.iter().any(|need| need.meets(row));
    let ends: Vec<_> =
        coverage.iter().filter(needed).filter_map(|row| row.spans.last().map(|span| span.until)).collect();
    let last = ends.iter().copied().max()?;
    ends.into_iter().filter(|end| *end > last.plus(-Timestamp::DAY)).min()
}
