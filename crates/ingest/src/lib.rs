//! Hostile bytes in, facts and problems out.
//!
//! [`collections`] opens what was handed in and lists its files, [`parsers`] reads one format each. Both are
//! tables of small values: a new layout or format is a new file and one line. Nothing here is async, and
//! nothing here writes: rows go to the sink that the caller gave to [`afterpatch_model::Rows`].

#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

pub mod aid;
pub mod collections;
mod directives;
pub mod guide;
pub mod hash;
pub mod host;
pub mod input;
pub mod limits;
pub mod parsers;
pub mod pieces;
pub mod places;
pub mod read;
pub mod served;

pub use aid::{Aid, Beside};
pub use collections::{Entry, Extent, Layout, OpenCollection, OpenError, open, open_with};
pub use guide::{Guide, Location, Root, guides};
pub use host::{HostEvidence, identify};
pub use input::{Evidence, Passwords, problem_code};
pub use limits::{Bound, Limits};
pub use parsers::{Fit, Grain, PARSERS, Parser};
pub use pieces::Helpers;
pub use places::Places;
pub use read::{Known, ReadArtifact, choose_parser, read_artifact};
pub use served::{SERVED_FILES, Served, ServedFolder, served_folder};
