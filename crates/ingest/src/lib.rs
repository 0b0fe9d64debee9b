//! Hostile bytes in, facts and problems out.
//!
//! [`collections`] opens what was handed in and lists its files, [`parsers`] reads one format each. Both are
//! tables of small values: a new layout or format is a new file and one line. Nothing here is async, and
//! nothing here writes: rows go to the sink that the caller gave to [`afterpatch_model::Rows`].

#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

pub mod collections;
pub mod guide;
pub mod hash;
pub mod host;
pub mod input;
pub mod limits;
pub mod parsers;
pub mod read;

pub use collections::{Entry, Layout, OpenCollection, OpenError, open};
pub use guide::{Guide, Location, Root, guides};
pub use host::{HostEvidence, identify};
pub use input::{Evidence, Passwords, problem_code};
pub use limits::{Bound, Limits};
pub use parsers::{Fit, Grain, PARSERS, Parser};
pub use read::{Known, ReadArtifact, SERVED_FILES, choose_parser, read_artifact, served_folder};
