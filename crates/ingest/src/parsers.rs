//! One file a format, one line a parser.

use crate::aid::Aid;
use crate::guide::Guide;
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, Rows};

pub mod text;

mod admin_audit;
mod column_log;
mod compiled_page;
mod components;
mod directory_export;
mod ecp_server;
mod encoding;
mod error_report;
mod evtx;
mod exchange_log;
mod exported_events;
mod health_checker;
mod hive;
mod hive_log;
mod http_proxy;
mod httperr;
mod iis;
mod iis_config;
mod mailbox_access;
mod mft;
mod ntfs;
mod oab_generator;
mod owa_path;
mod owa_server;
mod pe_version;
mod registry;
mod remote_powershell;
mod request_filtering;
mod safety_scanner;
mod scheduled_task;
mod security_descriptors;
mod setup_log;
mod sweep;
mod text_extraction;
mod transport;
mod typed_pairs;
mod usn_journal;
mod velociraptor_result;
mod windows_event;
mod xml;
mod zeek_http;

/// How sure a parser is that a file is of its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is not.
    No,
    /// The path says so, the content does not contradict.
    Maybe,
    /// The content says so.
    Sure,
}

/// How a format's files are cut by the clock; a file covers the whole of each piece that it has a record of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// From its first record to its last.
    Records,
    /// A file an hour.
    Hour,
    /// A file a day.
    Day,
    /// Not at all: it shows how things were when it was copied, and its times are those of the things.
    State,
}

/// Reads one log format into facts.
///
/// A parser is a value in [`PARSERS`]; adding a format is adding a file and one line there.
pub trait Parser: Sync {
    /// Returns the stable name used in tables, ledger and coverage, such as `iis-w3c`.
    fn name(&self) -> &'static str;
    /// Returns what the artifact is, where it lies, what it shows, and what to beware of.
    fn guide(&self) -> &'static Guide;
    /// Returns how its files are cut by the clock.
    fn grain(&self) -> Grain;
    /// Returns what within the kind an artifact covers: the HttpProxy folder, the W3SVC site, the event channel. Lower case;
    /// empty where the kind is not parted.
    fn scope(&self, artifact: &Artifact) -> String {
        let _ = artifact;
        String::new()
    }
    /// Tells whether its records are of many servers and each names its own, so that the file is of none of them.
    fn names_servers(&self) -> bool {
        false
    }
    /// Says how sure the parser is, from the artifact's path and the first 4 KiB of it.
    fn fits(&self, path: &str, head: &[u8]) -> Fit;
    /// Reads `input` to its end. What cannot be read becomes a problem with its place; parsing never fails.
    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>);
    /// Reads `input` as [`Parser::parse`] does, with what helps: a format that can be read in pieces has threads read
    /// some of them, and one whose newest records lie in another file reads these too.
    fn parse_with(
        &self,
        aid: Aid<'_>,
        artifact: &Artifact,
        input: &mut dyn Evidence,
        limits: &Limits,
        rows: &mut Rows<'_>,
    ) {
        let _ = aid;
        self.parse(artifact, input, limits, rows);
    }
}

/// Every parser. The first of those that are surest reads a file.
pub static PARSERS: &[&dyn Parser] = &[
    &iis::W3c,
    &httperr::HttpErr,
    &http_proxy::HttpProxy,
    &ecp_server::EcpServer,
    &oab_generator::OabGenerator,
    &request_filtering::RequestFiltering,
    &zeek_http::ZeekHttp,
    &mailbox_access::MAILBOX_ACCESS,
    &owa_server::OWA_SERVER,
    &transport::MESSAGE_TRACKING,
    &transport::TRANSPORT,
    &remote_powershell::CMDLETS,
    &remote_powershell::REQUESTS,
    &admin_audit::AdminAudit,
    &setup_log::SetupLog,
    &safety_scanner::SafetyScanner,
    &error_report::ErrorReport,
    &iis_config::IisConfig,
    &text_extraction::TextExtraction,
    &scheduled_task::ScheduledTask,
    &compiled_page::CompiledPage,
    &health_checker::HealthChecker,
    &directory_export::DirectoryExport,
    &sweep::Sweep,
    &registry::Registry,
    &pe_version::PeVersion,
    &evtx::Evtx,
    &exported_events::ExportedEvents,
    &mft::Mft,
    &usn_journal::UsnJournal,
    &security_descriptors::SecurityDescriptors,
    &velociraptor_result::VelociraptorResult,
    // What only the folder or a general mark tells comes last.
    &components::COMPONENTS,
];
