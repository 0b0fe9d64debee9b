//! From one entry of a collection to facts: choose the parser, read, account.

use crate::input::{Evidence, Limits};
use crate::parsers::Parser;
use afterpatch_model::{Artifact, Batch, Problem, Tally};
