//! The case on disk: what was read, where every byte of it came from, and a way to ask.
//!
//! A [`Case`] is a folder. [`Case::add`] reads evidence into it: rows become Parquet, and the ledger, an
//! append-only chain of hashes, names every artifact and every part. [`Case::session`] opens a [`Session`], which
//! answers SQL over the fact tables and changes nothing. What was found is written beside the facts.
//!
//! The crate reads no clock and prints nothing; the same evidence gives the same bytes on any number of threads.
//!
//! ```no_run
//! use afterpatch_store::{Case, CaseSettings, IngestOptions, NoProgress};
//! # fn main() -> Result<(), afterpatch_store::StoreError> {
//! let mut case = Case::create("case".as_ref(), &CaseSettings { organisation: Some("Example".into()) })?;
//! let options = IngestOptions { threads: 2, ..IngestOptions::default() };
//! let summary = case.add(&["evidence".into()], &options, &NoProgress)?;
//! let rows = case.session()?.rows("SELECT server, count(*) AS n FROM web_requests GROUP BY server")?;
//! # Ok(())
//! # }
//! ```

mod add;
mod case;
mod commits;
mod confine;
mod cover;
mod coverage;
mod error;
mod evidence;
mod facts;
mod files;
mod functions;
mod gather;
mod hits;
mod intake;
mod json;
mod ledger;
mod outcome;
mod parts;
mod problems;
mod progress;
mod reading;
mod scratch;
mod served;
mod session;
mod settings;
mod state;
mod summary;
mod verify;

pub use case::{Case, LedgerArtifact};
pub use confine::{Confinement, Hold};
pub use coverage::COVERAGE;
pub use error::StoreError;
pub use evidence::OpenEvidence;
pub use functions::{FUNCTIONS, Function};
pub use hits::{HITS, HitRow, HitRule, HitWriter};
pub use intake::{IngestOptions, Zones};
pub use problems::PROBLEMS;
pub use progress::{NoProgress, Progress};
pub use scratch::Scratch;
pub use session::{Session, SessionOptions, all_tables};
pub use settings::{CASE_SCHEMA, CaseSettings};
pub use summary::IngestSummary;
pub use verify::{Custody, Fault};
