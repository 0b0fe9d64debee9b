//! An artifact for Velociraptor: YAML with VQL. What is collected stands in a table, which the query walks.

use crate::{GeneratedFile, Plan, Step};

const TEMPLATE: &str = include_str!("templates/velociraptor.yaml");

pub(crate) fn render(plan: &Plan) -> GeneratedFile {
    let masks: String = plan.steps().iter().map(row).collect();
    let text = TEMPLATE.replace("{{version}}", env!("CARGO_PKG_VERSION")).replace("{{masks}}\n", &masks);
    GeneratedFile::new("Custom.Afterpatch.Exchange.yaml", text)
}

/// Writes a step as a row of the table: a line of CSV within a block of YAML.
fn row(step: &Step) -> String {
    let dated = if step.is_dated_log() { "Y" } else { "N" };
    let accessor = if step.is_raw() { "ntfs" } else { "auto" };
    let readers = step.reader_names().replace(", ", " ");
    format!("      {},{},{dated},{accessor},{readers}\n", step.root_name(), step.location.mask)
}
