//! What a page of a web server does, read as the server would read it, and never run.
//!
//! Web shells are told by their structure: by what of the visitor's reaches what gives control. Names of files, layout and
//! comments make no difference.
//!
//! ```text
//! bytes ──text──▶ text ──page──▶ streams ──lexer──▶ tokens ──parser──▶ tree ──flow──▶ signals ──verdict──▶ judgement
//! ```
//!
//! Nothing here fails and nothing panics: what cannot be read as code is passed over, within bounds.

pub mod evaluation;
pub mod kind;
pub mod lexer;
pub mod page;
pub mod parser;
pub mod signal;
pub mod text;
pub mod token;
pub mod tree;
pub mod verdict;
