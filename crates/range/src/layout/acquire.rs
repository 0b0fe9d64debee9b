//! What dissect's acquire writes: a tar with the volumes below `fs`, and beside it a report on its modules.

use super::folder::write_file;
use super::{Taken, tar};
use crate::calendar::form;
use std::io;
use std::path::Path;

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let stem = format!("{}_{}", taken.plan.name, form(taken.collected, "%Y%m%d%H%M%S"));
    let name = |file: &crate::tree::File| format!("fs/{}", file.path.replace('\\', "/"));
    write_file(&to.join(format!("{stem}.tar")), &tar::of_files(taken, name, &[])?)?;
    let report = serde_json::json!({
        "target": taken.plan.name,
        "modules-successful": ["EventLogs", "IIS"],
        "modules-failed": {},
    });
    write_file(&to.join(format!("{stem}.report.json")), report.to_string().as_bytes())
}
