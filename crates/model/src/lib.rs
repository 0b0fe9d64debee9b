//! The words of afterpatch as types.
//!
//! Every other crate speaks in these types: what was handed in ([`Collection`], [`Artifact`]), what a source
//! says ([`Row`]s of the [`tables`]), what could not be read ([`Problem`]), what a rule met ([`Detection`]),
//! what we claim ([`Finding`]), what we answer ([`Answer`]) and what to do ([`Action`]).
//! The crate does no I/O, reads no clock and knows no async.
//!
//! ```
//! use afterpatch_model::{Build, Grade};
//! let mended: Build = "15.01.2176.009".parse().unwrap();
//! assert!("15.1.2176.2".parse::<Build>().unwrap() < mended);
//! assert!(Grade::Executed > Grade::Reached);
//! ```

mod action;
mod answer;
mod build;
mod case;
mod coverage;
mod detection;
mod evidence;
mod exposure;
mod finding;
mod grade;
mod id;
mod message;
mod observation;
mod path;
mod problem;
mod result;
mod row;
mod rule_coverage;
mod story;
mod table;
pub mod tables;
mod time;
mod verify;

pub use action::{Action, ActionKind, Check, Command, Decider, Shell, Target, Turn};
pub use answer::{Answer, Gap, Question, Reason, Verdict};
pub use build::{Build, BuildError};
pub use case::{HostSighting, Server};
pub use coverage::{Coverage, CoverageSpan};
pub use detection::{Detection, Engine, Level, Sample, Weight};
pub use evidence::{Artifact, Collection, Locator};
pub use exposure::{
    Exploitation, Exposure, ExposureWindow, FlawState, Mitigation, Need, NeedState, OpenBy, RoleSighting,
    ServerRole,
};
pub use finding::{Finding, Proof};
pub use grade::Grade;
pub use id::{ArtifactId, CollectionId, FindingId, RuleId, digest_hex, hex};
pub use message::{Lang, Message};
pub use observation::{
    EXCHANGE_HEADERS, Failure, FailureKind, HttpAnswer, Observation, SWEEP_SCHEMA, SweepBegin, VERSION_HEADER,
};
pub use path::{HostName, SHADOW_COPY, below_shadow_copy, extension, file_name, path_drive, path_key};
pub use problem::{Problem, ProblemCode};
pub use result::{ArtifactLine, CaseResult, Counts, RESULT_SCHEMA, RuleUse, ServerResult, TimelineEntry};
pub use row::{Batch, Piece, Row, RowWriter, Rows, RowsContext, Tally};
pub use rule_coverage::{ChannelCoverage, GapReason, RuleCoverage, RuleGap, SourceCoverage};
pub use story::{MissingStep, Phase, Story, StoryStep, Tie, TieKind};
pub use table::{Column, ColumnKind, Table};
pub use time::{Span, Timestamp};
pub use verify::{
    ActionOutcome, CheckOutcome, ComparedCase, Completion, Fate, FindingOutcome, Grounds, ServerComparison,
    Sighting, VERIFY_SCHEMA, VerifyResult,
};
