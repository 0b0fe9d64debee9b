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
    /// What of it has to be there.
    pub extent: Extent,
    /// Whether "no trace" waits for it; otherwise its absence is only named.
    pub decisive: bool,
    /// The builds that need it: those below this one; none for all.
    pub before: Option<Build>,
}

/// What of a kind of evidence has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every date in which a flaw was open. Holes up to so many nanoseconds are no gaps: how seldom a healthy server
    /// writes to the log.
    Dates(i64),
    /// Anything: it shows a state, or what it reaches back to cannot be helped.
    Any,
}

const EXCHANGE_2019: Build = Build { major: 15, minor: 2, build: 0, revision: 0 };

/// Health probes write to it every few minutes.
const BUSY: Extent = Extent::Dates(2 * Timestamp::HOUR);
/// It is written to once a day or so.
const DAILY: Extent = Extent::Dates(36 * Timestamp::HOUR);

impl Need {
    const fn new(
        question: Question,
        (source, scope): (&'static str, &'static str),
        extent: Extent,
        would_show: &'static str,
        folder: &'static str,
    ) -> Self {
        Self { question, source, scope, folder, would_show, extent, decisive: false, before: None }
    }

    const fn decisive(mut self) -> Self {
        self.decisive = true;
        self
    }

    const fn before(mut self, build: Build) -> Self {
        self.before = Some(build);
        self
    }
}

/// Every need. The dates that must be covered are those in which a flaw was open.
pub static NEEDS: &[Need] = &[
    Need::new(
        Question::Exposed,
        ("exchange-setup", ""),
        Extent::Any,
        "setup-log",
        r"%SystemDrive%\ExchangeSetupLogs\ExchangeSetup.log",
    ),
    Need::new(
        Question::Exposed,
        ("registry", "software"),
        Extent::Any,
        "installed-build",
        r"%SystemRoot%\System32\config\SOFTWARE",
    ),
    Need::new(
        Question::Exposed,
        ("pe-version", ""),
        Extent::Any,
        "security-update",
        r"%ExchangeInstallPath%Bin\ExSetup.exe",
    ),
    Need::new(
        Question::BrokenInto,
        ("http-proxy", "ecp"),
        BUSY,
        "http-proxy",
        r"%ExchangeInstallPath%Logging\HttpProxy\Ecp",
    )
    .decisive(),
    Need::new(
        Question::BrokenInto,
        ("ecp-server", ""),
        BUSY,
        "ecp-server",
        r"%ExchangeInstallPath%Logging\ECP\Server",
    )
    .decisive(),
    Need::new(
        Question::BrokenInto,
        ("iis-w3c", "w3svc1"),
        BUSY,
        "iis-w3c",
        r"%SystemDrive%\inetpub\logs\LogFiles\W3SVC1",
    )
    .decisive(),
    Need::new(
        Question::BrokenInto,
        ("oab-generator", ""),
        DAILY,
        "oab-generator",
        r"%ExchangeInstallPath%Logging\OABGeneratorLog",
    ),
    // Unified messaging, and with it CVE-2021-26857, is gone from 2019 on.
    Need::new(
        Question::BrokenInto,
        ("evtx", "application"),
        DAILY,
        "event-logs",
        r"%SystemRoot%\System32\winevt\Logs\Application.evtx",
    )
    .before(EXCHANGE_2019),
    Need::new(
        Question::BrokenInto,
        ("evtx", "msexchange management"),
        Extent::Any,
        "admin-commands",
        r"%SystemRoot%\System32\winevt\Logs\MSExchange Management.evtx",
    ),
    Need::new(
        Question::BrokenInto,
        ("evtx", "security"),
        Extent::Any,
        "logons",
        r"%SystemRoot%\System32\winevt\Logs\Security.evtx",
    ),
    Need::new(Question::BrokenInto, ("mft", ""), Extent::Any, "file-table", "$MFT"),
    Need::new(
        Question::StillInside,
        ("served-files", "wwwroot"),
        Extent::Any,
        "served-files",
        r"%SystemDrive%\inetpub\wwwroot",
    )
    .decisive(),
    Need::new(
        Question::StillInside,
        ("served-files", "frontend"),
        Extent::Any,
        "served-files",
        r"%ExchangeInstallPath%FrontEnd\HttpProxy",
    )
    .decisive(),
    Need::new(
        Question::StillInside,
        ("served-files", "clientaccess"),
        Extent::Any,
        "served-files",
        r"%ExchangeInstallPath%ClientAccess",
    )
    .decisive(),
    Need::new(
        Question::StillInside,
        ("served-files", "temporary asp.net files"),
        Extent::Any,
        "compiled-pages",
        r"%SystemRoot%\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files",
    ),
    Need::new(
        Question::StillInside,
        ("configuration", "applicationhost.config"),
        Extent::Any,
        "web-server-configuration",
        r"%SystemRoot%\System32\inetsrv\config\applicationHost.config",
    ),
    Need::new(
        Question::StillInside,
        ("configuration", "agents.config"),
        Extent::Any,
        "transport-agents",
        r"%ExchangeInstallPath%TransportRoles\Shared\agents.config",
    ),
    Need::new(
        Question::StillInside,
        ("registry", "software"),
        Extent::Any,
        "run-keys",
        r"%SystemRoot%\System32\config\SOFTWARE",
    ),
    Need::new(
        Question::StillInside,
        ("registry", "system"),
        Extent::Any,
        "services",
        r"%SystemRoot%\System32\config\SYSTEM",
    ),
    Need::new(
        Question::StillInside,
        ("scheduled-task", ""),
        Extent::Any,
        "scheduled-tasks",
        r"%SystemRoot%\System32\Tasks",
    ),
];

impl Need {
    fn meets(&self, coverage: &Coverage) -> bool {
        let source =
            coverage.source == self.source || self.source == "evtx" && coverage.source == "windows-events";
        let scope = self.scope.is_empty() || coverage.scope.is_empty() || coverage.scope == self.scope;
        source && scope && coverage.artifacts > 0
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
        let (Extent::Dates(quiet), Some(span)) = (self.extent, span) else {
            return if met.is_empty() { vec![gap(None)] } else { Vec::new() };
        };
        let covered = met.iter().flat_map(|row| row.spans.iter().copied()).collect();
        let open = span.gaps(&Span::union(covered, quiet));
        open.into_iter()
            .filter(|hole| hole.until.nanos() - hole.from.nanos() > quiet)
            .map(|hole| gap(Some(hole)))
            .collect()
    }
}

/// Returns the served folders that the configuration of `server` names and of which no file was collected: any page
/// can be there.
pub fn uncollected_sites(coverage: &[Coverage], server: &str) -> Vec<Gap> {
    let is_empty =
        |row: &&Coverage| row.server == server && row.source == "served-files" && row.artifacts == 0;
    let gap = |row: &Coverage| Gap {
        server: server.to_owned(),
        source: row.source.clone(),
        folder: row.folder.clone(),
        span: None,
        would_show: "served-files".to_owned(),
    };
    coverage.iter().filter(is_empty).map(gap).collect()
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
