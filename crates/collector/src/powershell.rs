//! A script for Windows PowerShell, for administrators who have neither Velociraptor nor KAPE.
//!
//! It writes the layout of KAPE's output with KAPE's logs, which `afterpatch-ingest` reads.

use crate::{GeneratedFile, Plan, Step};

const TEMPLATE: &str = include_str!("templates/collect.ps1");

pub(crate) fn render(plan: &Plan) -> GeneratedFile {
    let steps: String = plan.steps().iter().map(row).collect();
    let text = TEMPLATE.replace("{{version}}", env!("CARGO_PKG_VERSION")).replace("{{steps}}\n", &steps);
    // Notepad of older servers shows a text without carriage returns as one line.
    GeneratedFile::new("Collect-ForAfterpatch.ps1", text.replace('\n', "\r\n"))
}

/// Writes a step as a hash table of PowerShell.
fn row(step: &Step) -> String {
    let truth = |is| if is { "$true" } else { "$false" };
    format!(
        "    # {}\n    @{{ Root = '{}'; Mask = '{}'; Dated = {}; Raw = {} }}\n",
        step.reader_names(),
        step.root_name(),
        step.location.mask.replace('\'', "''"),
        truth(step.is_dated_log()),
        truth(step.is_raw()),
    )
}
