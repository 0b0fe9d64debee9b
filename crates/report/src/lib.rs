//! One result in, every format out: terminal, HTML, Markdown, JSON, CSV, Timesketch and CACAO.
//!
//! Everything here is a pure function of a [`CaseResult`](afterpatch_model::CaseResult) and a language. The
//! words stand in `content/locales/{en,ja}.ftl`, the page in `content/templates/`. Text from evidence is hostile:
//! it is escaped on the page, guarded in CSV and made visible on a terminal.

mod axis;
pub mod export;
pub mod figures;
pub mod html;
mod lines;
mod plain;
mod plan;
mod stories;
mod svg;
pub mod terminal;
mod texts;
pub mod verify;
mod view;

pub use export::{EXPORTERS, ExportOptions, Exporter};
pub use plain::plain;
pub use texts::{Texts, TextsError};
